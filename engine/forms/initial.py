"""The data a form starts with: variables, read as form-js reads them (``_getInitializedFieldData``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from engine.forms.component import DataPath, Slot
from engine.forms.fields import Circumstances, coerce, empty_value, findings

Json = Any


def read(data: Json, path: DataPath) -> Json:
    """The value at ``path``, or None."""
    for key in path:
        data = data.get(key) if isinstance(data, Mapping) else None
    return data


def write(data: dict[str, Json], path: DataPath, value: Json) -> None:
    """Set the value at ``path``, making the objects on the way; never changes what was shared before."""
    for key in path[:-1]:
        inner = data.get(key)
        data[key] = dict(inner) if isinstance(inner, Mapping) else {}
        data = data[key]
    data[path[-1]] = value


def remove(data: dict[str, Json], path: DataPath) -> None:
    """Take away the value at ``path``; never changes what was shared before."""
    if has(data, path):
        write(data, path, None)
        del read(data, path[:-1])[path[-1]]


def has(data: Json, path: DataPath) -> bool:
    """Whether something, even null, is at ``path``."""
    above = read(data, path[:-1])
    return isinstance(above, Mapping) and path[-1] in above


def initial_data(slots: tuple[Slot, ...], variables: Mapping[str, Json]) -> dict[str, Json]:
    """``variables`` with every field filled: by its variable if that fits, else its default, else empty."""
    return _level(slots, variables, variables)


def _level(
    slots: tuple[Slot, ...], level: Mapping[str, Json], variables: Mapping[str, Json]
) -> dict[str, Json]:
    found = dict(level)
    for slot in slots:
        value = _rows(slot, level, variables) if slot.is_list else _value(slot, level, variables)
        write(found, slot.path, value)
    return found


def _rows(slot: Slot, level: Mapping[str, Json], variables: Mapping[str, Json]) -> list[Json]:
    held = read(level, slot.path)
    rows = held if isinstance(held, list) else [{}] * slot.component.repetitions
    return [_level(slot.rows, row if isinstance(row, Mapping) else {}, variables) for row in rows]


def _value(slot: Slot, level: Mapping[str, Json], variables: Mapping[str, Json]) -> Json:
    component = slot.component
    if not has(level, slot.path):
        default = component.properties.get("defaultValue")
        return empty_value(component) if default is None else default
    value = coerce(component, read(level, slot.path))
    circumstances = Circumstances(variables, complete=False, today=date.min)
    wrong = next(findings(component, value, circumstances), None) if component.choice else None
    return empty_value(component) if wrong else value
