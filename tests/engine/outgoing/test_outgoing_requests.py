"""Requests to real servers: where they really go, and what ends them."""

from __future__ import annotations

import logging
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event
from time import sleep

import pytest
import trustme

from engine.outgoing import (
    AddressRefused,
    AllowList,
    BrokenOff,
    CannotConnect,
    Outgoing,
    OutgoingError,
    OutgoingSettings,
    OversizedAnswer,
    OversizedRequest,
    TimedOut,
    TlsFailed,
    WrongRequest,
    read_ports,
)
from tests.engine.outgoing.servers import LOOPBACK, answer, serving, settings


def resolver(*addresses: str):
    return lambda _host: list(addresses)


def test_a_request_brings_back_status_headers_body_and_time() -> None:
    with serving(answer("201 Created", "X-Id: 7", "Set-Cookie: a=b", body="完成".encode())) as server:
        got = Outgoing(settings()).post(server.url + "/in?x=1", b"{}", {"Content-Type": "application/json"})
    assert (got.status, got.ok, got.text, got.cut) == (201, True, "完成", False)
    assert got.headers == {"content-length": "6", "x-id": "7"}
    assert 0 < got.seconds < 5
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /in?x=1 HTTP/1.1\r\n")
    assert f"host: {LOOPBACK}:{server.port}".encode() in head.lower()
    assert b"accept-encoding: identity" in head.lower()
    assert body == b"{}"


def test_loopback_is_refused_unless_it_is_allowed() -> None:
    with serving() as server:
        with pytest.raises(AddressRefused, match="loopback"):
            Outgoing(settings(allowed="")).get(server.url, {})
        assert Outgoing(settings(allowed="127.0.0.0/8")).get(server.url, {}).ok
    assert len(server.requests) == 1


def test_a_name_that_leads_to_a_private_address_is_refused() -> None:
    outgoing = Outgoing(settings(allowed=""), resolver("10.0.0.5"))
    with pytest.raises(AddressRefused, match="private"):
        outgoing.post("http://innocent.example/", b"", {})


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    outgoing = Outgoing(settings(allowed=""), resolver("1.1.1.1", "::ffff:10.0.0.5"))
    with pytest.raises(AddressRefused):
        outgoing.get("http://innocent.example/", {})


