"""The host of the instances of one trial: a clock of its own, and answers instead of operations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from engine.bpmn.model import Model
from engine.decisions import Decision
from engine.decisions import evaluate as evaluate_decision
from engine.errors import NotFound
from engine.execution.build import ProcessSpec
from engine.execution.host import Decided, decided
from engine.execution.moments import moment
from engine.messages import translatable as _
from engine.sandbox import Sandbox
from engine.simulation.answers import Answers


class Nobody:
    """A directory in which everybody exists and has no superior and no colleagues."""

    def superior(self, user: str) -> str | None:  # noqa: ARG002
        return None

    def members(self, group: str) -> list[str]:  # noqa: ARG002
        return []

    def display_name(self, user: str) -> str:
        return user


class World:
    """Everything outside the instances of a trial."""

    def __init__(
        self, model: Model, decisions: Sequence[Decision], answers: Answers, sandbox: Sandbox
    ) -> None:
        self.now = datetime.now(UTC)
        self.answers = answers
        self.sandbox = sandbox
        self.allowance = sandbox.allowance()
        self.decisions = {decision.id: decision for decision in decisions}
        self.stores: dict[str, Any] = {}
        processes = [p for p in model.processes.values() if p.executable]
        self.specs = {p.id: ProcessSpec(number, p) for number, p in enumerate(processes, start=1)}
        self._numbered = {spec.definition_id: spec for spec in self.specs.values()}

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def timezone(self) -> tzinfo:
        return UTC

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return self.sandbox.evaluate(expression, variables, Nobody(), self.allowance)

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return self.sandbox.execute(script, variables, Nobody(), self.allowance)

    def step_is_over(self) -> None:
        """What comes next has time of its own for its sources, as another command would."""
        self.allowance = self.sandbox.allowance()

    def attempt(self) -> AbstractContextManager[None]:
        return nullcontext()

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:  # noqa: ARG002
        result = self.answers.next(element).get("result", {})
        return dict(result) if isinstance(result, Mapping) else {}

    def outside(self, operation: str) -> tuple[str, ...] | None:  # noqa: ARG002
        """A trial answers at once, whoever would be called."""
        return None

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:  # noqa: ARG002
        if decision not in self.decisions:
            raise NotFound(_("There is no decision “%(name)s” beside the file."), name=decision)
        result = evaluate_decision(self.decisions[decision], variables, self.evaluate)
        return decided(result)

    def read_store(self, name: str) -> Any:
        return self.stores.get(name)

    def write_store(self, name: str, value: Any) -> None:
        self.stores[name] = value

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:  # noqa: ARG002
        if key not in self.specs:
            raise NotFound(_("There is no process “%(key)s” in the file."), key=key)
        return self.specs[key]

    def spec(self, definition_id: int) -> ProcessSpec:
        return self._numbered[definition_id]

    def moment(self, text: str) -> datetime:
        return moment(text, UTC)
