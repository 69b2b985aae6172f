"""Working days and periods in expressions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sandbox import Limits, Sandbox, ScriptFailed
from engine.sandbox.counting import count_days
from engine.sandbox.periods import PERIODS
from engine.working_days import WorkingDays, read_country

NOW: dict[str, Any] = {"now": "2026-09-30T02:15:00+00:00", "today": "2026-09-30", "month": 1}


@pytest.fixture(scope="module")
def china() -> Iterator[Sandbox]:
    days = WorkingDays(read_country("CN"), timezone=ZoneInfo("Asia/Shanghai"))
    sandbox = Sandbox(Limits(seconds=0.5), workers=1, working_days=days)
    yield sandbox
    sandbox.close()


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("workdays(1)", "2026-10-08T02:15:00+00:00"),
        ("workdays(3)", "2026-10-10T02:15:00+00:00"),
        ("workdays(-1)", "2026-09-29T02:15:00+00:00"),
        ("workdays(0)", "2026-09-30T02:15:00+00:00"),
        ('workdays(1, "2026-09-30")', "2026-10-07T16:00:00+00:00"),
        ('workdays(1, "2026-09-30T23:00:00Z")', "2026-10-07T23:00:00+00:00"),
        ('workdays(1, "2026-09-30T23:00:00")', "2026-10-08T15:00:00+00:00"),
        ('add_workdays("2026-09-30", 3)', "2026-10-10"),
        ('add_workdays("2026-10-03", 0)', "2026-10-08"),
        ('add_workdays("2026-09-29T20:00:00Z", 1)', "2026-10-08"),
        ("add_workdays(today, 1)", "2026-10-08"),
        ('is_workday("2026-10-10")', True),
        ('is_workday("2026-10-11")', False),
        ('next_workday("2026-09-30")', "2026-10-08"),
        ('now < workdays(3) and workdays(3) < "2026-11"', True),
        ('[d for d in ["2026-10-09", "2026-10-11"] if is_workday(d)]', ["2026-10-09"]),
        ("start_of_month(month)", "2027-01-01"),
        ("start_of_month()", "2026-09-01"),
        ("start_of_month(3)", "2027-03-01"),
        ("start_of_month(4)", "2026-04-01"),
        ('start_of_month("12")', "2026-12-01"),
        ('start_of_month("2028-02")', "2028-02-01"),
        ('end_of_month("2028-02-11")', "2028-02-29"),
        ("end_of_month(2027, 2)", "2027-02-28"),
        ("end_of_month(year=2027, month=2)", "2027-02-28"),
        ("start_of_quarter(1)", "2027-01-01"),
        ("start_of_quarter(2)", "2026-04-01"),
        ("end_of_quarter(4)", "2026-12-31"),
        ("end_of_quarter()", "2026-09-30"),
        ('start_of_quarter("2027-Q3")', "2027-07-01"),
        ('start_of_quarter("2027-08-15")', "2027-07-01"),
        ("start_of_quarter(2027, 2)", "2027-04-01"),
        ("start_of_year()", "2026-01-01"),
        ("start_of_year(2027)", "2027-01-01"),
        ('end_of_year("2027-03-31")', "2027-12-31"),
    ],
)
def test_calendar_functions_give(china: Sandbox, expression: str, value: object) -> None:
    assert china.evaluate(expression, NOW) == value


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('add_workdays("soon", 1)', "Line 1: add_workdays(): 'soon' is not a date"),
        ('add_workdays("2026-09-30", 1.5)', "a number of days is a whole number, not 1.5"),
        ("add_workdays(20260930, 1)", "a date is a text"),
        ('add_workdays("2026-09-30", 100000)', "more than 10000 working days"),
        ('add_workdays("2199-12-31", 9)', "from 1900 to 2199"),
        ('next_workday("9999-12-31T23:00:00Z")', "past the end of all calendars"),
        ("workdays()", "0 arguments are not what it takes"),
        ("workdays(True)", "whole number, not True"),
        ("workdays(1, None)", "a date is a text"),
        ("start_of_month(13)", "a month is a number from 1 to 12, not 13"),
        ("start_of_month(2027, 0)", "a month is a number from 1 to 12, not 0"),
        ('start_of_month("2027-13")', "a month is a number from 1 to 12, not 13"),
        ("start_of_quarter(5)", "a quarter is 1, 2, 3 or 4, not 5"),
        ("start_of_month([1])", "a date is a text"),
        ("start_of_month(True)", "a date is a text"),
        ("start_of_year(0)", "year 0 is out of range"),
    ],
)
def test_what_a_calendar_function_cannot_take_is_told_with_the_line(
    china: Sandbox, expression: str, told: str
) -> None:
    with pytest.raises(ScriptFailed) as caught:
        china.evaluate(expression, NOW)
    assert caught.value.line == 1
    assert told in str(caught.value)


def test_where_there_is_no_time_working_days_from_now_are_refused(china: Sandbox) -> None:
    with pytest.raises(ScriptFailed, match="a date is a text"):
        china.evaluate("workdays(3)", {})
    with pytest.raises(ScriptFailed, match="today"):
        china.evaluate("start_of_month(3)", {})


def test_without_a_calendar_monday_to_friday_are_worked(sandbox: Sandbox) -> None:
    assert sandbox.evaluate('next_workday("2026-09-30")', {}) == "2026-10-01"


def test_a_script_may_count_working_days_too(china: Sandbox) -> None:
    assert china.execute("due = add_workdays(today, 2)[:10]", NOW) == {"due": "2026-10-09"}


def test_it_is_known_without_running_it_whether_a_source_counts_working_days(china: Sandbox) -> None:
    assert china.counts_days("workdays(3)")
    assert china.counts_days("def f(d):\n  return is_workday(d)\nx = f(today)", "script")
    assert not china.counts_days("start_of_month(3) + workday")


@pytest.mark.parametrize(
    "arguments", [[{}], [[], 1], [None, None], ["x" * 10_000], ["2026-01-01", 1, 1], [10**400]]
)
@pytest.mark.parametrize("function", ["workdays", "add_workdays", "is_workday", "next_workday", "other"])
def test_whatever_a_worker_asks_gets_an_answer(function: str, arguments: list[Any]) -> None:
    answer = count_days(WorkingDays(), NOW["now"], function, arguments)
    assert set(answer) == {"problem"}
    assert len(answer["problem"]) < 200


@given(st.dates(date(1901, 1, 1), date(2198, 1, 1)), st.integers(1, 12))
def test_a_month_alone_is_the_nearest_of_its_number(today: date, month: int) -> None:
    found = date.fromisoformat(PERIODS["start_of_month"](lambda: today, month))
    ahead = (found.year - today.year) * 12 + found.month - today.month
    assert found.month == month
    assert -5 <= ahead <= 6


@given(st.dates(date(1901, 1, 1), date(2198, 1, 1)), st.integers(1, 4))
def test_a_quarter_alone_is_the_nearest_of_its_number(today: date, quarter: int) -> None:
    found = date.fromisoformat(PERIODS["start_of_quarter"](lambda: today, quarter))
    ahead = (found.year - today.year) * 4 + quarter - (today.month + 2) // 3
    assert found.month == quarter * 3 - 2
    assert -1 <= ahead <= 2
