"""What can start a process from outside: its start events, and whatever else instantiates (BPMN 2.0.2 §13.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.bpmn.model import Element, Process
from engine.execution.host import Host
from engine.execution.started import Started


def starts_by(process: Process, kind: str, name: str) -> Iterator[tuple[Element, int]]:
    """Where a message or signal of this name starts a process."""
    for element, number, event in process.event_starts():
        if event.kind == kind and event.name == name:
            yield element, number


def first_start(process: Process, payload: Mapping[str, Any]) -> Started | None:
    """The first event that could start a process, as if it had happened and carried this."""
    for element, number, event in process.event_starts():
        return Started(element.id, number, payload if event.kind in ("message", "signal") else {})
    return None


def starts_one_at_a_time(element: Element) -> bool:
    """Whether only one instance may run for the business key of a message that starts the process here."""
    return element.options.get("uniqueBusinessKey") == "true"


def one_at_a_time(process: Process) -> Iterator[str]:
    """The messages that start the process once for a business key."""
    for element, _number, event in process.event_starts():
        if event.kind == "message" and starts_one_at_a_time(element):
            yield event.name or ""


def told(process: Process, started: Started | None) -> dict[str, Any]:
    """What history tells of what has started a process: its message and keys, its signal, timer or condition."""
    if started is None:
        return {}
    event = process.scope.elements[started.element].events[started.number]
    if event.kind in ("timer", "conditional"):
        return {"timer" if event.kind == "timer" else "condition": started.element}
    keys = {"correlation": dict(started.correlation)} if event.kind == "message" else {}
    return {event.kind: event.name, **keys}


def clock_names(host: Host) -> dict[str, Any]:
    """All that is always there before a process has begun: ``now`` and ``today``."""
    return {"now": host.now.isoformat(), "today": host.today.isoformat()}
