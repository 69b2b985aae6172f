"""What a form says at a field is the same, whether the browser finds it or the server."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
WORDS = (ROOT / "web" / "assets" / "form" / "words.js").read_text()
OF_FIELDS = 10


def _place(text: str) -> str:
    return re.sub(r"%\(\w+\)[sd]|%\d", "%", text)


@pytest.mark.parametrize(("language", "name"), [("zh_Hant", "hant"), ("zh_Hans", "hans")])
def test_browser_and_server_say_the_same_at_a_field(language: str, name: str) -> None:
    with (ROOT / "locales" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        served = {_place(each.id): _place(each.string) for each in read_po(file) if isinstance(each.id, str)}
    dictionary = WORDS.partition(f"const {name} = {{")[2].partition("\n};")[0]
    shown = {_place(text): _place(said) for text, said in re.findall(r"'(.+)': '(.+)',", dictionary)}
    both = shown.keys() & served.keys()
    assert len(both) >= OF_FIELDS
    assert {text: shown[text] for text in both} == {text: served[text] for text in both}
