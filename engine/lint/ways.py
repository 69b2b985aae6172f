"""Where a token can go from where, in one scope."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.bpmn.model import Element, Scope


class Ways:
    """The elements of a scope with the ones that a token can go to next.

    From an activity it can also go to its boundary events, and from a throwing link to the catching one.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        attached: dict[str | None, list[str]] = {}
        for element in scope.elements.values():
            attached.setdefault(element.attached_to, []).append(element.id)
        self.following: Mapping[str, list[str]] = {
            element.id: _next(element, scope, attached.get(element.id, []))
            for element in scope.elements.values()
        }

    def reached(self, begin: Iterable[str]) -> set[str]:
        """These elements and all that a token can reach from them."""
        return _closure(begin, self.following)

    def reaching(self, targets: Iterable[str]) -> set[str]:
        """These elements and all from which a token can reach one of them."""
        before: dict[str, list[str]] = {}
        for source, following in self.following.items():
            for target in following:
                before.setdefault(target, []).append(source)
        return _closure(targets, before)


def begins(scope: Scope) -> list[Element]:
    """Where tokens of a scope can appear: its starts, and activities that compensate."""
    compensating = [e for e in scope.elements.values() if e.for_compensation]
    return [*scope.starts, *compensating]


def _next(element: Element, scope: Scope, attached: list[str]) -> list[str]:
    targets = [scope.flows[flow].target for flow in element.outgoing]
    return [*targets, *([element.link_target] if element.link_target else []), *attached]


def _closure(begin: Iterable[str], steps: Mapping[str, list[str]]) -> set[str]:
    found: set[str] = set()
    ahead = list(begin)
    while ahead:
        each = ahead.pop()
        if each not in found:
            found.add(each)
            ahead += steps.get(each, [])
    return found
