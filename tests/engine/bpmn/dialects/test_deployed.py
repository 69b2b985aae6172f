"""Foreign files on the real engine: forms found by their id, messages by their key, answers that become variables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine import CompleteTask, CorrelateMessage, Engine, NotDeployable, StartInstance
from tests.engine.bpmn.dialects.reading import MODELS, foreign
from tests.engine.conftest import actor

TASK = '<userTask id="x" camunda:formRef="review" camunda:assignee="${requester}"/>'
WAIT = '<receiveTask id="x" messageRef="m"/>'
PAID = (
    '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="=order.number"/>'
    "</extensionElements></message>"
)


def form(form_id: str, key: str = "opinion") -> bytes:
    fields = [
        {"type": "textfield", "id": "Field_1", "key": key, "label": "Opinion", "validate": {"required": True}}
    ]
    return json.dumps({"type": "default", "id": form_id, "schemaVersion": 16, "components": fields}).encode()


def task_form(engine: Engine, task: str, user: str) -> Any:
    found = engine.view_task(task, actor(user)).form
    return None if found is None else found["components"][0]["key"]


@pytest.mark.parametrize("name", ["review.form", "forms/review.form", "forms/anything.form"])
def test_a_form_is_found_by_its_id_or_its_name(engine: Engine, deploy: Any, name: str) -> None:
    files = {"x.bpmn": foreign("camunda", TASK.replace("${requester}", "${who}")), name: form("review")}
    files["forms/other.form"] = form("other", "other")
    engine.deploy(files, actor("designer"), "test")
    started = engine.execute(StartInstance("p", {"who": "member"}), actor("supervisor"))
    assert task_form(engine, started.task_ids[0], "member") == "opinion"


def test_a_form_that_is_nowhere_or_twice_is_refused(engine: Engine) -> None:
    files = {"x.bpmn": foreign("camunda", TASK.replace("${requester}", "member"))}
    for beside in ({}, {"a.form": form("review"), "b.form": form("review")}):
        with pytest.raises(NotDeployable) as refused:
            engine.deploy({**files, **beside}, actor("designer"), "test")
        assert [(p.element, p.rule) for p in refused.value.problems] == [("x", "bundle.form")]


def test_a_message_finds_its_instance_by_the_one_key_of_camunda_8(engine: Engine, deploy: Any) -> None:
    deploy(foreign("zeebe", WAIT, PAID))
    for number in ("A", "B"):
        engine.execute(StartInstance("p", {"order": {"number": number}}), actor("supervisor"))
    done = engine.execute(CorrelateMessage("paid", {"correlationKey": "B"}, {}), actor("administrator"))
    assert done.status == "completed"


def test_what_an_operation_answers_becomes_variables(engine: Engine, deploy: Any, operations: Any) -> None:
    operations["ask"] = lambda _ctx, inputs: {"price": 3, "asked": inputs["what"]}
    task = (
        '<serviceTask id="x"><extensionElements><zeebe:taskDefinition type="ask"/><zeebe:ioMapping>'
        '<zeebe:input source="=thing" target="what"/></zeebe:ioMapping></extensionElements></serviceTask>'
    )
    deploy(foreign("zeebe", task))
    done = engine.execute(StartInstance("p", {"thing": "chair"}), actor("supervisor"))
    with engine.database.read() as session:
        kept = engine.queries(session, actor("administrator")).variables(done.instance_id)
    assert kept == {"thing": "chair", "price": 3, "asked": "chair"}


def test_the_bytes_of_a_foreign_file_stay_as_they_were(engine: Engine, operations: Any) -> None:
    operations["leave.book"] = lambda _ctx, _inputs: {}
    content = (MODELS / "flowable.bpmn").read_bytes()
    files = {
        "leave.bpmn": content,
        "who.dmn": (MODELS / "decisions.dmn").read_bytes(),
        "ask.form": form("ask", "amount"),
        "approve.form": form("approve"),
    }
    engine.deploy(files, actor("designer"), "leave")
    with engine.database.read() as session:
        assert engine.queries(session, actor("designer")).process("leave").xml == content
    started = engine.execute(StartInstance("leave", {"amount": "1"}), actor("member"))
    assert started.status == "active", "an amount that is a text stops the decision, and is told"


def test_an_approval_drawn_in_camunda_modeler_goes_its_way(engine: Engine, deploy: Any) -> None:
    body = TASK.replace(' camunda:formRef="review"', "").replace("${requester}", "${boss}")
    deploy(foreign("camunda", body))
    started = engine.execute(StartInstance("p", {"boss": "manager"}), actor("supervisor"))
    done = engine.execute(CompleteTask(started.task_ids[0], {"fine": True}), actor("manager"))
    assert done.status == "completed"


def test_what_a_message_brings_is_mapped_as_camunda_8_says(engine: Engine, deploy: Any) -> None:
    mapping = '<zeebe:ioMapping><zeebe:output source="=amount + fee" target="total"/></zeebe:ioMapping>'
    wait = (
        f'<receiveTask id="x" messageRef="m"><extensionElements>{mapping}</extensionElements></receiveTask>'
    )
    deploy(foreign("zeebe", wait, PAID))
    data = {"order": {"number": "A"}, "amount": 1, "fee": 2}
    started = engine.execute(StartInstance("p", data), actor("supervisor"))
    engine.execute(CorrelateMessage("paid", {"correlationKey": "A"}, {"amount": 40}), actor("administrator"))
    assert variables(engine, started.instance_id) == data | {"total": 42}


@pytest.mark.parametrize("where", ["message", "task"])
def test_what_a_message_brings_goes_to_the_variable_that_spiff_names(
    engine: Engine, deploy: Any, where: str
) -> None:
    named = "<extensionElements><spiffworkflow:messageVariable>got</spiffworkflow:messageVariable></extensionElements>"
    wait = f'<receiveTask id="x" messageRef="m">{named if where == "task" else ""}</receiveTask>'
    deploy(
        foreign(
            "spiffworkflow",
            wait,
            f'<message id="m" name="paid">{named if where == "message" else ""}</message>',
        )
    )
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    engine.execute(CorrelateMessage("paid", {}, {"amount": 40}), actor("administrator"))
    assert variables(engine, started.instance_id) == {"got": {"amount": 40}}


def variables(engine: Engine, instance: str) -> Any:
    with engine.database.read() as session:
        return engine.queries(session, actor("administrator")).variables(instance)
