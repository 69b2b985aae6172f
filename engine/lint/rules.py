"""The index of rules: every id that a finding can have, wherever it is found, with its title and severity.

A new rule of lint is a new file in :mod:`engine.lint.checks` and a line here; each rule of either kind has a page in
``docs/reference/lint/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.lint.checks import (
    dead_end,
    endless,
    implicit_end,
    join_waits,
    literal_timer,
    no_candidates,
    no_diagram,
    no_name,
    no_way_out,
    runs_twice,
    superfluous_gateway,
    unasked_condition,
    undefined_variable,
    unreachable,
)
from engine.lint.rule import ERROR, WARNING, Rule

CHECKS: tuple[Rule, ...] = (
    unreachable.RULE,
    dead_end.RULE,
    endless.RULE,
    no_way_out.RULE,
    join_waits.RULE,
    undefined_variable.RULE,
    runs_twice.RULE,
    unasked_condition.RULE,
    implicit_end.RULE,
    superfluous_gateway.RULE,
    literal_timer.RULE,
    no_candidates.RULE,
    no_name.RULE,
    no_diagram.RULE,
)
"""The rules of lint, in the order in which they are asked."""

READ: tuple[Rule, ...] = (
    # XML: engine/xml.py
    Rule("xml.size", "A file that is too large"),
    Rule("xml.syntax", "XML that is not well-formed"),
    Rule("xml.doctype", "A document type or entities"),
    Rule("xml.depth", "Elements too deep in each other"),
    Rule("xml.elements", "Too many elements"),
    Rule("xml.attributes", "An element with too many attributes"),
    # BPMN: engine/bpmn/
    Rule("bpmn.root", "A file that is not BPMN 2.0"),
    Rule("bpmn.no-process", "A file without a process"),
    Rule("bpmn.not-executable", "A file in which no process can be executed"),
    Rule("bpmn.not-executed", "An element or attribute that is not executed"),
    Rule("bpmn.unknown-option", "A planflow: option without meaning"),
    Rule("bpmn.foreign", "Something of another tool that has no equal here", (WARNING, ERROR)),
    Rule("bpmn.id", "An id that is missing or cannot be one"),
    Rule("bpmn.duplicate-id", "An id that is used twice"),
    Rule("bpmn.reference", "A reference to what is not there"),
    Rule("bpmn.repeated", "Two of what there can be only one of"),
    Rule("bpmn.text", "Text where none belongs", (WARNING,)),
    Rule("bpmn.language", "An expression language that is not read", (WARNING,)),
    Rule("bpmn.reserved-name", "A variable with a name of the engine"),
    Rule("bpmn.empty", "An empty process"),
    Rule("bpmn.flow", "A flow that leaves its scope"),
    Rule("bpmn.no-start", "A scope that nothing can start"),
    Rule("bpmn.start", "A start event where or as it cannot be"),
    Rule("bpmn.end", "An end event with a flow out"),
    Rule("bpmn.default", "A default flow that belongs to another element"),
    Rule("bpmn.condition", "A condition that is missing or out of place"),
    Rule("bpmn.event-gateway", "An event-based gateway with the wrong things behind it"),
    Rule("bpmn.boundary", "A boundary event that is wrong where it is"),
    Rule("bpmn.event", "A catching event that waits for nothing"),
    Rule("bpmn.message", "A message without a name"),
    Rule("bpmn.signal", "A signal without a name"),
    Rule("bpmn.timer", "A timer that says no time"),
    Rule("bpmn.error", "An error without a code"),
    Rule("bpmn.link", "A link that leads nowhere or to several places"),
    Rule("bpmn.cancel", "A cancellation outside a transaction"),
    Rule("bpmn.compensation", "A compensation that is not joined up"),
    Rule("bpmn.event-sub-process", "An event sub-process that is wrong in itself"),
    Rule("bpmn.ad-hoc", "An ad-hoc sub-process that is wrong in itself"),
    Rule("bpmn.multi-instance", "A multi-instance activity that says too little or too much"),
    Rule("bpmn.loop", "A loop that does not say how long"),
    Rule("bpmn.quantity", "A number of tokens below 1"),
    Rule("bpmn.correlation", "A correlation property that says too little"),
    Rule("bpmn.data", "A data association that leads nowhere"),
    Rule("bpmn.mapping", "An input, output or fact without a name of its own"),
    Rule("bpmn.outcome", "An outcome that is wrong in itself"),
    Rule("bpmn.expression", "An expression without a leading “=”"),
    Rule("bpmn.script", "A script task without a script"),
    Rule("bpmn.operation", "A service task without an operation"),
    Rule("bpmn.decision", "A business rule task without a decision"),
    Rule("bpmn.called-element", "A call activity that calls nothing"),
    # What files say of each other: engine/bundle.py, engine/calls.py
    Rule("expression", "An expression or script that cannot be read"),
    Rule("bundle.no-process", "A deployment without BPMN"),
    Rule("bundle.duplicate", "A process or decision that is there twice"),
    Rule("bundle.form", "A form that is not there"),
    Rule("bundle.decision", "A decision that is not there"),
    Rule("bundle.operation", "An operation that does not exist"),
    Rule("bundle.called-element", "A called process that is not there or cannot be called"),
    Rule("bundle.literal", "A time or priority that cannot be read"),
    # Forms: engine/forms/
    Rule("form.json", "A form that is not JSON"),
    Rule("form.type", "A form of another type"),
    Rule("form.property", "A property that is not supported"),
    Rule("form.components", "Components that are no list of objects"),
    Rule("form.component", "A component that is not supported"),
    Rule("form.limits", "A form that is too large"),
    Rule("form.id", "An id that is used twice or cannot be one"),
    Rule("form.key", "A key that is taken or cannot be one"),
    Rule("form.expression", "An expression of a form that cannot be read"),
    Rule("form.meaning", "A component that cannot do what it says"),
    # Decisions: engine/decisions/
    Rule("dmn.version", "A file that is not DMN"),
    Rule("dmn.decision", "A file without a decision"),
    Rule("dmn.id", "An id that is missing or used twice"),
    Rule("dmn.element", "An element that is not executed"),
    Rule("dmn.attribute", "An attribute that is not executed"),
    Rule("dmn.vendor", "An extension of another tool", (WARNING,)),
    Rule("dmn.language", "An expression language that is not executed"),
    Rule("dmn.type", "A type that is not executed"),
    Rule("dmn.import", "An import that leads nowhere"),
    Rule("dmn.requirement", "A requirement that leads nowhere or in circles"),
    Rule("dmn.logic", "A decision without its logic"),
    Rule("dmn.variable", "Several variables"),
    Rule("dmn.function", "A function that is not executed"),
    Rule("dmn.invocation", "An invocation that does not fit its function"),
    Rule("dmn.context", "A context that is wrong in itself"),
    Rule("dmn.expression", "FEEL that cannot be read"),
    Rule("dmn.input_expression", "An input without an expression"),
    Rule("dmn.output", "A table without an output"),
    Rule("dmn.output_name", "Outputs without names of their own"),
    Rule("dmn.output_values", "Output values that do not fit"),
    Rule("dmn.hit_policy", "A hit policy that does not fit"),
    Rule("dmn.columns", "Rows and columns that do not fit"),
    Rule("dmn.unary_test", "A cell that is no test"),
    Rule("dmn.cell_type", "A value of another type than its column"),
    Rule("dmn.literal", "A value that cannot be read"),
    Rule("dmn.overlap", "Rules of a UNIQUE table that overlap", (WARNING,)),
    Rule("dmn.gap", "Inputs that no rule covers", (WARNING,)),
)
"""What is looked after where files are read."""

RULES: Mapping[str, Rule] = MappingProxyType({rule.id: rule for rule in (*READ, *CHECKS)})
"""Every rule by its id."""
