"""``planflow department``: the departments that are asked, and who heads them."""

from __future__ import annotations

import click

from engine.directory import SYSTEM
from plans.organisation import departments
from web.cli.output import json_option, print_json, print_lines
from web.cli.wiring import ready


@click.group()
def department() -> None:
    """Look after the departments that plans are filed with and that are asked about changes."""


@department.command("create")
@click.argument("department_id", metavar="ID")
@click.argument("name")
@click.option("--head", metavar="PERSON", help="Whose task it is to answer for the department.")
def create(department_id: str, name: str, head: str | None) -> None:
    """Make a department. ID is what decisions and forms call it, such as finance."""
    with ready() as container, container.database.write() as session:
        departments.create_department(session, department_id, name, head)
    click.echo(f"Made {department_id}.")


@department.command("head")
@click.argument("department_id", metavar="ID")
@click.argument("person")
def head(department_id: str, person: str) -> None:
    """Let a person head a department, in place of whoever did."""
    with ready() as container, container.database.write() as session:
        departments.set_head(session, department_id, person)
    click.echo(f"{person} heads {department_id}.")


@department.command("join")
@click.argument("department_id", metavar="ID")
@click.argument("person")
def join(department_id: str, person: str) -> None:
    """Let a person be a member of a department."""
    with ready() as container, container.database.write() as session:
        departments.add_member(session, department_id, person)
    click.echo(f"{person} belongs to {department_id}.")


@department.command("list")
@json_option
def list_departments(as_json: bool) -> None:
    """Show the departments, their heads and members."""
    with ready() as container, container.reading_plans(SYSTEM) as queries:
        found = [vars(one) for one in queries.departments()]
    if as_json:
        print_json(found)
        return
    print_lines(f"{one['id']}  {one['name']}  head: {one['head'] or '-'}" for one in found)
