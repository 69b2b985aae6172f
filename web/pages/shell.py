"""What stands around every page: the menu, the theme, the scripts, and addresses with a filter changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, request, url_for

from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.names import shown
from webhooks.outgoing import may_read

THEME_COOKIE = "theme"
THEMES = ("light", "dark")
YEAR = 31_536_000
WEBHOOK_PAGES = (
    *("webhook", "new_webhook", "create_webhook", "edit_webhook", "change_webhook"),
    *("rotate_webhook", "webhook_delivery"),
)
RECEIVER_PAGES = (
    *("receiver", "new_receiver", "create_receiver", "edit_receiver", "change_receiver"),
    "rotate_receiver",
)


@dataclass(frozen=True)
class MenuEntry:
    """One place in a menu; ``count`` says how much waits there."""

    endpoint: str
    label: str
    current: bool
    count: int = 0
    count_label: str = ""


@dataclass(frozen=True)
class DemoAccount:
    """A demo account with the password that everybody knows."""

    name: str
    label: str
    password: str


def init_app(app: Flask) -> None:
    """Give the templates what the base template asks for."""
    app.jinja_env.globals.update(
        main_menu=main_menu,
        operation_menu=operation_menu,
        theme=theme,
        asset=asset,
        here=here,
        here_with=here_with,
        unread_notices=unread_notices,
        demo_accounts=demo_accounts,
    )


def main_menu() -> list[MenuEntry]:
    """The places that this person goes to."""
    unread = unread_notices()
    return [
        _entry("inbox", gettext("Inbox"), also=("task",)),
        _entry("start", gettext("Start"), also=("start_form", "process")),
        _entry("instances", gettext("Processes"), also=("instance",)),
        _entry("plans", gettext("Plans"), also=("plan",)),
        _entry("notices", gettext("Notices"), count=unread, count_label=gettext("unread")),
    ]


def operation_menu() -> list[MenuEntry]:
    """What those see who keep it running; empty for everybody else."""
    actor = current_actor()
    entries = []
    if actor.belongs_to("administrator"):
        entries.append(_entry("incidents", gettext("Incidents")))
        entries.append(_entry("jobs", gettext("Jobs")))
    if may_read(actor):
        entries.append(_entry("webhooks", gettext("Webhooks"), also=WEBHOOK_PAGES))
    if actor.belongs_to("administrator", "auditor"):
        entries.append(_entry("receivers", gettext("Receivers"), also=RECEIVER_PAGES))
    return entries


def _entry(
    page: str, label: str, also: tuple[str, ...] = (), count: int = 0, count_label: str = ""
) -> MenuEntry:
    current = request.endpoint in {f"pages.{name}" for name in (page, *also)}
    return MenuEntry(f"pages.{page}", label, current, count, count_label)


def unread_notices() -> int:
    """How many notices this person has not read."""
    with services().reading_plans(current_actor()) as queries:
        return queries.unread_notices()


def demo_accounts() -> tuple[Sequence[DemoAccount], Sequence[DemoAccount]]:
    """The accounts that the sign-in page offers: one for each role, and the others.

    None unless this installation runs with demo data.
    """
    if not services().settings.demo:
        return (), ()
    from plans.demo import ACCOUNTS, FIRST, PASSWORD

    accounts = [DemoAccount(one.name, shown(one.display_name), PASSWORD) for one in ACCOUNTS]
    return accounts[:FIRST], accounts[FIRST:]


def theme() -> str | None:
    """``light`` or ``dark`` when the person chose one, else None: as the system has it."""
    chosen = request.cookies.get(THEME_COOKIE)
    return chosen if chosen in THEMES else None


def here() -> str:
    """The address of this page, with its filters."""
    return request.full_path.rstrip("?")


def here_with(**changes: Any) -> str:
    """This address with some of its query changed; None takes a part out."""
    query = {**request.args.to_dict(), **changes}
    if "cursor" not in changes and "task" not in changes:
        query.pop("cursor", None)
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{request.path}?{urlencode(kept)}" if kept else request.path


def asset(name: str) -> str | None:
    """The address of a built script, style or sprite; None when this build does not have it."""
    folder = Path(current_app.static_folder or "") / "built"
    manifest = folder / "manifest.json"
    if not manifest.exists():
        return None
    built = _manifest(manifest, manifest.stat().st_mtime_ns).get(name)
    return url_for("static", filename=f"built/{built}") if built else None


@lru_cache(maxsize=4)
def _manifest(path: Path, _changed: int) -> dict[str, str]:
    names: dict[str, str] = json.loads(path.read_text())
    return names
