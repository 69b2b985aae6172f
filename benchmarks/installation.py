"""A PlanFlow of its own for a benchmark: a SQLite file in a temporary folder, with people and processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine import SYSTEM, Actor, NotFound
from plans.organisation import people, tokens
from plans.scenarios.stage import arrange_people
from web import logs
from web.cli.bundles import bundles
from web.container import Container, build_container
from web.settings import Settings

PERSON = "operations_supervisor"
PEOPLE: Mapping[str, Mapping[str, Any]] = {PERSON: {"roles": [PERSON]}}
UNHINDERED = "1000000 per minute"
"""The limit of requests is counted as in production, but must not stop a benchmark."""


def environment(folder: Path) -> dict[str, str]:
    """The settings of an installation in this folder."""
    return {"PLANFLOW_HOME": str(folder), "PLANFLOW_API_RATE": UNHINDERED}


@contextmanager
def installation(
    folder: Path, processes: Iterable[Path], persons: Mapping[str, Mapping[str, Any]] = PEOPLE
) -> Iterator[Container]:
    """Migrated, with these people, and with these processes deployed."""
    folder.mkdir()
    logs.configure(level="warning")
    settings = Settings.from_environment(environment(folder)).serving_on("127.0.0.1")
    container = build_container(settings)
    try:
        container.database.upgrade()
        with container.database.write() as session:
            arrange_people(session, persons, {}, datetime.now(UTC))
        for bundle in bundles(processes):
            container.engine.deploy(bundle.files, SYSTEM, bundle.name)
        yield container
    finally:
        container.close()


def actor(container: Container, name: str = PERSON) -> Actor:
    """A person, as one who gives commands."""
    with container.database.read() as session:
        found = people.actor(session, name)
    if found is None:
        raise NotFound("There is no %(name)s.", name=name)
    return found


def token(container: Container) -> str:
    """A new token of the person."""
    with container.database.write() as session:
        return tokens.create_token(session, PERSON, now=datetime.now(UTC), label="benchmark")
