"""A running instance: a SpiffWorkflow workflow whose tree of tasks is the tree of scopes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState
from SpiffWorkflow.workflow import Workflow

from engine.bpmn.model import SequenceFlow
from engine.errors import BpmnError, Invalid, PlanFlowError
from engine.execution import compensation, limits, propagation, scopes
from engine.execution.event.boundary import clear_boundary
from engine.execution.faults import TooManySteps, tellable
from engine.execution.host import Host
from engine.execution.node import Container, FlowNode, is_repetition
from engine.execution.records import (
    IncidentRaised,
    IncidentWithdrawn,
    InstanceEnded,
    Record,
    VariablesSet,
)
from engine.execution.token import Token

if TYPE_CHECKING:
    from engine.execution.build import ProcessSpec
    from engine.execution.started import Started

MAX_STEPS = 10_000
"""Steps one command may take before an instance counts as going round in circles."""


class LiveInstance(Workflow):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """One process instance while a command works on it.

    ``records`` is everything that happened since it was restored, in order. ``interactive`` says that a person
    is waiting for the answer: what an operation finds wrong with their input is then told to them.
    """

    def __init__(
        self, spec: ProcessSpec, host: Host, constants: Mapping[str, Any], interactive: bool
    ) -> None:
        super().__init__(spec, deserializing=True)
        self.host = host
        self.constants = dict(constants)
        self.interactive = interactive
        self.status = "active"
        self.records: list[Record] = []
        self.next_token = 1
        self.agenda: deque[Task] = deque()
        self.awaiting: dict[int, Task] = {}
        self._changed = False
        self._at_most: int | None = None
        self._clock: tuple[datetime | None, dict[str, Any]] = (None, {})

    # The agenda

    def start(self, variables: Mapping[str, Any], start: Started | None = None) -> None:
        """Begin: the process scope with its variables, and a token at each start, or at what an event has started."""
        self.task_tree = self._new_task(self.spec.root, None)
        self.task_tree._set_state(TaskState.STARTED)
        self.assign(self.task_tree, variables)
        self.spec.root.open(self.task_tree, start)
        self.run()

    def run(self) -> None:
        """Go on until only people, timers or messages are waited for."""
        for _ in range(MAX_STEPS):
            if self._changed:
                self._tell_of_change()
            if not self.agenda and not self._settle():
                return
            self._step(self.agenda.popleft())
        if self._changed:
            self._tell_of_change()
        if self.agenda:
            self._raise_incident(self.agenda.popleft(), TooManySteps(MAX_STEPS))

    def proceed(self, task: Task) -> None:
        """Let a task that somebody has brought forward take its step, and go on from there."""
        self._step(task)
        self.run()

    def schedule(self, task: Task) -> None:
        """Let a task take its next step when its turn comes."""
        self.agenda.append(task)

    def _step(self, task: Task) -> None:
        if self.tasks.get(task.id) is not task or task.has_state(TaskState.FINISHED_MASK):
            return  # interrupted in the meantime
        self._guarded(task, self._advance)

    @staticmethod
    def _advance(task: Task) -> None:
        if task.internal_data.get("owed"):
            LiveInstance._hear(task)
        elif task.has_state(TaskState.READY):
            task.run()
        else:
            task.task_spec._update(task)

    def _settle(self) -> bool:
        """Let what waits for the rest of the instance see whether it may go on, one at a time."""
        for task in list(self.tasks.values()):
            if task.task_spec.settles and task.has_state(TaskState.WAITING):
                self._guarded(task, task.task_spec.try_to_fire)
            if self.agenda:
                return True
        return False

    def await_change(self, task: Task) -> None:
        """Tell the task when a variable has changed: it waits for a condition to become true, or for its data."""
        task.internal_data["awaits"] = True
        self.awaiting[task.id] = task
        if task.has_state(TaskState.FUTURE):
            task._set_state(TaskState.WAITING)

    def _tell_of_change(self) -> None:
        """Conditions are asked before anything else moves (BPMN 2.0.2 §10.5.5), those of outer scopes first."""
        self._changed = False
        for task in sorted(self.awaiting.values(), key=lambda task: (task.depth, task.id)):
            if self.tasks.get(task.id) is not task or not task.has_state(TaskState.WAITING):
                self.awaiting.pop(task.id, None)
            elif "incident" not in task.internal_data:
                self._guarded(task, task.task_spec.reconsider)

    def _guarded(self, task: Task, step: Callable[[Task], None]) -> None:
        try:
            step(task)
        except (BpmnError, PlanFlowError) as error:
            if self.interactive and isinstance(error, Invalid):
                raise
            self._fail(task, error)

    # Tokens

    def _new_task(self, spec: FlowNode, parent: Task | None) -> Task:
        task = Token(self, spec, parent, state=TaskState.FUTURE, id=self.next_token)
        self.next_token += 1
        return task

    def enter(
        self, spec: FlowNode, parent: Task, local: Mapping[str, Any] | None = None, **internal: Any
    ) -> Task:
        """Put a token at an element of the scope ``parent``. ``local`` are variables of its own."""
        task = self.place(spec, parent, **internal)
        task.data.update(local or {})
        self.schedule(task)
        return task

    def place(self, spec: FlowNode, parent: Task, **internal: Any) -> Task:
        """Put a token where something else will bring it forward."""
        task = self._new_task(spec, parent)
        task.internal_data.update(internal)
        return task

    def left(self, task: Task) -> None:
        """A task is done: send its token on, and see whether its scope is done with it."""
        if self.tasks.get(task.id) is not task:
            return  # what it threw has interrupted it
        spec: FlowNode = task.task_spec
        decided = self._decide_leaving(task)
        if decided is None:
            return
        flows, left_behind = decided
        spec.withdraw(task)
        drawn = tuple(flow.id for flow in flows if flow.drawn)
        spec.completed(task, drawn * spec.element.completion_quantity)
        compensation.remember(task)
        clear_boundary(task)
        parent = task.parent
        if parent is None:
            self.end("completed")
            return
        for listener in task.children:  # the event sub-processes of a scope listen as long as it lives
            self.cancel_task(listener)
        for flow in flows:
            for _ in range(spec.element.completion_quantity):
                self.take(flow, task)
        self._remove_task(task.id)
        container: Container = parent.task_spec
        if not flows or container.every_step:
            if self._changed:
                self._tell_of_change()  # what the task has written may interrupt its scope before that is over
            if parent.has_state(TaskState.NOT_FINISHED_MASK):
                self._tell_scope(parent, left_behind)

    def _tell_scope(self, scope: Task, left_behind: Any) -> None:
        """Tell a scope that a token in it has come to its end; if the scope fails at that, it is told again."""
        scope.internal_data.setdefault("owed", []).append(left_behind)
        if "incident" not in scope.internal_data:
            self._guarded(scope, self._hear)

    @staticmethod
    def _hear(scope: Task) -> None:
        owed: list[Any] = scope.internal_data["owed"]
        while owed and scope.has_state(TaskState.NOT_FINISHED_MASK):
            scope.task_spec.child_left(scope, owed[0])
            del owed[0]
        if not owed:
            scope.internal_data.pop("owed", None)

    def _decide_leaving(self, task: Task) -> tuple[list[SequenceFlow], Any] | None:
        """Which flows to take, and what the scope keeps where none is taken. None when that failed.

        It is all asked before anything changes, so that a task that cannot leave is still there to be retried.
        """
        try:
            task.task_spec.ends(task)
            flows = [] if is_repetition(task) else list(task.task_spec.leave(task))
            asked = task.parent is not None and (not flows or task.parent.task_spec.every_step)
            return flows, task.parent.task_spec.child_leaves(task.parent, task) if asked else None
        except (PlanFlowError, BpmnError) as error:
            task.internal_data["leaving"] = True
            task._set_state(TaskState.READY)
            self._fail(task, error)
            return None

    def take(self, flow: SequenceFlow, task: Task) -> None:
        """Follow a sequence flow out of a task."""
        spec: FlowNode = task.task_spec
        self.enter(spec.process.entry(flow.target), task.parent, via=flow.id)

    def cancel_task(self, task: Task) -> None:
        """Interrupt a task and everything inside it, innermost first, without leaving a trace in the tree."""
        for child in task.children:
            self.cancel_task(child)
        clear_boundary(task)
        if task.has_state(TaskState.NOT_FINISHED_MASK):
            task.cancel()
        if task.id in self.tasks and task.parent is not None:
            self._remove_task(task.id)

    def spend(self, task: Task) -> None:
        """Take a token away that another one goes on for."""
        if "incident" in task.internal_data:
            self.record(IncidentWithdrawn(task.id))
        self._remove_task(task.id)

    def end(self, status: str, error: str | None = None, reason: str | None = None) -> None:
        """The instance is over. Whatever still lived is cancelled."""
        for child in list(self.task_tree.children):
            if child.id in self.tasks:
                self.cancel_task(child)
        self.agenda.clear()
        self.status = status
        self.completed = True
        self.record(InstanceEnded(status, error, reason))

    # What comes from outside

    def find(self, token: int) -> Task | None:
        """The live task with this token number."""
        return self.tasks.get(token)

    def retry(self, token: int) -> None:
        """Try again what raised an incident."""
        task = self.tasks[token]
        task.internal_data.pop("incident", None)
        self.schedule(task)
        self.run()

    def stop(self, task: Task, error: str, job: int, attempts: int) -> None:
        """What a token waits for by a job has failed for good: an incident, until the job is tried again."""
        task.internal_data["incident"] = True
        spec = self.shown(task)
        own = spec.process.definition_id
        self.record(IncidentRaised(task.id, spec.element, error, job, attempts, definition_id=own))

    def resume(self, task: Task) -> None:
        """The job of a token that had stopped is tried again: the token waits as before."""
        task.internal_data.pop("incident", None)
        if task.id in self.awaiting:
            self.schedule(task)  # its conditions were not asked meanwhile
        self.run()

    # Variables and expressions

    def variables(self, task: Task) -> dict[str, Any]:
        """Everything that expressions of this token can see. Nothing hides what is always there."""
        return {**scopes.visible(task), **self.constants, **self.clock_names()}

    def clock_names(self) -> dict[str, Any]:
        """``now`` and ``today``, so that expressions need no clock of their own."""
        now = self.host.now
        if self._clock[0] is not now:  # a command happens at one moment and asks for it many times
            self._clock = now, {"now": now.isoformat(), "today": self.host.today.isoformat()}
        return self._clock[1]

    def evaluate(self, task: Task, expression: str, /, **extra: Any) -> Any:
        """The value of an expression for a token. ``extra`` are variables besides its own, whatever their names."""
        return self.host.evaluate(expression, {**self.variables(task), **extra})

    def ask(self, expression: str, seen: Mapping[str, Any]) -> Any:
        """The value of an expression over just these variables, and what is always there."""
        return self.host.evaluate(expression, {**seen, **self.constants, **self.clock_names()})

    def value(self, task: Task, text: str, /, **extra: Any) -> Any:
        """A literal, or the value of an expression behind ``=``."""
        return self.evaluate(task, text[1:], **extra) if text.startswith("=") else text

    def assign(self, task: Task, values: Mapping[str, Any]) -> None:
        """Write variables as seen from a task, each into the scope it belongs to: all of them or none.

        Raises ReservedName, Unstorable or TooMuchData, which are all Invalid.
        """
        changes = scopes.changes(task, values)
        self._make_room(changes)
        for change in changes:
            self._write(change, task)

    def keep(self, scope: Task, values: Mapping[str, Any]) -> None:
        """Write variables that belong to a scope itself, whatever lies around it."""
        change = scopes.change(scope, values)
        self._make_room([change])
        self._write(change, scope)

    def _write(self, change: scopes.Change, writer: Task) -> None:
        if change.after:
            self._changed = bool(self.awaiting)
            change.scope.data.update(change.after)
            spec: FlowNode = writer.task_spec
            own = spec.process.definition_id
            self.record(
                VariablesSet(change.scope.id, spec.element, change.before, change.after, definition_id=own)
            )

    def _make_room(self, changes: Sequence[scopes.Change]) -> None:
        """See that the variables stay within their limit. What left with its scope is only noticed when it matters."""
        more = sum(limits.size(change.after) for change in changes)
        if self._at_most is None or self._at_most + more > limits.MAX_DATA:
            more -= sum(limits.size(change.before) for change in changes)
            self._at_most = sum(limits.size(task.data) for task in self.tasks.values() if task.data)
        if more > 0 and self._at_most + more > limits.MAX_DATA:
            raise limits.TooMuchData()
        self._at_most += more

    # Telling

    def record(self, record: Record) -> None:
        """Note what happened."""
        self.records.append(record)

    def _fail(self, task: Task, error: BpmnError | PlanFlowError) -> None:
        """A BPMN error is thrown from the task; anything else becomes its incident."""
        if isinstance(error, BpmnError):
            propagation.throw_error(self, task, error.code, error.message)
        else:
            self._raise_incident(task, error)

    def _raise_incident(self, task: Task, error: PlanFlowError) -> None:
        task.internal_data["incident"] = True
        spec = self.shown(task)
        own = spec.process.definition_id
        self.record(IncidentRaised(task.id, spec.element, tellable(str(error)), definition_id=own))

    @staticmethod
    def shown(task: Task) -> FlowNode:
        """Where people see a token: the frame of a called process shows as the call activity."""
        spec: FlowNode = (task.parent if "called" in task.internal_data else task).task_spec
        return spec

    def _task_completed_notify(self, task: Task) -> None:
        """SpiffWorkflow would look at every waiting task here; ours are woken by what they wait for."""
