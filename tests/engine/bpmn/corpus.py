"""Valid models that hold every element and attribute of BPMN that is executed, each where it matters."""

from __future__ import annotations

from pathlib import Path

from tests.engine.xml_text import bpmn, flow, node, script, timer, way

PROCESSES = Path(__file__).parents[3] / "processes"

S, E = node("startEvent", "s"), node("endEvent", "e")
EXT = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
DOC = "<bpmn:documentation>Why</bpmn:documentation>"
INPUTS = EXT.format('<planflow:inputs><planflow:input name="amount" value="=amount"/></planflow:inputs>')
OUTPUTS = EXT.format('<planflow:outputs><planflow:output name="got" value="=message"/></planflow:outputs>')


def tag(kind: str, inside: str = "", **attributes: str) -> str:
    written = "".join(f' {k.replace("planflow_", "planflow:")}="{v}"' for k, v in attributes.items())
    return f"<bpmn:{kind}{written}>{inside}</bpmn:{kind}>"


def catch(element: str, definition: str, **attributes: str) -> str:
    return node("intermediateCatchEvent", element, definition, **attributes)


MESSAGE = tag("messageEventDefinition", messageRef="paid")
PAID = tag("message", id="paid", name="Paid", itemRef="item") + tag("message", id="sent", name="Sent")
ITEM = tag(
    "itemDefinition", id="item", structureRef="xsd:string", isCollection="true", itemKind="Information"
)


def sub(element: str, inside: str, kind: str = "subProcess", **attributes: str) -> str:
    return node(kind, element, inside, **attributes)


def _definitions() -> bytes:
    category = tag(
        "category", tag("categoryValue", id="urgent", value="Urgent"), id="category", name="Urgency"
    )
    outside = (
        tag("import", namespace="urn:x", location="x.xsd", importType="http://www.w3.org/2001/XMLSchema")
        + tag("extension", DOC, definition="x:y", mustUnderstand="false")
        + ITEM + category
        + tag("endPoint", id="end_point")
        + tag("partnerEntity", tag("participantRef", "pool"), id="entity", name="Somebody")
        + tag("partnerRole", tag("participantRef", "pool"), id="role", name="Buyer")
        + tag("relationship", tag("source", "s") + tag("target", "e"), id="r", type="x", direction="Forward")
        + tag("collaboration", tag("participant", id="pool", processRef="p"), id="c", isClosed="true", name="C")
    )  # fmt: skip
    artifacts = (
        tag("textAnnotation", tag("text", "A note"), id="note", textFormat="text/plain")
        + tag("association", id="a", sourceRef="note", targetRef="t", associationDirection="One")
        + tag("group", id="g", categoryValueRef="urgent")
    )
    inside = (
        DOC + tag("supportedInterfaceRef", "i") + tag("auditing", id="audited") + tag("monitoring", id="watched")
        + S + E + node("task", "t", tag("categoryValueRef", "urgent") + tag("incoming", "s_t") + tag("outgoing", "t_e"))
        + way("s", "t", "e").replace('id="t_e"', 'id="t_e" isImmediate="true" name="on"')
        + artifacts + tag("supports", "p")
    )  # fmt: skip
    file = bpmn(inside, definitions=outside, name="P", processType="Private", isClosed="false",
                definitionalCollaborationRef="c", planflow_title="=1", planflow_startForm="a.form",
                planflow_startValues="={}", planflow_starterGroups="a")  # fmt: skip
    head = 'name="D" exporter="x" exporterVersion="1" typeLanguage="x" expressionLanguage="starlark" id="definitions"'
    return file.replace(b'id="definitions"', head.encode())


def _lanes() -> bytes:
    inner = tag(
        "childLaneSet", tag("lane", tag("flowNodeRef", "u"), id="l2", name="Inner"), id="ls2", name="I"
    )
    lanes = tag("lane", tag("flowNodeRef", "s") + inner, id="l1", name="Outer", partitionElementRef="x")
    more = tag("lane", tag("flowNodeRef", "e"), id="l3", name="Other", planflow_group="team")
    return bpmn(
        tag("laneSet", lanes + more, id="ls1", name="L") + S + E + node("userTask", "u") + way("s", "u", "e")
    )


