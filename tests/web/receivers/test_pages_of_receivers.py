"""The operator's pages: making a receiver, its secret shown once, what was posted, and a call that works as shown."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from tests.web.conftest import Office, csrf_token
from tests.web.pages.test_acting import send, text
from tests.web.receivers.sending import Sender, made, outcomes

FORM = {
    "name": "erp",
    "authentication": "standard",
    "action": "message",
    "target": "figures_ready",
    "correlation": '{"quarter": body["quarter"]}',
    "variables": "body",
    "enabled": "yes",
}
STRANGERS = ("supervisor", "manager", "member", "designer", "machine")


def secret_on(page: str) -> str:
    found = re.search(r"<code data-copy>([^<]+)</code>", page)
    assert found, page
    return unescape(found.group(1))


def post(client: FlaskClient, path: str, **fields: Any) -> TestResponse:
    return client.post(path, data={"csrf_token": csrf_token(client), **fields})


def test_an_administrator_makes_a_receiver_and_sees_its_secret_once(office: Office) -> None:
    client = office.browser("admin")
    assert "Nobody is expected yet" in text(client.get("/receivers"))
    page = text(post(client, "/receivers/new", **FORM))
    sender = Sender(office, "erp", secret_on(page))
    assert sender.secret not in text(client.get("/receivers/erp"))
    assert sender.standard().status_code == 200
    assert sender.standard().status_code == 200
    sender.post(b"{}", {})
    page = text(client.get("/receivers/erp"))
    for words in ("Accepted", "Sent again", "Refused", "401:"):
        assert words in page
    assert "/receivers/erp" in text(client.get("/receivers"))


def test_what_is_refused_comes_back_with_what_was_written(office: Office) -> None:
    client = office.browser("admin")
    answer = post(client, "/receivers/new", **{**FORM, "variables": "body[", "schema": "{", "target": ""})
    page = text(answer)
    assert answer.status_code == 422
    assert "body[" in page
    assert page.count('aria-invalid="true"') == 1
    answer = post(client, "/receivers/new", **{**FORM, "variables": "body[", "target": ""})
    assert text(answer).count('aria-invalid="true"') == 2


def test_a_receiver_is_changed_rotated_and_removed(office: Office) -> None:
    made(office)
    client = office.browser("admin")
    assert "Change “erp”" in text(client.get("/receivers/erp/edit"))
    answer = post(client, "/receivers/erp/edit", **{**FORM, "revision": "1", "time_to_live": "P2D"})
    assert answer.status_code == 302
    assert "P2D" in text(client.get("/receivers/erp"))
    late = post(client, "/receivers/erp/edit", **{**FORM, "revision": "1"})
    assert late.status_code == 409
    fresh = Sender(office, "erp", secret_on(text(send(client, "/receivers/erp/rotate"))))
    assert fresh.standard().status_code == 200
    assert "is accepted until" in text(client.get("/receivers/erp"))
    assert send(client, "/receivers/erp/remove").status_code == 302
    assert client.get("/receivers/erp").status_code == 404


@pytest.mark.parametrize("user", STRANGERS)
def test_nobody_else_sees_them(office: Office, user: str) -> None:
    made(office)
    client = office.browser(user)
    assert "/receivers" not in text(client.get("/profile"))
    for path in ("/receivers", "/receivers/erp", "/receivers/new", "/receivers/erp/edit"):
        assert client.get(path).status_code == 403, path
    for path in ("/receivers/new", "/receivers/erp/edit", "/receivers/erp/rotate", "/receivers/erp/remove"):
        assert post(client, path, **FORM).status_code == 403, path


def test_an_auditor_looks_and_changes_nothing(office: Office) -> None:
    made(office).standard()
    client = office.browser("auditor")
    page = text(client.get("/receivers/erp"))
    assert "Accepted" in page
    assert "Make a new secret" not in page
    assert client.get("/receivers/new").status_code == 403
    assert send(client, "/receivers/erp/rotate").status_code == 403
    assert send(client, "/receivers/erp/remove").status_code == 403


def test_what_was_posted_is_shown_as_text(office: Office) -> None:
    made(office, correlation="", variables="").standard({"x": "<script>alert(1)</script>"})
    page = text(office.browser("admin").get("/receivers/erp"))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("openssl")), reason="needs curl and openssl")
@pytest.mark.parametrize("authentication", ["standard", "github", "bearer"])
def test_the_example_works_as_it_is_shown(office: Office, authentication: str) -> None:
    sender = made(office, authentication=authentication, correlation="", variables="")
    server = make_server("127.0.0.1", 0, office.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = text(office.browser("admin").get("/receivers/erp"))
        found = re.search(r'<pre class="code" data-copy>(.*?)</pre>', page, re.S)
        assert found
        lines = unescape(found.group(1)).replace("SECRET='…'", f"SECRET='{sender.secret}'")
        lines = lines.replace("http://localhost/", f"http://127.0.0.1:{server.server_port}/")
        done = subprocess.run(["sh", "-c", lines], capture_output=True, text=True, timeout=60, check=True)
    finally:
        server.shutdown()
        server.server_close()
    assert '"accepted"' in done.stdout
    assert outcomes(office) == ["accepted"]
