"""Real servers on loopback that do what they are told, one connection after the other."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Thread

from engine.outgoing import AllowList, OutgoingSettings, Secrets

LOOPBACK = "127.0.0.1"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

Serve = Callable[[socket.socket], None]


@dataclass
class Server:
    """``requests`` are what came, head and body; ``names`` the server names of TLS handshakes."""

    port: int
    requests: list[bytes] = field(default_factory=list)
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def serving(answer: bytes | Serve = OK, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """A server that reads a request and sends ``answer``, or lets it talk as it likes."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        server = Server(listener.getsockname()[1])
        if tls is not None:
            tls.sni_callback = lambda _socket, name, _context: server.names.append(name)
        thread = Thread(target=_serve, args=(listener, server, answer, tls), daemon=True)
        thread.start()
        yield server
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def _serve(
    listener: socket.socket, server: Server, answer: bytes | Serve, tls: ssl.SSLContext | None
) -> None:
    while True:
        try:
            connection, _address = listener.accept()
        except OSError:
            return
        with suppress(OSError):
            _talk(connection, server, answer, tls)
        connection.close()


def _talk(
    connection: socket.socket, server: Server, answer: bytes | Serve, tls: ssl.SSLContext | None
) -> None:
    connection.settimeout(5)
    spoken = tls.wrap_socket(connection, server_side=True) if tls else connection
    with spoken:
        server.requests.append(_request(spoken))
        if isinstance(answer, bytes):
            spoken.sendall(answer)
        else:
            answer(spoken)


def _request(connection: socket.socket) -> bytes:
    text = b""
    while b"\r\n\r\n" not in text:
        text += _more(connection)
    head, _, body = text.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.split(b":")[1])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += _more(connection)
    return head + b"\r\n\r\n" + body


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise OSError("the other side has gone")
    return part


def answer(status: str, *headers: str, body: bytes = b"") -> bytes:
    """An answer as bytes."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def settings(
    allowed: str = LOOPBACK,
    connect_seconds: float = 2,
    read_seconds: float = 2,
    total_seconds: float = 5,
    secrets: Secrets | None = None,
) -> OutgoingSettings:
    """Settings that allow loopback, with short times."""
    return OutgoingSettings(
        allowed=AllowList.parse(allowed),
        connect_seconds=connect_seconds,
        read_seconds=read_seconds,
        total_seconds=total_seconds,
        secrets=secrets or Secrets(),
    )
