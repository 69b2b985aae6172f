"""What starting an instance costs beside completing a task: ``python -m benchmarks.start_and_parse``.

The annual plan is started, which opens a draft, looks up last year and the team, and makes the first task; then that
task is completed. And it is counted how often BPMN, forms and decisions are parsed: for the first start, and again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click
from rich.table import Table

from benchmarks import loop
from benchmarks.installation import actor, installation
from benchmarks.measuring import Series, beside, circumstances, end_on_signal, progress, timed
from benchmarks.planflow import ROOT, Service
from benchmarks.reporting import json_option, milliseconds, publish, repeat_option, times
from engine import Actor, CompleteTask, Engine, StartInstance, TerminateInstance, definitions
from plans.scenarios.reading import Scenario, read_scenario
from web.container import Container

PROCESS = ROOT / "processes" / "annual_plan"
STORY = PROCESS / "scenarios" / "straight_through.yaml"
PARSERS = ("read_bpmn", "compile_form", "read_decisions")
START, COMPLETION, ROUND = "start of annual_plan", "its first task", "a round of the loop"


class Annual:
    """Annual plans as the scenario begins them. Each is ended at once, so that the next may be opened."""

    def __init__(self, engine: Engine, starter: Actor, story: Scenario) -> None:
        self.engine, self.starter = engine, starter
        self._start = StartInstance(story.process, story.start["variables"])
        self._entered = story.steps[0].variables
        self._instance = self._task = ""

    def start(self) -> None:
        """Start one."""
        started = self.engine.execute(self._start, self.starter)
        self._instance, self._task = started.instance_id, started.task_ids[0]

    def complete(self) -> None:
        """Complete its first task."""
        self.engine.execute(CompleteTask(self._task, self._entered), self.starter)

    def end(self) -> None:
        """End it."""
        self.engine.execute(TerminateInstance(self._instance, "measured"), self.starter)


def measure(repeat: int) -> dict[str, Any]:
    """The report: medians, their ratio, SQL of a start, and how often it parses. Milliseconds."""
    story = read_scenario(STORY)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        processes = [PROCESS, loop.FILE.parent]
        container = stack.enter_context(installation(folder / "engine", processes, story.people))
        annual = Annual(container.engine, actor(container, story.starter), story)
        parsed = [_parsed(annual), _parsed(annual)]
        series = _samples(annual, Service(container), repeat)
        statements, commits = _counted(container, annual)
    start, completion, one_round = series
    return {
        "benchmark": "start_and_parse",
        "circumstances": circumstances(),
        "repeat": repeat,
        "figures": [
            {"work": one.variant, "median_ms": one.median, "p95_ms": one.slowest, "p10_ms": one.quiet}
            for one in series
        ],
        "start_to_completion": beside(start, completion),
        "start_to_round": beside(start, one_round),
        "statements": statements,
        "commits": commits,
        "parsed_by_first_start": parsed[0],
        "parsed_by_second_start": parsed[1],
    }


def _parsed(annual: Annual) -> dict[str, int]:
    """How often a start, and the completion after it, parse each kind of file."""
    with _counting_parsers() as calls:
        annual.start()
        annual.complete()
    annual.end()
    return dict(calls)


@contextmanager
def _counting_parsers() -> Iterator[Counter[str]]:
    calls = Counter(dict.fromkeys(PARSERS, 0))

    def counting(name: str, parse: Callable[..., Any]) -> Callable[..., Any]:
        def parse_and_count(*arguments: Any) -> Any:
            calls[name] += 1
            return parse(*arguments)

        return parse_and_count

    with ExitStack() as stack:
        for name in PARSERS:
            replacement = counting(name, getattr(definitions, name))
            stack.enter_context(patch.object(definitions, name, replacement))
        yield calls


def _samples(annual: Annual, rounds: Service, repeat: int) -> list[Series]:
    """Start, complete and go a round of the loop in turn."""
    run = rounds.run_at(1, lambda: None)
    start, completion, one_round = (Series(name, 0) for name in (START, COMPLETION, ROUND))
    with progress() as bar:
        for _ in bar.track(range(repeat), description="Measuring"):
            start.seconds.append(timed(annual.start))
            completion.seconds.append(timed(annual.complete))
            one_round.seconds.append(timed(run.step))
            annual.end()
    return [start, completion, one_round]


def _counted(container: Container, annual: Annual) -> tuple[int, int]:
    with container.database.counting() as counts:
        annual.start()
    annual.end()
    return counts.statements, counts.commits


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    title = f"Starting, median of {report['repeat']} (95 of 100)"
    table = Table("work", "time", "start beside it", title=title)
    ratios = {COMPLETION: times(report["start_to_completion"]), ROUND: times(report["start_to_round"])}
    for row in report["figures"]:
        time = f"{milliseconds(row['median_ms'])} ({milliseconds(row['p95_ms'])}) ms"
        table.add_row(row["work"], time, ratios.get(row["work"], ""))
    parsing = Table("parsed by", *PARSERS, title="How often files are parsed")
    for which in ("first", "second"):
        calls = report[f"parsed_by_{which}_start"]
        parsing.add_row(f"the {which} start and completion", *(str(calls[name]) for name in PARSERS))
    parsing.caption = f"A start takes {report['statements']} SQL statements and {report['commits']} commit."
    return [table, parsing]


@click.command()
@json_option
@repeat_option
def main(as_json: bool, repeat: int) -> None:
    """Measure what starting an instance costs, and whether it parses anything again."""
    end_on_signal()
    report = measure(repeat)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
