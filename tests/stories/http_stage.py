"""A stage for scenarios that knows the product only through HTTP."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from engine import Conflict, Database, FieldProblem, Forbidden, Invalid, NotFound, PlanFlowError
from engine.sandbox import Sandbox
from plans.organisation import people as people_of
from plans.organisation import tokens
from plans.scenarios import EngineStage
from plans.scenarios.stage import Ended, arrange_people
from tests.forking import Command
from tests.stories.server import CLOCK, serve_on_test_clock

REFUSALS: dict[int, type[PlanFlowError]] = {403: Forbidden, 404: NotFound, 409: Conflict}
PATIENCE = 20.0


class Server:
    """A server process that can be ended and begun again at any time."""

    def __init__(self, home: Path, database_url: str) -> None:
        self.clock = home / "clock"
        self.environment = {
            **os.environ,
            "PLANFLOW_HOME": str(home),
            "PLANFLOW_DATABASE_URL": database_url,
            CLOCK: str(self.clock),
        }
        self.log = home / "server.log"
        self.address = ""
        self._process: Command | None = None

    @property
    def pid(self) -> int:
        """The number of the process that serves now."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        self._process = Command(
            ["serve", "--port", "0"], self.environment, self.log, program=serve_on_test_clock
        )
        line = self._process.output.readline()
        assert "http://" in line, f"the server did not start: {line!r} {self.log.read_text()}"
        self.address = line.split()[-1]

    def stop(self, kill: bool = False) -> None:
        if self._process is not None:
            self._process.kill() if kill else self._process.terminate()
            self._process.wait(PATIENCE)
            self._process = None

    def restart(self) -> None:
        """End it the hard way, as a power cut would, and start it again."""
        self.stop(kill=True)
        self.start()


