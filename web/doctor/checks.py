"""The list of checks, and going through it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import SQLAlchemyError

from engine.errors import PlanFlowError
from engine.messages import translatable as _
from web.doctor import database, files, programs, reaching, secrets, time, work
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation, NotChecked
from web.settings import Settings, SettingsError

log = structlog.get_logger("planflow.doctor")


@dataclass(frozen=True)
class Check:
    """``name`` is for programs, ``title`` for people; ``look`` returns what was found."""

    name: str
    title: str
    look: Callable[[Installation], Finding]


CHECKS: tuple[Check, ...] = (
    Check("programs", _("Programs"), programs.programs),
    Check("extras", _("Extras"), programs.extras),
    Check("home", _("Home folder"), files.home),
    Check("disk", _("Disk"), files.disk),
    Check("secret", _("Secret key"), secrets.secret),
    Check("database", _("Database"), database.database),
    Check("database_file", _("Database file"), files.database_file),
    Check("migrations", _("Tables"), database.migrations),
    Check("clock", _("Clock"), time.clock),
    Check("timezone", _("Time zone"), time.timezone),
    Check("sealed", _("Sealed secrets"), secrets.sealed),
    Check("demo", _("Demo accounts"), secrets.demo),
    Check("jobs", _("Jobs"), work.jobs),
    Check("workers", _("Workers"), work.workers),
    Check("broker", _("Broker"), reaching.broker),
    Check("incidents", _("Incidents"), work.incidents),
    Check("webhooks", _("Webhooks"), work.webhooks),
    Check("mail", _("Mail server"), reaching.mail),
    Check("address", _("Public address"), reaching.address),
)
SETTINGS = Check("settings", _("Settings"), lambda _installation: good(_("All settings can be used.")))
"""The first, without which there is nothing to look at."""

MEND = _("Mend that setting; docs/reference/settings.md lists them all.")


def examine(environment: Mapping[str, str] = os.environ) -> Iterator[tuple[Check, Finding]]:
    """Go through the list. Nothing is made: neither a home folder nor a secret nor a database."""
    try:
        settings = Settings.from_environment(environment, make=False)
    except SettingsError as error:
        yield SETTINGS, failure(error.template, MEND, **error.params)
        yield CHECKS[0], programs.programs()
        return
    with closing(Installation(settings)) as installation:
        for check in (SETTINGS, *CHECKS):
            yield check, found(check, installation)


def found(check: Check, installation: Installation) -> Finding:
    """What a check has found; one that cannot be made says so, and stops no other."""
    try:
        return check.look(installation)
    except NotChecked as missing:
        return warning(missing.template, _("Mend what stands above first."), **missing.params)
    except (SQLAlchemyError, PlanFlowError, OSError) as error:
        log.warning("a check could not be made", check=check.name, exc_info=error)
        return failure(
            _("This could not be checked: %(reason)s"),
            _("Mend what stands above first; if nothing does, look at what was logged."),
            reason=type(error).__name__,
        )
