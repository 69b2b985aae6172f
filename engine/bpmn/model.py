"""A BPMN file as the engine understands it: frozen data, read once, shared by every instance of a version.

Names follow BPMN 2.0.2. Nothing here knows XML or execution.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class SequenceFlow:
    """BPMN 2.0.2 §8.4.13. ``condition`` is a Starlark expression, without a leading ``=``."""

    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None


@dataclass(frozen=True)
class Timer:
    """``kind`` is date, duration or cycle; ``text`` an ISO 8601 literal, or an expression behind ``=``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Event:
    """What an event waits for or throws (BPMN 2.0.2 §10.5.5).

    ``kind``: none, message, timer, error, escalation or terminate. ``name`` is the message's name, ``code`` the
    error's or escalation's; a catching event without code takes any. ``correlation`` is an expression giving the
    keys a message must carry.
    """

    kind: str = "none"
    name: str | None = None
    code: str | None = None
    timer: Timer | None = None
    correlation: str | None = None


@dataclass(frozen=True)
class MultiInstance:
    """BPMN 2.0.2 §13.3.7. Either ``collection`` (an expression giving a list) or ``cardinality``."""

    sequential: bool
    collection: str | None = None
    cardinality: str | None = None
    element_variable: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One way to complete a work item. ``kind``: positive, negative, neutral; ``comment``: optional, required, none."""

    id: str
    name: str
    kind: str = "neutral"
    comment: str = "optional"


@dataclass(frozen=True)
class Mapped:
    """One named value of a mapping: ``value`` is a literal, or an expression behind ``=``."""

    name: str
    value: str


@dataclass(frozen=True)
class Element:
    """A flow node (BPMN 2.0.2 §8.4.8). ``kind`` is its XML name, such as ``userTask``.

    ``options`` are the ``planflow:`` attributes by local name; ``group`` is the group of its innermost lane.
    """

    id: str
    kind: str
    name: str | None = None
    lane: str | None = None
    group: str | None = None
    documentation: str | None = None
    default: str | None = None
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()
    event: Event = Event()
    attached_to: str | None = None
    interrupting: bool = True
    multi_instance: MultiInstance | None = None
    script: str | None = None
    called: str | None = None
    triggered_by_event: bool = False
    scope: Scope | None = None
    instantiate: bool = False
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    facts: tuple[Mapped, ...] = ()

    @property
    def starts_unasked(self) -> bool:
        """Whether it begins with its scope. A start event with a message or timer waits to be asked."""
        return self.kind != "startEvent" or self.event.kind == "none"


@dataclass(frozen=True)
class Scope:
    """A process or sub-process: its flow nodes and sequence flows by id."""

    id: str
    elements: Mapping[str, Element]
    flows: Mapping[str, SequenceFlow]

    @property
    def starts(self) -> list[Element]:
        """Where a token appears when the scope is entered: its start events, or else what nothing leads to."""
        starts = [e for e in self.elements.values() if e.kind == "startEvent"]
        return starts or [e for e in self.elements.values() if self._starts_by_itself(e)]

    @staticmethod
    def _starts_by_itself(element: Element) -> bool:
        return not (element.incoming or element.attached_to or element.triggered_by_event)


@dataclass(frozen=True)
class Process:
    """BPMN 2.0.2 §10.2. ``options`` hold ``title``, ``startForm``, ``startValues`` and ``starterGroups``."""

    id: str
    name: str | None
    executable: bool
    documentation: str | None
    scope: Scope
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def starter_groups(self) -> tuple[str, ...]:
        """Groups whose members may start it; empty means everybody who is signed in."""
        return split_names(self.options.get("starterGroups", ""))

    @property
    def starts_by_hand(self) -> bool:
        """Whether a person or a call activity can start it; otherwise only a message can."""
        return any(element.starts_unasked for element in self.scope.starts)


@dataclass(frozen=True)
class Model:
    """All processes of one file."""

    resource: str
    processes: Mapping[str, Process]


def split_names(text: str) -> tuple[str, ...]:
    """The names in a comma separated list."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def walk(scope: Scope) -> list[Element]:
    """Every element of a scope and of the sub-processes in it, outer before inner."""
    found: list[Element] = []
    for element in scope.elements.values():
        found.append(element)
        if element.scope is not None:
            found.extend(walk(element.scope))
    return found
