"""What an operation is: a name, checked inputs, described outputs, and refusals that a process may catch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine import BpmnError, FieldProblem, Invalid, OperationContext
from engine.messages import translatable
from plans.refusals import Refusal

Given = Mapping[str, Any]
Run = Callable[[OperationContext, Given], dict[str, Any]]

TEXT, NUMBER, TEXTS, MAPPING, ROWS, ANY = (
    "text",
    "whole number",
    "list of texts",
    "object",
    "list",
    "anything",
)


@dataclass(frozen=True)
class Input:
    """One input of an operation: its name, its kind, what it means, and whether it may be left out."""

    name: str
    kind: str
    meaning: str
    optional: bool = False


@dataclass(frozen=True)
class PlanOperation:
    """An operation with its contract. Calling it checks the inputs first; an unknown one is refused too."""

    name: str
    meaning: str
    inputs: Sequence[Input]
    outputs: Mapping[str, str]
    refusals: Sequence[type[Refusal]]
    run: Run

    def __call__(self, context: OperationContext, inputs: Given) -> dict[str, Any]:
        """Run with these inputs.

        Raises :class:`Invalid` naming operation and input, and :class:`BpmnError` for a business refusal.
        """
        given = self._checked(inputs)
        try:
            return self.run(context, given)
        except Refusal as refusal:
            raise BpmnError(refusal.bpmn_code, str(refusal)) from refusal
        except Invalid as wrong:
            place = wrong.fields[0] if wrong.fields else FieldProblem("", wrong.template, wrong.params)
            raise self._invalid(place.field, place.message, wrong.fields) from wrong

    def _checked(self, inputs: Given) -> dict[str, Any]:
        known = {each.name for each in self.inputs}
        for name in inputs:
            if name not in known:
                raise self._invalid(name, "there is no such input")
        return {each.name: self._value(each, inputs.get(each.name)) for each in self.inputs}

    def _value(self, wanted: Input, value: Any) -> Any:
        if value is None:
            if wanted.optional:
                return None
            raise self._invalid(wanted.name, "it is missing")
        readable = _READERS[wanted.kind](value)
        if readable is None:
            raise self._invalid(wanted.name, f"a {wanted.kind} is needed")
        return readable

    def _invalid(self, name: str, reason: str, fields: Sequence[FieldProblem] = ()) -> Invalid:
        return Invalid(
            translatable("The operation %(operation)s cannot use its input %(input)s: %(reason)s"),
            fields,
            operation=self.name,
            input=name,
            reason=reason,
        )


def operation(
    name: str,
    inputs: Sequence[Input],
    outputs: Mapping[str, str],
    refusals: Sequence[type[Refusal]] = (),
) -> Callable[[Run], PlanOperation]:
    """Make an operation of a function; its docstring becomes the operation's meaning."""

    def made(run: Run) -> PlanOperation:
        meaning = " ".join((run.__doc__ or "").split())
        return PlanOperation(name, meaning, inputs, outputs, refusals, run)

    return made


def _text(value: Any) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _number(value: Any) -> int | None:
    """A whole number; forms send digits as text, and scripts a float."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return int(value) if float(value).is_integer() else None
    except (ValueError, OverflowError):
        return None


def _texts(value: Any) -> list[str] | None:
    """A list of texts; a text alone is a list of one, and None in it is nobody."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        return None
    named = [item for item in items if item is not None and item != ""]
    return named if all(isinstance(item, str) for item in named) else None


def _mapping(value: Any) -> dict[str, Any] | None:
    return dict(value) if isinstance(value, Mapping) else None


def _rows(value: Any) -> list[Any] | None:
    return list(value) if isinstance(value, list | tuple) else None


_READERS: Mapping[str, Callable[[Any], Any]] = {
    TEXT: _text,
    NUMBER: _number,
    TEXTS: _texts,
    MAPPING: _mapping,
    ROWS: _rows,
    ANY: lambda value: value,
}
