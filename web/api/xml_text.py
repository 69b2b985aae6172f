"""BPMN as text for JSON, whatever encoding its file has."""

from __future__ import annotations

from lxml import etree

from engine.xml import parse


def xml_text(content: bytes) -> str:
    """The document as text. The bytes themselves stay as they were deployed."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _rewritten(content)
    declaration = text[: text.find("?>")] if text.startswith("<?xml") else ""
    other = "encoding" in declaration and "utf-8" not in declaration.lower()
    return _rewritten(content) if other else text


def _rewritten(content: bytes) -> str:
    tree = parse(content, "process.bpmn").getroottree()
    return str(etree.tostring(tree, encoding="unicode"))
