"""A well-kept installation for each kind of database, which tests spoil in one thing each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.web.conftest import _settings
from web.doctor import CHECKS, Finding, Installation
from web.doctor.checks import found
from web.settings import Settings

KEY = "c3VjaC1hLWtleS1pcy1tYWRlLWJ5LW5vYm9keS1hdC1hbGw"
Look = Callable[..., Finding]


@pytest.fixture
def kept(sqlite_database: Any, tmp_path: Path) -> Settings:
    """Settings of one on SQLite."""
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    path = Path(sqlite_database.url.database)
    sqlite_database.close()
    return replace(_settings(path), home=home, secret_key=KEY)


@pytest.fixture
def kept_on_postgresql(postgresql_database: Any, kept: Settings) -> Settings:
    """The same on PostgreSQL."""
    return replace(kept, database_url=postgresql_database.url.render_as_string(hide_password=False))


@pytest.fixture
def look() -> Look:
    """What one check finds with these settings."""

    def looking(name: str, settings: Settings, **changed: Any) -> Finding:
        (check,) = [check for check in CHECKS if check.name == name]
        with closing(Installation(replace(settings, **changed))) as installation:
            return found(check, installation)

    return looking


def said(finding: Finding) -> str:
    """In English, with its places filled in."""
    return f"{finding.said % finding.params} → {finding.todo % finding.params}"
