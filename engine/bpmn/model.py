"""A BPMN file as the engine understands it: frozen data, read once, shared by every instance of a version.

Names follow BPMN 2.0.2. Nothing here knows XML or execution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class SequenceFlow:
    """BPMN 2.0.2 §8.4.13. ``condition`` is a Starlark expression, without a leading ``=``.

    ``drawn`` is false for the jump from a throwing link event to its catching one, which no line in the diagram shows.
    """

    id: str
    source: str
    target: str
    name: str | None = None
    condition: str | None = None
    drawn: bool = True


@dataclass(frozen=True)
class Timer:
    """``kind`` is date, duration or cycle; ``text`` an ISO 8601 literal, or an expression behind ``=``."""

    kind: str
    text: str


@dataclass(frozen=True)
class Event:
    """One event definition: what an event waits for or throws (BPMN 2.0.2 §10.5.5).

    ``kind``: none, message, signal, timer, error, escalation, conditional, compensation, cancel, terminate or link.
    ``name`` is that of the message, signal or link; ``code`` the error's or escalation's, and a catching event
    without code takes any. ``correlation`` is an expression giving the keys of a message, ``condition`` one that a
    conditional event waits for. A compensation event compensates ``activity``, or else everything in its scope, and
    goes on at once unless it ``waits``.
    """

    kind: str = "none"
    name: str | None = None
    code: str | None = None
    timer: Timer | None = None
    correlation: str | None = None
    condition: str | None = None
    activity: str | None = None
    waits: bool = True


@dataclass(frozen=True)
class Behavior:
    """What a multi-instance activity throws when an instance of it completes (BPMN 2.0.2 §10.3.8, Table 10.27).

    ``condition`` is an expression asked at each completion; without one the event is thrown each time.
    """

    event: Event
    condition: str | None = None


@dataclass(frozen=True)
class MultiInstance:
    """BPMN 2.0.2 §13.3.7. Either ``collection`` (an expression giving a list) or ``cardinality``.

    ``first_only``: the behaviours are asked when the first instance completes, and not again (``behavior="One"``).
    """

    sequential: bool
    collection: str | None = None
    cardinality: str | None = None
    element_variable: str | None = None
    output_collection: str | None = None
    output_element: str | None = None
    completion_condition: str | None = None
    behaviors: tuple[Behavior, ...] = ()
    first_only: bool = False


@dataclass(frozen=True)
class StandardLoop:
    """BPMN 2.0.2 §13.3.6: repeated while ``condition`` holds, and at most ``maximum`` times."""

    condition: str | None
    before: bool = False
    maximum: int | None = None


@dataclass(frozen=True)
class AdHoc:
    """How the activities of an ad-hoc sub-process are carried out (BPMN 2.0.2 §13.3.5).

    ``activities`` is an expression giving the ids of those to begin with; without it they are all offered.
    """

    sequential: bool = False
    completion_condition: str | None = None
    cancels: bool = True
    activities: str | None = None


@dataclass(frozen=True)
class DataItem:
    """A data object, property, data input or data output (BPMN 2.0.2 §10.4): a variable of the scope it stands in.

    If it is ``stateful``, it begins in ``state``, kept in ``<variable>_state`` beside it.
    """

    id: str
    variable: str
    collection: bool = False
    stateful: bool = False
    state: str | None = None


@dataclass(frozen=True)
class DataPlace:
    """Where a data association reads or writes: a variable, or a ``store`` that all processes share.

    ``state`` is the data state a reference names: it is set when written and kept as ``<variable>_state``. A store
    takes up to ``capacity`` items, if it has one. ``item`` says that it is the one item of a multi-instance repetition.
    """

    name: str
    store: bool = False
    state: str | None = None
    capacity: int | None = None
    item: bool = False


@dataclass(frozen=True)
class DataAssignment:
    """BPMN 2.0.2 §10.4.2: ``value`` (an expression) goes to ``path``, a name with keys behind it."""

    value: str
    path: tuple[str, ...]


@dataclass(frozen=True)
class DataAssociation:
    """BPMN 2.0.2 §10.4.2. ``transformation`` is an expression over the sources; without one the source is copied."""

    sources: tuple[DataPlace, ...]
    target: DataPlace | None
    transformation: str | None = None
    assignments: tuple[DataAssignment, ...] = ()


@dataclass(frozen=True)
class Data:
    """The data of a flow node: its properties, what it needs and gives, and where that comes from and goes to.

    ``input_sets`` are the names of the inputs that must be there together; one complete set is enough to begin.
    ``output_sets`` are those of the outputs that must be there together, in one set at least, when it is done.
    """

    properties: tuple[DataItem, ...] = ()
    inputs: tuple[DataItem, ...] = ()
    outputs: tuple[DataItem, ...] = ()
    input_sets: tuple[tuple[str, ...], ...] = ()
    output_sets: tuple[tuple[str, ...], ...] = ()
    reads: tuple[DataAssociation, ...] = ()
    writes: tuple[DataAssociation, ...] = ()


NO_DATA = Data()


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
    ``events`` are its event definitions: it needs all of them if ``parallel_multiple``, else one.
    ``compensated_by`` is the activity that its compensation boundary event leads to, ``link_target`` the catching
    event that its link leads to. ``parallel_events``: an event-based gateway that waits for all of its events.
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
    events: tuple[Event, ...] = ()
    parallel_multiple: bool = False
    attached_to: str | None = None
    interrupting: bool = True
    multi_instance: MultiInstance | None = None
    loop: StandardLoop | None = None
    ad_hoc: AdHoc | None = None
    script: str | None = None
    called: str | None = None
    triggered_by_event: bool = False
    scope: Scope | None = None
    instantiate: bool = False
    parallel_events: bool = False
    activation_condition: str | None = None
    start_quantity: int = 1
    completion_quantity: int = 1
    for_compensation: bool = False
    compensated_by: str | None = None
    link_target: str | None = None
    data: Data = NO_DATA
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    inputs: tuple[Mapped, ...] = ()
    outputs: tuple[Mapped, ...] = ()
    outcomes: tuple[Outcome, ...] = ()
    facts: tuple[Mapped, ...] = ()

    @property
    def event(self) -> Event:
        """Its event definition; of several, the first."""
        return self.events[0] if self.events else Event()

    @property
    def repeats(self) -> bool:
        """Whether it has loop characteristics of either kind."""
        return self.multi_instance is not None or self.loop is not None

    @property
    def starts_unasked(self) -> bool:
        """Whether it begins with its scope. What waits for an event to begin with waits to be asked."""
        return not self.instantiate and (self.kind != "startEvent" or not self.events)


@dataclass(frozen=True)
class Scope:
    """A process or sub-process: its flow nodes and sequence flows by id, and the data objects it holds."""

    id: str
    elements: Mapping[str, Element]
    flows: Mapping[str, SequenceFlow]
    data: tuple[DataItem, ...] = ()

    @property
    def starts(self) -> list[Element]:
        """Where the scope can begin: its start events and what instantiates, or else what nothing leads to."""
        starts = [e for e in self.elements.values() if e.kind == "startEvent" or e.instantiate]
        return starts or [e for e in self.elements.values() if self._starts_by_itself(e)]

    @staticmethod
    def _starts_by_itself(element: Element) -> bool:
        led_to = element.incoming or element.attached_to or element.triggered_by_event
        return not (led_to or element.for_compensation or _catches_link(element))


def _catches_link(element: Element) -> bool:
    return element.kind == "intermediateCatchEvent" and element.event.kind == "link"


@dataclass(frozen=True)
class CorrelationProperty:
    """BPMN 2.0.2 §8.4.2: a key of messages. ``paths`` say how each message, by name, holds it: expressions over its
    payload. ``binding`` is an expression over the variables of the process that waits, if it has a subscription."""

    name: str
    paths: Mapping[str, str]
    binding: str | None = None


@dataclass(frozen=True)
class Process:
    """BPMN 2.0.2 §10.2. ``options`` hold ``title``, ``startForm``, ``startValues`` and ``starterGroups``.

    ``global_tasks`` are the global tasks of the file by id, each as the one element of a scope of its own.
    ``data`` are those of its I/O specification. ``stores`` are the names of the data stores that references in it
    lead to, those in sub-processes aside.
    """

    id: str
    name: str | None
    executable: bool
    documentation: str | None
    scope: Scope
    correlation: tuple[CorrelationProperty, ...] = ()
    global_tasks: Mapping[str, Scope] = field(default_factory=lambda: MappingProxyType({}))
    data: Data = NO_DATA
    stores: frozenset[str] = frozenset()
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def elements(self) -> list[Element]:
        """Every flow node in it and in the global tasks of its file, outer before inner."""
        return [e for scope in (self.scope, *self.global_tasks.values()) for e in walk(scope)]

    @property
    def starter_groups(self) -> tuple[str, ...]:
        """Groups whose members may start it; empty means everybody who is signed in."""
        return split_names(self.options.get("starterGroups", ""))

    @property
    def starts_by_hand(self) -> bool:
        """Whether a person or a call activity can start it; otherwise only an event can."""
        return any(element.starts_unasked for element in self.scope.starts)

    def event_starts(self) -> Iterator[tuple[Element, int, Event]]:
        """Every event that starts it: the element that catches it, the number of its definition, and the event.

        An instantiating gateway starts the process by the events behind it (BPMN 2.0.2 §13.2).
        """
        for start in self.scope.starts:
            catching = [start]
            if start.kind == "eventBasedGateway":
                flows = (self.scope.flows[flow] for flow in start.outgoing)
                catching = [self.scope.elements[flow.target] for flow in flows]
            for element in catching if not start.starts_unasked else ():
                for number, event in enumerate(element.events):
                    yield element, number, event


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
