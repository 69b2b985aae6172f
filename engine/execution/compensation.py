"""Compensation (BPMN 2.0.2 §10.7 and §13.5.5): activities that have completed are undone, the last first.

A scope remembers what has completed in it and can be undone, as ``undoable`` in its internal data: rows of element id,
the variables it had (of a sub-process), and what was done inside it. A throwing event takes the rows it means out of
there and hands them to an :class:`UndoFrame`, a scope of its own in which one handler runs after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task

from engine.bpmn.model import Event
from engine.execution.node import Container, is_repetition, is_token, live_of

if TYPE_CHECKING:
    from engine.execution.build import ProcessSpec

Row = list[Any]
"""Element id, variables, rows of what was done inside."""

UNDO = ":undo"
"""Behind the id of a scope: the frame in which things done in it are undone."""


class UndoFrame(Container):
    """Runs the handlers of the rows in its ``undoable``, the last first.

    If it is ``led``, an event sub-process compensates its sub-process in its own way instead (§13.5.5); that may in
    turn compensate what is in ``undoable``.
    """

    visible = False

    def perform(self, task: Task) -> bool | None:
        led = task.internal_data.get("led")
        if led is not None:
            live_of(task).enter(self.process.task_specs[led], task)
            return None
        return None if self._next(task) else True

    def child_left(self, task: Task, left_behind: None) -> None:  # noqa: ARG002
        if any(is_token(child) for child in task.children):
            return  # what leads on from a boundary event of a handler belongs to it
        if "led" in task.internal_data or not self._next(task):
            task.complete()

    def _next(self, task: Task) -> bool:
        rows: list[Row] = task.internal_data["undoable"]
        while rows:
            if _start(task, self.process, rows.pop()):
                return True
        return False


def _start(frame: Task, process: ProcessSpec, row: Row) -> bool:
    """Begin to undo one activity. False when there is nothing to be done for it."""
    element, variables, inside = row
    live = live_of(frame)
    if handler := process.handlers.get(element):
        live.enter(process.entry(handler), frame)
        return True
    if inside is None:
        return False
    led = {"led": process.led_by[element]} if element in process.led_by and variables is not None else {}
    live.enter(process.task_specs[element + UNDO], frame, local=variables, undoable=inside, **led)
    return True


def remember(task: Task) -> None:
    """An activity has completed: its scope remembers it if it could be undone. What undoes is not undone itself."""
    spec = task.task_spec
    if not getattr(spec, "compensable", False) or spec.element.for_compensation:
        return
    if isinstance(task.parent.task_spec, UndoFrame):
        return
    inside = task.internal_data.get("undoable")
    element: str = spec.element.id
    undoes_itself = element in spec.process.led_by or bool(inside)
    if is_repetition(task) and undoes_itself:
        _note(task.parent, [element, dict(task.data), inside or []])
    elif not is_repetition(task) and (element in spec.process.handlers or undoes_itself):
        _note(task.parent, [element, _kept(task), (inside or []) if undoes_itself else None])


def _kept(task: Task) -> dict[str, Any] | None:
    """The variables a sub-process had; None for the frame of a repeated one, whose repetitions have kept theirs."""
    element = task.task_spec.element
    return dict(task.data) if element.scope is not None and not element.repeats else None


def _note(scope: Task, row: Row) -> None:
    scope.internal_data.setdefault("undoable", []).append(row)


def throw(task: Task, event: Event) -> bool:
    """Undo what a compensation event means. False when the task has to wait until that is done."""
    waits = event.waits and event in task.task_spec.element.events  # not what a repeated activity throws
    frame = _start_undoing(task, _take(task, event.activity), beside=not waits)
    return frame is None or not waits


def undo_scope(task: Task) -> bool:
    """Undo everything done in the scope of a task. False when the task has to wait until that is done."""
    return _start_undoing(task, _take(task, None), beside=False) is None


def _take(task: Task, activity: str | None) -> list[Row]:
    """What is to be undone, taken out of where it was remembered.

    An event sub-process speaks for the scope around it.
    """
    taken: list[Row] = []
    scope: Task | None = task.parent
    while scope is not None:
        rows: list[Row] = scope.internal_data.get("undoable", [])
        taken = [row for row in rows if activity in (None, row[0])] + taken
        rows[:] = [] if activity is None else [row for row in rows if row[0] != activity]
        if not scope.task_spec.element.triggered_by_event:
            break
        scope = scope.parent
    return taken


def _start_undoing(task: Task, rows: list[Row], beside: bool) -> Task | None:
    """The frame that undoes the rows: inside the task that waits for it, or beside it in its scope."""
    if not rows:
        return None
    scope = task.parent.task_spec.name.removesuffix(UNDO)
    spec = task.task_spec.process.task_specs[scope + UNDO]
    return live_of(task).enter(spec, task.parent if beside else task, undoable=rows)
