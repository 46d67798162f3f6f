"""Long lines of emitted code: broken where a formatter would, and still the same Python."""

import ast

import pytest

from symnet.backends.numpy.layout import fitted

LINES = [
    "value = (first if condition else (second if other else third))",
    "    value = (first if condition else (second if other else third))",
    "value = (first + second) if (condition) else (second * third) if (other) else (fourth)",
    "value = np.where(condition, first_operand, second_operand, third_operand)",
    "value = first_operand + second_operand * third_operand - fourth_operand(a, b)",
    "value = (first_operand)(second_operand, third_operand, fourth_operand, (fifth))",
]


@pytest.mark.parametrize("line", LINES)
def test_a_broken_line_means_the_same(line):
    lines = fitted(line, 40)
    assert len(lines) > 1 or line.startswith("value = (first")
    assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(line.strip()))
