"""Letters wired to the rest: who reads them, whose words they are in, and which server sends them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy.orm import Session

from engine.jobs import Kinds
from engine.measuring import Meter
from engine.observing import Observer
from engine.storage.database import Database
from plans.organisation import reachable
from plans.organisation.reachable import Reachable
from web.i18n import match_language
from web.settings import Settings
from web.speaking import say
from webhooks.mail import KIND, Desk, LetterBox, Letters, Reader


class Organisation:
    """The people of the organisation as letters need them."""

    def readers(self, session: Session, names: Collection[str]) -> list[Reader]:
        """Those of these people who are active and have an address."""
        return [_reader(each) for each in reachable.reachable(session, names)]

    def interested(self, session: Session) -> list[Reader]:
        """Everybody who wants to be told everything."""
        return [_reader(each) for each in reachable.wanting_everything(session)]


class Catalogues:
    """The product's words, without a request."""

    def say(self, language: str, text: str) -> str:
        """What the program itself says."""
        return say(language, text)

    def named(self, language: str, text: str, process_key: str) -> str:
        """What the designer of a process wrote; the program's own words where its catalogue has none."""
        return say(language, text, process_key)

    def titled(self, language: str, title: str, process_name: str, process_key: str) -> str:
        """A title, in which the name of the process or of its plan is put in the language."""
        if process_name and process_name in title:
            return title.replace(process_name, self.named(language, process_name, process_key))
        return say(language, title)


def letters_of(
    settings: Settings, database: Database, meter: Meter | None = None
) -> tuple[Kinds, list[Observer]]:
    """The kind of job and the observer of letters; none where no server is set."""
    if settings.mail is None:
        return {}, []
    audience = Organisation()
    desk = Desk(Catalogues(), settings.mail.sender, settings.public_url, settings.timezone)
    letters = Letters(database, audience, desk, settings.mail, meter)
    return {KIND: letters.kind}, [LetterBox(audience, settings.public_url)]


def _reader(found: Reachable) -> Reader:
    language = match_language(found.language) or "en"
    return Reader(found.name, found.display_name, found.email, language, found.wish)
