"""Events out to other systems: endpoints, the outbox, deliveries one after the other, and trying again.

`outbox` writes events in the transaction of the command that they tell of, `lanes` keeps those of one instance in
order, `delivering` is the job that has them sent by `sending`, `schedule` says when it is tried again. `endpoints` and
`deliveries` are what people see and change, `webhooks` is the one entrance to all of it.
"""

from webhooks.outgoing.deliveries import STATUSES, Attempt, Delivery, DeliveryDetail
from webhooks.outgoing.endpoint import FORMATS, LANGUAGES, STANDARD, Chosen, Endpoint
from webhooks.outgoing.webhooks import Choices, Webhooks, may_manage, may_read

__all__ = [
    "FORMATS",
    "LANGUAGES",
    "STANDARD",
    "STATUSES",
    "Attempt",
    "Choices",
    "Chosen",
    "Delivery",
    "DeliveryDetail",
    "Endpoint",
    "Webhooks",
    "may_manage",
    "may_read",
]
