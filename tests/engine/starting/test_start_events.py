"""What starts processes: messages, one instance for a business key, and timers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from engine import CompleteTask, Invalid, NotDeployable, NotFound, StartInstance, TerminateInstance
from engine.jobs.rows import START_TIMER, due
from tests.engine.conftest import actor
from tests.engine.messaging.models import (
    ADMINISTRATOR,
    SUPERVISOR,
    dying,
    events,
    file,
    inputs,
    instances,
    kept,
    keys,
    message,
    on_message,
    process,
    send,
    variables,
)
from tests.engine.xml_text import bpmn, node, script, timer, way

START, END = node("startEvent", "s"), node("endEvent", "e")
WORK = node("userTask", "work", planflow_assignee="manager")
ONE = process(
    "one",
    node("startEvent", "s", on_message("order"), planflow_uniqueBusinessKey="true")
    + WORK
    + END
    + way("s", "work", "e"),
)
ONE_FILE = file(message("order"), ONE)


def test_a_message_starts_the_latest_version_with_what_it_carries(engine, deploy):
    deploy(file(message("order"), ONE))
    deploy(file(message("order"), ONE.replace("one_work", "one_job")))
    started = send(engine, "order", {"business_key": "A-1"}, {"amount": 5})
    [found] = instances(engine, "one")
    assert (found.id, found.process_version, found.business_key) == (started.instance_id, 2, "A-1")
    assert variables(engine, found.id) == {"amount": 5}
    [first] = events(engine, found.id, "instance.started")
    assert (first.payload["message"], first.payload["correlation"]) == ("order", {"business_key": "A-1"})


def test_a_process_that_only_a_message_starts_is_not_started_by_hand(engine, deploy):
    deploy(ONE_FILE)
    with pytest.raises(Invalid):
        engine.execute(StartInstance("one"), SUPERVISOR)


def test_a_second_message_for_a_business_key_waits_until_the_first_is_over(engine, deploy):
    deploy(ONE_FILE)
    first = send(engine, "order", {"business_key": "A"}, {"n": 1}, time_to_live="PT1H")
    for n in (2, 3):
        assert send(engine, "order", {"business_key": "A"}, {"n": n}, time_to_live="PT1H").status == "kept"
    assert send(engine, "order", {"business_key": "B"}, {"n": 4}).status == "active"
    engine.execute(CompleteTask(first.task_ids[0]), actor("manager"))
    [second] = [i for i in instances(engine, "one", "active") if i.business_key == "A"]
    assert variables(engine, second.id) == {"n": 2}
    engine.execute(TerminateInstance(second.id, "enough"), ADMINISTRATOR)
    [third] = [i for i in instances(engine, "one", "active") if i.business_key == "A"]
    assert variables(engine, third.id) == {"n": 3}


def test_the_next_starts_with_the_worker_when_the_server_died_as_the_first_ended(engine, deploy, clock):
    deploy(ONE_FILE)
    first = send(engine, "order", {"business_key": "A"}, time_to_live="PT1H")
    send(engine, "order", {"business_key": "A"}, time_to_live="PT1H")
    engine.deliver_messages()
    with dying(engine):
        engine.execute(CompleteTask(first.task_ids[0]), actor("manager"))
    clock.advance(minutes=11)
    assert engine.deliver_messages() == 1
    assert len(instances(engine, "one", "active")) == 1


def test_without_keeping_it_a_second_message_finds_nobody(engine, deploy):
    deploy(ONE_FILE)
    send(engine, "order", {"business_key": "A"})
    with pytest.raises(NotFound):
        send(engine, "order", {"business_key": "A"})


def test_twenty_at_once_start_one(engine, deploy):
    deploy(ONE_FILE)

    def attempt(_number: int) -> str | None:
        with suppress(NotFound):
            return str(send(engine, "order", {"business_key": "A"}).instance_id)
        return None

    with ThreadPoolExecutor(20) as pool:
        started = [found for found in pool.map(attempt, range(20)) if found]
    assert len(started) == 1
    assert [i.id for i in instances(engine)] == started


def test_twenty_kept_at_once_start_one_after_the_other(engine, deploy):
    short = process(
        "short",
        node("startEvent", "s", on_message("order"), planflow_uniqueBusinessKey="true") + END + way("s", "e"),
    )
    deploy(file(message("order"), short))
    with ThreadPoolExecutor(20) as pool:
        list(pool.map(lambda _: send(engine, "order", {"business_key": "A"}, time_to_live="PT1H"), range(20)))
    while engine.deliver_messages():
        pass
    assert len(instances(engine, "short", "completed")) == 20
    assert kept(engine) == []


def test_where_the_model_does_not_ask_for_it_each_message_starts_one(engine, deploy):
    deploy(file(message("order"), ONE.replace('planflow:uniqueBusinessKey="true"', "")))
    for _ in range(2):
        send(engine, "order", {"business_key": "A"})
    assert len(instances(engine, "one", "active")) == 2


def test_a_business_key_that_is_no_text_is_refused(engine, deploy):
    deploy(ONE_FILE)
    with pytest.raises(Invalid) as refused:
        send(engine, "order", {"business_key": 7})
    assert [field.field for field in refused.value.fields] == ["correlation.business_key"]


def test_an_instance_that_waits_comes_before_a_process_that_would_be_started(engine, deploy):
    waiting = process(
        "waiting", START + node("receiveTask", "wait", messageRef="order") + END + way("s", "wait", "e")
    )
    deploy(file(message("order"), ONE, waiting))
    there = engine.execute(StartInstance("waiting"), SUPERVISOR)
    assert send(engine, "order").instance_id == there.instance_id
    assert send(engine, "order").instance_id != there.instance_id


def test_a_message_that_was_kept_starts_a_process_deployed_later(engine, deploy):
    send(engine, "order", {"business_key": "A"}, {"n": 1}, time_to_live="P1D")
    deploy(ONE_FILE)
    assert [i.business_key for i in instances(engine, "one")] == ["A"]


def test_a_process_starts_another_on_behalf_of_its_own_starter(engine, deploy):
    sender = process(
        "sender",
        START
        + node("endEvent", "e", inputs(n="1") + on_message("order"), **keys('{"business_key": "A"}'))
        + way("s", "e"),
    )
    deploy(file(message("order"), ONE, sender))
    engine.execute(StartInstance("sender"), SUPERVISOR)
    [started] = instances(engine, "one")
    assert (started.starter, started.business_key) == ("supervisor", "A")
    [first] = events(engine, started.id, "instance.started")
    assert first.actor == "system"


@pytest.mark.parametrize(
    ("body", "element"),
    [
        (node("startEvent", "s", on_message("order"), planflow_uniqueBusinessKey="yes") + END, "s"),
        (node("startEvent", "s", timer("timeCycle", "R/P1D"), planflow_uniqueBusinessKey="true") + END, "s"),
        (START + node("receiveTask", "r", messageRef="order", planflow_uniqueBusinessKey="true") + END, "r"),
        (node("receiveTask", "r", messageRef="order", instantiate="true", **keys("{}")) + END, "r"),
    ],
)
def test_what_would_be_ignored_at_a_start_is_refused(deploy, body, element):
    with pytest.raises(NotDeployable) as refused:
        deploy(bpmn(body, definitions=message("order")))
    assert {(p.element, p.rule) for p in refused.value.problems} == {(element, "bpmn.unknown-option")}


# Timers


def timed(kind: str, text: str, more: str = "") -> bytes:
    return bpmn(node("startEvent", "s", timer(kind, text)) + more + END + way("s", "e"))


def test_a_duration_starts_it_once_in_the_name_of_the_system(engine, deploy, clock):
    deploy(timed("timeDuration", "PT1H"))
    assert engine.fire_due_timers() == 0
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    clock.advance(days=9)
    assert engine.fire_due_timers() == 0
    [started] = instances(engine)
    assert (started.starter, started.status) == ("system", "completed")
    [first] = events(engine, started.id, "instance.started")
    assert first.payload["timer"] == "s"


@pytest.mark.parametrize(
    ("text", "starts"), [("2026-03-03T09:00:00+00:00", 1), ("2026-03-01", 0), ("2025-01-01T00:00:00Z", 0)]
)
def test_a_date_starts_it_unless_it_is_past(engine, deploy, clock, text, starts):
    deploy(timed("timeDate", text))
    clock.advance(days=30)
    assert engine.fire_due_timers() == starts
    assert len(instances(engine)) == starts


def test_a_cycle_goes_on_and_what_was_missed_counts_as_one(engine, deploy, clock):
    deploy(timed("timeCycle", "R/PT1H"))
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    clock.advance(hours=5, minutes=30)
    assert engine.fire_due_timers() == 1
    assert engine.fire_due_timers() == 0
    clock.advance(minutes=30)
    assert engine.fire_due_timers() == 1
    assert len(instances(engine)) == 3


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("R3/PT1H", [1, 2, 3]),
        ("R3/2026-03-02T07:30:00+00:00/PT1H", [0.5]),  # it is nine: two of three are over
        ("R/2026-03-02T07:30:00+00:00/PT2H", [0.5, 2.5, 4.5]),
        ("R3/2026-03-01/PT1H", []),
        ("R2/2026-03-02T10:00:00+00:00/PT2H", [1, 3]),
    ],
)
def test_a_cycle_keeps_step_with_its_beginning_though_that_is_past(engine, deploy, clock, text, hours):
    deploy(timed("timeCycle", text))
    began = clock.now
    for _ in range(10):
        clock.advance(minutes=30)
        engine.fire_due_timers()
    found = sorted((i.started_at - began) / timedelta(hours=1) for i in instances(engine))
    assert found == hours


def test_an_expression_says_when(engine, deploy, clock):
    deploy(timed("timeDate", '="2026-03-0" + str(int(today[9:]) + 2)'))
    clock.advance(days=2)
    assert engine.fire_due_timers() == 1


@pytest.mark.parametrize("text", ["=1 + 1", '="tomorrow"', "=nothing", "=[][3]", "=starter"])
def test_an_expression_that_says_no_time_is_told_by_element(engine, deploy, text):
    with pytest.raises(NotDeployable) as refused:
        deploy(timed("timeDate", text))
    assert [p.element for p in refused.value.problems] == ["s"]
    assert instances(engine) == []


@pytest.mark.parametrize("text", ["R/PT0.5S", '="R/PT0." + "5S"'])
def test_a_cycle_of_less_than_a_second_starts_nothing(engine, deploy, text):
    with pytest.raises(NotDeployable) as refused:
        deploy(timed("timeCycle", text))
    [problem] = refused.value.problems
    assert problem.element == "s"
    assert "less than a second apart" in problem.reason


def test_a_new_version_takes_over(engine, deploy, clock):
    deploy(timed("timeCycle", "R/PT1H"))
    deploy(timed("timeCycle", "R/PT2H"))
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 0
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    assert [i.process_version for i in instances(engine)] == [2]
    deploy(bpmn(START + END + way("s", "e")))
    clock.advance(days=1)
    assert engine.fire_due_timers() == 0


def test_two_workers_start_it_once(engine, deploy, clock):
    deploy(timed("timeDuration", "PT1H"))
    clock.advance(hours=1)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: engine.fire_due_timers(), range(4)))
    assert sum(done) == 1
    assert len(instances(engine)) == 1


def test_one_that_fails_to_start_is_tried_again(engine, deploy, clock):
    deploy(
        bpmn(
            node("startEvent", "s", timer("timeDuration", "PT1H")) + END + way("s", "e"),
            planflow_title="=str(1 // int(now[11:13] != '10'))",
        )
    )
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 0
    with engine.database.read() as session:
        [failed] = engine.queries(session, ADMINISTRATOR).process("p").failed_starts
    assert (failed.element, failed.kind, failed.tried_at) == ("s", "timer", clock.now)
    assert failed.next_try_at == clock.now + timedelta(seconds=10)
    assert "division" in failed.reason
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1


def test_a_timer_that_others_have_fired_meanwhile_is_not_put_off(engine, deploy, clock):
    deploy(timed("timeCycle", "R/PT1M"))
    clock.advance(minutes=1)
    with engine.database.read() as session:
        [number] = due(session, clock.now, (START_TIMER,), 10)
    assert engine.fire_due_timers() == 1
    assert not engine._jobs.run(number)
    clock.advance(minutes=1)
    assert engine.fire_due_timers() == 1
    with engine.database.read() as session:
        assert engine.queries(session, ADMINISTRATOR).failed_starts() == ()


def test_a_script_after_the_start_that_fails_is_an_incident(engine, deploy, clock):
    deploy(
        bpmn(
            node("startEvent", "s", timer("timeDuration", "PT1H"))
            + script("x", "a = 1 // 0")
            + END
            + way("s", "x", "e")
        )
    )
    clock.advance(hours=1)
    assert engine.fire_due_timers() == 1
    with engine.database.read() as session:
        assert [i.element for i in engine.queries(session, ADMINISTRATOR).incidents().items] == ["x"]


def test_the_second_of_two_parallel_starts_joins_the_first(engine, deploy):
    """A process that needs two messages to begin is one instance, by the keys of its conversation (§10.5.2)."""
    gateway = node("eventBasedGateway", "g", instantiate="true", eventGatewayType="Parallel")
    catches = "".join(node("intermediateCatchEvent", f"on_{n}", on_message(n)) for n in ("left", "right"))
    body = (
        gateway
        + catches
        + node("parallelGateway", "join")
        + END
        + way("g", "on_left", "join", "e")
        + way("g", "on_right", "join")
    )
    key = (
        '<bpmn:correlationKey id="k"><bpmn:correlationPropertyRef>order</bpmn:correlationPropertyRef>'
        "</bpmn:correlationKey>"
    )
    paths = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="{n}"><bpmn:messagePath>order</bpmn:messagePath>'
        "</bpmn:correlationPropertyRetrievalExpression>"
        for n in ("left", "right")
    )
    definitions = (
        message("left") + message("right")
        + f'<bpmn:correlationProperty id="order">{paths}</bpmn:correlationProperty>'
        + f'<bpmn:collaboration id="c">{key}</bpmn:collaboration>'
    )  # fmt: skip
    deploy(bpmn(body, definitions=definitions))
    first: Any = send(engine, "left", {}, {"order": 1})
    other = send(engine, "right", {}, {"order": 2})
    assert other.instance_id != first.instance_id
    assert send(engine, "right", {}, {"order": 1}).instance_id == first.instance_id
    assert send(engine, "left", {}, {"order": 2}).status == "completed"
