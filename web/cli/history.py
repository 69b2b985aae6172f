"""``planflow history``: the proof that nothing was changed."""

from __future__ import annotations

import click

from engine.directory import SYSTEM
from engine.history import verify as broken_places
from web.cli.output import json_option, print_json, print_lines, working
from web.cli.wiring import ready


@click.group()
def history() -> None:
    """Look into what happened."""


@history.command()
@click.argument("instance", required=False)
@json_option
@click.pass_context
def verify(ctx: click.Context, instance: str | None, as_json: bool) -> None:
    """Prove that no event of one INSTANCE, or of any, was changed, added or taken out.

    Exits with 1 when a chain does not hold.
    """
    with ready() as container, container.reading(SYSTEM) as queries:
        if instance is not None:
            queries.instance(instance)
        with container.session() as session, working("Checking every event"):
            broken = list(broken_places(session, instance))
    if as_json:
        print_json({"intact": not broken, "broken": [vars(place) for place in broken]})
    elif broken:
        print_lines(f"{place.instance_id} event {place.seq}: {place.reason}" for place in broken)
    else:
        click.echo("Every chain holds.")
    ctx.exit(1 if broken else 0)
