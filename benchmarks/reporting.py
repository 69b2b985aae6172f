"""How figures are asked for and shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.table import Table

WIDE = 140
"""Columns of a table when nobody looks: a file or a pipe."""


def numbers(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, ...]:
    """Numbers, as in ``1,10,200,2000``: in order, each once."""
    try:
        found = tuple(sorted({int(part) for part in text.split(",")}))
    except ValueError:
        found = (0,)
    if found[0] < 1:
        raise click.BadParameter("Write whole numbers above zero, as in 1,10,200.")
    return found


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")
steps_option = click.option(
    "--steps",
    callback=numbers,
    default="10,200,1000,10000",
    show_default=True,
    help="Steps done before the one measured.",
)
repeat_option = click.option(
    "--repeat", type=click.IntRange(1), default=100, show_default=True, help="Samples of each figure."
)


def publish(report: Any, tables: Sequence[Table], as_json: bool) -> None:
    """Print the report as JSON, or its tables."""
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False, indent=2))
        return
    console = Console()
    if not console.is_terminal:
        console = Console(width=WIDE)
    for table in tables:
        console.print(table)


def milliseconds(value: float | None) -> str:
    """Milliseconds to three significant digits."""
    return "–" if value is None else f"{value:.3g}" if value < 100 else f"{value:.0f}"


def times(ratio: dict[str, Any]) -> str:
    """A ratio of medians, and behind it those of the quickest tenths and of the processor's time."""
    if ratio["median"] is None:
        return "–"
    return ", ".join(_times(ratio[by]) for by in ("median", "quiet", "processor"))


def _times(value: float) -> str:
    return f"{value:.2f}×" if value < 10 else f"{value:.0f}×"