def test_a_name_that_changes_its_address_after_it_was_judged_gains_nothing() -> None:
    """DNS rebinding: the first answer may be reached, every later one would lead to the server inside."""
    asked: list[str] = []

    def rebinding(host: str) -> list[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else [LOOPBACK]

    with serving() as inside:
        outgoing = Outgoing(settings(allowed="127.0.0.2"), rebinding)
        with pytest.raises(CannotConnect):
            outgoing.get(f"http://rebind.example:{inside.port}/", {})
        assert asked == ["rebind.example"]
        with pytest.raises(AddressRefused):
            outgoing.get(f"http://rebind.example:{inside.port}/", {})
    assert inside.requests == []


def test_the_server_sees_the_name_and_not_the_address_that_it_was_reached_by() -> None:
    with serving() as server:
        Outgoing(settings(), resolver(LOOPBACK)).get(f"http://erp.example:{server.port}/", {})
    assert f"host: erp.example:{server.port}".encode() in server.requests[0].lower()


def test_an_allowed_host_may_lead_anywhere() -> None:
    with serving() as server:
        outgoing = Outgoing(settings(allowed="erp.example"), resolver(LOOPBACK))
        assert outgoing.get(f"http://ERP.example.:{server.port}/", {}).ok
        with pytest.raises(AddressRefused):
            outgoing.get(f"http://other.example:{server.port}/", {})


def test_the_next_address_is_tried_where_nothing_listens() -> None:
    with serving() as server:
        outgoing = Outgoing(settings(allowed="127.0.0.0/8"), resolver("127.0.0.9", LOOPBACK))
        assert outgoing.get(f"http://erp.example:{server.port}/", {}).ok


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed_and_is_no_success(status: str) -> None:
    with serving() as inside, serving(answer(status, f"Location: {inside.url}/")) as server:
        got = Outgoing(settings()).post(server.url, b"{}", {})
    assert not got.ok
    assert not got.retried
    assert inside.requests == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert Outgoing(settings()).get(server.url, {}).ok
    assert proxy.requests == []


def test_a_name_that_does_not_exist_cannot_be_reached() -> None:
    with pytest.raises(CannotConnect, match="Name or service not known") as caught:
        Outgoing(settings(), nowhere).get("http://nowhere.example/secret?token=1", {})
    assert caught.value.retried
    assert "token" not in str(caught.value)
    with pytest.raises(CannotConnect):
        Outgoing(settings(), resolver()).get("http://nowhere.example/", {})


def test_the_systems_own_resolver_is_asked_where_no_other_is_given() -> None:
    with serving() as server:
        assert Outgoing(settings(allowed="localhost")).get(f"http://localhost:{server.port}/", {}).ok


def nowhere(host: str) -> list[str]:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize(
    ("resolve", "refused"),
    [(resolver("10.0.0.5"), AddressRefused), (nowhere, CannotConnect), (resolver(), CannotConnect),
     (lambda _host: sleep(3) or [], TimedOut)],
)  # fmt: skip
def test_an_address_can_be_judged_without_going_there(resolve, refused: type[OutgoingError]) -> None:
    with pytest.raises(refused):
        Outgoing(settings(allowed="", connect_seconds=0.3), resolve).judge("https://erp.example/hook?t=1")


def test_a_public_address_is_judged_as_one_that_may_be_saved() -> None:
    Outgoing(settings(allowed=""), resolver("1.1.1.1")).judge("https://erp.example/hook")


def test_a_look_up_that_does_not_end_is_left_behind() -> None:
    def slow(host: str) -> list[str]:
        ended.wait(60)
        return [LOOPBACK]

    ended = Event()
    with pytest.raises(TimedOut):
        Outgoing(settings(connect_seconds=0.3), slow).get("http://slow.example/", {})
    assert not ended.is_set()
    ended.set()


def test_a_server_that_never_answers_times_out() -> None:
    with serving(lambda _connection: sleep(2)) as server, pytest.raises(TimedOut) as caught:
        Outgoing(settings(read_seconds=0.3)).post(server.url, b"{}", {})
    assert caught.value.retried


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b"x")
            sleep(0.05)


def drip_headers(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in count():
            connection.sendall(f"X-{number}: y\r\n".encode())
            sleep(0.05)


def go_on_informing(connection: socket.socket) -> None:
    with suppress(OSError):
        while True:
            connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
            sleep(0.05)


@pytest.mark.parametrize("dripping", [drip, drip_headers, go_on_informing])
def test_a_server_that_drips_bytes_times_out_as_a_whole(dripping) -> None:
    with serving(dripping) as server, pytest.raises(TimedOut):  # the server itself would go on for ever
        Outgoing(settings(total_seconds=0.6)).get(server.url, {})


def test_a_receiver_that_takes_nothing_times_out() -> None:
    big = replace(settings(total_seconds=0.6), request_bytes=1 << 26)
    with socket.create_server((LOOPBACK, 0)) as listener, pytest.raises(TimedOut):
        Outgoing(big).post(f"http://{LOOPBACK}:{listener.getsockname()[1]}", b"x" * (1 << 25), {})


def test_a_request_may_have_less_time_than_the_settings_give_but_not_more() -> None:
    with serving(drip) as server:
        with pytest.raises(TimedOut):
            Outgoing(settings(total_seconds=300)).get(server.url, {}, seconds=0.3)
        with pytest.raises(TimedOut):
            Outgoing(settings(total_seconds=0.3)).get(server.url, {}, seconds=300)


def flood(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    with suppress(OSError):
        while True:
            connection.sendall(b"x" * 65_536)


def test_no_more_of_an_endless_answer_is_read_than_may_be() -> None:
    with serving(flood) as server:
        got = Outgoing(replace(settings(), answer_bytes=100_000)).get(server.url, {})
    assert (got.status, len(got.body), got.cut) == (200, 100_000, True)
    assert len(got.excerpt) == 2_000


@pytest.mark.parametrize("size", [40_000, 400_000])
def test_huge_headers_are_refused(size: int) -> None:
    with serving(answer("200 OK", "X-Big: " + "x" * size)) as server, pytest.raises(OversizedAnswer):
        Outgoing(settings()).get(server.url, {})


def test_too_much_is_not_sent() -> None:
    small = replace(settings(), request_bytes=10, header_bytes=200)
    with serving() as server:
        with pytest.raises(OversizedRequest):
            Outgoing(small).post(server.url, b"x" * 11, {})
        with pytest.raises(OversizedRequest):
            Outgoing(small).post(server.url, b"", {"X-Big": "x" * 200})
    assert server.requests == []


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]
)
def test_what_is_no_whole_http_answer_is_told_so(garbage: bytes) -> None:
    with serving(garbage) as server, pytest.raises(BrokenOff) as caught:
        Outgoing(settings()).get(server.url, {})
    assert caught.value.retried


