"""The ``planflow`` command: what it prints, where, and how it exits."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from click.testing import CliRunner, Result

from engine.directory import SYSTEM
from engine.storage.tables import history
from tests.web.conftest import MODELS
from web.cli import COMMANDS, main
from web.cli.serving import PROCESSES, prepare
from web.cli.wiring import ready

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``planflow`` in an installation of its own."""
    for name in [name for name in os.environ if name.startswith("PLANFLOW_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PLANFLOW_HOME", str(tmp_path / "home"))

    def planflow(*arguments: str | Path, text: str | None = None) -> Result:
        return CliRunner().invoke(main, [str(argument) for argument in arguments], input=text)

    return planflow


@pytest.fixture
def installed(run: Run) -> Run:
    """The same, with a migrated database."""
    assert run("db", "upgrade").exit_code == 0
    return run


@pytest.mark.parametrize(
    "command", [[], *([name] for name in COMMANDS), ["user", "create"], ["token", "create"]]
)
def test_every_command_explains_itself(run: Run, command: list[str]) -> None:
    shown = run(*command, "--help")
    assert shown.exit_code == 0
    assert "Usage: " in shown.output


def test_an_unknown_command_is_not_understood(run: Run) -> None:
    assert run("dance").exit_code == 2


def test_upgrading_twice_changes_nothing(run: Run) -> None:
    assert run("db", "upgrade").output == run("db", "upgrade").output


def test_before_the_first_upgrade_commands_say_what_to_do(run: Run) -> None:
    told = run("token", "create", "--user", "somebody")
    assert told.exit_code == 1
    assert told.stderr == "planflow: The database is empty. Run: planflow db upgrade\n"


def test_a_setting_that_cannot_be_used_is_one_clear_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANFLOW_DATABASE_URL", "mysql://somewhere")
    told = run("db", "upgrade")
    assert told.exit_code == 1
    assert told.stderr.count("\n") == 1
    assert "PLANFLOW_DATABASE_URL" in told.stderr


def test_a_person_is_made_with_a_password_from_standard_input(installed: Run) -> None:
    assert installed("user", "create", "boss", "--role", "superior", "--generate-password").exit_code == 0
    made = installed(
        "user", "create", "keeper", "--role", "operations_supervisor", "--superior", "boss",
        "--department", "finance", "--password-stdin", text="a long password\n",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert "a long password" not in made.output
    from plans.organisation import credentials
    from plans.organisation.directory import OrganisationDirectory

    with ready() as container, container.session() as session:
        person = OrganisationDirectory(session).person("keeper")
        assert person is not None
        assert person.superior == "boss"
        assert person.groups == {"operations_supervisor", "department:finance"}
        assert credentials.verify(session, "keeper", "a long password")


def test_without_a_terminal_a_password_is_made_and_printed(installed: Run) -> None:
    made = installed("user", "create", "keeper", "--role", "auditor")
    assert re.fullmatch(r"Made keeper\. Password: \S{16}\n", made.stdout)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["Not A Name", "--role", "auditor"], 1),
        (["keeper", "--role", "king"], 2),
        (["keeper"], 2),
        (["keeper", "--role", "auditor", "--superior", "nobody"], 1),
    ],
)
def test_a_person_who_cannot_be_made_is_refused_whole(
    installed: Run, arguments: list[str], code: int
) -> None:
    refused = installed("user", "create", *arguments)
    assert refused.exit_code == code
    assert "Traceback" not in refused.output
    assert installed("token", "create", "--user", "keeper").exit_code == 1


def test_a_token_is_printed_alone(installed: Run) -> None:
    installed("user", "create", "machine", "--role", "integration")
    made = installed("token", "create", "--user", "machine", "--label", "figures")
    assert re.fullmatch(r"pf_\S+\n", made.stdout)


def test_models_are_deployed_once(installed: Run) -> None:
    first = installed("deploy", MODELS, "--json")
    assert first.exit_code == 0, first.output
    [deployment] = json.loads(first.stdout)
    assert {"key": "request", "version": 1} in deployment["processes"]
    assert json.loads(installed("deploy", MODELS, "--json").stdout)[0]["unchanged"] is True
    assert "request version 1 unchanged" in installed("deploy", MODELS).stdout


