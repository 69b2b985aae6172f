"""The history: what happened to an instance, append-only, each event sealed with the hash of the last.

The hash is SHA-256, in hexadecimal, over the RFC 8785 (JCS) form of the event with the members of `SEALED`.
Its ``time`` is ISO 8601 in UTC with six digits of fraction; the first event's ``previous_hash`` is the empty
string. Anybody can check it with any other implementation of the two standards.

Kinds of events, with what their payload holds where readers rely on it:
``instance.started|completed|terminated|failed``, ``element.entered|completed|cancelled`` {token, type, and flows: the
sequence flows that its token took when it was completed}, ``element.passed`` with the same, where a token only passed:
it entered, and completed with nothing in between, ``flow.taken`` {flow} from where nothing was completed just
then, ``task.created|claimed|released|completed|cancelled``,
``variables.set`` {name: {before, after}}, ``timer.set|fired``, ``message.received|thrown``, ``signal.received|thrown``,
``operation.requested|called``, ``decision.made``, ``incident.raised|resolved``, ``notice.sent``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from engine.canonical import EXACT_INTEGER, canonical, canonical_of_plain, is_plain
from engine.messages import translatable
from engine.storage.json_text import JsonText, Unstorable, plain_to_json, to_json
from engine.storage.prepared import Prepared
from engine.storage.tables import history, instance

SEALED = (
    "instance_id",
    "seq",
    "time",
    "actor",
    "on_behalf_of",
    "kind",
    "element",
    "element_name",
    "definition_id",
    "payload",
    "previous_hash",
)
_BATCH = 500
_INSERT = Prepared(insert(history), columns=(*SEALED, "hash"))


class Event(NamedTuple):
    """Something that has just happened, not yet in its place. ``time`` is timezone-aware."""

    time: datetime
    actor: str
    kind: str
    definition_id: int
    element: str | None = None
    element_name: str | None = None
    payload: Mapping[str, Any] = MappingProxyType({})
    on_behalf_of: str | None = None


@dataclass(frozen=True)
class Head:
    """The end of an instance's chain, kept in its row (``history_seq``, ``history_hash``)."""

    seq: int
    hash: str


EMPTY = Head(0, "")
"""The head of an instance that has no event yet."""


@dataclass(frozen=True)
class Broken:
    """A place where a chain does not hold. ``seq`` is 0 when the instance itself is missing."""

    instance_id: str
    seq: int
    reason: str


def append(session: Session, instance_id: str, head: Head, events: Sequence[Event]) -> Head:
    """Write events after ``head``, in one statement, and return the new head for the instance's row.

    Raises `Unstorable` for a payload that is not JSON (see `recorded` for what is made into it).
    """
    rows = []
    seq, last = head.seq, head.hash
    for event in events:
        seq += 1
        row = _placed(instance_id, seq, last, event)
        rows.append(row)
        last = row[-1]
    if rows:
        _INSERT.run_rows(session, rows)
    return Head(seq, last)


def verify(session: Session, instance_id: str | None = None) -> Iterator[Broken]:
    """Check the chains of one instance or of all, event by event, without holding more than a batch of them.

    Found are: a changed, missing, added or moved event, a tail cut off, and events whose instance is gone.
    """
    orphans = (
        select(history.c.instance_id)
        .distinct()
        .where(~select(instance.c.id).where(instance.c.id == history.c.instance_id).exists())
    )
    if instance_id is not None:
        orphans = orphans.where(history.c.instance_id == instance_id)
    for orphan in session.scalars(orphans):
        yield Broken(orphan, 0, translatable("The instance of these events is missing."))
    yield from _broken(_chains(session, instance_id))


def recorded(value: Any) -> Any:
    """A value as history keeps it, so that it means the same to every reader of JSON.

    Moments become ISO 8601 in UTC, dates ISO 8601, decimals their text, tuples lists. Whole numbers beyond
    ±(2^53 - 1), which readers of JSON may round, become their digits as text.
    """
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return value
    if kind is dict:
        return {key: recorded(item) for key, item in value.items()}
    match value:
        case bool() | str():
            return value
        case int():
            return value if -EXACT_INTEGER <= value <= EXACT_INTEGER else str(value)
        case Mapping():
            return {key: recorded(item) for key, item in value.items()}
        case list() | tuple():
            return [recorded(item) for item in value]
        case datetime():
            return _iso(value)
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
    return value


