"""What starting an instance costs beside completing its tasks: ``python -m benchmarks.start_and_parse``.

The annual plan is started, which opens a draft, looks up last year and the team, and makes the first task; then its
tasks are completed up to the last, as its scenario tells. And it is counted how often XML, BPMN, forms and decisions
are parsed: for the first start, and again.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import click
from rich.table import Table

from benchmarks.complete_task import together
from benchmarks.installation import actor, installation
from benchmarks.measuring import Series, beside, circumstances, end_on_signal, progress
from benchmarks.planflow import ROOT, Service
from benchmarks.reporting import json_option, milliseconds, publish, repeat_option, times
from benchmarks.shapes import LOOP
from engine import CompleteTask, Engine, StartInstance, TerminateInstance, definitions, xml
from plans.scenarios.reading import Scenario, Step, read_scenario
from web.container import Container

PROCESS = ROOT / "processes" / "annual_plan"
STORY = PROCESS / "scenarios" / "straight_through.yaml"
PARSERS = (
    (xml, "parse"),
    (definitions, "read_bpmn"),
    (definitions, "compile_form"),
    (definitions, "read_decision_files"),
)
START, COMPLETION, ROUND = "start of annual_plan", "completion of a task", "a round of the loop"


class Annual:
    """Annual plans as the scenario tells of them.

    Each is ended before its last task, so that the next may take over the draft: a plan in force could not be planned
    again.
    """

    def __init__(self, container: Container, story: Scenario) -> None:
        self.steps = story.steps[:-1]
        self._engine: Engine = container.engine
        self._actors = {name: actor(container, name) for name in story.people}
        self._starter = self._actors[story.starter]
        self._start = StartInstance(story.process, story.start["variables"])
        self._instance = self._task = ""

    def start(self) -> None:
        """Start one."""
        started = self._engine.execute(self._start, self._starter)
        self._instance, self._task = started.instance_id, started.task_ids[0]

    def complete(self, step: Step) -> None:
        """Complete the task that is open."""
        command = CompleteTask(self._task, step.variables, step.outcome, step.comment)
        self._task = self._engine.execute(command, self._actors[step.by]).task_ids[0]

    def end(self) -> None:
        """End it."""
        self._engine.execute(TerminateInstance(self._instance, "measured"), self._starter)


def measure(repeat: int) -> dict[str, Any]:
    """The report: medians, their ratios, SQL of a start, and how often it parses. Milliseconds."""
    story = read_scenario(STORY)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        container = stack.enter_context(installation(folder / "engine", [PROCESS], story.people))
        annual = Annual(container, story)
        parsed = [_parsed(annual), _parsed(annual)]
        start, one_round, *completions = _samples(annual, Service(container), repeat)
        statements, commits = _counted(container, annual)
    completion = together(COMPLETION, completions)
    return {
        "benchmark": "start_and_parse",
        "circumstances": circumstances(),
        "repeat": repeat,
        "figures": [_figure(one) for one in (start, completion, *completions, one_round)],
        "start_to_completion": beside(start, completion),
        "start_to_round": beside(start, one_round),
        "statements": statements,
        "commits": commits,
        "parsed_by_first_start": parsed[0],
        "parsed_by_second_start": parsed[1],
    }


def _figure(one: Series) -> dict[str, Any]:
    return {
        "work": one.shape or one.variant,
        "median_ms": one.median,
        "p95_ms": one.slowest,
        "p10_ms": one.quiet,
        "processor_ms": one.processor,
        "samples": len(one.seconds),
    }


def _parsed(annual: Annual) -> dict[str, int]:
    """How often a start, and the completion after it, parse each kind of file."""
    with _counting_parsers() as calls:
        annual.start()
        annual.complete(annual.steps[0])
    annual.end()
    return dict(calls)


@contextmanager
def _counting_parsers() -> Iterator[Counter[str]]:
    calls = Counter(dict.fromkeys((name for _module, name in PARSERS), 0))

    def counting(module: ModuleType, name: str) -> Callable[..., Any]:
        parse: Callable[..., Any] = getattr(module, name)

        def parse_and_count(*arguments: Any) -> Any:
            calls[name] += 1
            return parse(*arguments)

        return parse_and_count

    with ExitStack() as stack:
        for module, name in PARSERS:
            stack.enter_context(patch.object(module, name, counting(module, name)))
        yield calls


def _samples(annual: Annual, rounds: Service, repeat: int) -> list[Series]:
    """Start, go a round of the loop, and complete task after task, again and again."""
    run = rounds.run_at(LOOP, 1, lambda: None)
    start, one_round = Series(START, "", 0), Series(ROUND, "", 1)
    completions = [Series(COMPLETION, step.element, 0) for step in annual.steps]
    with progress() as bar:
        for _ in bar.track(range(repeat), description="Measuring"):
            start.sample(annual.start)
            one_round.sample(run.step)
            _sample_completions(annual, completions)
            annual.end()
    return [start, one_round, *completions]


def _sample_completions(annual: Annual, completions: Sequence[Series]) -> None:
    for step, series in zip(annual.steps, completions, strict=True):
        series.sample(partial(annual.complete, step))


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
    names = [name for _module, name in PARSERS]
    parsing = Table("parsed by", *names, title="How often files are parsed")
    for which in ("first", "second"):
        calls = report[f"parsed_by_{which}_start"]
        parsing.add_row(f"the {which} start and completion", *(str(calls[name]) for name in names))
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
