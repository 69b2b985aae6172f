"""A letter: a message or signal as it is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Letter:
    """A message or signal to be handed over. ``starter`` is on whose behalf a process is that it starts."""

    name: str
    starter: str
    correlation: Mapping[str, Any] = field(default_factory=dict)
    payload: Mapping[str, Any] = field(default_factory=dict)
    kind: str = "message"
