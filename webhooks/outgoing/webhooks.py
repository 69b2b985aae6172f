"""Webhooks out: everything that an installation needs of them, and who may do what."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Actor, Database, Forbidden, OperationContext
from engine.jobs import Kinds
from engine.messages import translatable as _
from engine.observing import Observer
from engine.outgoing import Outgoing
from engine.storage.tables import process_definition
from engine.views import Page
from webhooks.events import TEST, Drafted, EventType
from webhooks.outgoing import deliveries, endpoints, lanes, retention
from webhooks.outgoing.deliveries import Delivery, DeliveryDetail
from webhooks.outgoing.delivering import Delivering, Warn
from webhooks.outgoing.endpoint import Chosen, Endpoint, check
from webhooks.outgoing.outbox import Outbox
from webhooks.outgoing.sealing import Sealer
from webhooks.outgoing.sending import Sender
from webhooks.outgoing.wording import Say

MANAGE = ("administrator",)
READ = ("administrator", "auditor")

_TEST_TYPE = EventType(TEST, "", "", (), {}, {})


@dataclass(frozen=True)
class Choices:
    """What an installation chooses. ``key`` seals what is stored; ``keep`` is how long deliveries are kept."""

    key: str
    outgoing: Outgoing
    public_url: str | None
    timezone: ZoneInfo
    keep: timedelta


class Writing(Protocol):
    """Opens a transaction for somebody, as ``Engine.writing`` does."""

    def __call__(self, actor: Actor) -> AbstractContextManager[OperationContext]: ...


class Webhooks:
    """Given to the engine as ``observer`` and ``jobs``; then `begin` is told how to write."""

    def __init__(
        self,
        database: Database,
        choices: Choices,
        clock: Callable[[], datetime],
        say: Say,
        warn: Warn,
    ) -> None:
        self._database = database
        self._outgoing = choices.outgoing
        self._sealer = Sealer(choices.key)
        self._outbox = Outbox(choices.public_url)
        sender = Sender(choices.outgoing, self._sealer, say, choices.timezone)
        self._delivering = Delivering(database, sender, clock, warn)
        self._keep = choices.keep
        self._public_url = choices.public_url
        self._writing: Writing | None = None

    @property
    def observer(self) -> Observer:
        return self._outbox

    @property
    def jobs(self) -> Kinds:
        return {lanes.KIND: self._delivering.kind(), retention.KIND: retention.forgetting(self._keep)}

    def begin(self, writing: Writing) -> None:
        """Say how to write: with the engine that this was given to."""
        self._writing = writing

    def _transaction(self, actor: Actor) -> AbstractContextManager[OperationContext]:
        if not may_manage(actor):
            raise Forbidden(_("Only an administrator may change webhooks."))
        if self._writing is None:
            raise RuntimeError("no engine was given")
        return self._writing(actor)

    # Endpoints

    def endpoints(self, actor: Actor) -> list[Endpoint]:
        """All endpoints, by name."""
        with self._reading(actor) as session:
            return endpoints.list_all(session)

    def endpoint(self, actor: Actor, endpoint_id: str) -> Endpoint:
        """Raises NotFound."""
        with self._reading(actor) as session:
            return endpoints.get(session, endpoint_id)

    def processes(self, session: Session) -> dict[str, str]:
        """Name of each process by its key, in its newest version."""
        query = select(process_definition.c.key, process_definition.c.name)
        return {row.key: row.name for row in session.execute(query.order_by(process_definition.c.version))}

    def process_names(self, actor: Actor) -> dict[str, str]:
        """Name of each process by its key."""
        with self._reading(actor) as session:
            return self.processes(session)

    def create(self, actor: Actor, chosen: Chosen) -> tuple[Endpoint, str | None]:
        """Make an endpoint. Returns it, and its secret if one was made: this once."""
        self._check(actor, chosen, new=True)
        with self._transaction(actor) as writing:
            made, secret = endpoints.create(writing.session, self._sealer, chosen, actor.user, writing.now)
            found = endpoints.get(writing.session, made)
        self._outbox.forget()
        return found, secret

    def change(self, actor: Actor, endpoint_id: str, chosen: Chosen, revision: int | None = None) -> Endpoint:
        """Change what an endpoint is."""
        self._check(actor, chosen, new=False)
        with self._transaction(actor) as writing:
            endpoints.change(
                writing.session, self._sealer, endpoint_id, chosen, actor.user, writing.now, revision
            )
            found = endpoints.get(writing.session, endpoint_id)
        self._outbox.forget()
        return found

    def _check(self, actor: Actor, chosen: Chosen, new: bool) -> None:
        """Outside of any transaction: the name in the address is looked up."""
        if not may_manage(actor):
            raise Forbidden(_("Only an administrator may change webhooks."))
        with self._database.read() as session:
            processes = self.processes(session)
        check(chosen, self._outgoing, processes, new)

    def delete(self, actor: Actor, endpoint_id: str) -> None:
        """Delete an endpoint with its deliveries."""
        with self._transaction(actor) as writing:
            endpoints.remove(writing.session, endpoint_id, actor.user)
        self._outbox.forget()

    def switch(self, actor: Actor, endpoint_id: str, on: bool) -> Endpoint:
        """Switch an endpoint on or off."""
        with self._transaction(actor) as writing:
            endpoints.switch(writing.session, endpoint_id, on, actor.user, writing.now)
            found = endpoints.get(writing.session, endpoint_id)
        self._outbox.forget()
        return found

    def rotate(self, actor: Actor, endpoint_id: str, overlap: timedelta) -> tuple[Endpoint, str]:
        """Make a new secret; the one before is valid beside it for so long. Returns the new one: this once."""
        with self._transaction(actor) as writing:
            fresh = endpoints.rotate(
                writing.session, self._sealer, endpoint_id, overlap, actor.user, writing.now
            )
            return endpoints.get(writing.session, endpoint_id), fresh

    def test(self, actor: Actor, endpoint_id: str) -> int:
        """Send an endpoint a test event, even one that is switched off. Returns the number of the delivery."""
        with self._transaction(actor) as writing:
            endpoints.get(writing.session, endpoint_id)
            data = {"message": "This is a test event of PlanFlow.", "actor": actor.user}
            lane = f"test:{uuid.uuid4().hex}"
            drafted = Drafted(_TEST_TYPE, writing.now, f"endpoints/{endpoint_id}", lane, "", data)
            return self._outbox.write_test(writing.session, drafted, endpoint_id, writing.now)

    # Deliveries

    def deliveries(
        self,
        actor: Actor,
        endpoint: str | None = None,
        status: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Delivery]:
        """Deliveries, the newest first."""
        with self._reading(actor) as session:
            return deliveries.page(session, endpoint, status, cursor, limit)

    def failed(self, actor: Actor) -> dict[str, int]:
        """How many deliveries have failed, by endpoint."""
        with self._reading(actor) as session:
            return deliveries.failed_by_endpoint(session)

    def delivery(self, actor: Actor, delivery_id: int) -> DeliveryDetail:
        """A delivery with its tries. Raises NotFound."""
        with self._reading(actor) as session:
            return deliveries.detail(session, delivery_id)

    def redeliver(self, actor: Actor, delivery_id: int) -> Delivery:
        """Send a delivery once more, with the same id."""
        with self._transaction(actor) as writing:
            deliveries.again(writing.session, delivery_id, writing.now)
            return deliveries.detail(writing.session, delivery_id).delivery

    def redeliver_failed(self, actor: Actor, endpoint_id: str) -> int:
        """Send all that failed of an endpoint once more. Returns how many."""
        with self._transaction(actor) as writing:
            endpoints.get(writing.session, endpoint_id)
            return deliveries.all_failed_again(writing.session, endpoint_id, writing.now)

    def _reading(self, actor: Actor) -> AbstractContextManager[Session]:
        if not may_read(actor):
            raise Forbidden(_("Webhooks are for administrators and auditors."))
        return self._database.read()


def may_manage(actor: Actor) -> bool:
    """Whether this person may make and change endpoints, and have deliveries sent again."""
    return actor.belongs_to(*MANAGE)


def may_read(actor: Actor) -> bool:
    """Whether this person may see endpoints and deliveries."""
    return actor.belongs_to(*READ)
