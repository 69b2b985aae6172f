"""A RabbitMQ and a Redis for all tests of a session, each started when the first test needs it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.brokers import Broker, RabbitMQ, Redis


@pytest.fixture(scope="session")
def rabbitmq() -> Iterator[Broker]:
    with _running(RabbitMQ) as broker:
        yield broker


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Broker]:
    with _running(Redis) as broker:
        yield broker


@pytest.fixture(params=["Redis", "RabbitMQ"])
def broker(request: pytest.FixtureRequest) -> Broker:
    """The test runs once with each, and nothing in it is left from the test before."""
    found: Broker = request.getfixturevalue({"Redis": "redis_server", "RabbitMQ": "rabbitmq"}[request.param])
    found.lose_everything()
    return found


@contextmanager
def _running(kind: type[Broker]) -> Iterator[Broker]:
    folder = Path(tempfile.mkdtemp(prefix="planflow-broker-"))
    made = kind(folder)
    try:
        made.start()
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)
