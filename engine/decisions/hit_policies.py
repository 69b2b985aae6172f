"""What a table's hit policy makes of the rules that match (DMN 1.3 §8.2.11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.decisions.feel.arithmetic import total
from engine.decisions.feel.functions import greatest, least
from engine.decisions.model import Aggregation, HitPolicy, Rule, Table
from engine.decisions.values import NoValue, Value, WrongType, as_json, is_number, same
from engine.messages import translatable as _

Outputs = dict[str, Value]


class Violation(Exception):
    """The rules that match may not match together so. ``template`` takes ``rules`` beside ``decision``."""

    def __init__(self, template: str, rules: Sequence[Rule]) -> None:
        super().__init__(template)
        self.template = template
        self.rules = ", ".join(map(str, rules))


Chosen = tuple[Outputs | list[Outputs], list[Rule]]
"""The result, and the rules that gave it in the order of their results."""


def choose(table: Table, matching: list[Rule], outputs: Callable[[Rule], Outputs]) -> Chosen:
    """The result of rules that match, at least one. ``outputs`` gives those of a rule. Raises Violation."""
    if table.hit_policy is HitPolicy.UNIQUE and len(matching) > 1:
        raise Violation(
            _("“%(decision)s”: rules %(rules)s match together, but only one may (UNIQUE)."), matching
        )
    results = [outputs(rule) for rule in matching]
    match table.hit_policy:
        case HitPolicy.ANY:
            _check_agreement(matching, results)
            return results[0], matching
        case HitPolicy.PRIORITY:
            best = min(range(len(matching)), key=_ranks(table, matching, results).__getitem__)
            return results[best], [matching[best]]
        case HitPolicy.OUTPUT_ORDER:
            order = sorted(range(len(matching)), key=_ranks(table, matching, results).__getitem__)
            return [results[place] for place in order], [matching[place] for place in order]
    if table.aggregation is not None:
        return _aggregate(table, matching, results), matching
    return (results if table.hit_policy.gives_a_list else results[0]), matching


def _check_agreement(rules: Sequence[Rule], results: Sequence[Outputs]) -> None:
    if not all(same(as_json(result), as_json(results[0])) for result in results):
        raise Violation(
            _("“%(decision)s”: rules %(rules)s match together with different results (ANY)."), rules
        )


def _ranks(table: Table, rules: Sequence[Rule], results: Sequence[Outputs]) -> list[list[int]]:
    """For each rule the places of its outputs in their lists of values, which are ordered by priority."""
    return [_rank(table, rule, result) for rule, result in zip(rules, results, strict=True)]


def _rank(table: Table, rule: Rule, result: Outputs) -> list[int]:
    ranks = []
    for column in table.outputs:
        if not column.ranking:
            continue
        place = next((n for n, value in enumerate(column.ranking) if same(value, result[column.name])), None)
        if place is None:
            raise Violation(
                _("“%(decision)s”: a result of rule %(rules)s has no place among the output values."), [rule]
            )
        ranks.append(place)
    return ranks


def _aggregate(table: Table, rules: Sequence[Rule], results: Sequence[Outputs]) -> Outputs:
    """One value of all results. Empty ones do not count for SUM, MIN and MAX; of none these are null."""
    (column,) = table.outputs
    values = [result[column.name] for result in results if result[column.name] is not None]
    try:
        match table.aggregation:
            case Aggregation.COUNT:
                return {column.name: len(results)}
            case Aggregation.SUM:
                return {column.name: total(values)}
            case Aggregation.MIN:
                return {column.name: least(_ordered(values))}
        return {column.name: greatest(_ordered(values))}
    except NoValue:
        raise Violation(
            _("“%(decision)s”: the results of rules %(rules)s cannot be aggregated."), rules
        ) from None


def _ordered(values: list[Value]) -> list[Value]:
    """The values, if they have an order. Raises WrongType."""
    for value in values:
        if isinstance(value, bool | list | dict) or is_number(value) is not is_number(values[0]):
            raise WrongType("they have no order")
    return values
