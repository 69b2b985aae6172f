"""Looking into XML nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from lxml import etree

from engine.bpmn.support import BPMN, PLANFLOW

_OPTION = f"{{{PLANFLOW}}}"


def local(node: etree._Element) -> str:
    """The XML name of a node, without its namespace."""
    return etree.QName(node).localname


def children(node: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Its BPMN children of these names."""
    yield from node.iterchildren(*(f"{{{BPMN}}}{name}" for name in names))


def child(node: etree._Element, name: str) -> etree._Element | None:
    """Its first BPMN child of this name."""
    return node.find(f"{{{BPMN}}}{name}")


def text(node: etree._Element | None) -> str | None:
    """The text of a node, without that of the elements in it; None where there is none."""
    found = (
        "" if node is None else "".join(filter(None, (node.text, *(child.tail for child in node)))).strip()
    )
    return found or None


def all_text_in(node: etree._Element, name: str) -> str | None:
    """All text in a child and in the elements in it, such as those of XHTML."""
    found = child(node, name)
    return None if found is None else "".join(str(part) for part in found.itertext()).strip() or None


def text_in(node: etree._Element, name: str) -> str | None:
    """The text in a child."""
    return text(child(node, name))


def expression_in(node: etree._Element, name: str) -> str | None:
    """The expression in a child that can be nothing else; a leading “=” is no part of it."""
    found = text_in(node, name)
    return None if found is None else found.removeprefix("=").strip()


def flag(node: etree._Element, name: str, default: bool = False) -> bool:
    """An attribute that is ``true`` or ``1``, or else ``false`` or ``0``."""
    given = word(node, name)
    return default if given is None else given in ("true", "1")


def word(node: etree._Element, name: str) -> str | None:
    """An attribute that is one word, without the white space that XML allows around it."""
    given = node.get(name)
    return None if given is None else given.strip()


def options(node: etree._Element) -> Mapping[str, str]:
    """Its ``planflow:`` attributes by local name."""
    found = {
        str(key)[len(_OPTION) :]: str(value)
        for key, value in node.attrib.items()
        if str(key).startswith(_OPTION)
    }
    return MappingProxyType(found)


def extension(node: etree._Element, group: str, item: str) -> Iterator[etree._Element]:
    """The ``planflow:`` items of a group among its extension elements."""
    yield from node.iterfind(f"{{{BPMN}}}extensionElements/{_OPTION}{group}/{_OPTION}{item}")


def whole_number(text_: str | None, default: int | None = None) -> int | None:
    """The whole number in an attribute; -1 for a text that is none, which no rule accepts."""
    if text_ is None:
        return default
    return int(text_) if text_.strip().isascii() and text_.strip().isdigit() and len(text_) < 10 else -1
