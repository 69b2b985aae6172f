"""Writes a letter: plain text and HTML in the reader's language, and headers by which mail programs know it again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from engine.messages import translatable as _
from engine.operations import PermanentFailure
from webhooks.mail import wording
from webhooks.mail.readers import Reader
from webhooks.plain import address, member, one_line, shown

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_SUBJECT, LONGEST_LINE = 150, 500
ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)*[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?",
    re.ASCII,
)


class Words(Protocol):
    """The product's words in a language."""

    def say(self, language: str, text: str) -> str:
        """What the program itself says."""

    def named(self, language: str, text: str, process_key: str) -> str:
        """What the designer of a process wrote, such as the name of a task."""

    def titled(self, language: str, title: str, process_name: str, process_key: str) -> str:
        """The title of an instance or a plan; ``process_name`` is "" where no process is known."""


@dataclass(frozen=True)
class Desk:
    """What all letters have in common. ``sender`` stands in From; ``public_url`` is where links lead."""

    words: Words
    sender: Address
    public_url: str | None
    zone: ZoneInfo


@dataclass(frozen=True)
class Content:
    """What a letter says, ready to be laid out."""

    language: str
    subject: str
    greeting: str
    opening: str
    lines: tuple[tuple[str, str], ...]
    link: str | None
    link_text: str
    why: str
    profile: str | None
    profile_text: str


def content_of(desk: Desk, reader: Reader, payload: Mapping[str, Any]) -> Content:
    """What is to be said of an event to a reader."""
    language = reader.language
    payload = {**payload, "data": _titled(desk.words, language, payload)}
    data = payload["data"]
    phrases = wording.PHRASES[_variant(payload["about"], data)]
    say = desk.words.say
    what = one_line(_what(desk, language, payload), LONGEST_LINE)
    link = _link(desk, payload["about"], data)
    return Content(
        language.replace("_", "-"),
        one_line(say(language, phrases.subject) % {"what": what}, LONGEST_SUBJECT),
        say(language, wording.GREETING) % {"name": one_line(reader.display_name, LONGEST_LINE)},
        say(language, phrases.opening) % {"what": what},
        tuple(
            (say(language, label), one_line(shown(value, desk.zone), LONGEST_LINE))
            for label, value in _found(data)
        ),
        link,
        say(language, phrases.link if link else wording.WITHOUT_ADDRESS),
        say(language, wording.WHY),
        f"{desk.public_url}/profile#mail" if desk.public_url else None,
        say(language, wording.PROFILE),
    )


def written(desk: Desk, reader: Reader, content: Content, message_id: str, sent_at: datetime) -> EmailMessage:
    """The letter. Raises PermanentFailure for an address that no letter can go to."""
    if not ADDRESS.fullmatch(reader.address) or len(reader.address) > 254:
        raise PermanentFailure(_("“%(name)s” has no address that letters can go to."), name=reader.name)
    letter = EmailMessage(policy=SMTP)
    letter["From"] = desk.sender
    letter["To"] = Address(one_line(reader.display_name, 100), addr_spec=reader.address)
    letter["Subject"] = content.subject
    letter["Date"] = format_datetime(sent_at)
    letter["Message-ID"] = message_id
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no vacation message answers it
    letter["X-Auto-Response-Suppress"] = "All"
    letter.set_content(_environment().get_template("letter.txt").render(letter=content))
    letter.add_alternative(_environment().get_template("letter.html").render(letter=content), subtype="html")
    letter["Content-Language"] = content.language  # last: setting content takes such headers away
    return letter


def _titled(words: Words, language: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The data of an event with its titles in the reader's language."""
    data = dict(payload["data"])
    for part in ("instance", "plan"):
        if part in data:
            name = str(data[part].get("process_name") or "")
            title = words.titled(language, str(data[part]["title"]), name, payload["process"])
            data[part] = {**data[part], "title": title}
    return data


def _variant(about: str, data: Mapping[str, Any]) -> str:
    if about != "task.created":
        return about
    return "task.assigned" if data["task"]["assignee"] is not None else "task.offered"


def _what(desk: Desk, language: str, payload: Mapping[str, Any]) -> str:
    data = payload["data"]
    for part, name in (("task", "name"), ("element", "name"), ("plan", "title"), ("indicator", "name")):
        found = data.get(part, {}).get(name)
        if found:
            break
    else:
        found = data.get("instance", {}).get("title", "")
    if "task" in data or "element" in data:
        return desk.words.named(language, str(found), payload["process"])
    return str(found)


def _found(data: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for label, path in wording.LABELS:
        value = member(data, path)
        if value is not None:
            yield label, value


def _link(desk: Desk, about: str, data: Mapping[str, Any]) -> str | None:
    if desk.public_url is None:
        return None
    if found := address(data):
        return found
    return f"{desk.public_url}/plans" if about == "indicator.warning" else None


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
