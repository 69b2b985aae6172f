"""Every element can be reached by a token (BPMN 2.0.2 §10.5.2: what is no start is led to by something)."""

from collections.abc import Iterator

from engine.lint.rule import Finding, Rule, Subject, about
from engine.lint.ways import Ways, begins


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        if place.owner is not None and place.owner.ad_hoc is not None and place.owner.ad_hoc.activities:
            continue  # an expression says where it begins
        reached = Ways(place.scope).reached(e.id for e in begins(place.scope))
        for element in place.scope.elements.values():
            if element.id not in reached and not element.triggered_by_event:
                yield about(element, "No way leads here: it will never be executed.")


RULE = Rule("bpmn.unreachable", "An element that no token can reach", check=_check)
