"""What a process does besides serving, started and stopped together, with the heartbeat that tells of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import structlog

from engine import heartbeats
from engine.engine import Engine

log = structlog.get_logger("planflow.worker")


class Part(Protocol):
    """Something that works in threads of its own."""

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """Finish what is being done, then end."""

    def alive(self) -> bool:
        """Whether it goes on by itself."""


class AtWork:
    """The parts of one process under one name. Its heart beats as long as all of them are alive."""

    def __init__(self, engine: Engine, name: str, kind: str, *parts: Part) -> None:
        self.name, self._kind, self._parts = name, kind, parts
        self._engine = engine
        self._started_at = engine.clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="planflow-heartbeat", daemon=True)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Start the parts in order; at the end stop them, the last first, and say good-bye."""
        self._beat()
        try:
            for part in self._parts:
                part.start()
            self._thread.start()
            yield
        finally:
            for part in reversed(self._parts):
                part.stop()
            self._end()

    def alive(self) -> bool:
        """Whether every part goes on by itself."""
        return all(part.alive() for part in self._parts)

    def wait(self) -> None:
        """Return when a part has ended by itself."""
        while self.alive():
            self._stop.wait(1)

    def _run(self) -> None:
        while not self._stop.wait(heartbeats.EVERY.total_seconds()):
            if self.alive():
                self._beat()

    def _beat(self) -> None:
        try:
            with self._engine.database.write() as session:
                heartbeats.beat(session, self.name, self._kind, self._started_at, self._engine.clock())
        except Exception as error:  # the next one tells as well
            log.warning("the heartbeat could not be written", reason=type(error).__name__)

    def _end(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=heartbeats.EVERY.total_seconds())
        try:
            with self._engine.database.write() as session:
                heartbeats.leave(session, self.name)
        except Exception as error:  # it is taken for gone after a while
            log.warning("the heartbeat could not be ended", reason=type(error).__name__)
