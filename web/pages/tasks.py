"""One task: reading it, taking it, deciding it."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from engine import ClaimTask, CompleteTask, ReleaseTask, TaskView
from engine.errors import Conflict, Invalid, NotFound
from engine.views import TaskDetail
from plans.views import PlanDetail
from web.auth import current_actor, safe_next
from web.container import services
from web.i18n import gettext, process_text, translated_error
from web.pages import forms
from web.pages.afterwards import address_of, own_task, told_done
from web.pages.blueprint import blueprint
from web.pages.display import is_blank, today

COMMENT_RULES = {"required": lazy_gettext("required"), "optional": lazy_gettext("optional")}


@blueprint.get("/tasks/<task_id>")
def task(task_id: str) -> str:
    """The page of one task."""
    view = services().engine.view_task(task_id, current_actor())
    return render_template("task.html", **task_context(view))


@blueprint.post("/tasks/<task_id>/complete")
def complete(task_id: str) -> str | Response | tuple[str, int]:
    """Decide a task; when it is refused, the page comes back with everything that was written."""
    try:
        decision = _decision(task_id)
        result = services().engine.execute(decision, current_actor(), forms.said_once(decision))
    except (Invalid, Conflict) as refusal:
        return _again(task_id, refusal), refusal.status
    following = own_task(result.instance_id)
    flash(told_done(task_id, result, following), "positive")
    onward = safe_next(request.form.get("next")) or url_for("pages.inbox")
    return redirect(address_of(following, onward) if following else onward)


def _decision(task_id: str) -> CompleteTask:
    return CompleteTask(
        task_id,
        variables=forms.submitted(),
        outcome=request.form.get("outcome") or None,
        comment=request.form.get("comment", "").strip() or None,
        revision=request.form.get("revision", type=int),
    )


def _again(task_id: str, refusal: Invalid | Conflict) -> str:
    view = services().engine.view_task(task_id, current_actor())
    context = task_context(view, written=forms.written(), refusal=refusal)
    return render_template("task.html", **context, comment=request.form.get("comment"))


@blueprint.post("/tasks/<task_id>/claim")
def claim(task_id: str) -> Response:
    """Take the task, so that the others leave it."""
    services().engine.execute(ClaimTask(task_id), current_actor())
    return _back(task_id)


@blueprint.post("/tasks/<task_id>/release")
def release(task_id: str) -> Response:
    """Give the task back to its candidates."""
    services().engine.execute(ReleaseTask(task_id), current_actor())
    return _back(task_id)


def _back(task_id: str) -> Response:
    return redirect(safe_next(request.form.get("next")) or url_for("pages.task", task_id=task_id))


def task_context(
    view: TaskView, written: dict[str, Any] | None = None, refusal: Invalid | Conflict | None = None
) -> dict[str, Any]:
    """Everything that ``parts/task.html`` shows. ``written`` is what a refused submission held."""
    detail, key = view.detail, view.detail.summary.process_key
    invalid = refusal if isinstance(refusal, Invalid) else None
    form = forms.form_view(
        view.form,
        {**view.data, **(written or {})},
        key,
        readonly=not detail.may_complete,
        draft_url=url_for("tasks.save_draft", task_id=detail.id) if detail.may_complete else None,
        errors=forms.errors_by_field(invalid) if invalid else {},
    )
    comment_missing = bool(invalid and any(one.field == "comment" for one in invalid.fields))
    facts = [fact for fact in detail.facts if not is_blank(fact.value)]
    return {
        "detail": detail,
        "facts": facts,
        "is_long": len(detail.outcomes) > 1 and (len(facts) > 2 or forms.is_long(form)),
        "form": form,
        "plan": _plan(detail),
        "onward": url_for("pages.inbox"),
        "takes_comment": not detail.outcomes or any(one.comment != "none" for one in detail.outcomes),
        "comment_rule": _comment_rule(detail),
        "comment_missing": comment_missing,
        "form_problems": forms.told_problems(invalid, form, key) if invalid else [],
        "refusal": translated_error(refusal) if refusal and not (invalid and invalid.fields) else None,
    }


def _plan(detail: TaskDetail) -> PlanDetail | None:
    """The plan that the task is about, if its process has one that the reader may see."""
    plan_id = detail.variables.get("plan_id")
    if not isinstance(plan_id, str):
        return None
    try:
        with services().reading_plans(current_actor()) as queries:
            return queries.plan(plan_id, today=today())
    except NotFound:
        return None


def _comment_rule(detail: TaskDetail) -> str:
    needing = [outcome for outcome in detail.outcomes if outcome.comment == "required"]
    if not needing:
        return str(COMMENT_RULES["optional"])
    if len(needing) == len(detail.outcomes):
        return str(COMMENT_RULES["required"])
    names = gettext(", ").join(
        gettext("“%(name)s”", name=process_text(one.name, detail.summary.process_key)) for one in needing
    )
    return gettext("required for %(outcomes)s", outcomes=names)
