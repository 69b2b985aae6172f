"""Loop characteristics of activities and the ad-hoc sub-process (BPMN 2.0.2 §10.3.5, §10.3.8)."""

from __future__ import annotations

from lxml import etree

from engine.bpmn.model import AdHoc, Behavior, Event, MultiInstance, StandardLoop
from engine.bpmn.reading import nodes
from engine.bpmn.reading.data import place_of, read_variable, variable_name
from engine.bpmn.reading.events import events_of, read_event
from engine.bpmn.reading.references import References


def loop_of(node: etree._Element) -> StandardLoop | None:
    """The standard loop of an activity."""
    loop = nodes.child(node, "standardLoopCharacteristics")
    if loop is None:
        return None
    return StandardLoop(
        condition=nodes.expression_in(loop, "loopCondition"),
        before=nodes.flag(loop, "testBefore"),
        maximum=nodes.whole_number(loop.get("loopMaximum")),
    )


def ad_hoc_of(node: etree._Element) -> AdHoc | None:
    """How an ad-hoc sub-process is carried out."""
    if nodes.local(node) != "adHocSubProcess":
        return None
    return AdHoc(
        sequential=nodes.word(node, "ordering") == "Sequential",
        completion_condition=nodes.expression_in(node, "completionCondition"),
        cancels=nodes.flag(node, "cancelRemainingInstances", default=True),
        activities=nodes.options(node).get("activities"),
    )


def multi_instance_of(node: etree._Element, references: References) -> MultiInstance | None:
    """The multi-instance characteristics of an activity, in BPMN's own terms or in ``planflow:`` options."""
    loop = nodes.child(node, "multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    options = nodes.options(loop)
    collection = _variable(loop, "loopDataInputRef", references)
    item, output = _item(loop, "inputDataItem"), _item(loop, "outputDataItem")
    return MultiInstance(
        sequential=nodes.flag(loop, "isSequential"),
        collection=options.get("collection") or (f"={read_variable(collection)}" if collection else None),
        cardinality=nodes.expression_in(loop, "loopCardinality"),
        element_variable=options.get("elementVariable") or item,
        output_collection=options.get("outputCollection") or _variable(loop, "loopDataOutputRef", references),
        output_element=options.get("outputElement") or (f"={read_variable(output)}" if output else None),
        completion_condition=nodes.expression_in(loop, "completionCondition"),
        behaviors=_behaviors(loop, references),
        first_only=nodes.word(loop, "behavior") == "One",
    )


def _variable(loop: etree._Element, name: str, references: References) -> str | None:
    """The variable that a reference of the loop names: by the id of a data item, or by its own name."""
    reference = nodes.text_in(loop, name)
    found = references.find(reference)
    return reference if found is None else place_of(found, references).name


def _item(loop: etree._Element, name: str) -> str | None:
    found = nodes.child(loop, name)
    return None if found is None else variable_name(found)


def _behaviors(loop: etree._Element, references: References) -> tuple[Behavior, ...]:
    kind = nodes.word(loop, "behavior")
    if kind in ("None", "One"):
        definition = references.find(loop.get(f"{kind.lower()}BehaviorEventRef"))
        return (Behavior(Event("signal") if definition is None else read_event(definition, references)),)
    if kind != "Complex":
        return ()
    return tuple(
        Behavior(event, nodes.expression_in(each, "condition") or "False")
        for each in nodes.children(loop, "complexBehaviorDefinition")
        for event in _thrown(each, references)
    )


def _thrown(behavior: etree._Element, references: References) -> tuple[Event, ...]:
    event = nodes.child(behavior, "event")
    return () if event is None else events_of(event, references)