def _people() -> bytes:
    expression = tag(
        "resourceAssignmentExpression", tag("formalExpression", "=who", evaluatesToTypeRef="x"), id="ra"
    )
    plain = tag("resourceAssignmentExpression", tag("expression", "user(member)"))
    defined = tag("resource", id="clerks", name="Clerks")
    options = {f"planflow_{name}": value for name, value in {
        "form": "a.form", "assignee": "=starter", "candidateUsers": "a", "candidateGroups": "b", "dueDate": "P1D",
        "priority": "10", "outcomeVariable": "o", "commentVariable": "c", "performerVariable": "p",
    }.items()}  # fmt: skip
    told = EXT.format(
        '<planflow:outcomes><planflow:outcome id="ok" kind="positive" comment="none"/></planflow:outcomes>'
        '<planflow:facts><planflow:fact label="Why" value="=why"/></planflow:facts>'
    )
    body = (
        S + E
        + node("userTask", "a", tag("potentialOwner", tag("resourceRef", "clerks"), id="o", name="Owner")
               + tag("performer", plain) + tag("rendering", id="rendered"), implementation="##unspecified")
        + node("manualTask", "b", tag("humanPerformer", expression) + tag("potentialOwner", plain))
        + node("userTask", "c", told, **options) + node("manualTask", "d", told, **options)
        + node("userTask", "f", tag("humanPerformer", plain)) + node("manualTask", "g", tag("performer", plain))
        + way("s", "a", "b", "c", "d", "f", "g", "e")
    )  # fmt: skip
    return bpmn(body, definitions=defined)


def _services() -> bytes:
    one = tag("operation", tag("inMessageRef", "paid") + tag("outMessageRef", "sent") + tag("errorRef", "wrong"),
              id="op", name="pay", implementationRef="plans.pay")  # fmt: skip
    two = tag("operation", tag("inMessageRef", "sent"), id="op2", name="plans.send")
    defined = PAID + tag("error", id="wrong", errorCode="1") + tag("interface", one + two, id="i", name="I",
                                                                  implementationRef="x")  # fmt: skip
    body = (
        S + E
        + node("serviceTask", "a", operationRef="op", implementation="##WebService")
        + node("serviceTask", "a2", operationRef="op2")
        + node("serviceTask", "b", INPUTS, planflow_operation="plans.x", planflow_retries="PT10S")
        + node("sendTask", "c", operationRef="op", implementation="##WebService")
        + node("sendTask", "d", INPUTS, messageRef="sent", planflow_correlation="={}")
        + node("sendTask", "d2", planflow_operation="plans.x", planflow_retries="PT1M,PT10M")
        + node("receiveTask", "f", OUTPUTS, messageRef="paid", planflow_correlation="={}")
        + node("receiveTask", "g", operationRef="op2", implementation="##WebService")
        + node("businessRuleTask", "h", planflow_decision="d", planflow_resultVariable="r",
               implementation="##unspecified")
        + script("scr", "x = 1") + node("callActivity", "j", INPUTS, calledElement="q")
        + catch("k", tag("messageEventDefinition", tag("operationRef", "op"), id="by_operation"))
        + way("s", "a", "a2", "b", "c", "d", "d2", "f", "g", "h", "scr", "j", "k", "e")
    )  # fmt: skip
    return bpmn(body, definitions=defined)


ACTIVITIES = {
    "task": {}, "userTask": {}, "manualTask": {}, "scriptTask": {}, "serviceTask": {"planflow_operation": "x"},
    "sendTask": {"messageRef": "paid"}, "receiveTask": {"messageRef": "paid"},
    "businessRuleTask": {"planflow_decision": "x"}, "callActivity": {"calledElement": "q"}, "subProcess": {},
    "transaction": {"triggeredByEvent": "false", "method": "##Compensate"},
    "adHocSubProcess": {"triggeredByEvent": "false"},
}  # fmt: skip
"""Each activity with what it needs."""


