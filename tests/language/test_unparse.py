"""Syntax trees as text: parsing the text gives the tree again."""

import re
from dataclasses import fields, is_dataclass
from fractions import Fraction
from pathlib import Path

import pytest

from symnet.errors import Place, Source
from symnet.language.parse import parse
from symnet.language.unparse import decimal, to_text

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("symnet/library/*.sym"), *ROOT.glob("examples/*.sym")])
BLOCKS = re.findall(r"```sym\n(.*?)```", (ROOT / "docs" / "language.md").read_text(encoding="utf-8"), re.DOTALL)

# Statements as the printer writes them.
LINES = """
input x
input y[N, 2*k + 1] < 10
input p[N] ~ uniform(0.1, 1)
param W[i: 64, j] ~ he_normal(fan_in=C*k*k)
random u[n: N] ~ normal
const widths = [64, 32]
const third = 1/3
example N = 4
y = x
y[n, (c, i)] = x[n, c, i]
y[n, (i, p: 2)] = x[n, i]
y[j: 0..8] = x[j]
m' = 0.9*m + 0.1*b
m'[c] = m'[c]
h, last = lstm(x, 8, k=f(a=1))
y[idx[n]] += -x[n]
z = a - (b - c) - d
z = a + (b + c)
z = a*b/c*d
z = a/(b*c)
z = a//b % c*d
z = a*(-b)
z = -a*b
z = -(a*b)
z = -a**2
z = (-a)**2
z = a**(-b)
z = a**b**c
z = (a**b)**c
z = 2**(-1)
z = (a + b)**(1/2)
z = --a
z = +a - -b
z = a < b and not c == d or e
z = (a or b) and c
z = not (a and b)
z = (not a) == (b < c)
z = x[i - 1] else 0
z = (x[i - 1] else -1)*x[i]
z = (x[i] else y[i])**2
z = x[i] else (y[i] else 0)
z = x[i] else (a + b)
z = x[i] else -(a**2)
z = f(x[i] else 0, ...)
z = sum(i, j: a[i]*b[j] + 1) + c
z = max(p < k + 1, t: 1..T if t < len[n] and p: x[p, t])
z = sum(...: x[...]**2)
z = sum(p in weights: l2(p))
z = h{l + 1}.dense2.W{k}[n]
z = inf
output a, m', h{1}.b
metric right = mean(n: argmax(c: z[n, c]) == y[n])
minimize a
minimize a + b with adam(rate=1e-7) over enc.*, b
function f(x, k=1) = k*x
layer f(x[..., i: I], g=tanh) = sum(i: x[..., i])
"""

BLOCK = """\
network all

# Says what it does.
#
#   indented
layer f(x[n, i: I], k=3) -> y[n], z:
    param W[i] ~ zeros
    if training and k > 2:
        for l in 0..k - 1:
            h{l} = x
    else if k == 1:
        a = 1
    else:
        a = 2
    y[n] = a

optimizer g(p[...], g[...], rate):
    p' = p - rate*g

const a = 1
example N = 2

input x[N]

if a:
    y = 1

y = 2
"""


def bare(node):
    """The node without its places."""
    if isinstance(node, tuple):
        return tuple(bare(item) for item in node)
    if not is_dataclass(node):
        return node
    values = [getattr(node, item.name) for item in fields(node)]
    return (type(node).__name__, *(bare(value) for value in values if not isinstance(value, Place | Source)))


def parsed(text):
    return parse(Source("test", text))


@pytest.mark.parametrize("text", [*(path.read_text(encoding="utf-8") for path in FILES), *BLOCKS])
def test_round_trip(text):
    spec = parsed(text)
    again = parsed(to_text(spec))
    assert bare(again) == bare(spec)
    assert to_text(again) == to_text(spec)


@pytest.mark.parametrize("line", LINES.strip().split("\n"))
def test_written_as_usual(line):
    assert to_text(parsed(line + "\n")) == line + "\n"


def test_blocks_and_groups():
    assert to_text(parsed(BLOCK)) == BLOCK


def test_brackets_that_are_not_needed_go():
    assert to_text(parsed("z = ((a)*(b)) + (c**(d))\n")) == "z = a*b + c**d\n"


NUMBERS = {
    "0.1": "0.1",
    "1.0": "1.0",
    "1e3": "1000.0",
    "2.50": "2.5",
    "1e-7": "1e-7",
    "0.000012": "0.000012",
    "0.0": "0.0",
    "123e-9": "1.23e-7",
    "1e-400": "1e-400",
    "1.5e300": "1.5e300",
    "7e15": "7000000000000000.0",
    "12345678901234567890.5": "12345678901234567890.5",
}


@pytest.mark.parametrize("text", NUMBERS)
def test_decimals_are_exact(text):
    assert decimal(Fraction(text)) == NUMBERS[text]
    assert bare(parsed(to_text(parsed(f"z = {text}\n")))) == bare(parsed(f"z = {text}\n"))
