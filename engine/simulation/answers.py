"""What people, operations and the world outside answer in a trial."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any


class Answers:
    """Answers by element id: one answer for every visit, or a list in turn.

    For a task of a person: ``{"variables": {…}, "outcome": …, "comment": …}`` or just the variables. For a service
    task: ``{"result": {…}}``. For an event or task that waits for a message or signal: what it carries. The last
    answer of a list is given again when the list is used up, except to what waits for messages and signals.
    """

    def __init__(self, given: Mapping[str, Any] | None) -> None:
        self._left = {
            element: deque(answers if isinstance(answers, list) else [answers])
            for element, answers in (given or {}).items()
        }

    def next(self, element: str) -> dict[str, Any]:
        """The next answer for an element; empty when there is none."""
        left = self._left.get(element)
        if not left:
            return {}
        return _mapping(left.popleft() if len(left) > 1 else left[0])

    def take(self, element: str) -> dict[str, Any] | None:
        """The next answer for an element, given once; None when there is none left."""
        left = self._left.get(element)
        return _mapping(left.popleft()) if left else None


def _mapping(answer: Any) -> dict[str, Any]:
    return dict(answer) if isinstance(answer, Mapping) else {}
