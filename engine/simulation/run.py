"""One trial of the processes in a file, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.bpmn.expressions import expressions
from engine.bpmn.model import Element, Model
from engine.bpmn.reader import read_bpmn
from engine.decisions import read_decision_files
from engine.errors import BpmnError, NotDeployable, NotFound, PlanFlowError, Problem
from engine.execution import records as happened
from engine.execution.live import LiveInstance
from engine.execution.started import Started
from engine.execution.task.user import is_open_work
from engine.execution.timing import next_of_cycle
from engine.lint import Sources
from engine.messages import translatable as _
from engine.messaging.keys import BUSINESS_KEY
from engine.sandbox import Sandbox
from engine.simulation.answers import Answers
from engine.simulation.mail import Mail, Sent, Waiting
from engine.simulation.world import World
from engine.starting.events import first_start, starts_by, starts_one_at_a_time

MAX_ROUNDS = 2_000
"""Tasks, messages and timers one trial may go through before it counts as endless."""
MAX_LIVES = 200
"""Instances that one trial may have, should messages start one after the other."""

Timer = tuple[datetime, dict[str, Any] | None]
"""When it is due, and how it repeats."""


@dataclass
class Trial:
    """What a trial showed, in the form that ``planflow try`` prints."""

    state: str
    trace: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)


class Simulation:
    """The instances of a trial, and what they wait for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lives: list[LiveInstance] = []
        self._timers: dict[tuple[int, int, int], Timer] = {}
        self._mail = Mail()
        self._endless = False
        self.trace: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []

    def run(self, process_ids: Sequence[str], data: Mapping[str, Any]) -> Trial:
        """Start the processes and go on until nothing more can happen by itself."""
        for process_id in process_ids:
            process = self._world.specs[process_id].model
            self._start(process_id, data, None if process.starts_by_hand else first_start(process, data))
        steps = (
            self._spread_signal,
            self._deliver,
            self._complete_next_task,
            self._answer_from_outside,
            self._let_timer_elapse,
        )
        for _round in range(MAX_ROUNDS):
            if self._endless or not any(step() for step in steps):
                break
        else:
            self.problems.append({"element": None, "reason": f"It did not end within {MAX_ROUNDS} rounds."})
        first = self._lives[0]
        return Trial(self._state(first), self.trace, dict(first.task_tree.data), self.problems)

    def _start(
        self,
        process_id: str,
        data: Mapping[str, Any],
        started: Started | None = None,
        business_key: str | None = None,
    ) -> None:
        number = len(self._lives)
        if number >= MAX_LIVES:
            self._endless = True
            self.problems.append(
                {"element": None, "reason": f"More than {MAX_LIVES} processes were started."}
            )
            return
        constants = {"instance_id": f"trial-{number + 1}", "starter": "starter", "business_key": business_key}
        live = LiveInstance(self._world.specs[process_id], self._world, constants, interactive=False)
        self._lives.append(live)
        with self._told(started.element if started else None):
            live.start(data, started)
        self._take_note(number)

    @contextmanager
    def _told(self, element: str | None) -> Iterator[None]:
        """What is handed over may be nothing that its receiver can use: a problem of the trial."""
        try:
            yield
        except (PlanFlowError, BpmnError) as error:
            self.problems.append({"element": element, "reason": str(error)})

    # What can happen next

    def _spread_signal(self) -> bool:
        """Hand the next signal to all that waited for it when it was thrown, and start what it starts."""
        signal = self._mail.next_signal()
        if signal is None:
            return False
        for waiting in signal.listeners:
            if self._mail.still_waits(waiting):
                self._trigger(waiting, signal.payload)
        for process_id, element, number in self._started_by("signal", signal.name):
            self._start(process_id, {}, Started(element.id, number, signal.payload))
        return True

    def _deliver(self) -> bool:
        """Hand over the next message: to who waits for it, or else to a process that it starts."""
        delivery = self._mail.next_delivery()
        if delivery is not None:
            waiting, message = delivery
            self._trigger(waiting, message.payload, message.correlation)
            return True
        return any(self._starts(message) for message in self._mail.undelivered())

    def _starts(self, message: Sent) -> bool:
        """Start the first process that a message starts, unless one runs already where only one may."""
        key = message.correlation.get(BUSINESS_KEY)
        business_key = key if isinstance(key, str) else None
        for process_id, element, number in self._started_by("message", message.name):
            if business_key and starts_one_at_a_time(element) and self._runs(process_id, business_key):
                continue
            self._mail.forget(message)
            started = Started(element.id, number, message.payload, message.correlation)
            self._start(process_id, {}, started, business_key)
            return True
        return False

    def _runs(self, process_id: str, business_key: str) -> bool:
        return any(
            live.status == "active"
            and live.spec.model.id == process_id
            and live.constants["business_key"] == business_key
            for live in self._lives
        )

    def _complete_next_task(self) -> bool:
        for number, live in enumerate(self._lives):
            for task in list(live.tasks.values()):
                if live.status == "active" and is_open_work(task):
                    self._complete(number, task)
                    return True
        return False

    def _complete(self, number: int, task: Any) -> None:
        element: Element = task.task_spec.element
        answer = self._world.answers.next(element.id)
        plain = not ({"variables", "outcome", "comment"} & answer.keys())
        variables = answer if plain else answer.get("variables") or {}
        outcome = None if plain else answer.get("outcome")
        if outcome is None and element.outcomes:
            outcome = element.outcomes[0].id
        comment = None if plain else answer.get("comment")
        task.task_spec.finish(task, variables, outcome, comment, "somebody")
        self._take_note(number)

    def _answer_from_outside(self) -> bool:
        """Give what waits for a message or signal the answer that the file has for it."""
        for waiting in self._mail.waiting:
            answer = self._world.answers.take(waiting.element)
            if answer is not None:
                self._trigger(waiting, answer)
                return True
        return False

    def _let_timer_elapse(self) -> bool:
        if not self._timers:
            return False
        (number, token, event), (due, repeat) = min(self._timers.items(), key=lambda item: item[1][0])
        self._world.now = max(self._world.now, due)
        following = next_of_cycle(self._world.now, repeat, UTC) if repeat else None
        if following is None:
            del self._timers[number, token, event]
        else:
            self._timers[number, token, event] = following
        task = self._lives[number].find(token)
        if task is not None:
            task.task_spec.trigger(task, None, event)
            self._take_note(number)
        return True

    # What that leads to

    def _trigger(
        self, waiting: Waiting, payload: Mapping[str, Any], correlation: Mapping[str, Any] | None = None
    ) -> None:
        task = self._lives[waiting.life].find(waiting.token)
        if task is not None:
            with self._told(waiting.element):
                task.task_spec.trigger(task, payload, waiting.event, correlation)
            self._take_note(waiting.life)

    def _started_by(self, kind: str, name: str) -> list[tuple[str, Element, int]]:
        """The processes that a message or signal starts, and where."""
        return [
            (process_id, element, number)
            for process_id, spec in self._world.specs.items()
            for element, number in starts_by(spec.model, kind, name)
        ]

    def _take_note(self, number: int) -> None:
        self._world.step_is_over()
        live = self._lives[number]
        records = list(live.records)
        live.records.clear()
        for record in records:
            self._note_waiting(number, record)
            match record:
                case happened.Entered() | happened.Completed() | happened.Cancelled():
                    self._trace(record)
                case happened.MessageThrown():
                    self._mail.send(Sent(record.name, record.correlation, record.payload))
                case happened.IncidentRaised(_token, element, error):
                    self.problems.append({"element": element.id, "reason": error})
                case happened.InstanceEnded("failed", error):
                    reason = f"The error {error} was not caught."
                    self.problems.append({"element": None, "reason": reason, "code": error})
        for record in records:
            if isinstance(record, happened.SignalThrown):
                self._mail.throw(record.name, record.payload, number)

    def _note_waiting(self, number: int, record: happened.Record) -> None:
        match record:
            case happened.TimerSet(token, _element, due_at, repeat, event):
                self._timers[number, token, event] = (due_at, repeat)
            case happened.TimerCleared(token, event):
                self._timers.pop((number, token, event), None)
            case happened.SubscriptionOpened():
                self._mail.wait(_waiting(number, record))
            case happened.SubscriptionClosed(token, event):
                self._mail.stop(number, token, event)

    def _trace(self, record: happened.Entered | happened.Completed | happened.Cancelled) -> None:
        element = record.element
        self.trace.append(
            {
                "element": element.id,
                "type": element.kind,
                "name": element.name,
                "process": self._world.spec(record.definition_id).model.id,
                "event": type(record).__name__.lower(),
            }
        )

    def _state(self, live: LiveInstance) -> str:
        if live.status == "failed" or self.problems:
            return "failed"
        return "completed" if live.status == "completed" else "waiting"


