"""The quantitative method of policy K7, and the status of K3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rates import achievement_rate, deviation_rate, direction_of, growth_rate, status

AMOUNTS = st.floats(0.01, 1e6)


def test_the_achievement_rate_is_the_share_of_the_target_in_percent() -> None:
    assert achievement_rate(950, 1000) == 95.0


def test_a_cost_below_its_target_achieves_more_than_all() -> None:
    assert achievement_rate(90, 100, "lower") == 110.0
    assert achievement_rate(110, 100, "lower") == 90.0


def test_the_growth_rate_compares_with_the_earlier_period() -> None:
    assert growth_rate(110, 100) == 10.0
    assert growth_rate(-50, -100) == 50.0


def test_the_deviation_rate_is_negative_below_the_target() -> None:
    assert deviation_rate(950, 1000) == -5.0


@pytest.mark.parametrize("rate", [achievement_rate, growth_rate, deviation_rate])
def test_a_rate_that_would_divide_by_zero_or_lacks_a_figure_is_none(rate: object) -> None:
    assert callable(rate)
    assert [rate(5, 0), rate(None, 5), rate(5, None)] == [None, None, None]


@given(AMOUNTS, AMOUNTS, st.sampled_from(["higher", "lower"]))
def test_reaching_the_target_and_achieving_a_hundred_percent_are_the_same(
    actual: float, target: float, direction: str
) -> None:
    achieved = achievement_rate(actual, target, direction)
    assert achieved is not None
    if status(actual, target, None, direction) == "on_target":
        assert achieved >= 100
    else:
        assert achieved <= 100


@pytest.mark.parametrize(
    ("actual", "expected"),
    [
        (None, "no_data"),
        (100, "on_target"),
        (99, "below_target"),
        (82, "warning"),
        (80, "warning"),
        (60, "warning"),
    ],
)
def test_near_at_or_beyond_the_warning_value_there_is_a_warning(actual: float | None, expected: str) -> None:
    assert status(actual, 100, 80) == expected


@pytest.mark.parametrize(("actual", "expected"), [(3.9, "on_target"), (4.5, "below_target"), (5, "warning")])
def test_the_status_follows_the_direction_of_a_cost(actual: float, expected: str) -> None:
    assert status(actual, 4, 5, "lower") == expected


def test_the_direction_is_told_from_the_warning_value_and_then_from_the_baseline() -> None:
    assert direction_of(4, 5) == "lower"
    assert direction_of(100, 80, 120) == "higher"
    assert direction_of(4, None, 6) == "lower"
    assert direction_of(100, None) == "higher"
