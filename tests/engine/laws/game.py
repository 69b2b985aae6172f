"""The token game of BPMN 2.0.2 §13, played by the book: what the engine has to be indistinguishable from.

It is written from the specification and from docs/reference/modelling.md, knows nothing of the engine, is never stored
and takes nothing off the table: tokens that are over stay in its list, and every question is asked of the whole list.

The specification leaves open which of several tokens moves first. Here they take turns, whoever has waited longest
first; to arrive at a node is one turn, to do what it says and to leave it is the next. The engine promises the same:
otherwise an end event that terminates its scope would win or lose against the branch beside it at random.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

from tests.engine.laws import choices, joins
from tests.engine.laws.drawing import Drawing, Model, Node
from tests.engine.laws.language import counting, evaluate, execute
from tests.engine.laws.tokens import State, Token

MOST_TOKENS, MOST_TURNS = 40, 3_000
PROCESS = Node(":process", "process")


class TooLarge(Exception):
    """The tokens have multiplied beyond what is worth playing on."""


class Game:
    """One game: the tokens on the table, whose turn it is, and how it stands (active, completed or failed)."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.table: list[Token] = []
        self.turns: deque[Token] = deque()
        self.status = "active"

    # What is done from outside

    def start(self, variables: Mapping[str, Any]) -> None:
        """Begin process ``p``."""
        root = self._new(PROCESS, self.model.processes["p"], None, part="process", variables=dict(variables))
        root.state = State.OPEN
        self._open(root, self.model.processes["p"])
        self._play()

    def to_do(self) -> list[tuple[str, Token]]:
        """What somebody outside can do next, oldest token first: ``work``, ``timer``, ``message`` or ``retry``."""
        return [(what, token) for token in self.living() if (what := _can_do(token))]

    def do(self, what: str, token: Token, values: Mapping[str, Any]) -> None:
        """Do one of these things. A timer brings no values, and to retry needs none."""
        if what == "work":
            token.write(values)
            self._act(token)
        elif what == "retry":
            token.stuck = False
            self.turns.append(token)
        else:
            self._happen(token, values if what == "message" else {})
        self._play()

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the process."""
        return self.table[0].variables

    def living(self) -> list[Token]:
        """Every token and scope that is not over, oldest first."""
        return [token for token in self.table if token.alive]

    def within(self, scope: Token | None) -> list[Token]:
        """What lives in a scope, oldest first."""
        return [token for token in self.table if token.alive and token.around is scope]

    # Turns

    def _play(self) -> None:
        for _ in range(MOST_TURNS):
            if not self.turns and not joins.settle(self):
                return
            token = self.turns.popleft()
            if token.alive:
                self._turn(token)
            if len(self.living()) > MOST_TOKENS:
                raise TooLarge()
        raise TooLarge()

    def _turn(self, token: Token) -> None:
        if token.state is State.READY:
            self._act(token)
        else:
            self._arrive(token)

    def enter(self, node: Node, drawing: Drawing, around: Token, **more: Any) -> Token:
        """Put a token at a node; at an activity that repeats, for all of its repetitions."""
        part = "frame" if node.repeats is not None and "part" not in more else ""
        token = self._new(node, drawing, around, **{"part": part, **more})
        self.turns.append(token)
        return token

    def _new(self, node: Node, drawing: Drawing, around: Token | None, **more: Any) -> Token:
        token = Token(len(self.table), node, drawing, around, **more)
        self.table.append(token)
        return token

    # Arriving

    def _arrive(self, token: Token) -> None:
        joining = token.node.kind in ("parallel", "inclusive", "complex")
        waits = not joins.goes_on(self, token) if joining else _waits_for_its_event(token)
        if waits:
            token.state = State.WAITING
        else:
            token.state = State.READY
            self._post_guards(token)
            if token.node.kind != "user" or token.part == "frame":
                self.turns.append(token)

    def _post_guards(self, token: Token) -> None:
        """The boundary events of an activity wait while it is active (§10.5.4)."""
        if token.around is not None and not token.repeated:
            for event in token.drawing.boundaries(token.node):
                self.enter(event, token.drawing, token.around, guards=token)

    # Acting

    def _act(self, token: Token) -> None:
        """Do what the node says; leave it unless it waits for what happens inside."""
        if token.done or self._works(token):
            token.done = True
            self._leave(token)
        elif token.alive:
            token.state = State.OPEN

    def _works(self, token: Token) -> bool:
        node = token.node
        if token.part == "frame":
            return not self._repeat(token)
        if node.kind == "script":
            token.write(execute(counting(node.counter), token.sees))
        elif node.trigger and node.kind == "start":
            token.around.variables.update(token.carried)  # they belong to the event sub-process itself
        elif node.trigger:
            token.write(token.carried)
        if node.kind == "event based":
            self._race(token)
        elif node.kind == "terminate":
            self._cancel_within(token.around, but=token)
        elif node.kind == "error end":
            return self._throw(token, node.code)
        elif node.kind == "call":
            return self._call(token, node.calls)
        inside = self._inside(token)
        return inside is None or not self._open(token, inside)

    def _open(self, scope: Token, drawing: Drawing) -> bool:
        """Open a scope: its data objects are empty, its event sub-processes listen, its starts have a token (§10.3.5).

        Whether there is anything in it.
        """
        scope.variables.update({name: None for name in drawing.own if name not in scope.variables})
        for node in drawing.nodes:
            if node.kind == "event sub-process":
                self.enter(node.inside.starts[0], node.inside, scope, listens=node)
        for node in drawing.starts:
            self.enter(node, drawing, scope, carried=scope.carried if node.kind == "start" else {})
        return any(token.keeps_scope_alive for token in self.within(scope))

    def _call(self, token: Token, key: str) -> bool:
        """A called process has the variables that are handed to it, and no others (§10.3.6)."""
        seen = token.sees
        handed = {name: seen.get(name) for name in self.model.used_in(key)}
        self.enter(PROCESS, self.model.processes[key], token, part="process", variables=handed)
        return False

    def _race(self, gateway: Token) -> None:
        """Each event behind an event-based gateway waits; the first to happen decides (§10.6.6)."""
        for flow in gateway.drawing.out_of(gateway.node):
            target = gateway.drawing.node(flow.target)
            self.enter(target, gateway.drawing, gateway.around, came_by=flow.id, race=gateway)

    # Repeating

    def _repeat(self, frame: Token) -> bool:
        """Begin the repetitions of an activity; whether there are any (§13.3.6, §13.3.7)."""
        repeats = frame.node.repeats
        if repeats.kind == "while":
            if repeats.before and not repeats.rounds:
                return False
            self._next(frame)
            return True
        for _ in repeats.items if repeats.kind == "together" else repeats.items[:1]:
            self._next(frame)
        if not repeats.items:
            frame.write({f"all_{frame.node.id}": []})
        return bool(repeats.items)

    def _next(self, frame: Token) -> None:
        repeats, number = frame.node.repeats, frame.started
        own: dict[str, Any] = {"loopCounter": number}
        part = "round"
        if repeats.kind != "while":
            own["who"], part = repeats.items[number], "each"
        frame.started += 1
        self.enter(frame.node, frame.drawing, frame, part=part, variables=own, index=number)

    def _repetition_over(self, frame: Token, token: Token) -> None:
        repeats = frame.node.repeats
        if repeats.kind == "while":
            again = frame.started < repeats.rounds
        else:
            frame.given[token.index] = evaluate(repeats.output, token.sees)
            enough = len(repeats.items) if repeats.enough is None else repeats.enough
            again = len(frame.given) < min(enough, len(repeats.items))
        if not again:
            self._repetitions_over(frame)
        elif repeats.kind != "together":
            self._next(frame)

    def _repetitions_over(self, frame: Token) -> None:
        """What is still at it is not needed any more; what has been given is there in the order of the items."""
        self._cancel_within(frame)
        if frame.node.repeats.kind != "while":
            frame.write({f"all_{frame.node.id}": [frame.given[index] for index in sorted(frame.given)]})
        self._leave(frame)

    # Leaving

    def _leave(self, token: Token) -> None:
        """Send the token on. Where there is no way out it stays, stuck, to be tried again (§10.6.2)."""
        flows = [] if token.repeated or token.part == "process" else choices.taken(token)
        if flows is None:
            token.state, token.stuck, token.done = State.READY, True, True
            return
        for other in [*self._guards_of(token), *self.within(token)]:
            self._cancel(other)
        token.state = State.GONE
        for flow in flows:
            self.enter(token.drawing.node(flow.target), token.drawing, token.around, came_by=flow.id)
        if token.around is None:
            self._end("completed")
        elif not flows:
            self._over(token, token.around)

    def _over(self, token: Token, scope: Token) -> None:
        """A token has come to its end in a scope, which is over with the last of them."""
        if scope.part == "frame":
            self._repetition_over(scope, token)
        elif not any(other.keeps_scope_alive for other in self.within(scope)):
            if token.part == "process":
                scope.write(
                    {name: token.variables.get(name) for name in self.model.used_in(scope.node.calls)}
                )
            self._leave(scope)

    def _end(self, status: str) -> None:
        self.status = status
        self.turns.clear()
        for token in self.within(self.table[0]):
            self._cancel(token)

    def _guards_of(self, host: Token) -> list[Token]:
        return [token for token in self.table if token.alive and token.guards is host]

    def _cancel(self, token: Token) -> None:
        """Interrupt a token, with everything inside it and the boundary events that guard it."""
        for other in [*self.within(token), *self._guards_of(token)]:
            self._cancel(other)
        token.state = State.GONE

    def _cancel_within(self, scope: Token, but: Token | None = None) -> None:
        for token in self.within(scope):
            if token is not but and token.keeps_scope_alive:
                self._cancel(token)

    # Events

    def _happen(self, token: Token, carried: Mapping[str, Any]) -> None:
        """What a token waits for has happened."""
        if token.guards is not None:
            self._boundary(token, token.guards, carried)
        elif token.listens is not None:
            self._event_sub_process(token, token.listens, carried)
        else:
            for other in self.within(token.around):
                if token.race is not None and other.race is token.race and other is not token:
                    self._cancel(other)
            token.happened, token.carried, token.race = True, dict(carried), None
            self.turns.append(token)

    def _boundary(self, event: Token, host: Token, carried: Mapping[str, Any]) -> None:
        """It interrupts its activity, or a token starts beside that (§10.5.4)."""
        self.enter(event.node, event.drawing, event.around, happened=True, carried=dict(carried))
        self._once(event)
        if event.node.interrupting:
            self._cancel(host)

    def _event_sub_process(self, event: Token, opened: Node, carried: Mapping[str, Any]) -> None:
        """It interrupts all that is in its scope, or runs beside that (§13.5.4)."""
        scope = event.around
        self._once(event)
        if event.node.interrupting:
            for other in self.within(scope):
                self._cancel(other)
        self.enter(opened, self._inside(scope), scope, carried=dict(carried))

    @staticmethod
    def _once(event: Token) -> None:
        """A timer without a cycle elapses once; a message can come any number of times."""
        event.spent = event.node.trigger == "timer"

    @staticmethod
    def _inside(scope: Token) -> Drawing | None:
        return scope.drawing if scope.part == "process" else scope.node.inside

    def _throw(self, token: Token, code: str) -> bool:
        """An error goes outwards to the first event that catches it; without one the process fails (§10.5.5)."""
        thrown: Token | None = token
        while thrown is not None and thrown.around is not None:
            if caught := self._catcher(thrown, code):
                self._happen(caught, {"error_code": code, "error_message": code})
                return False
            thrown = thrown.around
        self._end("failed")
        return False

    def _catcher(self, thrown: Token, code: str) -> Token | None:
        """A boundary event of the activity comes before an event sub-process beside it, a code before any."""
        beside = [
            t for t in self.within(thrown.around) if t.listens is not None and t.listens is not thrown.node
        ]
        for events in (self._guards_of(thrown), beside):
            fitting = [t for t in events if t.node.trigger == "error" and t.node.code in (code, None)]
            for event in sorted(fitting, key=lambda each: each.node.code is None):
                return event
        return None


def _waits_for_its_event(token: Token) -> bool:
    """Whether the event of the node is still to happen: that of a start event in a scope that is open has happened."""
    begun = token.node.kind == "start" and token.listens is None
    return bool(token.node.trigger) and not token.happened and not begun


def _can_do(token: Token) -> str:
    if token.stuck:
        return "retry"
    if token.node.kind == "user" and token.state is State.READY and token.part != "frame":
        return "work"
    waits = token.state is State.WAITING and token.node.trigger in ("timer", "message") and not token.spent
    return token.node.trigger if waits else ""
