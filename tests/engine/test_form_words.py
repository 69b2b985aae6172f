"""What forms call their fields is known to pages that show data outside of a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine import Engine, NotFound
from tests.engine.test_start_forms import process

FORM = b"""{"type": "default", "schemaVersion": 19, "components": [
    {"type": "textfield", "id": "half_year_note", "key": "half_year_note", "label": "For the second half"},
    {"type": "select", "id": "source", "key": "source", "label": "Source",
     "values": [{"label": "Site inspection", "value": "site_inspection"}]},
    {"type": "dynamiclist", "id": "goals", "path": "goals", "label": "Goals of {{year}}", "allowAddRemove": true,
     "components": [{"type": "number", "id": "target", "key": "target", "label": "Target value"}]}]}"""


def test_fields_of_lists_and_options_have_the_names_of_the_form(
    engine: Engine, deploy: Callable[..., Any]
) -> None:
    deploy(process("={}"), start__form=FORM)
    words = engine.form_words("p")
    assert words.fields["half_year_note"] == "For the second half"
    assert words.fields["target"] == "Target value"
    assert words.choices == {"site_inspection": "Site inspection"}


def test_a_label_with_a_place_in_it_names_nothing(engine: Engine, deploy: Callable[..., Any]) -> None:
    deploy(process("={}"), start__form=FORM)
    assert "goals" not in engine.form_words("p").fields


def test_a_process_that_is_not_deployed_has_no_words(engine: Engine) -> None:
    with pytest.raises(NotFound):
        engine.form_words("p")