def test_starting_again_leaves_what_a_designer_has_deployed_since(installed: Run, tmp_path: Path) -> None:
    changed = tmp_path / "annual_plan"
    shutil.copytree(PROCESSES / "annual_plan", changed)
    model = changed / "process.bpmn"
    model.write_text(model.read_text().replace('name="Annual plan needed"', 'name="A plan is needed"'))
    with ready() as container:
        prepare(container, demo=False)
        assert installed("deploy", changed).stdout == "annual_plan version 2 deployed\n"
        prepare(container, demo=False)
    assert installed("deploy", changed).stdout == "annual_plan version 2 unchanged\n"


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A model with two mistakes."""
    text = (MODELS / "request.bpmn").read_text()
    file = tmp_path / "broken.bpmn"
    file.write_text(text.replace("start.form", "none.form").replace("1 // divisor", "import os"))
    (tmp_path / "decide.form").write_bytes((MODELS / "decide.form").read_bytes())
    return file


def test_a_model_that_cannot_run_is_refused_with_every_reason(installed: Run, broken: Path) -> None:
    refused = installed("deploy", broken, broken.parent / "decide.form")
    assert refused.exit_code == 1
    assert "none.form" in refused.stderr
    assert "divide (Divide)" in refused.stderr
    with ready() as container, container.session() as session:
        from engine.storage.tables import deployment

        assert session.execute(deployment.select()).all() == []


def test_lint_says_the_same_without_a_database(run: Run, broken: Path) -> None:
    told = run("lint", broken, broken.parent / "decide.form", "--json")
    assert told.exit_code == 1
    assert {problem["element"] for problem in json.loads(told.stdout)} >= {"divide"}
    assert run("lint", MODELS).exit_code == 0


def test_lint_tells_file_and_line_element_and_rule(run: Run, broken: Path) -> None:
    lines = run("lint", broken, broken.parent / "decide.form").stdout.splitlines()
    assert f"{broken}:33: error: divide (Divide): line 1: " in "\n".join(lines)
    assert lines[-1].startswith("Errors: ")
    told = json.loads(run("lint", broken, "--format", "json").stdout)
    assert {(one["path"], one["line"]) for one in told if one["element"] == "divide"} == {(str(broken), 33)}
    assert [one["severity"] for one in told] == sorted(one["severity"] for one in told)


def test_lint_may_insist_on_warnings_too(run: Run) -> None:
    assert run("lint", MODELS, "--strict").exit_code == 1
    assert run("lint", ROOT / "processes", "--strict").exit_code == 0


def test_paths_without_models_are_told(run: Run, tmp_path: Path) -> None:
    assert run("lint", tmp_path).exit_code == 1
    assert run("lint", tmp_path / "none").exit_code == 2


@pytest.mark.parametrize(
    ("process", "data", "state", "code"),
    [
        ("request", {"amount": 3}, "completed", 0),
        ("waiting", {"quarter": 1}, "waiting", 3),
        ("failing", {"divisor": 0}, "failed", 4),
    ],
)
def test_a_trial_exits_with_its_state(
    run: Run, process: str, data: dict[str, int], state: str, code: int
) -> None:
    tried = run("try", MODELS / "request.bpmn", "--process", process, "--data", json.dumps(data), "--json")
    assert tried.exit_code == code, tried.output
    outcome = json.loads(tried.stdout)
    assert outcome["state"] == state
    assert set(outcome) == {"state", "trace", "data", "problems"}


def test_a_model_that_is_not_executed_is_refused_by_a_trial(run: Run, broken: Path) -> None:
    tried = run("try", broken, "--json")
    assert tried.exit_code == 5
    assert "divide" in {problem["element"] for problem in json.loads(tried.stdout)["problems"]}


@pytest.mark.parametrize("options", [["--data", "{"], ["--data", "[]"], ["--data", "[" * 99_999]])
def test_a_trial_wants_a_json_object(run: Run, options: list[str]) -> None:
    assert run("try", MODELS / "request.bpmn", *options).exit_code == 2


def test_scenarios_pass_or_name_where_they_left_the_path(run: Run, tmp_path: Path) -> None:
    told = run("scenarios", ROOT / "processes" / "monthly_plan", "--json")
    assert told.exit_code == 0, told.output
    assert all(one["passed"] for one in json.loads(told.stdout))
    assert run("scenarios", tmp_path).exit_code == 1


def test_history_is_verified_and_a_change_is_found(installed: Run) -> None:
    installed("deploy", MODELS)
    with ready() as container:
        from engine.commands import StartInstance
        from engine.directory import SYSTEM

        container.engine.execute(StartInstance("waiting", {"quarter": 1}), SYSTEM)
    assert installed("history", "verify").stdout == "Every chain holds.\n"
    with ready() as container, container.database.write() as session:
        session.execute(history.update().where(history.c.seq == 2).values(actor="somebody_else"))
    found = installed("history", "verify", "--json")
    assert found.exit_code == 1
    assert json.loads(found.stdout)["broken"][0]["seq"] == 2


def test_a_demo_is_refused_beyond_loopback(run: Run, tmp_path: Path) -> None:
    refused = run("up", "--demo", "--host", "192.168.1.4")
    assert refused.exit_code == 2
    assert not (tmp_path / "home").exists()


def test_a_port_that_is_taken_is_told(installed: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        told = installed("serve", "--port", str(taken.getsockname()[1]))
    assert told.exit_code == 1
    assert "cannot be listened on" in told.stderr


@pytest.fixture
def server(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """``planflow up`` as a process of its own, on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", "up", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "PLANFLOW_HOME": str(tmp_path / "home")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield process
    process.kill()
    process.communicate()


