"""Readings as a small line beside their goal (policy K5: statistics shown as charts), drawn on the server."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Flask

from plans.indicators import Reading
from plans.progress import Progress
from web.i18n import gettext
from web.pages.display import figure, short_day

WIDTH, HEIGHT, EDGE = 128.0, 36.0, 3.0
FAR = 1.5
"""A bound that lies further from the readings than this part of their span would flatten the line: left out."""


@dataclass(frozen=True)
class Line:
    """A chart in SVG's coordinates.

    ``before`` and ``now`` are points of a polyline, the earlier period and this one; ``target`` and ``warning``
    heights, None where they cannot be drawn; ``last`` is the newest reading's place. ``words`` say it all.
    """

    before: str
    now: str
    last: tuple[float, float]
    target: float | None
    warning: float | None
    words: str
    width: float = WIDTH
    height: float = HEIGHT


def init_app(app: Flask) -> None:
    """Give the templates the chart."""
    app.jinja_env.filters["reading_line"] = reading_line


def reading_line(progress: Progress, begins: date) -> Line | None:
    """The chart of a goal's readings; None with fewer than two, which make no line.

    ``begins`` is the first day of the plan's period: what is older is drawn paler.
    """
    readings = progress.readings
    if len(readings) < 2 or progress.latest is None:
        return None
    bounds = [_near(value, readings) for value in (progress.goal.target, progress.goal.warning)]
    values = [each.value for each in readings] + [value for value in bounds if value is not None]
    scale = _Scale(readings, min(values), max(values))
    places = [scale.place(each) for each in readings]
    first = next((n for n, each in enumerate(readings) if each.day >= begins), 0)
    return Line(
        before=_points(places[: first + 1]),
        now=_points(places[first:]),
        last=places[-1],
        target=scale.height(bounds[0]),
        warning=scale.height(bounds[1]),
        words=_words(readings),
    )


class _Scale:
    def __init__(self, readings: Sequence[Reading], low: float, high: float) -> None:
        self._begin, self._end = readings[0].day.toordinal(), readings[-1].day.toordinal()
        self._low, self._span = low, (high - low) or 1.0

    def place(self, reading: Reading) -> tuple[float, float]:
        share = (reading.day.toordinal() - self._begin) / ((self._end - self._begin) or 1)
        return round(EDGE + share * (WIDTH - 2 * EDGE), 1), self.height(reading.value) or 0.0

    def height(self, value: float | None) -> float | None:
        if value is None:
            return None
        return round(HEIGHT - EDGE - (value - self._low) / self._span * (HEIGHT - 2 * EDGE), 1)


def _near(bound: float | None, readings: Sequence[Reading]) -> float | None:
    values = [each.value for each in readings]
    room = (max(values) - min(values)) * FAR
    near = bound is not None and min(values) - room <= bound <= max(values) + room
    return bound if near else None


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _words(readings: Sequence[Reading]) -> str:
    values = [each.value for each in readings]
    return gettext(
        "%(count)d readings from %(start)s to %(end)s: lowest %(low)s, highest %(high)s, latest %(latest)s",
        count=len(readings),
        start=short_day(readings[0].day),
        end=short_day(readings[-1].day),
        low=figure(min(values)),
        high=figure(max(values)),
        latest=figure(values[-1]),
    )
