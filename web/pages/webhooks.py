"""Webhooks: where events are sent, and what has become of each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Forbidden, Invalid
from engine.messages import translatable as _
from web.api.webhooks import delivery_number
from web.auth import current_actor
from web.container import services
from web.i18n import LANGUAGES, gettext, language, ngettext, process_text, translated_error
from web.pages.blueprint import blueprint
from web.pages.display import Standing
from web.pages.inbox import Choice
from web.pages.shell import here_with
from webhooks.events import BY_NAME, TYPES
from webhooks.outgoing import FORMATS, STANDARD, STATUSES, Chosen, Endpoint, may_manage

OVERLAPS = (0, 1, 24, 168)
"""Hours for which a secret may be valid beside the next one, to choose from."""


@dataclass(frozen=True)
class Draft:
    """What stands in the form. ``refused`` says what was wrong, by field."""

    chosen: Chosen
    revision: int | None
    refused: Mapping[str, str]


@blueprint.get("/webhooks")
def webhooks() -> str:
    """Every endpoint with how it stands."""
    reader = current_actor()
    found = services().webhooks.endpoints(reader)
    return render_template(
        "webhooks.html",
        endpoints=found,
        failed=services().webhooks.failed(reader),
        standing=_standing,
        formats=_formats(),
        may_manage=may_manage(reader),
    )


@blueprint.get("/webhooks/new")
def new_webhook() -> str:
    """The form of an endpoint that is yet to be made."""
    return _form(Draft(Chosen("", STANDARD, None, language=language()), None, {}), None)


@blueprint.post("/webhooks/new")
def create_webhook() -> str | tuple[str, int] | Response:
    """Make it, and show its secret this once."""
    chosen = _sent()
    try:
        made, secret = services().webhooks.create(current_actor(), chosen)
    except Invalid as refusal:
        return _form(Draft(chosen, None, _refused(refusal)), None), refusal.status
    if secret is None:
        flash(gettext("The webhook was made. Send a test message to try it."), "positive")
        return redirect(url_for("pages.webhook", endpoint_id=made.id))
    return _page(made, secret)


@blueprint.get("/webhooks/<endpoint_id>")
def webhook(endpoint_id: str) -> str:
    """An endpoint: what it is sent, how it stands, and its deliveries."""
    return _page(services().webhooks.endpoint(current_actor(), endpoint_id))


@blueprint.get("/webhooks/<endpoint_id>/edit")
def edit_webhook(endpoint_id: str) -> str:
    """The form of an endpoint."""
    found = services().webhooks.endpoint(current_actor(), endpoint_id)
    chosen = Chosen(found.name, found.format, None, found.events, found.processes, found.language)
    return _form(Draft(chosen, found.revision, {}), found)


@blueprint.post("/webhooks/<endpoint_id>/edit")
def change_webhook(endpoint_id: str) -> tuple[str, int] | Response:
    """Change it."""
    chosen, seen = _sent(), request.form.get("revision", "")
    revision = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
    try:
        services().webhooks.change(current_actor(), endpoint_id, chosen, revision)
    except Invalid as refusal:
        found = services().webhooks.endpoint(current_actor(), endpoint_id)
        return _form(Draft(chosen, revision, _refused(refusal)), found), refusal.status
    flash(gettext("The webhook was changed."), "positive")
    return redirect(url_for("pages.webhook", endpoint_id=endpoint_id))


@blueprint.post("/webhooks/<endpoint_id>/delete")
def delete_webhook(endpoint_id: str) -> Response:
    """Delete it with its deliveries."""
    services().webhooks.delete(current_actor(), endpoint_id)
    flash(gettext("The webhook was deleted."), "positive")
    return redirect(url_for("pages.webhooks"))


@blueprint.post("/webhooks/<endpoint_id>/switch")
def switch_webhook(endpoint_id: str) -> Response:
    """Switch it on or off."""
    on = request.form.get("on") == "yes"
    services().webhooks.switch(current_actor(), endpoint_id, on)
    flash(
        gettext("The webhook is switched on.") if on else gettext("The webhook is switched off."), "positive"
    )
    return redirect(url_for("pages.webhook", endpoint_id=endpoint_id))


@blueprint.post("/webhooks/<endpoint_id>/rotate")
def rotate_webhook(endpoint_id: str) -> str:
    """Make a new secret and show it this once."""
    sent = request.form.get("hours", "")
    hours = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else 24
    found, secret = services().webhooks.rotate(current_actor(), endpoint_id, timedelta(hours=hours))
    return _page(found, secret)


@blueprint.post("/webhooks/<endpoint_id>/test")
def test_webhook(endpoint_id: str) -> Response:
    """Send a test event, and show what becomes of it."""
    number = services().webhooks.test(current_actor(), endpoint_id)
    flash(gettext("The test event is on its way. Look at this page again in a moment."), "positive")
    return redirect(url_for("pages.webhook_delivery", delivery_id=number))


@blueprint.post("/webhooks/<endpoint_id>/redeliver")
def redeliver_failed(endpoint_id: str) -> Response:
    """Send all that failed once more."""
    count = services().webhooks.redeliver_failed(current_actor(), endpoint_id)
    flash(
        ngettext("%(num)d event is sent once more.", "%(num)d events are sent once more.", count), "positive"
    )
    return redirect(url_for("pages.webhook", endpoint_id=endpoint_id))


@blueprint.get("/webhooks/deliveries/<delivery_id>")
def webhook_delivery(delivery_id: str) -> str:
    """A delivery: what was sent and what came back, at every try."""
    reader = current_actor()
    found = services().webhooks.delivery(reader, delivery_number(delivery_id))
    return render_template(
        "webhook_delivery.html",
        found=found,
        item=found.delivery,
        standings=_standings(),
        event_name=event_name,
        failure=gettext,
        now=datetime.now(UTC),
        may_manage=may_manage(reader),
    )


@blueprint.post("/webhooks/deliveries/<delivery_id>/redeliver")
def redeliver(delivery_id: str) -> Response:
    """Send it once more."""
    found = services().webhooks.redeliver(current_actor(), delivery_number(delivery_id))
    flash(gettext("The event is sent once more, with the same id."), "positive")
    return redirect(url_for("pages.webhook_delivery", delivery_id=found.id))


def event_name(kind: str) -> str:
    """What people call a type of event."""
    return gettext(BY_NAME[kind].title) if kind in BY_NAME else gettext("Test event")


@blueprint.app_template_filter("as_json_text")
def as_json_text(text: str) -> str:
    """JSON on several lines; whatever is none stays as it is."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return text


