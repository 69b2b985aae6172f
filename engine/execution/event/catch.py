"""Waiting for something: what intermediate catching events, receive tasks, boundary and start events share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Event
from engine.execution import data
from engine.execution.faults import WrongValue
from engine.execution.mapping import mapped
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
    """A node that waits for its event, or for one of several, or for all of them, and goes on when it is triggered.

    ``listening`` in the internal data are the numbers of the event definitions that are still waited for; ``held``
    says of conditional ones whether their condition held when it was asked last.
    """

    def activate(self, task: Task) -> bool:
        if task.internal_data.get("triggered"):
            return True
        if "waiting" in task.internal_data:  # it is tried again after a condition of it could not be asked
            self._note_conditions(task)
            return False
        task.internal_data["listening"] = []
        for number in range(len(self.element.events)):
            self._listen(task, number)
        if "host" not in task.internal_data and "listens" not in task.internal_data:
            self.entered(task)
        task._set_state(TaskState.WAITING)
        task.internal_data["waiting"] = True
        self._note_conditions(task)
        return False

    def waits_for(self, task: Task, number: int) -> bool:
        """Whether an event definition is still waited for."""
        return number in task.internal_data.get("listening", ())

    def _listen(self, task: Task, number: int) -> None:
        """Set the timer or open the subscription. What is thrown inside the instance needs neither."""
        live, event = live_of(task), self.element.events[number]
        if event.kind == "timer" and event.timer is not None:
            due_at, repeat = due(live, task, event.timer)
            own = self.process.definition_id
            live.record(TimerSet(task.id, self.element, due_at, repeat, number, definition_id=own))
        elif event.kind in ("message", "signal"):
            keys = self._correlation(task, event) if event.kind == "message" else {}
            live.record(SubscriptionOpened(task.id, self.element, event.kind, event.name or "", keys, number))
        elif event.kind == "conditional":
            live.await_change(task)
        task.internal_data["listening"].append(number)

    def _correlation(self, task: Task, event: Event) -> dict[str, Any]:
        live = live_of(task)
        keys = live.expected_keys(task, event.name or "")
        value = {} if event.correlation is None else live.value(task, event.correlation)
        if not isinstance(value, dict):
            raise WrongValue("The correlation of a message", value)
        return {**keys, **value}

    def relisten(self, task: Task) -> None:
        """The conversation of the instance has got a key: its messages must carry it from now on."""
        live = live_of(task)
        for number in task.internal_data.get("listening", ()):
            event = self.element.events[number]
            if event.kind == "message":
                live.record(SubscriptionClosed(task.id, number))
                keys = self._correlation(task, event)
                live.record(
                    SubscriptionOpened(task.id, self.element, event.kind, event.name or "", keys, number)
                )

    def withdraw(self, task: Task) -> None:
        for number in task.internal_data.pop("listening", ()):
            self._stop_listening(task, number)
        live_of(task).awaiting.pop(task.id, None)

    def _stop_listening(self, task: Task, number: int) -> None:
        live, kind = live_of(task), self.element.events[number].kind
        if kind == "timer":
            live.record(TimerCleared(task.id, number))
        elif kind in ("message", "signal"):
            live.record(SubscriptionClosed(task.id, number))

    # What happens

    def trigger(self, task: Task, payload: Mapping[str, Any] | None = None, number: int = 0) -> None:
        """What was waited for has happened. ``payload`` are the variables that a message or signal brings."""
        live = live_of(task)
        self.trigger_from_inside(task, payload, number)
        live.run()

    def trigger_from_inside(
        self, task: Task, payload: Mapping[str, Any] | None = None, number: int = 0
    ) -> None:
        """Like :meth:`trigger`, while the instance is already running."""
        if not self.occurs(task, number):
            self.receive(task, payload or {})
            return
        self.happen(task, payload or {})

    def occurs(self, task: Task, number: int) -> bool:
        """Note that one of its events has happened; whether that is all it waited for (``parallelMultiple``)."""
        if not (self.element.parallel_multiple and len(self.element.events) > 1):
            return True
        listening = task.internal_data.get("listening", [])
        if number in listening:
            listening.remove(number)
            self._stop_listening(task, number)
        return not listening

    def happen(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Everything waited for has happened: the waiting token goes on."""
        self.receive(task, payload)
        self._end_race(task)
        self.go_on(task)

    def receive(self, task: Task, payload: Mapping[str, Any]) -> None:
        """Take what a message or signal carried: what the event maps, or else all of it, as variables."""
        live = live_of(task)
        if self.element.outputs:
            carried = dict(payload)
            outputs = mapped(
                self.element.outputs, lambda text: live.value(task, text, message=carried), lambda: carried
            )
            live.assign(task, outputs)
        elif self.element.data.outputs:
            data.receive(task, payload)
        elif payload:
            live.assign(task, payload)

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

    # Conditions

    def reconsider(self, task: Task) -> None:
        """A variable has changed: the event happens if its condition has become true by that (§10.5.5)."""
        if "listening" not in task.internal_data:
            super().reconsider(task)  # it waits for its data
        else:
            self._note_conditions(task)

    def _note_conditions(self, task: Task) -> None:
        live = live_of(task)
        for number, event in enumerate(self.element.events):
            if event.kind != "conditional" or not self.waits_for(task, number):
                continue
            holds = bool(live.evaluate(task, event.condition or "False"))
            held: dict[str, bool] = task.internal_data.setdefault("held", {})
            before, held[str(number)] = held.get(str(number), False), holds
            if holds and not before:
                self.trigger_from_inside(task, None, number)
                return


class IntermediateCatchEvent(Waits):
    """``intermediateCatchEvent`` (BPMN 2.0.2 §10.5.4). A catching link is where its throwing link leads."""

    def activate(self, task: Task) -> bool:
        return self.element.event.kind == "link" or super().activate(task)
