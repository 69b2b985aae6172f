"""How gateways wait for tokens (BPMN 2.0.2 §13.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.engine.laws.drawing import Drawing, Node
from tests.engine.laws.tokens import State, Token

if TYPE_CHECKING:
    from tests.engine.laws.game import Game


def goes_on(game: Game, token: Token) -> bool:
    """Whether a token that arrives at a gateway passes it now, and with it those that it goes on for."""
    into = token.drawing.into(token.node)
    if len(into) <= 1 or token.fires:
        return True
    token.state = State.WAITING
    if token.node.kind == "parallel":
        return _completes_the_set(game, token, len(into))
    return token.node.kind == "complex" and _is_enough(game, token)


def settle(game: Game) -> bool:
    """Let one gateway go on that had to know where all tokens are; whether there was one."""
    for token in game.living():
        if token.state is State.WAITING and _may_fire(game, token):
            token.fires = True
            game.turns.append(token)
            if token.resets:
                game.turns.extend(_at(game, token)[:1])  # left over, they may be enough to start anew
            return True
    return False


# Parallel


def _completes_the_set(game: Game, token: Token, flows: int) -> bool:
    """A token from each flow; whoever is in excess stays (§13.4.1)."""
    oldest = _oldest_of_each_flow(game, token)
    if len(oldest) < flows:
        return False
    _spend(token, oldest)
    return True


def _at(game: Game, token: Token) -> list[Token]:
    """The tokens that wait at the same gateway in the same scope, without its memory."""
    beside = [t for t in game.within(token.around) if t.node is token.node and t.state is State.WAITING]
    return [t for t in beside if not t.resets and not t.fires]


def _oldest_of_each_flow(game: Game, token: Token) -> dict[str, Token]:
    oldest: dict[str, Token] = {}
    for other in _at(game, token):
        oldest.setdefault(other.came_by, other)
    return oldest


def _spend(token: Token, oldest: dict[str, Token]) -> None:
    """One token of each flow is consumed; ``token`` goes on for all of them."""
    for flow, other in oldest.items():
        if flow != token.came_by:
            other.state = State.GONE


# Inclusive


def _may_fire(game: Game, token: Token) -> bool:
    if token.resets:
        return not token.fires and _resets(game, token)
    if token.node.kind != "inclusive":
        return False
    oldest = _oldest_of_each_flow(game, token)
    if oldest[token.came_by] is not token or _somebody_comes(game, token, set(oldest)):
        return False
    _spend(token, oldest)
    return True


def _somebody_comes(game: Game, gateway: Token, filled: set[str]) -> bool:
    """Whether a token elsewhere can reach an empty flow into the gateway, and none that is filled (§13.4.3)."""
    for other in game.within(gateway.around):
        if other.keeps_scope_alive and other.node is not gateway.node:
            reached = _reached(gateway.drawing, _where(other), gateway.node)
            if reached - filled and not reached & filled:
                return True
    return False


def _where(token: Token) -> Node:
    """Where a token is. While none of its events has happened, that is at the event-based gateway (§10.6.6)."""
    return token.node if token.race is None else token.race.node


def _reached(drawing: Drawing, start: Node, gateway: Node) -> set[str]:
    """The flows into the gateway that paths from a node lead to which do not pass the gateway itself."""
    reached: set[str] = set()
    seen, ahead = {start.id}, [start.id]
    while ahead:
        node = drawing.node(ahead.pop())
        reached |= {flow.id for flow in drawing.out_of(node) if flow.target == gateway.id}
        further = [flow.target for flow in drawing.out_of(node) if flow.target != gateway.id]
        for target in [*further, *(event.id for event in drawing.boundaries(node))]:
            if target not in seen:
                seen.add(target)
                ahead.append(target)
    return reached


# Complex


def _is_enough(game: Game, token: Token) -> bool:
    """Whether enough tokens have come to start; it then remembers by which flows (§13.4.5)."""
    at_it = [t for t in game.within(token.around) if t.node is token.node]
    if any(t.resets and not t.fires for t in at_it) or len(_at(game, token)) < (token.node.enough or 1):
        return False
    oldest = _oldest_of_each_flow(game, token)
    _spend(token, oldest)
    memory = game.enter(token.node, token.drawing, token.around, resets=frozenset(oldest))
    game.turns.remove(memory)  # it has no turn before the gateway resets
    memory.state = State.WAITING
    return True


def _resets(game: Game, memory: Token) -> bool:
    """Whether every other flow has brought its token, or none can come any more; those that have come are consumed."""
    arrived = {flow: t for flow, t in _oldest_of_each_flow(game, memory).items() if flow not in memory.resets}
    filled = {*memory.resets, *arrived}
    every = {flow.id for flow in memory.drawing.into(memory.node)}
    if filled < every and _somebody_comes(game, memory, filled):
        return False
    for token in arrived.values():
        token.state = State.GONE
    return True
