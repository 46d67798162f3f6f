"""A formula that is read says what the statements do: on random programs, and on their adjoints."""

from __future__ import annotations

import pytest

from symnet.ir.interpret import interpret
from symnet.notation.formula import Formulas
from symnet.notation.sympify import plain_sympy
from tests.differences import seeded, upstream
from tests.notation.meaning import disagrees
from tests.programs import random_program

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_formulas_of_a_program_and_of_its_adjoint_mean_what_it_calculates(seed: int) -> None:
    r = random_program(seed)
    derived = seeded(r.program, r.wrt)
    values = r.values()
    values |= upstream(derived, values, r.sizes, seed)
    numbers = interpret(derived.program, values, r.sizes)
    formulas = Formulas(derived.program, "")
    for name, formula in formulas.items():
        for value in (formula.value, plain_sympy(formula.value)):
            assert not disagrees(formula, value, numbers, r.sizes), f"{name}: {formula.formula}"
        assert formula.latex().count("{") == formula.latex().count("}")
