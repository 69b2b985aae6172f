"""``businessRuleTask`` (BPMN 2.0.2 §10.3.3): takes a DMN decision of the same deployment."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.mapping import mapped
from engine.execution.node import Activity, live_of
from engine.execution.records import DecisionMade


class BusinessRuleTask(Activity):
    """Decides at once; the result becomes the variable named by ``planflow:resultVariable``, or its one data output.

    With ``planflow:outputs``, which see it as ``result``, those say what becomes of it.
    """

    def perform(self, task: Task) -> bool:
        live, options = live_of(task), self.element.options
        variables = live.variables(task)
        inputs = {m.name: live.value(task, m.value) for m in self.element.inputs}
        decided = live.host.decide(self.process.definition_id, options["decision"], {**variables, **inputs})
        own, decision = self.process.definition_id, options["decision"]
        told = (decided.result, decided.rules, decided.required)
        live.record(DecisionMade(task.id, self.element, decision, *told, definition_id=own))
        live.assign(task, self._kept(task, decided.result))
        return True

    def _kept(self, task: Task, result: Any) -> dict[str, Any]:
        """The variables that the result becomes."""
        live, options = live_of(task), self.element.options
        if not self.element.outputs:
            return {self._result_variable(): result}
        outputs = mapped(
            self.element.outputs, lambda text: live.value(task, text, result=result), lambda: result
        )
        return {options["resultVariable"]: result, **outputs} if "resultVariable" in options else outputs

    def _result_variable(self) -> str:
        options, outputs = self.element.options, self.io.outputs
        given = outputs[0].variable if len(outputs) == 1 else options["decision"]
        return options.get("resultVariable", given)
