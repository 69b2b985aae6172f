"""People, superiors, groups, passwords and tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine import Conflict, Invalid, NotFound
from plans.organisation import OrganisationDirectory, credentials, departments, people, tokens
from plans.tables import api_token, person
from tests.plans.conftest import NOW


def test_the_directory_gives_roles_departments_and_headships_as_groups(session: Session) -> None:
    directory = OrganisationDirectory(session)
    head = directory.person("finance_head")
    member = directory.person("team_member_2")
    assert head is not None
    assert member is not None
    assert head.groups == {"department:finance", "department_head:finance", "department_head"}
    assert member.groups == {"team_member", "department:finance"}
    assert member.superior == "operations_supervisor"
    assert directory.person("nobody") is None


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("team_member", ["team_member_1", "team_member_2"]),
        ("department:finance", ["finance_head", "team_member_2"]),
        ("department_head:finance", ["finance_head"]),
        ("department_head", ["finance_head"]),
        ("department:none", []),
    ],
)
def test_the_members_of_a_group_are_sorted(session: Session, group: str, members: list[str]) -> None:
    assert OrganisationDirectory(session).members(group) == members


def test_people_who_left_are_no_longer_members_but_still_known(session: Session) -> None:
    people.set_active(session, "team_member_1", False)
    directory = OrganisationDirectory(session)
    assert directory.members("team_member") == ["team_member_2"]
    left = directory.person("team_member_1")
    assert left is not None
    assert left.active is False
    assert people.actor(session, "team_member_1") is None


def test_a_circle_of_superiors_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        people.set_superior(session, "director", "operations_supervisor")
    assert refused.value.fields[0].field == "superior"
    with pytest.raises(Invalid):
        people.set_superior(session, "director", "director")


def test_the_chain_of_superiors_goes_from_the_nearest_up(session: Session) -> None:
    assert people.superiors(session, "team_member_1") == ["operations_supervisor", "superior", "director"]
    assert people.superiors(session, "director") == []


def test_the_team_are_the_people_who_report_to_somebody(session: Session) -> None:
    assert people.team(session, "operations_supervisor") == ["team_member_1", "team_member_2"]


@pytest.mark.parametrize("name", ["", "Capital", "with space", "system", "-dash", "x" * 101])
def test_a_name_that_cannot_be_a_sign_in_name_is_refused(session: Session, name: str) -> None:
    with pytest.raises(Invalid):
        people.create_person(session, name, now=NOW)


def test_a_name_is_given_once(session: Session) -> None:
    with pytest.raises(Conflict):
        people.create_person(session, "auditor", now=NOW)


def test_an_unknown_role_is_refused(session: Session) -> None:
    with pytest.raises(Invalid) as refused:
        people.set_roles(session, "auditor", ["chief"])
    assert str(refused.value) == "There is no role chief."


def test_a_department_is_given_once_and_has_only_people_who_exist(session: Session) -> None:
    with pytest.raises(Conflict):
        departments.create_department(session, "finance", "Finance")
    with pytest.raises(NotFound):
        departments.add_member(session, "finance", "nobody")
    departments.remove_member(session, "finance", "team_member_2")
    assert departments.members(session, "finance") == ["finance_head"]


def test_a_password_opens_to_its_owner_alone(session: Session) -> None:
    credentials.set_password(session, "auditor", "a long enough one")
    assert credentials.verify(session, "auditor", "a long enough one")
    assert not credentials.verify(session, "auditor", "a long enough two")
    assert not credentials.verify(session, "director", "a long enough one")
    assert not credentials.verify(session, "nobody", "a long enough one")


def test_a_person_who_left_cannot_sign_in(session: Session) -> None:
    credentials.set_password(session, "auditor", "a long enough one")
    people.set_active(session, "auditor", False)
    assert not credentials.verify(session, "auditor", "a long enough one")


def test_a_name_without_a_password_opens_to_nothing_not_even_what_it_is_compared_with(
    session: Session,
) -> None:
    assert not credentials.verify(session, "auditor", "nobody has this password")


@pytest.mark.parametrize("password", ["short", "auditor-2027-2027", "x" * 1001])
def test_a_weak_password_is_refused(session: Session, password: str) -> None:
    with pytest.raises(Invalid) as refused:
        credentials.set_password(session, "auditor", password)
    assert refused.value.fields[0].field == "password"


def test_the_password_itself_is_not_stored(session: Session) -> None:
    credentials.set_password(session, "auditor", "a long enough one")
    stored = session.scalar(select(person.c.password_hash).where(person.c.name == "auditor"))
    assert stored is not None
    assert stored.startswith("$argon2id$")


def test_a_token_stands_for_its_person_until_it_is_revoked(session: Session) -> None:
    token = tokens.create_token(session, "auditor", now=NOW, label="export")
    assert token.startswith("pf_")
    assert tokens.resolve(session, token) == "auditor"
    [listed] = tokens.list_tokens(session, "auditor")
    tokens.revoke(session, listed.id, "auditor", NOW)
    assert tokens.resolve(session, token) is None
    assert session.scalar(select(api_token.c.revoked_at)) == NOW


def test_only_the_hash_of_a_token_is_stored(session: Session) -> None:
    token = tokens.create_token(session, "auditor", now=NOW)
    [row] = session.execute(select(api_token)).all()
    assert token not in map(str, row)
    assert len(row.sha256) == 64


def test_somebody_elses_token_cannot_be_revoked(session: Session) -> None:
    tokens.create_token(session, "auditor", now=NOW)
    [listed] = tokens.list_tokens(session, "auditor")
    with pytest.raises(NotFound):
        tokens.revoke(session, listed.id, "director", NOW)


def test_the_use_of_a_token_is_noted_to_the_minute(session: Session) -> None:
    token = tokens.create_token(session, "auditor", now=NOW)
    for seconds in (0, 30, 90):
        tokens.note_use(session, token, NOW + timedelta(seconds=seconds))
    assert session.scalar(select(api_token.c.last_used_at)) == NOW + timedelta(seconds=90)
    tokens.note_use(session, token, NOW + timedelta(seconds=100))
    assert session.scalar(select(api_token.c.last_used_at)) == NOW + timedelta(seconds=90)


@pytest.mark.parametrize("token", ["", "pf_", "pf_unknown", "Bearer x"])
def test_what_is_not_a_token_stands_for_nobody(session: Session, token: str) -> None:
    assert tokens.resolve(session, token) is None


def test_the_token_of_a_person_who_left_stands_for_nobody(session: Session) -> None:
    token = tokens.create_token(session, "auditor", now=NOW)
    people.set_active(session, "auditor", False)
    assert tokens.resolve(session, token) is None
