"""The settings of letters: the organisation's SMTP server, and in whose name they are sent."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import NoReturn, Protocol

from engine.outgoing import AllowList
from engine.outgoing.addresses import read_address
from engine.outgoing.allowing import HOST_NAME
from web.outgoing_settings import Reader
from webhooks.mail import NONE, PORTS, STARTTLS, MailServer, read_sender

LONGEST = 500


class Refusing(Reader, Protocol):
    """One that can also say that a variable is missing, or does not go with another."""

    def refuse(self, name: str, reason: str) -> NoReturn:
        """Raises SettingsError naming the variable."""


def mail_server(reader: Refusing) -> MailServer | None:
    """Read them all; None where no server is named. Raises SettingsError naming the variable that cannot be used."""
    host = reader.value("PLANFLOW_SMTP_HOST", _host, None)
    if host is None:
        return None
    security = reader.value("PLANFLOW_SMTP_SECURITY", _security, STARTTLS)
    sender = reader.value("PLANFLOW_SMTP_FROM", read_sender, None)
    if sender is None:
        reader.refuse("PLANFLOW_SMTP_FROM", "set it to the address that letters come from")
    user = reader.value("PLANFLOW_SMTP_USER", _text, None)
    if user is not None and security == NONE:
        reader.refuse("PLANFLOW_SMTP_USER", "no password is sent without TLS; set PLANFLOW_SMTP_SECURITY")
    return MailServer(
        host=host,
        port=reader.value("PLANFLOW_SMTP_PORT", _port, PORTS[security]),
        security=security,
        sender=sender,
        user=user,
        password=reader.value("PLANFLOW_SMTP_PASSWORD", _text, None),
        authorities=reader.value("PLANFLOW_SMTP_CA", _authorities, None),
        allowed=reader.value("PLANFLOW_SMTP_ALLOW", AllowList.parse, AllowList()),
    )


def _host(text: str) -> str | None:
    host = text.strip().lower()
    if not HOST_NAME.fullmatch(host) and read_address(host) is None:
        raise ValueError("write a host name such as smtp.example.com")
    return host


def _security(text: str) -> str:
    if text not in PORTS:
        raise ValueError("write starttls, tls or none")
    return text


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:6]) < 65_536):
        raise ValueError("write a port such as 587")
    return int(text)


def _text(text: str) -> str | None:
    if not text.isprintable() or len(text) > LONGEST:
        raise ValueError("write one line of at most 500 characters")
    return text


def _authorities(text: str) -> Path | None:
    try:
        ssl.create_default_context(cafile=text)
    except OSError as error:  # SSLError too
        raise ValueError(f"{text}: {error.strerror or error}") from None
    return Path(text)
