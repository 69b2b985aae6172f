"""The expressions that stand in BPMN's own elements: conditions, timers, cardinalities.

``${…}`` is JUEL in any file. What begins with ``=`` is FEEL in files for Camunda 8, and elsewhere in conditions only,
where no ``=`` belongs; timers with ``=`` are Starlark there, as PlanFlow has them.
"""

from __future__ import annotations

import re

from lxml import etree

from engine.bpmn.dialects import translation
from engine.bpmn.dialects.adoption import Adoption, content, drop, kind
from engine.bpmn.dialects.juel import is_juel
from engine.bpmn.support import XSI

_CONDITIONS = (
    "conditionExpression",
    "completionCondition",
    "condition",
    "loopCondition",
    "activationCondition",
)
_TIMERS = ("timeDate", "timeDuration", "timeCycle")
_OPENINGS = ("${", "#{")
_PLACES = (*_CONDITIONS, *_TIMERS, "loopCardinality")
_CALLED = {
    "conditionExpression": "condition",
    "completionCondition": "completion condition",
    "condition": "condition",
    "loopCondition": "loop condition",
    "activationCondition": "activation condition",
    "loopCardinality": "loop cardinality",
}
_FEEL_SPAN = re.compile(r'=\s*duration\(\s*"(?P<span>P[^"]+)"\s*\)\s*')
_FEEL_LATER = re.compile(r'=\s*now\(\)\s*\+\s*duration\(\s*"(?P<span>P[^"]+)"\s*\)\s*')
_JUEL_LATER = re.compile(
    r"[$#]\{\s*(?:dateTime|now)\(\)\.plus(?P<unit>Minutes|Hours|Days|Weeks|Months|Years)\(\s*(?P<number>\d+)\s*\)"
    r"(?:\.toDate\(\))?\s*\}"
)
_SPANS = {
    "Minutes": "PT{}M",
    "Hours": "PT{}H",
    "Days": "P{}D",
    "Weeks": "P{}W",
    "Months": "P{}M",
    "Years": "P{}Y",
}


def translate_expressions(adoption: Adoption, *, feel: bool) -> None:
    """Rewrite every expression of a file that is JUEL or, where ``feel`` or a condition says so, FEEL."""
    for node in adoption.elements(*_PLACES):
        text = content(node)
        if not text:
            if kind(node) in _CONDITIONS:
                _drop(node)
        elif text.startswith(_OPENINGS) or (kind(node) in _TIMERS and text[0] != "=" and is_juel(text)):
            _rewrite(adoption, node, text, feel=False)
        elif text.startswith("=") and (feel or kind(node) in _CONDITIONS):
            _rewrite(adoption, node, text, feel=True)


def moment(text: str) -> str | None:
    """The ISO 8601 duration that a well-known way to say “so long from now” means; None for any other text."""
    found = _FEEL_SPAN.fullmatch(text) or _FEEL_LATER.fullmatch(text)
    if found:
        return found["span"]
    later = _JUEL_LATER.fullmatch(text)
    return _SPANS[later["unit"]].format(later["number"]) if later else None


def _rewrite(adoption: Adoption, node: etree._Element, text: str, *, feel: bool) -> None:
    condition = kind(node) in _CONDITIONS
    span = None if condition else moment(text)
    if span is None:
        translate = _translator(condition=condition, feel=feel)
        found = adoption.translated(
            node,
            text,
            lambda source: translate(source, adoption.names_at(node)),
            _CALLED.get(kind(node), "timer"),
        )
        written = text if found is None else found
        span = written if condition or kind(node) == "loopCardinality" else f"={written}"
    for child in list(node):
        node.remove(child)
    node.text = span
    drop(node, "language")


def _translator(*, condition: bool, feel: bool) -> translation.Translate:
    if condition:
        return translation.feel_condition if feel else translation.juel_condition
    return translation.from_feel if feel else translation.from_juel


def _drop(node: etree._Element) -> None:
    """An empty condition, as Signavio writes it, is none; unless it says in a foreign attribute where its text lies."""
    parent = node.getparent()
    if parent is not None and all(etree.QName(str(key)).namespace in (None, XSI) for key in node.attrib):
        parent.remove(node)
