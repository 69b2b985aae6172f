"""Sends requests to other systems: everything that leaves the machine by HTTP goes through here.

One connection for each request, no redirects, no cookies, no proxies. What is sent is neither logged nor shown.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import cached_property
from time import monotonic

import httpcore
import httpx

from engine.measuring import HTTP, Departure, Meter
from engine.messages import translatable as _
from engine.outgoing.answer import Answer
from engine.outgoing.connecting import NO_ADDRESS, JudgingBackend, judged
from engine.outgoing.deadline import Deadline
from engine.outgoing.errors import (
    BrokenOff,
    CannotConnect,
    OutgoingError,
    OversizedAnswer,
    OversizedRequest,
    TimedOut,
    TlsFailed,
    WrongRequest,
)
from engine.outgoing.resolving import Resolve, look_up
from engine.outgoing.settings import OutgoingSettings
from engine.outgoing.target import Target, read_target

logging.getLogger("httpcore").setLevel(logging.INFO)  # its debug lines show headers

OWN_HEADERS = {"user-agent": "PlanFlow", "accept": "*/*", "accept-encoding": "identity"}
"""What is sent unless it is chosen otherwise. An answer comes as it is: unpacking could make much out of little."""

SET_BY_HTTP = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
_HEADER_VALUE = re.compile(r"[\x20-\x7e\t]*", re.ASCII)
_HEADERS_TOO_LARGE = 431


class Outgoing:
    """Safe to share between threads. ``resolve`` looks names up, the system's way if it is not given.

    ``meter`` measures each request.
    """

    def __init__(
        self,
        settings: OutgoingSettings | None = None,
        resolve: Resolve = look_up,
        meter: Meter | None = None,
    ) -> None:
        self.settings = settings or OutgoingSettings()
        self._resolve = resolve
        self._meter = meter

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made when it is first needed, since it takes a while; then for all connections."""
        return _tls(self.settings)

    def target(self, url: str) -> Target:
        """What a URL means, without going there. Raises WrongRequest."""
        return read_target(url, self.settings.ports)

    def judge(self, url: str) -> None:
        """Look whether requests may go to a URL now, without going there: for one that is about to be saved.

        It is judged again with each request. Raises WrongRequest, AddressRefused, CannotConnect or TimedOut.
        """
        target, settings = self.target(url), self.settings
        try:
            found = judged(target.host, settings.allowed, self._resolve, Deadline(settings.connect_seconds))
        except TimeoutError:
            raise TimedOut(target.origin) from None
        except OSError as error:
            raise CannotConnect(target.origin, error.strerror or str(error)) from None
        if not found:
            raise CannotConnect(target.origin, NO_ADDRESS)

    def post(
        self, url: str, content: bytes, headers: Mapping[str, str], seconds: float | None = None
    ) -> Answer:
        """Send ``content``. ``seconds``: for all of it, if that is less than the settings give.

        Whatever status comes is an answer; raises OutgoingError when none comes.
        """
        return self._send("POST", url, content, headers, seconds)

    def get(self, url: str, headers: Mapping[str, str], seconds: float | None = None) -> Answer:
        """Ask for what is there. As :meth:`post`."""
        return self._send("GET", url, None, headers, seconds)

    def _send(
        self, method: str, url: str, content: bytes | None, headers: Mapping[str, str], seconds: float | None
    ) -> Answer:
        begun = monotonic()
        target = self.target(url)
        request = httpx.Request(method, target.url, headers=self._headers(headers), content=content)
        if content is not None and len(content) > self.settings.request_bytes:
            raise OversizedRequest(self.settings.request_bytes)
        total = self.settings.total_seconds
        deadline = Deadline(total if seconds is None else min(seconds, total))
        departure = Departure(HTTP, method, target.host, target.port)
        with (
            nullcontext() if self._meter is None else self._meter.outgoing(departure) as tell,
            self._errors_of(target),
            self._answering(request, target, content, deadline) as response,
        ):
            if tell is not None:
                tell(response.status)
            fields = self._fields(response, target)
            body, cut = self._body(response)
        return Answer(response.status, fields, body, monotonic() - begun, cut)

    @contextmanager
    def _answering(
        self, request: httpx.Request, target: Target, content: bytes | None, deadline: Deadline
    ) -> Iterator[httpcore.Response]:
        settings = self.settings
        timeout = {
            "connect": settings.connect_seconds,
            "read": settings.read_seconds,
            "write": settings.read_seconds,
        }
        url = httpcore.URL(
            scheme=request.url.raw_scheme,
            host=target.host.encode("ascii"),
            port=target.port,
            target=request.url.raw_path,
        )
        backend = JudgingBackend(settings.allowed, self._resolve, deadline)
        with (
            httpcore.ConnectionPool(
                ssl_context=self._tls if target.encrypted else None, network_backend=backend
            ) as pool,
            pool.stream(
                request.method,
                url,
                headers=request.headers.raw,
                content=content,
                extensions={"timeout": timeout},
            ) as response,
        ):
            yield response

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """All headers by name in lower case."""
        for name, value in headers.items():
            if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
                raise WrongRequest(_("The header “%(name)s” cannot be sent."), name=name[:100])
            if name.lower() in SET_BY_HTTP:
                raise WrongRequest(_("The header “%(name)s” cannot be chosen."), name=name)
        chosen = OWN_HEADERS | {name.lower(): value.strip() for name, value in headers.items()}
        if sum(len(name) + len(value) for name, value in chosen.items()) > self.settings.header_bytes:
            raise OversizedRequest(self.settings.header_bytes)
        return chosen

    def _fields(self, response: httpcore.Response, target: Target) -> dict[str, str]:
        limit = self.settings.header_bytes
        if sum(len(name) + len(value) for name, value in response.headers) > limit:
            raise OversizedAnswer(target.origin, limit)
        fields: dict[str, str] = {}
        for raw_name, raw_value in response.headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            fields[name] = f"{fields[name]}, {value}" if name in fields else value
        fields.pop("set-cookie", None)
        return fields

    def _body(self, response: httpcore.Response) -> tuple[bytes, bool]:
        limit = self.settings.answer_bytes
        body = bytearray()
        for part in response.iter_stream():
            body += part
            if len(body) > limit:
                return bytes(body[:limit]), True
        return bytes(body), False

    @contextmanager
    def _errors_of(self, target: Target) -> Iterator[None]:
        try:
            yield
        except httpcore.TimeoutException:
            raise TimedOut(target.origin) from None
        except httpcore.LocalProtocolError:
            raise WrongRequest(_("The request cannot be sent.")) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise self._failure(error, target) from None

    def _failure(self, error: Exception, target: Target) -> OutgoingError:
        cause = error.args[0] if error.args else None  # what httpcore made it of
        if isinstance(cause, ssl.SSLError):
            return TlsFailed(target.origin, getattr(cause, "verify_message", "") or cause.reason or "")
        if isinstance(error, httpcore.ConnectError):
            reason = cause.strerror if isinstance(cause, OSError) else None
            return CannotConnect(target.origin, reason or str(error))
        if getattr(cause, "error_status_hint", None) == _HEADERS_TOO_LARGE:
            return OversizedAnswer(target.origin, self.settings.header_bytes)
        return BrokenOff(target.origin)


def _tls(settings: OutgoingSettings) -> ssl.SSLContext:
    """The authorities that browsers trust, those of the system, and the administrator's own."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    if settings.authorities is not None:
        context.load_verify_locations(settings.authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
