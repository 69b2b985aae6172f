"""What of BPMN 2.0 the engine executes: the one table that reader and documentation both use.

Whatever is not in the table is refused at deployment, by element. Nothing is ever ignored in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PLANFLOW = "urn:planflow:bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"

ALWAYS_THERE = frozenset({"starter", "instance_id", "business_key", "now", "today"})
"""Names that every expression finds filled in. A variable of that name could pretend to be somebody else."""


@dataclass(frozen=True)
class Rule:
    """How an XML element is treated.

    ``attributes`` maps each accepted attribute to its accepted values (empty tuple: any). ``children`` are the
    accepted BPMN children; ``options`` the accepted ``planflow:`` attributes.
    """

    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()


FLOW_NODES = frozenset(
    {
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "receiveTask",
        "subProcess", "callActivity",
        "exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway",
    }
)  # fmt: skip
ACTIVITIES = frozenset(
    {
        "task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "receiveTask",
        "subProcess", "callActivity",
    }
)  # fmt: skip
ARTIFACTS = frozenset({"textAnnotation", "association", "group"})
"""Drawn for readers, without meaning for execution (BPMN 2.0.2 §8.4.1)."""

DOCUMENTATION_ONLY = ARTIFACTS | {
    "documentation", "text", "category", "categoryValue", "itemDefinition", "BPMNDiagram", "incoming", "outgoing",
}  # fmt: skip

_BASE = frozenset({"documentation", "extensionElements"})
_ID = {"id": (), "name": ()}
_NODE_CHILDREN = _BASE | {"incoming", "outgoing"}
_EVENT_ID = {"id": ()}
_LOOP_OPTIONS = frozenset({"collection", "elementVariable", "outputCollection", "outputElement"})
_ASSIGNMENT = frozenset(
    {
        "form", "assignee", "candidateUsers", "candidateGroups", "dueDate", "priority",
        "outcomeVariable", "commentVariable", "performerVariable",
    }
)  # fmt: skip


def _activity(
    extra: dict[str, tuple[str, ...]] | None = None, *children: str, options: frozenset[str] = frozenset()
) -> Rule:
    attributes = {
        **_ID,
        "default": (),
        "isForCompensation": ("false",),
        "startQuantity": ("1",),
        "completionQuantity": ("1",),
        "implementation": ("##unspecified", "##WebService"),
        **(extra or {}),
    }
    return Rule(attributes, _NODE_CHILDREN | {"multiInstanceLoopCharacteristics", *children}, options)


def _event(
    extra: dict[str, tuple[str, ...]], *definitions: str, options: frozenset[str] = frozenset()
) -> Rule:
    return Rule({**_ID, **extra}, _NODE_CHILDREN | set(definitions), options)


_FLAG: tuple[str, ...] = ("true", "false")
STARLARK = ("starlark", "text/x-starlark")
_SCOPE_CHILDREN = FLOW_NODES | ARTIFACTS | {"sequenceFlow", "laneSet"}

RULES: dict[str, Rule] = {
    "definitions": Rule(
        {
            "id": (), "name": (), "targetNamespace": (), "exporter": (), "exporterVersion": (),
            "expressionLanguage": (), "typeLanguage": (),
        },
        _BASE | {"process", "collaboration", "message", "error", "escalation", "itemDefinition", "category",
                 "BPMNDiagram"},
    ),
    "process": Rule(
        {**_ID, "isExecutable": _FLAG, "processType": (), "isClosed": ("false",)},
        _BASE | _SCOPE_CHILDREN,
        frozenset({"title", "startForm", "startValues", "starterGroups"}),
    ),
    "collaboration": Rule({**_ID, "isClosed": ("false",)}, _BASE | {"participant"} | ARTIFACTS),
    "participant": Rule({**_ID, "processRef": ()}, _BASE),
    "laneSet": Rule(_ID, _BASE | {"lane"}),
    "lane": Rule(_ID, _BASE | {"flowNodeRef", "childLaneSet"}, frozenset({"group"})),
    "childLaneSet": Rule(_ID, _BASE | {"lane"}),
    "flowNodeRef": Rule(),
    "sequenceFlow": Rule(
        {**_ID, "sourceRef": (), "targetRef": (), "isImmediate": _FLAG}, _BASE | {"conditionExpression"}
    ),
    "conditionExpression": Rule({"id": (), "language": STARLARK}),
    "message": Rule({**_ID, "itemRef": ()}, _BASE),
    "error": Rule({**_ID, "errorCode": (), "structureRef": ()}, _BASE),
    "escalation": Rule({**_ID, "escalationCode": (), "structureRef": ()}, _BASE),
    "extensionElements": Rule(),
    "documentation": Rule({"id": (), "textFormat": ()}),
    "textAnnotation": Rule({"id": (), "textFormat": ()}, _BASE | {"text"}),
    "text": Rule(),
    "association": Rule(
        {"id": (), "sourceRef": (), "targetRef": (), "associationDirection": ()}, _BASE
    ),
    "group": Rule({"id": (), "categoryValueRef": ()}, _BASE),
    "category": Rule(_ID, _BASE | {"categoryValue"}),
    "categoryValue": Rule({"id": (), "value": ()}, _BASE),
    "itemDefinition": Rule({"id": (), "structureRef": (), "isCollection": (), "itemKind": ()}, _BASE),
    "incoming": Rule(),
    "outgoing": Rule(),
    "task": _activity(),
    "userTask": _activity(options=_ASSIGNMENT),
    "manualTask": _activity(),
    "scriptTask": _activity({"scriptFormat": STARLARK}, "script"),
    "script": Rule(),
    "serviceTask": _activity(options=frozenset({"operation"})),
    "businessRuleTask": _activity(options=frozenset({"decision", "resultVariable"})),
    "receiveTask": _activity(
        {"messageRef": (), "instantiate": ("false",)}, options=frozenset({"correlation"})
    ),
    "subProcess": _activity({"triggeredByEvent": _FLAG}, *_SCOPE_CHILDREN),
    "callActivity": _activity({"calledElement": ()}),
    "multiInstanceLoopCharacteristics": Rule(
        {"id": (), "isSequential": _FLAG, "behavior": ("All",)},
        _BASE | {"loopCardinality", "completionCondition"},
        _LOOP_OPTIONS,
    ),
    "loopCardinality": Rule({"id": (), "language": STARLARK}),
    "completionCondition": Rule({"id": (), "language": STARLARK}),
    "exclusiveGateway": Rule({**_ID, "gatewayDirection": (), "default": ()}, _NODE_CHILDREN),
    "inclusiveGateway": Rule({**_ID, "gatewayDirection": (), "default": ()}, _NODE_CHILDREN),
    "parallelGateway": Rule({**_ID, "gatewayDirection": ()}, _NODE_CHILDREN),
    "eventBasedGateway": Rule(
        {**_ID, "gatewayDirection": (), "instantiate": ("false",), "eventGatewayType": ("Exclusive",)},
        _NODE_CHILDREN,
    ),
    "startEvent": _event(
        {"isInterrupting": _FLAG, "parallelMultiple": ("false",)},
        "messageEventDefinition", "timerEventDefinition", "errorEventDefinition", "escalationEventDefinition",
        options=frozenset({"correlation"}),
    ),
    "endEvent": _event(
        {}, "errorEventDefinition", "escalationEventDefinition", "terminateEventDefinition"
    ),
    "intermediateCatchEvent": _event(
        {"parallelMultiple": ("false",)}, "messageEventDefinition", "timerEventDefinition",
        options=frozenset({"correlation"}),
    ),
    "intermediateThrowEvent": _event({}, "escalationEventDefinition"),
    "boundaryEvent": _event(
        {"attachedToRef": (), "cancelActivity": _FLAG, "parallelMultiple": ("false",)},
        "messageEventDefinition", "timerEventDefinition", "errorEventDefinition", "escalationEventDefinition",
        options=frozenset({"correlation"}),
    ),
    "messageEventDefinition": Rule({**_EVENT_ID, "messageRef": ()}, _BASE),
    "timerEventDefinition": Rule(_EVENT_ID, _BASE | {"timeDate", "timeDuration", "timeCycle"}),
    "timeDate": Rule({"id": (), "language": STARLARK}),
    "timeDuration": Rule({"id": (), "language": STARLARK}),
    "timeCycle": Rule({"id": (), "language": STARLARK}),
    "errorEventDefinition": Rule({**_EVENT_ID, "errorRef": ()}, _BASE),
    "escalationEventDefinition": Rule({**_EVENT_ID, "escalationRef": ()}, _BASE),
    "terminateEventDefinition": Rule(_EVENT_ID, _BASE),
}  # fmt: skip
