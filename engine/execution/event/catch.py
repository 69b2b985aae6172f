"""Waiting for something: what intermediate catching events, receive tasks and boundary events share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.execution.faults import WrongValue
from engine.execution.node import FlowNode, live_of
from engine.execution.records import (
    FlowTaken,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
)
from engine.execution.timing import due


class Waits(FlowNode):
    """A node that waits for its event and goes on when it is triggered."""

    def activate(self, task: Task) -> bool:
        if task.internal_data.get("triggered"):
            return True
        self.listen(task)
        if "host" not in task.internal_data and "listens" not in task.internal_data:
            self.entered(task)
        task._set_state(TaskState.WAITING)
        return False

    def listen(self, task: Task) -> None:
        """Set the timer or open the subscription. Errors and escalations need neither."""
        live, event = live_of(task), self.element.event
        if event.kind == "timer" and event.timer is not None:
            due_at, repeat = due(live, task, event.timer)
            own = self.process.definition_id
            live.record(TimerSet(task.id, self.element, due_at, repeat, definition_id=own))
        elif event.kind == "message":
            live.record(SubscriptionOpened(task.id, self.element, event.name or "", self._correlation(task)))
        task.internal_data["listening"] = True

    def _correlation(self, task: Task) -> dict[str, Any]:
        text = self.element.event.correlation
        value = {} if text is None else live_of(task).value(task, text)
        if not isinstance(value, dict):
            raise WrongValue("The correlation of a message", value)
        return value

    def withdraw(self, task: Task) -> None:
        if task.internal_data.pop("listening", False):
            live, kind = live_of(task), self.element.event.kind
            if kind == "timer":
                live.record(TimerCleared(task.id))
            elif kind == "message":
                live.record(SubscriptionClosed(task.id))

    def trigger(self, task: Task, payload: Mapping[str, Any] | None = None) -> None:
        """What was waited for has happened. ``payload`` are the variables that a message brings."""
        live = live_of(task)
        self.trigger_from_inside(task, payload)
        live.run()

    def trigger_from_inside(self, task: Task, payload: Mapping[str, Any] | None = None) -> None:
        """Like :meth:`trigger`, while the instance is already running."""
        live = live_of(task)
        if payload:
            live.assign(task, payload)
        self._end_race(task)
        self.go_on(task)

    def go_on(self, task: Task) -> None:
        """Let the waiting token itself proceed."""
        task.internal_data["triggered"] = True
        live_of(task).schedule(task)

    def _end_race(self, task: Task) -> None:
        """The first event after an event-based gateway wins; the others stop waiting (BPMN 2.0.2 §10.6.6)."""
        race = task.internal_data.get("race")
        if race is None:
            return
        live = live_of(task)
        live.record(FlowTaken(task.internal_data["via"], self.process.definition_id))
        for other in task.parent.children:
            if other is not task and other.internal_data.get("race") == race:
                live.cancel_task(other)


class IntermediateCatchEvent(Waits):
    """``intermediateCatchEvent`` (BPMN 2.0.2 §10.5.4)."""
