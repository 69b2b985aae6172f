"""Which days people work: a country's calendar, and the organisation's own days before it."""

from engine.working_days.country import Country, read_country
from engine.working_days.own_days import OwnDays, read_own_days
from engine.working_days.working_days import OutsideCalendar, WorkingDays

__all__ = ["Country", "OutsideCalendar", "OwnDays", "WorkingDays", "read_country", "read_own_days"]
"""Made of these by whoever embeds the engine; expressions count with them."""
