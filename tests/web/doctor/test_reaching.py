"""``planflow doctor``: whether the public address leads here, asked of real servers, and the mail server lets us in."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme
from werkzeug.serving import make_server

from engine.outgoing import AllowList, OutgoingSettings
from tests.web.doctor.conftest import Look, said
from tests.web.letters.post_office import PASSWORD, post_office
from tests.webhooks.receiver import listening
from web.app import create_app
from web.container import build_container
from web.doctor import FAILURE, OK, WARNING
from web.settings import Settings
from webhooks.mail import NONE, STARTTLS

HERE = AllowList.parse("127.0.0.1")


@contextmanager
def serving(settings: Settings, context: ssl.SSLContext | None = None) -> Iterator[str]:
    """The application on a free port; its address."""
    with closing(build_container(settings)) as container:
        app = create_app(replace(settings, public_url=None), container)
        server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=context)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


@pytest.fixture
def allowed(kept: Settings) -> Settings:
    return replace(kept, outgoing=OutgoingSettings(allowed=HERE))


def test_without_a_public_address_there_is_nothing_to_reach(kept: Settings, look: Look) -> None:
    assert look("address", kept).state == OK


def test_an_address_that_leads_here_by_https_is_well(allowed: Settings, look: Look, tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    trusting = OutgoingSettings(allowed=HERE, authorities=tmp_path / "ca.pem")
    with serving(allowed, context) as url:
        known = look("address", allowed, public_url=url, outgoing=trusting, proxies=1)
        unguarded = look("address", allowed, public_url=url, outgoing=trusting)
        untrusted = look("address", allowed, public_url=url, proxies=1)
    assert (known.state, said(known)) == (OK, f"This installation answers at {url}. → ")
    assert (unguarded.state, "PLANFLOW_PROXIES" in said(unguarded)) == (WARNING, True)
    assert (untrusted.state, "certificate" in said(untrusted)) == (FAILURE, True)


def test_an_address_without_https_is_a_warning(allowed: Settings, look: Look) -> None:
    with serving(allowed) as url:
        finding = look("address", allowed, public_url=url)
    assert (finding.state, "not encrypted" in said(finding)) == (WARNING, True)


def test_another_installation_is_not_this_one(allowed: Settings, look: Look) -> None:
    with serving(replace(allowed, secret_key="another key of another installation")) as url:
        finding = look("address", allowed, public_url=url)
    assert (finding.state, "another PlanFlow" in said(finding)) == (FAILURE, True)


def test_what_answers_may_be_something_else(allowed: Settings, look: Look) -> None:
    with listening() as other:
        finding = look("address", allowed, public_url=other.url)
    assert (finding.state, "is not PlanFlow" in said(finding)) == (FAILURE, True)


def test_an_address_where_nobody_answers_is_a_failure(allowed: Settings, look: Look) -> None:
    with serving(allowed) as url:
        pass
    finding = look("address", allowed, public_url=url)
    assert (finding.state, "cannot be reached" in said(finding)) == (FAILURE, True)


def test_the_guard_of_addresses_holds_for_the_doctor_too(kept: Settings, look: Look) -> None:
    with serving(kept) as url:
        finding = look("address", kept, public_url=url)
    assert (finding.state, "PLANFLOW_OUTGOING_ALLOW" in said(finding)) == (WARNING, True)


def test_a_password_in_the_address_is_not_said(allowed: Settings, look: Look) -> None:
    finding = look("address", allowed, public_url="https://wang:sesame@plans.example.com")
    assert (finding.state, "sesame" in said(finding)) == (FAILURE, False)


# The mail server


def test_a_mail_server_that_lets_us_in_is_sent_nothing(kept: Settings, look: Look, tmp_path: Path) -> None:
    with post_office(tmp_path, STARTTLS) as office:
        finding = look("mail", kept, mail=office.server)
        assert (finding.state, office.users, office.letters) == (OK, ["plans"], [])


def test_a_mail_server_that_wants_another_password_is_told(
    kept: Settings, look: Look, tmp_path: Path
) -> None:
    with post_office(tmp_path, STARTTLS) as office:
        finding = look("mail", kept, mail=replace(office.server, password="not the password"))
    assert (finding.state, "535" in said(finding)) == (FAILURE, True)
    assert PASSWORD not in said(finding)
    assert "not the password" not in said(finding)


@pytest.mark.parametrize("allow", ["127.0.0.1", ""])
def test_a_mail_server_that_is_away_or_must_not_be_reached_is_told(
    kept: Settings, look: Look, tmp_path: Path, allow: str
) -> None:
    with post_office(tmp_path, NONE) as office:
        server: Any = office.server
    finding = look("mail", kept, mail=replace(server, allowed=AllowList.parse(allow)))
    assert (finding.state, "settings of the mail server" in said(finding)) == (FAILURE, True)
