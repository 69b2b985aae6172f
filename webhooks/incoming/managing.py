"""Keeping receivers: administrators make and change them, auditors may look."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.orm import Session

from engine import Actor, Conflict, Engine, FieldProblem, Forbidden, Invalid, NotFound
from engine.messages import translatable as _
from engine.messaging.time_to_live import expiry
from engine.views import Page
from webhooks.incoming import calls, content, mapping
from webhooks.incoming.authentication import new_secret
from webhooks.incoming.calls import CallRecord
from webhooks.incoming.receiver import AUTHENTICATIONS, BEARER, MESSAGE, START, Draft, Receiver
from webhooks.incoming.sealing import Sealer
from webhooks.incoming.tables import receiver

MAY_MANAGE = ("administrator",)
MAY_LOOK = ("administrator", "auditor")
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
HEADER = re.compile(r"[A-Za-z0-9-]{1,100}")
OVERLAP = timedelta(hours=24)
"""How long the secret before is accepted beside a new one."""
LONGEST_TARGET = 200
_REQUIRED = _("This field is required.")
_CHOICE = _("This is not one of the choices.")


@dataclass(frozen=True)
class Shown:
    """A receiver as people may see it: without its secrets. Times are UTC."""

    name: str
    draft: Draft
    old_secret_until: datetime | None
    last_call_at: datetime | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


class Management:
    """``actions`` are the names of what other rooms let receivers do, ``groups`` those in which one may act."""

    def __init__(
        self, engine: Engine, sealer: Sealer, actions: Collection[str] = (), groups: Collection[str] = ()
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self.actions = tuple(sorted(actions))
        self.groups = tuple(sorted(set(groups) - {"administrator", "integration"}))

    def listed(self, actor: Actor) -> list[Shown]:
        """All receivers by name. Raises Forbidden."""
        _check_may_look(actor)
        with self._engine.database.read() as session:
            last = calls.last_calls(session)
            rows = session.execute(select(receiver).order_by(receiver.c.name))
            return [self._shown(_receiver(row), last.get(row.name)) for row in rows]

    def one(self, name: str, actor: Actor) -> Shown:
        """One receiver. Raises Forbidden, NotFound."""
        _check_may_look(actor)
        with self._engine.database.read() as session:
            return self._shown(_require(find(session, name)), calls.last_calls(session).get(name))

    def calls(self, name: str, actor: Actor, cursor: str | None = None, limit: int = 50) -> Page[CallRecord]:
        """What was posted to it, the newest first. Raises Forbidden, NotFound."""
        _check_may_look(actor)
        with self._engine.database.read() as session:
            _require(find(session, name))
            return calls.page(session, name, cursor, limit)

    def create(self, name: str, draft: Draft, actor: Actor) -> str:
        """Make a receiver, and answer its secret, which nobody is told again.

        Raises Forbidden, Invalid by field, Conflict for a name that is taken.
        """
        _check_may_manage(actor)
        problems = [] if NAME.fullmatch(name) else [FieldProblem("name", _NAME_RULE)]
        self._check(draft, problems)
        secret, now = new_secret(draft.authentication), self._engine.clock()
        with self._engine.database.write() as session:
            if find(session, name) is not None:
                raise Conflict(_("There is already a receiver “%(name)s”."), name=name)
            session.execute(
                insert(receiver).values(
                    name=name,
                    secret=self._sealer.seal(secret),
                    created_at=now,
                    created_by=actor.user,
                    revision=1,
                    **_changed(draft, actor, now),
                )
            )
        return secret

    def update(self, name: str, draft: Draft, actor: Actor, revision: int | None = None) -> str | None:
        """Change what a receiver does. Another way to sign in comes with a new secret, which is answered.

        Raises Forbidden, NotFound, Invalid by field, and Conflict when somebody else changed it since ``revision``.
        """
        _check_may_manage(actor)
        self._check(draft, [])
        now = self._engine.clock()
        with self._engine.database.write() as session:
            before = _locked(session, name)
            if revision is not None and revision != before.revision:
                raise Conflict(_("%(who)s has changed this receiver meanwhile."), who=before.updated_by)
            values = {**_changed(draft, actor, now), "revision": before.revision + 1}
            secret = None
            if draft.authentication != before.draft.authentication:
                secret = new_secret(draft.authentication)
                values |= {"secret": self._sealer.seal(secret), "old_secret": None, "old_secret_until": None}
            session.execute(update(receiver).where(receiver.c.name == name).values(values))
        return secret

    def rotate(self, name: str, actor: Actor, at_once: bool = False) -> str:
        """Answer a new secret. The one before is accepted for a day yet, unless it is to end ``at_once``.

        Raises Forbidden, NotFound.
        """
        _check_may_manage(actor)
        now = self._engine.clock()
        with self._engine.database.write() as session:
            before = _locked(session, name)
            secret = new_secret(before.draft.authentication)
            values = {
                "secret": self._sealer.seal(secret),
                "old_secret": None if at_once else before.secret,
                "old_secret_until": None if at_once else now + OVERLAP,
                "updated_at": now,
                "updated_by": actor.user,
                "revision": before.revision + 1,
            }
            session.execute(update(receiver).where(receiver.c.name == name).values(values))
        return secret

    def remove(self, name: str, actor: Actor) -> None:
        """Remove a receiver with what was posted to it; what that has done stays. Raises Forbidden, NotFound."""
        _check_may_manage(actor)
        with self._engine.database.write() as session:
            _locked(session, name)
            session.execute(delete(receiver).where(receiver.c.name == name))

    def check_may_manage(self, actor: Actor) -> None:
        """Raise Forbidden for who may not make and change receivers."""
        _check_may_manage(actor)

    def _shown(self, found: Receiver, last: datetime | None) -> Shown:
        until = found.old_secret_until
        still = until if until is not None and until > self._engine.clock() else None
        return Shown(
            found.name,
            found.draft,
            still,
            last,
            found.created_at,
            found.created_by,
            found.updated_at,
            found.updated_by,
            found.revision,
        )

    def _check(self, draft: Draft, problems: list[FieldProblem]) -> None:
        """Raise Invalid with these problems and all others there are."""
        problems += _choices(draft, {MESSAGE, START, *self.actions}, set(self.groups))
        problems += mapping.check(self._engine, draft)
        problems += _texts(draft)
        if draft.schema is not None:
            try:
                content.check_schema(draft.schema)
            except Invalid as refusal:
                problems += refusal.fields
        if draft.action == START and draft.target and not problems:
            problems += self._unstartable(draft)
        if problems:
            raise Invalid(_("Some fields are not right."), problems)

    def _unstartable(self, draft: Draft) -> list[FieldProblem]:
        """Whether the receiver, acting as it will, could start its process."""
        actor = replace(_NOBODY, draft=draft).actor
        with self._engine.database.read() as session:
            try:
                process = self._engine.queries(session, actor).process(draft.target).summary
            except NotFound:
                return [FieldProblem("target", _("There is no process with this key."))]
        if not process.executable:
            return [FieldProblem("target", _("This process is not executable."))]
        if not process.startable:
            who = ", ".join(process.starter_groups)
            reason = _("Only members of %(groups)s start this process: let the receiver act as one of them.")
            return [FieldProblem("groups", reason, {"groups": who})]
        return []


_NAME_RULE = _("Write 1 to 63 lower-case letters, digits and hyphens.")
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOBODY = Receiver("new", Draft(), "", None, None, _NEVER, "", _NEVER, "", 0)


def find(session: Session, name: str) -> Receiver | None:
    """The receiver with this name, or None."""
    if not NAME.fullmatch(name):
        return None
    row = session.execute(select(receiver).where(receiver.c.name == name)).first()
    return None if row is None else _receiver(row)


def unreadable_receivers(session: Session, key: str) -> list[str]:
    """Names of those whose secret was sealed with another key than this one."""
    sealer, columns = Sealer(key), (receiver.c.name, receiver.c.secret, receiver.c.old_secret)
    rows = session.execute(select(*columns).order_by(receiver.c.name))
    return [row.name for row in rows if not all(map(sealer.opens, filter(None, row[1:])))]


def _receiver(row: Row[tuple[object, ...]]) -> Receiver:
    held = row._mapping
    return Receiver(
        held["name"],
        Draft.of(held["definition"]),
        held["secret"],
        held["old_secret"],
        held["old_secret_until"],
        held["created_at"],
        held["created_by"],
        held["updated_at"],
        held["updated_by"],
        held["revision"],
    )


def _require(found: Receiver | None) -> Receiver:
    if found is None:
        raise NotFound(_("There is no such receiver."))
    return found


def _locked(session: Session, name: str) -> Receiver:
    if not NAME.fullmatch(name):
        return _require(None)
    row = session.execute(select(receiver).where(receiver.c.name == name).with_for_update()).first()
    return _require(None if row is None else _receiver(row))


def _changed(draft: Draft, actor: Actor, now: datetime) -> Mapping[str, object]:
    return {
        "authentication": draft.authentication,
        "definition": draft.as_json(),
        "enabled": draft.enabled,
        "updated_at": now,
        "updated_by": actor.user,
    }


def _choices(draft: Draft, actions: Collection[str], groups: Collection[str]) -> list[FieldProblem]:
    problems = []
    if draft.authentication not in AUTHENTICATIONS:
        problems.append(FieldProblem("authentication", _CHOICE))
    if draft.action not in actions:
        problems.append(FieldProblem("action", _CHOICE))
    if not set(draft.groups) <= set(groups):
        problems.append(FieldProblem("groups", _CHOICE))
    if draft.action in (MESSAGE, START) and not draft.target.strip():
        problems.append(FieldProblem("target", _REQUIRED))
    return problems


def _texts(draft: Draft) -> list[FieldProblem]:
    problems = []
    if len(draft.target) > LONGEST_TARGET or not (draft.target.isprintable() or not draft.target):
        problems.append(FieldProblem("target", _("Write one line of at most 200 characters.")))
    if draft.id_header and (draft.authentication != BEARER or not HEADER.fullmatch(draft.id_header)):
        reason = _("Only a sender with a bearer token names a header, of letters, digits and hyphens.")
        problems.append(FieldProblem("id_header", reason))
    if draft.time_to_live is not None:
        try:
            expiry(_NEVER, draft.time_to_live, UTC)
        except Invalid:
            reason = _("Write an ISO 8601 duration such as PT1H or P2D, of 366 days at most.")
            problems.append(FieldProblem("time_to_live", reason))
    return problems


def _check_may_look(actor: Actor) -> None:
    if not actor.belongs_to(*MAY_LOOK):
        raise Forbidden(_("Only administrators and auditors see receivers."))


def _check_may_manage(actor: Actor) -> None:
    if not actor.belongs_to(*MAY_MANAGE):
        raise Forbidden(_("Only administrators change receivers."))
