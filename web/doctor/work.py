"""What waits for somebody: jobs that nobody does, incidents, webhooks that were switched off."""

from __future__ import annotations

from engine import heartbeats
from engine.engine import utc_now
from engine.figures import Figures, figures
from engine.messages import translatable as _
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation
from web.doctor.secrets import named
from webhooks.outgoing.endpoints import BY_HAND, list_all

LATE, TOO_LATE = 60, 600
"""Seconds for which a job may be due before that is a warning, and a failure."""


def _figures(installation: Installation) -> Figures:
    with installation.reading() as session:
        return figures(session, utc_now())


def jobs(installation: Installation) -> Finding:
    """Whether what is due is done, and nothing has stopped."""
    found = _figures(installation)
    told = {"due": found.due, "minutes": int(found.oldest_due_seconds // 60), "failed": found.jobs["failed"]}
    if found.oldest_due_seconds > LATE:
        make = failure if found.oldest_due_seconds > TOO_LATE else warning
        return make(
            _("%(due)d jobs are due, the oldest for %(minutes)d minutes."),
            _("Is a worker running? “planflow serve” has one inside, “planflow worker” is one."),
            **told,
        )
    if found.jobs["failed"]:
        return warning(
            _("%(failed)d jobs have failed too often and stand still."),
            _("Look at the page Jobs: mend the cause, then try them again."),
            **told,
        )
    return good(_("No job is overdue."))


def workers(installation: Installation) -> Finding:
    """Whether somebody does jobs, where somebody is known to have done so in the last day."""
    now = utc_now()
    with installation.reading() as session:
        known = heartbeats.workers(session)
    gone = [each.name for each in known if not each.alive(now)]
    if known and not heartbeats.somebody_works(known, now):
        return warning(
            _("No worker is at work; last was %(name)s."),
            _("Start one: “planflow serve” has one inside, “planflow worker” is one."),
            name=known[0].name,
        )
    if gone:
        return warning(
            _("Workers have ended without saying so: %(names)s."),
            _("If they were not stopped on purpose, look at what they have logged."),
            names=named(gone),
        )
    if not known:
        return good(_("No worker runs at the moment; “planflow serve” has one inside."))
    return good(_("%(count)d workers are at work."), count=sum(each.does_jobs for each in known))


def incidents(installation: Installation) -> Finding:
    """Whether incidents wait for an administrator."""
    count = _figures(installation).incidents
    if count:
        return warning(
            _("%(count)d incidents are open."),
            _("Look at the page Incidents: mend the cause, then try them again."),
            count=count,
        )
    return good(_("No incident is open."))


def webhooks(installation: Installation) -> Finding:
    """Whether endpoints were switched off by themselves, or have failed lately."""
    with installation.reading() as session:
        found = list_all(session)
    off = [each.name for each in found if not each.enabled and each.disabled_why != BY_HAND]
    failing = [each.name for each in found if each.enabled and each.failing_since is not None]
    if off:
        return warning(
            _("%(count)d webhooks were switched off, for nothing reached them: %(names)s."),
            _("Look at the page Webhooks: mend the cause, send a test event, switch them on again."),
            count=len(off),
            names=named(off),
        )
    if failing:
        return warning(
            _("%(count)d webhooks do not reach the other system just now: %(names)s."),
            _("It is tried again by itself. The page Webhooks shows what was answered."),
            count=len(failing),
            names=named(failing),
        )
    return good(_("No webhook was switched off or fails (%(count)d in all)."), count=len(found))
