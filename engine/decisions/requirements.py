"""The decision requirements graph: which decision or knowledge comes before which (DMN 1.3 §6)."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

MAX_CHAIN = 50
"""How many decisions may require each other in a row."""


@dataclass(frozen=True)
class Order(Generic[Key]):
    """Everything that can be made, each after what it requires; ``rings`` cannot, ``too_long`` must not."""

    keys: list[Key]
    rings: list[Key]
    too_long: list[Key]


def in_order(requirements: Mapping[Key, Sequence[Key]]) -> Order[Key]:
    """Sort by requirement, however long the chains are."""
    left = {key: set(needed) for key, needed in requirements.items()}
    followers: dict[Key, list[Key]] = {key: [] for key in requirements}
    for key, needed in left.items():
        for each in needed:
            followers[each].append(key)
    depth = dict.fromkeys((key for key, needed in left.items() if not needed), 1)
    keys: list[Key] = list(depth)
    for key in keys:  # grows while it is gone through
        for follower in followers[key]:
            left[follower].discard(key)
            depth[follower] = max(depth.get(follower, 1), depth[key] + 1)
            if not left[follower]:
                keys.append(follower)
    done = set(keys)
    rings = [key for key in requirements if key not in done]
    return Order(keys, rings, [key for key in keys if depth[key] > MAX_CHAIN])
