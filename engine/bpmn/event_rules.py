"""What BPMN says of events and compensation beyond their elements being known (BPMN 2.0.2 §10.5, §10.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from engine.bpmn.model import Element, Event, Scope
from engine.bpmn.support import EVENT_DEFINITIONS, EVENTS, RULES

Finding = tuple[Element | None, str, str]
"""Element, reason, rule."""

CARRY = ("message", "signal")
"""Events that bring variables along."""
_THROWN = frozenset({"intermediateThrowEvent", "endEvent"})


def event_findings(element: Element) -> Iterator[Finding]:
    """What is wrong with the events of an element, wherever it stands."""
    if element.kind in EVENTS:
        yield from _kinds(element, element.events, element.kind)
        yield from _carried(element)
    if element.multi_instance is not None:
        thrown = tuple(behavior.event for behavior in element.multi_instance.behaviors)
        yield from _kinds(element, thrown, "event")
        yield from _codes(element, thrown)
    if element.kind in _THROWN:
        yield from _codes(element, element.events)
    elif any(event.activity is not None for event in element.events):
        yield element, "Only an event that throws says which activity is compensated.", "bpmn.compensation"


def _kinds(element: Element, events: tuple[Event, ...], holder: str) -> Iterator[Finding]:
    """An event definition that is referred to must be one that could stand in the event itself (§10.5.5)."""
    allowed = {EVENT_DEFINITIONS[child] for child in RULES[holder].children & EVENT_DEFINITIONS.keys()}
    for event in events:
        if event.kind not in allowed:
            yield element, f"“{event.kind}” is not executed here.", "bpmn.event"


def _codes(element: Element, events: tuple[Event, ...]) -> Iterator[Finding]:
    """What is thrown to be caught by its code has one (§10.5.3)."""
    for event in events:
        if event.kind == "escalation" and not event.code:
            yield element, "The escalation that is thrown has no escalationCode.", "bpmn.escalation"


def _carried(element: Element) -> Iterator[Finding]:
    if any(event.kind in CARRY for event in element.events):
        return
    data = element.data.inputs if element.kind in _THROWN else element.data.outputs
    mapped = element.inputs if element.kind in _THROWN else ()
    if data or mapped:
        yield element, "Only a message or a signal carries data.", "bpmn.data"


def compensation_findings(scope: Scope, owner: Element | None) -> Iterator[Finding]:
    """Each activity is compensated in one way, and an event compensates what it can see (§10.7)."""
    handlers = [e for e in scope.elements.values() if e.attached_to and e.event.kind == "compensation"]
    hosts = Counter(event.attached_to for event in handlers)
    for handler in handlers:
        host = scope.elements.get(handler.attached_to or "")
        if hosts[handler.attached_to] > 1 or (host is not None and _compensates_itself(host)):
            yield handler, "The activity is compensated in two ways.", "bpmn.compensation"
    for element in scope.elements.values():
        for event in element.events if element.kind in _THROWN else ():
            if event.activity is not None and event.activity not in scope.elements and not _is_handler(owner):
                yield element, f"“{event.activity}” lies in another scope.", "bpmn.compensation"
    yield from _led_findings(scope, owner)


def _led_findings(scope: Scope, owner: Element | None) -> Iterator[Finding]:
    led = [element for element in scope.elements.values() if _is_led(element)]
    for element in led:
        if owner is None or len(led) > 1:
            reason = "A sub-process has one event sub-process that compensates it, and a process none."
            yield element, reason, "bpmn.compensation"
    for element in scope.elements.values():
        if element.triggered_by_event and element.for_compensation:
            reason = "An event sub-process is started by its event, and compensates no other activity."
            yield element, reason, "bpmn.compensation"


def _compensates_itself(host: Element) -> bool:
    return host.scope is not None and any(_is_led(element) for element in host.scope.elements.values())


def _is_led(element: Element) -> bool:
    if not element.triggered_by_event or element.scope is None:
        return False
    return any(start.event.kind == "compensation" for start in element.scope.starts)


def _is_handler(owner: Element | None) -> bool:
    """An event sub-process speaks for the scope around it."""
    return owner is not None and owner.triggered_by_event


def misused_option(element: Element, starts_process: bool) -> Iterator[Finding]:
    """``planflow:uniqueBusinessKey`` belongs to a message that starts a process."""
    if "uniqueBusinessKey" not in element.options:
        return
    if not starts_process or all(event.kind != "message" for event in element.events):
        reason = "planflow:uniqueBusinessKey belongs to a message that starts a process."
        yield element, reason, "bpmn.unknown-option"
