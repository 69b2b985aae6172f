"""A person's own page: language, appearance, password, and tokens for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Invalid
from plans.organisation import credentials, people, tokens
from web.auth import current_person, sign_in
from web.container import services
from web.i18n import COOKIE, LANGUAGES, gettext, translated_error
from web.limits import note_failed_sign_in
from web.pages.blueprint import blueprint
from web.pages.shell import THEME_COOKIE, THEMES, YEAR


@blueprint.get("/profile")
def profile() -> str:
    """Who the person is to the product, and what they can choose."""
    return _page()


def _page(fresh_token: str | None = None, refused: Mapping[str, str] | None = None) -> str:
    """The page. ``refused`` says what was wrong with a new password, by field."""
    person = current_person()
    with services().session() as session:
        held = tokens.list_tokens(session, person.name)
    return render_template(
        "profile.html", person=person, tokens=held, fresh_token=fresh_token, refused=refused or {}
    )


@blueprint.post("/profile")
def save_profile() -> Response:
    """Keep the chosen language with the person, and the appearance with the browser."""
    answer = make_response(redirect(url_for("pages.profile")))
    language = request.form.get("language", "")
    if language in LANGUAGES:
        with services().database.write() as session:
            people.set_language(session, current_person().name, language)
        answer.set_cookie(
            COOKIE, language, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    chosen = request.form.get("theme")
    if chosen in THEMES:
        answer.set_cookie(
            THEME_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    else:
        answer.delete_cookie(THEME_COOKIE)
    return answer


@blueprint.post("/profile/password")
def change_password() -> Response | tuple[str, int]:
    """Change the person's own password, which ends every other session of theirs."""
    person, fresh = current_person(), request.form.get("fresh", "")
    with services().session() as session:
        known = credentials.verify(session, person.name, request.form.get("current", ""))
    if not known:
        note_failed_sign_in()
        return _page(refused={"current": gettext("This is not your password.")}), 422
    if fresh != request.form.get("again"):
        return _page(refused={"again": gettext("The two are not the same.")}), 422
    try:
        with services().database.write() as session:
            credentials.set_password(session, person.name, fresh)
    except Invalid as refusal:
        return _page(refused={"fresh": translated_error(refusal)}), refusal.status
    sign_in(person)
    flash(gettext("Your password was changed. You are signed out everywhere else."), "positive")
    return redirect(url_for("pages.profile"))


@blueprint.post("/profile/tokens")
def create_token() -> str:
    """Make a token and show it this once."""
    label = request.form.get("label", "").strip()[:200]
    with services().database.write() as session:
        fresh = tokens.create_token(session, current_person().name, now=datetime.now(UTC), label=label)
    return _page(fresh)


@blueprint.post("/profile/tokens/<token_id>/revoke")
def revoke_token(token_id: str) -> Response:
    """End a token at once."""
    with services().database.write() as session:
        tokens.revoke(session, token_id, current_person().name, datetime.now(UTC))
    flash(gettext("The token was revoked."), "positive")
    return redirect(url_for("pages.profile"))
