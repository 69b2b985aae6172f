"""One worker process, seen from the engine."""

from __future__ import annotations

import array
import fcntl
import math
import os
import select
import signal
import subprocess
import sys
import termios
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import Any

from engine.sandbox.frames import HARDLY, PATIENCE, BrokenFrame, Header, pack, unpack

DELAY = 0.4
"""Seconds after the time limit after which a worker that has computed all the while is ended from outside. Loops end by
themselves before that and tell their line; one long built-in operation does not."""

GRACE = 10.0
"""Seconds in which a worker has to start, and seconds for a machine that is suspended."""

STEP = 0.05
"""Seconds between two looks at a worker that is late."""

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
    """The worker ended during an exchange.

    ``signal`` is what ended it, 0 when it left by itself. ``begun`` says whether it may have begun to evaluate: what
    it had not read to the end can be given to another one.
    """

    def __init__(self, signal: int, begun: bool = True) -> None:
        super().__init__(signal)
        self.signal = signal
        self.begun = begun


class OutOfTime(Exception):
    """A source has computed for longer than it may."""


Answer = Callable[[str, list[Any]], Any]


class WorkerProcess:
    """A running worker and its pipes."""

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
        self._started = False
        self._computed_before = 0.0

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
        if not self._started:
            self._await_start()
        seconds = header["seconds"]
        reply, result = self._say(seconds, header, payload, first=True)
        while "ask" in reply:
            value = answer(reply["ask"], reply["arguments"])
            reply, result = self._say(seconds, {"value": value})
        self._computed_before = reply["computed"]
        return reply, result

    def _await_start(self) -> None:
        """The first thing that a worker says is that it is there."""
        try:
            self._await_word(monotonic() + GRACE)
            ready, _nothing = unpack(self._read, self._limits.result)
        except (TimeoutError, BrokenFrame, OSError, ValueError):
            raise WorkerLost(self._end(), begun=False) from None
        self._computed_before = ready["computed"]
        self._started = True

    def stop(self) -> None:
        """End the worker now and let go of its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def _say(
        self, seconds: float, header: Header, payload: bytes = b"", first: bool = False
    ) -> tuple[Header, bytes]:
        message = pack(header, payload)
        try:
            self._send(message)
        except OSError:
            raise WorkerLost(self._end(), begun=not first) from None
        try:
            self._await_reply(seconds)
            return unpack(self._read, self._limits.result)
        except TimeoutError:
            raise WorkerLost(signal.SIGALRM) from None
        except OutOfTime:
            raise WorkerLost(signal.SIGPROF) from None
        except (BrokenFrame, OSError, ValueError):
            begun = not first or self._unread() == 0  # a request is evaluated when all of it has been read
            raise WorkerLost(self._end(), begun) from None

    def _await_reply(self, seconds: float) -> None:
        """Wait for a reply, as long as a source of this limit may take."""
        begun = monotonic()
        if self._poll.poll((seconds + min(DELAY, 2 * seconds)) * 1000):
            return
        while not self._poll.poll(STEP * 1000):
            if self._has_computed() > seconds * HARDLY:
                self._process.kill()
                raise OutOfTime
            if monotonic() - begun > seconds * PATIENCE + GRACE:
                self._process.kill()
                raise TimeoutError

    def _await_word(self, deadline: float) -> None:
        if not self._poll.poll(max(deadline - monotonic(), 0) * 1000):
            self._process.kill()
            raise TimeoutError

    def _has_computed(self) -> float:
        """Seconds of computing since the request; without end where the system does not tell."""
        try:
            told = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return math.inf
        ticks = int(told[11]) + int(told[12])  # fields 14 and 15 of proc(5): in user mode and in the kernel
        return ticks / os.sysconf("SC_CLK_TCK") - self._computed_before

    def _unread(self) -> int:
        """How many bytes of what was sent still lie in the pipe of a worker that is gone."""
        count = array.array("i", [0])
        fcntl.ioctl(self._in, termios.FIONREAD, count)
        return count[0]

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

    def _read(self, count: int) -> bytes:
        parts = []
        while count:
            self._await_word(monotonic() + GRACE)
            part = os.read(self._out, min(count, 1 << 20))
            if not part:
                raise BrokenFrame("closed")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def _starlark_folder() -> str:
    spec = find_spec("starlark")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("starlark-pyo3 is not installed")
    return str(Path(spec.origin).parent.parent)


def _arguments(limits: Limits) -> list[str]:
    return [str(limits.memory), str(limits.result)]
