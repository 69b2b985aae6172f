"""``planflow user`` and ``planflow token``: people and their keys."""

from __future__ import annotations

import secrets
import sys
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from plans.organisation import credentials, departments, people, tokens
from plans.organisation.roles import ROLES
from web.cli.wiring import ready


@click.group()
def user() -> None:
    """Look after the people who may sign in."""


@user.command("create")
@click.argument("name")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(list(ROLES)), help="May be repeated."
)
@click.option("--superior", metavar="NAME", help="Whose review this person's plans go to.")
@click.option("--display-name", help="How the person is shown; made from NAME when left out.")
@click.option("--department", metavar="ID", multiple=True, help="Made when new. May be repeated.")
@click.option(
    "--language", type=click.Choice(["en", "zh_Hant", "zh_Hans"]), help="The language of the pages."
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate-password", is_flag=True, help="Make a password and print it.")
def create_user(
    name: str,
    roles: tuple[str, ...],
    superior: str | None,
    display_name: str | None,
    department: tuple[str, ...],
    language: str | None,
    password_stdin: bool,
    generate_password: bool,
) -> None:
    """Make a person who may sign in.

    The password is asked for; without a terminal, one is made and printed.
    """
    password, generated = _password(password_stdin, generate_password)
    with ready() as container, container.database.write() as session:
        people.create_person(
            session,
            name,
            now=datetime.now(UTC),
            display_name=display_name,
            roles=roles,
            superior=superior,
            language=language,
        )
        credentials.set_password(session, name, password)
        _join(session, name, department)
    click.echo(f"Made {name}." + (f" Password: {password}" if generated else ""))


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--generate-password", is_flag=True, help="Make a password and print it.")
def change_password(name: str, password_stdin: bool, generate_password: bool) -> None:
    """Give a person another password, which ends their sessions.

    The password is asked for; without a terminal, one is made and printed.
    """
    with ready() as container:
        with container.session() as session:
            people.require(session, name)
        password, generated = _password(password_stdin, generate_password)
        with container.database.write() as session:
            credentials.set_password(session, name, password)
    click.echo(f"Changed the password of {name}." + (f" Password: {password}" if generated else ""))


@user.command("deactivate")
@click.argument("name")
def deactivate(name: str) -> None:
    """Keep a person out, with their sessions and tokens. What they did stays in the history."""
    _set_active(name, False)
    click.echo(f"{name} is kept out.")


@user.command("activate")
@click.argument("name")
def activate(name: str) -> None:
    """Let a person in again who was kept out."""
    _set_active(name, True)
    click.echo(f"{name} may sign in.")


def _set_active(name: str, active: bool) -> None:
    with ready() as container, container.database.write() as session:
        people.set_active(session, name, active)


def _password(from_stdin: bool, generate: bool) -> tuple[str, bool]:
    """The password, and whether it was made here."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if generate or not sys.stdin.isatty():
        return secrets.token_urlsafe(12), True
    return click.prompt("Password", hide_input=True, confirmation_prompt=True), False


def _join(session: Session, name: str, ids: tuple[str, ...]) -> None:
    for department_id in ids:
        if not departments.exists(session, department_id):
            departments.create_department(
                session, department_id, department_id.replace("_", " ").capitalize()
            )
        departments.add_member(session, department_id, name)


@click.group()
def token() -> None:
    """Look after the tokens that programs use."""


@token.command("create")
@click.option("--user", "name", required=True, metavar="NAME", help="In whose name the program acts.")
@click.option("--label", default="", help="What the token is for.")
def create_token(name: str, label: str) -> None:
    """Make a token and print it alone. It cannot be read again."""
    with ready() as container, container.database.write() as session:
        click.echo(tokens.create_token(session, name, now=datetime.now(UTC), label=label))
