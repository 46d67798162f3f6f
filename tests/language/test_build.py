"""Networks built from Python: SymPy expressions in, the text of a spec out, and the same compiler behind it."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from sympy import (
    Abs,
    And,
    Derivative,
    Eq,
    Float,
    Function,
    Ge,
    Gt,
    Idx,
    IndexedBase,
    KroneckerDelta,
    Max,
    Min,
    Mod,
    Ne,
    Not,
    Or,
    Piecewise,
    Product,
    Rational,
    Sum,
    Symbol,
    atan,
    ceiling,
    erf,
    exp,
    floor,
    log,
    sin,
    sqrt,
    tanh,
)

import symnet
from symnet.errors import SpecError, SymnetError, UsageError
from symnet.language import tree
from symnet.language.build import Builder, indices, padded, reduction
from symnet.language.from_sympy import expression
from symnet.language.library import load_library
from symnet.language.resolve import resolve
from symnet.language.unparse import expression_text

n, i, j, k = indices("n i j k")
x, y = IndexedBase("x"), IndexedBase("y", integer=True)
a, b = sympy.symbols("a b")
N = Symbol("N", integer=True, positive=True)

FORMULAS = [
    (2, "2"),
    (0.1, "0.1"),
    (np.float64(1e-7), "1e-7"),
    (Fraction(-1, 3), "-1/3"),
    (Rational(1, 3) * a, "a/3"),
    (Rational(-2, 3) * a, "-2*a/3"),
    (Float("0.25", 30), "0.25"),
    (sympy.pi, "3.14159265358979323846264338327950288"),
    (sympy.E, "exp(1)"),
    (-sympy.oo, "-inf"),
    (x[n, 2 * i + 1], "x[n, 2*i + 1]"),
    (x[n, y[n]], "x[n, y[n]]"),
    (x[n, (i, j)], "x[n, (i, j)]"),
    (IndexedBase("h.W")[i], "h.W[i]"),
    (1 - a, "1 - a"),
    (-a - b, "-a - b"),
    (a - 2 * b, "a - 2*b"),
    (-a * b / (1 + x[n]) ** 2, "-a*b/(x[n] + 1)**2"),
    (1 / (a * b), "1/(a*b)"),
    (1 / sqrt(a), "1/sqrt(a)"),
    (a ** Rational(2, 3), "a**(2/3)"),
    (-(a**2), "-a**2"),
    ((-a) ** b, "(-a)**b"),
    (2**-a, "1/2**a"),
    (a**b**2, "a**b**2"),
    ((a**b) ** i, "a**(b*i)"),
    (exp(-a) + log(b) + sin(a), "log(b) + sin(a) + exp(-a)"),
    (tanh(a) * erf(a) * atan(b) * Abs(a), "tanh(a)*abs(a)*arctan(b)*erf(a)"),
    (Max(a, 0, b), "max(max(0, a), b)"),
    (Min(a, 1), "min(1, a)"),
    (floor(a), "floor(a)"),
    (ceiling(a), "-floor(-a)"),
    (x[floor(y[n] / 2)], "x[y[n]//2]"),
    (floor((i + 1) / 3), "(i + 1)//3"),
    (Mod(i, 2), "i % 2"),
    (Sum(x[i], (i, 0, 63)), "sum(i < 64: x[i])"),
    (Sum(x[i] * x[j], (i, 1, N), (j, 0, N - 1)), "sum(i: 1..N + 1, j < N: x[i]*x[j])"),
    (Sum(x[Idx("i", 8)], Idx("i", 8)), "sum(i < 8: x[i])"),
    (Product(1 + x[i], (i, 0, 3)), "prod(i < 4: x[i] + 1)"),
    (Piecewise((a, a > 0), (b, a > -1), (0, True)), "where(a > 0, a, where(a > -1, b, 0))"),
    (Piecewise((1, And(Gt(a, 0), Or(Ne(i, j), Not(Eq(a, b))))), (0, True)), None),
    (KroneckerDelta(i, j), "where(i == j, 1, 0)"),
    (padded(x[n, i - 1]), "x[n, i - 1] else 0"),
    (2 * padded(x[i - 1], -1) ** 2, "2*(x[i - 1] else -1)**2"),
    (reduction("max", k, x[k]), "max(k: x[k])"),
    (reduction("argmax", [(k, 0, 3), i], x[k, i]), "argmax(k < 4, i: x[k, i])"),
    (reduction("mean", i, x[i], where=Ge(i, a)), "mean(i if i >= a: x[i])"),
    (Function("gelu")(a) - Function("mse")(x, y), "gelu(a) - mse(x, y)"),
    (IndexedBase("m'"), "m'"),
]


@pytest.mark.parametrize(("value", "text"), FORMULAS, ids=[str(value) for value, _ in FORMULAS])
def test_formulas(value, text):
    net = Builder("f")
    net.define("z", None, value)
    (statement,) = net.spec().statements
    shown = expression_text(statement.value)
    assert shown == expression_text(expression(value))
    if text is not None:
        assert shown == text


REFUSED = [
    (Derivative(Function("f")(a), a), "Derivative has no counterpart"),
    (sympy.gamma(a), "gamma has no counterpart"),
    (sympy.Heaviside(a), "Heaviside has no counterpart"),
    (sympy.Integral(a, a), "Integral has no counterpart"),
    (sympy.I * a, "ImaginaryUnit has no counterpart"),
    (sympy.zoo, "ComplexInfinity has no counterpart"),
    (sympy.nan, "NaN has no counterpart"),
    (float("nan"), "nan is no number"),
    (sympy.MatrixSymbol("M", 2, 2), "MatrixSymbol has no counterpart"),
    (Piecewise((a, a > 0)), "leaves out some cases"),
    (Symbol("\u03b8"), "cannot be a name"),
    (Symbol("x]\nminimize y"), "cannot be a name"),
    (Symbol("__import__"), "cannot be a name"),
    (Symbol("for"), "'for' is a word of the language"),
    (Symbol("x" * 500), "cannot be a name"),
    (object(), "of type object is no formula"),
    (1j, "of type complex is no formula"),
    (Sum(x[i], (i, 0, sympy.oo)), None),
    ("a\nminimize b", "is no formula"),
    ("a = b", None),
    ("a +", None),
]


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=[message for _, message in REFUSED])
def test_what_is_refused(value, message):
    net = Builder("f")
    net.input("x", (4,))
    with pytest.raises(SymnetError, match=message):
        net.define("z", (), value)
        resolve(net.spec(), training=True, constants={}, library=load_library())


def test_nesting_has_a_limit():
    value = a
    for _ in range(300):
        value = tanh(value, evaluate=False)
    with pytest.raises(UsageError, match="nested more than 100"):
        expression(value)


CALLS = [
    (lambda net: net.input("x", 4), "no tuple of dimensions"),
    (lambda net: net.input("x", "N"), "no tuple of dimensions"),
    (lambda net: net.input("2x"), "cannot be a name"),
    (lambda net: net.input(x), "cannot be a name"),
    (lambda net: net.output(x[n]), "whole tensor"),
    (lambda net: net.output(), "whole tensor"),
    (lambda net: padded(x), "no read"),
    (lambda net: reduction("smu", i, x[i]), "'smu' is no reduction"),
    (lambda net: reduction("sum", 3, x[i]), "3 binds no index"),
    (lambda net: net.layer("h", "dense(", x), "cannot be a name"),
    (lambda net: net.layer("h", "dense", x, **{"units=3, x": 1}), "cannot be a name"),
    (lambda net: net.minimize(a, "sgd(rate=0.1"), "never closed"),
    (lambda net: Builder("my network"), "cannot be a name"),
]


@pytest.mark.parametrize(("call", "message"), CALLS, ids=[message for _, message in CALLS])
def test_calls_that_cannot_work(call, message):
    with pytest.raises(SymnetError, match=message):
        call(Builder("f"))


ALL = """\
network all

