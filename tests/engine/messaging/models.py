"""Processes that exchange messages and signals, and short ways to look at them, for tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from engine import CorrelateMessage, StartInstance, ThrowSignal
from engine.engine import Engine
from tests.engine import xml_text
from tests.engine.conftest import actor
from tests.engine.xml_text import HEAD, node, root

on_message, on_signal = xml_text.message, xml_text.signal
ADMINISTRATOR, SUPERVISOR = actor("administrator"), actor("supervisor")


def message(element: str) -> str:
    """A message whose name is its id."""
    return root("message", element)


def signal(element: str) -> str:
    return root("signal", element)


def keys(expression: str) -> dict[str, str]:
    """``planflow:correlation`` with this expression."""
    return {"planflow_correlation": "=" + expression.replace('"', "&quot;")}


def inputs(**values: str) -> str:
    """What a throwing element carries: expressions by name."""
    rows = "".join(
        f'<planflow:input name="{name}" value="={value.replace(chr(34), "&quot;")}"/>'
        for name, value in values.items()
    )
    return f"<bpmn:extensionElements><planflow:inputs>{rows}</planflow:inputs></bpmn:extensionElements>"


def file(*parts: str) -> bytes:
    """A BPMN file of these root elements."""
    return (HEAD + "".join(parts) + "</bpmn:definitions>").encode()


def process(key: str, body: str, **attributes: str) -> str:
    """An executable process; its key goes before the ids of all that is in it, which are then unique in the file."""
    own = re.sub(r'\b(id|sourceRef|targetRef|attachedToRef)="', rf'\1="{key}_', body)
    return node("process", key, own, isExecutable="true", **attributes)


def start(engine: Engine, key: str, **given: Any) -> Any:
    return engine.execute(StartInstance(key, given), SUPERVISOR)


@contextmanager
def dying(engine: Engine) -> Iterator[None]:
    """The server dies between the commit of a command and the delivery of what it has sent."""
    with pytest.MonkeyPatch.context() as dead:
        dead.setattr(engine._postman, "deliver", lambda _mail: 0)
        yield


def send(engine: Engine, name: str, correlation: Any = None, payload: Any = None, **more: Any) -> Any:
    return engine.execute(CorrelateMessage(name, correlation or {}, payload or {}, **more), ADMINISTRATOR)


def throw(engine: Engine, name: str, **payload: Any) -> Any:
    return engine.execute(ThrowSignal(name, payload), ADMINISTRATOR)


def instances(engine: Engine, key: str | None = None, status: str | None = None) -> list[Any]:
    with engine.database.read() as session:
        return list(
            engine.queries(session, ADMINISTRATOR).instances(process_key=key, status=status, limit=200).items
        )


def variables(engine: Engine, instance_id: str) -> dict[str, Any]:
    with engine.database.read() as session:
        return dict(engine.queries(session, ADMINISTRATOR).variables(instance_id))


def events(engine: Engine, instance_id: str, *kinds: str) -> list[Any]:
    with engine.database.read() as session:
        return list(engine.queries(session, ADMINISTRATOR).history(instance_id, kinds=kinds, limit=200).items)


def kept(engine: Engine) -> list[Any]:
    with engine.database.read() as session:
        return list(engine.queries(session, ADMINISTRATOR).messages(limit=200).items)
