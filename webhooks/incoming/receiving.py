"""Receiving: a call has its effect once, whatever crashes in between and however often it is sent.

The row with its id and all that it does are written in one transaction. A second call with this id waits for that
transaction or finds it done, and gets the same answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import Engine, Invalid, PlanFlowError, TooLarge
from engine.messages import translatable as _
from engine.storage.passing import passes
from webhooks.incoming import content, effects
from webhooks.incoming.authentication import Call, NotAccepted, authenticate
from webhooks.incoming.calls import ACCEPTED, DUPLICATE, IGNORED, REFUSED, Noted, note
from webhooks.incoming.effects import Action
from webhooks.incoming.managing import find
from webhooks.incoming.mapping import Mapped, mapped
from webhooks.incoming.receiver import Receiver
from webhooks.incoming.sealing import Sealer
from webhooks.incoming.tables import seen

log = structlog.get_logger(__name__)

PAUSES = (0.05, 0.2)
"""Seconds before a call is tried again that was only in somebody's way."""
TOLD = 5
"""Places of a refusal that the operator is told."""


@dataclass(frozen=True)
class Taken:
    """The answer to a call that was accepted: what the sender is told, and whether it was told so before."""

    answer: Mapping[str, Any]
    repeated: bool = False


class Receivers:
    """Takes what is posted to ``/hooks/{name}``.

    ``actions`` are what receivers may do beside messages and starts, by name; ``read_json`` reads a body strictly and
    raises a PlanFlowError; ``time_to_live`` is how long a message is kept where its receiver says nothing.
    """

    def __init__(
        self,
        engine: Engine,
        sealer: Sealer,
        read_json: Callable[[bytes], Any],
        actions: Mapping[str, Action] | None = None,
        time_to_live: str = "PT1H",
    ) -> None:
        self._engine = engine
        self._sealer = sealer
        self._read_json = read_json
        self._actions = actions or {}
        self._time_to_live = time_to_live

    def take(self, name: str, call: Call) -> Taken:
        """Let a call have its effect. Raises a PlanFlowError for one that is refused; nothing has happened then."""
        with self._engine.database.read() as session:
            found = find(session, name)
        if found is None or not found.draft.enabled:
            raise NotAccepted()
        progress = _Progress()
        try:
            return self._taken(found, call, progress)
        except PlanFlowError as refusal:
            self._note_refusal(found, call, progress, refusal)
            raise

    def _taken(self, found: Receiver, call: Call, progress: _Progress) -> Taken:
        now = self._engine.clock()
        if call.body is None:
            raise TooLarge(_("What was sent is larger than this installation takes."))
        held = [self._sealer.unseal(secret) for secret in found.sealed_secrets(now)]
        progress.webhook_id = authenticate(found.draft, call, held, now)
        progress.known = True
        before = self._before(found, progress.webhook_id)
        if before is not None:
            return self._repeated(found, call, progress.webhook_id, before)
        content.check_type(call.content_type)
        body = self._read_json(call.body)
        if found.draft.schema is not None:
            content.check_body(found.draft.schema, body)
        wanted = mapped(self._engine, found.draft, body, call.headers)
        if not wanted.wanted:
            return self._ignored(found, call, progress.webhook_id)
        return self._once(found, call, progress.webhook_id, wanted)

    def _once(self, found: Receiver, call: Call, webhook_id: str | None, wanted: Mapped) -> Taken:
        for pause in (*PAUSES, None):
            try:
                return self._carried_out(found, call, webhook_id, wanted)
            except IntegrityError:  # the same id was committed in this very moment
                before = self._before(found, webhook_id)
                if before is None:
                    raise
                return self._repeated(found, call, webhook_id, before)
            except Exception as error:
                if pause is None or not passes(error):
                    raise
                time.sleep(pause)
        raise AssertionError  # the last round returns or raises

    def _carried_out(self, found: Receiver, call: Call, webhook_id: str | None, wanted: Mapped) -> Taken:
        now = self._engine.clock()
        with self._engine.together(found.actor) as together:
            session = together.context.session
            if webhook_id is not None:
                session.execute(
                    insert(seen).values(receiver=found.name, webhook_id=webhook_id, created_at=now)
                )
            effect = effects.carry_out(together, found.draft, wanted, self._time_to_live, self._actions)
            answer = {
                "outcome": ACCEPTED,
                "id": webhook_id,
                "status": effect.status,
                "instance_id": effect.instance_id,
            }
            if webhook_id is not None:
                own = (seen.c.receiver == found.name, seen.c.webhook_id == webhook_id)
                session.execute(update(seen).where(*own).values(answer=answer))
            note(session, found.name, _noted(ACCEPTED, call, webhook_id, effect.instance_id), now)
        return Taken(answer)

    def _before(self, found: Receiver, webhook_id: str | None) -> Mapping[str, Any] | None:
        """What this id was answered before."""
        if webhook_id is None:
            return None
        own = (seen.c.receiver == found.name, seen.c.webhook_id == webhook_id)
        with self._engine.database.read() as session:
            answer: Mapping[str, Any] | None = session.scalar(select(seen.c.answer).where(*own))
        return answer

    def _repeated(
        self, found: Receiver, call: Call, webhook_id: str | None, before: Mapping[str, Any]
    ) -> Taken:
        self._note(found, _noted(DUPLICATE, call, webhook_id, before.get("instance_id")))
        return Taken(before, repeated=True)

    def _ignored(self, found: Receiver, call: Call, webhook_id: str | None) -> Taken:
        self._note(found, _noted(IGNORED, call, webhook_id))
        return Taken({"outcome": IGNORED, "id": webhook_id, "status": "ignored", "instance_id": None})

    def _note_refusal(self, found: Receiver, call: Call, progress: _Progress, refusal: PlanFlowError) -> None:
        reason = getattr(refusal, "reason", "") or _told(refusal)
        body = call.body if progress.known else None
        size = len(call.body or b"")
        self._note(found, Noted(REFUSED, refusal.status, progress.webhook_id, reason, None, body, size))

    def _note(self, found: Receiver, noted: Noted) -> None:
        """Write it down for the operator. That this cannot be done changes no answer."""
        log.info("webhook", receiver=found.name, outcome=noted.outcome, status=noted.status)
        try:
            with self._engine.database.write() as session:
                if find(session, found.name) is not None:
                    note(session, found.name, noted, self._engine.clock())
        except Exception:
            log.exception("a call of a receiver could not be noted", receiver=found.name)


@dataclass
class _Progress:
    """How far a call has come: whether its sender is known, and the id it gave."""

    known: bool = False
    webhook_id: str | None = None


def _noted(outcome: str, call: Call, webhook_id: str | None, instance_id: str | None = None) -> Noted:
    return Noted(outcome, 200, webhook_id, None, instance_id, call.body, len(call.body or b""))


def _told(refusal: PlanFlowError) -> str:
    """A refusal with its places, in English, as the sender is told it too."""
    if not isinstance(refusal, Invalid) or not refusal.fields:
        return str(refusal)
    places = "; ".join(f"{problem.field}: {problem.message}" for problem in refusal.fields[:TOLD])
    return f"{refusal} {places}"
