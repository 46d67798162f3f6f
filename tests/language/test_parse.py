"""Text to syntax tree: every construct gives its node, every mistake gives one message with its place."""

import time
from fractions import Fraction
from pathlib import Path

import pytest

from symnet.errors import Source, SpecError, SpecErrors
from symnet.language import blocks, tree
from symnet.language.parse import MAX_DEPTH, parse

EXAMPLES = sorted(Path(__file__).parents[2].joinpath("examples").glob("*.sym"))


def spec(text: str) -> tree.Spec:
    return parse(Source("test.sym", text))


def statement(text: str):
    (only,) = spec(text).statements
    return only


def expression(text: str):
    return statement(f"y = {text}").value


def show(node) -> str:
    """An expression with every operation in brackets, to see how it was grouped."""
    match node:
        case tree.Number():
            return str(node.value)
        case tree.Access():
            dims = "" if node.dims is None else "[" + ", ".join(map(show, node.dims)) + "]"
            default = "" if node.default is None else f" else {show(node.default)}"
            return f"{node.name}{chr(39) if node.primed else ''}{dims}{default}"
        case tree.Binary():
            return f"({show(node.left)} {node.op} {show(node.right)})"
        case tree.Unary():
            return f"({node.op} {show(node.operand)})"
        case tree.Call():
            return f"{node.name}({', '.join(map(show, node.arguments))})"
        case tree.Argument():
            return (f"{node.keyword}=" if node.keyword else "") + show(node.value)
        case tree.Reduce():
            condition = f" if {show(node.condition)}" if node.condition else ""
            return f"{node.op}({', '.join(map(show, node.binders))}{condition}: {show(node.body)})"
        case tree.Over():
            return f"{node.op}({node.variable} in {show(node.collection)}: {show(node.body)})"
        case tree.Binder():
            span = "" if node.high is None else f" < {show(node.high)}"
            return node.name + (span if node.low is None else f": {show(node.low)}..{show(node.high)}")
        case tree.Listing():
            return f"[{', '.join(map(show, node.items))}]"
        case tree.Ellipsis_():
            return "..."
        case tree.Plain():
            return show(node.value)
        case tree.Ranged():
            low = "" if node.low is None else f"{show(node.low)}.."
            return f"{node.name}: {low}{show(node.high)}"
        case tree.Joined():
            return f"({', '.join(map(show, node.parts))})"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "grouped"),
    [
        ("a + b*c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a/b*c", "((a / b) * c)"),
        ("a//b % c", "((a // b) % c)"),
        ("-a**2", "(- (a ** 2))"),
        ("a**-b", "(a ** (- b))"),
        ("a**b**c", "(a ** (b ** c))"),
        ("-a*b", "((- a) * b)"),
        ("(a + b)*c", "((a + b) * c)"),
        ("a < b and not c == d or e", "(((a < b) and (not (c == d))) or e)"),
        ("x[n, i - 1] else 0", "x[n, (i - 1)] else 0"),
        ("x[i - 1] else 0 * y", "(x[(i - 1)] else 0 * y)"),
        ("x[i - 1] else 0 ** 2", "(x[(i - 1)] else 0 ** 2)"),
        ("x[i - 1] else -inf", "x[(i - 1)] else (- inf)"),
        ("x[i] else y[i] else 0", "x[i] else y[i] else 0"),
        ("m'", "m'"),
        ("m'[c]", "m'[c]"),
        ("h.dense2.W[o, i]", "h.dense2.W[o, i]"),
        ("h{l - 1}.W", "h{…}.W"),
        ("x[n, (h, k)]", "x[n, (h, k)]"),
        ("x[n, (h + 1)*k]", "x[n, ((h + 1) * k)]"),
        ("x[n, ...]", "x[n, ...]"),
        ("E[ids[n], d]", "E[ids[n], d]"),
        ("f()", "f()"),
        ("f(a, ..., k=1,)", "f(a, ..., k=1)"),
        ("f(a < b)", "f((a < b))"),
        ("max(a, b)", "max(a, b)"),
        ("max(p < k, q < k + 1: e)", "max(p < k, q < (k + 1): e)"),
        ("sum(i, j: a*b)", "sum(i, j: (a * b))"),
        ("sum(...: a)", "sum(...: a)"),
        ("mean(n, ...: a)", "mean(n, ...: a)"),
        ("sum(..., n: a)", "sum(..., n: a)"),
        ("sum(t if t < len[n]: e)", "sum(t if (t < len[n]): e)"),
        ("sum(t: 1..T: e)", "sum(t: 1..T: e)"),
        ("sum(t: 1..T, i: e)", "sum(t: 1..T, i: e)"),
        ("sum(i, t: 1..T - 1 if t > 2: e)", "sum(i, t: 1..(T - 1) if (t > 2): e)"),
        ("sum(p in weights: l2(p))", "sum(p in weights: l2(p))"),
        ("argmax(c: z[c]) == y", "(argmax(c: z[c]) == y)"),
        ("[64, 32]", "[64, 32]"),
        ("f(x[i - 1]\nelse 0)", "f(x[(i - 1)] else 0)"),
        ("f(\n  a,\n  # between\n  b)", "f(a, b)"),
    ],
)
def test_expressions_group_as_the_reference_says(text, grouped):
    assert show(expression(text)) == grouped


