"""The live task of an instance."""

from __future__ import annotations

from SpiffWorkflow.task import Task


class Token(Task):  # type: ignore[misc]  # SpiffWorkflow is untyped
    """A task of SpiffWorkflow whose changes of state are told by history alone.

    SpiffWorkflow gathers details for its own log at each of them, whether anybody reads that or not.
    """

    def _set_state(self, value: int) -> None:
        self._state = value
