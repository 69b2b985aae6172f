"""Checks one submission against the slots of a form and gives the variables that it sets.

The order is the browser's: put what was sent over what the form started with, compute the expression
fields, find what is hidden, and only then ask each visible, writable field for its rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import FieldProblem
from engine.forms.component import Slot
from engine.forms.feel_values import Scope, evaluate, hides, root_scope
from engine.forms.fields import Circumstances, coerce, findings
from engine.forms.initial import has, initial_data, read, remove, write
from engine.messages import translatable as _

Json = Any
Place = tuple[str | int, ...]
MAX_ROWS = 500
MAX_PROBLEMS = 200


class Submission:
    """One submission on its way. ``initial`` is what the form showed at first."""

    def __init__(
        self, slots: tuple[Slot, ...], initial: Mapping[str, Json], circumstances: Circumstances
    ) -> None:
        self._slots = slots
        self._initial = initial
        self._circumstances = circumstances
        self._problems: list[FieldProblem] = []

    def check(self, data: Mapping[str, Json]) -> tuple[dict[str, Json], list[FieldProblem]]:
        """The variables to set, and what is wrong with what was sent."""
        state = self._overlaid(self._slots, self._initial, data, ())
        if self._problems:
            return {}, self._problems
        compute(self._slots, state, root_scope(state))
        # As in the browser, a hidden field is gone for the other fields' conditions too.
        seen = {**self._initial, **visible(self._slots, state, root_scope(state))}
        cleaned = self._level(self._slots, self._initial, state, root_scope(seen), ())
        variables = self._circumstances.variables
        return {name: merged(variables.get(name), value) for name, value in cleaned.items()}, self._problems

    def _problem(self, place: Place, template: str, **params: Json) -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(FieldProblem(".".join(map(str, place)), template, params))

    def _overlaid(
        self, slots: Sequence[Slot], initial: Mapping[str, Json], sent: Mapping[str, Json], at: Place
    ) -> dict[str, Json]:
        """``initial`` with what was sent for writable fields over it, read as form-js would submit it."""
        state = dict(initial)
        for slot in slots:
            if not slot.writable or not has(sent, slot.path):
                continue
            raw, place = read(sent, slot.path), (*at, *slot.path)
            if slot.is_list:
                write(state, slot.path, self._overlaid_rows(slot, read(initial, slot.path), raw, place))
            else:
                write(state, slot.path, coerce(slot.component, raw))
        return state

    def _overlaid_rows(self, slot: Slot, initial: list[Json], raw: Json, place: Place) -> list[Json]:
        rows = [] if raw is None and slot.component.open_ended else raw
        if not isinstance(rows, list):
            self._problem(place, _("This must be a list."))
            return []
        if not self._count_fits(slot, len(rows), len(initial), place):
            return []
        fresh = initial_data(slot.rows, {})
        bases = [fresh] * len(rows) if slot.component.open_ended else initial
        return [
            self._overlaid_row(slot, base, row, (*place, index))
            for index, (base, row) in enumerate(zip(bases, rows, strict=True))
        ]

    def _overlaid_row(
        self, slot: Slot, initial: Mapping[str, Json], row: Json, place: Place
    ) -> dict[str, Json]:
        if not isinstance(row, Mapping):
            self._problem(place, _("Each row must be an object."))
            return {}
        return self._overlaid(slot.rows, initial, row, place)

    def _count_fits(self, slot: Slot, count: int, expected: int, place: Place) -> bool:
        if not slot.component.open_ended:
            if count != expected:
                self._problem(place, _("Rows cannot be added or removed here."))
            return count == expected
        most = slot.component.row_bound("maxRows")
        limit = MAX_ROWS if most is None else most
        if count > limit:
            self._problem(place, _("Enter at most %(count)d rows."), count=limit)
        return count <= limit

    def _level(
        self,
        slots: Sequence[Slot],
        initial: Mapping[str, Json],
        state: Mapping[str, Json],
        scope: Scope,
        at: Place,
    ) -> dict[str, Json]:
        """What the visible, writable fields hold, each asked for its rules."""
        found: dict[str, Json] = {}
        for slot in slots:
            if not slot.writable or hidden(slot, scope):
                continue
            place, value = (*at, *slot.path), read(state, slot.path)
            if slot.is_list:
                value = self._rows(slot, read(initial, slot.path), value, scope, place)
            else:
                self._ask(slot, value, place)
            write(found, slot.path, value)
        return found

    def _ask(self, slot: Slot, value: Json, place: Place) -> None:
        for template, params in findings(slot.component, value, self._circumstances):
            self._problem(place, template, **params)

    def _rows(
        self, slot: Slot, initial: list[Json], rows: list[Json], scope: Scope, place: Place
    ) -> list[Json]:
        least = slot.component.row_bound("minRows") or 0
        if len(rows) < least and self._circumstances.complete:
            self._problem(place, _("Enter at least %(count)d rows."), count=least)
        fixed = not slot.component.open_ended
        found = []
        for index, row in enumerate(rows):
            before = initial[index] if fixed else {}
            cleaned = self._level(slot.rows, before, row, scope.row(row), (*place, index))
            found.append(merged(before, cleaned) if fixed else cleaned)
        return found


def hidden(slot: Slot, scope: Scope) -> bool:
    """Whether the slot's condition, or one of a group around it, hides it."""
    return any(hides(condition, scope) for condition in slot.hides)


def compute(slots: Sequence[Slot], state: dict[str, Json], scope: Scope) -> None:
    """Fill the expression fields of ``state`` in the order of the form."""
    for slot in slots:
        if slot.is_list:
            for row in read(state, slot.path):
                compute(slot.rows, row, scope.row(row))
        elif slot.component.expression is not None:
            write(state, slot.path, evaluate(slot.component.expression, scope))


def visible(slots: Sequence[Slot], state: Mapping[str, Json], scope: Scope) -> dict[str, Json]:
    """``state`` without the values of hidden fields."""
    found = dict(state)
    for slot in slots:
        if hidden(slot, scope):
            remove(found, slot.path)
        elif slot.is_list:
            rows = [visible(slot.rows, row, scope.row(row)) for row in read(state, slot.path)]
            write(found, slot.path, rows)
    return found


def merged(before: Json, value: Json) -> Json:
    """Objects merged key by key, so that what a form does not show stays; everything else replaced."""
    if not (isinstance(before, Mapping) and isinstance(value, Mapping)):
        return value
    return {**before, **{key: merged(before.get(key), inner) for key, inner in value.items()}}
