"""``http.post`` and ``http.get`` for service tasks: inputs, outputs, errors and secrets."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BpmnError, Invalid
from engine.outgoing import (
    CannotConnect,
    Outgoing,
    OutgoingError,
    OversizedAnswer,
    Secret,
    Secrets,
    Unavailable,
    UnreadableAnswer,
    WrongRequest,
    http_request,
)
from engine.outgoing.answer import LONGEST_WAIT, Answer
from tests.engine.outgoing.servers import LOOPBACK, answer, serving, settings

VALUE = "s3cr3t-of-the-erp"
ERP = Secret("ERP", VALUE, frozenset({LOOPBACK, "erp.example"}))


def post(url: str, secrets: Secrets | None = None, **inputs: Any) -> dict[str, Any]:
    return http_request(Outgoing(settings(secrets=secrets)), {"url": url, **inputs})


def json_answer(value: Any, status: str = "200 OK") -> bytes:
    return answer(status, "Content-Type: application/json; charset=utf-8", body=json.dumps(value).encode())


def test_json_goes_out_and_comes_back() -> None:
    with serving(json_answer({"id": 7, "name": "計劃"})) as server:
        got = post(server.url, body={"plan": "計劃"}, headers={"X-A": "b"}, idempotency_key="i-1", timeout=3)
    assert (got["status"], got["body"]) == (200, {"id": 7, "name": "計劃"})
    assert got["headers"]["content-type"].startswith("application/json")
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert json.loads(body) == {"plan": "計劃"}
    for header in (b"x-a: b", b"idempotency-key: i-1", b"content-type: application/json"):
        assert header in head.lower()


def test_a_get_asks_without_a_body() -> None:
    with serving(answer("200 OK", "Content-Type: text/plain", body=b"hi")) as server:
        got = http_request(Outgoing(settings()), {"url": server.url}, "GET")
    assert got["body"] == "hi"
    assert server.requests[0].startswith(b"GET / HTTP/1.1")


def test_an_answer_without_a_body_gives_none() -> None:
    with serving(answer("204 No Content")) as server:
        assert post(server.url)["body"] is None


@pytest.mark.parametrize(
    ("inputs", "field"),
    [({}, "url"), ({"url": 1}, "url"), ({"headers": {"X": 1}}, "headers"), ({"headers": ["x"]}, "headers"),
     ({"timeout": 0}, "timeout"), ({"timeout": True}, "timeout"), ({"timeout": "1"}, "timeout"),
     ({"timeout": float("nan")}, "timeout"), ({"idempotency_key": ""}, "idempotency_key"),
     ({"idempotency_key": "a\n"}, "idempotency_key"), ({"idempotency_key": "x" * 256}, "idempotency_key"),
     ({"body": float("inf")}, "body"), ({"method": "PUT"}, "method")],
)  # fmt: skip
def test_inputs_that_cannot_be_used_are_named(inputs: dict[str, Any], field: str) -> None:
    given = inputs if field == "url" else {"url": "http://127.0.0.1:9999/", **inputs}
    with pytest.raises(Invalid) as caught:
        http_request(Outgoing(settings()), given)
    assert [problem.field for problem in caught.value.fields] == [field]


@pytest.mark.parametrize("status", [300, 301, 302, 308, 400, 401, 403, 404, 409, 410, 422])
def test_a_refusal_is_a_bpmn_error_with_its_status(status: int) -> None:
    with serving(answer(f"{status} No", "Location: /x")) as server, pytest.raises(BpmnError) as caught:
        post(server.url + "/secret-path")
    assert caught.value.code == f"HTTP_{status}"
    assert "secret-path" not in caught.value.message


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_what_may_do_better_later_is_tried_again(status: int) -> None:
    with serving(answer(f"{status} No", "Retry-After: 120")) as server, pytest.raises(Unavailable) as caught:
        post(server.url)
    assert (caught.value.retried, caught.value.answered, caught.value.retry_after) == (True, status, 120)


def test_no_connection_is_tried_again_and_a_wrong_address_is_not() -> None:
    with serving() as server:
        url = server.url
    with pytest.raises(CannotConnect) as gone:
        post(url)
    with pytest.raises(WrongRequest) as wrong:
        post("ftp://erp.example/")
    assert (gone.value.retried, wrong.value.retried) == (True, False)


NOW = datetime(2027, 3, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), ("0", 0), ("999999999999999999999", LONGEST_WAIT), ("-1", None), ("soon", None), ("", None),
     (format_datetime(NOW + timedelta(minutes=2), usegmt=True), 120),
     (format_datetime(NOW - timedelta(days=2), usegmt=True), 0), ("1.5", None)],
)  # fmt: skip
def test_retry_after_is_read_as_a_hint(said: str, seconds: float | None) -> None:
    assert Answer(503, {"retry-after": said}, b"", 0.1).retry_after(NOW) == seconds


@given(st.text(max_size=60))
def test_no_retry_after_breaks_anything(said: str) -> None:
    seconds = Answer(503, {"retry-after": said}, b"", 0.1).retry_after(NOW)
    assert seconds is None or 0 <= seconds <= LONGEST_WAIT


@pytest.mark.parametrize("body", [b"{", b"NaN", b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_not_the_json_it_says_is_told_so(body: bytes) -> None:
    with (
        serving(answer("200 OK", "Content-Type: application/json", body=body)) as server,
        pytest.raises(UnreadableAnswer),
    ):
        post(server.url)


def test_a_packed_answer_that_nobody_asked_for_is_not_unpacked() -> None:
    with (
        serving(answer("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8b")) as server,
        pytest.raises(UnreadableAnswer),
    ):
        post(server.url)


def test_an_answer_that_is_too_large_is_refused() -> None:
    with serving(answer("200 OK", body=b"x" * (1 << 20) + b"x")) as server, pytest.raises(OversizedAnswer):
        post(server.url)


@pytest.mark.parametrize("charset", ["utf-8", "big5", "rot13", "idna", "nonsense", '"utf-8"'])
def test_text_is_read_in_its_charset_and_never_fails(charset: str) -> None:
    body = "計劃".encode("big5" if charset == "big5" else "utf-8") + b"\0"
    text = Answer(200, {"content-type": f"text/plain; charset={charset}"}, body, 0.1).text
    assert "\0" not in text
    assert charset == "idna" or text.startswith("計劃")


# --- secrets ---


@pytest.mark.parametrize(
    ("header", "sent"), [("secret:ERP", VALUE), ("Bearer secret:ERP", f"Bearer {VALUE}")]
)
def test_a_secret_is_put_into_the_header_that_names_it(header: str, sent: str) -> None:
    with serving() as server:
        post(server.url, Secrets((ERP,)), headers={"Authorization": header})
    assert f"authorization: {sent}\r\n".encode() in server.requests[0]


def test_a_secret_is_taken_out_of_whatever_comes_back() -> None:
    echo = answer(
        "200 OK", f"X-Echo: Bearer {VALUE}", "Content-Type: application/json",
        body=json.dumps({"seen": [f"<{VALUE}>"], VALUE: 1}).replace("s3", "\\u00733").encode(),
    )  # fmt: skip
    with serving(echo) as server:
        got = post(server.url, Secrets((ERP,)), headers={"X-Key": "secret:ERP"})
    assert got["body"] == {"seen": ["<secret:ERP>"], "secret:ERP": 1}
    assert got["headers"]["x-echo"] == "Bearer secret:ERP"


def test_a_secret_is_sent_to_its_hosts_alone() -> None:
    elsewhere = Secret("ERP", VALUE, frozenset({"erp.example"}))
    with serving() as server, pytest.raises(WrongRequest, match="not for the host"):
        post(server.url, Secrets((elsewhere,)), headers={"X-Key": "secret:ERP"})
    assert server.requests == []


def test_a_secret_is_not_sent_where_others_can_read_along() -> None:
    with pytest.raises(WrongRequest, match="HTTPS"):
        post("http://erp.example/", Secrets((ERP,)), headers={"X-Key": "secret:ERP"})


@pytest.mark.parametrize(
    "header",
    [
        "secret:",
        "secret:GONE",
        "secret:erp",
        "secret:ERP x",
        "a b secret:ERP",
        "Bearer  secret:ERP",
        "k=secret:ERP",
    ],
)
def test_a_secret_that_is_not_there_or_otherwise_written_is_refused(header: str) -> None:
    with serving() as server, pytest.raises(WrongRequest):
        post(server.url, Secrets((ERP,)), headers={"X-Key": header})
    assert server.requests == []


def test_elsewhere_the_name_of_a_secret_is_plain_text() -> None:
    with serving() as server:
        post(server.url + "/?k=secret:ERP", Secrets((ERP,)), body={"k": "secret:ERP"})
    assert VALUE.encode() not in server.requests[0]


def test_a_secret_appears_in_no_log_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    outgoing = Outgoing(settings(secrets=Secrets((ERP,))))
    shown = [repr(outgoing.settings), repr(ERP), repr(Secrets((ERP,)))]
    inputs = {"headers": {"Authorization": "Bearer secret:ERP"}, "body": 1}
    with caplog.at_level(logging.DEBUG):
        for reply in (
            json_answer(VALUE, "500 No"),
            json_answer(VALUE, "404 No"),
            b"HTTP/1.1 " + VALUE.encode(),
            b"",
        ):
            with serving(reply) as server, pytest.raises((OutgoingError, BpmnError)) as caught:
                http_request(outgoing, {"url": server.url, **inputs})
            assert VALUE.encode() in server.requests[0]
            shown.append(f"{caught.getrepr(showlocals=False)}")
    assert VALUE not in caplog.text + "".join(shown)
    assert inputs["headers"] == {"Authorization": "Bearer secret:ERP"}


@pytest.mark.parametrize(
    ("name", "value", "hosts"),
    [("erp", VALUE, "a.example"), ("ERP", "short", "a.example"), ("ERP", "with\nnew line", "a.example"),
     ("ERP", VALUE, ""), ("ERP", VALUE, "https://a.example"), ("ERP", "x" * 5000, "a.example")],
)  # fmt: skip
def test_a_secret_that_cannot_be_used_is_refused_without_showing_it(
    name: str, value: str, hosts: str
) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its text is looked at below
        Secret(name, value, frozenset(filter(None, [hosts])))
    assert value not in str(caught.value)
