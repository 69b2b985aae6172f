"""What the commands print: results to standard output, complaints and progress to standard error."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import Progress

from engine.errors import Invalid, NotDeployable, PlanFlowError, Problem
from web import logs

Item = TypeVar("Item")

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a program to read.")


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def complain(error: PlanFlowError) -> None:
    """An error in one clear line, with a line for each field or finding below."""
    click.secho(f"planflow: {' '.join(str(error).split())}", fg="red", err=True)
    if isinstance(error, NotDeployable):
        for problem in error.problems:
            click.echo(f"  {finding_line(problem)}", err=True)
    if isinstance(error, Invalid) and len(error.fields) > 1:
        for field in error.fields:
            click.echo(f"  {field.field}: {field.message}", err=True)


def finding_line(problem: Problem, path: Path | None = None) -> str:
    """A finding about a model on one line: where, what, which rule. ``path`` is the file, if it is known."""
    element = problem.element or ""
    named = f"{element} ({problem.name})" if problem.name else element
    file = str(path) if path else problem.resource
    place = f"{file}:{problem.line}" if problem.line else file
    said = ": ".join(filter(None, (place, problem.severity, named, problem.reason)))
    return f"{said} [{problem.rule}]"


def finding_json(problem: Problem) -> dict[str, str | int | None]:
    """A finding about a model for a program."""
    return vars(problem).copy()


def advancing(items: Sequence[Item], label: str) -> Iterator[Item]:
    """The items, with a bar that advances on a terminal's standard error."""
    console = Console(stderr=True)
    with (
        _alone(console),
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
    ):
        yield from progress.track(items, description=label)


@contextmanager
def working(label: str) -> Iterator[None]:
    """Show that something takes its time."""
    console = Console(stderr=True)
    with _alone(console), console.status(label):
        yield


def _alone(console: Console) -> AbstractContextManager[None]:
    """What moves on a terminal says the same as the log, whose lines would tear it; warnings still come through."""
    return logs.quiet() if console.is_terminal else nullcontext()


def print_lines(lines: Iterable[str]) -> None:
    """Lines of text on standard output."""
    for line in lines:
        click.echo(line)
