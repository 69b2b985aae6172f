"""The signed-in person: ``/me``, and the tokens that programs use in their name."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from plans.organisation import tokens
from web.api.schemas import people
from web.api.schemas.commands import TokenBody
from web.auth import current_person
from web.container import services

blueprint = APIBlueprint("me", __name__, tag="Me")


@blueprint.get("/me")
@blueprint.output(people.Me)
@blueprint.doc(operation_id="getMe")
def get_me() -> dict[str, Any]:
    """Read who you are"""
    person = current_person()
    return {**vars(person), "groups": sorted(person.groups)}


@blueprint.get("/me/tokens")
@blueprint.output(people.TokenList)
@blueprint.doc(operation_id="listTokens")
def list_tokens() -> dict[str, Any]:
    """List your tokens

    The newest first, ended ones too; without their secrets.
    """
    with services().session() as session:
        return {"items": tokens.list_tokens(session, current_person().name)}


@blueprint.post("/me/tokens")
@blueprint.input(TokenBody)
@blueprint.output(people.NewToken, status_code=201)
@blueprint.doc(operation_id="createToken")
def create_token(json_data: dict[str, Any]) -> dict[str, str]:
    """Make a token

    It acts in your name and is shown this once.
    """
    with services().database.write() as session:
        now = datetime.now(UTC)
        return {"token": tokens.create_token(session, current_person().name, now=now, **json_data)}


@blueprint.delete("/me/tokens/<token_id>")
@blueprint.output({}, status_code=204)
@blueprint.doc(operation_id="revokeToken")
def revoke_token(token_id: str) -> Response:
    """End a token

    It stops working at once.
    """
    with services().database.write() as session:
        tokens.revoke(session, token_id, current_person().name, datetime.now(UTC))
    return Response(status=204)
