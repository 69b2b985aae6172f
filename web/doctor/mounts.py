"""Which file system a file lies on, as Linux tells in ``/proc/self/mountinfo`` (proc(5))."""

from __future__ import annotations

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mountinfo")
NETWORKED = frozenset(
    {
        "9p", "afs", "beegfs", "ceph", "cifs", "fuse.glusterfs", "fuse.s3fs", "fuse.sshfs", "glusterfs", "gpfs",
        "lustre", "ncpfs", "nfs", "nfs4", "smb3", "smbfs",
    }
)  # fmt: skip
"""Those whose locks SQLite cannot rely on (https://www.sqlite.org/wal.html, "all processes on the same computer")."""


def filesystem_of(path: Path, mounts: Path = MOUNTS) -> str:
    """The kind of file system, such as ``ext4``; empty where that is not told."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    whole, found = path.resolve(), (0, "")
    for line in lines:
        before, _dash, after = line.partition(" - ")
        place = Path(_unescaped(before.split()[4]))
        if whole.is_relative_to(place):
            found = max(found, (len(place.parts), after.split()[0]), key=lambda each: each[0])
    return found[1]


def _unescaped(text: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda code: chr(int(code.group(1), 8)), text)
