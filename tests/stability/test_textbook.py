"""Formulas as textbooks have them: the emitted module is right where they break, in both precisions.

Each is a network over one parameter v[i: 4], which stands at ±1000, at equal values, at 0 and at 1e-8 among others.
"""

from __future__ import annotations

import pytest

from symnet.compile import module_of
from symnet.stability import stability
from symnet.stability.certificate import Certificate
from tests.support import network_of

SOFTMAX = "p[i] = exp(v[i])/sum(k: exp(v[k]))\n"
FORMULAS = {
    "softplus": "minimize sum(i: log(1 + exp(v[i])))",
    "softplus, the other log": "minimize sum(i: log1p(exp(v[i])))",
    "softplus, sharp": "minimize sum(i: log(1 + exp(5*v[i]))/5)",
    "log of a sigmoid": "minimize sum(i: log(sigmoid(v[i])))",
    "log of 1 less a sigmoid": "minimize sum(i: log(1 - sigmoid(v[i])))",
    "logistic": "minimize sum(i: (i + 1)*exp(v[i])/(1 + exp(v[i])))",
    "logistic with another constant": "minimize sum(i: (i + 1)*exp(v[i])/(2 + 3*exp(v[i])))",
    "cross-entropy of probabilities": "p[i] = sigmoid(v[i])\nminimize mean(i: -0.3*log(p[i]) - 0.7*log(1 - p[i]))",
    "cross-entropy in three lines": """
p[i] = 1/(1 + exp(-v[i]))
q[i] = 1 - p[i]
minimize mean(i: -0.3*log(p[i]) - 0.7*log(q[i]))""",
    "log-odds": "p[i] = sigmoid(v[i])\nminimize sum(i: (i + 1)*log(p[i]/(1 - p[i])))",
    "focal": "p[i] = sigmoid(v[i])\nminimize mean(i: -(1 - p[i])**2*log(p[i]))",
    "tanh by exponentials": "minimize sum(i: (i + 1)*(exp(v[i]) - exp(-v[i]))/(exp(v[i]) + exp(-v[i])))",
    "tanh in three lines": """
a[i] = exp(v[i])
b[i] = exp(-v[i])
minimize sum(i: (i + 1)*(a[i] - b[i])/(a[i] + b[i]))""",
    "tanh by one exponential": "minimize sum(i: (i + 1)*(exp(2*v[i]) - 1)/(exp(2*v[i]) + 1))",
    "log cosh": "minimize sum(i: log(cosh(v[i])))",
    "log cosh by exponentials": "minimize sum(i: log((exp(v[i]) + exp(-v[i]))/2))",
    "1/cosh": "minimize sum(i: 1/cosh(v[i]))",
    "log of 1 less tanh squared": "a[i] = tanh(v[i])\nminimize sum(i: log(1 - a[i]**2))",
    "swish": "minimize sum(i: v[i]/(1 + exp(-v[i])))",
    "three exponentials": "minimize sum(i: log(exp(v[i]) + 2*exp(-v[i]) + 1))",
    "softmax, sharp": "p[i] = exp(v[i]/0.1)/sum(k: exp(v[k]/0.1))\nminimize -log(p[1])",
    "softmax with a constant": "minimize sum(i: (i + 1)*exp(v[i])/(1 + sum(k: exp(v[k]))))",
    "softmax with eps": "minimize sum(i: (i + 1)*exp(v[i])/(sum(k: exp(v[k])) + 0.000001))",
    "softmax over two axes": """
z[i, j: 3] = v[i]*(j + 1)
p[i, j] = exp(z[i, j])/sum(a, b: exp(z[a, b]))
minimize sum(i, j: p[i, j]*(i + 2*j))""",
    "entropy": SOFTMAX + "minimize -sum(i: p[i]*log(p[i]))",
    "entropy, guarded": SOFTMAX + "minimize -sum(i: where(p[i] > 0, p[i]*log(p[i]), 0))",
    "divergence of two softmaxes": SOFTMAX
    + """
q[i] = exp(-v[i])/sum(k: exp(-v[k]))
minimize sum(i: p[i]*log(p[i]/q[i]))""",
    "log of 1 less a softmax": SOFTMAX + "minimize -log(1 - p[0]/2)",
    "log-mean-exp": "minimize log(mean(i: exp(v[i])))",
    "log of a weighted sum": "w[i] = (i + 1)/10\nminimize log(sum(i: w[i]*exp(v[i])))",
    "log of a sum over divisors": "minimize log(sum(i: exp(v[i])/(i + 1)))",
    "a difference of log-sum-exp": "minimize log(sum(i: exp(v[i]))) - log(sum(i: exp(-v[i])))",
    "contrastive": "minimize -log(exp(v[0])/(exp(v[0]) + exp(v[1]) + exp(v[2])))",
    "contrastive with a sum": "s = sum(k: exp(v[k]))\nminimize -log(exp(v[0])/(exp(v[0]) + s))",
    "triplet": "minimize log(1 + exp(v[0] - v[1]))",
    "log of a product of densities": "minimize log(prod(i: exp(-v[i]**2/2)/sqrt(2*3.14)))",
    "log of a product of probabilities": "minimize -log(prod(i: sigmoid(v[i])))",
    "a narrow normal density": "minimize -mean(i: log(exp(-v[i]**2/(2*1e-6))/sqrt(2*3.14*1e-6)))",
    "a mixture of narrow densities": """
w[k: 3] = (k + 1)/6
l[i, k] = w[k]*exp(-(v[i] - k)**2/(2*0.01))/sqrt(2*3.14*0.01)
q[i] = sum(k: l[i, k])
minimize -mean(i: log(q[i]))""",
    "responsibilities": """
g[i, k: 3] = exp(-(v[i] - k)**2)
r[i, k] = g[i, k]/sum(j: g[i, j])
minimize sum(i, k: r[i, k]*k)""",
    "Student's t": "minimize mean(i: log(1 + v[i]**2/3))",
    "pseudo-Huber": "minimize sum(i: sqrt(1 + v[i]**2) - 1)",
    "x log x": "minimize sum(i: where(v[i] > 0, v[i]*log(v[i]), 0))",
    "a norm": "minimize sqrt(sum(i: v[i]**2))",
    "a deviation": "m = mean(i: v[i])\nminimize sqrt(mean(i: (v[i] - m)**2))",
    "distances": "d[i, j] = sqrt((v[i] - v[j])**2)\nminimize sum(i, j: d[i, j]*(i + 2*j))",
    "distances in the plane": "d[i, j] = sqrt((v[i] - v[j])**2 + (2*v[i] - 2*v[j])**2)\nminimize sum(i, j: d[i, j])",
    "a p-norm": "minimize sum(i: abs(v[i])**3)**(1/3)",
    "a root of absolute values": "minimize sum(i: sqrt(abs(v[i])))",
    "a guarded unit vector": """
s = sum(i: v[i]**2)
u[i] = where(s > 0, v[i]/sqrt(s), 0)
minimize sum(i: (i + 1)*u[i])""",
    "standardised": """
m = mean(i: v[i])
s = sqrt(mean(i: (v[i] - m)**2) + 0.00001)
minimize sum(i: (i + 1)*(v[i] - m)/s)""",
    "cosine of a vector and eps": """
w[i] = i + 1
n = sqrt(sum(i: v[i]**2))
minimize sum(i: v[i]*w[i])/max(n, 0.00000001)""",
    "log of a maximum": "minimize sum(i: log(max(v[i], 0.001)))",
    "a guarded quotient in two lines": "r[i] = 1/v[i]\nminimize sum(i: where(v[i] == 0, 0, r[i]))",
    "a guarded logarithm in three lines": """
l[i] = log(v[i])
m[i] = l[i]*v[i]
minimize sum(i: where(v[i] > 0, m[i], 0))""",
}
# The same formula cannot be saved everywhere: these have findings, as docs/stability.md says.
UNSAFE = {
    "sinc": "minimize sum(i: where(v[i] == 0, 1, sin(v[i])/v[i]))",
    "(exp(x) - 1)/x": "minimize sum(i: where(v[i] == 0, 1, (exp(v[i]) - 1)/v[i]))",
    "a tower": "minimize sum(i: exp(-exp(v[i])))",
}


