"""Whose a task is when its expressions name nobody, several, or nonsense."""

from __future__ import annotations

import pytest

from engine import CompleteTask, Forbidden, StartInstance
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way


def deployed(deploy, **options):
    deploy(bpmn(node("startEvent", "s") + node("userTask", "a", **options) + way("s", "a")))


def incidents(engine):
    with engine.database.read() as session:
        return [i.element for i in engine.queries(session, actor("administrator")).incidents().items]


@pytest.mark.parametrize("option", ["assignee", "candidateUsers", "candidateGroups"])
def test_who_has_no_superior_does_not_approve_in_their_place(engine, deploy, option):
    deployed(deploy, **{f"planflow_{option}": "=superior(starter)"})
    started = engine.execute(StartInstance("p"), actor("manager"))
    with pytest.raises(Forbidden):
        engine.execute(CompleteTask(started.task_ids[0]), actor("manager"))
    assert engine.execute(CompleteTask(started.task_ids[0]), actor("administrator")).status == "completed"


def test_a_task_has_one_assignee(engine, deploy):
    deployed(deploy, planflow_assignee="superior, manager")
    engine.execute(StartInstance("p"), actor("supervisor"))
    assert incidents(engine) == ["a"]


@pytest.mark.parametrize(
    "priority", ["101", "10000000000", "-1", "1.5", "None", "[1]", "&quot;x&quot;", "float(&quot;inf&quot;)"]
)
def test_a_priority_is_a_whole_number_from_0_to_100(engine, deploy, priority):
    deployed(deploy, planflow_priority=f"={priority}")
    engine.execute(StartInstance("p"), actor("supervisor"))
    assert incidents(engine) == ["a"]
