"""Reads the sources of a bundle in the sandbox without running them, all within one allowance of time."""

from __future__ import annotations

from datetime import datetime

from engine.sandbox import Kind, Sandbox

TOGETHER = 10
"""Sources whose time limits the reading of all sources of a bundle may take together."""


class Sources:
    """What is wrong with sources, and which variables they read and set."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._allowance = sandbox.allowance(TOGETHER)

    def problems(self, source: str, kind: Kind = "expression") -> list[str]:
        """What keeps the source from being run; empty when nothing does."""
        return self._sandbox.check(source, kind, self._allowance)

    def read_by(self, source: str, kind: Kind = "expression") -> frozenset[str]:
        """The variables that it reads; none if it cannot be read."""
        return self._sandbox.names(source, kind, self._allowance)

    def counts_days(self, source: str, kind: Kind = "expression") -> bool:
        """Whether it asks the calendar of working days."""
        return self._sandbox.counts_days(source, kind, self._allowance)

    def unknown_years(self) -> tuple[str, list[int]]:
        """The country of the calendar, and the years among these two months that it does not know yet."""
        days = self._sandbox.working_days
        return days.country.name, days.unknown_soon(datetime.now(days.timezone).date())

    def assigned_by(self, script: str) -> frozenset[str] | None:
        """The variables that a script may set; None if it cannot be read."""
        if self.problems(script, "script"):
            return None
        return self._sandbox.assigned(script, self._allowance)
