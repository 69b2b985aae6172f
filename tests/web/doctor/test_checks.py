"""``planflow doctor``: what each check finds, on a real installation that is spoilt in one thing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from sqlalchemy import insert, text, update

from engine.directory import SYSTEM
from engine.engine import utc_now
from engine.heartbeats import WORKER, beat, leave
from engine.jobs import enqueue
from engine.storage.condition import clock_ahead, condition
from engine.storage.database import Database
from engine.storage.tables import instance, job
from plans.demo import PASSWORD
from plans.organisation import credentials, people
from tests.conftest import VERSION_LOCATIONS
from tests.web.conftest import MODELS, NOW
from tests.web.doctor.conftest import KEY, Look, said
from web.container import build_container
from web.doctor import CHECKS, FAILURE, OK, WARNING, Check, Installation
from web.doctor import files as doctor_files
from web.doctor.checks import found
from web.doctor.mounts import NETWORKED, filesystem_of
from web.doctor.programs import _wrong
from web.settings import KEPT_SECRET, Settings
from webhooks.incoming import Sealer as ReceiverSealer
from webhooks.incoming.tables import receiver
from webhooks.outgoing import Chosen
from webhooks.outgoing.endpoints import create, note_failure, switch, switch_off
from webhooks.outgoing.sealing import Sealer

LOCAL = {"address", "clock", "mail"}


@pytest.mark.parametrize("kind", ["kept", "kept_on_postgresql"])
def test_a_well_kept_installation_has_nothing_to_be_said(kind: str, request: pytest.FixtureRequest) -> None:
    with closing(Installation(request.getfixturevalue(kind))) as installation:
        assert {check.name: found(check, installation).state for check in CHECKS} == {
            check.name: OK for check in CHECKS
        }


# Files


def test_a_home_folder_that_is_not_there_is_told(kept: Settings, look: Look, tmp_path: Path) -> None:
    finding = look("home", kept, home=tmp_path / "nothing")
    assert (finding.state, str(tmp_path / "nothing") in said(finding)) == (FAILURE, True)


def test_a_home_folder_that_others_can_look_into_is_told(kept: Settings, look: Look) -> None:
    kept.home.chmod(0o755)
    finding = look("home", kept)
    assert (finding.state, f"chmod 700 {kept.home}" in said(finding)) == (WARNING, True)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_what_cannot_be_written_is_told(kept: Settings, look: Look) -> None:
    kept.home.chmod(0o500)
    path = Path(kept.database_url.removeprefix("sqlite:///"))
    path.chmod(0o400)
    assert look("home", kept).state == FAILURE
    assert look("database_file", kept).state == FAILURE


def test_little_room_is_a_warning_and_none_a_failure(
    kept: Settings, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = shutil.disk_usage(kept.home).total
    monkeypatch.setattr(doctor_files, "LITTLE", whole + 1)
    assert look("disk", kept).state == WARNING
    monkeypatch.setattr(doctor_files, "TOO_LITTLE", whole + 1)
    assert look("disk", kept).state == FAILURE


def test_a_file_without_a_write_ahead_log_is_told(kept: Settings, look: Look) -> None:
    with closing(sqlite3.connect(kept.database_url.removeprefix("sqlite:///"))) as raw:
        raw.execute("PRAGMA journal_mode = DELETE")
    finding = look("database_file", kept)
    assert (finding.state, "“delete”" in said(finding)) == (WARNING, True)


def test_the_file_system_is_read_from_what_linux_tells(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
        "2 1 0:40 / /srv rw shared:9 - nfs4 server:/srv rw\n"
        "3 2 8:2 / /srv/of\\040ours rw - xfs /dev/sdb rw\n"
    )
    kinds = {
        path: filesystem_of(Path(path), mounts) for path in ("/var/x.db", "/srv/x.db", "/srv/of ours/x.db")
    }
    assert list(kinds.values()) == ["ext4", "nfs4", "xfs"]
    assert kinds["/srv/x.db"] in NETWORKED
    assert filesystem_of(Path("/proc/self/status")) in ("proc", "")
    assert filesystem_of(Path("/"), tmp_path / "nothing") == ""


def test_a_file_on_a_network_file_system_is_a_failure(
    kept: Settings, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor_files, "filesystem_of", lambda _path: "nfs4")
    assert look("database_file", kept).state == FAILURE


# Programs


def test_a_package_that_is_missing_or_too_old_is_named() -> None:
    assert _wrong(Requirement("nothing-like-this>=1; python_version>'3'")) == "nothing-like-this>=1"
    assert _wrong(Requirement("SQLAlchemy>=99")).startswith("SQLAlchemy 2")
    assert _wrong(Requirement("SQLAlchemy>=2")) == ""


# The secret key


@pytest.mark.parametrize("key", ["a" * 40, "change-me-" * 5, "0123456701234567012345670123456701234567"])
def test_a_key_that_can_be_guessed_is_a_failure_and_is_not_said(kept: Settings, look: Look, key: str) -> None:
    finding = look("secret", kept, secret_key=key)
    assert (finding.state, key in said(finding)) == (FAILURE, False)


def test_without_a_key_there_is_something_to_do(kept: Settings, look: Look) -> None:
    assert look("secret", kept, secret_key="").state == FAILURE


def test_a_key_that_others_can_read_is_a_failure(kept: Settings, look: Look) -> None:
    path = kept.home / KEPT_SECRET
    path.write_text(KEY)
    path.chmod(0o600)
    assert look("secret", kept, secret_is_kept=True).state == OK
    path.chmod(0o640)
    finding = look("secret", kept, secret_is_kept=True)
    assert (finding.state, f"chmod 600 {path}" in said(finding)) == (FAILURE, True)


def test_the_kept_key_is_that_of_the_home_folder(tmp_path: Path) -> None:
    environment = {"PLANFLOW_HOME": str(tmp_path)}
    assert Settings.from_environment(environment).secret_is_kept
    assert not Settings.from_environment(environment | {"PLANFLOW_SECRET_KEY": KEY}).secret_is_kept


def test_what_another_key_has_sealed_is_named(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container, container.database.write() as session:
        chosen = Chosen("ERP", "standard", "https://erp.example.com/hook")
        create(session, Sealer("another key"), chosen, "admin", NOW)
        create(session, Sealer(KEY), Chosen("CRM", "standard", "https://crm.example.com"), "admin", NOW)
        session.execute(
            insert(receiver).values(
                name="posts",
                authentication="bearer",
                secret=ReceiverSealer("another key").seal("token"),
                definition={},
                enabled=True,
                created_at=NOW,
                created_by="admin",
                updated_at=NOW,
                updated_by="admin",
                revision=1,
            )
        )
    finding = look("sealed", kept)
    assert (finding.state, "2 webhooks and receivers: ERP, posts." in said(finding)) == (FAILURE, True)


def test_accounts_of_the_demo_are_a_failure_where_others_come(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container, container.database.write() as session:
        for name, password in (("superior", PASSWORD), ("management_1", "another password")):
            people.create_person(session, name, now=NOW, roles=["management"])
            credentials.set_password(session, name, password)
    assert look("demo", kept).state == WARNING
    finding = look("demo", kept, public_url="https://plans.example.com")
    assert (finding.state, "1 demo accounts" in said(finding)) == (FAILURE, True)
    assert PASSWORD not in said(finding)


# The database


def test_nothing_is_made_by_looking(look: Look, tmp_path: Path) -> None:
    settings = Settings.from_environment({"PLANFLOW_HOME": str(tmp_path / "home")}, make=False)
    assert [look(name, settings).state for name in ("home", "secret", "database")] == [FAILURE] * 3
    assert look("migrations", settings).state == WARNING
    assert look("disk", settings).state == OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_told(kept: Settings, look: Look) -> None:
    Path(kept.database_url.removeprefix("sqlite:///")).write_text("no database " * 100)
    finding = look("database", kept)
    assert (finding.state, "file is not a database" in said(finding)) == (FAILURE, True)


def test_a_server_that_does_not_answer_is_told_without_its_password(kept: Settings, look: Look) -> None:
    url = "postgresql+psycopg://planflow:sesame@127.0.0.1:1/plans?password=sesame"
    finding = look("database", kept, database_url=url)
    assert (finding.state, "127.0.0.1:1" in said(finding)) == (FAILURE, True)
    assert "sesame" not in said(finding)
    for name in ("clock", "demo", "incidents", "jobs", "migrations", "sealed", "webhooks"):
        assert look(name, kept, database_url=url).state == WARNING, name


def test_an_address_that_makes_no_sense_is_told_without_its_password(kept: Settings, look: Look) -> None:
    finding = look("database", kept, database_url="postgresql+psycopg://u:sesame@host:port/x")
    assert (finding.state, "sesame" in said(finding)) == (FAILURE, False)
    assert look("disk", kept, database_url="postgresql+psycopg://u:sesame@host:port/x").state != OK


def test_both_kinds_say_what_they_are(database: Database) -> None:
    found_so = condition(database)
    assert found_so.kind == ("SQLite" if database.is_sqlite else "PostgreSQL")
    assert (found_so.version[0].isdigit(), found_so.old) == (True, False)


def _stand_at(kept: Settings, change: str) -> None:
    with closing(sqlite3.connect(kept.database_url.removeprefix("sqlite:///"))) as raw:
        raw.execute(change)
        raw.commit()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM alembic_version", "is empty"),
        (
            "UPDATE alembic_version SET version_num = 'plans_0001' WHERE version_num LIKE 'plans%'",
            "an earlier",
        ),
        ("UPDATE alembic_version SET version_num = 'plans_9999' WHERE version_num LIKE 'plans%'", "A later"),
    ],
)
def test_tables_of_another_version_are_told(kept: Settings, look: Look, change: str, told: str) -> None:
    _stand_at(kept, change)
    finding = look("migrations", kept)
    assert (finding.state, told in said(finding)) == (FAILURE, True)
    assert look("jobs", kept).state == WARNING


# Time


def test_a_database_whose_clock_is_another_is_told(
    kept_on_postgresql: Settings, postgresql_database: Database, look: Look
) -> None:
    """The database is made to say what a server with a wrong clock would say."""
    assert look("clock", kept_on_postgresql).state == OK
    name = postgresql_database.url.database
    for apart, state in (("10 seconds", WARNING), ("-90 seconds", FAILURE)):
        with postgresql_database.engine.begin() as connection:
            connection.execute(
                text(
                    "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
                    f"$$ SELECT pg_catalog.clock_timestamp() + interval '{apart}' $$"
                )
            )
            connection.execute(text(f"ALTER DATABASE {name} SET search_path = public, pg_catalog"))
        finding = look("clock", kept_on_postgresql)
        assert (finding.state, "seconds apart" in said(finding)) == (state, True)


def test_clocks_of_one_machine_are_not_apart(database: Database) -> None:
    with database.read() as session:
        assert abs(clock_ahead(session)) < timedelta(seconds=1)


def test_what_lies_in_the_future_is_told(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container:
        people_of = {path.name: path.read_bytes() for path in sorted(MODELS.iterdir())}
        container.engine.deploy(people_of, actor=SYSTEM, name="request")
        _start(container.engine)
        assert look("clock", kept).state == OK
        with container.database.write() as session:
            session.execute(update(instance).values(started_at=datetime.now(UTC) + timedelta(days=1)))
    assert look("clock", kept).state == WARNING


def _start(engine: Any, process: str = "request", **variables: Any) -> str:
    from engine import Actor, StartInstance

    supervisor = Actor("supervisor", frozenset({"operations_supervisor"}))
    started: str = engine.execute(StartInstance(process, variables or {"amount": 7}), supervisor).instance_id
    return started


def test_another_time_zone_than_the_machines_is_told(
    kept: Settings, look: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Taipei")
    time.tzset()
    try:
        finding = look("timezone", kept)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert (finding.state, "PLANFLOW_TIMEZONE" in said(finding)) == (WARNING, True)


# Work


@pytest.mark.parametrize(("minutes", "state"), [(0, OK), (5, WARNING), (20, FAILURE)])
def test_jobs_that_nobody_does_are_told(kept: Settings, look: Look, minutes: int, state: str) -> None:
    with closing(build_container(kept)) as container, container.database.write() as session:
        enqueue(session, "letter", {}, utc_now() - timedelta(minutes=minutes))
    finding = look("jobs", kept)
    assert (finding.state, f"for {minutes} minutes" in said(finding)) == (state, state != OK)


def test_jobs_that_stand_still_are_told(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container, container.database.write() as session:
        enqueue(session, "letter", {}, utc_now())
        session.execute(update(job).values(status="failed"))
    finding = look("jobs", kept)
    assert (finding.state, "1 jobs have failed" in said(finding)) == (WARNING, True)


def test_workers_that_are_gone_are_named_and_one_at_work_is_well(kept: Settings, look: Look) -> None:
    now = utc_now()
    with closing(Database(kept.database_url, VERSION_LOCATIONS)) as database:
        assert look("workers", kept).state == OK
        with database.write() as session:
            beat(session, "one", WORKER, now, now - timedelta(minutes=5))
        nobody = look("workers", kept)
        assert (nobody.state, "one" in said(nobody)) == (WARNING, True)
        with database.write() as session:
            beat(session, "two", WORKER, now, now)
        gone = look("workers", kept)
        assert (gone.state, "one" in said(gone), "two" in said(gone)) == (WARNING, True, False)
        with database.write() as session:
            leave(session, "one")
        assert look("workers", kept).state == OK


def test_a_broker_that_is_away_is_told_without_its_password(kept: Settings, look: Look) -> None:
    assert look("broker", kept).state == OK
    away = look("broker", kept, broker_url="redis://somebody:s3cret-word@127.0.0.1:1/0")
    assert away.state == FAILURE
    assert "s3cret-word" not in said(away)


def test_open_incidents_are_told(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container:
        files = {path.name: path.read_bytes() for path in sorted(MODELS.iterdir())}
        container.engine.deploy(files, actor=SYSTEM, name="request")
        _start(container.engine, "failing", divisor=0)
    finding = look("incidents", kept)
    assert (finding.state, "1 incidents" in said(finding)) == (WARNING, True)


def test_webhooks_that_were_switched_off_or_fail_are_named(kept: Settings, look: Look) -> None:
    with closing(build_container(kept)) as container:
        with container.database.write() as session:
            made = [
                create(session, Sealer(KEY), Chosen(name, "standard", "https://a.example.com"), "admin", NOW)[
                    0
                ]
                for name in ("A", "B", "C")
            ]
            switch(session, made[0], False, "admin", NOW)
        assert look("webhooks", kept).state == OK
        with container.database.write() as session:
            note_failure(session, made[1], NOW, None)
        finding = look("webhooks", kept)
        assert (finding.state, "just now: B." in said(finding)) == (WARNING, True)
        with container.database.write() as session:
            switch_off(session, made[2], "failing", NOW)
        finding = look("webhooks", kept)
    assert (finding.state, "nothing reached them: C." in said(finding)) == (WARNING, True)


# A check that cannot be made


def test_a_check_that_fails_itself_stops_no_other(kept: Settings) -> None:
    def broken(_installation: Installation) -> Any:
        raise PermissionError(13, "Permission denied", "/var/lib/planflow")

    with closing(Installation(kept)) as installation:
        finding = found(Check("broken", "Broken", broken), installation)
    assert (finding.state, said(finding).startswith("This could not be checked: PermissionError")) == (
        FAILURE,
        True,
    )
