"""The cache of what is deployed."""

from __future__ import annotations

from engine.definitions import Definitions
from tests.engine.xml_text import bpmn, node


def test_what_was_not_used_for_long_is_forgotten_and_made_again(engine, deploy):
    ids = []
    for number in range(4):
        deploy(bpmn(node("task", f"a{number}")))
        ids.append(number + 1)
    kept = Definitions(limit=3)
    with engine.database.read() as session:
        first = kept.spec(session, ids[0])
        for definition in ids[1:3]:
            kept.spec(session, definition)
        assert kept.spec(session, ids[0]) is first
        with engine.database.counting() as counts:
            kept.spec(session, ids[3])
            assert kept.spec(session, ids[0]) is first
            assert counts.statements == 2
            assert kept.spec(session, ids[1]).definition_id == ids[1]
        assert counts.statements == 4
