from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.errors import NotDeployable
from engine.forms import compile_form
from tests.engine.forms.building import field, form, reasons, source

OPTIONS = [{"label": "High", "value": "high"}, {"label": "Low", "value": "low"}]


def test_every_component_of_the_reference_is_taken() -> None:
    everything: list[dict[str, Any]] = [
        {"type": "text", "text": "# Hello {{name}}\n[a](https://example.org)"},
        {
            "type": "table",
            "id": "t",
            "dataSource": "=plan.goals",
            "columns": [{"key": "name", "label": "Name"}],
        },
        {"type": "image", "source": "data:image/png;base64,AAAA", "alt": "A dot"},
        {"type": "separator"},
        {"type": "spacer", "height": 20},
        field("textfield", "a", label="A", validate={"required": True, "pattern": "^[\\u4e00-\\u9fff]+$"}),
        field("textarea", "b", validate={"minLength": 2, "maxLength": 10}),
        field("number", "c", decimalDigits=2, increment="0.5", appearance={"suffixAdorner": "%"}),
        field("checkbox", "d", validate={"required": True}),
        field("radio", "e", values=OPTIONS),
        field("select", "f", valuesKey="people", searchable=True),
        field("checklist", "g", values=OPTIONS, defaultValue=["low"]),
        field("taglist", "h", valuesKey="people"),
        field("datetime", "i_", subtype="datetime", dateLabel="Day", timeLabel="Hour", use24h=True),
        field("expression", "j", expression="=sum(rows.n)", computeOn="change"),
        {"type": "group", "label": "G", "path": "k", "components": [field("textfield", "l.m")]},
        {"type": "dynamiclist", "path": "rows", "components": [field("number", "n")], "allowAddRemove": True},
    ]
    assert reasons(*everything) == []


@pytest.mark.parametrize(
    "component",
    [
        {"type": "button", "label": "Send"},
        {"type": "filepicker", "key": "f"},
        {"type": "documentPreview"},
        {"type": "iframe", "url": "https://example.org"},
        {"type": "html", "content": "<b>x</b>"},
        {"type": "hologram"},
        {"type": 7},
        {"type": None},
        {},
        "text",
        None,
    ],
)
def test_a_component_that_cannot_be_checked_is_refused(component: Any) -> None:
    assert len(reasons(component)) == 1


def test_the_refusal_names_file_element_label_and_reason() -> None:
    with pytest.raises(NotDeployable) as refusal:
        form({"type": "iframe", "id": "map", "label": "The map", "url": "https://example.org"})
    (problem,) = refusal.value.problems
    assert (problem.resource, problem.element, problem.name) == ("forms/test.form", "map", "The map")
    assert "Frames are refused" in problem.reason


@pytest.mark.parametrize(
    ("component", "word"),
    [
        (field("textfield", readonly="=locked"), "readonly"),
        (field("textfield", disabled="=locked"), "disabled"),
        (field("textfield", validate={"required": "=x"}), "required"),
        (field("number", validate={"min": "=x"}), "min"),
        (field("textfield", validate={"unique": True}), "unique"),
        (field("textfield", label="=title"), "label"),
        (field("textfield", colour="red"), "colour"),
        (field("textfield", conditional={"show": "=x"}), "show"),
        (field("select", valuesExpression="=people"), "valuesExpression"),
        ({"type": "table", "dataSource": "=x", "columnsExpression": "=y"}, "columnsExpression"),
        ({"type": "text", "text": "<img src=x onerror=alert(1)>"}, "HTML"),
        ({"type": "text", "text": "![x](https://example.org/x.png)"}, "image"),
        ({"type": "text", "text": "[x](javascript:alert(1))"}, "link"),
        ({"type": "image", "source": "https://example.org/x.png"}, "source"),
        ({"type": "image", "source": "data:image/svg+xml;base64,AAAA"}, "source"),
    ],
)
def test_a_property_that_changes_behaviour_unseen_is_refused(component: dict[str, Any], word: str) -> None:
    (reason,) = reasons(component)
    assert word in reason


@pytest.mark.parametrize(
    "key",
    [
        "",
        "1a",
        "a b",
        "a..b",
        "a.",
        "class",
        "this",
        "a.parent",
        "today",
        "starter",
        "名",
        "a-b",
        "__proto__x.",
        "__proto__",
        "a.constructor",
        "prototype.a",
    ],
)
def test_a_key_that_is_no_name_is_refused(key: str) -> None:
    assert len(reasons(field("textfield", key))) == 1


def test_two_fields_with_one_key_are_refused() -> None:
    assert "twice" in reasons(field("textfield", "a"), field("number", "a"))[0]
    assert "inside another" in reasons(field("textfield", "a"), field("number", "a.b"))[0]
    assert "inside another" in reasons(field("number", "a.b"), field("textfield", "a"))[0]
    inside = {"type": "group", "path": "a", "components": [field("textfield", "b")]}
    assert "twice" in reasons(inside, field("textfield", "a.b"))[0]


def test_a_list_has_keys_of_its_own() -> None:
    rows = {"type": "dynamiclist", "path": "rows", "components": [field("textfield", "name")]}
    assert reasons(field("textfield", "name"), rows) == []
    assert reasons(rows, field("textfield", "rows.name")) != []


def test_an_id_is_used_once() -> None:
    assert "id" in reasons(field("textfield", "a", id="x"), field("textfield", "b", id="x"))[0]
    assert "id" in reasons(field("textfield", "a", id="not an id"))[0]


