"""The texts of a form that people read: listed for the catalogues, and put back translated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Json = Any
Gettext = Callable[[str], str]

TEXT_KEYS = ("label", "description", "text", "alt", "dateLabel", "timeLabel")
_NESTED_KEYS = (("appearance", ("prefixAdorner", "suffixAdorner")), ("validate", ("patternErrorMessage",)))
_LISTS = ("values", "columns")


def labels(form: Mapping[str, Json]) -> list[str]:
    """All texts of a form-js JSON that people read, each once, in the order of the form."""
    found: dict[str, None] = {}

    def collect(text: str) -> str:
        found[text] = None
        return text

    translate(form, collect)
    return list(found)


def translate(form: Mapping[str, Json], gettext: Gettext) -> dict[str, Json]:
    """A copy of the form with every text that people read replaced by ``gettext`` of it."""
    return {key: _translated(key, value, gettext) for key, value in form.items()}


def _translated(key: str, value: Json, gettext: Gettext) -> Json:
    if key in TEXT_KEYS:
        return _text(value, gettext)
    if key == "components" and isinstance(value, list):
        return [translate(item, gettext) if isinstance(item, Mapping) else item for item in value]
    if key in _LISTS and isinstance(value, list):
        return [_only(item, ("label",), gettext) for item in value]
    for nested, keys in _NESTED_KEYS:
        if key == nested:
            return _only(value, keys, gettext)
    return value


def _only(value: Json, keys: tuple[str, ...], gettext: Gettext) -> Json:
    if not isinstance(value, Mapping):
        return value
    return {key: _text(inner, gettext) if key in keys else inner for key, inner in value.items()}


def _text(value: Json, gettext: Gettext) -> Json:
    return gettext(value) if isinstance(value, str) and value.strip() else value
