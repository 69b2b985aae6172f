"""What changed from one version of a plan to another (policy C4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from plans.contents import Contents

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class FieldChange:
    """One field with its values before and after."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One goal, action or part of the document that differs. ``kind``: added, removed or changed."""

    name: str
    kind: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Comparison:
    """Everything that differs between two versions, in the order of the newer one, removed ones last."""

    goals: tuple[Change, ...]
    actions: tuple[Change, ...]
    document: tuple[Change, ...]
    resources: tuple[Change, ...]
    risks: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.goals or self.actions or self.document or self.resources or self.risks)


def compare(older: Contents, newer: Contents) -> Comparison:
    """Hold two versions' contents side by side. Goals are known by name, actions by task."""
    return Comparison(
        goals=_changes(_named("name", older.goals), _named("name", newer.goals)),
        actions=_changes(_named("task", older.actions), _named("task", newer.actions)),
        document=_changes(_parts(older.document), _parts(newer.document)),
        resources=_changes(_numbered(older.resources), _numbered(newer.resources)),
        risks=_changes(_numbered(older.risks), _numbered(newer.risks)),
    )


def _changes(
    before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]
) -> tuple[Change, ...]:
    found = []
    for name in [*after, *(name for name in before if name not in after)]:
        fields = _fields(before.get(name, {}), after.get(name, {}))
        if fields:
            kind = ADDED if name not in before else REMOVED if name not in after else CHANGED
            found.append(Change(name, kind, fields))
    return tuple(found)


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(field, before.get(field), after.get(field))
        for field in [*after, *(field for field in before if field not in after)]
        if before.get(field) != after.get(field)
    )


def _named(key: str, items: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """Items by name; the second of a name becomes ``name (2)``."""
    named: dict[str, dict[str, Any]] = {}
    for item in items:
        row = item.as_json()
        count = sum(1 for known in named.values() if known[key] == row[key])
        named[f"{row[key]} ({count + 1})" if count else row[key]] = row
    return named


def _parts(document: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {name: {"text": value} for name, value in document.items()}


def _numbered(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Rows by their ``name`` or, without one, their number."""
    named: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        name = str(row.get("name") or number)
        named[name if name not in named else f"{name} ({number})"] = dict(row)
    return named