@pytest.mark.parametrize(
    "pattern",
    ["(?=a)b", r"(a)\1", "[", "a" * 201, r"\p{L}", "(?i)a", "(?<n>a)", "[[:alpha:]]", r"\Aa", "a{5000}"],
)
def test_a_pattern_that_needs_backtracking_or_differs_between_engines_is_refused(pattern: str) -> None:
    (reason,) = reasons(field("textfield", validate={"pattern": pattern}))
    assert "pattern" in reason


@pytest.mark.parametrize(
    "component",
    [
        field("textfield", validate={"minLength": 3, "maxLength": 2}),
        field("number", validate={"min": 3, "max": 2}),
        field("number", defaultValue="many"),
        field("number", increment=0),
        field("select"),
        field("select", values=OPTIONS, valuesKey="people"),
        field("select", values=[{"label": "A", "value": 1}, {"label": "B", "value": 1}]),
        field("select", values=[{"label": "A", "value": {}}]),
        field("select", values=OPTIONS, defaultValue="middle"),
        field("select", valuesKey="a.b"),
        field("datetime", label="Never shown"),
        field("datetime", subtype="week"),
        field("expression"),
        {"type": "table", "id": "t", "columns": [{"key": "a"}]},
        {"type": "table", "id": "t", "dataSource": "=count(x)", "columns": [{"key": "a"}]},
        {"type": "table", "id": "t", "dataSource": "=x"},
        {"type": "dynamiclist", "components": []},
        {"type": "dynamiclist", "path": "r", "components": [], "properties": {"minRows": "many"}},
        {
            "type": "dynamiclist",
            "path": "r",
            "components": [],
            "properties": {"minRows": "3", "maxRows": "2"},
        },
        {"type": "dynamiclist", "path": "r", "components": [field("textfield", readonly=True)]},
    ],
)
def test_a_component_that_cannot_work_is_refused(component: dict[str, Any]) -> None:
    assert len(reasons(component)) == 1


def test_a_bare_name_of_a_column_inside_its_list_is_refused() -> None:
    hidden = field("textfield", "why", conditional={"hide": '=kind = "a"'})
    rows = {"type": "dynamiclist", "path": "rows", "components": [field("textfield", "kind"), hidden]}
    assert "this.kind" in reasons(rows)[0]


def test_all_reasons_are_given_at_once() -> None:
    assert len(reasons({"type": "iframe"}, field("textfield", "1"), field("select", "s"))) == 3


def test_the_limits_hold() -> None:
    many = [field("textfield", f"k{number}") for number in range(501)]
    assert "500" in reasons(*many)[0]
    deep: dict[str, Any] = field("textfield")
    for _ in range(11):
        deep = {"type": "group", "components": [deep]}
    assert "10 levels" in reasons(deep)[0]
    with pytest.raises(NotDeployable, match="Nothing was deployed"):
        compile_form("big.form", b" " * 1_000_001)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{",
        b'{"a": NaN}',
        b'{"type": "default", "type": "default"}',
        b"[" * 100_000,
        b"7",
    ],
)
def test_a_file_that_is_no_json_object_is_refused(content: bytes) -> None:
    with pytest.raises(NotDeployable):
        compile_form("bad.form", content)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(NotDeployable):
        compile_form("bad.form", source({"type": "text", "text": "\ud800"}))


def test_the_schema_describes_a_submission_as_json_schema() -> None:
    compiled = form(
        field("textfield", "doc.title", label="Title", validate={"required": True, "maxLength": 5}),
        field("number", "n", validate={"min": 1}, description="How many"),
        field("textfield", "seen", readonly=True),
        {"type": "dynamiclist", "path": "rows", "components": [field("checkbox", "ok")],
         "properties": {"minRows": "1"}},
    )  # fmt: skip
    Draft202012Validator.check_schema(compiled.schema)
    check = Draft202012Validator(compiled.schema)
    assert check.is_valid({"doc": {"title": "Plan"}, "n": None, "rows": [{"ok": True}]})
    assert not check.is_valid({"doc": {"title": "Longer"}})
    assert not check.is_valid({"doc": {}})
    assert not check.is_valid({"doc": {"title": "Plan"}, "n": 0})
    assert not check.is_valid({"doc": {"title": "Plan"}, "rows": []})
    assert "seen" not in compiled.schema["properties"]


def test_the_variables_that_a_form_reads_and_sets_are_known() -> None:
    compiled = form(
        {"type": "text", "text": "For {{plan.title}}{{#if late}}, late{{/if}}"},
        {"type": "table", "id": "t", "dataSource": "=figures.rows", "columns": [{"key": "a"}]},
        field("select", "owner", valuesKey="people", conditional={"hide": "=done"}),
        field("textfield", "doc.title", readonly=True),
    )
    assert compiled.referenced_variables() >= {"plan", "late", "figures", "people", "done", "owner", "doc"}
    assert compiled.keys == {"owner"}
    assert compiled.default_data({"plan": 1, "secret": 2}) == {"plan": 1, "owner": None, "doc": {"title": ""}}


def test_what_the_editor_writes_around_the_form_is_taken() -> None:
    around = {
        "id": "f", "schemaVersion": 19, "exporter": {"name": "form-js", "version": "1"},
        "executionPlatform": "Camunda Cloud", "executionPlatformVersion": "8.6",
    }  # fmt: skip
    compile_form("ok.form", json.dumps({"type": "default", "components": [], **around}).encode())
