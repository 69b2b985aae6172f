"""Deployments: bundles of resources, kept byte for byte, and the versions of processes and decisions in them.

What a bundle means is read elsewhere; here it is bounded, stored once, numbered, and found again.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, insert, select, text
from sqlalchemy.orm import Session

from engine.errors import FieldProblem, Invalid, NotFound, TooLarge
from engine.messages import translatable
from engine.storage.prepared import Prepared
from engine.storage.tables import blob, decision_definition, deployment, process_definition, resource

MAX_RESOURCES = 200
MAX_RESOURCE_BYTES = 5_000_000
MAX_BUNDLE_BYTES = 20_000_000
MAX_NAME_LENGTH = 200

_NUMBERED = (process_definition, decision_definition)
_KEYED = select(process_definition).where(process_definition.c.key == bindparam("wanted"))
_LATEST = Prepared(_KEYED.order_by(process_definition.c.version.desc()).limit(1))
_VERSION = Prepared(_KEYED.where(process_definition.c.version == bindparam("number")))


@dataclass(frozen=True)
class ProcessEntry:
    """A process that a bundle holds, as its reader found it. No ``starter_groups``: all may start it."""

    key: str
    name: str
    resource_name: str
    executable: bool = True
    starter_groups: tuple[str, ...] = ()


@dataclass(frozen=True)
class DecisionEntry:
    """A DMN decision that a bundle holds."""

    key: str
    name: str
    resource_name: str


@dataclass(frozen=True)
class Stored:
    """A deployment. ``processes`` and ``decisions`` are (key, version); ``unchanged``: was there before."""

    id: str
    name: str
    processes: tuple[tuple[str, int], ...]
    decisions: tuple[tuple[str, int], ...]
    unchanged: bool = False


@dataclass(frozen=True)
class Definition:
    """One version of a process; immutable."""

    id: int
    key: str
    version: int
    deployment_id: str
    resource_name: str
    name: str
    executable: bool
    created_at: datetime
    starter_groups: tuple[str, ...]


@dataclass(frozen=True)
class DecisionDefinition:
    """One version of a decision; immutable."""

    id: int
    key: str
    version: int
    deployment_id: str
    resource_name: str
    name: str


@dataclass(frozen=True)
class Loaded:
    """A definition with the bytes of its BPMN and of every resource beside it, by name."""

    definition: Definition
    process: bytes
    resources: Mapping[str, bytes]


def check_bundle(files: Mapping[str, bytes]) -> None:
    """Refuse a bundle: `TooLarge` for its size or number, `Invalid` naming every unusable file name."""
    if len(files) > MAX_RESOURCES:
        raise TooLarge(translatable("A deployment holds at most %(limit)d files."), limit=MAX_RESOURCES)
    for name, content in files.items():
        if len(content) > MAX_RESOURCE_BYTES:
            raise TooLarge(
                translatable("The file %(name)s is larger than %(limit)d MB."),
                name=name,
                limit=MAX_RESOURCE_BYTES // 10**6,
            )
    if sum(map(len, files.values())) > MAX_BUNDLE_BYTES:
        raise TooLarge(
            translatable("The files are larger than %(limit)d MB together."), limit=MAX_BUNDLE_BYTES // 10**6
        )
    bad_name = translatable("A file name must be a relative path with / between its parts and without “..”.")
    problems = [FieldProblem(name, bad_name) for name in files if not _is_relative(name)]
    if problems:
        raise Invalid(translatable("Some file names cannot be used."), problems)
    if not files:
        raise Invalid(translatable("The deployment has no file."))


def find_unchanged(session: Session, files: Mapping[str, bytes]) -> Stored | None:
    """The deployment of these very bytes that still is what everybody would start.

    All that it defined must still be the latest version. Under which name it was deployed says nothing about it.
    """
    query = select(deployment.c.id, deployment.c.name).where(deployment.c.sha256 == bundle_hash(files))
    for row in session.execute(query.order_by(deployment.c.created_at.desc(), deployment.c.id)):
        versions = [_versions_in(session, table, row.id) for table in _NUMBERED]
        if all(_are_latest(session, table, found) for table, found in zip(_NUMBERED, versions, strict=True)):
            return Stored(row.id, row.name, versions[0], versions[1], unchanged=True)
    return None


def was_last(session: Session, name: str, files: Mapping[str, bytes]) -> bool:
    """Whether the last deployment of this name had these very bytes, whatever came after it under other names."""
    query = select(deployment.c.sha256).where(deployment.c.name == name)
    last = session.scalar(query.order_by(deployment.c.created_at.desc(), deployment.c.id).limit(1))
    return last == bundle_hash(files)


def store(
    session: Session,
    name: str,
    files: Mapping[str, bytes],
    processes: Sequence[ProcessEntry],
    decisions: Sequence[DecisionEntry] = (),
    *,
    actor: str,
    now: datetime,
) -> Stored:
    """Store a bundle, with the next version of each process and decision in it.

    What is unchanged (see `find_unchanged`) is stored no second time. Raises what `check_bundle` raises.
    """
    check_bundle(files)
    _one_at_a_time(session)
    unchanged = find_unchanged(session, files)
    if unchanged is not None:
        return unchanged
    deployment_id = str(uuid.uuid4())
    _store_files(session, deployment_id, name, files, actor, now)
    process_rows = [
        {**_row(entry, deployment_id), "executable": entry.executable, "created_at": now}
        | {"starter_groups": list(entry.starter_groups)}
        for entry in processes
    ]
    decision_rows = [_row(entry, deployment_id) for entry in decisions]
    return Stored(
        deployment_id,
        name,
        _number(session, process_definition, process_rows),
        _number(session, decision_definition, decision_rows),
    )


def bundle_hash(files: Mapping[str, bytes]) -> str:
    """SHA-256 over the sorted names and the hash of each content: equal for equal bundles only."""
    listing = sorted((name, _sha256(content)) for name, content in files.items())
    return _sha256(json.dumps(listing, ensure_ascii=False).encode())


def load(session: Session, definition_id: int) -> Loaded:
    """A definition with all bytes of its deployment. Raises `NotFound`."""
    found = definition(session, definition_id)
    rows = session.execute(
        select(resource.c.name, blob.c.content)
        .join(blob, blob.c.sha256 == resource.c.sha256)
        .where(resource.c.deployment_id == found.deployment_id)
        .order_by(resource.c.name)
    )
    resources = {row.name: row.content for row in rows}
    return Loaded(found, resources[found.resource_name], resources)


def definition(session: Session, definition_id: int) -> Definition:
    """The definition with this id. Raises `NotFound`."""
    return _one(session, select(process_definition).where(process_definition.c.id == definition_id))


def latest(session: Session, key: str, version: int | None = None) -> Definition:
    """The latest version of a process, or the given one. Raises `NotFound`."""
    row = (
        _LATEST.first(session, wanted=key)
        if version is None
        else _VERSION.first(session, wanted=key, number=version)
    )
    if row is None:
        raise NotFound(translatable("There is no such process."))
    return _definition(row)


def definition_in(session: Session, deployment_id: str, key: str) -> Definition | None:
    """The version of a process that a deployment holds, if it holds one."""
    query = select(process_definition).where(
        process_definition.c.deployment_id == deployment_id, process_definition.c.key == key
    )
    row = session.execute(query).first()
    return None if row is None else _definition(row)


def latest_all(session: Session) -> list[Definition]:
    """The latest version of every process, by key."""
    newest = (
        select(process_definition.c.key, func.max(process_definition.c.version).label("version"))
        .group_by(process_definition.c.key)
        .subquery()
    )
    query = (
        select(process_definition)
        .join(
            newest,
            (newest.c.key == process_definition.c.key) & (newest.c.version == process_definition.c.version),
        )
        .order_by(process_definition.c.key)
    )
    return [_definition(row) for row in session.execute(query)]


def decision(session: Session, deployment_id: str, key: str) -> DecisionDefinition:
    """The decision of this id in a deployment. Raises `NotFound`."""
    row = session.execute(
        select(decision_definition).where(
            decision_definition.c.deployment_id == deployment_id, decision_definition.c.key == key
        )
    ).first()
    if row is None:
        raise NotFound(translatable("There is no decision %(key)s in this deployment."), key=key)
    return DecisionDefinition(**row._mapping)


def resource_bytes(session: Session, deployment_id: str, name: str) -> bytes:
    """The exact bytes of a resource. Raises `NotFound`."""
    content: bytes | None = session.scalar(
        select(blob.c.content)
        .join(resource, blob.c.sha256 == resource.c.sha256)
        .where(resource.c.deployment_id == deployment_id, resource.c.name == name)
    )
    if content is None:
        raise NotFound(translatable("There is no file %(name)s in this deployment."), name=name)
    return content


def resource_names(session: Session, deployment_id: str) -> list[str]:
    """Names of the resources of a deployment, sorted."""
    query = select(resource.c.name).where(resource.c.deployment_id == deployment_id)
    return sorted(session.scalars(query))


def _is_relative(name: str) -> bool:
    if not 0 < len(name) <= MAX_NAME_LENGTH or not name.isprintable() or set(name) & {"\\", ":"}:
        return False
    return all(part.strip() not in ("", ".", "..") for part in name.split("/"))


def _one_at_a_time(session: Session) -> None:
    """Let deployments follow one another, so that none meets a number that another is about to take."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE deployment IN SHARE ROW EXCLUSIVE MODE"))


