"""One field: how its value is read, which JSON Schema it has, and what may be wrong with it.

The rules are those of form-js 1.23 (``Validator``), said again on the server: empty values are only asked for
``required``; lengths are counted without spaces at the ends, in UTF-16 units as browsers count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from jsonschema import Draft202012Validator

from engine.forms import patterns
from engine.forms.component import Component
from engine.forms.properties import MAX_OPTIONS, MAX_TEXT, is_number, scalar
from engine.forms.times import is_moment, moment_pattern
from engine.messages import translatable as _

Json = Any
Finding = tuple[str, dict[str, Any]]
"""A message template and its parameters."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?")
_EMAIL = re.compile(
    r"[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
    r"(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*"
)
_PHONE = re.compile(r"(?:\+|00)[1-9][0-9]{5,24}")
_MAX_NUMBER = 10**15
_TEXTS = frozenset({"textfield", "textarea"})


@dataclass(frozen=True)
class Circumstances:
    """What a field's check needs to know besides the value.

    ``variables`` hold the options of ``valuesKey``; ``complete`` asks for required fields; ``today`` is the
    date before which ``disallowPassedDates`` refuses.
    """

    variables: Mapping[str, Json]
    complete: bool
    today: date


def empty_value(component: Component) -> Json:
    """What form-js holds for a field in which nothing was entered."""
    if component.type in _TEXTS:
        return ""
    if component.type == "checkbox":
        return False
    return [] if component.many else None


def coerce(component: Component, value: Json) -> Json:
    """``value`` as form-js would submit it; what cannot be read is left for `findings` to name."""
    if value is None or value == "":
        return empty_value(component)
    if component.type == "number":
        return _number(value, as_text=bool(component.properties.get("serializeToString")))
    return value


def _number(value: Json, *, as_text: bool) -> Json:
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return value.strip() if as_text else _shortest(float(value))
    if is_number(value):
        return str(value) if as_text else value
    return value


def _shortest(number: float) -> int | float:
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def options(component: Component, variables: Mapping[str, Json]) -> list[Json]:
    """The values that a choice offers, those of ``valuesKey`` read from ``variables`` as form-js does."""
    key = component.properties.get("valuesKey")
    raw = component.properties.get("values", []) if key is None else variables.get(key)
    found = [_option(item) for item in (raw if isinstance(raw, list) else [])]
    return [value for value in found if scalar(value)][:MAX_OPTIONS]


def _option(item: Json) -> Json:
    return item.get("value") if isinstance(item, Mapping) else item


def _same(left: Json, right: Json) -> bool:
    """Equal as JSON: true is not 1."""
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def schema(component: Component) -> dict[str, Json]:
    """The JSON Schema of a value that is not empty."""
    kind = component.type
    if kind in _TEXTS:
        return {"type": "string", "maxLength": MAX_TEXT}
    if kind == "number":
        return {"type": "string" if component.properties.get("serializeToString") else "number"} | _limits(
            component
        )
    if kind == "checkbox":
        return {"type": "boolean"}
    if kind == "datetime":
        return {"type": "string", "pattern": moment_pattern(component.properties)}
    if kind == "expression":
        return {}
    return _choice_schema(component)


def _limits(component: Component) -> dict[str, Json]:
    names = (("min", "minimum"), ("max", "maximum"))
    return {keyword: component.rules[name] for name, keyword in names if name in component.rules}


def _choice_schema(component: Component) -> dict[str, Json]:
    one: dict[str, Json] = {"type": ["string", "number", "boolean"]}
    if "values" in component.properties:
        one = {"enum": options(component, {})}
    if not component.many:
        return one
    return {"type": "array", "maxItems": MAX_OPTIONS, "items": one, "uniqueItems": True}


def fits(component: Component, value: Json) -> bool:
    """Whether ``value`` breaks none of the field's own rules; options of a variable are not asked."""
    if "valuesKey" in component.properties:
        values = value if component.many else [value]
        return isinstance(values, list) and all(scalar(item) for item in values)
    circumstances = Circumstances({}, complete=False, today=date.min)
    return not list(findings(component, coerce(component, value), circumstances))


def findings(component: Component, value: Json, circumstances: Circumstances) -> Iterator[Finding]:
    """Everything that is wrong with a field's (coerced) value, the first rule first."""
    if _is_empty(component, value):
        if component.rules.get("required") and circumstances.complete:
            yield _("This field is required."), {}
        return
    if wrong := _shape(component, value):
        yield wrong
        return
    if component.choice:
        yield from _offered(component, value, circumstances.variables)
    elif component.type in _TEXTS:
        yield from _text(component, value)
    elif component.type == "number":
        yield from _figure(component, value)
    elif component.type == "datetime":
        yield from _moment(component, value, circumstances.today)


def _is_empty(component: Component, value: Json) -> bool:
    if component.type == "checkbox":
        return value is False
    return value is None or value == "" or value == []


