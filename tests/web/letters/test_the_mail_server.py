"""Handing letters in: TLS that is verified, addresses that are judged, passwords that do not travel in the clear."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from engine import PermanentFailure
from engine.outgoing import AllowList
from tests.web.letters.post_office import PASSWORD, USER, PostOffice, post_office
from web.settings import Settings, SettingsError
from webhooks.mail import NONE, STARTTLS, TLS
from webhooks.mail.smtp import NotSent, hand_in

HOST = {"PLANFLOW_SMTP_HOST": "smtp.example.com", "PLANFLOW_SMTP_FROM": "Plans <plans@example.com>"}


def letter() -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "plans@example.com", "wang@example.com", "Hello"
    made.set_content("你好")
    return made


@pytest.fixture(params=[STARTTLS, TLS])
def secure(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path, request.param) as office:
        yield office


def test_letters_travel_over_tls(secure: PostOffice) -> None:
    hand_in(secure.server, letter(), "wang")
    assert secure.part("plain").strip() == "你好"


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: PostOffice) -> None:
    with pytest.raises(NotSent, match="certificate"):
        hand_in(replace(secure.server, authorities=None), letter(), "wang")
    assert secure.letters == []
    assert secure.users == []


def test_a_certificate_for_another_name_is_refused(secure: PostOffice) -> None:
    server = replace(secure.server, host="mail.example.com", allowed=AllowList.parse("mail.example.com"))
    with pytest.raises(NotSent, match="certificate"):
        hand_in(server, letter(), "wang", lambda _host: ["127.0.0.1"])
    assert secure.letters == []


def test_the_password_is_said_after_tls_alone(tmp_path: Path) -> None:
    with post_office(tmp_path, STARTTLS) as office:
        hand_in(office.server, letter(), "wang")
        assert office.users == [USER]
        with pytest.raises(PermanentFailure) as refused:
            hand_in(replace(office.server, password="wrong password"), letter(), "wang")
        assert "wrong password" not in str(refused.value)


def test_a_server_without_tls_gets_nothing_where_tls_is_wanted(tmp_path: Path) -> None:
    with post_office(tmp_path, NONE) as office:
        server = replace(office.server, security=STARTTLS, user=USER, password=PASSWORD)
        with pytest.raises(PermanentFailure, match="does not offer"):
            hand_in(server, letter(), "wang")
        assert office.letters == []
        assert office.users == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::ffff:127.0.0.1", "::1"])
def test_an_address_that_is_not_public_has_to_be_allowed(tmp_path: Path, address: str) -> None:
    with post_office(tmp_path) as office:
        server = replace(office.server, host="mail.example.com", allowed=AllowList())
        with pytest.raises(PermanentFailure, match="PLANFLOW_SMTP_ALLOW"):
            hand_in(server, letter(), "wang", lambda _host: [address])
        assert office.letters == []


def test_a_server_that_is_not_there_may_come_back(tmp_path: Path) -> None:
    with post_office(tmp_path) as office:
        server = office.server
    with pytest.raises(NotSent):
        hand_in(server, letter(), "wang")


def test_a_server_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("webhooks.mail.smtp.STEP_SECONDS", 0.3)
    with post_office(tmp_path) as office, socket.create_server(("127.0.0.1", 0)) as silent:
        server = replace(office.server, port=silent.getsockname()[1])
        with pytest.raises(NotSent):
            hand_in(server, letter(), "wang")


def test_a_server_that_trickles_is_cut_off(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("webhooks.mail.smtp.TOTAL_SECONDS", 0.5)
    done = threading.Event()

    def trickle(listening: socket.socket) -> None:
        client, _address = listening.accept()
        client.sendall(b"220 here\r\n")
        with client:
            while not done.wait(0.05):
                try:
                    client.sendall(b"250-wait\r\n")
                except OSError:
                    return

    with post_office(tmp_path) as office, socket.create_server(("127.0.0.1", 0)) as slow:
        thread = threading.Thread(target=trickle, args=(slow,), daemon=True)
        thread.start()
        try:
            with pytest.raises(NotSent):
                hand_in(replace(office.server, port=slow.getsockname()[1]), letter(), "wang")
        finally:
            done.set()
            thread.join(5)


def settings(tmp_path: Path, **changed: str) -> Settings:
    return Settings.from_environment({"PLANFLOW_HOME": str(tmp_path), **HOST, **changed})


def test_settings_name_the_server(tmp_path: Path) -> None:
    assert Settings.from_environment({"PLANFLOW_HOME": str(tmp_path)}).mail is None
    found = settings(tmp_path).mail
    assert found is not None
    assert (found.host, found.port, found.security) == ("smtp.example.com", 587, STARTTLS)
    assert str(found.sender) == "Plans <plans@example.com>"
    secret = settings(tmp_path, PLANFLOW_SMTP_USER="u", PLANFLOW_SMTP_PASSWORD="very secret")
    assert "very secret" not in repr(secret)
    assert settings(tmp_path, PLANFLOW_SMTP_SECURITY="tls").mail.port == 465


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PLANFLOW_SMTP_HOST", "two words"),
        ("PLANFLOW_SMTP_PORT", "70000"),
        ("PLANFLOW_SMTP_PORT", "smtp"),
        ("PLANFLOW_SMTP_SECURITY", "ssl"),
        ("PLANFLOW_SMTP_FROM", "nobody"),
        ("PLANFLOW_SMTP_FROM", "a@b.c\nBcc: x@y.z"),
        ("PLANFLOW_SMTP_FROM", ""),
        ("PLANFLOW_SMTP_CA", "/nothing/there.pem"),
        ("PLANFLOW_SMTP_ALLOW", "10.0.0.0/99"),
    ],
)
def test_settings_that_cannot_be_used_are_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        settings(tmp_path, **{name: value})


def test_no_password_goes_without_tls(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="PLANFLOW_SMTP_USER"):
        settings(tmp_path, PLANFLOW_SMTP_SECURITY="none", PLANFLOW_SMTP_USER="plans")
