"""How long each operation took: how many a second, and what half, 95 and 99 of 100 stayed under."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
Answer = TypeVar("Answer")
Figures = Mapping[str, Mapping[str, Any]]


class Timings:
    """Samples by operation, from any number of threads, over all the time that was spent working."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self.worked = 0.0
        self._lock = threading.Lock()

    def timed(self, operation: str, work: Callable[[], Answer]) -> Answer:
        """Do it and note how long it took."""
        begun = time.perf_counter()
        answer = work()
        took = time.perf_counter() - begun
        with self._lock:
            self.seconds.setdefault(operation, []).append(took)
        return answer

    def figures(self) -> dict[str, dict[str, Any]]:
        """By operation: how many there were and a second, and milliseconds."""
        return {name: self._figures(samples) for name, samples in sorted(self.seconds.items())}

    @property
    def throughput(self) -> float:
        """Operations a second, all together."""
        return sum(map(len, self.seconds.values())) / self.worked if self.worked else 0.0

    def _figures(self, samples: Sequence[float]) -> dict[str, Any]:
        told = {name: round(stayed_under(samples, share) * 1000, 2) for name, share in SHARES.items()}
        return {"samples": len(samples), "per_second": round(len(samples) / self.worked, 1), **told}


def stayed_under(samples: Sequence[float], share: float) -> float:
    """What this share of the samples, of which there are some, stayed under or at."""
    return sorted(samples)[math.ceil(len(samples) * share) - 1]


def growth(
    full: Mapping[str, Mapping[str, Any]], empty: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, float]]:
    """By operation and share: how many times what it takes in the empty installation it takes in the full one."""
    return {
        operation: {share: round(figures[share] / empty[operation][share], 2) for share in SHARES}
        for operation, figures in full.items()
        if operation in empty
    }
