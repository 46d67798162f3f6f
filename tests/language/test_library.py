"""The library: what it holds, what every entry must have, and what the caller's own may not do."""

import subprocess
import sys

import pytest

from symnet.errors import Source, SpecError, SpecErrors
from symnet.language import tree
from symnet.language.library import examples_of, load_library
from symnet.language.parse import parse

LIBRARY = load_library()
# Known to the compiler without a definition.
PRIMITIVES = (
    "exp log sqrt sin cos tan tanh sinh cosh arctan erf abs sign step floor sigmoid softplus log1p expm1 "
    "where max min stop sum mean prod argmax argmin"
)


def test_it_holds_what_a_newcomer_looks_for():
    wanted = (
        "identity relu leaky_relu relu6 elu selu softsign silu gelu gelu_tanh hard_sigmoid hard_tanh mish "
        "dense softmax log_softmax layer_norm mse mae huber softmax_cross_entropy softmax_cross_entropy_probs "
        "binary_cross_entropy hinge l1 l2 sgd momentum nesterov adam adamw rmsprop clip_norm clip_value"
    )
    assert set(wanted.split()) <= set(LIBRARY)


@pytest.mark.parametrize("definition", LIBRARY.values(), ids=LIBRARY)
def test_every_entry_explains_itself(definition):
    lines = definition.comment.split("\n")
    assert len(lines[0]) > 15
    assert any(line.startswith("Source: ") for line in lines)
    example = parse(Source("example", examples_of(definition)))
    assert example.name == f"{definition.name}_example"
    assert f"{definition.name}(" in examples_of(definition)
    assert sum(isinstance(statement, tree.Minimize) for statement in example.statements) == 1


@pytest.mark.parametrize("name", PRIMITIVES.split())
def test_no_entry_hides_a_primitive(name):
    assert name not in LIBRARY


def test_what_is_parsed_alone_is_what_the_whole_file_says():
    found = {}
    for source in dict.fromkeys(definition.place.source for definition in LIBRARY.values()):
        found |= {statement.name: statement for statement in parse(source).statements}
    assert dict(LIBRARY) == found
    assert list(LIBRARY) == list(found)


def test_a_spec_parses_what_it_calls():
    code = (
        "import symnet; from symnet.language import library; "
        "symnet.network('input x[N, 2]\\ny = relu(x)\\noutput y\\n'); print(*library._built_in()._parsed)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["relu"]


def test_the_callers_own_definitions_come_after():
    library = load_library([Source("mine.sym", "function twice(x) = 2*x\n")])
    assert list(library)[-1] == "twice"
    assert "twice" not in load_library()


def test_a_name_is_defined_once():
    with pytest.raises(SpecError, match="'relu' is defined twice") as caught:
        load_library([Source("mine.sym", "\nfunction relu(x) = x\n")])
    assert "mine.sym:2:10" in str(caught.value)
    assert "library/functions.sym" in str(caught.value)


def test_a_library_holds_definitions_only():
    with pytest.raises(SpecErrors) as caught:
        load_library([Source("mine.sym", "input x[N]\nfunction f(x) = x\noutput x\n")])
    assert [error.place.line for error in caught.value.errors] == [1, 3]


def test_an_example_is_the_indented_part_of_the_comment():
    text = "# What it does.\n# example:\n#   y = 1\n#   if y:\n#       z = 2\n# Not part of it.\nfunction f(x) = x\n"
    (definition,) = parse(Source("mine.sym", text)).statements
    assert examples_of(definition) == "y = 1\nif y:\n    z = 2\n"


def test_an_entry_without_an_example_is_an_error():
    (definition,) = parse(Source("mine.sym", "# What it does.\nfunction f(x) = x\n")).statements
    with pytest.raises(SpecError, match="'f' has no example"):
        examples_of(definition)
