"""Lists in pages: ``?cursor=&limit=`` in, ``next_cursor`` and ``Link: rel="next"`` (RFC 8288) out."""

from __future__ import annotations

from typing import Any, TypeVar
from urllib.parse import urlencode

from apiflask import Schema
from apiflask.fields import Integer, List, Nested, String
from apiflask.validators import Length, Range
from flask import Response, after_this_request, request

from engine.messages import translatable as _
from engine.views import Page

Item = TypeVar("Item")
LARGEST = 200


class PageQuery(Schema):
    """The part of a query string that every list takes."""

    cursor = String(
        validate=Length(max=1000, error=_("This cursor is not one of ours.")),
        metadata={"description": "Where to go on: `next_cursor` of the page before."},
    )
    limit = Integer(
        load_default=50,
        validate=Range(1, LARGEST, error=_("Ask for 1 to 200 at a time.")),
        metadata={"description": "How many to answer at most.", "example": 50},
    )


def page_of(name: str, item: type[Schema]) -> type[Schema]:
    """The schema of one page of ``item``, called ``name`` in the OpenAPI document."""
    fields: dict[str, Any] = {
        "items": List(Nested(item), required=True, metadata={"description": "In the order of the list."}),
        "next_cursor": String(
            required=True,
            allow_none=True,
            metadata={"description": "Hand it in as `cursor` for the next page; null on the last one."},
        ),
    }
    return Schema.from_dict(fields, name=name)  # type: ignore[return-value]  # marshmallow says its own Schema


def linked(page: Page[Item]) -> Page[Item]:
    """The same page, whose answer also carries the ``Link`` header to the next one."""
    if page.next_cursor is not None:
        query = {**request.args.to_dict(), "cursor": page.next_cursor}
        link = f'<{request.path}?{urlencode(query)}>; rel="next"'

        def _link(response: Response) -> Response:
            response.headers["Link"] = link
            return response

        after_this_request(_link)
    return page
