"""What a model means for execution: all of it but the words that are only shown."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from engine.bpmn.model import Element, Event, Process, SequenceFlow

_SHOWN: dict[type, frozenset[str]] = {
    Element: frozenset({"name", "lane", "documentation"}),
    Process: frozenset({"name", "documentation"}),
    SequenceFlow: frozenset({"name"}),
}


def meaning(value: Any) -> Any:
    """A value to compare: equal for two models that are executed alike."""
    if isinstance(value, Event) and value.kind == "escalation":
        value = dataclasses.replace(value, name=None)
    if dataclasses.is_dataclass(value):
        left_out = _SHOWN.get(type(value), frozenset())
        fields = (f.name for f in dataclasses.fields(value) if f.name not in left_out)
        return type(value).__name__, tuple((name, meaning(getattr(value, name))) for name in fields)
    if isinstance(value, Mapping):
        return tuple(sorted((key, meaning(each)) for key, each in value.items()))
    if isinstance(value, tuple):
        return tuple(map(meaning, value))
    return value
