"""What the tests of the schema know of the parts of the history."""

from __future__ import annotations

from typing import Any

from engine.storage.partitions import is_part


def is_no_part(name: str | None, kind: str, *_: Any) -> bool:
    """What Alembic compares: parts are made by and by, and are no tables of their own."""
    return kind != "table" or not is_part(name or "")
