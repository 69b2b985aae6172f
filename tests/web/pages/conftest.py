"""The demonstration year behind the real application, for a client and for a browser."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext, Playwright
from werkzeug.serving import make_server

from engine.directory import SYSTEM
from plans import demo
from tests.browser import CHROMIUM, FLAGS
from tests.web.conftest import csrf_token
from web import build
from web.app import create_app
from web.cli.bundles import bundles
from web.container import Container, build_container
from web.settings import Settings

PROCESSES = Path(__file__).parents[3] / "processes"


@dataclass(frozen=True)
class Year:
    """The demonstration year: the application, and the ids of what pages are about."""

    app: Flask
    container: Container

    def client(self, user: str | None = None, language: str = "en") -> FlaskClient:
        """A client signed in as a demo account, whose browser asks for a language."""
        client = self.app.test_client()
        client.set_cookie("language", language)
        if user is not None:
            form = {"name": user, "password": demo.PASSWORD, "csrf_token": csrf_token(client)}
            assert client.post("/sign-in", data=form).status_code == 302
        return client

    def task(self, name: str) -> str:
        """The id of the open task with this name."""
        with self.container.reading(SYSTEM) as queries:
            return next(task.id for task in queries.tasks(limit=200).items if task.name == name)

    def instance(self, title: str) -> str:
        """The id of the instance whose title begins like this."""
        with self.container.reading(SYSTEM) as queries:
            return next(one.id for one in queries.instances(limit=200).items if one.title.startswith(title))

    def plan(self, reference: str) -> str:
        """The id of the operations supervisor's plan for a period."""
        with self.container.reading_plans(SYSTEM) as queries:
            return next(
                one.id
                for one in queries.plans(limit=200, owner="operations_supervisor").items
                if one.reference == reference
            )


@pytest.fixture(scope="session")
def year(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Year]:
    """The demonstration, told once for all tests that only read."""
    file = tmp_path_factory.mktemp("year") / "planflow.db"
    shutil.copyfile(sqlite_template, file)
    settings = Settings(
        home=file.parent, database_url=f"sqlite:///{file}", secret_key="for tests " * 4, demo=True,
        sign_in_rate="100000 per minute",
    )  # fmt: skip
    container = build_container(settings)
    for bundle in bundles([PROCESSES]):
        container.engine.deploy(bundle.files, actor=SYSTEM, name=bundle.name)
    demo.load(container)
    yield Year(create_app(replace(settings, trusted_hosts=None), container), container)
    container.close()


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The installed Chromium, with the scripts and styles built."""
    build.build()
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def address(year: Year, chromium: Browser) -> Iterator[str]:
    """Where the demonstration is served. Built first, so that the pages find their scripts."""
    server = make_server("127.0.0.1", 0, year.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


Visit = Callable[..., BrowserContext]


@pytest.fixture
def visit(chromium: Browser, address: str) -> Iterator[Visit]:
    """Open a browser context, signed in, with a width and an appearance."""
    opened: list[BrowserContext] = []

    def _visit(
        user: str | None, *, width: int = 1440, scheme: str = "light", locale: str = "en-GB"
    ) -> BrowserContext:
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=locale,
            base_url=address,
        )
        opened.append(context)
        if user is not None:
            page = context.new_page()
            page.goto("/sign-in")
            page.fill("#name", user)
            page.fill("#password", demo.PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_url("**/inbox")
            page.close()
        return context

    yield _visit
    for context in opened:
        context.close()
