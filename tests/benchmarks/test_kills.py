"""Server and worker are killed while people work; afterwards everything is there, and each thing once.

A few kills only. ``python -m benchmarks.kill`` does as many as it is asked for.
"""

from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from benchmarks.kill import kill
from benchmarks.killing.clients import Ledger
from benchmarks.killing.counting import TOLD, problems
from benchmarks.killing.receiver import EVENTS, Arrival, Receiver, receiving
from engine.storage.database import Database
from engine.storage.tables import history
from tests.engine.rows import add_instance, deploy
from webhooks.outgoing.tables import delivery, endpoint
from webhooks.outgoing.tables import event as outbox

pytestmark = pytest.mark.slow


def test_nothing_is_lost_and_nothing_happens_twice_when_processes_are_killed(
    empty_database_url: str, tmp_path: Path
) -> None:
    report = kill(tmp_path, empty_database_url, kills=8, seed=3)
    assert report["problems"] == []
    assert report["kills"] >= 8
    assert report["acknowledged_completions"] == report["events"]["task.completed"]
    told = sum(report["events"][kind] for kind in TOLD)
    assert report["deliveries"]["events"] == told <= report["deliveries"]["arrivals"]


def test_a_completion_that_was_acknowledged_and_is_not_there_is_counted(sqlite_database: Database) -> None:
    ledger = Ledger()
    ledger.completed["task"] = "draft"
    ledger.started[1] = "instance"
    found = list(problems(sqlite_database, ledger, Receiver()))
    assert "the acknowledged completion of draft (task) is there 0 times" in found
    assert "acknowledged instance instance is gone" in found


def test_a_call_that_no_instance_knows_of_is_counted(sqlite_database: Database) -> None:
    receiver = Receiver()
    receiver.note("key", 1)
    assert "a call arrived under 'key', of which no instance knows" in list(
        problems(sqlite_database, Ledger(), receiver)
    )


class Outbox:
    """Events of one instance, as its history and the outbox have them, all delivered."""

    def __init__(self, database: Database, count: int) -> None:
        self.receiver = Receiver()
        self._database = database
        self.events = [
            {
                "id": f"evt_{seq}",
                "type": "org.planflow.task.completed",
                "data": {"instance": {"id": "i"}, "sequence": seq},
            }
            for seq in range(1, count + 1)
        ]
        now = datetime.now(UTC)
        own = {"id": "w", "name": "w", "format": "standard", "address": "", "url": "", "language": "en"}
        state = {
            "events": [],
            "processes": [],
            "enabled": True,
            "failures": 0,
            "created_by": "",
            "revision": 1,
        }
        with database.write() as session:
            definition = deploy(session)
            add_instance(session, "i", definition)
            session.execute(insert(endpoint).values(**own, **state, created_at=now, updated_at=now))
            for each in self.events:
                self._add(session, each, definition, now)

    def _add(self, session: Session, each: dict[str, Any], definition: int, now: datetime) -> None:
        seq = each["data"]["sequence"]
        happened = {"instance_id": "i", "seq": seq, "time": now, "actor": "a", "kind": "task.completed"}
        session.execute(
            insert(history).values(
                **happened, definition_id=definition, payload={"task": "t"}, previous_hash="", hash=""
            )
        )
        session.execute(
            insert(outbox).values(id=each["id"], type="t", subject="s", time=now, content=json.dumps(each))
        )
        on_its_way = {"status": "delivered", "attempts": 1, "tries": 1, "by_hand": False, "created_at": now}
        session.execute(
            insert(delivery).values(id=seq, endpoint_id="w", event_id=each["id"], lane="i", **on_its_way)
        )

    def found(self, *arrived: int) -> list[str]:
        """What is counted of events when these have arrived, by their numbers."""
        for number in arrived:
            event = self.events[number - 1]
            self.receiver.arrivals.append(Arrival(event["id"], event))
        told = problems(self._database, Ledger(), self.receiver)
        return [line for line in told if "evt_" in line or "outbox" in line]


def test_events_that_arrive_in_order_some_of_them_twice_are_as_promised(sqlite_database: Database) -> None:
    assert Outbox(sqlite_database, 3).found(1, 1, 2, 3, 3) == []


def test_an_event_that_never_arrived_is_counted(sqlite_database: Database) -> None:
    assert Outbox(sqlite_database, 3).found(1, 2) == ["the event evt_3 has not arrived"]


def test_an_event_that_arrives_after_a_later_one_is_counted(sqlite_database: Database) -> None:
    assert Outbox(sqlite_database, 2).found(1, 2, 1) == ["the event evt_1 arrived after a later one of i"]


def test_an_event_that_the_outbox_does_not_have_is_counted(sqlite_database: Database) -> None:
    site = Outbox(sqlite_database, 1)
    site.receiver.arrivals.append(Arrival("evt_9", site.events[0]))
    assert any("under evt_9 something arrived" in line for line in site.found(1))


def test_what_happened_and_is_not_in_the_outbox_is_counted(sqlite_database: Database) -> None:
    site = Outbox(sqlite_database, 2)
    with sqlite_database.write() as session:
        session.execute(delete(delivery).where(delivery.c.id == 2))
        session.execute(delete(outbox).where(outbox.c.id == "evt_2"))
    assert any("in history and not in the outbox" in line for line in site.found(1))


def test_an_event_whose_sender_was_killed_while_sending_has_not_arrived() -> None:
    with receiving() as (receiver, address):
        place = urlsplit(address)
        with socket.create_connection((place.hostname, place.port)) as sender:
            sender.sendall(f"POST {EVENTS} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{{".encode())
            sender.shutdown(socket.SHUT_WR)
            assert sender.recv(100) == b""  # nobody answers
        assert (receiver.torn, receiver.unsigned, receiver.arrivals) == (1, [], [])


def test_what_arrives_without_a_signature_is_told(sqlite_database: Database) -> None:
    receiver = Receiver()
    receiver.secret = "whsec_" + "c2VjcmV0" * 4
    receiver.take(b"{}", {"webhook-id": "evt_1"})
    assert any("not signed" in line for line in problems(sqlite_database, Ledger(), receiver))
