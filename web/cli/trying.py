"""``planflow try`` and ``planflow scenarios``: running models without a database."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import click

from engine import simulation
from plans.scenarios import Played, play_folder
from web.cli.bundles import NothingFound
from web.cli.output import advancing, json_option, print_json, print_lines
from web.settings import ScriptSettings

EXIT_CODES = {"completed": 0, "waiting": 3, "failed": 4, "refused": 5}

file_type = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("try")
@click.argument("file", type=file_type)
@click.option("--process", "process_ids", metavar="ID", multiple=True, help="Given twice, both start.")
@click.option("--data", metavar="JSON", default="{}", help="Variables to start with.")
@click.option("--answers", type=file_type, help="A JSON file: what people answer, by element id.")
@json_option
@click.pass_context
def try_file(
    ctx: click.Context,
    file: Path,
    process_ids: tuple[str, ...],
    data: str,
    answers: Path | None,
    as_json: bool,
) -> None:
    """Run FILE in memory on a virtual clock. Touches no database.

    People's tasks are completed with the answers or empty data, timers elapse, messages and signals thrown in
    the file reach and start other processes in it.

    Exit codes: 0 completed, 3 waiting, 4 failed, 5 refused.
    """
    start = _json_object(data, "--data")
    answered = _json_object(answers.read_bytes(), "--answers") if answers else {}
    with closing(ScriptSettings.from_environment().sandbox()) as sandbox:
        trial = simulation.try_file(file, process_ids, start, answered, sandbox)
    if as_json:
        print_json(vars(trial))
    else:
        print_lines(_told(trial))
    ctx.exit(EXIT_CODES[trial.state])


@click.command("scenarios")
@click.argument(
    "paths",
    metavar="PATH…",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@json_option
@click.pass_context
def scenarios(ctx: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """Play the scenarios of processes (`scenarios/*.yaml` in their folders). Exits with 1 when one fails."""
    folders = [folder for path in paths for folder in _process_folders(path)]
    if not folders:
        raise NothingFound(
            "There is no folder with scenarios in %(paths)s.", paths=", ".join(map(str, paths))
        )
    with closing(ScriptSettings.from_environment().sandbox()) as sandbox:
        results = [
            (folder, result)
            for folder in advancing(folders, "Playing scenarios")
            for result in play_folder(folder, sandbox)
        ]
    if as_json:
        print_json([{"process": folder.name, **vars(result)} for folder, result in results])
    else:
        print_lines(_line(folder, result) for folder, result in results)
    failed = not all(result.passed for _folder, result in results)
    ctx.exit(1 if failed or not results else 0)


def _line(folder: Path, result: Played) -> str:
    told = f"{'passed' if result.passed else 'FAILED'}  {folder.name}: {result.name}"
    return told if result.passed else f"{told}\n        {result.message}"


def _process_folders(path: Path) -> list[Path]:
    if (path / "scenarios").is_dir():
        return [path]
    return sorted(below for below in path.iterdir() if (below / "scenarios").is_dir())


def _json_object(text: str | bytes, option: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"this is not JSON: {error}", param_hint=option) from None
    if not isinstance(value, dict):
        raise click.BadParameter("a JSON object is needed", param_hint=option)
    return value


def _told(trial: simulation.Trial) -> list[str]:
    """The trial for people: the way it went, then how it ended."""
    lines = [f"{step['event']:<10} {step['type']:<24} {step['element']}" for step in trial.trace]
    lines += [f"{problem['element'] or '-'}: {problem['reason']}" for problem in trial.problems]
    return [*lines, f"state: {trial.state}", f"data: {json.dumps(trial.data, ensure_ascii=False)}"]
