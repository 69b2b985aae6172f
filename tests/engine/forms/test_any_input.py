"""Laws: whatever comes in, only the promised errors come out."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import Invalid, NotDeployable
from engine.forms import compile_form, labels, translate
from engine.forms.properties import TYPES
from tests.engine.forms.building import field, form

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)
OPTIONS = [{"label": "A", "value": "a"}, {"label": "1", "value": 1}]

RICH = form(
    field("textfield", "text", validate={"required": True, "pattern": "^a", "maxLength": 3}),
    field("number", "number", decimalDigits=2, increment="0.5", validate={"min": 0}),
    field("number", "figure", serializeToString=True, validate={"max": 5}),
    field("select", "choice", values=OPTIONS),
    field("taglist", "many", valuesKey="people"),
    field("datetime", "day", subtype="datetime", disallowPassedDates=True),
    field("expression", "sum", expression="=sum(rows.n) + number / figure", computeOn="change"),
    field("textfield", "doc.title", conditional={"hide": '=choice = "a" or text < number'}),
    {"type": "dynamiclist", "path": "rows", "components": [
        field("number", "n"), field("checkbox", "ok", conditional={"hide": "=this.n > parent.number"})]},
    {"type": "dynamiclist", "path": "fixed", "allowAddRemove": False, "components": [
        field("textfield", "seen", readonly=True), field("textfield", "said")]},
)  # fmt: skip
KEYS = st.sampled_from(
    ["text", "number", "figure", "choice", "many", "day", "sum", "doc", "rows", "fixed", "people"]
)
ROW = st.dictionaries(st.sampled_from(["n", "ok", "seen", "said", "title"]), JSON, max_size=4)
DATA = st.dictionaries(KEYS, JSON | ROW | st.lists(ROW, max_size=3), max_size=8)


@given(data=DATA | JSON, variables=DATA, complete=st.booleans())
@settings(max_examples=400, deadline=None)
def test_any_data_is_either_cleaned_or_invalid(data: Any, variables: dict[str, Any], complete: bool) -> None:
    with contextlib.suppress(Invalid):
        cleaned = RICH.validate(data, variables, complete=complete)
        assert set(cleaned) <= RICH.keys
        assert RICH.validate({**data, **cleaned}, variables, complete=complete) == cleaned


PROPERTIES = sorted({name for table in TYPES.values() for name in table} - {"type"})
SNIPPETS = JSON | st.sampled_from(
    ["=a", "=a = 1", "=not(a)", "a.b", "data:image/png;base64,AA", {"required": True}, {"hide": "=this.a > 1"},
     [{"label": "A", "value": 1}], {"pattern": "(a"}, {"minRows": "1"}]
)  # fmt: skip
COMPONENTS = st.recursive(
    st.builds(
        lambda kind, key, rest: {**rest, "type": kind, "key": key},
        st.sampled_from(sorted(TYPES)) | SCALARS,
        st.sampled_from(["a", "b", "c.d"]) | SCALARS,
        st.dictionaries(st.sampled_from(PROPERTIES) | st.text(max_size=5), SNIPPETS, max_size=4),
    ),
    lambda inner: st.builds(
        lambda kind, path, children: {"type": kind, "path": path, "components": children},
        st.sampled_from(["group", "dynamiclist"]),
        st.sampled_from(["rows", "", "x.y"]),
        st.lists(inner | JSON, max_size=4),
    ),
    max_leaves=8,
)


@given(
    components=st.lists(COMPONENTS, max_size=5) | JSON,
    around=st.dictionaries(st.text(max_size=6), JSON, max_size=2),
)
@settings(max_examples=400, deadline=None)
def test_any_json_is_either_a_form_or_not_deployable(components: Any, around: dict[str, Any]) -> None:
    source = {**around, "type": "default", "components": components}
    with contextlib.suppress(NotDeployable):
        compiled = compile_form("any.form", json.dumps(source).encode())
        assert compiled.schema["type"] == "object"
        assert compiled.default_data({}) is not None
        assert translate(source, str) == source
        assert all(labels(source))


@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
@settings(deadline=None)
def test_any_bytes_are_either_a_form_or_not_deployable(content: bytes) -> None:
    with contextlib.suppress(NotDeployable):
        compile_form("any.form", content)