def _activity(kind: str) -> bytes:
    """Everything that every activity may have: quantities, default, data, loops, compensation."""
    own = {"scriptTask": tag("script", "x = 1"), "adHocSubProcess": node("task", "in")}.get(kind, "")
    if kind in ("subProcess", "transaction"):
        own = node("task", "in")
    data = tag("ioSpecification", tag("dataInput", id="di", name="needed") + tag("dataOutput", id="do", name="given")
               + tag("inputSet", tag("dataInputRefs", "di") + tag("optionalInputRefs", "di"), id="is", name="I")
               + tag("outputSet", tag("dataOutputRefs", "do"), id="os", name="O"), id="io")  # fmt: skip
    brought = tag("dataInputAssociation", tag("sourceRef", "obj") + tag("targetRef", "di"), id="da")
    taken = tag("dataOutputAssociation", tag("sourceRef", "do") + tag("targetRef", "obj"), id="db")
    full = data + tag("property", id="prop", name="kept") + brought + taken
    common = ACTIVITIES[kind]
    many = tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "3"), id="mi")
    again = tag("standardLoopCharacteristics", tag("loopCondition", "True"), id="sl")
    undone = node("task", "host") + node(
        "boundaryEvent", "undo", tag("compensateEventDefinition"), attachedToRef="host"
    )
    body = (
        S + E + tag("dataObject", id="obj", name="thing")
        + node(kind, "x", full + own, default="x_e", startQuantity="2", completionQuantity="2", **common)
        + node("task", "y") + way("s", "x", "e") + flow("x", "y", "True")
        + node(kind, "m", many + own.replace('"in"', '"in2"'), **common)
        + node(kind, "n", again + own.replace('"in"', '"in3"'), **common)
        + way("y", "m", "n", "host") + undone + tag("association", id="assoc", sourceRef="undo", targetRef="handler")
        + node(kind, "handler", own.replace('"in"', '"in4"'), isForCompensation="true", **common)
    )  # fmt: skip
    return bpmn(body, definitions=PAID)


def _loops() -> bytes:
    signals = (
        tag("signal", id="sig", name="done")
        + tag("signalEventDefinition", id="thrown", signalRef="sig")
        + PAID
        + ITEM
    )
    data = tag(
        "ioSpecification",
        tag("dataInput", id="list", name="things", isCollection="true")
        + tag("dataOutput", id="all", name="results", isCollection="true")
        + tag("inputSet", tag("dataInputRefs", "list"))
        + tag("outputSet", tag("dataOutputRefs", "all")),
    )
    items = tag("loopDataInputRef", "list") + tag("loopDataOutputRef", "all")
    items += tag("inputDataItem", id="in", name="thing", isCollection="false") + tag(
        "outputDataItem", id="out", name="r"
    )
    event = tag(
        "event",
        tag("signalEventDefinition", signalRef="sig") + MESSAGE,
        id="implicit",
        name="told",
        planflow_correlation="={}",
    )
    by_ref = tag("event", tag("eventDefinitionRef", "thrown"), id="implicit2")

    def complex_(inside: str, n: str) -> str:
        return tag("complexBehaviorDefinition", tag("condition", "nrOfInstances == 1") + inside, id=n)

    options = {"planflow_collection": "=things", "planflow_elementVariable": "thing",
               "planflow_outputCollection": "rs", "planflow_outputElement": "=r"}  # fmt: skip
    body = (
        S + E
        + node("task", "a", data + tag("multiInstanceLoopCharacteristics", items + tag("completionCondition", "False"),
                                       isSequential="true"))
        + node("task", "b", tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "2"), behavior="One",
                                oneBehaviorEventRef="thrown"))
        + node("task", "c", tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "2"), behavior="None",
                                noneBehaviorEventRef="thrown"))
        + node("task", "d", tag("multiInstanceLoopCharacteristics", tag("loopCardinality", "2")
                                + complex_(event, "cb") + complex_(by_ref, "cb2"), behavior="Complex"))
        + node("task", "f", tag("multiInstanceLoopCharacteristics", **options))
        + node("task", "g", tag("standardLoopCharacteristics", tag("loopCondition", "x", language="starlark"),
                                testBefore="true", loopMaximum="3"))
        + node("adHocSubProcess", "h", node("task", "h1") + node("task", "h2") + tag("completionCondition", "False"),
               ordering="Sequential", cancelRemainingInstances="false", planflow_activities='=[&quot;h1&quot;]')
        + way("s", "a", "b", "c", "d", "f", "g", "h", "e")
    )  # fmt: skip
    return bpmn(body, definitions=signals)


