"""The further functions of a module: against the interpreter, float32 and float64, and their check against mistakes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import numpy as np
import pytest

from symnet.check import check_module
from symnet.cli import main
from symnet.compile import Compiled, compile_spec, imported, load, network
from symnet.contract import Contract
from symnet.ir.interpret import interpret
from symnet.passes.derivatives import derivatives

SPEC = """
network further
example N = 5
input x[N, 2]
input y[N] < 3
param W[i: 2, h: 3] ~ normal
param b[h: 3] ~ normal
param V[h: 3, c: 3] ~ normal
param s ~ normal
a[n, h] = tanh(b[h] + sum(i: x[n, i]*W[i, h]))
z[n, c] = s**2*sum(h: a[n, h]*V[h, c])
p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
output p
minimize mean(n: -log(p[n, y[n]])) + sum(h, c: V[h, c]**4)
"""
ALL = ("jvp", "hvp", "hessian", "hessian:W", "diagonal", "diagonal:b", "per_example")


@pytest.fixture(scope="module")
def compiled() -> Compiled:
    return compile_spec(load(SPEC), further=ALL)


def point(module: ModuleType, dtype: Any) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
    contract = Contract.of(module)
    rng = np.random.default_rng(3)
    params = {n: np.asarray(v, dtype) for n, v in contract.init(rng, np.float64).items()}
    inputs = contract.sample_inputs(rng, {"N": 5})
    inputs = {n: v.astype(dtype) if v.dtype.kind == "f" else v for n, v in inputs.items()}
    v = {n: np.asarray(rng.normal(size=np.shape(value)), dtype) for n, value in (params | {"x": inputs["x"]}).items()}
    return params, inputs, v


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-11), (np.float32, 2e-4)])
def test_agrees_with_the_interpreter(compiled: Compiled, dtype: Any, rtol: float) -> None:
    module = compiled.module
    params, inputs, v = point(module, dtype)
    net = network(load(SPEC))
    for d in derivatives(net, ALL):
        values = {**params, **inputs, **{direction: v[name] for name, direction in d.directions}}
        expected = interpret(d.program, {n: a for n, a in values.items() if n in d.program.tensors})
        given = [{name: v[name] for name, _ in d.directions}] if d.directions else []
        found = getattr(module, d.function.replace(":", "_"))(params, *inputs.values(), *given)
        found = found[1] if d.kind == "jvp" else found
        for keys, tensor in d.results:
            array = found
            for key in keys:
                array = array["loss" if d.kind == "jvp" and key == net.objective else key]
            assert array.dtype == dtype
            scale = float(np.max(np.abs(expected[tensor])))
            np.testing.assert_allclose(array, expected[tensor], rtol=rtol, atol=rtol * scale)


def test_the_check_covers_all_of_them(compiled: Compiled) -> None:
    assert compiled.report is not None and compiled.report.ok
    functions = {row.function for row in compiled.report.rows}
    assert functions == {"loss_and_grad", "backward", *compiled.module.DERIVATIVES}


def test_nothing_is_emitted_that_was_not_asked_for() -> None:
    source = compile_spec(load(SPEC), check=False).source
    assert "DERIVATIVES" not in source and "_direction" not in source and "hvp" not in source


def test_a_missing_direction_counts_as_zeros(compiled: Compiled) -> None:
    params, inputs, v = point(compiled.module, np.float64)
    alone = compiled.module.hvp(params, *inputs.values(), {"W": v["W"]})
    zeros = {n: np.zeros_like(a) for n, a in params.items()} | {"W": v["W"]}
    whole = compiled.module.hvp(params, *inputs.values(), zeros)
    assert all(np.array_equal(alone[n], whole[n]) for n in params)
    with pytest.raises(ValueError, match=r"v\['W'\]: expected an array of shape \(2, 3\)"):
        compiled.module.hvp(params, *inputs.values(), {"W": np.zeros(2)})
    with pytest.raises(ValueError, match="v: unknown 'Q'"):
        compiled.module.hvp(params, *inputs.values(), {"Q": np.zeros(2)})


# What a mistake would change in the values of a function.
MISTAKES = {
    "jvp": lambda found: (found[0], {n: a * (1 + 1e-3 * (n == "p")) for n, a in found[1].items()}),
    "hvp": lambda found: {n: a * (1 + 1e-3 * (n == "V")) for n, a in found.items()},
    "hessian": lambda found: {**found, "W": {**found["W"], "b": found["W"]["b"] * 1.001}},
    "hessian_W": lambda found: found[::-1],
    "hessian_diagonal": lambda found: {**found, "V": found["V"] + 1e-3},
    "hessian_diagonal_b": lambda found: found[::-1],
    "per_example_grads": lambda found: {**found, "s": found["s"] * 1.001},
}


@pytest.mark.parametrize("function", MISTAKES)
def test_the_check_sees_mistakes(compiled: Compiled, function: str) -> None:
    module = imported(compiled.source, "mistaken")
    right = getattr(module, function)

    def mistaken(params: Any, x: Any, y: Any, v: Any = None) -> Any:
        return MISTAKES[function](right(params, x, y) if v is None else right(params, x, y, v))

    setattr(module, function, mistaken)
    report = check_module(module)
    assert {row.function for row in report.rows if row.wrong} == {function}


def test_names_that_are_taken() -> None:
    """Tensors that are called like the argument v and the function hvp."""
    text = "input v[N, 2]\nparam w[i: 2] ~ normal\nhvp[n] = sin(sum(i: v[n, i]*w[i]))\nminimize mean(n: hvp[n]**2)\n"
    module = compile_spec(load(text), further=["hvp"]).module
    params, x = {"w": np.array([0.5, -1.0])}, np.ones((3, 2))
    assert module.hvp(params, x, {"w": np.ones(2)})["w"].shape == (2,)


def test_command_line(tmp_path: Any) -> None:
    spec, out = tmp_path / "further.sym", tmp_path / "further.py"
    spec.write_text(SPEC)
    assert main(["compile", str(spec), "--with", "hvp,hessian:W", "-o", str(out)]) == 0
    assert "def hessian_W(" in out.read_text() and "def jvp(" not in out.read_text()
    assert main(["compile", str(spec), "--with", "hessian:w"]) == 2


def test_a_network_that_stops_gradients() -> None:
    """The check goes through the twin, whose stopped values move with nothing; the Hessian is that of the gradient."""
    text = "input x[N, 3]\nparam w[i: 3] ~ normal\ns[n] = sum(i: x[n, i]*w[i])\nminimize mean(n: stop(s[n])*s[n]**2)\n"
    compiled = compile_spec(load(text), further=["hvp", "hessian", "jvp", "per_example"])
    assert compiled.report is not None and compiled.report.ok
    x, w = np.random.default_rng(0).normal(size=(4, 3)), np.array([0.5, -1.0, 2.0])
    expected = 2 * x.T @ np.diag(x @ w) @ x / 4
    np.testing.assert_allclose(compiled.module.hessian({"w": w}, x)["w"]["w"], expected, rtol=1e-12)
