"""Answers about processes, instances, tasks and incidents; the shapes follow :mod:`engine.views`."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from apiflask.fields import Boolean, Dict, Integer, List, Nested, String
from marshmallow import pre_dump

from web.api.paging import page_of
from web.api.schemas.basics import Finding, anything, json_object, maybe, maybe_time, number, rows, text, time
from web.api.xml_text import xml_text

PERSON = "operations_supervisor"
INSTANCE = "5b0c2f4e-5f0c-4d5e-9a51-6a8f0f1b2c3d"


def yes_or_no(description: str) -> Boolean:
    """A flag."""
    return Boolean(required=True, metadata={"description": description})


def texts(description: str, example: list[str]) -> List[str]:
    """A list of texts."""
    return List(String(), required=True, metadata={"description": description, "example": example})


class XmlText(String):
    """Bytes of an XML file, shown as text."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> str | None:
        return super()._serialize(xml_text(value), attr, obj, **options)


def bpmn(description: str) -> XmlText:
    """A model."""
    return XmlText(required=True, metadata={"description": description, "example": "<bpmn:definitions …/>"})


class WithSummary(Schema):
    """A detail view whose summary's fields stand beside its own."""

    @pre_dump
    def beside(self, detail: Any, **_: Any) -> Any:
        """The detail's and its summary's fields in one mapping."""
        return {**vars(detail.summary), **vars(detail)}


class InstanceSummary(Schema):
    """A run of a process."""

    id = text("The instance's id.", INSTANCE)
    process_key = text("The process.", "annual_plan")
    process_name = text("Its name.", "Annual plan")
    process_version = number("The version it runs on.", 2)
    business_key = maybe("Your own key.", "PLAN-2027")
    title = text("What it is about.", "Annual plan 2027")
    starter = text("Who started it.", PERSON)
    starter_name = text("How that person is shown.", "Operations supervisor")
    status = text("`active`, `completed`, `terminated` or `failed`.", "active")
    started_at = time("When it started.")
    ended_at = maybe_time("When it ended.")
    updated_at = time("When it last went on.")
    waiting_at = texts("The steps at which people are waited for.", ["Review the plan"])


class TaskSummary(Schema):
    """A work item: something that waits for a person, or did."""

    id = text("The task's id.", "7d0e6a52-7f0e-4a0c-8f0e-2f6f1f1f2a3b")
    element = text("The id of its element in the model.", "superior_review")
    name = text("Its name in the model.", "Review the plan")
    status = text("`open`, `claimed`, `completed` or `cancelled`.", "open")
    instance_id = text("The instance it belongs to.", INSTANCE)
    instance_title = text("What the instance is about.", "Annual plan 2027")
    business_key = maybe("The instance's business key.", "PLAN-2027")
    process_key = text("The process.", "annual_plan")
    process_name = text("Its name.", "Annual plan")
    starter = text("Who started the instance.", PERSON)
    starter_name = text("How that person is shown.", "Operations supervisor")
    assignee = maybe("Whose task it is; null while any candidate may take it.", "superior")
    assignee_name = maybe("How that person is shown.", "Superior")
    priority = number("100 is urgent, 50 usual.", 50)
    created_at = time("When it came up.")
    due_at = maybe_time("When it is due.")
    completed_at = maybe_time("When it was completed.")
    completed_by = maybe("Who completed it.")
    completed_by_name = maybe("How that person is shown.")
    outcome = maybe("How it was decided.", "approve")
    revision = number("Grows with every change; hand it back to complete what you saw.", 1)


class Outcome(Schema):
    """One way a task can be decided."""

    id = text("What to send as `outcome`.", "approve")
    name = text("Its name.", "Approve")
    kind = text("`positive`, `negative` or `neutral`.", "positive")
    comment = text("`optional`, `required` or `none`.", "optional")


class Fact(Schema):
    """Something that decides the matter."""

    label = text("What it is.", "Goals that failed")
    value = anything("A text, number, list of texts or list of objects (a table).")


class Candidate(Schema):
    """Who may take a task."""

    kind = text("`user` or `group`.", "group")
    name = text("The name.", "management")


class StepComment(Schema):
    """What somebody wrote when completing an earlier step."""

    task_id = text("The step's task.")
    element = text("Its element.", "superior_review")
    step = text("Its name.", "Review the plan")
    author = text("Who wrote it.", "superior")
    author_name = text("How that person is shown.", "Superior")
    time = time("When.")
    outcome = maybe("How the step was decided.", "return")
    outcome_name = maybe("That outcome's name.", "Send back")
    outcome_kind = maybe("That outcome's kind.", "negative")
    text = text("The comment.", "Goal 2 has no date.")


