"""What can be executed is drawn, or nobody sees where an instance stands (BPMN 2.0.2 §12)."""

from collections.abc import Iterator

from engine.bpmn.model import Scope
from engine.lint.rule import WARNING, Finding, Rule, Subject, about


def _check(subject: Subject) -> Iterator[Finding]:
    if subject.processes and not subject.drawn:
        yield Finding(None, None, "The file has no diagram: people cannot see where an instance stands.")
        return
    for place in subject.places:
        yield from _in_scope(place.scope, subject.drawn)


def _in_scope(scope: Scope, drawn: frozenset[str]) -> Iterator[Finding]:
    for element in scope.elements.values():
        if element.id not in drawn:
            yield about(element, "The diagram does not show it.")
    for flow in scope.flows.values():
        if flow.drawn and flow.id not in drawn:
            yield Finding(flow.id, flow.name, "The diagram does not show it.")


RULE = Rule("bpmn.no-diagram", "An element that the diagram does not show", (WARNING,), _check)
