"""Connects to exactly the address that was judged, so that a name which changes its address gains nothing."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from engine.outgoing.addresses import Address, kind_refused, read_address
from engine.outgoing.allowing import AllowList
from engine.outgoing.deadline import Deadline
from engine.outgoing.errors import AddressRefused
from engine.outgoing.resolving import Resolve, resolved

NO_ADDRESS = "the name has no address"


class JudgingBackend(httpcore.NetworkBackend):
    """Looks a host up once, judges every address, and connects to one of these.

    TLS and the Host header still go by the name: httpcore keeps that to itself and asks here for a connection only.
    """

    def __init__(self, allowed: AllowList, resolve: Resolve, deadline: Deadline) -> None:
        self._allowed = allowed
        self._resolve = resolve
        self._deadline = deadline
        self._network = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Raises AddressRefused, or httpcore's ConnectError and ConnectTimeout."""
        with _as(httpcore.ConnectTimeout, httpcore.ConnectError):
            connecting = Deadline(self._deadline.left(timeout))
            addresses = judged(host, self._allowed, self._resolve, connecting)
        for tried, address in enumerate(addresses, start=1):
            try:
                with _as(httpcore.ConnectTimeout, httpcore.ConnectError):
                    left = connecting.left() / (len(addresses) - tried + 1)
                stream = self._network.connect_tcp(str(address), port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if tried == len(addresses):
                    raise
            else:
                return TimedStream(stream, self._deadline)
        raise httpcore.ConnectError(NO_ADDRESS)


def judged(host: str, allowed: AllowList, resolve: Resolve, deadline: Deadline) -> list[Address]:
    """Every address of the host. One that is refused refuses them all: nobody has such a name by accident.

    Raises AddressRefused; OSError and TimeoutError when the host cannot be looked up.
    """
    literal = read_address(host)
    found = [literal] if literal else _looked_up(host, resolve, deadline)
    if not allowed.has_host(host):
        for address in found:
            kind = None if allowed.has(address) else _kind(host, address)
            if kind is not None:
                raise AddressRefused(host, kind)
    return found


def _looked_up(host: str, resolve: Resolve, deadline: Deadline) -> list[Address]:
    read = (read_address(text) for text in resolved(resolve, host, deadline.left()))
    return [address for address in read if address is not None]


def _kind(host: str, address: Address) -> str | None:
    """Why it is refused; ``localhost`` and what is below it are this machine, whatever they lead to (RFC 6761)."""
    if f".{host}".endswith(".localhost"):
        return "loopback"
    return kind_refused(address)


class TimedStream(httpcore.NetworkStream):
    """A connection every part of which ends with the whole request: the limit for a part begins anew with each."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with _as(httpcore.ReadTimeout, httpcore.ReadError):
            left = self._deadline.left(timeout)
        return self._stream.read(max_bytes, left)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends piece by piece, since a receiver may take a byte at a time."""
        connection = self._stream.get_extra_info("socket")
        rest = memoryview(buffer)
        with _as(httpcore.WriteTimeout, httpcore.WriteError):
            while rest:
                connection.settimeout(self._deadline.left(timeout))
                rest = rest[connection.send(rest) :]

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        with _as(httpcore.ConnectTimeout, httpcore.ConnectError):
            left = self._deadline.left(timeout)
        return TimedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


@contextmanager
def _as(timeout: type[Exception], broken: type[Exception]) -> Iterator[None]:
    """Errors of sockets as those that httpcore knows."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(error) from error
    except OSError as error:
        raise broken(error) from error
