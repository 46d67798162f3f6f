"""The gradients as people read them: what they say is what is calculated, and it reads like a textbook."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sympy as sp

from symnet.compile import load, network
from symnet.errors import UsageError
from symnet.gradients import Gradients, gradients
from symnet.ir.interpret import interpret
from symnet.language.library import Definition, examples_of, load_library
from symnet.language.network import Network
from symnet.trace.values import starting_values
from tests.modules import EXAMPLES
from tests.notation.meaning import disagrees
from tests.support import network_of

LIBRARY = load_library()
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.sym"))
SMALLER = {"digits_by_hand": {"D": 3}}


def example(name: str, **constants: int) -> Network:
    return network(load(EXAMPLES / f"{name}.sym"), constants=constants)


def lines(text: str, *wrt: str) -> list[str]:
    """The formulas of the backward pass of a spec, one per line."""
    return [f.formula for f in gradients(network_of(text), wrt or None).lines]


# --- they are true ---------------------------------------------------------------------------------


def differing(found: Gradients, sizes: dict[str, int] | None = None) -> Iterator[str]:
    """The formulas that do not say what the program calculates."""
    values, known = starting_values(found.network, {}, seed=1)
    values = {name: value + (0.05 if value.dtype.kind == "f" else 0) for name, value in values.items()}
    program = found.formulas.program
    numbers = interpret(program, {n: v for n, v in values.items() if n in program.tensors}, known)
    everything = [(f, 40) for f in found.lines] + [(g.expanded, 4) for g in found.values()]
    for formula, most in everything:
        if disagrees(formula, formula.value, numbers, known, most):
            yield formula.formula


# Formulas and programs are evaluated element by element here, which takes minutes for these; others have their layers.
LARGE = ("digits_by_hand", "digits_mlp", "gpt_small", "lenet", "lstm_recall", "resnet", "vae")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LARGE])
def test_the_formulas_of_an_example_say_what_is_calculated(name: str) -> None:
    assert not list(differing(gradients(example(name))))


@pytest.mark.parametrize("entry", LIBRARY.values(), ids=LIBRARY)
def test_the_formulas_of_a_library_entry_say_what_is_calculated(entry: Definition) -> None:
    found = gradients(network_of(examples_of(entry)))
    assert not list(differing(found))
    for formula in found.lines:
        assert formula.latex().count("{") == formula.latex().count("}")
        formula.matrix_form()


def test_a_formula_that_is_wrong_is_found() -> None:
    found = gradients(example("logistic_regression"))
    right = found.formulas["dw"]
    found.formulas.made["dw"] = right.with_value(right.value / 2)
    assert [text.split(" = ")[0] for text in differing(found)] == ["dw[i]", "dw[i]"]


# --- they read like a textbook ---------------------------------------------------------------------


def test_softmax_and_cross_entropy_give_p_minus_delta() -> None:
    assert gradients(example("digits_by_hand"))["z"].formula == "dz[n, c] = (p[n, c] - δ(c, y[n]))/N"


def test_the_backward_pass_of_the_digits() -> None:
    assert str(gradients(example("digits_by_hand"))).split("\n") == [
        "dz[n, c]     = (p[n, c] - δ(c, y[n]))/N",
        "db2[c]       = sum(n: dz[n, c])",
        "dW2[j, c]    = sum(n: a[n, j]*dz[n, c])",
        "da[n, j]     = sum(c: dz[n, c]*W2[j, c])",
        "da_sum[n, j] = da[n, j]*(1 - a[n, j]**2)",
        "db1[j]       = sum(n: da_sum[n, j])",
        "dW1[i, j]    = sum(n: x[n, i]*da_sum[n, j])",
    ]


def test_a_gradient_knows_what_it_uses() -> None:
    found = gradients(example("digits_by_hand"))
    assert list(found) == ["W1", "b1", "W2", "b2"]
    gradient = found["W1"]
    assert (gradient.tensor, gradient.name, gradient.indices) == ("W1", "dW1", ("i", "j"))
    assert [f.name for f in gradient.intermediates] == ["dz", "da", "da_sum"]
    assert gradient.expanded.formula == (
        "dW1[i, j] = sum(n: x[n, i]*(1 - a[n, j]**2)*sum(c: W2[j, c]*(p[n, c] - δ(c, y[n]))))/N"
    )


def test_the_expression_is_plain_sympy() -> None:
    expression = gradients(example("digits_by_hand"))["z"].expression
    n, c = sp.symbols("n c", integer=True)
    size = sp.Symbol("N", integer=True, positive=True)
    p = sp.Indexed(sp.IndexedBase("p", shape=(size, 10), real=True), n, c)
    y = sp.Indexed(sp.IndexedBase("y", shape=(size,), integer=True), n)
    assert sp.simplify(expression - (p - sp.KroneckerDelta(c, y)) / size) == 0


def test_logistic_regression() -> None:
    assert [f.formula for f in gradients(example("logistic_regression")).lines] == [
        "dz[n] = (probability[n] - y[n])/N",
        "db = sum(n: dz[n])",
        "dw[i] = sum(n: x[n, i]*dz[n]) + w[i]/50",
    ]


def test_values_that_the_spec_names_are_called_by_their_names() -> None:
    assert [f.formula for f in gradients(example("linear_classifier")).lines] == [
        "dz[k] = p[k]*sum(k2: t[k2]) - t[k]",
        "db[k] = dz[k]",
        "dW[k, i] = dz[k]*x[i]",
    ]


def test_a_lookup_gives_a_delta() -> None:
    spec = """
