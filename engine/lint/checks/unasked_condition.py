"""A default flow has no condition: it is taken when no other is (BPMN 2.0.2 §8.4.13)."""

from collections.abc import Iterator

from engine.lint.rule import WARNING, Finding, Rule, Subject, about


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        for element in place.scope.elements.values():
            if element.default is not None and place.scope.flows[element.default].condition is not None:
                yield about(element, "The condition of the default flow is not asked.")


RULE = Rule("bpmn.unasked-condition", "A default flow with a condition", (WARNING,), _check)
