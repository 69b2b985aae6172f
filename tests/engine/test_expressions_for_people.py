"""Expressions that are worked out outside a running step: titles and facts."""

from __future__ import annotations

import pytest

from engine import CompleteTask, Forbidden, Invalid, StartInstance
from engine.commands import RunJob
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way

FACT = (
    '<bpmn:extensionElements><planflow:facts><planflow:fact label="F" value="={}"/></planflow:facts>'
    "</bpmn:extensionElements>"
)


def showing(fact: str, **process: str) -> bytes:
    task = node("userTask", "a", FACT.format(fact), planflow_assignee="member")
    return bpmn(node("startEvent", "s") + task + way("s", "a"), **process)


def fact(engine, task):
    return engine.view_task(task, actor("member")).detail.facts[0].value


def test_a_fact_that_throws_an_error_says_so_in_its_place(engine, deploy):
    deploy(showing("bpmn_error(&quot;BAD&quot;, &quot;no figures&quot;)"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    assert fact(engine, started.task_ids[0]) == "BAD: no figures"


def test_a_fact_about_today_is_still_there_when_the_task_is_done(engine, deploy):
    deploy(showing("today + starter"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    engine.execute(CompleteTask(started.task_ids[0]), actor("member"))
    assert fact(engine, started.task_ids[0]) == "2026-03-02supervisor"


def test_a_title_that_throws_an_error_is_told_and_nothing_starts(engine, deploy):
    deploy(showing("1", planflow_title="=bpmn_error(&quot;BAD&quot;, &quot;no figures&quot;)"))
    with pytest.raises(Invalid, match="no figures"):
        engine.execute(StartInstance("p"), actor("supervisor"))


def test_a_title_is_text_that_every_database_keeps(engine, deploy):
    deploy(showing("1", planflow_title="=&quot;a\\x00b&quot;"))
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    with engine.database.read() as session:
        assert (
            engine.queries(session, actor("supervisor")).instance(started.instance_id).summary.title == "a�b"
        )


def test_nobody_but_the_engine_lets_timers_elapse(engine):
    with pytest.raises(Forbidden):
        engine.execute(RunJob(1), actor("administrator"))
