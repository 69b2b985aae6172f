"""An application on a database of its own, with people in every role and a small process to work on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.directory import SYSTEM
from plans.organisation import credentials, people, tokens
from web.app import create_app
from web.container import Container, build_container
from web.settings import Settings

MODELS = Path(__file__).parent / "models"
PASSWORD = "a password for tests"
NOW = datetime(2027, 1, 4, 8, 30, tzinfo=UTC)
ROLES = {
    "supervisor": "operations_supervisor",
    "manager": "management",
    "member": "team_member",
    "designer": "process_designer",
    "auditor": "auditor",
    "admin": "administrator",
    "machine": "integration",
}


@dataclass(frozen=True)
class Office:
    """The application, its people's tokens, and shortcuts to call the API as one of them."""

    app: Flask
    container: Container
    tokens: dict[str, str]

    def call(self, user: str | None, method: str, path: str, **options: Any) -> TestResponse:
        headers = dict(options.pop("headers", {}))
        if user is not None:
            headers["Authorization"] = f"Bearer {self.tokens[user]}"
        if path.startswith("/"):
            return self.app.test_client().open(path, method=method, headers=headers, **options)
        return self.app.test_client().open(f"/api/v1/{path}", method=method, headers=headers, **options)

    def get(self, user: str | None, path: str, **options: Any) -> TestResponse:
        return self.call(user, "GET", path, **options)

    def post(self, user: str | None, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self.call(user, "POST", path, json=json, **options)

    def start(self, process: str = "request", **variables: Any) -> dict[str, Any]:
        """Start an instance as the operations supervisor."""
        answer = self.post("supervisor", f"processes/{process}/instances", {"variables": variables})
        assert answer.status_code == 201, answer.get_json()
        started: dict[str, Any] = answer.get_json()
        return started

    def open_task(self) -> str:
        """Start a request and return the id of its task for management."""
        task: str = self.start(amount=7)["task_ids"][0]
        return task

    def browser(self, user: str | None = None) -> FlaskClient:
        """A client with cookies, signed in through the page if ``user`` is given."""
        client = self.app.test_client()
        if user is not None:
            answer = client.post(
                "/sign-in", data={"name": user, "password": PASSWORD, "csrf_token": csrf_token(client)}
            )
            assert answer.status_code == 302, answer.get_data(as_text=True)
        return client


def csrf_token(client: FlaskClient) -> str:
    """The token that the page shown to this client carries."""
    import re

    page = client.get("/sign-in", follow_redirects=True).get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, page
    return found.group(1)


@pytest.fixture(scope="session")
def office_template(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """A database with people and the small process in it, to be copied, and the people's tokens."""
    file = tmp_path_factory.mktemp("office") / "planflow.db"
    shutil.copyfile(sqlite_template, file)
    container = build_container(_settings(file))
    given = _hire(container)
    files = {path.name: path.read_bytes() for path in sorted(MODELS.iterdir())}
    container.engine.deploy(files, actor=SYSTEM, name="request")
    container.close()
    return file, given


@pytest.fixture
def settings(office_template: tuple[Path, dict[str, str]], tmp_path: Path) -> Settings:
    """Settings of an installation with a database of its own."""
    return copy_of(office_template[0], tmp_path)


@pytest.fixture
def office(settings: Settings, office_template: tuple[Path, dict[str, str]]) -> Iterator[Office]:
    """The application with people and the small process."""
    container = build_container(settings)
    yield open_office(settings, container, office_template[1])
    container.close()


def copy_of(template: Path, folder: Path) -> Settings:
    """Settings of an installation with its own copy of a database."""
    file = folder / "planflow.db"
    shutil.copyfile(template, file)
    return _settings(file)


def open_office(settings: Settings, container: Container, given: dict[str, str]) -> Office:
    """The application with these settings."""
    app = create_app(settings, container)
    app.testing = True
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return Office(app, container, given)


def _settings(file: Path) -> Settings:
    return Settings(home=file.parent, database_url=f"sqlite:///{file}", secret_key="for tests " * 4)


def _hire(container: Container) -> dict[str, str]:
    given = {}
    with container.database.write() as session:
        for name, role in ROLES.items():
            people.create_person(session, name, now=NOW, roles=[role])
            credentials.set_password(session, name, PASSWORD)
            given[name] = tokens.create_token(session, name, now=NOW)
    return given
