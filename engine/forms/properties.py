"""Which properties each form-js component may carry, and what their values must look like.

One table, so that a reader sees the whole surface at once. The explanation for designers is
``docs/reference/forms.md``; what is not listed is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

MAX_OPTIONS = 500
MAX_TEXT = 20_000
MAX_IMAGE = 270_000  # characters of base64: 200 kB of picture
MAX_REPETITIONS = 100

Check = Callable[[Any], str | None]
"""Says what is wrong with a value, to be read after the property's name, or None."""

_HTML_TAG = re.compile(r"<[A-Za-z/!]")
_IMAGE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}")
_LINK = re.compile(r"\]\(\s*<?([a-z][a-z0-9+.-]*):", re.IGNORECASE)


def _text(value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    return "is longer than 20,000 characters" if len(value) > MAX_TEXT else None


def _label(value: Any) -> str | None:
    if isinstance(value, str) and value.startswith("="):
        return "must be text, not an expression; places like {{name}} are filled in"
    return _text(value)


def _markdown(value: Any) -> str | None:
    if problem := _label(value):
        return problem
    if _HTML_TAG.search(value):
        return "is Markdown; HTML tags are refused"
    if "![" in value:
        return "must not hold images; use an image component"
    schemes = {scheme.lower() for scheme in _LINK.findall(value)}
    return None if schemes <= {"http", "https", "mailto"} else "may link to http, https and mailto only"


def _boolean(value: Any) -> str | None:
    if isinstance(value, str) and value.startswith("="):
        return "must be true or false; an expression cannot be checked by the server here"
    return None if isinstance(value, bool) else "must be true or false"


def _whole(low: int, high: int) -> Check:
    def check(value: Any) -> str | None:
        fits = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return None if fits else "must be a whole number within its bounds"

    return check


def is_number(value: Any) -> bool:
    """Whether ``value`` is a finite JSON number (true and false are none)."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf


def _number(value: Any) -> str | None:
    if isinstance(value, str) and value.startswith("="):
        return "must be a number; an expression cannot be checked by the server here"
    return None if is_number(value) and abs(value) <= 1e15 else "must be a number up to 10^15"


def _positive(value: Any) -> str | None:
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}(\.[0-9]{1,15})?", value):
        value = float(value)
    return None if is_number(value) and 0 < value <= 1e15 else "must be a number above 0"


def _one_of(*choices: str) -> Check:
    def check(value: Any) -> str | None:
        return None if isinstance(value, str) and value in choices else "has a value that is not known"

    return check


def _any(_value: Any) -> str | None:
    return None


def _image_source(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= MAX_IMAGE and _IMAGE.fullmatch(value):
        return None
    return "must be a data:image/…;base64 picture of at most 200 kB; addresses are refused"


def scalar(value: Any) -> bool:
    """Whether ``value`` may be the value of an option: text, a number, true or false."""
    return (
        isinstance(value, bool) or is_number(value) or (isinstance(value, str) and 0 < len(value) <= MAX_TEXT)
    )


def _options(value: Any) -> str | None:
    if not isinstance(value, list) or not 0 < len(value) <= MAX_OPTIONS:
        return "must be a list of 1 to 500 options"
    if not all(isinstance(option, Mapping) and set(option) == {"label", "value"} for option in value):
        return "must hold options with exactly a label and a value"
    if any(_label(option["label"]) or not scalar(option["value"]) for option in value):
        return "must hold options with a text as label and a text, number or true/false as value"
    seen = {(isinstance(option["value"], bool), option["value"]) for option in value}
    return None if len(seen) == len(value) else "holds two options with the same value"


def _columns(value: Any) -> str | None:
    if not isinstance(value, list) or not 0 < len(value) <= 50:
        return "must be a list of 1 to 50 columns"
    if not all(
        isinstance(column, Mapping) and {"key"} <= set(column) <= {"key", "label"} for column in value
    ):
        return "must hold columns with a key and a label"
    texts = [text for column in value for text in column.values()]
    return None if all(_label(text) is None for text in texts) else "must hold columns with texts"


def _object_of(table: Mapping[str, Check]) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, Mapping):
            return "must be an object"
        if unknown := set(value) - set(table):
            return f"holds “{min(unknown)}”, which is not supported here"
        found = [(key, table[key](inner)) for key, inner in value.items()]
        return next((f"{key} {problem}" for key, problem in found if problem), None)

    return check


_LAYOUT = _object_of({"row": _text, "columns": lambda value: None if value is None else _whole(1, 16)(value)})
_APPEARANCE = _object_of({"prefixAdorner": _label, "suffixAdorner": _label})
_CUSTOM = _object_of({})


def _custom(value: Any) -> str | None:
    return None if isinstance(value, Mapping) else _CUSTOM(value)


_EVERY: dict[str, Check] = {
    "type": _text, "id": _text, "layout": _LAYOUT, "properties": _custom,
    "conditional": _object_of({"hide": _text}),
}  # fmt: skip
_LABELLED: dict[str, Check] = {**_EVERY, "label": _label}
_FIELD: dict[str, Check] = {
    **_LABELLED, "description": _label, "key": _text, "disabled": _boolean, "readonly": _boolean,
    "defaultValue": _any,
}  # fmt: skip
_REQUIRED: dict[str, Check] = {"required": _boolean}
_LENGTHS: dict[str, Check] = {**_REQUIRED, "minLength": _whole(0, MAX_TEXT), "maxLength": _whole(0, MAX_TEXT)}
_PATTERNS: dict[str, Check] = {
    **_LENGTHS, "pattern": _text, "patternErrorMessage": _label,
    "validationType": _one_of("", "email", "phone", "custom"),
}  # fmt: skip
_BOUNDS: dict[str, Check] = {**_REQUIRED, "min": _number, "max": _number}
_CHOICE: dict[str, Check] = {
    **_FIELD,
    "values": _options,
    "valuesKey": _text,
    "validate": _object_of(_REQUIRED),
}
_CONTAINER: dict[str, Check] = {
    **_LABELLED, "path": _text, "components": _any, "showOutline": _boolean,
    "verticalAlignment": _one_of("start", "center", "end"),
}  # fmt: skip

TYPES: dict[str, dict[str, Check]] = {
    "textfield": {**_FIELD, "appearance": _APPEARANCE, "validate": _object_of(_PATTERNS)},
    "textarea": {**_FIELD, "validate": _object_of(_LENGTHS)},
    "number": {
        **_FIELD, "appearance": _APPEARANCE, "validate": _object_of(_BOUNDS), "decimalDigits": _whole(0, 15),
        "increment": _positive, "serializeToString": _boolean,
    },
    "checkbox": {**_FIELD, "validate": _object_of(_REQUIRED)},
    "radio": _CHOICE,
    "select": {**_CHOICE, "searchable": _boolean},
    "checklist": _CHOICE,
    "taglist": _CHOICE,
    "datetime": {
        **_FIELD, "validate": _object_of(_REQUIRED), "subtype": _one_of("date", "time", "datetime"),
        "dateLabel": _label, "timeLabel": _label, "use24h": _boolean, "disallowPassedDates": _boolean,
        "timeInterval": _whole(1, 60),
        "timeSerializingFormat": _one_of("utc_offset", "utc_normalized", "no_timezone"),
    },
    "expression": {**_EVERY, "key": _text, "expression": _text, "computeOn": _one_of("change", "presubmit")},
    "group": _CONTAINER,
    "dynamiclist": {
        **_CONTAINER, "defaultRepetitions": _whole(0, MAX_REPETITIONS), "allowAddRemove": _boolean,
        "disableCollapse": _boolean, "nonCollapsedItems": _whole(1, 500),
        "isRepeating": lambda value: None if value is True else "must be true",
    },
    "text": {**_EVERY, "text": _markdown, "strict": _boolean},
    "table": {**_LABELLED, "dataSource": _text, "columns": _columns, "rowCount": _whole(1, 500)},
    "image": {**_EVERY, "source": _image_source, "alt": _label},
    "separator": _EVERY,
    "spacer": {**_EVERY, "height": _whole(1, 1000)},
}  # fmt: skip

KEYED = frozenset(
    {
        "textfield",
        "textarea",
        "number",
        "checkbox",
        "radio",
        "select",
        "checklist",
        "taglist",
        "datetime",
        "expression",
    }
)
CHOICES = frozenset({"radio", "select", "checklist", "taglist"})
MANY = frozenset({"checklist", "taglist"})
CONTAINERS = frozenset({"group", "dynamiclist"})

REFUSED_TYPES: dict[str, str] = {
    "button": "Buttons are refused: the page shows the outcomes of the task as buttons.",
    "filepicker": "File pickers are refused: the server cannot check what is picked.",
    "documentPreview": "Document previews are refused: they load documents from elsewhere.",
    "iframe": "Frames are refused: they load pages from elsewhere.",
    "html": "HTML is refused: use a text component with Markdown.",
}

FORM_PROPERTIES: dict[str, Check] = {
    "type": _one_of("default"), "id": _text, "components": _any, "schemaVersion": _whole(1, 19),
    "exporter": _any, "executionPlatform": _any, "executionPlatformVersion": _any, "versionTag": _any,
    "$schema": _any,
}  # fmt: skip
