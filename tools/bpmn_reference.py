"""Writes ``docs/reference/bpmn.md`` from the engine's table and the schema: ``python -m tools.bpmn_reference``."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from engine.bpmn.refusals import ELEMENTS, why_attribute, why_child
from engine.bpmn.support import (
    CHECKED,
    DOCUMENTATION_ONLY,
    DOCUMENTED_VALUES,
    EVENT_DEFINITIONS,
    EXPRESSIONS,
    FLOW_NODES,
    RULES,
)
from tools.bpmn_schema import elements

Verdict = Literal["executed", "checked", "documentation", "refused"]

PAGE = Path("docs/reference/bpmn.md")

HEAD = """# BPMN: what is executed

Every element and attribute of the BPMN 2.0.2 schema. Written by `python -m tools.bpmn_reference` from the engine's own
table and the schema of the OMG; a test keeps all three in step.

| | |
|---|---|
| executed | does what BPMN says |
| checked | repeats what the model says elsewhere, or what holds anyway; a model that contradicts itself is refused |
| documentation | kept and drawn, without meaning for execution |
| refused | keeps the file from being deployed, with a reason and the element that a designer finds in the diagram |

Nothing is ignored in silence: what is not listed here is refused too. `planflow:` attributes are described in
[modelling.md](modelling.md), what is read of other tools' attributes and extensions in [dialects.md](dialects.md).

Not repeated below: every element may have an `id` (checked: unique, made of letters, digits, `_`, `-` and `.`),
`documentation` and `extensionElements`. Attributes of truth say `true` or `1`, `false` or `0`. A reference leads to an
element of its file, whose target namespace it may carry as prefix.

