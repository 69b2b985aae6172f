"""Messages and signals in a trial: who waits for what, and what was sent before anybody did."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.messaging.keys import fits


@dataclass(frozen=True)
class Waiting:
    """A token of a life that waits for a message or signal. ``event`` is the number of its event definition."""

    life: int
    token: int
    event: int
    kind: str
    name: str
    correlation: Mapping[str, Any]
    element: str


@dataclass(frozen=True)
class Sent:
    """A message on its way."""

    name: str
    correlation: Mapping[str, Any]
    payload: Mapping[str, Any]


@dataclass(frozen=True)
class Thrown:
    """A signal on its way to those who waited for it when it was thrown, and to the processes that it starts."""

    name: str
    payload: Mapping[str, Any]
    listeners: tuple[Waiting, ...]


class Mail:
    """Everything that waits, in the order in which it began to, and what nobody has taken yet."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[int, int, int], Waiting] = {}
        self._sent: list[Sent] = []
        self._thrown: deque[Thrown] = deque()

    def wait(self, waiting: Waiting) -> None:
        """Somebody waits."""
        self._waiting[waiting.life, waiting.token, waiting.event] = waiting

    def stop(self, life: int, token: int, event: int) -> None:
        """Somebody does not wait any more."""
        self._waiting.pop((life, token, event), None)

    def send(self, message: Sent) -> None:
        """A message is on its way; it is kept until somebody takes it."""
        self._sent.append(message)

    @property
    def waiting(self) -> list[Waiting]:
        """Who waits now, longest first."""
        return list(self._waiting.values())

    def throw(self, signal: str, payload: Mapping[str, Any], thrower: int) -> None:
        """A signal is on its way to all other lives that wait for it now; the thrower's own knows by itself."""
        found = [w for w in self.waiting if w.kind == "signal" and w.name == signal and w.life != thrower]
        self._thrown.append(Thrown(signal, payload, tuple(found)))

    def next_signal(self) -> Thrown | None:
        """The oldest signal that has not arrived yet, taken out."""
        return self._thrown.popleft() if self._thrown else None

    def still_waits(self, waiting: Waiting) -> bool:
        """Whether it has not stopped in the meantime."""
        return self._waiting.get((waiting.life, waiting.token, waiting.event)) is waiting

    def next_delivery(self) -> tuple[Waiting, Sent] | None:
        """The oldest message that somebody waits for, taken out, and who is to get it."""
        for message in self._sent:
            for waiting in self.waiting:
                named = waiting.kind == "message" and waiting.name == message.name
                if named and fits(waiting.correlation, message.correlation):
                    self._sent.remove(message)
                    return waiting, message
        return None

    def undelivered(self) -> list[Sent]:
        """The messages that nobody waits for, oldest first."""
        return list(self._sent)

    def forget(self, message: Sent) -> None:
        """A message has started a process."""
        self._sent.remove(message)
