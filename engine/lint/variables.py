"""Which variables a process can ever have, as far as its own files say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.bpmn.model import Data, Element, Process, Scope, walk
from engine.bpmn.support import ALWAYS_THERE
from engine.execution.mapping import EVERYTHING
from engine.lint.rule import Subject

_FROM_ENGINE = ALWAYS_THERE | {
    "activationCount",
    "error_code",
    "error_message",
    "escalation_code",
    "loopCounter",
    "message",
    "nrOfActiveInstances",
    "nrOfCompletedInstances",
    "nrOfInstances",
    "nrOfTerminatedInstances",
    "result",
    "waitingForStart",
}
"""Names that the engine fills in somewhere. Where each can be read is not looked at."""

_OPTIONS = ("resultVariable", "commentVariable", "performerVariable")


@dataclass(frozen=True)
class Known:
    """``names`` are all that anything in the process can set.

    ``complete`` says that nothing else can be there; ``given`` that only what a start is given can be added.
    """

    names: frozenset[str]
    complete: bool
    given: bool


def known_variables(process: Process, subject: Subject) -> Known:
    """Every name that could have a value somewhere in a process, whatever way its tokens take."""
    names = set(_FROM_ENGINE) | subject.handed_over.get(process.id, frozenset())
    names.update(_of_data(process.data), *(_of_element(e, subject) for e in process.elements))
    for scope in _scopes(process):
        for item in scope.data:
            names |= {item.variable, f"{item.variable}_state"}
    opened = EVERYTHING in names or any(_is_open(element, subject) for element in process.elements)
    named = process.options.get("startForm")
    form = subject.form(named)
    names |= {slot.path[0] for slot in form.slots} if form else set()
    opened = opened or (named is not None and form is None)
    given = named is None and process.starts_by_hand
    return Known(frozenset(names), complete=not opened and not given, given=not opened and given)


def _scopes(process: Process) -> Iterator[Scope]:
    for scope in (process.scope, *process.global_tasks.values()):
        yield scope
        yield from (e.scope for e in walk(scope) if e.scope is not None)


def _of_element(element: Element, subject: Subject) -> set[str]:
    names = {mapped.name for mapped in (*element.inputs, *element.outputs)} - {EVERYTHING}
    names |= {element.options[option] for option in _OPTIONS if option in element.options}
    names |= _of_data(element.data)
    if element.kind in ("userTask", "manualTask"):
        names |= {element.options.get("outcomeVariable", f"{element.id}_outcome"), f"{element.id}_comment"}
        form = subject.form(element.options.get("form"))
        names |= {slot.path[0] for slot in form.slots} if form else set()
    if "decision" in element.options:
        names.add(element.options["decision"])
    if element.script:
        names |= subject.sources.assigned_by(element.script) or frozenset()
    loop = element.multi_instance
    if loop is not None:
        names |= {name for name in (loop.element_variable, loop.output_collection) if name}
    return names


def _of_data(data: Data) -> set[str]:
    items = {item.variable for item in (*data.properties, *data.inputs, *data.outputs)}
    names = items | {f"{item}_state" for item in items}
    for association in (*data.reads, *data.writes):
        places = [*association.sources, *([association.target] if association.target else [])]
        names |= {place.name for place in places} | {f"{place.name}_state" for place in places}
        names |= {assignment.path[0] for assignment in association.assignments if assignment.path}
    return names


def _is_open(element: Element, subject: Subject) -> bool:
    """Whether it may set variables under names that no file tells."""
    if any(mapped.name == EVERYTHING for mapped in element.outputs):
        return True
    if element.script and subject.sources.assigned_by(element.script) is None:
        return True
    if element.kind in ("userTask", "manualTask"):
        return subject.form(element.options.get("form")) is None
    catches = element.kind in ("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask")
    carried = any(event.kind in ("message", "signal") for event in element.events)
    return catches and carried and not (element.outputs or element.data.outputs)