THROWN = {
    "messageEventDefinition": {"messageRef": "paid"}, "signalEventDefinition": {"signalRef": "sig"},
    "errorEventDefinition": {"errorRef": "err"}, "escalationEventDefinition": {"escalationRef": "esc"},
    "compensateEventDefinition": {}, "terminateEventDefinition": {}, "linkEventDefinition": {"name": "link"},
}  # fmt: skip
DEFINED = (
    PAID + tag("signal", id="sig", name="done", structureRef="item") + ITEM
    + tag("error", id="err", name="Wrong", errorCode="W", structureRef="item")
    + tag("escalation", id="esc", name="Up", escalationCode="U", structureRef="item")
)  # fmt: skip


def _definition(kind: str) -> str:
    if kind == "timerEventDefinition":
        return timer("timeDuration", "P1D")
    if kind == "conditionalEventDefinition":
        return tag(kind, tag("condition", "x &gt; 1"))
    return tag(kind, **THROWN.get(kind, {}))


def _throwing() -> bytes:
    body, before = S, "s"
    data = tag("dataInput", id="carried", name="carried") + tag("inputSet", tag("dataInputRefs", "carried"))
    data = tag("property", id="own", name="own") + data
    data += tag("dataInputAssociation", tag("sourceRef", "obj") + tag("targetRef", "carried"))
    body += tag(
        "dataObject", tag("dataState", id="st", name="draft"), id="obj", name="thing", itemSubjectRef="item"
    )
    for number, kind in enumerate(("message", "signal", "escalation", "compensate")):
        body += node("intermediateThrowEvent", f"t{number}", _definition(f"{kind}EventDefinition"))
        body += way(before, f"t{number}")
        before = f"t{number}"
    body += node("intermediateThrowEvent", "td", data + MESSAGE, planflow_correlation="={}")
    body += node("intermediateThrowEvent", "tm", INPUTS + MESSAGE) + way(before, "td", "tm", "fork")
    body += node("parallelGateway", "fork")
    for number, kind in enumerate(("message", "signal", "error", "escalation", "compensate", "terminate")):
        body += node("endEvent", f"e{number}", _definition(f"{kind}EventDefinition")) + way(
            "fork", f"e{number}"
        )
    end_data = (
        data.replace('"carried"', '"carried2"').replace(">carried<", ">carried2<").replace('"own"', '"own2"')
    )
    body += node("endEvent", "ed", end_data + MESSAGE, planflow_correlation="={}") + way("fork", "ed")
    body += node("endEvent", "er", tag("eventDefinitionRef", "root_signal"), name2="").replace(
        ' name2=""', ""
    )
    body += node("intermediateThrowEvent", "tr", tag("eventDefinitionRef", "root_signal")) + way(
        "fork", "tr", "er"
    )
    body += node("intermediateThrowEvent", "jump", tag("linkEventDefinition", tag("target", "landing"), name="link",
                                                       id="take_off")) + way("fork", "jump")  # fmt: skip
    body += catch("land", tag("linkEventDefinition", tag("source", "take_off"), name="link", id="landing"))
    body += node("task", "landed") + way("land", "landed")
    return bpmn(body, definitions=DEFINED + tag("signalEventDefinition", id="root_signal", signalRef="sig"))


