"""The Python software that PlanFlow needs to run, with its licences: ``python -m tools.licences`` writes
``docs/third-party-python.md`` from the metadata of what is installed.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.locks import ROOT, to_run

LIST = ROOT / "docs" / "third-party-python.md"
HEADER = """\
# Third-party software: Python

What an installed PlanFlow with its extras needs, directly or indirectly, at the versions of `requirements.lock`. Each
package carries its own licence text. Written by `make licences` from the packages' metadata.

| package | version | licence |
|---|---|---|
"""
CLASSIFIER = "License :: OSI Approved :: "
LONGEST = 80
"""A licence field longer than this is a text, not a name."""


def needed() -> dict[str, Distribution]:
    """All that the project and its extras need on this platform; by canonical name."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(text) for text in to_run()]
    while waiting:
        asked = waiting.pop()
        name = canonicalize_name(asked.name)
        first_time = name not in found
        installed = found.setdefault(name, distribution(name))
        if first_time or asked.extras:
            waiting += _requirements(installed, asked.extras)
    return found


def _requirements(installed: Distribution, extras: set[str]) -> Iterator[Requirement]:
    for requirement in map(Requirement, installed.requires or ()):
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield requirement


def licence(installed: Distribution) -> str:
    """The licence's name: its SPDX expression, else what the package calls it, else its classifiers."""
    metadata = installed.metadata
    fields = (metadata[field] for field in ("License-Expression", "License") if field in metadata)
    stated = next(fields, "").strip()
    if stated and len(stated) <= LONGEST and "\n" not in stated:
        return stated
    classified = [text.removeprefix(CLASSIFIER) for text in metadata.get_all("Classifier") or ()]
    named = [text for text in classified if "::" not in text and "License" in text]
    return " and ".join(named) or "see the package"


def page() -> str:
    """The whole list."""
    rows = (found for _name, found in sorted(needed().items()))
    return HEADER + "".join(
        f"| {found.metadata['Name']} | {found.version} | {licence(found)} |\n" for found in rows
    )


def main() -> int:
    """The command."""
    LIST.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
