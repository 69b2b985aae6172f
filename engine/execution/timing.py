"""When timers are due: ISO 8601 dates, durations and cycles, literal or from an expression (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Timer
from engine.execution import durations
from engine.execution.faults import TooOften, WrongValue
from engine.execution.moments import moment

if TYPE_CHECKING:
    from engine.execution.host import Host
    from engine.execution.live import LiveInstance

SHORTEST_CYCLE = timedelta(seconds=1)
"""The worker looks about once a second; with shorter rounds it would do nothing else."""

_CYCLE = re.compile(r"R(?P<count>\d{0,9})/(?:(?P<start>[^/P][^/]*)/)?(?P<every>P[^/]+)")


def due(live: LiveInstance, task: Task, timer: Timer) -> tuple[datetime, dict[str, Any] | None]:
    """When a timer is first due (UTC), and how it repeats.

    That is ``{"left": n or None, "every": ISO duration, "first": ISO moment, "round": n}``: each round is counted
    from the first, so that a month's end stays a month's end.
    """
    return first_due(live.host, timer.kind, live.value(task, timer.text))


def first_due(host: Host, kind: str, value: Any) -> tuple[datetime, dict[str, Any] | None]:
    """The same for a timer of a kind whose text has been worked out. Raises WrongValue."""
    if not isinstance(value, str):
        raise WrongValue("A timer", value)
    if kind == "cycle":
        return _first_of_cycle(host, value)
    return _moment_or_later(host, value), None


def deadline(live: LiveInstance, task: Task, text: str) -> datetime:
    """A due date: ISO 8601 date, date and time, or duration from now; literal or expression."""
    value = live.value(task, text)
    if not isinstance(value, str):
        raise WrongValue("A due date", value)
    return _moment_or_later(live.host, value)


def next_of_cycle(
    now: datetime, repeat: dict[str, Any], timezone: tzinfo
) -> tuple[datetime, dict[str, Any]] | None:
    """When a repeating timer is due after now, in step with its first time; rounds missed count as one firing."""
    left = repeat["left"]
    if left is not None and left <= 0:
        return None
    return _following(now, repeat, timezone, None if left is None else left - 1)


def round_after(
    now: datetime, repeat: dict[str, Any], timezone: tzinfo
) -> tuple[datetime, dict[str, Any]] | None:
    """The first round after now of a timer that begins to run only now; the rounds before are over, uncounted."""
    found = _following(now, repeat, timezone, None)
    if found is None or repeat["left"] is None:
        return found
    due_at, following = found
    left = repeat["left"] - following["round"]
    return None if left < 0 else (due_at, {**following, "left": left})


def _following(
    now: datetime, repeat: dict[str, Any], timezone: tzinfo, left: int | None
) -> tuple[datetime, dict[str, Any]] | None:
    every, first = durations.parse(repeat["every"]), datetime.fromisoformat(repeat["first"])
    try:
        number = max(repeat["round"], every.at_most(now - first)) + 1
        while (due_at := every.after(first, timezone, number)) <= now:
            number += 1
    except OverflowError:
        return None
    return due_at, {**repeat, "left": left, "round": number}


def after(start: datetime, duration: str, timezone: tzinfo) -> datetime:
    """``start`` plus an ISO 8601 duration, years to days by the local calendar."""
    try:
        return durations.parse(duration).after(start, timezone)
    except OverflowError as error:
        raise WrongValue("A duration", duration) from error


def check(text: str) -> None:
    """Raise WrongValue for a literal that is neither a duration nor a point in time."""
    if text.startswith("P"):
        durations.parse(text)
    else:
        moment(text, UTC)


def _moment_or_later(host: Host, value: str) -> datetime:
    return after(host.now, value, host.timezone) if value.startswith("P") else host.moment(value)


def _first_of_cycle(host: Host, value: str) -> tuple[datetime, dict[str, Any] | None]:
    count, start, every = read_cycle(value)
    first = host.moment(start) if start else after(host.now, every, host.timezone)
    left = None if count is None else count - 1
    return first, {"left": left, "every": every, "first": first.isoformat(), "round": 0}


def read_cycle(value: str) -> tuple[int | None, str | None, str]:
    """How often (None: without end), from when, and the duration between, of ``R3/2027-01-01/P1M``.

    Raises WrongValue for a text that is none, and TooOften for rounds less than a second apart.
    """
    match = _CYCLE.fullmatch(value)
    count = int(match["count"]) if match and match["count"] else None
    if match is None or count == 0:
        raise WrongValue("A cycle", value)
    if durations.parse(match["every"]).is_below(SHORTEST_CYCLE):
        raise TooOften(value)
    if match["start"]:
        moment(match["start"], UTC)
    return count, match["start"], match["every"]
