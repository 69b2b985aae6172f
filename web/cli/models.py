"""``planflow deploy`` and ``planflow lint``."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from engine.bundle import examine_bundle
from engine.directory import SYSTEM
from engine.engine import Deployed
from engine.sandbox import Sandbox
from web.cli.bundles import Bundle, NothingFound, bundles
from web.cli.output import advancing, finding_json, finding_line, json_option, print_json, print_lines
from web.cli.sarif import Located, sarif
from web.cli.wiring import ready
from web.known_operations import known_operations
from web.settings import ScriptSettings

paths_argument = click.argument(
    "paths", metavar="PATH…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path)
)


@click.command()
@paths_argument
@json_option
def deploy(paths: tuple[Path, ...], as_json: bool) -> None:
    """Deploy processes, decisions and forms.

    A folder is one deployment, files given together are one. What is as it was makes no new version.
    """
    with ready() as container:
        done = [
            container.engine.deploy(bundle.files, actor=SYSTEM, name=bundle.name)
            for bundle in advancing(_bundles(paths), "Deploying")
        ]
    if as_json:
        print_json([_deployment(deployment) for deployment in done])
        return
    for deployment in done:
        state = "unchanged" if deployment.unchanged else "deployed"
        print_lines(f"{key} version {version} {state}" for key, version in deployment.processes)
        print_lines(finding_line(warning) for warning in deployment.warnings)


@click.command()
@paths_argument
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif"]),
    default="text",
    help="How to say it; SARIF 2.1.0 is for editors and code hosts.",
)
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
@click.pass_context
def lint(ctx: click.Context, paths: tuple[Path, ...], form: str, strict: bool) -> None:
    """Say what is wrong with processes, decisions and forms.

    Exits with 1 when a deployment would be refused. Every rule has a page in docs/reference/lint/.
    """
    with closing(ScriptSettings.from_environment().sandbox()) as sandbox:
        found = [located for bundle in _bundles(paths) for located in _findings(bundle, sandbox)]
    errors = sum(problem.severity == "error" for problem, _path in found)
    match form:
        case "json":
            print_json([finding_json(problem) | {"path": path and str(path)} for problem, path in found])
        case "sarif":
            print_json(sarif(found))
        case _:
            print_lines(finding_line(problem, path) for problem, path in found)
            click.echo(f"Errors: {errors}. Warnings: {len(found) - errors}.")
    ctx.exit(1 if errors or (strict and found) else 0)


def _findings(bundle: Bundle, sandbox: Sandbox) -> list[Located]:
    """Errors first, each with its file."""
    read, problems = examine_bundle(bundle.files, known_operations(), sandbox)
    return [(problem, bundle.paths.get(problem.resource)) for problem in (*problems, *read.warnings)]


def _bundles(paths: tuple[Path, ...]) -> list[Bundle]:
    found = bundles(paths)
    if not found:
        raise NothingFound(
            "There is no .bpmn, .dmn or .form file in %(paths)s.", paths=", ".join(map(str, paths))
        )
    return found


def _deployment(deployment: Deployed) -> dict[str, object]:
    """In the shape in which ``POST /api/v1/deployments`` answers."""
    return {
        "id": deployment.id,
        "processes": [{"key": key, "version": version} for key, version in deployment.processes],
        "decisions": [{"key": key, "version": version} for key, version in deployment.decisions],
        "unchanged": deployment.unchanged,
        "warnings": [finding_json(warning) for warning in deployment.warnings],
    }
