"""Letters: who is told of what, in their language, once, by a server that is real."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import Actor, CompleteTask, StartInstance
from engine.directory import SYSTEM
from engine.jobs import rows
from engine.storage.tables import job, work_item
from plans import announcing, indicators
from plans.indicators import Indicator
from plans.organisation import people, reachable
from tests.web.conftest import Office
from tests.web.letters.post_office import PostOffice, sending
from tests.web.pages.test_acting import text

MANAGER = Actor("manager", frozenset({"management"}), "Manager")


def begin(office: Office, amount: int = 7) -> str:
    """Start a request, which offers a task to the manager. Returns the task's id."""
    actor = Actor("supervisor", frozenset({"operations_supervisor"}))
    return office.container.engine.execute(StartInstance("request", {"amount": amount}), actor).task_ids[0]


def work(office: Office) -> int:
    return office.container.engine.work_off(limit=50)


def letters(office: Office) -> list[Any]:
    with office.container.database.read() as session:
        return list(session.execute(select(job).where(job.c.kind == "letter").order_by(job.c.id)))


def test_who_can_take_a_task_is_told_in_their_language(mailing: Office, post: PostOffice) -> None:
    task = begin(mailing)
    assert work(mailing) == 1
    [letter] = post.letters
    assert letter["To"] == "Manager <manager@example.com>"
    assert letter["From"] == "PlanFlow <plans@example.com>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Content-Language"] == "zh-Hant"
    assert re.fullmatch(r"<planflow\.\d+\.\d+@example\.com>", letter["Message-ID"])
    assert letter.get_content_type() == "multipart/alternative"
    for kind in ("plain", "html"):
        said = post.part(kind)
        assert f"http://plans.example.com/tasks/{task}" in said
        assert "Request 7" in said  # a title in words that no catalogue has stays as it is
        assert "您好" in said
    assert letters(mailing) == []


def test_what_is_shown_in_html_is_never_markup(mailing: Office, post: PostOffice) -> None:
    with mailing.container.database.write() as session:
        people.update_profile(
            session, "manager", display_name="<b>Boss</b>", email="manager@example.com", language="en"
        )
    begin(mailing)
    work(mailing)
    assert "<b>Boss" not in post.part("html")
    assert "&lt;b&gt;Boss" in post.part("html")
    assert "Hello <b>Boss</b>," in post.part("plain")


def test_nothing_that_people_write_becomes_a_header(mailing: Office, post: PostOffice) -> None:
    evil = "Boss\r\nBcc: everybody@example.com\r\n\r\nhello"
    with mailing.container.database.write() as session:
        session.execute(
            update(people.person).where(people.person.c.name == "manager").values(display_name=evil)
        )
        session.execute(update(people.person).values(language="en"))
    task = begin(mailing)
    with mailing.container.database.write() as session:
        row = letters(mailing)[0]
        data = {**row.payload, "data": {**row.payload["data"]}}
        data["data"]["task"] = {**data["data"]["task"], "name": evil, "id": task}
        session.execute(update(job).where(job.c.id == row.id).values(payload=data))
    work(mailing)
    [letter] = post.letters
    assert letter["Bcc"] is None
    assert "Bcc: everybody@example.com" in letter["Subject"]
    assert [address.addr_spec for address in letter["To"].addresses] == ["manager@example.com"]
    assert not re.search(rb"^Bcc:", post.raw[0], re.M)


@pytest.mark.parametrize(
    "address", ["a@b.c\r\nBcc: x@y.z", "a b@c.d", "<a@b.c>", "@", "a@", "a@b.c,d@e.f", "é@b.c"]
)
def test_an_address_that_is_none_is_refused_and_never_used(
    mailing: Office, post: PostOffice, address: str
) -> None:
    client = mailing.browser("manager")
    answer = save(client, email=address, mail_about="mine")
    assert answer.status_code == 422
    with mailing.container.database.write() as session:
        session.execute(update(people.person).where(people.person.c.name == "manager").values(email=address))
    begin(mailing)
    assert work(mailing) == 0
    assert post.letters == []
    [stopped] = letters(mailing)
    assert stopped.status == "failed"


