"""Global tasks and the call activities that use them, BPMN 2.0.2 §10.3.6 and §10.3.7."""

from __future__ import annotations

from engine import CompleteTask, StartInstance
from tests.engine.conftest import actor, names
from tests.engine.execution.lives import Life
from tests.engine.xml_text import bpmn, many, node, read_from, takes, way, write_to

START, END = node("startEvent", "s"), node("endEvent", "e")
ORDER = '<bpmn:dataObject id="obj" name="order"/><bpmn:dataObjectReference id="ref" dataObjectRef="obj"/>'
MAPPED = (
    '<bpmn:extensionElements><planflow:inputs><planflow:input name="n" value="=order"/></planflow:inputs>'
    '<planflow:outputs><planflow:output name="order" value="=m"/></planflow:outputs></bpmn:extensionElements>'
)


def calling(definitions: str, inside: str = "", before: str = "") -> bytes:
    call = node("callActivity", "call", inside, calledElement="shared")
    return bpmn(before + START + ORDER + call + END + way("s", "call", "e"), definitions=definitions)


def script_task(inside: str = "", source: str = "m = n + 1") -> str:
    return node(
        "globalScriptTask",
        "shared",
        f"{inside}<bpmn:script>{source}</bpmn:script>",
        scriptLanguage="starlark",
    )


def test_a_global_task_is_done_where_it_is_called(trial):
    result = trial(calling(node("globalTask", "shared")))
    assert names(result) == ["s", "shared", "call", "e"]


def test_a_global_script_sees_what_it_is_given_and_nothing_else(trial):
    result = trial(calling(script_task(), MAPPED), {"order": 1})
    assert (result.state, result.data) == ("completed", {"order": 2})
    assert (
        trial(calling(script_task(source="m = order"), MAPPED), {"order": 1}).problems[0]["element"]
        == "shared"
    )


def test_data_inputs_go_in_and_data_outputs_come_out(trial):
    shared = script_task(takes("n", gives="m"))
    body = (
        takes("n", gives="m")
        .replace('"n_in"', '"cn"')
        .replace(">n_in<", ">cn<")
        .replace('"m_out"', '"cm"')
        .replace(">m_out<", ">cm<")
    )
    result = trial(calling(shared, body + read_from("ref", "cn") + write_to("ref", "cm")), {"order": 1})
    assert (result.state, result.data) == ("completed", {"order": 2})


def test_each_repetition_of_a_call_gives_what_it_is_given(trial):
    each = many(
        planflow_collection="=[1, 2]",
        planflow_elementVariable="x",
        planflow_outputCollection="all_m",
        planflow_outputElement="=m2",
    )
    mapped = MAPPED.replace("=order", "=x").replace('name="order" value="=m"', 'name="m2" value="=m"')
    assert trial(calling(script_task(), mapped + each)).data["all_m"] == [2, 3]


def test_a_global_user_task_is_a_work_item_of_those_whom_it_names(engine, deploy):
    shared = node("globalUserTask", "shared", takes("n", gives="m"), planflow_candidateUsers="member")
    deploy(calling(shared, MAPPED))
    started = engine.execute(StartInstance("p", {"order": 1}), actor("supervisor"))
    done = engine.execute(CompleteTask(started.task_ids[0], {"m": 5}), actor("member"))
    assert done.status == "completed"


def test_a_global_manual_task_is_a_work_item_too(engine, deploy):
    deploy(calling(node("globalManualTask", "shared", planflow_assignee="administrator")))
    life = Life(engine)
    assert life.open() == ["shared"]
    life.do("shared")
    assert (life.status, life.completed()) == ("completed", ["s", "shared", "call", "e"])


def test_a_global_task_that_names_nobody_belongs_to_the_lane_of_its_call(engine, deploy):
    lane = '<bpmn:lane name="L" planflow:group="team_member"><bpmn:flowNodeRef>call</bpmn:flowNodeRef></bpmn:lane>'
    lanes = f"<bpmn:laneSet>{lane}</bpmn:laneSet>"
    deploy(calling(node("globalUserTask", "shared"), before=lanes))
    assert Life(engine).offered("shared") == (None, ["team_member"])


def test_a_global_business_rule_task_takes_its_decision(engine, deploy):
    dmn = (
        b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        b'<decision id="rate" name="rate"><literalExpression><text>n * 2</text></literalExpression></decision>'
        b"</definitions>"
    )
    shared = node("globalBusinessRuleTask", "shared", planflow_decision="rate", planflow_resultVariable="m")
    deploy(calling(shared, MAPPED), rate__dmn=dmn)
    assert Life(engine, order=4).variables()["order"] == 8


def test_a_boundary_event_of_the_call_interrupts_the_global_task(engine, deploy, clock):
    late = "<bpmn:timerEventDefinition><bpmn:timeDuration>P1D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    before = (
        node("boundaryEvent", "late", late, attachedToRef="call")
        + node("task", "after")
        + way("late", "after")
    )
    deploy(calling(node("globalUserTask", "shared"), before=before))
    life = Life(engine)
    clock.advance(days=2)
    engine.fire_due_timers()
    assert (life.completed(), life.left_over()) == (["s", "late", "after"], 0)
