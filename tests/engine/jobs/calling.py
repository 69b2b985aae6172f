"""A process that calls an operation outside, and what tests look at of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from engine import Engine
from engine.jobs import Job
from engine.jobs.job import COLUMNS, job_of
from engine.jobs.rows import HISTORY_MONTHS
from engine.storage.tables import job
from tests.engine.xml_text import bpmn, in_and_out, node, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def call(element: str = "call", outputs: str = "result", **attributes: str) -> str:
    """A service task that hands ``amount`` over, and keeps what is answered as ``kept``."""
    mapping = in_and_out({"amount": "=amount"}, {"kept": f"={outputs}"})
    return node("serviceTask", element, mapping, **{"planflow_operation": "post", **attributes})


def calling(beside: str = "", outputs: str = "result", **attributes: str) -> bytes:
    """Calls, and ends."""
    return bpmn(START + call(outputs=outputs, **attributes) + END + way("s", "call", "e") + beside)


def jobs(engine: Engine) -> list[Job]:
    """All that are there but the one that is always there on PostgreSQL, oldest first."""
    query = select(*COLUMNS).where(job.c.kind != HISTORY_MONTHS).order_by(job.c.id)
    with engine.database.read() as session:
        return [job_of(row) for row in session.execute(query)]


class Partner:
    """Whom the operation calls: what it was asked, and what it does then."""

    def __init__(self, *does: Any) -> None:
        self.asked: list[tuple[Any, dict[str, Any]]] = []
        self._does = list(does)

    def __call__(self, whose: Any, inputs: Any) -> Any:
        self.asked.append((whose, dict(inputs)))
        what = self._does.pop(0) if len(self._does) > 1 else self._does[0]
        if isinstance(what, Exception):
            raise what
        return what
