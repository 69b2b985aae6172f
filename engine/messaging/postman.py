"""The postman: takes what lies in the mailbox to whoever waits for it, after the command that put it there."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

import structlog

from engine.commands import Result
from engine.discreet import discreet
from engine.errors import Conflict, PlanFlowError
from engine.messaging import due
from engine.messaging.delivery import GONE
from engine.messaging.mail import Mail
from engine.storage.database import Database

log = structlog.get_logger(__name__)

AT_ONCE = 50
"""What is delivered along with a command, with all that this sets off. The worker does the rest."""
ROUND = 100
"""What the worker delivers before it looks for timers again."""
TRIES = 3
"""How often a message is offered at once when its receiver was just then busy with something else."""


class Postman:
    """Delivers each message in a transaction of its own. ``hand_over`` is that transaction."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime], hand_over: Callable[[int, Mail], Result]
    ) -> None:
        self._database = database
        self._clock = clock
        self._hand_over = hand_over

    def deliver(self, mail: Mail) -> int:
        """Deliver what a command has left. Never fails: the command is done, and the worker tries again."""
        try:
            return 0 if mail.is_empty else self._work_off(self._set_off(mail, AT_ONCE), AT_ONCE)
        except Exception:
            log.exception("delivery was left to the worker")
            return 0

    def deliver_due(self) -> int:
        """Deliver what is due, and what that sets off. Returns how many were handed over."""
        now = self._clock()
        with self._database.read() as session:
            ids = due.by_now(session, now, ROUND)
            idle = due.anything_to_put_aside(session, now)
        if idle:
            with self._database.write() as session:
                due.put_aside(session, now)
        return self._work_off(ids, ROUND)

    def forget_expired(self) -> int:
        """Throw away messages that nobody has taken in time. Returns how many that were."""
        forgotten = 0
        while True:
            with self._database.write() as session:
                batch = due.forget_expired(session, self._clock())
            forgotten += batch
            if batch < due.BATCH:
                return forgotten

    def _work_off(self, ids: Collection[int], limit: int) -> int:
        """Deliver these, and then what they set off, so long as there were no more than ``limit``."""
        done = tried = 0
        while ids:
            mail = Mail()
            done += sum(self._deliver(message_id, mail) for message_id in ids)
            tried += len(ids)
            ids = () if mail.is_empty or tried >= limit else self._set_off(mail, limit - tried)
        return done

    def _set_off(self, mail: Mail, limit: int) -> list[int]:
        with self._database.read() as session:
            return due.set_off(session, self._clock(), mail, limit)

    def _deliver(self, message_id: int, mail: Mail) -> bool:
        try:
            return self._offer(message_id, mail).status != GONE
        except PlanFlowError as error:
            log.info("message was not delivered", message=message_id, reason=discreet(error))
            reason = str(error)
        except Exception as error:
            log.exception("delivery failed", message=message_id)
            reason = type(error).__name__
        with self._database.write() as session:
            due.postpone(session, message_id, self._clock(), reason)
        return False

    def _offer(self, message_id: int, mail: Mail) -> Result:
        """Hand it over; to the next who waits if the first was interrupted or ended at that very moment."""
        for _try in range(TRIES - 1):
            try:
                return self._hand_over(message_id, mail)
            except Conflict:
                continue
        return self._hand_over(message_id, mail)
