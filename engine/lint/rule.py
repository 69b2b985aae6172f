"""What a lint rule is, what it looks at, and what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from engine.bpmn.model import Element, Model, Process, Scope, walk
from engine.forms import CompiledForm
from engine.forms.finding import find_form
from engine.lint.sources import Sources
from engine.lint.tokens import TokenFlow

ERROR = "error"
WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """What a rule has found. Without ``element`` it is about the whole file; without ``severity``, the rule's first."""

    element: str | None
    name: str | None
    reason: str
    severity: str | None = None


@dataclass(frozen=True)
class Place:
    """A scope with its process, and the sub-process that it is the inside of, if it is one."""

    process: Process
    scope: Scope
    owner: Element | None = None

    @cached_property
    def tokens(self) -> TokenFlow | None:
        """What can be marked together; None where no flows order what is done, and for what is too large."""
        ad_hoc = self.owner is not None and self.owner.ad_hoc is not None
        return None if ad_hoc else TokenFlow.of(self.scope)


@dataclass(frozen=True)
class Subject:
    """One BPMN file as the rules look at it, with what lies beside it.

    ``drawn`` are the ids that its diagrams show. ``handed_over`` says for each process which variables other processes
    of the bundle give it when they call it.
    """

    model: Model
    drawn: frozenset[str]
    forms: Mapping[str, CompiledForm]
    handed_over: Mapping[str, frozenset[str]]
    sources: Sources

    @property
    def processes(self) -> list[Process]:
        """Those that can be executed."""
        return [process for process in self.model.processes.values() if process.executable]

    def form(self, reference: str | None) -> CompiledForm | None:
        """The form that a model refers to, if it is there and can be read."""
        found = find_form(
            reference or "", self.forms, lambda name: json.dumps(self.forms[name].source).encode()
        )
        return self.forms.get(found or "")

    @cached_property
    def places(self) -> list[Place]:
        """Every scope of these processes, outer before inner."""
        found = []
        for process in self.processes:
            found.append(Place(process, process.scope))
            found += [Place(process, e.scope, e) for e in walk(process.scope) if e.scope is not None]
        return found

    @property
    def elements(self) -> list[Element]:
        """Every flow node of these processes, and of the global tasks of the file once."""
        found = {e.id: e for process in self.processes for e in process.elements}
        return list(found.values())


@dataclass(frozen=True)
class Rule:
    """Something that holds for every good model.

    ``severities`` are those that its findings can have, the usual one first. A rule without ``check`` is looked after
    where files are read.
    """

    id: str
    title: str
    severities: tuple[str, ...] = (ERROR,)
    check: Callable[[Subject], Iterator[Finding]] | None = field(default=None, compare=False)

    @property
    def severity(self) -> str:
        """The usual one."""
        return self.severities[0]

    @property
    def page(self) -> str:
        """Where the rule is explained, from the root of the project."""
        return f"docs/reference/lint/{self.id}.md"


def about(element: Element, reason: str, severity: str | None = None) -> Finding:
    """A finding about an element."""
    return Finding(element.id, element.name, reason, severity)
