"""History in human sentences: “Superior sent back “Superior review”: …”."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from flask_babel import get_timezone
from markupsafe import Markup, escape

from engine.views import HistoryEvent
from web.i18n import gettext, process_text
from web.pages.display import told
from web.pages.names import SYSTEM, person_name, shown

MARKS: Mapping[str, tuple[str, str]] = {
    "instance.started": ("play", "active"),
    "instance.completed": ("flag", "positive"),
    "instance.terminated": ("circle-x", "negative"),
    "instance.failed": ("triangle-alert", "negative"),
    "task.created": ("inbox", "neutral"),
    "task.claimed": ("hand", "neutral"),
    "task.released": ("undo-2", "neutral"),
    "task.completed": ("circle-check", "positive"),
    "task.cancelled": ("circle-x", "neutral"),
    "variables.set": ("pencil", "neutral"),
    "timer.set": ("clock", "neutral"),
    "timer.fired": ("clock", "active"),
    "message.received": ("mail", "active"),
    "message.thrown": ("mail", "neutral"),
    "signal.received": ("mail", "active"),
    "signal.thrown": ("mail", "neutral"),
    "operation.requested": ("cog", "active"),
    "operation.called": ("cog", "neutral"),
    "decision.made": ("table-2", "active"),
    "incident.raised": ("triangle-alert", "negative"),
    "incident.resolved": ("rotate-cw", "positive"),
    "notice.sent": ("bell", "neutral"),
}
"""The icon and colour of each kind of event."""

PEOPLES = (
    "instance.started", "instance.completed", "instance.terminated", "instance.failed", "task.claimed",
    "task.released", "task.completed", "task.cancelled", "message.received", "decision.made", "incident.raised",
    "incident.resolved", "notice.sent", "timer.fired",
)  # fmt: skip
"""Events that a reader sees without asking for every event."""


@dataclass(frozen=True)
class Change:
    """A variable before and after."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Sentence:
    """One event as people read it. ``element`` links it with the diagram."""

    seq: int
    time: datetime
    text: Markup
    kind: str
    icon: str
    element: str | None
    comment: str | None = None
    changes: tuple[Change, ...] = ()


def by_day(
    events: Iterable[HistoryEvent], process_key: str, every_event: bool = False
) -> list[tuple[date, list[Sentence]]]:
    """The events in sentences, gathered by the day of the installation's time zone.

    Decisions whose rules had nothing to say in words are left out unless every event is asked for.
    """
    sentences = [
        sentence
        for event in events
        for sentence in [_sentence(event, process_key)]
        if every_event or event.kind != "decision.made" or sentence.comment
    ]
    days = groupby(sentences, key=lambda one: one.time.astimezone(get_timezone()).date())
    return [(day, list(of_day)) for day, of_day in days]


def _sentence(event: HistoryEvent, process_key: str) -> Sentence:
    icon, kind = MARKS.get(event.kind, ("dot", "neutral"))
    if event.kind == "task.completed" and event.payload.get("outcome_kind") == "negative":
        icon, kind = "undo-2", "negative"
    comment = event.payload.get("comment") or event.payload.get("reason") or _found(event, process_key)
    return Sentence(
        seq=event.seq,
        time=event.time,
        text=_text(event, process_key),
        kind=kind,
        icon=icon,
        element=event.element,
        comment=comment if isinstance(comment, str) else None,
        changes=_changes(event) if event.kind == "variables.set" else (),
    )


def _found(event: HistoryEvent, process_key: str) -> str | None:
    """What a decision's rules said in words; the codes that they gave are among the data."""
    result = event.payload.get("result")
    found = result if isinstance(result, list) else [result]
    words = [text for one in found if isinstance(one, Mapping) for text in one.values() if _is_wording(text)]
    return "\n".join(dict.fromkeys(told(text, process_key) for text in words)) or None


def _is_wording(value: Any) -> bool:
    return isinstance(value, str) and " " in value


def _changes(event: HistoryEvent) -> tuple[Change, ...]:
    return tuple(
        Change(name, value.get("before"), value.get("after"))
        for name, value in event.payload.get("changes", {}).items()
    )


