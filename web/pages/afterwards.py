"""After something was done: what it was, what comes next, and the way there."""

from __future__ import annotations

from flask import url_for
from markupsafe import Markup, escape

from engine.commands import Result
from engine.views import TaskDetail, TaskSummary
from web.auth import current_actor
from web.container import services
from web.i18n import gettext, process_text
from web.pages.work import outcome_name

ENDED = ("element.completed", "element.passed")
"""The events that tell of an element, such as an end, that it is done."""


def own_task(instance_id: str) -> TaskSummary | None:
    """The task of an instance that waits for the reader, if there is one."""
    with services().reading(current_actor()) as queries:
        return next(iter(queries.tasks(mine=True, instance_id=instance_id, limit=1).items), None)


def told_started(process_key: str, result: Result) -> tuple[str, str]:
    """What starting led to, and its kind: a process may end at once, as when the plan is there already."""
    if result.status == "active":
        return gettext("Started. The first step waits."), "positive"
    with services().reading(current_actor()) as queries:
        events = queries.history(result.instance_id, kinds=ENDED, newest_first=True, limit=1)
    end = next((process_text(each.element_name or "", process_key) for each in events.items), "")
    return gettext("The process ended at once: %(end)s.", end=end), "warning"


def address_of(following: TaskSummary, onward: str) -> str:
    """The next task: in the inbox when the reader came from there, else on its own page."""
    if onward.startswith(url_for("pages.inbox") + "?"):
        return url_for("pages.inbox", task=following.id)
    return url_for("pages.task", task_id=following.id)


def told_done(task_id: str, result: Result, following: TaskSummary | None) -> Markup:
    """That a task is done, what it led to, and a link to where the process stands."""
    with services().reading(current_actor()) as queries:
        done = queries.task(task_id)
    said = [_done(done), *_led_to(done.summary.process_key, result, following)]
    place = url_for("pages.instance", instance_id=result.instance_id)
    link = Markup('<a href="{}">{}</a>').format(place, gettext("See where it stands"))
    return Markup(" ").join([*map(escape, said), link])


def _done(task: TaskDetail) -> str:
    name = process_text(task.summary.name, task.summary.process_key)
    if not task.summary.outcome:
        return gettext("“%(name)s” is done.", name=name)
    return gettext("“%(name)s” is done: %(outcome)s.", name=name, outcome=outcome_name(task))


def _led_to(process_key: str, result: Result, following: TaskSummary | None) -> list[str]:
    if following:
        return [gettext("Next: “%(name)s”.", name=process_text(following.name, process_key))]
    if result.status == "completed":
        return [gettext("With it the process is completed.")]
    return []
