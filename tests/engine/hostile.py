"""Every place of a model that takes a designer's text, and what hostile designers write there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from json import dumps

from tests.engine.xml_text import bpmn, conditional, flow, node, script, timer, way

Files = Mapping[str, bytes]

WAYS_OUT = {
    "an import": '__import__("os").system("touch CANARY")',
    "a load": 'load("os", "system")',
    "an opened file": 'open("CANARY", "w")',
    "a file that is read": 'open("/etc/hostname").read()',
    "a connection": '__import__("socket").create_connection(("127.0.0.1", PORT))',
    "an evaluated text": 'eval("1")',
    "an executed text": 'exec("import os")',
    "subclasses": "().__class__.__bases__[0].__subclasses__()",
    "a method's globals": "days_between.__globals__",
    "an attribute by name": 'getattr([], "__cla" + "ss__")',
    "a method's owner": '"".join.__self__',
    "a format of an attribute": '"{0.__class__}".format(1)',
    "a format of an index": '"{0[__class__]}".format({})',
    "a percent format": '"%(__class__)s" % 1',
    "an f-string": 'f"{starter.__class__}"',
    "the environment": 'environ["SECRET"]',
    "Python's builtins": "__builtins__",
    "a generator": "(lambda: (yield))()",
    "a walrus": "(x := 1)",
    "an await": "await 1",
}
"""Expressions that reach for the machine."""

BOMBS = {
    "an endless loop": "[1 for a in range(100000) for b in range(100000) if False]",
    "an endless list": "[1 for a in range(100000) for b in range(100000)]",
    "a recursion": "(lambda f: f(f))(lambda f: f(f))",
    "a repeated text": '"a" * 2000000000',
    "a repeated list": "[0] * 2000000000",
    "a list times itself": "[len(a * 1000) for a in [[0] * 1000000]]",
    "a huge shift": "1 << 100000000",
    "a number of many digits": "1 << 300000",
    "a number as text": "str((1 << 3000000) - 1)",
    "a text as number": 'int("9" * 3000000)',
    "a replacement": '("a" * 1000000).replace("a", "b" * 1000)',
    "a slow replacement": '[("ab" * 100000).replace("ba", "c") for _ in range(100000)]',
    "a split": '[("a " * 300000).split(" ") for _ in range(1000)]',
    "a sort": "sorted(range(20000000), reverse=True)",
    "sorting by a slow key": "sorted(range(100000), key=lambda a: len([b for b in range(100000)]))",
    "a huge list": "list(range(2000000000))",
    "a huge dictionary": "{str(a): a for a in range(100000000)}",
    "a result that is too large": '["a" * 1000] * 5000',
    "brackets": "[" * 30000 + "]" * 30000,
    "minuses": "-" * 60000 + "1",
    "a sum of many": "1+" * 30000 + "1",
    "negations": "not " * 15000 + "True",
    "choices": "1 if True else " * 4000 + "0",
    "a source that is too long": '"' + "a" * 70000 + '"',
    "many look-ups": "[superior(str(a)) for a in range(100000)]",
    "a value that is no value": "lambda: 1",
}
"""Expressions that take more time, memory or depth than there is."""

ODD_VALUES = {
    "nothing": "None",
    "true": "True",
    "an empty text": '""',
    "a negative number": "-1",
    "a number beyond all machines": "1 << 12000",
    "a long number": "-(1 << 200)",
    "a wide number": "1e308 * 10",
    "a number that is none": 'float("nan") + float("inf")',
    "NUL": '"a\\x00b"',
    "half a character": '"\\ud800"',
    "the other half": '"\\ud83d" + "\\ude00"',
    "control characters": '"\\x1b[31m\\u202e\\u0007"',
    "a deep list": "[" * 99 + "]" * 99,
    "an odd object": '{"": [None, {"__class__": 1}], "starter": "administrator"}',
    "a list of lists": "[[[]], {}]",
    "a long text": '"a" * 1000000',
    "many names": '",".join(["n%d" % a for a in range(20000)])',
    "a path": '"../../../../etc/passwd"',
    "a statement": '"\'; DROP TABLE instance; --"',
    "a duration without end": '"P999999999Y"',
    "a cycle without end": '"R/2026-03-02/P999999999Y"',
    "a moment before time": '"0001-01-01T00:00:00+14:00"',
    "the end of time": '"9999-12-31T23:59:59-14:00"',
    "a count of many digits": '"R" + "9" * 5000 + "/P1D"',
    "a script": '"<script>alert(1)</script>{{ 7*7 }}%(x)s${7*7}"',
    "an expression": '"=1+1"',
}
"""Expressions whose value fits nowhere, or only in few places."""

COMPUTED = "60481729"
"""What shows when one of the templates has been filled in."""

ATTACKS = {**WAYS_OUT, **BOMBS, **ODD_VALUES}

TEXTS = {
    "markup": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a template": "{{ 7777*7777 }}{% for a in range(9) %}{{ config }}{% endfor %}",
    "a percent format": "%(x)s %s %n %(name)99999999d %",
    "a format": "{0.__class__.__init__.__globals__} {x} {!r} {",
    "a shell": "$(touch CANARY) `touch CANARY` ; touch CANARY",
    "a log line": "${jndi:ldap://127.0.0.1:1/a}\r\n2026 level=error forged",
    "a statement": "'; DROP TABLE instance; --",
    "control characters": "\u202e\u2066a\u200b\u009b31m",
    "a long text": "a" * 200_000,
    "an emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467" * 50,
    "Python": '__import__("os").system("touch CANARY")',
}
"""Texts that some programs would execute, for the places that only show or name something."""


TRAPS = {
    "a chain of sums": "+".join("1" * 900),
    "a chain of conditions": " or ".join(["a"] * 400),
    "nested negations": "not(" * 300 + "true" + ")" * 300,
    "nested brackets": "(" * 900 + "1" + ")" * 900,
    "nested choices": "if a then " * 150 + "1" + " else 2" * 150,
    "a number of many digits": "9" * 1900,
    "a number of too many digits": "9" * 5000,
    "a fraction of many digits": "0." + "9" * 5000,
    "an interval of many digits": f"[{'1' * 5000}..{'9' * 5000}]",
    "many tests": ",".join(f'"{number}"' for number in range(20_000)),
    "a text without end": '"' + "\\" * 30_000,
    "quotes": '"' * 30_001,
    "spaces": " " * 60_000 + "x",
    "a path without end": "a" + ".a" * 900,
    "a division by nothing": "1/0",
    "a moment before time": 'date and time("0001-01-01T00:00:00+14:00")',
    "the end of time": 'date and time("9999-12-31T23:59:59-14:00")',
    "a moment before time, written out": "0001-01-01T00:00:00+14:00",
    "the end of time, written out": "9999-12-31T23:59:59-14:00",
    "a duration without end": "P999999999Y",
    "days without end": "P999999999D",
    "seconds without end": "PT999999999.999999999S",
    "a cycle of many digits": "R" + "9" * 5000 + "/P1D",
    "a cycle without end": "R/2026-03-02/P999999999Y",
    "a lookup of the machine": "constructor.constructor",
    "a prototype": "__proto__.polluted",
    "powers of powers": "9**9**9**9",
    "signs": "-" * 1900 + "1",
    "a rounding without end": "decimal(1, 999999999)",
    "a part without end": 'substring("a", 1, 99999999999999999999)',
    "a product of durations": 'duration("P999999999Y") * 99999999999',
    "a moment after time": 'date and time("9999-12-31T23:59:59Z") + duration("P999D")',
    "a date beyond all calendars": "date(99999999999, 1, 1)",
    "a filled-in place": "{{ 7777*7777 }}",
}
"""What the small languages stumble over: chains and nesting that recurse, numbers and moments beyond their types."""


@dataclass(frozen=True)
class Place:
    """Where a designer writes something: ``files`` puts it there, ``elements`` are those a complaint may name.

    ``silent``: what fails is left out or told in its place, since people can go on without it.
    """

    files: Callable[[str], Files]
    elements: tuple[str, ...]
    silent: bool = False


def _q(text: str) -> str:
    return escape(text).replace("\n", "&#10;").replace("\r", "&#13;")


def _one(content: bytes) -> Files:
    return {"process.bpmn": content}


def _around(element: str, where: str, before: str = "", /, **process: str) -> Files:
    body = node("startEvent", "s") + element + node("endEvent", "e") + before + way("s", where, "e")
    return _one(bpmn(body, **process))


def _script(source: str) -> Files:
    return _around(script("here", _q(f"x = {source}")), "here")


def _loop_script(source: str) -> Files:
    return _around(
        script("here", _q(f"def f():\n  x = {source}\n  return x\nfor _i in range(3):\n  y = f()")), "here"
    )


def _condition(source: str) -> Files:
    body = (
        node("startEvent", "s") + node("exclusiveGateway", "g", default="g_e") + node("endEvent", "e")
        + node("endEvent", "f") + way("s", "g", "e") + flow("g", "f", _q(source))
    )  # fmt: skip
    return _one(bpmn(body))


def _condition_of_an_activity(source: str) -> Files:
    body = (
        node("startEvent", "s") + node("task", "t", default="t_e") + node("endEvent", "e")
        + node("endEvent", "f") + way("s", "t", "e") + flow("t", "f", _q(source))
    )  # fmt: skip
    return _one(bpmn(body))


def _condition_of_an_inclusive_gateway(source: str) -> Files:
    body = (
        node("startEvent", "s") + node("inclusiveGateway", "g", default="g_e") + node("endEvent", "e")
        + node("endEvent", "f") + way("s", "g", "e") + flow("g", "f", _q(source))
    )  # fmt: skip
    return _one(bpmn(body))


def _caught_timer(kind: str, literal: bool = False) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        text = _q(source if literal else f"={source}")
        return _around(node("intermediateCatchEvent", "here", timer(kind, text)), "here")

    return files


def _boundary_timer(kind: str, literal: bool = False) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        text = _q(source if literal else f"={source}")
        body = (
            node("userTask", "t", planflow_candidateUsers="supervisor")
            + node("boundaryEvent", "here", timer(kind, text), attachedToRef="t", cancelActivity="false")
            + node("endEvent", "f")
        )  # fmt: skip
        return _around(body, "t", way("here", "f"))

    return files


def _extension(group: str, item: str, value: str, key: str = "name") -> str:
    return (
        f'<bpmn:extensionElements><planflow:{group}><planflow:{item} {key}="x" value="{_q(value)}"/>'
        f"</planflow:{group}></bpmn:extensionElements>"
    )


def _mapped(kind: str, group: str, **attributes: str) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        inside = _extension(group, group[:-1], f"={source}")
        return _around(node(kind, "here", inside, **attributes), "here")

    return files


def _called(group: str) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        inside = _extension(group, group[:-1], f"={source}")
        called = bpmn(node("startEvent", "cs") + node("endEvent", "ce") + way("cs", "ce"), key="called")
        caller = _around(node("callActivity", "here", inside, calledElement="called"), "here")
        return {**caller, "called.bpmn": called}

    return files


def _rule_inputs(source: str) -> Files:
    inside = _extension("inputs", "input", f"={source}")
    rule = node(
        "businessRuleTask", "here", inside, planflow_decision="check", planflow_resultVariable="result"
    )
    return {**_around(rule, "here"), "check.dmn": decision()}


def _looped(inside: str = "", **options: str) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        put = {f"planflow_{name}": _q(text.replace("SOURCE", source)) for name, text in options.items()}
        written = "".join(f' {key.replace("planflow_", "planflow:")}="{value}"' for key, value in put.items())
        loop = (
            f"<bpmn:multiInstanceLoopCharacteristics{written}>{inside.replace('SOURCE', _q(source))}"
            "</bpmn:multiInstanceLoopCharacteristics>"
        )
        return _around(node("task", "here", loop), "here")

    return files


def _task_option(option: str, literal: bool = False) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        text = _q(source if literal else f"={source}")
        return _around(node("userTask", "here", **{f"planflow_{option}": text}), "here")

    return files


def _process_option(option: str) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        start = '{"type": "default", "components": [{"type": "textfield", "key": "a", "label": "A"}]}'
        more = {"planflow_startForm": "start.form"} if option == "startValues" else {}
        written = {f"planflow_{option}": _q(f"={source}"), **more}
        content = _around(node("task", "t"), "t", **written)
        return {**content, "start.form": start.encode()} if more else content

    return files


def _looped_by_condition(source: str) -> Files:
    loop = (
        '<bpmn:standardLoopCharacteristics testBefore="true" loopMaximum="3"><bpmn:loopCondition>'
        f"{_q(source)}</bpmn:loopCondition></bpmn:standardLoopCharacteristics>"
    )
    return _around(node("task", "here", loop), "here")


def _awaited_condition(source: str) -> Files:
    return _around(node("intermediateCatchEvent", "here", conditional(_q(source))), "here")


def _started_by(event: str) -> Files:
    return _one(bpmn(node("startEvent", "here", event) + node("endEvent", "e") + way("here", "e")))


def _starting_condition(source: str) -> Files:
    return _started_by(conditional(_q(source)))


def _starting_timer(kind: str) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        return _started_by(timer(kind, _q(f"={source}")))

    return files


def _activated_by_condition(source: str) -> Files:
    join = node(
        "complexGateway", "here", f"<bpmn:activationCondition>{_q(source)}</bpmn:activationCondition>"
    )
    nodes = [
        node("startEvent", "s"),
        node("parallelGateway", "f"),
        node("task", "a"),
        node("task", "b"),
        join,
    ]
    body = "".join(nodes) + node("endEvent", "e") + way("s", "f", "a", "here", "e") + way("f", "b", "here")
    return _one(bpmn(body))


def _completed_by_condition(source: str) -> Files:
    inside = node("task", "i") + node("task", "j")
    condition = f"<bpmn:completionCondition>{_q(source)}</bpmn:completionCondition>"
    return _around(node("adHocSubProcess", "here", inside + condition), "here")


def _assigned(source: str) -> Files:
    data = (
        '<bpmn:property id="held" name="held"/><bpmn:dataInputAssociation id="way_in">'
        "<bpmn:targetRef>held</bpmn:targetRef><bpmn:assignment>"
        f"<bpmn:from>{_q(source)}</bpmn:from><bpmn:to>held</bpmn:to></bpmn:assignment></bpmn:dataInputAssociation>"
    )
    return _around(node("task", "here", data), "here")


def _condition_of_camunda(source: str) -> Files:
    (content,) = _condition(f"={source}").values()
    platform = (
        b'<bpmn:definitions xmlns:modeler="http://camunda.org/schema/modeler/1.0"'
        b' modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.6.0"'
    )
    return _one(content.replace(b"<bpmn:definitions", platform, 1))


def _fact(source: str) -> Files:
    inside = _extension("facts", "fact", f"={source}", key="label")
    return _around(node("userTask", "here", inside, planflow_candidateUsers="supervisor"), "here")


def _correlation(kind: str) -> Callable[[str], Files]:
    message = '<bpmn:message id="m" name="word"/>'

    def files(source: str) -> Files:
        option = {"planflow_correlation": _q(f"={source}")}
        if kind == "receiveTask":
            element = node("receiveTask", "here", messageRef="m", **option)
        else:
            event = '<bpmn:messageEventDefinition messageRef="m"/>'
            element = node("intermediateCatchEvent", "here", event, **option)
        body = node("startEvent", "s") + element + node("endEvent", "e") + way("s", "here", "e")
        return _one(bpmn(body, definitions=message))

    return files


DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"


def decision(given: str = "1", test: str = "-", result: str = '"x"') -> bytes:
    """A table of one rule with these texts in its cells."""
    return (
        f'<definitions xmlns="{DMN}" id="d" name="D" namespace="urn:test"><decision id="check" name="Check">'
        '<decisionTable id="check_table" hitPolicy="UNIQUE">'
        f'<input id="i"><inputExpression id="ie"><text>{escape(given)}</text></inputExpression></input>'
        f'<output id="o" name="x"/><rule id="r"><inputEntry id="c"><text>{escape(test)}</text></inputEntry>'
        f'<outputEntry id="oe"><text>{escape(result)}</text></outputEntry></rule></decisionTable>'
        "</decision></definitions>"
    ).encode()


def literal_expression(text: str) -> bytes:
    """A decision that is an expression."""
    return (
        f'<definitions xmlns="{DMN}" id="d" name="D" namespace="urn:test"><decision id="check" name="Check">'
        f'<literalExpression id="l"><text>{escape(text)}</text></literalExpression></decision></definitions>'
    ).encode()


def _decided(make: Callable[[str], bytes]) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        rule = node("businessRuleTask", "here", planflow_decision="check", planflow_resultVariable="result")
        return {**_around(rule, "here"), "check.dmn": make(source)}

    return files


def _form(make: Callable[[str], dict]) -> Callable[[str], Files]:
    def files(source: str) -> Files:
        other = {"type": "textfield", "key": "other", "label": "Other"}
        content = {"type": "default", "components": [make(source), other]}
        task = node("userTask", "here", planflow_form="work.form", planflow_candidateUsers="supervisor")
        return {**_around(task, "here"), "work.form": dumps(content).encode()}

    return files


def _field(**properties: object) -> dict:
    return {"type": "textfield", "key": "a", "label": "A", **properties}


ELEMENT, PROCESS, FLOW = ("here",), ("p",), ("g_f", "t_f", "g", "t")
TABLE = ("here", "check", "r", "c", "i", "ie", "oe", "l", "check_table")

EXPRESSIONS: dict[str, Place] = {
    "a script": Place(_script, ELEMENT),
    "a function in a script": Place(_loop_script, ELEMENT),
    "a condition": Place(_condition, FLOW),
    "a condition of an activity": Place(_condition_of_an_activity, FLOW),
    "a condition of an inclusive gateway": Place(_condition_of_an_inclusive_gateway, FLOW),
    "a date of a timer": Place(_caught_timer("timeDate"), ELEMENT),
    "a duration of a timer": Place(_caught_timer("timeDuration"), ELEMENT),
    "a cycle of a timer": Place(_boundary_timer("timeCycle"), ("here", "t")),
    "a duration of a boundary timer": Place(_boundary_timer("timeDuration"), ("here", "t")),
    "an input of a service": Place(_mapped("serviceTask", "inputs", planflow_operation="echo"), ELEMENT),
    "an output of a service": Place(_mapped("serviceTask", "outputs", planflow_operation="echo"), ELEMENT),
    "an input of a call": Place(_called("inputs"), ELEMENT),
    "an output of a call": Place(_called("outputs"), (*ELEMENT, "ce")),
    "an input of a decision": Place(_rule_inputs, ELEMENT),
    "a collection": Place(_looped(collection="=SOURCE"), ELEMENT),
    "a cardinality": Place(_looped("<bpmn:loopCardinality>SOURCE</bpmn:loopCardinality>"), ELEMENT),
    "a completion condition": Place(
        _looped("<bpmn:completionCondition>SOURCE</bpmn:completionCondition>", collection="=[1, 2]"), ELEMENT
    ),
    "an element of an output": Place(
        _looped(collection="=[1, 2]", outputCollection="found", outputElement="=SOURCE"), ELEMENT
    ),
    "a condition of a loop": Place(_looped_by_condition, ELEMENT),
    "an awaited condition": Place(_awaited_condition, ELEMENT),
    "a condition that starts a process": Place(_starting_condition, ELEMENT),
    "a cycle that starts a process": Place(_starting_timer("timeCycle"), ELEMENT),
    "a condition of a complex gateway": Place(_activated_by_condition, ELEMENT),
    "a condition of an ad-hoc sub-process": Place(_completed_by_condition, ("here", "i", "j")),
    "an assignment of data": Place(_assigned, ELEMENT),
    "an assignee": Place(_task_option("assignee"), ELEMENT),
    "candidate users": Place(_task_option("candidateUsers"), ELEMENT),
    "candidate groups": Place(_task_option("candidateGroups"), ELEMENT),
    "a due date": Place(_task_option("dueDate"), ELEMENT),
    "a priority": Place(_task_option("priority"), ELEMENT),
    "keys of a receive task": Place(_correlation("receiveTask"), ELEMENT),
    "keys of a message event": Place(_correlation("intermediateCatchEvent"), ELEMENT),
    "a title": Place(_process_option("title"), PROCESS),
    "start values": Place(_process_option("startValues"), PROCESS, silent=True),
    "a fact": Place(_fact, ELEMENT, silent=True),
    "an input of a table": Place(_decided(lambda text: decision(given=text)), TABLE),
    "a result of a table": Place(_decided(lambda text: decision(result=text)), TABLE),
    "a literal expression": Place(_decided(literal_expression), TABLE),
}
"""Places of Starlark expressions."""

OTHER_LANGUAGES: dict[str, Place] = {
    "a date of a timer, written out": Place(_caught_timer("timeDate", literal=True), ELEMENT),
    "a duration of a timer, written out": Place(_caught_timer("timeDuration", literal=True), ELEMENT),
    "a cycle of a timer, written out": Place(_boundary_timer("timeCycle", literal=True), ("here", "t")),
    "a due date, written out": Place(_task_option("dueDate", literal=True), ELEMENT),
    "a priority, written out": Place(_task_option("priority", literal=True), ELEMENT),
    "an assignee, written out": Place(_task_option("assignee", literal=True), ELEMENT),
    "a condition of another modeler": Place(_condition_of_camunda, FLOW),
    "FEEL as an input of a table": Place(_decided(lambda text: decision(given=text)), TABLE),
    "FEEL as a result of a table": Place(_decided(lambda text: decision(result=text)), TABLE),
    "FEEL as a literal expression": Place(_decided(literal_expression), TABLE),
    "a test of a table": Place(_decided(lambda text: decision(test=text)), TABLE),
    "a condition of a form": Place(_form(lambda text: _field(conditional={"hide": f"={text}"})), ("a",)),
    "an expression of a form": Place(
        _form(lambda text: {"type": "expression", "key": "a", "expression": f"={text}"}), ("a",)
    ),
    "a label of a form": Place(_form(lambda text: _field(label=f"={text}")), ("a",)),
    "a default of a form": Place(_form(lambda text: _field(defaultValue=text)), ("a",)),
    "a pattern of a form": Place(_form(lambda text: _field(validate={"pattern": text})), ("a",)),
}
"""Places with a language of their own: ISO 8601, S-FEEL, the FEEL of forms, regular expressions."""


def _named(make: Callable[[str], str], **process: str) -> Callable[[str], Files]:
    """A process with something named by the text."""

    def files(text: str) -> Files:
        written = {name: value.replace("TEXT", _q(text)) for name, value in process.items()}
        return _around(node("task", "here") + make(_q(text)), "here", **written)

    return files


def _nothing(_text: str) -> str:
    return ""


def _replaced(old: str, new: str) -> Callable[[str], Files]:
    """The plainest process, with one place of its XML replaced by the text."""

    def files(text: str) -> Files:
        (content,) = _around(node("task", "here"), "here").values()
        return _one(content.replace(old.encode(), new.replace("TEXT", _q(text)).encode()))

    return files


def _task_with(inside: str, **options: str) -> Callable[[str], Files]:
    def files(text: str) -> Files:
        put = {f"planflow_{name}": value.replace("TEXT", _q(text)) for name, value in options.items()}
        return _around(node("userTask", "here", inside.replace("TEXT", _q(text)), **put), "here")

    return files


def _thrown_error(text: str) -> Files:
    end = node("endEvent", "e", '<bpmn:errorEventDefinition errorRef="r"/>')
    body = node("startEvent", "s") + end + way("s", "e")
    return _one(bpmn(body, definitions=f'<bpmn:error id="r" name="{_q(text)}" errorCode="{_q(text)}"/>'))


def _awaited_message(text: str) -> Files:
    event = node("intermediateCatchEvent", "here", '<bpmn:messageEventDefinition messageRef="m"/>')
    body = node("startEvent", "s") + event + node("endEvent", "e") + way("s", "here", "e")
    return _one(bpmn(body, definitions=f'<bpmn:message id="m" name="{_q(text)}"/>'))


def _described_rule(text: str) -> Files:
    described = f"<description>{escape(text)}</description><inputEntry"
    table = (
        decision()
        .replace(b"<inputEntry", described.encode())
        .replace(b'name="Check"', f'name="{_q(text)}"'.encode())
    )
    return {**_rule_inputs("1"), "check.dmn": table}


_EXTENSION = (
    "<bpmn:extensionElements><planflow:{0}s><planflow:{0} {1}/></planflow:{0}s></bpmn:extensionElements>"
)

NAMES: dict[str, Callable[[str], Files]] = {
    "an element": _replaced('name="here"', 'name="TEXT"'),
    "a process": _named(_nothing, name="TEXT"),
    "a title": _named(_nothing, planflow_title="TEXT"),
    "the groups that may start": _named(_nothing, planflow_starterGroups="TEXT"),
    "a sequence flow": _replaced('id="s_here"', 'id="s_here" name="TEXT"'),
    "the id of an element": _replaced('"here"', '"TEXT"'),
    "the id of a process": _replaced('id="p"', 'id="TEXT"'),
    "a namespace": _replaced('targetNamespace="urn:test"', 'targetNamespace="TEXT"'),
    "documentation": _task_with("<bpmn:documentation>TEXT</bpmn:documentation>"),
    "an annotation": _named(
        lambda text: f'<bpmn:textAnnotation id="n"><bpmn:text>{text}</bpmn:text></bpmn:textAnnotation>'
    ),
    "a lane": _named(
        lambda text: (
            f'<bpmn:laneSet id="ls"><bpmn:lane id="l" name="{text}"><bpmn:flowNodeRef>here</bpmn:flowNodeRef>'
            "</bpmn:lane></bpmn:laneSet>"
        )
    ),
    "an outcome": _task_with(_EXTENSION.format("outcome", 'id="TEXT" name="TEXT"')),
    "a fact": _task_with(_EXTENSION.format("fact", 'label="TEXT" value="TEXT"')),
    "a group": _task_with("", candidateGroups="TEXT"),
    "a form": _task_with("", form="TEXT"),
    "a variable": _task_with("", outcomeVariable="TEXT", commentVariable="TEXT"),
    "a called process": lambda text: _around(node("callActivity", "here", calledElement=_q(text)), "here"),
    "an operation": lambda text: _around(node("serviceTask", "here", planflow_operation=_q(text)), "here"),
    "a decision": lambda text: _around(node("businessRuleTask", "here", planflow_decision=_q(text)), "here"),
    "an error": _thrown_error,
    "a message": _awaited_message,
    "a table and its rules": _described_rule,
    "a text of a form": _form(lambda text: {"type": "text", "text": text}),
    "a field of a form": _form(lambda text: _field(label=text, description=text)),
    "a key of a form": _form(lambda text: _field(key=text)),
    "an option of a form": _form(
        lambda text: {"type": "select", "key": "a", "label": "A", "values": [{"label": text, "value": text}]}
    ),
}
"""Places that name or describe something, and are never executed."""

PATTERNS = (
    "(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){30}", "(a?){100}a{100}", "((a{1,100}){1,100}){1,100}", "[a-z]+" * 40,
    "(?:a*)*b", "(?=a)b", "(a)\\1", "(?P<x>a)(?P=x)", "a{1000}", "(((((((((((a*)*)*)*)*)*)*)*)*)*)*", "\\p{L}+",
)  # fmt: skip
"""Regular expressions that make others backtrack for ever, or that they only read with backtracking."""

FILE_NAMES = (
    "../../process.bpmn", "/etc/cron.d/process.bpmn", "a/../../b.bpmn", "..", ".bpmn", "a\x00.bpmn", "C:\\a.bpmn",
    "a\nb.bpmn", "<script>.bpmn", "%(x)s{0}{{ 7777*7777 }}.bpmn", "x" * 5000 + ".bpmn", "\u202egepj.bpmn",
    "\ud800.bpmn",
    "$(touch CANARY).bpmn", "-rf.bpmn", "process.bpmn/../../../../etc/passwd",
)  # fmt: skip

_ENTITIES = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 10}">' for n in range(12))


def _beside(name: str, content: bytes) -> Files:
    return {**_around(node("task", "here"), "here"), name: content}


def _xml(content: str) -> Callable[[], Files]:
    """The same file as BPMN and as DMN, in one deployment."""
    return lambda: {"process.bpmn": content.encode(), "check.dmn": content.encode()}


def _json(content: str) -> Callable[[], Files]:
    return lambda: _beside("work.form", content.encode("utf-8", "surrogatepass"))


FILES: dict[str, Callable[[], Files]] = {
    "a billion laughs": _xml(f"<!DOCTYPE a [{_ENTITIES}]><a>&e11;</a>"),
    "a quadratic blow-up": _xml(f'<!DOCTYPE a [<!ENTITY x "{"y" * 100_000}">]><a>{"&x;" * 10_000}</a>'),
    "a file as entity": _xml('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'),
    "an address as entity": _xml('<!DOCTYPE a [<!ENTITY x SYSTEM "http://127.0.0.1:1/x">]><a>&x;</a>'),
    "an outer document type": _xml('<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>'),
    "a parameter entity": _xml('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://127.0.0.1:1/x">%x;]><a/>'),
    "a deep document": _xml("<a>" * 100_000 + "</a>" * 100_000),
    "many elements": _xml("<a>" + "<b/>" * 900_000 + "</a>"),
    "many attributes": _xml("<a " + " ".join(f"a{n}=''" for n in range(300_000)) + "/>"),
    "many namespaces": _xml("<a " + " ".join(f"xmlns:n{n}='u{n}'" for n in range(150_000)) + "/>"),
    "a long name of an element": _xml(f"<{'a' * 4_000_000}/>"),
    "a document that is too large": _xml("<a>" + " " * 6_000_000 + "</a>"),
    "references to characters": _xml("<a>" + "&#65;" * 900_000 + "</a>"),
    "a deep form": _json("[" * 300_000 + "]" * 300_000),
    "deep objects in a form": _json('{"a":' * 100_000 + "1" + "}" * 100_000),
    "deep components in a form": _json(
        '{"type":"default","components":[' + '{"type":"group","components":[' * 900 + "]}" * 900 + "]}"
    ),
    "a form that is too large": _json(
        '{"type":"default","components":[],"exporter":"' + "a" * 4_000_000 + '"}'
    ),
    "many components in a form": _json(
        '{"type":"default","components":[' + ",".join(['{"type":"separator"}'] * 20_000) + "]}"
    ),
    "a key twice in a form": _json('{"type":"default","components":[],"components":[]}'),
    "a long number in a form": _json(
        '{"type":"default","components":[],"schemaVersion":' + "9" * 400_000 + "}"
    ),
    "a number without end in a form": _json('{"type":"default","components":[],"schemaVersion":1e999}'),
    "no number in a form": _json('{"type":"default","components":[],"schemaVersion":NaN}'),
    "half a character in a form": _json('{"type":"default","components":[],"id":"\\ud800"}'),
    "what is no UTF-8 in a form": _json("\ud800"),
    "a list as form": _json("[]"),
}
"""Files that are too much for a parser, or want it to read something else."""
