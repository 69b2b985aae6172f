"""Commands and what another room writes, in one transaction: all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from engine import CorrelateMessage, Engine, Invalid, NotFound, StartInstance
from engine.directory import SYSTEM
from engine.storage.tables import data_store, instance
from engine.stores import write
from tests.engine.xml_text import bpmn, catch, message, node, root, way

WAITING = node("startEvent", "s") + catch("c", message("ready")) + node("endEvent", "e") + way("s", "c", "e")


@pytest.fixture
def waiting(deploy: Callable[..., Any]) -> None:
    deploy(bpmn(WAITING, definitions=root("message", "ready")))


def started(engine: Engine) -> list[str]:
    with engine.database.read() as session:
        return list(session.scalars(select(instance.c.status)))


def test_both_are_committed(engine: Engine, waiting: None) -> None:
    with engine.together(SYSTEM) as together:
        result = together.execute(StartInstance("p"))
        write(together.context.session, "seen", result.instance_id, together.context.now)
    with engine.database.read() as session:
        assert session.scalar(select(data_store.c.value)) == result.instance_id
    assert started(engine) == ["active"]


def test_what_fails_afterwards_undoes_the_command(engine: Engine, waiting: None) -> None:
    def begin_and_fail() -> None:
        with engine.together(SYSTEM) as together:
            together.execute(StartInstance("p"))
            raise OSError("away")

    with pytest.raises(OSError, match="away"):
        begin_and_fail()
    assert started(engine) == []


def test_a_command_that_is_refused_undoes_what_was_written(engine: Engine, waiting: None) -> None:
    def write_and_be_refused() -> None:
        with engine.together(SYSTEM) as together:
            write(together.context.session, "seen", 1, together.context.now)
            together.execute(CorrelateMessage("nobody waits"))

    with pytest.raises(NotFound):
        write_and_be_refused()
    with engine.database.read() as session:
        assert session.scalar(select(func.count()).select_from(data_store)) == 0


def test_what_cannot_be_stored_is_refused_as_everywhere(engine: Engine, waiting: None) -> None:
    with engine.together(SYSTEM) as together, pytest.raises(Invalid):
        together.execute(StartInstance("p\0"))
    assert started(engine) == []
