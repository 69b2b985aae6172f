"""Operations: what service tasks may call, registered by name.

A service task names an operation (``planflow:operation="plans.put_in_force"``); it runs inside the command's
transaction, so that its changes and the process's stand or fall together.

One that reaches beyond the database is registered with `outside`. It is a job: it runs after the commit, outside of
any transaction, while the token waits at its task, and what it answers is brought back in a transaction of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine.directory import Directory
from engine.errors import PlanFlowError
from engine.execution import limits
from engine.jobs.rows import enqueue
from engine.storage.json_text import to_json

TELLABLE = 300
"""Characters that are told of an error which was not made for people."""


def nobody_is_told(kind: str, payload: Mapping[str, Any]) -> None:
    """Where there are no observers."""


@dataclass(frozen=True)
class OperationContext:
    """Where an operation runs. ``now`` is UTC; ``actor`` is whose command led here, ``starter`` whose process.

    ``announce(kind, payload)`` tells observers, such as webhooks, of something that the operation has done; ``kind``
    is a name such as ``plan.in_force`` and ``payload`` JSON. They hear of it only if the command is committed.
    """

    session: Session
    directory: Directory
    instance_id: str
    process_key: str
    actor: str
    starter: str
    now: datetime
    announce: Callable[[str, Mapping[str, Any]], None] = nobody_is_told

    def enqueue(self, kind: str, payload: Mapping[str, Any], due_at: datetime | None = None) -> int:
        """Let a job of another kind be done for this instance when the command is committed, or when it is due."""
        return enqueue(self.session, kind, payload, self.now, due_at, self.instance_id or None)


Operation = Callable[[OperationContext, Mapping[str, Any]], Mapping[str, Any]]
"""Takes the context and the task's inputs, returns JSON-like outputs. May raise ``BpmnError`` or ``Invalid``."""


@dataclass(frozen=True)
class OutsideCall:
    """Whose call of an outside operation this is.

    It may be made more than once, after a failure or a crash, always with the same ``key``: whoever is called can
    tell by it (as an idempotency key) that it is the same. ``attempt`` counts from 1.
    """

    key: str
    attempt: int
    instance_id: str
    process_key: str
    starter: str


class PermanentFailure(PlanFlowError):
    """What an outside operation raises when trying again would change nothing: it becomes an incident at once."""

    code = "permanent_failure"


class TemporaryFailure(PlanFlowError):
    """What an outside operation may raise to say how long to leave the other system alone, as that has asked.

    It is tried again then, or after the wait that comes next if that is longer.
    """

    code = "temporary_failure"

    def __init__(self, template: str, after: timedelta, **params: Any) -> None:
        super().__init__(template, **params)
        self.after = after


@dataclass(frozen=True)
class OutsideOperation:
    """An operation that runs outside of any transaction; make it with `outside`."""

    call: Callable[[OutsideCall, Mapping[str, Any]], Mapping[str, Any]]
    retries: tuple[str, ...]


def outside(
    call: Callable[[OutsideCall, Mapping[str, Any]], Mapping[str, Any]],
    retries: tuple[str, ...] = ("PT10S", "PT1M", "PT10M"),
) -> OutsideOperation:
    """An operation that reaches beyond the database, such as ``http.post``.

    ``call`` takes whose call it is and the task's inputs, and returns JSON-like outputs. It is done at least once, and
    must come back within the worker's lease, or somebody else does it too.

    A ``BpmnError`` that it raises is thrown at the task. A `PermanentFailure` is an incident, and so is an ``Invalid``,
    as the inputs stay the same. After whatever else it raises it is tried again when these waits (ISO 8601 durations)
    are over, unless the task names others (``planflow:retries``), and after the last there is an incident.
    """
    return OutsideOperation(call, retries)


Operations = Mapping[str, Operation | OutsideOperation]


def plain(answer: Any) -> dict[str, Any]:
    """The answer of an operation as the JSON that it will be, no part of it shared with the operation."""
    if not isinstance(answer, Mapping):
        raise TypeError(f"it gave {type(answer).__name__}, not a mapping")
    limits.size(answer := dict(answer))
    written: dict[str, Any] = json.loads(to_json(answer))
    return written


def shortened(error: Exception) -> str:
    """An error that was not made for people, in one line."""
    text = f"{type(error).__name__}: {error}"
    return text if len(text) <= TELLABLE else text[: TELLABLE - 1] + "…"
