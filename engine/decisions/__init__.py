"""DMN 1.3 decision tables and literal expressions: read strictly, evaluated, and honest about what is not executed."""

from engine.decisions.evaluation import DecisionFailed, DecisionResult, EvaluateExpression, evaluate
from engine.decisions.model import Decision, Expression, HitPolicy
from engine.decisions.reader import read_decisions

__all__ = [
    "Decision",
    "DecisionFailed",
    "DecisionResult",
    "EvaluateExpression",
    "Expression",
    "HitPolicy",
    "evaluate",
    "read_decisions",
]
