"""What is taken out of a call, by Starlark expressions over ``body`` and ``headers``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine import BpmnError, Engine, FieldProblem, Invalid, PlanFlowError
from engine.messages import translatable as _
from webhooks.incoming.receiver import MESSAGE, START, Draft

EXPRESSIONS = ("correlation", "variables", "business_key", "only_when")
LONGEST = 10_000
_CANNOT = _("Nothing can be taken out of what was posted.")
_HIDDEN = ("authorization", "cookie", "signature", "token", "secret")
"""Parts of the names of headers that are no expression's business."""


@dataclass(frozen=True)
class Mapped:
    """What a call is about. ``wanted`` is False when the receiver's condition says that it is not for it."""

    wanted: bool = True
    correlation: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    business_key: str | None = None


def check(engine: Engine, draft: Draft) -> list[FieldProblem]:
    """What keeps the expressions from being used."""
    problems = []
    for name in EXPRESSIONS:
        source = getattr(draft, name)
        if len(source) > LONGEST:
            problems.append(FieldProblem(name, _("Write at most 10,000 characters.")))
        elif source.strip():
            found = engine.check_expression(source)
            if found:
                problems.append(FieldProblem(name, "%(reason)s", {"reason": found[0]}))
    return problems


def mapped(engine: Engine, draft: Draft, body: Any, headers: Mapping[str, str]) -> Mapped:
    """Evaluate them all, before anything is written. Raises Invalid naming the part that gives nothing."""
    shown = {name: value for name, value in headers.items() if not any(part in name for part in _HIDDEN)}
    with engine.asking({"body": body, "headers": shown}) as ask:
        asking = _Asking(ask)
        if draft.only_when.strip() and not asking.truth("only_when", draft.only_when):
            return Mapped(wanted=False)
        return Mapped(
            True,
            asking.names("correlation", draft.correlation) if draft.action == MESSAGE else {},
            asking.names("variables", draft.variables),
            asking.text("business_key", draft.business_key) if draft.action == START else None,
        )


@dataclass(frozen=True)
class _Asking:
    ask: Callable[[str], Any]

    def truth(self, part: str, source: str) -> bool:
        value = self._value(part, source)
        if not isinstance(value, bool):
            raise _unusable(part, _("The expression has to give True or False."))
        return value

    def names(self, part: str, source: str) -> Mapping[str, Any]:
        if not source.strip():
            return {}
        value = self._value(part, source)
        if not isinstance(value, dict):
            raise _unusable(part, _("The expression has to give an object with names and values."))
        return value

    def text(self, part: str, source: str) -> str | None:
        value = self._value(part, source) if source.strip() else None
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise _unusable(part, _("The expression has to give a text or a whole number."))
        return str(value)

    def _value(self, part: str, source: str) -> Any:
        try:
            return self.ask(source)
        except (PlanFlowError, BpmnError) as error:
            raise _unusable(part, "%(reason)s", reason=str(error)) from error


def _unusable(part: str, template: str, **params: str) -> Invalid:
    return Invalid(_CANNOT, [FieldProblem(part, template, params)])
