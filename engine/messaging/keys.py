"""How correlation keys are compared: by the canonical form of their JSON, so that 1 is 1.0 and not true."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import chain, combinations
from typing import Any

from engine import history
from engine.canonical import canonical
from engine.errors import FieldProblem, Invalid
from engine.messages import translatable as _

MAX_LOOKED_UP = 6
"""Keys up to which a receiver is looked up by its hash: 64 choices. Beyond, all receivers are gone through."""

BUSINESS_KEY = "business_key"
"""The key that becomes the business key of an instance which the message starts."""


def key_hash(correlation: Mapping[str, Any]) -> str:
    """SHA-256 over the RFC 8785 form of correlation values."""
    return hashlib.sha256(canonical(history.recorded(dict(correlation)))).hexdigest()


def choices(given: Mapping[str, Any]) -> list[str] | None:
    """The hash of every choice of keys that a receiver could be content with; None where they are too many."""
    if len(given) > MAX_LOOKED_UP:
        return None
    chosen = chain.from_iterable(combinations(given.items(), number) for number in range(len(given) + 1))
    return [key_hash(dict(choice)) for choice in chosen]


def fits(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Whether a message with the keys ``given`` is for one who wants these: all are there, with the same values."""
    if not wanted.keys() <= given.keys():
        return False
    return key_hash({key: given[key] for key in wanted}) == key_hash(wanted)


def business_key(keys: Mapping[str, Any]) -> str | None:
    """The business key among the keys of a message, if it is there. Raises Invalid for one that is no text."""
    key = keys.get(BUSINESS_KEY)
    if key is None or isinstance(key, str):
        return key
    problem = FieldProblem("correlation.business_key", _("A business key is a text."))
    raise Invalid(_("The message cannot start a process."), [problem])