@pytest.mark.parametrize(
    ("text", "value", "integer"),
    [
        ("12", Fraction(12), True),
        ("0.1", Fraction(1, 10), False),
        (".5", Fraction(1, 2), False),
        ("1.0", Fraction(1), False),
        ("1e-3", Fraction(1, 1000), False),
        ("2E3", Fraction(2000), False),
    ],
)
def test_numbers_are_exact(text, value, integer):
    number = expression(text)
    assert (number.value, number.integer) == (value, integer)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("input x[N, 64]", tree.Input),
        ("input y[N] < 10", tree.Input),
        ("input p[N] ~ uniform(0.1, 1)", tree.Input),
        ("input p[N] < 2*k ~ uniform", tree.Input),
        ("param W[i: 64, j: 32] ~ he_normal(fan_in=C*k*k)", tree.Declaration),
        ("state m[c: C] ~ zeros", tree.Declaration),
        ("random u[n, i] ~ uniform(0, 1)", tree.Declaration),
        ("const depth = 12", tree.Constant),
        ("example N = 4", tree.Example),
        ("y[n, o] = e", tree.Equation),
        ("y[idx[n], k] += e", tree.Equation),
        ("output a, h.W, m'", tree.Output),
        ("metric accuracy = e", tree.Metric),
        ("minimize e", tree.Minimize),
        ("layer f(x[..., i: I], units, activation=identity) -> y[..., o]:\n  y[..., o] = 1", tree.Layer),
        ("layer f(x[n, (g: groups, c: C)]) = sum(...: x[...])", tree.Layer),
        ("optimizer f(p[...], g[...], rate):\n  p' = p - rate*g", tree.Optimizer),
        ("function f(x, k=1) = x + k", tree.Function),
        ("if c:\n  y = 1", tree.If),
        ("for l in 1..depth + 1:\n  y{l} = 1", tree.For),
    ],
)
def test_every_statement_has_its_node(text, kind):
    node = statement(text)
    assert type(node) is kind
    assert node.place.line == 1


def test_input_parts():
    node = statement("input y[N] < 10 ~ uniform(0, 9)")
    assert (str(node.name), show(node.bound), show(node.sampler)) == ("y", "10", "uniform(0, 9)")
    assert [show(dim) for dim in node.dims] == ["N"]


def test_target_parts():
    node = statement("y[n, (c, i: 3), t: T, j: 0..8] = e")
    assert [show(dim) for dim in node.targets[0].dims] == ["n", "(c, i: 3)", "t: T", "j: 0..8"]
    assert statement("m' = e").targets[0].primed
    assert statement("y = e").targets[0].dims is None


def test_several_targets():
    node = statement("h, last = lstm(x, 8)")
    assert [str(target.name) for target in node.targets] == ["h", "last"]


def test_minimize_parts():
    node = statement("minimize f(a, y) + 1 with adam(rate=0.1) over enc.*, dec.W")
    assert show(node.value) == "(f(a, y) + 1)"
    assert show(node.optimizer) == "adam(rate=1/10)"
    assert [(str(name), whole) for name, whole in node.over] == [("enc", True), ("dec.W", False)]
    assert statement("minimize e").over is None


def test_layer_parts():
    node = statement("layer lstm(x[n, t: T], units, k=3) -> h[n, t, k], last[n]:\n  h = 1\n  last = 2")
    assert [formal.name for formal in node.formals] == ["x", "units", "k"]
    assert show(node.formals[2].default) == "3"
    assert [str(result.name) for result in node.results] == ["h", "last"]
    assert len(node.body) == 2
    assert node.value is None


def test_blocks_nest_and_else_if_chains():
    text = """
layer f(x[n]) -> y[n]:
    for l in 0..3:
        if l == 1:
            y{l} = 1
        else if l == 2:
            y{l} = 2

        # a comment at another depth
        else:
            y{l} = 3
    y[n] = x[n]
"""
    layer = statement(text)
    loop, last = layer.body
    assert isinstance(last, tree.Equation)
    (choice,) = loop.body
    (second,) = choice.otherwise
    assert show(second.condition) == "(l == 2)"
    assert show(second.otherwise[0].value) == "3"


