"""The examples for operators in ``docs/examples``: what they name exists, and what can be run here is run."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from tests.brokers import free_port
from tests.forking import Command
from web.cli import main as planflow

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SETTINGS = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
UNITS = sorted(path.name for path in EXAMPLES.glob("*.service"))
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|://[^/@]*:[^/@]*@")
GIVEN = re.compile(r"\$\{[A-Z_]+:\?\}")
"""A place where compose puts what it is given."""
PATIENCE = 60.0


def text(name: str) -> str:
    return (EXAMPLES / name).read_text("utf-8")


def commands() -> Iterator[list[str]]:
    """Each command of ours that an example starts."""
    for name in UNITS:
        for line in re.findall(r"^ExecStart=/opt/planflow/bin/(planflow .*)$", text(name), re.MULTILINE):
            yield line.split()
    for service in yaml.safe_load(text("compose.yaml"))["services"].values():
        if service.get("command", [""])[0] == "planflow":
            yield service["command"]


def test_every_setting_in_an_example_exists() -> None:
    named = {
        found for path in EXAMPLES.iterdir() for found in re.findall(r"PLANFLOW_[A-Z_]+", text(path.name))
    }
    assert {"PLANFLOW_DATABASE_URL", "PLANFLOW_BROKER_URL"} <= named
    assert [name for name in sorted(named) if f"| `{name}`" not in SETTINGS] == []


def test_every_command_in_an_example_is_understood() -> None:
    found = list(commands())
    assert ["planflow", "worker", "--celery"] in found
    for _planflow, name, *arguments in found:
        command = planflow.get_command(click.Context(planflow), name)
        assert command is not None
        command.make_context(name, list(arguments))  # raises for what is not understood


def test_the_environment_of_an_example_holds_settings_and_no_secret() -> None:
    lines = [line for line in text("planflow.env").splitlines() if line and not line.startswith("#")]
    assert [line for line in lines if not re.fullmatch(r"PLANFLOW_[A-Z_]+=\S+", line)] == []
    assert [line for line in lines if SECRET.search(line)] == []


def test_the_compose_file_holds_together_and_has_no_secret() -> None:
    said: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    services = said["services"]
    for service in services.values():
        assert set(service.get("depends_on", {})) <= set(services)
        for name, value in service.get("environment", {}).items():
            assert not SECRET.search(f"{name}={value}") or GIVEN.search(value), name
    hosts = set(re.findall(r"@([a-z]+)/", text("compose.yaml")))
    assert hosts == {"database", "broker"} <= set(services)
    assert set(said["volumes"]) == {"database"}


def test_what_the_image_copies_is_there() -> None:
    copied = re.findall(r"^COPY (.+) \S+$", text("Dockerfile"), re.MULTILINE)
    names = [name for line in copied for name in line.split() if not name.startswith("dist/")]
    assert names
    assert [name for name in names if not (ROOT / name).exists()] == []


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_the_units(tmp_path: Path, name: str) -> None:
    for program in ("planflow", "gunicorn"):
        (tmp_path / program).write_text("#!/bin/sh\n")
        (tmp_path / program).chmod(0o755)
    unit = tmp_path / name.replace("@", "@1")
    unit.write_text(text(name).replace("/opt/planflow/bin", str(tmp_path)))
    told = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(unit)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout + told.stderr) == (0, "")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An installation that was prepared."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("PLANFLOW_")}
    return {
        **given,
        "PLANFLOW_HOME": str(tmp_path / "home"),
        "PLANFLOW_PUBLIC_URL": "https://plans.example.com",
    }


@contextmanager
def served(environment: dict[str, str], port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "gunicorn", "--config", str(EXAMPLES / "gunicorn.conf.py")]
    with log.open("wb") as told:
        process = subprocess.Popen(
            [*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=environment, stdout=told, stderr=told
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def asked(port: int, path: str, log: Path) -> tuple[int, str]:
    """What is answered, as soon as somebody answers."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path, headers={"Host": "plans.example.com"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)


@pytest.mark.slow
def test_gunicorn_serves_with_the_example_beside_a_worker(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log, port = tmp_path / "log", free_port()
    assert Command(["up", "--prepare-only"], environment, tmp_path / "prepared").wait(PATIENCE) == 0
    with served(environment, port, log) as process:
        assert asked(port, "/sign-in", log)[0] == 200
        status, told = asked(port, "/readyz", log)
        assert (status, '"degraded"' in told) == (200, True)
        worker = Command(["worker"], environment, tmp_path / "worked")
        assert "is at work" in worker.output.readline()
        assert '"worker":"ok"' in asked(port, "/readyz", log)[1]
        worker.terminate()
        assert worker.wait(PATIENCE) == 0
    assert process.returncode == 0
    assert "Traceback" not in log.read_text()


@pytest.mark.slow
def test_gunicorn_ends_with_one_line_when_nothing_was_prepared(
    environment: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with served(environment, free_port(), log) as process:
        assert process.wait(PATIENCE) != 0
    assert "planflow: The database is empty. Run: planflow db upgrade" in log.read_text()
    assert "Traceback" not in log.read_text()
