"""Service tasks do all of their work or none of it, and their operations answer in JSON."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, insert, select

from engine import BpmnError, RetryIncident, StartInstance
from engine.storage.tables import blob
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")
ADMINISTRATOR = actor("administrator")


def calling(output: str) -> bytes:
    mapping = (
        "<bpmn:extensionElements><planflow:outputs>"
        f'<planflow:output name="kept" value="={output}"/></planflow:outputs></bpmn:extensionElements>'
    )
    return bpmn(
        START + node("serviceTask", "call", mapping, planflow_operation="do") + END + way("s", "call", "e")
    )


def incidents(engine):
    with engine.database.read() as session:
        return engine.queries(session, ADMINISTRATOR).incidents().items


def answering(answer):
    def operation(context, inputs):
        return answer

    return operation


def written(engine):
    with engine.database.read() as session:
        return session.scalar(select(func.count()).select_from(blob).where(blob.c.sha256.like("told%")))


def test_an_operation_whose_answer_cannot_be_used_has_done_nothing_until_the_retry(
    engine, deploy, operations
):
    answers = [{}, {"x": 1}]

    def write(context, inputs):
        number = written(engine)
        context.session.execute(insert(blob).values(sha256=f"told {len(answers)}", content=b""))
        assert number == 0
        return answers.pop(0)

    operations["do"] = write
    deploy(calling("result[&quot;x&quot;]"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (found,) = incidents(engine)
    assert (found.element, started.status, written(engine)) == ("call", "active", 0)
    assert engine.execute(RetryIncident(found.id), ADMINISTRATOR).status == "completed"
    assert written(engine) == 1


@pytest.mark.parametrize(
    "answer",
    [
        {"x": date(2027, 1, 1)},
        {"x": Decimal(1)},
        {"x": float("nan")},
        {"x": "\0"},
        {"x": {1, 2}},
        None,
        7,
        [1],
    ],
    ids=repr,
)
def test_an_operation_that_answers_no_json_gets_an_incident(engine, deploy, operations, answer):
    operations["do"] = answering(answer)
    deploy(calling("result[&quot;x&quot;]"))
    assert engine.execute(StartInstance("p"), actor("supervisor")).status == "active"
    assert [found.element for found in incidents(engine)] == ["call"]


def test_what_an_operation_does_with_its_answer_afterwards_changes_no_variable(engine, deploy, operations):
    answer = {"x": [1]}
    operations["do"] = answering(answer)
    deploy(calling("result"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    answer["x"].append(2)
    with engine.database.read() as session:
        kept = engine.queries(session, ADMINISTRATOR).variables(started.instance_id)
    assert kept == {"kept": {"x": [1]}}


def test_a_statement_that_the_database_refuses_is_an_incident_and_the_rest_is_kept(
    engine, deploy, operations
):
    def clash(context, inputs):
        for _ in range(2):
            context.session.execute(insert(blob).values(sha256="told twice", content=b""))
        return {}

    operations["do"] = clash
    deploy(calling("1"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (found,) = incidents(engine)
    assert (started.status, found.element, written(engine)) == ("active", "call", 0)
    assert "IntegrityError" in found.error


def test_an_error_whose_message_cannot_be_stored_fails_the_instance_all_the_same(engine, deploy, operations):
    def fail(context, inputs):
        raise BpmnError("BAD\0", "\ud800")

    operations["do"] = fail
    deploy(calling("1"))
    assert engine.execute(StartInstance("p"), actor("supervisor")).status == "failed"


def test_an_incident_tells_what_it_can_of_a_reason_that_cannot_be_stored(engine, deploy, operations):
    def fail(context, inputs):
        raise RuntimeError("a\0b\ud800" + "x" * 10_000)

    operations["do"] = fail
    deploy(calling("1"))
    engine.execute(StartInstance("p"), actor("supervisor"))
    (found,) = incidents(engine)
    assert "RuntimeError: a" in found.error
    assert len(found.error) < 1_000
