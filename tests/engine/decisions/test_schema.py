"""Of every element and attribute of the DMN 1.3 schema it is known what becomes of it; nothing is ignored."""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
import SpiffWorkflow
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from engine.decisions import DecisionFailed, evaluate, examine_decision_files, read_decisions
from engine.decisions.support import EVERYWHERE, EXECUTED, NAMESPACES, REFUSED, TOLD, Support
from engine.errors import NotDeployable
from tests.engine.decisions.dmn import HEAD, file, requires, table

SCHEMA = etree.parse(str(Path(SpiffWorkflow.__file__).parent / "dmn/parser/schema/DMN13.xsd")).getroot()
XSD = "{http://www.w3.org/2001/XMLSchema}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
ABSTRACT = {
    *(
        "DMNElement",
        "namedElement",
        "drgElement",
        "businessContextElement",
        "invocable",
        "expression",
        "artifact",
    ),
    "informationItem",  # only its uses have names: variable, formalParameter, column, parameter
}
DECLARED = {str(each.get("name")) for each in SCHEMA.iter(f"{XSD}element") if each.get("name")} - ABSTRACT
ATTRIBUTES = sorted({str(each.get("name")) for each in SCHEMA.iter(f"{XSD}attribute")} | {"unknown"})
WITHIN_REFUSED = {  # these are met only inside elements that are refused with all that is in them
    *("typeRef", "allowedValues", "itemComponent", "functionItem", "parameters", "importedElement"),
    *("outputDecision", "encapsulatedDecision", "inputDecision"),
}

KNOWLEDGE = (
    '<businessKnowledgeModel id="tax" name="tax"><variable name="tax"/><encapsulatedLogic><formalParameter name="x"/>'
    "<literalExpression><text>x + 1</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>"
)
BOXED = (
    '<decision id="boxed" name="boxed"><variable name="boxed"/><knowledgeRequirement id="kr">'
    '<requiredKnowledge href="#tax"/></knowledgeRequirement><context id="c"><contextEntry id="ce"><variable name="a"/>'
    '<invocation id="v"><literalExpression><text>tax</text></literalExpression><binding><parameter name="x"/>'
    "<literalExpression><text>1</text></literalExpression></binding></invocation></contextEntry><contextEntry>"
    '<relation id="r"><column name="n"/><row><literalExpression><text>2</text></literalExpression></row></relation>'
    "</contextEntry></context></decision>"
)
TABLE = table(
    [("amount", "number")],
    [("level", "string")],
    [("> 1", '"high"'), ("<= 1", '"low"')],
    before='<description>d</description><question>q</question><informationRequirement id="ir1"><requiredInput '
    'href="#amount_data"/></informationRequirement>' + requires("boxed") + '<authorityRequirement id="au">'
    '<requiredAuthority href="#policy"/></authorityRequirement>',
    values={"level": '"high","low"', "amount": "[-1000000..1000000]"},
    defaults={"level": '"low"'},
).replace("</rule>", "<annotationEntry><text>because</text></annotationEntry></rule>")
TABLE = TABLE.replace("<rule ", '<annotation name="Why"/><rule ', 1)
MORE = (
    f'{KNOWLEDGE}<inputData id="amount_data" name="amount"><variable name="amount" typeRef="number"/></inputData>'
    '<knowledgeSource id="policy" name="Policy"><type>text</type></knowledgeSource><textAnnotation id="note"><text>n'
    '</text></textAnnotation><association id="as"><sourceRef href="#note"/><targetRef href="#check"/></association>'
)
RICH = file(TABLE, BOXED, more=MORE)


def test_the_file_that_is_changed_below_is_executed_as_it_is() -> None:
    decision = read_decisions(RICH)[0]
    assert evaluate(decision, {"amount": 2}, lambda *_: None).outputs == {"level": "high"}


def test_every_element_of_the_schema_is_executed_refused_or_documentation() -> None:
    assert DECLARED - WITHIN_REFUSED - {*EXECUTED, *TOLD, *REFUSED, *EVERYWHERE, "definitions"} == set()


