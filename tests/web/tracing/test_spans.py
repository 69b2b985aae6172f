"""Traces: what arrives at an OTLP receiver of requests, commands, jobs and what leaves, and what never does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from engine import ClaimTask
from engine.directory import Actor
from engine.errors import NotFound
from engine.outgoing import AllowList, OutgoingSettings
from plans.organisation.reachable import set_mail
from tests.forking import Command
from tests.web.conftest import PASSWORD, Office, open_office
from tests.web.letters.post_office import post_office
from tests.web.logs.conftest import Lines, deploy_call, lines, receiver
from tests.web.tracing.collector import Collector, collecting
from tests.webhooks.receiver import Receiver
from web.container import build_container
from web.settings import Settings, SettingsError

__all__ = ["lines", "receiver"]
Traced = Callable[..., Any]
ROOT = Path(__file__).parents[3]
ENTERED = "entered-by-somebody"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as found:
        yield found


@pytest.fixture
def traced(
    settings: Settings, office_template: Any, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> Traced:
    """An office that keeps traces; they have arrived when it is closed."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)

    @contextmanager
    def opened(**more: Any) -> Iterator[Office]:
        own = {"tracing": True, "outgoing": OutgoingSettings(allowed=AllowList.parse("127.0.0.1")), **more}
        changed = replace(settings, **own)
        with closing(build_container(changed)) as container:
            yield open_office(changed, container, office_template[1])

    return opened


def test_a_request_and_its_command_are_one_trace(traced: Traced, collector: Collector) -> None:
    with traced() as office:
        started = office.start(amount=7)
    request = collector.named("POST /api/v1/processes/<key>/instances")
    command = collector.named("StartInstance")
    assert (request.kind, request.parent, request.failed) == ("server", "", False)
    assert request.attributes["http.response.status_code"] == 201
    assert request.attributes["planflow.request_id"]
    assert (command.trace, command.parent, command.kind) == (request.trace, request.id, "internal")
    assert command.attributes == {
        "planflow.process": "request",
        "planflow.instance": started["instance_id"],
        "planflow.outcome": "done",
    }


def test_who_sends_them_is_told(traced: Traced, collector: Collector) -> None:
    with traced() as office:
        office.get("supervisor", "me")
    assert collector.resource["service.name"] == "planflow"
    assert collector.resource["service.version"]


def test_the_environment_may_give_it_another_name(
    traced: Traced, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "plans")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20collector")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    with traced() as office:
        office.get("supervisor", "me")
    assert collector.resource["service.name"] == "plans"
    assert collector.headers["authorization"] == "Bearer collector"
    assert collector.spans


def test_a_refusal_is_no_failure_but_says_what_it_was(traced: Traced, collector: Collector) -> None:
    with traced() as office, pytest.raises(NotFound):
        office.container.engine.execute(ClaimTask("nothing"), Actor("wang", frozenset()))
    command = collector.named("ClaimTask")
    assert (command.failed, command.attributes["planflow.outcome"]) == (False, "not_found")
    assert command.attributes["planflow.task"] == "nothing"


def test_what_nobody_has_foreseen_is_a_failure(traced: Traced, collector: Collector) -> None:
    with traced() as office:
        office.app.view_functions["me.get_me"] = lambda: int(ENTERED)
        assert office.get("supervisor", "me").status_code == 500
    request = collector.named("GET /api/v1/me")
    assert (request.failed, request.events) == (True, 0)


def test_a_job_links_to_what_put_it_in(
    traced: Traced, collector: Collector, receiver: Receiver, lines: Lines
) -> None:
    with traced() as office:
        deploy_call(office)
        office.start("calling", url=receiver.url, body={"amount": 7})
        office.container.engine.work_off()
    started, job = collector.named("StartInstance"), collector.named("job service")
    out, finish = collector.named("POST 127.0.0.1"), collector.named("FinishJob")
    assert job.links == [(started.trace, started.id)]
    assert job.trace != started.trace
    assert (job.kind, job.attributes["planflow.outcome"]) == ("consumer", "done")
    request = collector.named("POST /api/v1/processes/<key>/instances")
    assert job.attributes["planflow.request_id"] == request.attributes["planflow.request_id"]
    assert {out.trace, finish.trace} == {job.trace}
    assert {out.parent, finish.parent} == {job.id}
    assert out.kind == "client"
    assert out.attributes["http.response.status_code"] == 204
    assert out.attributes["server.address"] == "127.0.0.1"
    told = {line["event"]: line for line in lines() if line.get("job")}
    assert (told["job"]["trace_id"], told["job"]["span_id"]) == (job.trace, job.id)
    assert told["outgoing"]["span_id"] == out.id


def test_a_delivery_that_fails_is_seen(traced: Traced, collector: Collector, receiver: Receiver) -> None:
    receiver.answer(500)
    with traced() as office:
        wanted = {"name": "ERP", "url": f"{receiver.url}/{ENTERED}"}
        assert office.post("admin", "webhooks/endpoints", wanted).status_code == 201
        office.start(amount=7)
        office.container.engine.work_off()
    job, out = collector.named("job webhook"), collector.named("POST 127.0.0.1")
    assert out.parent == job.id
    assert out.attributes["http.response.status_code"] == 500
    assert ENTERED.encode() not in collector.raw


