"""Of every element and attribute of the BPMN schema it is said what becomes of it, and what is said is so."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator

import pytest
from lxml import etree

from engine.bpmn.reader import read_bpmn
from engine.bpmn.refusals import ATTRIBUTES, ELEMENTS
from engine.bpmn.support import (
    BPMN,
    CHECKED,
    DOCUMENTATION_ONLY,
    DOCUMENTED_VALUES,
    EXPRESSIONS,
    PLANFLOW,
    RULES,
)
from engine.errors import NotDeployable
from tests.engine.bpmn.corpus import DELIVERED, MODELS
from tests.engine.bpmn.meaning import meaning
from tools.bpmn_reference import GROUPS, attribute_verdict, verdict
from tools.bpmn_schema import elements

SCHEMA = elements()
CONCRETE = {name for name, element in SCHEMA.items() if not element.abstract}
FORMAL = {"language", "evaluatesToTypeRef"}
"""What ``xsi:type="tFormalExpression"`` adds to an expression."""
IN_THE_METAMODEL = {"documentation", "extensionElements"}
"""What definitions have as every base element has (BPMN 2.0.2 §8.2.1), though the schema leaves it out."""


def test_every_element_of_the_schema_has_a_verdict():
    assert {e for e in RULES if e in SCHEMA} | (ELEMENTS.keys() - {"partitionElement"}) == CONCRETE
    assert RULES.keys().isdisjoint(ELEMENTS)


def test_every_attribute_of_the_schema_has_a_verdict():
    for name, rule in RULES.items():
        given = SCHEMA[name].attributes.keys()
        told = rule.attributes.keys() | rule.documentation | {a for e, a in ATTRIBUTES if e == name}
        assert given <= told, name


def test_the_table_names_nothing_that_is_not_in_the_schema():
    for name, rule in RULES.items():
        schema = SCHEMA[name]
        more = FORMAL if name in EXPRESSIONS else set()
        assert rule.attributes.keys() | rule.documentation <= schema.attributes.keys() | more, name
        children = IN_THE_METAMODEL if name == "definitions" else set()
        assert rule.children <= schema.children.keys() | children, name
        assert rule.checked <= rule.attributes.keys(), name
    assert {attribute for e, attribute in ATTRIBUTES if attribute not in SCHEMA[e].attributes} == set()
    assert (CHECKED | DOCUMENTATION_ONLY) - {"BPMNDiagram"} <= RULES.keys()


def test_accepted_values_are_those_of_the_schema():
    for name, rule in RULES.items():
        for attribute, values in rule.attributes.items():
            schema = SCHEMA[name].attributes.get(attribute)
            if schema is not None and schema.values and schema.type != "tImplementation":
                assert set(values) <= set(schema.values), (name, attribute)
    enumerated = {a.name: a.values for e in SCHEMA.values() for a in e.attributes.values() if a.values}
    assert {a: v for a, v in enumerated.items() if a in DOCUMENTED_VALUES} == {
        a: v for a, v in DOCUMENTED_VALUES.items() if a in enumerated
    }


def test_the_page_lists_every_element_once():
    listed = [name for sections in GROUPS.values() for names in sections.values() for name in names.split()]
    assert len(set(listed)) == len(listed)
    assert set(listed) == CONCRETE | {"BPMNDiagram", "partitionElement"}


@pytest.mark.parametrize("name", [*MODELS, *DELIVERED])
def test_the_models_of_these_tests_are_deployable(name):
    _model, warnings = read_bpmn({**MODELS, **DELIVERED}[name], "x.bpmn")
    assert [w for w in warnings if w.rule != "bpmn.unreachable"] == []


Item = tuple[str, str | None]
"""An element, or an attribute of one."""


def _outcome(root: etree._Element, before: object) -> str:
    try:
        model, _warnings = read_bpmn(etree.tostring(root), "x.bpmn")
    except NotDeployable:
        return "refused"
    return "same" if meaning(model) == before else "other"


def _taken_away(content: bytes, settled: Container[Item]) -> Iterator[tuple[Item, str]]:
    """Every element and attribute of a file that is not settled yet, with what becomes of the model without it."""
    before = meaning(read_bpmn(content, "x.bpmn")[0])
    count = len(list(etree.fromstring(content).iter(f"{{{BPMN}}}*")))
    for number in range(count):
        root = etree.fromstring(content)
        node = list(root.iter(f"{{{BPMN}}}*"))[number]
        name = etree.QName(node).localname
        for key in [str(key) for key in node.attrib]:
            item = name, key.replace(f"{{{PLANFLOW}}}", "planflow:")
            if item in settled:
                continue
            value = node.attrib.pop(key)
            yield item, _outcome(root, before)
            node.set(key, value)
        parent = node.getparent()
        if parent is not None and (name, None) not in settled:
            parent.remove(node)
            yield (name, None), _outcome(root, before)


@pytest.fixture(scope="module")
def outcomes() -> dict[Item, set[str]]:
    """What became of the models without each item. Of what must be missed, once is enough."""
    found: dict[Item, set[str]] = defaultdict(set)
    settled: set[Item] = set()
    never_missed = set(_items("documentation"))
    for content in MODELS.values():
        for item, outcome in _taken_away(content, settled):
            found[item].add(outcome)
            if outcome != "same" and item not in never_missed:
                settled.add(item)
    return found


def _items(wanted: str) -> Iterator[Item]:
    for name, rule in RULES.items():
        if verdict(name) == wanted and name in SCHEMA:
            yield name, None
        for attribute in rule.attributes.keys() | rule.documentation:
            if attribute_verdict(name, attribute) == wanted and attribute != "id":
                yield name, attribute


@pytest.mark.slow
def test_what_is_called_executed_is_missed_when_it_is_taken_away(outcomes):
    unread = {item for item in _items("executed") if not outcomes[item] & {"other", "refused"}}
    assert unread == {("definitions", None)}


@pytest.mark.slow
def test_what_is_called_documentation_is_not_missed_when_it_is_taken_away(outcomes):
    assert {item for item in _items("documentation") if outcomes[item] - {"same"}} == set()


@pytest.mark.slow
def test_every_option_is_read(outcomes):
    options = {(name, f"planflow:{option}") for name, rule in RULES.items() for option in rule.options}
    assert {option for option in options if not outcomes[option] & {"other", "refused"}} == set()
