"""``task`` (BPMN 2.0.2 §10.3.3): a step without a type. It is passed and shows in history."""

from engine.execution.node import Activity


class NoneTask(Activity):
    """Done as soon as it is reached."""
