"""How latency grows with what an installation holds: ``python -m benchmarks.load``.

Two installations, one empty and one filled as years of work would (`benchmarks.fill`), each with server processes of
its own; people work on one and on the other in turns.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import psycopg
from rich.table import Table

from benchmarks.fill import EVENTS, INSTANCES, filled_up, installed
from benchmarks.filling.filling import Filled, filled, prepare
from benchmarks.loading.setups import SETUPS, Setup, running
from benchmarks.loading.timing import SHARES, Timings, growth
from benchmarks.loading.work import SEEN, Circle, bearers, circles, prime, work
from benchmarks.measuring import circumstances, end_on_signal, progress
from benchmarks.postgresql import postgresql
from benchmarks.reporting import json_option, milliseconds, publish
from web import logs

TURN = 5.0
"""Seconds that people work on one installation before they work on the other."""
AT_MOST = 1.5
"""How many times the p95 of inbox and completion may be what it is in an empty installation."""
JUDGED = ("inbox", "complete")


@dataclass(frozen=True)
class Site:
    """An installation: where its database is, and the tokens of those who work there."""

    url: str
    bearers: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """How much is to be done: instances and events of the full installation, circles at work, turns for each.

    ``primed`` are the tasks that everybody has before it begins.
    """

    instances: int
    events: int
    clients: int
    turns: int
    turn: float = TURN
    seed: int = 1
    primed: int = SEEN


def measure(asked: Asked, setups: Sequence[Setup] = SETUPS, folder: Path | None = None) -> dict[str, Any]:
    """The report. SQLite files that lie in ``folder`` already are gone on with, and stay there."""
    report: dict[str, Any] = {
        "benchmark": "load",
        "circumstances": circumstances(),
        **vars(asked),
        "setups": [],
    }
    with tempfile.TemporaryDirectory(prefix="planflow-load-") as temporary:
        own = Path(temporary)
        for kind in sorted({setup.database for setup in setups}, reverse=True):
            with _addresses(kind, folder or own) as (empty, full):
                sites = _site(empty, None, asked, own), _site(full, asked, asked, own)
                report[f"filled_{kind}"] = vars(_filled(full, own))
                for setup in setups:
                    if setup.database == kind:
                        report["setups"].append(_measured(setup, sites, asked, own))
    return report


def _measured(setup: Setup, sites: tuple[Site, Site], asked: Asked, folder: Path) -> dict[str, Any]:
    """Both installations in turns."""
    timings = {"empty": Timings(), "full": Timings()}
    with ExitStack() as stack:
        made: list[list[Circle]] = []
        for (name, timing), site in zip(timings.items(), sites, strict=True):
            place = folder / f"{setup.database}-{setup.servers}-{name}"
            addresses = stack.enter_context(running(setup, site.url, place))
            made.append(stack.enter_context(circles(addresses, site.bearers, timing, asked.seed)))
            prime(made[-1], asked.primed)
        _in_turns(setup.name, made, list(timings.values()), asked)
    figures = {name: timing.figures() for name, timing in timings.items()}
    return {
        "setup": setup.name,
        "throughput": {name: round(timing.throughput, 1) for name, timing in timings.items()},
        **figures,
        "growth": growth(figures["full"], figures["empty"]),
    }


def _in_turns(name: str, made: Sequence[Sequence[Circle]], timings: Sequence[Timings], asked: Asked) -> None:
    """The first turn of each warms the processes up and is not counted."""
    with progress() as bar:
        for turn in bar.track(range(asked.turns + 1), description=name):
            for both, timing in zip(made, timings, strict=True):
                work(both, asked.turn, timing)
                if turn == 0:
                    timing.seconds.clear()
                    timing.worked = 0.0


def _site(url: str, filling: Asked | None, asked: Asked, folder: Path) -> Site:
    with installed(url, folder) as container:
        prepare(container.database, container.engine)
        if filling is not None:
            filled_up(container, filling.instances, filling.events, filling.seed)
        return Site(url, bearers(container.database, asked.clients))


def _filled(url: str, folder: Path) -> Filled:
    with installed(url, folder) as container:
        return filled(container.database)


@contextmanager
def _addresses(kind: str, folder: Path) -> Iterator[tuple[str, str]]:
    """Two databases of this kind."""
    if kind == "sqlite":
        (folder / "empty.db").unlink(missing_ok=True)
        yield f"sqlite:///{folder}/empty.db", f"sqlite:///{folder}/full.db"
        return
    with postgresql() as server:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for name in ("empty", "full_one"):
                connection.execute(f"CREATE DATABASE {name}")
        yield server.get_uri("empty"), server.get_uri("full_one")


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    return [_table(setup, report) for setup in report["setups"]]


def _table(setup: dict[str, Any], report: dict[str, Any]) -> Table:
    throughput = setup["throughput"]
    title = (
        f"{setup['setup']}: {report['instances']:,} instances, {report['events']:,} events;"
        f" {throughput['empty']} operations a second in the empty installation, {throughput['full']} in the full one"
    )
    columns = [f"{share} {name}" for share in SHARES for name in ("empty", "full", "growth")]
    table = Table("operation", "samples", *columns, title=title)
    for operation, figures in setup["full"].items():
        empty, grown = setup["empty"][operation], setup["growth"][operation]
        told = [
            text
            for share in SHARES
            for text in (milliseconds(empty[share]), milliseconds(figures[share]), f"{grown[share]:.2f}×")
        ]
        table.add_row(operation, f"{empty['samples']}, {figures['samples']}", *told)
    return table


@click.command()
@json_option
@click.option("--instances", type=click.IntRange(1), default=INSTANCES, show_default=True)
@click.option("--events", type=click.IntRange(1), default=EVENTS, show_default=True)
@click.option(
    "--clients", type=click.IntRange(1, 20), default=4, show_default=True, help="Circles of three people."
)
@click.option(
    "--turns", type=click.IntRange(1), default=12, show_default=True, help="Of five seconds, on each."
)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--database", type=click.Choice(["sqlite", "postgresql", "both"]), default="both", show_default=True
)
@click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False, exists=True), help="Keep SQLite files here."
)
def main(
    as_json: bool,
    instances: int,
    events: int,
    clients: int,
    turns: int,
    seed: int,
    database: str,
    folder: Path | None,
) -> None:
    """Measure mixed work on an empty and on a full installation."""
    end_on_signal()
    logs.configure(level="warning")
    setups = [setup for setup in SETUPS if database in (setup.database, "both")]
    report = measure(Asked(instances, events, clients, turns, seed=seed), setups, folder)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
