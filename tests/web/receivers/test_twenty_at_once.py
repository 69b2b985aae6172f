"""However often a call is sent at once, it has one effect, on both databases; a crash leaves none behind."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.directory import SYSTEM
from engine.storage.database import Database
from engine.storage.tables import instance
from plans.organisation import people, tokens
from tests.web.conftest import MODELS, NOW, Office, open_office
from tests.web.receivers.sending import STARTING, Sender, calls, made, outcomes
from web.container import build_container
from web.settings import Settings
from webhooks.incoming.tables import seen


@pytest.fixture
def both(database: Database, tmp_path: Any) -> Iterator[Office]:
    """An office on each kind of database."""
    url = database.url.render_as_string(hide_password=False)
    settings = Settings(home=tmp_path, database_url=url, secret_key="for tests " * 4)
    container = build_container(settings)
    given = {}
    with container.database.write() as session:
        for name, role in (("admin", "administrator"), ("auditor", "auditor")):
            people.create_person(session, name, now=NOW, roles=[role])
            given[name] = tokens.create_token(session, name, now=NOW)
    files = {path.name: path.read_bytes() for path in sorted(MODELS.iterdir())}
    container.engine.deploy(files, actor=SYSTEM, name="request")
    yield open_office(settings, container, given)
    container.close()


def started(office: Office) -> int:
    with office.container.database.read() as session:
        return session.scalar(select(func.count()).select_from(instance)) or 0


def test_twenty_at_once_have_one_effect(both: Office) -> None:
    sender = made(both, **STARTING)
    body = {"amount": 7, "key": "ORDER-1"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _number: sender.standard(body), range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.get_data() for answer in answers}) == 1
    assert started(both) == 1
    assert sorted(outcomes(both)) == ["accepted"] + ["duplicate"] * 19


def test_twenty_different_ones_have_twenty(both: Office) -> None:
    sender = made(both, **STARTING)

    def send(number: int) -> int:
        return sender.standard({"amount": 7, "key": "K"}, webhook_id=f"msg_{number}").status_code

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(send, range(20))) == {200}
    assert started(both) == 20


def test_what_breaks_before_the_commit_leaves_nothing_and_may_be_sent_again(
    both: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = made(both, **STARTING)
    body = {"amount": 7, "key": "ORDER-1"}

    def broken(*_arguments: Any) -> None:
        raise OSError("the machine dies here, with all of it written and nothing committed")

    with monkeypatch.context() as crash:
        crash.setattr("webhooks.incoming.receiving.note", broken)
        assert sender.standard(body).status_code == 500
    assert started(both) == 0
    with both.container.database.read() as session:
        assert session.execute(select(seen)).all() == []
    assert sender.standard(body).status_code == 200
    assert started(both) == 1
    assert calls(both)[0]["outcome"] == "accepted"


def test_a_crash_between_commit_and_answer_has_one_effect(
    both: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender = made(both, **STARTING)
    body = {"amount": 7, "key": "ORDER-1"}

    def broken(*_arguments: Any) -> None:
        raise OSError("the machine dies here, after the commit")

    with monkeypatch.context() as crash:
        crash.setattr("web.incoming._answer", broken)
        assert sender.standard(body).status_code == 500
    assert sender.standard(body).get_json()["outcome"] == "accepted"
    assert started(both) == 1


def test_senders_with_one_name_elsewhere_are_others(both: Office) -> None:
    first = made(both, **STARTING)
    other = made(both, name="crm", **STARTING)
    assert Sender(both, "crm", first.secret).standard({"amount": 7, "key": "K"}).status_code == 401
    assert other.standard({"amount": 7, "key": "K"}).status_code == 200