def _page(found: Endpoint, secret: str | None = None) -> str:
    reader, wanted = current_actor(), request.args.get("status")
    status = wanted if wanted in STATUSES else None
    page = services().webhooks.deliveries(
        reader, found.id, status, request.args.get("cursor") if request.method == "GET" else None
    )
    here = url_for("pages.webhook", endpoint_id=found.id)
    choices = [Choice(gettext("All"), here, status is None)]
    for code, standing in _standings().items():
        there = url_for("pages.webhook", endpoint_id=found.id, status=code)
        choices.append(Choice(standing.words, there, status == code))
    return render_template(
        "webhook.html",
        found=found,
        secret=secret,
        deliveries=page.items,
        failed=services().webhooks.failed(reader).get(found.id, 0),
        processes=_processes(),
        choices=choices,
        standings=_standings(),
        standing=_standing(found),
        formats=_formats(),
        languages=LANGUAGES,
        overlaps=_overlaps(),
        event_name=event_name,
        failure=gettext,
        now=datetime.now(UTC),
        may_manage=may_manage(reader),
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=page.next_cursor) if page.next_cursor else None,
    )


def _form(draft: Draft, found: Endpoint | None) -> str:
    if not may_manage(current_actor()):
        raise Forbidden(_("Only an administrator may change webhooks."))
    return render_template(
        "webhook_form.html",
        draft=draft,
        chosen=draft.chosen,
        refused=draft.refused,
        found=found,
        types=[(each.name, gettext(each.title)) for each in TYPES],
        processes=_processes(),
        formats=_formats(),
        languages=LANGUAGES,
    )


def _processes() -> dict[str, str]:
    names = services().webhooks.process_names(current_actor())
    return {key: process_text(name, key) for key, name in names.items()}


def _sent() -> Chosen:
    """What the form holds; an empty address or secret stays as it is."""
    form = request.form
    return Chosen(
        name=form.get("name", ""),
        format=form.get("format", STANDARD),
        url=form.get("url", "").strip() or None,
        events=form.getlist("events"),
        processes=form.getlist("processes"),
        language=form.get("language", "en"),
        secret=form.get("secret", "").strip() or None,
    )


def _refused(refusal: Invalid) -> dict[str, str]:
    return {problem.field: translated_error(problem) for problem in refusal.fields}


def _formats() -> dict[str, str]:
    words = {
        "standard": gettext("Signed CloudEvents (Standard Webhooks)"),
        "dingtalk": gettext("DingTalk group robot"),
        "feishu": gettext("Feishu or Lark group robot"),
        "wecom": gettext("WeCom group robot"),
    }
    return {each: words[each] for each in FORMATS}


def _overlaps() -> dict[int, str]:
    words = {
        0: gettext("not at all"),
        1: gettext("for an hour"),
        24: gettext("for a day"),
        168: gettext("for a week"),
    }
    return {each: words[each] for each in OVERLAPS}


def _standings() -> dict[str, Standing]:
    """Each status of a delivery in word, shape and colour."""
    return {
        "pending": Standing(gettext("On its way"), "active", "clock"),
        "delivered": Standing(gettext("Delivered"), "positive", "circle-check"),
        "failed": Standing(gettext("Given up"), "negative", "triangle-alert"),
    }


def _standing(found: Endpoint) -> Standing:
    """How an endpoint stands."""
    if not found.enabled:
        return Standing(
            gettext("Switched off"), "negative" if found.disabled_why != "by_hand" else "neutral", "pause"
        )
    if found.failing_since is not None:
        return Standing(gettext("Fails"), "negative", "triangle-alert")
    if found.succeeded_at is None:
        return Standing(gettext("Not tried yet"), "neutral", "circle-dashed")
    return Standing(gettext("Works"), "positive", "circle-check")
