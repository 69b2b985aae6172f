"""Clocks: this machine's against the database's, and the zone that days are counted in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from engine.messages import translatable as _
from engine.storage.condition import clock_ahead, newest
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation

NOTICEABLE, TOO_MUCH = timedelta(seconds=2), timedelta(seconds=30)
"""How far clocks may be apart; leases of jobs are a minute long unless they are set."""


def clock(installation: Installation) -> Finding:
    """Whether this machine's clock goes with the database's, and none of what is stored lies in the future."""
    with installation.reading() as session:
        apart, last = clock_ahead(session), newest(session)
    if abs(apart) > NOTICEABLE:
        make = failure if abs(apart) > TOO_MUCH else warning
        return make(
            _("This machine's clock and the database's are %(seconds).1f seconds apart."),
            _("Let both keep time by NTP: timers and leases of jobs go by these clocks."),
            seconds=abs(apart.total_seconds()),
        )
    if last is not None and last > datetime.now(UTC) + TOO_MUCH:
        return warning(
            _("The newest instance was started at %(moment)s, which lies in the future."),
            _("Set this machine's clock; or that of the machine on which it was started was wrong."),
            moment=last.strftime("%Y-%m-%d %H:%M UTC"),
        )
    return good(_("This machine's clock goes with what is in the database."))


def timezone(installation: Installation) -> Finding:
    """Whether days begin where this machine says that it is."""
    zone, now = installation.settings.timezone, datetime.now(UTC)
    ours, theirs = now.astimezone(zone), now.astimezone()
    told = {"zone": zone.key, "time": f"{ours:%H:%M}", "machine": f"{theirs:%H:%M}"}
    if ours.utcoffset() != theirs.utcoffset():
        return warning(
            _("Days begin by %(zone)s, where it is %(time)s; this machine's clock shows %(machine)s."),
            _("If that is not where the company is, set PLANFLOW_TIMEZONE, such as Asia/Taipei."),
            **told,
        )
    return good(_("Days begin by %(zone)s, where it is %(time)s."), **told)
