"""The vocabulary: every type has its documented payload, and the page of the reference says the same as the code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from engine import ClaimTask, ReleaseTask, RetryIncident, StartInstance, TerminateInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import boundary, bpmn, node, timer, way
from tests.webhooks.conftest import ADMINISTRATOR, END, START, SUPERVISOR
from webhooks.events import BY_NAME, TYPES, kinds_of
from webhooks.events.reference import reference
from webhooks.outgoing.tables import event

DOCUMENTS = Path(__file__).parents[2] / "docs"


def test_the_reference_is_what_the_code_says() -> None:
    assert (DOCUMENTS / "reference" / "events.md").read_text() == reference()


def written(house):
    """Every event, by the end of its type."""
    with house.database.read() as session:
        rows = session.execute(select(event.c.type, event.c.content)).all()
    return [(row.type.removeprefix("org.planflow."), json.loads(row.content)["data"]) for row in rows]


def paths(data):
    found = set()
    for name, value in data.items():
        if isinstance(value, dict):
            found |= {f"{name}.{inner}" for inner in value}
        else:
            found.add(name)
    return found


def assert_as_documented(house, *wanted):
    told = written(house)
    assert set(wanted) <= {kind for kind, _data in told}
    for kind, data in told:
        described = BY_NAME[f"org.planflow.{kind}"]
        has = paths(data)
        assert set(described.payload) <= has, kind
        assert has <= set(described.payload) | set(described.maybe), kind


def failing(context, inputs):
    raise ValueError("no")


def test_the_events_of_processes_say_what_is_documented(house, receiver, operations):
    house.endpoint(receiver.url)
    operations["do"] = failing
    started = house.start(business_key="A-1")
    house.engine.execute(ClaimTask(started.task_ids[0]), SUPERVISOR)
    house.engine.execute(ReleaseTask(started.task_ids[0]), SUPERVISOR)
    house.engine.ensure_standing_jobs()
    house.work_for(hours=3)
    house.complete(started.task_ids[0])
    house.engine.execute(TerminateInstance(started.instance_id, "a mistake"), SUPERVISOR)
    body = START + node("serviceTask", "call", planflow_operation="do") + END + way("s", "call", "e")
    house.engine.deploy({"process.bpmn": bpmn(body, key="q")}, actor("designer"), "q")
    house.engine.execute(StartInstance("q"), SUPERVISOR)
    with house.database.read() as session:
        stuck = house.engine.queries(session, ADMINISTRATOR).incidents().items[0]
    house.engine.execute(RetryIncident(stuck.id), ADMINISTRATOR)
    assert_as_documented(
        house,
        "instance.started",
        "instance.ended",
        "task.created",
        "task.assigned",
        "task.released",
        "task.completed",
        "task.cancelled",
        "task.overdue",
        "incident.raised",
        "incident.resolved",
    )
    ended = next(data for kind, data in written(house) if kind == "instance.ended")
    assert (ended["instance"]["status"], ended["reason"]) == ("terminated", "a mistake")
    assert [kind for kind, _data in written(house)].count("task.overdue") == 1


def test_a_task_that_runs_out_of_time_is_told_as_cancelled(house, receiver):
    late = boundary("late", "a", timer("timeDuration", "PT1H"))
    body = START + node("userTask", "a", planflow_assignee="manager") + late + END
    house.engine.deploy(
        {"process.bpmn": bpmn(body + way("s", "a", "e") + way("late", "e"), key="q")}, actor("designer"), "q"
    )
    house.endpoint(receiver.url)
    house.engine.execute(StartInstance("q"), SUPERVISOR)
    house.work_for(hours=2)
    kinds = [kind for kind, _data in written(house)]
    assert kinds == ["instance.started", "task.created", "task.assigned", "task.cancelled", "instance.ended"]


def test_whose_a_task_was_when_it_was_created_is_said_whatever_came_after(house, receiver):
    house.endpoint(receiver.url)
    started = house.start()
    created = next(data for kind, data in written(house) if kind == "task.created")
    assert created["task"]["assignee"] is None
    assert created["task"]["candidate_groups"] == ["operations_supervisor"]
    house.engine.execute(ClaimTask(started.task_ids[0]), SUPERVISOR)
    assigned = next(data for kind, data in written(house) if kind == "task.assigned")
    assert (assigned["task"]["assignee"], assigned["actor_name"]) == ("supervisor", "Supervisor")


def test_what_is_filled_in_is_in_no_event(house, receiver):
    house.endpoint(receiver.url)
    started = house.start()
    house.complete(started.task_ids[0], variables={"salary": "a secret figure"})
    assert "a secret figure" not in json.dumps(written(house))


@pytest.mark.parametrize("comment", ["x" * 9_999, "\U0001f600" * 5_000])
def test_a_long_comment_is_cut(house, receiver, comment):
    house.endpoint(receiver.url)
    started = house.start()
    house.complete(started.task_ids[0], comment=comment)
    done = next(data for kind, data in written(house) if kind == "task.completed")
    assert done["task"]["comment"] == comment[:1_999] + "…"
    house.work()
    assert receiver.types[-1] == "task.assigned"


def test_every_type_has_a_name_and_something_that_leads_to_it() -> None:
    assert len(BY_NAME) == len(TYPES)
    assert all(each.kinds for each in TYPES)
    assert kinds_of([]) == frozenset(kind for each in TYPES for kind in each.kinds)
