"""``serviceTask`` (BPMN 2.0.2 §10.3.3): calls a registered operation.

Most run inside the command's transaction. One that reaches beyond the database is called when that is committed: the
token waits at the task until a worker brings the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.errors import BpmnError
from engine.execution import data
from engine.execution.mapping import mapped
from engine.execution.node import Activity, live_of
from engine.execution.records import OperationCalled, OperationRequested, OperationWithdrawn


class CallsOperation(Activity):
    """An activity that calls the operation it names.

    ``requested`` in the internal data says that it waits for the answer of one that is called outside; ``answer`` is
    that answer, on its way to the variables.
    """

    def call(self, task: Task) -> bool | None:
        """Call the operation, or have it called. If what it answers cannot be used, a retry begins anew."""
        answer = task.internal_data.pop("answer", None)
        if answer is not None:
            self._take(task, answer)
            return True
        waits = live_of(task).host.outside(self.element.options["operation"])
        if waits is not None:
            self._request(task, waits)
            return None
        call_operation(task)
        return True

    def answered(self, task: Task, answer: Mapping[str, Any]) -> None:
        """The operation was called outside: ``inputs``, and its ``result``, or the code of a BPMN ``error``."""
        task.internal_data.pop("requested", None)
        task.internal_data["answer"] = dict(answer)
        task._set_state(TaskState.READY)
        live_of(task).proceed(task)

    def withdraw(self, task: Task) -> None:
        if task.internal_data.pop("requested", False):
            live_of(task).record(OperationWithdrawn(task.id))

    def _request(self, task: Task, waits: tuple[str, ...]) -> None:
        options, own = self.element.options, self.process.definition_id
        if "retries" in options:
            waits = tuple(wait.strip() for wait in options["retries"].split(","))
        asked = (options["operation"], inputs_of(task), waits)
        live_of(task).record(OperationRequested(task.id, self.element, *asked, definition_id=own))
        task.internal_data["requested"] = True

    def _take(self, task: Task, answer: Mapping[str, Any]) -> None:
        if "error" in answer:
            raise BpmnError(answer["error"], answer["message"])
        with live_of(task).host.attempt():
            hand_over(task, answer["inputs"], answer["result"])


class ServiceTask(CallsOperation):
    """Calls its operation at once, or when the command is done."""

    def perform(self, task: Task) -> bool | None:
        return self.call(task)


def call_operation(task: Task) -> None:
    """Map the inputs, call the operation, map the outputs. All of it is done, or nothing: a retry begins anew."""
    live, element = live_of(task), task.task_spec.element
    inputs = inputs_of(task)
    with live.host.attempt():
        result = dict(live.host.call(element.options["operation"], inputs, element.id))
        hand_over(task, inputs, result)


def inputs_of(task: Task) -> dict[str, Any]:
    """What the operation gets: data inputs under their names (§10.3.3), and what is mapped."""
    live, element = live_of(task), task.task_spec.element
    return {**data.inputs(task), **{m.name: live.value(task, m.value) for m in element.inputs}}


def hand_over(task: Task, inputs: dict[str, Any], result: dict[str, Any]) -> None:
    """Fill variables and data outputs (§10.3.3) with what the operation has answered."""
    live, spec = live_of(task), task.task_spec
    element, own = spec.element, spec.process.definition_id
    outputs = mapped(element.outputs, lambda text: live.value(task, text, result=result), lambda: result)
    if spec.io.outputs:
        data.receive(task, result)
    live.assign(task, outputs)
    operation = element.options["operation"]
    live.record(OperationCalled(task.id, element, operation, inputs, result, definition_id=own))
