"""In which line of its file a finding is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from engine import xml
from engine.errors import NotDeployable, Problem

_SAID = re.compile(r"\bline (\d{1,9})\b")


def with_lines(problems: Iterable[Problem], files: Mapping[str, bytes]) -> list[Problem]:
    """The same findings, each with the line of its element where the file has one of that id."""
    found: dict[str, Mapping[str, int]] = {}
    located = []
    for problem in problems:
        name = problem.resource
        if name in files and name not in found:
            found[name] = _lines_of(name, files[name])
        line = found.get(name, {}).get(problem.element or "")
        if line is None and problem.rule in ("xml.syntax", "form.json"):
            line = _said(problem.reason)
        located.append(problem if line is None else replace(problem, line=line))
    return located


def _lines_of(name: str, content: bytes) -> Mapping[str, int]:
    """Lines by id. Of an id that is there twice, the first."""
    if name.endswith(".form"):
        return _lines_of_json(content)
    try:
        root = xml.parse(content, name)
    except NotDeployable:
        return {}
    lines: dict[str, int] = {}
    for node in root.iter():
        if isinstance(node.tag, str) and node.get("id") is not None:
            line: Any = node.sourceline
            lines.setdefault(str(node.get("id")), int(line or 1))
    return lines


def _lines_of_json(content: bytes) -> Mapping[str, int]:
    """Lines of the ``id`` and ``key`` of form components, where the file is written over several lines."""
    lines: dict[str, int] = {}
    for number, line in enumerate(content.decode("utf-8", "replace").splitlines(), start=1):
        for text in re.findall(r'"(?:id|key)"\s*:\s*("[^"\\]*")', line):
            lines.setdefault(text[1:-1], number)
    return lines


def _said(reason: str) -> int | None:
    found = _SAID.search(reason)
    return int(found[1]) if found else None
