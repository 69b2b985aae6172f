"""Messages and correlation: what flows, events and keys say of the same message (BPMN 2.0.2 §8.4.2, §9.4)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from engine.bpmn.agreement.drawing import RULE
from engine.bpmn.reading import nodes
from engine.bpmn.reading.references import References
from engine.bpmn.shape import Finding
from engine.bpmn.support import ACTIVITIES, BPMN, EVENTS, local_id

_PARTICIPANT = "participant"
_SENDS = ACTIVITIES | {_PARTICIPANT, "endEvent", "intermediateThrowEvent"}
_RECEIVES = ACTIVITIES | {_PARTICIPANT, *(EVENTS - {"endEvent", "intermediateThrowEvent"})}


def conversation_findings(root: etree._Element) -> Iterator[Finding]:
    """Where a message would not be, or not arrive, as it is drawn."""
    references = References(root)
    for flow in root.iter(f"{{{BPMN}}}messageFlow"):
        yield from _ends(flow, references)
        yield from _message(flow, references)
    yield from _keys(root, references)


def _ends(flow: etree._Element, references: References) -> Iterator[Finding]:
    """What a message flow connects (§9.4, Table 7.4): never two elements of one process.

    To or from a whole participant it is only drawn; between two elements the one sends what the other waits for.
    """
    source, target = (references.find(flow.get(end)) for end in ("sourceRef", "targetRef"))
    for end, node, wanted in (("sourceRef", source, _SENDS), ("targetRef", target, _RECEIVES)):
        if node is None or nodes.local(node) not in wanted:
            reason = f"{end} “{flow.get(end)}” can be no end of a message flow."
            yield flow, reason, "bpmn.message-flow", "error"
    if source is not None and target is not None and _PARTICIPANT not in map(nodes.local, (source, target)):
        for node, task, does in ((source, "sendTask", "sends"), (target, "receiveTask", "waits for")):
            if nodes.local(node) != task and not _has_message(node):
                yield flow, f"“{node.get('id')}” {does} no message.", "bpmn.message-flow", "error"
    processes = [_process(node) for node in (source, target) if node is not None]
    if len(processes) == 2 and processes[0] is not None and processes[0] == processes[1]:
        yield flow, "A message flow leads from one participant to another.", "bpmn.message-flow", "error"


def _has_message(event: etree._Element) -> bool:
    return any(True for _ in nodes.children(event, "messageEventDefinition", "eventDefinitionRef"))


def _process(node: etree._Element) -> str | None:
    """The process that an end of a message flow belongs to; a participant stands for its own."""
    if nodes.local(node) == _PARTICIPANT:
        return local_id(node.get("processRef")) or None
    return next((str(n.get("id")) for n in node.iterancestors(f"{{{BPMN}}}process")), None)


def _message(flow: etree._Element, references: References) -> Iterator[Finding]:
    """The flow and both of its ends name one message, where they name any."""
    own = local_id(flow.get("messageRef"))
    named = [
        {own} if own else set(),
        *(_messages(references.find(flow.get(e))) for e in ("sourceRef", "targetRef")),
    ]
    named = [names for names in named if names]
    if named and not set.intersection(*named):
        told = ", ".join(sorted(set().union(*named)))
        yield flow, f"The message flow and its ends name different messages: {told}.", RULE, "error"


def _messages(node: etree._Element | None) -> set[str]:
    if node is None:
        return set()
    owners = (node, *nodes.children(node, "messageEventDefinition"))
    return {local_id(owner.get("messageRef")) for owner in owners if owner.get("messageRef")}


def _keys(root: etree._Element, references: References) -> Iterator[Finding]:
    """Messages are matched by every property of the file, so that each belongs to a key, if there are keys."""
    keys = list(root.iter(f"{{{BPMN}}}correlationKey"))
    within = {key: _properties(key) for key in keys}
    for each in root.iter(f"{{{BPMN}}}correlationProperty"):
        if keys and str(each.get("id")) not in set().union(*within.values()):
            reason = "The property belongs to no correlationKey, and would be compared all the same."
            yield each, reason, "bpmn.correlation", "error"
    for subscription in root.iter(f"{{{BPMN}}}correlationSubscription"):
        key = references.find(subscription.get("correlationKeyRef"))
        bound = [
            local_id(b.get("correlationPropertyRef"))
            for b in nodes.children(subscription, "correlationPropertyBinding")
        ]
        if key is not None and (set(bound) - within.get(key, set()) or len(set(bound)) < len(bound)):
            reason = "The subscription binds a property twice, or one that is not in its key."
            yield subscription, reason, "bpmn.correlation", "error"


def _properties(key: etree._Element) -> set[str]:
    return {local_id(ref.text) for ref in nodes.children(key, "correlationPropertyRef")}
