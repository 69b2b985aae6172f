"""Puts any element, attribute or option of BPMN anywhere into a model, as an editor or a hand might."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import strategies as st
from lxml import etree

from engine.bpmn.support import BPMN, EXPRESSIONS, PLANFLOW, RULES
from tests.engine.bpmn.corpus import DELIVERED, MODELS
from tools.bpmn_schema import Attribute, elements

SCHEMA = elements()
BASES = {**MODELS, **DELIVERED}
ELEMENTS = sorted(SCHEMA)
ATTRIBUTES = sorted({name for element in SCHEMA.values() for name in element.attributes})
OPTIONS = sorted({option for rule in RULES.values() for option in rule.options} | {"asignee", "unknown"})
EXTENSIONS = {
    "inputs": '<planflow:input name="fresh" value="=1"/>',
    "outputs": '<planflow:output name="fresh" value="=1"/>',
    "outcomes": '<planflow:outcome id="fresh"/>',
    "facts": '<planflow:fact label="Fresh" value="=1"/>',
    "invented": "",
}
WORDS = {
    "boolean": ["true", "false", "1", "0", " true ", "yes", ""],
    "integer": ["0", "1", "2", "02", "-1", "many", "99999999999", ""],
    "int": ["0", "1", "7", "few"],
}
DEEPEST = 4


@dataclass(frozen=True)
class Sprinkled:
    """``kind`` is element, attribute, option or extension; ``owner`` the id by which a designer finds the place.

    ``parent`` is the element it was put into, or on; ``before`` and ``after`` what an attribute said and says.
    """

    base: bytes = field(repr=False)
    content: bytes = field(repr=False)
    kind: str
    parent: str
    name: str
    owner: str | None
    before: str | None = None
    after: str | None = None
    within_definition: bool = False


def local(node: etree._Element) -> str:
    return etree.QName(node).localname


def owner_of(node: etree._Element | None) -> str | None:
    while node is not None:
        if node.get("id") is not None:
            return node.get("id")
        node = node.getparent()
    return None


def _within_definition(node: etree._Element) -> bool:
    """Whether it lies in what the file defines for others to refer to, rather than in a process."""
    line = [node, *node.iterancestors()]
    return len(line) == 1 or local(line[-2]) != "process"


class _Chance:
    """Hypothesis' choices, and the ids of the model they are made for."""

    def __init__(self, draw: Callable, base: bytes, root: etree._Element) -> None:
        self.draw = draw
        self.base = base
        self.ids = [str(n.get("id")) for n in root.iter(f"{{{BPMN}}}*") if n.get("id")]
        self.kinds: dict[str, list[str]] = {}
        for each in root.iter(f"{{{BPMN}}}*"):
            if each.get("id"):
                self.kinds.setdefault(local(each), []).append(str(each.get("id")))
        self.count = 0

    def one(self, choices):
        return self.draw(st.sampled_from(choices))

    def mostly(self, likely, other):
        return self.one(likely) if likely and self.draw(st.integers(0, 9)) < 7 else self.one(other)

    def fresh(self) -> str:
        self.count += 1
        return f"sprinkled_{self.count}"

    def reference(self, name: str) -> str:
        kind = name.removesuffix("Refs").removesuffix("Ref")
        likely = [i for k, ids in self.kinds.items() if k.lower() == kind.lower() for i in ids]
        return self.mostly(likely, [*self.ids, "nowhere", "x:other"])

    def value(self, attribute: Attribute) -> str:
        if attribute.type == "ID":
            return self.fresh()
        if attribute.values:
            return self.one([*attribute.values, "Nonsense", ""])
        if attribute.type in WORDS:
            return self.one(WORDS[attribute.type])
        if attribute.type in ("QName", "IDREF"):
            return self.reference(attribute.name)
        return self.one(["fresh", "another name", "7", "starlark", "http://www.w3.org/1999/XPath", ""])

    def element(self, name: str, depth: int = 0) -> etree._Element:
        """A new element with what the schema asks for, and perhaps more."""
        schema = SCHEMA[name]
        made = etree.Element(f"{{{BPMN}}}{name}")
        if "id" in schema.attributes:
            made.set("id", self.fresh())
        for attribute in schema.attributes.values():
            if attribute.type != "ID" and (attribute.required or self.draw(st.integers(0, 5)) == 0):
                made.set(attribute.name, self.value(attribute))
        for child, required in schema.children.items():
            if required and child in SCHEMA and depth < DEEPEST:
                made.append(self.element(child, depth + 1))
        if name in EXPRESSIONS:
            made.text = self.one(["1 == 1", "=fresh", "P1D"])
        elif schema.text in ("QName", "IDREF"):
            made.text = self.reference(name)
        elif schema.text == "mixed":
            made.text = "fresh = 1"
        return made


@st.composite
def sprinkled(draw: Callable) -> Sprinkled:
    """One of the models with one thing more in it, or with one attribute of it changed."""
    base = BASES[draw(st.sampled_from(sorted(BASES)))]
    root = etree.fromstring(base)
    chance = _Chance(draw, base, root)
    node = chance.one(list(root.iter(f"{{{BPMN}}}*")))
    put = chance.one([_attribute, _element, _element, _attribute, _option, _extension])
    return put(chance, root, node)


def _attribute(chance: _Chance, root: etree._Element, node: etree._Element) -> Sprinkled:
    name, inside = local(node), _within_definition(node)
    schema = SCHEMA[name].attributes
    attribute = chance.mostly(sorted(schema), ATTRIBUTES)
    before = node.get(attribute)
    after = chance.value(schema.get(attribute) or Attribute(attribute, "string"))
    node.set(attribute, after)
    return Sprinkled(
        chance.base, etree.tostring(root), "attribute", name, attribute, owner_of(node), before, after, inside
    )


def _element(chance: _Chance, root: etree._Element, node: etree._Element) -> Sprinkled:
    name = chance.mostly(sorted(SCHEMA[local(node)].children.keys() & SCHEMA.keys()), ELEMENTS)
    new = chance.element(name)
    inside = _within_definition(node)
    node.insert(chance.draw(st.integers(0, len(node))), new)
    return Sprinkled(
        chance.base,
        etree.tostring(root),
        "element",
        local(node),
        name,
        owner_of(new),
        within_definition=inside,
    )


def _option(chance: _Chance, root: etree._Element, node: etree._Element) -> Sprinkled:
    name = local(node)
    option = chance.mostly(sorted(RULES[name].options), OPTIONS)
    key, after = f"{{{PLANFLOW}}}{option}", chance.one(["fresh", "=fresh", "true", ""])
    before = node.get(key)
    node.set(key, after)
    return Sprinkled(chance.base, etree.tostring(root), "option", name, option, owner_of(node), before, after)


def _extension(chance: _Chance, root: etree._Element, node: etree._Element) -> Sprinkled:
    name, group = local(node), chance.one(sorted(EXTENSIONS))
    holder = node.find(f"{{{BPMN}}}extensionElements")
    if holder is None:
        holder = etree.SubElement(node, f"{{{BPMN}}}extensionElements")
    written = f'<planflow:{group} xmlns:planflow="{PLANFLOW}">{EXTENSIONS[group]}</planflow:{group}>'
    holder.append(etree.fromstring(written))
    return Sprinkled(chance.base, etree.tostring(root), "extension", name, group, owner_of(node))
