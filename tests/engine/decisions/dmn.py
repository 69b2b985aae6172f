"""DMN files for tests, as dmn-js writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from engine.decisions import Decision, DecisionResult, evaluate, read_decisions
from engine.sandbox import Sandbox

HEAD = (
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="D" namespace="urn:test">'
)


def file(*decisions: str, head: str = HEAD, more: str = "") -> bytes:
    """A DMN file of these decisions."""
    return f"{head}{''.join(decisions)}{more}</definitions>".encode()


def table(
    inputs: Sequence[tuple[str, str]],
    outputs: Sequence[tuple[str, str]],
    rules: Sequence[Sequence[str]],
    *,
    policy: str = "UNIQUE",
    attributes: str = "",
    values: Mapping[str, str] | None = None,
    defaults: Mapping[str, str] | None = None,
    id: str = "check",
    before: str = "",
) -> str:
    """A decision with a table. Columns are (expression or name, typeRef); ``values`` are allowed ones by column."""
    values, defaults = values or {}, defaults or {}
    columns = "".join(
        f'<input id="{id}_in{n}" label={quoteattr(text)}><inputExpression id="{id}_ie{n}" typeRef="{kind}">'
        f"<text>{escape(text)}</text></inputExpression>{_values('input', values.get(text))}</input>"
        for n, (text, kind) in enumerate(inputs)
    )
    columns += "".join(
        f'<output id="{id}_out{n}" name="{name}" typeRef="{kind}">{_values("output", values.get(name))}'
        f"{_default(defaults.get(name))}</output>"
        for n, (name, kind) in enumerate(outputs)
    )
    rows = "".join(_rule(id, number, row, len(inputs)) for number, row in enumerate(rules, 1))
    return (
        f'<decision id="{id}" name="Check {id}">{before}<decisionTable id="{id}_table" hitPolicy="{policy}" '
        f"{attributes}>{columns}{rows}</decisionTable></decision>"
    )


def requires(decision: str) -> str:
    """The requirement of another decision's result."""
    return f'<informationRequirement><requiredDecision href="#{decision}"/></informationRequirement>'


def one(xml: str) -> Decision:
    """The only decision of a file with this decision."""
    (decision,) = read_decisions(file(xml))
    return decision


def decide(sandbox: Sandbox, xml: str, **variables: Any) -> DecisionResult:
    """The result of the only decision over these variables."""
    return evaluate(one(xml), variables, sandbox.evaluate)


def _rule(id: str, number: int, row: Sequence[str], inputs: int) -> str:
    cells = "".join(
        f'<{tag} id="{id}_r{number}_c{place}"><text>{escape(text)}</text></{tag}>'
        for place, text in enumerate(row)
        for tag in ["inputEntry" if place < inputs else "outputEntry"]
    )
    prefix = "" if id == "check" else f"{id}_"
    return f'<rule id="{prefix}r{number}">{cells}</rule>'


def _values(side: str, text: str | None) -> str:
    return "" if text is None else f"<{side}Values><text>{escape(text)}</text></{side}Values>"


def _default(text: str | None) -> str:
    return "" if text is None else f"<defaultOutputEntry><text>{escape(text)}</text></defaultOutputEntry>"
