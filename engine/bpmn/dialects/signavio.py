"""Signavio: labels, colours and a company's own attributes (``signavio:``). Nothing of it is executed."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.dialects.adoption import Adoption, remove

NAMESPACE = "http://www.signavio.com"


def adopt(adoption: Adoption) -> None:
    """Take it all out, with one remark for the whole file."""
    found = [node for node in adoption.root.iter(f"{{{NAMESPACE}}}*") if isinstance(node.tag, str)]
    for node in found:
        remove(node)
    attributes = _attributes(adoption.root)
    if found or attributes:
        adoption.warn(None, "Labels and attributes of Signavio are kept in the file and not read.")


def _attributes(root: etree._Element) -> int:
    taken = 0
    for node in root.iter():
        for key in [str(key) for key in node.attrib] if isinstance(node.tag, str) else ():
            if key.startswith(f"{{{NAMESPACE}}}"):
                del node.attrib[key]
                taken += 1
    return taken
