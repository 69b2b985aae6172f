"""``serviceTask`` (BPMN 2.0.2 §10.3.3): calls a registered operation inside the command's transaction."""

from __future__ import annotations

from SpiffWorkflow.task import Task

from engine.execution import data
from engine.execution.mapping import mapped
from engine.execution.node import Activity, live_of
from engine.execution.records import OperationCalled


class ServiceTask(Activity):
    """Calls its operation at once."""

    def perform(self, task: Task) -> bool:
        call_operation(task)
        return True


def call_operation(task: Task) -> None:
    """Map the inputs, call the operation, map the outputs. All of it is done, or nothing: a retry begins anew.

    Data inputs go in under their names, and data outputs are filled with what the operation answers (§10.3.3).
    """
    live, spec = live_of(task), task.task_spec
    element = spec.element
    inputs = {**data.inputs(task), **{m.name: live.value(task, m.value) for m in element.inputs}}
    operation = element.options["operation"]
    with live.host.attempt():
        result = dict(live.host.call(operation, inputs, element.id))
        outputs = mapped(element.outputs, lambda text: live.value(task, text, result=result), lambda: result)
        if spec.io.outputs:
            data.receive(task, result)
        live.assign(task, outputs)
    own = spec.process.definition_id
    live.record(OperationCalled(task.id, element, operation, inputs, result, definition_id=own))
