"""Every id that a finding can have is in the index, and has a page that says what it means."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from engine.lint import RULES
from engine.lint.reference import heading, write

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs" / "reference" / "lint"
AN_ID = re.compile(r"(?:xml|bpmn|bundle|form|dmn)\.[a-z][a-z_-]*")
ANY_EVENT = {"bpmn.message", "bpmn.signal"}
"""Put together from the kind of the event."""


def code() -> Iterator[tuple[Path, ast.AST]]:
    for file in (ROOT / "engine").rglob("*.py"):
        if file.name != "rules.py":
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                yield file, node


def written_out() -> set[str]:
    """Ids that stand in the code as they are."""
    constants = (node.value for _file, node in code() if isinstance(node, ast.Constant))
    return {text for text in constants if isinstance(text, str) and AN_ID.fullmatch(text)}


def of_decisions() -> set[str]:
    """Rules of decisions are noted by ``findings.add(node, "cell_type", …)``."""
    noting = ("add", "warn")
    return {
        f"dmn.{node.args[1].value}"
        for file, node in code()
        if "decisions" in file.parts
        and isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in noting
        and len(node.args) > 2
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    }


def test_every_id_in_the_code_is_in_the_index_and_the_other_way_round() -> None:
    assert written_out() | of_decisions() | ANY_EVENT | {"expression"} == set(RULES)


def test_every_rule_has_a_page_and_every_page_a_rule() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} - {"README"} == set(RULES)


def test_every_page_begins_with_what_the_index_says_and_shows_how_to_mend_it() -> None:
    for rule in RULES.values():
        page = (ROOT / rule.page).read_text(encoding="utf-8")
        assert page.startswith(heading(rule)), rule.id
        assert "\n## Wrong\n" in page, rule.id
        assert "\n## How to mend it\n" in page, rule.id


def test_the_list_of_rules_is_written_from_the_index() -> None:
    assert (PAGES / "README.md").read_text(encoding="utf-8") == write()


def test_severities_are_errors_and_warnings() -> None:
    assert {severity for rule in RULES.values() for severity in rule.severities} == {"error", "warning"}
