"""Processes that wait in the ways which the shipped ones do not use, and their stories."""

from __future__ import annotations

from tests.engine.xml_text import (
    bpmn,
    catch,
    compensate,
    conditional,
    event_sub_process,
    handled_by,
    loop,
    many,
    mapped,
    message,
    node,
    root,
    signal,
    throw,
    timer,
    way,
    with_process,
)

S, E = node("startEvent", "s"), node("endEvent", "e")
IN_TURN = many(isSequential="true", planflow_collection="=[1, 2, 3]")
ONE_KEY = {"planflow_correlation": "={&quot;order&quot;: order}"}


def _user(element: str, inside: str = "", **attributes: str) -> str:
    return node("userTask", element, inside, planflow_candidateGroups="operations_supervisor", **attributes)


def _events() -> bytes:
    """Events of every kind that is caught in between, and two that race."""
    names = root("message", "paid") + root("message", "answered") + root("signal", "go")
    return bpmn(
        S + node("receiveTask", "pay", messageRef="paid", **ONE_KEY) + node("eventBasedGateway", "race")
        + catch("answer", message("answered"), **ONE_KEY) + catch("silence", timer("timeDuration", "PT1H"))
        + node("exclusiveGateway", "either") + catch("start_sign", signal("go"))
        + node("parallelGateway", "fork") + _user("prepare") + catch("ready", conditional("var('ready', 0) &gt; 1"))
        + node("parallelGateway", "join") + catch("pause", timer("timeCycle", "R2/PT1H")) + E
        + way("s", "pay", "race", "answer", "either", "start_sign", "fork", "prepare", "join", "pause", "e")
        + way("race", "silence", "either") + way("fork", "ready", "join"),
        key="waits_for_events",
        definitions=names,
    )  # fmt: skip


def _scopes() -> bytes:
    """Scopes within scopes, and activities that are done several times."""
    inner = (
        node("startEvent", "in") + _user("within") + node("endEvent", "out") + way("in", "within", "out")
        + event_sub_process("aside", message("note"), _user("noted") + way("aside_s", "noted"), interrupting=False)
    )  # fmt: skip
    body = (
        S + node("callActivity", "call", calledElement="waits_to_be_called") + node("subProcess", "part", inner)
        + _user("each", many(planflow_collection="=[1, 2, 3]")) + _user("in_turn", IN_TURN)
        + _user("again", loop("turn &lt; 2"))
        + node("adHocSubProcess", "some", _user("one") + _user("other")) + E
        + way("s", "call", "part", "each", "in_turn", "again", "some", "e")
    )  # fmt: skip
    called = node("startEvent", "c_s") + _user("called_work") + node("endEvent", "c_e")
    file = bpmn(body, key="waits_in_scopes", definitions=root("message", "note"))
    return with_process(file, "waits_to_be_called", called + way("c_s", "called_work", "c_e"))


def _work() -> bytes:
    """Work of another system, and what has to be undone by a person."""
    undone = _user("undo", isForCompensation="true")
    given = mapped(in_what="=order", out_told="=result[&quot;said&quot;]")
    body = (
        S + node("serviceTask", "tell", given, planflow_operation="tests.post")
        + node("transaction", "deal", _booked()) + _user("book") + handled_by("book", "undo") + undone
        + _user("doubt") + throw("give_up", compensate()) + E
        + way("s", "tell", "deal", "book", "doubt", "give_up", "e")
    )  # fmt: skip
    return bpmn(body, key="waits_for_work")


def _booked() -> str:
    start, end = node("startEvent", "t_s"), node("endEvent", "t_e")
    return start + _user("agree") + end + way("t_s", "agree", "t_e")


FILES = {"events.bpmn": _events(), "scopes.bpmn": _scopes(), "work.bpmn": _work()}

PEOPLE = "people: {supervisor: {roles: [operations_supervisor]}}"


def _told(process: str, steps: str, variables: str) -> str:
    return (
        f"name: {process}\nprocess: {process}\nstarter: supervisor\n{PEOPLE}\n"
        f"start: {{variables: {variables}}}\nsteps:\n{steps}expect: {{state: completed, end: e}}\n"
    )


def _tasks(*elements: str) -> str:
    return "".join(f"  - {{task: {element}, by: supervisor}}\n" for element in elements)


def _again(turn: int) -> str:
    return f"  - {{task: again, by: supervisor, variables: {{turn: {turn}}}}}\n"


STORIES = {
    "waits_for_events": _told(
        "waits_for_events",
        "  - {message: paid, keys: {order: 7}}\n  - {message: answered, keys: {order: 7}}\n  - {signal: go}\n"
        "  - {task: prepare, by: supervisor, variables: {ready: 2}}\n  - {timer: pause}\n",
        "{order: 7}",
    ),
    "waits_for_events-silence": _told(
        "waits_for_events",
        "  - {message: paid, keys: {order: 8}}\n  - {timer: silence}\n  - {signal: go}\n"
        "  - {task: prepare, by: supervisor, variables: {ready: 2}}\n  - {timer: pause}\n",
        "{order: 8}",
    ),
    "waits_in_scopes": _told(
        "waits_in_scopes",
        _tasks("called_work") + "  - {message: note}\n" + _tasks("within", "noted")
        + _tasks("each", "each", "each", "in_turn", "in_turn", "in_turn") + _again(1) + _again(2)
        + _tasks("one", "other"),
        "{turn: 0}",
    ),
    "waits_for_work": _told(
        "waits_for_work", "  - {work: tell}\n" + _tasks("agree", "book", "doubt", "undo"), "{order: 9}"
    ),
}  # fmt: skip
"""By the name that they are kept as."""
