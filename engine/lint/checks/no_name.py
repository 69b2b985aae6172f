"""What people read in history and diagram has a name: activities, events, and gateways that ask something."""

from collections.abc import Iterator

from engine.bpmn.model import Element
from engine.bpmn.support import ACTIVITIES, EVENTS
from engine.lint.rule import WARNING, Finding, Rule, Subject, about

_ASKS = frozenset({"exclusiveGateway", "inclusiveGateway", "complexGateway"})


def _check(subject: Subject) -> Iterator[Finding]:
    for element in subject.elements:
        if _wants_name(element) and not (element.name or "").strip():
            yield about(element, "It has no name, and people will read its id instead.")


def _wants_name(element: Element) -> bool:
    asks = element.kind in _ASKS and len(element.outgoing) > 1
    return asks or element.kind in ACTIVITIES | EVENTS


RULE = Rule("bpmn.no-name", "An element without a name", (WARNING,), _check)
