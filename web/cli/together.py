"""What a process does besides serving, started and stopped together, with the heartbeat that tells of it."""

from __future__ import annotations

import threading
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


class Together:
    """The parts of one process under one name. Without a part it does nothing, and tells nothing."""

    def __init__(self, engine: Engine, name: str, kind: str, *parts: Part) -> None:
        self.name, self._kind, self._parts = name, kind, parts
        self._engine = engine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="planflow-heartbeat", daemon=True)

    def start(self) -> None:
        """Start them in order."""
        for part in self._parts:
            part.start()
        if self._parts:
            self._thread.start()

    def stop(self) -> None:
        """Stop them, the last first, and say good-bye."""
        for part in reversed(self._parts):
            part.stop()
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=heartbeats.EVERY.total_seconds())
            self._leave()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._engine.database.write() as session:
                    heartbeats.beat(session, self.name, self._kind, self._engine.clock())
            except Exception as error:  # the next one tells as well
                log.warning("the heartbeat could not be written", reason=type(error).__name__)
            self._stop.wait(heartbeats.EVERY.total_seconds())

    def _leave(self) -> None:
        try:
            with self._engine.database.write() as session:
                heartbeats.leave(session, self.name)
        except Exception as error:  # it is taken for gone after a while
            log.warning("the heartbeat could not be ended", reason=type(error).__name__)
