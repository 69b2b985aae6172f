"""The two kinds of durations that FEEL knows (DMN 1.3 §10.3.2.3.7 and 8): they do not mix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

_DAYS = re.compile(
    r"(?P<minus>-?)P(?!$)(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,7})D)?"
    r"(?:T(?!$)(?:(?P<hours>\d{1,9})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,9}(?:\.\d{1,6})?)S)?)?",
    re.ASCII,
)
_MONTHS = re.compile(r"(?P<minus>-?)P(?!$)(?:(?P<years>\d{1,6})Y)?(?:(?P<months>\d{1,7})M)?", re.ASCII)


@dataclass(frozen=True, order=True)
class Months:
    """A years and months duration. Days and time durations are ``timedelta``."""

    count: int

    def __str__(self) -> str:
        years, months = divmod(abs(self.count), 12)
        parts = (f"{years}Y" if years else "") + (f"{months}M" if months or not years else "")
        return f"{'-' if self.count < 0 else ''}P{parts}"


Duration = timedelta | Months


def parse_duration(text: str) -> Duration | None:
    """``P1DT12H`` or ``P1Y6M`` as a duration; None for any other text, and for a mixture of both kinds."""
    if match := _MONTHS.fullmatch(text):
        count = 12 * int(match["years"] or 0) + int(match["months"] or 0)
        return Months(-count if match["minus"] else count)
    match = _DAYS.fullmatch(text)
    if match is None:
        return None
    span = timedelta(
        weeks=int(match["weeks"] or 0),
        days=int(match["days"] or 0),
        hours=int(match["hours"] or 0),
        minutes=int(match["minutes"] or 0),
        seconds=float(match["seconds"] or 0),
    )
    return -span if match["minus"] else span


def show_duration(duration: Duration) -> str:
    """The duration in ISO 8601."""
    if isinstance(duration, Months):
        return str(duration)
    total = abs(duration)
    hours, rest = divmod(total.seconds, 3600)
    minutes, whole = divmod(rest, 60)
    seconds = f"{whole}.{total.microseconds:06}".rstrip("0").rstrip(".")
    parts = ((f"{hours}", "H"), (f"{minutes}", "M"), (seconds, "S"))
    clock = "".join(f"{count}{unit}" for count, unit in parts if count != "0")
    days = f"{total.days}D" if total.days or not clock else ""
    return f"{'-' if duration < timedelta() else ''}P{days}{'T' + clock if clock else ''}"