def _catching() -> bytes:
    """Every kind of start, boundary and intermediate catching event, with data, and defined for the whole file."""
    data = tag("dataOutput", id="{0}", name="{0}") + tag("outputSet", tag("dataOutputRefs", "{0}")) + tag(
        "dataOutputAssociation", tag("sourceRef", "{0}") + tag("targetRef", "obj"))  # fmt: skip
    property_ = tag("property", id="p{0}", name="p{0}")

    def with_data(name: str) -> str:
        return (property_ + data).replace("{0}", name)

    roots = tag("signalEventDefinition", id="root_signal", signalRef="sig")
    by_ref = tag("eventDefinitionRef", "root_signal")
    body = tag("dataObject", id="obj", name="thing") + node("task", "t") + E + way("t", "e")
    body += node("startEvent", "sm", with_data("o1") + MESSAGE, planflow_uniqueBusinessKey="true") + way(
        "sm", "t"
    )
    body += node("startEvent", "ss", _definition("signalEventDefinition")) + way("ss", "t")
    body += node("startEvent", "st", timer("timeCycle", "R/P1D"), isInterrupting="false") + way("st", "t")
    both = MESSAGE + _definition("signalEventDefinition")
    body += node("startEvent", "sp", both, parallelMultiple="true") + node("startEvent", "sr", by_ref)
    body += way("sp", "t") + way("sr", "t")
    before = "t"
    for number, kind in enumerate(("message", "signal", "timer", "conditional")):
        body += catch(f"c{number}", _definition(f"{kind}EventDefinition")) + way(before, f"c{number}")
        before = f"c{number}"
    body += catch("cm", with_data("o2") + MESSAGE, planflow_correlation="={}")
    body += catch("cp", both, parallelMultiple="true") + catch("cr", by_ref)
    body += catch("cd", timer("timeDate", "2027-01-01")) + way(before, "cm", "cp", "cr", "cd", "host")
    body += sub("host", node("task", "inside"))
    for number, kind in enumerate(("message", "signal", "timer", "error", "escalation", "conditional")):
        body += node(
            "boundaryEvent", f"b{number}", _definition(f"{kind}EventDefinition"), attachedToRef="host"
        )
        body += way(f"b{number}", "e")
    body += node("boundaryEvent", "bn", with_data("o3") + MESSAGE, attachedToRef="host", cancelActivity="false",
                 planflow_correlation="={}")  # fmt: skip
    body += node("boundaryEvent", "bp", both, attachedToRef="host", parallelMultiple="true") + way("bn", "e")
    body += node("boundaryEvent", "br", by_ref, attachedToRef="host") + way("bp", "e") + way("br", "e")
    return bpmn(body, definitions=DEFINED + roots)


def _event_sub_processes() -> bytes:
    body = S + node("task", "t") + way("s", "t")
    for number, kind in enumerate(("message", "signal", "timer", "error", "escalation", "conditional")):
        options = {"planflow_correlation": "={}"} if kind == "message" else {}
        loose = {} if kind == "error" else {"isInterrupting": "false"}
        start = node("startEvent", f"s{number}", _definition(f"{kind}EventDefinition"), **options, **loose)
        body += sub(f"h{number}", start + node("task", f"i{number}") + way(f"s{number}", f"i{number}"),
                    triggeredByEvent="true")  # fmt: skip
    led = sub("led", node("startEvent", "sc", tag("compensateEventDefinition")), triggeredByEvent="true")
    body += sub("x", node("task", "xt") + led) + way("t", "x", "c", "c2")
    body += node("intermediateThrowEvent", "c", tag("compensateEventDefinition", activityRef="x"))
    body += node("endEvent", "c2", tag("compensateEventDefinition", waitForCompletion="false"))
    return bpmn(body, definitions=DEFINED)


def _transaction() -> bytes:
    inside = (
        node("task", "i")
        + node("endEvent", "ie", tag("cancelEventDefinition", id="cancelled"))
        + way("i", "ie")
    )
    body = (
        S + sub("x", inside, "transaction") + E + way("s", "x", "e")
        + node("boundaryEvent", "b", tag("cancelEventDefinition"), attachedToRef="x") + way("b", "e")
    )  # fmt: skip
    return bpmn(body)


def _gateways() -> bytes:
    three = ("exclusiveGateway", "inclusiveGateway", "complexGateway")
    body, before = S, "s"
    for number, kind in enumerate(three):
        split, join = f"g{number}", f"j{number}"
        body += node(kind, split, default=f"{split}_a{number}", gatewayDirection="Diverging") + way(
            before, split
        )
        body += node("task", f"a{number}") + node("task", f"b{number}")
        body += way(split, f"a{number}", join) + flow(split, f"b{number}", "x") + way(f"b{number}", join)
        enough = tag("activationCondition", "activationCount &gt; 1") if kind == "complexGateway" else ""
        body += node(kind, join, enough, gatewayDirection="Converging")
        before = join
    body += node("parallelGateway", "pg", gatewayDirection="Unspecified") + way(before, "pg", "eg")
    body += node("eventBasedGateway", "eg", gatewayDirection="Diverging", eventGatewayType="Exclusive")
    body += catch("w1", timer("timeDuration", "P1D")) + catch("w2", _definition("signalEventDefinition"))
    body += E + way("eg", "w1", "e") + way("eg", "w2", "e")
    return bpmn(body, definitions=DEFINED)


