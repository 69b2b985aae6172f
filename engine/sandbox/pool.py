"""A few worker processes, started when first needed, handed to one thread at a time."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from queue import Empty, LifoQueue
from time import monotonic
from typing import Any

from engine.sandbox.frames import BrokenFrame, Header, pack, unpack

GRACE = 2.0
"""Seconds over the time limit after which a worker that says nothing is killed from outside. Its own alarm is
much earlier; this is for a machine that is suspended or overloaded, and for the start of the process."""

_START = Path(__file__).with_name("worker_start.py")


@dataclass(frozen=True)
class Limits:
    """What one evaluation may take.

    Seconds of its own time, bytes of the worker's address space, bytes of the result as JSON.
    """

    seconds: float = 1.0
    memory: int = 256 << 20
    result: int = 4 << 20


class WorkerLost(Exception):
    """The worker ended during an exchange. ``signal`` is what ended it, 0 when it left by itself."""

    def __init__(self, signal: int) -> None:
        super().__init__(signal)
        self.signal = signal


Answer = Callable[[str, list[Any]], Any]


class WorkerProcess:
    """One running worker, seen from the engine."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_START), _starlark_folder(), *_arguments(limits)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            bufsize=0,
        )
        assert self._process.stdin is not None  # noqa: S101 - asked for above
        assert self._process.stdout is not None  # noqa: S101
        self._in, self._out = self._process.stdin.fileno(), self._process.stdout.fileno()
        self._poll = select.poll()
        self._poll.register(self._out, select.POLLIN)

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid

    def exchange(self, header: Header, payload: bytes, answer: Answer) -> tuple[Header, bytes]:
        """Send a request and return the reply, answering the worker's questions on the way.

        Raises WorkerLost, and whatever ``answer`` raises.
        """
        reply, result = self._say(header, payload)
        while "ask" in reply:
            value = answer(reply["ask"], reply["arguments"])
            reply, result = self._say({"value": value})
        return reply, result

    def stop(self) -> None:
        """End the worker now and let go of its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _say(self, header: Header, payload: bytes = b"") -> tuple[Header, bytes]:
        message = pack(header, payload)
        try:
            self._send(message)
            return self._receive()
        except (BrokenFrame, OSError, ValueError):
            raise WorkerLost(self._end()) from None

    def _end(self) -> int:
        """Wait a moment for the process to end by itself, so that the signal tells the reason."""
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            code = 0
        return -code if code < 0 else 0

    def _send(self, message: bytes) -> None:
        data = memoryview(message)
        while data:
            data = data[os.write(self._in, data) :]

    def _receive(self) -> tuple[Header, bytes]:
        deadline = monotonic() + self._limits.seconds + GRACE
        return unpack(lambda count: self._read(count, deadline), self._limits.result)

    def _read(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            if not self._poll.poll(max(deadline - monotonic(), 0) * 1000):
                self._process.kill()
                raise BrokenFrame("no answer in time")
            part = os.read(self._out, min(count, 1 << 20))
            if not part:
                raise BrokenFrame("closed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


class Pool:
    """Lends workers. As many evaluations as ``size`` run at once; others wait for their turn."""

    def __init__(self, limits: Limits, size: int) -> None:
        self._limits = limits
        self._size = size
        self._open_slots()
        _pools.add(self)

    @contextmanager
    def worker(self) -> Iterator[WorkerProcess]:
        """A worker for one exchange. One that fails in between is ended and replaced when next needed."""
        slots = self._slots
        worker = slots.get()
        try:
            if worker is None or not worker.alive:
                worker = self._replace(worker)
            yield worker
        except BaseException:
            self._discard(worker)
            worker = None
            raise
        finally:
            slots.put(worker)

    def close(self) -> None:
        """End the idle workers. The pool may be used again afterwards and starts new ones.

        A worker that another thread is using is left to it: its pipes must not be closed under its hands.
        """
        idle = 0
        with suppress(Empty):
            while True:
                self._discard(self._slots.get_nowait())
                idle += 1
        for _ in range(idle):
            self._slots.put(None)

    def _open_slots(self) -> None:
        self._slots: LifoQueue[WorkerProcess | None] = LifoQueue()
        self._running: set[WorkerProcess] = set()
        for _ in range(self._size):
            self._slots.put(None)
        self._finalizer = weakref.finalize(self, _stop_all, self._running)

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


def _starlark_folder() -> str:
    spec = find_spec("starlark")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("starlark-pyo3 is not installed")
    return str(Path(spec.origin).parent.parent)


def _arguments(limits: Limits) -> list[str]:
    return [str(limits.seconds), str(limits.memory), str(limits.result)]
