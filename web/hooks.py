"""Webhooks wired to the rest: whose words their messages are in, and who is told when one was switched off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from engine.context import CommandContext
from engine.measuring import Meter
from engine.messages import translatable as _
from engine.outgoing import Outgoing
from engine.storage.database import Database
from plans import notices
from plans.organisation import people
from web.i18n import match_language
from web.settings import Settings
from web.speaking import say
from webhooks.outgoing import Choices, Webhooks

ADMINISTRATORS = "administrator"
_SUBJECT = _("The webhook “%(name)s” was switched off")
_WHY = {
    "failing": _(
        "Nothing has reached it for five days. Mend the cause, send a test event, switch it on again, and have "
        "what failed sent once more."
    ),
    "gone": _("The other system says that it is gone (410). If that is right, delete the webhook."),
}


def webhooks_of(
    settings: Settings, database: Database, clock: Callable[[], datetime], meter: Meter | None = None
) -> Webhooks:
    """The webhooks of an installation, for its engine."""
    choices = Choices(
        key=settings.secret_key,
        outgoing=Outgoing(settings.outgoing, meter=meter),
        public_url=settings.public_url,
        timezone=settings.timezone,
        keep=settings.webhook_keep,
    )
    return Webhooks(database, choices, clock, say, warn)


def warn(ctx: CommandContext, endpoint_id: str, name: str, why: str) -> None:  # noqa: ARG001
    """Tell each administrator, in their language, in the transaction that switches it off."""
    for language, names in _by_language(ctx):
        draft = notices.Draft(say(language, _SUBJECT) % {"name": name}, say(language, _WHY[why]), "system")
        notices.send(ctx.session, draft, names, ctx.now)


def _by_language(ctx: CommandContext) -> Iterator[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    spoken = people.languages(ctx.session, ctx.directory.members(ADMINISTRATORS))
    for name, chosen in spoken.items():
        found.setdefault(match_language(chosen) or "en", []).append(name)
    yield from found.items()
