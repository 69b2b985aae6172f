"""Observers hear what a command did, in its transaction: of what is undone they never hear."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from engine import BpmnError, ClaimTask, CompleteTask, Engine, RetryIncident, StartInstance
from engine.observing import Happening, instance_facts, task_facts
from engine.storage.tables import blob, job, work_item
from tests.engine.conftest import SmallCompany, actor
from tests.engine.xml_text import boundary, bpmn, error, node, root, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
ADMINISTRATOR, SUPERVISOR = actor("administrator"), actor("supervisor")
TASK = bpmn(
    START
    + node("userTask", "a", planflow_candidateGroups="operations_supervisor", planflow_dueDate="PT1H")
    + END
    + way("s", "a", "e")
)


@dataclass
class Listener:
    """Wants some kinds, and keeps what it was told."""

    kinds: set[str]
    told: list[Happening] = field(default_factory=list)
    fails: bool = False

    def wants(self, ctx):
        return self.kinds

    def observe(self, ctx, happened):
        if self.fails:
            raise OSError("it is full")
        self.told.extend(happened)
        rows = [{"sha256": f"{each.kind} {each.seq}", "content": b""} for each in happened]
        ctx.session.execute(insert(blob), rows)

    def kinds_told(self):
        return [each.kind for each in self.told]


@pytest.fixture
def listener():
    return Listener({"instance.started", "instance.completed", "task.created", "task.completed"})


@pytest.fixture
def engine(database, sandbox, clock, operations, listener):
    return Engine(
        database,
        lambda _session: SmallCompany(),
        operations,
        clock=clock,
        sandbox=sandbox,
        observers=[listener],
    )


def written(engine, kind):
    with engine.database.read() as session:
        return session.scalar(select(func.count()).select_from(blob).where(blob.c.sha256.like(f"{kind}%")))


def test_an_observer_is_told_what_a_command_did_with_its_place_in_history(engine, deploy, listener):
    deploy(TASK)
    started = engine.execute(StartInstance("p", business_key="A-1"), SUPERVISOR)
    assert listener.kinds_told() == ["instance.started", "task.created"]
    begun, created = listener.told
    assert (begun.seq, begun.actor, begun.payload["business_key"]) == (1, "supervisor", "A-1")
    assert created.instance_id == started.instance_id
    assert (created.task_id, created.element, created.process_key) == (started.task_ids[0], "a", "p")
    with engine.database.read() as session:
        history = engine.queries(session, ADMINISTRATOR).history(started.instance_id, None, 500).items
    assert next(event.seq for event in history if event.kind == "task.created") == created.seq
    engine.execute(CompleteTask(started.task_ids[0]), SUPERVISOR)
    assert listener.kinds_told()[2:] == ["task.completed", "instance.completed"]
    assert written(engine, "task.completed") == 1


def test_what_an_observer_may_say_of_instances_and_tasks(engine, deploy):
    deploy(TASK)
    started = engine.execute(StartInstance("p", business_key="A-1"), SUPERVISOR)
    with engine.database.read() as session:
        instance = instance_facts(session, [started.instance_id])[started.instance_id]
        task = task_facts(session, started.task_ids)[started.task_ids[0]]
    assert (instance.business_key, instance.process_version, instance.status) == ("A-1", 1, "active")
    assert (task.name, task.groups, task.assignee) == ("a", ("operations_supervisor",), None)


def test_an_observer_that_fails_undoes_the_command(engine, deploy, listener):
    deploy(TASK)
    started = engine.execute(StartInstance("p"), SUPERVISOR)
    listener.fails = True
    with pytest.raises(OSError, match="full"):
        engine.execute(CompleteTask(started.task_ids[0]), SUPERVISOR)
    listener.fails = False
    assert engine.execute(CompleteTask(started.task_ids[0]), SUPERVISOR).status == "completed"
    assert listener.kinds_told().count("task.completed") == 1


def test_a_command_costs_no_statement_more_while_no_observer_wants_anything(
    database, engine, deploy, listener, operations, clock, sandbox
):
    deploy(TASK)
    alone = Engine(database, lambda _session: SmallCompany(), operations, clock=clock, sandbox=sandbox)

    def statements(by):
        started = by.execute(StartInstance("p"), SUPERVISOR)
        with database.counting() as counts:
            by.execute(CompleteTask(started.task_ids[0]), SUPERVISOR)
        return counts.statements

    listener.kinds = set()
    assert statements(alone) == statements(alone) == statements(engine)


def test_a_task_that_nobody_has_to_do_any_more_is_told_as_cancelled(engine, deploy, listener, clock):
    listener.kinds = {"task.created", "task.cancelled"}
    late = boundary("late", "a", timer("timeDuration", "PT1H"))
    deploy(bpmn(START + node("userTask", "a") + late + END + way("s", "a", "e") + way("late", "e")))
    started = engine.execute(StartInstance("p"), SUPERVISOR)
    clock.advance(hours=2)
    assert engine.fire_due_timers() >= 1
    assert [(each.kind, each.task_id) for each in listener.told] == [
        ("task.created", started.task_ids[0]),
        ("task.cancelled", started.task_ids[0]),
    ]


def test_a_claimed_task_is_told_of(engine, deploy, listener):
    listener.kinds = {"task.claimed"}
    deploy(TASK)
    started = engine.execute(StartInstance("p"), SUPERVISOR)
    engine.execute(ClaimTask(started.task_ids[0]), SUPERVISOR)
    assert [(each.task_id, each.actor) for each in listener.told] == [(started.task_ids[0], "supervisor")]


# What operations announce


def announcing(inside=""):
    call = node("serviceTask", "call", planflow_operation="do")
    return bpmn(
        START + call + inside + END + way("s", "call", "e"), definitions=root("error", "No", errorCode="NO")
    )


def test_what_an_operation_announces_is_told_with_its_instance(engine, deploy, listener, operations):
    listener.kinds = {"tea.ready"}

    def do(context, inputs):
        context.announce("tea.ready", {"cups": 2})
        context.announce("nobody.asks", {})
        return {}

    operations["do"] = do
    deploy(announcing())
    started = engine.execute(StartInstance("p"), SUPERVISOR)
    assert [(each.kind, each.instance_id, each.payload) for each in listener.told] == [
        ("tea.ready", started.instance_id, {"cups": 2})
    ]


def test_what_a_refused_operation_announced_is_not_told(engine, deploy, listener, operations):
    listener.kinds = {"tea.ready", "instance.completed"}

    def do(context, inputs):
        context.announce("tea.ready", {})
        raise BpmnError("NO")

    operations["do"] = do
    deploy(announcing(boundary("no", "call", error("No")) + way("no", "e")))
    engine.execute(StartInstance("p"), SUPERVISOR)
    assert listener.kinds_told() == ["instance.completed"]


def test_what_a_failed_operation_announced_is_told_once_when_it_is_retried(
    engine, deploy, listener, operations
):
    listener.kinds = {"tea.ready", "incident.raised", "incident.resolved"}
    fails = [True]

    def do(context, inputs):
        context.announce("tea.ready", {})
        if fails.pop() if fails else False:
            raise ValueError("the pot is broken")
        return {}

    operations["do"] = do
    deploy(announcing())
    engine.execute(StartInstance("p"), SUPERVISOR)
    assert listener.kinds_told() == ["incident.raised"]
    with engine.database.read() as session:
        stuck = engine.queries(session, ADMINISTRATOR).incidents().items[0]
    engine.execute(RetryIncident(stuck.id), ADMINISTRATOR)
    assert sorted(listener.kinds_told()) == ["incident.raised", "incident.resolved", "tea.ready"]


def test_what_is_announced_outside_of_a_process_is_told_if_it_is_committed(engine, listener):
    listener.kinds = {"reading.recorded"}
    with suppress(ValueError), engine.writing(SUPERVISOR) as changing:
        changing.announce("reading.recorded", {"value": 1})
        raise ValueError
    assert listener.told == []
    with engine.writing(SUPERVISOR) as changing:
        changing.announce("reading.recorded", {"value": 2})
    assert [(each.payload, each.actor, each.instance_id) for each in listener.told] == [
        ({"value": 2}, "supervisor", "")
    ]


# Overdue tasks


def look(engine, clock, minutes=1):
    clock.advance(minutes=minutes)
    engine.fire_due_timers()


def test_an_overdue_task_is_told_of_once(engine, deploy, listener, clock):
    listener.kinds = {"task.overdue"}
    engine.ensure_standing_jobs()
    deploy(TASK)
    started = engine.execute(StartInstance("p"), SUPERVISOR)
    for _minute in range(60):
        look(engine, clock)
    assert listener.told == []
    for _minute in range(5):
        look(engine, clock)
    assert [(each.task_id, each.element) for each in listener.told] == [(started.task_ids[0], "a")]
    look(engine, clock, minutes=600)
    assert len(listener.told) == 1


def test_a_task_that_was_overdue_while_nobody_looked_is_told_of_afterwards(engine, deploy, listener, clock):
    listener.kinds = {"task.overdue"}
    engine.ensure_standing_jobs()
    deploy(TASK)
    ids = [engine.execute(StartInstance("p"), SUPERVISOR).task_ids[0] for _each in range(2)]
    engine.execute(CompleteTask(ids[0]), SUPERVISOR)
    look(engine, clock, minutes=60 * 24 * 3)
    assert [each.task_id for each in listener.told] == [ids[1]]


def test_a_task_that_is_late_from_its_beginning_is_told_of_once(engine, deploy, listener, clock):
    listener.kinds = {"task.overdue"}
    engine.ensure_standing_jobs()
    look(engine, clock, minutes=30)
    deploy(bpmn(START + node("userTask", "a", planflow_dueDate="2026-01-01") + END + way("s", "a", "e")))
    engine.execute(StartInstance("p"), SUPERVISOR)
    with engine.database.read() as session:
        assert session.scalar(select(work_item.c.due_at)) < clock.now
    for _minute in range(5):
        look(engine, clock)
    assert len(listener.told) == 1


def test_a_clock_that_is_set_back_makes_no_task_overdue_twice(engine, deploy, listener, clock):
    listener.kinds = {"task.overdue"}
    engine.ensure_standing_jobs()
    deploy(TASK)
    engine.execute(StartInstance("p"), SUPERVISOR)
    look(engine, clock, minutes=90)
    assert len(listener.told) == 1
    clock.now -= timedelta(minutes=60)
    for _minute in range(90):
        look(engine, clock)
    assert len(listener.told) == 1


def test_there_is_one_standing_job_of_a_kind_and_none_without_observers(engine, database, operations):
    Engine(database, lambda _session: SmallCompany(), operations).ensure_standing_jobs()
    always = [] if database.is_sqlite else ["history_months"]
    assert standing(engine) == always
    assert engine.ensure_standing_jobs() == 1
    assert engine.ensure_standing_jobs() == 0
    assert standing(engine) == [*always, "overdue_tasks"]


def standing(engine):
    with engine.database.read() as session:
        return list(session.scalars(select(job.c.kind)))
