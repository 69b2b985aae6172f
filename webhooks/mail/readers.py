"""Who reads letters, and what they want to be told."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING, MINE, ALL = "nothing", "mine", "all"
WISHES = (NOTHING, MINE, ALL)
"""No letters; those about one's own tasks; those about plans, indicators and, for administrators, incidents too."""


@dataclass(frozen=True)
class Reader:
    """A person as letters need one. ``language`` is one of the product's, ``address`` where letters go."""

    name: str
    display_name: str
    address: str
    language: str
    wish: str