What is refused is refused with all that is in it; abstract elements are listed at the end. In processes that are not
executable (`isExecutable="false"`) everything is documentation.
"""

COMMON_TO_NODES = {"incoming", "outgoing", "auditing", "monitoring", "categoryValueRef"}
SILENT = {"documentation", "extensionElements"}

GROUPS: dict[str, dict[str, str]] = {
    "Definitions": {
        "8.2": "definitions import BPMNDiagram",
        "8.3": "documentation extension extensionElements relationship",
    },
    "Processes": {
        "10.2": "process supports",
        "10.8": "laneSet lane childLaneSet flowNodeRef partitionElement",
        "10.10": "auditing",
        "10.11": "monitoring",
        "10.3.6": "callableElement supportedInterfaceRef ioBinding",
    },
    "Flow": {"8.4.13": "sequenceFlow conditionExpression incoming outgoing"},
    "Activities": {
        "10.3.3": "task serviceTask operationRef sendTask receiveTask scriptTask script businessRuleTask",
        "10.3.4": "userTask manualTask rendering",
        "10.3.5": "subProcess transaction adHocSubProcess",
        "10.3.6": "callActivity",
        "10.3.7": "globalTask globalUserTask globalManualTask globalScriptTask globalBusinessRuleTask",
        "10.3.8": "standardLoopCharacteristics loopCondition multiInstanceLoopCharacteristics loopCardinality "
        "loopDataInputRef loopDataOutputRef inputDataItem outputDataItem complexBehaviorDefinition completionCondition",
    },
    "People": {
        "10.3.1": "resourceRole resourceRef resourceParameterBinding resourceAssignmentExpression",
        "10.3.4": "performer humanPerformer potentialOwner",
        "8.4.12": "resource resourceParameter",
    },
    "Events": {
        "10.5.2": "startEvent",
        "10.5.3": "endEvent",
        "10.5.4": "intermediateCatchEvent intermediateThrowEvent boundaryEvent event implicitThrowEvent",
        "10.5.5": "messageEventDefinition signalEventDefinition timerEventDefinition timeDate timeDuration timeCycle "
        "errorEventDefinition escalationEventDefinition conditionalEventDefinition condition "
        "compensateEventDefinition cancelEventDefinition terminateEventDefinition linkEventDefinition source target "
        "eventDefinitionRef signal",
        "8.4.3": "error",
        "8.4.4": "escalation",
    },
    "Gateways": {
        "10.6.2": "exclusiveGateway",
        "10.6.3": "inclusiveGateway",
        "10.6.4": "parallelGateway",
        "10.6.5": "complexGateway activationCondition",
        "10.6.6": "eventBasedGateway",
    },
    "Data": {
        "10.4.1": "dataObject dataObjectReference dataStore dataStoreReference dataState property ioSpecification "
        "dataInput dataOutput inputSet dataInputRefs optionalInputRefs whileExecutingInputRefs outputSetRefs "
        "outputSet dataOutputRefs optionalOutputRefs whileExecutingOutputRefs inputSetRefs dataAssociation "
        "dataInputAssociation dataOutputAssociation sourceRef targetRef transformation assignment from to",
        "8.4.10": "itemDefinition",
    },
    "Expressions": {"8.4.6": "expression formalExpression"},
    "Messages and correlation": {
        "8.4.11": "message",
        "8.4.2": "correlationKey correlationPropertyRef correlationProperty correlationPropertyRetrievalExpression "
        "messagePath correlationSubscription correlationPropertyBinding dataPath",
    },
    "Services": {"8.5": "interface operation inMessageRef outMessageRef errorRef endPoint"},
    "Artifacts": {
        "8.4.1": "association group category categoryValue categoryValueRef textAnnotation text",
    },
    "Collaboration": {
        "9.2": "collaboration",
        "9.3": "participant participantMultiplicity participantAssociation participantRef innerParticipantRef "
        "outerParticipantRef interfaceRef endPointRef partnerEntity partnerRole",
        "9.4": "messageFlow messageFlowAssociation",
    },
    "Conversations": {
        "9.5": "conversation subConversation callConversation conversationLink conversationAssociation messageFlowRef "
        "globalConversation",
    },
    "Choreography": {
        "11.2": "choreography choreographyRef",
        "11.5": "choreographyTask subChoreography callChoreography globalChoreographyTask",
    },
}
"""As the standard orders it: heading, section of BPMN 2.0.2, names."""

NOTES: dict[str, str] = {
    "association": "Leads from a compensation event to the activity that compensates; elsewhere it is only drawn.",
    "boundaryEvent": "Stands at an activity of its scope, but not at an event sub-process.",
    "condition": "Asked again whenever a variable changes; the event happens when it becomes true. One that starts a "
    "process is asked every minute and when a data store is written.",
    "correlationKey": "Messages are matched by all properties; so each has to belong to a key, if there are keys.",
    "dataState": "Kept as `<variable>_state` when the data is written.",
    "definitions": "An `expressionLanguage` of XPath, which editors write without meaning it, is a warning.",
    "documentation": "Shown with its element; it may hold XHTML.",
    "dataObjectReference": "Its `name` is a variable of its own where it refers to no data object.",
    "eventBasedGateway": "Leads to catching events or receive tasks that nothing else leads to.",
    "incoming": "The flow of that id leads here.",
    "inputSet": "An activity waits until one of its sets has a value from each source of what is not optional.",
    "outputSet": "An activity that ends without one complete set has failed. Of a multi-instance activity only its "
    "output collection leaves the instances.",
    "ioSpecification": "Of a process or global task: what it takes and gives are variables, filled and read by the "
    "call activity that calls it. What nobody gives is empty. Its sets are those of the caller.",
    "lane": "The group of its tasks, where `planflow:group` names no other.",
    "messageFlow": "Its ends send and receive the same message; what names none takes that of the flow. "
    "To or from a whole participant it is only drawn.",
    "outgoing": "The flow of that id leads away from here.",
    "participant": "Its process is one of the file.",
    "process": "`isExecutable` is needed for a process that is to be started. A public process has none.",
    "sequenceFlow": "Conditions stand on flows out of activities and of exclusive, inclusive and complex gateways.",
    "source": "In a link: a throwing link of the same name.",
    "startEvent": "A process begins with none, message, signal, timer or conditional; an event sub-process with "
    "anything but none; another sub-process with none.",
    "target": "In a link: a catching link of the same name.",
    "extension": "Refused where it must be understood.",
}
"""What the table cannot say."""


def verdict(element: str) -> Verdict:
    """What becomes of an element where it may stand."""
    if element in DOCUMENTATION_ONLY:
        return "documentation"
    if element in CHECKED:
        return "checked"
    return "executed" if element in RULES else "refused"


def attribute_verdict(element: str, attribute: str) -> Verdict:
    """What becomes of an attribute on an element."""
    rule = RULES.get(element)
    if rule is None:
        return "refused"
    if attribute in rule.documentation:
        return "documentation"
    if attribute in rule.attributes:
        return "checked" if attribute in rule.checked else "executed"
    return "refused"


def write() -> str:
    """The page, in Markdown."""
    return HEAD + "".join(_group(title, sections) for title, sections in GROUPS.items()) + _abstract()


def _group(title: str, sections: dict[str, str]) -> str:
    entries = (_entry(name, section) for section, names in sections.items() for name in names.split())
    return f"\n## {title}\n\n" + "".join(entries)


def _entry(name: str, section: str) -> str:
    told = [*_attributes(name), *_inside(name)]
    said = ELEMENTS.get(name) or NOTES.get(name)
    head = f"- **`{name}`** (§{section}): {verdict(name)}" + (f". {said}" if said else "")
    return head + "\n" + "".join(f"  - {line}\n" for line in told)


def _attributes(name: str) -> Iterable[str]:
    schema = elements().get(name)
    rule = RULES.get(name)
    if schema is None or rule is None:
        return
    names = (schema.attributes.keys() | rule.attributes.keys() | rule.documentation) - {"id"}
    for kind in ("executed", "checked", "documentation", "refused"):
        own = sorted(each for each in names if attribute_verdict(name, each) == kind)
        if own:
            yield f"{kind}: " + ", ".join(_attribute(name, each) for each in own)
    if rule.options:
        yield "options: " + ", ".join(f"`planflow:{option}`" for option in sorted(rule.options))


def _attribute(element: str, name: str) -> str:
    rule = RULES[element]
    values = rule.attributes.get(name) or (
        DOCUMENTED_VALUES.get(name, ()) if name in rule.documentation else ()
    )
    why = why_attribute(element, name)
    shown = {("true", "false", "1", "0"): "true or false", ("true", "1"): "true", ("false", "0"): "false"}
    said = shown.get(values, " or ".join(values)) or why.rstrip(".")
    return f"`{name}`" + (f" ({said})" if said else "")


def _inside(name: str) -> Iterable[str]:
    rule, schema = RULES.get(name), elements().get(name)
    if rule is None:
        return
    children = rule.children - SILENT - COMMON_TO_NODES
    if children:
        yield "inside: " + _names(children)
    if rule.children >= COMMON_TO_NODES:
        yield "inside, as in every flow node: " + _names(COMMON_TO_NODES)
    refused = set() if schema is None else schema.children.keys() - rule.children - SILENT
    for why in sorted({why_child(name, child) for child in refused}):
        those = {child for child in refused if why_child(name, child) == why}
        yield f"refused inside: {_names(those)}" + (f". {why}" if why else "")


def _names(children: Iterable[str]) -> str:
    """Names in their order, the flow nodes of a scope and the event definitions of an event put together."""
    left = set(children)
    shown = []
    if left >= FLOW_NODES:
        left -= FLOW_NODES
        shown.append("flow nodes")
    if left >= EVENT_DEFINITIONS.keys():
        left -= EVENT_DEFINITIONS.keys()
        shown.append("event definitions")
    return ", ".join([*shown, *(f"`{name}`" for name in sorted(left))])


def _abstract() -> str:
    abstract = sorted(each.name for each in elements().values() if each.abstract and each.name not in RULES)
    names = ", ".join(f"`{name}`" for name in abstract if name != "partitionElement")
    return (
        "\n## Abstract elements\n\nThe schema declares these for what several elements have in common. A file "
        f"that holds them is refused: {names}.\n"
        f"\nIn an expression ({', '.join(f'`{name}`' for name in sorted(EXPRESSIONS))}) `xsi:type` may be "
        "`tFormalExpression`; elsewhere it is refused.\n"
    )


if __name__ == "__main__":
    PAGE.write_text(write(), encoding="utf-8")
