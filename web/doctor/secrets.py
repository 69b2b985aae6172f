"""Secrets: whether there is a good one, kept well, and whether it opens what was sealed. None is ever said."""

from __future__ import annotations

from engine.messages import translatable as _
from plans.demo import known_passwords
from web.doctor.files import OF_OTHERS
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation
from web.settings import KEPT_SECRET
from webhooks.incoming.managing import unreadable_receivers
from webhooks.outgoing.endpoints import unreadable_endpoints

FEWEST = 10
"""Different characters of a secret that somebody has not just typed."""
EXAMPLES = ("changeme", "change-me", "change_me", "example", "password", "planflow", "secret", "test")
NAMED = 5
"""Things that are named; of more only how many there are."""


def secret(installation: Installation) -> Finding:
    """Whether there is a secret key that cannot be guessed, in a file that others cannot read."""
    settings = installation.settings
    path = settings.home / KEPT_SECRET
    if not settings.secret_key:
        return failure(
            _("There is no secret key yet."),
            _("“planflow up” makes one; or set PLANFLOW_SECRET_KEY, the same for all servers and workers."),
        )
    if _is_guessable(settings.secret_key):
        return failure(
            _("The secret key looks like an example."),
            _(
                "Set PLANFLOW_SECRET_KEY to 48 random characters. People have to sign in again then, and secrets of "
                "webhooks have to be entered anew."
            ),
        )
    if settings.secret_is_kept and path.stat().st_mode & OF_OTHERS:
        return failure(
            _("Other users of this machine can read the secret key in %(path)s."),
            "chmod 600 %(path)s",
            path=str(path),
        )
    if settings.secret_is_kept:
        return good(_("There is a secret key in %(path)s; keep it with the backups."), path=str(path))
    return good(_("PLANFLOW_SECRET_KEY is set; keep it with the backups."))


def _is_guessable(key: str) -> bool:
    return len(set(key)) < FEWEST or any(word in key.lower() for word in EXAMPLES)


def sealed(installation: Installation) -> Finding:
    """Whether the secret key opens the addresses and secrets of webhooks and receivers."""
    key = installation.settings.secret_key
    with installation.reading() as session:
        locked = [*unreadable_endpoints(session, key), *unreadable_receivers(session, key)]
    if locked:
        return failure(
            _("The secret key does not open what was sealed of %(count)d webhooks and receivers: %(names)s."),
            _("Set the key again that was there before, or enter their addresses and secrets anew."),
            count=len(locked),
            names=named(locked),
        )
    return good(_("The secret key opens all that was sealed with it."))


def demo(installation: Installation) -> Finding:
    """Whether accounts of the demo, whose password everybody knows, are in an installation that others can reach."""
    with installation.reading() as session:
        known = known_passwords(session)
    if not known:
        return good(_("There are no demo accounts with their known password."))
    make = failure if installation.settings.public_url else warning
    return make(
        _("%(count)d demo accounts have the password that everybody knows: %(names)s."),
        _(
            "Never let others reach this installation; or give each another password, or keep it out: "
            "planflow user deactivate NAME"
        ),
        count=len(known),
        names=named(known),
    )


def named(names: list[str]) -> str:
    """The first of them."""
    return ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
