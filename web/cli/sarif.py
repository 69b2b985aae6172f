"""Findings in SARIF 2.1.0 (OASIS), which code hosts and editors show beside the lines of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from engine.errors import Problem
from engine.lint import RULES, Rule
from web.version import product_version

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

Located = tuple[Problem, Path | None]
"""A finding, and the file that it is in."""


def sarif(findings: Sequence[Located]) -> dict[str, Any]:
    """One run with these findings, and the rules that they name."""
    used = sorted({problem.rule for problem, _path in findings})
    driver = {
        "name": "PlanFlow",
        "version": product_version(),
        "rules": [_rule(RULES[rule]) for rule in used],
    }
    results = [_result(problem, path, used.index(problem.rule)) for problem, path in findings]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    """``helpUri`` has to be absolute (§3.49.12), and documentation lies beside the code: ``help`` says where."""
    return {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.title}."},
        "help": {"text": f"See {rule.page}.", "markdown": f"See [{rule.id}]({rule.page})."},
        "defaultConfiguration": {"level": rule.severity},
        "properties": {"page": rule.page},
    }


def _result(problem: Problem, path: Path | None, index: int) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": problem.reason},
        "locations": list(_locations(problem, path)),
    }


def _locations(problem: Problem, path: Path | None) -> Iterable[dict[str, Any]]:
    place: dict[str, Any] = {}
    if path is not None:
        place["physicalLocation"] = {"artifactLocation": {"uri": _uri(path)}}
        if problem.line is not None:
            place["physicalLocation"]["region"] = {"startLine": problem.line}
    if problem.element:
        place["logicalLocations"] = [
            {"name": problem.name or problem.element, "fullyQualifiedName": problem.element}
        ]
    if place:
        yield place


def _uri(path: Path) -> str:
    """Relative to the working folder, or absolute if the file does not lie in it."""
    whole, here = path.resolve(), Path.cwd()
    return quote(whole.relative_to(here).as_posix()) if whole.is_relative_to(here) else whole.as_uri()
