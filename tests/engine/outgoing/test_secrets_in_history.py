"""What history keeps of a request with a secret: its name."""

from __future__ import annotations

from sqlalchemy import MetaData, select

from engine import StartInstance
from engine.outgoing import Outgoing, Secret, Secrets, http_request
from tests.engine.conftest import actor
from tests.engine.outgoing.servers import LOOPBACK, answer, serving, settings
from tests.engine.xml_text import bpmn, in_and_out, node, way

VALUE = "s3cr3t-of-the-erp"


def rows(database) -> str:
    """Everything that the database holds, as text."""
    found = MetaData()
    with database.read() as session:
        found.reflect(session.connection())
        tables = [session.execute(select(table)).all() for table in found.sorted_tables]
    return repr(tables)


def test_the_value_of_a_secret_is_nowhere_in_the_database(engine, deploy, operations):
    secrets = Secrets((Secret("ERP", VALUE, frozenset({LOOPBACK})),))
    outgoing = Outgoing(settings(secrets=secrets))
    operations["call"] = lambda _context, inputs: http_request(outgoing, inputs)
    mapping = in_and_out(
        {"url": "=url", "headers": '={"Authorization": "Bearer secret:ERP"}'.replace('"', "&quot;")},
        {"told": "=result[&quot;body&quot;]"},
    )
    body = node("startEvent", "s") + node("serviceTask", "t", mapping, planflow_operation="call")
    deploy(bpmn(body + node("endEvent", "e") + way("s", "t", "e")))
    for reply in (answer("200 OK", body=VALUE.encode()), answer("404 Not Found", body=VALUE.encode()), b""):
        with serving(reply) as server:
            engine.execute(StartInstance("p", {"url": server.url}), actor("supervisor"))
        assert VALUE.encode() in server.requests[0]
    kept = rows(engine.database)
    assert "secret:ERP" in kept
    assert "HTTP_404" in kept
    assert VALUE not in kept
