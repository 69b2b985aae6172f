"""All benchmarks, one after the other: ``python -m benchmarks``."""

from __future__ import annotations

import click

from benchmarks import complete_task, start_and_parse
from benchmarks.measuring import end_on_signal
from benchmarks.reporting import json_option, publish, repeat_option, steps_option


@click.command()
@json_option
@steps_option
@repeat_option
def main(as_json: bool, steps: tuple[int, ...], repeat: int) -> None:
    """Measure PlanFlow beside a bare commit and plain SpiffWorkflow."""
    end_on_signal()
    completing = complete_task.measure(steps, repeat)
    starting = start_and_parse.measure(repeat)
    shown = [*complete_task.tables(completing), *start_and_parse.tables(starting)]
    publish([completing, starting], shown, as_json)


if __name__ == "__main__":
    main()