def _store_files(
    session: Session, deployment_id: str, name: str, files: Mapping[str, bytes], actor: str, now: datetime
) -> None:
    hashes = {file: _sha256(content) for file, content in files.items()}
    contents = {hashes[file]: content for file, content in files.items()}
    known = set(session.scalars(select(blob.c.sha256).where(blob.c.sha256.in_(contents))))
    new = [{"sha256": key, "content": content} for key, content in contents.items() if key not in known]
    if new:
        session.execute(insert(blob), new)
    session.execute(
        insert(deployment).values(
            id=deployment_id, created_at=now, actor=actor, name=name, sha256=bundle_hash(files)
        )
    )
    rows = [{"deployment_id": deployment_id, "name": file, "sha256": key} for file, key in hashes.items()]
    session.execute(insert(resource), rows)


def _row(entry: ProcessEntry | DecisionEntry, deployment_id: str) -> dict[str, Any]:
    return {
        "key": entry.key,
        "name": entry.name,
        "resource_name": entry.resource_name,
        "deployment_id": deployment_id,
    }


def _number(session: Session, table: Table, rows: Sequence[dict[str, Any]]) -> tuple[tuple[str, int], ...]:
    if not rows:
        return ()
    before = _latest(session, table, [row["key"] for row in rows])
    numbered = [{**row, "version": before.get(row["key"], 0) + 1} for row in rows]
    session.execute(insert(table), numbered)
    return tuple((row["key"], row["version"]) for row in numbered)


def _latest(session: Session, table: Table, keys: Iterable[str]) -> dict[str, int]:
    query = select(table.c.key, func.max(table.c.version)).where(table.c.key.in_(keys)).group_by(table.c.key)
    return {row[0]: row[1] for row in session.execute(query)}


def _versions_in(session: Session, table: Table, deployment_id: str) -> tuple[tuple[str, int], ...]:
    query = select(table.c.key, table.c.version).where(table.c.deployment_id == deployment_id)
    return tuple((key, version) for key, version in session.execute(query.order_by(table.c.id)))


def _are_latest(session: Session, table: Table, versions: Sequence[tuple[str, int]]) -> bool:
    return _latest(session, table, [key for key, _ in versions]) == dict(versions)


def _one(session: Session, query: Select[Any]) -> Definition:
    row = session.execute(query).first()
    if row is None:
        raise NotFound(translatable("There is no such process."))
    return _definition(row)


def _definition(row: Any) -> Definition:
    return Definition(**{**row._asdict(), "starter_groups": tuple(row.starter_groups)})


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
