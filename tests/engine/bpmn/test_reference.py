"""The page that tells designers what is executed is what the engine executes."""

from __future__ import annotations

from pathlib import Path

from engine.bpmn.support import RULES
from tools.bpmn_reference import write

DOCS = Path(__file__).parents[3] / "docs" / "reference"


def test_the_page_is_written_from_the_table():
    assert (DOCS / "bpmn.md").read_text(encoding="utf-8") == write()


def test_every_option_is_described_for_designers():
    described = (DOCS / "modelling.md").read_text(encoding="utf-8")
    options = {option for rule in RULES.values() for option in rule.options}
    assert {o for o in options if f"planflow:{o}" not in described} == set()
