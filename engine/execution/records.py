"""What happened while an instance ran: the live instance writes these, the engine stores them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from engine.bpmn.model import Element


@dataclass(frozen=True)
class Entered:
    """A token became active at an element."""

    token: int
    element: Element
    definition_id: int


@dataclass(frozen=True)
class Completed:
    """An element was done and its token left, on these sequence flows."""

    token: int
    element: Element
    definition_id: int
    flows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cancelled:
    """An active element was interrupted."""

    token: int
    element: Element
    definition_id: int


@dataclass(frozen=True)
class FlowTaken:
    """A token went along a sequence flow, from where nothing was completed just then."""

    flow: str
    definition_id: int


@dataclass(frozen=True)
class VariablesSet:
    """Variables were written. ``scope`` is the token that owns them; ``before`` lacks what was new."""

    scope: int
    element: Element | None
    before: dict[str, Any]
    after: dict[str, Any]
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class Assignment:
    """Who may do a work item, and by when (UTC)."""

    assignee: str | None = None
    users: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    due_at: datetime | None = None
    priority: int = 50


@dataclass(frozen=True)
class WorkOpened:
    """A person has something to do."""

    token: int
    element: Element
    assignment: Assignment
    definition_id: int


@dataclass(frozen=True)
class WorkWithdrawn:
    """Nobody needs to do it any more."""

    token: int


@dataclass(frozen=True)
class TimerSet:
    """A timer runs for a token until ``due_at`` (UTC). ``repeat`` says how it goes on afterwards.

    ``event`` is the number of the event definition, for an element that has several.
    """

    token: int
    element: Element
    due_at: datetime
    repeat: dict[str, Any] | None = None
    event: int = 0
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class TimerCleared:
    """The timer of a token's event definition is not needed any more."""

    token: int
    event: int = 0


@dataclass(frozen=True)
class SubscriptionOpened:
    """A token waits for a message whose correlation holds at least these values, or for a signal.

    ``kind`` is message or signal, ``name`` its name, ``event`` the number of the event definition.
    """

    token: int
    element: Element
    kind: str
    name: str
    correlation: dict[str, Any] = field(default_factory=dict)
    event: int = 0


@dataclass(frozen=True)
class SubscriptionClosed:
    """The token does not wait for the message or signal of this event definition any more."""

    token: int
    event: int = 0


@dataclass(frozen=True)
class MessageThrown:
    """A message was sent to whoever waits for it with these correlation keys, now or later."""

    token: int
    element: Element
    name: str
    correlation: dict[str, Any]
    payload: dict[str, Any]
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class SignalThrown:
    """A signal was sent to everybody who waits for it at this moment."""

    token: int
    element: Element
    name: str
    payload: dict[str, Any]
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class OperationCalled:
    """A service task called an operation."""

    token: int
    element: Element
    operation: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class OperationRequested:
    """An operation is to be called when the command is done; the token waits for its answer.

    ``retries`` are the waits (ISO 8601) between its tries.
    """

    token: int
    element: Element
    operation: str
    inputs: dict[str, Any]
    retries: tuple[str, ...]
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class OperationWithdrawn:
    """The token does not wait for the answer of its operation any more."""

    token: int


@dataclass(frozen=True)
class DecisionMade:
    """A business rule task took a decision; ``rules`` are the ids of the rules that matched.

    ``required`` are the decisions that were made before it, each with ``decision``, ``result`` and ``rules``.
    """

    token: int
    element: Element
    decision: str
    result: Any
    rules: tuple[str, ...] = ()
    required: tuple[dict[str, Any], ...] = ()
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class IncidentRaised:
    """An element could not go on. It waits, the rest of the instance goes on.

    ``job`` is the job of the token that has stopped, if it was one, after so many ``attempts``.
    """

    token: int
    element: Element
    error: str
    job: int | None = None
    attempts: int = 1
    definition_id: int = field(kw_only=True)


@dataclass(frozen=True)
class IncidentWithdrawn:
    """The element that could not go on was interrupted; nobody needs to mend it any more."""

    token: int


@dataclass(frozen=True)
class InstanceEnded:
    """``status`` is completed, terminated or failed; ``error`` is the code of an error that nobody caught."""

    status: str
    error: str | None = None
    reason: str | None = None


Record = (
    Entered
    | Completed
    | Cancelled
    | FlowTaken
    | VariablesSet
    | WorkOpened
    | WorkWithdrawn
    | TimerSet
    | TimerCleared
    | SubscriptionOpened
    | SubscriptionClosed
    | MessageThrown
    | SignalThrown
    | OperationCalled
    | OperationRequested
    | OperationWithdrawn
    | DecisionMade
    | IncidentRaised
    | IncidentWithdrawn
    | InstanceEnded
)
