"""docs/policy.md holds every clause of the policy, and every place that it names is there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from plans.operations import OPERATIONS
from web.app import create_app
from web.container import build_container
from web.settings import Settings

ROOT = Path(__file__).parents[2]
PROCESSES = ROOT / "processes"
CHAPTERS = {"G": 6, "A": 8, "Q": 7, "M": 7, "E": 9, "K": 8, "C": 5}
"""How many clauses each chapter of the policy has."""
CLAUSES = [f"{chapter}{number}" for chapter, count in CHAPTERS.items() for number in range(1, count + 1)]

ROW = re.compile(r"^\| ([A-Z]\d) \| (.+?) \| (.+) \|$", re.MULTILINE)
PLACE = re.compile(r"`(element|form|field|decision|operation|route|scenario|test):([^`]+)`")
NOT_YET = "**Not yet**:"


def _rows() -> dict[str, tuple[str, str]]:
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    return {clause: (words, home) for clause, words, home in ROW.findall(text)}


def _places(kind: str) -> list[tuple[str, str]]:
    """What the table names of this kind, each with the clause that names it."""
    return [
        (clause, name)
        for clause, (_words, home) in _rows().items()
        for found, name in PLACE.findall(home)
        if found == kind
    ]


def _missing(kind: str, exists: Callable[[str], bool]) -> list[tuple[str, str]]:
    return [(clause, name) for clause, name in _places(kind) if not exists(name)]


def test_every_clause_of_the_policy_is_listed_once_and_in_order() -> None:
    text = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    assert [clause for clause, _words, _home in ROW.findall(text)] == CLAUSES


def test_every_clause_has_its_words_and_a_home_or_says_that_it_has_none_yet() -> None:
    homeless = [
        clause
        for clause, (words, home) in _rows().items()
        if len(words) < 10 or not (PLACE.search(home) or NOT_YET in home)
    ]
    assert homeless == []


def test_every_name_in_the_table_is_of_a_kind_that_is_checked() -> None:
    spans = {
        (clause, span)
        for clause, (_words, home) in _rows().items()
        for span in re.findall(r"`([^`]+)`", home)
        if not PLACE.fullmatch(f"`{span}`")
    }
    assert spans == set()


def test_every_element_named_is_in_its_process() -> None:
    assert _places("element") != []
    assert _missing("element", lambda name: _split(name)[1] in _element_ids(_split(name)[0])) == []


def test_every_form_named_is_there() -> None:
    assert _places("form") != []
    assert _missing("form", lambda name: _form_path(name).is_file()) == []


def test_every_field_named_is_in_its_form() -> None:
    assert _places("field") != []
    assert _missing("field", lambda name: _split(name)[1] in _field_keys(_split(name)[0])) == []


def test_every_decision_named_is_in_its_process() -> None:
    assert _places("decision") != []
    assert _missing("decision", lambda name: name.split("/")[1] in _decision_ids(name.split("/")[0])) == []


def test_every_operation_named_can_be_called_and_is_called_by_a_process() -> None:
    called = {
        task.get("{urn:planflow:bpmn}operation")
        for path in PROCESSES.glob("*/process.bpmn")
        for task in _root(path).iter("{*}serviceTask")
    }
    assert _places("operation") != []
    assert _missing("operation", lambda name: name in OPERATIONS and name in called) == []


def test_every_page_named_is_served(routes: frozenset[str]) -> None:
    assert _places("route") != []
    assert _missing("route", routes.__contains__) == []


def test_every_scenario_and_test_named_is_there() -> None:
    def scenario(name: str) -> Path:
        process, _, file = name.partition("/")
        return PROCESSES / process / "scenarios" / f"{file}.yaml"

    assert _missing("scenario", lambda name: scenario(name).is_file()) == []
    assert _missing("test", lambda name: (ROOT / name).is_file()) == []


def test_every_process_carries_out_a_clause() -> None:
    used = {_split(name)[0] for _clause, name in _places("element")}
    assert {path.parent.name for path in PROCESSES.glob("*/process.bpmn")} - used == set()


@pytest.fixture
def routes(tmp_path: Path) -> Iterator[frozenset[str]]:
    """The paths that the web application serves."""
    settings = Settings(home=tmp_path, database_url=f"sqlite:///{tmp_path}/planflow.db", secret_key="s" * 48)
    container = build_container(settings)
    app = create_app(settings, container)
    yield frozenset(rule.rule for rule in app.url_map.iter_rules())
    container.close()


def _split(name: str) -> tuple[str, str]:
    before, _, after = name.partition("#")
    return before, after


@cache
def _root(path: Path) -> etree._Element:
    return etree.parse(str(path)).getroot()


@cache
def _element_ids(process: str) -> frozenset[str]:
    path = PROCESSES / process / "process.bpmn"
    if not path.is_file():
        return frozenset()
    (executed,) = _root(path).iterchildren("{*}process")
    return frozenset(element.get("id", "") for element in executed.iter(etree.Element))


def _decision_ids(process: str) -> set[str]:
    files = (PROCESSES / process).glob("*.dmn")
    return {decision.get("id", "") for path in files for decision in _root(path).iter("{*}decision")}


def _form_path(name: str) -> Path:
    process, _, form = name.partition("/")
    return PROCESSES / process / "forms" / f"{form}.form"


def _field_keys(name: str) -> set[str]:
    path = _form_path(name)
    if not path.is_file():
        return set()
    return set(_keys(json.loads(path.read_text(encoding="utf-8"))["components"]))


def _keys(components: list[dict[str, Any]], prefix: str = "") -> Iterator[str]:
    """Dotted keys of fields, and of lists and groups with a path."""
    for component in components:
        key = component.get("key") or component.get("path")
        if key:
            yield prefix + key
        inner = f"{prefix}{key}." if component.get("path") else prefix
        yield from _keys(component.get("components", []), inner)
