"""Hands letters to the organisation's SMTP server (RFC 5321), over TLS that is verified.

The server's address is judged like every address that is connected to, when it is connected to.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from threading import Timer
from typing import Any

from engine.measuring import SMTP, Departure, Meter
from engine.messages import translatable as _
from engine.operations import PermanentFailure, shortened
from engine.outgoing import AddressRefused, AllowList
from engine.outgoing.connecting import judged
from engine.outgoing.deadline import Deadline
from engine.outgoing.resolving import Resolve, look_up
from webhooks.mail.writing import ADDRESS

TAKEN = 250
"""What the server answers to a letter that it takes (RFC 5321 §4.2.3)."""
STARTTLS, TLS, NONE = "starttls", "tls", "none"
PORTS = {STARTTLS: 587, TLS: 465, NONE: 25}
CONNECT_SECONDS, STEP_SECONDS, TOTAL_SECONDS = 10.0, 15.0, 45.0
"""To connect, for one answer, and for all of a letter: less than a worker's lease."""


@dataclass(frozen=True)
class MailServer:
    """Where letters are handed in. ``security`` is ``starttls``, ``tls`` or ``none``; ``sender`` stands in From.

    ``authorities`` is a PEM file of certificate authorities that are trusted beside the usual ones, ``allowed`` is what
    the address may be although it is not public.
    """

    host: str
    port: int
    security: str
    sender: Address
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    authorities: Path | None = None
    allowed: AllowList = field(default_factory=AllowList)


class NotSent(Exception):
    """The server did not take a letter, and may do so later."""


def read_sender(text: str) -> Address:
    """Read ``PlanFlow <plans@example.com>``. Raises ValueError for what is no address."""
    shown, address = parseaddr(text)
    if not text.isprintable() or not ADDRESS.fullmatch(address):
        raise ValueError("write an address such as PlanFlow <plans@example.com>")
    return Address(shown, addr_spec=address)


def hand_in(
    server: MailServer,
    letter: EmailMessage,
    reader: str,
    resolve: Resolve = look_up,
    meter: Meter | None = None,
) -> None:
    """Hand a letter to the server. ``reader`` is who is told of in errors, in place of the address.

    Raises PermanentFailure for what would be refused again, NotSent for whatever may pass.
    """
    departure = Departure(SMTP, "SEND", server.host, server.port)
    with (
        nullcontext() if meter is None else meter.outgoing(departure) as tell,
        _errors_of(server, reader),
        _connected(server, resolve) as client,
    ):
        client.send_message(letter)
        if tell is not None:
            tell(TAKEN)


def greet(server: MailServer, resolve: Resolve = look_up) -> None:
    """Connect as for a letter, and sign in where that is set, but send nothing. Raises as `hand_in`."""
    with _errors_of(server, ""), _connected(server, resolve) as client:
        client.noop()


@contextmanager
def _errors_of(server: MailServer, reader: str) -> Iterator[None]:
    try:
        yield
    except AddressRefused as refusal:
        raise PermanentFailure(
            _("The mail server “%(host)s” is not at a public address; PLANFLOW_SMTP_ALLOW can allow it."),
            host=server.host,
        ) from refusal
    except smtplib.SMTPRecipientsRefused as refusal:
        code, said = next(iter(refusal.recipients.values()))
        raise _refused(code, said, reader) from refusal
    except smtplib.SMTPResponseException as refusal:
        raise _refused(refusal.smtp_code, refusal.smtp_error, reader) from refusal
    except smtplib.SMTPNotSupportedError as refusal:
        raise PermanentFailure(
            _("The mail server does not offer what is needed: %(reason)s"), reason=shortened(refusal)
        ) from refusal
    except (smtplib.SMTPException, OSError) as error:  # TimeoutError and ssl.SSLError too
        raise NotSent(f"{server.host}:{server.port}: {shortened(error)}") from error


@contextmanager
def _connected(server: MailServer, resolve: Resolve) -> Iterator[smtplib.SMTP]:
    client = _client(server, resolve)
    limit: Timer | None = None
    try:
        client.connect(server.host, server.port)
        limit = Timer(TOTAL_SECONDS, _cut, [client])
        limit.daemon = True
        limit.start()
        if server.security == STARTTLS:
            client.starttls(context=_trusting(server))
        if server.user is not None:
            client.login(server.user, server.password or "")
        yield client
        client.quit()
    finally:
        if limit is not None:
            limit.cancel()
        client.close()


def _cut(client: smtplib.SMTP) -> None:
    """End a connection that takes too long, from another thread."""
    connection = client.sock
    if connection is not None:
        connection.shutdown(socket.SHUT_RDWR)


def _client(server: MailServer, resolve: Resolve) -> smtplib.SMTP:
    name = server.sender.domain or "localhost"
    if server.security == TLS:
        return _JudgedTls(
            server, resolve, local_hostname=name, timeout=STEP_SECONDS, context=_trusting(server)
        )
    return _Judged(server, resolve, local_hostname=name, timeout=STEP_SECONDS)


def _trusting(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.authorities is not None:
        context.load_verify_locations(server.authorities)
    return context


def _opened(server: MailServer, resolve: Resolve) -> socket.socket:
    """A connection to the first of the judged addresses that answers."""
    deadline = Deadline(CONNECT_SECONDS)
    addresses = judged(server.host, server.allowed, resolve, deadline)
    failed: OSError = OSError("the name has no address")
    for address in addresses:
        try:
            return socket.create_connection((str(address), server.port), deadline.left())
        except OSError as error:
            failed = error
    raise failed


class _Judged(smtplib.SMTP):
    """Connects to what was judged, and to nothing else."""

    def __init__(self, server: MailServer, resolve: Resolve, **options: Any) -> None:
        self._server = server
        self._resolve = resolve
        super().__init__(**options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        self._host = host  # by which the certificate is judged
        opened = _opened(self._server, self._resolve)
        opened.settimeout(timeout)
        return opened


class _JudgedTls(smtplib.SMTP_SSL):
    """The same, with TLS from the beginning."""

    def __init__(self, server: MailServer, resolve: Resolve, **options: Any) -> None:
        self._server = server
        self._resolve = resolve
        super().__init__(**options)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # noqa: ARG002
        opened = _opened(self._server, self._resolve)
        opened.settimeout(timeout)
        return self.context.wrap_socket(opened, server_hostname=host)


def _refused(code: int, said: bytes | str, reader: str) -> Exception:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = shortened(ValueError(f"{code} {' '.join(text.split())}"))
    if code >= 500:
        return PermanentFailure(
            _("The mail server refused the letter to %(name)s: %(reason)s"), name=reader, reason=told
        )
    return NotSent(told)
