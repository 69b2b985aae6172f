"""Moving everything from one database to another, of whatever kinds, and proving that it arrived.

`places` says what may be copied where, `rows` reads and writes tables in a form that is the same in both databases,
`references` lets rows come before what they refer to, `counters` lets numbers go on where they were, and `copy` does it
all in one transaction.
"""

from engine.copying.copy import Advance, Copied, Differs, copy
from engine.copying.places import NotCopied, check_source, prepare_target

__all__ = ["Advance", "Copied", "Differs", "NotCopied", "check_source", "copy", "prepare_target"]
