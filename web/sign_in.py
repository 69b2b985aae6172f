"""Signing in and out with a session cookie."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask_babel import gettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from engine.directory import Person
from plans.organisation import credentials
from plans.organisation.directory import OrganisationDirectory
from web.auth import public, safe_next, sign_in, sign_out
from web.container import services
from web.limits import note_failed_sign_in

LONGEST = 1024
"""Characters of a name that are looked up."""

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@public
def form() -> str | BaseResponse:
    """The sign-in page; whoever is signed in already goes on."""
    onward = safe_next(request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(onward or url_for("pages.inbox"))
    return render_template("sign_in.html", onward=onward, name="", error=None)


@blueprint.post("/sign-in")
@public
def submit() -> BaseResponse:
    """Check name and password; begin a fresh session or show the page again."""
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    onward = safe_next(request.form.get("next"))
    person = _person(name, password)
    if person is None:
        return _refused(name[:LONGEST], onward)
    sign_in(person)
    return redirect(onward or url_for("pages.inbox"))


def _person(name: str, password: str) -> Person | None:
    if len(name) > LONGEST:
        return None
    with services().session() as session:
        right = credentials.verify(session, name, password)
        return OrganisationDirectory(session).person(name) if right else None


def _refused(name: str, onward: str | None) -> BaseResponse:
    note_failed_sign_in()
    # One message for an unknown name and a wrong password, so that names cannot be found out.
    error = gettext("The name or the password is not right.")
    return Response(render_template("sign_in.html", onward=onward, name=name, error=error), 422)


@blueprint.post("/sign-out")
@public
def leave() -> BaseResponse:
    """End the session."""
    sign_out()
    return redirect(url_for("sign_in.form"))
