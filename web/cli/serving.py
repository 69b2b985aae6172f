"""``planflow up``, ``planflow serve`` and ``planflow worker``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

import web
from engine.directory import SYSTEM
from web import logs
from web.cli.bundles import Bundle, bundles
from web.cli.output import advancing, working
from web.cli.server import Plan, serve_on, work_for_broker, work_on
from web.cli.wiring import require_tables, wired
from web.container import Container
from web.settings import Settings, is_loopback

PROCESSES = Path(web.__file__).parent.parent / "processes"
"""The processes that come with PlanFlow."""
SHIPPED = "planflow/"
"""What the names of their deployments begin with, so that a designer's deployment is never taken for one."""

NEEDS_HTTPS = (
    "Signing in needs HTTPS at this address: put a proxy in front and set PLANFLOW_PUBLIC_URL, "
    "or set PLANFLOW_SECURE_COOKIES=no on a network that you trust."
)

host_option = click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
port_option = click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0 picks a free one and prints it.",
)


worker_option = click.option(
    "--worker/--no-worker",
    "with_worker",
    default=True,
    help="Whether this process does jobs as well: timers, and calls of other systems.",
)


@click.command()
@host_option
@port_option
@worker_option
def serve(host: str, port: int, with_worker: bool) -> None:
    """Serve an installation that `planflow up` or `planflow db upgrade` has prepared."""
    serve_on(host, port, _settings(host), Plan(require_tables, _announce), with_worker)


@click.command()
@click.option("--celery", is_flag=True, help="Do what comes through the broker of PLANFLOW_BROKER_URL.")
def worker(celery: bool) -> None:
    """Do jobs without serving: fire timers, start processes, call other systems.

    Any number of workers, and servers with a worker inside, may be at work on one database. On SIGTERM it finishes what
    it is doing.
    """
    settings = Settings.from_environment()
    logs.configure(settings.logs.form, settings.logs.level or "info")
    work = work_for_broker if celery else work_on
    work(settings, lambda name: click.echo(f"The worker {name} is at work"))


@click.command()
@click.option("--demo", is_flag=True, help="Add demo accounts and a realistic year. On loopback only.")
@host_option
@port_option
@worker_option
@click.option("--prepare-only", is_flag=True, help="Prepare, and end instead of serving.")
def up(demo: bool, host: str, port: int, with_worker: bool, prepare_only: bool) -> None:
    """Prepare everything that is missing, then serve.

    Makes the home folder and its secret, migrates the database, deploys the processes that come with
    PlanFlow, and prints the address and how to sign in.
    """
    if demo and not is_loopback(host):
        raise click.UsageError("--demo has known passwords, so it serves on a loopback address only.")
    if prepare_only:
        with wired() as container:
            prepare(container, demo)
        return
    settings = replace(_settings(host), demo=demo)
    announce = _announce_demo if demo else _announce_people
    serve_on(host, port, settings, Plan(lambda container: prepare(container, demo), announce), with_worker)


def prepare(container: Container, demo: bool) -> None:
    """Migrate, deploy the shipped processes and, if asked, load the demo. Doing it twice changes nothing."""
    with working("Migrating the database"):
        container.database.upgrade()
    for bundle in advancing(bundles([PROCESSES]), "Deploying processes"):
        _deploy_shipped(container, bundle)
    if demo:
        from plans import demo as demonstration

        with working("Loading the demo"), logs.quiet():
            demonstration.load(container)


def _deploy_shipped(container: Container, bundle: Bundle) -> None:
    """Deploy what PlanFlow brings, unless it brought the same before: what designers made of it since holds."""
    name = SHIPPED + bundle.name
    if not container.engine.deployed_last(name, bundle.files):
        container.engine.deploy(bundle.files, actor=SYSTEM, name=name)


def _settings(host: str) -> Settings:
    settings = Settings.from_environment().serving_on(host)
    logs.configure(settings.logs.form, settings.logs.level or "info")
    if settings.cookies_need_https and not settings.https:
        click.echo(NEEDS_HTTPS, err=True)
    return settings


def _announce(address: str) -> None:
    click.echo(f"PlanFlow serves at {address}")


def _announce_people(address: str) -> None:
    _announce(address)
    click.echo("Make people who may sign in: planflow user create NAME --role ROLE")


def _announce_demo(address: str) -> None:
    from plans.demo import ACCOUNTS, PASSWORD

    _announce(address)
    table = Table("Sign in as", "Who that is", title=f"Demo accounts; the password of each is {PASSWORD}")
    for account in ACCOUNTS:
        table.add_row(account.name, account.display_name)
    Console().print(table)
