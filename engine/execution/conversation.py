"""Conversations: which messages are for an instance, by their correlation keys (BPMN 2.0.2 §8.4.2).

Key-based: the first message that is sent or received fills in a key, and those that come after must carry the same
value. Context-based: a correlation subscription binds a key to data of the process, and follows it when it changes.
An instance holds one conversation; whoever holds several at once says ``planflow:correlation`` at each message.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Event, Process
from engine.execution import limits
from engine.execution.faults import WrongValue
from engine.execution.node import live_of

if TYPE_CHECKING:
    from engine.execution.live import LiveInstance

HELD = "conversation"
"""Where the root of an instance keeps the values of its keys."""


def sent(task: Task, event: Event, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a message that is being sent; the conversation has them from now on. Raises TooManyKeys."""
    live, model, name = live_of(task), task.task_spec.process.model, event.name or ""

    def ask(path: str) -> Any:
        return live.host.evaluate(path, {**live.variables(task), **payload})

    keys = {**carried(model, name, ask), **own_keys(task, event)}
    limits.check_keys(keys)
    _remember(live, model, keys)
    return keys


def received(task: Task, message: str, payload: Mapping[str, Any], keys: Mapping[str, Any]) -> None:
    """A message was received: what it carries, by name or where its message path leads, is the conversation's."""
    live, model = live_of(task), task.task_spec.process.model

    def ask(path: str) -> Any:
        return live.ask(path, payload)

    _remember(live, model, {**carried(model, message, ask, keys), **keys})


def carried(
    model: Process, message: str, ask: Callable[[str], Any], but: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The keys that a process finds in a message, ``but`` those that are known already."""
    return {
        each.name: ask(each.paths[message])
        for each in model.correlation
        if message in each.paths and each.name not in (but or {})
    }


def own_keys(task: Task, event: Event) -> dict[str, Any]:
    """What ``planflow:correlation`` says at an event."""
    value = {} if event.correlation is None else live_of(task).value(task, event.correlation)
    if not isinstance(value, dict):
        raise WrongValue("The correlation of a message", value)
    return value


def expected(task: Task, event: Event, own: Mapping[str, Any]) -> dict[str, Any]:
    """The keys that a message must carry to be for this event: ``own`` ones, those it is bound to, those of before."""
    live, found = live_of(task), {}
    held: Mapping[str, Any] = live.task_tree.internal_data.get(HELD, {})
    for each in task.task_spec.process.model.correlation:
        if event.name not in each.paths:
            continue
        if each.binding is not None:
            found[each.name] = live.evaluate(task, each.binding)
        elif each.name in held:
            found[each.name] = held[each.name]
    found.update(own)
    limits.check_keys(found)
    return found


def follows_data(model: Process, message: str | None) -> bool:
    """Whether what a message must carry changes with the data of the process."""
    return any(each.binding is not None and message in each.paths for each in model.correlation)


def _remember(live: LiveInstance, model: Process, keys: Mapping[str, Any]) -> None:
    """Keys that were free until now are filled in, and whoever waits asks for them from now on."""
    held = live.task_tree.internal_data.get(HELD, {})
    known = {each.name for each in model.correlation if each.binding is None} - held.keys()
    fresh = {name: value for name, value in keys.items() if name in known}
    if not fresh:
        return
    live.task_tree.internal_data[HELD] = {**held, **fresh}
    for task in list(live.tasks.values()):
        if task.internal_data.get("listening"):
            task.task_spec.relisten(task)
