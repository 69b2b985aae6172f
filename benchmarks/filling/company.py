"""Who works in the installation: people with superiors, and heads of departments who check what others write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SUPERIORS, HEADS, EACH = 30, 20, 9


@dataclass(frozen=True)
class Cast:
    """Who plays a life: who starts it, one who checks, and the superior of who has started it."""

    starter: str
    checker: str
    superior: str


def cast(number: int) -> Cast:
    """The people of the instance with this number."""
    superior = number % SUPERIORS
    member = superior * EACH + (number // SUPERIORS) % EACH
    return Cast(f"member_{member:03d}", f"head_{number % HEADS:02d}", f"superior_{superior:02d}")


def people() -> Mapping[str, Mapping[str, Any]]:
    """All of them, as a scenario would have them."""
    found: dict[str, Mapping[str, Any]] = {"chief": {"roles": ["management"]}}
    for superior in range(SUPERIORS):
        found[f"superior_{superior:02d}"] = {"roles": ["superior"], "superior": "chief"}
    for head in range(HEADS):
        found[f"head_{head:02d}"] = {"roles": ["department_head"], "superior": "chief"}
    for member in range(SUPERIORS * EACH):
        above = f"superior_{member // EACH:02d}"
        found[f"member_{member:03d}"] = {"roles": ["team_member"], "superior": above}
    return found
