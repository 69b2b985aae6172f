"""A gateway splits or joins (BPMN 2.0.2 §10.6: it has several flows in or several flows out)."""

from collections.abc import Iterator

from engine.bpmn.support import GATEWAYS
from engine.lint.rule import WARNING, Finding, Rule, Subject, about


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        for element in place.scope.elements.values():
            one_way = len(element.incoming) <= 1 and len(element.outgoing) == 1
            if not one_way or element.kind not in GATEWAYS - {"eventBasedGateway"}:
                continue
            if place.scope.flows[element.outgoing[0]].condition is None:
                yield about(element, "It has one flow in and one out, and changes nothing.")


RULE = Rule("bpmn.superfluous-gateway", "A gateway that neither splits nor joins", (WARNING,), _check)
