"""``businessRuleTask`` (BPMN 2.0.2 §10.3.3): takes a DMN decision of the same deployment."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.task import Task

from engine.execution.mapping import mapped
from engine.execution.node import Activity, live_of
from engine.execution.records import DecisionMade


class BusinessRuleTask(Activity):
    """Decides at once; the result becomes the variable named by ``planflow:resultVariable``.

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
        live.assign(task, self._kept(task, decision, decided.result))
        return True

    def _kept(self, task: Task, decision: str, result: Any) -> dict[str, Any]:
        """The variables that the result becomes."""
        live, options = live_of(task), self.element.options
        if not self.element.outputs:
            return {options.get("resultVariable", decision): result}
        outputs = mapped(
            self.element.outputs, lambda text: live.value(task, text, result=result), lambda: result
        )
        return {options["resultVariable"]: result, **outputs} if "resultVariable" in options else outputs
