"""An installation that sends letters to a real server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plans.organisation import people, reachable
from tests.web.conftest import Office
from tests.web.letters.post_office import PostOffice, post_office, sending

WISHES = {"manager": "mine", "supervisor": "mine", "admin": "all", "auditor": "all", "member": "nothing"}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[PostOffice]:
    with post_office(tmp_path) as office:
        yield office


@pytest.fixture
def mailing(office: Office, post: PostOffice) -> Iterator[Office]:
    """People with addresses and wishes; the manager reads Traditional Chinese."""
    with office.container.database.write() as session:
        for name, wish in WISHES.items():
            reachable.set_mail(session, name, f"{name}@example.com", wish)
        people.set_language(session, "manager", "zh_Hant")
    found = sending(office, post.server, public_url="http://plans.example.com", trusted_hosts=None)
    yield found
    found.container.close()
