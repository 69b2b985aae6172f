"""What variables may be: JSON of a bounded size and depth, under names that are not the engine's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.bpmn.support import ALWAYS_THERE
from engine.errors import FieldProblem, Invalid
from engine.messages import translatable as _
from engine.storage.database import Unstorable, to_json

MAX_DATA = 2_000_000
"""Bytes of JSON that the variables of one instance may take together."""

MAX_DEPTH = 100
"""How deep lists and objects may lie in each other; expressions give nothing deeper either."""


_PLAIN = frozenset({str, int, float, bool, type(None)})
"""Most values are of these; they have nothing inside."""

_EXACT = _PLAIN - {float}
"""Values of these are the same JSON if they are equal and of one type. Of fractions, 0.0 equals -0.0."""


class ReservedName(Invalid):
    """A variable was to have a name that is always there."""

    code = "reserved_name"

    def __init__(self, names: Iterable[str]) -> None:
        problem = _("This name is the engine's own and cannot be a variable.")
        found = sorted(names)
        super().__init__(
            _("Variables cannot be named %(names)s."),
            [FieldProblem(name, problem) for name in found],
            names=", ".join(found),
        )


class TooMuchData(Invalid):
    """The variables of an instance would grow beyond all use."""

    code = "too_much_data"

    def __init__(self) -> None:
        super().__init__(
            _("The variables of a process may take %(limit)s MB together; this would be more."),
            limit=MAX_DATA // 10**6,
        )


def check_names(values: Mapping[str, Any]) -> None:
    """Raise `ReservedName` if a variable would take a name that is always there."""
    taken = ALWAYS_THERE & values.keys()
    if taken:
        raise ReservedName(taken)


def size(value: Any) -> int:
    """Bytes of a value as JSON. Raises `Unstorable` for what is not JSON, or nested too deep."""
    if _depth_exceeds(value, MAX_DEPTH):
        raise Unstorable(
            _("This value cannot be stored: %(reason)s"), reason=f"nested more than {MAX_DEPTH} deep"
        )
    return len(to_json(value).encode())


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. For Python ``1 == True``, for a process it is another value."""
    if type(one) in _EXACT:
        return type(one) is type(other) and bool(one == other)
    return bool(one == other) and to_json(one) == to_json(other)


def _depth_exceeds(value: Any, limit: int) -> bool:
    level = [value]
    for _depth in range(limit + 1):
        level = [item for one in level if type(one) not in _PLAIN for item in _inside(one)]
        if not level:
            return False
    return True


def _inside(value: Any) -> Iterable[Any]:
    if isinstance(value, Mapping):
        return value.values()
    return value if isinstance(value, list | tuple) else ()
