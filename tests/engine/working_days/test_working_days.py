"""Which days are worked, and counting them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from engine.working_days import Country, OutsideCalendar, OwnDays, WorkingDays, read_country, read_own_days

PLAIN = WorkingDays()
CHINA = WorkingDays(read_country("CN"))
DAYS = st.dates(date(1990, 1, 1), date(2100, 12, 31))
COUNTS = st.integers(-500, 500)


def day(text: str) -> date:
    return date.fromisoformat(text)


@given(DAYS)
def test_without_a_country_people_work_from_monday_to_friday(some: date) -> None:
    assert PLAIN.is_workday(some) == (some.weekday() < 5)


@pytest.mark.parametrize(
    ("text", "worked"),
    [("2026-01-01", False), ("2026-01-04", True), ("2026-02-14", True), ("2026-02-16", False), ("2026-02-28", True),
     ("2026-03-02", True), ("2026-05-09", True), ("2026-10-01", False), ("2026-10-10", True), ("2026-10-11", False),
     ("2020-01-31", False)],
)  # fmt: skip
def test_in_china_holidays_and_the_days_worked_for_them_are_those_announced(text: str, worked: bool) -> None:
    assert CHINA.is_workday(day(text)) is worked


def test_in_a_year_that_is_not_announced_the_holidays_of_the_law_count() -> None:
    assert not CHINA.is_workday(day("2090-10-03"))
    assert CHINA.is_workday(day("2090-10-10"))


def test_a_year_that_is_not_known_is_told_once_in_the_log() -> None:
    days = WorkingDays(read_country("CN"))
    with capture_logs() as logs:
        for _ in range(3):
            days.is_workday(day("2198-03-01"))
        days.is_workday(day("2026-03-02"))
    assert [(entry["log_level"], entry["country"], entry["year"]) for entry in logs] == [
        ("warning", "CN", 2198)
    ]


def test_a_year_that_is_not_known_is_foreseen_two_months_before_it_begins() -> None:
    days = WorkingDays(Country("XX", range(2020, 2027), lambda _year: lambda _day: True))
    assert days.unknown_soon(day("2026-10-31")) == []
    assert days.unknown_soon(day("2026-11-03")) == [2027]
    assert days.unknown_soon(day("2027-12-01")) == [2027, 2028]


@pytest.mark.parametrize(
    ("code", "text", "worked"),
    [("TW", "2026-10-10", False), ("DE", "2026-10-03", False), ("DE", "2026-10-05", True),
     ("DE-BY", "2026-01-06", False), ("DE", "2026-01-06", True), ("us", "2026-07-03", False),
     ("SA", "2026-03-01", True), ("SA", "2026-03-06", False)],
)  # fmt: skip
def test_other_countries_have_their_holidays_and_weekends(code: str, text: str, worked: bool) -> None:
    assert WorkingDays(read_country(code)).is_workday(day(text)) is worked


@pytest.mark.parametrize("text", ["China", "XX", "C", "DE-XX", "中国", "CN-1", "../x"])
def test_a_country_that_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"write none|not known"):
        read_country(text)


@pytest.mark.parametrize(
    ("start", "count", "found"),
    [("2026-09-30", 1, "2026-10-08"), ("2026-09-30", 3, "2026-10-10"), ("2026-10-03", 0, "2026-10-08"),
     ("2026-10-08", 0, "2026-10-08"), ("2026-10-08", -1, "2026-09-30"), ("2026-10-04", -1, "2026-09-30"),
     ("2025-12-31", 1, "2026-01-04")],
)  # fmt: skip
def test_working_days_are_counted_over_holidays_and_new_years(start: str, count: int, found: str) -> None:
    assert CHINA.add(day(start), count) == day(found)


@given(DAYS, COUNTS)
def test_counting_ends_on_a_working_day_with_so_many_between(start: date, count: int) -> None:
    end = CHINA.add(start, count)
    assert CHINA.is_workday(end)
    first, last = (start, end) if count >= 0 else (end, start - timedelta(days=1))
    passed = sum(
        CHINA.is_workday(first + timedelta(days=number)) for number in range((last - first).days + 1)
    )
    assert passed - (1 if count > 0 and CHINA.is_workday(start) else 0) == (abs(count) or 1)


@given(DAYS, st.integers(1, 300), st.integers(1, 300))
def test_counting_twice_is_counting_the_sum(start: date, one: int, two: int) -> None:
    assert CHINA.add(CHINA.add(start, one), two) == CHINA.add(start, one + two)
    assert CHINA.add(CHINA.add(start, -one), -two) == CHINA.add(start, -one - two)


@pytest.mark.parametrize(
    ("start", "count"), [("2027-01-01", 10_001), ("2199-12-31", 1), ("1900-01-01", -1), ("1800-01-01", 1)]
)
def test_what_is_beyond_the_calendar_is_refused(start: str, count: int) -> None:
    with pytest.raises(OutsideCalendar):
        PLAIN.add(day(start), count)


def test_a_year_without_any_working_day_is_passed_over() -> None:
    never = {date(2027, 1, 1) + timedelta(days=number): False for number in range(365)}
    days = WorkingDays(own=OwnDays(never))
    assert days.add(day("2026-12-31"), 1) == day("2028-01-03")
    assert days.add(day("2028-01-03"), -1) == day("2026-12-31")


def test_the_time_of_day_is_the_local_one_also_when_clocks_change() -> None:
    berlin = WorkingDays(timezone=ZoneInfo("Europe/Berlin"))
    friday = datetime(2027, 3, 26, 8, 30, tzinfo=UTC)  # 9:30 there, summer time begins on Sunday
    assert berlin.add_to_moment(friday, 1) == datetime(2027, 3, 29, 7, 30, tzinfo=UTC)


def test_the_day_is_the_local_one() -> None:
    late = datetime(2027, 3, 5, 20, tzinfo=UTC)  # a Friday in UTC, Saturday morning in Shanghai
    shanghai = WorkingDays(timezone=ZoneInfo("Asia/Shanghai"))
    assert PLAIN.add_to_moment(late, 1) == datetime(2027, 3, 8, 20, tzinfo=UTC)
    assert shanghai.add_to_moment(late, 1) == datetime(2027, 3, 7, 20, tzinfo=UTC)
    assert shanghai.add_to_moment(late, 2) == datetime(2027, 3, 8, 20, tzinfo=UTC)


def written(folder: Path, text: str) -> Path:
    path = folder / "days.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_organisations_own_days_come_before_the_countrys(tmp_path: Path) -> None:
    text = '\ufeff# 公司\n\n2026-05-20,holiday,"創立日, 放假"\n2026-10-03, Workday\n'
    days = WorkingDays(read_country("CN"), read_own_days(written(tmp_path, text)))
    assert not days.is_workday(day("2026-05-20"))
    assert days.is_workday(day("2026-10-03"))
    assert not days.is_workday(day("2026-10-04"))


@pytest.mark.parametrize(
    ("text", "told"),
    [("2026-05-20", "line 1"), ("2026-05-20,free", "line 1"), ("\n20/5/2026,holiday", "line 2"), (",", "line 1"),
     ("2026-05-20,holiday\n2026-05-20,workday", "line 2: 2026-05-20 is in line 1"), ("\0", "line 1")],
)  # fmt: skip
def test_own_days_that_cannot_be_read_are_told_with_their_line(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read_own_days(written(tmp_path, text))


def test_a_file_that_is_not_there_or_no_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        read_own_days(tmp_path / "gone.csv")
    (tmp_path / "days.csv").write_bytes(b"\xff\xfe")
    with pytest.raises(ValueError, match="UTF-8"):
        read_own_days(tmp_path / "days.csv")
