"""Reading DMN: required decisions, literal expressions, and everything that is refused (DMN 1.3 §6, §7.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.decisions import evaluate, read_decisions
from engine.errors import NotDeployable, Problem
from engine.sandbox import Sandbox
from tests.engine.decisions.dmn import HEAD, decide, file, one, requires, table

ROOT = Path(__file__).parents[3]
LITERAL = '<decision id="total" name="Total"><variable id="v" name="total" typeRef="number"/>{}</decision>'


def problems(content: bytes) -> list[Problem]:
    with pytest.raises(NotDeployable) as refused:
        read_decisions(content, "check.dmn")
    return refused.value.problems


def reasons(content: bytes) -> str:
    return " | ".join(problem.reason for problem in problems(content))


@pytest.mark.parametrize("path", sorted(ROOT.glob("processes/*/*.dmn")), ids=lambda path: path.name)
def test_every_decision_of_the_processes_is_read_and_its_expressions_parse(
    sandbox: Sandbox, path: Path
) -> None:
    for decision in read_decisions(path.read_bytes(), path.name):
        assert [problem for each in decision.expressions for problem in sandbox.check(each.source)] == []


def test_a_literal_expression_gives_its_value(sandbox: Sandbox) -> None:
    xml = LITERAL.format(
        "<literalExpression><text>sum([g['weight'] for g in goals])</text></literalExpression>"
    )
    result = decide(sandbox, xml, goals=[{"weight": 40}, {"weight": 60}])
    assert (result.outputs, result.matched_rules) == (100, [])


def test_a_literal_expression_has_the_type_of_its_variable(sandbox: Sandbox) -> None:
    xml = LITERAL.format('<literalExpression><text>text + "0"</text></literalExpression>')
    assert decide(sandbox, xml, text="12").outputs == 120


def test_a_required_decision_is_made_first_and_seen_by_its_variable_and_id(sandbox: Sandbox) -> None:
    season = table(
        [("month", "number")], [("season", "string")], [("<= 6", '"early"'), ("> 6", '"late"')], id="season"
    )
    season = season.replace('name="Check season">', 'name="Check season"><variable name="part_of_year"/>')
    dish = table(
        [("part_of_year", "string")],
        [("text", "string")],
        [('"late"', "season + part_of_year")],
        before=requires("season"),
    )
    first, _second = read_decisions(file(dish, season))
    assert first.id == "check"
    assert evaluate(first, {"month": 7}, sandbox.evaluate).outputs == {"text": "latelate"}


def test_a_required_decision_with_several_outputs_is_seen_as_an_object(sandbox: Sandbox) -> None:
    basis = table([], [("a", "number"), ("b", "number")], [("1", "2")], id="basis")
    last = table([("basis.b", "number")], [("x", "number")], [("2", 'basis["a"]')], before=requires("basis"))
    decision = next(each for each in read_decisions(file(basis, last)) if each.id == "check")
    assert evaluate(decision, {}, sandbox.evaluate).outputs == {"x": 1}


def test_a_required_list_is_seen_as_a_list_of_values(sandbox: Sandbox) -> None:
    basis = table([], [("a", "number")], [("1",), ("2",)], id="basis", policy="COLLECT")
    last = table(
        [("len(basis)", "number")], [("x", "number")], [("2", "sum(basis)")], before=requires("basis")
    )
    decision = next(each for each in read_decisions(file(basis, last)) if each.id == "check")
    assert evaluate(decision, {}, sandbox.evaluate).outputs == {"x": 3}


def test_a_single_output_without_a_name_is_called_like_the_decision(sandbox: Sandbox) -> None:
    xml = table([], [("", "string")], [('"a"',)])
    assert decide(sandbox, xml).outputs == {"check": "a"}


def test_the_parts_of_the_diagram_that_only_document_are_accepted() -> None:
    more = (
        '<inputData id="i" name="I"/><knowledgeSource id="k" name="K"/><textAnnotation id="t"><text>x</text>'
        '</textAnnotation><association id="a"/><dmndi:DMNDI xmlns:dmndi='
        '"https://www.omg.org/spec/DMN/20191111/DMNDI/"><dmndi:DMNDiagram/></dmndi:DMNDI>'
    )
    xml = table([], [("x", "number")], [("1",)], before="<description>d</description><question>q</question>")
    xml = xml.replace("<rule ", '<annotation name="Why"/><rule ').replace(
        "</rule>", "<annotationEntry><text>because</text></annotationEntry></rule>"
    )
    (decision,) = read_decisions(file(xml, more=more))
    assert decision.name == "Check check"


def test_vendor_attributes_are_no_obstacle() -> None:
    head = HEAD.replace("<definitions", '<definitions xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"')
    xml = table([("a", "number")], [("x", "number")], [("-", "1")]).replace(
        "<input id", '<input biodi:width="9" id'
    )
    assert len(read_decisions(file(xml, head=head))) == 1


SOUND = table([("a", "number")], [("x", "string")], [("> 1", '"yes"')])


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (
            file(SOUND, more='<businessKnowledgeModel id="b" name="B"/>'),
            "It needs one function",
        ),
        (file(SOUND, more='<decisionService id="s" name="S"/>'), "“decisionService” is not executed"),
        (file(SOUND, more='<itemDefinition id="t" name="T"/>'), "“itemDefinition” is not executed"),
        (file(SOUND, more='<import namespace="x" importType="y"/>'), "Only DMN files are imported, not “y”"),
        (file(SOUND, more='<x:thing xmlns:x="urn:x"/>'), "“thing” is not executed in “definitions”"),
        (file(LITERAL.format("<invocation/>")), "“” is no business knowledge model that is required here"),
        (file(LITERAL.format("<context/>")), "Each entry of a context needs a name"),
        (file(LITERAL.format("<functionDefinition/>")), "“functionDefinition” is not executed"),
        (file(LITERAL.format("<list><text/></list>")), "“text” is not executed in “list”"),
        (file(LITERAL.format("<relation><column/></relation>")), "Each column of a relation needs a name"),
        (file(LITERAL.format("<conditional/>")), "write the condition as one expression"),
        (file(LITERAL.format("")), "“decision” needs exactly one of: context, decisionTable"),
        (file(LITERAL.format("<literalExpression/>")), "The literal expression is empty"),
        (
            file(
                LITERAL.format(
                    '<literalExpression expressionLanguage="juel"><text>a+1</text></literalExpression>'
                )
            ),
            "“juel” is not executed",
        ),
        (
            file(LITERAL.format("<literalExpression><importedValues/></literalExpression>")),
            "“importedValues” is not executed",
        ),
        (file(SOUND, head=HEAD.replace("20191111/MODEL", "20991111/MODEL")), "This is not DMN 1.1, 1.2, 1.3"),
        (
            file(SOUND, head=HEAD.replace(" id=", ' expressionLanguage="python" id=')),
            "“python” is not executed",
        ),
        (file(), "There is no decision in it"),
        (file(SOUND, SOUND), "The id “check” is there 2 times"),
        (file(SOUND.replace(' hitPolicy="UNIQUE"', ' hitPolicy="LAST"')), "The hit policy “LAST”"),
        (file(SOUND.replace(' hitPolicy="UNIQUE"', ' hitPolicy="PRIORITY"')), "PRIORITY needs output values"),
        (file(SOUND.replace(' hitPolicy="UNIQUE"', ' aggregation="SUM"')), "Only COLLECT aggregates"),
        (
            file(SOUND.replace(' hitPolicy="UNIQUE"', ' hitPolicy="COLLECT" aggregation="SUM"')),
            "Only numbers have a sum",
        ),
        (
            file(SOUND.replace(' hitPolicy="UNIQUE"', ' speed="fast"')),
            "The attribute “speed” is unknown in “decisionTable”",
        ),
        (
            file(SOUND.replace('typeRef="number"', 'typeRef="duration"')),
            "The type “duration” is not executed",
        ),
        (file(SOUND.replace("&gt; 1", "? &gt;")), "“? >” is not a test: the end is unexpected"),
        (file(SOUND.replace("&gt; 1", '"a"')), '"a" is not a number'),
        (file(table([], [("x", "number")], [('"a"',)])), '"a" is not a number'),
        (file(table([], [("x", "date")], [('date("2027-02-30")',)])), "“2027-02-30” is not a date"),
        (
            file(table([], [("x", "string")], [('"c"',)], values={"x": '"a","b"'})),
            "none of the output's allowed values",
        ),
        (
            file(table([], [("x", "number")], [("1",)], values={"x": "> 1"})),
            "Output values have to be a list",
        ),
        (file(table([("", "number")], [("x", "number")], [("-", "1")])), "The input has no expression"),
        (file(table([], [], [])), "The table has no output"),
        (
            file(table([], [("", "number"), ("y", "number")], [("1", "2")])),
            "Several outputs each need a name",
        ),
        (file(table([], [("y", "number"), ("y", "number")], [("1", "2")])), "Several outputs are named “y”"),
        (file(table([], [("y", "number")], [("1", "2")])), "Rule 1 has not one cell for each column"),
        (
            file(table([], [("y", "number")], [("1",)], before=requires("z"))),
            "“#z” is no decision in this file",
        ),
        (
            file(table([], [("y", "number")], [("1",)], before="<knowledgeRequirement/>")),
            "“knowledgeRequirement” names nothing that is required",
        ),
        (b"<definitions", "not well-formed"),
        (b'<!DOCTYPE d [<!ENTITY e "x">]><definitions>&e;</definitions>', "document type"),
    ],
)
def test_what_is_not_executed_is_refused(content: bytes, reason: str) -> None:
    assert reason in reasons(content)


def test_decisions_that_require_each_other_are_refused() -> None:
    one_way = table([], [("y", "number")], [("1",)], id="one", before=requires("other"))
    other = table([], [("y", "number")], [("1",)], id="other", before=requires("one"))
    assert "require each other in a ring, by way of “other”" in reasons(file(one_way, other))


def test_a_problem_names_resource_element_and_place() -> None:
    (problem,) = problems(file(SOUND.replace("&gt; 1", "=> 1")))
    assert (problem.resource, problem.element, problem.name) == (
        "check.dmn",
        "check_r1_c0",
        "Rule 1, input a",
    )
    assert problem.rule == "dmn.unary_test"


def test_all_problems_of_a_file_are_told_at_once() -> None:
    content = file(SOUND.replace("&gt; 1", "=> 1"), more='<decisionService id="s" name="S"/>')
    assert [problem.rule for problem in problems(content)] == ["dmn.element", "dmn.unary_test"]


def test_a_decision_cannot_be_changed_after_reading() -> None:
    with pytest.raises(AttributeError):
        one(SOUND).name = "other"  # type: ignore[misc]
