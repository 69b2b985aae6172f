"""Readings of indicators that another system sends (policy K5: each says where it comes from)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine import FieldProblem, Invalid, NotFound, OperationContext
from engine.messages import translatable as _
from plans import announcing

MOST = 1_000
LONGEST_SOURCE = 200
_WRONG = _("The readings cannot be taken.")


def take_readings(context: OperationContext, given: Mapping[str, Any]) -> dict[str, Any]:
    """Keep readings: ``{"readings": [{"indicator", "day", "value", "source"}], "source": …}``.

    ``day`` is ISO 8601, ``source`` may be said once for all and is the sender's name if it is left out. All are kept or
    none; one for a day that has one already corrects it. Raises Invalid naming each that is wrong.
    """
    rows = given.get("readings")
    if not isinstance(rows, list) or not rows:
        raise Invalid(_WRONG, [FieldProblem("readings", _("A list of readings is needed."))])
    if len(rows) > MOST:
        raise Invalid(
            _WRONG, [FieldProblem("readings", _("Send at most %(most)d at a time."), {"most": MOST})]
        )
    usual = given.get("source") or context.actor
    problems: list[FieldProblem] = []
    for number, row in enumerate(rows):
        problems += [
            FieldProblem(f"readings.{number}.{problem.field}", problem.template, problem.params)
            for problem in _take(context, row, usual)
        ]
    if problems:
        raise Invalid(_WRONG, problems)
    return {"taken": len(rows)}


def _take(context: OperationContext, row: Any, usual: Any) -> list[FieldProblem]:
    """Keep one reading; what is wrong with it otherwise."""
    if not isinstance(row, Mapping):
        return [FieldProblem("", _("An object is needed."))]
    indicator, day, value = row.get("indicator"), _day(row.get("day")), row.get("value")
    source = row.get("source") or usual
    problems = []
    if not isinstance(indicator, str):
        problems.append(FieldProblem("indicator", _("This field is required.")))
    if day is None:
        problems.append(FieldProblem("day", _("Write a day such as 2027-03-31.")))
    if isinstance(value, bool) or not isinstance(value, int | float):
        problems.append(FieldProblem("value", _("A number is needed.")))
    if not isinstance(source, str) or len(source) > LONGEST_SOURCE:
        problems.append(FieldProblem("source", _("Write one line of at most 200 characters.")))
    if problems or day is None:
        return problems
    try:
        announcing.record_reading(context, str(indicator), day, float(value), str(source))  # type: ignore[arg-type]
    except NotFound as unknown:
        return [FieldProblem("indicator", unknown.template, unknown.params)]
    except Invalid as wrong:
        return list(wrong.fields)
    return []


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
