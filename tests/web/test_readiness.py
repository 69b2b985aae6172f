"""``/readyz``: whether requests can be sent to this server."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

from sqlalchemy import text

from tests.web.conftest import Office, open_office
from web.container import build_container


def test_a_server_with_a_migrated_database_is_ready(office: Office) -> None:
    answer = office.get(None, "/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ok", "checks": {"database": "ok", "migrations": "ok"}}


def test_a_server_whose_database_is_of_another_version_is_not(office: Office) -> None:
    with office.container.database.write() as session:
        session.execute(text("DELETE FROM alembic_version WHERE version_num LIKE 'plans%'"))
    answer = office.get(None, "/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": "ok", "migrations": "outdated"}


def test_a_server_without_its_database_is_not(office: Office) -> None:
    away = replace(office.container.settings, database_url="sqlite:////nowhere/at/all.db")
    with closing(build_container(away)) as container:
        answer = open_office(away, container, office.tokens).get(None, "/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"] == {"database": "unavailable", "migrations": "unknown"}
