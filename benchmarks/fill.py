"""Fills an installation as years of work would: ``python -m benchmarks.fill --database sqlite:////tmp/full.db``.

The database may be empty or have been filled in part; what is there already stays. When it is stopped, whole instances
are there, with sound chains, and the same command goes on.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from benchmarks.filling.filling import Advance, Filled, fill, prepare
from benchmarks.installation import environment
from benchmarks.measuring import end_on_signal, progress
from web import logs
from web.container import Container, build_container
from web.settings import Settings

INSTANCES, EVENTS = 100_000, 3_000_000


@contextmanager
def installed(url: str, folder: Path) -> Iterator[Container]:
    """The services of an installation on this database."""
    settings = replace(Settings.from_environment(environment(folder)), database_url=url)
    container = build_container(settings.serving_on("127.0.0.1"))
    try:
        yield container
    finally:
        container.close()


@contextmanager
def shown(instances: int) -> Iterator[Advance]:
    """A progress bar that tells instances, and events beside them."""
    with progress() as bar:
        task = bar.add_task("Filling", total=instances)
        yield lambda made, events: bar.update(task, completed=made, description=f"Filling, {events:,} events")


def filled_up(container: Container, instances: int, events: int, seed: int) -> Filled:
    """Prepare and fill it, with a bar."""
    prepare(container.database, container.engine)
    with shown(instances) as advance:
        return fill(container.database, instances, events, seed, advance)


@click.command()
@click.option(
    "--database", "url", required=True, metavar="URL", help="sqlite:///path or postgresql://user@host/name"
)
@click.option("--instances", type=click.IntRange(1), default=INSTANCES, show_default=True)
@click.option(
    "--events", type=click.IntRange(1), default=EVENTS, show_default=True, help="Of history, about."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of all that is left to chance.")
def main(url: str, instances: int, events: int, seed: int) -> None:
    """Fill a database, and print how much is there."""
    end_on_signal()
    logs.configure(level="warning")
    begun = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="planflow-fill-") as folder,
        installed(url, Path(folder)) as container,
    ):
        there = filled_up(container, instances, events, seed)
    click.echo(json.dumps({**vars(there), "seconds": round(time.monotonic() - begun, 1)}))


if __name__ == "__main__":
    main()
