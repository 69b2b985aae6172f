"""The inbox: what waits, on the left; the chosen task, on the right. Every filter lives in the address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine import Queries
from engine.views import Page, TaskSummary
from engine.visibility import sees_all
from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.blueprint import blueprint
from web.pages.shell import here_with
from web.pages.tasks import task_context
from web.pages.work import in_order

PAGE = 30
LONGEST = 200
VIEWS = {
    "mine": lazy_gettext("For me"),
    "claimed": lazy_gettext("Claimed"),
    "overdue": lazy_gettext("Overdue"),
    "all": lazy_gettext("All open"),
}
"""What the list can hold; for me means assigned to me, or open to a group of mine."""


@dataclass(frozen=True)
class Choice:
    """One filter as a link. ``current`` marks the one that holds."""

    label: str
    href: str
    current: bool


@dataclass(frozen=True)
class Empty:
    """What an empty list says."""

    title: str
    text: str


@blueprint.get("/")
def home() -> Response:
    """The first page is the inbox."""
    return redirect(url_for("pages.inbox"))


@blueprint.get("/inbox")
def inbox() -> str:
    """The person's tasks, with one of them open."""
    with services().reading(current_actor()) as queries:
        page = _tasks(queries)
        processes = in_order(queries.processes())
    return render_template(
        "inbox.html",
        **_chosen_task(),
        **_list_context(page),
        processes=processes,
        startable=[one for one in processes if one.startable and one.executable],
    )


def _chosen_task() -> dict[str, Any]:
    chosen = request.args.get("task")
    if not chosen:
        return {"detail": None, "form": None}
    context = task_context(services().engine.view_task(chosen, current_actor()))
    return {**context, "onward": here_with(task=None)}


def _tasks(queries: Queries) -> Page[TaskSummary]:
    view, overdue = _view(), _view() == "overdue"
    page = queries.tasks(
        mine=view != "all",
        group=_group(),
        status="claimed" if view == "claimed" else "open",
        process_key=request.args.get("process") or None,
        cursor=request.args.get("cursor"),
        limit=LONGEST if overdue else PAGE,
    )
    if not overdue:
        return page
    now = datetime.now(UTC)  # the list is in the order of due times: what is overdue stands in front
    return Page(tuple(takewhile(lambda task: task.due_at is not None and task.due_at < now, page.items)))


def _view() -> str:
    asked = request.args.get("view", "mine")
    return asked if asked in VIEWS else "mine"


def _group() -> str | None:
    """A group to narrow the list to; only one that the person belongs to."""
    asked = request.args.get("group")
    return asked if asked in current_actor().groups else None


def _list_context(page: Page[TaskSummary]) -> dict[str, Any]:
    kept = {name: request.args[name] for name in ("view", "task") if request.args.get(name)}
    return {
        "tasks": page.items,
        "next_page": here_with(cursor=page.next_cursor) if page.next_cursor else None,
        "choices": _choices(),
        "kept": {name: value for name, value in kept.items() if name != "task"},
        "groups": sorted(current_actor().groups),
        "chosen_group": _group(),
        "chosen_process": request.args.get("process"),
        "empty_words": _empty_words(),
        "sees_more": _view() != "all" and sees_all(current_actor()),
    }


def _choices() -> list[Choice]:
    return [
        Choice(str(label), here_with(view=None if view == "mine" else view, task=None), view == _view())
        for view, label in VIEWS.items()
    ]


def _empty_words() -> Empty:
    if request.args.get("process") or _group() or _view() != "mine":
        return Empty(gettext("Nothing fits this choice"), gettext("Choose another filter above."))
    return Empty(
        gettext("Nothing waits for you"),
        gettext("New tasks appear here by themselves."),
    )
