"""The contract of operations: checked inputs, JSON outputs, and the reference that describes them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Invalid
from plans.operations import OPERATIONS
from plans.operations.reference import reference
from plans.organisation import people
from plans.tables import notice, notice_recipient
from tests.plans.conftest import Process, goal, plan_in_force

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "operations.md"


def test_the_reference_in_the_documentation_is_what_the_code_says() -> None:
    assert REFERENCE.read_text(encoding="utf-8") == reference()


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_an_operation_names_a_required_input_that_is_missing(process: Process, name: str) -> None:
    required = [each.name for each in OPERATIONS[name].inputs if not each.optional]
    if not required:
        assert process.call(name) is not None
        return
    with pytest.raises(Invalid) as refused:
        process.call(name)
    assert str(refused.value) == f"The operation {name} cannot use its input {required[0]}: it is missing"


def test_an_input_that_does_not_exist_is_refused(process: Process) -> None:
    with pytest.raises(Invalid) as refused:
        process.call("organisation.team", user="auditor", usr="auditor")
    assert "its input usr: there is no such input" in str(refused.value)


@pytest.mark.parametrize(
    ("operation", "inputs", "words"),
    [
        ("plans.view", {"plan_id": 7}, "plan_id: a text is needed"),
        ("indicators.figures", {"year": "soon", "quarter": 1}, "year: a whole number is needed"),
        (
            "indicators.figures",
            {"year": 2027, "quarter": 5},
            "quarter: A whole number from 1 to 4 is needed.",
        ),
        ("indicators.figures", {"year": 2027, "quarter": True}, "quarter: a whole number is needed"),
        (
            "plans.draft",
            {"kind": "weekly", "year": 2027, "title": "t", "owner": "auditor"},
            "kind: A plan is",
        ),
        ("plans.check_consistency", {"goals": "all", "year": 2027, "quarter": 1}, "goals: a list is needed"),
        ("notices.send", {"subject": "s", "body": "b", "users": [7]}, "users: a list of texts is needed"),
        (
            "notices.send",
            {"subject": "s", "body": "b", "users": ["nobody"]},
            "users: There is no person nobody.",
        ),
        (
            "notices.send",
            {"subject": "s", "body": "b", "departments": ["x"]},
            "departments: There is no department",
        ),
    ],
)
def test_an_input_of_the_wrong_kind_is_named_with_the_operation(
    process: Process, operation: str, inputs: dict[str, Any], words: str
) -> None:
    with pytest.raises(Invalid) as refused:
        process.call(operation, **inputs)
    assert f"The operation {operation} cannot use its input {words}" in str(refused.value)


def test_a_goal_that_cannot_be_read_is_named_by_its_place(process: Process) -> None:
    plan_id = process.call("plans.draft", kind="annual", year=2027, title="t", owner="operations_supervisor")[
        "plan_id"
    ]
    with pytest.raises(Invalid) as refused:
        process.call("plans.save", plan_id=plan_id, goals=[goal(target="many")])
    assert "plans.save cannot use its input goals.0.target: A number is needed." in str(refused.value)


def test_numbers_may_come_as_forms_and_scripts_send_them(process: Process) -> None:
    for year in (2027, 2027.0, "2027"):
        assert process.call("indicators.figures", year=year, quarter="1") == {"indicators": []}


def test_every_output_is_json(process: Process) -> None:
    plan_id = plan_in_force(process, [goal()])
    calls: list[tuple[str, dict[str, Any]]] = [
        ("plans.view", {"plan_id": plan_id}),
        ("plans.basis", {"kind": "quarterly", "year": 2027, "quarter": 1}),
        ("plans.adjust", {"plan_id": plan_id, "goals": [goal(target=1)]}),
        ("plans.release", {"plan_id": plan_id}),
        ("indicators.figures", {"year": 2027, "quarter": 1}),
        ("organisation.departments", {}),
        ("organisation.team", {"user": "operations_supervisor"}),
        ("evaluations.latest", {"year": 2027, "quarter": 1}),
    ]
    for operation, inputs in calls:
        result = process.call(operation, **inputs)
        assert json.loads(json.dumps(result)) == result
        assert set(OPERATIONS[operation].outputs) <= set(result)


def test_a_notice_reaches_everybody_named_once(process: Process, session: Session) -> None:
    people.set_active(session, "team_member_1", False)
    sent = process.call(
        "notices.send",
        subject="The plan is in force",
        body="Read it.",
        users=["team_member_1", "team_member_2", None],
        departments=["finance"],
        groups=["team_member", "management"],
    )
    assert sent == {"recipients": ["director", "finance_head", "team_member_2"]}
    recipients = session.scalars(select(notice_recipient.c.person).order_by(notice_recipient.c.person))
    assert list(recipients) == sent["recipients"]
    assert session.execute(select(notice.c.subject, notice.c.sent_by)).one() == (
        "The plan is in force",
        "operations_supervisor",
    )


def test_a_notice_to_nobody_is_not_kept(process: Process, session: Session) -> None:
    assert process.call("notices.send", subject="s", body="", users=[]) == {"recipients": []}
    assert session.scalar(select(notice.c.id)) is None


def test_the_departments_come_with_their_heads(process: Process) -> None:
    assert process.call("organisation.departments") == {
        "departments": [{"id": "finance", "name": "Finance", "head": "finance_head"}]
    }