def certificate(formula: str) -> Certificate:
    return stability(network_of(f"param v[i: 4] ~ normal\n{formula}\n"), module_of)


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_a_formula_is_safe(formula: str) -> None:
    found = certificate(formula)
    assert found.ok, str(found)
    assert {"as drawn", "parameters ±1000", "parameters 0"} <= {test.point for test in found.tests if test.word == "ok"}


@pytest.mark.parametrize("formula", UNSAFE.values(), ids=UNSAFE)
def test_what_is_not_safe_is_found(formula: str) -> None:
    assert not certificate(formula).ok


MASKED = """
input x[n: 3, t: 4] ~ uniform(-2, 2)
input mask[n, t]
input keep[n, t] < 2
param w[t] ~ ones
s[n, t, u: 4] = x[n, t]*x[n, u]*w[t] + mask[n, u]
{equations}
minimize sum(n, t, u: p[n, t, u]*x[n, u])
"""
ATTENTION = {
    "a guard on the maximum": """
q[n, t, u] = exp(s[n, t, u])/sum(r: exp(s[n, t, r]))
p[n, t, u] = where(max(r: mask[n, r]) > -inf, q[n, t, u], 0)""",
    "a guard on the sum": """
e[n, t, u] = exp(s[n, t, u])
z[n, t] = sum(r: e[n, t, r])
p[n, t, u] = where(z[n, t] > 0, e[n, t, u]/z[n, t], 0)""",
    "weights times a mask of integers": """
e[n, t, u] = keep[n, u]*exp(x[n, t]*x[n, u]*w[t]*100)
p[n, t, u] = e[n, t, u]/(sum(r: e[n, t, r]) + 0.000001)""",
    "a softmax of weights times a mask of integers": """
e[n, t, u] = keep[n, u]*exp(x[n, t]*x[n, u]*w[t]*100)
z[n, t] = sum(r: e[n, t, r])
p[n, t, u] = where(z[n, t] > 0, e[n, t, u]/z[n, t], 0)""",
    "weights times a mask": """
e[n, t, u] = exp(x[n, t]*x[n, u]*w[t]*100)*where(mask[n, u] > -inf, 1, 0)
p[n, t, u] = e[n, t, u]/(sum(r: e[n, t, r]) + 0.000001)""",
}


@pytest.mark.parametrize("equations", ATTENTION.values(), ids=ATTENTION)
def test_a_mask_of_minus_infinity_is_safe(equations: str) -> None:
    """Given as data, with a row that has nothing else."""
    found = stability(network_of(MASKED.format(equations=equations)), module_of)
    assert found.ok, str(found)
    assert {test.word for test in found.tests if test.point == "inputs -inf"} <= {"ok", "absolute"}
