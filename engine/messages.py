"""Marks English text that people will read, so that the catalogues can find it."""

from __future__ import annotations


def translatable(text: str) -> str:
    """Return ``text`` unchanged. The gettext extractor collects the literal; the web layer translates it."""
    return text
