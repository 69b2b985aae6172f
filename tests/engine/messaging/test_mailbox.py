"""Messages between instances, and those kept for somebody who begins to wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from random import Random
from typing import Any

import pytest

from engine import (
    Conflict,
    Forbidden,
    ForgetMessage,
    Invalid,
    NotFound,
    StartInstance,
    TerminateInstance,
    Worker,
    history,
)
from engine.commands import DeliverMessage
from engine.directory import SYSTEM
from engine.messaging.due import BATCH, FIRST_RETRY
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
    start,
    variables,
)
from tests.engine.xml_text import node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")
SENDER = process(
    "sender",
    START
    + node(
        "sendTask",
        "tell",
        inputs(amount="amount"),
        messageRef="paid",
        **keys('{"order": order}'),
    )
    + END
    + way("s", "tell", "e"),
)
RECEIVER = process(
    "receiver",
    START
    + node("receiveTask", "wait", messageRef="paid", **keys('{"order": order}'))
    + END
    + way("s", "wait", "e"),
)
BOTH = file(message("paid"), SENDER, RECEIVER)


@pytest.fixture
def without_delivery(engine):
    with dying(engine):
        yield


def test_a_message_reaches_the_instance_with_its_keys_and_no_other(engine, deploy):
    deploy(BOTH)
    waiting = {order: start(engine, "receiver", order=order).instance_id for order in (1, 2, 3)}
    start(engine, "sender", order=2, amount=20)
    assert [i.id for i in instances(engine, "receiver", "completed")] == [waiting[2]]
    assert variables(engine, waiting[2]) == {"order": 2, "amount": 20}
    assert kept(engine) == []


def test_a_message_waits_for_its_receiver(engine, deploy):
    deploy(BOTH)
    start(engine, "sender", order=1, amount=10)
    assert [(m.name, m.correlation, m.kind) for m in kept(engine)] == [("paid", {"order": 1}, "message")]
    assert start(engine, "receiver", order=2).status == "active"
    received = start(engine, "receiver", order=1)
    assert variables(engine, received.instance_id)["amount"] == 10
    assert kept(engine) == []


def test_of_several_messages_that_were_kept_the_oldest_comes_first(engine, deploy):
    deploy(BOTH)
    for amount in (1, 2):
        start(engine, "sender", order=1, amount=amount)
    found = [start(engine, "receiver", order=1).instance_id for _ in range(2)]
    assert [variables(engine, each)["amount"] for each in found] == [1, 2]


def test_history_tells_of_both_ends(engine, deploy):
    deploy(BOTH)
    waiting = start(engine, "receiver", order=1)
    sent = start(engine, "sender", order=1, amount=5)
    [thrown] = events(engine, sent.instance_id, "message.thrown")
    assert thrown.payload["message"] == "paid"
    assert (thrown.payload["correlation"], thrown.payload["payload"]) == ({"order": 1}, {"amount": 5})
    [received] = events(engine, waiting.instance_id, "message.received")
    assert (received.payload["message"], received.payload["correlation"]) == ("paid", {"order": 1})
    assert received.actor == "system"
    with engine.database.read() as session:
        assert list(history.verify(session)) == []


def test_what_a_dead_server_had_sent_is_delivered_by_the_worker(engine, deploy, without_delivery):
    deploy(BOTH)
    waiting = start(engine, "receiver", order=1)
    start(engine, "sender", order=1, amount=5)
    assert instances(engine, "receiver", "active") != []
    assert engine.deliver_messages() == 1
    assert variables(engine, waiting.instance_id)["amount"] == 5
    assert engine.deliver_messages() == 0


def test_who_began_to_wait_when_the_server_died_gets_what_was_kept(engine, deploy, clock):
    deploy(BOTH)
    start(engine, "sender", order=1, amount=5)
    assert engine.deliver_messages() == 0  # nobody waits: put aside for a while
    with dying(engine):
        start(engine, "receiver", order=1)
    clock.advance(minutes=2)
    assert engine.deliver_messages() == 1


def test_two_workers_deliver_a_message_once(engine, deploy, without_delivery):
    deploy(BOTH)
    for order in range(6):
        start(engine, "receiver", order=order)
        start(engine, "sender", order=order, amount=order)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: engine.deliver_messages(), range(4)))
    assert sum(done) == 6
    received = [e for i in instances(engine, "receiver") for e in events(engine, i.id, "message.received")]
    assert len(received) == 6


def test_nobody_but_the_engine_delivers(engine, deploy):
    with pytest.raises(Forbidden):
        engine.execute(DeliverMessage(1), ADMINISTRATOR)
    assert engine.execute(DeliverMessage(1), SYSTEM).status == "gone"


def test_a_message_that_cannot_be_taken_is_put_off_and_keeps_nobody_waiting(engine, deploy, clock):
    poison = SENDER.replace('name="amount"', 'name="starter"').replace("sender", "poison")
    deploy(file(message("paid"), poison, SENDER, RECEIVER))
    first = start(engine, "receiver", order=1)
    start(engine, "poison", order=1, amount=5)
    [left] = kept(engine)
    assert left.attempts == 1
    assert "starter" in left.error
    assert instances(engine, "receiver", "active") != []
    other = start(engine, "receiver", order=2)
    start(engine, "sender", order=2, amount=7)
    assert variables(engine, other.instance_id)["amount"] == 7
    start(engine, "sender", order=1, amount=8)
    assert variables(engine, first.instance_id)["amount"] == 8
    for _ in range(3):
        clock.advance(hours=1)
        engine.deliver_messages()
    assert kept(engine)[0].attempts == 1  # nobody waits for it any more


def test_it_is_tried_again_after_a_while_that_grows(engine, deploy, clock):
    poison = SENDER.replace('name="amount"', 'name="starter"')
    deploy(file(message("paid"), poison, RECEIVER))
    start(engine, "receiver", order=1)
    start(engine, "sender", order=1, amount=5)
    tries = []
    for _ in range(60):
        engine.deliver_messages()
        tries.append(kept(engine)[0].attempts)
        clock.advance(seconds=FIRST_RETRY.total_seconds() / 2)
    assert tries[0] == 1
    assert tries == sorted(tries)
    assert tries[-1] == 5  # after 10, 20, 40, 80 s


def test_a_script_that_fails_after_a_message_is_an_incident_of_its_receiver(engine, deploy):
    failing = process(
        "receiver",
        START
        + node("receiveTask", "wait", messageRef="paid", **keys('{"order": order}'))
        + script("break", "x = 1 // (amount - 5)")
        + END
        + way("s", "wait", "break", "e"),
    )
    deploy(file(message("paid"), SENDER, failing))
    waiting = start(engine, "receiver", order=1)
    start(engine, "sender", order=1, amount=5)
    assert kept(engine) == []
    with engine.database.read() as session:
        [found] = engine.queries(session, ADMINISTRATOR).incidents().items
    assert (found.instance_id, found.element) == (waiting.instance_id, "receiver_break")


def test_a_mapping_that_cannot_read_a_message_from_outside_is_told_to_the_sender(engine, deploy):
    wants = (
        "<bpmn:extensionElements><planflow:outputs>"
        '<planflow:output name="sum" value="=message[&quot;sum&quot;]"/>'
        "</planflow:outputs></bpmn:extensionElements>"
    )
    body = START + node("receiveTask", "wait", wants, messageRef="paid") + END + way("s", "wait", "e")
    deploy(file(message("paid"), process("receiver", body)))
    waiting = start(engine, "receiver")
    with pytest.raises(Invalid, match="cannot be taken"):
        send(engine, "paid", {}, {"total": 1})
    send(engine, "paid", {}, {"sum": 1})
    assert variables(engine, waiting.instance_id) == {"sum": 1}


def test_a_receiver_that_has_ended_meanwhile_is_passed_over(engine, deploy, without_delivery):
    deploy(BOTH)
    gone, next_one = (start(engine, "receiver", order=1) for _ in range(2))
    start(engine, "sender", order=1, amount=5)
    engine.execute(TerminateInstance(gone.instance_id, "not needed"), ADMINISTRATOR)
    assert engine.deliver_messages() == 1
    assert variables(engine, next_one.instance_id)["amount"] == 5


def test_a_receiver_that_ends_at_that_very_moment_loses_nothing(engine, deploy):
    deploy(BOTH)
    for order in range(5):
        waiting = [start(engine, "receiver", order=order) for _ in range(3)]
        with ThreadPoolExecutor(4) as pool:
            ends = [
                pool.submit(engine.execute, TerminateInstance(each.instance_id, "no"), ADMINISTRATOR)
                for each in waiting[:2]
            ]
            pool.submit(start, engine, "sender", order=order, amount=5).result()
        assert all(isinstance(end.exception(), Conflict | NotFound | None) for end in ends)
    while engine.deliver_messages():
        pass
    received = [e for i in instances(engine, "receiver") for e in events(engine, i.id, "message.received")]
    assert len(received) == 5
    assert kept(engine) == []


# From outside


def test_a_message_from_outside_is_kept_as_long_as_it_says(engine, deploy, clock):
    deploy(BOTH)
    answer = send(engine, "paid", {"order": 1}, {"amount": 3}, time_to_live="PT1H")
    assert (answer.status, answer.instance_id) == ("kept", "")
    [waiting] = kept(engine)
    assert (waiting.expires_at - waiting.sent_at).total_seconds() == 3600
    received = start(engine, "receiver", order=1)
    assert variables(engine, received.instance_id)["amount"] == 3
    send(engine, "paid", {"order": 2}, {"amount": 4}, time_to_live="PT1H")
    clock.advance(hours=1)
    assert start(engine, "receiver", order=2).status == "active"
    assert instances(engine, "receiver", "active") != []
    assert engine.deliver_messages() == 0
    assert engine.forget_expired_messages() == 1
    assert engine.forget_expired_messages() == 0


@pytest.mark.parametrize("time_to_live", [None, "PT0S", "P0D"])
def test_without_a_time_to_live_a_message_needs_somebody_who_waits(engine, deploy, time_to_live):
    deploy(BOTH)
    with pytest.raises(NotFound):
        send(engine, "paid", {"order": 1}, time_to_live=time_to_live)


@pytest.mark.parametrize(
    "text", ["", "1h", "P", "PT", "-PT1H", "P1.5D", "P400D", "P9999Y", "PT999999999H", "=x"]
)
def test_a_time_to_live_that_is_none_is_refused_by_its_field(engine, deploy, text):
    deploy(BOTH)
    start(engine, "receiver", order=1)
    with pytest.raises(Invalid) as refused:
        send(engine, "paid", {"order": 1}, time_to_live=text)
    assert [field.field for field in refused.value.fields] == ["time_to_live"]


@pytest.mark.parametrize(
    "correlation", [{str(n): n for n in range(101)}, {"a": "x" * 10_001}], ids=["many", "large"]
)
def test_keys_that_could_not_be_compared_are_refused_by_their_field(engine, deploy, correlation):
    deploy(BOTH)
    with pytest.raises(Invalid) as refused:
        send(engine, "paid", correlation, time_to_live="PT1H")
    assert [field.field for field in refused.value.fields] == ["correlation"]
    with pytest.raises(Invalid):
        start(engine, "sender", order="x" * 10_001, amount=1)


def test_more_keys_than_are_looked_up_are_compared_one_by_one(engine, deploy):
    deploy(BOTH)
    many = {f"key_{number}": number for number in range(20)}
    send(engine, "paid", {**many, "order": 1}, {"amount": 1}, time_to_live="PT1H")
    assert start(engine, "receiver", order=2).status == "active"
    received = start(engine, "receiver", order=1)
    assert variables(engine, received.instance_id)["amount"] == 1


def test_an_administrator_throws_a_message_away(engine, deploy):
    deploy(BOTH)
    send(engine, "paid", {"order": 1}, time_to_live="PT1H")
    [waiting] = kept(engine)
    with pytest.raises(Forbidden):
        engine.execute(ForgetMessage(waiting.id), SUPERVISOR)
    engine.execute(ForgetMessage(waiting.id), ADMINISTRATOR)
    assert kept(engine) == []
    with pytest.raises(NotFound):
        engine.execute(ForgetMessage(waiting.id), ADMINISTRATOR)


@pytest.mark.parametrize("user", ["supervisor", "manager", "designer"])
def test_what_is_kept_is_not_for_everybody_to_see(engine, user):
    with engine.database.read() as session, pytest.raises(Forbidden):
        engine.queries(session, actor(user)).messages()


def test_a_command_said_twice_sends_once(engine, deploy):
    deploy(BOTH)
    for _ in range(2):
        engine.execute(StartInstance("sender", {"order": 1, "amount": 1}), SUPERVISOR, "once")
    assert len(kept(engine)) == 1


def test_a_command_that_fails_sends_nothing(engine, deploy):
    deploy(
        file(
            message("paid"),
            SENDER.replace(
                "<planflow:inputs>", '<planflow:inputs><planflow:input name="b" value="=nothing"/>'
            ),
        )
    )
    start(engine, "sender", order=1, amount=1)
    assert kept(engine) == []


def test_the_command_is_done_even_if_its_messages_cannot_be_delivered_now(engine, deploy, monkeypatch):
    deploy(BOTH)
    start(engine, "receiver", order=1)

    def away(*arguments):
        raise RuntimeError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(engine._postman, "_set_off", away)
        assert start(engine, "sender", order=1, amount=1).status == "completed"
    assert engine.deliver_messages() == 1


def test_whatever_happens_at_once_each_message_arrives_once(engine, deploy):
    """Senders, receivers, people who end them, and workers: nothing is lost or doubled, and nobody blocks for ever."""
    deploy(BOTH)
    doings: list[Any] = []
    for order in range(8):
        doings += 2 * [lambda order=order: start(engine, "receiver", order=order)]
        doings += 2 * [lambda order=order: start(engine, "sender", order=order, amount=1)]
        doings += [engine.deliver_messages, engine.forget_expired_messages]
    doings += 6 * [lambda: end_one(engine)]
    Random(7).shuffle(doings)  # noqa: S311
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda doing: doing(), doings))
    while engine.deliver_messages():
        pass
    received = [e for i in instances(engine, "receiver") for e in events(engine, i.id, "message.received")]
    waiting = {variables(engine, i.id)["order"] for i in instances(engine, "receiver", "active")}
    assert len(received) + len(kept(engine)) == 16
    assert not waiting & {m.correlation["order"] for m in kept(engine)}
    with engine.database.read() as session:
        assert list(history.verify(session)) == []


def end_one(engine) -> None:
    """Somebody ends a receiver that waits, if there is one."""
    found = instances(engine, "receiver", "active")
    with suppress(Conflict):
        if found:
            engine.execute(TerminateInstance(found[0].id, "not needed"), ADMINISTRATOR)


# A chain that never ends

PING = process(
    "pinger",
    node("startEvent", "s", on_message("ping")) + node("endEvent", "e", on_message("pong")) + way("s", "e"),
)
PONG = process(
    "ponger",
    node("startEvent", "s", on_message("pong")) + node("endEvent", "e", on_message("ping")) + way("s", "e"),
)


def test_a_chain_without_end_is_bounded_in_a_command_and_goes_on_in_the_worker(engine, deploy):
    deploy(file(message("ping"), message("pong"), PING, PONG))
    send(engine, "ping")
    first = len(instances(engine))
    assert 20 < first <= 60
    assert engine.deliver_messages() == 100
    assert len(instances(engine)) == min(first + 100, 200)


def test_a_worker_that_is_kept_busy_by_messages_still_fires_timers(engine, deploy, clock):
    from tests.engine.xml_text import timer

    due = process("due", node("startEvent", "s", timer("timeCycle", "R/PT1M")) + END + way("s", "e"))
    deploy(file(message("ping"), message("pong"), PING, PONG, due))
    send(engine, "ping")
    clock.advance(minutes=1)
    worker = Worker(engine)
    worker._work()
    assert len(instances(engine, "due")) == 1


def test_what_is_expired_is_thrown_away_by_the_worker_batch_by_batch(engine, deploy, clock, monkeypatch):
    assert BATCH == 1_000
    monkeypatch.setattr("engine.messaging.due.BATCH", 2)
    deploy(BOTH)
    for order in range(5):
        send(engine, "paid", {"order": order}, time_to_live="PT1M")
    clock.advance(minutes=1)
    Worker(engine)._work()
    with engine.database.read() as session:
        from sqlalchemy import func, select

        from engine.storage.tables import message as rows
        from engine.storage.tables import message_key

        assert session.scalar(select(func.count()).select_from(rows)) == 0
        assert session.scalar(select(func.count()).select_from(message_key)) == 0


# What it costs


def test_what_is_kept_costs_nothing_to_those_who_ask_for_something_else(engine, deploy):
    deploy(BOTH)
    start(engine, "receiver", order=0)
    for order in range(1, 30):
        send(engine, "paid", {"order": order}, time_to_live="PT1H")
    engine.deliver_messages()
    with engine.database.counting() as idle:
        assert engine.deliver_messages() == 0
    assert idle.statements == 2
    with engine.database.counting() as counts:
        start(engine, "receiver", order=100)
    assert counts.statements <= 16
    assert counts.commits <= 2


def test_many_messages_at_once_take_few_statements_to_send(engine, deploy):
    loop = (
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>40</bpmn:loopCardinality>"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )
    body = (
        START
        + node("sendTask", "tell", loop, messageRef="paid", **keys('{"order": loopCounter}'))
        + END
        + way("s", "tell", "e")
    )
    deploy(file(message("paid"), process("sender", body)))
    with engine.database.counting() as counts:
        start(engine, "sender")
    assert len(kept(engine)) == 40
    assert counts.statements <= 12
