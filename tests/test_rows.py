"""Random programs agree with the interpreter, values and gradients, with every row of the planner forced in turn."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from symnet.backends.numpy import banded, blocks, copies, instructions, scatter, totals
from symnet.compile import compile_spec, load, network
from symnet.ir.affine import Affine
from symnet.ir.interpret import interpret
from symnet.ir.program import Access, Program, Tensor, leaf, statement
from symnet.language.extents import Extent
from symnet.passes.pipeline import gradient_program
from symnet.passes.tuning import hoist
from symnet.planning import rows, windows
from symnet.planning.rows import Formula, Row
from tests.backends import kernel_runs
from tests.kernel_programs import kernel_program
from tests.rows import KERNEL_ROWS, TOLERANCE, Case, case_of

# How often each row has to fire, on programs with numbers below the other one.
ENOUGH, MOST = 6, 300


@cache
def case(seed: int) -> Case | None:
    return case_of(kernel_program(seed))


@pytest.mark.parametrize("row", KERNEL_ROWS, ids=lambda row: row.name)
def test_a_forced_row_agrees_with_the_interpreter(row: Row) -> None:
    fired = 0
    for seed in range(MOST):
        program = case(seed)
        for formula, failures in program.forced(row) if program is not None else ():
            assert not failures, f"seed {seed}, {formula}: {failures[0]}"
            fired += 1
        if fired >= ENOUGH:
            return
    pytest.fail(f"{row.name!r} fired {fired} times in {MOST} programs")


SEEDS = range(40)


@pytest.mark.parametrize("seed", SEEDS)
def test_planned_kernels_agree_with_the_interpreter(seed: int) -> None:
    program = case(seed)
    assert program is None or not list(program.planned_failures())


def test_single_precision_says_something() -> None:
    assert sum(len(program.dtypes) == len(TOLERANCE) for program in map(case, SEEDS) if program) > len(SEEDS) * 0.8


# --- steps without dimensions ----------------------------------------------------------------------

SCALARS = {
    "sums and products": "c = a*b + a/3\nd = (c - 2*b)*c - a\nminimize d*d + c",
    "functions": "c = exp(a)/b + sqrt(1 + b**2)\nd = where(c > a, log(c**2 + 1), -c)\nminimize d*tanh(c) + max(a, b)",
    "with a size": "example N = 3\ninput x[N]\nc = a*b/N\nd = sum(n: x[n]*c)\nminimize d**2 + a",
}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("formula", rows.NUMBERS.others)
@pytest.mark.parametrize("name", SCALARS)
def test_numbers_agree_with_the_interpreter(name: str, formula: Formula, dtype: type) -> None:
    spec = load(f"network scalars\nparam a ~ normal\nparam b ~ normal\n{SCALARS[name]}\n")
    with rows.forced(rows.NUMBERS, formula) as force:
        module = compile_spec(spec, check=False).module
    assert force.asked or name == "with a size"
    step = gradient_program(network(spec))
    rng = np.random.default_rng(3)
    for _ in range(5):
        params = {key: np.asarray(rng.normal(), dtype) for key in ("a", "b")}
        inputs = {"x": rng.normal(size=3).astype(dtype)} if "x" in module.INPUTS else {}
        exact = interpret(step.program, params | inputs)
        loss, grads = module.loss_and_grad(params, **inputs)
        assert np.isclose(loss, exact["loss"], rtol=TOLERANCE[dtype])
        assert all(np.isclose(grads[key], exact[d], rtol=TOLERANCE[dtype]) for key, d in step.gradients)


# --- squares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("summed", ("ij", "i"))
def test_a_square_takes_its_number_once(summed: str) -> None:
    """r = sum(i, j: (a[i] - b[j])**2/2): both operands of the product are one temporary array."""
    domain = {"i": Extent.of(3), "j": Extent.of(4)}
    kept = [name for name in domain if name not in summed]
    reads = (Access("a", (Affine.index("i"),)), Access("b", (Affine.index("j"),)))
    target = Access("r", tuple(map(Affine.index, kept)))
    square = (leaf(0) - leaf(1)) ** 2 / 2
    s = statement(target, "+", tuple((name, domain[name]) for name in (*kept, *summed)), square, reads, (), "forward")
    shapes = {"a": (domain["i"],), "b": (domain["j"],), "r": tuple(domain[name] for name in kept)}
    tensors = {name: Tensor(name, shape, "value" if name == "r" else "input") for name, shape in shapes.items()}
    program = Program(tensors, (s,), ("r",), ())
    values = {"a": np.array([1.0, -2.0, 0.5]), "b": np.array([0.25, 3.0, -1.0, 2.0])}
    with rows.forced(rows.SCALED_OPERAND, rows.always):
        found = kernel_runs.run(program, values, {}, program.results, np.float64)
    assert np.allclose(found["r"], interpret(program, values)["r"], rtol=1e-12)


# --- planted faults --------------------------------------------------------------------------------


def one_row_too_far(plain: Any) -> Any:
    """A block is written one row too far down."""
    return lambda *args: plain(*args).replace(" : ", " + 1 : ", 1)


def without_the_last(plain: Any) -> Any:
    """The last position of a window does not go into the band."""
    return lambda self, matrix: plain(self, matrix)[:-1]


def backwards(plain: Any) -> Any:
    """The indices of copied windows are taken for each other."""

    def copy(scope: Any, array: Any, order: Any, box: Any) -> Any:
        return plain(scope, array, order[::-1], box).renamed(order)

    return copy


def indices_exchanged(plain: Any) -> Any:
    """What was calculated before a loop is read with its indices exchanged."""

    def define(self: Any, *args: Any) -> Any:
        made = plain(self, *args)
        return replace(made, positions=made.positions[::-1])

    return define


def exchanged(plain: Any) -> Any:
    """A choice takes the other branch."""
    return lambda scope, where, chosen, other, place, axes: plain(scope, where, other, chosen, place, axes)


def without_the_rest(plain: Any) -> Any:
    """What stands besides a logarithm in a sum is forgotten."""
    return lambda scope, formula, term, rest, scale, summed: plain(scope, formula, term, 0 * rest, scale, summed)


def all_at_once(plain: Any) -> Any:
    """Elements that a scatter meets more than once are added to once."""
    return lambda task: ()


def without_guards(plain: Any) -> Any:
    """A position in windows is written where a guard excludes it."""
    return lambda s, position: plain(replace(s, guards=()), position)


FAULTS = (
    (rows.BLOCK, blocks, "_slice", one_row_too_far),
    (rows.BANDED, banded._Banded, "diagonals", without_the_last),
    (rows.BLOCKS, copies, "kept_copy", backwards),
    (rows.HOISTED, hoist._Hoist, "define", indices_exchanged),
    (rows.MASKED, instructions, "choice_lines", exchanged),
    (rows.LOGARITHM_OF_PRODUCT, totals, "_sum_of_softplus", without_the_rest),
    (rows.ADDED_SLICES, scatter, "_looped", all_at_once),
    (rows.BY_POSITION, windows, "at_position", without_guards),
)


@pytest.mark.parametrize(("row", "place", "name", "fault"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_planted_fault_is_seen(row: Row, place: Any, name: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert any(is_wrong(program, row, place, name, fault, monkeypatch) for program in map(case, range(MOST)) if program)


def is_wrong(program: Case, row: Row, place: Any, name: str, fault: Any, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether a program, made without the fault, shows it."""
    with monkeypatch.context() as planted:
        planted.setattr(place, name, fault(getattr(place, name)))
        try:
            return any(failures for _, failures in program.forced(row))
        except Exception:  # the emitted lines do not run
            return True
