"""How history tells of what happened: one function for each record. See `engine.history` for the kinds of events.

An element that a token only passes, as most gateways and many events are, has one event and not two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import singledispatch
from typing import Any, get_args

from engine.bpmn.model import Element
from engine.execution import records as happened

Told = tuple[str, int, Element | None, dict[str, Any]]
"""Kind of event, process version, element, payload."""


@singledispatch
def tell(record: object, definition_id: int) -> Told | None:  # noqa: ARG001
    """The event that tells of a record; None for what only concerns other tables."""
    return None


@tell.register
def _(record: happened.Entered, definition_id: int) -> Told:  # noqa: ARG001
    return _element("element.entered", record)


@tell.register
def _(record: happened.Completed, definition_id: int) -> Told:  # noqa: ARG001
    return _done("element.completed", record)


@tell.register
def _(record: happened.Cancelled, definition_id: int) -> Told:  # noqa: ARG001
    return _element("element.cancelled", record)


def _done(kind: str, record: happened.Completed) -> Told:
    told = _element(kind, record)
    if record.flows:
        told[3]["flows"] = list(record.flows)
    return told


def _element(kind: str, record: happened.Entered | happened.Completed | happened.Cancelled) -> Told:
    payload = {"token": record.token, "type": record.element.kind}
    return kind, record.definition_id, record.element, payload


@tell.register
def _(record: happened.FlowTaken, definition_id: int) -> Told:  # noqa: ARG001
    return "flow.taken", record.definition_id, None, {"flow": record.flow}


@tell.register
def _(record: happened.VariablesSet, definition_id: int) -> Told:  # noqa: ARG001
    """``before`` is missing where the variable is new."""
    before = record.before
    changes = {
        name: {"before": before[name], "after": value} if name in before else {"after": value}
        for name, value in record.after.items()
    }
    return "variables.set", record.definition_id, record.element, {"scope": record.scope, "changes": changes}


@tell.register
def _(record: happened.WorkOpened, definition_id: int) -> Told:  # noqa: ARG001
    assignment = record.assignment
    payload = {
        "token": record.token,
        "assignee": assignment.assignee,
        "users": list(assignment.users),
        "groups": list(assignment.groups),
        "due_at": assignment.due_at,
    }
    return "task.created", record.definition_id, record.element, payload


@tell.register
def _(record: happened.TimerSet, definition_id: int) -> Told:  # noqa: ARG001
    return "timer.set", record.definition_id, record.element, {"token": record.token, "due_at": record.due_at}


@tell.register
def _(record: happened.MessageThrown, definition_id: int) -> Told:  # noqa: ARG001
    payload = {
        "token": record.token,
        "message": record.name,
        "correlation": record.correlation,
        "payload": record.payload,
    }
    return "message.thrown", record.definition_id, record.element, payload


@tell.register
def _(record: happened.SignalThrown, definition_id: int) -> Told:  # noqa: ARG001
    payload = {"token": record.token, "signal": record.name, "payload": record.payload}
    return "signal.thrown", record.definition_id, record.element, payload


@tell.register
def _(record: happened.OperationCalled, definition_id: int) -> Told:  # noqa: ARG001
    payload = {
        "token": record.token,
        "operation": record.operation,
        "inputs": record.inputs,
        "outputs": record.outputs,
    }
    return "operation.called", record.definition_id, record.element, payload


@tell.register
def _(record: happened.OperationRequested, definition_id: int) -> Told:  # noqa: ARG001
    payload = {"token": record.token, "operation": record.operation, "inputs": record.inputs}
    return "operation.requested", record.definition_id, record.element, payload


@tell.register
def _(record: happened.DecisionMade, definition_id: int) -> Told:  # noqa: ARG001
    payload = {
        "token": record.token,
        "decision": record.decision,
        "result": record.result,
        "rules": list(record.rules),
    }
    if record.required:
        payload["required"] = list(record.required)
    return "decision.made", record.definition_id, record.element, payload


@tell.register
def _(record: happened.IncidentRaised, definition_id: int) -> Told:  # noqa: ARG001
    payload = {"token": record.token, "error": record.error}
    if record.job is not None:
        payload["attempts"] = record.attempts
    return "incident.raised", record.definition_id, record.element, payload


@tell.register
def _(record: happened.InstanceEnded, definition_id: int) -> Told:
    payload = {"error": record.error, "reason": record.reason}
    return f"instance.{record.status}", definition_id, None, payload


TELLERS: Mapping[type, Callable[[Any, int], Told | None]] = {
    kind: tell.dispatch(kind) for kind in get_args(happened.Record)
}
"""Which function tells of which record: looked up here, several times for each step, it costs least."""


def told(records: Sequence[happened.Record], definition_id: int) -> Iterator[Told]:
    """The events that tell of these records, in their order."""
    place = 0
    while place < len(records):
        record = records[place]
        following = records[place + 1] if place + 1 < len(records) else None
        if (done := _passed(record, following)) is not None:
            yield _done("element.passed", done)
            place += 2
            continue
        if (event := TELLERS[type(record)](record, definition_id)) is not None:
            yield event
        place += 1


def _passed(record: happened.Record, following: happened.Record | None) -> happened.Completed | None:
    """What completes the element that a token enters, if it goes on at once."""
    if isinstance(record, happened.Entered) and isinstance(following, happened.Completed):
        return following if following.token == record.token else None
    return None
