"""The threads that do what comes through the broker."""

from __future__ import annotations

import threading
import time
from typing import Any

from celery.concurrency.base import BasePool, apply_target


class Threads(BasePool):  # type: ignore[misc]  # Celery has no types
    """A thread for each number, of which ``limit`` work at the same time.

    Celery's own pool of threads keeps the process from ending while a call lies outside, for as long as that takes.
    These do not; who stops the worker decides how long to wait.
    """

    signal_safe = False
    body_can_be_buffer = True

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._room = threading.Semaphore(self.limit)
        self._threads: set[threading.Thread] = set()

    def on_apply(self, target: Any, args: Any = (), kwargs: Any = None, **told: Any) -> None:
        """Begin in a thread; ``told`` has what Celery wants to be called about."""
        thread = threading.Thread(
            target=self._run, args=(target, args, kwargs), kwargs=told, name="planflow-job", daemon=True
        )
        self._threads.add(thread)
        thread.start()

    def wait(self, patience: float) -> bool:
        """Wait for what is being done, so many seconds at most. Returns whether all of it has ended."""
        until = time.monotonic() + patience
        for thread in tuple(self._threads):
            thread.join(timeout=max(until - time.monotonic(), 0))
        return not self._threads

    def _run(self, target: Any, args: Any, kwargs: Any, **told: Any) -> None:
        try:
            with self._room:
                apply_target(target, args, kwargs, told.get("callback"), told.get("accept_callback"))
        finally:
            self._threads.discard(threading.current_thread())
