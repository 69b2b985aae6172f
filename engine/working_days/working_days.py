"""Counts working days, and says of a day whether it is one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache

import structlog

from engine.working_days.country import NONE, Country, read_country
from engine.working_days.own_days import OwnDays

log = structlog.get_logger(__name__)

FIRST_YEAR, LAST_YEAR = 1900, 2199
MOST_DAYS = 10_000
"""Working days that can be counted at once; about forty years."""
SOON = timedelta(days=60)
"""A year that begins so soon should be known."""


class OutsideCalendar(ValueError):
    """A day before or after all years of the calendar, or more days than can be counted."""


class WorkingDays:
    """The calendar of one organisation; ``timezone`` is where its days begin. Safe to share between threads."""

    def __init__(
        self, country: Country | None = None, own: OwnDays | None = None, timezone: tzinfo = UTC
    ) -> None:
        self.country = country or read_country(NONE)
        self.timezone = timezone
        self._own = own or OwnDays()
        self._year = lru_cache(maxsize=None)(self._count_year)

    def is_workday(self, day: date) -> bool:
        """Whether people work on that day."""
        days = self._days_of(day.year)
        place = bisect_left(days, day)
        return place < len(days) and days[place] == day

    def add(self, day: date, count: int) -> date:
        """The working day so many after a day, or before it when negative; 0: the day itself or else the next one."""
        if abs(count) > MOST_DAYS:
            raise OutsideCalendar(f"more than {MOST_DAYS} working days")
        if count < 0:
            return self._before(day, -count)
        return self._after(day, count) if count else self._after(day - timedelta(days=1), 1)

    def add_to_moment(self, moment: datetime, count: int) -> datetime:
        """The same time of day, on the working day so many after the moment's local day; in UTC."""
        local = moment.astimezone(self.timezone)
        day = self.add(local.date(), count)
        return datetime.combine(day, local.time(), self.timezone).astimezone(UTC)

    def unknown_soon(self, today: date) -> list[int]:
        """The years of today and of the next two months that the country's calendar does not know yet."""
        years = sorted({today.year, (today + SOON).year})
        return [year for year in years if year not in self.country.known]

    def _after(self, day: date, count: int) -> date:
        days = self._days_of(day.year)
        place = bisect_right(days, day) + count - 1
        year = day.year
        while place >= len(days):
            place -= len(days)
            year += 1
            days = self._days_of(year)
        return days[place]

    def _before(self, day: date, count: int) -> date:
        days = self._days_of(day.year)
        place = bisect_left(days, day) - count
        year = day.year
        while place < 0:
            year -= 1
            days = self._days_of(year)
            place += len(days)
        return days[place]

    def _days_of(self, year: int) -> list[date]:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise OutsideCalendar(f"the calendar goes from {FIRST_YEAR} to {LAST_YEAR}")
        return self._year(year)

    def _count_year(self, year: int) -> list[date]:
        if year not in self.country.known:
            log.warning("working days are not known for certain", country=self.country.name, year=year)
        worked = self.country.in_year(year)
        first = date(year, 1, 1)
        days = (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))
        return [day for day in days if self._own.worked.get(day, worked(day))]
