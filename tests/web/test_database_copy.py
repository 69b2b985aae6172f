"""``planflow db copy``: everything moves from one database to another, or nothing does."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, func, insert, select, text, update

from engine.commands import CompleteTask
from engine.copying import Differs, NotCopied, copy
from engine.directory import Actor
from engine.history import verify
from engine.jobs.rows import enqueue
from engine.storage.database import Database
from engine.storage.metadata import metadata
from engine.storage.tables import data_store, history, job, work_item
from plans.demo.company import MANAGEMENT_1
from plans.organisation import OrganisationDirectory
from plans.tables import person
from tests.conftest import VERSION_LOCATIONS
from tests.web.conftest import NOW, Office, copy_of, open_office
from web.cli import main
from web.cli.serving import prepare
from web.container import Container, build_container
from web.settings import Settings

KINDS = ["sqlite", "postgresql"]


@pytest.fixture(scope="module")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the demonstration's year, on SQLite."""
    home = tmp_path_factory.mktemp("demo")
    settings = Settings(home, f"sqlite:///{home}/planflow.db", "for tests " * 4)
    with closing(build_container(settings)) as container:
        prepare(container, demo=True)
    return home / "planflow.db"


@pytest.fixture
def demo(demo_file: Path, tmp_path: Path) -> Iterator[Database]:
    file = tmp_path / "demo.db"
    shutil.copyfile(demo_file, file)
    with closing(Database(f"sqlite:///{file}", VERSION_LOCATIONS)) as opened:
        yield opened


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Database]:
    """Another SQLite file, that is not there yet."""
    with closing(Database(f"sqlite:///{tmp_path / 'other.db'}", VERSION_LOCATIONS)) as opened:
        yield opened


@pytest.fixture
def working(office_template: tuple[Path, dict[str, str]], tmp_path: Path) -> Iterator[Office]:
    """An office with an instance, whose task waits; on SQLite in a folder of its own."""
    (tmp_path / "source").mkdir()
    settings = copy_of(office_template[0], tmp_path / "source")
    with closing(build_container(settings)) as container:
        office = open_office(settings, container, office_template[1])
        office.open_task()
        yield office


def rows_of(database: Database) -> dict[str, int]:
    with database.read() as session:
        counted = {
            table.name: session.scalar(select(func.count()).select_from(table))
            for table in metadata.sorted_tables
        }
    return {name: count for name, count in counted.items() if count}


def test_a_year_of_work_arrives_in_postgresql_and_comes_back(
    demo: Database, postgresql_database: Database, other: Database
) -> None:
    there = copy(demo, postgresql_database)
    back = copy(postgresql_database, other)
    assert there == back
    assert rows_of(demo) == rows_of(postgresql_database) == rows_of(other)
    assert there.chains > 5
    assert sum(table.rows for table in there.tables) == sum(rows_of(demo).values())


@pytest.mark.parametrize("kind", KINDS)
def test_people_go_on_working_on_the_copy(
    demo: Database, request: pytest.FixtureRequest, kind: str, tmp_path: Path
) -> None:
    target: Database = request.getfixturevalue(f"{kind}_database")
    copy(demo, target)
    address = target.url.render_as_string(hide_password=False)
    with closing(build_container(Settings(tmp_path, address, "for tests " * 4))) as container:
        before = rows_of(target)["history"]
        manager = _actor(container, MANAGEMENT_1)
        task = _waiting(target, "management_approval")
        data = container.engine.view_task(task, manager).data
        container.engine.execute(CompleteTask(task, data, "return", "Seen on the copy."), manager)
        with container.session() as session:
            done = session.execute(select(work_item).where(work_item.c.id == task)).one()
            assert (done.status, done.completed_by) == ("completed", MANAGEMENT_1)
            assert list(verify(session)) == []
        assert rows_of(target)["history"] > before


