"""The canonical form is that of RFC 8785, whichever way it is written."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from engine.canonical import EXACT_INTEGER, canonical

KEYS = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | KEYS
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)


def by_the_library(value):
    try:
        return rfc8785.dumps(value)
    except rfc8785.CanonicalizationError:
        return "refused"


def by_us(value):
    try:
        return canonical(value)
    except rfc8785.CanonicalizationError:
        return "refused"


@given(VALUES)
def test_every_value_is_written_or_refused_as_the_reference_library_does(value):
    assert by_us(value) == by_the_library(value)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ({"b": 1, "a": [True, None]}, b'{"a":[true,null],"b":1}'),
        ('\x00\x1f\x7f\b\t\n\f\r"\\/<\u2028', b'"\\u0000\\u001f\x7f\\b\\t\\n\\f\\r\\"\\\\/<\xe2\x80\xa8"'),
        ({"ꀀ": 1, "\U00010000": 2}, '{"ꀀ":1,"\U00010000":2}'.encode()),
        ({"\ufb33": 1, "\U0001f600": 2}, '{"\U0001f600":2,"\ufb33":1}'.encode()),  # UTF-16 order, §3.2.3
        ([1e21, 1e-7, 0.5, 100.0, -0.0], b"[1e+21,1e-7,0.5,100,0]"),
        ([EXACT_INTEGER, -EXACT_INTEGER], b"[9007199254740991,-9007199254740991]"),
        ((1, (2, "三")), '[1,[2,"三"]]'.encode()),
    ],
)
def test_the_form_is_that_of_the_standard(value, form):
    assert canonical(value) == form


@pytest.mark.parametrize("value", [EXACT_INTEGER + 1, float("nan"), float("inf"), {1: 2}, {"a": object()}])
def test_what_is_no_exact_json_is_refused(value):
    with pytest.raises(rfc8785.CanonicalizationError):
        canonical(value)


@pytest.mark.parametrize("value", ["\ud800", ["\udfff"], {"\ud800": 1}])
def test_half_a_surrogate_pair_is_refused(value):
    with pytest.raises(ValueError, match="surrogate"):
        canonical(value)
