"""Optimisers as NumPy source: functions and whole optimisers against the interpreter, element by element."""

from fractions import Fraction

import numpy as np
import pytest
import sympy as sp

from symnet.backends.numpy.helpers import helper_sources
from symnet.backends.numpy.infix import CALLS, COMPARISONS, LOGIC, OPERATORS, Infix
from symnet.backends.numpy.update import update_view
from symnet.ir import functions
from symnet.ir.interpret import interpret
from symnet.ir.program import Access, Program, Tensor, leaf, statement
from symnet.language.network import Num, Op, Optimizer, Ref
from symnet.passes.update import lower_update
from tests.optimizers import step_of_interpreter

A, B = leaf(0), leaf(1)
VALUES = [(0.3, 2.0), (-1.5, 0.7), (0.0, 1.0), (2.0, 2.0), (-0.4, 0.5)]


def scope(text):
    """The names that emitted source sees."""
    parts, imports = helper_sources(text)
    names = {}
    exec("\n".join([*imports, *parts]), names)
    return names


def interpreted(body, a, b):
    """The value of a body over two scalars, by the interpreter."""
    tensors = {name: Tensor(name, (), "input") for name in "ab"} | {"y": Tensor("y", (), "value")}
    s = statement(Access("y"), "=", (), body, {A: Access("a"), B: Access("b")})
    return float(interpret(Program(tensors, (s,), ("y",)), {"a": a, "b": b})["y"])


def bodies():
    """A body for every function that a body may hold, and some where parentheses matter."""
    x = A
    for name in (*CALLS, *OPERATORS, *COMPARISONS, *LOGIC, "where", "stop"):
        function = getattr(functions, name, None) or getattr(sp, name)
        arity = {"where": 3}.get(name, 1 if name in ("negation", "stop") else 2)
        arity = 1 if name in CALLS and "{1}" not in CALLS[name] else arity
        inner = (
            functions.lt(A, B)
            if name in (*LOGIC, "where")
            else functions.absolute(x) + 1
            if name in ("log", "power")
            else x
        )
        yield name, function(*(inner, B, -A)[:arity])
    rest = {
        "difference": A - (B - 1),
        "negative": -A * B,
        "quotient": A / (B * (1 + A**2)),
        "scalar quotient": 1 / B,
        "nested quotient": A / (B / (A + 3)),
        "square": (A + B) ** 2,
        "product of squares": A**2 * B**2 / 3,
        "root": sp.sqrt(A**2 + B),
        "root of a number": A + sp.sqrt(B),
        "scaled by a root": A * sp.sqrt(B) / sp.log(B + 3),
        "inverse root": 1 / sp.sqrt(B),
        "power of a number": sp.Rational(9, 10) ** B,
        "rational": A * sp.Rational(2, 3) - sp.Rational(1, 7),
        "exponential": sp.exp(-B),
        "constant": sp.Rational(1, 3) + 0 * A,
        "condition as a number": functions.lt(A, B) + functions.le(B, A) * A,
    }
    yield from rest.items()


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in bodies()])
def test_source_has_the_value_of_the_body(body):
    for arrays in (frozenset({"a"}), frozenset({"a", "b"}), frozenset()):
        text = Infix({A.name: "a", B.name: "b"}, arrays).source(body)
        expected = [interpreted(body, a, b) for a, b in VALUES]
        if arrays == {"a", "b"}:
            a, b = (np.array(column) for column in zip(*VALUES, strict=True))
            with np.errstate(all="ignore"):
                found = np.broadcast_to(eval(text, scope(text) | {"dtype": np.float64, "a": a, "b": b}), len(VALUES))
        else:
            as_array = np.array if arrays else float
            with np.errstate(all="ignore"):
                found = [
                    float(eval(text, scope(text) | {"dtype": np.float64, "a": as_array(a), "b": b})) for a, b in VALUES
                ]
        assert found == pytest.approx(expected, rel=1e-13, abs=1e-15, nan_ok=True), text


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in bodies()])
def test_a_number_does_not_widen_an_array(body):
    text = Infix({A.name: "a", B.name: "b"}, frozenset({"a"})).source(body)
    values = {"dtype": np.float32, "a": np.array([0.3, 2.0], np.float32), "b": 0.7}
    assert not {A, B} <= body.free_symbols or eval(text, scope(text) | values).dtype == np.float32, text


# --- whole optimisers ---


def r(name):
    return Ref(name, ())


def n(text):
    return Num(Fraction(text))


def op(name, *arguments):
    return Op(name, arguments)


def momentum_step(scaled):
    return op("sub", op("mul", r("momentum"), r("m")), op("mul", r("rate"), scaled))


