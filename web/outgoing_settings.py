"""The settings of requests to other systems: where they may go, what they may take, and the secrets they may carry."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from engine.outgoing import AllowList, OutgoingSettings, Secret, Secrets, read_ports

T = TypeVar("T")

SECRET = "PLANFLOW_SECRET_NAME".removesuffix("NAME")
HOSTS = "PLANFLOW_SECRET_NAME_HOSTS".removeprefix("PLANFLOW_SECRET_NAME")
SIGNING_KEY = "PLANFLOW_SECRET_KEY"
"""Signs sessions. Its name looks like that of a secret for requests, but it must never leave."""
LONGEST_SECONDS = 300.0
LARGEST = 64 << 20


class Reader(Protocol):
    """Reads one variable, and refuses it by its name."""

    @property
    def environment(self) -> Mapping[str, str]:
        """All variables."""

    def value(self, name: str, parse: Callable[[str], T], default: T) -> T:
        """What ``parse`` makes of the variable, or ``default`` if it is not set."""


def outgoing_settings(reader: Reader) -> OutgoingSettings:
    """Read them all. Raises SettingsError naming the variable that cannot be used."""
    default = OutgoingSettings()
    return OutgoingSettings(
        allowed=reader.value("PLANFLOW_OUTGOING_ALLOW", AllowList.parse, default.allowed),
        ports=reader.value("PLANFLOW_OUTGOING_PORTS", read_ports, default.ports),
        authorities=reader.value("PLANFLOW_OUTGOING_CA", _authorities, None),
        connect_seconds=reader.value("PLANFLOW_OUTGOING_CONNECT_SECONDS", _seconds, default.connect_seconds),
        read_seconds=reader.value("PLANFLOW_OUTGOING_READ_SECONDS", _seconds, default.read_seconds),
        total_seconds=reader.value("PLANFLOW_OUTGOING_SECONDS", _seconds, default.total_seconds),
        request_bytes=reader.value("PLANFLOW_OUTGOING_MAX_REQUEST", _bytes, default.request_bytes),
        answer_bytes=reader.value("PLANFLOW_OUTGOING_MAX_ANSWER", _bytes, default.answer_bytes),
        secrets=Secrets(tuple(_secrets(reader))),
    )


def _secrets(reader: Reader) -> Iterator[Secret]:
    for variable in sorted(reader.environment):
        if not variable.startswith(SECRET) or variable == SIGNING_KEY or variable.endswith(HOSTS):
            continue
        name = variable.removeprefix(SECRET)
        hosts: frozenset[str] = reader.value(f"{variable}{HOSTS}", _hosts, frozenset())
        found = reader.value(variable, partial(_secret, name, hosts), None)
        if found is not None:
            yield found


def _secret(name: str, hosts: frozenset[str], text: str) -> Secret | None:
    return Secret(name, text, hosts)


def _hosts(text: str) -> frozenset[str]:
    return frozenset(host.strip().lower() for host in text.split(",") if host.strip())


def _authorities(text: str) -> Path:
    try:
        ssl.create_default_context(cafile=text)
    except OSError as error:  # SSLError too
        raise ValueError(f"{text}: {error.strerror or error}") from None
    return Path(text)


def _seconds(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,3})?", text) or not 0 < float(text) <= LONGEST_SECONDS:
        raise ValueError(f"write a number of seconds such as 5 or 0.5, at most {LONGEST_SECONDS:g}")
    return float(text)


def _bytes(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or not 0 < int(text) <= LARGEST:
        raise ValueError(f"write a number of bytes, at most {LARGEST}")
    return int(text)
