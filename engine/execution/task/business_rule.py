"""``businessRuleTask`` (BPMN 2.0.2 §10.3.3): takes a DMN decision of the same deployment."""

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
        live.record(
            DecisionMade(task.id, self.element, decision, decided.result, decided.rules, definition_id=own)
        )
        kept = {options.get("resultVariable", decision): decided.result}
        if self.element.outputs:
            kept = {options["resultVariable"]: decided.result} if "resultVariable" in options else {}
            kept |= mapped(
                self.element.outputs,
                lambda text: live.value(task, text, result=decided.result),
                lambda: decided.result,
            )
        live.assign(task, kept)
        return True