def test_the_comment_above_a_definition_is_kept():
    definitions = spec("# far away\n\n# Line one.\n#   indented\nfunction f(x) = x\nfunction g(x) = x\n").statements
    assert [definition.comment for definition in definitions] == ["Line one.\n  indented", ""]


def test_the_network_line_names_the_spec():
    assert spec("# first a comment\nnetwork small\ny = 1").name == "small"
    assert spec("y = 1").name == ""


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment", "\ufeffy = 1", "y = 1\r\nz = 2\r\n", "y = 1 # end"])
def test_line_ends_and_comments(text):
    spec(text)


def test_places_span_what_they_name():
    node = statement("y[n] = a[n] + b[n]*c")
    assert (node.value.right.place.column, node.value.right.place.width) == (15, 6)
    assert (node.targets[0].place.column, node.targets[0].place.width) == (1, 4)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_parse_and_introduce_themselves(path):
    text = path.read_text(encoding="utf-8")
    assert parse(Source(path.name, text)).name == path.stem
    assert text.startswith("# ")


MISTAKES = [
    ("y = if a", (1, 5), "expected a value, found 'if', a word of the language that cannot be a name", ""),
    ("y[n] = a b", (1, 10), "expected an operator or the end of the line, found 'b'", ""),
    ("param state ~ zeros", (1, 7), "expected a name, found 'state', a word of the language", ""),
    ("metric with = 3", (1, 8), "expected a name, found 'with'", ""),
    ("y = a +\n  b", (1, 8), "expected a value, found the end of the line", "stands in brackets"),
    ("y = a < b < c", (1, 11), "found '<'", "comparisons do not chain"),
    ("param W[i]", (1, 11), "expected '~'", "for instance ~ zeros"),
    ("y = (1\nz = 4", (1, 5), "'(' is never closed", ""),
    ("y = a[1)", (1, 8), "')' does not match '['", "test.sym:1:6"),
    ("y = a]", (1, 6), "']' closes no bracket", ""),
    ("f(x)", (1, 2), "expected '=', found '('", "a line is an equation"),
    ("if a = 3:\n  b = 2", (1, 6), "found '='", "equality is written =="),
    ("y -= 3", (1, 3), "expected '='", "a scatter with +="),
    ("y = lambda x: x", (1, 12), "found 'x'", "function f(x) = x**2"),
    ("layer f(x[n]) -> y\n  y = 3", (1, 19), "expected ',' or ':'", ""),
    ("layer f(x) -> y: y = 3", (1, 18), "expected the end of the line", ""),
    ("if c:\ny = 3", (1, 6), "expected an indented block", ""),
    ("y = smu(i: 3)", (1, 5), "'smu' is no reduction", "did you mean 'sum'?"),
    ("y = f(a: 3)", (1, 5), "'f' is no reduction", "sum, mean, prod, max, min, argmax, argmin"),
    ("y = sum(2*i: 3)", (1, 9), "a reduction binds an index here", "i < 3"),
    ("y = sum(i=3, j: 3)", (1, 9), "a reduction binds an index here", ""),
    ("y = f(t: 1..3)", (1, 7), "a range is no argument of a call", ""),
    ("y = x[i: 3] + 2", (1, 7), "a read takes plain indices", ""),
    ("a, b = c", (1, 1), "several targets without a layer call", "h, last = lstm(x, 8)"),
    ("for l in 3:\n  y = 2", (1, 11), "expected '..', found ':'", ""),
    ("y = 1e999999", (1, 5), "an exponent beyond 400", "inf"),
    ("y = 1e-401", (1, 5), "an exponent beyond 400", ""),
    ("y = 1" + "0" * 60, (1, 5), "a number of more than 40 digits", ""),
    ("y = 2x", (1, 6), "a name follows the number 2", "2*x"),
    ("y = 1_000", (1, 6), "a name follows the number 1", "without underscores"),
    ("y =\t3", (1, 4), "a tab has no meaning", "use spaces"),
    ("y = a^b", (1, 6), "'^' has no meaning", "a**b"),
    ("y = a @ b", (1, 7), "'@' has no meaning", "sum(k:"),
    ("y = 1; z = 2", (1, 6), "';' has no meaning", "one line"),
    ("y = 'abc'", (1, 5), "expected a value", "a spec holds no texts"),
    ('y = "abc"', (1, 5), "has no meaning", "only names and numbers"),
    ("y = \x00", (1, 5), "has no meaning", ""),
    ("y = __import__(3)", (1, 5), "'__import__' is no name", ""),
    ("y = " + "a" * 81, (1, 5), "a name of 81 characters", ""),
    ("\uff58\uff59 = 3", (1, 1), "plain ASCII", "write 'xy'"),
    ("y = a \u00d7 b", (1, 7), "plain ASCII", "a*b"),
    ("y = a \u2212 b", (1, 7), "plain ASCII", "the minus sign is -"),
    ("  y = 3", (1, 3), "the first line is indented", ""),
    ("y = 3\n  z = 4", (2, 3), "this line is indented", "only the lines of a block"),
    ("if a:\n    y = 3\n  z = 4", (3, 3), "this indentation fits no line above", ""),
    ("else:\n  y = 3", (1, 1), "expected a statement, found 'else'", ""),
    ("network a\nnetwork b", (2, 1), "the network line comes first", ""),
    ("y = 1\nnetwork b", (2, 1), "the network line comes first", ""),
    ("layer f(x) -> y:\n  input z\n  y = x", (2, 3), "'input' belongs to the spec", ""),
    ("optimizer f(p, g):\n  if c:\n    minimize p", (3, 5), "'minimize' belongs to the spec", ""),
    ("if a:\n  function f(x) = x", (2, 12), "a definition of 'f' inside", "left margin"),
]


