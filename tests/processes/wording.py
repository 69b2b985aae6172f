"""Every text of a process folder that people read, and so needs a translation."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from tests.processes.drawing import NODES, PLANFLOW, Drawing

FORM_TEXTS = ("label", "description", "dateLabel", "timeLabel", "text", "alt", "patternErrorMessage")
SHOWN_INPUTS = {"subject"}
"""Inputs of service tasks whose literal value people read: the subject of a notice."""


def visible_texts(folder: Path) -> dict[str, str]:
    """Each text with a place where it stands, such as ``process.bpmn:set_goals``."""
    drawing = Drawing(folder / "process.bpmn")
    found: dict[str, str] = {}
    for place, text in (*_model_texts(drawing), *_form_texts(folder), *_decision_texts(folder)):
        found.setdefault(text, place)
    return found


def _model_texts(drawing: Drawing) -> Iterator[tuple[str, str]]:
    for element in drawing.elements("process", "participant", "lane", "sequenceFlow", *NODES):
        place = f"process.bpmn:{element.get('id')}"
        if element.get("name"):
            yield place, element.get("name")
        if element is drawing.process and (about := element.findtext("{*}documentation")):
            yield place, about
        if drawing.kind(element) in NODES:
            yield from ((place, text) for text in _node_texts(element))


def _node_texts(node: etree._Element) -> Iterator[str]:
    for outcome in node.iter(PLANFLOW + "outcome"):
        yield outcome.get("name")
    for fact in node.iter(PLANFLOW + "fact"):
        yield fact.get("label")
        yield from _spoken(fact.get("value").removeprefix("="))
    for given in node.iter(PLANFLOW + "input"):
        if given.get("name") in SHOWN_INPUTS and not given.get("value").startswith("="):
            yield given.get("value")
    script = node.find("{*}script")
    if script is not None:
        yield from _spoken(script.text)


def _spoken(source: str) -> Iterator[str]:
    """Texts that people read begin with a capital and go on in small letters; keys and codes do not."""
    for node in ast.walk(ast.parse(source.strip())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _is_said(node.value):
            yield node.value


def _is_said(text: str) -> bool:
    return text[:1].isupper() and not text.isupper()


def _form_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted((folder / "forms").glob("*.form")):
        for text in _component_texts(json.loads(path.read_text(encoding="utf-8"))["components"]):
            yield f"forms/{path.name}", text


def _component_texts(components: list[dict[str, Any]]) -> Iterator[str]:
    for component in components:
        yield from (component[key] for key in FORM_TEXTS if component.get(key))
        if pattern_message := component.get("validate", {}).get("patternErrorMessage"):
            yield pattern_message
        yield from component.get("appearance", {}).values()
        for choice in (*component.get("values", ()), *component.get("columns", ())):
            yield choice["label"]
        yield from _component_texts(component.get("components", []))


def _decision_texts(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.dmn")):
        root = etree.parse(str(path)).getroot()
        for decision in root.iter("{*}decision"):
            yield path.name, decision.get("name")
        for column in root.iter("{*}input", "{*}output"):
            yield path.name, column.get("label")
        for entry in root.iter("{*}outputEntry"):
            text = (entry.findtext("{*}text") or "").strip()
            yield from ((path.name, spoken) for spoken in _spoken(text))
