"""Jobs: what is done by itself, what of it has failed, and who does it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine import RetryJob, heartbeats
from engine.jobs.listing import SHOWN
from web.api.jobs import job_number
from web.auth import current_actor
from web.container import services
from web.i18n import gettext
from web.pages.blueprint import blueprint
from web.pages.display import Standing
from web.pages.inbox import Choice
from web.pages.shell import here_with


@blueprint.get("/jobs")
def jobs() -> str:
    """What is due, in work, or has stopped."""
    wanted = request.args.get("status")
    status = wanted if wanted in SHOWN else None
    with services().reading(current_actor()) as queries:
        page = queries.jobs(status=status, cursor=request.args.get("cursor"))
        workers = queries.workers()
    return render_template(
        "jobs.html",
        jobs=page.items,
        status=status,
        choices=_choices(status),
        standings=_standings(),
        kinds=_kinds(),
        workers=workers,
        somebody_works=any(each.alive and each.does_jobs for each in workers),
        worker_kinds=_worker_kinds(),
        worker_standings=_worker_standings(),
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


@blueprint.post("/jobs/<job_id>/retry")
def retry_job(job_id: str) -> Response:
    """Have it done now."""
    services().engine.execute(RetryJob(job_number(job_id)), current_actor())
    flash(gettext("The job is due now and will be done by a worker."), "positive")
    return redirect(url_for("pages.jobs"))


def _choices(status: str | None) -> list[Choice]:
    """All of them, or those of a status."""
    chosen = [Choice(gettext("All"), url_for("pages.jobs"), status is None)]
    for code, standing in _standings().items():
        chosen.append(Choice(standing.words, url_for("pages.jobs", status=code), status == code))
    return chosen


def _standings() -> dict[str, Standing]:
    """Each status in word, shape and colour."""
    return {
        "due": Standing(gettext("Waiting"), "neutral", "clock"),
        "running": Standing(gettext("Running"), "active", "play"),
        "failed": Standing(gettext("Stopped"), "negative", "triangle-alert"),
    }


def _kinds() -> dict[str, str]:
    """What each of the engine's own kinds is called; any other goes by its name."""
    return {
        "timer": gettext("Timer"),
        "start_timer": gettext("Timed start"),
        "start_condition": gettext("Conditional start"),
        "service": gettext("Call of another system"),
        "overdue_tasks": gettext("Look for overdue tasks"),
        "history_months": gettext("Make the next months of the history"),
        "webhook": gettext("Delivery of a webhook"),
        "letter": gettext("E-mail"),
        "webhook_tidy": gettext("Clearing away of old calls"),
        "webhook_retention": gettext("Clearing away of old deliveries"),
    }


def _worker_kinds() -> dict[str, str]:
    """What each kind of worker is called."""
    return {
        heartbeats.SERVER: gettext("In a server"),
        heartbeats.WORKER: gettext("Alone"),
        heartbeats.CELERY: gettext("Takes jobs from the broker"),
        heartbeats.DISPATCHER: gettext("Hands jobs to the broker"),
    }


def _worker_standings() -> dict[bool, Standing]:
    """Alive or gone."""
    return {
        True: Standing(gettext("At work"), "positive", "circle-check"),
        False: Standing(gettext("Gone"), "negative", "circle-x"),
    }