def save(client: Any, **fields: str) -> Any:
    from tests.web.conftest import csrf_token

    return client.post("/profile/mail", data={"csrf_token": csrf_token(client), **fields})


def test_people_choose_what_they_are_told(mailing: Office, post: PostOffice) -> None:
    client = mailing.browser("manager")
    page = text(client.get("/profile"))
    assert 'value="manager@example.com"' in page
    for wish in ("nothing", "all"):
        assert save(client, email="boss@example.com", mail_about=wish).status_code == 302
        begin(mailing)
        work(mailing)
    assert [letter["To"] for letter in post.letters] == ["Manager <boss@example.com>"]
    assert save(client, email="", mail_about="all").status_code == 302
    begin(mailing)
    work(mailing)
    assert len(post.letters) == 1
    assert save(client, email="x@example.com", mail_about="some").status_code == 422


def test_who_led_to_a_task_is_not_told_of_it(mailing: Office, post: PostOffice) -> None:
    mailing.container.engine.execute(
        StartInstance("request", {"amount": 7}), Actor("manager", frozenset({"operations_supervisor"}))
    )
    work(mailing)
    assert post.letters == []


def test_a_task_that_is_done_meanwhile_needs_no_letter(mailing: Office, post: PostOffice) -> None:
    task = begin(mailing)
    mailing.container.engine.execute(CompleteTask(task, {"opinion": "Yes"}, "approve"), MANAGER)
    work(mailing)
    assert post.letters == []
    assert letters(mailing) == []


def test_who_has_left_gets_none(mailing: Office, post: PostOffice) -> None:
    begin(mailing)
    with mailing.container.database.write() as session:
        people.set_active(session, "manager", False)
    work(mailing)
    assert post.letters == []


def test_what_is_undone_is_not_told(mailing: Office, post: PostOffice) -> None:
    from engine import Invalid

    with pytest.raises(Invalid):
        begin(mailing, amount=5000)
    assert letters(mailing) == []


def test_an_overdue_task_is_told_once(mailing: Office, post: PostOffice) -> None:
    engine = mailing.container.engine
    engine.ensure_standing_jobs()
    task = begin(mailing)
    work(mailing)
    now = datetime.now(UTC)
    with mailing.container.database.write() as session:
        session.execute(
            update(work_item).where(work_item.c.id == task).values(due_at=now - timedelta(hours=1))
        )
        session.execute(
            update(job).where(job.c.kind == "overdue_tasks").values(created_at=now - timedelta(days=1))
        )
        session.execute(update(work_item).values(created_at=now - timedelta(hours=2)))
    engine.fire_due_timers()
    work(mailing)
    assert [letter["Subject"] for letter in post.letters][1:] == ["已逾期：處理"]
    assert task in post.part("plain")


def test_incidents_are_told_to_administrators_who_want_everything(mailing: Office, post: PostOffice) -> None:
    mailing.container.engine.execute(StartInstance("failing", {"divisor": 0}), SYSTEM)
    work(mailing)
    [letter] = post.letters
    assert (letter["To"], letter["Subject"]) == ("Admin <admin@example.com>", "Incident: Divide")
    assert "division by zero" in post.part("plain")


def test_warnings_of_indicators_go_to_who_wants_everything(mailing: Office, post: PostOffice) -> None:
    wanted = Indicator("rate", "On-time rate", "%", target=95, warning=90)
    with mailing.container.database.write() as session:
        indicators.define(session, wanted)
    with mailing.container.engine.writing(SYSTEM) as context:
        announcing.record_reading(context, "rate", date(2027, 1, 4), 80, "by hand")
    work(mailing)
    told = {letter["To"]: letter["Subject"] for letter in post.letters}
    assert told == {
        "Admin <admin@example.com>": "Warning: On-time rate",
        "Auditor <auditor@example.com>": "Warning: On-time rate",
    }
    assert "http://plans.example.com/plans" in post.part("html")


