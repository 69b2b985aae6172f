"""Writes ``docs/reference/lint/README.md`` from the index of rules: ``python -m engine.lint.reference``.

The pages of the rules are written by hand; each begins with :func:`heading`.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.lint.rule import Rule
from engine.lint.rules import CHECKS, READ

HEAD = """# Lint: every rule

`planflow lint PATH…` and every deployment look at processes, decisions and forms by these rules. An **error** refuses
the deployment; a **warning** does not, and is shown. Errors are certain: where a rule cannot be sure, it warns or says
nothing. Written from the index in `engine/lint/rules.py` (`python -m engine.lint.reference`); a test keeps the two
equal.

"""

FAMILIES: dict[str, str | tuple[str, ...]] = {
    "XML": "xml.",
    "BPMN: what cannot be read or executed": "bpmn.",
    "What files say of each other": ("bundle.", "expression"),
    "Forms": "form.",
    "Decisions": "dmn.",
}


def write() -> str:
    """The index of all rules, in Markdown."""
    parts = [HEAD, _section("BPMN: what will not work, or not as it seems", CHECKS)]
    parts += [
        _section(title, (rule for rule in READ if rule.id.startswith(begin)))
        for title, begin in FAMILIES.items()
    ]
    return "\n".join(parts)


def heading(rule: Rule) -> str:
    """The first lines of the page of a rule."""
    return f"# {rule.id}\n\n**{rule.title}** ({' or '.join(rule.severities)})\n"


def _section(title: str, rules: Iterable[Rule]) -> str:
    rows = [
        f"| [{rule.id}]({rule.id}.md) | {rule.title} | {' or '.join(rule.severities)} |" for rule in rules
    ]
    return "\n".join([f"## {title}\n", "| rule | finds | severity |", "|---|---|---|", *rows, ""])


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/reference/lint/README.md").write_text(write(), encoding="utf-8")