def _instantiating() -> bytes:
    gateway = node("eventBasedGateway", "eg", instantiate="true", eventGatewayType="Parallel")
    body = (
        gateway + catch("w1", MESSAGE) + catch("w2", tag("messageEventDefinition", messageRef="sent"))
        + node("receiveTask", "r", messageRef="sent", instantiate="true", planflow_uniqueBusinessKey="true")
        + E + way("eg", "w1", "e") + way("eg", "w2", "e") + way("r", "e")
    )  # fmt: skip
    return bpmn(body, definitions=DEFINED)


def _data() -> bytes:
    def expression(kind: str, said: str) -> str:
        return tag(kind, said, language="starlark", evaluatesToTypeRef="x").replace(
            " language", ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="bpmn:tFormalExpression"'
            " language")  # fmt: skip

    io = (
        tag("dataInput", tag("dataState", name="seen"), id="i1", name="first", isCollection="true",
            itemSubjectRef="item")
        + tag("dataInput", id="i2", name="second")
        + tag("dataOutput", id="o1", name="out", isCollection="true", itemSubjectRef="item")
        + tag("dataOutput", id="o2", name="out2")
        + tag("inputSet", tag("dataInputRefs", "i1") + tag("dataInputRefs", "i2") + tag("optionalInputRefs", "i2")
              + tag("outputSetRefs", "os"), id="is")
        + tag("outputSet", tag("dataOutputRefs", "o1") + tag("dataOutputRefs", "o2") + tag("optionalOutputRefs", "o2")
              + tag("inputSetRefs", "is"), id="os")
    )  # fmt: skip
    reads = (
        tag("dataInputAssociation", tag("sourceRef", "ref") + tag("targetRef", "i1"), id="r1")
        + tag("dataInputAssociation", tag("sourceRef", "store_ref") + tag("targetRef", "i2")
              + expression("transformation", "x + 1"), id="r2")
        + tag("dataInputAssociation", tag("sourceRef", "own_store") + tag("targetRef", "kept"), id="r3")
    )  # fmt: skip
    assigned = tag("assignment", expression("from", "out") + expression("to", "thing.key"), id="as")
    writes = (
        tag("dataOutputAssociation", tag("sourceRef", "o1") + tag("targetRef", "ref") + assigned, id="w1")
        + tag("dataOutputAssociation", tag("sourceRef", "o2") + tag("targetRef", "loose"), id="w2")
        + tag("dataOutputAssociation", tag("sourceRef", "o2") + tag("targetRef", "obj2"), id="w3")
        + tag("dataOutputAssociation", tag("sourceRef", "o2") + tag("targetRef", "store_ref"), id="w4")
        + tag("dataOutputAssociation", tag("sourceRef", "o2") + tag("targetRef", "shelf_ref"), id="w5")
    )  # fmt: skip
    prop = tag("property", tag("dataState", name="new"), id="kept", name="kept", itemSubjectRef="item")
    nodes = (
        tag("dataObject", id="obj", name="thing", isCollection="true")
        + tag("dataObjectReference", tag("dataState", id="state", name="approved"), id="ref", dataObjectRef="obj")
        + tag("dataObjectReference", id="loose", name="free", itemSubjectRef="item")
        + tag("dataObject", tag("dataState", name="begun"), id="obj2", name="other")
        + tag("dataStoreReference", id="store_ref", dataStoreRef="store", itemSubjectRef="item")
        + tag("dataStoreReference", id="own_store", name="own store")
        + tag("dataStoreReference", id="shelf_ref", dataStoreRef="shelf")
    )  # fmt: skip
    outer = tag(
        "ioSpecification",
        tag("dataInput", id="pi", name="given")
        + tag("dataOutput", id="po", name="gives")
        + tag("inputSet", tag("dataInputRefs", "pi"))
        + tag("outputSet", tag("dataOutputRefs", "po")),
    )
    body = (
        outer + tag("property", id="pp", name="whole")
        + S + E + nodes + node("task", "t", tag("ioSpecification", io, id="io") + prop + reads + writes)
        + sub("sub", tag("dataObject", id="inner", name="inner") + tag("property", id="sp", name="sp")
              + node("task", "x"))
        + way("s", "t", "sub", "e")
    )  # fmt: skip
    store = tag("dataStore", id="store", name="Stock", capacity="5", itemSubjectRef="item")
    shelf = tag("dataStore", id="shelf", name="Shelf", capacity="3", isUnlimited="true")
    return bpmn(body, definitions=ITEM + store + shelf)


