"""``planflow doctor`` as people and programs run it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.web.doctor.conftest import KEY
from tests.web.test_cli import Run, installed, run
from web.doctor import CHECKS, examine
from web.settings import read_language

__all__ = ["installed", "run"]
NAMES = ["settings", *(check.name for check in CHECKS)]
OPERATE = Path(__file__).parents[3] / "docs" / "how-to" / "operate.md"
SECRETS = {
    "PLANFLOW_SECRET_KEY": KEY,
    "PLANFLOW_METRICS_TOKEN": "kept-metrics-token",
    "PLANFLOW_SECRET_ERP": "kept-token-of-erp",
    "PLANFLOW_SMTP_PASSWORD": "kept-smtp-password",
    "PLANFLOW_DATABASE_URL": "postgresql://planflow:kept-database-password@127.0.0.1:1/plans",
}


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_a_new_installation_is_well_and_each_check_is_one_line(installed: Run) -> None:
    told = installed("doctor")
    assert (told.exit_code, told.stderr) == (0, "")
    lines = told.stdout.splitlines()
    assert len(lines) == len(NAMES)
    assert all(re.match(r"(OK     |warning|failure)  \S", line) for line in lines)


def test_what_has_failed_decides_the_exit_code(run: Run) -> None:
    told = run("doctor")
    assert told.exit_code == 1
    assert re.search(r"^failure  Database +There is no file .* → “planflow db upgrade”", told.stdout, re.M)


def test_a_warning_alone_is_no_failure(installed: Run, tmp_path: Path) -> None:
    (tmp_path / "home").chmod(0o755)
    told = installed("doctor")
    assert (told.exit_code, "warning  Home folder" in told.stdout) == (0, True)


def test_programs_read_json(installed: Run) -> None:
    told = json.loads(installed("doctor", "--json").stdout)
    assert told["ok"] is True
    assert [check["check"] for check in told["checks"]] == NAMES
    assert all(set(check) == {"check", "state", "said", "todo"} for check in told["checks"])
    assert {check["state"] for check in told["checks"]} <= {"ok", "warning", "failure"}


def test_without_a_database_the_other_checks_are_made(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANFLOW_DATABASE_URL", "postgresql://planflow@127.0.0.1:1/plans")
    told = run("doctor", "--json")
    states = {check["check"]: check["state"] for check in json.loads(told.stdout)["checks"]}
    assert told.exit_code == 1
    assert [name for name, state in states.items() if state == "failure"] == ["home", "secret", "database"]
    assert (states["programs"], states["disk"], states["mail"]) == ("ok", "ok", "ok")


def test_no_secret_is_said_whatever_is_wrong(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PLANFLOW_SMTP_HOST", "127.0.0.1")
    monkeypatch.setenv("PLANFLOW_SMTP_FROM", "plans@example.com")
    monkeypatch.setenv("PLANFLOW_SMTP_USER", "plans")
    monkeypatch.setenv("PLANFLOW_SECRET_ERP_HOSTS", "erp.example.com")
    for form in ((), ("--json",)):
        told = run("doctor", *form)
        assert told.exit_code == 1
        assert [each for each in SECRETS.values() if each in told.output] == []
        assert "kept-" not in told.output


def test_a_setting_that_cannot_be_used_is_told_and_ends_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANFLOW_PROXIES", "many")
    told = run("doctor")
    assert told.exit_code == 1
    first, second = told.stdout.splitlines()
    assert re.match(r"failure  Settings +PLANFLOW_PROXIES cannot be used", first)
    assert second.startswith("OK       Programs")


@pytest.mark.parametrize(
    ("locale", "title"), [("zh_TW.UTF-8", "資料庫"), ("zh_CN.UTF-8", "数据库"), ("C.UTF-8", "Database")]
)
def test_it_speaks_the_language_of_the_terminal(
    installed: Run, monkeypatch: pytest.MonkeyPatch, locale: str, title: str
) -> None:
    monkeypatch.setenv("LANG", locale)
    assert title in installed("doctor").stdout
    assert "資料庫" in installed("doctor", "--language", "zh_Hant").stdout


def test_the_locale_is_the_first_that_posix_looks_at() -> None:
    assert read_language({"LANG": "en_US.UTF-8", "LC_ALL": "zh_TW@pinyin"}) == "zh_TW"
    assert read_language({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "C"}) == "zh_CN"
    assert read_language({}) == ""


def test_the_page_for_operators_lists_every_check_with_its_title() -> None:
    section = OPERATE.read_text("utf-8").partition("## Is all well?")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", section, re.M)
    assert [name for name, _title in listed] == NAMES
    assert [title for _name, title in listed] == ["Settings", *(check.title for check in CHECKS)]


def test_an_examination_logs_nothing_where_all_can_be_checked(installed: Run, tmp_path: Path) -> None:
    with capture_logs() as written:
        assert len(list(examine({"PLANFLOW_HOME": str(tmp_path / "home")}))) == len(NAMES)
    assert written == []
