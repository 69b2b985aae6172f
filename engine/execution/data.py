"""The data of flow nodes: what they need is brought before they begin, what they give is taken when they are done.

BPMN 2.0.2 §10.4.2 (data associations) and §13.3.2 (an activity waits until one of its input sets is complete, and
may only end when one of its output sets is). Inputs, outputs and properties are variables of the task itself, and go
with it. All of it happens or nothing, so that what failed can be tried again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Data, DataAssociation, DataItem, DataPlace
from engine.bpmn.support import ACTIVITIES
from engine.execution import scopes
from engine.execution.faults import Fault, WrongValue
from engine.messages import translatable as _

if TYPE_CHECKING:
    from engine.execution.live import LiveInstance


class NothingGiven(Fault):
    """No output set is complete: something that had to be given has no value (§13.3.2)."""

    def __init__(self, missing: str) -> None:
        super().__init__(_("The output “%(missing)s” has no value."), missing=missing)


class NotGiven(Fault):
    """A process was called without what it needs."""

    def __init__(self, missing: str) -> None:
        super().__init__(_("The process that is called needs “%(missing)s”."), missing=missing)


class StoreFull(Fault):
    """A data store was to hold more than its capacity."""

    def __init__(self, name: str, capacity: int) -> None:
        super().__init__(
            _("The data store “%(name)s” takes %(capacity)d items at most."), name=name, capacity=capacity
        )


def empty(items: tuple[DataItem, ...]) -> dict[str, Any]:
    """What data items hold before anything is put into them, and the states that they begin in."""
    values: dict[str, Any] = {item.variable: [] if item.collection else None for item in items}
    return values | {f"{item.variable}_state": item.state for item in items if item.stateful}


# Before


def available(task: Task) -> bool:
    """Whether what one of the input sets needs is there: each source of its inputs has a value."""
    return _to_read(task, scopes.visible(task)) is not None


def begin(task: Task) -> None:
    """Give the task its properties, and its inputs from where they come.

    An input that comes from nowhere is the variable of its name, if there is one.
    """
    live: LiveInstance = task.workflow
    data: Data = task.task_spec.io
    seen = scopes.visible(task)
    fed = {read.target.name for read in data.reads if read.target is not None}
    own = tuple(item for item in data.inputs if item.variable in fed or item.variable not in seen)
    values = empty((*data.properties, *own, *data.outputs))
    values = {name: value for name, value in values.items() if name not in task.data}
    for read in _to_read(task, seen) or ():
        values |= _carried(live, read, seen, {**task.data, **values})
    live.keep(task, values)
    task.internal_data["begun"] = True
    task.internal_data.pop("awaits", None)


def _to_read(task: Task, seen: Mapping[str, Any]) -> list[DataAssociation] | None:
    """What to bring: that of the first complete input set, and what is there beyond it. None while none is complete."""
    live: LiveInstance = task.workflow
    data: Data = task.task_spec.io
    reads = [read for read in data.reads if read.target is not None]
    if not data.input_sets:
        return reads
    there = [read for read in reads if all(_is_there(live, place, seen) for place in read.sources)]
    missing = {_target(read) for read in reads} - {_target(read) for read in there}
    for needed in data.input_sets:
        if not missing.intersection(needed):
            others = {name for each in data.input_sets for name in each} - set(needed)
            return [read for read in there if _target(read) not in others]
    return None


def _is_there(live: LiveInstance, place: DataPlace, seen: Mapping[str, Any]) -> bool:
    """Whether a source has a value. A data store can always be read: nobody would tell when it is filled."""
    return place.store or _value(live, place, seen) is not None


def _target(association: DataAssociation) -> str:
    return "" if association.target is None else association.target.name


def lacking(data: Data, given: Mapping[str, Any]) -> list[str]:
    """What of the first input set of a process has not been given; nothing when any of its sets is complete."""
    sets = [[name for name in needed if given.get(name) is None] for needed in data.input_sets]
    return sets[0] if sets and all(sets) else []


# Afterwards


@dataclass
class _Given:
    """What a task gives: to its stores, to the variables around it, and as the item that a repetition is to give."""

    stored: dict[str, Any] = field(default_factory=dict)
    outside: dict[str, Any] = field(default_factory=dict)
    item: dict[str, Any] = field(default_factory=dict)

    def seen_by(self, task: Task) -> dict[str, Any]:
        """What the next association sees: its task's own variables before those outside, as they will be."""
        return {**scopes.visible(task.parent), **self.outside, **task.data}

    def side(self, place: DataPlace) -> dict[str, Any]:
        if place.store:
            return self.stored
        return self.item if place.item else self.outside


def end(task: Task) -> None:
    """Take what the task gives to where it goes, once. Raises NothingGiven, StoreFull, and what expressions raise."""
    if "handed" in task.internal_data:
        return  # it is tried again after something that came later had failed
    if missing := not_given(task):
        raise NothingGiven(missing[0])
    given = _Given()
    for write in task.task_spec.io.writes:
        if write.target is not None:
            _write(task, write, write.target, given)
    _hand_over(task, given)
    task.internal_data["handed"] = True


