"""All benchmarks, one after the other: ``python -m benchmarks``."""

from __future__ import annotations

import click

from benchmarks import complete_task, memory, multi_instance, start_and_parse
from benchmarks.measuring import end_on_signal
from benchmarks.memory import instances_option, versions_option
from benchmarks.multi_instance import widths_option
from benchmarks.reporting import json_option, publish, repeat_option, steps_option


@click.command()
@json_option
@steps_option
@repeat_option
@widths_option
@instances_option
@versions_option
def main(
    as_json: bool,
    steps: tuple[int, ...],
    repeat: int,
    widths: tuple[int, ...],
    instances: tuple[int, ...],
    versions: tuple[int, ...],
) -> None:
    """Measure PlanFlow beside a bare commit and plain SpiffWorkflow, and whether its memory stays flat."""
    end_on_signal()
    completing = complete_task.measure(steps, repeat)
    starting = start_and_parse.measure(repeat)
    many = multi_instance.measure(widths, repeat)
    remembered = memory.measure(instances, versions)
    shown = [
        *complete_task.tables(completing),
        *start_and_parse.tables(starting),
        *multi_instance.tables(many),
        *memory.tables(remembered),
    ]
    publish([completing, starting, many, remembered], shown, as_json)


if __name__ == "__main__":
    main()
