"""A whole installation in which people order and deliver while something goes wrong, and the count of it afterwards."""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from benchmarks.installation import PEOPLE, token
from benchmarks.killing import clients, counting
from benchmarks.killing.receiver import CALLS, EVENTS, Receiver, receiving
from benchmarks.killing.supervisor import IN_A_CALL, IN_A_DELIVERY, Supervised, environment_of
from engine import SYSTEM, Actor
from plans.scenarios.stage import arrange_people
from tests import forking
from web.container import Container, build_container
from web.settings import Settings
from webhooks.outgoing import STANDARD, Chosen

ORDERS = Path(__file__).parents[1] / "models" / "orders.bpmn"
PEOPLE_AT_ONCE = 4
DRAIN = 120.0
"""Seconds in which everything has to come to its end when nothing goes wrong any more."""
LOGGED = 30
"""Lines of a log that are told from where something unexpected begins."""


@dataclass
class Site:
    """``web`` and ``worker`` are processes; what the people are promised stands in the ledger."""

    folder: Path
    container: Container
    web: Supervised
    worker: Supervised
    receiver: Receiver
    orders: str
    address: str
    bearer: str
    ledger: clients.Ledger = field(default_factory=clients.Ledger)

    def live(self, through: Callable[[], None]) -> bool:
        """Let people work while this goes on, then until all is done. Returns whether that came in time.

        Both processes are to run when ``through`` comes back. They are ended here.
        """
        gone_through, over = threading.Event(), threading.Event()
        people = [clients.Client(self.address, self.bearer, self.ledger) for _ in range(PEOPLE_AT_ONCE + 1)]
        works = [partial(clients.order_and_go_on, one, self.ledger, self.orders) for one in people[1:]]
        ordering = [clients.repeated(work, gone_through.is_set, self.ledger) for work in works]
        packing = clients.repeated(partial(clients.pack, people[0], self.ledger), over.is_set, self.ledger)
        try:
            through()
            gone_through.set()
            drained = self._drained(ordering)
            over.set()
            packing.join(DRAIN)
        finally:
            self.web.stop()
            self.worker.stop()
        return drained

    def _drained(self, ordering: list[threading.Thread]) -> bool:
        end = time.monotonic() + DRAIN
        for thread in ordering:
            thread.join(max(end - time.monotonic(), 0))
        while any(counting.waiting(self.container.database).values()) and time.monotonic() < end:
            time.sleep(0.2)
        return not any(thread.is_alive() for thread in ordering) and time.monotonic() < end

    def problems(self) -> list[str]:
        """What was promised and is not there, or happened twice."""
        return list(counting.problems(self.container.database, self.ledger, self.receiver))

    def unexpected(self) -> list[str]:
        """What the processes called unexpected in their logs, with what they said after it."""
        found = []
        for log in self.folder.glob("*.log"):
            lines = log.read_text(errors="replace").splitlines()
            for number, line in enumerate(lines):
                if any(mark in line for mark in ("unexpected_error", "Traceback", '"level": "error"')):
                    found.append("\n".join(lines[number : number + LOGGED])[:3000])
        return found


@contextmanager
def site(folder: Path, database_url: str, seed: int = 0) -> Iterator[Site]:
    """A new installation on this empty database, its processes not started yet."""
    forking.preload("benchmarks.killing.supervisor")
    with ExitStack() as stack:
        receiver, partner = stack.enter_context(receiving())
        environment = environment_of(folder, database_url)
        container = build_container(Settings.from_environment(environment).serving_on("127.0.0.1"))
        stack.callback(container.close)
        port = str(_free_port())
        serve = ["serve", "--no-worker", "--port", port]
        web = Supervised("server", serve, environment, folder / "server.log", seed)
        worker = Supervised("worker", ["worker"], environment, folder / "worker.log", seed + 1)
        receiver.in_call = partial(worker.called, IN_A_CALL)
        receiver.in_delivery = partial(worker.called, IN_A_DELIVERY)
        bearer = _prepared(container)
        receiver.secret = _told(container, partner + EVENTS)
        yield Site(
            folder, container, web, worker, receiver, partner + CALLS, f"http://127.0.0.1:{port}", bearer
        )


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="planflow-kill-") as folder:
        yield Path(folder)


def _prepared(container: Container) -> str:
    container.database.upgrade()
    with container.database.write() as session:
        arrange_people(session, PEOPLE, {}, datetime.now(UTC))
    container.engine.deploy({"orders.bpmn": ORDERS.read_bytes()}, SYSTEM, "orders")
    return token(container)


def _told(container: Container, url: str) -> str:
    """Let the other system be told of what happens; returns the secret that its events are signed with."""
    chosen = Chosen("Partner", STANDARD, url, events=sorted(counting.TOLD.values()))
    _made, secret = container.webhooks.create(Actor("root", frozenset({"administrator"}), "Root"), chosen)
    if secret is None:
        raise RuntimeError("the webhook has no secret")
    return secret


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
