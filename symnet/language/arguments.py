"""Arguments to formals, and names to what they call."""

from __future__ import annotations

from collections.abc import Mapping

from symnet.errors import Place, SpecError, nearest
from symnet.language import tree
from symnet.language.survey import plain_name
from symnet.language.symbols import PRIMITIVES, Closure, Frame, Registry, suggest
from symnet.language.values import Callee, Value

# Called with plain arguments, the reductions max and min choose between numbers.
_CHOICES = ("max", "min")


def callee(name: tree.Name, frame: Frame) -> Callee | None:
    """What this name calls in the frame, or None."""
    if len(name.parts) > 1 or name.parts[0][1] is not None:
        return None
    text = name.parts[0][0]
    if text in frame.arguments:
        return _callee_of_argument(frame.arguments[text])
    value = frame.value(text)
    if value is not None:
        return value if isinstance(value, Callee) else None
    if text in PRIMITIVES or text in _CHOICES or text == "len":
        return Callee(text)
    definition = frame.home.get(text)
    return None if definition is None else Callee(definition)


def _callee_of_argument(argument: Closure | Value) -> Callee | None:
    if isinstance(argument, Callee):
        return argument
    if isinstance(argument, Closure) and isinstance(argument.value, tree.Access) and plain_name(argument.value):
        return callee(argument.value.name, argument.frame)
    return None


def required_callee(call: tree.Call, frame: Frame, registry: Registry) -> Callee:
    """What this call calls. Raises SpecError if there is no such thing."""
    found = callee(call.name, frame)
    if found is not None:
        return found
    name = str(call.name)
    if name in ("sum", "mean", "prod", "argmax", "argmin"):
        hint = f"as in {name}(i: x[i]); over all indices of a tensor of two dimensions, {name}(i, j: x[i, j])"
        raise SpecError(f"{name} needs the indices that it runs over", call.place, hint=hint)
    scope = frame.scope
    if frame.value(name) is not None or (scope is not None and name in scope.names):
        raise SpecError(f"{name!r} is no function and cannot be called", call.place)
    hint = nearest(name, [*frame.home, *PRIMITIVES]) or suggest(name, frame, registry)
    raise SpecError(f"unknown function or layer {name!r}", call.name.place, hint=hint)


def bind(
    what: str,
    formals: tuple[tree.Formal, ...],
    call: tree.Call,
    bound: tuple[tuple[str, Value], ...] = (),
    extra: tuple[str, ...] = (),
) -> dict[str, tree.Argument | Value]:
    """The arguments of a call by the names of the formals; those with a default may be missing.

    `bound` are arguments given before, `extra` keywords that are no formals. Raises SpecError for an argument that
    is unknown, given twice, missing, or one too many.
    """
    given: dict[str, tree.Argument | Value] = dict(bound)
    names = [formal.name for formal in formals]
    open_names = [name for name in names if name not in given]
    positional = [argument for argument in call.arguments if argument.keyword is None]
    if len(positional) > len(open_names):
        message = f"{what} takes {_count(len(open_names))}, and {len(positional)} are given"
        raise SpecError(message, positional[len(open_names)].place, hint=signature(what, formals))
    given |= dict(zip(open_names, positional, strict=False))
    for argument in call.arguments:
        if isinstance(argument.value, tree.Ellipsis_):
            raise SpecError("`...` is no argument of a call", argument.place)
        if argument.keyword is None:
            continue
        if argument.keyword not in names and argument.keyword not in extra:
            hint = nearest(argument.keyword, [*names, *extra]) or signature(what, formals)
            raise SpecError(f"{what} has no argument {argument.keyword!r}", argument.place, hint=hint)
        if argument.keyword in given and argument.keyword not in dict(bound):
            raise SpecError(f"the argument {argument.keyword!r} is given twice", argument.place)
        given[argument.keyword] = argument
    return given


def require_all(
    what: str, formals: tuple[tree.Formal, ...], given: Mapping[str, tree.Argument | Value], place: Place
) -> None:
    """Raises SpecError for a formal without a default that got no argument."""
    for formal in formals:
        if formal.name not in given and formal.default is None:
            raise SpecError(f"{what} needs {formal.name!r}", place, hint=signature(what, formals))


def signature(what: str, formals: tuple[tree.Formal, ...]) -> str:
    """`dense(x, units, activation=…)`, for hints."""
    shown = [formal.name + ("" if formal.default is None else "=…") for formal in formals]
    return f"it is called as {what}({', '.join(shown)})"


def _count(number: int) -> str:
    return "no argument" if number == 0 else "one argument" if number == 1 else f"{number} arguments"
