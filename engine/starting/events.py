"""What can start a process from outside: its start events, and whatever else instantiates (BPMN 2.0.2 §13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.model import Element, Event, Process
from engine.execution.started import Started


def event_starts(process: Process) -> Iterator[tuple[Element, int, Event]]:
    """Every event that starts a process: the element that catches it, the number of its definition, and the event.

    An instantiating gateway starts the process by the events behind it.
    """
    for start in process.scope.starts:
        catching = [start]
        if start.kind == "eventBasedGateway":
            flows = (process.scope.flows[flow] for flow in start.outgoing)
            catching = [process.scope.elements[flow.target] for flow in flows]
        for element in catching if not start.starts_unasked else ():
            for number, event in enumerate(element.events):
                yield element, number, event


def starts_by(process: Process, kind: str, name: str) -> Iterator[tuple[Element, int]]:
    """Where a message or signal of this name starts a process."""
    for element, number, event in event_starts(process):
        if event.kind == kind and event.name == name:
            yield element, number


def first_start(process: Process, payload: Mapping[str, Any]) -> Started | None:
    """The first event that could start a process, as if it had happened and carried this."""
    for element, number, event in event_starts(process):
        return Started(element.id, number, payload if event.kind in ("message", "signal") else {})
    return None


def starts_one_at_a_time(element: Element) -> bool:
    """Whether only one instance may run for the business key of a message that starts the process here."""
    return element.options.get("uniqueBusinessKey") == "true"


def one_at_a_time(process: Process) -> Iterator[str]:
    """The messages that start the process once for a business key."""
    for element, _number, event in event_starts(process):
        if event.kind == "message" and starts_one_at_a_time(element):
            yield event.name or ""


def told(process: Process, started: Started | None) -> dict[str, Any]:
    """What history tells of the event that has started a process: its message and keys, its signal or its timer."""
    if started is None:
        return {}
    event = process.scope.elements[started.element].events[started.number]
    if event.kind == "timer":
        return {"timer": started.element}
    keys = {"correlation": dict(started.correlation)} if event.kind == "message" else {}
    return {event.kind: event.name, **keys}
