"""``planflow try`` lets the processes of a file talk to each other, as the engine would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.simulation import try_file
from tests.engine.messaging.models import file, inputs, keys, message, on_message, on_signal, process, signal
from tests.engine.messaging.test_conversations import ORDER_KEY, TRADE, collaboration, prop
from tests.engine.xml_text import node, script, way

START, END = node("startEvent", "s"), node("endEvent", "e")


def completed(trial, *processes: str) -> list[str]:
    return [s["element"] for s in trial.trace if s["event"] == "completed" and s["process"] in processes]


def test_two_processes_hold_a_conversation(trial):
    found = trial(TRADE, {"order": 7, "goods": "tea"}, {"seller_price": {"price": 3}})
    assert found.state == "completed", found.problems
    assert (found.data["price"], found.data["parcel"]) == (3, "tea")
    assert completed(found, "seller")[-1] == "seller_e"


def test_a_reply_with_another_key_does_not_arrive(trial):
    wrong = TRADE.replace(b'name="number" value="=id"', b'name="number" value="=id + 1"')
    found = trial(wrong, {"order": 7, "goods": "tea"}, {"seller_price": {"price": 3}})
    assert found.state == "waiting"
    assert "price" not in found.data


def test_two_started_side_by_side_talk_with_each_other(tmp_path: Path, sandbox):
    receiver = process(
        "receiver",
        START
        + node("receiveTask", "wait", messageRef="m", **keys('{"k": order}'))
        + END
        + way("s", "wait", "e"),
    )
    sender = process(
        "sender",
        START
        + node("sendTask", "tell", inputs(n="5"), messageRef="m", **keys('{"k": order}'))
        + END
        + way("s", "tell", "e"),
    )
    path = tmp_path / "both.bpmn"
    for first, second in ((receiver, sender), (sender, receiver)):  # a message is kept until somebody waits
        path.write_bytes(file(message("m"), first, second))
        found = try_file(path, ["receiver", "sender"], {"order": 1}, sandbox=sandbox)
        assert (found.state, found.data) == ("completed", {"order": 1, "n": 5})


def test_the_command_takes_several_processes(tmp_path: Path):
    from web.cli import main

    sender = process("sender", START + node("endEvent", "e", on_message("m")) + way("s", "e"))
    receiver = process(
        "receiver", START + node("receiveTask", "wait", messageRef="m") + END + way("s", "wait", "e")
    )
    path = tmp_path / "both.bpmn"
    path.write_bytes(file(message("m"), sender, receiver))
    ran = CliRunner().invoke(
        main, ["try", str(path), "--process", "receiver", "--process", "sender", "--json"]
    )
    assert ran.exit_code == 0, ran.output
    assert "receiver_wait" in [s["element"] for s in json.loads(ran.stdout)["trace"]]
    alone = CliRunner().invoke(main, ["try", str(path), "--process", "receiver", "--json"])
    assert alone.exit_code == 3


def test_a_signal_starts_processes_and_reaches_only_who_waits_already(trial):
    thrower = process("thrower", START + node("endEvent", "e", on_signal("x")) + way("s", "e"))
    started = [
        process(key, node("startEvent", "s", on_signal("x")) + END + way("s", "e"))
        for key in ("first", "second")
    ]
    found = trial(file(signal("x"), thrower, *started))
    assert completed(found, "first", "second") == ["first_s", "first_e", "second_s", "second_e"]


def test_one_instance_at_a_time_for_a_business_key(trial):
    body = node("startEvent", "s", on_message("m"), planflow_uniqueBusinessKey="true")
    body += node("intermediateCatchEvent", "wait", on_signal("go")) + END + way("s", "wait", "e")
    send_two = [
        node("sendTask", f"tell{n}", inputs(n=str(n)), messageRef="m", **keys('{"business_key": "A"}'))
        for n in (1, 2)
    ]
    sender = process("sender", START + "".join(send_two) + END + way("s", "tell1", "tell2", "e"))
    found = trial(file(message("m"), signal("go"), sender, process("one", body)))
    assert [s["element"] for s in found.trace if s["process"] == "one" and s["event"] == "entered"].count(
        "one_wait"
    ) == 1
    found = trial(file(message("m"), signal("go"), sender, process("one", body)), {}, {"one_wait": [{}, {}]})
    assert completed(found, "one").count("one_e") == 2


def test_signals_without_end_are_told(trial):
    def answering(key: str, heard: str, thrown: str, more: str = "") -> str:
        inside = node("startEvent", "t", on_signal(heard)) + node("endEvent", "e", on_signal(thrown))
        return process(key, more + inside + way("t", "e"))

    loop = [answering("ping", "b", "a", START + way("s", "e")), answering("pong", "a", "b")]
    found = trial(file(signal("a"), signal("b"), *loop))
    assert found.state == "failed"
    assert "More than" in found.problems[-1]["reason"]


@pytest.mark.parametrize("payload", [{}, {"number": 5}])
def test_what_starts_it_carries_the_data_of_the_trial(trial, payload):
    body = (
        node("startEvent", "s", on_message("offer"))
        + script("x", "y = number + 1")
        + END
        + way("s", "x", "e")
    )
    content = file(
        message("offer"),
        prop("order_id", offer="number"),
        collaboration(inside=ORDER_KEY),
        process("p", body),
    )
    found = trial(content, payload)
    assert found.state == ("completed" if payload else "failed")