def not_given(task: Task) -> list[str]:
    """What the first output set of an activity still lacks; nothing when any of its sets is complete (§13.3.2).

    What an event brings is not its own to give: it may lack anything.
    """
    if task.task_spec.element.kind not in ACTIVITIES:
        return []
    seen = scopes.visible(task)
    sets = [[n for n in needed if seen.get(n) is None] for needed in task.task_spec.io.output_sets]
    return sets[0] if sets and all(sets) else []


def _write(task: Task, write: DataAssociation, target: DataPlace, given: _Given) -> None:
    """Add what an association carries. What has no value is not copied: it was optional."""
    live: LiveInstance = task.workflow
    seen, side = given.seen_by(task), given.side(target)
    plain = write.transformation is None and not write.assignments
    if plain and write.sources and _value(live, write.sources[0], seen) is None:
        return
    around = {} if target.store else scopes.visible(task.parent)
    carried = _carried(live, write, seen, {**around, **side})
    if target.store and target.capacity is not None:
        _check_capacity(target.name, target.capacity, carried)
    side |= carried


def _check_capacity(name: str, capacity: int, carried: Mapping[str, Any]) -> None:
    value = carried.get(name)
    if isinstance(value, list) and len(value) > capacity:
        raise StoreFull(name, capacity)


def _hand_over(task: Task, given: _Given) -> None:
    live: LiveInstance = task.workflow
    if given.stored:
        with live.host.attempt():
            for name, value in given.stored.items():
                live.host.write_store(name, value)
            live.assign(task.parent, given.outside)
    else:
        live.assign(task.parent, given.outside)
    live.keep(task, given.item)


# What is sent and received


def inputs(task: Task) -> dict[str, Any]:
    """The data inputs of an element by name, as a repetition sees them too."""
    items = task.task_spec.element.data.inputs
    seen = scopes.visible(task) if items else {}
    return {item.variable: seen.get(item.variable) for item in items}


def receive(task: Task, given: Mapping[str, Any]) -> None:
    """Fill the outputs of an element from what a message, signal, operation or called process brings.

    The one output of an element takes the one thing that is brought, whatever the two are called.
    """
    live: LiveInstance = task.workflow
    outputs = task.task_spec.io.outputs
    if len(outputs) == 1 and len(given) == 1:
        values = {outputs[0].variable: next(iter(given.values()))}
    else:
        values = {item.variable: given.get(item.variable) for item in outputs}
    live.keep(task, values)


# Associations


def _carried(
    live: LiveInstance,
    association: DataAssociation,
    source_side: Mapping[str, Any],
    target_side: Mapping[str, Any],
) -> dict[str, Any]:
    """The variables that an association sets at its target: none when it has nothing to carry."""
    target = association.target
    if target is None:
        return {}
    sources = {place.name: _value(live, place, source_side) for place in association.sources}
    seen = {**source_side, **sources}
    found: dict[str, Any] = {}
    if association.transformation is not None:
        found[target.name] = live.ask(association.transformation, seen)
    elif association.assignments:
        found = _assigned(live, association, seen, target_side)
    elif association.sources:
        found[target.name] = next(iter(sources.values()))
    if target.state is not None and not target.store:
        found[f"{target.name}_state"] = target.state
    return found


def _assigned(
    live: LiveInstance, association: DataAssociation, seen: Mapping[str, Any], target_side: Mapping[str, Any]
) -> dict[str, Any]:
    """What assignments make of the target: a whole value, or one with some of its keys set.

    The first name of a path is that of the target itself; if it is not, the path lies inside the target.
    """
    target = association.target
    if target is None:
        return {}
    value = _target_value(live, target, target_side)
    for assignment in association.assignments:
        first, *keys = assignment.path
        path = keys if first == target.name else [first, *keys]
        new = live.ask(assignment.value, seen)
        value = _with(value, path, new) if path else new
    return {target.name: value}


def _with(value: Any, keys: list[str], new: Any) -> dict[str, Any]:
    """A mapping like ``value`` with something else at the end of a path of keys."""
    if value is not None and not isinstance(value, Mapping):
        raise WrongValue("The target of an assignment", value)
    inside = dict(value or {})
    inside[keys[0]] = new if len(keys) == 1 else _with(inside.get(keys[0]), keys[1:], new)
    return inside


def _target_value(live: LiveInstance, place: DataPlace, side: Mapping[str, Any]) -> Any:
    return (
        live.host.read_store(place.name) if place.store and place.name not in side else side.get(place.name)
    )


def _value(live: LiveInstance, place: DataPlace, side: Mapping[str, Any]) -> Any:
    """What lies at a place. Where it names a data state, only if that is the state it is in."""
    if place.store:
        return live.host.read_store(place.name)
    if place.state is not None and side.get(f"{place.name}_state") != place.state:
        return None
    return side.get(place.name)
