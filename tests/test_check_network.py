"""A network with `stop` is checked through its twin, in which what is stopped is an input."""

from __future__ import annotations

from types import ModuleType

import numpy as np
import pytest

from symnet.backends.numpy.module import emit
from symnet.check_network import check_network
from symnet.compile import Compiled, compile_spec, imported
from symnet.errors import Source
from symnet.ir.interpret import interpret
from symnet.language.network import Network
from symnet.language.parse import parse
from symnet.passes.lower import lower
from symnet.passes.pipeline import bundle
from symnet.passes.stopped import twin
from tests.support import network_of

SPEC = """network stopping
example N = 4
input x[N, C: 3]
param g[c: C] ~ normal
y[n, c] = g[c]**2*x[n, c]
z[n] = sum(c: stop(sin(y[n, c])*g[c])*y[n, c])
output z
minimize mean(n: z[n]**2 + stop(z[n])*g[0])
"""


def compiled() -> Compiled:
    return compile_spec(parse(Source("<test>", SPEC)))


def module_of(net: Network) -> ModuleType:
    return imported(emit(bundle(net, net), gradient_error=None), net.name)


def test_a_right_network_passes() -> None:
    report = compiled().report
    assert report is not None and report.ok
    assert {row.name for row in report.rows} == {"g", "x"}, "what is stopped is no tensor of the network"
    assert any(row.function == "with stop" for row in report.rows)


def test_a_gradient_that_flows_through_stop_fails() -> None:
    """The module of the network without its stops, taken for the module of the network."""
    right = compiled()
    leaking = compile_spec(parse(Source("<test>", SPEC.replace("stop(", "("))), check=False).module
    report = check_network(right.network, leaking, module_of)
    assert not report.ok
    assert {row.name for row in report.rows if row.wrong} == {"g", "x"}


def test_the_twin_calculates_the_same() -> None:
    net = network_of(SPEC)
    pair = twin(net)
    assert pair is not None
    rng = np.random.default_rng(0)
    given = {"x": rng.normal(size=(4, 3)), "g": rng.normal(size=3)}
    held = interpret(lower(pair.values, pair.stopped), given)
    stopped = {name: held[name] for name in pair.stopped}
    found = interpret(lower(pair.network, ("loss",)), given | stopped)["loss"]
    assert found == pytest.approx(interpret(lower(net, ("loss",)), given)["loss"], rel=1e-14)


def test_a_network_without_stop_has_no_twin() -> None:
    assert twin(network_of("param x ~ ones\nminimize x**2\n")) is None
