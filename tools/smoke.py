"""Whether a stranger's first minutes work: copies the sources to an empty folder, types ``make run``, and signs in.

``python3 tools/smoke.py`` prints how many seconds it took until pages were served, and fails if that was more than
three minutes or anything did not answer as it should. Standard library only.
"""

from __future__ import annotations

import http.cookiejar
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 180.0
"""Seconds until pages must be served, on a machine that has nothing yet."""
ENDING = 20.0
"""Seconds that the server has to end."""
PERSON = "operations_supervisor"
SERVES = re.compile(r"serves at (http://\S+)")
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
PASSWORD = re.compile(rf'value="{PERSON}">\s*<input[^>]*name="password" value="([^"]+)"')


def main() -> int:
    """The command; prints what the server said when something goes wrong."""
    with tempfile.TemporaryDirectory(prefix="planflow-smoke-") as folder:
        clone, log = Path(folder) / "planflow", Path(folder) / "said.txt"
        _copy_sources(clone)
        begun = time.monotonic()
        server = _start(clone, log)
        try:
            address = _address(server, log, begun + PATIENCE)
            seconds = time.monotonic() - begun
            _visit(address)
        except (OSError, AssertionError) as problem:
            print(f"{log.read_text()}\nmake run did not serve: {problem}", file=sys.stderr)
            return 1
        finally:
            _end(server)
    print(f"make run served after {seconds:.0f} s, and {PERSON} signed in")
    return 0


def _copy_sources(target: Path) -> None:
    """What a clone would hold: all but what .gitignore names."""
    ignored = [line.rstrip("/").rpartition("/")[2] for line in (ROOT / ".gitignore").read_text().splitlines()]
    shutil.copytree(ROOT, target, ignore=shutil.ignore_patterns(".git", *ignored), symlinks=True)


def _start(clone: Path, log: Path) -> subprocess.Popen[bytes]:
    said = ("PLANFLOW_", "MAKE", "ARGS", "HOST", "PORT")  # to this run, not to a stranger's
    kept = {name: text for name, text in os.environ.items() if not name.startswith(said)}
    with log.open("wb") as output:
        return subprocess.Popen(
            ["make", "run", "PORT=0"], cwd=clone, env=kept, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip


def _address(server: subprocess.Popen[bytes], log: Path, deadline: float) -> str:
    """Where it serves, as soon as it says so."""
    while time.monotonic() < deadline:
        if found := SERVES.search(log.read_text()):
            return found.group(1)
        _expect(server.poll() is None, "it ended")
        time.sleep(0.2)
    raise AssertionError(f"it printed no address within {PATIENCE:.0f} s")


def _visit(address: str) -> None:
    """Health, the page to sign in, and the inbox of a demo account."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))
    with browser.open(f"{address}/healthz", timeout=10) as answer:
        _expect('"ok"' in answer.read().decode(), "/healthz does not say ok")
    with browser.open(f"{address}/sign-in", timeout=10) as answer:
        page = answer.read().decode()
    form = {"name": PERSON, "password": _found(PASSWORD, page), "csrf_token": _found(CSRF, page)}
    with browser.open(f"{address}/sign-in", urllib.parse.urlencode(form).encode(), timeout=10) as answer:
        _expect("/sign-in" not in answer.url, f"{PERSON} cannot sign in")


def _found(sought: re.Pattern[str], page: str) -> str:
    found = sought.search(page)
    _expect(found is not None, f"/sign-in holds nothing like {sought.pattern}")
    return found.group(1) if found else ""


def _expect(held: bool, otherwise: str) -> None:
    if not held:
        raise AssertionError(otherwise)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End make and all that it started, kindly first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if server.poll() is None:
            os.killpg(server.pid, number)
        try:
            server.wait(ENDING)
        except subprocess.TimeoutExpired:
            continue
        return


if __name__ == "__main__":
    sys.exit(main())
