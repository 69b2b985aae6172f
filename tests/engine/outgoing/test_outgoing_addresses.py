"""Which addresses requests may go to, in whatever way they are written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.outgoing import AddressRefused, AllowList, Outgoing, OutgoingSettings, WrongRequest
from engine.outgoing.addresses import REFUSED, is_odd_spelling, kind_refused, read_address

NOT_PUBLIC = {
    "127.0.0.1": "loopback",
    "127.255.255.254": "loopback",
    "10.0.0.1": "private",
    "172.16.0.1": "private",
    "172.31.255.255": "private",
    "192.168.1.1": "private",
    "169.254.1.1": "link-local",
    "169.254.169.254": "metadata",
    "100.100.100.200": "metadata",
    "168.63.129.16": "metadata",
    "100.64.0.1": "carrier-grade NAT",
    "100.127.255.255": "carrier-grade NAT",
    "0.0.0.0": "unspecified",  # noqa: S104 - nothing listens there
    "0.1.2.3": "unspecified",
    "224.0.0.1": "multicast",
    "240.0.0.1": "reserved",
    "255.255.255.255": "reserved",
    "192.0.2.1": "documentation",
    "198.18.0.1": "benchmarking",
    "::": "unspecified",
    "::1": "loopback",
    "fd00:ec2::254": "metadata",
    "fd12:3456::1": "private",
    "fe80::1": "link-local",
    "fec0::1": "private",
    "ff02::1": "multicast",
    "2001::1": "reserved",
    "2001:db8::1": "documentation",
    "64:ff9b:1::a00:1": "reserved",
    "4000::1": "reserved",
    "100::1": "reserved",
}
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.32.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]

inner = st.sampled_from([str(network.network_address) for network, _ in REFUSED if network.version == 4])
public = st.ip_addresses(v=4).filter(lambda address: kind_refused(address) is None)


@pytest.mark.parametrize(("text", "kind"), NOT_PUBLIC.items())
def test_an_address_that_is_not_public_is_refused_with_its_kind(text: str, kind: str) -> None:
    assert kind_refused(ip_address(text)) == kind


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is_not_refused(text: str) -> None:
    assert kind_refused(ip_address(text)) is None


def holding(address: IPv4Address) -> list[IPv6Address]:
    """The IPv6 forms of an IPv4 address."""
    number = int(address)
    prefixes = [int(IPv6Address(p)) for p in ("::ffff:0:0", "::ffff:0:0:0", "64:ff9b::")]
    return [IPv6Address(p | number) for p in prefixes] + [IPv6Address((0x2002 << 112) | (number << 80) | 1)]


@given(inner)
def test_what_is_refused_is_refused_inside_ipv6_too(text: str) -> None:
    assert [str(each) for each in holding(IPv4Address(text)) if kind_refused(each) is None] == []


@given(public)
def test_a_public_address_stays_public_inside_ipv6(address: IPv4Address) -> None:
    assert [str(each) for each in holding(address) if kind_refused(each) is not None] == []


@given(st.ip_addresses(v=6))
def test_nothing_outside_global_unicast_is_public_unless_it_holds_a_public_ipv4_address(
    address: IPv6Address,
) -> None:
    if kind_refused(address) is None and address not in holding(IPv4Address(int(address) & 0xFFFFFFFF)):
        assert int(address) >> 125 == 1


def spellings(address: IPv4Address) -> list[str]:
    """Ways to write an address that some programs understand."""
    number, parts = int(address), str(address).split(".")
    return [
        str(number),
        hex(number),
        "0" + oct(number)[2:],
        ".".join(hex(int(part)) for part in parts),
        ".".join(f"0{int(part):o}" for part in parts),
        ".".join([*parts[:3], f"0{int(parts[3]):o}"]),
        f"{parts[0]}.{number & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{number & 0xFFFF}",
    ]


@given(st.ip_addresses(v=4), st.integers(0, 7), st.sampled_from(["", "."]))
def test_odd_spellings_of_ipv4_are_refused_before_anything_is_looked_up(
    address: IPv4Address, form: int, dot: str
) -> None:
    host = spellings(address)[form] + dot
    assert is_odd_spelling(host)
    with pytest.raises(WrongRequest):
        Outgoing(OutgoingSettings(), resolve=unasked).target(f"http://{host}/")


@pytest.mark.parametrize(
    "host", ["example.com", "x1.example", "1.2.3.4", "a.b0x", "3com.com", "::ffff:127.0.0.1"]
)
def test_names_and_usual_addresses_are_no_odd_spellings(host: str) -> None:
    assert not is_odd_spelling(host)


def unasked(host: str) -> list[str]:
    raise AssertionError(f"{host} was looked up")


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "[64:ff9b::10.0.0.1]",
     "[2002:7f00:1::]", "169.254.169.254", "[fd00:ec2::254]", "127。0。0。1"],
)  # fmt: skip
def test_an_address_as_host_is_judged_without_asking_for_a_name(host: str) -> None:
    with pytest.raises(AddressRefused):
        Outgoing(OutgoingSettings(), resolve=unasked).get(f"http://{host}/", {})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "localhost.", "db.localhost"])
def test_localhost_is_this_machine_whatever_it_leads_to(host: str) -> None:
    with pytest.raises(AddressRefused, match="loopback"):
        Outgoing(OutgoingSettings(), resolve=lambda _host: ["1.1.1.1"]).get(f"http://{host}/", {})


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com",
     "http://", "http:///path", "http://user:secret@example.com/", "http://user@example.com/", "http://@example.com/",
     "http://a b/", "http://a\\@example.com/", "http://example.com\r\nX: y/", "http://a..b/", "http://%31/",
     "http://[fe80::1%25eth0]/", "http://[::1/", "http://example.com:99999/", "http://-a/", "http://１２７.0.0.1/",
     "https://example.com/" + "x" * 2048, "http://" + "a" * 300 + ".com/"],
)  # fmt: skip
def test_what_is_no_plain_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(WrongRequest):
        Outgoing(OutgoingSettings(), resolve=unasked).get(url, {})


@pytest.mark.parametrize("port", [1, 22, 25, 81, 1023])
def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(WrongRequest, match=str(port)):
        Outgoing(OutgoingSettings(), resolve=unasked).target(f"http://example.com:{port}/")


def test_only_the_origin_of_an_address_is_shown() -> None:
    target = Outgoing().target("https://Example.COM:8443/hooks/t0ken?access_token=t0ken#t0ken")
    assert target.origin == "https://example.com:8443"
    assert Outgoing().target("http://[2606:4700::1]/").origin == "http://[2606:4700::1]"


def test_an_allow_list_has_hosts_addresses_and_networks() -> None:
    allowed = AllowList.parse(" ERP.intern, 10.1.0.0/16,::1 , 192.168.0.7,")
    assert allowed.has_host("erp.intern")
    assert not allowed.has_host("intern")
    has = [
        allowed.has(ip_address(text))
        for text in ("10.1.2.3", "10.2.0.1", "::1", "192.168.0.7", "192.168.0.8")
    ]
    assert has == [True, False, True, True, False]


def test_an_allowed_address_is_allowed_in_its_ipv6_form() -> None:
    assert AllowList.parse("10.0.0.0/8").has(IPv6Address("64:ff9b::10.0.0.1"))


@pytest.mark.parametrize(
    "text", ["10.1.0.0/8", "10.0.0.0/40", "http://erp", "a b", "0x7f000001", "2130706433", "::g", "*"]
)
def test_an_allow_list_that_cannot_be_read_is_refused_with_the_entry(text: str) -> None:
    with pytest.raises(ValueError, match=text.split("/")[0].replace("*", r"\*")):
        AllowList.parse(f"erp.intern, {text}")


@given(st.ip_addresses())
def test_an_address_is_read_from_its_own_spelling(address: IPv4Address | IPv6Address) -> None:
    assert read_address(str(address)) == (getattr(address, "ipv4_mapped", None) or address)
