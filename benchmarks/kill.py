"""Whether anything is lost when processes are killed: ``python -m benchmarks.kill --database sqlite --kills 500``.

A server and a worker are killed again and again, at points in their code and at random, while people order and deliver
over HTTP. Then both are started in peace, everything is let come to its end, and it is counted.
"""

from __future__ import annotations

import json
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from benchmarks.installation import PEOPLE, token
from benchmarks.killing import clients, counting
from benchmarks.killing.receiver import receiving
from benchmarks.killing.supervisor import Kills, Supervised, environment_of
from benchmarks.measuring import circumstances, end_on_signal
from benchmarks.postgresql import postgresql
from engine import SYSTEM
from plans.scenarios.stage import arrange_people
from tests import forking
from web.container import Container, build_container
from web.settings import Settings

ORDERS = Path(__file__).parent / "models" / "orders.bpmn"
PEOPLE_AT_ONCE = 4
DRAIN = 120.0
"""Seconds in which everything has to come to its end when nothing is killed any more."""


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new, empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/planflow.db"
        return
    with postgresql() as server:
        yield server.get_uri()


def kill(kind: str, kills: int, seed: int, url: str | None = None) -> dict[str, Any]:
    """Kill so many processes, and count. The report's ``problems`` are to be empty."""
    forking.preload("benchmarks.killing.supervisor")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-kill-")))
        address = url or stack.enter_context(database_of(kind, folder))
        receiver, orders = stack.enter_context(receiving())
        environment = environment_of(folder, address)
        container = build_container(Settings.from_environment(environment).serving_on("127.0.0.1"))
        stack.callback(container.close)
        bearer = _prepared(container)
        port = _free_port()
        web = Supervised(
            "server", ["serve", "--no-worker", "--port", str(port)], environment, folder / "server.log", seed
        )
        worker = Supervised("worker", ["worker"], environment, folder / "worker.log", seed + 1)
        receiver.in_call = worker.called
        ledger, counted = clients.Ledger(), Kills(kills)
        begun = time.monotonic()
        try:
            drained = _let_work(
                f"http://127.0.0.1:{port}", bearer, ledger, counted, (web, worker), orders, container
            )
        finally:
            web.stop()
            worker.stop()
        found = [*([] if drained else [f"not at an end: {counting.waiting(container.database)}"])]
        found += counting.problems(container.database, ledger, receiver)
        return {
            "benchmark": "kill",
            "circumstances": circumstances(),
            "database": kind,
            "seed": seed,
            "seconds": round(time.monotonic() - begun, 1),
            "kills": counted.total,
            "by_point": dict(sorted(counted.counted.items())),
            "answers": dict(ledger.answers),
            "orders": len(ledger.started),
            "acknowledged_completions": len(ledger.completed),
            "calls": {"keys": len(receiver.calls), "arrivals": sum(receiver.calls.values())},
            "events": counting.figures(container.database),
            "problems": found[:50],
            "unexpected": _unexpected(folder),
        }


def _let_work(
    address: str,
    bearer: str,
    ledger: clients.Ledger,
    kills: Kills,
    killed: tuple[Supervised, ...],
    orders: str,
    container: Container,
) -> bool:
    """Work while processes are killed, then until all is done. Returns whether that came in time."""
    over = threading.Event()
    people = [clients.Client(address, bearer, ledger) for _ in range(PEOPLE_AT_ONCE + 1)]
    ordering = [
        clients.repeated(partial(clients.order_and_go_on, one, ledger, orders), lambda: kills.enough, ledger)
        for one in people[1:]
    ]
    packing = clients.repeated(lambda: clients.pack(people[0], ledger), over.is_set, ledger)
    supervising = [threading.Thread(target=one.lives_until, args=(kills,), daemon=True) for one in killed]
    for thread in supervising:
        thread.start()
    while any(thread.is_alive() for thread in supervising):
        click.echo(f"\r{kills.total} of {kills.wanted} killed", err=True, nl=False)
        time.sleep(1)
    end = time.monotonic() + DRAIN
    for thread in ordering:
        thread.join(max(end - time.monotonic(), 0))
    while any(counting.waiting(container.database).values()) and time.monotonic() < end:
        time.sleep(0.2)
    over.set()
    packing.join(10)
    return not any(thread.is_alive() for thread in ordering) and time.monotonic() < end


def _prepared(container: Container) -> str:
    container.database.upgrade()
    with container.database.write() as session:
        arrange_people(session, PEOPLE, {}, datetime.now(UTC))
    container.engine.deploy({"orders.bpmn": ORDERS.read_bytes()}, SYSTEM, "orders")
    return token(container)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unexpected(folder: Path) -> list[str]:
    """What the processes called unexpected in their logs, or could not do, with what they said after it."""
    found = []
    for log in folder.glob("*.log"):
        lines = log.read_text(errors="replace").splitlines()
        for number, line in enumerate(lines):
            if any(mark in line for mark in ("unexpected_error", "Traceback", '"level": "error"')):
                found.append("\n".join(lines[number : number + 30])[:3000])
    return found[:20]


@click.command()
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--kills", type=click.IntRange(1), default=500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the choice of points and times.")
def main(kind: str, kills: int, seed: int) -> None:
    """Kill a server and a worker so many times; print the counts as JSON. Exits with 1 when something was lost."""
    end_on_signal()
    report = kill(kind, kills, seed)
    click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    sys.exit(1 if report["problems"] else 0)


if __name__ == "__main__":
    main()
