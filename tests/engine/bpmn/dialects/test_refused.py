"""What would run differently without what is not read is refused, by element."""

from __future__ import annotations

import pytest

from engine import NotDeployable
from engine.bpmn.reader import read_bpmn
from tests.engine.bpmn.dialects.reading import foreign, read, refusals


def zeebe(extension: str, element: str = "serviceTask", inside: str = "") -> str:
    return f'<{element} id="x"><extensionElements>{extension}</extensionElements>{inside}</{element}>'


SUBSCRIPTION = (
    '<message id="m" name="paid"><extensionElements><zeebe:subscription correlationKey="{}"/>'
    "</extensionElements></message>"
)


@pytest.mark.parametrize(
    ("prefix", "body", "rule"),
    [
        ("camunda", '<serviceTask id="x" camunda:class="org.example.Work"/>', "bpmn.operation"),
        ("camunda", '<serviceTask id="x" camunda:delegateExpression="${bean}"/>', "bpmn.operation"),
        ("camunda", '<serviceTask id="x" camunda:expression="${bean.work()}"/>', "bpmn.expression"),
        ("camunda", '<serviceTask id="x" camunda:type="external" camunda:topic="${topic}"/>', "bpmn.operation"),
        ("camunda", '<serviceTask id="x" camunda:type="mail"/>', "bpmn.operation"),
        ("camunda", '<userTask id="x" camunda:assignee="${bean.who()}"/>', "bpmn.expression"),
        ("camunda", '<userTask id="x" camunda:formRef="${form}"/>', "bpmn.foreign"),
        ("camunda", '<businessRuleTask id="x" camunda:decisionRef="${d}"/>', "bpmn.decision"),
        ("camunda", '<businessRuleTask id="x" camunda:class="org.example.Rule"/>', "bpmn.operation"),
        ("camunda", '<callActivity id="x" calledElement="${key}"/>', "bpmn.called-element"),
        ("camunda", '<callActivity id="x" calledElement="p"><extensionElements>'
                    '<camunda:in variables="all" local="true"/></extensionElements></callActivity>', "bpmn.foreign"),
        ("camunda", '<userTask id="x"><extensionElements><camunda:inputOutput><camunda:inputParameter name="a">'
                    "${b}</camunda:inputParameter></camunda:inputOutput></extensionElements></userTask>",
         "bpmn.foreign"),
        ("camunda", '<serviceTask id="x" camunda:type="external" camunda:topic="t"><extensionElements>'
                    '<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="groovy">1'
                    "</camunda:script></camunda:inputParameter></camunda:inputOutput></extensionElements></serviceTask>",
         "bpmn.foreign"),
        ("camunda", '<serviceTask id="x"><extensionElements><camunda:connector/></extensionElements></serviceTask>',
         "bpmn.operation"),
        ("camunda", '<scriptTask id="x" scriptFormat="groovy"><script>1</script></scriptTask>', "bpmn.not-executed"),
        ("camunda", '<scriptTask id="x" camunda:resultVariable="r"><script>1</script></scriptTask>', "bpmn.foreign"),
        ("flowable", '<serviceTask id="x" flowable:type="http"/>', "bpmn.operation"),
        ("flowable", '<serviceTask id="x" flowable:type="dmn"/>', "bpmn.decision"),
        ("activiti", '<serviceTask id="x" activiti:class="org.example.Work"/>', "bpmn.operation"),
        ("zeebe", zeebe('<zeebe:taskDefinition type="=kind"/>'), "bpmn.operation"),
        ("zeebe", zeebe('<zeebe:taskDefinition type="t"/><zeebe:ioMapping><zeebe:input source="=a" target="b.c"/>'
                        "</zeebe:ioMapping>"), "bpmn.foreign"),
        ("zeebe", zeebe('<zeebe:assignmentDefinition assignee="=find(a)"/>', "userTask"), "bpmn.expression"),
        ("zeebe", zeebe('<zeebe:ioMapping><zeebe:input source="=a" target="b"/></zeebe:ioMapping>', "userTask"),
         "bpmn.foreign"),
        ("zeebe", zeebe('<zeebe:calledElement processId="=key"/>', "callActivity"), "bpmn.called-element"),
        ("zeebe", zeebe('<zeebe:calledDecision decisionId="=key"/>', "businessRuleTask"), "bpmn.decision"),
        ("zeebe", zeebe('<zeebe:script expression="=for i in x return i" resultVariable="r"/>', "scriptTask"),
         "bpmn.expression"),
        ("zeebe", zeebe('<zeebe:taskDefinition type="t"/>', "intermediateThrowEvent"), "bpmn.operation"),
        ("spiffworkflow", '<userTask id="x"><extensionElements><spiffworkflow:preScript>a = 1'
                          "</spiffworkflow:preScript></extensionElements></userTask>", "bpmn.foreign"),
        ("spiffworkflow", '<serviceTask id="x"><extensionElements><spiffworkflow:serviceTaskOperator id="o"/>'
                          "<spiffworkflow:postScript>del a</spiffworkflow:postScript></extensionElements>"
                          "</serviceTask>",
         "bpmn.foreign"),
    ],
)  # fmt: skip
def test_the_element_is_named(prefix: str, body: str, rule: str) -> None:
    assert ("x", rule) in [(element, found) for element, found, _reason in refusals(foreign(prefix, body))]


