"""The design system keeps its promises: one place for colours, and enough contrast in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

STYLES = Path(__file__).parents[3] / "web" / "static" / "css"
GROUNDS = ("paper", "surface", "sunken", "hover")
INKS = (
    "ink",
    "ink-soft",
    "ink-faint",
    "accent",
    "accent-strong",
    "positive",
    "negative",
    "warning",
    "neutral",
)
PAIRS = [
    *((ink, ground, 4.5) for ink in INKS for ground in GROUNDS),
    *((f"{state}", f"{state}-soft", 4.5) for state in ("positive", "negative", "warning", "neutral")),
    ("ink", "accent-soft", 4.5),
    ("accent-strong", "accent-soft", 4.5),
    ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5),
    ("surface", "positive", 4.5),
    *(("edge", ground, 3.0) for ground in ("paper", "surface")),
]


def _tokens(theme: int) -> dict[str, str]:
    text = (STYLES / "tokens.css").read_text()
    found = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)", text)
    return {name: colours[theme] for name, *colours in found}


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), PAIRS)
def test_a_token_can_be_read_on_its_ground(ink: str, ground: str, least: float, theme: int) -> None:
    tokens = _tokens(theme)
    light, dark = sorted((_luminance(tokens[ink]), _luminance(tokens[ground])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= least


@pytest.mark.parametrize("sheet", ["base", "layout", "components"])
def test_colours_are_named_in_the_tokens_alone(sheet: str) -> None:
    text = re.sub(r"/\*.*?\*/", "", (STYLES / f"{sheet}.css").read_text(), flags=re.DOTALL)
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;, )])|rgba?\(|hsla?\(", text) == []


def test_sizes_of_type_are_the_five_of_the_scale() -> None:
    used = set()
    for sheet in STYLES.glob("*.css"):
        if sheet.stem in ("base", "layout", "components"):
            used |= set(re.findall(r"font-size: (var\(--text-[a-z]+\))", sheet.read_text()))
    assert used <= {f"var(--text-{size})" for size in ("s", "m", "l", "xl", "xxl")}
