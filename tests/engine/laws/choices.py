"""Which sequence flows a token takes out of a node (BPMN 2.0.2 §10.6 and §13.3.1)."""

from __future__ import annotations

from tests.engine.laws.drawing import Flow
from tests.engine.laws.language import evaluate
from tests.engine.laws.tokens import Token


def taken(token: Token) -> list[Flow] | None:
    """The flows; none where the token ends here, and None where it should go on but has no way out."""
    ways = token.drawing.out_of(token.node)
    kind = token.node.kind
    if kind == "event based" or not ways:
        return []
    if kind == "parallel":
        return ways
    if kind == "complex":
        return _out_of_complex(token, ways)
    if kind in ("exclusive", "inclusive"):
        return _chosen(token, ways)
    return _out_of_activity(token, ways)


def _chosen(token: Token, ways: list[Flow]) -> list[Flow] | None:
    """Of an exclusive gateway the first that holds, of an inclusive one all; else the default."""
    if len(ways) == 1 and ways[0].condition is None:
        return ways
    held = [way for way in _asked(token, ways) if _holds(token, way)]
    if token.node.kind == "exclusive":
        held = held[:1]
    return held or _default(token, ways) or None


def _out_of_activity(token: Token, ways: list[Flow]) -> list[Flow] | None:
    """All without a condition, all that hold, and the default if none of those with a condition holds."""
    default, asked = _default(token, ways), _asked(token, ways)
    held = [way for way in asked if _holds(token, way)]
    free = [way for way in ways if way not in default and way not in asked]
    return free + held + ([] if held else default) or None


def _out_of_complex(token: Token, ways: list[Flow]) -> list[Flow] | None:
    """Conditions see in which of its two phases it is; flows without one are taken in the first only (§13.4.5)."""
    starts = not token.resets
    default = _default(token, ways)
    found = [
        way
        for way in ways
        if way not in default
        and (starts if way.condition is None else _holds(token, way, waitingForStart=starts))
    ]
    return found or default or (None if starts else [])


def _default(token: Token, ways: list[Flow]) -> list[Flow]:
    return [way for way in ways if way.target == token.node.default]


def _asked(token: Token, ways: list[Flow]) -> list[Flow]:
    return [way for way in ways if way.condition is not None and way.target != token.node.default]


def _holds(token: Token, way: Flow, **more: bool) -> bool:
    return bool(evaluate(str(way.condition), {**token.sees, **more}))
