"""Plays a story and takes a snapshot wherever somebody or something is waited for, with the situation that this is.

Before somebody completes a task there is a second snapshot in which it is claimed and begun, and a call of another
system is also seen while a worker has it. Told once more, every operation fails when it is called first, so that it
stops at each with an incident.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from plans.operations import OPERATIONS
from plans.scenarios.stage import Ended
from tests.upgrades.rows import Snapshot, snapshot
from tests.upgrades.stories import StoredStage, Story

WAITING = (
    "SELECT 'task', element, status || CASE WHEN draft IS NULL THEN '' ELSE ' with a draft' END FROM work_item"
    " WHERE status IN ('open', 'claimed')",
    "SELECT kind, element, status || CASE WHEN attempts THEN ' again' ELSE '' END FROM job"
    " WHERE instance_id IS NOT NULL",
    "SELECT kind, element, name FROM subscription WHERE instance_id IS NOT NULL",
    "SELECT 'incident', element, '' FROM incident WHERE resolved_at IS NULL",
    *(
        f"SELECT '{said}', json_extract(token.value, '$[3]'), {number} FROM instance, json_each(state, '$.t') AS token"  # noqa: S608
        f" WHERE status = 'active' AND {number} > 0"
        for said, number in {
            "done of": "json_extract(token.value, '$[6].done')",
            "rounds of": "json_extract(token.value, '$[6].rounds')",
            "to undo in": "json_array_length(token.value, '$[6].undoable')",
        }.items()
    ),
)
"""What is waited for: what it is, the element, and how it stands; and how far what is repeated has come."""


@dataclass(frozen=True)
class Moment:
    """An instance that waits before its story's step of this number, from 0. ``now`` is the stage's clock."""

    step: int
    now: datetime
    instance: str
    situation: tuple[str, ...]
    rows: Snapshot


class FailingOnce:
    """The operations of the shipped processes, of which each fails when it is called first, once they are armed."""

    def __init__(self) -> None:
        self.armed = False
        self._failed: set[str] = set()

    def operations(self) -> Mapping[str, Any]:
        """By their names."""
        return {name: self._failing(name, operation) for name, operation in OPERATIONS.items()}

    def _failing(self, name: str, operation: Any) -> Any:
        def called(*given: Any) -> Any:
            if self.armed and name not in self._failed:
                self._failed.add(name)
                raise RuntimeError("the first call fails")
            return operation(*given)

        return called


def moments(
    story: Story, stage: StoredStage, processes: Path, failing: FailingOnce | None
) -> Iterator[Moment]:
    """Every moment of the story. Afterwards it is at its end."""
    story.prepare(stage, processes)
    if failing is not None:
        failing.armed = True
    instance = story.begin(stage)
    for number, step in enumerate(story.steps):
        yield from _stopped(number, stage, instance)
        yield _moment(number, stage, instance)
        if stage.take_up(instance, step):
            yield _moment(number, stage, instance)
        if step.kind == "work":
            stage.engine.lease_job("a worker that dies")
            yield _moment(number, stage, instance)
        story.take(number, stage, instance)
    yield from _stopped(len(story.steps), stage, instance)


def told(story: Story, stage: StoredStage, processes: Path) -> Ended:
    """How it ends."""
    story.prepare(stage, processes)
    return story.go_on(0, stage, story.begin(stage))


def _stopped(number: int, stage: StoredStage, instance: str) -> Iterator[Moment]:
    while stage.incidents():
        yield _moment(number, stage, instance)
        stage.settle()


def _moment(number: int, stage: StoredStage, instance: str) -> Moment:
    file = Path(stage.database.url.database or "")
    return Moment(number, stage.now, instance, _situation(file), snapshot(file))


def _situation(file: Path) -> tuple[str, ...]:
    """What the file's instances wait for, as sentences, with how many there are of each."""
    with closing(sqlite3.connect(file)) as connection:
        found = Counter(
            " ".join(str(part) for part in row if part)
            for query in WAITING
            for row in connection.execute(query)
        )
    return tuple(sorted(f"{count} × {what}" for what, count in found.items()))
