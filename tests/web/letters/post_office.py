"""A real SMTP server on loopback that keeps what it is handed, with TLS and a password where a test wants it."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from engine.outgoing import AllowList
from tests.web.conftest import Office, open_office
from web.container import build_container
from web.settings import Settings
from webhooks.mail import NONE, STARTTLS, TLS, MailServer

USER, PASSWORD = "plans", "the password of the mail server"
SENDER = Address("PlanFlow", "plans", "example.com")
HERE = AllowList.parse("127.0.0.1")


@dataclass
class PostOffice:
    """What was handed in, and what is answered to the next letters: "" takes them."""

    letters: list[EmailMessage] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    refusal: str = ""
    answer: str = ""
    users: list[str] = field(default_factory=list)
    server: MailServer = field(default_factory=lambda: MailServer("127.0.0.1", 25, NONE, SENDER))

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        if self.refusal:
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if self.answer:
            return self.answer
        self.raw.append(bytes(envelope.content))
        self.letters.append(message_from_bytes(bytes(envelope.content), policy=default))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> Any:
        self.users.append(data.login.decode())
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, handled=known)

    def part(self, kind: str, number: int = -1) -> str:
        """The plain or HTML part of a letter."""
        found = self.letters[number].get_body((kind,))
        assert found is not None
        text: str = found.get_content()
        return text


@contextmanager
def post_office(folder: Path, security: str = NONE) -> Iterator[PostOffice]:
    """A server on a free port; ``server`` says how to reach it."""
    office = PostOffice()
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    options: dict[str, Any] = {"hostname": "127.0.0.1", "port": 0}
    if security == TLS:
        options["ssl_context"] = context
    elif security == STARTTLS:
        options |= {"tls_context": context, "require_starttls": True, "authenticator": office.authenticate}
    controller = _FreePort(office, **options)
    controller.start()
    port = controller.server.sockets[0].getsockname()[1]
    ca = None if security == NONE else folder / "ca.pem"
    signing_in = {"user": USER, "password": PASSWORD} if security == STARTTLS else {}
    office.server = MailServer(
        "127.0.0.1", port, security, SENDER, authorities=ca, allowed=HERE, **signing_in
    )
    try:
        yield office
    finally:
        controller.stop()


class _FreePort(Controller):
    """On a port that the system picks, which the controller's own look at the server does not know."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


def sending(office: Office, server: MailServer | None, **changes: Any) -> Office:
    """The same installation, with letters going out by this server."""
    settings: Settings = replace(office.container.settings, mail=server, **changes)
    return open_office(settings, build_container(settings), office.tokens)
