"""Looks up names, for no longer than there is time."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread

Resolve = Callable[[str], Sequence[str]]
"""The IP addresses of a host, as texts. Raises OSError when there is no such host."""

MOST_AT_ONCE = 32
"""The system's look-up cannot be stopped, only be left behind; so many may go on at most."""

_free = BoundedSemaphore(MOST_AT_ONCE)


def look_up(host: str) -> list[str]:
    """All addresses that the system's resolver has for a host, best first."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_rest, address in found))


def resolved(resolve: Resolve, host: str, seconds: float) -> Sequence[str]:
    """What ``resolve`` says. Raises its OSError, or TimeoutError when it says nothing in time."""
    if not _free.acquire(timeout=seconds):
        raise TimeoutError
    answers: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answers.put(resolve(host))
        except Exception as error:  # told to whoever waits
            answers.put(error)
        finally:
            _free.release()

    Thread(target=ask, name="look-up", daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        raise answer
    return answer
