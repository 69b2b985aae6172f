"""Planning periods and their arithmetic."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Invalid
from plans.periods import Period, annual, month_of, quarter, quarter_at

PERIODS = st.one_of(
    st.builds(annual, st.integers(2001, 2099)),
    st.builds(quarter, st.integers(2001, 2099), st.integers(1, 4)),
    st.builds(month_of, st.integers(2001, 2099), st.integers(1, 12)),
)


@pytest.mark.parametrize(
    ("parts", "reference", "start", "end"),
    [
        ({"kind": "annual", "year": 2027}, "2027", date(2027, 1, 1), date(2027, 12, 31)),
        (
            {"kind": "quarterly", "year": "2027", "quarter": "4"},
            "2027-Q4",
            date(2027, 10, 1),
            date(2027, 12, 31),
        ),
        ({"kind": "monthly", "year": 2028, "month": 2}, "2028-02", date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_a_period_knows_its_reference_and_its_days(
    parts: dict[str, object], reference: str, start: date, end: date
) -> None:
    period = Period.parse(parts)
    assert (period.reference, period.start, period.end) == (reference, start, end)


def test_a_month_knows_its_quarter() -> None:
    assert [month_of(2027, number).quarter for number in range(1, 13)] == [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]


@given(PERIODS)
def test_the_previous_period_ends_the_day_before_this_one_begins(period: Period) -> None:
    assert (period.start - period.previous.end).days == 1
    assert period.previous.kind == period.kind


@given(PERIODS)
def test_a_period_contains_its_first_and_last_day_and_not_the_day_before(period: Period) -> None:
    assert period.start in period
    assert period.end in period
    assert period.previous.end not in period


def test_the_quarter_of_a_day_contains_it() -> None:
    assert quarter_at(date(2027, 8, 15)) == quarter(2027, 3)


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"kind": "weekly", "year": 2027}, "kind"),
        ({"kind": "annual"}, "year"),
        ({"kind": "quarterly", "year": 2027, "quarter": 5}, "quarter"),
        ({"kind": "quarterly", "year": 2027}, "quarter"),
        ({"kind": "monthly", "year": 2027, "month": "May"}, "month"),
    ],
)
def test_a_period_that_is_not_complete_names_the_part(parts: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Period.parse(parts)
    assert [problem.field for problem in refused.value.fields] == [field]
