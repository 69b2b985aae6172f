"""``/readyz``: whether requests can be sent to this server."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from engine import heartbeats
from engine.engine import utc_now
from tests.web.conftest import Office, open_office
from web.app import create_app
from web.container import build_container
from web.settings import Settings

FINE = {"database": "ok", "migrations": "ok", "worker": "ok"}


def heard_of(office: Office, kind: str, ago: timedelta = timedelta()) -> None:
    """Let a worker have been heard of so long ago."""
    moment = utc_now() - ago
    with office.container.database.write() as session:
        heartbeats.beat(session, "somewhere-1-a", kind, moment, moment)


def test_a_server_with_a_migrated_database_and_a_worker_somewhere_is_ready(office: Office) -> None:
    heard_of(office, heartbeats.CELERY)
    answer = office.get(None, "/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok", "checks": FINE}


@pytest.mark.parametrize(
    ("kind", "ago"),
    [(None, timedelta()), (heartbeats.WORKER, timedelta(minutes=2)), (heartbeats.DISPATCHER, timedelta())],
)
def test_a_server_serves_on_when_nobody_does_jobs_and_says_so(
    office: Office, kind: str | None, ago: timedelta
) -> None:
    if kind is not None:
        heard_of(office, kind, ago)
    answer = office.get(None, "/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "degraded", "checks": {**FINE, "worker": "gone"}}


@pytest.mark.parametrize(("goes_on", "worker", "code"), [(True, "ok", 200), (False, "stopped", 503)])
def test_a_server_whose_own_worker_has_stopped_is_not_ready_whoever_else_works(
    office: Office, settings: Settings, goes_on: bool, worker: str, code: int
) -> None:
    heard_of(office, heartbeats.SERVER)
    app = create_app(settings, office.container, lambda: goes_on)
    answer = replace(office, app=app).get(None, "/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["worker"]) == (code, worker)


def test_a_server_whose_database_is_of_another_version_is_not(office: Office) -> None:
    with office.container.database.write() as session:
        session.execute(text("DELETE FROM alembic_version WHERE version_num LIKE 'plans%'"))
    answer = office.get(None, "/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": "ok", "migrations": "outdated", "worker": "unknown"}


def test_a_server_without_its_database_is_not(office: Office) -> None:
    away = replace(office.container.settings, database_url="sqlite:////nowhere/at/all.db")
    with closing(build_container(away)) as container:
        answer = open_office(away, container, office.tokens).get(None, "/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {
        "database": "unavailable",
        "migrations": "unknown",
        "worker": "unknown",
    }