def test_an_expression_that_calls_java_is_named_with_its_element_and_text() -> None:
    found = refusals(foreign("camunda", '<userTask id="x" camunda:assignee="${ldap.find(user)}"/>'))
    assert found == [
        (
            "x",
            "bpmn.expression",
            "The assignee “${ldap.find(user)}” cannot be read here: “ldap.find()” calls a method, which only Java "
            "could do.",
        )
    ]


def test_a_condition_that_calls_java_names_its_flow() -> None:
    body = (
        '<task id="x"/><sequenceFlow id="f" sourceRef="x" targetRef="e">'
        "<conditionExpression>${a.b()}</conditionExpression></sequenceFlow>"
    )
    assert [(element, rule) for element, rule, _ in refusals(foreign("camunda", body))] == [
        ("f", "bpmn.expression")
    ]


@pytest.mark.parametrize("name", ["candidateStarterUsers", "candidateStarterGroups"])
def test_who_may_start_is_never_widened(name: str) -> None:
    who = "${people}" if name.endswith("Groups") else "anna"
    content = foreign("camunda", '<task id="x"/>', process=f' camunda:{name}="{who}"')
    assert [(element, rule) for element, rule, _ in refusals(content)] == [("p", "bpmn.foreign")]


def test_the_initiator_of_one_process_is_a_variable_in_another() -> None:
    other = (
        '<process id="q" isExecutable="true"><startEvent id="t" camunda:initiator="boss"/>'
        '<userTask id="u" camunda:assignee="${boss}"/><sequenceFlow id="t_u" sourceRef="t" targetRef="u"/></process>'
    )
    found, _warnings = read(foreign("camunda", '<userTask id="x" camunda:assignee="${boss}"/>', other))
    assert (found["x"].options["assignee"], found["u"].options["assignee"]) == ("=boss", "=starter")


def test_what_a_designer_set_here_stays() -> None:
    found, _warnings = read(
        foreign("camunda", '<userTask id="x" planflow:assignee="=starter" camunda:assignee="kermit"/>')
    )
    assert found["x"].options == {"assignee": "=starter"}


def test_mappings_that_a_designer_wrote_here_stay_alone() -> None:
    own = '<planflow:outputs><planflow:output name="a" value="=result[&quot;b&quot;]"/></planflow:outputs>'
    worker = '<zeebe:taskDefinition type="t"/><zeebe:ioMapping><zeebe:output source="=c" target="a"/></zeebe:ioMapping>'
    found, _warnings = read(foreign("zeebe", zeebe(own + worker)))
    assert [(m.name, m.value) for m in found["x"].outputs] == [("a", '=result["b"]')]


