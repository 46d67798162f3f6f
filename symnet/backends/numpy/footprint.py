"""How many bytes the plan of a training step holds, in float32."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping

from symnet.backends.numpy.code import Binding
from symnet.backends.numpy.functions import Functions
from symnet.backends.numpy.names import identifiers
from symnet.ir.bundle import Differentiated
from symnet.language.network import Network

# Bytes of an element, by the text of its dtype; of real numbers where there is none.
ELEMENT = {"dtype": 4, "np.intp": 8, "bool": 1, "np.int8": 1, "bits": 4}
MAKERS = ("empty", "full", "zeros", "ones", "arange")
OPERATORS: Mapping[type, Callable[[int, int], int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
}


def step_bytes(net: Network, step: Differentiated, sizes: Mapping[str, int]) -> int:
    """What a step of the emitted module holds beyond parameters and data, its results included."""
    names = identifiers([*step.program.tensors, *step.program.sizes])
    body = Functions(names).step_body(step, str(net.objective), dict(net.next_state))
    return plan_bytes(body.setup, {names[name]: size for name, size in sizes.items()})


def plan_bytes(setup: Iterable[Binding], sizes: Mapping[str, int]) -> int:
    """The bytes of all arrays that some bindings make. Sizes go by their names in the code."""
    return sum(_array_bytes(binding.source, sizes) for binding in setup)


def _array_bytes(source: str, sizes: Mapping[str, int]) -> int:
    if not source.startswith("np."):
        return 0
    node = ast.parse(source, mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr not in MAKERS:
        return 0
    shape = node.args[0].elts if isinstance(node.args[0], ast.Tuple) else [node.args[0]]
    others = [*node.args[1:], *(keyword.value for keyword in node.keywords)]
    kinds = [ELEMENT[ast.unparse(other)] for other in others if ast.unparse(other) in ELEMENT]
    return math.prod(_value(length, sizes) for length in shape) * (kinds[0] if kinds else 8)


def _value(node: ast.expr, sizes: Mapping[str, int]) -> int:
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return sizes[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, sizes)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "max":
        return max(_value(argument, sizes) for argument in node.args)
    assert isinstance(node, ast.BinOp), ast.dump(node)
    return OPERATORS[type(node.op)](_value(node.left, sizes), _value(node.right, sizes))