const width = 3
example N = 4

input x[N, 5] ~ uniform(0, 1)
input y[N] < width

param W[i: 5, c: width] ~ he_normal(fan_in=5)
param b[c] ~ zeros
param s ~ constant(1/2)
state m[c: 3] ~ zeros
random u[N] ~ uniform(0, 1)

# Twice.
layer twice(x[...]) -> y[...]:
    y = 2*x

z[n, c] = b[c] + sum(i < 5: W[i, c]*x[n, i])
flat[(n, c: width)] = z[n, c]
h = twice(x)
r = h + x
d, e = both(r, [4, 3], activation=leaky_relu(slope=0.1))
total[c: 1..3] = 0
total[y[n]] += s*u[n]
m' = 0.9*m

output z, d
metric hits = mean(n: argmax(c: z[n, c]) == y[n])
minimize s + sum(i, o: h.W[i, o]**2) with sgd(rate=0.1) over s, h.*
"""


def test_every_statement():
    net = Builder("all")
    width = net.const("width", 3)
    size = net.size("N", example=4)
    x = net.input("x", (size, 5), sampler="uniform(0, 1)")
    y = net.input("y", (size,), below=width)
    c, o = indices("c, o")
    W = net.param("W", (Idx("i", 5), Idx("c", width)), "he_normal(fan_in=5)")
    b = net.param("b", (c,))
    s = net.param("s", init="constant(1/2)")
    m = net.state("m", (Idx("c", 3),))
    u = net.random("u", (size,), "uniform(0, 1)")
    net.add("# Twice.\nlayer twice(x[...]) -> y[...]:\n    y = 2*x")
    z = net.define("z", (n, c), b[c] + Sum(x[n, i] * W[i, c], (i, 0, 4)))
    net.define("flat", ((n, Idx("c", width)),), z[n, c])
    h = net.layer("h", "twice", x)
    r = net.define("r", None, h + x)
    d, e = net.layer("d e", "both", r, [4, 3], activation="leaky_relu(slope=0.1)")
    total = net.define("total", (Idx("c", (1, 2)),), 0)
    net.scatter("total", (y[n],), s * u[n])
    net.define("m'", None, 0.9 * m)
    net.output(z, "d")
    net.metric("hits", reduction("mean", n, Eq(reduction("argmax", c, z[n, c]), y[n])))
    net.minimize(s + reduction("sum", [i, o], net["h.W"][i, o] ** 2), "sgd(rate=0.1)", over=["s", "h.*"])
    assert net.text() == ALL
    assert (total.name, e.name) == ("total", "e")


def digits() -> Builder:
    net = Builder("digits_by_hand")
    N, D = net.size("N", example=4), 64
    x = net.input("x", (N, D), sampler="uniform(0, 1)")
    y = net.input("y", (N,), below=10)
    W1, b1 = net.param("W1", (D, 64), "glorot_uniform"), net.param("b1", (64,))
    W2, b2 = net.param("W2", (64, 10), "glorot_uniform"), net.param("b2", (10,))
    n, i, j, c, k = indices("n i j c k")
    a = net.define("a", (n, j), tanh(b1[j] + Sum(x[n, i] * W1[i, j], (i, 0, D - 1))))
    z = net.define("z", (n, c), b2[c] + Sum(a[n, j] * W2[j, c], (j, 0, 63)))
    p = net.define("p", (n, c), exp(z[n, c]) / Sum(exp(z[n, k]), (k, 0, 9)))
    net.minimize(-Sum(log(p[n, y[n]]), (n, 0, N - 1)) / N, "nesterov(rate=0.1, momentum=0.9)")
    net.output(p)
    return net


def test_it_goes_through_the_same_resolver():
    network = resolve(digits().spec(), training=True, constants={}, library=load_library())
    assert [name for name, tensor in network.tensors.items() if tensor.role == "param"] == ["W1", "b1", "W2", "b2"]
    assert network.outputs == ("p",)


def test_errors_have_places_in_the_text():
    net = digits()
    net.define("q", (), Symbol("zz"))
    with pytest.raises(SpecError, match="zz") as caught:
        resolve(net.spec(), training=True, constants={}, library=load_library())
    assert caught.value.place.source.line(caught.value.place.line) == "q = zz"


def test_the_tree_is_that_of_the_text():
    spec = digits().spec()
    assert spec.name == "digits_by_hand"
    assert spec.source.text == digits().text()
    assert isinstance(spec.statements[0], tree.Example)


def test_the_verbs_take_a_builder():
    net = symnet.Builder("line")
    N = net.size("N", example=5)
    (n,) = symnet.indices("n")
    x, t = net.input("x", (N,)), net.input("t", (N,))
    a, b = net.param("a", (), "constant(1)"), net.param("b")
    y = net.define("y", (n,), a * x[n] + b)
    net.minimize(Sum((y[n] - t[n]) ** 2, (n, 0, N - 1)) / N, "sgd(rate=0.1)")
    compiled = symnet.compile(net)
    assert compiled.report.ok
    loss, grads = compiled.module.loss_and_grad(compiled.module.init(0, np.float64), x=np.ones(2), t=np.zeros(2))
    assert (loss, grads["a"], grads["b"]) == (1.0, 2.0, 2.0)
