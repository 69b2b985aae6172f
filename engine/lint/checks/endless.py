"""A way that goes round in circles can be left, or something is waited for on it.

A circle without either runs until the engine stops it: an error. One in which something is waited for, but that nothing
leads out of and nothing interrupts, is doubtful.
"""

from collections.abc import Iterable, Iterator

from engine.bpmn.model import Element, Process, Scope
from engine.bpmn.support import SUB_PROCESSES
from engine.lint.rule import ERROR, WARNING, Finding, Place, Rule, Subject, about
from engine.lint.tokens import JOINS_ANYHOW
from engine.lint.ways import Ways

_ENDS_OTHERS = frozenset({"terminate", "error", "cancel", "escalation", "conditional", "compensation"})
_RESTS = SUB_PROCESSES | {
    "userTask",
    "manualTask",
    "receiveTask",
    "callActivity",
    "serviceTask",
    "sendTask",
    "intermediateThrowEvent",
    "eventBasedGateway",
}
"""Where a token waits, or where something may happen that ends its circle: operations may throw errors."""


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        if place.owner is None or place.owner.ad_hoc is None:
            yield from _in_place(place)


def _in_place(place: Place) -> Iterator[Finding]:
    scope, ways = place.scope, Ways(place.scope)
    reached = ways.reached(e.id for e in scope.starts)
    ends = {e.id for e in scope.elements.values() if not ways.following[e.id]}
    rests = {e.id for e in scope.elements.values() if _rests(e, scope)}
    disturbed = any(event.kind in _ENDS_OTHERS for e in place.process.elements for event in e.events)
    certain = [] if disturbed else _without(scope, reached, ways.reaching(ends | rests))
    if certain:
        reason = "From here it goes round in circles for ever: no way leads out, and nothing is waited for."
        yield about(_on_circle(scope, ways, certain), reason, ERROR)
    elif (
        not disturbed and not _interrupted(place) and (left := _without(scope, reached, ways.reaching(ends)))
    ):
        reason = "From here no way leads to an end, and nothing interrupts it."
        yield about(_on_circle(scope, ways, left), reason, WARNING)


def _without(scope: Scope, reached: set[str], fine: set[str]) -> list[str]:
    return [e for e in scope.elements if e in reached and e not in fine]


def _on_circle(scope: Scope, ways: Ways, endless: Iterable[str]) -> Element:
    """The first element of these that is met twice when one follows the flows."""
    seen: set[str] = set()
    at = next(iter(endless))
    while at not in seen:
        seen.add(at)
        at = ways.following[at][0]
    return scope.elements[at]


def _rests(element: Element, scope: Scope) -> bool:
    if element.kind in _RESTS or (element.kind == "intermediateCatchEvent" and element.event.kind != "link"):
        return True
    waits = element.kind in JOINS_ANYHOW and len(element.incoming) > 1
    texts = [element.script, *(scope.flows[flow].condition for flow in element.outgoing)]
    throws = any("bpmn_error" in text for text in texts if text)
    return waits or throws or element.start_quantity > 1 or bool(element.data.input_sets)


def _interrupted(place: Place) -> bool:
    """Whether something may end the scope from inside or outside: an interrupting event at it, or in it."""
    return place.owner is not None or _has_listener(place.process)


def _has_listener(process: Process) -> bool:
    inner = (e.scope for e in process.scope.elements.values() if e.triggered_by_event and e.scope)
    return any(start.interrupting for scope in inner for start in scope.starts)


RULE = Rule("bpmn.endless", "A circle without a way out", (ERROR, WARNING), _check)