def test_up_prepares_everything_serves_and_ends_cleanly(server: subprocess.Popen[str]) -> None:
    assert server.stdout is not None
    address = server.stdout.readline().split()[-1]
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", address)
    assert "planflow user create" in server.stdout.readline()
    with urlopen(f"{address}/healthz") as answer:  # noqa: S310  our own address
        assert answer.status == 200
    with urlopen(Request(f"{address}/sign-in", headers={"X-Forwarded-Proto": "https"})) as page:  # noqa: S310
        assert "Strict-Transport-Security" not in page.headers
        assert "Server" not in page.headers or "waitress" not in page.headers["Server"]
    server.send_signal(signal.SIGTERM)
    _out, err = server.communicate(timeout=30)
    assert server.returncode == 0, err
    assert "Traceback" not in err


def timed_start(run: Run, tmp_path: Path) -> None:
    """Deploy a process that starts once, half a second from now."""
    from tests.engine.xml_text import bpmn, node, timer, way

    model = bpmn(
        node("startEvent", "s", timer("timeDuration", "PT0.5S")) + node("endEvent", "e") + way("s", "e")
    )
    (tmp_path / "timed.bpmn").write_bytes(model)
    assert run("deploy", tmp_path / "timed.bpmn").exit_code == 0


def started() -> bool:
    with ready() as container, container.reading(SYSTEM) as queries:
        return bool(queries.instances(process_key="p").items)


@contextmanager
def process_of(home: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", *arguments],
        cwd=ROOT, env={**os.environ, "PLANFLOW_HOME": str(home)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_worker_does_jobs_by_itself_and_ends_cleanly(installed: Run, tmp_path: Path) -> None:
    timed_start(installed, tmp_path)
    with process_of(tmp_path / "home", "worker") as process:
        end = time.monotonic() + 30
        while not started() and time.monotonic() < end:
            time.sleep(0.1)
        assert started()
        process.send_signal(signal.SIGTERM)
        _out, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
        assert "Traceback" not in err


def test_a_server_without_a_worker_leaves_jobs_to_others(installed: Run, tmp_path: Path) -> None:
    timed_start(installed, tmp_path)
    with process_of(tmp_path / "home", "serve", "--port", "0", "--no-worker") as process:
        time.sleep(3)
        assert not started()
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_a_worker_needs_the_tables(run: Run) -> None:
    told = run("worker")
    assert (told.exit_code, "planflow db upgrade" in told.stderr) == (1, True)


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Content-Length": "999999999"}, 413, "too_large"),
        ({"X-Long": "x" * 70_000}, 431, "bad_request"),
        ({"Content-Length": "many"}, 400, "bad_request"),
    ],
)
def test_what_never_reaches_the_application_is_refused_as_a_problem_too(
    server: subprocess.Popen[str], headers: dict[str, str], status: int, code: str
) -> None:
    assert server.stdout is not None
    host, _, port = server.stdout.readline().split()[-1].removeprefix("http://").partition(":")
    with closing(HTTPConnection(host, int(port), timeout=20)) as connection:
        connection.request("POST", "/api/v1/messages", headers=headers)
        answer = connection.getresponse()
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = json.loads(answer.read())
    assert (answer.status, told["status"], told["code"]) == (status, status, code)
    assert told["type"] == f"urn:planflow:problem:{code}"


def test_a_department_has_a_head_and_members(installed: Run) -> None:
    for name in ("head", "next_head", "member"):
        assert (
            installed("user", "create", name, "--role", "team_member", "--generate-password").exit_code == 0
        )
    assert installed("department", "create", "finance", "Finance", "--head", "head").exit_code == 0
    assert installed("department", "join", "finance", "member").exit_code == 0
    assert installed("department", "head", "finance", "next_head").exit_code == 0
    (found,) = json.loads(installed("department", "list", "--json").stdout)
    assert (found["head"], found["members"]) == ("next_head", ["head", "member", "next_head"])
    assert "finance  Finance  head: next_head" in installed("department", "list").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("create", "Finance!", "Finance"),
        ("create", "sales", "Sales", "--head", "nobody"),
        ("head", "none", "nobody"),
    ],
)
def test_a_department_that_cannot_be_made_is_refused_whole(
    installed: Run, arguments: tuple[str, ...]
) -> None:
    refused = installed("department", *arguments)
    assert (refused.exit_code, "Traceback" in refused.stderr) == (1, False)
    assert json.loads(installed("department", "list", "--json").stdout) == []
