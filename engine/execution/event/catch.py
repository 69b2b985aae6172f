"""Waiting for something: what intermediate catching events, receive tasks, boundary and start events share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import Event
from engine.execution import conversation, data, limits
from engine.execution.mapping import mapped
from engine.execution.node import FlowNode, live_of
from engine.execution.records import (
    FlowTaken,
    IncidentWithdrawn,
    Record,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
)
from engine.execution.timing import due


class Waits(FlowNode):
    """A node that waits for its event, or for one of several, or for all of them, and goes on when it is triggered.

    ``listening`` in the internal data are the numbers of the event definitions that are still waited for; ``held``
    says of conditional ones whether their condition held when it was asked last. ``first`` is the number of an event
    that had happened before the waiting began. ``given`` is what has been carried here so far; ``values`` are the
    variables that are made of it, where they have been worked out already.
    """

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.needs_all = self.element.parallel_multiple and len(self.element.events) > 1

    def activate(self, task: Task) -> bool:
        if task.internal_data.get("triggered"):
            return True
        if "waiting" in task.internal_data:
            self.relisten(task)  # it is tried again after something of it could not be asked
        else:
            self._begin_to_wait(task)
        self._note_conditions(task)
        return False

    def _begin_to_wait(self, task: Task) -> None:
        """Set the timers and open the subscriptions: all, or none while one of them cannot be worked out."""
        live, internal = live_of(task), task.internal_data
        numbers = [n for n in range(len(self.element.events)) if n != internal.get("first")]
        opened = [self._listen(task, number) for number in numbers]
        for record in opened:
            if record is not None:
                live.record(record)
        internal["listening"] = numbers
        if any(self._follows_data(self.element.events[number]) for number in numbers):
            live.await_change(task)
        if "host" not in internal and "listens" not in internal:
            self.entered(task)
        task._set_state(TaskState.WAITING)
        internal["waiting"] = True

    def waits_for(self, task: Task, number: int) -> bool:
        """Whether an event definition is still waited for."""
        return number in task.internal_data.get("listening", ())

    def _listen(self, task: Task, number: int) -> Record | None:
        """The timer or subscription of an event definition. What is thrown inside the instance needs neither."""
        live, event = live_of(task), self.element.events[number]
        if event.kind == "timer" and event.timer is not None:
            due_at, repeat = due(live, task, event.timer)
            own = self.process.definition_id
            return TimerSet(task.id, self.element, due_at, repeat, number, definition_id=own)
        if event.kind == "message":
            return self._listen_for_message(task, number, event)
        if event.kind == "signal":
            return SubscriptionOpened(task.id, self.element, "signal", event.name or "", {}, number)
        return None

    def _follows_data(self, event: Event) -> bool:
        """Whether what is waited for depends on data that may change in the meantime."""
        bound = conversation.follows_data(self.process.model, event.name)
        return event.kind == "conditional" or (event.kind == "message" and bound)

    def listen_again(self, task: Task) -> None:
        """An event that does not interrupt can happen any number of times (§10.5.4); all of several do so anew."""
        if self.needs_all:
            del task.internal_data["waiting"]
            live_of(task).schedule(task)

    def _listen_for_message(self, task: Task, number: int, event: Event) -> SubscriptionOpened:
        """``keys`` in the internal data are, for processes with correlation keys, those asked for by each definition.

        Each is a pair: what ``planflow:correlation`` said when the waiting began, and all together.
        """
        own = conversation.own_keys(task, event)
        keys = conversation.expected(task, event, own)
        if self.process.model.correlation:
            task.internal_data.setdefault("keys", {})[str(number)] = [own, keys]
        return SubscriptionOpened(task.id, self.element, "message", event.name or "", keys, number)

    def relisten(self, task: Task) -> None:
        """The conversation has got a key, or data that keys are bound to has changed: ask for what is asked for now."""
        live = live_of(task)
        for number in task.internal_data.get("listening", ()):
            event, known = self.element.events[number], task.internal_data.get("keys", {})
            if str(number) not in known:
                continue
            own, before = known[str(number)]
            keys = conversation.expected(task, event, own)
            if not limits.same(keys, before):
                known[str(number)] = [own, keys]
                live.record(SubscriptionClosed(task.id, number))
                name = event.name or ""
                live.record(SubscriptionOpened(task.id, self.element, "message", name, keys, number))

    def withdraw(self, task: Task) -> None:
        for number in task.internal_data.pop("listening", ()):
            self._stop_listening(task, number)
        task.internal_data.pop("awaits", None)
        task.internal_data.pop("keys", None)
        live_of(task).awaiting.pop(task.id, None)

    def _stop_listening(self, task: Task, number: int) -> None:
        live, kind = live_of(task), self.element.events[number].kind
        if kind == "timer":
            live.record(TimerCleared(task.id, number))
        elif kind in ("message", "signal"):
            live.record(SubscriptionClosed(task.id, number))

    # What happens

    def trigger(
        self,
        task: Task,
        payload: Mapping[str, Any] | None = None,
        number: int = 0,
        correlation: Mapping[str, Any] | None = None,
    ) -> None:
        """What was waited for has happened. ``payload`` is what a message or signal brings, ``correlation`` its keys.

        Raises what goes wrong when the event takes that: nothing has happened then, and whoever sent it can be told.
        """
        live = live_of(task)
        self.converse(task, payload or {}, number, correlation or {})
        self._note(task, payload or {}, number, at_once=payload is not None)
        live.run()

    def converse(
        self, task: Task, payload: Mapping[str, Any], number: int, correlation: Mapping[str, Any]
    ) -> None:
        """A message has come: the conversation of the instance has its keys (§8.4.2)."""
        event = self.element.events[number]
        if event.kind == "message":
            conversation.received(task, event.name or "", payload, correlation)

    def trigger_from_inside(
        self, task: Task, payload: Mapping[str, Any] | None = None, number: int = 0
    ) -> None:
        """Like :meth:`trigger`, while the instance is already running.

        What goes wrong when the event takes what is carried is no matter of who threw it: the token that goes on does
        it in its own step.
        """
        self._note(task, payload or {}, number, at_once=False)

    def _note(self, task: Task, payload: Mapping[str, Any], number: int, at_once: bool) -> None:
        if task.internal_data.get("triggered"):
            return  # it goes on already, by what has happened first
        given = {**task.internal_data.get("given", {}), **payload}
        carried = self.taken(task, given) if at_once and self._is_the_last(task, number) else carrying(given)
        task.internal_data.pop("given", None)
        if self._was_the_last(task, number):
            self.happen(task, carried)
        else:
            task.internal_data.update(carried)

    def _is_the_last(self, task: Task, number: int) -> bool:
        return not self.needs_all or task.internal_data.get("listening", []) == [number]

    def _was_the_last(self, task: Task, number: int) -> bool:
        """Note that one of its events has happened; whether that is all it waited for (``parallelMultiple``)."""
        if not self.needs_all:
            return True
        listening = task.internal_data.get("listening", [])
        if number in listening:
            listening.remove(number)
            self._stop_listening(task, number)
        return not listening

    def happen(self, task: Task, carried: dict[str, Any]) -> None:
        """Everything waited for has happened: the waiting token goes on, and waits for nothing any more."""
        live = live_of(task)
        self._end_race(task)
        self.withdraw(task)
        if task.internal_data.pop("incident", False):
            live.record(IncidentWithdrawn(task.id))
        task.internal_data.update(triggered=True, **carried)
        live.schedule(task)

    def perform(self, task: Task) -> bool | None:
        """Take what was carried. Should that fail it is kept, to be tried again."""
        given = task.internal_data.get("given", {})
        if self._has_outputs_only:
            data.receive(task, given)
        else:
            values = task.internal_data.get("values")
            self.keep(task, self._values(task, given) if values is None else values)
        return True

    @property
    def _has_outputs_only(self) -> bool:
        """Whether what is carried goes to the data outputs of the event, as nothing maps it."""
        return bool(self.io.outputs) and not self.element.outputs

    def taken(self, task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the token that goes on brings along, worked out as far as it can be. Raises what goes wrong."""
        if self._has_outputs_only:
            return carrying(given)
        values = self._values(task, given)
        limits.check_names(values)
        return {"values": values} if values else {}

    def keep(self, task: Task, values: Mapping[str, Any]) -> None:
        """Write the variables that are made of what was carried."""
        live_of(task).assign(task, values)

    def _values(self, task: Task, given: Mapping[str, Any]) -> dict[str, Any]:
        """What the event maps of what was carried, which its expressions see as ``message``, or else all of it."""
        live, carried = live_of(task), dict(given)
        if not self.element.outputs:
            return carried
        return mapped(
            self.element.outputs, lambda text: live.value(task, text, message=carried), lambda: carried
        )

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
            self._ask_again(task)

    def _ask_again(self, task: Task) -> None:
        self.relisten(task)
        self._note_conditions(task)

    def _note_conditions(self, task: Task) -> None:
        for number, event in enumerate(self.element.events):
            if event.kind == "conditional" and self.waits_for(task, number):
                self._note_condition(task, number, event.condition or "False")

    def _note_condition(self, task: Task, number: int, condition: str) -> None:
        holds = bool(live_of(task).evaluate(task, condition))
        held: dict[str, bool] = task.internal_data.setdefault("held", {})
        before, held[str(number)] = held.get(str(number), False), holds
        if holds and not before:
            self.trigger_from_inside(task, None, number)


def carrying(given: Mapping[str, Any]) -> dict[str, Any]:
    """The internal data of a token that brings along what was carried."""
    return {"given": dict(given)} if given else {}


def brought(task: Task) -> dict[str, Any]:
    """What a token has brought along, taken from it to be handed on."""
    return {name: task.internal_data.pop(name) for name in ("given", "values") if name in task.internal_data}


class IntermediateCatchEvent(Waits):
    """``intermediateCatchEvent`` (BPMN 2.0.2 §10.5.4). A catching link is where its throwing link leads."""

    def activate(self, task: Task) -> bool:
        return self.element.event.kind == "link" or super().activate(task)
