"""What is stored of one format, in one file: what all stories share, then each story with its moments and its end.

The file is named for its format, and holds JSON, a line each: first the format, the statements that made the tables,
and the rows of the deployed processes; then for each story its text and end, followed by its moments, each with the
rows that are different from the moment before, the first from what is shared. ``xzcat`` shows it.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.upgrades.rows import Changes, Snapshot, Table, changes

STORED = Path(__file__).parent / "stored"
SUFFIX = ".jsonl.xz"
COMMAND = "python -m tests.upgrades.store"


@dataclass(frozen=True)
class Format:
    """What instances are stored in: Alembic's revisions, and the version of the live state."""

    revisions: tuple[str, ...]
    state: int

    @property
    def name(self) -> str:
        """As its file is called."""
        return "-".join((*self.revisions, f"state_{self.state}"))


@dataclass(frozen=True)
class Shared:
    """What the stories of a set have in common. ``rows`` make a new database that of the deployed processes."""

    format: Format
    schema: tuple[str, ...]
    tables: Mapping[str, Table]
    rows: Changes


@dataclass(frozen=True)
class StoredMoment:
    """A moment as it is kept. ``changes`` lead to it, one after the other, from the shared rows."""

    step: int
    now: datetime
    instance: str
    situation: tuple[str, ...]
    changes: tuple[Changes, ...]


@dataclass(frozen=True)
class End:
    """How a story has ended: the state, its end events, all that was visited, and names of variables."""

    status: str
    ends: tuple[str, ...]
    visited: frozenset[str]
    variables: frozenset[str]


@dataclass(frozen=True)
class StoredStory:
    """A story with the moments that are kept of it, and how it ended for those who have stored it."""

    name: str
    text: str
    end: End
    moments: tuple[StoredMoment, ...]


@dataclass(frozen=True)
class StoredSet:
    """All that is stored of one format."""

    shared: Shared
    stories: tuple[StoredStory, ...]


def sets() -> list[StoredSet]:
    """What is stored of all formats."""
    return [read(file) for file in sorted(STORED.glob(f"*{SUFFIX}"))]


def read(file: Path) -> StoredSet:
    """A set from its file."""
    with lzma.open(file, "rt", encoding="utf-8") as lines:
        held = map(json.loads, lines)
        shared = _shared(next(held))
        return StoredSet(shared, tuple(_stories(held)))


def write(
    folder: Path, shared: Shared, told: Sequence[tuple[StoredStory, Sequence[Snapshot]]], base: Snapshot
) -> None:
    """Keep a set: stories, each with the rows of its moments, as what is different from ``base``."""
    lines: list[Any] = [
        {
            "format": {"revisions": shared.format.revisions, "state": shared.format.state},
            "schema": shared.schema,
            "tables": {t.name: {"columns": t.columns, "key": t.key} for t in shared.tables.values()},
            "rows": vars(shared.rows),
        }
    ]
    for story, snapshots in told:
        lines += _lines(story, snapshots, base)
    text = "".join(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n" for line in lines)
    folder.mkdir(parents=True, exist_ok=True)
    packed = lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)
    (folder / f"{shared.format.name}{SUFFIX}").write_bytes(packed)


def _lines(story: StoredStory, snapshots: Sequence[Snapshot], base: Snapshot) -> Iterator[Any]:
    end = {**vars(story.end), "visited": sorted(story.end.visited), "variables": sorted(story.end.variables)}
    yield {"story": story.name, "text": story.text, "end": end}
    for moment, rows in zip(story.moments, snapshots, strict=True):
        said = {**vars(moment), "now": moment.now.isoformat(), "changes": vars(changes(base, rows))}
        base = rows
        yield said


def _shared(held: Mapping[str, Any]) -> Shared:
    tables = {
        name: Table(name, tuple(each["columns"]), tuple(each["key"])) for name, each in held["tables"].items()
    }
    own = Format(tuple(held["format"]["revisions"]), held["format"]["state"])
    return Shared(own, tuple(held["schema"]), tables, Changes(**held["rows"]))


def _stories(lines: Iterator[Mapping[str, Any]]) -> Iterator[StoredStory]:
    head, moments = next(lines), list[StoredMoment]()
    for line in lines:
        if "story" in line:
            yield _story(head, moments)
            head, moments = line, []
        else:
            before = moments[-1].changes if moments else ()
            moments.append(_moment(line, before))
    yield _story(head, moments)


def _story(head: Mapping[str, Any], moments: Sequence[StoredMoment]) -> StoredStory:
    said = head["end"]
    end = End(said["status"], tuple(said["ends"]), frozenset(said["visited"]), frozenset(said["variables"]))
    return StoredStory(head["story"], head["text"], end, tuple(moments))


def _moment(line: Mapping[str, Any], before: tuple[Changes, ...]) -> StoredMoment:
    return StoredMoment(
        line["step"],
        datetime.fromisoformat(line["now"]),
        line["instance"],
        tuple(line["situation"]),
        (*before, Changes(**line["changes"])),
    )
