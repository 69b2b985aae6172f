"""Event definitions: in an event, or defined once for the file and referred to (BPMN 2.0.2 §10.5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.model import Event, Timer
from engine.bpmn.reading import nodes
from engine.bpmn.reading.references import References
from engine.bpmn.support import EVENT_DEFINITIONS, local_id

TIMER_KINDS = {"timeDate": "date", "timeDuration": "duration", "timeCycle": "cycle"}


def events_of(node: etree._Element, references: References) -> tuple[Event, ...]:
    """What a flow node waits for or throws. A send or receive task has the message it names."""
    correlation = nodes.options(node).get("correlation")
    flow_name = references.message_of_flow(node.get("id"))
    if nodes.local(node) in ("receiveTask", "sendTask"):
        return _of_task(node, references, correlation, flow_name)
    return tuple(
        read_event(definition, references, correlation, flow_name)
        for definition in _definitions(node, references)
    )


def _of_task(
    node: etree._Element, references: References, correlation: str | None, flow_name: str | None
) -> tuple[Event, ...]:
    name = references.name(node.get("messageRef")) or _of_operation(node, references) or flow_name
    by_operation = nodes.local(node) == "sendTask" and "operation" in nodes.options(node)
    if name is None and by_operation:
        return ()
    return (Event("message", name=name, correlation=correlation),)


def _of_operation(node: etree._Element, references: References) -> str | None:
    """The message of the operation of an interface that a task names instead."""
    operation = references.find(node.get("operationRef") or nodes.text_in(node, "operationRef"))
    return None if operation is None else references.name(nodes.text_in(operation, "inMessageRef"))


def _definitions(node: etree._Element, references: References) -> Iterator[etree._Element]:
    for found in node:
        if not isinstance(found.tag, str):
            continue
        name = nodes.local(found)
        if name in EVENT_DEFINITIONS:
            yield found
        elif name == "eventDefinitionRef" and (referred := references.find(found.text)) is not None:
            yield referred


def read_event(
    definition: etree._Element,
    references: References,
    correlation: str | None = None,
    flow_name: str | None = None,
) -> Event:
    """What an event definition says. ``flow_name`` is the message of a message flow drawn at its event."""
    kind = EVENT_DEFINITIONS[nodes.local(definition)]
    if kind == "message":
        name = (
            references.name(definition.get("messageRef"))
            or _of_operation(definition, references)
            or flow_name
        )
        return Event(kind, name=name, correlation=correlation)
    if kind == "timer":
        return Event(kind, timer=_timer(definition))
    if kind == "conditional":
        return Event(kind, condition=nodes.expression_in(definition, "condition"))
    if kind == "compensation":
        activity = local_id(definition.get("activityRef")) or None
        return Event(kind, activity=activity, waits=nodes.flag(definition, "waitForCompletion", default=True))
    if kind == "link":
        return Event(kind, name=definition.get("name"))
    return _named(kind, definition, references)


def _named(kind: str, definition: etree._Element, references: References) -> Event:
    """A signal by its name; an error or escalation with its code, which is its name where it has none of its own."""
    referred = references.find(definition.get(f"{kind}Ref"))
    if referred is None:
        return Event(kind)
    name = referred.get("name") or referred.get("id")
    return Event(kind, name=name, code=referred.get(f"{kind}Code") if kind != "signal" else None)


def _timer(definition: etree._Element) -> Timer | None:
    for node in nodes.children(definition, *TIMER_KINDS):
        return Timer(TIMER_KINDS[nodes.local(node)], nodes.text(node) or "")
    return None
