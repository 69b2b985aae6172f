"""Who is calling: a person with a session cookie, or a program with a Bearer token.

Every route needs a signed-in person unless its view is marked :func:`public`; a forgotten mark shuts a door,
it never opens one.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, g, redirect, request, session, url_for
from flask_login import AnonymousUserMixin, LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as BaseResponse

from engine.directory import Actor, Person
from engine.errors import PlanFlowError
from engine.messages import translatable as _
from plans.organisation import sessions, tokens
from plans.organisation.directory import OrganisationDirectory
from web.container import services

View = TypeVar("View", bound=Callable[..., Any])
API_PREFIXES = ("/api/", "/hooks/")
PUBLIC = "_planflow_public"
SIGNED = "_planflow_signed"
SIGN_IN, STAMP, SINCE = "sign_in", "stamp", "since"
"""What a session holds beside the name: its own number, a mark of the password, and when it began."""

csrf = CSRFProtect()


class SignInNeeded(PlanFlowError):
    """The caller is not known; nothing was done."""

    status = 401
    code = "sign_in_needed"


class Visitor(UserMixin):  # type: ignore[misc]  # flask_login ships no types
    """The signed-in person, as flask-login wants one."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.actor = Actor(person.name, person.groups, person.display_name)

        self.name = person.name
        self.display_name = person.display_name
        self.groups = person.groups
        self.language = person.language

    def get_id(self) -> str:
        """The sign-in name."""
        return self.person.name


def public(view: View) -> View:
    """Mark a view that people may see without signing in."""
    setattr(view, PUBLIC, True)
    return view


def signed(view: View) -> View:
    """Mark a view that other systems call, which asks each call itself who has signed it.

    No cookie lets anybody in there, so it needs no CSRF token.
    """
    setattr(view, SIGNED, True)
    return public(view)


def current_person() -> Person:
    """The person who is signed in. Raises :class:`SignInNeeded` when nobody is."""
    if not current_user.is_authenticated:
        raise SignInNeeded(_("Sign in first."))
    person: Person = current_user.person
    return person


def current_actor() -> Actor:
    """The signed-in person as the one who gives commands."""
    current_person()
    actor: Actor = current_user.actor
    return actor


def is_api() -> bool:
    """Whether the answer goes to a program."""
    return request.path.startswith(API_PREFIXES)


def init_app(app: Flask) -> None:
    """Install the loaders, the guard and CSRF protection."""
    manager = LoginManager(app)
    manager.user_loader(_from_session)
    manager.request_loader(_from_token)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    csrf.init_app(app)
    app.before_request(_guard)


def _from_session(name: str) -> Visitor | None:
    # A request that brings a token stands on that token alone, since it is not asked for a CSRF token.
    if bearer_token(request) is not None or not _is_in_time():
        return None
    with services().session() as reading:
        if not sessions.holds(reading, name, session.get(SIGN_IN, ""), session.get(STAMP, "")):
            return None
        return _visitor(reading, name)


def _is_in_time() -> bool:
    """Whether the session is younger than its hours, however often it was used."""
    since = session.get(SINCE)
    return isinstance(since, int) and time.time() < since + _lifetime().total_seconds()


def _lifetime() -> timedelta:
    lifetime: timedelta = current_app.permanent_session_lifetime
    return lifetime


def _from_token(incoming: Request) -> Visitor | None:
    token = bearer_token(incoming)
    if not token:
        return None
    with services().session() as reading:
        visitor = _visitor(reading, tokens.resolve(reading, token))
    if visitor is not None:
        services().token_uses.note(token)
    return visitor


def bearer_token(incoming: Request) -> str | None:
    """The token of an ``Authorization: Bearer`` header (RFC 6750 §2.1), if the request brings one."""
    kind, _space, token = incoming.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _visitor(reading: Session, name: str | None) -> Visitor | None:
    person = OrganisationDirectory(reading).person(name) if name else None
    return Visitor(person) if person is not None and person.active else None


def _guard() -> BaseResponse | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None
    if getattr(view, SIGNED, False):
        return None
    if not _is_public(view) and not current_user.is_authenticated:
        return _turn_away()
    if bearer_token(request) is None or not current_user.is_authenticated:
        csrf.protect()
    return None


def _is_public(view: Callable[..., Any]) -> bool:
    return request.endpoint == "static" or getattr(view, PUBLIC, False)


def _turn_away() -> BaseResponse:
    if is_api():
        raise SignInNeeded(_("Sign in first."))
    onward = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("sign_in.form", next=onward))


def sign_in(person: Person) -> None:
    """Begin a fresh session for ``person``; nothing of an earlier one is carried over."""
    with services().session() as reading:
        stamp = sessions.stamp(reading, person.name)
    session.clear()
    session.permanent = True
    session.update({SIGN_IN: secrets.token_urlsafe(16), STAMP: stamp, SINCE: int(time.time())})
    login_user(Visitor(person))


def sign_out() -> None:
    """End the session, in this browser and wherever else a copy of its cookie may be."""
    ended = session.get(SIGN_IN) if current_user.is_authenticated else None
    logout_user()
    session.clear()
    if ended is not None:
        now = datetime.now(UTC)
        with services().database.write() as writing:
            sessions.end(writing, ended, now, now + _lifetime())


def forget_unknown() -> None:
    """Answer as to a stranger if the caller is not known yet.

    For the page that says the database cannot be reached, which must not ask it who is reading.
    """
    if "_login_user" not in g:
        g._login_user = AnonymousUserMixin()


def safe_next(target: str | None) -> str | None:
    """``target`` if it is a path on this site, else None (so that sign-in redirects nowhere else)."""
    if not target or not target.startswith("/") or "\\" in target or not target.isprintable():
        return None
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or target.startswith("//"):
        return None
    return target
