"""The log: a line for each request, command, job and request to another system, with what belongs together."""

from __future__ import annotations

import json
import logging
import re
import socket
import subprocess
import sys
import threading
import warnings
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
import structlog

from engine import ClaimTask, StartInstance
from engine.directory import Actor
from engine.errors import Invalid, NotFound
from tests.forking import Command
from tests.web.conftest import Office
from tests.web.logs.conftest import Lines, deploy_call
from tests.web.receivers.sending import STARTING, made
from tests.webhooks.receiver import Receiver
from web import logs
from web.auth import public
from web.settings import SettingsError, read_log_settings

ENTERED = "entered by somebody"
SUPERVISOR = Actor("supervisor", frozenset({"operations_supervisor"}))


def test_each_command_leaves_one_line(office: Office, lines: Lines) -> None:
    started = office.start(amount=7)
    (line,) = lines("command")
    assert line["milliseconds"] > 0
    del line["milliseconds"], line["timestamp"], line["request_id"]
    assert line == {
        "event": "command",
        "level": "info",
        "logger": "planflow.engine",
        "command": "StartInstance",
        "outcome": "done",
        "process": "request",
        "instance": started["instance_id"],
        "actor": "supervisor",
    }


def test_a_command_that_was_refused_says_why_by_its_code(office: Office, lines: Lines) -> None:
    with pytest.raises(NotFound):
        office.container.engine.execute(ClaimTask("nothing"), SUPERVISOR)
    (line,) = lines("command")
    assert (line["command"], line["outcome"], line["task"]) == ("ClaimTask", "not_found", "nothing")
    assert "instance" not in line


def test_what_a_call_of_a_receiver_does_is_a_command_too(office: Office, lines: Lines) -> None:
    sender = made(office, "starter", **STARTING)
    assert sender.standard({"amount": 3, "key": "k1"}).status_code == 200
    (line,) = [line for line in lines("command") if line["command"] == "StartInstance"]
    assert (line["outcome"], line["actor"]) == ("done", "hook:starter")
    assert line["instance"]


def test_a_command_that_was_undone_with_others_is_not_called_done(office: Office, lines: Lines) -> None:
    def both() -> None:
        with office.container.engine.together(SUPERVISOR) as together:
            together.execute(StartInstance("waiting", {"quarter": 1}))
            raise Invalid("no")

    with pytest.raises(Invalid):
        both()
    assert [line["outcome"] for line in lines("command")] == ["invalid"]


def test_each_request_leaves_one_line_without_its_query(office: Office, lines: Lines) -> None:
    office.get("supervisor", "tasks?group=somebody")
    (line,) = lines("request")
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/tasks", 200)
    assert line["actor"] == "supervisor"
    assert "somebody" not in str(line)


@pytest.mark.parametrize("offered", ["a", "0123-abc_DEF.9", "x" * 64])
def test_a_harmless_request_id_is_taken_and_given_back(office: Office, lines: Lines, offered: str) -> None:
    answer = office.get("supervisor", "tasks", headers={"X-Request-ID": offered})
    assert answer.headers["X-Request-ID"] == offered
    assert {line["request_id"] for line in lines()} == {offered}


@pytest.mark.parametrize("offered", ["", "x" * 65, "two words", "<script>", "a;b", "é", "a/b"])
def test_another_request_id_is_replaced(office: Office, lines: Lines, offered: str) -> None:
    answer = office.get("supervisor", "tasks", headers={"X-Request-ID": offered})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-ID"])
    assert {line["request_id"] for line in lines()} == {answer.headers["X-Request-ID"]}


def test_a_request_for_a_strange_host_has_an_id_too(office: Office, lines: Lines) -> None:
    office.app.config["TRUSTED_HOSTS"] = ["localhost"]
    answer = office.get(None, "/healthz", headers={"Host": "evil.example.com"})
    (line,) = lines("request")
    assert line["status"] == 400
    assert line["request_id"] == answer.headers["X-Request-ID"]


def test_the_id_of_one_request_is_not_that_of_the_next(office: Office, lines: Lines) -> None:
    for _time in range(2):
        office.get("supervisor", "tasks")
    first, second = lines("request")
    assert first["request_id"] != second["request_id"]
    assert structlog.contextvars.get_contextvars() == {}


