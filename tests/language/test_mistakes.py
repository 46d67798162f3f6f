"""Wrong specs: each gets one clear error with its place, within a second."""

import time

import pytest

from symnet.errors import SpecError, SpecErrors
from tests.language.written import network_of

HEAD = "input x[N, 8]\ninput l[N] < 10\n"

# Statements after HEAD; what the message says; the text that the place points at.
MISTAKES = {
    # names
    "unknown tensor": ("y[n] = foo[n]", "unknown name 'foo'", "foo"),
    "nearest name": ("hidden = x\ny = hiden", "did you mean 'hidden'?", "hiden"),
    "unknown in a call": ("h = dense(x, 3)\ny[n] = x[n, 0]*h.V[0, 0]", "unknown name 'h.V'", "h.V"),
    "keyword of Python": ("lambda[n] = x[n, 0]", "'lambda' is a keyword of Python", "lambda"),
    "word of the language": ("exp[n] = x[n, 0]", "'exp' is a word of the language", "exp"),
    "keyword of the language": ("param input[3] ~ zeros", "expected", "input"),
    "leading underscores": ("__import__ = x", "a name begins with a letter", "__import__"),
    "full-width letters": ("ｘ = x", "", "ｘ"),
    "tensor twice": ("W = x\nparam W[3] ~ zeros", "'W' is defined twice", "param W[3] ~ zeros"),
    "constant twice": ("const k = 1\nconst k = 2", "'k' is defined twice", "const k = 2"),
    "tensor as constant": ("const k = 1\nk = x", "'k' is a constant or a size already", "k"),
    "layer twice": ("function f(a) = a\nfunction f(b) = b", "'f' is defined twice", "f"),
    "name of a call's tensor": ("h = dense(x, 3)\nh.W = x", "belongs to a layer call", "h.W"),
    "negative number in a name": ("for i in 0..1:\n    h{i - 1} = x", "the number in braces is at least 0", "h{i - 1}"),
    "function as value": ("y[n] = relu", "'relu' is a function", "relu"),
    "scope of a function": ("function f(a) = a + c\ny[n] = f(x[n, 0])", "unknown name 'c'", "c"),
    "scope of a layer": (
        "const c = 1\nlayer f(x[...]) -> y[...]:\n    y[...] = c*x[...]\nz = f(x)",
        "unknown name 'c'",
        "c",
    ),
    # indices
    "rank": ("y[n] = x[n]", "'x' has 2 dimensions, and 1 index here", "x[n]"),
    "rank of a call's tensor": ("h = dense(x, 3)\ny[n] = h.W[0]*x[n, 0]", "write h.W[i, o]", "h.W[0]"),
    "bare tensor in an indexed formula": ("z = x\ny[n, k] = x[n, k] + z", "write z[n, i]; nothing is broadcast", "z"),
    "whole tensors of different rank": ("y = x + W\nparam W[3] ~ zeros", "W has the shape [3]", "W"),
    "whole tensors of different shape": ("param W[7] ~ zeros\nparam V[8] ~ zeros\ny = W + V", "7 values", "V"),
    "free index missing on the left": ("y[n] = x[n, i]", "'i' is neither on the left nor bound", "i"),
    "bound index outside": ("y[n] = sum(i: x[n, i]) + x[n, i]", "outside of the reduction that binds it", "i"),
    "index with a tensor's name": ("y[n, x] = 1", "an index may not bear the name of the tensor 'x'", "x"),
    "binder with a size's name": ("y[n] = sum(N: x[n, 0])", "an index may not bear the name of the size 'N'", "N"),
    "binder with a constant's name": ("const k = 3\ny[n] = sum(k: x[n, k])", "name of the constant 'k'", "k"),
    "index twice on the left": ("y[n, n] = x[n, 0]", "'n' stands twice on the left", "n"),
    "formula on the left": ("y[n, 2*i] = x[n, i]", "the left side takes plain indices", "2*i"),
    "range in a read": ("y[n] = x[n, i: 3]", "a read takes plain indices", "i: 3"),
    "real index": ("y[n] = x[n, 0.5]", "an index must be an integer", "x[n, 0.5]"),
    "real tensor as index": ("c[n] = x[n, 0]\ny[n] = x[n, c[n]]", "an index must be an integer", "x[n, c[n]]"),
    "divided index": ("y[n, j: 4] = x[n, j/2]", "an index must be an integer", "x[n, j/2]"),
    "unbound run": ("y[n] = x[n, ...]", "`...` stands for nothing here", "..."),
    "run twice on the left": ("y[..., ...] = x[...]", "`...`", "..."),
    # extents
    "extents in conflict": (
        "y[n, i] = x[n, i] + W[i, 0]\nparam W[7, 2] ~ zeros",
        "the index 'i' has 8 values, from dimension 2 of x[N, 8], and dimension 1 of W[7, 2] has 7",
        "W[i, 0]",
    ),
    "given extent in conflict": ("y[n, i: 4] = x[n, i]", "to take a part of it, give a range: i: 0..4", "x[n, i]"),
    "read out of range": ("y[n, i: 8] = x[n, i - 1]", "x[…] reaches -1..6 in its dimension 2", "x[n, i - 1]"),
    "number out of range": ("y[n] = x[n, 8]", "which holds 0..7", "x[n, 8]"),
    "negative number": ("y[n] = x[n, -1]", "reaches -1..-1", "x[n, -1]"),
    "out of range at every size": ("y = x[N, 0]", "reaches N..N in its dimension 1, which holds 0..N - 1", "x[N, 0]"),
    "scatter out of range": ("y[i: 8] = 0\ny[a + b] += x[0, a]*x[0, b]", "a scatter must stay inside", "y[a + b] +="),
    "undetermined index": ("y[n, u] = x[n, 0]", "nothing tells how many values the index 'u' has", "y[n, u] = x[n, 0]"),
    "two undetermined": ("y[n, u] = sum(p: x[n, 2*u + p])", "nothing tells how many values the index 'u'", "y["),
    "window larger than the tensor": ("y[u] = sum(p < 9: x[0, u + p])", "'u' has 0 values", "x[0, u + p]"),
    "two bounds": (
        "input z[M]\ny[u] = x[u + 1, 0] + z[u + 2]",
        "it cannot be told which is less",
        "x[u + 1, 0]",
    ),
    "split that leaves a rest": ("y[n, h: 3, k] = x[n, (h, k)]", "3 does not divide 8", "x[n, (h, k)]"),
    "size that leaves a rest": ("const D = 10\nparam W[D/3] ~ zeros", "sizes and constants: 10/3", "D/3"),
    "index without extent": ("param W[o] ~ zeros", "the index 'o' has no extent yet", "o"),
    "unknown size": ("param W[D] ~ zeros", "unknown size 'D'", "D"),
    "parameter of unknown size": ("param W[N] ~ zeros", "known only at run time", "param W[N] ~ zeros"),
    "size in a formula only": ("input z[2*M]", "the size 'M' has no value yet", "M"),
    "size in a product only": ("input z[(M, 2)]", "the size 'M' gets no value", "M"),
    "size zero": ("param W[0] ~ zeros", "a size must be at least 1, and this is 0", "0"),
    "huge size": ("param W[10**15] ~ zeros", "at most 2**40", "10**15"),
    "huge number": ("const b = 10**10**10", "a power too large to calculate with", "10**10**10"),
    "huge product": ("const a = 10**1000\nconst b = a*a", "a number too large", "a*a"),
    "division by zero": ("y[n] = x[n, 0]*(1/0)", "a division by zero", "1/0"),
    # equations
    "cycle": ("a = b + 1\nb = a + 1", "a cycle without a recurrence: a <- b <- a", "a = b + 1"),
    "indexed cycle": ("a[n] = b[n]*2\nb[n] = a[n] + x[n, 0]", "a <- b <- a", "b[n]"),
    "reads itself": ("a[n] = a[n] + x[n, 0]", "'a' reads itself, and not at a constant distance", "a[n]"),
    "distance not constant": ("h[t: 8] = (h[t//2 - 1] else 0) + 1", "not at a constant distance", "h[t//2 - 1]"),
    "both directions": ("h[t: 8] = (h[t-1] else 0) + (h[t+1] else 0)", "constant distance along one index", "h["),
    "gap": ("y[n, i: 0..4] = x[n, i]\ny[n, i: 5..8] = x[n, i]", "no equation defines 4..5 of dimension 2", "y"),
    "overlap": ("y[n, i: 0..5] = x[n, i]\ny[n, i: 4..8] = x[n, i]", "two equations define the same part", "y"),
    "defined twice": ("y[n] = x[n, 0]\ny[n] = x[n, 1]", "two equations define the same part of 'y'", "y[n] = x[n, 1]"),
    "scalar twice": ("y = 1\ny = 2", "'y' is defined twice", "y = 2"),
    "ranges in no order": ("input z[M]\ny[i: 0..N] = x[i, 0]\ny[i: N..M] = z[i]", "which of the ranges of 'y'", "y"),
    "starts late": ("y[n, i: 2..8] = x[n, i]", "nothing defines a part of dimension 2", "y[n, i: 2..8]"),
    "scatter without base": ("y[l[n]] += x[n, 0]", "'y' has no base value", "y[l[n]]"),
    "prime of no state": ("m' = x", "m' is the next value of a state, and 'm' is none", "m'"),
    "shape of the next state": (
        "state m[3] ~ zeros\nm'[i] = x[0, i]",
        "dimension 1 of m'[3], and dimension 2 of x[N, 8] has 8",
        "x[0, i]",
    ),
    "too many elements": ("y[n, i: 2**30, j: 2**20] = x[n, 0]", "2**48 elements", "y[n, i: 2**30, j: 2**20]"),
    # calls
    "unknown layer": ("h = dens(x, 3)", "did you mean 'dense'?", "dens"),
    "unknown argument": ("h = dense(x, unit=3)", "dense has no argument 'unit'", "unit=3"),
    "argument twice": ("h = dense(x, 3, units=4)", "the argument 'units' is given twice", "units=4"),
    "argument missing": ("h = dense(x)", "dense needs 'units'", "dense(x)"),
    "arguments too many": ("y[n] = relu(x[n, 0], 3)", "relu takes one argument, and 2 are given", "3"),
    "arguments of a built-in": ("y[n] = where(x[n, 0] > 0, 1)", "where takes 3 arguments, and 2 are given", "where("),
    "tensor for a constant": ("h = dense(x, x)", "'units' of dense is a constant or a function", "x"),
    "constant for a tensor": ("h = dense(3, 3)", "dense takes x with 1 or more dimensions", "3"),
    "indexed argument": ("h = dense(x[n, 0], 3)", "name it first, as in z[n, k] = …", "n"),
    "results too many": ("h, g = dense(x, 3)", "dense gives 1 result, and 2 are taken", "dense(x, 3)"),
    "several results of a formula": ("h, g = x", "several targets without a layer call", "h, g = x"),
    "shared parameters that do not fit": (
        "h = dense(x, 4)\nk = dense(x, 5, params=h)",
        "h.W[8, 4] cannot be shared: here its shape is [8, 5]",
        "dense(x, 5, params=h)",
    ),
    "parameters of no call": ("h = x\nk = dense(x, 5, params=h)", "'h' is no layer call", "params=h"),
    "parameters of another layer": (
        "h = layer_norm(x)\nk = dense(x, 8, params=h)",
        "those of another layer, layer_norm",
        "dense(x, 8, params=h)",
    ),
    "sizes that differ": (
        "layer f(x[n, d], y[n, d]) -> z[n]:\n    z[n] = sum(d: x[n, d]*y[n, d])\ninput w[N, 9]\nh = f(x, w)",
        "d is 8 in dimension 2 of x[N, 8], and 9 in dimension 2 of w[N, 9]",
        "w",
    ),
    "runs that differ": (
        "layer f(a[...], b[...]) -> z[...]:\n    z[...] = a[...]*b[...]\nh = f(x, l)",
        "`...` stands for 2 dimensions of the first argument and 1 of l[N]",
        "l",
    ),
    "result not defined": ("layer g(x[n]) -> y[n]:\n    z[n] = x[n]\nh = g(l)", "does not define its result 'y'", "y"),
    "endless layers": ("layer f(x[...]) -> y[...]:\n    y = f(x)\nh = f(x)", "more than 40 deep", "y = f(x)"),
    "doubling layers": ("layer f(x[...]) -> y[...]:\n    y = f(x) + f(x)\nh = f(x)", "more than 40 deep", "f(x)"),
    "endless function": ("function f(a) = f(a)\ny[n] = f(x[n, 0])", "nested more than 150 operations deep", "f(a)"),
    "doubling function": ("function f(a) = f(a) + f(a)\ny[n] = f(x[n, 0])", "operations", "f(a)"),
    "reduction without an index": ("y[n] = mean(x[n, 0])", "mean needs the indices that it runs over", "mean("),
    "unknown collection": ("y = sum(p in paramz: 1)", "no collection of parameters", "paramz"),
    "sum over parameters that depends on them": (
        "layer f(x[i]) -> y[i]:\n    param w ~ zeros\n    y[i] = x[i]*w\nt[i: 2] = sum(p in params: 1)\nh = f(2*t)",
        "the parameter 'h.w' comes after parameters were summed",
        "param w",
    ),
    "layer in a function": ("function f(a) = softmax(a)\ny[n] = f(x[n, 0])", "'softmax' cannot be called", "softmax"),
    # compile time
    "if at run time": ("if N > 3:\n    y = x", "the condition of an if is known when compiled", "N > 3"),
    "if on a tensor": ("if x:\n    y = x", "", "x"),
    "endless loop": ("for i in 0..10**9:\n    a{i} = x", "a loop of more than 50000 rounds", "for i in 0..10**9:"),
    "loops in loops": (
        "for i in 0..1000:\n    for j in 0..1000:\n        if 0:\n            a = x",
        "the spec grows to more than 50000 statements",
        "",
    ),
    "list as a number": ("const a = [1, 2]\ny[n] = x[n, a]", "a is a list of 2, no number", "a"),
    "outside of a list": ("const a = [1, 2]\ny[n] = x[n, a[2]]", "2 is not among 0..2", "2"),
    "constant of a tensor": ("const a = x", "this is not known when the spec is compiled", "x"),
    # goals
    "unknown output": ("output zz", "unknown name 'zz'", "zz"),
    "constant as output": ("const c = 1\noutput c", "c is no tensor", "c"),
    "objective of several numbers": ("minimize x", "what is minimised is one number", "minimize x"),
    "objective without gradient": ("minimize sum(n: l[n])", "an integer and has no gradient", "minimize"),
    "two objectives": ("a = sum(n: x[n, 0])\nminimize a\nminimize 2*a", "there is one minimize", "minimize 2*a"),
    "metric of several numbers": ("metric m = x", "the metric 'm' is one number", "metric m = x"),
    "unknown optimizer": ("minimize mean(n: x[n, 0]) with adm(rate=1)", "did you mean 'adam'?", "adm"),
    "optimizer without its rate": ("minimize mean(n: x[n, 0]) with sgd", "sgd needs 'rate'", "sgd"),
    "rate that is a tensor": ("minimize mean(n: x[n, 0]) with sgd(rate=x)", "is a number or an optimiser", "x"),
    "over nothing": ("minimize mean(n: x[n, 0]) over g.*", "g.* has no parameters", "g"),
    "over a call": ("h = dense(x, 1)\nminimize mean(n: h[n, 0]) over h", "all parameters of the call are h.*", "h"),
    "example of no size": ("example M = 3", "'M' is no size", "example M = 3"),
    "unknown initialiser": ("param W[3] ~ zero", "did you mean 'zeros'?", "zero"),
    "random state": ("state s[8] ~ normal", "normal is nothing for a state", "normal"),
    "initialiser without its number": ("param W[3] ~ constant", "constant needs its value", "constant"),
    "deviation below zero": ("param W[3] ~ normal(std=-1)", "a standard deviation below 0", "normal(std=-1)"),
    "drawn integers": ("input k[N] < 3 ~ uniform(0, 3)", "an integer input is drawn from 0", "uniform(0, 3)"),
    # syntax
    "missing bracket": ("y[n = x[n, 0]", "", ""),
    "nested too deep": ("y = " + "("*10_000 + "1" + ")"*10_000, "nested", ""),
    "signs without end": ("y = " + "-"*4_000 + "1", "nested more than", ""),
    "no reduction": ("y = summ(i: x[0, i])", "'summ' is no reduction", "summ"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "message", "pointed"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_clearly(text, message, pointed):
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        network_of(HEAD + text)
    assert time.process_time() - start < 3
    error = caught.value.errors[0] if isinstance(caught.value, SpecErrors) else caught.value
    assert message in str(error)
    assert error.place is not None
    line = error.place.source.line(error.place.line)
    assert line[error.place.column - 1 :].startswith(pointed)
    assert "Traceback" not in str(error) and len(str(error)) < 2000


def test_the_table_is_long_enough():
    assert len(MISTAKES) > 100


def test_several_mistakes_are_told_in_one_run_and_each_once():
    text = "input x[N]\na[n] = foo[n]\nb = a + 1\nc[n] = b[n] + bar\nd[n] = x[n, 0]\n"
    with pytest.raises(SpecErrors) as caught:
        network_of(text)
    assert [error.place.line for error in caught.value.errors] == [2, 4, 5]


def test_a_mistake_in_a_layer_names_the_call():
    text = "layer f(x[n]) -> y[n]:\n    y[n] = x[n] + z\ninput x[N]\nh = f(x)\n"
    with pytest.raises(SpecError) as caught:
        network_of(text)
    assert (caught.value.place.line, caught.value.also.line) == (2, 4)


def test_a_million_letters_are_refused_at_once():
    start = time.process_time()
    with pytest.raises(SpecError, match="256 kB"):
        network_of("a = 1\n" * 10_000_000)
    assert time.process_time() - start < 2
