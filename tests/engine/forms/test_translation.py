from __future__ import annotations

import json

from engine.forms import labels, translate
from tests.engine.forms.building import field, source

FORM = json.loads(
    source(
        {"type": "text", "text": "Hello {{name}}"},
        field("textfield", "a", label="Title", description="Short", appearance={"suffixAdorner": "pieces"}),
        field("textfield", "b", label="Title", validate={"pattern": "a", "patternErrorMessage": "Only a."}),
        field("select", "c", label="Level", values=[{"label": "High", "value": "high"}]),
        field("datetime", "d", subtype="datetime", dateLabel="Day", timeLabel="Hour"),
        {
            "type": "table",
            "id": "t",
            "label": "Table",
            "dataSource": "=rows",
            "columns": [{"key": "name", "label": "Name"}],
        },
        {"type": "group", "label": "Group", "components": [field("checkbox", "e", label="Inside")]},
    )
)


def test_every_text_that_people_read_is_listed_once() -> None:
    assert labels(FORM) == [
        "Hello {{name}}", "Title", "Short", "pieces", "Only a.", "Level", "High", "Day", "Hour", "Table", "Name",
        "Group", "Inside",
    ]  # fmt: skip


def test_a_translated_form_differs_in_its_texts_alone() -> None:
    translated = translate(FORM, lambda text: f"<{text}>")
    assert translated["components"][3]["values"] == [{"label": "<High>", "value": "high"}]
    assert translated["components"][6]["components"][0]["label"] == "<Inside>"
    assert translate(translated, lambda text: text.strip("<>")) == FORM
    assert translated["components"][1]["key"] == "a"
