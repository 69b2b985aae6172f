"""What variables may be: JSON of a bounded size and depth, under names that are not the engine's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.bpmn.support import ALWAYS_THERE
from engine.canonical import is_plain
from engine.errors import FieldProblem, Invalid
from engine.messages import translatable as _
from engine.storage.json_text import Unstorable, plain_to_bytes, to_json

MAX_DATA = 2_000_000
"""Bytes of JSON that the variables of one instance may take together."""

MAX_SIGNAL = 100_000
"""Bytes of JSON that a signal may carry: everybody who listens gets a copy."""

MAX_KEYS = 100
"""How many correlation keys a message may have."""

MAX_KEY_DATA = 10_000
"""Bytes of JSON that the correlation keys of a message may take together."""

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


class TooMuchCarried(Invalid):
    """A message or signal carries more than whoever waits for it could take."""

    code = "too_much_data"

    def __init__(self, limit: int) -> None:
        problem = _("This is too much data.")
        super().__init__(
            _("A message or signal may carry %(limit)s kB here; this would be more."),
            [FieldProblem("payload", problem)],
            limit=limit // 1000,
        )


class TooManyKeys(Invalid):
    """The correlation keys of a message are more, or larger, than can be compared."""

    code = "too_many_keys"

    def __init__(self) -> None:
        problem = _("These are too many keys, or too large ones.")
        super().__init__(
            _("A message has at most %(number)s correlation keys of %(limit)s kB together."),
            [FieldProblem("correlation", problem)],
            number=MAX_KEYS,
            limit=MAX_KEY_DATA // 1000,
        )


def check_payload(payload: Mapping[str, Any], limit: int = MAX_DATA) -> None:
    """Raise `TooMuchCarried` for more than a message or signal may carry, `Unstorable` for what is not JSON."""
    if size(payload) > limit:
        raise TooMuchCarried(limit)


def check_keys(keys: Mapping[str, Any]) -> None:
    """Raise `TooManyKeys` for correlation keys that cannot be compared, `Unstorable` for what is not JSON."""
    if keys and (len(keys) > MAX_KEYS or size(keys) > MAX_KEY_DATA):
        raise TooManyKeys()


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
    return len(plain_to_bytes(value) if is_plain(value) else to_json(value).encode())


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. For Python ``1 == True``, for a process it is another value."""
    if type(one) in _EXACT:
        return type(one) is type(other) and bool(one == other)
    return bool(one == other) and to_json(one) == to_json(other)


def _depth_exceeds(value: Any, limit: int) -> bool:
    if type(value) is dict and _PLAIN.issuperset(map(type, value.values())):
        return False  # as nearly all are
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
