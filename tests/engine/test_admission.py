"""Commands with texts or data that no database keeps are told so, on both databases alike."""

from __future__ import annotations

import pytest

from engine import (
    ClaimTask,
    CompleteTask,
    CorrelateMessage,
    Invalid,
    ReleaseTask,
    RetryIncident,
    SaveDraft,
    StartInstance,
    TerminateInstance,
)
from tests.engine.conftest import actor
from tests.engine.xml_text import bpmn, node, way

PROCESS = bpmn(node("startEvent", "s") + node("userTask", "a", planflow_assignee="member") + way("s", "a"))


@pytest.mark.parametrize("text", ["a\0b", "\ud800"], ids=["nul", "surrogate"])
def test_a_text_that_cannot_be_stored_is_invalid_in_every_command(engine, deploy, text):
    deploy(PROCESS)
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    (task,) = started.task_ids
    for command in (
        StartInstance(text),
        StartInstance("p", business_key=text),
        CompleteTask(text),
        CompleteTask(task, comment=text),
        CompleteTask(task, outcome=text),
        ClaimTask(text),
        ReleaseTask(text),
        SaveDraft(text, {}),
        SaveDraft(task, {"x": text}),
        TerminateInstance(text, "why"),
        TerminateInstance(started.instance_id, text),
        CorrelateMessage(text),
        CorrelateMessage("paid", {"x": text}),
        RetryIncident(text),
    ):
        with pytest.raises(Invalid):
            engine.execute(
                command, actor("administrator" if "Task" not in type(command).__name__ else "member")
            )


def test_a_draft_has_the_limit_of_variables(engine, deploy):
    deploy(PROCESS)
    started = engine.execute(StartInstance("p"), actor("supervisor"))
    with pytest.raises(Invalid, match="2 MB"):
        engine.execute(SaveDraft(started.task_ids[0], {"x": "y" * 2_000_001}), actor("member"))
