"""Writes ``docs/reference/bpmn.md`` from the table of what is executed: ``python -m engine.bpmn.reference``."""

from __future__ import annotations

from engine.bpmn.support import ARTIFACTS, DOCUMENTATION_ONLY, FLOW_NODES, RULES, Rule

HEAD = """# BPMN: what is executed

Written from the engine's own table (`python -m engine.bpmn.reference`); a test keeps the two equal. Whatever is not
listed here, element or attribute, is refused at deployment with the element that a designer finds in the diagram.
`planflow:` attributes are described in [modelling.md](modelling.md). What is read of
other tools' attributes and extensions is in [dialects.md](dialects.md).

"""


def write() -> str:
    """The page, in Markdown."""
    return (
        HEAD + _section("Flow nodes", sorted(FLOW_NODES)) + _section("Everything else", _others()) + _drawn()
    )


def _others() -> list[str]:
    return sorted(set(RULES) - FLOW_NODES - DOCUMENTATION_ONLY)


def _section(title: str, names: list[str]) -> str:
    head = "| element | attributes | inside it | `planflow:` |\n|---|---|---|---|\n"
    return f"## {title}\n\n{head}" + "".join(_row(name, RULES[name]) for name in names) + "\n"


def _row(name: str, rule: Rule) -> str:
    attributes = ", ".join(_attribute(a, values) for a, values in sorted(rule.attributes.items()))
    children = rule.children - {"incoming", "outgoing", "documentation", "extensionElements"} - ARTIFACTS
    inside = "flow nodes, `sequenceFlow`, `laneSet`" if children >= FLOW_NODES else ""
    if not inside:
        inside = ", ".join(f"`{child}`" for child in sorted(children))
    else:
        rest = sorted(children - FLOW_NODES - {"sequenceFlow", "laneSet"})
        inside += "".join(f", `{child}`" for child in rest)
    options = ", ".join(f"`{option}`" for option in sorted(rule.options))
    return f"| `{name}` | {attributes} | {inside} | {options} |\n"


def _attribute(name: str, values: tuple[str, ...]) -> str:
    return f"`{name}`" if not values else f"`{name}` ({' or '.join(values)})"


def _drawn() -> str:
    names = ", ".join(f"`{name}`" for name in sorted(DOCUMENTATION_ONLY - {"incoming", "outgoing"}))
    return f"## Documentation only\n\nKept and drawn, without meaning for execution: {names}.\n"


if __name__ == "__main__":
    from pathlib import Path

    Path("docs/reference/bpmn.md").write_text(write(), encoding="utf-8")
