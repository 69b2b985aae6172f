"""The ``planflow`` command: one module for each group of sub-commands, loaded when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import PlanFlowError
from web import logs
from web.cli.output import complain
from web.settings import read_log_settings
from web.version import product_version

COMMANDS: Mapping[str, str] = {
    "up": "web.cli.serving:up",
    "serve": "web.cli.serving:serve",
    "worker": "web.cli.serving:worker",
    "db": "web.cli.database:database",
    "deploy": "web.cli.models:deploy",
    "lint": "web.cli.models:lint",
    "try": "web.cli.trying:try_file",
    "scenarios": "web.cli.trying:scenarios",
    "user": "web.cli.people:user",
    "token": "web.cli.people:token",
    "department": "web.cli.departments:department",
    "history": "web.cli.history:history",
    "doctor": "web.cli.doctor:doctor",
}
"""Where each sub-command lives. ``planflow try`` need not wait for the web server's imports."""


class Unusable(PlanFlowError):
    """The database or a file failed in the middle of a command."""

    code = "unusable"


class Commands(click.Group):
    """Loads sub-commands late, and tells errors that are meant for people in one clear line each."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names, in the order a newcomer needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The sub-command with this name."""
        if cmd_name not in COMMANDS:
            return None
        module, _colon, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; exit with 1 for an error that has a message for people, or that the machine is to blame for."""
        try:
            chosen = read_log_settings()
            logs.configure(chosen.form, chosen.level or "warning")
            return super().invoke(ctx)
        except PlanFlowError as error:
            complain(error)
        except SQLAlchemyError as error:
            complain(
                Unusable("The database cannot be used: %(reason)s", reason=getattr(error, "orig", error))
            )
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            place = error.filename or "A file"
            complain(Unusable("%(file)s cannot be used: %(reason)s", file=place, reason=error.strerror))
        return ctx.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(product_version(), prog_name="planflow")
def main() -> None:
    """PlanFlow: a company's plan policy, run as BPMN.

    Settings come from the environment: PLANFLOW_HOME says where the embedded files lie (./.planflow),
    PLANFLOW_DATABASE_URL where the database is (an SQLite file in the home folder).

    Exit codes: 0 done, 1 error, 2 the command was not understood.
    """
