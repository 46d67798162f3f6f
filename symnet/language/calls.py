"""Formulas and calls of layers to jobs: what a formula calls becomes a tensor of its own, and a call a scope."""

from __future__ import annotations

from dataclasses import dataclass, replace

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Job, Key
from symnet.language.arguments import callee
from symnet.language.bind import CallFrame, open_call
from symnet.language.constants import LayerResult
from symnet.language.equations import Text, blame, equation_job, is_layer, take_stock
from symnet.language.survey import Survey
from symnet.language.symbols import Frame, Registry, Tensor

MAX_LAYER_DEPTH = 40

# --- formulas --------------------------------------------------------------------------------------


def define(registry: Registry, text: Text, key: Key) -> None:
    """Puts on the agenda that this tensor holds this formula: a call of a layer, or an equation."""
    if isinstance(text.value, tree.Call) and text.dims is None and is_layer(text.value, text.frame):
        tensor = registry.tensor(text.target)
        tensor.equations = 0
        call_layer(registry, LayerCall(text.target, (text.target,), text.value, text.frame, key, text.place))
        return
    stock = take_stock(text, registry)
    layers = _hoist(registry, text, stock, (*key, 0))
    tensor = registry.tensor(text.target)
    if stock.indexed and text.dims is None and tensor.extents is None:  # one number, whatever the formula
        tensor.extents = []
        registry.agenda.announce(tensor.name)
    registry.agenda.add(equation_job(registry, text, (*key, 1), stock, layers))


def nested_path(registry: Registry, target: str, call: tree.Call) -> str:
    """The path of a call inside of a formula: that of the target, then the layer's name, made unique."""
    return registry.unique(f"{target.rstrip(chr(39))}.{call.name}")


def _hoist(registry: Registry, text: Text, stock: Survey, key: Key) -> dict[int, LayerResult]:
    """Gives each call of a layer in a formula a tensor of its own."""
    layers: dict[int, LayerResult] = {}
    for position, call in enumerate(stock.layers):
        path = nested_path(registry, text.target, call)
        inner = (*key, position)
        registry.add(Tensor(path, "value", inner, call.place))
        lifted = _lifted(registry, text, call)
        call_layer(registry, LayerCall(path, (path,), call, text.frame, inner, call.place, lifted))
        layers[id(call)] = LayerResult(path, lifted)
    return layers


def _lifted(registry: Registry, text: Text, call: tree.Call) -> tuple[tree.Dimension, ...] | None:
    """The indices of the equation, if the call's arguments are formulas in them, as in y[n, o] = softmax(a[n, o]).

    The layer is then applied to a tensor with all of these indices, and its result is read at them.
    """
    if text.dims is None or text.scatter:
        return None
    arguments = [argument for argument in call.arguments if not isinstance(argument.value, tree.Ellipsis_)]
    if not any(take_stock(replace_value(text, argument.value), registry).indexed for argument in arguments):
        return None
    dims: list[tree.Dimension] = []
    for dim in text.dims:
        if isinstance(dim, tree.Ranged):
            name = tree.Name(((dim.name, None),), dim.place)
            dim = tree.Plain(tree.Access(name, False, None, None, dim.place), dim.place)
        dims.append(dim)
    return tuple(dims)


def replace_value(text: Text, value: tree.Expression | tree.Ellipsis_) -> Text:
    """The equation with another formula, and without its left side."""
    assert not isinstance(value, tree.Ellipsis_)
    return replace(text, value=value, dims=None)


# --- calls of layers -------------------------------------------------------------------------------


@dataclass(eq=False)
class LayerCall:
    """A call of a layer. `path` begins the names of what is inside; `targets` are the tensors that it defines.

    `lifted` are the indices of the equation that it stands in, where its arguments are formulas in them.
    """

    path: str
    targets: tuple[str, ...]
    call: tree.Call
    frame: Frame
    key: Key
    place: Place
    lifted: tuple[tree.Dimension, ...] | None = None


def call_layer(registry: Registry, call: LayerCall) -> None:
    """Puts the expansion of a call on the agenda."""
    found = callee(call.call.name, call.frame)
    assert found is not None and isinstance(found.definition, tree.Layer)
    depth = call.frame.scope.depth + 1 if call.frame.scope else 1
    if depth > MAX_LAYER_DEPTH:
        raise SpecError(f"layers call each other more than {MAX_LAYER_DEPTH} deep", call.place)
    registry.groups[call.path] = (call.key, found.name)
    opened = CallFrame(call.path, found.definition, found.bound, call.call, call.frame)
    tensors = opened.tensor_arguments(registry)
    inner_key = (*call.key, 0)
    for position, (formal, value) in enumerate(tensors):
        if isinstance(value, tree.Access) and value.dims is None and value.default is None:
            continue
        opened.tensors[formal] = _argument(registry, call, formal, value, (*inner_key, position))

    def act(forced: bool) -> None:
        _expand(registry, call, opened, depth)

    defines = (*call.targets, f"call {call.path}")
    registry.agenda.add(Job((*call.key, 1), act, defines, call.place, blame=blame(call.frame)))


def _argument(registry: Registry, call: LayerCall, formal: str, value: tree.Expression, key: Key) -> str:
    """A tensor for an argument that is a formula."""
    nested = isinstance(value, tree.Call) and is_layer(value, call.frame)
    full = nested_path(registry, call.path, value) if nested and isinstance(value, tree.Call) else ""
    full = full or registry.unique(f"{call.path}.{formal}")
    text = Text(full, None, value, False, call.frame, value.place)
    if not nested and take_stock(text, registry).indexed:
        remedy = f"an argument is a whole tensor: name it first, as in z[n, k] = …, and write {call.call.name}(z, …)"
        text = replace(text, dims=call.lifted, remedy=remedy)
    registry.add(Tensor(full, "value", key, value.place, equations=1))
    define(registry, text, key)
    return full


def _expand(registry: Registry, call: LayerCall, opened: CallFrame, depth: int) -> None:
    definition = opened.definition
    scope, frame, declared = open_call(registry, opened, call.targets, depth, call.key)
    key = (*call.key, 1)
    if definition.value is not None:
        _expand_expression(registry, call, definition, definition.value, replace(frame, declared=declared), key)
    else:
        assert registry.read_body is not None
        registry.read_body(registry, definition, scope, frame, key, declared)
    registry.calls[call.path] = definition
    registry.agenda.announce(f"call {call.path}")


def _expand_expression(
    registry: Registry, call: LayerCall, definition: tree.Layer, value: tree.Expression, frame: Frame, key: Key
) -> None:
    if len(call.targets) > 1:
        raise SpecError(f"{definition.name} gives one result", call.place)
    tensor = registry.tensor(call.targets[0])
    tensor.equations = 1
    define(registry, Text(tensor.name, None, value, False, frame, definition.place), key)
