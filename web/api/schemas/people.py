"""Answers about the signed-in person and their tokens."""

from __future__ import annotations

from apiflask import Schema

from web.api.schemas.answers import texts
from web.api.schemas.basics import maybe, maybe_time, rows, text, time


class Me(Schema):
    """The signed-in person."""

    name = text("The sign-in name.", "operations_supervisor")
    display_name = text("How you are shown to others.", "Operations supervisor")
    groups = texts("Your roles and departments.", ["department:operations", "operations_supervisor"])
    superior = maybe("Whose review your plans go to.", "superior")
    language = maybe("The language you chose.", "zh_Hant")


class Token(Schema):
    """A token without its secret."""

    id = text("The token's id.")
    label = text("What it is for.", "reporting")
    created_at = time("When it was made.")
    last_used_at = maybe_time("When it was last used, to the minute.")
    revoked_at = maybe_time("When it was ended.")


class TokenList(Schema):
    """Your tokens."""

    items = rows(Token, "The newest first.")


class NewToken(Schema):
    """A token just made."""

    token = text("Send it as `Authorization: Bearer …`. It cannot be read again.", "pf_…")
