"""Tries a BPMN file out: in memory, on a virtual clock, with people's answers from a file. No database is touched.

Tasks of people are completed with their answers or with nothing, timers elapse when nobody has anything to do,
service tasks answer what the file says. What comes out is the trace of what was entered, completed and cancelled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any

from engine.bpmn.expressions import expressions
from engine.bpmn.model import Element, Model
from engine.bpmn.reader import read_bpmn
from engine.bundle import CHECKED_TOGETHER
from engine.decisions import Decision, read_decisions
from engine.decisions import evaluate as evaluate_decision
from engine.errors import NotDeployable, NotFound, Problem
from engine.execution import records as happened
from engine.execution.build import ProcessSpec
from engine.execution.host import Decided
from engine.execution.live import LiveInstance
from engine.execution.moments import moment
from engine.execution.task.user import is_open_work
from engine.execution.timing import next_of_cycle
from engine.messages import translatable as _
from engine.sandbox import Sandbox

MAX_ROUNDS = 2_000
"""Tasks and timers one trial may go through before it counts as endless."""


@dataclass
class Trial:
    """What a trial showed, in the form that ``planflow try`` prints."""

    state: str
    trace: list[dict[str, Any]] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    problems: list[dict[str, Any]] = field(default_factory=list)


class Answers:
    """What people and operations answer, by element id: one answer for every visit, or a list in turn.

    For a task of a person: ``{"variables": {…}, "outcome": …, "comment": …}`` or just the variables. For a service
    task: ``{"result": {…}}``. The last answer of a list is given again when the list is used up.
    """

    def __init__(self, given: Mapping[str, Any] | None) -> None:
        self._left = {
            element: deque(answers if isinstance(answers, list) else [answers])
            for element, answers in (given or {}).items()
        }

    def next(self, element: str) -> dict[str, Any]:
        """The next answer for an element; empty when there is none."""
        left = self._left.get(element)
        if not left:
            return {}
        answer = left.popleft() if len(left) > 1 else left[0]
        return dict(answer) if isinstance(answer, Mapping) else {}


class _Nobody:
    """A directory in which everybody exists and has no superior and no colleagues."""

    def superior(self, user: str) -> str | None:  # noqa: ARG002
        return None

    def members(self, group: str) -> list[str]:  # noqa: ARG002
        return []

    def display_name(self, user: str) -> str:
        return user


class _World:
    """The host of the instances of one trial: a clock of its own, and answers instead of operations."""

    def __init__(
        self, model: Model, decisions: Sequence[Decision], answers: Answers, sandbox: Sandbox
    ) -> None:
        self.now = datetime.now(UTC)
        self.answers = answers
        self.sandbox = sandbox
        self.allowance = sandbox.allowance()
        self.decisions = {decision.id: decision for decision in decisions}
        processes = [p for p in model.processes.values() if p.executable]
        self.specs = {p.id: ProcessSpec(number, p) for number, p in enumerate(processes, start=1)}
        self._numbered = {spec.definition_id: spec for spec in self.specs.values()}

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def timezone(self) -> tzinfo:
        return UTC

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.sandbox.evaluate(expression, variables, _Nobody(), self.allowance)

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self.sandbox.execute(script, variables, _Nobody(), self.allowance)

    def attempt(self) -> AbstractContextManager[None]:
        return nullcontext()

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:  # noqa: ARG002
        result = self.answers.next(element).get("result", {})
        return dict(result) if isinstance(result, Mapping) else {}

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:  # noqa: ARG002
        if decision not in self.decisions:
            raise NotFound(_("There is no decision “%(name)s” beside the file."), name=decision)
        result = evaluate_decision(self.decisions[decision], variables, self.evaluate)
        return Decided(result.outputs, tuple(result.matched_rules))

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:  # noqa: ARG002
        if key not in self.specs:
            raise NotFound(_("There is no process “%(key)s” in the file."), key=key)
        return self.specs[key]

    def spec(self, definition_id: int) -> ProcessSpec:
        return self._numbered[definition_id]

    def moment(self, text: str) -> datetime:
        return moment(text, UTC)


class Simulation:
    """One trial of the processes in a file, side by side."""

    def __init__(self, world: _World) -> None:
        self._world = world
        self._lives: list[LiveInstance] = []
        self._timers: dict[tuple[int, int], tuple[datetime, dict[str, Any] | None]] = {}
        self.trace: list[dict[str, Any]] = []
        self.problems: list[dict[str, Any]] = []

    def run(self, process_ids: Sequence[str], data: Mapping[str, Any]) -> Trial:
        """Start the processes and go on until nothing more can happen by itself."""
        for process_id in process_ids:
            self._start(process_id, data)
        for _round in range(MAX_ROUNDS):
            if not (self._complete_next_task() or self._let_timer_elapse()):
                break
        else:
            self.problems.append({"element": None, "reason": f"It did not end within {MAX_ROUNDS} rounds."})
        first = self._lives[0]
        return Trial(self._state(first), self.trace, dict(first.task_tree.data), self.problems)

    def _start(self, process_id: str, data: Mapping[str, Any]) -> None:
        constants = {
            "instance_id": f"trial-{len(self._lives) + 1}",
            "starter": "starter",
            "business_key": None,
        }
        live = LiveInstance(self._world.specs[process_id], self._world, constants, interactive=False)
        self._lives.append(live)
        live.start(data)
        self._take_note(live)

    def _complete_next_task(self) -> bool:
        for live in self._lives:
            for task in list(live.tasks.values()):
                if live.status == "active" and is_open_work(task):
                    self._complete(live, task)
                    return True
        return False

    def _complete(self, live: LiveInstance, task: Any) -> None:
        element: Element = task.task_spec.element
        answer = self._world.answers.next(element.id)
        plain = not ({"variables", "outcome", "comment"} & answer.keys())
        variables = answer if plain else answer.get("variables") or {}
        outcome = None if plain else answer.get("outcome")
        if outcome is None and element.outcomes:
            outcome = element.outcomes[0].id
        comment = None if plain else answer.get("comment")
        task.task_spec.finish(task, variables, outcome, comment, "somebody")
        self._take_note(live)

    def _let_timer_elapse(self) -> bool:
        if not self._timers:
            return False
        (number, token), (due, repeat) = min(self._timers.items(), key=lambda item: item[1][0])
        live = self._lives[number]
        self._world.now = max(self._world.now, due)
        following = next_of_cycle(self._world.now, repeat, UTC) if repeat else None
        if following is None:
            del self._timers[number, token]
        else:
            self._timers[number, token] = following
        task = live.find(token)
        if task is not None:
            task.task_spec.trigger(task)
            self._take_note(live)
        return True

    def _take_note(self, live: LiveInstance) -> None:
        self._world.allowance = self._world.sandbox.allowance()  # a step is over, as a command would be
        number = self._lives.index(live)
        for record in live.records:
            match record:
                case happened.Entered() | happened.Completed() | happened.Cancelled():
                    self._trace(record)
                case happened.TimerSet(token, _element, due_at, repeat):
                    self._timers[number, token] = (due_at, repeat)
                case happened.TimerCleared(token):
                    self._timers.pop((number, token), None)
                case happened.IncidentRaised(_token, element, error):
                    self.problems.append({"element": element.id, "reason": error})
                case happened.InstanceEnded("failed", error):
                    reason = f"The error {error} was not caught."
                    self.problems.append({"element": None, "reason": reason, "code": error})
        live.records.clear()

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
    decisions = [d for file in sorted(path.parent.glob("*.dmn")) for d in read_decisions(file.read_bytes())]
    world = _World(model, decisions, answers, sandbox)
    chosen = list(process_ids) or list(world.specs)[:1]
    for process_id in chosen:
        if process_id not in world.specs:
            raise NotFound(_("There is no executable process “%(key)s” in the file."), key=process_id)
    return Simulation(world).run(chosen, data)


def _check_expressions(model: Model, sandbox: Sandbox) -> None:
    allowance = sandbox.allowance(CHECKED_TOGETHER)
    problems = [
        Problem(model.resource, element, name, reason, "expression")
        for process in model.processes.values()
        for element, name, source, kind in expressions(process)
        for reason in sandbox.check(source, kind, allowance)
    ]
    if problems:
        raise NotDeployable(problems)
