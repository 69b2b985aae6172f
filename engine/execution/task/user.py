"""``userTask`` and ``manualTask`` (BPMN 2.0.2 §10.3.4): somebody has something to do; a work item tells them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.model import split_names
from engine.errors import FieldProblem, Invalid
from engine.execution import data
from engine.execution.faults import WrongValue
from engine.execution.node import Activity, live_of
from engine.execution.records import Assignment, WorkOpened, WorkWithdrawn
from engine.execution.timing import deadline
from engine.messages import translatable as _

HIGHEST_PRIORITY = 100


class UserTask(Activity):
    """Waits, ready, until its work item is completed."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.manual = True

    def activate(self, task: Task) -> bool:
        assignment = self._assignment(task)
        self.entered(task)
        live_of(task).record(WorkOpened(task.id, self.element, assignment, self.process.definition_id))
        return True

    def withdraw(self, task: Task) -> None:
        live_of(task).record(WorkWithdrawn(task.id))

    def finish(
        self, task: Task, values: Mapping[str, Any], outcome: str | None, comment: str | None, performer: str
    ) -> None:
        """The person is done: their values, outcome and comment become variables, and the token goes on.

        Raises Invalid for a data output that they must give and have not.
        """
        live, options = live_of(task), self.element.options
        given = dict(values)
        if self.element.outcomes or outcome is not None:
            given[options.get("outcomeVariable", f"{self.element.id}_outcome")] = outcome
        if comment is not None or "commentVariable" in options:
            given[options.get("commentVariable", f"{self.element.id}_comment")] = comment
        if "performerVariable" in options:
            given[options["performerVariable"]] = performer
        live.assign(task, given)
        self._check_given(task)
        live.proceed(task)

    @staticmethod
    def _check_given(task: Task) -> None:
        """What a person has left out they can still enter. Raises Invalid."""
        if missing := data.not_given(task):
            problems = [FieldProblem(name, _("This field is required.")) for name in missing]
            raise Invalid(_("The task could not be completed."), problems)

    def _assignment(self, task: Task) -> Assignment:
        options = self.element.options
        assignee = self._names(task, "assignee")
        users, groups = self._names(task, "candidateUsers"), self._names(task, "candidateGroups")
        if len(assignee) > 1:
            raise WrongValue("assignee", list(assignee))
        if not (assignee or users or groups):
            users, groups = self._by_default(task)
        due = options.get("dueDate")
        return Assignment(
            assignee=assignee[0] if assignee else None,
            users=users,
            groups=groups,
            due_at=None if due is None else deadline(live_of(task), task, due),
            priority=self._priority(task),
        )

    def _by_default(self, task: Task) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The group of the lane; without a lane administrators, and whoever started the process.

        Where the task names people and there are none, it is not for the starter to stand in for them.
        """
        group = self.element.group or self._group_of_call(task)
        if group:
            return (), (group,)
        if any(
            option in self.element.options for option in ("assignee", "candidateUsers", "candidateGroups")
        ):
            return (), ("administrator",)
        return (str(live_of(task).constants["starter"]),), ("administrator",)

    @staticmethod
    def _group_of_call(task: Task) -> str | None:
        """A global task stands in no lane; the call activity that it is called by does (§10.3.7)."""
        called = task.parent
        if called.task_spec not in called.task_spec.process.global_roots.values():
            return None
        group: str | None = called.parent.task_spec.element.group
        return group

    def _names(self, task: Task, option: str) -> tuple[str, ...]:
        value = live_of(task).value(task, self.element.options.get(option, ""))
        if value is None:
            return ()
        if isinstance(value, str):
            return split_names(value)
        if isinstance(value, list) and all(isinstance(name, str) for name in value):
            return tuple(dict.fromkeys(value))
        raise WrongValue(option, value)

    def _priority(self, task: Task) -> int:
        return read_priority(live_of(task).value(task, self.element.options.get("priority", "50")))


def read_priority(value: Any) -> int:
    """A priority from 0 to 100. Raises WrongValue."""
    try:
        number, whole = int(value), float(value)
    except (TypeError, ValueError, OverflowError):
        raise WrongValue("priority", value) from None
    if number != whole or not 0 <= number <= HIGHEST_PRIORITY:
        raise WrongValue("priority", value)
    return number


def is_open_work(task: Task) -> bool:
    """Whether a live task is a work item that a person can complete."""
    waiting = isinstance(task.task_spec, UserTask) and task.has_state(TaskState.READY)
    return waiting and "leaving" not in task.internal_data
