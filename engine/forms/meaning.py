"""What makes no sense in one component, though each property alone is right: refused here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from engine.feel_syntax import Path
from engine.forms.component import Component
from engine.forms.fields import fits
from engine.forms.patterns import PatternRefused, check_pattern

MAX_ROWS = 500
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")


def contradictions(component: Component) -> list[str]:
    """Every reason why ``component`` cannot work as it is written."""
    found: list[str] = []
    for rule in _RULES.get(component.type, ()):
        found.extend(rule(component))
    if component.keyed and not found:
        found.extend(_default(component))
    return found


def _options(component: Component) -> Iterator[str]:
    static, key = component.properties.get("values"), component.properties.get("valuesKey")
    if (static is None) == (key is None):
        yield "A choice needs either “values” or “valuesKey”."
    if key is not None and not _VARIABLE.fullmatch(key):
        yield "“valuesKey” must be the name of one variable."


def _bounds(low: str, high: str) -> Callable[[Component], Iterator[str]]:
    def rule(component: Component) -> Iterator[str]:
        least, most = component.rules.get(low), component.rules.get(high)
        if least is not None and most is not None and least > most:
            yield f"“{low}” is above “{high}”: nothing could be entered."

    return rule


def _pattern(component: Component) -> Iterator[str]:
    if not (pattern := component.rules.get("pattern")):
        return
    try:
        check_pattern(pattern)
    except PatternRefused as error:
        yield f"The pattern is refused: {error}"


def _rows(component: Component) -> Iterator[str]:
    custom = component.properties.get("properties", {})
    for name in ("minRows", "maxRows"):
        text = custom.get(name)
        if text not in (None, "") and not _row_count(text):
            yield f"“{name}” must be a whole number from 0 to {MAX_ROWS}, written as text."
            return
    least, most = component.row_bound("minRows"), component.row_bound("maxRows")
    if least is not None and most is not None and least > most:
        yield "“minRows” is above “maxRows”: no list could be sent."
    if component.open_ended and (kept := _kept_from_before(component)):
        yield (
            f"“{kept}” is read-only or fixed inside a list whose rows may be added or removed: nobody could "
            "say which row its value belongs to. Set allowAddRemove to false or show it in a table."
        )


def _row_count(text: Any) -> bool:
    return (
        isinstance(text, str)
        and text.isascii()
        and text.isdigit()
        and len(text) < 4
        and int(text) <= MAX_ROWS
    )


def _kept_from_before(component: Component) -> str | None:
    """The name of a part below whose value comes from before the submission."""
    for child in component.children:
        if (child.keyed and child.read_only) or (child.type == "dynamiclist" and not child.open_ended):
            return child.name
        if found := _kept_from_before(child):
            return found
    return None


def _date_labels(component: Component) -> Iterator[str]:
    if component.properties.get("label"):
        yield "A datetime has “dateLabel” and “timeLabel”; its “label” is never shown."


def _table(component: Component) -> Iterator[str]:
    if not isinstance(component.expression, Path):
        yield "A table needs a “dataSource” that is one name or path, like “=goals”."
    if "columns" not in component.properties:
        yield "A table needs “columns”."


def _needs(key: str) -> Callable[[Component], Iterator[str]]:
    def rule(component: Component) -> Iterator[str]:
        if not component.properties.get(key):
            yield f"A component of this type needs “{key}”."

    return rule


def _default(component: Component) -> Iterator[str]:
    default = component.properties.get("defaultValue")
    if default is not None and not fits(component, default):
        yield "“defaultValue” is not a value that this field could hold."


_TEXT = (_bounds("minLength", "maxLength"), _pattern)
_RULES: dict[str, tuple[Callable[[Component], Iterator[str]], ...]] = {
    "textfield": _TEXT,
    "textarea": _TEXT,
    "number": (_bounds("min", "max"),),
    "radio": (_options,),
    "select": (_options,),
    "checklist": (_options,),
    "taglist": (_options,),
    "datetime": (_date_labels,),
    "dynamiclist": (_rows,),
    "table": (_table,),
    "expression": (_needs("expression"),),
    "image": (_needs("source"),),
    "text": (_needs("text"),),
}
