"""Pages with one island each, served over loopback under the product's own content security policy."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from markupsafe import escape

from web.hardening import CONTENT_SECURITY_POLICY

STATIC = Path(__file__).parents[2] / "web" / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass
class Site:
    """The server, what it serves by path, and what it was sent."""

    address: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    drafts: list[dict[str, Any]] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    posts: list[dict[str, str]] = field(default_factory=list)
    draft_status: int = 200

    def put(self, path: str, body: str, *bundles: str, language: str = "en", theme: str = "light") -> str:
        """Serve ``body`` with these bundles; returns its address."""
        manifest = json.loads((STATIC / "built" / "manifest.json").read_text())
        scripts = "".join(
            f'<script type="module" src="/static/built/{manifest[name + ".js"]}"></script>'
            for name in bundles
        )
        sheets = "".join(
            f'<link rel="stylesheet" href="/static/css/{name}.css">'
            for name in ("tokens", "base", "layout", "components")
        )
        self.pages[path] = (
            f'<!doctype html><html lang="{language}" data-theme="{theme}"><head><meta charset="utf-8">'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>Island</title>'
            f'<meta name="csrf-token" content="token-of-the-page">{sheets}</head>'
            f'<body><main class="page">{body}</main>{scripts}</body></html>'
        )
        return self.address + path


def serve() -> tuple[Site, ThreadingHTTPServer]:
    """Start a site on a free port of loopback."""
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return site, server


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            if path in site.pages:
                return self._answer(200, "text/html; charset=utf-8", site.pages[path].encode())
            file = (STATIC.parent / path.lstrip("/")).resolve()
            if file.is_relative_to(STATIC) and file.is_file():
                return self._answer(200, TYPES.get(file.suffix, "text/plain"), file.read_bytes())
            return self._answer(404, "text/plain", b"")

        def do_PUT(self) -> None:
            site.drafts.append(json.loads(self._body())["data"])
            site.tokens.append(self.headers["X-CSRFToken"])
            self._answer(site.draft_status, "application/json", b"{}")

        def do_POST(self) -> None:
            sent = parse_qs(self._body().decode(), keep_blank_values=True)
            site.posts.append({name: values[0] for name, values in sent.items()})
            self._answer(200, "text/html", b"<p>received</p>")

        def _body(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    return Handler


def _script(name: str, value: Any) -> str:
    text = json.dumps(value).replace("<", "\\u003c")
    return f'<script type="application/json" data-{name}>{text}</script>'


def form_page(
    form: dict[str, Any],
    data: dict[str, Any] | None = None,
    errors: dict[str, list[str]] | None = None,
    *,
    readonly: bool = False,
    draft: bool = True,
) -> str:
    """The markup of ``parts/form.html`` and the outcome buttons of ``parts/task.html``."""
    draft_url = ' data-draft-url="/draft"' if draft else ""
    return (
        '<form class="task-form" method="post" action="/submit" data-task-form>'
        f'<div data-island="form" data-readonly="{str(readonly).lower()}"{draft_url}>'
        f"{_script('form-schema', form)}{_script('form-data', data or {})}{_script('form-errors', errors or {})}"
        '<input type="hidden" name="data" value="{}"></div>'
        '<section class="decide"><div class="field"><label for="comment">Comment</label>'
        '<textarea id="comment" name="comment" data-comment></textarea></div><div class="row">'
        '<button class="button button-positive" name="outcome" value="approve" data-outcome-key="1">Approve</button>'
        '<button class="button button-negative" name="outcome" value="return" data-outcome-key="2"'
        ' data-comment-rule="required">Send back</button>'
        '<span class="push small soft" data-draft-status role="status"></span></div></section></form>'
    )


def diagram_page(diagram: dict[str, Any]) -> str:
    """The markup of ``parts/diagram.html`` with a history beside it."""
    steps = "".join(
        f'<li data-element="{escape(step)}"><span></span><div>{escape(step)} '
        f'<button type="button" class="link-button" data-show-element="{escape(step)}">Show</button></div></li>'
        for step in diagram.get("completed", {})
    )
    return (
        '<div class="diagram" data-island="viewer" role="region" aria-label="Diagram" tabindex="0">'
        f'{_script("diagram", diagram)}</div><ol class="timeline" data-timeline>{steps}</ol>'
    )
