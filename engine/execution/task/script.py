"""``scriptTask`` (BPMN 2.0.2 §10.3.3): a Starlark script; what it assigns at top level becomes variables."""

from SpiffWorkflow.task import Task

from engine.execution.node import Activity, live_of


class ScriptTask(Activity):
    """Runs its script at once."""

    def perform(self, task: Task) -> bool:
        live = live_of(task)
        live.assign(task, live.host.execute(self.element.script or "", live.variables(task)))
        return True
