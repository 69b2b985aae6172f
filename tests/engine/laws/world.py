"""What the engine needs from outside while a law is tried in memory: the little language, a clock that stands still."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

from engine.bpmn.reader import read_bpmn
from engine.execution.build import ProcessSpec
from engine.execution.host import Decided
from engine.execution.moments import moment
from tests.engine.laws import language
from tests.engine.laws.drawing import Model
from tests.engine.laws.written import written

CONSTANTS = {"instance_id": "i", "starter": "somebody", "business_key": None}


class World:
    """A host of the engine. Nothing is deployed: the processes are numbered as they stand in the file."""

    now = datetime(2027, 1, 4, 9, tzinfo=UTC)
    today = date(2027, 1, 4)
    timezone = UTC

    def __init__(self, model: Model) -> None:
        read, _warnings = read_bpmn(written(model), "p.bpmn")
        specs = {
            key: ProcessSpec(n, process) for n, (key, process) in enumerate(read.processes.items(), start=1)
        }
        self._by_key = specs
        self._by_id = {spec.definition_id: spec for spec in specs.values()}
        self.process = specs["p"]

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        return language.evaluate(expression, variables)

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        return language.execute(script, variables)

    def attempt(self) -> AbstractContextManager[None]:
        return nullcontext()

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:
        return {}

    def outside(self, operation: str) -> None:
        return None

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:
        return Decided(None)

    def read_store(self, name: str) -> Any:
        return None

    def write_store(self, name: str, value: Any) -> None:
        raise TypeError("the laws draw no data stores")

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:
        return self._by_key[key]

    def spec(self, definition_id: int) -> ProcessSpec:
        return self._by_id[definition_id]

    def moment(self, text: str) -> datetime:
        return moment(text, UTC)