class HttpStage:
    """Starts, completes and looks through ``/api/v1`` only. People and their tokens are set up beforehand.

    While an instance of the process ``restarting`` goes on, the server is killed and started again before every step.
    """

    def __init__(self, server: Server, database: Database, sandbox: Sandbox, restarting: str | None) -> None:
        self._server = server
        self._behind = EngineStage(database, sandbox)
        self._restarting = False
        self._restarting_for = restarting
        self._tokens: dict[str, str] = {}
        self._http = httpx.Client(timeout=PATIENCE)

    def deploy(self, processes: Path) -> None:
        """Through the API too, as the process designer."""
        self._let_exist({"designer": {"roles": ["process_designer"]}, "root": {"roles": ["administrator"]}})
        from plans.scenarios.stage import files_of

        for folder in sorted(p for p in processes.iterdir() if (p / "process.bpmn").is_file()):
            files = [("files", (name, content)) for name, content in files_of(folder).items()]
            self._ask("designer", "POST", "/deployments", data={"name": folder.name}, files=files)

    def set_time(self, now: datetime) -> None:
        self._behind.set_time(now)
        aside = self._server.clock.with_suffix(".new")
        aside.write_text(now.isoformat())
        aside.replace(self._server.clock)

    def people(
        self, people: Mapping[str, Mapping[str, Any]], departments: Mapping[str, Mapping[str, Any]]
    ) -> None:
        with self._behind.database.write() as session:
            arrange_people(session, people, departments, self._behind.now)
        self._let_exist(people)

    def _let_exist(self, people: Mapping[str, Mapping[str, Any]]) -> None:
        with self._behind.database.write() as session:
            for name, person in people.items():
                if not people_of.exists(session, name):
                    people_of.create_person(session, name, roles=person["roles"], now=self._behind.now)
                if name not in self._tokens:
                    self._tokens[name] = tokens.create_token(session, name, now=self._behind.now)

    def operation(self, user: str, name: str, inputs: Mapping[str, Any]) -> None:
        self._behind.operation(user, name, inputs)

    def start(self, user: str, process: str, variables: Mapping[str, Any], business_key: str | None) -> str:
        self._restarting = process == self._restarting_for
        body = {"variables": variables, "business_key": business_key}
        return str(self._ask(user, "POST", f"/processes/{process}/instances", json=body)["instance_id"])

    def find_task(self, instance: str, element: str, user: str) -> str | None:
        query = {"mine": "true", "instance_id": instance, "limit": "100"}
        found = self._ask(user, "GET", "/tasks", params=query)["items"]
        fitting = [task for task in found if task["element"] == element]
        fitting.sort(key=lambda task: (task["assignee"] != user, task["created_at"], task["id"]))
        return fitting[0]["id"] if fitting else None

    def waiting(self, instance: str) -> list[str]:
        return [task["element"] for task in self._ask("root", "GET", f"/instances/{instance}/tasks")["items"]]

    def facts(self, task: str, user: str) -> Mapping[str, Any]:
        return {fact["label"]: fact["value"] for fact in self._ask(user, "GET", f"/tasks/{task}")["facts"]}

    def complete(
        self, task: str, user: str, variables: Mapping[str, Any], outcome: str | None, comment: str | None
    ) -> None:
        if self._restarting:
            self._server.restart()
        body = {"variables": variables, "outcome": outcome, "comment": comment}
        self._ask(user, "POST", f"/tasks/{task}/complete", json=body)

    def elapse(self, instance: str, element: str) -> None:
        """Set the clock to when the timer is due, as history tells, and wait until the server has fired it."""
        events = self._history(instance)
        told = [e for e in events if e["element"] == element and e["kind"] in ("timer.set", "timer.fired")]
        if not told:
            raise NotFound("The timer %(element)s does not run.", element=element)
        payload = told[-1]["payload"]
        due = datetime.fromisoformat(payload.get("next_due_at") or payload["due_at"])
        self.set_time(max(self._behind.now, due))
        if self._restarting:
            self._server.restart()
        fired = sum(e["kind"] == "timer.fired" for e in told)
        self._await(lambda: self._times_fired(instance, element) > fired, f"the timer {element} has fired")

    def _times_fired(self, instance: str, element: str) -> int:
        return sum(e["kind"] == "timer.fired" and e["element"] == element for e in self._history(instance))

    @staticmethod
    def _await(holds: Any, what: str) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise NotFound("Waited in vain until %(what)s.", what=what)
            time.sleep(0.03)

    def _history(self, instance: str) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query = {"limit": "100", **({"cursor": cursor} if cursor else {})}
            page = self._ask("root", "GET", f"/instances/{instance}/history", params=query)
            events += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return events

    def ended(self, instance: str) -> Ended:
        summary = self._ask("root", "GET", f"/instances/{instance}")
        variables = self._ask("root", "GET", f"/instances/{instance}/variables")["variables"]
        done = [e for e in self._history(instance) if e["kind"] in ("element.completed", "element.passed")]
        entered = {
            e["element"]
            for e in self._history(instance)
            if e["kind"] in ("element.entered", "element.passed")
        }
        ends = tuple(e["element"] for e in done if e["payload"]["type"] == "endEvent")
        return Ended(summary["status"], variables, frozenset(entered), ends)

    def plan(self, ended: Ended) -> Mapping[str, Any]:
        return self._ask("root", "GET", f"/plans/{ended.variables['plan_id']}")

    def _ask(self, user: str, method: str, path: str, **content: Any) -> Any:
        answer = self._http.request(
            method,
            f"{self._server.address}/api/v1{path}",
            headers={"Authorization": f"Bearer {self._tokens[user]}"},
            **content,
        )
        if answer.status_code >= 400:
            raise self._refusal(answer)
        return answer.json() if answer.content else None

    @staticmethod
    def _refusal(answer: httpx.Response) -> PlanFlowError:
        problem = answer.json()
        text = f"{answer.status_code} {problem.get('detail') or problem.get('title')}".replace("%", "%%")
        if answer.status_code == 422:
            fields = [
                FieldProblem(e["field"], e["message"].replace("%", "%%")) for e in problem.get("errors", ())
            ]
            return Invalid(text, fields)
        return REFUSALS.get(answer.status_code, PlanFlowError)(text)

    def close(self) -> None:
        self._http.close()
