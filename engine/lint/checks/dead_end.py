"""Where a scope has end events, gateways and catching events lead on (BPMN 2.0.2 §10.5.3).

Without an end event, whatever has no way out is an end. A link that is thrown leads on without a flow.
"""

from collections.abc import Iterator

from engine.bpmn.support import GATEWAYS
from engine.lint.rule import Finding, Rule, Subject, about

_LEADS_ON = GATEWAYS | {"intermediateCatchEvent"}


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        elements = place.scope.elements.values()
        if any(e.kind == "endEvent" for e in elements):
            for element in elements:
                if element.kind in _LEADS_ON and not element.outgoing:
                    yield about(element, "No flow leads on from here, and it is no end.")


RULE = Rule("bpmn.dead-end", "A gateway or catching event that leads nowhere", check=_check)
