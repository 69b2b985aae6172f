"""Who may call what. Every route is declared here; a route that nobody declared fails the tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from werkzeug.test import TestResponse

from engine.jobs import enqueue
from engine.jobs.rows import change
from tests.web.conftest import MODELS, NOW, ROLES, Office

EVERYBODY = frozenset({"*"})
SIGNED_IN = frozenset(ROLES)
SEE_ALL = frozenset({"manager", "auditor", "admin", "designer"})
READERS = SEE_ALL | {"supervisor"}
LOOK_AT_RECEIVERS = frozenset({"admin", "auditor"})

Case = Callable[[Office], dict[str, Any]]


@dataclass(frozen=True)
class Access:
    """Who may call a route of the API, and how a call that they may make looks."""

    who: frozenset[str]
    call: Case | None = None
    json: Mapping[str, Any] | None = None


def _request(office: Office) -> dict[str, Any]:
    return {"instance_id": office.start(amount=7)["instance_id"]}


def _task(office: Office) -> dict[str, Any]:
    return {"task_id": office.open_task()}


def _claimed(office: Office) -> dict[str, Any]:
    task = office.open_task()
    assert office.post("manager", f"tasks/{task}/claim").status_code == 200
    return {"task_id": task}


def _waiting(office: Office) -> dict[str, Any]:
    office.start("waiting", quarter=1)
    return {}


def _incident(office: Office) -> dict[str, Any]:
    office.start("failing", divisor=0)
    found = office.get("admin", "incidents").get_json()["items"]
    return {"incident_id": found[0]["id"]}


def _stopped(office: Office) -> dict[str, Any]:
    with office.container.database.write() as session:
        number = enqueue(session, "letter", {}, NOW)
        change(session, number, status="failed", attempts=1)
    return {"job_id": str(number)}


def _kept(office: Office) -> dict[str, Any]:
    kept = office.post("machine", "messages", {"name": "nobody_waits", "time_to_live": "PT1H"})
    assert kept.get_json()["status"] == "kept"
    return {"message_id": str(office.get("admin", "messages").get_json()["items"][0]["id"])}


def _receiver(office: Office) -> dict[str, Any]:
    office.post("admin", "webhooks/receivers", {"name": "erp", "target": "figures_ready"})
    return {"name": "erp"}


def _endpoint(office: Office) -> dict[str, Any]:
    made = office.post("admin", "webhooks/endpoints", HOOK)
    assert made.status_code == 201, made.get_json()
    return {"endpoint_id": made.get_json()["id"]}


def _delivery(office: Office) -> dict[str, Any]:
    endpoint = _endpoint(office)["endpoint_id"]
    return {
        "delivery_id": str(
            office.post("admin", f"webhooks/endpoints/{endpoint}/test").get_json()["delivery_id"]
        )
    }


def _anything(**arguments: str) -> Case:
    return lambda _office: arguments


HOOK = {"name": "ERP", "url": "https://1.1.1.1/hooks"}
WATCHERS = frozenset({"admin", "auditor"})
KEEPERS = frozenset({"admin"})

API: Mapping[str, Access] = {
    "processes.list_processes": Access(SIGNED_IN),
    "processes.get_process": Access(SIGNED_IN, _anything(key="request")),
    "processes.get_form": Access(frozenset({"supervisor", "admin"}), _anything(key="request")),
    "processes.start": Access(
        frozenset({"supervisor", "admin"}), _anything(key="request"), {"variables": {"amount": 7}}
    ),
    "deployments.deploy": Access(frozenset({"designer", "admin"})),
    "instances.list_instances": Access(SIGNED_IN),
    "instances.get_instance": Access(READERS, _request),
    "instances.get_history": Access(READERS, _request),
    "instances.get_variables": Access(READERS, _request),
    "instances.list_tasks": Access(READERS, _request),
    "instances.get_diagram": Access(READERS, _request),
    "instances.terminate": Access(frozenset({"supervisor", "admin"}), _request, {"reason": "A mistake."}),
    "tasks.list_tasks": Access(SIGNED_IN),
    "tasks.get_task": Access(READERS, _task),
    "tasks.get_form": Access(READERS, _task),
    "tasks.save_draft": Access(frozenset({"manager"}), _task, {"data": {"opinion": "Yes"}}),
    "tasks.claim": Access(frozenset({"manager"}), _task),
    "tasks.release": Access(frozenset({"manager"}), _claimed),
    "tasks.complete": Access(
        frozenset({"manager"}), _task, {"variables": {"opinion": "Yes"}, "outcome": "approve"}
    ),
    "messages.correlate": Access(
        frozenset({"admin", "machine"}), _waiting, {"name": "figures_ready", "correlation": {"quarter": 1}}
    ),
    "messages.list_messages": Access(frozenset({"admin", "auditor", "machine"}), _kept),
    "messages.forget": Access(frozenset({"admin"}), _kept),
    "messages.throw_signal": Access(frozenset({"admin", "machine"}), json={"name": "year_closed"}),
    "incidents.list_incidents": Access(SEE_ALL),
    "incidents.retry": Access(frozenset({"admin"}), _incident),
    "jobs.list_jobs": Access(frozenset({"admin"}), _stopped),
    "jobs.retry": Access(frozenset({"admin"}), _stopped),
    "jobs.list_workers": Access(frozenset({"admin"})),
    "webhooks.list_event_types": Access(SIGNED_IN),
    "webhooks.list_endpoints": Access(WATCHERS),
    "webhooks.create_endpoint": Access(KEEPERS, json=HOOK),
    "webhooks.get_endpoint": Access(WATCHERS, _endpoint),
    "webhooks.change_endpoint": Access(KEEPERS, _endpoint, {"name": "CRM"}),
    "webhooks.delete_endpoint": Access(KEEPERS, _endpoint),
    "webhooks.enable": Access(KEEPERS, _endpoint),
    "webhooks.disable": Access(KEEPERS, _endpoint),
    "webhooks.rotate": Access(KEEPERS, _endpoint, {"hours": 1}),
    "webhooks.test": Access(KEEPERS, _endpoint),
    "webhooks.redeliver_failed": Access(KEEPERS, _endpoint),
    "webhooks.list_deliveries": Access(WATCHERS, _delivery),
    "webhooks.get_delivery": Access(WATCHERS, _delivery),
    "webhooks.redeliver": Access(KEEPERS, _delivery),
    "plans.list_plans": Access(SIGNED_IN),
    "plans.get_plan": Access(SIGNED_IN, _anything(plan_id="none")),
    "receivers.list_receivers": Access(LOOK_AT_RECEIVERS),
    "receivers.create": Access(frozenset({"admin"}), json={"name": "crm", "target": "figures_ready"}),
    "receivers.get_receiver": Access(LOOK_AT_RECEIVERS, _receiver),
    "receivers.change": Access(frozenset({"admin"}), _receiver, {"target": "figures_ready"}),
    "receivers.remove": Access(frozenset({"admin"}), _receiver),
    "receivers.rotate": Access(frozenset({"admin"}), _receiver, {}),
    "receivers.list_calls": Access(LOOK_AT_RECEIVERS, _receiver),
    "me.get_me": Access(SIGNED_IN),
    "me.list_tokens": Access(SIGNED_IN),
    "me.create_token": Access(SIGNED_IN, json={"label": "reporting"}),
    "me.revoke_token": Access(SIGNED_IN, _anything(token_id="none")),
}
PUBLIC = frozenset(
    {
        "static",
        "health.healthz",
        "health.readyz",
        "metrics.metrics",
        "sign_in.form",
        "sign_in.submit",
        "sign_in.leave",
        "reference.document",
        "reference.reader",
        "pages.about",
        "pages.set_language",
    }
)
SIGNED = frozenset({"hooks.receive"})
"""Routes for other systems, which are asked who has signed each call; see `tests.web.receivers`."""
PAGES = frozenset(
    {
        "pages.home",
        "pages.inbox",
        "pages.task",
        "pages.complete",
        "pages.claim",
        "pages.release",
        "pages.start",
        "pages.start_form",
        "pages.start_process",
        "pages.process",
        "pages.instances",
        "pages.instance",
        "pages.terminate",
        "pages.incidents",
        "pages.retry_incident",
        "pages.forget_message",
        "pages.jobs",
        "pages.retry_job",
        "pages.receivers",
        "pages.receiver",
        "pages.new_receiver",
        "pages.create_receiver",
        "pages.edit_receiver",
        "pages.change_receiver",
        "pages.rotate_receiver",
        "pages.remove_receiver",
        "pages.webhooks",
        "pages.webhook",
        "pages.new_webhook",
        "pages.create_webhook",
        "pages.edit_webhook",
        "pages.change_webhook",
        "pages.delete_webhook",
        "pages.switch_webhook",
        "pages.rotate_webhook",
        "pages.test_webhook",
        "pages.redeliver_failed",
        "pages.webhook_delivery",
        "pages.redeliver",
        "pages.plans",
        "pages.plan",
        "pages.notices",
        "pages.read_notice",
        "pages.read_all_notices",
        "pages.profile",
        "pages.save_profile",
        "pages.save_mail",
        "pages.change_password",
        "pages.create_token",
        "pages.revoke_token",
    }
)
"""Pages for people who are signed in; what each may see there is the engine's to say, as in the API."""


