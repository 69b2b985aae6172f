"""How a request to another system can fail. No message shows a path, a query, a header or a body."""

from __future__ import annotations

from typing import Any, ClassVar

from engine.errors import PlanFlowError
from engine.messages import translatable as _


class OutgoingError(PlanFlowError):
    """No usable answer came. ``retried`` says whether the same request may do better later.

    ``retry_after``: seconds that the other side asked to wait, a hint.
    """

    status = 502
    code = "outgoing"
    retried: ClassVar[bool] = False

    def __init__(self, template: str, retry_after: float | None = None, **params: Any) -> None:
        super().__init__(template, **params)
        self.retry_after = retry_after


class WrongRequest(OutgoingError):
    """The request itself cannot be sent: its address, a header or a secret is not as it must be."""

    status = 422
    code = "outgoing_request"


class AddressRefused(OutgoingError):
    """The address is none that requests may go to."""

    status = 422
    code = "outgoing_refused"

    def __init__(self, host: str, kind: str) -> None:
        super().__init__(
            _(
                "“%(host)s” leads to an address that is not public (%(kind)s); "
                "an administrator can allow it with PLANFLOW_OUTGOING_ALLOW."
            ),
            host=host,
            kind=kind,
        )


class CannotConnect(OutgoingError):
    """There is no such host, or nothing listens there."""

    code = "outgoing_connect"
    retried = True

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(_("%(origin)s cannot be reached: %(reason)s"), origin=origin, reason=reason)


class TlsFailed(OutgoingError):
    """The other side did not prove to be who it should be. Certificates get renewed, so it is tried again."""

    code = "outgoing_tls"
    retried = True

    def __init__(self, origin: str, reason: str) -> None:
        super().__init__(
            _("%(origin)s cannot be reached safely (TLS): %(reason)s"), origin=origin, reason=reason
        )


class TimedOut(OutgoingError):
    """It took too long to connect, to send, or to get the whole answer."""

    code = "outgoing_timeout"
    retried = True

    def __init__(self, origin: str) -> None:
        super().__init__(_("%(origin)s did not answer in time."), origin=origin)


class BrokenOff(OutgoingError):
    """The connection ended in the middle, or what came is no HTTP."""

    code = "outgoing_broken"
    retried = True

    def __init__(self, origin: str) -> None:
        super().__init__(_("The answer of %(origin)s broke off or is no HTTP."), origin=origin)


class OversizedRequest(OutgoingError):
    """More would be sent than may be."""

    status = 413
    code = "outgoing_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(_("The request is too large; %(limit)d bytes are allowed."), limit=limit)


class OversizedAnswer(OutgoingError):
    """More came than may come."""

    code = "outgoing_answer_too_large"

    def __init__(self, origin: str, limit: int) -> None:
        super().__init__(
            _("The answer of %(origin)s is too large; %(limit)d bytes are allowed."),
            origin=origin,
            limit=limit,
        )


class UnreadableAnswer(OutgoingError):
    """The answer is not what its header says."""

    code = "outgoing_unreadable"

    def __init__(self, origin: str, kind: str) -> None:
        super().__init__(_("The answer of %(origin)s is no %(kind)s."), origin=origin, kind=kind)


class Unavailable(OutgoingError):
    """The other side answered that it cannot do it now."""

    code = "outgoing_unavailable"
    retried = True

    def __init__(self, origin: str, answered: int, retry_after: float | None) -> None:
        super().__init__(
            _("%(origin)s answered with status %(answered)d."), retry_after, origin=origin, answered=answered
        )
        self.answered = answered
