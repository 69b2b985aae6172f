"""A person's own page: language, appearance, password, and tokens for programs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from engine.errors import Invalid
from plans.organisation import credentials, people, reachable, tokens
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


def _page(
    fresh_token: str | None = None,
    refused: Mapping[str, str] | None = None,
    written: tuple[str, str] | None = None,
) -> str:
    """The page. ``refused`` says what was wrong, by field; ``written`` is an address and a wish that were refused."""
    person = current_person()
    with services().session() as session:
        held = tokens.list_tokens(session, person.name)
        email, wish = written or reachable.mail_of(session, person.name)
    return render_template(
        "profile.html",
        person=person,
        tokens=held,
        fresh_token=fresh_token,
        refused=refused or {},
        email=email,
        mail_about=wish,
        wishes=_wishes(),
        sends_mail=services().settings.mail is not None,
    )


def _wishes() -> dict[str, str]:
    """What people can choose to be told by e-mail."""
    everything = gettext("Everything: also plans that come into force or change, and warnings of indicators")
    if current_person().groups & {"administrator"}:
        everything = gettext("Everything: also plans, warnings of indicators, and incidents")
    return {
        "nothing": gettext("Nothing"),
        "mine": gettext("My tasks: those that are mine or that I can take, and when they are overdue"),
        "all": everything,
    }


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


@blueprint.post("/profile/mail")
def save_mail() -> Response | tuple[str, int]:
    """Keep where the person gets letters, and about what."""
    email, wish = request.form.get("email", "")[:1000], request.form.get("mail_about", "")
    try:
        with services().database.write() as session:
            reachable.set_mail(session, current_person().name, email, wish)
    except Invalid as refusal:
        problems = {problem.field: translated_error(problem) for problem in refusal.fields}
        return _page(refused=problems, written=(email, wish)), refusal.status
    flash(gettext("Your choice was saved."), "positive")
    return redirect(url_for("pages.profile"))


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
