"""Names and accesses in formulas: what they stand for, and what they read."""

from __future__ import annotations

from symnet.errors import Place, SpecError
from symnet.language import tree
from symnet.language.agenda import Wait
from symnet.language.arguments import callee
from symnet.language.constants import CompileTime
from symnet.language.network import Expr, Index, Infinity, Op, Ref, Size
from symnet.language.survey import plain_name
from symnet.language.symbols import Closure, Frame, check_name, suggest
from symnet.language.values import Callee, Items, Value, describe, whole


class Names(CompileTime):
    """Looks names up and writes accesses."""

    def _access(self, node: tree.Access, frame: Frame) -> Expr:
        name = self.spell(node.name, frame)
        if not node.primed and node.dims is None and node.default is None:
            found = self._bare(name, node, frame)
            if found is not None:
                return found
        elif node.dims is not None and not node.primed:
            items = frame.value(name)
            if isinstance(items, Items):
                return self._as_expr(self.item(items, node, frame), node)
        try:
            full = self.lookup(name + "'" * node.primed, frame)
        except Wait as wait:
            wait.place = node.name.place
            raise
        if full is None:
            raise self._unknown(name, node, frame)
        return self._read(full, node, frame)

    def _bare(self, name: str, node: tree.Access, frame: Frame) -> Expr | None:
        if name in frame.arguments:
            argument = frame.arguments[name]
            return (
                self.expr(argument.value, argument.frame)
                if isinstance(argument, Closure)
                else self._as_expr(argument, node)
            )
        if name in frame.indices:
            return frame.indices[name]
        if name == "inf":
            return Infinity()
        if name == "training":
            return whole(self.registry.training)
        value = frame.value(name)
        return None if value is None else self._as_expr(value, node)

    def _as_expr(self, value: Value, node: tree.Access) -> Expr:
        if isinstance(value, Items | Callee):
            hint = (
                f"call it: {value.name}(…)" if isinstance(value, Callee) else "take one of its values, as in widths[0]"
            )
            raise SpecError(f"{node.name} is {describe(value)}, no number", node.place, hint=hint)
        if isinstance(value, Ref):
            self.reads.append(value)
        return value

    def lookup(self, name: str, frame: Frame) -> str | None:
        """The full name of the tensor that a name stands for, or None. Raises Wait before its call is expanded."""
        if name in frame.aliases:
            return frame.aliases[name]
        scope = frame.scope
        if scope is None:
            return None
        if name in scope.names:
            return scope.names[name]
        head, _, rest = name.partition(".")
        if not rest or head not in scope.names:
            return None
        full = scope.prefix + name
        full = self.registry.aliases.get(full, full)
        return self.registry.tensor(full).name

    def _read(self, full: str, node: tree.Access, frame: Frame) -> Expr:
        if node.dims is not None:
            self._brackets += 1
            indices = tuple(index for dim in node.dims for index in self.dim(dim, frame))
            self._brackets -= 1
        else:
            indices = self._whole_indices(full, node)
        default = None if node.default is None else self.expr(node.default, frame)
        ref = Ref(full, indices, default, place=node.place)
        self.reads.append(ref)
        return ref

    def _whole_indices(self, full: str, node: tree.Access) -> tuple[Expr, ...]:
        if not self.whole:
            return ()
        rank = len(self.registry.shape(full))
        if rank not in (0, len(self.whole)):
            tensor = self.registry.tensor(full)
            hint = "nothing is broadcast: write the indices, as in y[n, k] = h[n, k] + b[k]"
            message = f"{node.name} has the shape {tensor.shown()} next to tensors of {len(self.whole)} dimensions"
            raise SpecError(message, node.place, hint=hint)
        return tuple(Index(name) for name in self.whole) if rank else ()

    def dim(self, dim: tree.Dimension, frame: Frame) -> tuple[Expr, ...]:
        """The index expressions that one entry between brackets stands for. Raises SpecError for `i: I`."""
        match dim:
            case tree.Plain():
                return (self.expr(dim.value, frame),)
            case tree.Joined():
                return (Op("join", tuple(index for part in dim.parts for index in self.dim(part, frame))),)
            case tree.Ellipsis_():
                if frame.run is None:
                    hint = "bind it, as in sum(...: x[...]), or write it on the left"
                    raise SpecError("`...` stands for nothing here", dim.place, hint=hint)
                return frame.run
        hint = "an extent or a range is given where an index is bound: on the left of =, or in a reduction"
        raise SpecError("a read takes plain indices", dim.place, hint=hint)

    def _unknown(self, name: str, node: tree.Access, frame: Frame) -> SpecError:
        if callee(node.name, frame) is not None:
            return SpecError(f"{name!r} is a function", node.place, hint=f"call it: {name}(…)")
        hint = suggest(name, frame, self.registry)
        if plain_name(node) is not None and name in self.binders:
            message = f"the index {name!r} is used outside of the reduction that binds it"
            return SpecError(message, node.place, also=self.binders[name], hint=hint)
        if plain_name(node) is not None and self._brackets:
            message = f"the index {name!r} is neither on the left nor bound by a reduction"
            return SpecError(
                message, node.place, hint=f"{hint} {self.remedy or f'to add up over it, write sum({name}: …)'}".strip()
            )
        place = node.name.place if "." in name or node.dims is not None else node.place
        return SpecError(f"unknown name {name + chr(39) * node.primed!r}", place, hint=hint)

    def fresh(self, name: str) -> str:
        """A name for an index that no other in the equation has."""
        found = name
        while found in self.used:
            self._numbers[name] = self._numbers.get(name, 1) + 1
            found = f"{name}{self._numbers[name]}"
        self.used.add(found)
        return found

    def check_index(self, name: str, place: Place, frame: Frame) -> None:
        """Raises SpecError if an index may not bear this name."""
        check_name(name, place)
        value = frame.value(name)
        if value is not None:
            kind = "size" if isinstance(value, Size) else "constant"
            raise SpecError(f"an index may not bear the name of the {kind} {name!r}", place)
        if name in frame.arguments:
            raise SpecError(f"an index may not bear the name of the argument {name!r}", place)
        if frame.scope is not None and name in frame.scope.names:
            raise SpecError(f"an index may not bear the name of the tensor {name!r}", place)
