"""The ``planflow`` command and input that cannot be used: one clear line, and an exit code that says so."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest

from tests.engine.xml_text import bpmn, node, script, way
from tests.web.test_cli import Run, installed, run
from web.cli.wiring import ready

__all__ = ["installed", "run"]

HALF = "\udcff"
"""How Python hands over a byte of an argument that is not UTF-8."""


def refused(run: Run, *arguments: str | Path, code: int = 1) -> str:
    """What the command says on its one line of refusal."""
    told = run(*arguments)
    assert told.exit_code == code, told.output
    assert "Traceback" not in told.output
    assert told.stdout == ""
    assert told.stderr.count("\n") == 1, told.stderr
    return told.stderr


@pytest.fixture
def keeper(installed: Run) -> Run:
    """An installation with one person."""
    assert installed("user", "create", "keeper", "--role", "auditor").exit_code == 0
    return installed


@pytest.mark.parametrize("name", ["x" * 201, "two\nlines", "bell\x07", "\x1b[31mred", HALF, " ", "\u202etxt"])
def test_a_display_name_is_one_line_of_at_most_200_characters(installed: Run, name: str) -> None:
    refused(installed, "user", "create", "keeper", "--role", "auditor", "--display-name", name)


@pytest.mark.parametrize("label", ["x" * 201, "two\nlines", HALF, "\x00"])
def test_a_label_is_one_line_of_at_most_200_characters(keeper: Run, label: str) -> None:
    refused(keeper, "token", "create", "--user", "keeper", "--label", label)


def test_the_token_of_an_unknown_person_is_not_made(installed: Run) -> None:
    assert "nobody" in refused(installed, "token", "create", "--user", "nobody")
    refused(installed, "token", "create", "--user", HALF)


def test_the_history_of_an_unknown_instance_does_not_hold(installed: Run) -> None:
    assert "no instance nothing" in refused(installed, "history", "verify", "nothing")


def test_answers_that_are_not_utf_8_are_told(run: Run, tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_bytes(b"\xff")
    model = tmp_path / "model.bpmn"
    model.write_text("<a/>")
    told = run("try", model, "--answers", answers)
    assert told.exit_code == 2
    assert "--answers" in told.stderr


def test_a_folder_without_scenarios_is_told(run: Run, tmp_path: Path) -> None:
    assert str(tmp_path) in refused(run, "scenarios", tmp_path)


@pytest.mark.parametrize("text", ["a: [\n", "hello", "- 1", "\x00"])
def test_a_scenario_that_cannot_be_read_says_why(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "broken.yaml").write_text(text)
    told = run("scenarios", tmp_path)
    assert told.exit_code == 1
    assert "broken.yaml" in told.stdout
    assert "object at 0x" not in told.stdout
    assert "Error(" not in told.stdout


def test_a_file_that_cannot_be_read_is_told(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = tmp_path / "model.bpmn"
    model.write_text("<a/>")

    def closed(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "read_bytes", closed)
    assert "Permission denied" in refused(run, "lint", model)


def test_a_database_of_an_older_version_says_what_to_do(installed: Run) -> None:
    with ready() as container:
        path = container.database.url.database
    with sqlite3.connect(str(path)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = 'plans_0001' WHERE version_num LIKE 'plans%'")
    assert "planflow db upgrade" in refused(installed, "token", "create", "--user", "keeper")


def test_a_database_without_its_tables_is_told(installed: Run) -> None:
    with ready() as container:
        path = container.database.url.database
    with sqlite3.connect(str(path)) as raw:
        raw.execute("DROP TABLE api_token")
        raw.execute("DROP TABLE person_role")
    refused(installed, "user", "create", "keeper", "--role", "auditor")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANFLOW_SESSION_HOURS", "9" * 18),
        ("PLANFLOW_RATE_LIMIT_STORAGE", "nowhere://"),
        ("PLANFLOW_BROKER_URL", "kafka://127.0.0.1:1"),
        ("PLANFLOW_BROKER_URL", "redis://127.0.0.1:0"),
        ("PLANFLOW_BROKER_QUEUE", "two words"),
        ("PLANFLOW_PROXIES", "9" * 18),
        ("PLANFLOW_MAX_BODY", "9" * 400),
    ],
)
def test_a_setting_out_of_range_is_told_by_its_name(
    installed: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert name in refused(installed, "serve", "--port", "0")


@pytest.mark.parametrize(
    ("name", "value", "missing"),
    [
        ("PLANFLOW_RATE_LIMIT_STORAGE", "redis://127.0.0.1:1", "redis"),
        ("PLANFLOW_BROKER_URL", "redis://127.0.0.1:1", "redis"),
        ("PLANFLOW_BROKER_URL", "amqp://127.0.0.1:1", "celery"),
    ],
)
def test_a_setting_that_needs_more_software_says_what_to_install(
    installed: Run, monkeypatch: pytest.MonkeyPatch, name: str, value: str, missing: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setitem(sys.modules, missing, None)
    told = refused(installed, "serve", "--port", "0")
    assert name in told
    assert "pip install 'planflow[distributed]'" in told


def test_an_error_of_the_database_server_stays_on_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANFLOW_DATABASE_URL", "postgresql://somebody:secret@127.0.0.1:1/none")
    told = refused(run, "db", "upgrade")
    assert "127.0.0.1" in told
    assert "secret" not in told


def test_a_password_is_changed_from_standard_input(keeper: Run) -> None:
    changed = keeper("user", "password", "keeper", "--password-stdin", text="a longer password\n")
    assert changed.exit_code == 0
    assert changed.output == "Changed the password of keeper.\n"
    from plans.organisation import credentials

    with ready() as container, container.session() as session:
        assert credentials.verify(session, "keeper", "a longer password")


def test_a_changed_password_can_be_made_and_is_printed(keeper: Run) -> None:
    changed = keeper("user", "password", "keeper", "--generate-password")
    assert changed.stdout.startswith("Changed the password of keeper. Password: ")


def test_a_password_is_changed_only_of_who_is_there_and_to_a_decent_one(keeper: Run) -> None:
    assert "nobody" in refused(keeper, "user", "password", "nobody")
    told = keeper("user", "password", "keeper", "--password-stdin", text="short\n")
    assert told.exit_code == 1
    assert told.stderr == "planflow: A password has 12 to 1000 characters.\n"


def test_a_person_who_left_is_kept_out_until_let_in_again(keeper: Run) -> None:
    from plans.organisation import people

    for command, active in (("deactivate", False), ("activate", True)):
        assert keeper("user", command, "keeper").exit_code == 0
        with ready() as container, container.session() as session:
            assert (people.actor(session, "keeper") is not None) is active
    assert "nobody" in refused(keeper, "user", "deactivate", "nobody")


def test_trying_and_linting_keep_to_the_limits_of_scripts_and_make_no_home(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "none"
    monkeypatch.setenv("PLANFLOW_HOME", str(home))
    monkeypatch.setenv("PLANFLOW_SCRIPT_SECONDS", "0.25")
    model = tmp_path / "model.bpmn"
    endless = script("here", "for i in range(2000000000):\n  pass")
    model.write_bytes(bpmn(node("startEvent", "s") + endless + node("endEvent", "e") + way("s", "here", "e")))
    tried = run("try", model)
    assert tried.exit_code == 4
    assert "longer than 0.25 s" in tried.output
    assert run("lint", model).exit_code == 0
    assert not home.exists()
    monkeypatch.setenv("PLANFLOW_SCRIPT_MEMORY", "much")
    for command in ("try", "lint"):
        assert "PLANFLOW_SCRIPT_MEMORY" in refused(run, command, model)
