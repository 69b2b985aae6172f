"""Why elements, attributes and values of BPMN 2.0 are refused, as a designer reads it.

What is refused follows from the table in ``support.py``; here are only the reasons that help to do it otherwise.
"""

from __future__ import annotations

from engine.bpmn.support import EVENT_DEFINITIONS

_CHOREOGRAPHY = "A choreography says what partners agree on. Draw what each of them does as a process."
_EVENT = "BPMN knows no event of this kind here."
_ROLE = "Say with performer, humanPerformer or potentialOwner who works, on a user task or manual task."
_STREAM = "An activity takes what it needs when it begins and gives what it has when it ends, not in between."
_STATE = "A state is kept with what is written: on a data object, a property or a data input."
_PARAMETERS = "A resource is a name. Say with an expression who that is."
_ABSTRACT = "This is only the common part of several elements. Use one of them."

ELEMENTS: dict[str, str] = {
    "choreography": _CHOREOGRAPHY,
    "globalChoreographyTask": _CHOREOGRAPHY,
    "choreographyTask": _CHOREOGRAPHY,
    "subChoreography": _CHOREOGRAPHY,
    "callChoreography": _CHOREOGRAPHY,
    "choreographyRef": _CHOREOGRAPHY,
    "callableElement": _ABSTRACT,
    "dataAssociation": "Use dataInputAssociation or dataOutputAssociation.",
    "implicitThrowEvent": "Nothing leads to it. What a repeated activity throws is the event of a "
    "complexBehaviorDefinition.",
    "ioBinding": "A process is no service with operations: it is called by call activities, or started.",
    "partitionElement": "Name it with partitionElementRef.",
    "resourceParameter": _PARAMETERS,
    "resourceParameterBinding": _PARAMETERS,
    "resourceRole": _ROLE,
    "whileExecutingInputRefs": _STREAM,
    "whileExecutingOutputRefs": _STREAM,
}
"""Elements that are refused wherever they stand."""

ATTRIBUTES: dict[tuple[str, str], str] = {}
"""Attributes of the schema that are refused whatever they say."""

_TECHNOLOGY = (
    "A task is carried out by the engine, whatever the technology: name a planflow:operation for a service."
)
_LANGUAGE = "Expressions and scripts are Starlark."
_NO_EVENT = "This kind of sub-process is not started by an event."

_VALUES: dict[str, str] = {
    "implementation": _TECHNOLOGY,
    "language": _LANGUAGE,
    "scriptFormat": _LANGUAGE,
    "scriptLanguage": _LANGUAGE,
    "expressionLanguage": _LANGUAGE,
    "isImmediate": "Nothing that is not drawn comes between two elements of an executable process.",
    "method": "A transaction is undone by compensation.",
    "mustUnderstand": "It cannot be known what other tools mean.",
    "triggeredByEvent": _NO_EVENT,
}
"""Why a value of an attribute is refused that others of it are not."""


def why_child(parent: str, child: str) -> str:
    """Why a child is refused in an element; empty where there is no more to say than that it does not belong."""
    if child in ELEMENTS:
        return ELEMENTS[child]
    if child in ("performer", "humanPerformer", "potentialOwner"):
        return _ROLE
    if child in EVENT_DEFINITIONS and parent.lower().endswith("event"):
        return _EVENT
    if child == "dataState":
        return _STATE
    if child == "correlationKey":
        return "Correlation keys belong into the collaboration." if "onversation" in parent else ""
    if parent == "globalConversation":
        return "Draw it in the collaboration: nothing is exchanged in a global conversation."
    return ""


def why_attribute(element: str, attribute: str) -> str:
    """Why an attribute is refused on an element, whatever it says."""
    return ATTRIBUTES.get((element, attribute), "")


def why_value(attribute: str) -> str:
    """Why a value is refused that an attribute cannot have."""
    return _VALUES.get(attribute, "")