def seal(event: Mapping[str, Any]) -> str:
    """The hash of an event given by the members of `SEALED`. Raises `Unstorable` for what is not JSON."""
    try:
        sealed = {name: event[name] for name in SEALED}
        sealed["time"] = _iso(event["time"])
        return hashlib.sha256(canonical(sealed)).hexdigest()
    except (ValueError, RecursionError) as error:
        raise Unstorable.because(error) from error


def _placed(instance_id: str, seq: int, last: str, event: Event) -> tuple[Any, ...]:
    """The values of `_INSERT`, of which the hash is the last."""
    time, actor, kind, own, element, element_name, payload, on_behalf_of = event
    try:
        kept, sealed = _written(payload)
        told = _told(actor, own, element, element_name, instance_id, kind, on_behalf_of)
        form = _FORM % (told, sealed, last.encode(), seq, _iso(time).encode())
    except (ValueError, RecursionError) as error:
        raise Unstorable.because(error) from error
    hashed = hashlib.sha256(form).hexdigest()
    return (instance_id, seq, time, actor, on_behalf_of, kind, element, element_name, own, kept, last, hashed)


def _written(payload: Mapping[str, Any]) -> tuple[JsonText, bytes]:
    """A payload as the column keeps it, and in the canonical form."""
    if is_plain(payload):
        return plain_to_json(payload), canonical_of_plain(payload)
    kept = recorded(payload)
    return JsonText(to_json(kept)), canonical(kept)


# What `seal` hashes, written from parts in the order of their names. Hash and moment need no quoting.
_FORM = b'%b,"payload":%b,"previous_hash":"%b","seq":%d,"time":"%b"}'


@lru_cache(maxsize=1024)  # most of what an element's events say is always the same
def _told(
    actor: str,
    definition_id: int,
    element: str | None,
    element_name: str | None,
    instance_id: str,
    kind: str,
    on_behalf_of: str | None,
) -> bytes:
    """The canonical form of all that stands before the payload, left open."""
    said = {
        "actor": actor,
        "definition_id": definition_id,
        "element": element,
        "element_name": element_name,
        "instance_id": instance_id,
        "kind": kind,
        "on_behalf_of": on_behalf_of,
    }
    return canonical(said).removesuffix(b"}")


def _iso(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its time zone: {moment!r}")
    return _utc_iso(moment if moment.tzinfo is UTC else moment.astimezone(UTC))


@lru_cache(maxsize=256)  # a command's events all happen at one moment; UTC alone tells a repeated hour apart
def _utc_iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def _chains(session: Session, instance_id: str | None) -> Iterable[Row[Any]]:
    """Every instance's events in order, each beside the head that the instance's row claims."""
    query = (
        select(instance.c.id, instance.c.history_seq, instance.c.history_hash, history)
        .outerjoin(history, history.c.instance_id == instance.c.id)
        .order_by(instance.c.id, history.c.seq)
        .execution_options(yield_per=_BATCH)
    )
    if instance_id is not None:
        query = query.where(instance.c.id == instance_id)
    return session.execute(query)


def _broken(rows: Iterable[Row[Any]]) -> Iterator[Broken]:
    last: Row[Any] | None = None
    head = EMPTY
    for row in rows:
        if last is None or row.id != last.id:
            yield from _wrong_end(last, head)
            head = EMPTY
        last = row
        if row.seq is not None:
            yield from _wrong_event(row, head)
            head = Head(row.seq, row.hash)
    yield from _wrong_end(last, head)


def _wrong_event(row: Row[Any], head: Head) -> Iterator[Broken]:
    if row.seq != head.seq + 1:
        yield Broken(row.id, row.seq, translatable("Events before this one are missing."))
    if row.previous_hash != head.hash:
        yield Broken(row.id, row.seq, translatable("It does not follow the event before it."))
    if not _is_sealed(row):
        yield Broken(row.id, row.seq, translatable("It was changed after it was written."))


def _is_sealed(row: Row[Any]) -> bool:
    try:
        return seal({name: getattr(row, name) for name in SEALED}) == str(row.hash)
    except Unstorable:
        return False


def _wrong_end(last: Row[Any] | None, head: Head) -> Iterator[Broken]:
    if last is not None and head != Head(last.history_seq, last.history_hash):
        yield Broken(last.id, head.seq, translatable("The chain does not end where the instance says."))