def test_every_attribute_that_is_read_is_one_of_the_schema() -> None:
    known = {each.get("name") for each in SCHEMA.iter(f"{XSD}attribute")} | {"href"}
    for support in (*EXECUTED.values(), *TOLD.values()):
        assert support.attributes <= known


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_element_anywhere_is_executed_documentation_or_refused(data: st.DataObject) -> None:
    root = etree.fromstring(RICH)
    places = [each for each in root.iter(etree.Element) if each.tag != f"{DMN}extensionElements"]
    parent = data.draw(st.sampled_from(places))
    name = data.draw(st.sampled_from(sorted(DECLARED | {"unknown"})))
    child = etree.SubElement(parent, f"{DMN}{name}")
    told = _is_told(parent)
    support = (TOLD if told else EXECUTED).get(etree.QName(parent).localname, Support(frozenset()))
    known = support.told | EVERYWHERE | (frozenset() if told else support.executed)
    found = examine_decision_files({"check.dmn": etree.tostring(root)})
    if name not in known:
        assert [each for each in found.problems if f"“{name}” is not executed in" in each.reason], (
            parent,
            child,
        )
    elif not found.problems:
        assert _decided(etree.tostring(root)) == _decided(RICH)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_an_attribute_anywhere_is_known_or_refused(data: st.DataObject) -> None:
    root = etree.fromstring(RICH)
    element = data.draw(st.sampled_from(list(root.iter(etree.Element))))
    name = data.draw(st.sampled_from([each for each in ATTRIBUTES if element.get(each) is None]))
    element.set(name, "x1")
    support = (TOLD if _is_told(element) else EXECUTED).get(
        etree.QName(element).localname, Support(frozenset())
    )
    found = examine_decision_files({"check.dmn": etree.tostring(root)})
    if name not in support.attributes:
        reason = f"The attribute “{name}” is unknown in “{etree.QName(element).localname}”."
        assert reason in [each.reason for each in found.problems]
    elif not found.problems:
        assert set(_decided(etree.tostring(root))) == set(_decided(RICH))


def _is_told(node: etree._Element) -> bool:
    """Whether an element is documentation where it stands."""
    way = [node, *node.iterancestors()]
    for child, parent in pairwise(way):
        support = EXECUTED.get(etree.QName(parent).localname)
        if support and etree.QName(child).localname in support.told | EVERYWHERE:
            return True
    return False


def _decided(content: bytes) -> dict[str, object]:
    found = {}
    for decision in read_decisions(content):
        found[decision.id] = evaluate(decision, {"amount": 2}, lambda *_: None).outputs
    return found


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_version_of_dmn_is_read(namespace: str) -> None:
    content = RICH.replace(b"https://www.omg.org/spec/DMN/20191111/MODEL/", namespace.encode())
    assert _decided(content) == _decided(RICH)


CAMUNDA = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi='
    b'"https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" '
    b'xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0" '
    b'xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions_1" name="DRD" namespace='
    b'"http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler" exporterVersion="5.0.0" '
    b'modeler:executionPlatform="Camunda Platform" modeler:executionPlatformVersion="7.17.0">'
    b'<decision id="dish" name="Dish" camunda:historyTimeToLive="P30D"><extensionElements><camunda:properties/>'
    b'</extensionElements><decisionTable id="t" biodi:annotationsWidth="400"><input id="i" biodi:width="200" '
    b'camunda:inputVariable="g"><inputExpression id="ie" typeRef="integer" expressionLanguage="feel"><text>guests'
    b'</text></inputExpression></input><output id="o" name="dish" typeRef="string"/><rule id="r"><inputEntry id="e">'
    b'<text>&gt; 8</text></inputEntry><outputEntry id="u"><text>"Stew"</text></outputEntry></rule></decisionTable>'
    b'</decision><dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="dish"><dc:Bounds height="80" '
    b'width="180" x="160" y="100"/></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI></definitions>'
)


def test_what_camunda_modeler_adds_is_left_out_with_a_warning() -> None:
    found = examine_decision_files({"dish.dmn": CAMUNDA})
    assert found.problems == []
    assert [(each.element, each.rule, each.severity) for each in found.warnings] == [
        ("dish", "dmn.vendor", "warning"),
        ("dish", "dmn.vendor", "warning"),
        ("i", "dmn.vendor", "warning"),
    ]
    (decision,) = found.decisions["dish.dmn"]
    assert evaluate(decision, {"guests": 9}, lambda *_: None).outputs == {"dish": "Stew"}


