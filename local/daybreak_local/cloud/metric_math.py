"""CloudWatch metric math over one period: arithmetic, comparisons, MAX, MIN, SUM, AVG, IF, FILL, ABS."""

import ast
import operator
from collections.abc import Callable
from typing import Any

Value = float | None

_OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Pow: operator.pow,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
}


class ExpressionError(Exception):
    """The expression is wrong, or uses something the local cloud does not compute."""


def parse(expression: str) -> ast.expr:
    """Reads an expression and checks that every part of it can be computed."""
    try:
        tree = ast.parse(expression, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"{expression!r} is not a metric math expression: {error.msg}") from error
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else "?"
            if name not in {*_AGGREGATES, "IF", "FILL", "ABS"}:
                raise ExpressionError(
                    f"the local cloud does not compute {name} in the metric math expression {expression!r}: "
                    f"it knows {', '.join(sorted(_AGGREGATES))}, ABS, FILL and IF"
                )
    return tree


def evaluate(tree: ast.expr, values: dict[str, Value]) -> Value:
    """The value of one period; None where a datapoint that it needs is missing."""
    match tree:
        case ast.Constant(value=bool() | int() | float() as number):
            return float(number)
        case ast.Name(id=name):
            if name not in values:
                raise ExpressionError(f"no metric of the alarm has the id {name!r}")
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = evaluate(operand, values)
            return None if value is None else -value
        case ast.BinOp(left=left, op=op, right=right):
            return _binary(op, evaluate(left, values), evaluate(right, values))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _binary(op, evaluate(left, values), evaluate(right, values))
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return _call(name, arguments, values)
    raise ExpressionError(f"the local cloud does not compute {ast.unparse(tree)!r} in metric math")


def _binary(op: Any, left: Value, right: Value) -> Value:
    if left is None or right is None:
        return None
    if isinstance(op, ast.Div):
        return left / right if right else None  # CloudWatch has no datapoint where it would divide by zero
    function = _OPERATORS.get(type(op))
    if function is None:
        raise ExpressionError(f"the local cloud does not compute {type(op).__name__} in metric math")
    return float(function(left, right))


def _call(name: str, arguments: list[ast.expr], values: dict[str, Value]) -> Value:
    if name == "IF":
        condition = evaluate(arguments[0], values)
        if condition is None:
            return None
        if condition:
            return evaluate(arguments[1], values)
        return evaluate(arguments[2], values) if len(arguments) > 2 else None
    if name == "FILL":
        value = evaluate(arguments[0], values)
        return evaluate(arguments[1], values) if value is None else value
    if name == "ABS":
        value = evaluate(arguments[0], values)
        return None if value is None else abs(value)
    first = arguments[0]
    members = first.elts if isinstance(first, ast.List) else arguments
    present = [value for value in (evaluate(member, values) for member in members) if value is not None]
    return float(_AGGREGATES[name](present)) if present else None
