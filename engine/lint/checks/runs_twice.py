"""Branches that run side by side are joined before their way goes on as one (BPMN 2.0.2 §13.3.1).

Where they meet in anything but a join, what follows is executed once for each of them. That may be meant.
"""

from collections.abc import Iterator
from itertools import combinations

from engine.bpmn.model import Element
from engine.lint.rule import WARNING, Finding, Rule, Subject, about
from engine.lint.tokens import JOINS_ANYHOW, TokenFlow

MAX_FLOWS = 50
"""Flows into one element that are compared with each other."""


def _check(subject: Subject) -> Iterator[Finding]:
    for place in subject.places:
        if place.tokens is None:
            continue
        tokens = TokenFlow(place.scope, patient=place.tokens)
        merging = [e for e in place.scope.elements.values() if _merges(e)]
        doubled = [e for e in merging if _meets(e, tokens)]
        afresh = [e for e in doubled if _meets(e, tokens, afresh=True)]
        for element in afresh or doubled[:1]:
            yield about(element, "Parallel branches meet here without being joined: what follows runs twice.")


def _merges(element: Element) -> bool:
    ends = element.kind == "endEvent" or element.start_quantity > 1
    return len(element.incoming) > 1 and element.kind not in JOINS_ANYHOW and not ends


def _meets(element: Element, tokens: TokenFlow, afresh: bool = False) -> bool:
    """Whether two of its flows can bring tokens; ``afresh``: and each of them only one."""
    for one, other in combinations(element.incoming[:MAX_FLOWS], 2):
        doubled = afresh and tokens.together(one, one) and tokens.together(other, other)
        if tokens.together(one, other) and not doubled:
            return True
    return False


RULE = Rule("bpmn.runs-twice", "Parallel branches that meet without a join", (WARNING,), _check)
