"""A few worker processes, started when first needed, handed to one thread at a time."""

from __future__ import annotations

import os
import threading
import weakref
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from engine.sandbox.process import Limits, WorkerProcess

PATIENCE = 0.02
"""Seconds that a thread waits for a worker to come back before one more is started. Nearly every evaluation is
over in a hundredth of that; one that is not may take its whole time limit."""


@dataclass(eq=False)
class _Turn:
    """A thread that waits for a slot."""

    given: threading.Event = field(default_factory=threading.Event)
    worker: WorkerProcess | None = None


class Pool:
    """Lends workers, whoever has waited longest first.

    ``kept`` workers are held ready. While all are out for longer than :data:`PATIENCE`, more are started, up to
    ``most``, so that sources that use up their time do not hold up the others. They end when they are not needed.
    """

    def __init__(self, limits: Limits, kept: int, most: int) -> None:
        self._limits = limits
        self._kept = kept
        self._most = max(kept, most)
        self._idle: list[WorkerProcess | None]
        self._open_slots()
        _pools.add(self)

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """A worker for one exchange. One that fails in between is ended and replaced when next needed."""
        worker = self._take()
        try:
            if worker is None or not worker.alive:
                worker = self._replace(worker)
            yield worker
        except BaseException:
            self._discard(worker)
            worker = None
            raise
        finally:
            self._give(worker)

    def close(self) -> None:
        """End the idle workers. The pool may be used again afterwards and starts new ones.

        A worker that another thread is using is left to it: its pipes must not be closed under its hands.
        """
        with self._lock:
            idle = list(self._idle)
            self._idle = [None] * len(idle)
        for worker in idle:
            self._discard(worker)

    def _open_slots(self) -> None:
        self._lock = threading.Lock()
        self._slots = self._kept
        self._idle = [None] * self._kept
        self._waiting: deque[_Turn] = deque()
        self._running: set[WorkerProcess] = set()
        self._finalizer = weakref.finalize(self, _stop_all, self._running)

    def _take(self) -> WorkerProcess | None:
        """A slot, with the worker that is in it."""
        with self._lock:
            if self._idle:
                return self._idle.pop()  # the one used last: what it has read is still in its caches
            turn = _Turn()
            self._waiting.append(turn)
        try:
            if not turn.given.wait(PATIENCE) and self._grow(turn):
                return None
            turn.given.wait()
        except BaseException:
            self._withdraw(turn)
            raise
        return turn.worker

    def _grow(self, turn: _Turn) -> bool:
        """Give one more slot to a thread that still waits, if there may be one more."""
        with self._lock:
            if turn.given.is_set() or self._slots >= self._most:
                return False
            self._waiting.remove(turn)
            self._slots += 1
            return True

    def _withdraw(self, turn: _Turn) -> None:
        """The thread was interrupted while it waited: let others have the slot that it may just have been given."""
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return
        self._give(turn.worker)

    def _give(self, worker: WorkerProcess | None) -> None:
        """A slot is free again: for who waits longest, else to be kept, else to be closed."""
        with self._lock:
            if self._waiting:
                turn = self._waiting.popleft()
                turn.worker = worker
                turn.given.set()
                return
            if len(self._idle) < self._kept:
                self._idle.append(worker)
                return
            self._slots -= 1
        self._discard(worker)

    def _replace(self, worker: WorkerProcess | None) -> WorkerProcess:
        self._discard(worker)
        fresh = WorkerProcess(self._limits)
        self._running.add(fresh)
        return fresh

    def _discard(self, worker: WorkerProcess | None) -> None:
        if worker is not None:
            self._running.discard(worker)
            worker.stop()

    def _forget_after_fork(self) -> None:
        """A forked child must not speak over its parent's pipes, nor end its parent's workers."""
        self._finalizer.detach()
        self._open_slots()


_pools: weakref.WeakSet[Pool] = weakref.WeakSet()


def _after_fork() -> None:
    for pool in list(_pools):
        pool._forget_after_fork()


os.register_at_fork(after_in_child=_after_fork)


def _stop_all(workers: set[WorkerProcess]) -> None:
    for worker in list(workers):
        worker.stop()
