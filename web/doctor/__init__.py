"""``planflow doctor``: looks at a set-up from outside, and says what to do.

Each check is one function of an `Installation` that returns one `Finding`, in the module named for what it looks at;
`checks` is their list, in the order in which they are told. A new check is a function and a line of that list. A check
changes nothing, and never says a secret. One that needs the database asks `Installation.reading`, which raises
`NotChecked` where that cannot be; whoever goes through the list says so and goes on.
"""

from web.doctor.checks import CHECKS, Check, examine
from web.doctor.finding import FAILURE, OK, WARNING, Finding
from web.doctor.installation import Installation

__all__ = ["CHECKS", "FAILURE", "OK", "WARNING", "Check", "Finding", "Installation", "examine"]
