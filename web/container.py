"""The wired services, shared by the web application and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from flask import current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import plans
import webhooks
from engine.directory import Actor
from engine.discreet import discreet
from engine.engine import Engine, utc_now
from engine.queries import Queries
from engine.storage.database import Database, DatabaseUnavailable
from plans.organisation import tokens
from plans.organisation.directory import OrganisationDirectory
from plans.queries import PlanQueries
from web.command_log import CommandLog
from web.hooks import webhooks_of
from web.known_operations import known_operations
from web.letters import letters_of
from web.meters import Meters
from web.metrics import Metrics
from web.receivers import Incoming, incoming_of
from web.settings import Settings
from web.tracing import tracing_of
from webhooks.incoming import TIDY, tidying
from webhooks.outgoing import Webhooks

if TYPE_CHECKING:
    from web.tracing.tracing import Tracing

log = structlog.get_logger("planflow.web")
EXTENSION = "planflow"
PLAN_MIGRATIONS = Path(plans.__file__).parent / "migrations" / "versions"
WEBHOOK_MIGRATIONS = Path(webhooks.__file__).parent / "migrations" / "versions"


class TokenUses:
    """When each token was last used, written down once a minute and token rather than at every request."""

    EVERY = timedelta(minutes=1)

    def __init__(self, database: Database) -> None:
        self._database = database
        self._noted: dict[str, datetime] = {}

    def note(self, token: str) -> None:
        """Remember that a valid token was used now, unless the database is busy with more important things."""
        now = datetime.now(UTC)
        if now - self._noted.get(token, datetime.min.replace(tzinfo=UTC)) < self.EVERY:
            return
        self._noted[token] = now
        try:
            with self._database.write() as session:
                tokens.note_use(session, token, now)
        except (DatabaseUnavailable, OperationalError) as error:  # no reason to refuse what only reads
            log.warning("token_use_not_noted", error=discreet(error))


@dataclass(frozen=True)
class Container:
    """One of everything that an installation needs, wired together."""

    settings: Settings
    database: Database
    engine: Engine
    token_uses: TokenUses
    metrics: Metrics
    webhooks: Webhooks
    incoming: Incoming
    tracing: Tracing | None = field(default=None)

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Queries]:
        """The engine's questions, as ``actor`` may ask them, answered from one snapshot."""
        with self.database.read() as session:
            yield self.engine.queries(session, actor)

    @contextmanager
    def reading_plans(self, actor: Actor) -> Iterator[PlanQueries]:
        """The questions about plans, as ``actor`` may ask them, answered from one snapshot."""
        with self.database.read() as session:
            yield PlanQueries(session, actor)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A read-only session, for what ``plans`` answers."""
        with self.database.read() as session:
            yield session

    def close(self) -> None:
        """Give back the database connections and the sandbox."""
        self.engine.close()
        if self.tracing is not None:
            self.tracing.close()


def build_container(settings: Settings) -> Container:
    """Wire the services. Nothing is read from or written to the database yet.

    Raises NoTracing where traces are wanted and cannot be kept.
    """
    tracing = tracing_of(settings)
    database = Database(settings.database_url, extra_version_locations=[PLAN_MIGRATIONS, WEBHOOK_MIGRATIONS])
    metrics = Metrics(database)
    meter = Meters(*([tracing] if tracing else []), metrics, CommandLog())
    hooks = webhooks_of(settings, database, utc_now, meter)
    letter_jobs, letter_boxes = letters_of(settings, database, meter)
    engine = Engine(
        database,
        directory=OrganisationDirectory,
        operations=known_operations(settings.outgoing, meter),
        sandbox=settings.scripts.sandbox(),
        timezone=settings.timezone,
        jobs={**hooks.jobs, TIDY: tidying(), **letter_jobs},
        observers=[hooks.observer, *letter_boxes],
        meter=meter,
    )
    hooks.begin(engine.writing)
    return Container(
        settings,
        database,
        engine,
        TokenUses(database),
        metrics,
        hooks,
        incoming_of(settings, engine),
        tracing,
    )


def services() -> Container:
    """The services of the application that answers the current request."""
    container: Container = current_app.extensions[EXTENSION]
    return container
