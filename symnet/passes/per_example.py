"""Per-example gradients: what each example of a batch contributes to the gradient.

Every tensor that no example owns gets a copy for each of them, `W_each[n, i] = W[i]`; then the rule differentiates by
the copies, and gives dW_each[n, i] with the index of the batch kept free. What is calculated from the parameters alone,
a penalty, counts for each example in equal parts. The copies are for the rule only: what read a copy reads the tensor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from symnet.ir.affine import Affine
from symnet.ir.bundle import Differentiated
from symnet.ir.program import Access, Program, Statement, Tensor, fresh_name, leaf, size_expression, statement
from symnet.passes.differentiate import differentiate
from symnet.passes.order import ordered
from symnet.planning.batch import Batch


def per_example(program: Program, batch: Batch, objective: str, parameters: Sequence[str]) -> Differentiated:
    """The program with the adjoints of the copies of the parameters, the number of the example in front."""
    copies = _Copies(program, batch)
    derived = differentiate(copies.run(), {objective: None}, [copies.each[name] for name in parameters])
    adjoints = [adjoint for _, adjoint in derived.gradients]
    return replace(
        derived, program=copies.without(derived.program), gradients=tuple(zip(parameters, adjoints, strict=True))
    )


class _Copies:
    def __init__(self, program: Program, batch: Batch) -> None:
        self.program = program
        self.batch = batch
        self.tensors: dict[str, Tensor] = dict(program.tensors)
        self.each: dict[str, str] = {}  # shared tensor to its copies
        self.mean: dict[str, str] = {}  # shared tensor to the mean of its copies
        for name, tensor in program.tensors.items():
            if batch.shared(name) and not tensor.integer:
                self.each[name] = fresh_name(f"{name}_each", self.tensors)
                self.tensors[self.each[name]] = replace(
                    tensor, name=self.each[name], extents=(batch.extent, *tensor.extents)
                )

    def run(self) -> Program:
        """The program with copies; what shared statements do is done for each example."""
        statements: list[Statement] = []
        for s in self.program.statements:
            if s.target.tensor in self.each:
                statements += [s, self.repeated(s)]
                continue
            index = self.batch.index(s)
            if index is None:
                statements += [self.averaged(name) for name in s.reads if name in self.each and name not in self.mean]
            statements.append(self.reading(s, index))
        return replace(self.program, tensors=self.tensors, statements=tuple(statements))

    def repeated(self, s: Statement) -> Statement:
        """A shared statement for each example."""
        n = self.free_index(s.extents)
        target = Access(self.each[s.target.tensor], (Affine.index(n), *s.target.places))
        return self.reading(replace(s, target=target, domain=((n, self.batch.extent), *s.domain)), n)

    def averaged(self, name: str) -> Statement:
        """The mean of the copies: they are equal, and get equal parts of its adjoint."""
        tensor = self.program.tensors[name]
        mean = self.mean[name] = fresh_name(f"{name}_mean", self.tensors)
        self.tensors[mean] = replace(tensor, name=mean, role="value")
        box = tuple((f"i{k}", extent) for k, extent in enumerate(tensor.extents))
        n = self.free_index(dict(box))
        places = tuple(Affine.index(i) for i, _ in box)
        each = Access(self.each[name], (Affine.index(n), *places))
        share = leaf(0) / size_expression(self.batch.extent)
        return statement(
            Access(mean, places), "+", ((n, self.batch.extent), *box), share, (each,), (), "mean of copies"
        )

    def free_index(self, taken: Collection[str]) -> str:
        used = {*taken, *self.program.sizes, *self.program.tensors}
        return next(name for k in range(1000) if (name := f"n{k or ''}") not in used)

    def reading(self, s: Statement, index: str | None) -> Statement:
        """A statement that reads the copies of its own example, or the means of all."""
        leaves = {leaf(k): self.copied(a, index) for k, a in enumerate(s.leaves)}
        return statement(s.target, s.op, s.domain, s.body, leaves, s.guards, s.origin)

    def copied(self, access: Access, index: str | None) -> Access:
        if access.tensor not in self.each:
            return access
        if index is None:
            return replace(access, tensor=self.mean[access.tensor])
        return replace(access, tensor=self.each[access.tensor], places=(Affine.index(index), *access.places))

    def without(self, program: Program) -> Program:
        """The program in which what read a copy or a mean reads the tensor itself."""
        each, mean = ({copy: name for name, copy in table.items()} for table in (self.each, self.mean))

        def original(access: Access) -> Access:
            if access.tensor in each:
                return replace(access, tensor=each[access.tensor], places=access.places[1:])
            return replace(access, tensor=mean.get(access.tensor, access.tensor))

        kept = [
            statement(s.target, s.op, s.domain, s.body, tuple(map(original, s.leaves)), s.guards, s.origin)
            for s in program.statements
            if s.target.tensor not in each and s.target.tensor not in mean
        ]
        tensors = {name: t for name, t in program.tensors.items() if name not in each and name not in mean}
        return ordered(replace(program, tensors=tensors, statements=tuple(kept)))
