"""What attackers try over HTTP, each refused."""

from __future__ import annotations

from tests.web.conftest import Office
from tests.web.hostile import begin, deploy, hostile_model


def test_a_version_that_let_more_people_start_it_is_no_way_around_the_latest(office: Office) -> None:
    deploy(office, hostile_model(), hostile_model(planflow_starterGroups="management"))
    for version in (None, 1, 2):
        answer = office.post("member", "processes/hostile/instances", {"version": version})
        assert answer.status_code == 403, version
    assert begin(office, "manager")["status"] == "active"


def test_a_version_keeps_its_own_rule_of_who_may_start_it(office: Office) -> None:
    deploy(office, hostile_model(planflow_starterGroups="management"), hostile_model())
    assert office.post("member", "processes/hostile/instances", {"version": 1}).status_code == 403
    assert office.post("member", "processes/hostile/instances", {}).status_code == 201


def test_the_start_form_is_for_those_who_may_start(office: Office) -> None:
    assert office.get("supervisor", "processes/request/form").status_code == 200
    for user in ("member", "manager", "auditor"):
        assert office.get(user, "processes/request/form").status_code == 403
        assert office.browser(user).get("/start/request").status_code == 403
