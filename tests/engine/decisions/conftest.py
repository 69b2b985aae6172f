"""One sandbox for the expressions in these tests' decisions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.sandbox import Sandbox


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    shared = Sandbox()
    yield shared
    shared.close()
