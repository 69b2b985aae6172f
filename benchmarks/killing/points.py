"""Places in the product's code at which a process kills itself as a power cut would: SIGKILL, nothing is tidied.

They are put around the product's own functions when the process starts; the product has no switch for it.
"""

from __future__ import annotations

import functools
import os
import signal
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from engine.jobs import calls, leasing
from engine.jobs.runner import Runner
from engine.storage import database, postgresql, sqlite

STATEMENTS = range(2, 14)
"""After which statement of a transaction that writes a process may die; a completion takes some ten."""
OF_BOTH = (*(f"after statement {n - 1}" for n in STATEMENTS), "before commit", "between commit and answer")
OF_WORKERS = ("between lease and its commit", "between lease and call", "between call and its transaction")


@dataclass
class Trap:
    """Kills this process when it comes to ``point`` for the ``times``-th time."""

    point: str
    times: int

    def __post_init__(self) -> None:
        self._lock = threading.Lock()

    def met(self, point: str) -> None:
        """The process has come to this point."""
        if point != self.point:
            return
        with self._lock:
            self.times -= 1
            if self.times <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


_writing = threading.local()


def lay(trap: Trap) -> None:
    """Put the trap into this process, before its services are made."""
    _count_statements(trap)
    for transaction in (sqlite.Transaction, postgresql.Transaction):
        _around(transaction, "commit", _if_writing(trap, "before commit"), _if_writing(trap, OF_BOTH[-1]))
    _around(leasing, "lease", None, lambda: trap.met(OF_WORKERS[0]))
    _around(Runner, "lease", None, lambda: trap.met(OF_WORKERS[1]))
    _around(calls, "_call", None, lambda: trap.met(OF_WORKERS[2]))


def _count_statements(trap: Trap) -> None:
    begin, count = database.Database.write, database.Database._count_statement

    @contextmanager
    def write(self: database.Database) -> Any:
        before, _writing.statements = getattr(_writing, "statements", None), 0
        try:
            with begin(self) as session:
                yield session
        finally:
            _writing.statements = before

    def counted(self: database.Database, *given: Any) -> None:
        count(self, *given)
        if getattr(_writing, "statements", None) is not None:
            _writing.statements += 1
            trap.met(f"after statement {_writing.statements - 1}")

    database.Database.write = write  # type: ignore[method-assign]
    database.Database._count_statement = counted  # type: ignore[method-assign]


def _if_writing(trap: Trap, point: str) -> Callable[[], None]:
    def met() -> None:
        if getattr(_writing, "statements", None):
            trap.met(point)

    return met


def _around(
    place: Any, name: str, before: Callable[[], None] | None, after: Callable[[], None] | None
) -> None:
    whole = getattr(place, name)

    @functools.wraps(whole)
    def wrapped(*given: Any, **named: Any) -> Any:
        if before is not None:
            before()
        result = whole(*given, **named)
        if after is not None and result is not False and (name != "lease" or result is not None):
            after()
        return result

    setattr(place, name, wrapped)
