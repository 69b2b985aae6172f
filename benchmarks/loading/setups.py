"""The processes of an installation under load: servers and workers as in production, on one database."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.installation import environment

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0


@dataclass(frozen=True)
class Setup:
    """``workers`` beside the servers; none of them means that the only server does that too."""

    name: str
    database: str
    servers: int
    workers: int


SETUPS = (
    Setup("SQLite, one process", "sqlite", 1, 0),
    Setup("PostgreSQL, one server, two workers", "postgresql", 1, 2),
    Setup("PostgreSQL, two servers, two workers", "postgresql", 2, 2),
)


@contextmanager
def running(setup: Setup, url: str, folder: Path) -> Iterator[list[str]]:
    """The processes on this database, their logs in this folder. Gives the addresses of the servers."""
    folder.mkdir(parents=True)
    own = {**os.environ, **environment(folder), "PLANFLOW_DATABASE_URL": url}
    serve = ["serve", "--port", "0", *(["--no-worker"] if setup.workers else [])]
    with ExitStack() as stack:
        for number in range(setup.workers):
            stack.enter_context(_process(["worker"], own, folder / f"worker_{number}.log"))
        logs = [folder / f"server_{number}.log" for number in range(setup.servers)]
        servers = [stack.enter_context(_process(serve, own, log)) for log in logs]
        yield [_address(server, log) for server, log in zip(servers, logs, strict=True)]


@contextmanager
def _process(arguments: list[str], own: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", *arguments],
            cwd=ROOT,
            env=own,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _address(server: subprocess.Popen[bytes], log: Path) -> str:
    """Where it says that it listens."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        for line in log.read_text(errors="replace").splitlines():
            if "http://" in line:
                return "http://" + line.split("http://")[1].split()[0].rstrip("/.")
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start: {log.read_text(errors='replace')[-2000:]}")
