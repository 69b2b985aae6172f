"""The moment until which all of a request has to be done, whatever its parts may take."""

from __future__ import annotations

from time import monotonic


class Deadline:
    """Counts down from ``seconds``, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    def left(self, at_most: float | None = None) -> float:
        """Seconds that a part may take; raises TimeoutError when there are none left."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left if at_most is None else min(left, at_most)
