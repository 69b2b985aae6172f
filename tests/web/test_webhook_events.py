"""What the plan domain tells leaves an installation as documented."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from engine import Actor
from plans.operations import OPERATIONS
from tests.plans.conftest import goal
from tests.web.conftest import Office
from webhooks.events import BY_NAME
from webhooks.outgoing.tables import event

ADMIN = Actor("admin", frozenset({"administrator"}), "Administrator")
SUPERVISOR = Actor("supervisor", frozenset({"operations_supervisor"}), "Supervisor")


def call(office: Office, name: str, **inputs: Any) -> dict[str, Any]:
    with office.container.engine.writing(SUPERVISOR) as context:
        return dict(OPERATIONS[name](context, inputs))


def paths(data: dict[str, Any]) -> set[str]:
    found = set()
    for name, value in data.items():
        found |= {f"{name}.{inner}" for inner in value} if isinstance(value, dict) else {name}
    return found


def test_plans_warnings_and_evaluations_are_told_as_documented(office: Office) -> None:
    hook = {"name": "ERP", "url": "https://1.1.1.1/hooks"}
    assert office.post("admin", "webhooks/endpoints", hook).status_code == 201
    plan = call(office, "plans.draft", kind="annual", year=2027, title="Plan", owner="supervisor")["plan_id"]
    call(office, "plans.save", plan_id=plan, goals=[goal()], actions=[])
    call(office, "plans.put_in_force", plan_id=plan, approved_by="manager")
    call(office, "plans.adjust", plan_id=plan, goals=[goal()], reason="Fewer orders", ground="market")
    call(office, "indicators.record", indicator="orders", day="2027-01-10", value=1, source="ERP")
    call(office, "evaluations.file", year=2027, quarter=1, owner="supervisor", report={})
    with office.container.database.read() as session:
        rows = session.execute(select(event.c.type, event.c.subject, event.c.content)).all()
    told = {row.type: (row.subject, json.loads(row.content)["data"]) for row in rows}
    assert set(told) == {
        f"org.planflow.{name}"
        for name in ("plan.in_force", "plan.changed", "indicator.warning", "evaluation.filed")
    }
    for kind, (_subject, data) in told.items():
        assert paths(data) == set(BY_NAME[kind].payload), kind
    subject, data = told["org.planflow.plan.changed"]
    assert subject == f"plans/{plan}"
    assert (data["plan"]["previous_version"], data["plan"]["reason"]) == (1, "Fewer orders")
    assert data["actor_name"] == "Supervisor"
