"""The working days of a country: weekends, public holidays, and days that are worked to make up for them.

China's (法定節假日與調休) are what the State Council announces each November for the year after; chinesecalendar has
them. For a year that is not announced yet there are only the holidays that the law names, as for other countries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

NONE = "none"
CHINA = "CN"

IsWorkday = Callable[[date], bool]

_CODE = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?", re.ASCII)
_SATURDAY = 5
_ALWAYS = range(1, 10_000)


@dataclass(frozen=True)
class Country:
    """``known`` are the years that are known for certain; ``in_year`` gives what says of its days whether one works."""

    name: str
    known: range
    in_year: Callable[[int], IsWorkday] = field(repr=False)


def read_country(text: str) -> Country:
    """The country of ``none`` (Monday to Friday), ``CN``, or another ISO 3166 code such as ``TW`` or ``DE-BY``.

    Raises ValueError for any other text, and for a country whose holidays nobody has written down.
    """
    if text.lower() == NONE:
        return Country(NONE, _ALWAYS, lambda _year: _is_weekday)
    code = text.upper()
    if not _CODE.fullmatch(code):
        raise ValueError("write none, CN, or another ISO code of a country such as TW or DE-BY")
    return _china() if code == CHINA else _other(code)


def _is_weekday(day: date) -> bool:
    return day.weekday() < _SATURDAY


def _china() -> Country:
    from chinese_calendar import holidays as announced
    from chinese_calendar import is_workday

    known = range(min(announced).year, max(announced).year + 1)

    def in_year(year: int) -> IsWorkday:
        return is_workday if year in known else _by_law(CHINA, year)

    return Country(CHINA, known, in_year)


def _other(code: str) -> Country:
    from holidays import country_holidays

    country, _dash, part = code.partition("-")
    try:
        found = country_holidays(country, subdiv=part or None)
    except NotImplementedError:
        raise ValueError(
            f"the holidays of {code} are not known; write none, and the days in a file"
        ) from None
    return Country(code, range(found.start_year, found.end_year + 1), lambda year: _by_law(code, year))


def _by_law(code: str, year: int) -> IsWorkday:
    from holidays import country_holidays

    country, _dash, part = code.partition("-")
    return country_holidays(country, subdiv=part or None, years=year, expand=False).is_working_day
