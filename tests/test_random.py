"""Random programs against differences and through every pass; `benchmarks/random_programs.py` runs more of them."""

from collections import Counter

import pytest

from symnet.ir.program import Indirect
from symnet.ir.verify import verify
from tests.agreement import (
    backend_failures,
    gradient_failures,
    module_failures,
    pass_failures,
    second_failures,
    stress_failures,
)
from tests.programs import random_program


@pytest.mark.parametrize("seed", range(100))
def test_gradients_agree_with_differences(seed: int) -> None:
    assert not list(gradient_failures(random_program(seed)))


@pytest.mark.parametrize("seed", range(100, 160))
def test_passes_keep_the_values(seed: int) -> None:
    assert not list(pass_failures(random_program(seed)))


@pytest.mark.parametrize("seed", range(400, 440))
def test_kernels_agree_with_the_interpreter(seed: int) -> None:
    assert not list(backend_failures(random_program(seed)))


@pytest.mark.parametrize("seed", [30, 44, 59, 145, *range(500, 516)])
def test_modules_agree_with_the_interpreter(seed: int) -> None:
    assert not list(module_failures(random_program(seed)))


@pytest.mark.parametrize("seed", range(600, 612))
def test_modules_bear_stress(seed: int) -> None:
    assert not list(stress_failures(random_program(seed, recurrences=seed % 3 == 0)))


@pytest.mark.parametrize("seed", range(200, 225))
def test_the_rule_applies_to_itself(seed: int) -> None:
    assert not list(second_failures(random_program(seed)))


@pytest.mark.parametrize("seed", range(300, 325))
def test_recurrences(seed: int) -> None:
    r = random_program(seed, recurrences=True)
    assert not [*gradient_failures(r), *pass_failures(r)]


@pytest.mark.parametrize("seed", [*range(325, 340), 5195])
def test_kernels_of_recurrences(seed: int) -> None:
    assert not list(backend_failures(random_program(seed, recurrences=True)))


def test_a_seed_is_a_program() -> None:
    assert random_program(7).program == random_program(7).program
    assert random_program(7).program != random_program(8).program


def test_the_programs_use_the_whole_ir() -> None:
    seen: Counter[str] = Counter()
    for seed in range(100):
        program = random_program(seed).program
        verify(program)
        for s in program.statements:
            places = [place for a in s.leaves for place in a.places]
            names = [a.tensor for a in s.leaves]
            seen.update(
                {
                    s.op: 1,
                    "guard": bool(s.guards),
                    "default": any(a.default is not None for a in s.leaves),
                    "indirect read": any(isinstance(place, Indirect) for place in places),
                    "indirect scatter": any(isinstance(place, Indirect) for place in s.target.places),
                    "affine scatter": s.op == "+" and s.target.plain is None,
                    "joined": any(not isinstance(p, Indirect) and len(p.terms) == 2 for p in places),
                    "diagonal": any(a.places and len(a.indices) < len(a.places) for a in s.leaves),
                    "repeated operand": len(set(names)) < len(names),
                    "several statements": len(program.writers[s.target.tensor]) > 1,
                    "shared": len(program.readers.get(s.target.tensor, ())) > 1,
                    "size": any(symbol.name == "N" for symbol in s.body.free_symbols),
                    "tie": s.op in ("max", "min") and any(not set(a.indices) & set(s.reduced) for a in s.leaves),
                }
            )
    rare = {name: count for name, count in seen.items() if count < 8}
    assert not rare
    assert {"=", "+", "max", "min", "prod", "argmax", "argmin"} <= set(seen)