input ids[n: N] < 5
input w[n: N]
param E[v: 5, d: 3] ~ normal
x[n, d] = E[ids[n], d]
minimize sum(n, d: w[n]*x[n, d])
"""
    assert lines(spec) == ["dE[i, d] = sum(n: w[n]*δ(i, ids[n]))"]


def test_padding_stays_padding() -> None:
    spec = """
input x[N, 9]
param k[p: 3] ~ normal
y[n, u: 9] = sum(p: k[p]*(x[n, u + p - 1] else 0))
minimize sum(n, u: y[n, u])
"""
    assert lines(spec, "k", "x") == [
        "dx[n, i] = sum(p if p <= i + 1 and i <= p + 7: k[p])",
        "dk[p] = sum(n, u < 9: (x[n, p + u - 1] else 0))",
    ]


CONVOLUTION = "input x[N, {channels}, 8, 8]\ny = conv2d(x, {units}{more})\noutput y\n"


@pytest.mark.parametrize(
    ("channels", "units", "more", "dx", "dW"),
    [
        (  # the gradient of the input is a correlation with the flipped kernel
            *(3, 4, ""),
            "sum(o, p, q: y.W[o, c, p, q]*(dy[n, o, i + 1 - p, j + 1 - q] else 0))",
            "sum(n, u, v: dy[n, o, u, v]*(x[n, c, p + u - 1, q + v - 1] else 0))",
        ),
        (
            *(3, 4, ", stride=2"),
            "sum(o, u, v: dy[n, o, u, v]*(y.W[o, c, i + 1 - 2*u, j + 1 - 2*v] else 0))",
            "sum(n, u, v: dy[n, o, u, v]*(x[n, c, 2*u + p - 1, 2*v + q - 1] else 0))",
        ),
        (
            *(3, 4, ", dilation=2, pad=2"),
            "sum(o, p, q: y.W[o, c, p, q]*(dy[n, o, i + 2 - 2*p, j + 2 - 2*q] else 0))",
            "sum(n, u, v: dy[n, o, u, v]*(x[n, c, 2*p + u - 2, 2*q + v - 2] else 0))",
        ),
        (
            *(4, 6, ", groups=2"),
            "sum(o < 3, p, q: y.W[3*(c//2) + o, c % 2, p, q]*(dy[n, 3*(c//2) + o, i + 1 - p, j + 1 - q] else 0))",
            "sum(n, u, v: dy[n, o, u, v]*(x[n, 2*(o//3) + c, p + u - 1, q + v - 1] else 0))",
        ),
    ],
)
def test_a_convolution(channels: int, units: int, more: str, dx: str, dW: str) -> None:
    found = gradients(network_of(CONVOLUTION.format(channels=channels, units=units, more=more)))
    assert found["x"].formula == f"dx[n, c, i, j] = {dx}"
    assert found["y.W"].formula == f"dy.W[o, c, p, q] = {dW}"
    assert found["y.b"].formula == "dy.b[o] = sum(n, u, v: dy[n, o, u, v])"


def test_a_convolution_in_latex() -> None:
    found = gradients(network_of(CONVOLUTION.format(channels=3, units=4, more="")))
    assert found["x"].latex() == (
        r"\frac{\partial L}{\partial x_{ncij}} = \sum_{o, p, q} W^{y}_{ocpq} "
        r"\frac{\partial L}{\partial y_{n, o, i + 1 - p, j + 1 - q}}"
    )
    assert found["y.W"].latex() == (
        r"\frac{\partial L}{\partial W^{y}_{ocpq}} = \sum_{n, u, v} "
        r"x_{n, c, p + u - 1, q + v - 1} \frac{\partial L}{\partial y_{nouv}}"
    )


@pytest.mark.parametrize(
    "more", ["", ", stride=2", ", stride=2, k=2, pad=0", ", dilation=2", ", groups=2", ", stride=3, k=5"]
)
def test_the_formulas_of_a_convolution_say_what_is_calculated(more: str) -> None:
    text = CONVOLUTION.format(channels=2, units=2, more=more).replace("8, 8", "5, 5")
    text = text.replace("output y", "minimize sum(n, o, u, v: y[n, o, u, v]**2*(1 + u))")
    assert not list(differing(gradients(network_of(text), ["x", "y.W", "y.b"])))


def test_an_output_that_is_read_elsewhere_has_a_gradient_of_its_own() -> None:
    spec = "input x[N, 3]\nparam w[i: 3] ~ ones\nh[n, i] = tanh(x[n, i]*w[i])\ny[n] = sum(i: h[n, i]**2)\noutput h, y\n"
    assert lines(spec, "w") == [
        "dw[i] = sum(n: x[n, i]*(1 - h[n, i]**2)*(grad_h[n, i] + 2*h[n, i]*dy[n]))",
    ]


def test_conditions_are_put_right() -> None:
    spec = """
