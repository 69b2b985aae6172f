"""What PlanFlow is, and what it is built on."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from web.auth import public, safe_next
from web.i18n import COOKIE, LANGUAGES
from web.pages.blueprint import blueprint
from web.pages.shell import YEAR


@blueprint.get("/about")
@public
def about() -> str:
    """The page with the licences; the bpmn.io mark is a condition of bpmn-js and form-js."""
    return render_template("about.html")


@blueprint.post("/language")
@public
def set_language() -> Response:
    """Keep the chosen language in a cookie, and stay on the page."""
    answer = make_response(redirect(safe_next(request.form.get("next")) or url_for("pages.home")))
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        answer.set_cookie(
            COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure
        )
    return answer