def _actor(container: Container, name: str) -> Actor:
    with container.session() as session:
        found = OrganisationDirectory(session).person(name)
    return Actor(found.name, found.groups, found.display_name)


def _waiting(database: Database, element: str) -> str:
    with database.read() as session:
        open_one = work_item.c.status == "open", work_item.c.element == element
        return session.scalars(select(work_item.c.id).where(*open_one)).first() or ""


def test_numbers_of_jobs_that_are_done_are_not_given_again(
    database: Database, working: Office, request: pytest.FixtureRequest
) -> None:
    source = working.container.database
    with source.write() as session:
        for _number in range(5):
            last = enqueue(session, "letter", {}, NOW)
        session.execute(delete(job))
    copy(source, database)
    with database.write() as session:
        assert enqueue(session, "letter", {}, NOW) == last + 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_reference_may_point_to_a_row_that_comes_later(
    working: Office, request: pytest.FixtureRequest, kind: str
) -> None:
    target: Database = request.getfixturevalue(f"{kind}_database")
    with working.container.database.write() as session:
        session.execute(update(person).where(person.c.name == "admin").values(superior="supervisor"))
    copy(working.container.database, target)
    with target.read() as session:
        assert session.scalar(select(person.c.superior).where(person.c.name == "admin")) == "supervisor"
    with pytest.raises(Exception, match=r"(?i)foreign key"), target.write() as session:
        session.execute(update(person).where(person.c.name == "admin").values(superior="nobody"))


def test_values_are_spelled_as_they_were(
    working: Office, postgresql_database: Database, other: Database
) -> None:
    kept = {"z": 1.0, "a": 1e100, "text": "計劃 \u2028 🚚", "list": [None, True, 0.1], "big": 2**60}
    with working.container.database.write() as session:
        session.execute(insert(data_store).values(name="odd", value=kept, updated_at=NOW))
    copy(working.container.database, postgresql_database)
    copy(postgresql_database, other)
    with other.read() as session:
        found = session.scalar(select(data_store.c.value))
    assert json.dumps(found) == json.dumps(kept)


def test_what_people_do_during_the_copy_is_not_half_in_it(working: Office, other: Database) -> None:
    source = working.container.database
    before = rows_of(source)
    started: list[object] = []

    def meanwhile(*_: object) -> None:
        if not started:
            started.append(working.start(amount=8))

    copy(source, other, meanwhile)
    assert rows_of(other) == before
    assert rows_of(source)["instance"] == before["instance"] + 1


def test_the_source_is_left_as_it_was(working: Office, other: Database) -> None:
    working.container.database.close()
    file = working.container.settings.home / "planflow.db"
    before = hashlib.sha256(file.read_bytes()).hexdigest()
    with closing(Database(f"sqlite:///{file}", VERSION_LOCATIONS)) as source:
        copy(source, other)
    assert hashlib.sha256(file.read_bytes()).hexdigest() == before


def test_a_copy_that_is_broken_off_leaves_the_target_empty(working: Office, database: Database) -> None:
    def broken_off(what: str, _done: int, _total: int) -> None:
        if what == "Comparing history":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(working.container.database, database, broken_off)
    assert rows_of(database) == {}
    copy(working.container.database, database)


def test_a_database_with_data_is_refused_and_keeps_it(working: Office, database: Database) -> None:
    with database.write() as session:
        session.execute(insert(data_store).values(name="mine", value=1, updated_at=NOW))
    with pytest.raises(NotCopied, match="data_store"):
        copy(working.container.database, database)
    assert rows_of(database) == {"data_store": 1}


def test_a_database_of_something_else_is_refused(working: Office, other: Database) -> None:
    with other.engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(NotCopied, match="invoices"):
        copy(working.container.database, other)


def test_a_database_of_another_version_is_refused(working: Office, other: Database) -> None:
    with working.container.database.write() as session:
        session.execute(text("DELETE FROM alembic_version WHERE version_num LIKE 'plans%'"))
    with pytest.raises(NotCopied, match="planflow db upgrade"):
        copy(working.container.database, other)


