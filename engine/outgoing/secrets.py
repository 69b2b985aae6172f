"""Tokens that a designer names in a header without knowing them: ``Bearer secret:ERP``.

The model, its history and every message hold the name. The value is put in when the request is sent, for the hosts
alone that the operator chose for it, so that no model and no data of a process can send it elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.messages import translatable as _
from engine.outgoing.addresses import read_address
from engine.outgoing.allowing import HOST_NAME
from engine.outgoing.errors import WrongRequest

NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}", re.ASCII)
_USE = re.compile(r"(?P<before>(?:[A-Za-z][A-Za-z0-9_-]* )?)secret:(?P<name>\S*)", re.ASCII)
_MENTIONED = re.compile(r"(?:^|[\s=])secret:", re.ASCII)
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?", re.ASCII)
SHORTEST = 8
"""Characters. Shorter ones could not be taken out of an answer without harming what else it says."""


@dataclass(frozen=True)
class Secret:
    """``value`` goes to ``hosts`` alone. Raises ValueError when one of them cannot be used."""

    name: str
    value: str = field(repr=False)
    hosts: frozenset[str]

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError("the name is made of capital letters, digits and _")
        if len(self.value) < SHORTEST or not _VALUE.fullmatch(self.value):
            raise ValueError(f"{SHORTEST} to 4096 visible ASCII characters are needed")
        for host in self.hosts:
            if not HOST_NAME.fullmatch(host) and read_address(host) is None:
                raise ValueError(f"{host}: write host names with commas between")
        if not self.hosts:
            raise ValueError("say which hosts may be sent it")


@dataclass(frozen=True)
class Secrets:
    """All secrets of this installation."""

    known: tuple[Secret, ...] = field(default=(), repr=False)

    def put_in(self, headers: Mapping[str, str], host: str, private: bool) -> tuple[dict[str, str], Used]:
        """The headers with values in place of names, and what was used.

        ``private``: whether nobody can read along, by TLS or inside a network that the administrator allowed.
        Raises WrongRequest for a secret that is not there, or not for this host.
        """
        used: list[Secret] = []
        filled = {}
        for header, text in headers.items():
            found = _USE.fullmatch(text)
            if found is None:
                filled[header] = _without(header, text)
                continue
            secret = self._for(found["name"], host, private)
            used.append(secret)
            filled[header] = found["before"] + secret.value
        return filled, Used(used)

    def _for(self, name: str, host: str, private: bool) -> Secret:
        secret = next((each for each in self.known if each.name == name), None)
        if secret is None:
            raise WrongRequest(_("There is no secret “%(name)s”."), name=name)
        if host not in secret.hosts:
            raise WrongRequest(
                _("The secret “%(name)s” is not for the host “%(host)s”."), name=name, host=host
            )
        if not private:
            raise WrongRequest(_("The secret “%(name)s” is only sent over HTTPS."), name=name)
        return secret


def _without(header: str, text: str) -> str:
    """A text that names no secret; one that does so in another form is refused, and not sent as it is."""
    if _MENTIONED.search(text):
        raise WrongRequest(
            _("The header “%(name)s” has to be “secret:NAME”, or one word before it: “Bearer secret:NAME”."),
            name=header,
        )
    return text


class Used:
    """The secrets of one request, taken out again of whatever comes back."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._secrets = sorted(secrets, key=lambda secret: -len(secret.value))

    def hide(self, value: Any) -> Any:
        """The same JSON value with the name in every place where a secret's value stood."""
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret.value, f"secret:{secret.name}")
            return value
        if isinstance(value, list):
            return [self.hide(each) for each in value]
        if isinstance(value, dict):
            return {self.hide(key): self.hide(each) for key, each in value.items()}
        return value