SGD = Optimizer(
    "sgd", (("rate", Fraction(1, 10)),), (), (), (), (("p'", op("sub", r("p"), op("mul", r("rate"), r("g")))),)
)
NESTEROV = Optimizer(
    "nesterov",
    (("rate", Fraction(1, 10)), ("momentum", Fraction(9, 10))),
    (("m", Fraction(0)),),
    (),
    (),
    (
        ("m'", momentum_step(r("g"))),
        ("p'", op("sub", op("add", r("p"), op("mul", r("momentum"), r("m'"))), op("mul", r("rate"), r("g")))),
    ),
)
# The old value of the slot is read after its new one is known.
LATE = Optimizer(
    "late",
    (("rate", Fraction(1, 2)), ("momentum", Fraction(1, 3))),
    (("m", Fraction(2)),),
    (),
    (),
    (
        ("m'", op("add", op("mul", r("momentum"), r("m")), r("g"))),
        ("p'", op("sub", op("mul", r("p"), r("m")), op("mul", r("m'"), r("p")))),
    ),
)
COUNTED = Optimizer(
    "counted",
    (("rate", Fraction(1, 1000)), ("b", Fraction(9, 10)), ("eps", Fraction(1, 10**8))),
    (("v", Fraction(1)),),
    (("s", Fraction(0)),),
    (),
    (
        ("s'", op("add", r("s"), n("1"))),
        ("v'", op("add", op("mul", r("b"), r("v")), op("mul", op("sub", n("1"), r("b")), op("pow", r("g"), n("2"))))),
        ("c", op("sub", n("1"), op("pow", r("b"), r("s'")))),
        ("p'", op("sub", r("p"), op("div", r("g"), op("add", op("sqrt", op("div", r("v'"), r("c"))), r("eps"))))),
    ),
)
CLIPPED = Optimizer(
    "clipped",
    (("rate", Fraction(1, 10)), ("limit", Fraction(1)), ("momentum", Fraction(1, 2))),
    (("m", Fraction(0)),),
    (),
    (("total", op("add", op("pow", r("g"), n("2")), op("mul", n("0"), r("p")))),),
    (
        ("scale", op("min2", n("1"), op("div", r("limit"), op("sqrt", r("total"))))),
        ("h", op("mul", r("g"), r("scale"))),
        ("m'", momentum_step(r("h"))),
        ("p'", op("add", r("p"), r("m'"))),
    ),
)


def emitted(optimizer):
    """`init_slots` and `update` of a module with two parameters, from the template."""
    from types import SimpleNamespace

    from symnet.backends.templates import environment

    module = SimpleNamespace(update=update_view(lower_update(optimizer)), trained="PARAMETERS")
    text = environment("numpy").get_template("update.py.jinja").render(module=module)
    names = scope(text) | {"PARAMETERS": {"W": {"shape": (2, 3)}, "b": {"shape": (3,)}}}
    exec(text, names)
    return names


@pytest.mark.parametrize("optimizer", [SGD, NESTEROV, LATE, COUNTED, CLIPPED], ids=lambda o: o.name)
def test_three_steps_are_those_of_the_interpreter(optimizer):
    rng = np.random.default_rng(3)
    module = emitted(optimizer)
    params = {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=3)}
    slots = module["init_slots"](params)
    wanted, wanted_slots = dict(params), module["init_slots"](params)
    params = {name: value.copy() for name, value in params.items()}
    hypers = {"rate": 0.3}
    for step in range(3):
        grads = {name: rng.normal(size=value.shape) * (step > 0) for name, value in params.items()}
        kept = {name: value.copy() for name, value in grads.items()}
        wanted, wanted_slots = step_of_interpreter(optimizer, wanted, grads, wanted_slots, hypers)
        assert module["update"](params, grads, slots, **hypers) is None
        for name in params:
            assert params[name] == pytest.approx(wanted[name], rel=1e-12)
            assert np.array_equal(grads[name], kept[name])
        assert slots.keys() == wanted_slots.keys()
        for key, value in slots.items():
            for name in value if isinstance(value, dict) else ():
                assert value[name] == pytest.approx(wanted_slots[key][name], rel=1e-12)


def test_float32_stays_float32_and_counters_are_ints():
    module = emitted(COUNTED)
    params = {"W": np.ones((2, 3), np.float32), "b": np.ones(3, np.float32)}
    slots = module["init_slots"](params)
    module["update"](params, {name: value.copy() for name, value in params.items()}, slots)
    assert slots["s"] == 1 and type(slots["s"]) is int
    assert params["W"].dtype == slots["v"]["W"].dtype == np.float32


def test_what_update_refuses():
    module = emitted(COUNTED)
    params = {"W": np.ones((2, 3)), "b": np.ones(3)}
    grads = {"W": np.ones((2, 3)), "b": np.ones(3)}
    slots = module["init_slots"](params)
    with pytest.raises(ValueError, match="grads: missing 'b'"):
        module["update"](params, {"W": grads["W"]}, slots)
    with pytest.raises(ValueError, match="slots: unknown 'm'"):
        module["update"](params, grads, slots | {"m": {}})
    with pytest.raises(TypeError, match="rat"):
        module["update"](params, grads, slots, rat=1)
    assert np.array_equal(params["W"], np.ones((2, 3)))
