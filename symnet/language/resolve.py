"""Syntax tree to network: `resolve(spec, library=…)`.

    tree -> blocks of statements (expand.py) -> jobs (agenda.py) -> drafts of equations (equations.py)
         -> extents (infer.py) -> ranges and kinds checked (assemble.py) -> Network

All mistakes that can be told apart are reported in one run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from symnet.errors import SpecError, UsageError, nearest
from symnet.language import tree
from symnet.language.agenda import Job
from symnet.language.assemble import assemble
from symnet.language.expand import Block, Goals, read_body
from symnet.language.library import joined
from symnet.language.network import Network, Num
from symnet.language.symbols import Frame, Registry, Scope, check_name
from symnet.language.values import Definition, Items, Value

Setting = int | float | Fraction | Sequence["Setting"]


def resolve(
    spec: tree.Spec,
    *,
    training: bool = True,
    constants: Mapping[str, Setting] | None = None,
    library: Mapping[str, Definition] | None = None,
) -> Network:
    """The network that a spec describes, for training or for inference.

    `constants` override those of the spec, `library` holds the definitions that a spec may call besides its own.
    Raises SpecError (SpecErrors for several) for mistakes in the spec, UsageError for a constant that it has not.
    """
    library = library or {}
    own = _definitions(spec)
    registry = Registry(training, joined(own, library), library, read_body=read_body)
    scope = Scope("")
    goals = Goals()
    block = Block(registry, scope, Frame(registry.spec_home, scope), (), goals, _settings(constants or {}))
    try:
        block.read(spec.statements, {})
    except SpecError as error:
        registry.agenda.fail(error)
        registry.agenda.stop()
    _check_settings(constants or {}, block)
    _run(registry)
    registry.agenda.stop()
    return assemble(spec, registry, goals)


def _definitions(spec: tree.Spec) -> dict[str, Definition]:
    own: dict[str, Definition] = {}
    for node in spec.statements:
        if not isinstance(node, tree.Layer | tree.Function | tree.Optimizer):
            continue
        check_name(node.name, node.place)
        if node.name in own:
            raise SpecError(f"{node.name!r} is defined twice", node.place, also=own[node.name].place)
        own[node.name] = node
    return own


# --- constants from outside ------------------------------------------------------------------------


def _settings(constants: Mapping[str, Setting]) -> dict[str, Value]:
    return {name: _setting(name, value) for name, value in constants.items()}


def _setting(name: str, value: Setting) -> Value:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return Items(tuple(_setting(name, item) for item in value))
    if isinstance(value, float) and value - value == 0:  # a finite number, as the decimal that Python prints
        return Num(Fraction(repr(value)), True)
    if isinstance(value, int | Fraction):
        return Num(Fraction(value), isinstance(value, Fraction) and value.denominator != 1)
    raise UsageError(f"the constant {name!r} cannot be set to {value!r}: a number or a list of numbers is meant")


def _check_settings(constants: Mapping[str, Setting], block: Block) -> None:
    for name in constants:
        if name not in block.constants:
            hint = nearest(name, sorted(block.constants)) or "const NAME = VALUE declares one"
            raise UsageError(f"the spec has no constant {name!r} that could be set", hint=hint)


# --- running ---------------------------------------------------------------------------------------


def _run(registry: Registry) -> None:
    agenda = registry.agenda
    agenda.run()
    while not agenda.errors and agenda.stuck():
        # A call that has not been expanded may still bring parameters: let what is stuck guess before counting them.
        calls = any(name.startswith("call ") for job in agenda.stuck() for name in job.defines)
        if (calls or registry.parameters_known) and agenda.force():
            agenda.run()
        elif not registry.parameters_known:
            registry.parameters_known = True
            agenda.announce("params")
            agenda.run()
        else:
            break
    if not agenda.errors:
        _check_shapes(registry)
    if not agenda.errors:
        _explain(registry, agenda.stuck())


def _check_shapes(registry: Registry) -> None:
    """Notes an error for a tensor of several ranges of which it cannot be told which is the last."""
    for tensor in registry.tensors.values():
        known = all(name in draft.extents for draft in tensor.drafts for name in draft.free)
        if (
            tensor.shape is None
            and known
            and tensor.drafts
            and len(tensor.drafts) == tensor.equations + tensor.scatters
        ):
            message = f"it cannot be told which of the ranges of {tensor.name!r} ends last"
            registry.agenda.fail(SpecError(message, tensor.place), (), tensor.drafts[0].blame)


def _explain(registry: Registry, stuck: list[Job]) -> None:
    """Says why jobs are stuck: a name that does not exist, a cycle, an index without an extent."""
    makers = {name: job for job in stuck for name in job.defines}
    for job in stuck:
        for name in job.waits:
            if name not in registry.tensors and name not in makers and name != "params":
                error = SpecError(
                    f"unknown name {name!r}", job.asked or job.place, hint=nearest(name, registry.tensors)
                )
                registry.agenda.fail(error, (), job.blame)
                break
    if registry.agenda.errors or not stuck:
        return
    path = _chain(stuck[0], makers)
    cyclic = path[path.index(makers[path[-1].waits[0]]) :] if path[-1].waits[0] in makers else path[-1:]
    explains = [job.explain for job in cyclic if job.explain is not None]
    if len(explains) == len(cyclic):
        registry.agenda.fail(explains[0](), (), cyclic[0].blame)
        return
    names = [job.defines[0] for job in (*cyclic, cyclic[0]) if job.defines]
    hint = "a recurrence is written with indices: h[n, t] = … h[n, t-1] else 0 …"
    error = SpecError(f"a cycle without a recurrence: {' <- '.join(names)}", cyclic[0].place, hint=hint)
    registry.agenda.fail(error, (), cyclic[0].blame)


def _chain(job: Job, makers: Mapping[str, Job]) -> list[Job]:
    """The job, the one that it waits for, and so on, until one comes again or waits for nothing that is known."""
    path = [job]
    while (following := makers.get(path[-1].waits[0])) is not None and following not in path:
        path.append(following)
    return path
