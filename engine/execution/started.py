"""Beginning with an event that has happened already: what starts a process from outside (BPMN 2.0.2 §13.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from SpiffWorkflow.task import Task


@dataclass(frozen=True)
class Started:
    """What has started a process: the element of the event, the number of its definition, and what it carried.

    ``correlation`` are the keys of a message.
    """

    element: str
    number: int = 0
    payload: Mapping[str, Any] = field(default_factory=dict)
    correlation: Mapping[str, Any] = field(default_factory=dict)


def begin_with(scope: Task, started: Started, **internal: Any) -> None:
    """Put a token at what has started a scope: its event has happened, or the first of several that it needs."""
    spec = scope.task_spec.process.task_specs[started.element]
    token = scope.workflow.enter(spec, scope, **internal)
    spec.converse(token, started.payload, started.number, started.correlation)
    if spec.needs_all:
        token.internal_data.update(first=started.number, given=dict(started.payload))
    else:
        token.internal_data.update(triggered=True, **spec.taken(token, started.payload))
