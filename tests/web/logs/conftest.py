"""An office whose log is read as machines read it, and that may send requests to this machine."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from engine.directory import SYSTEM
from engine.outgoing import AllowList, OutgoingSettings
from tests.engine.xml_text import bpmn, in_and_out, node, timer, way
from tests.web.conftest import Office, open_office
from tests.webhooks.receiver import Receiver, listening
from web import logs
from web.container import build_container
from web.settings import Settings

Lines = Callable[..., list[dict[str, Any]]]
START, END = node("startEvent", "s"), node("endEvent", "e")


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Lines:
    """What was logged since this was asked last, of one event if it is named."""
    logs.configure("json")

    def read(event: str | None = None) -> list[dict[str, Any]]:
        told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
        return [line for line in told if event is None or line["event"] == event]

    return read


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


@pytest.fixture
def open_to_us(settings: Settings, office_template: Any) -> Iterator[Office]:
    """The office, which may send requests to this machine."""
    settings = replace(settings, outgoing=OutgoingSettings(allowed=AllowList.parse("127.0.0.1")))
    with closing(build_container(settings)) as container:
        yield open_office(settings, container, office_template[1])


def deploy_call(office: Office) -> None:
    """A process that posts to the address it is given, beside a timer that is due at once."""
    inputs = in_and_out({"url": "=url", "body": "=body"})
    fork = node("parallelGateway", "f")
    past = node("intermediateCatchEvent", "past", timer("timeDate", "2020-01-01T00:00:00Z"))
    call = node("serviceTask", "call", inputs, planflow_operation="http.post")
    join = node("parallelGateway", "j")
    body = START + fork + past + call + join + END + way("s", "f", "past", "j", "e") + way("f", "call", "j")
    starters = {"planflow_starterGroups": "operations_supervisor"}
    office.container.engine.deploy({"calling.bpmn": bpmn(body, "calling", **starters)}, SYSTEM, "calling")
