"""Input and output mappings of activities (BPMN 2.0.2 §10.4.3): ``planflow:inputs`` and ``planflow:outputs``.

A mapping named ``*`` hands everything over under its own name; those with names come on top of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.bpmn.model import Mapped
from engine.execution.faults import WrongValue

EVERYTHING = "*"


def mapped(
    mappings: tuple[Mapped, ...], value: Callable[[str], Any], everything: Callable[[], Any]
) -> dict[str, Any]:
    """The values by name. ``everything`` gives what ``*`` stands for; nothing (None) has no parts.

    Raises WrongValue when that has no parts with names.
    """
    found: dict[str, Any] = {}
    if any(m.name == EVERYTHING for m in mappings):
        found.update(_by_name(everything()))
    found.update({m.name: value(m.value) for m in mappings if m.name != EVERYTHING})
    return found


def _by_name(value: Any) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise WrongValue("The output “*”", value)
    return value
