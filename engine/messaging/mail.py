"""What a command leaves to be delivered and told when it is committed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Mail:
    """Collected while a command runs.

    ``sent`` are the ids of messages and signals that it has put into the mailbox. ``awaited`` are names of messages,
    each with the hash of the keys that somebody now asks for: one that was kept may be for them. ``written`` are the
    data stores that it has put something into.
    """

    sent: list[int] = field(default_factory=list)
    awaited: set[tuple[str, str]] = field(default_factory=set)
    written: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to deliver: no message and no signal."""
        return not (self.sent or self.awaited)
