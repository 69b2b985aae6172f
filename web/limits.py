"""How often somebody may knock: rate limits on sign-in and on the API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user

from web.settings import Settings

SIGN_IN = "sign_in.submit"
CHANGE_PASSWORD = "pages.change_password"  # noqa: S105  the name of a view


def init_app(app: Flask, settings: Settings, api: Iterable[Blueprint]) -> None:
    """Limit sign-in and the blueprints of the API, which count together. Call it once they are registered."""
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.rate_limit_storage,
        headers_enabled=True,
        in_memory_fallback_enabled=True,  # a storage that is away makes limits local, not requests fail
    )
    together = limiter.shared_limit(settings.api_rate, scope="api", key_func=_caller)
    for blueprint in api:
        together(blueprint)
    view: Any = limiter.limit(settings.sign_in_rate)(app.view_functions[SIGN_IN])
    for whose in (get_remote_address, _name_tried):
        view = limiter.limit(settings.sign_in_failures, key_func=whose, deduct_when=_failed)(view)
    app.view_functions[SIGN_IN] = view
    changing: Any = limiter.limit(settings.sign_in_failures, key_func=_whose_password, deduct_when=_failed)
    app.view_functions[CHANGE_PASSWORD] = changing(app.view_functions[CHANGE_PASSWORD])


def note_failed_sign_in() -> None:
    """Count this request as a failed attempt to say a password."""
    g.sign_in_failed = True


def _failed(_response: Response) -> bool:
    return bool(g.get("sign_in_failed", False))


def _name_tried() -> str:
    return f"name:{request.form.get('name', '').strip()[:200].casefold()}"


def _whose_password() -> str:
    return f"password:{current_user.get_id()}"


def _caller() -> str:
    """The person, or the address when nobody is signed in."""
    return f"user:{current_user.get_id()}" if current_user.is_authenticated else get_remote_address()
