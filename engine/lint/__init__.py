"""Lint: what of a model that can be read will not work, or not as its designer thinks.

What cannot be read or executed at all is found where files are read. :mod:`engine.lint.rules` is the index of both.
"""

from engine.lint.findings import lint_model
from engine.lint.lines import with_lines
from engine.lint.rule import Rule
from engine.lint.rules import RULES
from engine.lint.sources import Sources

__all__ = ["RULES", "Rule", "Sources", "lint_model", "with_lines"]
