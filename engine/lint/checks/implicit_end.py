"""Where a scope has end events, every way through it ends in one (BPMN 2.0.2 §10.5.3).

The engine takes an activity without a flow out as an end, and so it is only doubtful.
"""

from collections.abc import Iterator

from engine.bpmn.model import Element
from engine.bpmn.support import ACTIVITIES
from engine.lint.rule import WARNING, Finding, Rule, Subject, about

_MAY_END = ACTIVITIES | {"intermediateThrowEvent", "boundaryEvent"}


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        elements = place.scope.elements.values()
        if any(e.kind == "endEvent" for e in elements):
            for element in elements:
                if element.kind in _MAY_END and not _goes_on(element):
                    yield about(element, "The way ends here without an end event.")


def _goes_on(element: Element) -> bool:
    """Whether it has a flow out, or is none that has one."""
    aside = element.triggered_by_event or element.for_compensation or element.link_target
    compensates = any(event.kind == "compensation" for event in element.events)
    return bool(element.outgoing or aside or (element.attached_to and compensates))


RULE = Rule("bpmn.implicit-end", "A way that ends without an end event", (WARNING,), _check)
