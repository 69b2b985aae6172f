"""One sandbox for these tests, with a short time limit so that endless loops do not make them long."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.sandbox import Limits, Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox(Limits(seconds=0.5))
    yield shared
    shared.close()
