"""The commands: everything that changes a process, one frozen dataclass each.

A command is handed to :meth:`engine.Engine.execute`, which runs it in one transaction or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Variables = Mapping[str, Any]


@dataclass(frozen=True)
class StartInstance:
    """Start the latest (or a given) version of a process. ``variables`` are those of its start form."""

    process_key: str
    variables: Variables = field(default_factory=dict)
    business_key: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class CompleteTask:
    """Complete a work item with the data of its form, an outcome and a comment.

    ``revision`` is the work item's revision that the person saw; when it has moved on, the command conflicts.
    """

    task_id: str
    variables: Variables = field(default_factory=dict)
    outcome: str | None = None
    comment: str | None = None
    revision: int | None = None


@dataclass(frozen=True)
class ClaimTask:
    """Take an open work item, so that the other candidates leave it alone."""

    task_id: str


@dataclass(frozen=True)
class ReleaseTask:
    """Give a claimed work item back to its candidates."""

    task_id: str


@dataclass(frozen=True)
class SaveDraft:
    """Keep what has been filled in so far. Drafts are not checked and not history."""

    task_id: str
    data: Variables


@dataclass(frozen=True)
class TerminateInstance:
    """End an instance now, with a reason. Open work is cancelled."""

    instance_id: str
    reason: str


@dataclass(frozen=True)
class CorrelateMessage:
    """Hand a message to the one instance (or the message start event) that waits for it.

    Every key of the receiver's correlation must be there with the same value. With a ``time_to_live`` (ISO 8601
    duration) it is kept so long for somebody who begins to wait; without, or with ``PT0S``, it is refused then.
    """

    name: str
    correlation: Variables = field(default_factory=dict)
    payload: Variables = field(default_factory=dict)
    time_to_live: str | None = None


@dataclass(frozen=True)
class ThrowSignal:
    """Throw a signal at everybody who waits for it now, and at what it starts."""

    name: str
    payload: Variables = field(default_factory=dict)


@dataclass(frozen=True)
class ForgetMessage:
    """Throw away a message that nobody has taken yet."""

    message_id: int


@dataclass(frozen=True)
class DeliverMessage:
    """Hand over a message or signal that lies in the mailbox. Given by the engine itself."""

    message_id: int


@dataclass(frozen=True)
class RunJob:
    """Do a job that is due, inside this transaction: fire a timer, ask a condition. Given by the worker."""

    job_id: int


@dataclass(frozen=True)
class FinishJob:
    """Write down what came of a job that was done outside under this lease. Given by the worker."""

    job_id: int
    lease: int
    answer: Variables


@dataclass(frozen=True)
class FailJob:
    """Note that a job has failed, one that is done outside under this lease. Given by the worker.

    ``final`` says that it is not worth repeating, ``after`` for how many seconds at least it is to be left alone.
    """

    job_id: int
    lease: int | None
    reason: str
    final: bool = False
    after: float = 0


@dataclass(frozen=True)
class RetryJob:
    """Have a job done now that has stopped, or waits to be tried again."""

    job_id: int


@dataclass(frozen=True)
class RetryIncident:
    """Try again what failed, after the cause was mended."""

    incident_id: str


Command = (
    StartInstance
    | CompleteTask
    | ClaimTask
    | ReleaseTask
    | SaveDraft
    | TerminateInstance
    | CorrelateMessage
    | ThrowSignal
    | ForgetMessage
    | DeliverMessage
    | RunJob
    | FinishJob
    | FailJob
    | RetryIncident
    | RetryJob
)


@dataclass(frozen=True)
class Result:
    """What a command left behind. ``task_ids`` are the work items that it opened.

    ``instance_id`` is empty for what concerns no instance: a message that is kept until somebody waits for it
    (``status`` is then ``kept``), a signal (``thrown``), a condition that starts nothing now.

    ``replayed`` says that the idempotency key had been seen and nothing was done a second time.
    """

    instance_id: str
    status: str
    revision: int
    task_ids: tuple[str, ...] = ()
    task_id: str | None = None
    replayed: bool = False
