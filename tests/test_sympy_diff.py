"""The adjoint program, expanded to scalars, against `sympy.diff` of the expanded loss.

The interpreter does the expanding: it calculates with SymPy symbols, one for every element of what is given. What is
compared is the adjoint as the rule gives it, and as all passes leave it. Equal means that SymPy finds their difference
to be 0, or, where it finds nothing quickly, that they agree to 40 digits at random points.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy as sp

from symnet.ir import functions as f
from symnet.ir.arithmetic import DIGITS50, Arithmetic
from symnet.ir.bundle import Differentiated
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.language.network import Network
from symnet.passes.differentiate import differentiate
from symnet.passes.lower import lower
from symnet.passes.order import ordered
from symnet.passes.pipeline import gradient_program, parameters
from tests.support import network_of

EXAMPLES = Path(__file__).parent.parent / "examples"


def number(value: Any) -> sp.Expr:
    """Any number, or an expression itself."""
    return sp.Rational(value.numerator, value.denominator) if isinstance(value, Fraction) else sp.sympify(value)


def plain_function(kind: type[sp.Function]) -> Any:
    """One of our functions as SymPy's own, so that `sympy.diff` does not use the derivatives that are under test."""
    return PLAIN.get(kind, lambda *arguments: kind(*map(number, arguments)))


PLAIN: dict[type[sp.Function], Any] = {
    f.sigmoid: lambda x: 1 / (1 + sp.exp(-x)),
    f.softplus: lambda x: sp.log(1 + sp.exp(x)),
    f.log1p: lambda x: sp.log(1 + x),
    f.expm1: lambda x: sp.exp(x) - 1,
    f.power: lambda x, y: x**y,
    f.stop: lambda x: x,
    # Only what the stabilised formulas subtract, and any shift gives the same value.
    f.max2: lambda a, b: b if a in (-sp.oo, float("-inf")) else a,
}

SYMBOLS = Arithmetic(
    number=number,
    divide=lambda a, b: number(a) / number(b),
    power=lambda a, b: number(a) ** number(b),
    functions={kind: plain_function(kind) for kind in DIGITS50.functions},
    constants={symbol: symbol for symbol in DIGITS50.constants},
)

# Small networks with sizes for them: examples of the project, and one for every way in which indices can go.
SPECS: dict[str, tuple[str, dict[str, Any]]] = {
    "scalar_graph": ((EXAMPLES / "scalar_graph.sym").read_text(), {}),
    "dag": ((EXAMPLES / "dag.sym").read_text(), {}),
    "linear_classifier": ((EXAMPLES / "linear_classifier.sym").read_text(), {}),
    "path_blowup": ((EXAMPLES / "path_blowup.sym").read_text(), {"depth": 3}),
    "logistic_regression": ((EXAMPLES / "logistic_regression.sym").read_text(), {"D": 2}),
    "formula": ((EXAMPLES / "formula.sym").read_text().replace("I: 6, J: 5, K: 4", "I: 2, J: 1, K: 2"), {"R": 2}),
    "by_hand": (
        """
input x[N, D: 2]
input y[N] < 2
param W1[i: D, j: 2] ~ glorot_uniform
param b1[j] ~ zeros
param W2[j, c: 2] ~ glorot_uniform
a[n, j] = tanh(b1[j] + sum(i: x[n, i]*W1[i, j]))
z[n, c] = sum(j: a[n, j]*W2[j, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
loss = mean(n: -log(p[n, y[n]]))
minimize loss
""",
        {},
    ),
    "convolution": (
        """
param x[i: 5] ~ normal
param w[p: 2] ~ normal
padded[i: 7] = x[i - 1] else 0
y[u] = sin(sum(p: w[p]*padded[2*u + p]))
minimize sum(u: y[u]**2)
""",
        {},
    ),
    "diagonals": (
        """
param M[i: 3, j: 3] ~ normal
minimize sum(i, j: M[i, j]*M[j, i]**2) + prod(i: M[i, i])
""",
        {},
    ),
    "gather_and_scatter": (
        """
input k[n: 3] < 2
param E[v: 2, d: 2] ~ normal
s[v: 2, d: 2] = E[v, d]**2
s[k[n], d] += exp(E[k[n], d])
minimize sum(v, d: s[v, d]/(2 + cos(E[v, d])))
""",
        {},
    ),
    "joined": (
        """
param x[k: 4] ~ normal
y[i: 2, j: 2] = x[(i, j)]
z[(j, i)] = y[i, j]*x[(j, i)]
minimize sum(k: arctan(z[k]) + erf(z[k]))
""",
        {},
    ),
}


