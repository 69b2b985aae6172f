"""The only way XML from outside gets in: bounded, without document types, entities or network."""

from __future__ import annotations

from collections.abc import Sized
from typing import NoReturn

from lxml import etree

from engine.errors import NotDeployable, Problem
from engine.messages import translatable

MAX_BYTES = 5_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 200
"""Attributes of one element, and declarations of namespaces at it."""


class _Refused(Exception):
    """Thrown out of lxml's parser to end it at the first broken limit."""

    def __init__(self, rule: str, reason: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.reason = reason


class _Gauge:
    """A parser target that builds nothing: it measures, and ends the parse at the first broken limit.

    The document type is met before any of its entities is read, so none is ever expanded.
    """

    def __init__(self) -> None:
        self.depth = 0
        self.elements = 0

    def doctype(self, *_: object) -> NoReturn:
        raise _Refused("xml.doctype", translatable("A document type or entities are not allowed."))

    def start(self, tag: object, attrib: Sized, nsmap: Sized = ()) -> None:  # noqa: ARG002
        self.depth += 1
        self.elements += 1
        if len(attrib) > MAX_ATTRIBUTES or len(nsmap) > MAX_ATTRIBUTES:
            raise _Refused("xml.attributes", translatable("An element has more than 200 attributes."))
        if self.depth > MAX_DEPTH:
            raise _Refused("xml.depth", translatable("Elements lie deeper than 100 in each other."))
        if self.elements > MAX_ELEMENTS:
            raise _Refused("xml.elements", translatable("There are more than 50,000 elements."))

    def end(self, tag: object) -> None:  # noqa: ARG002
        self.depth -= 1

    def data(self, data: object) -> None:
        """Text counts by the size of the file."""

    def comment(self, text: object) -> None:
        """Comments count by the size of the file."""

    def close(self) -> None:
        """The parser asks its target for a result; there is none."""


def parse(content: bytes, resource: str) -> etree._Element:
    """The root element of an XML document of at most 5 MB, 50,000 elements, 100 levels, and 200 attributes each.

    Raises `NotDeployable` with one problem of ``resource``, whose rule starts with ``xml.``.
    """
    if len(content) > MAX_BYTES:
        raise _refusal(resource, "xml.size", translatable("The file is larger than 5 MB."))
    try:
        etree.fromstring(content, _parser(_Gauge()))
        root = etree.fromstring(content, _parser())
    except _Refused as refused:
        raise _refusal(resource, refused.rule, refused.reason) from None
    except (etree.LxmlError, ValueError, LookupError) as error:
        raise _refusal(resource, "xml.syntax", f"This is not well-formed XML: {_plain(error)}") from error
    return root


def _parser(target: _Gauge | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        target=target,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
    )


def _plain(error: Exception) -> str:
    """What the parser said, on one line, without control characters a document may have put into it."""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    return "".join(character if character.isprintable() else "?" for character in said)[:300]


def _refusal(resource: str, rule: str, reason: str) -> NotDeployable:
    return NotDeployable([Problem(resource=resource, element=None, name=None, reason=reason, rule=rule)])
