"""What completing a task costs after 1, 10, 200 and 2,000 rounds of a loop: ``python -m benchmarks.complete_task``.

In one run, taking turns: a bare durable commit, PlanFlow's engine, PlanFlow over HTTP, and plain SpiffWorkflow with
its JSON in one row, each on a SQLite file of its own with the same durability.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from benchmarks import loop
from benchmarks.bare import Bare
from benchmarks.installation import installation, token
from benchmarks.loop import Run
from benchmarks.measuring import Series, beside, circumstances, contest, end_on_signal
from benchmarks.plain import PlainSpiff
from benchmarks.planflow import Http, HttpRun, Service, ServiceRun, inside, posting, served
from benchmarks.reporting import json_option, milliseconds, publish, repeat_option, steps_option, times
from engine import Database
from web.container import Container

COUNTED = 3
"""Completions whose SQL is counted, after one that is not; the most that any of them took is reported."""


def measure(steps: Sequence[int], repeat: int) -> dict[str, Any]:
    """The report: medians and ratios at each number of steps, and SQL counted. Milliseconds."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        direct = stack.enter_context(installation(folder / "engine", [loop.FILE]))
        remote = stack.enter_context(installation(folder / "http", [loop.FILE]))
        address = stack.enter_context(served(folder / "http"))
        post = stack.enter_context(posting(address, token(remote)))
        variants = (
            stack.enter_context(closing(Bare(folder / "bare.db"))),
            Service(direct),
            Http(post),
            stack.enter_context(closing(PlainSpiff(folder / "plain.db"))),
        )
        runs = contest(variants, steps, repeat)
        figures = [{**_figure(one.series), **_sql(one.run, direct, remote)} for one in runs]
    return {
        "benchmark": "complete_task",
        "circumstances": circumstances(),
        "repeat": repeat,
        "figures": figures,
        "ratios": [_ratios(number, [one.series for one in runs]) for number in steps],
        "growth": _growth([one.series for one in runs]),
    }


def _sql(run: Run | None, direct: Container, remote: Container) -> dict[str, int]:
    """Statements and commits of one more completion. What a server does is done in this process to be counted."""
    match run:
        case ServiceRun():
            return _count(direct.database, run)
        case HttpRun():
            return _count(remote.database, run.through(inside(remote)))
    return {}


def _count(database: Database, run: Run) -> dict[str, int]:
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
        "steps": series.steps,
        "median_ms": series.median,
        "p95_ms": series.slowest,
        "p10_ms": series.quiet,
        "samples": len(series.seconds),
        "stalls_at_step": series.stalled,
    }


def _ratios(steps: int, series: Sequence[Series]) -> dict[str, Any]:
    """The bare commit knows no steps: all its samples together are one yardstick, which noise bends less."""
    bare = Series(Bare.name, 0, [s for one in series if one.variant == Bare.name for s in one.seconds])
    here = {one.variant: one for one in series if one.steps == steps}
    planflow, plain = here[Service.name], here[PlainSpiff.name]
    return {
        "steps": steps,
        "planflow_to_bare": beside(planflow, bare),
        "plain_to_planflow": beside(plain, planflow),
    }


def _growth(series: Sequence[Series]) -> list[dict[str, Any]]:
    """What the largest number of steps costs beside 10 (or the smallest), for each variant."""
    numbers = sorted({one.steps for one in series})
    few, many = 10 if 10 in numbers[:-1] else numbers[0], numbers[-1]
    found = {(one.variant, one.steps): one for one in series}
    return [
        {"variant": name, "from": few, "to": many, **beside(found[name, many], found[name, few])}
        for name in dict.fromkeys(one.variant for one in series)
    ]


QUIET = "Ratios are of medians; behind them, of what the quickest tenth of the samples stayed under."


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    return [_times_table(report), _growth_table(report)]


def _times_table(report: dict[str, Any]) -> Table:
    figures = {(figure["variant"], figure["steps"]): figure for figure in report["figures"]}
    names = list(dict.fromkeys(name for name, _ in figures))
    title = f"Completing a task, median of {report['repeat']} (in brackets: 95 of 100 stay under)"
    table = Table("steps before", *names, "PlanFlow/bare", "plain/PlanFlow", title=title)
    for row in report["ratios"]:
        cells = [_cell(figures[name, row["steps"]]) for name in names]
        ratios = (times(row["planflow_to_bare"]), times(row["plain_to_planflow"]))
        table.add_row(f"{row['steps']:,}", *cells, *ratios)
    return table


def _cell(figure: dict[str, Any]) -> str:
    if figure["stalls_at_step"] is not None:
        return f"stalls at step {figure['stalls_at_step']:,}"
    told = f"{milliseconds(figure['median_ms'])} ({milliseconds(figure['p95_ms'])}) ms"
    if "statements" in figure:
        told += f"\n{figure['statements']} SQL, {figure['commits']} commit"
    return told


def _growth_table(report: dict[str, Any]) -> Table:
    few, many = report["growth"][0]["from"], report["growth"][0]["to"]
    table = Table(
        "variant", f"step {many:,} / step {few:,}", title="What a long history costs", caption=QUIET
    )
    for row in report["growth"]:
        table.add_row(row["variant"], times(row))
    return table


@click.command()
@json_option
@steps_option
@repeat_option
def main(as_json: bool, steps: tuple[int, ...], repeat: int) -> None:
    """Measure what completing a user task costs."""
    end_on_signal()
    report = measure(steps, repeat)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
