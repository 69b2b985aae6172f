"""Sources that had to be stopped are not tried again at once."""

from __future__ import annotations

import threading
from collections import OrderedDict
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST_RESTING = 1_000


class Resting(Generic[Value]):
    """Remembers for ``seconds`` how a source was stopped.

    A source that takes its whole time holds up whoever waits for the same lock. One instance of it does so once;
    however many instances there are, together they get no more than that once in a while. Safe to share.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._stopped: OrderedDict[tuple[str, str], tuple[float, Value]] = OrderedDict()
        self._lock = threading.Lock()

    def put(self, source: str, kind: str, how: Value) -> None:
        """A source was stopped just now."""
        with self._lock:
            self._stopped[source, kind] = monotonic() + self.seconds, how
            self._stopped.move_to_end((source, kind))
            while len(self._stopped) > MOST_RESTING:
                self._stopped.popitem(last=False)

    def get(self, source: str, kind: str) -> Value | None:
        """How the source was stopped, while it rests; else None."""
        with self._lock:
            until, how = self._stopped.get((source, kind), (0.0, None))
            if how is not None and monotonic() >= until:
                del self._stopped[source, kind]
                return None
            return how
