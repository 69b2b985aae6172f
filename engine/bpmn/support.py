"""What of BPMN 2.0 the engine executes: the one table that reader and documentation both use.

Whatever is not in the table is refused at deployment, by element (``refusals.py`` has the reasons). Nothing is ever
ignored in silence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
PLANFLOW = "urn:planflow:bpmn"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
DRAWING = "http://www.omg.org/spec/BPMN/20100524/DI"

ALWAYS_THERE = frozenset({"starter", "instance_id", "business_key", "now", "today"})
"""Names that every expression finds filled in. A variable of that name could pretend to be somebody else."""


@dataclass(frozen=True)
class Rule:
    """How an XML element is treated.

    ``attributes`` maps each executed attribute to its accepted values (empty tuple: any); ``checked`` are those of
    them that only repeat what is so anyway, and are refused when they say anything else. ``documentation`` are the
    attributes that are kept for readers and mean nothing for execution. ``children`` are the accepted BPMN children;
    ``options`` the accepted ``planflow:`` attributes.
    """

    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    children: frozenset[str] = frozenset()
    options: frozenset[str] = frozenset()
    documentation: frozenset[str] = frozenset()
    checked: frozenset[str] = frozenset({"id"})


TASKS = frozenset(
    {
        "task", "userTask", "manualTask", "scriptTask", "serviceTask", "businessRuleTask", "receiveTask", "sendTask",
    }
)  # fmt: skip
SUB_PROCESSES = frozenset({"subProcess", "transaction", "adHocSubProcess"})
ACTIVITIES = TASKS | SUB_PROCESSES | {"callActivity"}
GATEWAYS = frozenset(
    {"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway", "complexGateway"}
)
EVENTS = frozenset(
    {"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"}
)
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS
GLOBAL_TASKS = {
    "globalTask": "task", "globalUserTask": "userTask", "globalManualTask": "manualTask",
    "globalScriptTask": "scriptTask", "globalBusinessRuleTask": "businessRuleTask",
}  # fmt: skip
"""Each global task with the task that does what it does (BPMN 2.0.2 §10.3.7)."""

EVENT_DEFINITIONS = {
    "messageEventDefinition": "message",
    "signalEventDefinition": "signal",
    "timerEventDefinition": "timer",
    "errorEventDefinition": "error",
    "escalationEventDefinition": "escalation",
    "conditionalEventDefinition": "conditional",
    "compensateEventDefinition": "compensation",
    "cancelEventDefinition": "cancel",
    "terminateEventDefinition": "terminate",
    "linkEventDefinition": "link",
}
"""Each event definition with the kind of event it makes."""

ARTIFACTS = frozenset({"textAnnotation", "association", "group"})
"""Drawn for readers (BPMN 2.0.2 §8.4.1). An association also leads from a compensation event to its activity."""

COLLABORATIVE = frozenset(
    {
        "participantAssociation", "messageFlowAssociation", "innerParticipantRef", "outerParticipantRef",
        "conversation", "subConversation", "callConversation", "conversationLink", "conversationAssociation",
        "globalConversation", "messageFlowRef", "participantRef", "participantMultiplicity", "interfaceRef",
        "endPoint", "endPointRef", "partnerEntity", "partnerRole",
    }
)  # fmt: skip
"""Says how partners see each other (BPMN 2.0.2 §9). What a process does follows from its message flows alone."""

DOCUMENTATION_ONLY = COLLABORATIVE | {
    "textAnnotation", "group", "text", "category", "categoryValue", "categoryValueRef",
    "documentation", "itemDefinition", "BPMNDiagram", "auditing", "monitoring", "relationship", "import",
    "rendering", "supports", "supportedInterfaceRef", "extension", "outMessageRef", "errorRef",
}  # fmt: skip

CHECKED = frozenset(
    {
        "incoming", "outgoing", "source", "target", "participant", "correlationKey", "correlationPropertyRef",
        "inputSetRefs", "outputSetRefs", "extensionElements",
    }
)  # fmt: skip
"""Elements that repeat what is said elsewhere. They are refused when the two do not agree."""

_BASE = frozenset({"documentation", "extensionElements"})
_ID: dict[str, tuple[str, ...]] = {"id": ()}
_FLAG: tuple[str, ...] = ("true", "false", "1", "0")
_YES: tuple[str, ...] = ("true", "1")
_NO: tuple[str, ...] = ("false", "0")
_ONLY_ID = frozenset({"id"})
STARLARK = ("starlark", "text/x-starlark")
XPATH = "http://www.w3.org/1999/XPath"
"""What the schema says where a file says nothing, so that editors write it without meaning it."""

_CONVERSATION_NODES = ("conversation", "subConversation", "callConversation")
_NAME = frozenset({"name"})
_FLOW_ELEMENT = _BASE | {"auditing", "monitoring", "categoryValueRef"}
_NODE_CHILDREN = _FLOW_ELEMENT | {"incoming", "outgoing"}
_LOOP_OPTIONS = frozenset({"collection", "elementVariable", "outputCollection", "outputElement"})
_ASSIGNMENT = frozenset(
    {
        "form", "assignee", "candidateUsers", "candidateGroups", "dueDate", "priority",
        "outcomeVariable", "commentVariable", "performerVariable",
    }
)  # fmt: skip
_CALLABLE = ("ioSpecification", "supportedInterfaceRef")
_ROLES = frozenset({"performer", "humanPerformer", "potentialOwner"})
_DATA_ASSOCIATIONS = frozenset({"dataInputAssociation", "dataOutputAssociation"})
_DATA_ELEMENTS = frozenset({"dataObject", "dataObjectReference", "dataStoreReference"})
_SCOPE_CHILDREN = FLOW_NODES | ARTIFACTS | _DATA_ELEMENTS | {"sequenceFlow", "laneSet"}
_TYPE_OF_DATA = frozenset({"itemSubjectRef"})
_IMPLEMENTATION = {"implementation": ("##unspecified", "##WebService")}
_CHECKED_OF_ACTIVITIES = frozenset({"implementation", "scriptFormat", "method"})


def _rule(
    attributes: Mapping[str, tuple[str, ...]] | None = None,
    *children: str,
    options: frozenset[str] = frozenset(),
    documentation: frozenset[str] = frozenset(),
    checked: frozenset[str] = frozenset(),
) -> Rule:
    own = {**_ID, **(attributes or {})}
    return Rule(own, _BASE | set(children), options, documentation, _ONLY_ID | checked)


def _activity(
    extra: Mapping[str, tuple[str, ...]] | None = None,
    *children: str,
    options: frozenset[str] = frozenset(),
    documentation: frozenset[str] = frozenset(),
) -> Rule:
    attributes = {
        **_ID,
        "default": (),
        "isForCompensation": _FLAG,
        "startQuantity": (),
        "completionQuantity": (),
        **(extra or {}),
    }
    checked = {name for name, values in attributes.items() if name in _CHECKED_OF_ACTIVITIES or values == _NO}
    own = {
        "multiInstanceLoopCharacteristics", "standardLoopCharacteristics", "ioSpecification", "property",
        *_DATA_ASSOCIATIONS, *children,
    }  # fmt: skip
    return Rule(attributes, _NODE_CHILDREN | own, options, _NAME | documentation, _ONLY_ID | checked)


def _people(extra: Mapping[str, tuple[str, ...]], *children: str) -> Rule:
    """What people do themselves: a user or manual task."""
    return _activity(extra, *children, *_ROLES, options=_ASSIGNMENT)


def _event(
    extra: Mapping[str, tuple[str, ...]],
    *kinds: str,
    catches: bool = False,
    throws: bool = False,
    options: frozenset[str] = frozenset(),
) -> Rule:
    definitions = {tag for tag, kind in EVENT_DEFINITIONS.items() if kind in kinds}
    own = {"eventDefinitionRef", "property", *definitions}
    own |= {"dataOutput", "dataOutputAssociation", "outputSet"} if catches else set()
    own |= {"dataInput", "dataInputAssociation", "inputSet"} if throws else set()
    return Rule({**_ID, **extra}, _NODE_CHILDREN | own, options | {"correlation"}, _NAME)


def _gateway(extra: Mapping[str, tuple[str, ...]] | None = None, *children: str) -> Rule:
    directions = ("Unspecified", "Converging", "Diverging", "Mixed")
    return Rule(
        {**_ID, "gatewayDirection": directions, **(extra or {})},
        _NODE_CHILDREN | set(children),
        documentation=_NAME,
        checked=frozenset({"id", "gatewayDirection"}),
    )


def _expression(*documentation: str) -> Rule:
    typed = frozenset({"evaluatesToTypeRef", *documentation})
    return Rule(
        {**_ID, "language": STARLARK}, _BASE, documentation=typed, checked=frozenset({"id", "language"})
    )


def _reference() -> Rule:
    """An element that holds nothing but the id of another."""
    return Rule(checked=frozenset())


RULES: dict[str, Rule] = {
    "definitions": Rule(
        {"id": (), "targetNamespace": (), "expressionLanguage": (*STARLARK, XPATH)},
        _BASE
        | {"process", "collaboration", "message", "signal", "error", "escalation", "dataStore", "resource",
           "interface", "correlationProperty", "itemDefinition", "category", "relationship", "import", "extension",
           "endPoint", "partnerEntity", "partnerRole", "globalConversation", "BPMNDiagram"}
        | set(GLOBAL_TASKS) | set(EVENT_DEFINITIONS),
        documentation=frozenset({"name", "exporter", "exporterVersion", "typeLanguage"}),
        checked=frozenset({"id", "targetNamespace", "expressionLanguage"}),
    ),
    "extension": Rule({"mustUnderstand": _NO}, frozenset({"documentation"}), documentation=frozenset({"definition"}),
                      checked=frozenset({"mustUnderstand"})),
    "import": Rule(documentation=frozenset({"namespace", "location", "importType"}), checked=frozenset()),
    "relationship": _rule(None, "source", "target", documentation=frozenset({"type", "direction"})),
    "source": _reference(),
    "target": _reference(),
    "process": Rule(
        {**_ID, "isExecutable": _FLAG},
        (_FLOW_ELEMENT | _SCOPE_CHILDREN
         | {"property", "correlationSubscription", "ioSpecification", "supports", "supportedInterfaceRef"})
        - {"categoryValueRef"},
        frozenset({"title", "startForm", "startValues", "starterGroups"}),
        frozenset({"name", "processType", "isClosed", "definitionalCollaborationRef"}),
    ),
    "supports": _reference(),
    "supportedInterfaceRef": _reference(),
    # Collaboration
    "collaboration": _rule(
        None, "participant", "messageFlow", "correlationKey", "participantAssociation", "messageFlowAssociation",
        *_CONVERSATION_NODES, "conversationLink", "conversationAssociation",
        *ARTIFACTS, documentation=frozenset({"name", "isClosed"}),
    ),
    "participant": _rule(
        {"processRef": ()}, "interfaceRef", "endPointRef", "participantMultiplicity", documentation=_NAME,
        checked=frozenset({"processRef"}),
    ),
    "participantMultiplicity": _rule(documentation=frozenset({"minimum", "maximum"})),
    "interfaceRef": _reference(),
    "endPointRef": _reference(),
    "endPoint": _rule(),
    "partnerEntity": _rule(None, "participantRef", documentation=_NAME),
    "partnerRole": _rule(None, "participantRef", documentation=_NAME),
    "participantRef": _reference(),
    "participantAssociation": _rule(None, "innerParticipantRef", "outerParticipantRef"),
    "innerParticipantRef": _reference(),
    "outerParticipantRef": _reference(),
    "messageFlow": _rule({"sourceRef": (), "targetRef": (), "messageRef": ()}, documentation=_NAME),
    "messageFlowAssociation": _rule(documentation=frozenset({"innerMessageFlowRef", "outerMessageFlowRef"})),
    "conversation": _rule(None, "participantRef", "messageFlowRef", documentation=_NAME),
    "subConversation": _rule(None, "participantRef", "messageFlowRef", *_CONVERSATION_NODES, documentation=_NAME),
    "callConversation": _rule(None, "participantRef", "messageFlowRef", "participantAssociation",
                              documentation=_NAME | {"calledCollaborationRef"}),
    "messageFlowRef": _reference(),
    "conversationLink": _rule(documentation=frozenset({"name", "sourceRef", "targetRef"})),
    "conversationAssociation": _rule(
        documentation=frozenset({"innerConversationNodeRef", "outerConversationNodeRef"})
    ),
    "globalConversation": _rule(documentation=frozenset({"name", "isClosed"})),
    "correlationKey": _rule(None, "correlationPropertyRef", documentation=_NAME),
    "correlationPropertyRef": _reference(),
    "correlationProperty": _rule({"name": ()}, "correlationPropertyRetrievalExpression",
                                 documentation=frozenset({"type"})),
    "correlationPropertyRetrievalExpression": _rule({"messageRef": ()}, "messagePath"),
    "messagePath": _expression(),
    "correlationSubscription": _rule({"correlationKeyRef": ()}, "correlationPropertyBinding",
                                     checked=frozenset({"correlationKeyRef"})),
    "correlationPropertyBinding": _rule({"correlationPropertyRef": ()}, "dataPath"),
    "dataPath": _expression(),
    "laneSet": _rule(None, "lane", documentation=_NAME),
    "lane": _rule({"name": ()}, "flowNodeRef", "childLaneSet", options=frozenset({"group"}),
                  documentation=frozenset({"partitionElementRef"})),
    "childLaneSet": _rule(None, "lane", documentation=_NAME),
    "flowNodeRef": _reference(),
    "sequenceFlow": Rule(
        {**_ID, "sourceRef": (), "targetRef": (), "isImmediate": _YES}, _FLOW_ELEMENT | {"conditionExpression"},
        documentation=_NAME, checked=frozenset({"id", "isImmediate"}),
    ),
    "conditionExpression": _expression(),
    "message": _rule({"name": ()}, documentation=frozenset({"itemRef"})),
    "signal": _rule({"name": ()}, documentation=frozenset({"structureRef"})),
    "error": _rule({"name": (), "errorCode": ()}, documentation=frozenset({"structureRef"})),
    "escalation": _rule({"escalationCode": ()}, documentation=frozenset({"name", "structureRef"})),
    "extensionElements": _reference(),
    "documentation": Rule(_ID, documentation=frozenset({"textFormat"})),
    "textAnnotation": _rule(None, "text", documentation=frozenset({"textFormat"})),
    "text": _reference(),
    "categoryValueRef": _reference(),
    "association": _rule({"sourceRef": (), "targetRef": ()}, documentation=frozenset({"associationDirection"})),
    "group": _rule(documentation=frozenset({"categoryValueRef"})),
    "category": _rule(None, "categoryValue", documentation=_NAME),
    "categoryValue": _rule(documentation=frozenset({"value"})),
    "itemDefinition": _rule(documentation=frozenset({"structureRef", "isCollection", "itemKind"})),
    "incoming": _reference(),
    "outgoing": _reference(),
    "auditing": _rule(),
    "monitoring": _rule(),
    "rendering": _rule(),
    # Data
    "dataObject": Rule({**_ID, "name": (), "isCollection": _FLAG}, _FLOW_ELEMENT | {"dataState"},
                       documentation=_TYPE_OF_DATA),
    "dataObjectReference": Rule({**_ID, "dataObjectRef": (), "name": ()}, _FLOW_ELEMENT | {"dataState"},
                                documentation=_TYPE_OF_DATA),
    "dataStore": _rule({"name": (), "capacity": (), "isUnlimited": _FLAG}, documentation=_TYPE_OF_DATA),
    "dataStoreReference": Rule({**_ID, "dataStoreRef": (), "name": ()}, _FLOW_ELEMENT, documentation=_TYPE_OF_DATA),
    "dataState": _rule({"name": ()}),
    "property": _rule({"name": ()}, "dataState", documentation=_TYPE_OF_DATA),
    "ioSpecification": _rule(None, "dataInput", "dataOutput", "inputSet", "outputSet"),
    "dataInput": _rule({"name": (), "isCollection": _FLAG}, "dataState", documentation=_TYPE_OF_DATA),
    "dataOutput": _rule({"name": (), "isCollection": _FLAG}, "dataState", documentation=_TYPE_OF_DATA),
    "inputSet": _rule(None, "dataInputRefs", "optionalInputRefs", "outputSetRefs", documentation=_NAME),
    "outputSet": _rule(None, "dataOutputRefs", "optionalOutputRefs", "inputSetRefs", documentation=_NAME),
    **{
        reference: _reference()
        for reference in (
            "dataInputRefs", "optionalInputRefs", "outputSetRefs", "dataOutputRefs", "optionalOutputRefs",
            "inputSetRefs",
            "sourceRef", "targetRef", "loopDataInputRef", "loopDataOutputRef", "eventDefinitionRef",
            "resourceRef", "operationRef", "inMessageRef", "outMessageRef", "errorRef",
        )
    },
    "dataInputAssociation": _rule(None, "sourceRef", "targetRef", "transformation", "assignment"),
    "dataOutputAssociation": _rule(None, "sourceRef", "targetRef", "transformation", "assignment"),
    "transformation": _expression(),
    "assignment": _rule(None, "from", "to"),
    "from": _expression(),
    "to": _expression(),
    # People
    **{role: _rule(None, "resourceRef", "resourceAssignmentExpression", documentation=_NAME) for role in _ROLES},
    "resourceAssignmentExpression": _rule(None, "expression", "formalExpression"),
    "expression": _expression(),
    "formalExpression": _expression(),
    "resource": _rule({"name": ()}),
    "interface": _rule(None, "operation", documentation=frozenset({"name", "implementationRef"})),
    "operation": _rule({"name": (), "implementationRef": ()}, "inMessageRef", "outMessageRef", "errorRef"),
    # Activities
    "task": _activity(),
    "userTask": _people(_IMPLEMENTATION, "rendering"),
    "manualTask": _people({}),
    "scriptTask": _activity({"scriptFormat": STARLARK}, "script"),
    "script": _reference(),
    "serviceTask": _activity({**_IMPLEMENTATION, "operationRef": ()}, options=frozenset({"operation", "retries"})),
    "businessRuleTask": _activity(_IMPLEMENTATION, options=frozenset({"decision", "resultVariable"})),
    "receiveTask": _activity(
        {**_IMPLEMENTATION, "messageRef": (), "operationRef": (), "instantiate": _FLAG},
        options=frozenset({"correlation", "uniqueBusinessKey"}),
    ),
    "sendTask": _activity(
        {**_IMPLEMENTATION, "messageRef": (), "operationRef": ()},
        options=frozenset({"correlation", "operation", "retries"}),
    ),
    "subProcess": _activity({"triggeredByEvent": _FLAG}, *_SCOPE_CHILDREN),
    "transaction": _activity({"triggeredByEvent": _NO, "method": ("##Compensate",)}, *_SCOPE_CHILDREN),
    "adHocSubProcess": _activity(
        {"triggeredByEvent": _NO, "ordering": ("Parallel", "Sequential"), "cancelRemainingInstances": _FLAG},
        "completionCondition", *_SCOPE_CHILDREN, options=frozenset({"activities"}),
    ),
    "callActivity": _activity({"calledElement": ()}),
    "globalTask": _rule(None, *_CALLABLE, documentation=_NAME),
    "globalUserTask": _rule(_IMPLEMENTATION, *_CALLABLE, "rendering", *_ROLES, options=_ASSIGNMENT,
                            documentation=_NAME, checked=frozenset({"implementation"})),
    "globalManualTask": _rule(None, *_CALLABLE, *_ROLES, options=_ASSIGNMENT, documentation=_NAME),
    "globalScriptTask": _rule({"scriptLanguage": STARLARK}, "script", *_CALLABLE, documentation=_NAME,
                              checked=frozenset({"scriptLanguage"})),
    "globalBusinessRuleTask": _rule(_IMPLEMENTATION, *_CALLABLE, options=frozenset({"decision", "resultVariable"}),
                                    documentation=_NAME, checked=frozenset({"implementation"})),
    "multiInstanceLoopCharacteristics": _rule(
        {"isSequential": _FLAG, "behavior": ("None", "One", "All", "Complex"), "oneBehaviorEventRef": (),
         "noneBehaviorEventRef": ()},
        "loopCardinality", "completionCondition", "loopDataInputRef", "loopDataOutputRef", "inputDataItem",
        "outputDataItem", "complexBehaviorDefinition", options=_LOOP_OPTIONS,
    ),
    "inputDataItem": _rule({"name": ()}, documentation=_TYPE_OF_DATA | {"isCollection"}),
    "outputDataItem": _rule({"name": ()}, documentation=_TYPE_OF_DATA | {"isCollection"}),
    "complexBehaviorDefinition": _rule(None, "condition", "event"),
    "standardLoopCharacteristics": _rule({"testBefore": _FLAG, "loopMaximum": ()}, "loopCondition"),
    "loopCondition": _expression(),
    "loopCardinality": _expression(),
    "completionCondition": _expression(),
    "condition": _expression(),
    # Gateways
    "exclusiveGateway": _gateway({"default": ()}),
    "inclusiveGateway": _gateway({"default": ()}),
    "parallelGateway": _gateway(),
    "complexGateway": _gateway({"default": ()}, "activationCondition"),
    "activationCondition": _expression(),
    "eventBasedGateway": _gateway({"instantiate": _FLAG, "eventGatewayType": ("Exclusive", "Parallel")}),
    # Events
    "startEvent": _event(
        {"isInterrupting": _FLAG, "parallelMultiple": _FLAG},
        "message", "signal", "timer", "error", "escalation", "conditional", "compensation",
        catches=True, options=frozenset({"uniqueBusinessKey"}),
    ),
    "endEvent": _event(
        {}, "message", "signal", "error", "escalation", "compensation", "cancel", "terminate", throws=True
    ),
    "intermediateCatchEvent": _event(
        {"parallelMultiple": _FLAG}, "message", "signal", "timer", "conditional", "link", catches=True
    ),
    "intermediateThrowEvent": _event({}, "message", "signal", "escalation", "compensation", "link", throws=True),
    "event": Rule(
        _ID,
        _NODE_CHILDREN | {"eventDefinitionRef", "messageEventDefinition", "signalEventDefinition",
                          "escalationEventDefinition", "compensateEventDefinition"},
        frozenset({"correlation"}), _NAME,
    ),
    "boundaryEvent": _event(
        {"attachedToRef": (), "cancelActivity": _FLAG, "parallelMultiple": _FLAG},
        "message", "signal", "timer", "error", "escalation", "conditional", "compensation", "cancel", catches=True,
    ),
    "messageEventDefinition": _rule({"messageRef": ()}, "operationRef"),
    "signalEventDefinition": _rule({"signalRef": ()}),
    "timerEventDefinition": _rule(None, "timeDate", "timeDuration", "timeCycle"),
    "timeDate": _expression(),
    "timeDuration": _expression(),
    "timeCycle": _expression(),
    "errorEventDefinition": _rule({"errorRef": ()}),
    "escalationEventDefinition": _rule({"escalationRef": ()}),
    "conditionalEventDefinition": _rule(None, "condition"),
    "compensateEventDefinition": _rule({"activityRef": (), "waitForCompletion": _FLAG}),
    "cancelEventDefinition": _rule(),
    "terminateEventDefinition": _rule(),
    "linkEventDefinition": _rule({"name": ()}, "source", "target"),
}  # fmt: skip

EXPRESSIONS = frozenset(
    {
        "conditionExpression", "messagePath", "dataPath", "transformation", "from", "to", "expression",
        "formalExpression", "loopCondition", "loopCardinality", "completionCondition", "condition",
        "activationCondition", "timeDate", "timeDuration", "timeCycle",
    }
)  # fmt: skip
"""Elements whose text is an expression."""

DATA_KINDS = (
    "dataObject", "dataObjectReference", "dataStoreReference", "property", "dataInput", "dataOutput",
    "inputDataItem", "outputDataItem",
)  # fmt: skip
"""What data associations lead between (BPMN 2.0.2 §10.4.1)."""

ATTRIBUTE_REFERENCES: dict[str, tuple[str, ...]] = {
    "messageRef": ("message",),
    "signalRef": ("signal",),
    "errorRef": ("error",),
    "escalationRef": ("escalation",),
    "processRef": ("process",),
    "operationRef": ("operation",),
    "dataObjectRef": ("dataObject",),
    "dataStoreRef": ("dataStore",),
    "correlationKeyRef": ("correlationKey",),
    "correlationPropertyRef": ("correlationProperty",),
    "activityRef": tuple(ACTIVITIES),
    "oneBehaviorEventRef": tuple(EVENT_DEFINITIONS),
    "noneBehaviorEventRef": tuple(EVENT_DEFINITIONS),
}
"""Attributes that hold the id of another element of the file, and what that must be."""

TEXT_REFERENCES: dict[str, tuple[str, ...]] = {
    "flowNodeRef": tuple(FLOW_NODES),
    "eventDefinitionRef": tuple(EVENT_DEFINITIONS),
    "dataInputRefs": ("dataInput",),
    "optionalInputRefs": ("dataInput",),
    "dataOutputRefs": ("dataOutput",),
    "optionalOutputRefs": ("dataOutput",),
    "sourceRef": DATA_KINDS,
    "targetRef": DATA_KINDS,
    "correlationPropertyRef": ("correlationProperty",),
    "operationRef": ("operation",),
    "inMessageRef": ("message",),
    "outMessageRef": ("message",),
    "errorRef": ("error",),
    "resourceRef": ("resource",),
}
"""Elements whose text is the id of another element of the file, and what that must be."""

HOLD_TEXT = EXPRESSIONS | {"documentation"} | {
    name for name, rule in RULES.items() if not (rule.children or rule.attributes or rule.documentation)
} - {"extensionElements"}  # fmt: skip
"""Expressions, scripts, words for readers, and elements that hold nothing but a reference."""


DOCUMENTED_VALUES: dict[str, tuple[str, ...]] = {
    "associationDirection": ("None", "One", "Both"),
    "direction": ("None", "Forward", "Backward", "Both"),
    "isClosed": _FLAG,
    "isCollection": _FLAG,
    "itemKind": ("Information", "Physical"),
    "processType": ("None", "Public", "Private"),
}
"""What attributes for readers may say where the schema counts it up. Anything else is no BPMN."""


def local_id(reference: str | None) -> str:
    """The id that a reference names: QNames may carry the prefix of their namespace (BPMN 2.0.2 §8.2.1)."""
    return (reference or "").strip().rpartition(":")[2]
