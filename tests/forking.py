"""``planflow`` in a process of its own that has imported everything when it starts.

Importing takes longer than most of what tests ask a command for. One process of the session imports it all, before
it has any thread or connection, and each command is a fork of that process. That the command also starts from
nothing is tested where that matters, in ``tests/web``.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.connection import Connection
from multiprocessing.process import parent_process
from pathlib import Path
from typing import TextIO

IMPORTED = [
    "plans.demo", "plans.scenarios", "tests.stories.server", "psycopg",
    *(f"web.cli.{group}" for group in ("database", "departments", "history", "models", "people", "serving")),
]  # fmt: skip
_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(IMPORTED)


def preload(*modules: str) -> None:
    """Have these imported as well, where no command has been started yet."""
    _forking.set_forkserver_preload([*IMPORTED, *modules])


def planflow(arguments: Sequence[str]) -> None:
    """The command as it is."""
    from web.cli import main

    main(arguments, prog_name="planflow")


class Command:
    """A running ``planflow``. It ends with the session, even when that is killed."""

    output: TextIO
    """What it prints, as it prints it. What it prints of errors is added to the file ``log``."""

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        program: Callable[[Sequence[str]], None] = planflow,
        typed: str = "",
    ) -> None:
        hearing, saying = _forking.Pipe(duplex=False)
        self._process = _forking.Process(
            target=_run, args=(program, list(arguments), dict(environment), log, typed, saying), daemon=True
        )
        self._process.start()
        saying.close()
        self.output = open(os.dup(hearing.fileno()), encoding="utf-8")  # noqa: SIM115  closed when it has ended
        hearing.close()

    @property
    def pid(self) -> int:
        """The number of the process."""
        assert self._process.pid is not None
        return self._process.pid

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()

    def has_ended(self, within: float) -> bool:
        """Whether it ends by itself within so many seconds."""
        self._process.join(within)
        return self._process.exitcode is not None

    def wait(self, timeout: float) -> int:
        """Its exit status, negative for a signal. It has to end within so many seconds."""
        self._process.join(timeout)
        assert self._process.exitcode is not None, "it did not end"
        self.output.close()
        return self._process.exitcode


def _run(
    program: Callable[[Sequence[str]], None],
    arguments: Sequence[str],
    environment: Mapping[str, str],
    log: Path,
    typed: str,
    saying: Connection,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = io.TextIOWrapper(io.BytesIO(typed.encode()), encoding="utf-8")
    os.dup2(saying.fileno(), 1)
    saying.close()
    with log.open("ab") as errors:
        os.dup2(errors.fileno(), 2)
    threading.Thread(target=_end_with_the_session, daemon=True).start()
    program(arguments)


def _end_with_the_session() -> None:
    session = parent_process()
    assert session is not None
    session.join()
    os._exit(1)
