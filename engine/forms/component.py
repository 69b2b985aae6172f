"""A form as the compiler sees it: a tree of checked components, and the slots of data that it fills."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.feel_syntax import Node
from engine.forms.properties import CHOICES, CONTAINERS, KEYED, MANY

DataPath = tuple[str, ...]


@dataclass(frozen=True)
class Component:
    """One component of a form, with the properties that its type allows.

    ``name`` is what problems call it: its id, else its key or path, else its type. ``path`` is its own part
    of the data path; empty for what holds no data. ``hide`` is the condition under which it is not shown,
    ``expression`` what an expression field computes or where a table takes its rows from.
    """

    type: str
    name: str
    path: DataPath
    properties: Mapping[str, Any]
    children: tuple[Component, ...] = ()
    hide: Node | None = None
    expression: Node | None = None

    @property
    def label(self) -> str:
        """What people read at the field; its key where it has no label."""
        for key in ("label", "dateLabel", "timeLabel"):
            if text := self.properties.get(key):
                return str(text)
        return ".".join(self.path) or self.type

    @property
    def keyed(self) -> bool:
        """Whether it holds one value."""
        return self.type in KEYED

    @property
    def container(self) -> bool:
        """Whether it holds other components."""
        return self.type in CONTAINERS

    @property
    def choice(self) -> bool:
        """Whether its value comes from options."""
        return self.type in CHOICES

    @property
    def many(self) -> bool:
        """Whether its value is a list of options' values."""
        return self.type in MANY

    @property
    def read_only(self) -> bool:
        """Whether what is sent for it is dropped."""
        return bool(self.properties.get("readonly") or self.properties.get("disabled"))

    @property
    def rules(self) -> Mapping[str, Any]:
        """Its ``validate`` object."""
        rules = self.properties.get("validate", {})
        return rules if isinstance(rules, Mapping) else {}

    @property
    def open_ended(self) -> bool:
        """For a list: whether rows may be added and removed."""
        return bool(self.properties.get("allowAddRemove", True))

    @property
    def repetitions(self) -> int:
        """For a list: how many rows it starts with when the variable holds none."""
        return int(self.properties.get("defaultRepetitions", 1))

    def row_bound(self, name: str) -> int | None:
        """For a list: its custom property ``minRows`` or ``maxRows``."""
        text = self.properties.get("properties", {}).get(name)
        return int(text) if text not in (None, "") else None


@dataclass(frozen=True)
class Slot:
    """One place of the data that a form fills: a field or a list, seen from the row around it.

    ``hides`` are its own condition and those of the groups around it, up to the next list.
    """

    path: DataPath
    component: Component
    hides: tuple[Node, ...]
    rows: tuple[Slot, ...] = field(default=())

    @property
    def is_list(self) -> bool:
        return self.component.type == "dynamiclist"

    @property
    def writable(self) -> bool:
        """Whether a submission can change anything here."""
        if self.is_list:
            return self.component.open_ended or any(slot.writable for slot in self.rows)
        return not self.component.read_only


def slots(
    components: tuple[Component, ...], prefix: DataPath = (), hides: tuple[Node, ...] = ()
) -> tuple[Slot, ...]:
    """The slots of ``components``, groups dissolved into the paths of their fields."""
    found: list[Slot] = []
    for component in components:
        path = prefix + component.path
        conditions = hides if component.hide is None else (*hides, component.hide)
        if component.type == "group":
            found.extend(slots(component.children, path, conditions))
        elif component.type == "dynamiclist":
            found.append(Slot(path, component, conditions, slots(component.children)))
        elif component.keyed:
            found.append(Slot(path, component, conditions))
    return tuple(found)
