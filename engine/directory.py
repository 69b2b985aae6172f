"""Who people are, as far as the engine needs to know: names, groups and superiors.

The engine holds no people of its own; whoever embeds it hands in a :class:`Directory`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Person:
    """A person as the engine sees one. ``name`` is the sign-in name and the identity everywhere."""

    name: str
    display_name: str
    groups: frozenset[str]
    superior: str | None = None
    language: str | None = None
    active: bool = True


class Directory(Protocol):
    """Looks people up, inside the transaction of the command that asks."""

    def person(self, user: str) -> Person | None:
        """The person with this name, or None."""

    def members(self, group: str) -> list[str]:
        """Names of the active people in a group, sorted."""


@runtime_checkable
class NamesMany(Protocol):
    """A directory that tells many names with one question, as lists need them."""

    def display_names(self, users: Collection[str]) -> Mapping[str, str]:
        """How these people are shown, by their names; those that it does not know are left out."""


DirectoryFactory = Callable[[Session], Directory]


@dataclass(frozen=True)
class Actor:
    """Whoever gives a command: a person, or the engine itself."""

    user: str
    groups: frozenset[str] = frozenset()
    display_name: str = ""

    def belongs_to(self, *groups: str) -> bool:
        """Whether this actor is in any of the groups."""
        return not self.groups.isdisjoint(groups)


SYSTEM = Actor("system", frozenset({"administrator"}), "PlanFlow")
"""The engine's own hand: timers and the like."""
