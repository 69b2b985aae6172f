"""What may be posted: JSON of the agreed shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import re2
from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.validators import extend
from referencing import Registry
from referencing.exceptions import Unresolvable

from engine import FieldProblem, Invalid, PlanFlowError
from engine.messages import translatable as _

MOST_PROBLEMS = 20
_TOLD = 300
_NOT_AGREED = _("What was posted does not have the agreed form.")
_FIELD = "schema"


class NotJsonContent(PlanFlowError):
    """Only JSON is taken."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__(_("Send JSON with the content type application/json."))


def check_type(content_type: str) -> None:
    """Raise NotJsonContent for anything but JSON (``application/json``, ``application/cloudevents+json`` …)."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
        raise NotJsonContent()


def check_schema(schema: Any) -> None:
    """Raise Invalid for what is no JSON Schema, or one that could not be checked safely."""
    if not isinstance(schema, dict):
        raise _refused(_("Write a JSON object."))
    try:
        Draft202012Validator.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        raise _refused(_("This is not a JSON Schema: %(reason)s"), reason=_short(error)) from None
    for keyword, value in _keywords(schema):
        if keyword == "patternProperties":
            raise _refused(_("“patternProperties” is not supported; name the properties."))
        if keyword == "pattern":
            try:
                re2.compile(value)
            except (re2.error, TypeError):
                raise _refused(
                    _("This pattern cannot be used: %(pattern)s"), pattern=str(value)[:100]
                ) from None
        if keyword in ("$ref", "$dynamicRef") and not str(value).startswith("#"):
            raise _refused(_("A schema may refer to itself alone (“#/…”)."))


def check_body(schema: Mapping[str, Any], body: Any) -> None:
    """Raise Invalid naming the places where the body does not fit its schema."""
    checker = _Checker(schema, registry=Registry())
    problems = []
    try:
        for error in checker.iter_errors(body):
            place = ".".join(str(part) for part in error.absolute_path)
            problems.append(FieldProblem(place, "%(reason)s", {"reason": _short(error)}))
            if len(problems) == MOST_PROBLEMS:
                break
    except (RecursionError, Unresolvable):
        raise Invalid(_("What was posted cannot be checked: its schema goes round in a circle.")) from None
    if problems:
        raise Invalid(_NOT_AGREED, problems)


def _pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    if isinstance(value, str) and re2.search(pattern, value) is None:
        yield ValidationError(f"{value!r} does not match {pattern!r}")


# re2 takes time in proportion to the text, whatever the pattern; Python's own may take for ever.
_extend: Any = extend
_Checker: Any = _extend(Draft202012Validator, {"pattern": _pattern})


def _keywords(value: Any) -> Iterator[tuple[str, Any]]:
    """Whatever could be a keyword, at any depth."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield from (
                (key, inner)
                for key, inner in one.items()
                if not isinstance(inner, dict) or key == "patternProperties"
            )
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _short(error: Exception) -> str:
    said = str(getattr(error, "message", error))
    return said if len(said) <= _TOLD else said[: _TOLD - 1] + "…"


def _refused(template: str, **params: str) -> Invalid:
    return Invalid(template, [FieldProblem(_FIELD, template, params)], **params)