def _global_tasks() -> bytes:
    io = tag(
        "ioSpecification",
        tag("dataInput", id="{0}i", name="given")
        + tag("dataOutput", id="{0}o", name="made")
        + tag("inputSet", tag("dataInputRefs", "{0}i"))
        + tag("outputSet", tag("dataOutputRefs", "{0}o")),
    )
    owner = tag("potentialOwner", tag("resourceAssignmentExpression", tag("expression", "group(clerks)")))
    owner += tag("performer", tag("resourceAssignmentExpression", tag("expression", "user(x)")))
    human = owner.replace("performer", "humanPerformer")
    kinds = {
        "globalTask": ("", {}),
        "globalUserTask": (owner, {"planflow_form": "a.form", "implementation": "##WebService"}),
        "globalManualTask": (human, {"planflow_priority": "1"}),
        "globalScriptTask": (tag("script", "made = given"), {"scriptLanguage": "starlark"}),
        "globalBusinessRuleTask": ("", {"planflow_decision": "d", "planflow_resultVariable": "r",
                                        "implementation": "##unspecified"}),
    }  # fmt: skip
    file, body, before = "", S, "s"
    for kind, (inside, attributes) in kinds.items():
        file += tag(kind, tag("supportedInterfaceRef", "i") + io.replace("{0}", kind) + inside, id=kind, name=kind,
                    **attributes)  # fmt: skip
        body += node("callActivity", f"call_{kind}", calledElement=kind) + way(before, f"call_{kind}")
        before = f"call_{kind}"
    more = {"form": "a", "assignee": "=x", "candidateUsers": "a", "candidateGroups": "b", "dueDate": "P1D",
            "priority": "10", "outcomeVariable": "o", "commentVariable": "c", "performerVariable": "p"}  # fmt: skip
    options = {f"planflow_{name}": value for name, value in more.items()}
    file += tag("globalUserTask", id="g1", **options) + tag("globalManualTask", id="g2", **options)
    file += tag("globalUserTask", human.replace("performer", "humanPerformer"), id="g3")
    file += tag("globalManualTask", owner, id="g4")
    return bpmn(body, definitions=file)


def _conversation() -> bytes:
    """Two participants that exchange messages, found by a key, and partners that are only drawn."""

    def retrieval(message: str, path: str) -> str:
        return tag("correlationPropertyRetrievalExpression", tag("messagePath", path), messageRef=message)

    keys = tag("correlationProperty", retrieval("paid", "order") + retrieval("sent", "order"), id="order",
               name="order_number", type="xsd:string")  # fmt: skip
    talks = tag(
        "conversation", tag("participantRef", "pool1") + tag("messageFlowRef", "mf1"), id="talk", name="Talk"
    )
    called = tag("callConversation", tag("participantAssociation", tag("innerParticipantRef", "pool1")
                                         + tag("outerParticipantRef", "pool2"), id="pa"), id="cc", name="x",
                 calledCollaborationRef="gc")  # fmt: skip
    drawn = (
        talks + called + tag("subConversation", talks.replace('"talk"', '"talk2"'), id="sc", name="y")
        + tag("conversationAssociation", id="ca", innerConversationNodeRef="talk", outerConversationNodeRef="cc")
        + tag("participantAssociation", tag("innerParticipantRef", "pool1") + tag("outerParticipantRef", "pool2"))
        + tag("messageFlowAssociation", id="ma", innerMessageFlowRef="mf1", outerMessageFlowRef="mf2")
    )  # fmt: skip
    flows = (
        tag("messageFlow", id="mf1", sourceRef="send", targetRef="receive", messageRef="paid", name="pays")
        + tag("messageFlow", id="mf2", sourceRef="answer", targetRef="hear")
        + tag("messageFlow", id="mf3", sourceRef="pool3", targetRef="pool1")
    )  # fmt: skip
    collaboration = tag(
        "collaboration",
        tag("participant", tag("interfaceRef", "i") + tag("endPointRef", "ep")
            + tag("participantMultiplicity", id="pm", minimum="1", maximum="2"), id="pool1", name="One", processRef="p")
        + tag("participant", id="pool2", processRef="q") + tag("participant", id="pool3")
        + flows + drawn + tag("correlationKey", tag("correlationPropertyRef", "order"), id="key", name="Key")
        + tag("conversationLink", id="cl", name="l", sourceRef="pool3", targetRef="talk"),
        id="c",
    )  # fmt: skip
    subscription = tag("correlationSubscription", tag("correlationPropertyBinding", tag("dataPath", "number"),
                                                      correlationPropertyRef="order", id="cb"),
                       correlationKeyRef="key", id="cs")  # fmt: skip
    anonymous = tag("messageEventDefinition")
    p = (
        S + node("intermediateThrowEvent", "send", anonymous) + catch("hear", anonymous) + E
        + way("s", "send", "hear", "e") + subscription
    )  # fmt: skip
    q = (
        node("startEvent", "qs")
        + catch("receive", anonymous)
        + node("intermediateThrowEvent", "answer", anonymous)
        + way("qs", "receive", "answer")
    )
    file = bpmn(
        p,
        definitions=PAID + keys + collaboration + tag("globalConversation", id="gc", name="g", isClosed="1"),
    )
    other = f'<bpmn:process id="q" isExecutable="1">{q}</bpmn:process></bpmn:definitions>'
    return file.replace(b"</bpmn:definitions>", other.encode())


