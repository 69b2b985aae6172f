"""What the administrator allows beyond public addresses: hosts, IP addresses and networks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network

from engine.outgoing.addresses import Address, Network, held_by, is_odd_spelling, read_address

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
"""A name as it is looked up: lower case, international names in their ASCII form, no dot at the end."""


@dataclass(frozen=True)
class AllowList:
    """Hosts by name, wherever they lead, and networks, whatever leads there."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> AllowList:
        """Read ``erp.intern, 10.1.0.0/16, ::1``. Raises ValueError naming what cannot be read."""
        hosts: set[str] = set()
        networks: list[Network] = []
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            network = _network(entry)
            if network is not None:
                networks.append(network)
            else:
                hosts.add(_host(entry))
        return cls(frozenset(hosts), tuple(networks))

    def has_host(self, host: str) -> bool:
        """Whether the name itself is allowed."""
        return host in self.hosts

    def covers(self, host: str) -> bool:
        """Whether a host is allowed as it is written: its name, or the address that it is."""
        address = read_address(host)
        return self.has_host(host) or (address is not None and self.has(address))

    def has(self, address: Address) -> bool:
        """Whether the address, or the IPv4 address that it holds, is in one of the networks."""
        return any(each in network for each in _both(address) for network in self.networks)


def _both(address: Address) -> Iterator[Address]:
    yield address
    held = held_by(address)
    if held is not None:
        yield held


def _network(entry: str) -> Network | None:
    try:
        return ip_network(entry.strip("[]"))
    except ValueError as error:
        if "/" in entry or ":" in entry:
            raise ValueError(f"{entry}: {error}") from None
        return None


def _host(entry: str) -> str:
    if not HOST_NAME.fullmatch(entry) or is_odd_spelling(entry):
        raise ValueError(f"{entry}: write a host name, an IP address or a network such as 10.1.0.0/16")
    return entry