def test_jobs_that_a_request_sets_off_have_its_id(
    open_to_us: Office, lines: Lines, receiver: Receiver
) -> None:
    deploy_call(open_to_us)
    lines()
    variables = {"url": receiver.url, "body": {"amount": 7}}
    asked = {"headers": {"X-Request-ID": "r1"}, "json": {"variables": variables}}
    started = open_to_us.call("supervisor", "POST", "processes/calling/instances", **asked).get_json()
    engine = open_to_us.container.engine
    engine.fire_due_timers()
    engine.work_off()
    told = [line for line in lines() if line["event"] in ("command", "job", "outgoing", "request")]
    by_jobs = [line for line in told if line.get("command") in ("RunJob", "FinishJob") or "kind" in line]
    assert [line.get("command") or line["kind"] for line in by_jobs] == ["RunJob", "FinishJob", "service"]
    assert {line["request_id"] for line in told} == {"r1"}
    assert all(line["job"] for line in by_jobs)
    assert {line["instance"] for line in by_jobs} == {started["instance_id"]}
    (out,) = [line for line in told if line["event"] == "outgoing"]
    assert (out["method"], out["host"], out["status"], out["outcome"]) == ("POST", "127.0.0.1", 204, "done")
    assert "/hook" not in str(told)


def test_a_delivery_that_waits_for_another_has_the_id_of_its_own_request(
    open_to_us: Office, lines: Lines, receiver: Receiver
) -> None:
    events = ["org.planflow.instance.started", "org.planflow.task.completed"]
    wanted = {"name": "ERP", "url": receiver.url, "events": events}
    made = open_to_us.post("admin", "webhooks/endpoints", wanted)
    assert made.status_code == 201, made.get_json()
    path = "processes/request/instances"
    asked = {"headers": {"X-Request-ID": "first"}, "json": {"variables": {"amount": 7}}}
    task = open_to_us.call("supervisor", "POST", path, **asked).get_json()["task_ids"][0]
    asked = {
        "headers": {"X-Request-ID": "second"},
        "json": {"outcome": "approve", "variables": {"opinion": "Yes"}},
    }
    assert open_to_us.call("manager", "POST", f"tasks/{task}/complete", **asked).status_code == 200
    lines()
    while open_to_us.container.engine.work_off():
        pass
    told = lines("outgoing")
    assert len(receiver.got) == len(told) == 2
    assert [line["request_id"] for line in told] == ["first", "second"]
    assert [line["event_id"] for line in told] == [got.id for got in receiver.got]
    assert all(line["endpoint"] == made.get_json()["id"] for line in told)


def test_a_request_that_cannot_be_sent_says_what_stood_in_the_way(open_to_us: Office, lines: Lines) -> None:
    deploy_call(open_to_us)
    with closing(socket.socket()) as silent:  # bound, but it does not listen
        silent.bind(("127.0.0.1", 0))
        open_to_us.start("calling", url=f"http://127.0.0.1:{silent.getsockname()[1]}/hook", body={})
        lines()
        open_to_us.container.engine.work_off()
    told = {line["event"]: line for line in lines()}
    assert told["outgoing"]["outcome"] != "done"
    assert told["job"]["outcome"] == "failed"
    assert told["job failed"]["reason"].startswith("CannotConnect")


def test_a_deployment_leaves_a_line(office: Office, lines: Lines) -> None:
    deploy_call(office)
    (line,) = lines("deployed")
    assert (line["actor"], line["unchanged"]) == ("system", False)


# What others log


def test_lines_of_libraries_come_through_the_same(lines: Lines) -> None:
    logging.getLogger("waitress").warning("Task queue depth is %d", 3)
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    logging.getLogger("alembic.runtime.migration").info("Running upgrade")
    logging.getLogger("somebody").info("not wanted")
    logging.getLogger("sqlalchemy.engine").info("SELECT secret")
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    queue, upgrade, old = lines()
    assert (queue["event"], queue["level"], queue["logger"]) == (
        "Task queue depth is 3",
        "warning",
        "waitress",
    )
    assert upgrade["logger"] == "alembic.runtime.migration"
    assert (old["logger"], "DeprecationWarning" in old["event"]) == ("py.warnings", True)


def test_an_exception_that_a_library_logs_has_its_places_but_no_contents(lines: Lines) -> None:
    try:
        int(ENTERED)
    except ValueError:
        logging.getLogger("waitress").exception("Exception while serving %s", "/tasks")
    (line,) = lines()
    assert "test_lines.py" in line["exception"]
    assert ENTERED not in str(line)


def test_a_thread_that_crashes_leaves_a_line(lines: Lines) -> None:
    thread = threading.Thread(target=lambda: [][1])
    thread.start()
    thread.join()
    (line,) = lines("a thread crashed")
    assert (line["level"], "IndexError" in line["exception"]) == ("critical", True)


