"""Conditions that start processes: when they become true, once for each time (BPMN 2.0.2 §10.5.2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from engine import Conflict, Database, Engine, Invalid, NotDeployable, StartInstance
from engine.commands import RunJob
from engine.directory import SYSTEM
from engine.storage.tables import job as timers
from tests.engine.conftest import actor
from tests.engine.messaging.models import (
    ADMINISTRATOR,
    SUPERVISOR,
    dying,
    events,
    file,
    instances,
    message,
    on_message,
    process,
    send,
    start,
)
from tests.engine.xml_text import catch, conditional, node, root, script, way, write_to
from tests.engine.xml_text import timer as on_timer

START, END = node("startEvent", "s"), node("endEvent", "e")
STORE = root("dataStore", "stock")
REFERENCE = '<bpmn:dataStoreReference id="ref" dataStoreRef="stock"/>'
LOW = 'var("stock") != None and stock &lt; 10'
WRITER = process(
    "writer",
    '<bpmn:dataStoreReference id="ref" dataStoreRef="stock"/>'
    + START
    + node("task", "put", write_to("writer_ref", inside="<bpmn:transformation>amount</bpmn:transformation>"))
    + END
    + way("s", "put", "e"),
)


def order(condition: str = LOW, more: str = "", **attributes: str) -> str:
    """A process that begins when something is low."""
    body = REFERENCE + node("startEvent", "s", conditional(condition) + more) + END + way("s", "e")
    return process("order", body, **attributes)


def both(condition: str = LOW, more: str = "", **attributes: str) -> bytes:
    return file(STORE, WRITER, order(condition, more, **attributes))


def put(engine, amount: Any) -> None:
    start(engine, "writer", amount=amount)


def orders(engine) -> list[Any]:
    return instances(engine, "order")


def failed(engine) -> tuple[Any, ...]:
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).failed_starts()


def test_it_starts_when_a_data_store_makes_it_true_and_again_after_it_was_false(engine, deploy):
    deploy(both())
    engine.fire_due_timers()
    for amount, begun in ((50, 0), (5, 1), (3, 1), (20, 1), (9, 2)):
        put(engine, amount)
        engine.fire_due_timers()
        assert len(orders(engine)) == begun
    found = orders(engine)[0]
    assert (found.starter, found.status) == ("system", "completed")
    [first] = events(engine, found.id, "instance.started")
    assert first.payload["condition"] == "order_s"


def test_it_is_asked_every_minute_because_time_passes(engine, deploy, clock):
    deploy(file(STORE, order('now[11:16] &gt;= "09:30"')))
    for _minute in range(35):
        engine.fire_due_timers()
        clock.advance(minutes=1)
    assert [i.started_at.strftime("%H:%M") for i in orders(engine)] == ["09:30"]


def test_it_sees_the_day_and_starts_once_a_day(engine, deploy, clock):
    deploy(file(STORE, order('today[8:] == "03" or now[11:13] == "12"')))
    for _hour in range(48):
        engine.fire_due_timers()
        clock.advance(hours=1)
    assert sorted(i.started_at.strftime("%d %H") for i in orders(engine)) == ["02 12", "03 00"]


def test_between_two_askings_nothing_is_done(engine, deploy, clock):
    deploy(file(STORE, order("False")))
    assert engine.fire_due_timers() == 1
    assert engine.fire_due_timers() == 0
    clock.advance(seconds=59)
    assert engine.fire_due_timers() == 0
    clock.advance(seconds=1)
    assert engine.fire_due_timers() == 1


def test_one_that_is_true_already_when_the_process_begins_to_listen_starts_it(engine, deploy):
    deploy(file(STORE, order("True")))
    engine.fire_due_timers()
    assert len(orders(engine)) == 1


def test_a_new_version_takes_over_what_the_condition_was(engine, deploy, clock):
    deploy(file(STORE, order("True")))
    engine.fire_due_timers()
    deploy(file(STORE, order("True").replace("order_e", "order_end")))
    engine.fire_due_timers()
    assert [i.process_version for i in orders(engine)] == [1]
    deploy(file(STORE, order("1 == 1")))
    engine.fire_due_timers()
    assert sorted(i.process_version for i in orders(engine)) == [1, 3]
    clock.advance(minutes=5)
    engine.fire_due_timers()
    assert len(orders(engine)) == 2


def test_a_version_without_it_is_not_started_by_it_any_more(engine, deploy, clock):
    deploy(file(STORE, order('today == "2026-03-03"')))
    engine.fire_due_timers()
    deploy(file(process("order", START + END + way("s", "e"))))
    clock.advance(days=1)
    assert engine.fire_due_timers() == 0
    assert orders(engine) == []


def test_the_version_that_is_there_when_it_becomes_true_is_started(engine, deploy):
    deploy(both())
    put(engine, 50)
    engine.fire_due_timers()
    deploy(both().replace(b"order_e", b"order_end"))
    put(engine, 5)
    engine.fire_due_timers()
    assert [i.process_version for i in orders(engine)] == [2]


def test_four_workers_start_one_for_each_time(engine, deploy):
    deploy(both())
    for amount in (5, 50, 5, 50, 5):
        put(engine, amount)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: engine.fire_due_timers(), range(4)))
    assert len(orders(engine)) == 3
    assert failed(engine) == ()


def test_two_servers_start_one_and_a_third_that_comes_later_none(engine, deploy, clock, sandbox):
    """Each with connections of its own to the database; the third is the first after a restart."""
    deploy(both())
    put(engine, 5)
    servers = [
        Engine(Database(engine.database.url), engine.directory, {}, clock=clock, sandbox=sandbox)
        for _ in range(3)
    ]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(Engine.fire_due_timers, servers[:2]))
    clock.advance(minutes=1)
    servers[2].fire_due_timers()
    assert len(orders(engine)) == 1
    for server in servers:
        server.database.close()


def test_writers_workers_and_a_new_version_do_not_hold_each_other_up(engine, deploy, clock):
    """What starts takes from the same store that everybody writes, and puts something back."""
    refill = node(
        "task", "fill", write_to("order_ref", inside="<bpmn:transformation>50</bpmn:transformation>")
    )
    body = REFERENCE + node("startEvent", "s", conditional(LOW)) + refill + END + way("s", "fill", "e")
    deploy(file(STORE, WRITER, process("order", body)))

    def work(number: int) -> None:
        if number % 8 == 7:
            deploy(file(STORE, WRITER, process("order", body.replace('"e"', f'"e{number}"'))))
        elif number % 2:
            engine.fire_due_timers()
        else:
            put(engine, number % 3 * 8)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(48)))
    engine.fire_due_timers()
    assert orders(engine)
    assert {i.status for i in orders(engine)} == {"completed"}
    assert failed(engine) == ()


def test_what_was_written_when_the_server_died_is_seen_within_a_minute(engine, deploy, clock, monkeypatch):
    deploy(both())
    engine.fire_due_timers()
    with dying(engine), monkeypatch.context() as dead:
        dead.setattr(engine, "_tell_conditions", lambda _mail: None)
        put(engine, 5)
    assert engine.fire_due_timers() == 0
    clock.advance(minutes=1)
    engine.fire_due_timers()
    assert len(orders(engine)) == 1


def test_a_store_that_is_written_by_what_a_message_sets_off_is_noticed(engine, deploy):
    body = '<bpmn:dataStoreReference id="ref" dataStoreRef="stock"/>'
    put_in = write_to("told_ref", inside="<bpmn:transformation>amount</bpmn:transformation>")
    told = process(
        "told",
        body + node("startEvent", "s", on_message("sold")) + node("task", "put", put_in) + way("s", "put"),
    )
    deploy(file(STORE, message("sold"), told, order()))
    engine.fire_due_timers()
    send(engine, "sold", {}, {"amount": 1})
    engine.fire_due_timers()
    assert len(orders(engine)) == 1


def test_after_downtime_it_starts_one_at_most(engine, deploy, clock):
    deploy(file(STORE, order("int(now[11:13]) % 2 == 0")))
    engine.fire_due_timers()
    clock.advance(hours=9)
    engine.fire_due_timers()
    assert engine.fire_due_timers() == 0
    assert len(orders(engine)) == 1


# What goes wrong


def test_one_that_fails_is_told_with_its_reason_and_put_off_longer_each_time(engine, deploy, clock):
    deploy(both("stock &lt; 10"))
    assert engine.fire_due_timers() == 0
    [told] = failed(engine)
    assert (told.process_key, told.element, told.element_name, told.kind) == (
        "order",
        "order_s",
        "s",
        "condition",
    )
    assert "NoneType" in told.reason
    assert (told.tried_at, (told.next_try_at - clock.now).total_seconds()) == (clock.now, 10)
    clock.advance(seconds=10)
    engine.fire_due_timers()
    [told] = failed(engine)
    assert (told.next_try_at - clock.now).total_seconds() == 20
    assert orders(engine) == []


def test_one_that_has_failed_is_asked_at_once_when_its_store_is_filled(engine, deploy):
    deploy(both("stock &lt; 10"))
    engine.fire_due_timers()
    put(engine, 5)
    engine.fire_due_timers()
    assert len(orders(engine)) == 1
    assert failed(engine) == ()


def test_a_process_that_could_not_begin_is_owed(engine, deploy, clock):
    """The change was noticed, and is not forgotten because the process could not begin at that moment."""
    deploy(both(planflow_title="=str(1 // int(now[11:13] != '09'))"))
    put(engine, 5)
    engine.fire_due_timers()
    assert ["division" in each.reason for each in failed(engine)] == [True]
    clock.advance(hours=1)
    engine.fire_due_timers()
    engine.fire_due_timers()
    assert len(orders(engine)) == 1
    assert failed(engine) == ()


@pytest.mark.parametrize("condition", ['bpmn_error("LOW", "too low")', 'fail("no")', "1 // 0", "[][1]"])
def test_whatever_a_condition_does_instead_of_answering_is_told(engine, deploy, condition):
    deploy(file(STORE, order(condition.replace('"', "&quot;"))))
    assert engine.fire_due_timers() == 0
    assert [each.element for each in failed(engine)] == ["order_s"]


def test_others_do_not_see_what_has_failed(engine, deploy):
    deploy(file(STORE, order("1 // 0")))
    engine.fire_due_timers()
    with engine.database.read() as session:
        assert engine.queries(session, ADMINISTRATOR).process("order").failed_starts == failed(engine)
        assert engine.queries(session, SUPERVISOR).process("order").failed_starts == ()


def test_nobody_hurries_it_along(engine, deploy):
    deploy(file(STORE, order("False")))
    engine.fire_due_timers()
    with engine.database.read() as session:
        [number] = session.scalars(select(timers.c.id))
    with pytest.raises(Conflict):
        engine.execute(RunJob(number), SYSTEM)


@pytest.mark.parametrize(
    "name", ["amount", "starter", "instance_id", "business_key", "stok", "loopCounter", "order_s"]
)
def test_a_name_that_cannot_be_there_before_the_process_is_refused(deploy, name):
    with pytest.raises(NotDeployable) as refused:
        deploy(file(STORE, order(f"{name} == 1")))
    assert [(p.element, p.rule) for p in refused.value.problems] == [("order_s", "bpmn.undefined-variable")]


def test_a_store_that_only_a_sub_process_refers_to_is_not_there(deploy):
    inside = REFERENCE + node("task", "t")
    sub = node("subProcess", "sub", inside)
    start_event = node("startEvent", "s", conditional("stock == 1"))
    with pytest.raises(NotDeployable):
        deploy(file(STORE, process("order", start_event + sub + way("s", "sub"))))


def test_a_store_whose_name_is_no_name_of_a_variable_is_read_with_var(engine, deploy):
    store = STORE.replace('name="stock"', 'name="Stock, all"')
    deploy(file(store, WRITER, order("var(&quot;Stock, all&quot;) == 7")))
    put(engine, 7)
    engine.fire_due_timers()
    assert len(orders(engine)) == 1


def test_it_is_not_started_by_hand(engine, deploy):
    deploy(file(STORE, order("False")))
    with pytest.raises(Invalid, match="by an event"):
        engine.execute(StartInstance("order"), SUPERVISOR)


# Beside other events


def test_one_of_several_events_is_enough(engine, deploy, clock):
    more = on_message("go") + on_timer("timeDuration", "PT1H") + conditional('now[11:13] == "11"')
    deploy(file(STORE, message("go"), order('now[11:13] == "12"', more)))
    send(engine, "go")
    for _hour in range(4):
        engine.fire_due_timers()
        clock.advance(hours=1)
    begun = [events(engine, i.id, "instance.started")[0].payload for i in orders(engine)]
    kinds = [next(k for k in ("message", "timer", "condition") if k in payload) for payload in begun]
    assert sorted(kinds) == ["condition", "condition", "message", "timer"]


def test_it_may_stand_behind_a_gateway_that_starts_the_process(engine, deploy):
    body = (
        REFERENCE
        + node("eventBasedGateway", "g", instantiate="true")
        + catch("low", conditional(LOW))
        + catch("told", on_message("go"))
        + script("after", "a = 1")
        + END
        + way("g", "low", "after", "e")
        + way("g", "told", "after")
    )
    deploy(file(STORE, message("go"), WRITER, process("order", body)))
    put(engine, 5)
    engine.fire_due_timers()
    [found] = orders(engine)
    assert (found.status, events(engine, found.id, "instance.started")[0].payload["condition"]) == (
        "completed",
        "order_low",
    )
    send(engine, "go")
    assert len(orders(engine)) == 2


def test_it_goes_on_with_what_it_reads_from_the_store(engine, deploy):
    read = (
        '<bpmn:property id="held" name="held"/><bpmn:dataInputAssociation><bpmn:sourceRef>order_ref</bpmn:sourceRef>'
        "<bpmn:targetRef>order_held</bpmn:targetRef></bpmn:dataInputAssociation>"
    )
    work = node("userTask", "work", read, planflow_assignee="manager", planflow_priority="=held")
    body = REFERENCE + node("startEvent", "s", conditional(LOW)) + work + END + way("s", "work", "e")
    deploy(file(STORE, WRITER, process("order", body)))
    put(engine, 5)
    engine.fire_due_timers()
    with engine.database.read() as session:
        [task] = engine.queries(session, actor("manager")).tasks().items
    assert task.priority == 5


def test_a_trial_begins_as_if_the_condition_had_come_true(trial):
    found = trial(file(STORE, order()))
    assert found.state == "completed"
    assert [step["element"] for step in found.trace if step["event"] == "completed"] == ["order_s", "order_e"]
