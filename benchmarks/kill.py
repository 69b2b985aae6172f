"""Whether anything is lost when processes are killed: ``python -m benchmarks.kill --database sqlite --kills 500``.

A server and a worker are killed again and again, at points in their code and at random, while people order and deliver
over HTTP, and another system is told of it by a webhook. Then both are started in peace, everything is let come to its
end, and it is counted.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from benchmarks.killing import counting
from benchmarks.killing.site import Site, site, temporary_folder
from benchmarks.killing.supervisor import Kills
from benchmarks.measuring import circumstances, end_on_signal
from benchmarks.postgresql import postgresql
from web import logs

TOLD = 20
"""Problems, and unexpected lines of logs, that are printed at most."""


def kill(folder: Path, url: str, kills: int, seed: int) -> dict[str, Any]:
    """Kill so many processes, and count. The report's ``problems`` are to be empty."""
    counted, begun = Kills(kills), time.monotonic()
    with site(folder, url, seed) as killed:
        drained = killed.live(lambda: _kill(killed, counted))
        stuck = [] if drained else [f"not at an end: {counting.waiting(killed.container.database)}"]
        return {
            "benchmark": "kill",
            "circumstances": circumstances(),
            "database": killed.container.database.url.get_backend_name(),
            "seed": seed,
            "seconds": round(time.monotonic() - begun, 1),
            "kills": counted.total,
            "by_point": dict(sorted(counted.counted.items())),
            "answers": dict(killed.ledger.answers),
            "orders": len(killed.ledger.started),
            "acknowledged_completions": len(killed.ledger.completed),
            "calls": {"keys": len(killed.receiver.calls), "arrivals": killed.receiver.calls.total()},
            "deliveries": {
                "events": len({one.id for one in killed.receiver.arrivals}),
                "arrivals": len(killed.receiver.arrivals),
                "torn_requests": killed.receiver.torn,
            },
            "events": counting.figures(killed.container.database),
            "problems": [*stuck, *killed.problems()][:TOLD],
            "unexpected": killed.unexpected()[:TOLD],
        }


def _kill(killed: Site, kills: Kills) -> None:
    supervising = [
        threading.Thread(target=one.lives_until, args=(kills,), daemon=True)
        for one in (killed.web, killed.worker)
    ]
    for thread in supervising:
        thread.start()
    while any(thread.is_alive() for thread in supervising):
        click.echo(f"\r{kills.total} of {kills.wanted} killed", err=True, nl=False)
        time.sleep(1)
    click.echo(err=True)


@contextmanager
def _database(kind: str, folder: Path) -> Iterator[str]:
    """The address of a new, empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/planflow.db"
        return
    with postgresql() as server:
        yield server.get_uri()


@click.command()
@click.option("--database", "kind", type=click.Choice(["sqlite", "postgresql"]), default="sqlite")
@click.option("--kills", type=click.IntRange(1), default=500, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the choice of points and times.")
def main(kind: str, kills: int, seed: int) -> None:
    """Kill a server and a worker so many times; print the counts as JSON. Exits with 1 when something was lost."""
    end_on_signal()
    logs.configure(level="warning")
    with temporary_folder() as folder, _database(kind, folder) as url:
        report = kill(folder, url, kills, seed)
    click.echo(json.dumps(report, indent=2, ensure_ascii=False))
    sys.exit(1 if report["problems"] else 0)


if __name__ == "__main__":
    main()