def test_a_letter_is_seen(traced: Traced, collector: Collector, tmp_path: Path) -> None:
    with post_office(tmp_path) as post, traced(mail=post.server) as office:
        with office.container.database.write() as session:
            set_mail(session, "manager", "m@example.com", "mine")
        office.start(amount=7)
        while office.container.engine.work_off():
            pass
        assert post.letters
    out = collector.named("SEND 127.0.0.1")
    assert (out.attributes["smtp.response.status_code"], out.failed) == (250, False)
    assert out.parent == collector.named("job letter").id
    assert b"m@example.com" not in collector.raw


def test_nothing_personal_and_no_secret_leaves(
    traced: Traced, collector: Collector, receiver: Receiver
) -> None:
    with traced() as office:
        deploy_call(office)
        office.start("calling", url=f"{receiver.url}/{ENTERED}?token={ENTERED}", body=ENTERED)
        office.start("failing", divisor=ENTERED)
        office.browser("manager").get(f"/inbox?group={ENTERED}", headers={"X-Request-ID": f"{ENTERED} x"})
        office.get("supervisor", f"nowhere/{ENTERED}")
        office.container.engine.work_off()
        secrets = [PASSWORD, ENTERED, "supervisor", "manager", *office.tokens.values()]
    assert len(collector.spans) > 8
    assert [secret for secret in secrets if secret.encode() in collector.raw] == []


def test_what_watches_over_the_server_is_left_out(traced: Traced, collector: Collector) -> None:
    with traced() as office:
        for path in ("/healthz", "/readyz", "/metrics"):
            assert office.get(None, path).status_code == 200
    assert collector.spans == []


@pytest.mark.parametrize(("proxies", "taken"), [(1, True), (0, False)])
def test_a_trace_goes_on_where_a_proxy_has_begun_it(
    traced: Traced, collector: Collector, proxies: int, taken: bool
) -> None:
    theirs = "0af7651916cd43dd8448eb211c80319c"
    with traced(proxies=proxies) as office:
        office.get("supervisor", "me", headers={"traceparent": f"00-{theirs}-b7ad6b7169203331-01"})
    assert (collector.named("GET /api/v1/me").trace == theirs) == taken


def test_a_receiver_that_is_away_stops_nobody(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")
    with closing(build_container(replace(settings, tracing=True))) as container:
        office = open_office(settings, container, {})
        assert office.get(None, "/sign-in").status_code == 200


# When they are kept


def wanted(home: Path, **environment: str) -> bool:
    return Settings.from_environment({"PLANFLOW_HOME": str(home), **environment}).tracing


@pytest.mark.parametrize(
    ("environment", "kept"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "https://otel.example.com/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, False),
        ({"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}, False),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"}, True),
        ({"OTEL_SERVICE_NAME": "plans"}, False),
    ],
)
def test_traces_are_kept_once_opentelemetrys_variables_say_so(
    tmp_path: Path, environment: dict[str, str], kept: bool
) -> None:
    assert wanted(tmp_path, **environment) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        wanted(tmp_path, **{"OTEL_TRACES_EXPORTER": "otlp", name: value})


def without_opentelemetry(home: Path, arguments: list[str], **more: str) -> subprocess.CompletedProcess[str]:
    """``planflow`` where the extra is not installed: whoever imports it is told there is nothing."""
    program = "import sys; sys.modules['opentelemetry'] = None; from web.cli import main; main(prog_name='planflow')"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env={"PLANFLOW_HOME": str(home), "PATH": "", **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_extra_is_told_in_plain_words_by_who_serves(tmp_path: Path) -> None:
    told = without_opentelemetry(
        tmp_path, ["up", "--port", "0"], OTEL_EXPORTER_OTLP_ENDPOINT="http://localhost:4318"
    )
    assert told.returncode == 1
    assert told.stderr.count("\n") == 1
    assert "planflow[tracing]" in told.stderr


def test_who_does_one_thing_keeps_no_traces_and_needs_no_extra(tmp_path: Path) -> None:
    told = without_opentelemetry(
        tmp_path, ["db", "upgrade"], OTEL_EXPORTER_OTLP_ENDPOINT="http://localhost:4318"
    )
    assert (told.returncode, told.stderr) == (0, "")


def test_nothing_of_it_is_loaded_while_it_is_off(tmp_path: Path) -> None:
    program = (
        "import sys; from web.app import create_app; from web.settings import Settings;"
        " create_app(Settings.from_environment()); import json;"
        " print(json.dumps([m for m in sys.modules if m.startswith(('opentelemetry', 'google.protobuf'))]))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PLANFLOW_HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(told.stdout) == []


def test_a_server_sends_its_traces_at_the_end_too(tmp_path: Path, collector: Collector) -> None:
    environment = {
        "PLANFLOW_HOME": str(tmp_path / "home"),
        "PATH": "",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "60000",
    }
    server = Command(["up", "--port", "0"], environment, tmp_path / "log")
    port = int(server.output.readline().rpartition(":")[2])
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as asking:
        asking.request("GET", "/sign-in")
        assert asking.getresponse().status == 200
    server.terminate()
    assert server.wait(30) == 0
    assert collector.named("GET /sign-in").attributes["http.response.status_code"] == 200
