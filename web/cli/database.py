"""``planflow db``: the database's schema."""

from __future__ import annotations

import click

from web.cli.output import working
from web.cli.wiring import wired


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
