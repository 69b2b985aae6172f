"""``planflow doctor``: whether a set-up is as it should be, and what to do."""

from __future__ import annotations

import os

import click
from rich.cells import cell_len

from engine.messages import translatable as _
from web.cli.output import json_option, print_json
from web.doctor import CHECKS, FAILURE, OK, WARNING, Check, Finding, examine
from web.i18n import LANGUAGES, match_language
from web.settings import read_language
from web.speaking import say

STATES = {OK: _("OK"), WARNING: _("warning"), FAILURE: _("failure")}
COLOURS = {OK: "green", WARNING: "yellow", FAILURE: "red"}
BAD = 1
"""The exit code when anything has failed."""


@click.command()
@json_option
@click.option(
    "--language",
    type=click.Choice(list(LANGUAGES)),
    help="The language of what is said; unset, that of the terminal (LC_ALL, LC_MESSAGES, LANG).",
)
@click.pass_context
def doctor(ctx: click.Context, as_json: bool, language: str | None) -> None:
    """Look whether this set-up is as it should be, and say what to do.

    One line for each check: OK, warning or failure. Nothing is changed, and no secret is said. It goes on when the
    database is away. Run it as the user that PlanFlow runs as, with the same environment.

    Exit codes: 0 all is well, or warnings alone; 1 something has failed.
    """
    spoken = language or match_language(read_language()) or "en"
    failed, told = False, []
    for check, finding in examine(os.environ):
        failed = failed or finding.state == FAILURE
        if as_json:
            told.append(_as_json(check, finding, spoken))
        else:
            _print(check, finding, spoken)
    if as_json:
        print_json({"ok": not failed, "checks": told})
    ctx.exit(BAD if failed else 0)


def _as_json(check: Check, finding: Finding, language: str) -> dict[str, str]:
    return {"check": check.name, "state": finding.state, **_words(finding, language)}


def _words(finding: Finding, language: str) -> dict[str, str]:
    templates = {"said": finding.said, "todo": finding.todo}
    return {name: _filled(say(language, text) if text else "", finding) for name, text in templates.items()}


def _filled(text: str, finding: Finding) -> str:
    """On one line, whatever a server has answered."""
    said = text % finding.params if finding.params else text
    return " ".join("".join(each if each.isprintable() else " " for each in said).split())


def _print(check: Check, finding: Finding, language: str) -> None:
    words = _words(finding, language)
    state = _padded(say(language, STATES[finding.state]), [say(language, each) for each in STATES.values()])
    titles = [say(language, each.title) for each in CHECKS]
    line = f"{_padded(say(language, check.title), titles)}  {words['said']}"
    if words["todo"]:
        line += f" → {words['todo']}"
    click.echo(f"{click.style(state, COLOURS[finding.state])}  {line}")


def _padded(text: str, column: list[str]) -> str:
    """As wide as the widest of its column; a Chinese character is two wide."""
    return text + " " * (max(map(cell_len, column)) - cell_len(text))
