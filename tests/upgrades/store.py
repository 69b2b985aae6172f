"""Adds fixtures of the present format: ``python -m tests.upgrades.store``, after every change of it.

Plays all stories of the shipped processes, and those of `waits`, on SQLite, and keeps of each situation the moment
from which it is the shortest way to the end.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from alembic.config import Config
from alembic.script import ScriptDirectory

from engine import SYSTEM, Database
from engine.execution import state
from engine.sandbox import Sandbox
from engine.storage.database import MIGRATIONS
from plans.scenarios.stage import Ended
from tests.upgrades.fixtures import STORED, End, Format, Shared, StoredMoment, StoredStory, write
from tests.upgrades.recording import FailingOnce, Moment, moments, told
from tests.upgrades.rows import Snapshot, changes, schema, snapshot
from tests.upgrades.stories import StoredStage, Story, story_of
from tests.upgrades.waits import FILES, STORIES

ROOT = Path(__file__).parents[2]
PROCESSES = ROOT / "processes"
ROOMS = sorted(path for path in ROOT.glob("*/migrations/versions") if path.parents[1].name != "engine")
"""Where the other rooms keep their revisions."""
FAILING = "-operations_failing"


def opened(file: Path) -> Database:
    """A SQLite file, as the product opens it."""
    return Database(f"sqlite:///{file}", ROOMS)


def present_format() -> Format:
    """What this version stores instances in."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(map(str, (MIGRATIONS / "versions", *ROOMS))))
    return Format(tuple(sorted(ScriptDirectory.from_config(config).get_heads())), state.VERSION)


def present_stories() -> list[Story]:
    """Those of the shipped processes and of `waits`."""
    files = sorted(PROCESSES.glob("*/scenarios/*.yaml"))
    shipped = [story_of(f"{f.parents[1].name}-{f.stem}", f.read_text(encoding="utf-8")) for f in files]
    return [*(story for story in shipped if story.steps), *(story_of(*each) for each in STORIES.items())]


@contextmanager
def _stage(base: Path, sandbox: Sandbox, failing: FailingOnce | None = None) -> Iterator[StoredStage]:
    """On a copy of the file."""
    with tempfile.TemporaryDirectory(prefix="planflow-store-") as folder:
        shutil.copyfile(base, file := Path(folder) / "stored.db")
        database = opened(file)
        try:
            yield StoredStage(database, sandbox, failing.operations() if failing else None)
        finally:
            database.close()


def _prepare_base(file: Path, sandbox: Sandbox) -> Format:
    database = opened(file)
    database.upgrade()
    stage = StoredStage(database, sandbox)
    stage.deploy(PROCESSES)
    stage.engine.deploy(FILES, SYSTEM, "waits")
    database.close()
    return present_format()


def _ended(story: Story, base: Path, sandbox: Sandbox) -> Ended:
    with _stage(base, sandbox) as stage:
        return told(story, stage, PROCESSES)


def _moments(story: Story, base: Path, sandbox: Sandbox, fails: bool) -> list[Moment]:
    failing = FailingOnce() if fails else None
    with _stage(base, sandbox, failing) as stage:
        return list(moments(story, stage, PROCESSES, failing))


def chosen(found: Sequence[tuple[Story, str, Sequence[Moment]]]) -> dict[str, list[Moment]]:
    """Of each situation of a process the moment that is nearest to an end, by the name of the file that keeps it."""
    best: dict[tuple[str, tuple[str, ...]], tuple[int, str, Moment]] = {}
    for story, name, seen in found:
        for moment in seen:
            key, left = (story.process, moment.situation), len(story.steps) - moment.step
            if key not in best or left < best[key][0]:
                best[key] = left, name, moment
    kept: dict[str, list[Moment]] = {name: [] for _story, name, _seen in found}
    order = {id(moment): place for _s, _n, seen in found for place, moment in enumerate(seen)}
    for _left, name, moment in sorted(best.values(), key=lambda each: order[id(each[2])]):
        kept[name].append(moment)
    return {name: moments for name, moments in kept.items() if moments}


def store(folder: Path, base: Path, sandbox: Sandbox) -> int:
    """Write the set's file into this folder. Returns how many moments it has."""
    own = _prepare_base(base, sandbox)
    rows = snapshot(base)
    found: list[tuple[Story, str, Sequence[Moment]]] = []
    for story in present_stories():
        click.echo(f"playing {story.file}", err=True)
        found.append((story, story.file, _moments(story, base, sandbox, fails=False)))
        found.append((story, story.file + FAILING, _moments(story, base, sandbox, fails=True)))
    kept = chosen(found)
    shared = Shared(own, tuple(schema(base)), rows.tables, changes(Snapshot({}, {}), rows))
    told = [
        (_kept(story, name, kept[name], _ended(story, base, sandbox)), [each.rows for each in kept[name]])
        for story, name, _seen in found
        if name in kept
    ]
    write(folder, shared, told, rows)
    return sum(map(len, kept.values()))


def _kept(story: Story, name: str, kept: Sequence[Moment], end: Ended) -> StoredStory:
    moments = (StoredMoment(each.step, each.now, each.instance, each.situation, ()) for each in kept)
    return StoredStory(name, story.text, end_of(end), tuple(moments))


def end_of(ended: Ended) -> End:
    """What is compared of an end: values of variables hold ids that are made anew each time."""
    return End(ended.status, tuple(sorted(ended.ends)), ended.visited, frozenset(ended.variables))


@click.command()
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), default=STORED)
def main(into: Path) -> None:
    """Add fixtures of the present format."""
    sandbox = Sandbox()
    try:
        with tempfile.TemporaryDirectory(prefix="planflow-base-") as folder:
            count = store(into, Path(folder) / "base.db", sandbox)
    finally:
        sandbox.close()
    click.echo(f"{count} moments are kept in {into}")


if __name__ == "__main__":
    main()
