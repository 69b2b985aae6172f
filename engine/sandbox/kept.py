"""What was read of sources, kept for the next time within bounds that no source can burst."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The last ``count`` values, of sources with at most ``characters`` together. Safe to share between threads.

    What a source takes when it has been read grows with its length, so counting sources alone would not bound it.
    """

    def __init__(self, count: int, characters: int) -> None:
        self._count = count
        self._characters = characters
        self._held = 0
        self._values: OrderedDict[tuple[str, str], Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, source: str, kind: str) -> Value | None:
        """The value for a source, or None."""
        with self._lock:
            if (source, kind) not in self._values:
                return None
            self._values.move_to_end((source, kind))
            return self._values[source, kind]

    def put(self, source: str, kind: str, value: Value) -> Value:
        """Keep a value, and give it back."""
        with self._lock:
            if (source, kind) not in self._values:
                self._values[source, kind] = value
                self._held += len(source)
            while len(self._values) > self._count or self._held > self._characters:
                (gone, _kind), _value = self._values.popitem(last=False)
                self._held -= len(gone)
        return value
