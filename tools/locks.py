"""The lock files: that they say exactly what is installed, and where they come from.

``python -m tools.locks write`` resolves what ``pyproject.toml`` asks for and writes ``requirements.lock``;
``python -m tools.locks check`` compares the locks with ``pyproject.toml``, ``package.json`` and what is installed.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import distributions
from itertools import chain
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements.lock"
NOT_LOCKED = frozenset({"pip", "setuptools", "wheel", "planflow"})
"""What an environment is made with, and the project itself."""
HEADER = """\
# Everything PlanFlow runs on, is built with and is tested with, at exactly these versions.
# Written by `make lock`; used as constraints by `make run` and whole by `make test`.
"""
ADDRESS = re.compile(r"\w+://|\bfile:|@ ")


def project() -> dict[str, Any]:
    """What ``pyproject.toml`` says."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def to_run() -> list[str]:
    """What an installation needs, with every extra that it may choose."""
    said = project()["project"]
    return [*said["dependencies"], *chain.from_iterable(said["optional-dependencies"].values())]


def requirements() -> list[Requirement]:
    """All that ``pyproject.toml`` asks for: to build, to run, to check and to test."""
    said = project()
    asked = [*said["build-system"]["requires"], *to_run()]
    for group in said["dependency-groups"].values():
        asked += [entry for entry in group if isinstance(entry, str)]
    return [Requirement(text) for text in asked]


def pins(text: str) -> dict[str, str]:
    """Version by canonical name, as a lock's lines say."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    pairs = (line.split("==") for line in lines if line)
    return {canonicalize_name(name): version for name, version in pairs}


def resolve() -> dict[str, str]:
    """What pip would install for `requirements` in an empty environment; name and version."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--dry-run",
        "--ignore-installed",
        "--report",
        "-",
    ]
    said = subprocess.run(
        [*command, *map(str, requirements())], check=True, stdout=subprocess.PIPE, text=True
    )
    installs = (entry["metadata"] for entry in json.loads(said.stdout)["install"])
    return {entry["name"]: entry["version"] for entry in installs}


def write() -> None:
    """Replace ``requirements.lock`` by the newest versions that fit together."""
    found = sorted(resolve().items(), key=lambda pin: canonicalize_name(pin[0]))
    LOCK.write_text(HEADER + "".join(f"{name}=={version}\n" for name, version in found), encoding="utf-8")


def problems() -> Iterator[str]:
    """Every way in which the locks do not say what is asked for, or what is installed."""
    text = LOCK.read_text(encoding="utf-8")
    locked = pins(text)
    yield from _unmet(locked)
    yield from _otherwise_installed(locked)
    yield from _addresses(LOCK.name, text)
    yield from _front_end_problems()


def _unmet(locked: Mapping[str, str]) -> Iterator[str]:
    for asked in requirements():
        version = locked.get(canonicalize_name(asked.name))
        if version is None or not asked.specifier.contains(version, prereleases=True):
            yield f"pyproject.toml asks for {asked}; requirements.lock has {version or 'none'}"


def _otherwise_installed(locked: Mapping[str, str]) -> Iterator[str]:
    for installed in distributions():
        name = canonicalize_name(installed.metadata["Name"])
        if name not in NOT_LOCKED and locked.get(name) != installed.version:
            yield f"{name} {installed.version} is installed; requirements.lock has {locked.get(name, 'none')}"


def _addresses(name: str, text: str) -> Iterator[str]:
    for number, line in enumerate(text.splitlines(), start=1):
        if ADDRESS.search(line):
            yield f"{name}:{number} names where a package was fetched from"


def _front_end_problems() -> Iterator[str]:
    """``package-lock.json`` follows ``package.json``, and its entries have a checksum but no address."""
    asked = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    packages: dict[str, dict[str, Any]] = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    top = packages.pop("")
    for kind in ("dependencies", "devDependencies"):
        if asked.get(kind, {}) != top.get(kind, {}):
            yield f"package-lock.json has other {kind} than package.json; run npm install --package-lock-only"
    for name, entry in packages.items():
        if "resolved" in entry:
            yield f"package-lock.json names where {name} was fetched from"
        if "integrity" not in entry:
            yield f"package-lock.json has no checksum for {name}"


def main() -> int:
    """``write`` or ``check``; the check prints every problem and fails if there is one."""
    parser = argparse.ArgumentParser(prog="python -m tools.locks", description=__doc__)
    parser.add_argument("action", choices=["check", "write"])
    if parser.parse_args().action == "write":
        write()
        return 0
    found = list(problems())
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        print("Locks: say what is asked for and what is installed")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
