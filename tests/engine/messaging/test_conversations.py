"""Conversations of several messages between two processes, by BPMN's own correlation (BPMN 2.0.2 §8.4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from engine import CompleteTask, Invalid, NotDeployable, NotFound
from tests.engine.conftest import actor
from tests.engine.messaging.models import (
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
ORDER_KEY = (
    '<bpmn:correlationKey id="by_order"><bpmn:correlationPropertyRef>order_id</bpmn:correlationPropertyRef>'
    "</bpmn:correlationKey>"
)


def prop(element: str, **paths: str) -> str:
    """A correlation property with the path to it in each message."""
    retrievals = "".join(
        f'<bpmn:correlationPropertyRetrievalExpression messageRef="{name}"><bpmn:messagePath>{path}'
        "</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
        for name, path in paths.items()
    )
    return (
        f'<bpmn:correlationProperty id="{element}" name="{element}">{retrievals}</bpmn:correlationProperty>'
    )


def bound(element: str, path: str) -> str:
    """A correlation subscription that binds a property to the data of its process."""
    return (
        '<bpmn:correlationSubscription correlationKeyRef="by_order"><bpmn:correlationPropertyBinding'
        f' correlationPropertyRef="{element}"><bpmn:dataPath>{path}</bpmn:dataPath>'
        "</bpmn:correlationPropertyBinding></bpmn:correlationSubscription>"
    )


def collaboration(*flows: tuple[str, str], inside: str = "") -> str:
    drawn = "".join(
        f'<bpmn:messageFlow id="flow_{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(flows)
    )
    return f'<bpmn:collaboration id="together">{drawn}{inside}</bpmn:collaboration>'


BUYER = process(
    "buyer",
    START
    + node("sendTask", "ask", inputs(id="order", wants="goods"), messageRef="request")
    + node("receiveTask", "offered", messageRef="offer")
    + node("sendTask", "accept", inputs(order="order"), messageRef="order")
    + node("receiveTask", "delivered", messageRef="delivery")
    + END
    + way("s", "ask", "offered", "accept", "delivered", "e"),
)
SELLER = process(
    "seller",
    node("startEvent", "s", on_message("request"))
    + node("userTask", "price", planflow_assignee="manager")
    + node("sendTask", "offer", inputs(number="id", price="price"), messageRef="offer")
    + node("receiveTask", "ordered", messageRef="order")
    + node("userTask", "pack", planflow_assignee="manager")
    + node("sendTask", "deliver", inputs(about='{"order": id}', parcel="wants"), messageRef="delivery")
    + END
    + way("s", "price", "offer", "ordered", "pack", "deliver", "e"),
)
PATHS = prop("order_id", request="id", offer="number", order="order", delivery='about["order"]')
TRADE = file(
    *map(message, ("request", "offer", "order", "delivery")),
    PATHS,
    collaboration(inside=ORDER_KEY),
    BUYER,
    SELLER,
)


def finish(engine, element: str, order: int, **given: Any) -> None:
    """The manager does this task of the seller of an order."""
    with engine.database.read() as session:
        tasks = engine.queries(session, actor("manager")).tasks(limit=100).items
    for task in tasks:
        if task.element == element and variables(engine, task.instance_id)["id"] == order:
            engine.execute(CompleteTask(task.id, given), actor("manager"))


def test_two_pairs_that_talk_at_once_do_not_mix_up_their_messages(engine, deploy):
    deploy(TRADE)
    buyers = {order: start(engine, "buyer", order=order, goods=f"goods {order}") for order in (1, 2)}
    assert len(instances(engine, "seller")) == 2
    finish(engine, "seller_price", 2, price=22)
    finish(engine, "seller_price", 1, price=11)
    finish(engine, "seller_pack", 2)
    [done] = instances(engine, "buyer", "completed")
    assert done.id == buyers[2].instance_id
    finish(engine, "seller_pack", 1)
    for order, started in buyers.items():
        found = variables(engine, started.instance_id)
        assert (found["price"], found["parcel"]) == (order * 11, f"goods {order}")
    assert {i.status for i in instances(engine)} == {"completed"}
    assert kept(engine) == []


def test_the_first_message_fills_in_the_key_that_the_next_must_carry(engine, deploy):
    deploy(TRADE)
    start(engine, "buyer", order=1, goods="tea")
    with pytest.raises(NotFound):
        send(engine, "offer", {}, {"number": 2, "price": 1})
    with pytest.raises(NotFound):
        send(engine, "offer", {"order_id": 2}, {"price": 1})
    send(engine, "offer", {"order_id": 1}, {"price": 1})


def test_a_message_from_outside_is_matched_by_what_its_path_leads_to(engine, deploy):
    deploy(TRADE)
    first, second = (start(engine, "buyer", order=order, goods="tea").instance_id for order in (1, 2))
    done = send(engine, "offer", {}, {"number": 2, "price": 9})
    assert done.instance_id == second
    assert "price" not in variables(engine, first)


def test_a_process_started_from_outside_expects_the_key_that_it_was_started_with(engine, deploy):
    deploy(TRADE)
    for order in (1, 2):
        send(engine, "request", {}, {"id": order, "wants": "tea"})
    finish(engine, "seller_price", 1, price=1)
    finish(engine, "seller_price", 2, price=2)
    got = send(engine, "order", {"order_id": 2}, {})
    assert variables(engine, got.instance_id)["id"] == 2
    with pytest.raises(NotFound):
        send(engine, "order", {"order_id": 3})


def test_a_message_that_lacks_its_key_starts_nothing(engine, deploy):
    deploy(TRADE)
    with pytest.raises(Invalid, match="cannot be taken"):
        send(engine, "request", {}, {"wants": "tea"})
    assert instances(engine) == []


def test_whoever_waits_already_asks_for_a_key_that_is_filled_in_later(engine, deploy):
    both = process(
        "both",
        START
        + node("parallelGateway", "fork")
        + node("receiveTask", "early", messageRef="offer")
        + node("userTask", "first", planflow_assignee="manager")
        + node("sendTask", "ask", inputs(id="order"), messageRef="request")
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "early", "join", "e")
        + way("fork", "first", "ask", "join"),
    )
    deploy(
        file(message("request"), message("offer"), prop("order_id", request="id", offer="number"),
             collaboration(inside=ORDER_KEY), both)
    )  # fmt: skip
    started = start(engine, "both", order=5)
    engine.execute(CompleteTask(started.task_ids[0]), actor("manager"))
    with pytest.raises(NotFound):
        send(engine, "offer", {"order_id": 4})
    assert send(engine, "offer", {"order_id": 5}).status == "completed"


def test_a_subscription_binds_a_key_to_data_and_follows_it(engine, deploy):
    """Context-based correlation: the key changes with the data of the process (§8.4.2)."""
    bound_process = process(
        "bound",
        bound("order_id", "order")
        + START
        + node("parallelGateway", "fork")
        + node("receiveTask", "wait", messageRef="offer")
        + node("userTask", "change", planflow_assignee="manager")
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "wait", "join", "e")
        + way("fork", "change", "join"),
    )
    deploy(
        file(
            message("offer"), prop("order_id", offer="number"), collaboration(inside=ORDER_KEY), bound_process
        )
    )
    started = start(engine, "bound", order=1)
    send(engine, "offer", {"order_id": 2}, {"price": 2}, time_to_live="PT1H")
    with pytest.raises(NotFound):
        send(engine, "offer", {"order_id": 3})
    engine.execute(CompleteTask(started.task_ids[0], {"order": 2}), actor("manager"))
    assert variables(engine, started.instance_id) == {"order": 2, "price": 2}
    assert instances(engine, "bound", "completed") != []


def test_keys_of_the_model_and_of_planflow_must_all_match(engine, deploy):
    two = process(
        "two",
        bound("order_id", "order")
        + START
        + node("receiveTask", "wait", messageRef="offer", **keys('{"shop": shop}'))
        + END
        + way("s", "wait", "e"),
    )
    deploy(file(message("offer"), prop("order_id", offer="number"), collaboration(inside=ORDER_KEY), two))
    start(engine, "two", order=1, shop="north")
    for wrong in (
        {"order_id": 1},
        {"shop": "north"},
        {"order_id": 1, "shop": "south"},
        {"order_id": 2, "shop": "north"},
    ):
        with pytest.raises(NotFound):
            send(engine, "offer", wrong)
    assert send(engine, "offer", {"order_id": 1, "shop": "north"}).status == "completed"


def test_what_planflow_asked_for_at_first_stays_when_the_conversation_gets_a_key(engine, deploy):
    body = (
        START
        + node("parallelGateway", "fork")
        + node("receiveTask", "wait", messageRef="offer", **keys('{"shop": shop}'))
        + node("userTask", "first", planflow_assignee="manager")
        + script("move", 'shop = "south"')
        + node("sendTask", "ask", inputs(id="7"), messageRef="request")
        + node("parallelGateway", "join")
        + END
        + way("s", "fork", "wait", "join", "e")
        + way("fork", "first", "move", "ask", "join")
    )
    paths = prop("order_id", request="id", offer="number")
    deploy(
        file(message("request"), message("offer"), paths, collaboration(inside=ORDER_KEY), process("p", body))
    )
    started = start(engine, "p", shop="north")
    engine.execute(CompleteTask(started.task_ids[0]), actor("manager"))
    assert send(engine, "offer", {"shop": "north", "order_id": 7}).status == "completed"


# Message flows


FLOW_BUYER = process(
    "buyer",
    START
    + node("sendTask", "ask", inputs(order="order"), **keys('{"order": order}'))
    + node("intermediateCatchEvent", "answer", "<bpmn:messageEventDefinition/>", **keys('{"order": order}'))
    + END
    + way("s", "ask", "answer", "e"),
)
FLOW_SELLER = process(
    "seller",
    node("startEvent", "s", "<bpmn:messageEventDefinition/>")
    + node(
        "endEvent",
        "e",
        "<bpmn:messageEventDefinition/>" + inputs(price="order * 10"),
        **keys('{"order": order}'),
    )
    + way("s", "e"),
)


def test_message_flows_name_the_messages_that_nothing_else_names(engine, deploy):
    deploy(
        file(collaboration(("buyer_ask", "seller_s"), ("seller_e", "buyer_answer")), FLOW_BUYER, FLOW_SELLER)
    )
    for order in (3, 4):
        done = start(engine, "buyer", order=order)
        assert variables(engine, done.instance_id) == {"order": order, "price": order * 10}


def test_what_several_send_to_one_receiver_is_one_message(engine, deploy):
    senders = [
        process(key, START + node("sendTask", "tell", inputs(who=f'"{key}"')) + END + way("s", "tell", "e"))
        for key in ("first", "second")
    ]
    receiver = process(
        "receiver", node("startEvent", "s", "<bpmn:messageEventDefinition/>") + END + way("s", "e")
    )
    flows = collaboration(("first_tell", "receiver_s"), ("second_tell", "receiver_s"))
    deploy(file(flows, *senders, receiver))
    for key in ("first", "second"):
        start(engine, key)
    assert sorted(variables(engine, i.id)["who"] for i in instances(engine, "receiver")) == [
        "first",
        "second",
    ]


def test_flows_of_different_messages_to_one_receiver_are_refused(deploy):
    senders = [
        process(
            key, START + node("sendTask", "tell", messageRef=key + "_message") + END + way("s", "tell", "e")
        )
        for key in ("first", "second")
    ]
    receiver = process(
        "receiver", node("startEvent", "s", "<bpmn:messageEventDefinition/>") + END + way("s", "e")
    )
    flows = collaboration(("first_tell", "receiver_s"), ("second_tell", "receiver_s"))
    with pytest.raises(NotDeployable) as refused:
        deploy(file(message("first_message"), message("second_message"), flows, *senders, receiver))
    assert [(p.element, p.rule) for p in refused.value.problems] == [("receiver_s", "bpmn.message")]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (prop("order_id", offer=""), "bpmn.expression"),
        (prop("order_id", offer="x").replace(' messageRef="offer"', ""), "bpmn.incomplete"),
    ],
    ids=["no path", "no message"],
)
def test_a_property_that_says_not_where_it_lies_is_refused(deploy, wrong, rule):
    with pytest.raises(NotDeployable) as refused:
        deploy(
            file(
                message("offer"),
                wrong,
                collaboration(inside=ORDER_KEY),
                process("p", START + END + way("s", "e")),
            )
        )
    assert {p.rule for p in refused.value.problems} == {rule}


def test_a_binding_without_a_path_is_refused(deploy):
    body = bound("order_id", "") + START + END + way("s", "e")
    with pytest.raises(NotDeployable) as refused:
        deploy(
            file(
                message("offer"),
                prop("order_id", offer="x"),
                collaboration(inside=ORDER_KEY),
                process("p", body),
            )
        )
    assert {p.rule for p in refused.value.problems} == {"bpmn.expression"}


def test_history_names_the_keys_that_were_found(engine, deploy):
    deploy(TRADE)
    buyer = start(engine, "buyer", order=1, goods="tea")
    [sent] = events(engine, buyer.instance_id, "message.thrown")
    assert sent.payload["correlation"] == {"order_id": 1}
    [seller] = instances(engine, "seller")
    [began] = events(engine, seller.id, "instance.started")
    assert (began.payload["message"], began.payload["correlation"]) == ("request", {"order_id": 1})
    assert seller.starter == "supervisor"
