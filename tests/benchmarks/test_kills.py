"""Server and worker are killed while people work; afterwards everything is there, and each thing once.

A few kills only. ``python -m benchmarks.kill`` does as many as it is asked for.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.kill import kill
from benchmarks.killing.clients import Ledger
from benchmarks.killing.counting import problems
from benchmarks.killing.receiver import Receiver
from engine.storage.database import Database

pytestmark = pytest.mark.slow


def test_nothing_is_lost_and_nothing_happens_twice_when_processes_are_killed(
    empty_database_url: str, tmp_path: Path
) -> None:
    report = kill(tmp_path, empty_database_url, kills=8, seed=3)
    assert report["problems"] == []
    assert report["kills"] >= 8
    assert report["acknowledged_completions"] == report["events"]["task.completed"]


def test_a_completion_that_was_acknowledged_and_is_not_there_is_counted(sqlite_database: Database) -> None:
    ledger = Ledger()
    ledger.completed["task"] = "draft"
    ledger.started[1] = "instance"
    found = list(problems(sqlite_database, ledger, Receiver()))
    assert "the acknowledged completion of draft (task) is there 0 times" in found
    assert "acknowledged instance instance is gone" in found


def test_a_call_that_no_instance_knows_of_is_counted(sqlite_database: Database) -> None:
    receiver = Receiver()
    receiver.note("key", 1)
    assert "a call arrived under 'key', of which no instance knows" in list(
        problems(sqlite_database, Ledger(), receiver)
    )
