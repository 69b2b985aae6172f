"""Takes turns: in each round every variant at every number of steps has a short turn, so that noise hits all alike."""

from __future__ import annotations

import math
import os
import platform
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks.shapes import Run, Shape, Stalled, Variant, per_run

ORDER = 20261123
"""Seed of the order of the turns in a round; any number would do."""
TURN = 10
"""Samples in a turn. Samples that alternate one by one measure how cold the others have left the caches."""


@dataclass
class Series:
    """The samples of one variant with one shape at one number of steps. ``stalled`` is the step it could not do.

    ``busy`` holds the seconds of ``seconds`` in which the processor worked for this thread.
    """

    variant: str
    shape: str
    steps: int
    seconds: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    stalled: int | None = None

    @property
    def median(self) -> float | None:
        """In milliseconds; None without a sample."""
        return _under(self.seconds, 0.5)

    @property
    def quiet(self) -> float | None:
        """In milliseconds: what the quickest tenth stayed under, which a busy machine changes less."""
        return _under(self.seconds, 0.1)

    @property
    def slowest(self) -> float | None:
        """In milliseconds: what 95 of 100 samples stayed under."""
        return _under(self.seconds, 0.95)

    @property
    def processor(self) -> float | None:
        """In milliseconds: the median of the processor's time, which holds no waiting for others nor for the disk."""
        return _under(self.busy, 0.5)

    def sample(self, work: Callable[[], Any]) -> None:
        """Do this work and note how long it takes."""
        begun, busy = time.perf_counter(), time.thread_time()
        work()
        self.busy.append(time.thread_time() - busy)
        self.seconds.append(time.perf_counter() - begun)


def _under(samples: Sequence[float], part: float) -> float | None:
    if not samples:
        return None
    return sorted(samples)[math.ceil(len(samples) * part) - 1] * 1000


class Contestant:
    """A variant at a number of steps. A run serves for ``each`` samples, then a fresh one takes its place.

    ``run`` is the one that served last, None where there was none.
    """

    def __init__(
        self, variant: Variant, shape: Shape, steps: int, repeat: int, each: int | None = None
    ) -> None:
        self.series = Series(variant.name, shape.name, steps)
        self._variant, self._shape = variant, shape
        self._each = each or per_run(steps)
        self._wanted = math.ceil(repeat / self._each)
        self._left = 0
        self.run: Run | None = None
        self._waiting: list[Run] = []

    @property
    def preparation(self) -> int:
        """How many steps it takes at most before it is ready."""
        return self._wanted * self.series.steps

    def prepare(self, advance: Callable[[], None]) -> None:
        """Bring as many runs to the number of steps as the samples need."""
        try:
            for _ in range(self._wanted):
                self._waiting.append(self._variant.run_at(self._shape, self.series.steps, advance))
        except Stalled as stalled:
            self._stall(stalled)

    def take_turn(self, samples: int) -> None:
        """Time so many steps, one by one."""
        for _ in range(samples):
            if self.series.stalled is None:
                self._sample()

    def _sample(self) -> None:
        if self.run is None or self._left == 0:
            self.run, self._left = self._waiting.pop(), self._each
        self._left -= 1
        try:
            self.series.sample(self.run.step)
        except Stalled as stalled:
            self._stall(stalled)

    def _stall(self, stalled: Stalled) -> None:
        self.series.stalled = stalled.steps + 1


def contest(contestants: Sequence[Contestant], repeat: int) -> None:
    """Measure all of them, ``repeat`` samples of each, in turns."""
    order = random.Random(ORDER)  # noqa: S311  nothing secret
    with progress() as bar:
        shown = bar.add_task("Preparing", total=sum(one.preparation for one in contestants))
        for one in contestants:
            one.prepare(lambda: bar.advance(shown))
        bar.update(shown, total=1, completed=1)
        for begun in bar.track(range(0, repeat, TURN), description="Measuring"):
            for one in order.sample(contestants, len(contestants)):
                one.take_turn(min(TURN, repeat - begun))


@contextmanager
def progress() -> Iterator[Progress]:
    """A bar on standard error; figures go to standard output."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def beside(one: Series, other: Series) -> dict[str, float | None]:
    """How many times ``other`` goes into ``one``: by medians, by the quickest tenths, and by the processor's time."""
    return {
        "median": _ratio(one.median, other.median),
        "quiet": _ratio(one.quiet, other.quiet),
        "processor": _ratio(one.processor, other.processor),
    }


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def circumstances() -> dict[str, Any]:
    """When and on what it was measured, without names. ``load`` is of the last minute, the benchmark's own included."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "spiffworkflow": version("SpiffWorkflow"),
    }


def end_on_signal() -> None:
    """Let SIGTERM end a benchmark as Ctrl-C does, so that servers end and temporary folders go."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))
