"""One process as it was drawn: its diagram, its versions, and whether it can be started."""

from __future__ import annotations

from flask import render_template

from web.auth import current_actor
from web.container import services
from web.i18n import process_description, translated_diagram
from web.pages.blueprint import blueprint


@blueprint.get("/processes/<key>")
def process(key: str) -> str:
    """The latest version. Everybody who is signed in may look at it; who may start it is another matter."""
    with services().reading(current_actor()) as queries:
        detail = queries.process(key)
    return render_template(
        "process.html",
        detail=detail,
        process=detail.summary,
        description=process_description(detail.xml, key),
        diagram={"xml": translated_diagram(detail.xml, key)},
    )
