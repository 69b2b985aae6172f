"""The home folder, the room on its disk, and the file of a SQLite database."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from engine.messages import translatable as _
from engine.storage.condition import NoDatabase, file_of
from web.doctor.finding import Finding, failure, good, warning
from web.doctor.installation import Installation, NotChecked
from web.doctor.mounts import NETWORKED, filesystem_of

GIB = 1024**3
LITTLE, TOO_LITTLE = 2 * GIB, GIB // 4
"""Bytes that are free on the disk: a warning below the first, a failure below the second."""
OF_OTHERS = stat.S_IRWXG | stat.S_IRWXO
WAL = "wal"


def home(installation: Installation) -> Finding:
    """Whether the home folder is there, can be written, and is closed to others."""
    folder = installation.settings.home
    if not folder.is_dir():
        return failure(
            _("There is no folder %(path)s."),
            _("Set PLANFLOW_HOME to the folder of this installation, or let “planflow up” make it."),
            path=str(folder),
        )
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return failure(
            _("This user cannot write to %(path)s."),
            _("Run this as the user that PlanFlow runs as, or give that user the folder."),
            path=str(folder),
        )
    if folder.stat().st_mode & OF_OTHERS:
        return warning(
            _("Other users of this machine can look into %(path)s."),
            "chmod 700 %(path)s",
            path=str(folder),
        )
    return good(_("%(path)s can be written, and is closed to others."), path=str(folder))


def disk(installation: Installation) -> Finding:
    """Whether there is room where the home folder and a SQLite file lie; PostgreSQL's own disk is not seen here."""
    places = {_existing(installation.settings.home)}
    if (file := file_of(installation.database)) is not None:
        places.add(_existing(file.parent))
    free, place = min((shutil.disk_usage(path).free, str(path)) for path in places)
    told = {"gib": f"{free / GIB:.1f}", "path": place}
    if free < LITTLE:
        make = failure if free < TOO_LITTLE else warning
        return make(
            _("Only %(gib)s GiB are free at %(path)s."),
            _("Make room, or let it grow: a full disk stops everything."),
            **told,
        )
    return good(_("%(gib)s GiB are free at %(path)s."), **told)


def _existing(path: Path) -> Path:
    """The path, or the nearest folder above it that is there."""
    return next(each for each in (path, *path.resolve().parents) if each.exists())


def database_file(installation: Installation) -> Finding:
    """Whether SQLite's file can be written, keeps a write-ahead log, and lies on a disk of this machine."""
    path, found = file_of(installation.database), installation.found
    if path is None:
        return good(_("The database is no file."))
    if isinstance(found, NoDatabase):
        raise NotChecked(_("Not checked, for the database does not answer."))
    if not os.access(path, os.W_OK) or not os.access(path.parent, os.W_OK):
        return failure(
            _("This user cannot write to %(path)s and its folder."),
            _("Run this as the user that PlanFlow runs as, or give that user the file and the folder."),
            path=str(path),
        )
    if (kind := filesystem_of(path)) in NETWORKED:
        return failure(
            _("%(path)s lies on a network file system (%(kind)s), on which SQLite loses data."),
            _("Move it to a disk of this machine, or use PostgreSQL: planflow db copy."),
            path=str(path),
            kind=kind,
        )
    if found.journal != WAL:
        return warning(
            _("%(path)s has no write-ahead log (journal mode “%(mode)s”)."),
            _("It gets one when PlanFlow next opens it; if it does not, its file system cannot hold one."),
            path=str(path),
            mode=found.journal,
        )
    return good(_("%(path)s can be written, with a write-ahead log."), path=str(path))
