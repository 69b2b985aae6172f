"""Whatever is posted to a receiver, signed or not, the answer is one that was meant: never a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.conftest import Office, copy_of, open_office
from tests.web.receivers.sending import STARTING, Sender, made
from tests.web.test_fuzz import FEW, RAW, VALUES, assert_meant
from web.container import build_container

HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=60)
NAMES = st.sampled_from(
    [
        *("webhook-id", "webhook-timestamp", "webhook-signature", "authorization", "content-type"),
        *("x-hub-signature-256", "x-github-delivery", "x-github-event"),
    ]
)
FIELDS = st.sampled_from(
    [
        *("name", "authentication", "action", "target", "correlation", "variables", "business_key"),
        *("only_when", "schema", "time_to_live", "groups", "id_header", "enabled", "revision"),
    ]
)


@pytest.fixture(scope="module")
def shared(
    office_template: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Office, dict[str, Sender]]]:
    chosen = copy_of(office_template[0], tmp_path_factory.mktemp("fuzz"))
    container = build_container(chosen)
    office = open_office(chosen, container, office_template[1])
    whole = {"correlation": "body", "variables": "body"}
    senders = {
        "standard": made(office, name="one", **whole),
        "start": made(office, name="two", **{**STARTING, "variables": "body"}),
        "readings": made(office, name="three", action="readings", target="", variables="body"),
    }
    yield office, senders
    container.close()


@FEW
@given(kind=st.sampled_from(["standard", "start", "readings"]), body=VALUES)
def test_signed_nonsense(shared: tuple[Office, dict[str, Sender]], kind: str, body: Any) -> None:
    content = json.dumps(body).encode("utf-8", "surrogatepass")
    assert_meant(shared[1][kind].standard(content.decode("utf-8", "replace").encode()))


@FEW
@given(body=RAW)
def test_signed_bytes(shared: tuple[Office, dict[str, Sender]], body: bytes) -> None:
    assert_meant(shared[1]["standard"].standard(body))


@FEW
@given(headers=st.dictionaries(NAMES, HEADER, max_size=5), body=RAW)
def test_unsigned_bytes(
    shared: tuple[Office, dict[str, Sender]], headers: dict[str, str], body: bytes
) -> None:
    client = shared[0].app.test_client()
    for name in ("one", "nothing"):
        answer = client.post(f"/hooks/{name}", data=body, headers=headers)
        assert answer.status_code in (400, 401, 413), answer.get_data(as_text=True)


@FEW
@given(fields=st.dictionaries(FIELDS, VALUES, max_size=5))
def test_definitions(shared: tuple[Office, dict[str, Sender]], fields: dict[str, Any]) -> None:
    content = json.dumps({"name": "fuzz", "target": "x", **fields})
    options: Any = {"data": content, "content_type": "application/json"}
    assert_meant(shared[0].call("admin", "POST", "webhooks/receivers", **options))
    assert_meant(shared[0].call("admin", "PUT", "webhooks/receivers/one", **options))
