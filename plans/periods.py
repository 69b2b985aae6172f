"""Planning periods: a year (年度), a quarter (季度) or a month (月度), and the arithmetic between them."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from engine import FieldProblem, Invalid
from engine.messages import translatable

KINDS = ("annual", "quarterly", "monthly")
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True)
class Period:
    """The time that a plan covers. ``quarter`` is set for quarters and months, ``month`` for months only.

    Build one with :meth:`of`, which checks it.
    """

    kind: str
    year: int
    quarter: int | None = None
    month: int | None = None

    @classmethod
    def of(cls, kind: str, year: Any, quarter: Any = None, month: Any = None) -> Period:
        """The period named by these parts; numbers may come as digits in text, as forms send them.

        A part that the kind does not need is ignored. Raises :class:`Invalid` naming the part that is wrong.
        """
        checked_year = _number("year", year, FIRST_YEAR, LAST_YEAR)
        if kind == "annual":
            return cls(kind, checked_year)
        if kind == "quarterly":
            return cls(kind, checked_year, _number("quarter", quarter, 1, 4))
        if kind == "monthly":
            checked_month = _number("month", month, 1, 12)
            return cls(kind, checked_year, quarter_of(checked_month), checked_month)
        raise _wrong("kind", translatable("A plan is annual, quarterly or monthly."))

    @classmethod
    def parse(cls, parts: Mapping[str, Any]) -> Period:
        """The period in a mapping with ``kind``, ``year`` and, as the kind needs, ``quarter``, ``month``."""
        return cls.of(str(parts.get("kind")), parts.get("year"), parts.get("quarter"), parts.get("month"))

    @property
    def reference(self) -> str:
        """How people write it: ``2027``, ``2027-Q1`` or ``2027-01``."""
        if self.month is not None:
            return f"{self.year}-{self.month:02d}"
        return f"{self.year}-Q{self.quarter}" if self.quarter is not None else str(self.year)

    @property
    def start(self) -> date:
        """The first day."""
        return date(self.year, self._months[0], 1)

    @property
    def end(self) -> date:
        """The last day, inclusive."""
        last = self._months[1]
        return date(self.year, last, calendar.monthrange(self.year, last)[1])

    @property
    def previous(self) -> Period:
        """The period of the same kind just before this one."""
        if self.month is not None:
            return month_of(self.year, self.month - 1) if self.month > 1 else month_of(self.year - 1, 12)
        if self.quarter is not None:
            return quarter(self.year, self.quarter - 1) if self.quarter > 1 else quarter(self.year - 1, 4)
        return annual(self.year - 1)

    def end_of_month(self, number: int) -> date:
        """The last day of the period's ``number``-th month, counted from 1."""
        month = self.start.month + number - 1
        return date(self.year, month, calendar.monthrange(self.year, month)[1])

    @property
    def months(self) -> int:
        """How many months it has."""
        return self.end.month - self.start.month + 1

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end

    @property
    def _months(self) -> tuple[int, int]:
        if self.month is not None:
            return self.month, self.month
        if self.quarter is not None:
            return self.quarter * 3 - 2, self.quarter * 3
        return 1, 12


def annual(year: int) -> Period:
    """The whole of a year."""
    return Period("annual", year)


def quarter(year: int, number: int) -> Period:
    """A quarter, 1 to 4."""
    return Period("quarterly", year, number)


def month_of(year: int, number: int) -> Period:
    """A month, 1 to 12."""
    return Period("monthly", year, quarter_of(number), number)


def quarter_of(month: int) -> int:
    """The quarter in which a month (1 to 12) lies."""
    return (month + 2) // 3


def quarter_at(day: date) -> Period:
    """The quarter in which a day lies."""
    return quarter(day.year, quarter_of(day.month))


def month_at(day: date) -> Period:
    """The month in which a day lies."""
    return month_of(day.year, day.month)


def _number(name: str, value: Any, low: int, high: int) -> int:
    try:
        number = int(str(value))
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise _wrong(
            name, translatable("A whole number from %(low)d to %(high)d is needed."), low=low, high=high
        )
    return number


def _wrong(field: str, template: str, **params: Any) -> Invalid:
    problem = FieldProblem(field, template, params)
    return Invalid(translatable("The period is not complete."), [problem])
