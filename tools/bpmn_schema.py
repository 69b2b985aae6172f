"""The XML Schema of BPMN 2.0.2, as the reference page and the tests compare the engine's table with it.

SpiffWorkflow carries the files of the OMG. The engine itself never reads them: it has its own table.
"""

from __future__ import annotations

import importlib.metadata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from lxml import etree

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_FOLDER = "SpiffWorkflow/bpmn/parser/schema/"
_FILES = ("BPMN20.xsd", "Semantic.xsd")


@dataclass(frozen=True)
class Attribute:
    """``type`` is the local name of its type; ``values`` are those that the schema enumerates, if it does."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    required: bool = False
    default: str | None = None


@dataclass(frozen=True)
class Element:
    """An XML element with everything that it inherits.

    ``children`` maps the concrete elements that may stand in it to whether one has to. ``text`` is the type of its
    text where it holds nothing else, such as ``QName``, and ``mixed`` where text may stand between its children.
    """

    name: str
    abstract: bool = False
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    children: Mapping[str, bool] = field(default_factory=dict)
    text: str | None = None


@cache
def elements() -> Mapping[str, Element]:
    """Every element of the schema by name. Where a name is declared several times, all that any of them allows."""
    return _Reader().elements()


def _source(name: str) -> Path:
    files = importlib.metadata.files("SpiffWorkflow") or []
    return Path(str(next(f for f in files if str(f) == _FOLDER + name).locate()))


def _local(name: str | None) -> str:
    return (name or "").rpartition(":")[2]


class _Reader:
    """Follows extensions of types, references and substitution groups."""

    def __init__(self) -> None:
        roots = [etree.parse(_source(name)).getroot() for name in _FILES]
        self.types = {t.get("name"): t for root in roots for t in root.iterchildren(f"{_XSD}complexType")}
        self.simple = {t.get("name"): t for root in roots for t in root.iterchildren(f"{_XSD}simpleType")}
        self.declared = [e for root in roots for e in root.iter(f"{_XSD}element") if e.get("name")]
        self.top = {e.get("name"): e for root in roots for e in root.iterchildren(f"{_XSD}element")}
        self.substitutes: defaultdict[str, list[str]] = defaultdict(list)
        for name, element in self.top.items():
            self.substitutes[_local(element.get("substitutionGroup"))].append(str(name))

    def elements(self) -> Mapping[str, Element]:
        found: dict[str, Element] = {}
        for declared in self.declared:
            one = self._element(declared)
            before = found.get(one.name)
            found[one.name] = one if before is None else _merged(before, one)
        return found

    def _element(self, declared: etree._Element) -> Element:
        name, kind = str(declared.get("name")), _local(declared.get("type"))
        if kind not in self.types:
            return Element(name, text=kind)
        children: dict[str, bool] = {}
        for part in self._parts(kind):
            for child in part.iter(f"{_XSD}element"):
                children.update(self._allowed(child))
        mixed = any(self.types[each].get("mixed") == "true" for each in self._ancestry(kind))
        return Element(
            name,
            self._is_abstract(declared),
            {a.name: a for part in self._parts(kind) for a in map(self._attribute, part.iter(f"{_XSD}attribute"))},
            children,
            "mixed" if mixed else None,
        )  # fmt: skip

    def _is_abstract(self, declared: etree._Element) -> bool:
        type_ = self.types.get(_local(declared.get("type")))
        return "true" in (declared.get("abstract"), None if type_ is None else type_.get("abstract"))

    def _ancestry(self, kind: str) -> Iterator[str]:
        """A type and those that it extends, the outermost first."""
        extension = self.types[kind].find(f"{_XSD}complexContent/{_XSD}extension")
        if extension is not None:
            yield from self._ancestry(_local(extension.get("base")))
        yield kind

    def _parts(self, kind: str) -> list[etree._Element]:
        return [self.types[each] for each in self._ancestry(kind)]

    def _allowed(self, child: etree._Element) -> Iterator[tuple[str, bool]]:
        """The concrete elements that a declared child may be."""
        required = child.get("minOccurs", "1") != "0"
        if child.get("name"):
            yield str(child.get("name")), required
            return
        name = _local(child.get("ref"))
        choices = [
            each
            for each in self._group(name)
            if each not in self.top or not self._is_abstract(self.top[each])
        ]
        for each in choices:
            yield each, required and len(choices) == 1

    def _group(self, name: str) -> Iterator[str]:
        yield name
        for each in self.substitutes[name]:
            yield from self._group(each)

    def _attribute(self, declared: etree._Element) -> Attribute:
        kind = _local(declared.get("type"))
        restricted = self.simple.get(kind)
        values = (
            [] if restricted is None else [str(e.get("value")) for e in restricted.iter(f"{_XSD}enumeration")]
        )
        return Attribute(
            str(declared.get("name")),
            kind,
            tuple(values),
            declared.get("use") == "required",
            declared.get("default"),
        )


def _merged(one: Element, other: Element) -> Element:
    return Element(
        one.name,
        one.abstract and other.abstract,
        {**one.attributes, **other.attributes},
        {**one.children, **other.children},
        one.text or other.text,
    )
