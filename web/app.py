"""The application factory: the wired services with HTTP around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from apiflask import APIFlask
from werkzeug.middleware.proxy_fix import ProxyFix

from web import api, auth, hardening, health, i18n, incoming, limits, logs, problems, scraping, sign_in
from web.container import EXTENSION, Container, build_container
from web.pages import blueprint as pages
from web.settings import Settings
from web.version import product_version


def create_app(
    settings: Settings, container: Container | None = None, own_worker: Callable[[], bool] | None = None
) -> APIFlask:
    """Make the web application.

    ``container`` is given when services are shared with the command line, and ``own_worker`` where this process works
    besides serving; it says whether that goes on.
    """
    app = APIFlask("web", title="PlanFlow", version=product_version(), json_errors=False, **api.OPENAPI)
    if not structlog.is_configured():
        logs.configure(settings.logs.form, settings.logs.level or "info")
    _configure(app, settings)
    found = app.extensions[EXTENSION] = container or build_container(settings)
    app.extensions[health.OWN_WORKER] = own_worker
    hardening.init_app(app, settings)
    if found.tracing is not None:
        from web.tracing import serving

        serving.init_app(app, found.tracing)
    i18n.init_app(app)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(scraping.blueprint)
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(pages)
    app.register_blueprint(incoming.blueprint)
    api.init_app(app)
    limits.init_app(app, settings, (*api.BLUEPRINTS, incoming.blueprint))
    auth.init_app(app)
    app.before_request(hardening.check_content)
    problems.init_app(app)
    return app


def _configure(app: APIFlask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TRUSTED_HOSTS=list(settings.trusted_hosts) if settings.trusted_hosts else None,
        SESSION_COOKIE_NAME="planflow_session",
        SESSION_COOKIE_SECURE=settings.cookies_need_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
        BABEL_DEFAULT_TIMEZONE=settings.timezone.key,
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
    )
    if settings.proxies:
        hops = settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
