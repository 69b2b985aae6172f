"""Nothing that people enter or keep secret reaches the log: all of it is sent through a server, and looked for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.engine.xml_text import bpmn, in_and_out, node, script, way
from tests.forking import Command
from tests.webhooks.receiver import Receiver, listening

PASSWORD, WRONG = "the right password of wang", "the wrong password of wang"
PEOPLE = ("supervisor", "admin", "designer")
ROLES = {"supervisor": "operations_supervisor", "admin": "administrator", "designer": "process_designer"}
KEPT = {
    "PLANFLOW_SECRET_KEY": "kept-secret-key-" + "k" * 32,
    "PLANFLOW_METRICS_TOKEN": "kept-metrics-token",
    "PLANFLOW_SECRET_ERP": "kept-token-of-erp",
    "PLANFLOW_SECRET_ERP_HOSTS": "127.0.0.1",
    "PLANFLOW_SMTP_PASSWORD": "kept-smtp-password",
}
ENTERED = "entered-by-somebody"
"""What stands in everything that is entered."""
START, END = node("startEvent", "s"), node("endEvent", "e")
HEADERS = "={&quot;authorization&quot;: &quot;secret:ERP&quot;}"
STARTERS = {"planflow_starterGroups": "operations_supervisor"}


def models() -> dict[str, bytes]:
    """A task; a script that fails and repeats what was entered; a request with a secret that the other side refuses."""
    call = node(
        "serviceTask",
        "call",
        in_and_out({"url": "=url", "body": "=text", "headers": HEADERS}),
        planflow_operation="http.post",
    )
    task = node("userTask", "t", planflow_candidateGroups="administrator")
    fails = script("fails", "fail(text + str(int(text)))")
    return {
        "task.bpmn": bpmn(START + task + END + way("s", "t", "e"), "task", **STARTERS),
        "failing.bpmn": bpmn(START + fails + END + way("s", "fails", "e"), "failing", **STARTERS),
        "calling.bpmn": bpmn(START + call + END + way("s", "call", "e"), "calling", **STARTERS),
    }


@dataclass
class House:
    """A server of its own, what it wrote, and every secret that was ever shown to somebody."""

    folder: Path
    environment: dict[str, str]
    port: int = 0
    shown: list[str] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def log(self) -> Path:
        return self.folder / "log"

    def command(self, *arguments: str, typed: str = "") -> str:
        run = Command(arguments, self.environment, self.log, typed=typed)
        printed = run.output.read()
        assert run.wait(60) == 0, self.log.read_text()
        return printed.strip()

    def ask(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None, **also: str
    ) -> tuple[HTTPResponse, str]:
        sent = {"Content-Type": "application/json", **(headers or {}), **also}
        content = body if isinstance(body, str | None) else json.dumps(body)
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, content, sent)
            answer = connection.getresponse()
            return answer, answer.read().decode()

    def as_(self, person: str, method: str, path: str, body: Any = None) -> Any:
        answer, told = self.ask(
            method, f"/api/v1/{path}", body, Authorization=f"Bearer {self.tokens[person]}"
        )
        assert answer.status < 500, told
        return json.loads(told or "{}")


@pytest.fixture(params=["json", "text"])
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    environment = {
        **KEPT,
        "PATH": "",
        "PLANFLOW_HOME": str(tmp_path / "home"),
        "PLANFLOW_OUTGOING_ALLOW": "127.0.0.1",
        "PLANFLOW_LOG_FORMAT": request.param,
        "PLANFLOW_LOG_LEVEL": "info",
        "PLANFLOW_SMTP_HOST": "127.0.0.1",
        "PLANFLOW_SMTP_USER": "plans",
        "PLANFLOW_SMTP_FROM": "plans@example.com",
    }
    found = House(tmp_path, environment)
    found.command("db", "upgrade")
    for person in PEOPLE:
        found.command(
            "user", "create", person, "--role", ROLES[person], "--password-stdin", typed=PASSWORD + "\n"
        )
        found.tokens[person] = found.command("token", "create", "--user", person)
    server = Command(["serve", "--port", "0"], environment, found.log)
    found.port = int(server.output.readline().rpartition(":")[2])
    yield found
    server.terminate()
    server.wait(60)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as found:
        yield found


def sign_in(house: House, password: str) -> str:
    """Sign in through the page, with the cookies it gives. Returns the cookie of the session."""
    page, told = house.ask("GET", f"/sign-in?next=/tasks?{ENTERED}")
    found = re.search(r'name="csrf-token" content="([^"]+)"', told)
    assert found
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    form = urlencode({"name": "supervisor", "password": password, "csrf_token": found.group(1)})
    kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
    answer, _told = house.ask("POST", "/sign-in", form, kind)
    given = (answer.getheader("Set-Cookie") or cookie).partition(";")[0]
    house.shown += [found.group(1), cookie.partition("=")[2], given.partition("=")[2]]
    return given


def work(house: House, receiver: Receiver) -> None:
    """Whatever people enter: forms, drafts, comments, reasons, and what cannot be understood."""
    receiver.answer(422, json.dumps({"refused": ENTERED}))
    variables = {"text": ENTERED, "url": f"{receiver.url}/{ENTERED}?token={ENTERED}"}
    content, headers = multipart(models())
    designer = _bearer(house, "designer")
    deployed, told = house.ask("POST", "/api/v1/deployments", content, headers, Authorization=designer)
    assert deployed.status == 201, told
    started = [
        house.as_(
            "supervisor",
            "POST",
            f"processes/{key}/instances",
            {"variables": variables, "business_key": ENTERED + key},
        )
        for key in ("task", "failing", "calling")
    ]
    task = started[0]["task_ids"][0]
    house.as_("admin", "PUT", f"tasks/{task}/draft", {"data": {"text": ENTERED}})
    house.as_("admin", "POST", f"tasks/{task}/complete", {"variables": {"text": ENTERED}, "comment": ENTERED})
    house.as_(
        "admin", "POST", f"tasks/{task}/complete", {"variables": {ENTERED: ENTERED}, "outcome": ENTERED}
    )
    house.as_("admin", "POST", f"instances/{started[1]['instance_id']}/terminate", {"reason": ENTERED})
    house.as_("admin", "POST", "messages", {"name": ENTERED, "payload": {"text": ENTERED}})
    house.ask("POST", "/api/v1/messages", "{" + ENTERED, Authorization=_bearer(house, "admin"))
    house.ask("GET", f"/api/v1/tasks?group={ENTERED}", Authorization=f"Bearer {ENTERED}")
    house.ask("GET", "/metrics", Authorization=f"Bearer {KEPT['PLANFLOW_METRICS_TOKEN']}")
    house.ask("GET", "/metrics", Authorization=f"Bearer {ENTERED}")
    strange = {"X-Request-ID": ENTERED + " and more", "Cookie": f"planflow_session={ENTERED}"}
    house.ask("GET", "/healthz", headers=strange)


def hooks(house: House, receiver: Receiver) -> None:
    """Webhooks in both directions, with secrets in addresses, in headers and in bodies."""
    endpoint = {"name": "ERP", "url": f"{receiver.url}/{ENTERED}?token={ENTERED}"}
    made = house.as_("admin", "POST", "webhooks/endpoints", endpoint)
    house.shown.append(made["secret"].removeprefix("whsec_"))
    rotated = house.as_("admin", "POST", f"webhooks/endpoints/{made['id']}/rotate", {})
    house.shown.append(rotated["secret"].removeprefix("whsec_"))
    house.as_("admin", "POST", f"webhooks/endpoints/{made['id']}/test", {})
    wanted = {
        "name": "erp",
        "authentication": "bearer",
        "action": "message",
        "target": "figures",
        "correlation": '{"text": body["text"]}',
        "variables": '{"text": body["text"]}',
    }
    secret = house.as_("admin", "POST", "webhooks/receivers", wanted)["secret"]
    house.shown.append(secret)
    for offered, body in ((secret, {"text": ENTERED}), (secret, {ENTERED: 1}), (ENTERED, {"text": ENTERED})):
        house.ask("POST", "/hooks/erp", body, Authorization=f"Bearer {offered}")


def multipart(files: dict[str, bytes]) -> tuple[str, dict[str, str]]:
    parts = ['--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nall\r\n']
    for name, content in files.items():
        head = f'Content-Disposition: form-data; name="files"; filename="{name}"'
        parts.append(f"--x\r\n{head}\r\n\r\n{content.decode()}\r\n")
    return "".join(parts) + "--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}


def _bearer(house: House, person: str) -> str:
    return f"Bearer {house.tokens[person]}"


def test_no_secret_and_nothing_that_was_entered_is_written(house: House, receiver: Receiver) -> None:
    hooks(house, receiver)
    work(house, receiver)
    sign_in(house, WRONG)
    cookie = sign_in(house, PASSWORD)
    answer, _told = house.ask("GET", "/inbox", headers={"Cookie": cookie})
    assert answer.status == 200
    wait_for(house, '"kind": "service"', "kind=service")
    wait_for(house, '"event": "outgoing"', "outgoing")
    wait_for(house, '"kind": "webhook"', "kind=webhook")
    written = house.log.read_text()
    kept = [value for name, value in KEPT.items() if not name.endswith("_HOSTS")]
    secrets = {
        ENTERED,
        PASSWORD,
        WRONG,
        cookie.partition("=")[2],
        *kept,
        *house.tokens.values(),
        *house.shown,
    }
    assert all(secrets)
    assert [secret for secret in secrets if secret in written] == []
    assert "StartInstance" in written
    assert receiver.got
    assert any(got.headers.get("authorization") == KEPT["PLANFLOW_SECRET_ERP"] for got in receiver.got)


def wait_for(house: House, *either: str) -> None:
    """Until one of these is written."""
    import time

    end = time.monotonic() + 60
    while not any(text in house.log.read_text() for text in either):
        assert time.monotonic() < end, house.log.read_text()
        time.sleep(0.05)
