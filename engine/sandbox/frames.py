"""How the engine and a sandbox worker speak: a JSON header and a payload, each with its length before it.

The payload is JSON text that is passed on without being parsed in between.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from typing import Any

Header = dict[str, Any]
_LENGTHS = struct.Struct(">II")

HEADER_LIMIT = 1 << 20
"""Bytes. A header holds a source, a message or the arguments of a look-up, so more than this is no header."""


PATIENCE = 3
"""How many times its limit a source may take that computes hardly at all: then it is the machine that has no time."""

HARDLY = 0.1
"""The share of its limit up to which a source has computed hardly at all."""


class BrokenFrame(Exception):
    """The other side is gone, or does not keep to the protocol."""


def pack(header: Header, payload: bytes = b"") -> bytes:
    """One message as bytes."""
    head = json.dumps(header).encode()
    return _LENGTHS.pack(len(head), len(payload)) + head + payload


def unpack(read: Callable[[int], bytes], payload_limit: int) -> tuple[Header, bytes]:
    """Read one message. ``read(n)`` gives exactly n bytes or raises; ``payload_limit`` is in bytes."""
    header_length, payload_length = _LENGTHS.unpack(read(_LENGTHS.size))
    if header_length > HEADER_LIMIT or payload_length > payload_limit:
        raise BrokenFrame(f"a frame of {header_length} + {payload_length} bytes")
    header = json.loads(read(header_length))
    return header, read(payload_length) if payload_length else b""
