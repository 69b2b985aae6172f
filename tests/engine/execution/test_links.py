"""Link events (BPMN 2.0.2 §10.5.5): a jump within one scope, from any number of places to one."""

from __future__ import annotations

from tests.engine.conftest import names
from tests.engine.execution.running import ADMINISTRATOR, start
from tests.engine.xml_text import bpmn, catch, flow, link, node, script, throw, way

S, E = node("startEvent", "s"), node("endEvent", "e")


def test_a_link_goes_on_where_its_name_is_caught(trial):
    file = bpmn(S + throw("to", link("l")) + catch("from", link("l")) + E + way("s", "to") + way("from", "e"))
    result = trial(file)
    assert (result.state, names(result)) == ("completed", ["s", "to", "from", "e"])


def test_several_links_lead_to_one_place(trial):
    file = bpmn(
        S + node("parallelGateway", "f") + throw("one", link("l")) + throw("two", link("l")) + catch("from", link("l"))
        + E + way("s", "f", "one") + way("f", "two") + way("from", "e")
    )  # fmt: skip
    assert names(trial(file)) == ["s", "f", "one", "two", "from", "from", "e", "e"]


def test_a_link_may_lead_backwards_into_a_loop(trial):
    file = bpmn(
        S + catch("from", link("again")) + node("exclusiveGateway", "m") + script("count", "n = n + 1")
        + node("exclusiveGateway", "x", default="x_e") + throw("to", link("again")) + E
        + way("s", "m", "count", "x", "e") + way("from", "m") + flow("x", "to", "n &lt; 3")
    )  # fmt: skip
    result = trial(file, {"n": 0})
    assert (result.state, result.data["n"], names(result).count("from")) == ("completed", 3, 2)


def test_links_of_the_same_name_in_different_scopes_do_not_meet(trial):
    inner = node("startEvent", "is") + throw("ito", link("l")) + catch("ifrom", link("l")) + way("is", "ito")
    file = bpmn(
        S
        + node("subProcess", "sub", inner)
        + throw("to", link("l"))
        + catch("from", link("l"))
        + way("s", "sub", "to")
    )
    assert names(trial(file)) == ["s", "is", "ito", "ifrom", "sub", "to", "from"]


def test_an_inclusive_join_waits_for_what_can_still_jump_to_it(trial):
    file = bpmn(
        S + node("inclusiveGateway", "f") + node("task", "a") + node("task", "b") + node("task", "c")
        + throw("to", link("l")) + catch("from", link("l")) + node("inclusiveGateway", "j") + E
        + way("s", "f") + flow("f", "a", "True") + flow("f", "b", "True") + way("a", "j", "e") + way("b", "c", "to")
        + way("from", "j")
    )  # fmt: skip
    assert names(trial(file)).count("e") == 1


def test_history_shows_both_ends_of_a_link_and_no_flow_between_them(engine, deploy):
    file = bpmn(S + throw("to", link("l")) + catch("from", link("l")) + E + way("s", "to") + way("from", "e"))
    running = start(engine, deploy, file)
    assert running.completed == ["s", "to", "from", "e"]
    with engine.database.read() as session:
        assert engine.queries(session, ADMINISTRATOR).diagram(running.id).taken_flows == ("from_e", "s_to")
