"""How much time the sources of one command may take together."""

from __future__ import annotations


class Allowance:
    """Seconds that are spent by one evaluation after the other.

    A command holds the lock of its instance (on SQLite that of the database) while its sources run, so that not
    only each of them has to end, but all of them together. Used by one thread.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds

    @property
    def left(self) -> float:
        """Seconds that may still be spent; 0 when there are none."""
        return max(self._left, 0.0)

    def spend(self, seconds: float) -> None:
        """Take off what an evaluation has used."""
        self._left -= seconds
