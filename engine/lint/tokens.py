"""Which sequence flows of a scope can hold tokens at the same time.

The scope is read as a Petri net: a place for each sequence flow and each element, a transition for each way a token
can take. Conditions are left open, inclusive and complex gateways go on with whatever they have, and boundary events
happen at any time, so the net can do at least what the engine can do. On it the smallest relation is worked out that
holds every pair of places marked together (Kovalyov and Esparza, "A polynomial algorithm to compute the concurrency
relation of free-choice signal transition graphs", 1996). It may hold a pair too many, never one too few: what it says
cannot happen never happens.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.bpmn.model import Element, Scope

MAX_PLACES = 600
"""Larger scopes are not looked through; the effort grows with the square of it."""

JOINS_ANYHOW = frozenset({"parallelGateway", "inclusiveGateway", "complexGateway"})


@dataclass(frozen=True)
class _Transition:
    """``anyhow``: what it takes need not be marked together."""

    takes: tuple[int, ...]
    gives: tuple[int, ...]
    anyhow: bool = False


@dataclass
class _Net:
    """Places by name, and transitions between them. What merely follows on something else shares its place."""

    follows: dict[str, str] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    transitions: list[_Transition] = field(default_factory=list)
    joins: dict[str, int] = field(default_factory=dict)

    def share(self, one: str, other: str) -> None:
        """Let two names mean one place."""
        first, second = self._first(one), self._first(other)
        if first != second:
            self.follows[second] = first

    def place(self, name: str) -> int:
        return self.numbers.setdefault(self._first(name), len(self.numbers))

    def add(self, takes: list[str], gives: list[str], anyhow: bool = False) -> int:
        places = [tuple(self.place(name) for name in names) for names in (takes, gives)]
        if places[0] != places[1]:
            self.transitions.append(_Transition(places[0], places[1], anyhow))
        return len(self.transitions) - 1

    def _first(self, name: str) -> str:
        while name in self.follows:
            following = self.follows[name]
            if following in self.follows:
                self.follows[name] = self.follows[following]
            name = following
        return name


class TokenFlow:
    """What can be marked together in a scope.

    Parallel gateways in ``relaxed`` go on with any token, as if mended. With ``patient``, the flow of tokens of the
    same scope, inclusive and complex gateways wait for all tokens that ever come: what is together then is so for
    certain as far as they go, and some pairs may be missing.
    """

    def __init__(
        self, scope: Scope, relaxed: frozenset[str] = frozenset(), patient: TokenFlow | None = None
    ) -> None:
        self._net = _net(scope, relaxed, patient)
        self._beside = [0] * len(self._net.numbers)
        self._marked = 0
        self._done: set[int] = set()
        self._queued: set[int] = set()
        self._users: list[list[int]] = [[] for _ in self._net.numbers]
        for number, transition in enumerate(self._net.transitions):
            for place in transition.takes:
                self._users[place].append(number)
        self._begin(scope)

    @classmethod
    def of(cls, scope: Scope) -> TokenFlow | None:
        """None for a scope that is too large."""
        return None if len(_net(scope, frozenset(), None).numbers) > MAX_PLACES else cls(scope)

    def arrives(self, flow: str) -> bool:
        """Whether a token can ever come along a sequence flow."""
        return bool(self._marked >> self._net.place(flow) & 1)

    def together(self, one: str, other: str) -> bool:
        """Whether two sequence flows can hold tokens at the same time; one with itself: two tokens."""
        return bool(self._beside[self._net.place(one)] >> self._net.place(other) & 1)

    def joins(self, gateway: str) -> bool:
        """Whether a parallel gateway that joins can ever have all its tokens."""
        return self._net.joins[gateway] in self._done

    @property
    def joining(self) -> list[str]:
        """The parallel gateways that wait for several tokens."""
        return list(self._net.joins)

    def _begin(self, scope: Scope) -> None:
        """What starts unasked starts together; each event that starts a process starts an instance of its own."""
        starts = [(self._net.place(_at(e)), e.starts_unasked) for e in scope.starts]
        together = [place for place, unasked in starts if unasked]
        ahead: deque[int] = deque()
        for place, _unasked in starts:
            self._mark(place, ahead)
        for place in together:
            self._pair(place, _mask(other for other in together if other != place), ahead)
        self._run(ahead)

    def _run(self, ahead: deque[int]) -> None:
        while ahead:
            number = ahead.popleft()
            self._queued.discard(number)
            transition = self._net.transitions[number]
            if number in self._done:
                self._go_along(transition, ahead)
            elif self._can_fire(transition):
                self._done.add(number)
                self._fire(transition, ahead)

    def _can_fire(self, transition: _Transition) -> bool:
        wanted = _mask(transition.takes)
        return not wanted & ~self._marked and all(
            transition.anyhow or not wanted & ~(self._beside[place] | 1 << place)
            for place in transition.takes
        )

    def _fire(self, transition: _Transition, ahead: deque[int]) -> None:
        """The first time: what it gives is marked, and together."""
        for index, place in enumerate(transition.gives):
            self._mark(place, ahead)
            self._pair(place, _mask(transition.gives[:index]), ahead)
        self._go_along(transition, ahead)

    def _go_along(self, transition: _Transition, ahead: deque[int]) -> None:
        """What was marked beside all that it takes is marked beside what it gives."""
        staying = -1
        for place in transition.takes:
            staying &= self._beside[place]
        for place in transition.gives:
            self._pair(place, staying, ahead)

    def _mark(self, place: int, ahead: deque[int]) -> None:
        if not self._marked >> place & 1:
            self._marked |= 1 << place
            self._queue(place, ahead)

    def _pair(self, place: int, others: int, ahead: deque[int]) -> None:
        """Note that a place is marked beside others, which are given as a mask."""
        new = others & ~self._beside[place]
        if new:
            self._beside[place] |= new
            self._queue(place, ahead)
        while new:
            lowest = new & -new
            other = lowest.bit_length() - 1
            self._beside[other] |= 1 << place
            self._queue(other, ahead)
            new ^= lowest

    def _queue(self, place: int, ahead: deque[int]) -> None:
        for number in self._users[place]:
            if number not in self._queued:
                self._queued.add(number)
                ahead.append(number)


def _mask(places: Iterable[int]) -> int:
    mask = 0
    for place in places:
        mask |= 1 << place
    return mask


def _at(element: Element) -> str:
    """The place of a token that an element has. Ids cannot begin like this."""
    return f"@{element.id}"


def _net(scope: Scope, relaxed: frozenset[str], patient: TokenFlow | None) -> _Net:
    net = _Net()
    hosts = {element.attached_to for element in scope.elements.values()}
    for element in scope.elements.values():
        if len(element.incoming) == 1:
            net.share(element.incoming[0], _at(element))
        if len(element.outgoing) == 1 and element.id not in hosts and element.completion_quantity == 1:
            net.share(_at(element), element.outgoing[0])
    for element in scope.elements.values():
        _add_incoming(net, element, element.id in relaxed, patient)
        _add_outgoing(net, element, scope)
        if element.attached_to is not None:
            _add_boundary(net, element, scope.elements[element.attached_to])
    return net


def _add_incoming(net: _Net, element: Element, relaxed: bool, patient: TokenFlow | None) -> None:
    net.place(_at(element))
    if element.kind == "parallelGateway" and len(element.incoming) > 1 and not relaxed:
        net.joins[element.id] = net.add(list(element.incoming), [_at(element)])
        return
    if patient is not None and element.kind in JOINS_ANYHOW and not relaxed:
        coming = [flow for flow in element.incoming if patient.arrives(flow)]
        if coming:
            net.add(coming, [_at(element)], anyhow=True)
        return
    for flow in element.incoming if len(element.incoming) > 1 else ():
        net.add([flow], [_at(element)])


def _add_outgoing(net: _Net, element: Element, scope: Scope) -> None:
    for flow in element.outgoing:
        net.place(flow)
    if element.link_target is not None:
        net.add([_at(element)], [_at(scope.elements[element.link_target])])
    elif _chooses(element):
        for flow in element.outgoing:
            net.add([_at(element)], [flow])
    elif element.outgoing:
        times = 2 if element.completion_quantity > 1 else 1
        net.add([_at(element)], [flow for flow in element.outgoing for _ in range(times)])


def _chooses(element: Element) -> bool:
    """Whether just one way out is taken."""
    if element.kind == "eventBasedGateway":
        return not element.parallel_events
    return element.kind == "exclusiveGateway"


def _add_boundary(net: _Net, event: Element, host: Element) -> None:
    if event.event.kind == "compensation":
        return
    stays = [] if event.interrupting else [_at(host)]
    net.add([_at(host)], [*stays, _at(event)])
