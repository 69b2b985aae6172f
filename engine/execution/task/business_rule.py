"""``businessRuleTask`` (BPMN 2.0.2 §10.3.3): takes a DMN decision of the same deployment."""

from SpiffWorkflow.task import Task

from engine.execution.node import Activity, live_of
from engine.execution.records import DecisionMade


class BusinessRuleTask(Activity):
    """Decides at once; the result becomes the variable named by ``planflow:resultVariable``, or its one data output."""

    def perform(self, task: Task) -> bool:
        live, options = live_of(task), self.element.options
        variables = live.variables(task)
        inputs = {m.name: live.value(task, m.value) for m in self.element.inputs}
        decided = live.host.decide(self.process.definition_id, options["decision"], {**variables, **inputs})
        own, decision = self.process.definition_id, options["decision"]
        live.record(
            DecisionMade(task.id, self.element, decision, decided.result, decided.rules, definition_id=own)
        )
        live.assign(task, {self._result_variable(): decided.result})
        return True

    def _result_variable(self) -> str:
        options, outputs = self.element.options, self.io.outputs
        given = outputs[0].variable if len(outputs) == 1 else options["decision"]
        return options.get("resultVariable", given)
