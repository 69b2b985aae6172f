"""``planflow db``: the database's schema, and moving all data to another database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from rich.console import Console
from rich.progress import Progress

from engine.copying import Advance, Copied, Differs, NotCopied, copy
from web.cli.output import complain, json_option, print_json, print_lines, working
from web.cli.wiring import wired
from web.settings import Settings

REFUSED, DIFFERS = 3, 4
"""Exit codes of ``planflow db copy``: nothing was begun; what arrived was not what was sent, and was undone."""


@click.group("db")
def database() -> None:
    """Look after the database."""


@database.command()
def upgrade() -> None:
    """Bring the tables to this version of PlanFlow. Doing it twice changes nothing."""
    with wired() as container:
        with working("Migrating the database"):
            container.database.upgrade()
        address = container.database.url.render_as_string(hide_password=True)
    click.echo(f"The database is up to date: {address}")


@database.command("copy")
@click.option("--from", "source", metavar="URL", required=True, help="The database to copy; it is only read.")
@click.option("--to", "target", metavar="URL", required=True, help="An empty database; it is migrated first.")
@json_option
@click.pass_context
def copy_all(ctx: click.Context, source: str, target: str, as_json: bool) -> None:
    """Copy everything into an empty database, from SQLite to PostgreSQL or any other way, and compare it.

    URL is sqlite:///path or postgresql://user@host/name. Stop the servers first: what people do meanwhile is not
    copied. Every row is compared, and every chain of history checked, before the copy is committed.

    Exit codes: 0 copied, 1 error, 3 refused (the target has data, or a version does not fit), 4 what arrived was not
    what was sent. After every code but 0 the target is empty.
    """
    settings = Settings.from_environment()
    try:
        with (
            wired(replace(settings, database_url=source)) as ours,
            wired(replace(settings, database_url=target)) as theirs,
            _showing() as advance,
        ):
            copied = copy(ours.database, theirs.database, advance)
    except (NotCopied, Differs) as error:
        complain(error)
        ctx.exit(REFUSED if isinstance(error, NotCopied) else DIFFERS)
    _tell(copied, as_json)


@contextmanager
def _showing() -> Iterator[Advance]:
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("Copying", total=None)

        def advance(what: str, done: int, total: int) -> None:
            progress.update(bar, description=what, completed=done, total=total)

        yield advance


def _tell(copied: Copied, as_json: bool) -> None:
    if as_json:
        print_json({"tables": [vars(table) for table in copied.tables], "chains": copied.chains})
        return
    print_lines(f"{table.rows:>10}  {table.name}" for table in copied.tables if table.rows)
    rows = sum(table.rows for table in copied.tables)
    click.echo(f"Copied and compared: {rows} rows. Chains of history that hold: {copied.chains}.")
