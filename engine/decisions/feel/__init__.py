"""The part of FEEL that decisions may use (DMN 1.3 §9 and §10): unary tests and expressions.

It is evaluated here, without a sandbox: there are no loops, no recursion, and every text and list is bounded.
"""

from engine.decisions.feel.nodes import ANYWHERE, Literal, Node, Reference, Scope, is_constant
from engine.decisions.feel.parser import parse_expression, parse_unary_tests
from engine.decisions.feel.tokens import NotDate, NotFeel, Vocabulary
from engine.decisions.feel.unary import (
    ANYTHING,
    Anything,
    Between,
    Compares,
    Condition,
    Equals,
    Not,
    OneOf,
    PositiveTest,
    UnaryTests,
)

__all__ = [
    "ANYTHING",
    "ANYWHERE",
    "Anything",
    "Between",
    "Compares",
    "Condition",
    "Equals",
    "Literal",
    "Node",
    "Not",
    "NotDate",
    "NotFeel",
    "OneOf",
    "PositiveTest",
    "Reference",
    "Scope",
    "UnaryTests",
    "Vocabulary",
    "is_constant",
    "parse_expression",
    "parse_unary_tests",
]
