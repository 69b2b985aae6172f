"""The database: whether it answers, which one it is, and whether its tables are those of this version."""

from __future__ import annotations

from engine.messages import translatable as _
from engine.storage.condition import NoDatabase, NoFile
from web.doctor.finding import Finding, failure, good
from web.doctor.installation import Installation, NotChecked


def database(installation: Installation) -> Finding:
    """Whether it answers, and in a version that is supported."""
    found = installation.found
    if isinstance(found, NoFile):
        return failure(
            found.template,
            _("“planflow db upgrade” makes it; or set PLANFLOW_DATABASE_URL to where the database is."),
            **found.params,
        )
    if isinstance(found, NoDatabase):
        return failure(
            found.template, _("Start it, or set PLANFLOW_DATABASE_URL to where it is."), **found.params
        )
    told = {
        "kind": found.kind,
        "version": found.version,
        "url": installation.database.url.set(query={}).render_as_string(hide_password=True),
    }
    if found.old:
        return failure(
            _("%(kind)s %(version)s answers at %(url)s, but it is too old."),
            _("PlanFlow needs PostgreSQL 14 or newer."),
            **told,
        )
    return good(_("%(kind)s %(version)s answers at %(url)s."), **told)


def migrations(installation: Installation) -> Finding:
    """Whether its tables are those of this version, of an earlier or of a later one."""
    if isinstance(installation.found, NoDatabase):
        raise NotChecked(_("Not checked, for the database does not answer."))
    standing = installation.database.current_revisions()
    told = {"revisions": ", ".join(sorted(standing))}
    if not standing:
        return failure(_("The database is empty."), "planflow db upgrade")
    if not installation.database.knows(standing):
        return failure(
            _("A later version of PlanFlow has made the tables (%(revisions)s)."),
            _("Install that version again: there is no way back but the backup."),
            **told,
        )
    if not installation.database.is_current():
        return failure(
            _("The tables are those of an earlier version (%(revisions)s)."),
            _("Back up, stop the servers and workers, then: planflow db upgrade"),
            **told,
        )
    return good(_("The tables are those of this version (%(revisions)s)."), **told)
