"""Passwords: argon2id hashes, checked in the same time whether the name exists or not."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from engine import FieldProblem, Invalid
from engine.messages import translatable
from plans.organisation import people
from plans.tables import person

SHORTEST, LONGEST = 12, 1000
_hasher = PasswordHasher()


def set_password(session: Session, name: str, password: str) -> None:
    """Give a person a password of 12 to 1000 characters that is not made from their name.

    Raises :class:`Invalid` for a password that is not, :class:`NotFound` for an unknown person.
    """
    people.require(session, name)
    if not SHORTEST <= len(password) <= LONGEST:
        message = translatable("A password has %(shortest)d to %(longest)d characters.")
        raise _refused(message, shortest=SHORTEST, longest=LONGEST)
    if password.casefold().replace(name.casefold(), "").strip("0123456789 _-!.") == "":
        raise _refused(translatable("A password is not the name with figures around it."))
    session.execute(update(person).where(person.c.name == name).values(password_hash=_hasher.hash(password)))


def verify(session: Session, name: str, password: str) -> bool:
    """Whether this is the password of an active person.

    An unknown name, a person without a password and one who is not active take as long as a wrong password.
    """
    if len(password) > LONGEST:
        return False
    row = session.execute(
        select(person.c.password_hash, person.c.active).where(person.c.name == name)
    ).one_or_none()
    stored = row.password_hash if row is not None else None
    try:
        right = _hasher.verify(stored or _hash_of_nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and stored is not None and bool(row and row.active)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


def _refused(template: str, **params: int) -> Invalid:
    return Invalid(template, [FieldProblem("password", template, params)], **params)
