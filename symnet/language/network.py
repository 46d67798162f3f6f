"""The network: a spec with its names resolved, its layers expanded and its extents known, for one mode.

    Network    = sizes, tensors, equations in the order of the text, outputs, metrics, objective, update
    Equation   = for all `indices`: target[place] (= | +=) value
    Expr       = Num | Index | Size | Ref | Op | Reduce

Index names are local to an equation and bound names differ from all others in it. Every Ref has as many index
expressions as its tensor has dimensions; joined indices have become arithmetic, h*K + k. There are no layers,
functions, constants or ellipses left, and no SymPy yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from symnet.errors import Place, Source
from symnet.language.extents import Extent
from symnet.markup import listing, table

# --- expressions -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Num:
    """An exact number; `real` is True for a literal like `1.0`, so that `1.0` does not index."""

    value: Fraction
    real: bool = False


@dataclass(frozen=True, slots=True)
class Infinity:
    """The literal `inf`; `-inf` is Op("neg", (Infinity(),))."""


@dataclass(frozen=True, slots=True)
class Index:
    """The value of a free or bound index, an integer from 0."""

    name: str


@dataclass(frozen=True, slots=True)
class Size:
    """The value of an extent, an integer."""

    extent: Extent


@dataclass(frozen=True, slots=True)
class Ref:
    """A read of a tensor. `default` is what an access outside of the range gives; None where none can happen.

    `checked` is True where the reader must check the range at run time (an indirect access, or an extent
    that could not be compared at compile time).
    """

    tensor: str
    indices: tuple[Expr, ...]
    default: Expr | None = None
    checked: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Op:
    """An operation on scalars. Names and arities, all there are:

    add sub mul div floordiv mod pow neg | eq ne lt le gt ge and or not | where max2 min2 |
    exp log sqrt sin cos tan tanh sinh cosh arctan erf abs sign step floor sigmoid softplus log1p expm1 | stop
    """

    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Reduce:
    """`op` (sum, mean, prod, max, min, argmax, argmin) of `body` over the binders, each from 0 to its extent - 1.

    A filter keeps only the points where it is not 0: the others take no part.
    """

    op: str
    binders: tuple[tuple[str, Extent], ...]
    condition: Expr | None
    body: Expr
    place: Place | None = field(default=None, compare=False)


Expr = Num | Infinity | Index | Size | Ref | Op | Reduce


# --- tensors and equations -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sampler:
    """How values are drawn: `uniform(0.1, 1)`, `glorot_uniform`, `orthogonal`, …

    `name` is one of zeros, ones, constant, uniform, normal, orthogonal and the fan-based ones, glorot_uniform,
    glorot_normal, he_uniform, he_normal, lecun_uniform, lecun_normal. `arguments` are numbers by the name of the
    initialiser's formal (constant: value; uniform: low, high; normal: mean, std; fan-based: fan_in, fan_out and
    gain, already filled in from the shape where the spec did not give them; they may be Extents).
    """

    name: str
    arguments: tuple[tuple[str, Fraction | Extent], ...] = ()


@dataclass(frozen=True, slots=True)
class TensorDecl:
    """A tensor of the network.

    role     input | param | state | random | value
    bound    for an integer input: its values are 0..bound-1
    integer  whether its values are integers
    sampler  the initial value (param, state), the distribution (random), or what test data looks like (input)
    frozen   a param outside of `minimize … over`: no gradient is taken
    """

    name: str
    extents: tuple[Extent, ...]
    role: str
    integer: bool = False
    bound: Extent | None = None
    sampler: Sampler | None = None
    frozen: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Equation:
    """For all values of `indices` (name, extent): `target[places] = value`, or `+=` where `scatter`.

    `places` are index expressions over `indices` (and integer tensors, in a scatter), one per dimension of the
    target: an Index each for a plain equation, Index + offset for one of several ranges, h*K + k for a joined one.
    """

    target: str
    indices: tuple[tuple[str, Extent], ...]
    places: tuple[Expr, ...]
    value: Expr
    scatter: bool = False
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What could not be proved when compiled and is checked when arrays arrive: `left relation right`.

    `relation` is `==` or `<=`; `message` says what is wrong where it does not hold.
    """

    left: Extent
    relation: str
    right: Extent
    message: str
    place: Place | None = None

    def holds(self, sizes: Mapping[str, int]) -> bool:
        """Whether it is true for these sizes."""
        left, right = self.left.value(sizes), self.right.value(sizes)
        return left == right if self.relation == "==" else left <= right

    def __str__(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


@dataclass(frozen=True, slots=True)
class Optimizer:
    """One optimiser step, the same for every parameter, whatever its shape.

    hypers     keyword to default value, in order; a Ref with the hyper's name and no indices reads it
    slots      name to initial value: `slots` are arrays of the parameter's shape, `counters` single numbers that
               all parameters share
    totals     name to Expr: a sum over all elements of all gradients, e.g. the squared norm. In its body the
               Ref "g" is the element of the gradient (and "p" of the parameter)
    equations  (name, Expr) in order; elementwise, every Ref has no indices and names "p", "g", a hyper, a slot, a
               counter, a total or an earlier name. The names p', and s' for a slot or counter s, are the results.
    """

    name: str
    hypers: tuple[tuple[str, Fraction], ...]
    slots: tuple[tuple[str, Fraction], ...]
    counters: tuple[tuple[str, Fraction], ...]
    totals: tuple[tuple[str, Expr], ...]
    equations: tuple[tuple[str, Expr], ...]


@dataclass(frozen=True)
class Network:
    """What the resolver makes of a spec, for training or for inference.

    sizes      the sizes known only at run time, in the order of their first appearance
    tensors    every tensor by name, in the order of the text (layer internals under their dotted names)
    equations  in an order in which the text gives them; a tensor may be read before it is defined
    outputs    names of the tensors the module returns
    metrics    metric name to the scalar tensor that holds it
    objective  the scalar tensor that is minimised, or None
    next_state state name to the tensor that holds its next value
    groups     layer call ("h", "h.dense2") to the layer's name, for summaries and pictures
    examples   test values of sizes
    conditions what the sizes must satisfy at run time
    """

    name: str
    training: bool
    source: Source
    sizes: tuple[str, ...]
    tensors: Mapping[str, TensorDecl]
    equations: tuple[Equation, ...]
    outputs: tuple[str, ...]
    metrics: tuple[tuple[str, str], ...]
    objective: str | None
    optimizer: Optimizer | None
    next_state: tuple[tuple[str, str], ...] = ()
    groups: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, int] = field(default_factory=dict)
    conditions: tuple[Condition, ...] = ()

    def _repr_html_(self) -> str:
        """The spec, and what was found out about its tensors: layers are open, extents known."""
        rows = [
            (d.name, f"{d.role} < {d.bound}" if d.bound is not None else d.role, f"[{', '.join(map(str, d.extents))}]")
            for d in self.tensors.values()
        ]
        found = table(("tensor", "role", "shape"), rows)
        goal = f"minimises {self.objective}" if self.objective else "minimises nothing"
        return listing(f"{self.name}: {goal}", self.source.text.strip()) + found
