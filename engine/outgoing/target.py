"""The address of a request, read once, by the same reader that the request is sent with."""

from __future__ import annotations

import re
from dataclasses import dataclass

import httpx

from engine.messages import translatable as _
from engine.outgoing.addresses import is_odd_spelling, read_address
from engine.outgoing.allowing import HOST_NAME
from engine.outgoing.errors import WrongRequest
from engine.outgoing.settings import Ports

LONGEST_URL = 2_048
_UNSEEN = re.compile(r"[\x00-\x20\x7f\\]|\s")
_CREDENTIALS = re.compile(r"[^/]*//[^/?#]*@")
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Target:
    """``host`` is as it is looked up: lower case, ASCII, without brackets or a dot at the end."""

    url: httpx.URL
    host: str
    port: int

    @property
    def encrypted(self) -> bool:
        """Whether it is reached over TLS."""
        return self.url.scheme == "https"

    @property
    def origin(self) -> str:
        """What may be shown of the address: scheme, host and port, but neither path nor query."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _DEFAULT_PORTS[self.url.scheme]
        return f"{self.url.scheme}://{host}" + ("" if usual else f":{self.port}")


def read_target(text: str, ports: Ports) -> Target:
    """The target of an address. Raises WrongRequest for one that is none, without showing it."""
    if len(text) > LONGEST_URL:
        raise WrongRequest(_("The address is longer than %(limit)d characters."), limit=LONGEST_URL)
    url = _parsed(text)
    if url.scheme not in _DEFAULT_PORTS:
        raise WrongRequest(_("The address has to begin with http:// or https://."))
    if url.userinfo or _CREDENTIALS.match(text):
        raise WrongRequest(_("The address must not hold a name or password."))
    host = _host(url)
    port = url.port or _DEFAULT_PORTS[url.scheme]
    if not any(port in each for each in ports):
        raise WrongRequest(_("Requests may not go to port %(port)d."), port=port)
    return Target(url.copy_with(host=host, fragment=None), host, port)


def _parsed(text: str) -> httpx.URL:
    if _UNSEEN.search(text):
        raise WrongRequest(_("The address cannot be read."))
    try:
        return httpx.URL(text)
    except (httpx.InvalidURL, ValueError):
        raise WrongRequest(_("The address cannot be read.")) from None


def _host(url: httpx.URL) -> str:
    host = url.raw_host.decode("ascii").lower().removesuffix(".")
    if is_odd_spelling(host):
        raise WrongRequest(_("Write an IPv4 address as four decimal numbers."))
    if len(host) > 253 or (read_address(host) is None and not HOST_NAME.fullmatch(host)) or "%" in host:
        raise WrongRequest(_("The address has no host that can be looked up."))
    return host
