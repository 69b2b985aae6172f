"""The JSON Schema of a whole submission, from the schemas of its fields.

Conditions and the options of a variable are not in it: a field that may be hidden is not required here. The
engine checks field by field (`engine.forms.submission`); this is what the API shows to programs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.forms.component import Component, Slot
from engine.forms.fields import empty_value, schema
from engine.forms.submission import MAX_ROWS

Json = Any
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def whole(slots: Sequence[Slot]) -> dict[str, Json]:
    """The schema of a submission that fills ``slots``."""
    return {"$schema": DIALECT, **_object(slots)}


def _object(slots: Sequence[Slot]) -> dict[str, Json]:
    found: dict[str, Json] = {"type": "object", "properties": {}}
    for slot in slots:
        if not slot.writable or slot.component.type == "expression":
            continue
        inside = found
        for key in slot.path[:-1]:
            inside = inside["properties"].setdefault(key, {"type": "object", "properties": {}})
        inside["properties"][slot.path[-1]] = _list(slot) if slot.is_list else _field(slot.component)
        if _demanded(slot):
            inside.setdefault("required", []).append(slot.path[-1])
    return found


def _demanded(slot: Slot) -> bool:
    return bool(slot.component.rules.get("required")) and not slot.hides


def _list(slot: Slot) -> dict[str, Json]:
    rows = {
        "type": "array",
        "items": _object(slot.rows),
        "maxItems": slot.component.row_bound("maxRows") or MAX_ROWS,
    }
    least = slot.component.row_bound("minRows")
    titled = {"title": slot.component.label, **rows}
    return {**titled, "minItems": least} if least else titled


def _field(component: Component) -> dict[str, Json]:
    described = {key: component.properties[key] for key in ("description",) if key in component.properties}
    full = {**schema(component), **_text_rules(component)}
    if component.rules.get("required"):
        return {"title": component.label, **described, **full, **_not_empty(component)}
    empty = {"enum": sorted({"", None} if empty_value(component) == "" else {None}, key=str)}
    return {"title": component.label, **described, "anyOf": [empty, full]}


def _text_rules(component: Component) -> dict[str, Json]:
    """Length and pattern, which the engine checks itself: without the spaces around, and in linear time."""
    names = ("minLength", "maxLength", "pattern")
    return {name: component.rules[name] for name in names if component.rules.get(name)}


def _not_empty(component: Component) -> dict[str, Json]:
    if component.type == "checkbox":
        return {"const": True}
    if component.many:
        return {"minItems": 1}
    least = max(1, component.rules.get("minLength", 1))
    return {"minLength": least} if component.type in ("textfield", "textarea") else {}
