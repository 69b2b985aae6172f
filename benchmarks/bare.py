"""The yardstick: what SQLite asks for two updates and a durable commit, with nothing around them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

TABLE = "CREATE TABLE IF NOT EXISTS %s (id TEXT PRIMARY KEY, content TEXT NOT NULL)"
CONTENTS = ("x" * 600, "y" * 600)
"""As long as the live state and variables of an instance in the loop."""


def connect(file: Path) -> sqlite3.Connection:
    """A connection that is as durable as PlanFlow's own: WAL, and every commit waits for the disk."""
    connection = sqlite3.connect(file, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    return connection


class Bare:
    """Two updates and a commit. It has no instances, so steps make no difference to it."""

    name = "bare commit"

    def __init__(self, file: Path) -> None:
        self._connection = connect(file)
        self._turn = 0
        for table in ("first", "second"):
            self._connection.execute(TABLE % table)
            self._connection.execute(f"INSERT INTO {table} VALUES ('1', '')")  # noqa: S608  two names above

    def run_at(self, steps: int, advance: Callable[[], None]) -> Bare:  # noqa: ARG002
        return self

    def step(self) -> None:
        self._turn ^= 1
        content = CONTENTS[self._turn]
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute("UPDATE first SET content = ? WHERE id = '1'", (content,))
        self._connection.execute("UPDATE second SET content = ? WHERE id = '1'", (content,))
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
