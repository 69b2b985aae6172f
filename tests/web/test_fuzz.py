"""Whatever is sent, the answer is one that was meant: never a 5xx, and every refusal a readable problem."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from werkzeug.test import TestResponse

from tests.web.conftest import MODELS, Office, copy_of, csrf_token, open_office
from web.container import build_container

NASTY_TEXT = st.sampled_from(
    ["", "\x00", "a\x00b", "\ud800", "..", "../../etc/passwd", "%00", "'; DROP TABLE person; --", "{{7*7}}",
     "<script>", "٣", "𝔘", "\u202e", "x" * 5000, "-1", "1e999", "null", "NaN", "9" * 400, "/", "\n", "%", "="]
)  # fmt: skip
TEXT = st.text(max_size=20) | NASTY_TEXT
NUMBERS = st.integers() | st.integers(min_value=2**63, max_value=2**70) | st.floats()
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
KNOWN_FIELDS = st.sampled_from(
    ["variables", "outcome", "comment", "revision", "data", "reason", "name", "correlation", "payload", "label",
     "business_key", "version", "amount", "opinion"]
)  # fmt: skip
BODIES = VALUES | st.dictionaries(KNOWN_FIELDS, VALUES, max_size=5)
RAW = st.sampled_from(
    [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"variables": {"a": ' + b"9" * 6000 + b"}}", b'"\\ud800"', b"\x00",
     b'{"a": NaN}', b"{}" * 100, b'{"variables":' + b'{"a":' * 500 + b"1" + b"}" * 501]
)  # fmt: skip
FEW = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module")
def shared(
    office_template: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Office]:
    """One office for all examples; what an example changes may stay."""
    chosen = copy_of(office_template[0], tmp_path_factory.mktemp("fuzz"))
    container = build_container(chosen)
    yield open_office(chosen, container, office_template[1])
    container.close()


def operations() -> list[tuple[str, str]]:
    """Every route of the API that the code declares."""
    found = []
    for source in sorted((Path(__file__).parents[2] / "web" / "api").glob("*.py")):
        for method, path in re.findall(r'@blueprint\.(get|post|put|delete)\("([^"]+)"\)', source.read_text()):
            found.append((method.upper(), f"/api/v1{path}"))
    return found


def assert_meant(answer: TestResponse) -> None:
    """The answer is a success, or a problem that tells what is wrong."""
    assert answer.status_code < 500, answer.get_data(as_text=True)
    if answer.status_code >= 400 and answer.mimetype != "text/html":
        assert answer.mimetype == "application/problem+json"
        problem = answer.get_json()
        assert problem["status"] == answer.status_code
        assert problem["title"]
        assert problem["detail"]


def encoded(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def as_text(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def filled(path: str, texts: Iterator[str]) -> str:
    return re.sub(r"<[^>]+>", lambda _: encoded(next(texts)) or "x", path)


@pytest.mark.parametrize(("method", "path"), operations())
@FEW
@given(data=st.data())
def test_no_request_to_the_api_breaks_it(shared: Office, method: str, path: str, data: st.DataObject) -> None:
    texts = iter(data.draw(st.lists(TEXT, min_size=3, max_size=3), label="path"))
    query = data.draw(
        st.dictionaries(
            st.sampled_from(["limit", "cursor", "status", "mine", "year", "group"]), TEXT, max_size=3
        )
    )
    address = filled(path, texts) + "?" + "&".join(f"{key}={encoded(value)}" for key, value in query.items())
    headers = {"Idempotency-Key": "fuzz", "If-Match": '"1"'} if data.draw(st.booleans()) else {}
    body = data.draw(RAW | BODIES.map(lambda value: json.dumps(value).encode()))
    assert_meant(
        shared.call("admin", method, address, data=body, content_type="application/json", headers=headers)
    )


@FEW
@given(body=BODIES)
def test_no_submission_breaks_a_task(shared: Office, body: Any) -> None:
    task = shared.open_task()
    told = {"variables": body} if isinstance(body, dict) else body
    content = json.dumps(told).encode()
    for user, method, path in (
        ("manager", "PUT", f"tasks/{task}/draft"),
        ("manager", "POST", f"tasks/{task}/complete"),
        ("supervisor", "POST", "processes/request/instances"),
    ):
        sent = json.dumps({"data": body}).encode() if method == "PUT" else content
        assert_meant(shared.call(user, method, path, data=sent, content_type="application/json"))
    assert_meant(shared.get("manager", f"tasks/{task}"))


@FEW
@given(
    name=TEXT,
    content=st.binary(max_size=200) | st.sampled_from([file.read_bytes() for file in MODELS.iterdir()]),
)
def test_no_file_breaks_a_deployment(shared: Office, name: str, content: bytes) -> None:
    boundary = b"fuzz"
    filename = (
        name.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\n", b"%0A").replace(b"\r", b"")
    )
    body = b'--%s\r\nContent-Disposition: form-data; name="files"; filename="%s"\r\n\r\n%s\r\n--%s--\r\n' % (
        boundary,
        filename,
        content,
        boundary,
    )
    answer = shared.call(
        "designer", "POST", "deployments", data=body, content_type="multipart/form-data; boundary=fuzz"
    )
    assert_meant(answer)


@pytest.fixture(scope="module")
def browsers(shared: Office) -> dict[str, tuple[FlaskClient, str]]:
    """People who are signed in, with the CSRF token of each."""
    clients = {user: shared.browser(user) for user in ("supervisor", "manager", "admin")}
    return {user: (client, csrf_token(client)) for user, client in clients.items()}


PAGE_FIELDS = st.sampled_from(
    ["data", "outcome", "comment", "reason", "language", "label", "display_name", "next", "revision"]
)
FORMS = {
    "start/request": "supervisor",
    "tasks/{task}/complete": "manager",
    "instances/{instance}/terminate": "supervisor",
    "profile": "supervisor",
    "language": "supervisor",
    "notices/read": "supervisor",
}


@pytest.mark.parametrize("form", FORMS)
@FEW
@given(fields=st.dictionaries(PAGE_FIELDS, TEXT | BODIES.map(json.dumps) | RAW.map(as_text), max_size=4))
def test_no_form_breaks_a_page(
    shared: Office, browsers: dict[str, tuple[FlaskClient, str]], form: str, fields: dict[str, str]
) -> None:
    started = shared.start(amount=7)
    client, token = browsers[FORMS[form]]
    path = "/" + form.format(task=started["task_ids"][0], instance=started["instance_id"])
    sent = {key: value.encode("utf-8", "surrogatepass") for key, value in fields.items()}
    assert_meant(client.post(path, data={**sent, "csrf_token": token}))


PAGE_QUERY = st.sampled_from(
    ["cursor", "status", "process", "q", "task", "page", "year", "kind", "version", "mine"]
)
ADDRESSES = [
    "inbox",
    "instances",
    "plans",
    "notices",
    "incidents",
    "start",
    "profile",
    "start/{text}",
    "tasks/{text}",
    "instances/{text}",
    "plans/{text}",
]


@pytest.mark.parametrize("address", ADDRESSES)
@FEW
@given(text=TEXT, query=st.dictionaries(PAGE_QUERY, TEXT, max_size=3))
def test_no_address_breaks_a_page(
    browsers: dict[str, tuple[FlaskClient, str]], address: str, text: str, query: dict[str, str]
) -> None:
    client, _token = browsers["admin"]
    path = "/" + address.format(text=encoded(text) or "x")
    path += "?" + "&".join(f"{key}={encoded(value)}" for key, value in query.items())
    assert_meant(client.get(path))


def test_answers_are_as_the_openapi_document_says(shared: Office) -> None:
    shared.open_task()
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", shared.app)
    headers = {"Authorization": f"Bearer {shared.tokens['admin']}"}
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(case=operation.as_strategy())
        @settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
        def conforms(case: Any) -> None:
            case.call_and_validate(headers=headers, checks=checks)

        conforms()
