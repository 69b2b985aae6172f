"""Finds rules of UNIQUE tables that overlap, and inputs that no rule covers (DMN 1.3 §8.2.11).

Inputs are taken to be independent of each other. What depends on variables counts as a possible match: it is never
reported as an overlap, and always as covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.decisions.model import Decision, HitPolicy, Table, parts
from engine.decisions.partition import OTHER_TEXT, Dimension, Sample, TooLarge, dimensions
from engine.decisions.values import show
from engine.errors import Problem

OVERLAP = "dmn.overlap"
GAP = "dmn.gap"

MAX_SHOWN = 10
"""Overlaps, and gaps, that are told of one table."""

_MOST_STEPS = 100_000
_MOST_INPUTS = 100
_SINGLE = frozenset({HitPolicy.UNIQUE, HitPolicy.FIRST, HitPolicy.ANY, HitPolicy.PRIORITY})
"""Policies that give nothing where no rule matches; a list is empty then, which is an answer."""

Example = tuple[tuple[str, Sample], ...]
"""Labels of inputs and a value for each."""


def decision_findings(decisions: Sequence[Decision], resource: str) -> Iterator[Problem]:
    """What is doubtful about the tables of the decisions in a file.

    ``dmn.overlap`` (error): two rules of a UNIQUE table match the same input. ``dmn.gap`` (warning): no rule matches
    some input, and nothing is given then. Both come with an example. A table that is too large says so.
    """
    for name, table in _tables(decisions).items():
        yield from _of_table(table, *name, resource)


def _tables(decisions: Sequence[Decision]) -> Mapping[tuple[str, str], Table]:
    """Every table once, by its id and the name of the decision that it was found in first."""
    found: dict[str, tuple[str, Table]] = {}
    for decision in decisions:
        for logic in decision.all_logic:
            for each in parts(logic):
                if isinstance(each, Table):
                    found.setdefault(each.id or decision.id, (decision.name, each))
    return {(key, name): table for key, (name, table) in found.items()}


def _of_table(table: Table, element: str, name: str, resource: str) -> Iterator[Problem]:
    looks_for_gaps = table.hit_policy in _SINGLE and all(column.default is None for column in table.outputs)
    if table.hit_policy is not HitPolicy.UNIQUE and not looks_for_gaps:
        return
    try:
        found = dimensions(table)
        if len(found) > _MOST_INPUTS:
            raise TooLarge
        if table.hit_policy is HitPolicy.UNIQUE:
            for rule, reason in _overlaps(table, found):
                yield Problem(resource, rule, name, reason, OVERLAP, "error")
        if looks_for_gaps:
            for reason in _gaps(found, len(table.rules)):
                yield Problem(resource, element, name, reason, GAP, "warning")
    except TooLarge:
        reason = "The table is too large to be looked through for overlaps and gaps to the end."
        yield Problem(resource, element, name, reason, GAP, "warning")


def _overlaps(table: Table, found: Sequence[Dimension]) -> Iterator[tuple[str, str]]:
    """The id of a rule, and with which one before it it overlaps."""
    told = 0
    for number, rule in enumerate(table.rules):
        others = _overlapping(found, number, len(table.rules))
        while others:
            lowest = others & -others
            others ^= lowest
            if told == MAX_SHOWN:
                yield rule.id, f"More than {MAX_SHOWN} pairs of rules overlap; the others are not told."
                return
            told += 1
            other = table.rules[lowest.bit_length() - 1]
            example = _show(_example_of_both(found, (1 << number) | lowest))
            yield other.id, f"Rules {rule} and {other} both match {example}, but only one may (UNIQUE)."


def _overlapping(found: Sequence[Dimension], number: int, count: int) -> int:
    """The mask of later rules that match some input together with a rule."""
    others = (1 << count) - (1 << (number + 1))
    for dimension in found:
        reached = 0
        for sample in dimension.samples:
            if sample.certain >> number & 1:
                reached |= sample.certain
        others &= reached
    return others


def _example_of_both(found: Sequence[Dimension], both: int) -> Example:
    return tuple(
        (dimension.label, next(each for each in dimension.samples if each.certain & both == both))
        for dimension in found
    )


def _gaps(found: Sequence[Dimension], count: int) -> Iterator[str]:
    sweep = _Sweep(found, count)
    for told, example in enumerate(sweep.gaps()):
        if told == MAX_SHOWN:
            yield f"There are more than {MAX_SHOWN} gaps; the others are not told."
            return
        yield f"No rule matches {_show(example)}, and there is no default output."


class _Sweep:
    """Goes through the inputs from the first to the last, with the rules that may still match.

    What was found covered for the same rules at the same input is not gone through again.
    """

    def __init__(self, found: Sequence[Dimension], count: int) -> None:
        self._found = found
        self._all = (1 << count) - 1
        self._indifferent = self._from_here_on()
        self._covered: set[tuple[int, int]] = set()
        self._steps = 0

    def gaps(self) -> Iterator[Example]:
        """Inputs that no rule matches; inputs that do not matter any more are left out. Raises TooLarge."""
        yield from self._from(0, self._all, ())

    def _from_here_on(self) -> list[int]:
        """For each input the rules to which it and all later ones are indifferent."""
        masks = [self._all]
        for dimension in reversed(self._found):
            mask = masks[0]
            for sample in dimension.expected:
                mask &= sample.possible
            masks.insert(0, mask)
        return masks

    def _from(self, place: int, rules: int, chosen: Example) -> Iterator[Example]:
        if not rules:
            yield chosen
            return
        if rules & self._indifferent[place] or (place, rules) in self._covered:
            return
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise TooLarge
        dimension, covered = self._found[place], True
        for sample in dimension.expected:
            for gap in self._from(place + 1, rules & sample.possible, (*chosen, (dimension.label, sample))):
                covered = False
                yield gap
        if covered:
            self._covered.add((place, rules))


def _show(example: Example) -> str:
    shown = [
        f"{label} = {'another text' if sample.value == OTHER_TEXT else show(sample.value)}"
        for label, sample in example
    ]
    return ", ".join(shown) if shown else "any input"