class TaskDetail(TaskSummary, WithSummary):
    """A task with all that its reader needs to decide."""

    instance = Nested(InstanceSummary, required=True, metadata={"description": "The run that it belongs to."})
    form = maybe("The form's name; its schema is at `/tasks/{id}/form`.", "forms/review.form")
    outcomes = rows(Outcome, "How it can be decided; empty when there is one button.")
    facts = rows(Fact, "What decides the matter.")
    candidates = rows(Candidate, "Who may take it.")
    owner = maybe("Who handed it on and gets it back.")
    claimed_at = maybe_time("When it was claimed.")
    comment = maybe("What was written when it was completed.")
    draft = json_object("What was filled in so far; for whoever may complete it.", {}, allow_none=True)
    variables = json_object("What the form can show.", {"year": 2027})
    comments = rows(StepComment, "What was written at earlier steps, oldest first.")
    may_complete = yes_or_no("Whether you may complete it now.")
    may_claim = yes_or_no("Whether you may claim it now.")
    may_release = yes_or_no("Whether you may give it back now.")


class Form(Schema):
    """A form."""

    schema = json_object(
        "The form-js schema, as its designer wrote it.", {"type": "default", "components": []}
    )
    data = json_object("What it starts with: the draft if there is one, over the variables.", {"year": 2027})


class KeptMessage(Schema):
    """A message that nobody has taken yet, or a signal on its way."""

    id = number("Its number.", 12)
    kind = text("`message` or `signal`.", "message")
    name = text("Its name.", "figures_ready")
    correlation = json_object("Its correlation keys.", {"quarter": 1}, required=True)
    sent_at = time("When it was sent.")
    expires_at = time("When it is thrown away.")
    attempts = number("How often it could not be handed over.", 0)
    error = maybe("Why it could not, the last time.")


class Incident(Schema):
    """Something that stopped an instance at an element."""

    id = text("The incident's id.")
    instance_id = text("The instance that stands still.", INSTANCE)
    instance_title = text("What it is about.", "Annual plan 2027")
    process_key = text("The process.", "annual_plan")
    element = text("Where it stopped.", "check_goals")
    element_name = text("That element's name.", "Check the goals")
    error = text("What went wrong.", "No variable is called goals.")
    attempts = number("How often it was tried in vain.", 1)
    created_at = time("When.")
    resolved_at = maybe_time("When it was mended.")
    resolved_by = maybe("Who mended it.")


class JobSummary(Schema):
    """Something that is to be done by itself."""

    id = number("Its number.", 12)
    kind = text(
        "`timer`, `start_timer`, `start_condition`, `service` (the call of an operation), or another.",
        "service",
    )
    status = text("`due`, `running`, or `failed`: it has stopped and waits for a person.", "due")
    instance_id = maybe("The instance that it belongs to.")
    instance_title = maybe("What that is about.", "Annual plan 2027")
    process_key = maybe("The process.", "annual_plan")
    process_name = maybe("Its name.", "Annual operating plan")
    element = maybe("The element that waits for it, or that it starts.", "publish")
    element_name = maybe("That element's name.", "Publish the plan")
    due_at = time("When it is wanted.")
    try_at = time("When it is tried next.")
    attempts = number("How often it has failed in a row.", 0)
    tried_at = maybe_time("When it was tried last.")
    error = maybe("Why it failed, the last time.")
    created_at = time("When it was put in.")
    may_retry = yes_or_no("Whether it has failed and can be done now.")


class Worker(Schema):
    """A process that does jobs, or hands them over."""

    name = text("The machine, the process there, and something that no other has.", "plans-4711-1b9d6bcd")
    kind = text(
        "`server`: a worker inside a server; `worker`: one alone; `celery`: one that takes jobs from a broker; "
        "`dispatcher`: a server that hands jobs to a broker.",
        "server",
    )
    started_at = time("When it began.")
    seen_at = time("When it was heard of last.")
    alive = yes_or_no("Whether that was within a minute.")
    does_jobs = yes_or_no("Whether it does jobs, and not only hands them over.")


class WorkerList(Schema):
    """Every worker that was heard of within a day."""

    items = rows(Worker, "Those that are alive first.")


