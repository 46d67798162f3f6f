"""What a random program has to agree with: differences, itself after every pass, and differences of its gradients."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from symnet.compile import compile_spec, network
from symnet.errors import Source, UnsupportedError
from symnet.ir.interpret import interpret
from symnet.ir.program import Program
from symnet.ir.show import show
from symnet.ir.verify import verify
from symnet.language.parse import parse
from symnet.passes.pipeline import NARROW, WIDE, run
from symnet.passes.tangent import push
from tests import stress
from tests.backends import kernel_runs
from tests.differences import disagreements, pulled, seeded, upstream
from tests.programs import RandomProgram, random_program
from tests.spec_texts import spec_of
from tests.twice import both_modules, differences, results

DRAWS = 8  # how many points are tried before a program counts as all kinks
LARGEST = 1e30  # where values grow beyond this, a smaller point is taken: the plain exp overflows


def points(r: RandomProgram) -> Iterator[dict[str, Any]]:
    """Values at which nothing overflows."""
    for draw in range(DRAWS):
        values = r.values(draw)
        if all(np.all(np.abs(array) < LARGEST) for array in interpret(r.program, values, r.sizes).values()):
            yield values


def gradient_failures(r: RandomProgram) -> Iterator[str]:
    """The adjoint program against differences of the program."""
    derived = seeded(r.program, r.wrt)
    verify(derived.program)
    for values in points(r):
        given = upstream(derived, values, r.sizes, r.seed)
        wrong = disagreements(r.program, derived, given, r.sizes, r.seed)
        if wrong is not None:
            yield from map(str, wrong)
            return
    yield "every point is at a kink"


def tangent_failures(r: RandomProgram) -> Iterator[str]:
    """The tangent program is the transpose of the adjoint program: u . (J v) = (Jᵀ u) . v."""
    derived = seeded(r.program, r.wrt)
    moved = push(r.program, {name: f"v_{name}" for name in r.wrt}, [name for name, _ in derived.seeds])
    verify(moved.program)
    given = upstream(derived, next(points(r)), r.sizes, r.seed)
    rng = np.random.default_rng([r.seed, 4])
    directions = {name: rng.normal(size=np.shape(given[name])) for name in r.wrt}
    gradients = pulled(derived, given, r.sizes)
    values = {name: value for name, value in given.items() if name in r.program.tensors}
    ahead = interpret(moved.program, values | {f"v_{name}": v for name, v in directions.items()}, r.sizes)
    tangent = sum(float(np.sum(ahead[t] * given[dict(derived.seeds)[name]])) for name, t in moved.tangents)
    adjoint = [gradients[name] * directions[name] for name in r.wrt]
    scale = 1 + sum(float(np.sum(np.abs(part))) for part in adjoint)
    if not abs(tangent - sum(float(np.sum(part)) for part in adjoint)) <= 1e-10 * scale:
        yield "the tangents are not the transpose of the adjoints"


def second_failures(r: RandomProgram) -> Iterator[str]:
    """The rule applied twice: products with the Hessian against differences of the gradients."""
    derived = seeded(r.program, r.wrt)
    gradients = replace(derived.program, results=tuple(name for _, name in derived.gradients))
    twice = seeded(gradients, r.wrt, "second_")
    verify(twice.program)
    for values in points(r):
        given = upstream(twice, upstream(derived, values, r.sizes, r.seed), r.sizes, r.seed + 1)
        wrong = disagreements(gradients, twice, given, r.sizes, r.seed)
        if wrong is not None:
            yield from map(str, wrong)
            return
    yield "every point is at a kink"


def pass_failures(r: RandomProgram) -> Iterator[str]:
    """The program and its adjoint after every pass against what they were."""
    derived = seeded(r.program, r.wrt)
    values = upstream(derived, next(points(r)), r.sizes, r.seed)
    program = derived.program
    expected = interpret(program, values, r.sizes)
    for name in (*WIDE, *NARROW):
        after = run(name, program)
        wrong = differing(after, expected, values, r.sizes)
        if wrong:
            yield f"{name} changes {', '.join(wrong)}\n{show(program)}\n--- after {name}\n{show(after)}"
            return
        program = after


def backend_failures(r: RandomProgram) -> Iterator[str]:
    """The NumPy kernels against the interpreter: the adjoint program as the rule gives it, and after all passes."""
    derived = seeded(r.program, r.wrt)
    values = upstream(derived, next(points(r)), r.sizes, r.seed)
    program = derived.program
    for name in ("differentiate", *WIDE, *NARROW):
        program = program if name == "differentiate" else run(name, program)
    for stage, emitted in (("differentiation", derived.program), ("all passes", program)):
        given = {name: value for name, value in values.items() if name in emitted.tensors}
        expected = interpret(emitted, given, r.sizes)
        try:
            calculated = kernel_runs.run(emitted, given, r.sizes, emitted.results)
        except UnsupportedError:
            return  # a recurrence that is only interpreted so far
        wrong = [name for name in emitted.results if not close(calculated[name], expected[name])]
        if wrong:
            yield f"after {stage}, the kernels disagree on {', '.join(wrong)}\n{show(emitted)}"


def module_failures(r: RandomProgram) -> Iterator[str]:
    """The whole line: the program as the text of a spec, compiled; the module's gradients against the interpreter's."""
    r = random_program(r.seed, recurrences=r.recurrences, spec=True)
    derived = seeded(r.program, r.wrt)
    values = upstream(derived, next(points(r)), r.sizes, r.seed)
    expected = pulled(derived, values, r.sizes)
    text = spec_of(r, dict(derived.seeds))
    try:
        module = compile_spec(parse(Source("<random>", text)), check=False).module
    except UnsupportedError:
        return  # a recurrence that is only interpreted so far
    values |= {f"anchor_{name}": np.zeros(size) for name, size in r.sizes.items()}
    params = {name: np.asarray(values[name], dtype=float) for name in module.PARAMETERS}
    inputs = {name: values[name] for name in module.INPUTS}
    with warnings.catch_warnings(action="error"):
        _, gradients = module.loss_and_grad(params, **inputs)
        outputs, saved = module.forward(params, **inputs)
        seeds = {name: values[seed] for name, seed in derived.seeds if outputs[name].dtype.kind == "f"}
        pulled_back = module.backward(params, saved, seeds)
    for verb, found, wanted in (("loss_and_grad", gradients, params), ("backward", pulled_back, expected)):
        wrong = [name for name in wanted if not close(found[name], expected[name])]
        if wrong:
            yield f"{verb} of the module is wrong on d{', d'.join(wrong)}\n{text}"


def twice_failures(r: RandomProgram) -> Iterator[str]:
    """A module in which everything that can be is calculated twice, bit for bit as the one in which nothing is."""
    r = random_program(r.seed, recurrences=r.recurrences, spec=True)
    text = spec_of(r, dict(seeded(r.program, r.wrt).seeds))
    net = network(parse(Source("<random>", text)))
    try:
        plain, twice = both_modules(net, r.sizes)
    except UnsupportedError:
        return
    for dtype in (np.float64, np.float32):
        expected, found = (results(module, r.sizes, dtype, r.seed) for module in (plain, twice))
        yield from (f"{dtype.__name__}: {line}\n{text}" for line in differences(expected, found))


def stress_failures(r: RandomProgram) -> Iterator[str]:
    """A module with memory that holds anything and workspaces that were used before: see `tests/stress.py`."""
    r = random_program(r.seed, recurrences=r.recurrences, spec=True)
    text = spec_of(r, dict(seeded(r.program, r.wrt).seeds))
    try:
        module = compile_spec(parse(Source("<random>", text)), check=False).module
    except UnsupportedError:
        return
    # Arrays of other forms are summed in another order, and where values tie that decides.
    checks = tuple(check for check in stress.CHECKS if check is not stress.forms)
    yield from (f"{line}\n{text}" for line in stress.stressed(module, checks))


def differing(
    program: Program, expected: Mapping[str, Any], values: Mapping[str, Any], sizes: Mapping[str, int]
) -> list[str]:
    """The results of a program that are not as expected."""
    calculated = interpret(program, {n: v for n, v in values.items() if n in program.tensors}, sizes)
    return [name for name in program.results if not close(calculated[name], expected[name])]


def close(a: Any, b: Any, rtol: float = 1e-8) -> bool:
    """Whether two arrays are equal up to rounding, against the greatest of their elements, with inf and NaN alike."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    scale = np.max(np.abs(b), initial=0, where=np.isfinite(b))
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=rtol * 0.1 * (1 + scale), equal_nan=True))


CHECKS: dict[str, Callable[[RandomProgram], Iterator[str]]] = {
    "gradients against differences": gradient_failures,
    "every pass against the one before": pass_failures,
    "kernels against the interpreter": backend_failures,
    "modules against the interpreter": module_failures,
    "calculated twice, bit for bit": twice_failures,
    "modules under stress": stress_failures,
    "tangents against adjoints": tangent_failures,
    "second derivatives against differences": second_failures,
}
