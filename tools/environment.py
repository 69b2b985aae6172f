"""Makes what PlanFlow runs and is tested in, from nothing but Python: ``python3 tools/environment.py KIND``.

``run`` makes ``.venv`` with what PlanFlow needs and builds the front end; ``dev`` adds what checks and tests need;
``browser`` sees to a Chromium with Chinese fonts, ``brokers`` to RabbitMQ and Redis. Standard library only. What is
there already costs nothing: each step is remembered with the hash of what it was made from. A missing system package is
installed where this runs as root on Debian or a system like it, and named otherwise.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
MADE_FROM = ("pyproject.toml", "requirements.lock", "hatch_build.py")
BROKERS = {"rabbitmq-server": "rabbitmq-server", "redis-server": "redis-server"}
"""Debian's package, and its program."""
OLDEST_PYTHON = (3, 11)
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHINESE_FONTS = ("Noto Sans CJK", "Noto Serif CJK", "Source Han Sans", "WenQuanYi")

sys.path.insert(0, str(ROOT))
from web import build as front_end  # noqa: E402  needs nothing that is installed yet


class Unable(RuntimeError):
    """Something is missing that only the reader can bring; the message says what."""


def make(kind: str) -> None:
    """Bring ``.venv`` up to date for ``run`` or ``dev``, and the front end in it."""
    if sys.version_info < OLDEST_PYTHON:
        raise Unable(
            f"PlanFlow needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make PYTHON=python3.13"
        )
    _make_venv()
    _build_front_end()
    _install(kind)


def see_to_browser() -> None:
    """Install Chromium and Chinese fonts where that is possible; otherwise say what browser tests lack."""
    wanted = [] if any(map(shutil.which, BROWSERS)) else ["chromium"]
    wanted += [] if _has_chinese_font() else ["fonts-noto-cjk"]
    if not wanted:
        return
    try:
        _apt_install(*wanted)
    except Unable as reason:
        print(f"Browser tests are left out or look different: {reason}", file=sys.stderr)


def see_to_brokers() -> None:
    """Install RabbitMQ and Redis where that is possible; tests start servers of their own."""
    wanted = [package for package, program in BROKERS.items() if not _is_there(program)]
    if not wanted:
        return
    try:
        _apt_install(*wanted)
    except Unable as reason:
        print(f"Tests of brokers are left out: {reason}", file=sys.stderr)


def _is_there(program: str) -> bool:
    return shutil.which(program, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin"))) is not None


def _make_venv() -> None:
    if _venv_works():
        return
    if importlib.util.find_spec("ensurepip") is None:
        _apt_install(f"python{sys.version_info.major}.{sys.version_info.minor}-venv")
    with _step("Making .venv"):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(VENV)], check=True)


def _venv_works() -> bool:
    """Its interpreter starts, and it was made for this place: a moved environment's commands point elsewhere."""
    made = VENV / "pyvenv.cfg"
    if not PYTHON.exists() or not made.exists() or str(VENV) not in made.read_text():
        return False
    return subprocess.run([PYTHON, "-c", ""], check=False).returncode == 0


def _build_front_end() -> None:
    if front_end.up_to_date():
        return
    if front_end.system_node() is None:
        with _step("Installing Node, to build the front end"):
            _pip("-c", str(LOCK), front_end.WHEEL)
    with _step("Building the front end"):
        subprocess.run([PYTHON, ROOT / "web" / "build.py"], check=True, stdout=subprocess.DEVNULL)


def _install(kind: str) -> None:
    """The locked packages, then the project itself, editable. ``dev`` holds all that ``run`` does."""
    made, mark = _fingerprint(), VENV / f".made-for-{kind}"
    marks = {mark, VENV / ".made-for-dev"}
    if any(found.exists() and found.read_text() == made for found in marks):
        return
    with _step("Installing what PlanFlow needs" if kind == "run" else "Installing what its tests need"):
        if kind == "dev":
            _pip("-r", str(LOCK))
        else:
            _pip("-c", str(LOCK), "hatchling", "babel")
        _pip("-c", str(LOCK), "--no-build-isolation", "--editable", str(ROOT))
    mark.write_text(made)


def _fingerprint() -> str:
    """What an environment depends on: the locks, how the project is built, and the interpreter."""
    digest = hashlib.sha256(sys.version.encode())
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _pip(*arguments: str) -> None:
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    subprocess.run([PYTHON, "-m", "pip", "install", *quiet, *arguments], check=True)


def _has_chinese_font() -> bool:
    lister = shutil.which("fc-list")
    if lister is None:
        return False
    listed = subprocess.run(
        [lister, ":lang=zh", "family"], capture_output=True, text=True, check=False
    ).stdout
    return any(font in listed for font in CHINESE_FONTS)


def _apt_install(*packages: str) -> None:
    command = f"apt-get install --no-install-recommends {' '.join(packages)}"
    if shutil.which("apt-get") is None:
        raise Unable(f"please install what Debian calls {' and '.join(packages)}.")
    if os.geteuid() != 0:
        raise Unable(f"please run: sudo {command}")
    # Without a runlevel no service is started that an installed package brings.
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    with _step(f"Installing {', '.join(packages)}"):
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
            done = subprocess.run(
                ["apt-get", "--quiet=2", *arguments], env=environment, stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, check=False,
            )  # fmt: skip
            if done.returncode:
                raise Unable(f"apt-get {arguments[0]} failed; please see why, and run: {command}")


@contextmanager
def _step(title: str) -> Iterator[None]:
    """Say what takes time, and how long it took."""
    begun = time.monotonic()
    print(f"{title} … ", end="", flush=True)
    yield
    print(f"{time.monotonic() - begun:.1f} s", flush=True)


def main() -> int:
    """The command; 1 with one line of reason when something is missing or a step failed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=["run", "dev", "browser", "brokers"])
    kind = parser.parse_args().kind
    try:
        {"browser": see_to_browser, "brokers": see_to_brokers}.get(kind, partial(make, kind))()
    except (Unable, subprocess.CalledProcessError) as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
