"""The one table of what is executed of DMN: every element of the schema, its attributes, and why if not.

Elements of DMN 1.3; those that 1.4 and 1.5 added are refused. See ``docs/reference/decisions.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

NAMESPACES = {
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd": "1.1",
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
"""The versions of DMN that are read."""

DRAWINGS = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/DMNDI/",
        "https://www.omg.org/spec/DMN/20191111/DMNDI/",
        "https://www.omg.org/spec/DMN/20230324/DMNDI/",
    }
)
"""Diagram interchange: how it looks."""

EDITORS = frozenset({"http://bpmn.io/schema/dmn/biodi/1.0", "http://bpmn.io/schema/dmn/biodi/2.0"})
"""What dmn-js keeps for itself: places in the diagram, widths of columns."""

FEEL = "feel"
STARLARK = "starlark"
LANGUAGES = {
    "feel": FEEL,
    "FEEL": FEEL,
    "s-feel": FEEL,
    "http://www.omg.org/spec/FEEL/20140401": FEEL,
    "http://www.omg.org/spec/DMN/20180521/FEEL/": FEEL,
    "https://www.omg.org/spec/DMN/20191111/FEEL/": FEEL,
    "https://www.omg.org/spec/DMN/20211108/FEEL/": FEEL,
    "https://www.omg.org/spec/DMN/20230324/FEEL/": FEEL,
    "starlark": STARLARK,
}
"""``expressionLanguage``, and what it means here."""

_ID = frozenset({"id", "label"})
_NAMED = _ID | {"name"}
_TYPED = _ID | {"typeRef"}
_WRITTEN = _TYPED | {"expressionLanguage"}

LOGIC = frozenset({"decisionTable", "literalExpression", "context", "list", "relation", "invocation"})
"""The kinds of logic that a decision may have."""

EVERYWHERE = frozenset({"description", "extensionElements"})
"""Children that any element may have, and that say nothing about what is to be done."""


@dataclass(frozen=True)
class Support:
    """An element that is read: its attributes, the children that are executed, and those that only document."""

    attributes: frozenset[str]
    executed: frozenset[str] = frozenset()
    told: frozenset[str] = frozenset()


def _of(
    attributes: frozenset[str], executed: str = "", told: str = "", more: frozenset[str] = frozenset()
) -> Support:
    return Support(attributes, frozenset(executed.split()) | more, frozenset(told.split()))


_INTERESTS = (
    "supportedObjective impactedPerformanceIndicator decisionMaker decisionOwner usingProcess usingTask"
)

EXECUTED: dict[str, Support] = {
    "definitions": _of(
        _NAMED | {"namespace", "expressionLanguage", "typeLanguage", "exporter", "exporterVersion"},
        "import decision businessKnowledgeModel inputData",
        "knowledgeSource textAnnotation association group elementCollection organizationUnit performanceIndicator",
    ),
    "import": _of(_NAMED | {"namespace", "locationURI", "importType"}),
    "inputData": _of(_NAMED, told="variable"),
    "decision": _of(
        _NAMED,
        "variable informationRequirement knowledgeRequirement",
        f"question allowedAnswers authorityRequirement {_INTERESTS}",
        LOGIC,
    ),
    "variable": _of(_NAMED | {"typeRef"}),
    "informationRequirement": _of(_NAMED, "requiredDecision requiredInput"),
    "knowledgeRequirement": _of(_NAMED, "requiredKnowledge"),
    "requiredDecision": _of(frozenset({"href"})),
    "requiredInput": _of(frozenset({"href"})),
    "requiredKnowledge": _of(frozenset({"href"})),
    "businessKnowledgeModel": _of(
        _NAMED, "variable encapsulatedLogic knowledgeRequirement", "authorityRequirement"
    ),
    "encapsulatedLogic": _of(_TYPED | {"kind"}, "formalParameter", more=LOGIC),
    "formalParameter": _of(_NAMED | {"typeRef"}),
    "decisionTable": _of(
        _TYPED | {"hitPolicy", "aggregation", "preferredOrientation", "outputLabel"},
        "input output rule",
        "annotation",
    ),
    "input": _of(_ID, "inputExpression inputValues"),
    "inputExpression": _of(_WRITTEN, "text"),
    "inputValues": _of(_WRITTEN, "text"),
    "output": _of(_NAMED | {"typeRef"}, "outputValues defaultOutputEntry"),
    "outputValues": _of(_WRITTEN, "text"),
    "defaultOutputEntry": _of(_WRITTEN, "text"),
    "rule": _of(_ID, "inputEntry outputEntry annotationEntry"),
    "inputEntry": _of(_WRITTEN, "text"),
    "outputEntry": _of(_WRITTEN, "text"),
    "annotationEntry": _of(frozenset(), "text"),
    "text": _of(frozenset()),
    "literalExpression": _of(_WRITTEN, "text"),
    "context": _of(_TYPED, "contextEntry"),
    "contextEntry": _of(_ID, "variable", more=LOGIC),
    "list": _of(_TYPED, more=LOGIC),
    "relation": _of(_TYPED, "column row"),
    "column": _of(_NAMED | {"typeRef"}),
    "row": _of(_ID, more=LOGIC),
    "invocation": _of(_TYPED, "literalExpression binding"),
    "binding": _of(frozenset(), "parameter", more=LOGIC),
    "parameter": _of(_NAMED | {"typeRef"}),
}
"""Elements that say what is to be done. ``name`` on ``informationRequirement`` is what older dmn-js wrote."""

TOLD: dict[str, Support] = {
    "description": _of(frozenset()),
    "question": _of(frozenset()),
    "allowedAnswers": _of(frozenset()),
    "variable": _of(_NAMED | {"typeRef"}),
    "annotation": _of(frozenset({"name"})),
    "knowledgeSource": _of(_NAMED | {"locationURI"}, told="authorityRequirement type owner"),
    "authorityRequirement": _of(_NAMED, told="requiredDecision requiredInput requiredAuthority"),
    "textAnnotation": _of(_ID | {"textFormat"}, told="text"),
    "association": _of(_ID | {"associationDirection"}, told="sourceRef targetRef"),
    "group": _of(_NAMED),
    "elementCollection": _of(_NAMED, told="drgElement"),
    "organizationUnit": _of(_NAMED | {"URI"}, told="decisionMade decisionOwned"),
    "performanceIndicator": _of(_NAMED | {"URI"}, told="impactingDecision"),
    "type": _of(frozenset()),
    "text": _of(frozenset()),
    **{
        name: _of(frozenset({"href"}))
        for name in (
            "requiredDecision requiredInput requiredAuthority owner sourceRef targetRef drgElement decisionMade "
            f"decisionOwned impactingDecision {_INTERESTS}"
        ).split()
    },
}
"""Elements that only document, with what may be in them."""

REFUSED: dict[str, str] = {
    "itemDefinition": "your own types are not executed; give each column one of the basic types",
    "decisionService": "decision services are not executed; ask for the decision itself",
    "functionDefinition": "functions are executed in business knowledge models only",
    "importedValues": "values from other files are not executed",
    "conditional": "write the condition as one expression: if … then … else …",
    "filter": "filters are not executed; write a list comprehension in Starlark",
    "for": "iterations are not executed; write a list comprehension in Starlark",
    "some": "quantified expressions are not executed; write any([…]) in Starlark",
    "every": "quantified expressions are not executed; write all([…]) in Starlark",
}
"""Elements of the schema that are refused, and why; every other element is refused too."""
