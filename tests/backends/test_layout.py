"""Long lines of emitted code: broken where a formatter would, and still the same Python."""

import ast

import pytest

from symnet.backends.numpy.formulas import comment
from symnet.backends.numpy.layout import fitted, literals

LINES = [
    "value = (first if condition else (second if other else third))",
    "    value = (first if condition else (second if other else third))",
    "value = (first + second) if (condition) else (second * third) if (other) else (fourth)",
    "value = np.where(condition, first_operand, second_operand, third_operand)",
    "value = first_operand + second_operand * third_operand - fourth_operand(a, b)",
    "value = (first_operand)(second_operand, third_operand, fourth_operand, (fifth))",
    "value = function(a, b).transpose(0, 2, 1, 3).reshape(first_size, second_size)",
    "value = [table[u : u + 3, v] for u in range(2) for v in range(2)]",
    "value = (first & second) | (third & fourth) & ~(fifth)",
    "value[first, 2:3] += other.reshape(first_size, second_size).T",
    "a_name_of_thirty_letters_or_so = another_name_of_thirty_letters",
    "np.matmul(first_operand, second_operand.T, out=third_operand)",
    "if not np.array_equal(first_operand, second_operand): pass",
    "    f((first_operand.strides[0], first_operand.strides[1]), (8, 8))",
    'raise ValueError("a text (with one bracket" + f"; got {first} and {second}")',
]


@pytest.mark.parametrize("line", LINES)
def test_a_broken_line_means_the_same(line):
    lines = fitted(line, 40)
    assert len(lines) > 1
    assert all(len(line) <= 40 for line in lines)
    assert ast.dump(ast.parse("\n".join(lines).strip())) == ast.dump(ast.parse(line.strip()))


def test_brackets_go_over_lines_as_a_formatter_has_them():
    line = "    view = np.lib.stride_tricks.as_strided(x, (N, 3, 3), (x.strides[0], 2 * x.strides[1], x.strides[1]))"
    assert fitted(line, 60) == [
        "    view = np.lib.stride_tricks.as_strided(",
        "        x,",
        "        (N, 3, 3),",
        "        (x.strides[0], 2 * x.strides[1], x.strides[1]),",
        "    )",
    ]


def test_a_remark_that_does_not_fit_moves_above_the_line():
    assert fitted("    h = t  # t is not needed any more", 30) == ["    # t is not needed any more", "    h = t"]


def test_literals_make_the_text():
    text = "T has to be at most 64: h0.P[…] reaches 0..T - 1 in its dimension 1"
    parts = literals(text, 30)
    assert len(parts) > 2
    assert "".join(map(ast.literal_eval, parts)) == text


@pytest.mark.parametrize(
    ("formula", "lines"),
    [
        ("y[n, o] = b[o] + sum(i: x[n, i]*W[i, o])", ["# y[n, o] = b[o]", "#     + sum(i: x[n, i]*W[i, o])"]),
        ("m'[c] = 9*m[c]/10 + b'[c]/10 - 1", ["# m'[c] = 9*m[c]/10 + b'[c]/10", "#     - 1"]),
        (
            "h[n, t, k] += sum(j: h[n, t - 1, j]*U[j, k])",
            ["# h[n, t, k] +=", "#     sum(j: h[n, t - 1, j]", "#     *U[j, k])"],
        ),
    ],
)
def test_a_formula_is_cut_where_fewest_brackets_are_open(formula, lines):
    assert comment(formula, 31) == lines
