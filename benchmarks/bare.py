"""The yardstick: what SQLite asks for two updates and a durable commit, with nothing around them.

It works on the file that PlanFlow itself works on, in two small tables of its own beside PlanFlow's.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from benchmarks.shapes import Shape

TABLE = "CREATE TABLE IF NOT EXISTS benchmark_%s (id TEXT PRIMARY KEY, content TEXT NOT NULL)"
CONTENTS = ("x" * 600, "y" * 600)
"""Longer than the live state and the variables of an instance of any shape."""


def connect(file: Path) -> sqlite3.Connection:
    """A connection that is as durable as PlanFlow's own: WAL, and every commit waits for the disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA busy_timeout = 15000")
    return connection


class Bare:
    """Two updates and a commit. It has no instances, so steps make no difference to it."""

    name = "bare commit"

    def __init__(self, file: Path) -> None:
        self._connection = connect(file)
        self._turn = 0
        for table in ("first", "second"):
            self._connection.execute(TABLE % table)
            self._connection.execute(f"INSERT OR REPLACE INTO benchmark_{table} VALUES ('1', '')")  # noqa: S608  two names above

    def run_at(self, shape: Shape, steps: int, advance: Callable[[], None]) -> Bare:  # noqa: ARG002
        return self

    def step(self) -> None:
        self._turn ^= 1
        content = CONTENTS[self._turn]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("UPDATE benchmark_first SET content = ? WHERE id = '1'", (content,))
        self._connection.execute("UPDATE benchmark_second SET content = ? WHERE id = '1'", (content,))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