class InstanceDetail(InstanceSummary, WithSummary):
    """A run of a process with what is still to be done."""

    revision = number("Grows with every command.", 7)
    parent_instance = maybe("The instance that called this one.")
    children = rows(InstanceSummary, "Instances that it called.")
    tasks = rows(TaskSummary, "What is still to be done.")
    incidents = rows(Incident, "What failed and waits to be mended.")
    may_terminate = yes_or_no("Whether you may end it.")


class HistoryEvent(Schema):
    """Something that happened, sealed by a hash over it and all before it."""

    instance_id = text("The instance.", INSTANCE)
    seq = number("Counts from 1 without a gap.", 12)
    time = time("When.")
    actor = text("Who did it; `system` is the engine.", "superior")
    actor_name = text("How that person is shown.", "Superior")
    on_behalf_of = maybe("For whom.")
    kind = text("What kind of thing.", "task.completed")
    element = maybe("Where.", "superior_review")
    element_name = maybe("That element's name.", "Review the plan")
    process_version = number("The version of the process at that time.", 2)
    payload = json_object("The particulars.", {"outcome": "approve"})
    previous_hash = text("The seal of the event before; empty for the first.", "")
    hash = text("SHA-256 over the event (RFC 8785 JSON).", "9f86d081884c7d65…")


class Variables(Schema):
    """The variables of an instance's process scope."""

    variables = json_object("By name.", {"year": 2027}, required=True)


class Diagram(Schema):
    """Where an instance stands on its diagram and which way it went."""

    instance_id = text("The instance.", INSTANCE)
    xml = bpmn("The BPMN, as deployed.")
    active = Dict(
        keys=String(), values=Integer(), required=True, metadata={"description": "Tokens by element."}
    )
    completed = Dict(
        keys=String(), values=Integer(), required=True, metadata={"description": "Times done by element."}
    )
    taken_flows = texts("Ids of the sequence flows that were taken.", ["approved"])
    incidents = rows(Incident, "What failed and waits to be mended.")


class ProcessSummary(Schema):
    """The latest version of a process."""

    key = text("The process's id.", "annual_plan")
    name = text("Its name.", "Annual plan")
    version = number("Its latest version.", 2)
    deployment_id = text("The deployment that brought it.")
    deployed_at = time("When.")
    executable = yes_or_no("Whether it can run.")
    starter_groups = texts("Who may start it; empty means everybody.", [PERSON])
    startable = yes_or_no("Whether you may start it.")


class ProcessVersion(Schema):
    """One version of a process."""

    version = number("Counts from 1.", 2)
    deployment_id = text("The deployment that brought it.")
    deployed_at = time("When.")
    deployed_by = text("Who brought it.", "process_designer")
    deployed_by_name = text("How that person is shown.", "Process designer")
    active_instances = number("How many run on it now.", 3)


class FailedStart(Schema):
    """A timer or condition that could not start its process."""

    process_key = text("The process.", "annual_plan")
    process_name = text("Its name.", "Annual operating plan")
    element = text("The start event.", "every_year")
    element_name = maybe("That event's name.", "Every year")
    kind = text("`timer` or `condition`.", "timer")
    reason = text("What went wrong.", "No variable is called goals.")
    tried_at = time("When it was tried last.")
    next_try_at = time("When it is tried again.")


class ProcessDetail(ProcessSummary, WithSummary):
    """A process with its versions and its model."""

    versions = rows(ProcessVersion, "The newest first.")
    xml = bpmn("The BPMN of the latest version.")
    resources = texts("The files it was deployed with.", ["process.bpmn", "forms/goals.form"])
    failed_starts = rows(
        FailedStart, "What could not start it; told to those who see every instance, and empty for others."
    )


class DeployedResource(Schema):
    """A process or decision in a deployment."""

    key = text("Its id.", "annual_plan")
    version = number("The version it has now.", 2)


class Deployment(Schema):
    """What a deployment brought."""

    id = text("The deployment's id.")
    processes = rows(DeployedResource, "The processes in it.")
    decisions = rows(DeployedResource, "The decisions in it.")
    unchanged = yes_or_no("Whether everything had been deployed before, so that no version was made.")
    warnings = rows(Finding, "What might be better.")


class ProcessList(Schema):
    """Every process."""

    items = rows(ProcessSummary, "By key.")


TaskPage = page_of("TaskPage", TaskSummary)
InstancePage = page_of("InstancePage", InstanceSummary)
HistoryPage = page_of("HistoryPage", HistoryEvent)
IncidentPage = page_of("IncidentPage", Incident)
JobPage = page_of("JobPage", JobSummary)
KeptMessagePage = page_of("KeptMessagePage", KeptMessage)
