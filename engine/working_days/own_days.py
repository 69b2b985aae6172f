"""The organisation's own days: a CSV file that an operator keeps, one day a line."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

KINDS = {"holiday": False, "workday": True}
MOST_DAYS = 10_000
LARGEST_FILE = 1 << 20


@dataclass(frozen=True)
class OwnDays:
    """``worked`` says of a day whether people work, whatever the country's calendar says of it."""

    worked: dict[date, bool] = field(default_factory=dict)


def read_own_days(path: Path) -> OwnDays:
    """Read lines such as ``2027-05-20,holiday,Founding day``; empty ones, and those that begin with ``#``, say nothing.

    Raises ValueError naming the line, or why the file cannot be read.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path}: larger than {LARGEST_FILE} bytes")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path}: write it in UTF-8") from None
    return OwnDays(dict(_days(text.splitlines(), path)))


def _days(lines: Iterable[str], path: Path) -> Iterator[tuple[date, bool]]:
    seen: dict[date, int] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        day, worked = _day(line, f"{path}, line {number}")
        if day in seen:
            raise ValueError(f"{path}, line {number}: {day} is in line {seen[day]} already")
        if len(seen) == MOST_DAYS:
            raise ValueError(f"{path}: more than {MOST_DAYS} days")
        seen[day] = number
        yield day, worked


def _day(line: str, place: str) -> tuple[date, bool]:
    cells = [cell.strip() for cell in next(csv.reader([line]))]
    try:
        day = date.fromisoformat(cells[0])
        worked = KINDS[cells[1].lower()]
    except (ValueError, KeyError, IndexError):
        raise ValueError(
            f"{place}: write a day, holiday or workday, and a name: 2027-05-20,holiday,Founding day"
        ) from None
    return day, worked
