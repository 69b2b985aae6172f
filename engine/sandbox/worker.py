"""The process in which untrusted expressions and scripts run, one at a time.

It has no environment, no open file but two pipes, and limits that it cannot raise: address space, no new
processes, no file writes, and an alarm that ends it when an evaluation does not end by itself.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from time import monotonic, process_time
from typing import Any

from engine.sandbox.evaluation import Evaluation, Failure, ThrownError, read
from engine.sandbox.frames import HARDLY, PATIENCE, BrokenFrame, Header, pack, unpack

ALARM_DELAY = 0.25
"""Seconds after the time limit, or the limit itself where that is shorter. Starlark stops loops at the limit itself
and can say where; one long built-in operation (a multiplication of huge numbers) is only ended by the alarm."""

PAGE = resource.getpagesize()
LOOKUP_LIMIT = 1000
NICENESS = 5
"""How far behind the server the workers stand when the machine is busy, so that loops do not keep it from answering."""
WORN = 0.5
"""A worker that has come to keep this share of its memory is replaced: what one source leaves behind in it must
not make the next one fail."""
OWN_SIZE = 2
"""The descriptor from which a worker reads how large it is; it has no other use for this one."""
VARIABLES_LIMIT = 1 << 30


class Stopwatch:
    """Measures an evaluation's own time: while the engine answers a question, it stands still.

    Two alarms that Starlark cannot hold off end the process, should the engine be gone that would do it: one for time
    that is computed, and for a machine that has no time for it a later one on the wall.
    """

    def __init__(self, seconds: float) -> None:
        self._limit = seconds
        self._left = seconds
        self._end = 0.0
        self._begun = process_time()

    def start(self) -> None:
        self._end = monotonic() + self._left
        delay = min(ALARM_DELAY, self._limit)
        computing = max(self._limit - self._computed(), 0.0) + delay
        signal.setitimer(signal.ITIMER_PROF, computing)
        signal.setitimer(signal.ITIMER_REAL, self._left + self._limit * (PATIENCE - 1) + delay)

    def stop(self) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._left = max(self._end - monotonic(), 0.001)

    def elapsed(self) -> bool:
        return monotonic() > self._end and self._computed() > self._limit * HARDLY

    def _computed(self) -> float:
        return process_time() - self._begun


class Worker:
    """Answers requests until the engine closes the pipe, or until it is worn out."""

    def __init__(self, memory: int, result_limit: int) -> None:
        self._memory = memory
        self._knows_size = _open_own_size()
        self._result_limit = result_limit

    def serve(self) -> None:
        gone = False
        self._send({"computed": process_time()})
        while not gone:
            header, payload = self._receive()
            begun = process_time()
            reply, result = self._answer(header, payload)
            gone = self._is_worn_out()
            computed = process_time()
            self._send({**reply, "took": computed - begun, "computed": computed, "gone": gone}, result)

    def _is_worn_out(self) -> bool:
        """The first number in ``statm`` is the address space in pages. (``ru_maxrss`` begins with the server's own.)"""
        size = os.pread(OWN_SIZE, 100, 0) if self._knows_size else b""
        return bool(size) and int(size.split()[0]) * PAGE > self._memory * WORN

    def _answer(self, header: Header, payload: bytes) -> tuple[Header, bytes]:
        watch = Stopwatch(header["seconds"])
        watch.start()
        try:
            if header["do"] == "read":
                _, names = read(header["source"], header["kind"])
                return {
                    "free": names.free,
                    "assigned": names.assigned,
                    "problems": names.problems,
                    "functions": sorted(names.functions),
                }, b""
            return {}, self._evaluate(header, payload, watch)
        except ThrownError as thrown:
            return {"throw": [thrown.code, thrown.message]}, b""
        except Failure as failure:
            return {"failed": [failure.kind, failure.reason, failure.line]}, b""
        finally:
            watch.stop()

    def _evaluate(self, header: Header, payload: bytes, watch: Stopwatch) -> bytes:
        asked = 0

        def ask(function: str, arguments: list[Any]) -> Any:
            nonlocal asked
            asked += 1
            if asked > LOOKUP_LIMIT:
                raise ValueError(f"more than {LOOKUP_LIMIT} look-ups")
            watch.stop()
            self._send({"ask": function, "arguments": arguments})
            answer, _ = self._receive()
            watch.start()
            return answer["value"]

        source, kind = header["source"], header["kind"]
        evaluation = Evaluation(source, kind, ask, watch.elapsed, self._result_limit)
        return evaluation.run(header["given"], payload)

    def _receive(self) -> tuple[Header, bytes]:
        return unpack(_read_exactly, VARIABLES_LIMIT)

    def _send(self, header: Header, payload: bytes = b"") -> None:
        data = memoryview(pack(header, payload))
        while data:
            data = data[os.write(1, data) :]


def _read_exactly(count: int) -> bytes:
    parts = []
    while count:
        part = os.read(0, min(count, 1 << 20))
        if not part:
            raise BrokenFrame
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _open_own_size() -> bool:
    """Open the file that tells the size of this process, in place of its error output, where there is such a file."""
    try:
        descriptor = os.open("/proc/self/statm", os.O_RDONLY)
    except OSError:
        return False
    os.dup2(descriptor, OWN_SIZE)
    os.close(descriptor)
    return True


def _give_up_rights(memory: int) -> None:
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the pipe
    limits = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 3,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def main() -> None:
    """Serve on the standard pipes. Arguments: starlark's folder, bytes of memory, of result."""
    memory, result_limit = int(sys.argv[2]), int(sys.argv[3])
    worker = Worker(memory, result_limit)
    _give_up_rights(memory)
    try:
        worker.serve()
    except BrokenFrame:
        return
    except BaseException as error:
        # starlark's PanicException is no Exception; whatever it was, this process is not trusted further.
        kind = "memory" if "memory" in f"{type(error).__name__} {error}".lower() else "error"
        worker._send({"failed": [kind, str(error)[:500], None], "took": 0.0, "computed": 0.0, "gone": True})
