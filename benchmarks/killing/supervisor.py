"""Starts a server or a worker again and again, and sees that it dies: at a point, at a random time, in a call or a
delivery."""

from __future__ import annotations

import os
import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.killing.points import OF_BOTH, OF_WORKERS
from benchmarks.killing.program import POINT, TIMES, mortal
from tests.forking import Command

AT_RANDOM, IN_A_CALL, IN_A_DELIVERY = (
    "at a random time",
    "in the middle of a call",
    "in the middle of a delivery",
)
PATIENCE = 30.0
LONGEST_LIFE = 4.0
"""Seconds after which a process that has not come to its point is killed all the same, at a random time then."""


@dataclass
class Kills:
    """How many there were, by role and point, and how many there are to be."""

    wanted: int
    counted: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def note(self, role: str, point: str) -> None:
        """One more."""
        with self._lock:
            self.counted[f"{role}: {point}"] += 1

    @property
    def total(self) -> int:
        """Of all roles and points."""
        return sum(self.counted.values())

    @property
    def enough(self) -> bool:
        """Whether as many were killed as asked for."""
        return self.total >= self.wanted


class Supervised:
    """A server or worker that is begun anew whenever it has died."""

    def __init__(
        self, role: str, arguments: list[str], environment: Mapping[str, str], log: Path, seed: int
    ) -> None:
        self.role, self._arguments = role, arguments
        self._environment, self._log = dict(environment), log
        self._rolls = random.Random(seed)  # noqa: S311  nothing secret
        self._process: Command | None = None
        self._awaited: str | None = None
        self._has_come = threading.Event()

    @property
    def _running(self) -> Command:
        if self._process is None:
            raise RuntimeError(f"the {self.role} has not been started")
        return self._process

    def start(self, point: str | None = None, times: int = 1) -> None:
        """Begin it, with a trap or without."""
        trap = {} if point is None else {POINT: point, TIMES: str(times)}
        environment = {**self._environment, **trap}
        self._process = Command(self._arguments, environment, self._log, program=mortal)
        if point is None or point in OF_WORKERS:
            line = self._process.output.readline()
            if not line and point is None:
                raise RuntimeError(f"the {self.role} did not start: {self._log.read_text()[-3000:]}")

    def stop(self) -> None:
        """End it in peace."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(PATIENCE * 2)
            self._process = None

    def lives_until(self, kills: Kills) -> None:
        """Begin it and see it die, until there were enough kills. Then let it live."""
        while not kills.enough:
            kills.note(self.role, self._one_life())
        self.start()

    def called(self, point: str) -> None:
        """The other system was called, or told of an event: a worker that is to die in the middle dies now."""
        if self._awaited == point:
            self._has_come.set()
            time.sleep(0.2)

    def _one_life(self) -> str:
        point = self._chosen()
        outside = point in (IN_A_CALL, IN_A_DELIVERY)
        named = point != AT_RANDOM and not outside
        self.start(point if named else None, self._rolls.choice((1, 1, 2, 3, 5)))
        if named and self._running.has_ended(LONGEST_LIFE):
            self._running.wait(PATIENCE)
            return point
        if outside and self._comes_to(point):
            return self._killed(point)
        if point == AT_RANDOM:
            time.sleep(self._rolls.uniform(0.02, 0.8))
        return self._killed(AT_RANDOM)

    def _chosen(self) -> str:
        points: tuple[str, ...] = (*OF_BOTH, OF_BOTH[-1], OF_BOTH[-1], AT_RANDOM, AT_RANDOM, AT_RANDOM)
        if self.role == "worker":
            points = (*points, *OF_WORKERS, *OF_WORKERS, *[IN_A_CALL] * 3, *[IN_A_DELIVERY] * 3)
        return self._rolls.choice(points)

    def _comes_to(self, point: str) -> bool:
        self._has_come.clear()
        self._awaited = point
        found = self._has_come.wait(LONGEST_LIFE)
        self._awaited = None
        return found

    def _killed(self, point: str) -> str:
        self._running.kill()
        self._running.wait(PATIENCE)
        return point


def environment_of(home: Path, database_url: str) -> dict[str, str]:
    """An installation that may call loopback, with the shortest lease, so that what a death leaves is soon taken up."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PLANFLOW_")},
        "PLANFLOW_HOME": str(home),
        "PLANFLOW_DATABASE_URL": database_url,
        "PLANFLOW_OUTGOING_ALLOW": "127.0.0.1",
        "PLANFLOW_JOB_LEASE": "5",
        "PLANFLOW_API_RATE": "1000000 per minute",
        "PLANFLOW_LOG_FORMAT": "json",
    }