def _waiting(number: int, record: happened.SubscriptionOpened) -> Waiting:
    return Waiting(
        number, record.token, record.event, record.kind, record.name, record.correlation, record.element.id
    )


def try_file(
    path: Path,
    process_ids: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    answers: Mapping[str, Any] | None = None,
    sandbox: Sandbox | None = None,
) -> Trial:
    """Try a BPMN file out, with the DMN files beside it. Without ``process_ids`` its first executable process.

    Raises NotFound for a process that the file does not hold.
    """
    own = sandbox or Sandbox(workers=1)
    try:
        return _try(path, process_ids, data or {}, Answers(answers), own)
    except NotDeployable as refused:
        problems = [{"element": p.element, "reason": p.reason} for p in refused.problems]
        return Trial("refused", problems=problems)
    finally:
        if sandbox is None:
            own.close()


def _try(
    path: Path, process_ids: Sequence[str], data: Mapping[str, Any], answers: Answers, sandbox: Sandbox
) -> Trial:
    model, _warnings = read_bpmn(path.read_bytes(), path.name)
    _check_expressions(model, sandbox)
    beside = {file.name: file.read_bytes() for file in sorted(path.parent.glob("*.dmn"))}
    decisions = [each for found in read_decision_files(beside).decisions.values() for each in found]
    world = World(model, decisions, answers, sandbox)
    chosen = list(process_ids) or list(world.specs)[:1]
    for process_id in chosen:
        if process_id not in world.specs:
            raise NotFound(_("There is no executable process “%(key)s” in the file."), key=process_id)
    return Simulation(world).run(chosen, data)


def _check_expressions(model: Model, sandbox: Sandbox) -> None:
    sources = Sources(sandbox)
    problems = [
        Problem(model.resource, element, name, reason, "expression")
        for process in model.processes.values()
        for element, name, source, kind in expressions(process)
        for reason in sources.problems(source, kind)
    ]
    if problems:
        raise NotDeployable(problems)