def test_a_source_that_is_not_there_is_refused_and_not_made(other: Database, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    with (
        closing(Database(f"sqlite:///{missing}", VERSION_LOCATIONS)) as source,
        pytest.raises(NotCopied, match="missing"),
    ):
        copy(source, other)
    assert not missing.exists()


def test_a_database_is_not_copied_to_itself(working: Office) -> None:
    source = working.container.database
    with pytest.raises(NotCopied, match="same database"):
        copy(source, source)


def test_a_row_that_changes_on_its_way_is_noticed_and_nothing_stays(working: Office, other: Database) -> None:
    other.upgrade()
    with other.write() as session:
        session.execute(
            text(
                "CREATE TRIGGER changes AFTER INSERT ON person WHEN NEW.name = 'member' BEGIN"
                " UPDATE person SET display_name = 'somebody else' WHERE name = NEW.name; END"
            )
        )
    with pytest.raises(Differs, match="person differs at name member"):
        copy(working.container.database, other)
    assert rows_of(other) == {}


def test_a_history_that_does_not_hold_is_not_copied(working: Office, other: Database) -> None:
    with working.container.database.write() as session:
        session.execute(update(history).where(history.c.seq == 1).values(actor="somebody else"))
    with pytest.raises(Differs, match="event 1"):
        copy(working.container.database, other)
    assert rows_of(other) == {}


def test_what_the_other_database_cannot_keep_is_told_by_table(
    working: Office, postgresql_database: Database
) -> None:
    with working.container.database.write() as session:
        session.execute(text("UPDATE person SET display_name = 'a' || char(0) || 'b' WHERE name = 'member'"))
    with pytest.raises(Differs, match="table person"):
        copy(working.container.database, postgresql_database)
    assert rows_of(postgresql_database) == {}


# The command


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Result]:
    monkeypatch.setenv("PLANFLOW_HOME", str(tmp_path / "home"))

    def planflow(*arguments: object) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments])

    return planflow


def test_the_command_says_what_it_copied(run: Callable[..., Result], working: Office, tmp_path: Path) -> None:
    address = working.container.settings.database_url
    told = run("db", "copy", "--from", address, "--to", f"sqlite:///{tmp_path}/new.db", "--json")
    assert told.exit_code == 0, told.stderr
    said = json.loads(told.stdout)
    assert said["chains"] == 1
    assert {table["name"]: table["rows"] for table in said["tables"]}["work_item"] == 1
    assert all(len(table["sha256"]) == 64 for table in said["tables"])


def test_the_command_refuses_a_target_with_data_with_3(
    run: Callable[..., Result], working: Office, office_template: Any, tmp_path: Path
) -> None:
    (tmp_path / "second").mkdir()
    full = copy_of(office_template[0], tmp_path / "second").database_url
    told = run("db", "copy", "--from", working.container.settings.database_url, "--to", full)
    assert told.exit_code == 3
    assert "has data already" in told.stderr


def test_the_command_ends_with_4_when_a_chain_does_not_hold(
    run: Callable[..., Result], working: Office, tmp_path: Path
) -> None:
    with working.container.database.write() as session:
        session.execute(update(history).where(history.c.seq == 1).values(actor="somebody else"))
    address = working.container.settings.database_url
    told = run("db", "copy", "--from", address, "--to", f"sqlite:///{tmp_path}/new.db")
    assert told.exit_code == 4
    assert "does not hold at event 1" in told.stderr


def test_the_command_does_not_tell_passwords(run: Callable[..., Result], tmp_path: Path) -> None:
    told = run(
        "db",
        "copy",
        "--from",
        "postgresql://me:hidden-word@127.0.0.1:1/x",
        "--to",
        f"sqlite:///{tmp_path}/n.db",
    )
    assert told.exit_code == 1
    assert "hidden-word" not in told.output