input x[N, 3]
param b[i: 3] ~ zeros
y[n, i] = relu(x[n, i] + b[i])
minimize sum(n, i: y[n, i]**2)/2
"""
    assert lines(spec) == ["db[i] = sum(n if y[n, i] > 0: y[n, i])"]


def test_a_recurrence_runs_backwards() -> None:
    spec = """
input x[T]
param u ~ constant(0.5)
h[t] = tanh(x[t] + u*(h[t-1] else 0))
minimize h[T-1]
"""
    assert lines(spec) == [
        "dh[t] = where(t < T - 1, u*dh[t + 1]*(1 - h[t + 1]**2), 0) + δ(t, T - 1)",
        "du = sum(t: dh[t]*(h[t - 1] else 0)*(1 - h[t]**2))",
    ]


# --- LaTeX and matrices ----------------------------------------------------------------------------


def test_latex() -> None:
    found = gradients(example("digits_by_hand"))
    assert found["z"].latex() == r"\frac{\partial L}{\partial z_{nc}} = \frac{p_{nc} - \delta_{c, y_{n}}}{N}"
    assert found["W1"].expanded.latex() == (
        r"\frac{\partial L}{\partial W^{(1)}_{ij}} = \frac{1}{N} \sum_{n} x_{ni} \left(1 - a_{nj}^{2}\right) "
        r"\sum_{c} W^{(2)}_{jc} \left(p_{nc} - \delta_{c, y_{n}}\right)"
    )
    assert found["b2"]._repr_latex_().startswith(r"$\displaystyle \frac{\partial L}{\partial b^{(2)}_{c}} = \sum_{n}")
    assert found.latex().startswith("\\begin{aligned}\n")
    assert found.latex().count(" &= ") == 7


def test_matrix_form() -> None:
    assert gradients(example("digits_by_hand")).listing("matrix").split("\n") == [
        "dz     = (p - onehot(y))/N",
        "db2    = 1ᵀ dz",
        "dW2    = aᵀ dz",
        "da     = dz W2ᵀ",
        "da_sum = da ∘ (1 - a∘a)",
        "db1    = 1ᵀ da_sum",
        "dW1    = xᵀ da_sum",
    ]
    assert gradients(example("digits_by_hand"))["W2"].matrix_form().latex == (
        r"\frac{\partial L}{\partial W^{(2)}} = a^{\top} \frac{\partial L}{\partial z}"
    )
    assert gradients(example("formula"))["A"].matrix_form() is None


# --- errors, and speed -----------------------------------------------------------------------------


def test_names_without_a_gradient() -> None:
    found = gradients(example("digits_by_hand"))
    with pytest.raises(UsageError, match="did you mean 'loss'"):
        found["los"]
    with pytest.raises(UsageError, match="'y' holds integers"):
        found["y"]
    with pytest.raises(UsageError, match="no tensor 'q'"):
        gradients(example("digits_by_hand"), ["q"])
    assert found.get("q") is None
    with pytest.raises(UsageError, match="minimises nothing"):
        gradients(network_of("input x[N] < 3\noutput x\n"))


def test_paths_do_not_count() -> None:
    found = gradients(example("path_blowup"))
    assert found["x"].formula == "dx = dh1*(2*cos(h0) + right1**2 - 1)"
    assert len(found.lines) < 60


# --- small things ----------------------------------------------------------------------------------


def test_a_delta_behind_a_condition_is_eliminated() -> None:
    """Cholesky factors: only the diagonal of dL comes through the exponential."""
    found = gradients(example("structured"))
    assert found["F"].formula == "dF[i, j] = F_exp[i]*dL[i, i]*δ(i, j) + where(j < i, dL[i, j], 0)"


def test_an_index_has_no_number_without_need() -> None:
    found = gradients(example("structured"))
    assert found["M"].formula == "dM[i, j] = mask[i, j]*sum(n: dmixed[n, i]*x[n, j])"
    assert gradients(example("linear_classifier"), ["z"])["z"].formula == "dz[k] = p[k]*sum(k2: t[k2]) - t[k]"


def test_small_numbers_are_powers_of_ten() -> None:
    text = "input x[N, 4]\ny = layer_norm(x)\nminimize mean(n, c: (c + 1)*y[n, c])\n"
    found = gradients(network_of(text))
    power = next(f for f in found.lines if f.name.endswith("_power"))
    assert power.formula.endswith("y.v[n] + 1e-5)") and "10^{-5}" in power.latex()
