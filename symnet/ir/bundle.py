"""All programs that one emitted module is made of: what the driver hands to a backend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from symnet.ir.program import Program, Statement
from symnet.language.network import Network


@dataclass(frozen=True)
class Update:
    """One optimiser step for one parameter of any shape, as elementwise statements over rank-0 tensors.

    hypers      keyword to default, in order
    slots       slot name to initial value: arrays of the parameter's shape
    counters    counter name to initial value: plain numbers shared by all parameters
    totals      name to a statement whose body, over the leaves `g` and `p`, is summed over all elements of all
                gradients before the first parameter is touched
    before      statements over hypers, counters and totals alone: scalars, calculated once for all parameters
    program     rank-0 tensors; inputs `p`, `g`, hypers, slots, counters, totals and what `before` defines; results
                `p'` and the primed slots. The primed counters are defined in `before`.
    """

    name: str
    hypers: tuple[tuple[str, Fraction], ...]
    slots: tuple[tuple[str, Fraction], ...]
    counters: tuple[tuple[str, Fraction], ...]
    totals: tuple[tuple[str, Statement], ...]
    before: tuple[Statement, ...]
    program: Program


@dataclass(frozen=True)
class Differentiated:
    """A program with its adjoint behind it.

    program    statements[:forward] calculate the values, the rest the adjoints
    forward    how many statements belong to the forward part
    seeds      tensor to the name of its upstream adjoint: an input of the program, or nothing where it is 1
    gradients  tensor (a param or a real input) to the name of its adjoint in the program
    plain      where some values are calculated a second time: the same with all of them kept
    """

    program: Program
    forward: int
    seeds: tuple[tuple[str, str], ...]
    gradients: tuple[tuple[str, str], ...]
    plain: Differentiated | None = None

    def _repr_html_(self) -> str:
        return self.program._repr_html_()


@dataclass(frozen=True)
class Tangents:
    """A program with tangents.

    program     calculates values and tangents
    directions  tensor to the input that holds the direction in which it moves; none where all are taken at once
    tangents    tensor to its tangent; behind the dimensions of the tensor come those of the direction, where all are
                taken at once
    """

    program: Program
    directions: tuple[tuple[str, str], ...]
    tangents: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Derivative:
    """A further function of a module.

    kind        jvp | hvp | hessian | diagonal | per_example
    function    the name of the function, in the words of the spec: hessian_h.W
    program     calculates it
    directions  tensor to the input that holds the direction in which it moves
    values      tensors that the function returns besides: the outputs of a jvp
    results     what it returns: a tensor with its keys, (parameter,) or (rows, columns); () where it is the only one
    of          the parameter that it is taken for, "" where it is for all
    """

    kind: str
    function: str
    program: Program
    directions: tuple[tuple[str, str], ...]
    values: tuple[str, ...]
    results: tuple[tuple[tuple[str, ...], str], ...]
    of: str = ""


@dataclass(frozen=True)
class Shards:
    """How a batch may be cut.

    size    the run-time size that counts the examples
    inputs  the inputs that hold examples, with the dimension that counts them; any other goes to every part whole
    noise   the same for the random tensors
    loss    "mean": loss, gradients and next states are those of the parts, weighed with their shares of the examples;
            "sum": they are added up
    """

    size: str
    inputs: tuple[tuple[str, int], ...]
    noise: tuple[tuple[str, int], ...]
    loss: str


@dataclass(frozen=True)
class Bundle:
    """What a backend emits.

    training     the network in training mode; `inference` the same for inference
    step         loss and the gradients of the params that are not frozen; None without an objective. No seeds.
    pull         forward (results: outputs and loss) and the pullback of upstream gradients of the outputs and the
                 loss to all params and real inputs
    predict      inference: results are the outputs
    evaluate     inference: results are the loss and the metrics
    update       the optimiser, None without one
    shards       how a batch may be cut, None where that is not proved
    derivatives  the functions that were asked for besides
    """

    training: Network
    inference: Network
    step: Differentiated | None
    pull: Differentiated
    predict: Program
    evaluate: Program
    update: Update | None
    digest: str
    options: Mapping[str, str]
    shards: Shards | None = None
    derivatives: tuple[Derivative, ...] = ()