def _defined_once() -> bytes:
    """Event definitions of every kind that stand at the file and are referred to."""
    roots = (
        tag("messageEventDefinition", tag("operationRef", "op"), id="by_op") + tag("messageEventDefinition", id="by_m",
                                                                                  messageRef="sent")
        + tag("timerEventDefinition", tag("timeDuration", "P1D"), id="rt") + tag("errorEventDefinition", id="re",
                                                                                errorRef="err")
        + tag("escalationEventDefinition", id="rs", escalationRef="esc")
        + tag("conditionalEventDefinition", tag("condition", "True"), id="rc")
        + tag("interface", tag("operation", tag("inMessageRef", "paid"), id="op", name="o"), id="i", name="i")
        + tag("terminateEventDefinition", id="end_all") + tag("compensateEventDefinition", id="undo_all",
                                                             waitForCompletion="0")
        + tag("cancelEventDefinition", id="give_up") + tag("linkEventDefinition", id="hop", name="hop")
    )  # fmt: skip

    def ref(name: str) -> str:
        return tag("eventDefinitionRef", name)

    body = (
        S + catch("a", ref("by_op")) + catch("b", ref("by_m")) + catch("c", ref("rt")) + catch("d", ref("rc"))
        + sub("x", node("task", "xt"), "transaction") + way("s", "a", "b", "c", "d", "x", "u", "e")
        + node("boundaryEvent", "f", ref("re"), attachedToRef="x") + node("boundaryEvent", "g", ref("rs"),
                                                                         attachedToRef="x")
        + node("boundaryEvent", "h", ref("give_up"), attachedToRef="x")
        + node("intermediateThrowEvent", "u", ref("undo_all")) + node("endEvent", "e", ref("end_all"))
        + way("f", "e") + way("g", "e") + way("h", "e")
    )  # fmt: skip
    return bpmn(body, definitions=DEFINED + roots)


MODELS: dict[str, bytes] = {
    "definitions": _definitions(),
    "lanes": _lanes(),
    "people": _people(),
    "services": _services(),
    **{kind: _activity(kind) for kind in ACTIVITIES},
    "loops": _loops(),
    "throwing": _throwing(),
    "catching": _catching(),
    "event sub-processes": _event_sub_processes(),
    "transaction cancelled": _transaction(),
    "gateways": _gateways(),
    "instantiating": _instantiating(),
    "data": _data(),
    "global tasks": _global_tasks(),
    "conversation": _conversation(),
    "defined once": _defined_once(),
}
"""Each model by what it shows."""

DELIVERED: dict[str, bytes] = {
    file.parent.name: file.read_bytes() for file in sorted(PROCESSES.glob("*/process.bpmn"))
}
"""The processes that PlanFlow comes with."""
