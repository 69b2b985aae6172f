"""DMN decisions: read strictly, evaluated, and honest about what is not executed."""

from engine.decisions.evaluation import DecisionFailed, DecisionResult, EvaluateExpression, Made, evaluate
from engine.decisions.model import Decision, Expression, HitPolicy
from engine.decisions.reader import (
    DecisionFiles,
    examine_decision_files,
    read_decision_files,
    read_decisions,
)

__all__ = [
    "Decision",
    "DecisionFailed",
    "DecisionFiles",
    "DecisionResult",
    "EvaluateExpression",
    "Expression",
    "HitPolicy",
    "Made",
    "evaluate",
    "examine_decision_files",
    "read_decision_files",
    "read_decisions",
]
