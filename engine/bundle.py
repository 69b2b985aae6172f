"""Reads a bundle of BPMN, DMN and form files, and checks that they fit together before anything is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from engine.bpmn.expressions import expressions
from engine.bpmn.model import Element, Model, Process
from engine.bpmn.reader import read_bpmn
from engine.decisions import Decision, DecisionFiles, examine_decision_files
from engine.decisions.gaps import decision_findings
from engine.deployments import DecisionEntry, ProcessEntry
from engine.errors import NotDeployable, Problem
from engine.execution import timing
from engine.execution.faults import WrongValue
from engine.execution.task.user import read_priority
from engine.forms import CompiledForm, compile_form
from engine.forms.finding import find_form
from engine.jobs.retries import read_retries
from engine.lint import Sources, lint_model, with_lines
from engine.operations import Operations, OutsideOperation
from engine.sandbox import Sandbox

Read = TypeVar("Read")


@dataclass(frozen=True)
class Bundle:
    """Everything in a deployment, parsed. ``warnings`` do not keep it from being deployed."""

    models: Mapping[str, Model]
    decisions: Mapping[str, list[Decision]]
    forms: Mapping[str, CompiledForm]
    warnings: list[Problem]

    @property
    def processes(self) -> dict[str, Process]:
        """All processes by id."""
        return {key: process for model in self.models.values() for key, process in model.processes.items()}

    def call_activities(self) -> Iterator[tuple[str, Element]]:
        """Every call activity that can be executed, with its file."""
        for resource, model in self.models.items():
            for process in model.processes.values():
                for element in process.elements if process.executable else ():
                    if element.kind == "callActivity" and element.called not in process.global_tasks:
                        yield resource, element

    def process_entries(self) -> list[ProcessEntry]:
        """What the deployment store needs to know of the processes."""
        return [
            ProcessEntry(key, process.name or key, name, process.executable, process.starter_groups)
            for name, model in self.models.items()
            for key, process in model.processes.items()
        ]

    def decision_entries(self) -> list[DecisionEntry]:
        """What the deployment store needs to know of the decisions."""
        return [
            DecisionEntry(decision.id, decision.name or decision.id, name)
            for name, decisions in self.decisions.items()
            for decision in decisions
        ]


def read_bundle(files: Mapping[str, bytes], operations: Operations, sandbox: Sandbox) -> Bundle:
    """Parse and check a bundle. Raises :class:`NotDeployable` with every problem of every file at once."""
    bundle, problems = examine_bundle(files, operations, sandbox)
    if problems:
        raise NotDeployable(problems)
    return bundle


def examine_bundle(
    files: Mapping[str, bytes], operations: Operations, sandbox: Sandbox
) -> tuple[Bundle, list[Problem]]:
    """What can be read of a bundle, with its warnings, and every problem that refuses it."""
    problems: list[Problem] = []
    bpmn = _read_all(files, ".bpmn", problems, read_bpmn)
    dmn = examine_decision_files({name: files[name] for name in sorted(files) if name.endswith(".dmn")})
    problems += dmn.problems
    forms = _read_all(files, ".form", problems, lambda content, name: compile_form(name, content))
    models = {name: model for name, (model, _warnings) in bpmn.items()}
    warnings = [warning for _model, found in bpmn.values() for warning in found]
    warnings += [*dmn.warnings, *_doubts(dmn)]
    bundle = Bundle(models, dmn.decisions, forms, [])
    if not models and not problems:
        problems.append(
            Problem("", None, None, "There is no BPMN file among these files.", "bundle.no-process")
        )
    checks = Sources(sandbox)
    problems.extend(_misfits(bundle, files, operations, checks))
    for finding in _linted(bundle, files, checks):
        (problems if finding.severity == "error" else warnings).append(finding)
    return replace(bundle, warnings=with_lines(warnings, files)), with_lines(problems, files)


def _linted(bundle: Bundle, files: Mapping[str, bytes], checks: Sources) -> Iterator[Problem]:
    for resource, model in bundle.models.items():
        yield from lint_model(model, files[resource], bundle.models, bundle.forms, checks)


def _read_all(
    files: Mapping[str, bytes], suffix: str, problems: list[Problem], read: Callable[[bytes, str], Read]
) -> dict[str, Read]:
    """Every file with this ending as its reader understands it; what is refused adds to ``problems``."""
    found: dict[str, Read] = {}
    for name in sorted(n for n in files if n.endswith(suffix)):
        try:
            found[name] = read(files[name], name)
        except NotDeployable as refused:
            problems.extend(refused.problems)
    return found


def _doubts(dmn: DecisionFiles) -> Iterator[Problem]:
    """Overlaps and gaps. They fail, or give nothing, only when such inputs come, so they are warnings here."""
    for resource, decisions in dmn.decisions.items() if not dmn.problems else ():
        for finding in decision_findings(decisions, resource):
            yield replace(finding, severity="warning")


def _misfits(
    bundle: Bundle, files: Mapping[str, bytes], operations: Operations, checks: Sources
) -> Iterator[Problem]:
    """What one file says of another, or of the engine, that is not so."""
    yield from _duplicates(bundle)
    yield from _unreadable_in_decisions(bundle, checks)
    decisions = {d.id for found in bundle.decisions.values() for d in found}
    for resource, model in bundle.models.items():
        for process in model.processes.values():
            if not process.executable:
                continue
            yield from _missing_form(
                resource, process.id, process.name, process.options.get("startForm"), files
            )
            for element in process.elements:
                yield from _references(resource, element, files, decisions, operations)
            for element_id, name, source, kind in expressions(process):
                for reason in checks.problems(source, kind):
                    yield _unreadable(resource, element_id, name, source, reason)


def _unreadable_in_decisions(bundle: Bundle, checks: Sources) -> Iterator[Problem]:
    """Starlark in decisions that does not parse. Knowledge that several decisions consult is told of once."""
    for resource, decisions in bundle.decisions.items():
        for expression in dict.fromkeys(each for decision in decisions for each in decision.expressions):
            for reason in checks.problems(expression.source):
                yield _unreadable(resource, expression.element, None, expression.source, reason)


def _duplicates(bundle: Bundle) -> Iterator[Problem]:
    seen: set[str] = set()
    keys: Iterable[tuple[str, str]] = [(e.resource_name, e.key) for e in bundle.process_entries()]
    for resource, key in [*keys, *((e.resource_name, e.key) for e in bundle.decision_entries())]:
        if key in seen:
            yield Problem(
                resource, key, None, f"“{key}” is defined twice in this deployment.", "bundle.duplicate"
            )
        seen.add(key)


def _references(
    resource: str, element: Element, files: Mapping[str, bytes], decisions: set[str], operations: Operations
) -> Iterator[Problem]:
    yield from _missing_form(resource, element.id, element.name, element.options.get("form"), files)
    decision = element.options.get("decision")
    if decision is not None and decision not in decisions:
        reason = f"The decision “{decision}” is not in this deployment."
        yield Problem(resource, element.id, element.name, reason, "bundle.decision")
    operation = element.options.get("operation")
    if operation is not None and operation not in operations:
        reason = f"There is no operation “{operation}”."
        yield Problem(resource, element.id, element.name, reason, "bundle.operation")
    elif "retries" in element.options and not isinstance(operations.get(operation or ""), OutsideOperation):
        reason = "planflow:retries are for operations that are called outside; nothing here is tried again."
        yield Problem(resource, element.id, element.name, reason, "bundle.retries")
    yield from _unreadable_literals(resource, element)


def _unreadable_literals(resource: str, element: Element) -> Iterator[Problem]:
    """Times, priorities and retries that are written out, and would only fail when a token comes by."""
    options = element.options
    timers = [event.timer for event in element.events if event.timer is not None]
    written: list[tuple[str | None, Callable[[str], object]]] = [
        *((each.text, timing.read_cycle if each.kind == "cycle" else timing.check) for each in timers),
        (options.get("dueDate"), timing.check),
        (options.get("priority"), read_priority),
        (options.get("retries"), read_retries),
    ]
    for text, check in written:
        if text is None or (text.startswith("=") and check is not read_retries):
            continue
        try:
            check(text)
        except WrongValue as wrong:
            yield Problem(resource, element.id, element.name, str(wrong), "bundle.literal")


def _missing_form(
    resource: str, element: str, name: str | None, form: str | None, files: Mapping[str, bytes]
) -> Iterator[Problem]:
    if form is not None and find_form(form, files, files.__getitem__) is None:
        yield Problem(resource, element, name, f"The form “{form}” is not in this deployment.", "bundle.form")


def _unreadable(resource: str, element: str | None, name: str | None, source: str, reason: str) -> Problem:
    return Problem(resource, element, name, f"{reason} (in “{_excerpt(source)}”)", "expression")


def _excerpt(source: str) -> str:
    line = source.strip().splitlines()[0] if source.strip() else ""
    return line if len(line) <= 60 else line[:59] + "…"
