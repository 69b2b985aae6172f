"""Goals and actions as forms send them."""

from __future__ import annotations

from datetime import date

import pytest

from engine import Invalid
from plans.contents import Goal, parse_actions, parse_goals, parse_rows
from tests.plans.conftest import goal


def test_a_goal_is_read_with_numbers_and_dates_as_forms_send_them() -> None:
    row = goal(target="1200.5", warning="", due="2027-12-31T00:00:00Z", evidence="kept in the document")
    [read] = parse_goals([row])
    assert read == Goal(
        name="Grow orders",
        measure="Orders",
        unit="orders",
        target=1200.5,
        warning=None,
        baseline=900,
        due=date(2027, 12, 31),
        owner="team_member_1",
        area="growth",
        serves=None,
    )


def test_a_goal_goes_out_as_it_came_in() -> None:
    assert parse_goals([goal()])[0].as_json() == goal()


def test_rows_that_were_left_empty_are_dropped() -> None:
    assert parse_goals([{"name": " ", "target": None}, goal()]) == parse_goals([goal()])
    assert parse_actions(None) == []


def test_every_field_that_cannot_be_read_is_named_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        parse_goals([goal(target="many"), goal("", due="soon")])
    assert [problem.field for problem in refused.value.fields] == [
        "goals.0.target",
        "goals.1.name",
        "goals.1.due",
    ]


@pytest.mark.parametrize("target", [True, "nan", "inf", float("inf")])
def test_a_target_must_be_a_finite_number(target: object) -> None:
    with pytest.raises(Invalid):
        parse_goals([goal(target=target)])


def test_two_goals_of_one_name_are_refused() -> None:
    with pytest.raises(Invalid) as refused:
        parse_goals([goal(), goal()])
    assert refused.value.fields[0].message == "Two goals have the name “Grow orders”."


def test_goals_must_be_a_list_of_rows() -> None:
    with pytest.raises(Invalid) as refused:
        parse_goals({"name": "Grow orders"})
    assert refused.value.fields[0].field == "goals"


def test_resources_keep_whatever_columns_the_form_has() -> None:
    assert parse_rows([{"item": "Scanners", "quantity": 4}, "Overtime"], "resources") == [
        {"item": "Scanners", "quantity": 4},
        {"name": "Overtime"},
    ]
