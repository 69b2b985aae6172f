"""``receiveTask`` (BPMN 2.0.2 §10.3.3): an activity that waits for a message."""

from engine.execution.event.catch import Waits
from engine.execution.node import Activity


class ReceiveTask(Waits, Activity):
    """Waits like a catching message event, and can carry boundary events like any activity."""
