"""Sending: the job of a letter, done by a worker at least once, tried again while the server is away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine import Database
from engine.context import CommandContext
from engine.jobs import Job, Outside, Retries
from engine.measuring import Meter
from engine.observing import task_facts
from webhooks.mail.observer import KIND, Audience
from webhooks.mail.readers import NOTHING, Reader
from webhooks.mail.smtp import MailServer, hand_in
from webhooks.mail.writing import Desk, content_of, written

__all__ = ["KIND", "Letters"]

RETRIES = Retries(("PT1M", "PT5M", "PT30M", "PT2H", "PT6H", "PT12H"))
"""A mail server that is away for a day loses nothing. What is refused for good stands among the jobs."""
TO_BE_DONE = ("open", "claimed")


class Letters:
    """The kind of job that sends letters through one server."""

    def __init__(
        self,
        database: Database,
        audience: Audience,
        desk: Desk,
        server: MailServer,
        meter: Meter | None = None,
    ) -> None:
        self._database = database
        self._audience = audience
        self._desk = desk
        self._server = server
        self._meter = meter

    @property
    def kind(self) -> Outside:
        return Outside(self.work, _finish, RETRIES)

    def work(self, job: Job) -> Mapping[str, Any]:
        """Send it, unless nobody needs it any more: the task is done, the person has gone or wants no letters."""
        reader = self._reader(job.payload)
        if reader is None:
            return {"sent": False}
        content = content_of(self._desk, reader, job.payload)
        letter = written(self._desk, reader, content, self.message_id(job), job.created_at)
        hand_in(self._server, letter, reader.name, meter=self._meter)
        return {"sent": True}

    def message_id(self, job: Job) -> str:
        """The same however often the job is done, so that a letter which was sent twice is known again."""
        made = int(job.created_at.timestamp() * 1_000_000)
        return f"<planflow.{job.id}.{made}@{self._server.sender.domain}>"

    def _reader(self, payload: Mapping[str, Any]) -> Reader | None:
        with self._database.read() as session:
            found = self._audience.readers(session, [payload["to"]])
            task = payload["data"].get("task")
            if task is not None:
                facts = task_facts(session, [task["id"]]).get(task["id"])
                if facts is None or facts.status not in TO_BE_DONE:
                    return None
                if facts.assignee not in (None, payload["to"]):  # somebody else has taken it meanwhile
                    return None
        return next((reader for reader in found if reader.wish != NOTHING), None)


def _finish(_ctx: CommandContext, _job: Job, _answer: Mapping[str, Any]) -> None:
    """Nothing is left to be written down: with the row of its job a letter is done."""