_SHAPES: dict[str, str] = {
    "textfield": _("Enter text."),
    "textarea": _("Enter text."),
    "number": _("Enter a number."),
    "checkbox": _("Say yes or no."),
    "datetime": _("Enter a valid date or time."),
}
_CHOOSE = _("Choose one of the offered options.")


def _shape(component: Component, value: Json) -> Finding | None:
    """What JSON Schema says about the value, in words for people."""
    error = next(iter(Draft202012Validator(schema(component)).iter_errors(value)), None)
    if error is None:
        return None
    if error.validator == "maxLength":
        return _("Enter at most %(count)d characters."), {"count": MAX_TEXT}
    if error.validator == "minimum":
        return _("Enter %(bound)s or more."), {"bound": error.validator_value}
    if error.validator == "maximum":
        return _("Enter %(bound)s or less."), {"bound": error.validator_value}
    return _SHAPES.get(component.type, _CHOOSE), {}


def _offered(component: Component, value: Json, variables: Mapping[str, Json]) -> Iterator[Finding]:
    offered = options(component, variables)
    for item in value if component.many else [value]:
        if not any(_same(item, option) for option in offered):
            yield _CHOOSE, {}
            return


def _text(component: Component, value: str) -> Iterator[Finding]:
    if not storable(value):
        yield _("This text holds a character that cannot be stored."), {}
        return
    length = len(value.strip().encode("utf-16-le")) // 2
    rules = component.rules
    if length < rules.get("minLength", 0):
        yield _("Enter at least %(count)d characters."), {"count": rules["minLength"]}
    if length > rules.get("maxLength", MAX_TEXT):
        yield _("Enter at most %(count)d characters."), {"count": rules["maxLength"]}
    if rules.get("pattern") and not patterns.found(rules["pattern"], value):
        yield rules.get("patternErrorMessage") or _("This does not have the expected form."), {}
    if rules.get("validationType") == "email" and not _EMAIL.fullmatch(value):
        yield _("Enter a valid e-mail address."), {}
    if rules.get("validationType") == "phone" and not _PHONE.fullmatch(value):
        yield _("Enter an international telephone number, like +4930664040900."), {}


def storable(text: str) -> bool:
    """Whether every database takes the text: no NUL, no half surrogate pair."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\x00" not in text


def _figure(component: Component, value: Json) -> Iterator[Finding]:
    figure = _exact(value)
    if figure is None or abs(figure) > _MAX_NUMBER:
        yield _("Enter a number."), {}
        return
    yield from _text_bounds(component, figure)
    yield from _digits(figure, component.properties.get("decimalDigits"))
    if increment := component.properties.get("increment"):
        yield from _step(figure, Fraction(str(increment)))


def _exact(value: Json) -> Fraction | None:
    """The number that a person entered, without the rounding of floats."""
    if isinstance(value, str):
        return Fraction(value) if _NUMBER.fullmatch(value) else None
    return Fraction(str(value)) if abs(value) <= _MAX_NUMBER else None


def _digits(figure: Fraction, digits: int | None) -> Iterator[Finding]:
    if digits is None or (figure * 10**digits).denominator == 1:
        return
    if digits == 0:
        yield _("Enter a whole number."), {}
    else:
        yield _("Enter at most %(count)d decimal digits."), {"count": digits}


def _step(figure: Fraction, step: Fraction) -> Iterator[Finding]:
    below = figure - figure % step
    if below != figure:
        nearest = {"below": _plain(below), "above": _plain(below + step)}
        yield _("The nearest valid values are %(below)s and %(above)s."), nearest


def _plain(figure: Fraction) -> str:
    return format(Decimal(figure.numerator) / Decimal(figure.denominator), "f")


def _text_bounds(component: Component, figure: Fraction) -> Iterator[Finding]:
    """The bounds of a number that travels as text, which JSON Schema does not compare."""
    rules: Mapping[str, Json] = component.rules if component.properties.get("serializeToString") else {}
    if "min" in rules and figure < Fraction(str(rules["min"])):
        yield _("Enter %(bound)s or more."), {"bound": rules["min"]}
    if "max" in rules and figure > Fraction(str(rules["max"])):
        yield _("Enter %(bound)s or less."), {"bound": rules["max"]}


def _moment(component: Component, value: str, today: date) -> Iterator[Finding]:
    if not is_moment(value, component.properties):
        yield _SHAPES["datetime"], {}
    elif component.properties.get("disallowPassedDates") and _is_past(value, component.properties, today):
        yield _("Choose a date that is not in the past."), {}


def _is_past(value: str, properties: Mapping[str, Json], today: date) -> bool:
    """Whether the day is over everywhere: people west of Greenwich still live in yesterday."""
    if properties.get("subtype", "date") == "time" or today == date.min:
        return False
    return date.fromisoformat(value[:10]) < today - timedelta(days=1)