CELLS = st.sampled_from(
    [
        "-",
        "",
        "1",
        "> 1",
        "[1..3]",
        '"a"',
        '"a","b"',
        "not(1)",
        "null",
        "true",
        "? > 1",
        "limit",
        "date(1)",
        "1 +",
        "==",
    ]
)
RESULTS = st.sampled_from(
    ["", "1", '"a"', "true", "null", "limit", "limit + 1", 'date("2027-01-01")', "1 +", "[0][0]"]
)
KINDS = st.sampled_from(["string", "number", "integer", "boolean", "date", "Any", "money"])
POLICIES = ["UNIQUE", "FIRST", "PRIORITY", "ANY", "COLLECT", "RULE ORDER", "OUTPUT ORDER"]


@settings(deadline=None, max_examples=300)
@given(
    st.lists(st.tuples(CELLS, RESULTS), max_size=4),
    KINDS,
    KINDS,
    st.sampled_from(POLICIES),
    st.sampled_from(["", 'aggregation="SUM"', 'aggregation="COUNT"', 'aggregation="MAX"']),
    st.sampled_from([1, "a", None, True, 2.5, "2027-01-01"]),
)
def test_any_table_is_decided_refused_by_element_or_fails_with_its_reason(
    rules: list[tuple[str, str]], wanted: str, given_as: str, policy: str, attributes: str, value: object
) -> None:
    xml = table([("x", wanted)], [("y", given_as)], rules, policy=policy, attributes=attributes)
    found = examine_decision_files({"check.dmn": file(xml, head=HEAD)})
    if found.problems:
        assert all(each.element and each.reason and each.rule.startswith("dmn.") for each in found.problems)
        return
    (decision,) = found.decisions["check.dmn"]
    with suppress(DecisionFailed):
        result = evaluate(decision, {"x": value, "limit": 1}, lambda *_: 0)
        assert set(result.matched_rules) <= {f"r{number}" for number in range(1, len(rules) + 1)}


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from([1, 2, 3])), max_size=6),
    st.integers(0, 3),
)
def test_hit_policies_agree_with_each_other(rules: list[tuple[int, int, int]], value: int) -> None:
    rows = [(f"[{min(a, b)}..{max(a, b)}]", str(result)) for a, b, result in rules]

    def given_by(policy: str, attributes: str = "") -> object:
        xml = table(
            [("x", "number")],
            [("y", "number")],
            rows,
            policy=policy,
            attributes=attributes,
            values={"y": "3,2,1"},
        )
        try:
            return evaluate(read_decisions(file(xml))[0], {"x": value}, lambda *_: None).outputs
        except DecisionFailed:
            return "violation"

    in_order = [row["y"] for row in given_by("RULE ORDER")]  # type: ignore[attr-defined]
    one = {"y": in_order[0]} if in_order else None
    assert given_by("COLLECT") == given_by("RULE ORDER")
    assert given_by("FIRST") == one
    assert given_by("UNIQUE") == ("violation" if len(in_order) > 1 else one)
    assert given_by("ANY") == ("violation" if len(set(in_order)) > 1 else one)
    assert given_by("PRIORITY") == ({"y": max(in_order)} if in_order else None)
    assert [row["y"] for row in given_by("OUTPUT ORDER")] == sorted(in_order, reverse=True)  # type: ignore[attr-defined]
    assert given_by("COLLECT", 'aggregation="COUNT"') == {"y": len(in_order)}
    assert given_by("COLLECT", 'aggregation="SUM"') == {"y": sum(in_order) if in_order else None}
    assert given_by("COLLECT", 'aggregation="MIN"') == {"y": min(in_order, default=None)}
    assert given_by("COLLECT", 'aggregation="MAX"') == {"y": max(in_order, default=None)}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"<definitions" + b"<a>" * 200,
        RICH.replace(b"<text>&gt; 1</text>", b"<text>" + b"(" * 9_000 + b"</text>"),
        RICH.replace(b"<text>&gt; 1</text>", b"<text>" + b"x in ((" * 1_400 + b"</text>"),
        RICH.replace(b"<text>&gt; 1</text>", b"<text>" + b"9" * 9_000 + b"</text>"),
        RICH.replace(b"<text>&gt; 1</text>", b"<text>" + b"a " * 5_000 + b"</text>"),
    ],
)
def test_hostile_files_are_refused(content: bytes) -> None:
    with pytest.raises(NotDeployable):
        read_decisions(content)
