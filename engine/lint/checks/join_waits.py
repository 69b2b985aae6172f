"""A parallel gateway that joins can have a token from each of its flows (BPMN 2.0.2 §13.4.1).

Found by what can be marked together (:mod:`engine.lint.tokens`), which errs only towards saying nothing. A join that
waits merely because another one does is not told of.
"""

from collections.abc import Iterator

from engine.bpmn.model import Scope
from engine.lint.rule import Finding, Rule, Subject, about
from engine.lint.tokens import TokenFlow

MAX_JOINS = 10
"""Joins of one scope that are asked one by one whether another one is to blame."""


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        for gateway in _waiting_for_ever(place.scope, place.tokens):
            element = place.scope.elements[gateway]
            reason = "It waits for ever: the flows that lead here never all bring a token to the same join."
            yield about(element, reason)


def _waiting_for_ever(scope: Scope, tokens: TokenFlow | None) -> list[str]:
    if tokens is None:
        return []
    waiting = [
        gateway
        for gateway in tokens.joining
        if not tokens.joins(gateway) and any(map(tokens.arrives, scope.elements[gateway].incoming))
    ]
    to_blame = [gateway for gateway in waiting[:MAX_JOINS] if _still_waits(scope, gateway, waiting)]
    return to_blame or waiting


def _still_waits(scope: Scope, gateway: str, waiting: list[str]) -> bool:
    """Whether it would wait for ever though all others went on."""
    others = frozenset(other for other in waiting if other != gateway)
    return not others or not TokenFlow(scope, relaxed=others).joins(gateway)


RULE = Rule("bpmn.join-waits-for-ever", "A parallel join that never gets all its tokens", check=_check)
