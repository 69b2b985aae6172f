"""PlanFlow's engine: everything that runs BPMN. No plan, no HTTP. This is its public face."""

from engine.commands import (
    ClaimTask,
    Command,
    CompleteTask,
    CorrelateMessage,
    FireTimer,
    ForgetMessage,
    ReleaseTask,
    Result,
    RetryIncident,
    SaveDraft,
    StartInstance,
    TerminateInstance,
    ThrowSignal,
)
from engine.directory import SYSTEM, Actor, Directory, DirectoryFactory, Person
from engine.engine import Deployed, Engine
from engine.errors import (
    BpmnError,
    Conflict,
    FieldProblem,
    Forbidden,
    Invalid,
    NotDeployable,
    NotFound,
    PlanFlowError,
    Problem,
    TooLarge,
)
from engine.operations import Operation, OperationContext, Operations
from engine.queries import Queries
from engine.storage.database import Database
from engine.task_view import TaskView
from engine.worker import Worker

__all__ = [
    "SYSTEM",
    "Actor",
    "BpmnError",
    "ClaimTask",
    "Command",
    "CompleteTask",
    "Conflict",
    "CorrelateMessage",
    "Database",
    "Deployed",
    "Directory",
    "DirectoryFactory",
    "Engine",
    "FieldProblem",
    "FireTimer",
    "Forbidden",
    "ForgetMessage",
    "Invalid",
    "NotDeployable",
    "NotFound",
    "Operation",
    "OperationContext",
    "Operations",
    "Person",
    "PlanFlowError",
    "Problem",
    "Queries",
    "ReleaseTask",
    "Result",
    "RetryIncident",
    "SaveDraft",
    "StartInstance",
    "TaskView",
    "TerminateInstance",
    "ThrowSignal",
    "TooLarge",
    "Worker",
]
