"""What completing one of many parallel instances of a task costs: ``python -m benchmarks.multi_instance``.

Restoring, completing and saving an instance with 20 and with 200 open tasks, beside one with a single task. Each of the
former serves for a quarter of its tasks, so that most of them are open whenever it is measured.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from benchmarks.installation import installation
from benchmarks.measuring import Contestant, Series, beside, circumstances, contest, end_on_signal
from benchmarks.planflow import Service, ServiceRun
from benchmarks.reporting import json_option, milliseconds, numbers, publish, repeat_option, times
from benchmarks.shapes import LOOP, at_once
from web.container import Container

BEFORE = 10
"""Steps that lie behind the instance with a single task."""

widths_option = click.option(
    "--widths", callback=numbers, default="20,200", show_default=True, help="How many tasks are open at once."
)


def measure(widths: Sequence[int], repeat: int) -> dict[str, Any]:
    """The report: medians, and ratios to the instance with a single task. Milliseconds and bytes."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        container = stack.enter_context(installation(folder / "engine", []))
        service = Service(container)
        single = Contestant(service, LOOP, BEFORE, repeat)
        many = [Contestant(service, at_once(width), 0, repeat, each=max(1, width // 4)) for width in widths]
        contest([single, *many], repeat)
        figures = [_figure(one, single.series, container) for one in (single, *many)]
    return {
        "benchmark": "multi_instance",
        "circumstances": circumstances(),
        "repeat": repeat,
        "figures": figures,
    }


def _figure(one: Contestant, single: Series, container: Container) -> dict[str, Any]:
    series = one.series
    figure = {
        "shape": series.shape,
        "median_ms": series.median,
        "p95_ms": series.slowest,
        "p10_ms": series.quiet,
        "processor_ms": series.processor,
        "samples": len(series.seconds),
        "to_single": beside(series, single),
    }
    if isinstance(one.run, ServiceRun):
        with container.database.counting() as counts:
            one.run.step()
        figure |= {"statements": counts.statements, "commits": counts.commits, **one.run.stored()}
    return figure


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    title = f"Completing one of many, median of {report['repeat']} (95 of 100)"
    table = Table("open tasks", "time", "beside a single one", "SQL", "state", title=title)
    for row in report["figures"]:
        time = f"{milliseconds(row['median_ms'])} ({milliseconds(row['p95_ms'])}) ms"
        table.add_row(
            row["shape"],
            time,
            times(row["to_single"]),
            str(row["statements"]),
            f"{row['state_bytes']:,} bytes",
        )
    return [table]


@click.command()
@json_option
@widths_option
@repeat_option
def main(as_json: bool, widths: tuple[int, ...], repeat: int) -> None:
    """Measure what completing one of many parallel instances of a task costs."""
    end_on_signal()
    report = measure(widths, repeat)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
