"""Webhooks in: other systems post to ``/hooks/{name}``, and a receiver says what that does.

`receiver` is what an administrator defines, `managing` keeps those definitions. A call goes through `authentication`
(who sent it, and is it fresh), `content` (is it what was agreed) and `mapping` (what is taken out of it), and
`receiving` lets it have its one effect, which `effects` knows. `sealing` keeps secrets, and `calls` is what the
operator sees of it all.
"""

from webhooks.incoming.authentication import Call, NotAccepted
from webhooks.incoming.calls import TIDY, CallRecord, tidying
from webhooks.incoming.effects import Action
from webhooks.incoming.managing import Management, Shown
from webhooks.incoming.receiver import AUTHENTICATIONS, Draft, Receiver
from webhooks.incoming.receiving import Receivers, Taken
from webhooks.incoming.sealing import Sealer

__all__ = [
    "AUTHENTICATIONS",
    "TIDY",
    "Action",
    "Call",
    "CallRecord",
    "Draft",
    "Management",
    "NotAccepted",
    "Receiver",
    "Receivers",
    "Sealer",
    "Shown",
    "Taken",
    "tidying",
]
