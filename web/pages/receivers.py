"""Receivers: what other systems may post, what that does, and what was posted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Conflict, FieldProblem, Invalid
from plans.organisation import ROLES
from web import json_body
from web.auth import current_actor
from web.container import services
from web.i18n import gettext, translated_error
from web.incoming import address_of
from web.pages.blueprint import blueprint
from web.pages.display import Standing
from web.pages.shell import here_with
from webhooks.incoming import AUTHENTICATIONS, Draft, Management

TEXTS = (
    *("authentication", "action", "target", "correlation", "variables", "business_key"),
    *("only_when", "schema", "time_to_live", "id_header"),
)
Written = Mapping[str, Any]
"""What a form holds, as it was written."""


@blueprint.get("/receivers")
def receivers() -> str:
    """All of them."""
    found = _management().listed(current_actor())
    return render_template(
        "receivers.html", receivers=found, may_manage=_may_manage(), words=_words(), address_of=address_of
    )


@blueprint.get("/receivers/new")
def new_receiver() -> str:
    """The form of a new one."""
    _require_manager()
    return _form({**_written(Draft(variables="body")), "name": ""}, None)


@blueprint.post("/receivers/new")
def create_receiver() -> str | tuple[str, int]:
    """Make it, and show its secret this once; when it is refused, the form comes back with what was written."""
    written = _submitted()
    try:
        name = written["name"]
        secret = _management().create(name, _drafted(written), current_actor())
    except (Invalid, Conflict) as refusal:
        return _form(written, None, refusal), refusal.status
    return _page(name, secret)


@blueprint.get("/receivers/<name>")
def receiver(name: str) -> str:
    """One of them: how to call it, what it does, and what was posted lately."""
    return _page(name)


@blueprint.get("/receivers/<name>/edit")
def edit_receiver(name: str) -> str:
    """The form to change it."""
    _require_manager()
    found = _management().one(name, current_actor())
    return _form({**_written(found.draft), "name": name, "revision": str(found.revision)}, name)


@blueprint.post("/receivers/<name>/edit")
def change_receiver(name: str) -> Response | str | tuple[str, int]:
    """Change it. Another way to sign in has a new secret, which is shown this once."""
    written = {**_submitted(), "name": name}
    try:
        revision = int(written["revision"]) if written["revision"].isdecimal() else None
        secret = _management().update(name, _drafted(written), current_actor(), revision)
    except (Invalid, Conflict) as refusal:
        return _form(written, name, refusal), refusal.status
    if secret is not None:
        return _page(name, secret)
    flash(gettext("The receiver was changed."), "positive")
    return redirect(url_for("pages.receiver", name=name))


@blueprint.post("/receivers/<name>/rotate")
def rotate_receiver(name: str) -> str:
    """Give it a new secret and show that this once."""
    at_once = request.form.get("at_once") == "yes"
    return _page(name, _management().rotate(name, current_actor(), at_once))


@blueprint.post("/receivers/<name>/remove")
def remove_receiver(name: str) -> Response:
    """Remove it with the list of its calls."""
    _management().remove(name, current_actor())
    flash(gettext("The receiver “%(name)s” was removed.", name=name), "positive")
    return redirect(url_for("pages.receivers"))


def _page(name: str, secret: str | None = None) -> str:
    management = _management()
    found = management.one(name, current_actor())
    calls = management.calls(name, current_actor(), request.args.get("cursor"), limit=30)
    return render_template(
        "receiver.html",
        receiver=found,
        draft=found.draft,
        schema=_json(found.draft.schema),
        secret=secret,
        address=address_of(name),
        example=example(found.draft.authentication, address_of(name), found.draft.id_header),
        calls=calls.items,
        standings=_standings(),
        words=_words(),
        may_manage=_may_manage(),
        group_names=ROLES,
        first_page=here_with(cursor=None) if request.args.get("cursor") else None,
        next_page=here_with(cursor=calls.next_cursor) if calls.next_cursor else None,
    )


def _form(written: Written, name: str | None, refusal: Invalid | Conflict | None = None) -> str:
    problems = refusal.fields if isinstance(refusal, Invalid) else []
    with services().reading(current_actor()) as queries:
        processes = [each for each in queries.processes() if each.executable]
    return render_template(
        "receiver_form.html",
        written=written,
        name=name,
        errors={problem.field: translated_error(problem) for problem in problems},
        problem=translated_error(refusal) if refusal and not problems else None,
        authentications=AUTHENTICATIONS,
        actions=("message", "start", *_management().actions),
        processes=processes,
        groups=_management().groups,
        words=_words(),
    )


def _submitted() -> dict[str, Any]:
    form = request.form
    texts = {name: form.get(name, "").replace("\r\n", "\n").strip() for name in (*TEXTS, "name", "revision")}
    return {**texts, "groups": tuple(form.getlist("groups")), "enabled": form.get("enabled") == "yes"}


def _written(draft: Draft) -> dict[str, Any]:
    held = {**vars(draft), "schema": _json(draft.schema), "time_to_live": draft.time_to_live or ""}
    return {**held, "revision": ""}


def _drafted(written: Written) -> Draft:
    """The definition that a form makes. Raises Invalid for a schema that is not JSON."""
    schema = None
    if written["schema"]:
        try:
            schema = json_body.parse(written["schema"])
        except (json_body.NotJson, Invalid) as refusal:
            problem = FieldProblem("schema", refusal.template, refusal.params)
            raise Invalid(json_body.FIELDS_WRONG, [problem]) from None
    texts = {name: written[name] for name in TEXTS if name not in ("schema", "time_to_live")}
    return Draft(
        **texts,
        schema=schema,
        time_to_live=written["time_to_live"] or None,
        groups=written["groups"],
        enabled=written["enabled"],
    )


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)


def example(authentication: str, address: str, id_header: str = "") -> str:
    """Lines for a shell that post to a receiver, signed with what lies in ``SECRET``."""
    top = "SECRET='…'\nBODY='{}'"
    send = f"curl -sS '{address}' -H 'Content-Type: application/json' -d \"$BODY\""
    if authentication == "bearer":
        identified = f'-H "{id_header or "webhook-id"}: call-$(date +%s)"'
        return f'{top}\n{send} \\\n  -H "Authorization: Bearer $SECRET" {identified}'
    if authentication == "github":
        sign = "SIGNATURE=$(printf '%s' \"$BODY\" | openssl dgst -sha256 -hmac \"$SECRET\" | sed 's/.*= //')"
        headers = '-H "X-Hub-Signature-256: sha256=$SIGNATURE" -H "X-GitHub-Delivery: call-$(date +%s)"'
        return f"{top}\n{sign}\n{send} \\\n  {headers}"
    key = "KEY=$(printf '%s' \"${SECRET#whsec_}\" | base64 -d | od -An -v -tx1 | tr -d ' \\n')"
    sign = (
        "SIGNATURE=$(printf '%s' \"$ID.$TIME.$BODY\" |\n"
        '  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$KEY" -binary | base64)'
    )
    headers = '-H "webhook-id: $ID" -H "webhook-timestamp: $TIME" -H "webhook-signature: v1,$SIGNATURE"'
    return f"{top}\nTIME=$(date +%s) ID=call-$TIME\n{key}\n{sign}\n{send} \\\n  {headers}"


def _words() -> dict[str, dict[str, str]]:
    """What the choices are called."""
    return {
        "authentication": {
            "standard": gettext("Standard Webhooks signature"),
            "github": gettext("GitHub signature (X-Hub-Signature-256)"),
            "bearer": gettext("Bearer token, for systems that cannot sign"),
        },
        "action": {
            "message": gettext("Hand in a message"),
            "start": gettext("Start a process"),
            "readings": gettext("Record readings of indicators"),
        },
    }


def _standings() -> dict[str, Standing]:
    return {
        "accepted": Standing(gettext("Accepted"), "positive", "circle-check"),
        "duplicate": Standing(gettext("Sent again"), "neutral", "copy"),
        "ignored": Standing(gettext("Not for it"), "neutral", "circle-dashed"),
        "refused": Standing(gettext("Refused"), "negative", "circle-x"),
    }


def _may_manage() -> bool:
    return current_actor().belongs_to("administrator")


def _require_manager() -> None:
    _management().check_may_manage(current_actor())


def _management() -> Management:
    return services().incoming.management
