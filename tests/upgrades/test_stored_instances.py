"""Instances that were stored in an earlier format go on after upgrading, and end as they would have ended then.

Of what is stored in the present format, and on PostgreSQL, a sample is tried; ``PLANFLOW_UPGRADES=all`` tries all.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from lxml import etree
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine import Database, history
from engine.sandbox import Sandbox
from engine.storage.tables import incident, instance, job, message, subscription, work_item
from tests.conftest import _administer
from tests.upgrades.databases import PostgresqlDatabases, SqliteFiles
from tests.upgrades.fixtures import COMMAND, STORED, Shared, StoredMoment, StoredStory, sets
from tests.upgrades.store import PROCESSES, end_of, present_format
from tests.upgrades.stories import StoredStage, story_of
from web.cli import main

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
TRY_ALL = os.environ.get("PLANFLOW_UPGRADES") == "all"
SAMPLE = 12
"""Of so many moments one is tried where not all are."""

Tried = tuple[Shared, StoredStory, StoredMoment]


def _all() -> list[Tried]:
    return [(held.shared, story, each) for held in sets() for story in held.stories for each in story.moments]


MOMENTS, PRESENT = _all(), present_format()


def _id(tried: Tried) -> str:
    shared, story, moment = tried
    return f"{shared.format.name}-{story.name}-{story.moments.index(moment)}"


def _sample(found: list[Tried]) -> list[Tried]:
    return found if TRY_ALL else found[SAMPLE // 2 :: SAMPLE]


def _chosen_on_sqlite() -> list[Tried]:
    """All of earlier formats, and of the present one, from which nothing is upgraded, a sample."""
    earlier = [tried for tried in MOMENTS if tried[0].format != PRESENT]
    return earlier + _sample([tried for tried in MOMENTS if tried[0].format == PRESENT])


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox()
    yield shared
    shared.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("stored"))


@pytest.fixture(scope="module")
def stored_on_postgresql(postgresql_server: Any) -> PostgresqlDatabases:
    return PostgresqlDatabases(postgresql_server, partial(_administer, postgresql_server))


@pytest.mark.parametrize("tried", _chosen_on_sqlite(), ids=_id)
def test_a_stored_instance_goes_on_and_ends_well(tried: Tried, files: SqliteFiles, sandbox: Sandbox) -> None:
    shared, story, moment = tried
    with files.database(shared, moment) as database:
        _upgrade_and_go_on(database, story, moment, sandbox)


@pytest.mark.parametrize("tried", _sample(MOMENTS), ids=_id)
def test_a_stored_instance_goes_on_and_ends_well_on_postgresql(
    tried: Tried, stored_on_postgresql: PostgresqlDatabases, sandbox: Sandbox
) -> None:
    shared, story, moment = tried
    with stored_on_postgresql.database(shared, moment) as database:
        _upgrade_and_go_on(database, story, moment, sandbox)


def test_planflow_db_upgrade_takes_a_stored_installation_and_its_history_holds(
    files: SqliteFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared, _story, moment = MOMENTS[0]
    monkeypatch.setenv("PLANFLOW_HOME", str(tmp_path))
    with files.database(shared, moment) as database:
        monkeypatch.setenv("PLANFLOW_DATABASE_URL", database.url.render_as_string())
        for arguments in (["db", "upgrade"], ["history", "verify"]):
            done = CliRunner().invoke(main, arguments)
            assert done.exit_code == 0, done.output


def _upgrade_and_go_on(
    database: Database, stored: StoredStory, moment: StoredMoment, sandbox: Sandbox
) -> None:
    database.upgrade()
    stage = StoredStage(database, sandbox)
    stage.set_time(moment.now)
    with database.read() as session:
        assert list(history.verify(session)) == []
    ended = story_of(stored.name, stored.text).go_on(moment.step, stage, moment.instance)
    with database.read() as session:
        assert list(_left_over(session)) == []
        assert list(history.verify(session)) == []
    assert end_of(ended).status == stored.end.status
    assert end_of(ended).ends == stored.end.ends
    assert end_of(ended).variables == stored.end.variables
    assert stored.end.visited <= ended.visited


def _left_over(session: Session) -> Iterator[Any]:
    """What waits although everything is over. Processes that begin by themselves still listen."""
    for table in (instance, work_item):
        waits = table.c.status.in_(("active", "open", "claimed"))
        yield from session.execute(select(table.c.id, table.c.status).where(waits)).all()
    for left in (
        select(job.c.kind, job.c.element).where(or_(job.c.instance_id.is_not(None), job.c.status != "due")),
        select(subscription.c.element).where(subscription.c.instance_id.is_not(None)),
        select(message.c.name),
        select(incident.c.element).where(incident.c.resolved_at.is_(None)),
    ):
        yield from session.execute(left).all()


def test_what_is_stored_has_every_place_at_which_the_shipped_processes_wait() -> None:
    """In the present format. A task waits as it was made, and claimed and begun."""
    stored = [moment for shared, _story, moment in MOMENTS if shared.format == PRESENT]
    said = {line.split(" × ")[1] for moment in stored for line in moment.situation}
    places = {tuple(line.split(" ", 2)[:2]) for line in said}
    for file in sorted(PROCESSES.glob("*/process.bpmn")):
        for kind, element in _waiting_places(file):
            assert (kind, element) in places, f"{file.parent.name}: {kind} {element}"


def _waiting_places(file: Path) -> Iterator[tuple[str, str]]:
    for node in etree.parse(file).iter():
        if node.tag == f"{BPMN}userTask":
            yield "task", node.attrib["id"]
        if node.tag != f"{BPMN}startEvent" and node.find(f"{BPMN}timerEventDefinition") is not None:
            yield "timer", node.attrib["id"]


def test_the_present_format_has_its_fixtures() -> None:
    """A change of a table or of the live state has to add its own, so that the next change is tried with them."""
    assert PRESENT in {held.shared.format for held in sets()}, (
        f"Nothing is stored in the format {PRESENT.name} yet. Let it be added to"
        f" {STORED.relative_to(PROCESSES.parent)}: {COMMAND}"
    )
