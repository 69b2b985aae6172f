"""Jobs: durable rows of what is to be done by itself, each with one life.

due → leased → done, or tried again after a while, or, when it has failed as often as its kind allows, stopped: an
incident on its instance, which a person has tried again after a fix.

`kinds` says what a kind of job is: one that is done inside one transaction (a timer), or one whose work lies outside
(a call of another system), for which a worker takes a lease, and brings back what came of it in a transaction of its
own. `own` are the engine's kinds; other rooms hand theirs to the engine by name. `rows` puts jobs into the table and
finds those that are due, `leasing` gives them to one worker at a time, `life` does them, `retries` says when one that
failed is tried again. `dispatch` marks what was handed to a broker for workers elsewhere. `runner` goes from job to
job for the worker. `timers` and `calls` are what jobs of instances do; `standing` sees to it that what goes on for
ever is there, such as `overdue`, which notices late tasks.
"""

from engine.jobs.job import Job
from engine.jobs.kinds import Inside, Kind, Kinds, Outside
from engine.jobs.retries import Retries
from engine.jobs.rows import enqueue

__all__ = ["Inside", "Job", "Kind", "Kinds", "Outside", "Retries", "enqueue"]
