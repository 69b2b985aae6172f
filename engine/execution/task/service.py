"""``serviceTask`` (BPMN 2.0.2 §10.3.3): calls a registered operation inside the command's transaction."""

from SpiffWorkflow.task import Task

from engine.execution.mapping import mapped
from engine.execution.node import Activity, live_of
from engine.execution.records import OperationCalled


class ServiceTask(Activity):
    """Maps its inputs, calls its operation, maps the outputs. All of it is done, or nothing: a retry begins anew."""

    def perform(self, task: Task) -> bool:
        live = live_of(task)
        inputs = {m.name: live.value(task, m.value) for m in self.element.inputs}
        operation = self.element.options["operation"]
        with live.host.attempt():
            result = dict(live.host.call(operation, inputs, self.element.id))
            live.assign(
                task,
                mapped(
                    self.element.outputs,
                    lambda text: live.value(task, text, result=result),
                    lambda: result,
                ),
            )
        own = self.process.definition_id
        live.record(OperationCalled(task.id, self.element, operation, inputs, result, definition_id=own))
        return True
