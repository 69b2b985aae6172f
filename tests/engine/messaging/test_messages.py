"""Messages and the variables they bring."""

from __future__ import annotations

import pytest

from engine import CorrelateMessage, NotFound, StartInstance
from engine.messaging import receivers
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")
PAID = '<bpmn:message id="paid" name="paid"/>'


def test_what_a_message_brings_to_one_repetition_stays_in_it(engine, deploy):
    each = (
        '<bpmn:multiInstanceLoopCharacteristics planflow:collection="=orders" planflow:elementVariable="order"'
        ' planflow:outputCollection="paid" planflow:outputElement="=[order, amount]"/>'
    )
    wait = node(
        "receiveTask", "wait", each, messageRef="paid", planflow_correlation="={&quot;order&quot;: order}"
    )
    deploy(bpmn(START + wait + END + way("s", "wait", "e"), definitions=PAID))
    started = engine.execute(StartInstance("p", {"orders": [7, 8]}), actor("supervisor"))
    engine.execute(CorrelateMessage("paid", {"order": 8}, {"amount": 80}), actor("administrator"))
    done = engine.execute(CorrelateMessage("paid", {"order": 7}, {"amount": 70}), actor("administrator"))
    assert done.status == "completed"
    with engine.database.read() as session:
        kept = engine.queries(session, actor("administrator")).variables(started.instance_id)
    assert kept == {"orders": [7, 8], "paid": [[7, 70], [8, 80]]}


WAITING = bpmn(
    START
    + node("receiveTask", "wait", messageRef="paid", planflow_correlation="={&quot;order&quot;: order}")
    + END
    + way("s", "wait", "e"),
    definitions=PAID,
)


@pytest.mark.parametrize("given", [True, "1", [1], None])
def test_a_key_is_compared_as_json_compares(engine, deploy, given):
    deploy(WAITING)
    engine.execute(StartInstance("p", {"order": 1}), actor("supervisor"))
    with pytest.raises(NotFound):
        engine.execute(CorrelateMessage("paid", {"order": given}), actor("administrator"))


@pytest.mark.parametrize("others", [0, 3, 9])
def test_more_keys_than_the_receiver_asks_for_do_not_matter(engine, deploy, others):
    deploy(WAITING)
    engine.execute(StartInstance("p", {"order": 1.0}), actor("supervisor"))
    keys = {f"key_{number}": number for number in range(others)}
    done = engine.execute(CorrelateMessage("paid", {"order": 1, **keys}), actor("administrator"))
    assert done.status == "completed"


def test_of_many_that_wait_only_those_that_could_be_meant_are_looked_at(engine, deploy):
    deploy(WAITING)
    for order in range(30):
        engine.execute(StartInstance("p", {"order": order}), actor("supervisor"))
    with engine.database.read() as session:
        ctx = engine._context(session, actor("administrator"))
        assert len(receivers._waiting(ctx, "paid", {"order": 7, "shop": 1})) == 1
