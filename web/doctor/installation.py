"""What is examined: the settings, and the services behind them as far as they can be reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property

from sqlalchemy.orm import Session

from engine.errors import PlanFlowError
from engine.messages import translatable as _
from engine.storage.condition import Condition, NoDatabase, condition
from engine.storage.database import Database, DatabaseUnavailable
from web.container import Container, build_container
from web.settings import Settings


class NotChecked(PlanFlowError):
    """A check needs what another one has found missing. The message says what."""

    code = "not_checked"


class Installation:
    """Nothing is opened before a check asks for it. `close` gives back what was."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._container: Container | None = None

    @property
    def container(self) -> Container:
        """The services; no trace is kept of an examination."""
        if self._container is None:
            self._container = build_container(replace(self.settings, tracing=False))
        return self._container

    @property
    def database(self) -> Database:
        """The database, which may be away."""
        return self.container.database

    @cached_property
    def found(self) -> Condition | NoDatabase:
        """How the database stands, asked once: one that is away would let every check wait."""
        try:
            return condition(self.database)
        except NoDatabase as error:
            return error
        except DatabaseUnavailable:  # whose message repeats the address, perhaps with a password
            return NoDatabase(_("PLANFLOW_DATABASE_URL is no address of a database that can be used."))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read the tables. Raises NotChecked where the database does not answer or has other tables."""
        if isinstance(self.found, NoDatabase):
            raise NotChecked(_("Not checked, for the database does not answer."))
        if not self.database.is_current():
            raise NotChecked(_("Not checked, for the database's tables are not those of this version."))
        with self.database.read() as session:
            yield session

    def close(self) -> None:
        """Give back connections."""
        if self._container is not None:
            self._container.close()
