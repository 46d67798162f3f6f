"""A sum over everything of max(x, 0) - k*x, k an integer tensor: the dot of x with 1 - k where x > 0, and -k elsewhere.

    np.greater(z, zero, out=t1)
    np.copyto(t2, y, casting="unsafe")
    np.subtract(t1_digit, t2, out=t2)
    np.copyto(t0, t2)
    loss = t0.dot(z)

The coefficients are calculated in bytes. They are whole numbers, so that each product is as exact as the difference.
"""

from __future__ import annotations

import sympy as sp

from symnet.backends.numpy.elementwise import Formula
from symnet.backends.numpy.scope import Array, Scalar, Scope
from symnet.ir.program import leaf_number
from symnet.planning.rows import STEPPED

# The largest bound of an integer tensor whose values fit in a byte.
LARGEST = 128


def labels_of(x: sp.Expr, rest: sp.Expr, formula: Formula) -> sp.Expr | None:
    """The k of the first term -k*x among those of a sum, k an integer tensor of small numbers and x a tensor."""
    if not x.is_Symbol or leaf_number(x) is None:
        return None
    everything = set(formula.task.reduced)
    for term in sp.Add.make_args(rest):
        k = -term / x
        number = leaf_number(k) if k.is_Symbol else None
        if number is None or number >= len(formula.task.leaves):
            continue
        access = formula.task.leaves[number]
        tensor = formula.scope.program.tensors[access.tensor]
        bound = tensor.bound.constant if tensor.integer and tensor.bound is not None else None
        if bound is not None and bound <= LARGEST and access.plain and {*access.indices} == everything and STEPPED():
            return k
    return None


def stepped(scope: Scope, formula: Formula, x: sp.Expr, k: sp.Expr) -> Scalar | None:
    """The sum over everything of max(x, 0) - k*x; None where x lies in pieces."""
    values, labels = formula.value(x), formula.value(k, False)
    if not isinstance(values, Array) or not isinstance(labels, Array) or not values.whole or values.kind != "real":
        return None
    axes, box = values.axes, formula.box
    above, counts = (scope.temporary(axes, box, kind) for kind in ("bool", "narrow"))
    scope.line(f"np.greater({values.source}, {scope.constant('0')}, out={above.source})")
    scope.line(f'np.copyto({counts.source}, {scope.aligned(labels, axes).source}, casting="unsafe")')
    digit = scope.view(above, ".view(np.int8)", "digit", axes).source
    scope.line(f"np.subtract({digit}, {counts.source}, out={counts.source})")
    coefficients = scope.temporary(axes, box, "real")
    scope.line(f"np.copyto({coefficients.source}, {counts.source})")
    left, right = (scope.flattened(array, (axes,), box).source for array in (coefficients, values))
    for array in (above, counts, coefficients):
        scope.release(array)
    return Scalar(f"{left}.dot({right})", "real", atomic=True)