def small(name: str) -> tuple[Network, dict[str, Any]]:
    """The network, and a symbol for every real element it is given; integers are drawn."""
    text, constants = SPECS[name]
    network = network_of(text, constants={key: Fraction(value) for key, value in constants.items()})
    rng = np.random.default_rng(5)
    sizes = dict.fromkeys(network.sizes, 2)
    values: dict[str, Any] = {}
    for tensor in network.tensors.values():
        shape = tuple(extent.value(sizes) for extent in tensor.extents)
        if tensor.bound is not None:
            values[tensor.name] = rng.integers(0, tensor.bound.value(sizes), size=shape)
        elif tensor.role in ("input", "param"):
            values[tensor.name] = np.array(symbols(tensor.name, shape), dtype=object).reshape(shape)
    return network, values


def symbols(name: str, shape: tuple[int, ...]) -> list[sp.Symbol]:
    return [sp.Symbol("_".join(map(str, (name, *place))), real=True) for place in np.ndindex(shape)]


def expanded(program: Program, values: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if name in program.tensors}
    return interpret(program, given, arithmetic=SYMBOLS)


def plain_adjoint(network: Network) -> Differentiated:
    """The rule alone: nothing stabilised, simplified or shared."""
    assert network.objective is not None
    derived = differentiate(
        ordered(lower(network, (network.objective,))), {network.objective: None}, parameters(network)
    )
    return replace(derived, program=ordered(derived.program))


def differing(pairs: list[tuple[sp.Expr, sp.Expr]]) -> list[int]:
    """The numbers of the pairs that are not equal: by symbols where that ends quickly, else at random points."""
    open_ = [number for number, (a, b) in enumerate(pairs) if not obviously_equal(a, b)]
    unknown = sorted({symbol for number in open_ for e in pairs[number] for symbol in e.free_symbols}, key=str)
    evaluate = sp.lambdify(unknown, [pairs[number] for number in open_], modules="mpmath", cse=True)
    rng = np.random.default_rng(6)
    wrong: dict[int, None] = {}
    with mpmath.workdps(50):
        for _ in range(3):
            values = evaluate(*(mpmath.mpf(float(value)) for value in rng.normal(size=len(unknown))))
            close = [mpmath.almosteq(a, b, mpmath.mpf("1e-40"), mpmath.mpf("1e-40")) for a, b in values]
            wrong.update((number, None) for number, same in zip(open_, close, strict=True) if not same)
    return list(wrong)


def obviously_equal(a: sp.Expr, b: sp.Expr) -> bool:
    difference = a - b
    return bool(difference == 0 or (difference.count_ops() < 100 and sp.expand(difference) == 0))


@pytest.mark.parametrize("derive", [plain_adjoint, gradient_program], ids=["rule", "passes"])
@pytest.mark.parametrize("name", SPECS)
def test_the_adjoint_is_the_derivative_of_the_expanded_loss(name: str, derive: Any) -> None:
    network, values = small(name)
    assert network.objective is not None
    loss = expanded(lower(network, (network.objective,)), values)[network.objective].item()
    derived = derive(network)
    adjoints = expanded(derived.program, values)
    places = [(tensor, d, place) for tensor, d in derived.gradients for place in np.ndindex(values[tensor].shape)]
    pairs = [(number(adjoints[d][place]), sp.diff(loss, values[tensor][place])) for tensor, d, place in places]
    assert places
    assert not [f"d{places[k][0]}{list(places[k][2])}" for k in differing(pairs)]


def test_a_wrong_adjoint_is_told_apart() -> None:
    """A thousandth too much, in one term."""
    network, values = small("by_hand")
    derived = plain_adjoint(network)
    wrong = derived.program.with_statements(
        tuple(
            replace(s, body=s.body * sp.Rational(1001, 1000)) if s.target.tensor == "db1" else s
            for s in derived.program.statements
        )
    )
    right, adjoints = (expanded(program, values) for program in (derived.program, wrong))
    pairs = [(adjoints["db1"][j], right["db1"][j]) for j in range(2)]
    assert differing(pairs) == [0, 1]
