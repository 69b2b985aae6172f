"""What readers get: frozen pictures of tasks, instances, history and processes. See `engine.queries`.

People appear as their sign-in name and, in the field ending in ``_name``, as they are shown to others.
Names of steps, outcomes and processes are the model's; web translates them. All moments are UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """Some of a list. ``next_cursor`` asks for what follows; None at the end."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One way a task can be decided. ``kind``: positive, negative or neutral.

    ``comment``: optional, required or none.
    """

    id: str
    name: str
    kind: str = "neutral"
    comment: str = "optional"


@dataclass(frozen=True)
class Fact:
    """What decides the matter. ``value``: text, number, list of texts, or list of mappings (a table)."""

    label: str
    value: Any


@dataclass(frozen=True)
class Candidate:
    """Who may take a task. ``kind``: user or group."""

    kind: str
    name: str


@dataclass(frozen=True)
class InstanceSummary:
    """A run of a process in a list. ``status``: active, completed, terminated or failed.

    ``waiting_at`` names the steps at which people are waited for now.
    """

    id: str
    process_key: str
    process_name: str
    process_version: int
    business_key: str | None
    title: str
    starter: str
    starter_name: str
    status: str
    started_at: datetime
    ended_at: datetime | None
    updated_at: datetime
    waiting_at: tuple[str, ...] = ()


@dataclass(frozen=True)
class TaskSummary:
    """A work item in a list. ``status``: open, claimed, completed or cancelled. 100 is most urgent."""

    id: str
    element: str
    name: str
    status: str
    instance_id: str
    instance_title: str
    business_key: str | None
    process_key: str
    process_name: str
    starter: str
    starter_name: str
    assignee: str | None
    assignee_name: str | None
    priority: int
    created_at: datetime
    due_at: datetime | None
    completed_at: datetime | None
    completed_by: str | None
    completed_by_name: str | None
    outcome: str | None
    revision: int


@dataclass(frozen=True)
class StepComment:
    """What somebody wrote when completing an earlier step, and how they decided it."""

    task_id: str
    element: str
    step: str
    author: str
    author_name: str
    time: datetime
    outcome: str | None
    outcome_name: str | None
    outcome_kind: str | None
    text: str


@dataclass(frozen=True)
class TaskDetail:
    """A work item as its page shows it.

    ``form`` is a resource name in the deployment ``deployment_id``. ``draft`` is there only for whoever may
    complete the task. ``variables`` are the process's and, over them, those of the task's own scope.
    ``comments`` are of earlier steps, oldest first; ``comment`` is the task's own. ``may_*``: what the reader
    may do now.
    """

    summary: TaskSummary
    instance: InstanceSummary
    definition_id: int
    deployment_id: str
    form: str | None
    outcomes: tuple[Outcome, ...]
    facts: tuple[Fact, ...]
    candidates: tuple[Candidate, ...]
    owner: str | None
    claimed_at: datetime | None
    comment: str | None
    draft: Mapping[str, Any] | None
    variables: Mapping[str, Any]
    comments: tuple[StepComment, ...]
    may_complete: bool
    may_claim: bool
    may_release: bool

    @property
    def id(self) -> str:
        return self.summary.id


@dataclass(frozen=True)
class Incident:
    """Something that stopped an instance at an element. Open while ``resolved_at`` is None.

    ``attempts`` is how often it was tried in vain, which is more than once for a job.
    """

    id: str
    instance_id: str
    instance_title: str
    process_key: str
    element: str
    element_name: str
    error: str
    attempts: int
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


@dataclass(frozen=True)
class KeptMessage:
    """A message that nobody has taken yet, or a signal on its way. ``kind`` says which.

    ``attempts`` is how often it could not be handed over, ``error`` why that was the last time.
    """

    id: int
    kind: str
    name: str
    correlation: Mapping[str, Any]
    sent_at: datetime
    expires_at: datetime
    attempts: int
    error: str | None


@dataclass(frozen=True)
class JobSummary:
    """Something that is to be done by itself. ``status`` is due, running or failed; a failed one waits for a person.

    ``due_at`` is when it is wanted, ``try_at`` when it is tried next, ``attempts`` how often it has failed in a row and
    ``error`` why, the last time. ``may_retry``: it can be done now, having failed before.
    """

    id: int
    kind: str
    status: str
    instance_id: str | None
    instance_title: str | None
    process_key: str | None
    process_name: str | None
    element: str | None
    element_name: str | None
    due_at: datetime
    try_at: datetime
    attempts: int
    tried_at: datetime | None
    error: str | None
    created_at: datetime
    may_retry: bool


@dataclass(frozen=True)
class WorkerSummary:
    """A worker that was heard of within a day; ``alive``: lately. ``kind`` is one of `engine.heartbeats.KINDS`, and
    ``does_jobs`` says whether such a one does them or only hands them over."""

    name: str
    kind: str
    started_at: datetime
    seen_at: datetime
    alive: bool
    does_jobs: bool


@dataclass(frozen=True)
class InstanceDetail:
    """A run of a process as its page shows it, with the tasks still to be done and the open incidents."""

    summary: InstanceSummary
    definition_id: int
    deployment_id: str
    revision: int
    parent_instance: str | None
    children: tuple[InstanceSummary, ...]
    tasks: tuple[TaskSummary, ...]
    incidents: tuple[Incident, ...]
    may_terminate: bool

    @property
    def id(self) -> str:
        return self.summary.id


@dataclass(frozen=True)
class HistoryEvent:
    """Something that happened, see `engine.history`. ``hash`` seals it and all before it."""

    instance_id: str
    seq: int
    time: datetime
    actor: str
    actor_name: str
    on_behalf_of: str | None
    kind: str
    element: str | None
    element_name: str | None
    process_version: int
    payload: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True)
class DiagramState:
    """Where an instance stands on its diagram and which way it went.

    ``active`` and ``completed`` count tokens by element id; ``taken_flows`` are ids of sequence flows.
    """

    instance_id: str
    definition_id: int
    xml: bytes
    active: Mapping[str, int]
    completed: Mapping[str, int]
    taken_flows: tuple[str, ...]
    incidents: tuple[Incident, ...]


@dataclass(frozen=True)
class ProcessSummary:
    """The latest version of a process. ``startable``: this reader may start it (no groups: all may)."""

    key: str
    name: str
    version: int
    definition_id: int
    deployment_id: str
    deployed_at: datetime
    executable: bool
    starter_groups: tuple[str, ...]
    startable: bool


@dataclass(frozen=True)
class ProcessVersion:
    """One version of a process, who deployed it, and how many instances still run on it."""

    version: int
    definition_id: int
    deployment_id: str
    deployed_at: datetime
    deployed_by: str
    deployed_by_name: str
    active_instances: int


@dataclass(frozen=True)
class FailedStart:
    """A timer or condition (``kind``) that could not start its process, and is to be tried again."""

    process_key: str
    process_name: str
    element: str
    element_name: str | None
    kind: str
    reason: str
    tried_at: datetime
    next_try_at: datetime


@dataclass(frozen=True)
class ProcessDetail:
    """A process: its latest version, all versions newest first, and the BPMN of the latest, byte for byte.

    ``failed_starts`` are only told to those who see every instance.
    """

    summary: ProcessSummary
    versions: tuple[ProcessVersion, ...]
    xml: bytes
    resources: tuple[str, ...]
    failed_starts: tuple[FailedStart, ...] = ()

    @property
    def startable(self) -> bool:
        return self.summary.startable