def _rules(office: Office) -> dict[str, Any]:
    return {rule.endpoint: rule for rule in office.app.url_map.iter_rules()}


def _method(rule: Any) -> str:
    return next(iter(sorted(rule.methods - {"HEAD", "OPTIONS"})))


def _path(office: Office, endpoint: str, arguments: Mapping[str, str]) -> str:
    path: str = _rules(office)[endpoint].rule
    for name, value in arguments.items():
        path = path.replace(f"<{name}>", value)
    return path


def test_every_route_says_who_may_call_it(office: Office) -> None:
    assert set(_rules(office)) == set(API) | PUBLIC | PAGES | SIGNED


def test_nothing_but_what_is_declared_public_answers_strangers(office: Office) -> None:
    for endpoint, rule in _rules(office).items():
        if endpoint in PUBLIC:
            continue
        path = _path(office, endpoint, dict.fromkeys(rule.arguments, "some"))
        answer = office.call(None, _method(rule), path)
        expected = 401 if endpoint in API or endpoint in SIGNED else 302
        assert answer.status_code == expected, (endpoint, answer.status_code)


def test_what_is_public_answers_strangers(office: Office) -> None:
    for endpoint in PUBLIC - {"static"}:
        rule = _rules(office)[endpoint]
        if "GET" in rule.methods:
            assert office.call(None, "GET", rule.rule).status_code == 200, endpoint


@pytest.mark.parametrize("endpoint", API)
def test_only_those_who_may_are_let_through(office: Office, endpoint: str) -> None:
    access = API[endpoint]
    arguments = access.call(office) if access.call else {}
    for user in sorted(SIGNED_IN - access.who):
        answer = _call(office, user, endpoint, arguments)
        assert answer.status_code == 403, (user, answer.status_code, answer.get_json())
    for user in sorted(access.who):
        answer = _call(office, user, endpoint, arguments)
        assert answer.status_code not in (401, 403, 405), (user, answer.get_json())
        assert answer.status_code < 500, (user, answer.get_json())


def _call(office: Office, user: str, endpoint: str, arguments: Mapping[str, str]) -> TestResponse:
    path = _path(office, endpoint, arguments)
    method = _method(_rules(office)[endpoint])
    if endpoint == "deployments.deploy":
        files = [(BytesIO(file.read_bytes()), file.name) for file in sorted(MODELS.iterdir())]
        return office.call(user, method, path, data={"name": "request", "files": files})
    return office.call(user, method, path, json=API[endpoint].json)
