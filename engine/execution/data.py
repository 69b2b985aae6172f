"""The data of flow nodes: what they need is brought before they begin, what they give is taken when they are done.

BPMN 2.0.2 §10.4.2 (data associations) and §10.4.1 (input sets: an activity waits until one of them is complete).
Inputs, outputs and properties are variables of the task itself, and go with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Data, DataAssociation, DataItem, DataPlace
from engine.execution import scopes
from engine.execution.faults import WrongValue

if TYPE_CHECKING:
    from engine.execution.live import LiveInstance


def empty(items: tuple[DataItem, ...]) -> dict[str, Any]:
    """What data items hold before anything is put into them."""
    return {item.variable: [] if item.collection else None for item in items}


def available(task: Task) -> bool:
    """Whether what one of the input sets needs is there: each source of its inputs has a value."""
    data: Data = task.task_spec.element.data
    if not data.input_sets:
        return True
    outside = scopes.visible(task.parent)
    fed = {read.target.name: read for read in data.reads if read.target is not None}
    missing = {name for name, read in fed.items() if not _has_sources(task, read, outside)}
    return any(not missing.intersection(needed) for needed in data.input_sets)


def _has_sources(task: Task, read: DataAssociation, outside: Mapping[str, Any]) -> bool:
    return all(_value(task.workflow, place, outside) is not None for place in read.sources)


def begin(task: Task) -> None:
    """Give the task its properties, and its inputs from where they come."""
    live: LiveInstance = task.workflow
    data: Data = task.task_spec.element.data
    items = empty((*data.properties, *data.inputs, *data.outputs))
    live.keep(task, {name: value for name, value in items.items() if name not in task.data})
    outside = scopes.visible(task.parent)
    for read in data.reads:
        if read.target is not None:
            live.keep(task, _carried(task, read, outside, task.data))
    task.internal_data["begun"] = True


def end(task: Task) -> None:
    """Take what the task gives to where it goes. Raises WrongValue when no output set is complete (§10.4.1)."""
    live: LiveInstance = task.workflow
    _check_outputs(task)
    for write in task.task_spec.element.data.writes:
        if write.target is None:
            continue
        outside = scopes.visible(task.parent)
        carried = _carried(task, write, scopes.visible(task), outside)
        if write.target.store:
            for name, value in carried.items():
                live.host.write_store(name, value)
        else:
            live.assign(task.parent, carried)


def _check_outputs(task: Task) -> None:
    """What the instances of a multi-instance activity give stays in them, but for its output collection."""
    element = task.task_spec.element
    if not element.data.output_sets or element.multi_instance is not None:
        return
    given = scopes.visible(task)
    missing = [[name for name in names if given.get(name) is None] for names in element.data.output_sets]
    if all(missing):
        raise WrongValue(f"The output “{missing[0][0]}” of “{element.name or element.id}”", None)


def payload(task: Task) -> dict[str, Any]:
    """The inputs of a throwing event: what its message or signal carries."""
    return {item.variable: task.data.get(item.variable) for item in task.task_spec.element.data.inputs}


def receive(task: Task, given: Mapping[str, Any]) -> None:
    """Fill the outputs of a catching event from what its message or signal carried.

    The one output of an event takes the one thing that was carried, whatever the two are called.
    """
    live: LiveInstance = task.workflow
    outputs = task.task_spec.element.data.outputs
    if len(outputs) == 1 and len(given) == 1:
        values = {outputs[0].variable: next(iter(given.values()))}
    else:
        values = {item.variable: given.get(item.variable) for item in outputs}
    live.keep(task, values)


def _carried(
    task: Task, association: DataAssociation, source_side: Mapping[str, Any], target_side: Mapping[str, Any]
) -> dict[str, Any]:
    """The variables that an association sets at its target: none when it has nothing to carry."""
    live: LiveInstance = task.workflow
    target = association.target
    if target is None:
        return {}
    sources = {place.name: _value(live, place, source_side) for place in association.sources}
    seen = {**source_side, **sources}
    found: dict[str, Any] = {}
    if association.transformation is not None:
        found[target.name] = live.ask(association.transformation, seen)
    elif association.assignments:
        found = _assigned(live, association, seen, _target_value(live, target, target_side))
    elif association.sources:
        found[target.name] = next(iter(sources.values()))
    if target.state is not None and not target.store:
        found[f"{target.name}_state"] = target.state
    return found


def _assigned(
    live: LiveInstance, association: DataAssociation, seen: Mapping[str, Any], before: Any
) -> dict[str, Any]:
    """What assignments make of the target: a whole value, or one with some of its keys set."""
    target = association.target
    name = "" if target is None else target.name
    held = {name: before}
    for assignment in association.assignments:
        first, *keys = assignment.path
        value = live.ask(assignment.value, seen)
        held[first] = value if not keys else _with(held.get(first), keys, value)
    return {
        name: value for name, value in held.items() if name in {a.path[0] for a in association.assignments}
    }


def _with(value: Any, keys: list[str], new: Any) -> dict[str, Any]:
    """A mapping like ``value`` with something else at the end of a path of keys."""
    if value is not None and not isinstance(value, Mapping):
        raise WrongValue("The target of an assignment", value)
    inside = dict(value or {})
    inside[keys[0]] = new if len(keys) == 1 else _with(inside.get(keys[0]), keys[1:], new)
    return inside


def _target_value(live: LiveInstance, place: DataPlace, side: Mapping[str, Any]) -> Any:
    return live.host.read_store(place.name) if place.store else side.get(place.name)


def _value(live: LiveInstance, place: DataPlace, side: Mapping[str, Any]) -> Any:
    """What lies at a place. Where it names a data state, only if that is the state it is in."""
    if place.store:
        return live.host.read_store(place.name)
    if place.state is not None and side.get(f"{place.name}_state") != place.state:
        return None
    return side.get(place.name)
