"""A real server under rough handling: clients that never finish, and an end in the middle of writing."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.web.conftest import MODELS

ROOT = Path(__file__).parents[2]
SLOW_CLIENTS = 150
WRITERS = 4


def planflow(home: Path, *arguments: str | Path) -> str:
    """What the command prints; it must do what it is told."""
    done = subprocess.run(
        [sys.executable, "-m", "web.cli", *map(str, arguments)],
        cwd=ROOT, env={**os.environ, "PLANFLOW_HOME": str(home)}, capture_output=True, text=True, check=True,
        timeout=120, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """An installation with the small process."""
    planflow(tmp_path, "db", "upgrade")
    planflow(tmp_path, "deploy", *sorted(MODELS.iterdir()))
    return tmp_path


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The server as a process of its own, and its address."""
    with (home / "server.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", "serve", "--port", "0"],
            cwd=ROOT, env={**os.environ, "PLANFLOW_HOME": str(home)}, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().split()[-1]
        finally:
            process.kill()
            process.communicate()


def test_clients_that_never_finish_do_not_keep_others_out(home: Path) -> None:
    with serving(home) as (_process, address), ExitStack() as open_sockets:
        place = (urlsplit(address).hostname or "", urlsplit(address).port or 0)
        for _number in range(SLOW_CLIENTS):
            slow = open_sockets.enter_context(socket.create_connection(place, timeout=5))
            slow.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
        assert httpx.get(f"{address}/healthz", timeout=5).status_code == 200


@pytest.mark.slow
def test_a_server_that_is_killed_while_it_writes_loses_nothing_it_has_promised(home: Path) -> None:
    planflow(home, "user", "create", "supervisor", "--role", "operations_supervisor")
    token = planflow(home, "token", "create", "--user", "supervisor").strip()
    promised: list[str] = []
    with serving(home) as (process, address):
        writers = [
            threading.Thread(target=start_many, args=(address, token, promised)) for _ in range(WRITERS)
        ]
        for writer in writers:
            writer.start()
        while len(promised) < 40 and any(writer.is_alive() for writer in writers):
            writers[0].join(0.01)
        process.kill()
        for writer in writers:
            writer.join()
    assert len(promised) >= 40
    with serving(home) as (_process, address):
        assert promised_are_kept(address, token, promised)
        again = start_one(httpx.Client(base_url=address, timeout=10), token, "after")
        assert again.status_code == 201
    assert planflow(home, "history", "verify") == "Every chain holds.\n"


def start_many(address: str, token: str, promised: list[str]) -> None:
    """Start instances until the server is gone; note those that it said it has started."""
    with suppress(httpx.TransportError), httpx.Client(base_url=address, timeout=10) as client:
        for number in range(1000):
            answer = start_one(client, token, f"{threading.get_ident()}-{number}")
            if answer.status_code == 201:
                promised.append(answer.json()["instance_id"])


def start_one(client: httpx.Client, token: str, key: str) -> httpx.Response:
    return client.post(
        "/api/v1/processes/request/instances",
        json={"variables": {"amount": 7}, "business_key": key},
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
    )


def promised_are_kept(address: str, token: str, promised: list[str]) -> bool:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{address}/api/v1", headers=headers, timeout=10) as client:
        return all(len(client.get(f"/instances/{each}").json()["tasks"]) == 1 for each in promised)
