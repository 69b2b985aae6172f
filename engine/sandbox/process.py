"""One worker process, seen from the engine."""

from __future__ import annotations

import array
import fcntl
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
    """The worker ended during an exchange.

    ``signal`` is what ended it, 0 when it left by itself. ``begun`` says whether it may have begun to evaluate: what
    it had not read to the end can be given to another one.
    """

    def __init__(self, signal: int, begun: bool = True) -> None:
        super().__init__(signal)
        self.signal = signal
        self.begun = begun


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
        reply, result = self._say(header, payload, first=True)
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

    def _say(self, header: Header, payload: bytes = b"", first: bool = False) -> tuple[Header, bytes]:
        message = pack(header, payload)
        try:
            self._send(message)
        except OSError:
            raise WorkerLost(self._end(), begun=not first) from None
        try:
            return self._receive()
        except TimeoutError:
            raise WorkerLost(signal.SIGALRM) from None
        except (BrokenFrame, OSError, ValueError):
            begun = not first or self._unread() == 0  # a request is evaluated when all of it has been read
            raise WorkerLost(self._end(), begun) from None

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

    def _receive(self) -> tuple[Header, bytes]:
        deadline = monotonic() + self._limits.seconds + GRACE
        return unpack(lambda count: self._read(count, deadline), self._limits.result)

    def _read(self, count: int, deadline: float) -> bytes:
        parts = []
        while count:
            if not self._poll.poll(max(deadline - monotonic(), 0) * 1000):
                self._process.kill()
                raise TimeoutError
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
