"""Strict JSON at the border: nothing gets further that could not be stored, hashed or compared."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Invalid
from web.json_body import MAX_DEPTH, MAX_INTEGER, NotJson, parse

STORABLE = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-MAX_INTEGER, MAX_INTEGER)
    | st.floats(allow_nan=False, allow_infinity=False)
    | STORABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
    max_leaves=20,
)


def fields_of(text: str | bytes) -> dict[str, str]:
    with pytest.raises(Invalid) as refusal:
        parse(text)
    return {problem.field: problem.message for problem in refusal.value.fields}


@given(VALUES)
def test_ordinary_json_comes_through_unchanged(value: Any) -> None:
    assert parse(json.dumps(value)) == value


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "[1,]", b"\xff\xfe{", "[" * 100_000, "nul"])
def test_what_is_not_json_is_refused(text: str | bytes) -> None:
    with pytest.raises(NotJson):
        parse(text)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, str(MAX_INTEGER + 1)]
)
def test_a_number_that_not_every_reader_keeps_is_refused_with_its_place(number: str) -> None:
    assert fields_of(f'{{"goals": [{{"target": {number}}}]}}') == {
        "goals.0.target": "This number is too large."
    }


@pytest.mark.parametrize("text", ["\\u0000", "a\\ud800b", "\\udfff"])
def test_text_that_cannot_be_stored_is_refused_with_its_place(text: str) -> None:
    assert fields_of(f'{{"comment": "{text}"}}') == {
        "comment": "This text holds a character that cannot be stored."
    }


def test_a_key_that_cannot_be_stored_is_refused() -> None:
    assert "a" in fields_of('{"a": {"\\u0000": 1}}')


def test_a_pair_of_surrogates_is_one_character_and_comes_through() -> None:
    assert parse('"\\ud83d\\ude00"') == "\N{GRINNING FACE}"


def test_nesting_ends_at_the_limit() -> None:
    parse("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    too_deep = MAX_DEPTH + 2
    assert list(fields_of("[" * too_deep + "]" * too_deep).values()) == ["This value is nested too deeply."]