@pytest.mark.parametrize(("text", "at", "message", "more"), MISTAKES, ids=[repr(row[0])[:30] for row in MISTAKES])
def test_mistakes(text, at, message, more):
    with pytest.raises(SpecError) as caught:
        spec(text)
    error = caught.value
    assert not isinstance(error, SpecErrors), error
    assert (error.place.line, error.place.column) == at
    assert message in error.message
    assert more in str(error)
    assert "ANON" not in str(error)
    assert "_NEWLINE" not in str(error)


def test_every_mistake_is_reported_once_and_in_order():
    text = "y = (1\ninput x[N\nz = 1 +\nu = 2x\nlayer f(x) -> y:\n    y = = 1\n    y = = 2\nw = a b\n"
    with pytest.raises(SpecErrors) as caught:
        spec(text)
    assert [error.place.line for error in caught.value.errors] == [1, 2, 3, 4, 6, 8]


@pytest.mark.parametrize(
    "formula",
    ["(" * 10_000 + "1" + ")" * 10_000, "-" * 4000 + "1", "1" + "+1" * 2000, "a**" * 1500 + "1", "not " * 3000 + "a"]
    + ["f(" * 60 + "-" * 60 + "1" + ")" * 60, "x[" * 10_000, "x else " * 1000 + "0"],
    ids=["brackets", "signs", "sums", "powers", "nots", "calls", "open", "defaults"],
)
def test_what_is_too_deep_is_refused_at_once(formula):
    start = time.process_time()
    with pytest.raises(SpecError, match="deep"):
        spec(f"y = {formula}")
    assert time.process_time() - start < 2


def test_a_mistake_behind_something_deep():
    with pytest.raises(SpecError, match="found '2'"):
        spec("y = " + "1+" * 2000 + "1 2")


def test_what_is_deep_but_allowed():
    spec("y = 1" + " + 1" * (MAX_DEPTH - 2))
    spec("y = " + "(" * blocks.MAX_BRACKETS + "1" + ")" * blocks.MAX_BRACKETS)


@pytest.mark.parametrize(
    "text",
    [
        "y = 1\n" * 100_000,
        "y = " + "-" * 200_000 + "1",
        "y = [" + "1, " * 60_000 + "1]",
        "(\n" * 100_000,
        "\x01" * 200_000,
    ]
    + ["\x01a" * 100_000, "y = = 1\n" * 25_000, "x = (\n" * 30_000, "((\n))\n" * 20_000 + "("],
    ids=["long", "signs", "list", "brackets", "characters", "mixed", "mistakes", "unclosed", "closed"],
)
def test_long_texts_end_soon(text):
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        spec(text)
    assert time.process_time() - start < 3
    assert len(str(caught.value)) < 10_000


def test_an_error_never_steers_the_terminal():
    with pytest.raises(SpecError) as caught:
        spec("y = \x1b[31m + \ud800")
    assert str(caught.value).isascii() or "\ufffd" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    str(caught.value).encode()


def test_else_if_chains_have_a_limit():
    text = "if a == 0:\n  y = 0\n" + "".join(f"else if a == {i}:\n  y = {i}\n" for i in range(500))
    with pytest.raises(SpecError, match="deep"):
        spec(text)


def test_the_keywords_are_those_of_the_grammar():
    from symnet.language.lalr import tables

    assert {text for text in tables().texts if text.isalpha()} == blocks.KEYWORDS


def test_a_thousand_layers_parse_in_a_moment():
    text = "input x[N, 8]\n" + "".join(f"h{i + 1} = dense(h{i}, 8, activation=tanh)\n" for i in range(1000))
    start = time.process_time()
    spec(text)
    assert time.process_time() - start < 5