def test_a_program_that_crashes_leaves_a_line_and_its_exit_code() -> None:
    program = "from web import logs; logs.configure('json'); int('entered by somebody')"
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert json.loads(told.stderr)["event"] == "crashed"
    assert "entered" not in told.stderr.replace(program, "")


def test_a_line_for_a_terminal_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("text")
    structlog.get_logger("planflow").info("command", outcome="done", actor="wang")
    told = capsys.readouterr().err
    assert re.fullmatch(r"\S+ \[info +\] command +\[planflow\] actor=wang outcome=done\n", told)


def test_where_there_is_no_terminal_the_log_is_for_machines(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure()
    structlog.get_logger("planflow").warning("hello")
    assert json.loads(capsys.readouterr().err)["event"] == "hello"


def test_at_a_terminal_the_log_is_for_people(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import pty

    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        logs.configure()
        structlog.get_logger("planflow").warning("hello")
    assert os.read(ours, 1000).startswith(b"\x1b[")
    os.close(ours)


def test_less_is_written_where_that_is_chosen(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("json", "warning")
    log = structlog.get_logger("planflow")
    log.info("not written")
    log.warning("written")
    assert [json.loads(line)["event"] for line in capsys.readouterr().err.splitlines()] == ["written"]


def test_what_is_done_quietly_writes_warnings_alone(lines: Lines) -> None:
    log = structlog.get_logger("planflow")
    with logs.quiet():
        log.info("not written")
        log.warning("a warning")
    log.info("written")
    assert [line["event"] for line in lines()] == ["a warning", "written"]
    logs.configure("json", "error")
    with logs.quiet():
        log.warning("a warning that is not wanted")
    assert lines() == []


@pytest.mark.parametrize(("name", "value"), [("FORMAT", "xml"), ("LEVEL", "debug")])
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"PLANFLOW_LOG_{name}"):
        read_log_settings({f"PLANFLOW_LOG_{name}": value})


# The whole program


def test_every_line_of_a_server_is_for_machines(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    environment = {"PLANFLOW_HOME": str(tmp_path / "home"), "PATH": ""}
    server = Command(["up", "--port", "0"], environment, log)
    port = int(server.output.readline().rpartition(":")[2])
    for request in ("/healthz", "/nowhere"):
        asking = HTTPConnection("127.0.0.1", port, timeout=30)
        asking.request("GET", request)
        asking.getresponse().read()
        asking.close()
    asking = HTTPConnection("127.0.0.1", port, timeout=30)
    asking.request("GET", "/", headers={"X-Large": "x" * 70_000})
    refused = asking.getresponse()
    refused.read()
    asking.close()
    server.terminate()
    assert server.wait(30) == 0
    told = [json.loads(line) for line in log.read_text().splitlines()]
    assert any(line["logger"].startswith("alembic") for line in told)
    assert any(line["event"] == "deployed" for line in told)
    requests = [line for line in told if line["event"] == "request"]
    assert [line["status"] for line in requests] == [200, 404, 431]
    assert requests[-1]["request_id"] == refused.headers["X-Request-ID"]


def test_a_command_that_does_one_thing_writes_warnings_alone(tmp_path: Path) -> None:
    log, environment = tmp_path / "log", {"PLANFLOW_HOME": str(tmp_path / "home"), "PATH": ""}
    for more, wanted in (({}, False), ({"PLANFLOW_LOG_LEVEL": "info"}, True)):
        (tmp_path / "home" / "planflow.db").unlink(missing_ok=True)
        assert Command(["db", "upgrade"], environment | more, log).wait(30) == 0
        assert ("alembic" in log.read_text()) == wanted


def test_a_wrong_setting_of_the_log_is_told_in_one_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    environment = {"PLANFLOW_HOME": str(tmp_path / "home"), "PATH": "", "PLANFLOW_LOG_FORMAT": "xml"}
    assert Command(["db", "upgrade"], environment, log).wait(30) == 1
    assert log.read_text() == "planflow: PLANFLOW_LOG_FORMAT cannot be used: write text or json\n"


# What nobody has foreseen


def test_an_error_that_nobody_has_foreseen_has_its_places_but_no_contents(
    office: Office, lines: Lines
) -> None:
    office.app.view_functions["health.healthz"] = unforeseen
    assert office.get(None, "/healthz").status_code == 500
    (line,) = lines("unexpected_error")
    assert ENTERED not in str(line)
    assert "test_lines.py" in line["exception"]


@public
def unforeseen() -> str:
    return str(int(ENTERED))
