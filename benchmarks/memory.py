"""Whether a server's memory stays flat: ``python -m benchmarks.memory``.

A real server process is asked, over HTTP, to start an instance and complete its first task, ten thousand times, and its
resident memory is read on the way. Then it is given version after version of a process, each started once: what is
parsed of them is kept for those used last only.
"""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from benchmarks.installation import installation, token
from benchmarks.measuring import circumstances, end_on_signal, progress
from benchmarks.planflow import HttpRun, Post, deployed, posting, served
from benchmarks.reporting import json_option, numbers, publish
from benchmarks.shapes import LOOP
from engine import SYSTEM
from web.container import Container

instances_option = click.option(
    "--instances",
    callback=numbers,
    default="1000,5000,10000",
    show_default=True,
    help="After how many instances the memory is read.",
)
versions_option = click.option(
    "--versions",
    callback=numbers,
    default="1000,1500,2000",
    show_default=True,
    help="After how many versions of a process the memory is read.",
)


def measure(instances: Sequence[int], versions: Sequence[int]) -> dict[str, Any]:
    """The report: resident memory in KiB at each number, and by how many bytes it grew for each one in between."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="planflow-benchmark-")))
        container = stack.enter_context(installation(folder / "http", []))
        server = stack.enter_context(served(folder / "http"))
        post = stack.enter_context(posting(server.address, token(container)))
        deployed(container, LOOP, 0)
        touched = _readings(instances, lambda _number: _touch(post), server.pid, "Instances")
        started = _readings(
            versions, lambda number: _version(container, post, number), server.pid, "Versions"
        )
    return {
        "benchmark": "memory",
        "circumstances": circumstances(),
        "instances": touched,
        "bytes_per_instance": slope(touched),
        "versions": started,
        "bytes_per_version": slope(started),
    }


def _touch(post: Post) -> None:
    HttpRun(post, LOOP.process(0)).step()


def _version(container: Container, post: Post, number: int) -> None:
    """Deploy the loop with a name of its own, so that it is another version, and start it."""
    content = LOOP.model(0).replace(b"Work in rounds", f"Work in rounds {number}".encode())
    container.engine.deploy({"loop.bpmn": content}, SYSTEM, "versions")
    _touch(post)


def _readings(
    numbers_: Sequence[int], work: Callable[[int], None], pid: int, description: str
) -> list[dict[str, int]]:
    found = []
    with progress() as bar:
        for number in bar.track(range(1, numbers_[-1] + 1), description=description):
            work(number)
            if number in numbers_:
                found.append({"number": number, "rss_kib": resident(pid)})
    return found


def resident(pid: int) -> int:
    """The memory of a process that lies in RAM, in KiB, as ``ps`` tells it (POSIX)."""
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True, text=True)  # noqa: S607
    return int(told.stdout)


def slope(readings: Sequence[dict[str, int]]) -> float | None:
    """Bytes for each one, by least squares over the readings; None where there is only one reading."""
    if len(readings) < 2:
        return None
    numbers_ = [reading["number"] for reading in readings]
    sizes = [reading["rss_kib"] * 1024 for reading in readings]
    middle, size = sum(numbers_) / len(numbers_), sum(sizes) / len(sizes)
    shared = sum((n - middle) * (s - size) for n, s in zip(numbers_, sizes, strict=True))
    return shared / sum((n - middle) ** 2 for n in numbers_)


def tables(report: dict[str, Any]) -> list[Table]:
    """The report for people."""
    table = Table("after", "resident memory", "grows by", title="Memory of a server")
    for what in ("instances", "versions"):
        grown = report[f"bytes_per_{what[:-1]}"]
        for reading in report[what]:
            last = reading is report[what][-1] and grown is not None
            told = f"{grown:,.0f} bytes for each" if last else ""
            table.add_row(f"{reading['number']:,} {what}", f"{reading['rss_kib'] / 1024:.1f} MiB", told)
    return [table]


@click.command()
@json_option
@instances_option
@versions_option
def main(as_json: bool, instances: tuple[int, ...], versions: tuple[int, ...]) -> None:
    """Measure whether the memory of a server stays flat."""
    end_on_signal()
    report = measure(instances, versions)
    publish(report, tables(report), as_json)


if __name__ == "__main__":
    main()
