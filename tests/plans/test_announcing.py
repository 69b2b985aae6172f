"""The plan domain tells of plans in force and changed, of warnings when they begin, and of evaluations."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from engine import Invalid, NotFound
from tests.plans.conftest import Process, goal


@pytest.fixture
def told(process: Process) -> list[tuple[str, dict[str, Any]]]:
    """What is announced, as it comes."""
    heard: list[tuple[str, dict[str, Any]]] = []
    process.context = replace(process.context, announce=lambda kind, payload: heard.append((kind, payload)))
    return heard


def in_force(process: Process) -> str:
    plan = process.call("plans.draft", kind="annual", year=2027, title="Plan", owner="operations_supervisor")
    process.call("plans.save", plan_id=plan["plan_id"], goals=[goal()], actions=[])
    process.call("plans.put_in_force", plan_id=plan["plan_id"], approved_by="management_1")
    return str(plan["plan_id"])


def test_a_plan_that_comes_into_force_is_announced(process, told):
    plan_id = in_force(process)
    [(kind, payload)] = told
    assert kind == "plan.in_force"
    assert payload["plan"] == {
        "id": plan_id,
        "kind": "annual",
        "reference": "2027",
        "title": "Plan",
        "owner": "operations_supervisor",
        "version": 1,
        "approved_by": "management_1",
        "page": f"plans/{plan_id}",
    }


def test_a_plan_that_is_changed_is_announced_with_its_reason(process, told):
    plan_id = in_force(process)
    process.call("plans.adjust", plan_id=plan_id, goals=[goal()], ground="market", reason="Fewer orders")
    kind, payload = told[-1]
    assert kind == "plan.changed"
    plan = payload["plan"]
    assert (plan["version"], plan["previous_version"]) == (2, 1)
    assert (plan["ground"], plan["reason"]) == ("market", "Fewer orders")


def test_an_evaluation_is_announced(process, told):
    filed = process.call("evaluations.file", year=2027, quarter=1, owner="operations_supervisor", report={})
    assert told == [
        (
            "evaluation.filed",
            {
                "evaluation": {
                    "id": filed["evaluation_id"],
                    "reference": "2027-Q1",
                    "owner": "operations_supervisor",
                }
            },
        )
    ]


def record(process, day, value, **more):
    return process.call(
        "indicators.record", **{"indicator": "orders", "day": day, "value": value, "source": "ERP", **more}
    )


def test_a_warning_is_announced_when_it_begins_and_not_again_while_it_lasts(process, told):
    in_force(process)
    told.clear()
    assert record(process, "2027-01-10", 290)["status"] == "below_target"
    assert told == []
    assert record(process, "2027-01-10", 100) == {"status": "warning", "actual": 100}
    [(kind, payload)] = told
    assert kind == "indicator.warning"
    assert payload["indicator"] == {
        "id": "orders",
        "name": "Orders",
        "unit": "orders",
        "quarter": "2027-Q1",
        "actual": 100,
        "target": 300,
        "warning": 250,
    }
    record(process, "2027-01-11", 10)
    assert len(told) == 1
    assert record(process, "2027-01-12", 300)["status"] == "on_target"
    assert record(process, "2027-01-12", 5)["status"] == "warning"
    assert len(told) == 2


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"day": "soon"}, Invalid),
        ({"value": "many"}, Invalid),
        ({"value": True}, Invalid),
        ({"value": float("nan")}, Invalid),
        ({"source": " "}, Invalid),
        ({"indicator": "nothing"}, NotFound),
    ],
)
def test_a_reading_that_makes_no_sense_is_refused_and_not_announced(process, told, wrong, error):
    in_force(process)
    told.clear()
    with pytest.raises(error):
        record(process, **{"day": "2027-01-10", "value": 1, **wrong})
    assert told == []


def test_a_reading_that_a_process_of_nobody_records_is_its_starters(process, told):
    in_force(process)
    process.context = replace(process.context, actor="system")
    assert record(process, date(2027, 1, 10).isoformat(), 290)["actual"] == 290
