"""The application for servers that load it themselves: ``gunicorn 'web.wsgi:application()'``.

It answers requests and does no jobs; `planflow worker` does those beside it.
"""

from __future__ import annotations

import atexit

from flask import Flask

from engine.errors import PlanFlowError
from web import logs
from web.app import create_app
from web.cli.output import complain
from web.cli.wiring import require_tables
from web.container import build_container
from web.settings import Settings

CANNOT_BE_LOADED = 4
"""The status by which gunicorn knows that trying again is of no use."""


def application() -> Flask:
    """The application, as the environment has it. Ends the process with one line when that cannot be used.

    It is taken for granted that it is reached over a network: cookies need HTTPS unless that was chosen otherwise.
    """
    try:
        settings = Settings.from_environment().serving_on("0.0.0.0")  # noqa: S104  nothing listens there by this
        logs.configure(settings.logs.form, settings.logs.level or "info")
        container = build_container(settings)
        atexit.register(container.close)
        require_tables(container)
    except PlanFlowError as error:
        complain(error)
        raise SystemExit(CANNOT_BE_LOADED) from None
    return create_app(settings, container)