def _text(event: HistoryEvent, process_key: str) -> Markup:
    pattern = _completed(event) if event.kind == "task.completed" else _pattern(event)
    what = process_text(event.element_name or event.element or "", process_key)
    return _filled(pattern, {"who": _who(event), "what": what, **_particulars(event, process_key)})


def _who(event: HistoryEvent) -> Markup:
    who = Markup("<strong>{}</strong>").format(shown(event.actor_name or event.actor))
    if not event.on_behalf_of:
        return who
    return _filled(gettext("%(who)s for %(whom)s"), {"who": who, "whom": person_name(event.on_behalf_of)})


def _filled(pattern: str, words: Mapping[str, str | Markup]) -> Markup:
    """The pattern with its words; everything that is not markup already is escaped, the pattern too."""
    return escape(pattern) % {name: escape(word) for name, word in words.items()}


def _particulars(event: HistoryEvent, process_key: str) -> dict[str, str]:
    payload = event.payload
    outcome = payload.get("outcome_name") or payload.get("outcome") or ""
    return {
        "outcome": process_text(str(outcome), process_key),
        "message": str(payload.get("name") or payload.get("message") or ""),
        "signal": str(payload.get("signal") or ""),
        "error": str(payload.get("error") or ""),
        "due": told(str(payload.get("due_at") or payload.get("due") or "")),
        "kind": event.kind,
    }


def _completed(event: HistoryEvent) -> str:
    if not event.payload.get("outcome"):
        return gettext("%(who)s completed “%(what)s”.")
    return gettext("%(who)s decided “%(what)s”: %(outcome)s.")


def _started(event: HistoryEvent) -> str:
    if event.payload.get("message"):
        return gettext("The message “%(message)s” started the process.")
    if event.payload.get("signal"):
        return gettext("The signal “%(signal)s” started the process.")
    if event.payload.get("timer"):
        return gettext("The time had come, and the process started by itself.")
    if event.payload.get("condition"):
        return gettext("Its condition came true, and the process started by itself.")
    return gettext("%(who)s started the process.")


def _pattern(event: HistoryEvent) -> str:
    by_system = event.actor == SYSTEM
    patterns: Mapping[str, Callable[[], str]] = {
        "instance.started": lambda: _started(event),
        "instance.completed": lambda: gettext("The process is completed."),
        "instance.terminated": lambda: gettext("%(who)s ended the process early."),
        "instance.failed": lambda: gettext("The process was stopped by an error: %(error)s"),
        "element.entered": lambda: gettext("“%(what)s” began."),
        "element.completed": lambda: gettext("“%(what)s” ended."),
        "element.passed": lambda: gettext("“%(what)s” was passed."),
        "element.cancelled": lambda: gettext("“%(what)s” was called off."),
        "flow.taken": lambda: gettext("The way went on: “%(what)s”."),
        "task.created": lambda: gettext("“%(what)s” was put into the inbox."),
        "task.claimed": lambda: gettext("%(who)s claimed “%(what)s”."),
        "task.released": lambda: gettext("%(who)s gave “%(what)s” back to the group."),
        "task.cancelled": lambda: gettext("“%(what)s” is no longer needed."),
        "variables.set": lambda: gettext("Data changed."),
        "timer.set": lambda: gettext("“%(what)s” was set for %(due)s."),
        "timer.fired": lambda: gettext("The time of “%(what)s” came."),
        "message.received": lambda: gettext("The message “%(message)s” arrived."),
        "message.thrown": lambda: gettext("The message “%(message)s” was sent."),
        "signal.received": lambda: gettext("The signal “%(signal)s” arrived."),
        "signal.thrown": lambda: gettext("The signal “%(signal)s” was sent."),
        "operation.requested": lambda: gettext("“%(what)s” waits for an answer from outside."),
        "operation.called": lambda: gettext("“%(what)s” was carried out."),
        "decision.made": lambda: gettext("“%(what)s” was decided by the rules."),
        "incident.raised": lambda: gettext("“%(what)s” stopped: %(error)s"),
        "incident.resolved": lambda: gettext("%(who)s had “%(what)s” tried again."),
        "notice.sent": lambda: (
            gettext("Notices were sent.") if by_system else gettext("%(who)s sent notices.")
        ),
    }
    return patterns.get(event.kind, lambda: "%(kind)s")()
