"""Where a token chooses its way, there is always one for it (BPMN 2.0.2 §13.4.2, §13.4.3): a default flow is one.

Without a default it is an error where a token is sure to be lost: there is a single condition, or the task right before
it has an outcome that no condition asks for. Otherwise the conditions may cover everything, and it is doubtful.
"""

from collections.abc import Iterator

from engine.bpmn.model import Element, Process, Scope
from engine.bpmn.support import ACTIVITIES, EVENTS
from engine.lint.choices import choice, one_always_holds
from engine.lint.rule import ERROR, WARNING, Finding, Rule, Subject, about

_CHOOSES = ACTIVITIES | EVENTS | {"exclusiveGateway", "inclusiveGateway", "complexGateway"}


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        for element in place.scope.elements.values():
            conditions = _only_conditions(element, place.scope)
            if conditions:
                yield from _of_element(element, conditions, place.process, place.scope)


def _only_conditions(element: Element, scope: Scope) -> list[str]:
    """The conditions of its flows, if each has one and none is the default."""
    found = [scope.flows[flow].condition for flow in element.outgoing]
    if element.kind not in _CHOOSES or element.default is not None or None in found:
        return []
    return [condition for condition in found if condition is not None]


def _of_element(element: Element, conditions: list[str], process: Process, scope: Scope) -> Iterator[Finding]:
    if one_always_holds(conditions):
        return
    if len(conditions) == 1:
        yield about(element, "When its only condition does not hold, there is no way out.", ERROR)
        return
    choices = [found for condition in conditions if (found := choice(condition)) is not None]
    variables = {found.variable for found in choices}
    if len(choices) == len(conditions) and len(variables) == 1:
        variable, covered = variables.pop(), frozenset[str]().union(*(found.values for found in choices))
        deciding = [e for e in process.elements if outcome_variable(e) == variable]
        missing = [o.id for task in deciding for o in task.outcomes if o.id not in covered]
        if deciding and not missing:
            return
        certain = _lost(element, scope, deciding, covered)
        if certain:
            yield about(element, f"For the outcome “{certain}” there is no way out.", ERROR)
            return
    yield about(
        element, "When none of its conditions holds, there is no way out: no flow is the default.", WARNING
    )


def outcome_variable(element: Element) -> str | None:
    """Where a task of people leaves its outcome; None for what has no outcomes."""
    return element.options.get("outcomeVariable", f"{element.id}_outcome") if element.outcomes else None


def _lost(element: Element, scope: Scope, deciding: list[Element], covered: frozenset[str]) -> str | None:
    """An outcome of a task right before the element, whose token is then sure to find no way."""
    for task in deciding:
        follows = any(_leads_straight(flow, task, scope) for flow in element.incoming)
        if follows and not task.repeats and not task.data.writes:
            for outcome in task.outcomes:
                if outcome.id not in covered:
                    return outcome.id
    return None


def _leads_straight(flow: str, task: Element, scope: Scope) -> bool:
    return (
        scope.flows[flow].source == task.id and scope.flows[flow].condition is None and flow != task.default
    )


RULE = Rule("bpmn.no-way-out", "A choice that may find no way", (WARNING, ERROR), _check)
