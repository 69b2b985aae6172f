"""Output sets, and what a global task takes and gives (BPMN 2.0.2 §10.4.1, §10.3.7)."""

from __future__ import annotations

from tests.engine.xml_text import bpmn, node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def io(inputs: str = "", outputs: str = "") -> str:
    declared = "".join(f'<bpmn:dataInput id="{n}_in" name="{n}"/>' for n in inputs.split())
    declared += "".join(f'<bpmn:dataOutput id="{n}_out" name="{n}"/>' for n in outputs.split())
    needed = "".join(f"<bpmn:dataInputRefs>{n}_in</bpmn:dataInputRefs>" for n in inputs.split())
    given = "".join(f"<bpmn:dataOutputRefs>{n}_out</bpmn:dataOutputRefs>" for n in outputs.split())
    sets = f"<bpmn:inputSet>{needed}</bpmn:inputSet><bpmn:outputSet>{given}</bpmn:outputSet>"
    return f"<bpmn:ioSpecification>{declared}{sets}</bpmn:ioSpecification>"


def association(kind: str, source: str, target: str) -> str:
    return (
        f"<bpmn:{kind}><bpmn:sourceRef>{source}</bpmn:sourceRef>"
        f"<bpmn:targetRef>{target}</bpmn:targetRef></bpmn:{kind}>"
    )


def test_a_task_that_leaves_a_needed_output_empty_fails_and_names_it(trial):
    def running(source: str):
        task = script("t", source).replace("<bpmn:script>", io("", "total") + "<bpmn:script>")
        return trial(bpmn(START + task + END + way("s", "t", "e")))

    assert running("total = 1").state == "completed"
    (problem,) = running("other = 1").problems
    assert (problem["element"], "total" in problem["reason"]) == ("t", True)


def test_a_global_task_gets_the_inputs_of_its_caller_and_hands_its_outputs_back(trial):
    own = io("given", "made").replace("given_", "g_").replace("made_", "m_")
    inside = f"{own}<bpmn:script>made = given * 2</bpmn:script>"
    doubled = node("globalScriptTask", "double", inside, scriptLanguage="starlark")
    inside = io("given", "made") + association("dataInputAssociation", "amount", "given_in")
    inside += association("dataOutputAssociation", "made_out", "amount")
    call = node("callActivity", "call", inside, calledElement="double")
    data = '<bpmn:dataObject id="amount" name="amount"/>'
    file = bpmn(
        data + START + script("set", "amount = 21") + call + END + way("s", "set", "call", "e"),
        definitions=doubled,
    )
    result = trial(file)
    assert (result.state, result.data["amount"]) == ("completed", 42)
