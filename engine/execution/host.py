"""What a running instance needs from outside: expressions, operations, decisions, time and other definitions."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from engine.decisions import DecisionResult
    from engine.execution.build import ProcessSpec


@dataclass(frozen=True)
class Decided:
    """The answer of a decision, the rules that gave it, and what was decided before it because it was required."""

    result: Any
    rules: tuple[str, ...] = ()
    required: tuple[dict[str, Any], ...] = ()


def decided(result: DecisionResult) -> Decided:
    """The answer of a decision as it is told in history: required ones with ``decision``, ``result``, ``rules``."""
    required = tuple(
        {"decision": made.decision, "result": made.outputs, "rules": list(made.matched_rules)}
        for made in result.required
    )
    return Decided(result.outputs, tuple(result.matched_rules), required)


class Host(Protocol):
    """Everything outside the live state, for the length of one command."""

    @property
    def now(self) -> datetime:
        """The time of this command, UTC."""

    @property
    def today(self) -> date:
        """The local date of this command."""

    @property
    def timezone(self) -> tzinfo:
        """Where days begin and end."""

    def evaluate(self, expression: str, variables: Mapping[str, Any]) -> Any:
        """The value of a Starlark expression."""

    def execute(self, script: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        """Run a Starlark script; returns what it assigned at top level."""

    def attempt(self) -> AbstractContextManager[Any]:
        """A block whose writes to the database are undone when an error leaves it."""

    def call(self, operation: str, inputs: Mapping[str, Any], element: str) -> Mapping[str, Any]:
        """Call a registered operation for an element, inside the command's transaction."""

    def outside(self, operation: str) -> tuple[str, ...] | None:
        """For an operation that is called when the command is done, and answers later: the waits between its tries."""

    def decide(self, definition_id: int, decision: str, variables: Mapping[str, Any]) -> Decided:
        """Take a decision of the deployment that ``definition_id`` belongs to."""

    def read_store(self, name: str) -> Any:
        """What a data store holds; None while it is empty."""

    def write_store(self, name: str, value: Any) -> None:
        """Put a value into a data store, for all processes to read."""

    def called_process(self, definition_id: int, key: str) -> ProcessSpec:
        """The process a call activity means: of the same deployment, or else the latest version."""

    def spec(self, definition_id: int) -> ProcessSpec:
        """The spec of a process definition."""

    def moment(self, text: str) -> datetime:
        """A point in time (UTC) from ISO 8601 text; a date alone means its first moment in local time."""
