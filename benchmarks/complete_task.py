"""What completing a task costs however much lies behind it: ``python -m benchmarks.complete_task``.

In one run, taking turns: a bare durable commit on PlanFlow's own file, PlanFlow's engine with tasks in sequence, in a
loop and in loops side by side, PlanFlow over HTTP, and plain SpiffWorkflow with its JSON in one row.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from benchmarks.bare import Bare
from benchmarks.installation import installation, token
from benchmarks.measuring import Contestant, Series, beside, circumstances, contest, end_on_signal
from benchmarks.plain import PlainSpiff
from benchmarks.planflow import Http, HttpRun, Service, ServiceRun, inside, posting, served
from benchmarks.reporting import json_option, milliseconds, publish, repeat_option, steps_option, times
from benchmarks.shapes import LOOP, SHAPES, Run, Shape
from engine import Database
from web.container import Container

COUNTED = 3
"""Completions whose SQL is counted, after one that is not; the most that any of them took is reported."""
PLAIN_STEPS = 200
"""Plain SpiffWorkflow goes no further with other shapes than the loop: each of its steps costs more than the last."""


def measure(steps: Sequence[int], repeat: int) -> dict[str, Any]:
    """The report: medians and ratios at each number of steps, SQL counted, bytes stored. Milliseconds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        direct = stack.enter_context(installation(folder / "engine", []))
        remote = stack.enter_context(installation(folder / "http", []))
        server = stack.enter_context(served(folder / "http"))
        post = stack.enter_context(posting(server.address, token(remote)))
        bare = stack.enter_context(closing(Bare(file_of(direct))))
        plain = stack.enter_context(closing(PlainSpiff(folder / "plain.db")))
        service, http = Service(direct), Http(remote, post)
        runs = [
            Contestant(variant, shape, number, repeat)
            for shape in SHAPES
            for number in steps
            for variant in (bare, service, http, plain)
            if _takes_part(variant.name, shape, number)
        ]
        contest(runs, repeat)
        figures = [{**_figure(one.series), **_counted(one.run, direct, remote)} for one in runs]
    series = [one.series for one in runs]
    return {
        "benchmark": "complete_task",
        "circumstances": circumstances(),
        "repeat": repeat,
        "figures": figures,
        "ratios": [_ratios(shape.name, number, series) for shape in SHAPES for number in steps],
        "growth": [row for shape in SHAPES for row in _growth(shape.name, series)],
    }


def file_of(container: Container) -> Path:
    """The SQLite file of an installation."""
    return Path(str(container.database.url.database))


def _takes_part(variant: str, shape: Shape, steps: int) -> bool:
    """Over HTTP one shape is enough to see what HTTP costs."""
    if shape is LOOP:
        return True
    return variant != Http.name and (variant != PlainSpiff.name or steps <= PLAIN_STEPS)


def _counted(run: Run | None, direct: Container, remote: Container) -> dict[str, int]:
    """What some more completions take, and what is stored. A server's are done in this process to be counted."""
    match run:
        case ServiceRun():
            return {**_sql(direct.database, run), **run.stored()}
        case HttpRun():
            return _sql(remote.database, run.through(inside(remote)))
    return {}


def _sql(database: Database, run: Run) -> dict[str, int]:
    run.step()
    counted = []
    for _ in range(COUNTED):
        with database.counting() as counts:
            run.step()
        counted.append(counts)
    return {"statements": max(c.statements for c in counted), "commits": max(c.commits for c in counted)}


def _figure(series: Series) -> dict[str, Any]:
    return {
        "variant": series.variant,
        "shape": series.shape,
        "steps": series.steps,
        "median_ms": series.median,
        "p95_ms": series.slowest,
        "p10_ms": series.quiet,
        "processor_ms": series.processor,
        "samples": len(series.seconds),
        "stalls_at_step": series.stalled,
    }


def _ratios(shape: str, steps: int, series: Sequence[Series]) -> dict[str, Any]:
    """The bare commit knows no steps: all its samples together are one yardstick, which noise bends less."""
    bare = together(Bare.name, series)
    here = {one.variant: one for one in series if (one.shape, one.steps) == (shape, steps)}
    planflow, plain = here[Service.name], here.get(PlainSpiff.name)
    return {
        "shape": shape,
        "steps": steps,
        "planflow_to_bare": beside(planflow, bare),
        "plain_to_planflow": beside(plain or Series(PlainSpiff.name, shape, steps), planflow),
    }


def together(variant: str, series: Sequence[Series]) -> Series:
    """All samples of a variant as one series."""
    mine = [one for one in series if one.variant == variant]
    seconds = [sample for one in mine for sample in one.seconds]
    busy = [sample for one in mine for sample in one.busy]
    return Series(variant, "", 0, seconds, busy)


def _growth(shape: str, series: Sequence[Series]) -> list[dict[str, Any]]:
    """What the largest number of steps costs beside 10 (or the smallest), for each variant."""
    numbers = sorted({one.steps for one in series})
    few, many = 10 if 10 in numbers[:-1] else numbers[0], numbers[-1]
    found = {(one.variant, one.steps): one for one in series if one.shape == shape}
    return [
        {
            "variant": name,
            "shape": shape,
            "from": few,
            "to": many,
            **beside(found[name, many], found[name, few]),
        }
        for name in dict.fromkeys(variant for variant, _ in found)
        if (name, many) in found
    ]


QUIET = (
    "Ratios are of medians; behind them, of what the quickest tenth of the samples stayed under,"
    " and of the processor's time (over HTTP the client's)."
)


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    return [*(_times_table(report, shape.name) for shape in SHAPES), _growth_table(report)]


def _times_table(report: dict[str, Any], shape: str) -> Table:
    figures = {(f["variant"], f["steps"]): f for f in report["figures"] if f["shape"] == shape}
    names = list(dict.fromkeys(name for name, _ in figures))
    title = f"Completing a task ({shape}), median of {report['repeat']} (in brackets: 95 of 100 stay under)"
    table = Table("steps before", *names, "PlanFlow/bare", "plain/PlanFlow", title=title)
    for row in report["ratios"]:
        if row["shape"] == shape:
            cells = [_cell(figures.get((name, row["steps"]))) for name in names]
            ratios = (times(row["planflow_to_bare"]), times(row["plain_to_planflow"]))
            table.add_row(f"{row['steps']:,}", *cells, *ratios)
    return table


def _cell(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "–"
    if figure["stalls_at_step"] is not None:
        return f"stalls at step {figure['stalls_at_step']:,}"
    told = f"{milliseconds(figure['median_ms'])} ({milliseconds(figure['p95_ms'])}) ms"
    if "statements" in figure:
        told += f"\n{figure['statements']} SQL, {figure['commits']} commit"
    if "state_bytes" in figure:
        told += f"\n{figure['state_bytes']} + {figure['variables_bytes']} bytes"
    return told


def _growth_table(report: dict[str, Any]) -> Table:
    few, many = report["growth"][0]["from"], report["growth"][0]["to"]
    title = "What a long history costs"
    table = Table("shape", "variant", f"step {many:,} / step {few:,}", title=title, caption=QUIET)
    for row in report["growth"]:
        table.add_row(row["shape"], row["variant"], times(row))
    return table


@click.command()
@json_option
@steps_option
@repeat_option
def main(as_json: bool, steps: tuple[int, ...], repeat: int) -> None:
    """Measure what completing a user task costs, however much lies behind it."""
    end_on_signal()
    report = measure(steps, repeat)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