def test_plans_that_come_into_force_or_change_are_told_with_their_names(
    mailing: Office, post: PostOffice
) -> None:
    plan = {
        "title": "Annual operating plan 2027",
        "reference": "2027",
        "version": 2,
        "reason": "Less <orders>",
    }
    told = {"plan": {**plan, "id": "p1", "page": "plans/p1"}}
    with mailing.container.database.write() as session:
        reachable.set_mail(session, "manager", "manager@example.com", "all")
        reachable.set_mail(session, "auditor", "auditor@example.com", "mine")
    for kind in ("plan.in_force", "plan.changed"):
        with mailing.container.engine.writing(SYSTEM) as context:
            context.announce(kind, told)
    work(mailing)
    assert sorted((letter["To"].addresses[0].username, letter["Subject"]) for letter in post.letters) == [
        ("admin", "Changed: Annual operating plan 2027"),
        ("admin", "In force: Annual operating plan 2027"),
        ("manager", "已生效：年度運營計劃 2027"),
        ("manager", "已變更：年度運營計劃 2027"),
    ]
    assert "Less &lt;orders&gt;" in post.part("html")
    assert "http://plans.example.com/plans/p1" in post.part("plain")


def test_a_server_that_is_away_is_tried_again_with_the_same_letter(mailing: Office, post: PostOffice) -> None:
    begin(mailing)
    post.answer = "451 4.3.0 come back later"
    assert work(mailing) == 0
    [waiting] = letters(mailing)
    assert (waiting.status, waiting.attempts) == ("due", 1)
    assert "come back later" in waiting.error
    post.answer = ""
    with mailing.container.database.write() as session:
        rows.change(session, waiting.id, try_at=datetime.now(UTC))
    assert work(mailing) == 1
    [letter] = post.letters
    assert f"planflow.{waiting.id}." in letter["Message-ID"]


def test_a_letter_that_was_taken_and_is_sent_again_is_known_by_its_id(
    mailing: Office, post: PostOffice
) -> None:
    begin(mailing)
    engine = mailing.container.engine
    leased = engine.lease_job("one who dies")
    assert leased is not None
    engine.services.jobs["letter"].work(leased)  # type: ignore[union-attr]  # and is never written down
    engine.give_back(leased)
    assert work(mailing) == 1
    assert len({letter["Message-ID"] for letter in post.letters}) == 1
    assert len({letter["Date"] for letter in post.letters}) == 1
    assert len(post.letters) == 2


def test_what_is_refused_for_good_stands_among_the_jobs(mailing: Office, post: PostOffice) -> None:
    begin(mailing)
    post.refusal = "550 5.1.1 <b>no such user</b>"
    work(mailing)
    page = text(mailing.browser("admin").get("/jobs?status=failed"))
    assert "E-mail" in page
    assert "no such user&lt;/b&gt;" in page
    assert "manager@example.com" not in page
    post.refusal = ""
    number = letters(mailing)[0].id
    assert mailing.post("admin", f"jobs/{number}/retry").status_code == 200
    assert work(mailing) == 1


def test_without_a_server_nothing_is_written(office: Office, post: PostOffice) -> None:
    with office.container.database.write() as session:
        reachable.set_mail(session, "manager", "manager@example.com", "all")
    silent = sending(office, None)
    begin(silent)
    assert letters(silent) == []
    assert "sends no e-mail yet" in text(silent.browser("manager").get("/profile"))
    silent.container.close()


def test_without_a_public_address_there_is_no_link(office: Office, mailing: Office, post: PostOffice) -> None:
    unlinked = sending(office, post.server, public_url=None)
    with office.container.database.write() as session:
        people.set_language(session, "manager", "en")
    begin(unlinked)
    work(unlinked)
    assert "http" not in post.part("plain")
    assert "Sign in to PlanFlow to see it." in post.part("html")
    unlinked.container.close()
