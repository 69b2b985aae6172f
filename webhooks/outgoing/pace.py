"""Pace: an endpoint that takes its time must not occupy all threads of a worker."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

SLOW = 1.0
"""Seconds. Whoever took longer the last time is sent little at a time."""
AT_ONCE = 2


class Pace:
    """Of one process; counts what is under way to each endpoint."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()
        self._took: dict[str, float] = {}

    @contextmanager
    def turn(self, endpoint_id: str) -> Iterator[bool]:
        """Whether there is room for one more to this endpoint; the block is how long it takes."""
        with self._lock:
            slow = self._took.get(endpoint_id, 0.0) > SLOW
            room = not slow or self._under_way[endpoint_id] < AT_ONCE
            if room:
                self._under_way[endpoint_id] += 1
        if not room:
            yield False
            return
        begun = monotonic()
        try:
            yield True
        finally:
            with self._lock:
                self._under_way[endpoint_id] -= 1
                self._took[endpoint_id] = monotonic() - begun
