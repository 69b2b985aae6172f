"""Which IP addresses a request may go to: public ones, by the special-purpose registries of IANA (RFC 6890).

An IPv6 address that holds an IPv4 one is judged by what it holds, since the network would deliver it there.
"""

from __future__ import annotations

import re
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

METADATA = "metadata"
REFUSED: tuple[tuple[Network, str], ...] = tuple(
    (ip_network(network), kind)
    for network, kind in (
        # what clouds tell their machines, credentials included; the last one is outside every private range
        ("169.254.169.254/32", METADATA),
        ("169.254.170.2/32", METADATA),
        ("100.100.100.200/32", METADATA),
        ("192.0.0.192/32", METADATA),
        ("fd00:ec2::254/128", METADATA),
        ("fd20:ce::254/128", METADATA),
        ("168.63.129.16/32", METADATA),
        ("0.0.0.0/8", "unspecified"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "reserved"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"),
        ("::1/128", "loopback"),
        ("fc00::/7", "private"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("3fff::/20", "documentation"),
    )
)
"""The first network that an address is in says of what kind it is."""

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All of IPv6 that is handed out for use (RFC 4291 §2.4); the rest is reserved."""

_LAST_32_BITS = tuple(
    IPv6Network(text) for text in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
"""IPv4-mapped (RFC 4291), IPv4-translated (RFC 2765), NAT64 (RFC 6052), IPv4-compatible (RFC 4291)."""
_LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
_6TO4 = IPv6Network("2002::/16")
_MAPPED = _LAST_32_BITS[0]

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")


def read_address(host: str) -> Address | None:
    """The address that a host is written as, in its one usual spelling; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def is_odd_spelling(host: str) -> bool:
    """Whether a host is a number to some programs: decimal, octal, hexadecimal or shortened IPv4.

    As browsers do it (WHATWG URL §3.5), whatever ends in a number is an IPv4 address; here only four decimal
    numbers are one.
    """
    last = host.rstrip(".").rpartition(".")[2]
    return _NUMBER.fullmatch(last) is not None and read_address(host) is None


def held_by(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one: mapped, translated, compatible, NAT64 or 6to4 (RFC 3056)."""
    if isinstance(address, IPv4Address):
        return None
    if any(address in network for network in _LAST_32_BITS) and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return IPv4Address((int(address) >> 80) & 0xFFFFFFFF) if address in _6TO4 else None


def kind_refused(address: Address) -> str | None:
    """Why an address is not for requests to go to, as "loopback" or "private"; None for a public one."""
    held = held_by(address)
    if held is not None:
        return kind_refused(held)
    for network, kind in REFUSED:
        if address in network:
            return kind
    if isinstance(address, IPv6Address):
        return None if address in GLOBAL_UNICAST else "reserved"
    return None if address.is_global else "reserved"
