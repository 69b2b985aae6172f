"""``http.post`` and ``http.get`` in running instances: asked after the commit, repeated or caught, never lost."""

from __future__ import annotations

import json
import re

from engine.outgoing import Outgoing, OutgoingSettings, http_operations
from tests.engine.conftest import Clock
from tests.engine.execution.running import start
from tests.engine.outgoing.servers import answer, serving, settings
from tests.engine.xml_text import boundary, bpmn, error, in_and_out, node, root, way

OUTPUTS = {"told": "=result[&quot;body&quot;]"}
BODY = "={&quot;amount&quot;: 3}"


def asking(operation: str, *beside: str, **inputs: str) -> bytes:
    """Asks ``url`` and ends, with what a boundary event adds."""
    task = node(
        "serviceTask", "ask", in_and_out({"url": "=url", **inputs}, OUTPUTS), planflow_operation=operation
    )
    ends = node("startEvent", "s") + task + node("endEvent", "e") + way("s", "ask", "e")
    refused = root("error", "gone", errorCode="HTTP_404") if beside else ""
    return bpmn(ends + "".join(beside), definitions=refused)


def keys(server) -> list[bytes]:
    return re.findall(rb"(?i)idempotency-key: (\S+)", b"\r\n".join(server.requests))


def replies(*each: bytes):
    """Answers one after the other."""
    left = list(each)
    return lambda connection: connection.sendall(left.pop(0))


def test_a_process_posts_and_goes_on_with_the_answer(engine, deploy, operations):
    operations.update(http_operations(Outgoing(settings())))
    reply = answer("200 OK", "Content-Type: application/json", body=json.dumps({"id": 7}).encode())
    with serving(reply) as server:
        running = start(engine, deploy, asking("http.post", body=BODY), url=server.url)
        assert (running.status, server.requests) == ("active", [])
        assert engine.work_off() == 1
    assert running.status == "completed"
    assert running.variables["told"] == {"id": 7}
    assert json.loads(server.requests[0].partition(b"\r\n\r\n")[2]) == {"amount": 3}


def test_a_repetition_can_be_told_by_its_key(engine, deploy, operations, clock: Clock):
    operations.update(http_operations(Outgoing(settings())))
    busy, fine = answer("503 Service Unavailable", "Retry-After: 120"), answer("200 OK")
    with serving(replies(busy, fine)) as server:
        running = start(engine, deploy, asking("http.post", body=BODY), url=server.url)
        assert engine.work_off() == 0
        clock.advance(seconds=119)
        assert engine.work_off() == 0
        assert len(server.requests) == 1
        clock.advance(seconds=2)
        assert engine.work_off() == 1
    assert running.status == "completed"
    first, second = keys(server)
    assert first == second


def test_a_refusal_is_an_error_that_the_process_catches(engine, deploy, operations):
    operations.update(http_operations(Outgoing(settings())))
    caught = boundary("missing", "ask", error("gone")), node("endEvent", "without"), way("missing", "without")
    with serving(answer("404 Not Found")) as server:
        running = start(engine, deploy, asking("http.get", *caught), url=server.url)
        engine.work_off()
    assert running.status == "completed"
    assert running.completed[-1] == "without"


def test_an_address_that_may_not_be_reached_is_an_incident_at_once(engine, deploy, operations):
    operations.update(http_operations(Outgoing(OutgoingSettings())))
    with serving() as server:
        running = start(engine, deploy, asking("http.get"), url=server.url)
        engine.work_off()
    assert server.requests == []
    assert running.open_incidents == ["ask"]