def test_a_condition_in_another_file_is_not_taken_for_none() -> None:
    body = (
        '<task id="x"/><sequenceFlow id="f" sourceRef="x" targetRef="e">'
        '<conditionExpression camunda:resource="rule.groovy"/></sequenceFlow>'
    )
    assert ("f", "bpmn.foreign") in [(e, rule) for e, rule, _ in refusals(foreign("camunda", body))]


def test_a_mapping_from_a_name_to_itself_does_nothing_and_is_accepted() -> None:
    same = '<zeebe:ioMapping><zeebe:input source="=a" target="a"/></zeebe:ioMapping>'
    assert read(foreign("zeebe", zeebe(same, "userTask")))[1] == []


@pytest.mark.parametrize(
    ("key", "form"),
    [
        ("camunda-forms:deployment:review.form", "review.form"),
        ("camunda-forms:/forms/review.form", "forms/review.form"),
        ("embedded:app:forms/review.html", None),
        ("review.html", None),
    ],
)
def test_a_form_key_is_a_form_js_file_or_told_not_to_be_one(key: str, form: str | None) -> None:
    found, warnings = read(foreign("camunda", f'<userTask id="x" camunda:formKey="{key}"/>'))
    assert found["x"].options.get("form") == form
    assert bool(warnings) is (form is None)


def test_where_a_process_begins_nothing_is_mapped() -> None:
    mapping = '<zeebe:ioMapping><zeebe:output source="=a" target="b"/></zeebe:ioMapping>'
    start = f'<startEvent id="s2"><extensionElements>{mapping}</extensionElements></startEvent>'
    body = start + '<task id="x"/><sequenceFlow id="f" sourceRef="s2" targetRef="x"/>'
    assert [(e, rule) for e, rule, _ in refusals(foreign("zeebe", body))] == [("s2", "bpmn.foreign")]


def test_a_message_that_starts_a_process_asks_no_key() -> None:
    start = '<startEvent id="s2"><messageEventDefinition messageRef="m"/></startEvent>'
    wait = start + '<receiveTask id="x" messageRef="m"/><sequenceFlow id="f" sourceRef="s2" targetRef="x"/>'
    found, _warnings = read(foreign("zeebe", wait, SUBSCRIPTION.format("=order")))
    assert found["x"].event.correlation == '={"correlationKey": order}'
    assert found["s2"].event.correlation is None


def test_what_begins_with_an_equals_sign_is_feel_in_files_for_camunda_8_only() -> None:
    timer = (
        '<intermediateCatchEvent id="x"><timerEventDefinition><timeDuration>={}</timeDuration>'
        "</timerEventDefinition></intermediateCatchEvent>"
    )
    feel, _ = read(foreign("zeebe", timer.format('if a then "P1D" else "P2D"')))
    assert feel["x"].event.timer is not None
    assert feel["x"].event.timer.text.startswith('=("P1D" if ')
    starlark, _ = read(foreign("camunda", timer.format('"P1D" if a else "P2D"')))
    assert starlark["x"].event.timer is not None
    assert starlark["x"].event.timer.text == '="P1D" if a else "P2D"'


@pytest.mark.parametrize("source", ['text == "${a}"', "a > 1 # ${b}"])
def test_starlark_with_signs_of_juel_in_it_stays_starlark(source: str) -> None:
    body = (
        '<task id="x"/><sequenceFlow id="f" sourceRef="x" targetRef="e">'
        f"<conditionExpression>{source.replace('>', '&gt;')}</conditionExpression></sequenceFlow>"
    )
    model, _warnings = read_bpmn(foreign("camunda", body), "x.bpmn")
    assert model.processes["p"].scope.flows["f"].condition == source


def test_every_reason_is_given_at_once() -> None:
    body = '<userTask id="x" camunda:assignee="${a.b()}" camunda:dueDate="${c.d()}" madeUp="1"/>'
    with pytest.raises(NotDeployable) as refused:
        read_bpmn(foreign("camunda", body), "x.bpmn")
    assert [p.rule for p in refused.value.problems] == [
        "bpmn.expression",
        "bpmn.expression",
        "bpmn.not-executed",
    ]
