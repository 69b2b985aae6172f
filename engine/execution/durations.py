"""ISO 8601 durations, counted as people count: years, months, weeks and days by the local calendar."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from engine.execution.faults import WrongValue

_WHOLE, _DECIMAL = r"\d{1,9}", r"\d{1,9}(?:[.,]\d{1,9})?"
_DURATION = re.compile(
    rf"P(?!$)(?:(?P<years>{_WHOLE})Y)?(?:(?P<months>{_WHOLE})M)?(?:(?P<weeks>{_WHOLE})W)?(?:(?P<days>{_WHOLE})D)?"
    rf"(?:T(?!$)(?:(?P<hours>{_DECIMAL})H)?(?:(?P<minutes>{_DECIMAL})M)?(?:(?P<seconds>{_DECIMAL})S)?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Duration:
    """``months`` and ``days`` keep the local time of day; ``clock`` is what passes on any clock."""

    months: int
    days: int
    clock: timedelta

    def after(self, start: datetime, timezone: tzinfo, times: int = 1) -> datetime:
        """So many times the duration after a moment, in UTC. Raises OverflowError past the year 9999.

        A day that its month does not have becomes the month's last: 31 January and a month is 28 February.
        """
        if self.months or self.days:
            local = _later(start.astimezone(timezone), self.months * times)
            start = local.replace(tzinfo=None) + timedelta(days=self.days * times)
            start = start.replace(tzinfo=timezone)
        return start.astimezone(UTC) + self.clock * times

    def is_below(self, span: timedelta) -> bool:
        """Whether it is shorter than a span of less than a day."""
        return not (self.months or self.days) and self.clock < span

    def at_most(self, span: timedelta) -> int:
        """How often the duration fits into a span of time for certain, whatever the lengths of the months."""
        longest = (
            timedelta(days=self.months * 31 + self.days + (1 if self.days or self.months else 0)) + self.clock
        )
        return max(span // longest, 0)


def parse(text: str) -> Duration:
    """A duration such as ``P1M``, ``P3DT12H`` or ``PT0.5S``. Raises WrongValue for any other text and for nothing."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise WrongValue("A duration", text)
    years, months, weeks, days = (int(match[name] or 0) for name in ("years", "months", "weeks", "days"))
    clock = {n: float((match[n] or "0").replace(",", ".")) for n in ("hours", "minutes", "seconds")}
    try:
        found = Duration(12 * years + months, 7 * weeks + days, timedelta(**clock))
    except OverflowError:
        raise WrongValue("A duration", text) from None
    if found == Duration(0, 0, timedelta()):
        raise WrongValue("A duration", text)
    return found


def _later(start: datetime, months: int) -> datetime:
    years, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + years, month + 1
    if year > datetime.max.year:
        raise OverflowError("past the year 9999")
    return start.replace(year=year, month=month, day=min(start.day, monthrange(year, month)[1]))