@pytest.mark.parametrize(
    ("name", "value"),
    [("X\r\nY", "z"), ("X", "y\r\nZ: z"), ("", "x"), ("X", "\0"), ("Host", "other.example"), ("Content-Length", "0"),
     ("Transfer-Encoding", "chunked"), ("Accept-Encoding", "gzip"), ("X", "é")],
)  # fmt: skip
def test_headers_that_would_change_the_request_are_refused(name: str, value: str) -> None:
    with serving() as server, pytest.raises(WrongRequest):
        Outgoing(settings()).post(server.url, b"", {name: value})
    assert server.requests == []


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusting(authority: trustme.CA, tmp_path: Path) -> OutgoingSettings:
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return replace(settings(), authorities=path)


def certificate(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_tls_goes_by_the_name_although_the_address_was_judged(
    authority: trustme.CA, trusting: OutgoingSettings
) -> None:
    with serving(tls=certificate(authority, "erp.example")) as server:
        got = Outgoing(trusting, resolver(LOOPBACK)).get(f"https://erp.example:{server.port}/", {})
    assert got.ok
    assert server.names == ["erp.example"]


def test_a_certificate_for_another_name_is_refused(authority: trustme.CA, trusting: OutgoingSettings) -> None:
    with (
        serving(tls=certificate(authority, "other.example")) as server,
        pytest.raises(TlsFailed, match=r"erp\.example"),
    ):
        Outgoing(trusting, resolver(LOOPBACK)).get(f"https://erp.example:{server.port}/", {})
    assert server.requests == []


def test_a_certificate_of_an_unknown_authority_is_refused(authority: trustme.CA) -> None:
    with serving(tls=certificate(authority, "erp.example")) as server, pytest.raises(TlsFailed):
        Outgoing(settings(), resolver(LOOPBACK)).get(f"https://erp.example:{server.port}/", {})
    assert server.requests == []


def test_https_to_a_server_without_tls_fails() -> None:
    with serving() as server, pytest.raises((TlsFailed, TimedOut, CannotConnect)):
        Outgoing(settings(total_seconds=1), resolver(LOOPBACK)).get(f"https://erp.example:{server.port}/", {})


def test_neither_logs_nor_errors_show_what_is_sent(caplog: pytest.LogCaptureFixture) -> None:
    token = "t0ken-in-many-places"
    shown = []
    with caplog.at_level(logging.DEBUG), serving(answer("500 No", f"X: {token}")) as server:
        Outgoing(settings()).post(f"{server.url}/{token}?a={token}", token.encode(), {"Authorization": token})
        for wrong in ({"X": f"{token}\n"}, {"Host": token}):
            with pytest.raises(OutgoingError) as caught:
                Outgoing(settings()).post(f"{server.url}/{token}", b"", wrong)
            shown.append(f"{caught.value} {caught.value!r}")
    assert len(server.requests) == 1
    assert token not in caplog.text + "".join(shown)


@pytest.mark.parametrize("text", ["0", "65536", "99999999", "80-79", "http", "80;443", "-", "８０"])
def test_ports_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="port"):
        read_ports(text)


def test_ports_are_single_ones_or_ranges() -> None:
    ports = read_ports("443, 8000-8002")
    assert [port for each in ports for port in each] == [443, 8000, 8001, 8002]
    assert Outgoing(OutgoingSettings(AllowList(), ports)).target("https://a.example:8001/").port == 8001
