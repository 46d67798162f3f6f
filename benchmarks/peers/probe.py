"""Figures that need a fresh process: `python -m benchmarks.peers.probe WHAT CONTENDER FILE` prints one as JSON."""

from __future__ import annotations

import gc
import importlib
import json
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from itertools import accumulate
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from benchmarks.peers.rows import ROWS, WORKLOADS, Problem

# --- memory ---


def memory(contender: str, file: str) -> int:
    """The most bytes that two steps hold beyond parameters and data: results, workspace, temporaries."""
    from benchmarks.peers.contenders import CONTENDERS

    step, _ = CONTENDERS[contender].build(Problem.load(file), 1)
    gc.collect()
    return _torch_memory(step) if CONTENDERS[contender].package == "torch" else _numpy_memory(step)


def _numpy_memory(step: Callable[[], Any]) -> int:
    """NumPy tells tracemalloc of its arrays. Python's own objects are taken off, as many as there are in the end."""
    tracemalloc.start()
    kept = [step()]
    kept[0] = step()
    peak = tracemalloc.get_traced_memory()[1]
    snapshot = tracemalloc.take_snapshot()
    held = {
        domain: sum(trace.size for trace in snapshot.filter_traces([tracemalloc.DomainFilter(True, domain)]).traces)
        for domain in (0, np.lib.tracemalloc_domain)
    }
    return max(peak - held[0], held[np.lib.tracemalloc_domain])


def predicted(_: str, file: str) -> int:
    """What the plan of the generated module says of that, from its formula in the sizes."""
    from symnet.backends.numpy.footprint import step_footprint
    from symnet.compile import load, network
    from symnet.passes.pipeline import step_program

    row = ROWS[Problem.load(file).row]
    net = network(load(row.path))
    return step_footprint(net, step_program(net)).value({**net.examples, **row.sizes})


def _torch_memory(step: Callable[[], Any]) -> int:
    """PyTorch's profiler sees what its allocator gives and takes back, not the scratch space inside of oneDNN."""
    import torch

    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        kept = [step()]
        kept[0] = step()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trace.json")
        profile.export_chrome_trace(str(path))
        events = json.loads(path.read_text(encoding="utf-8"))["traceEvents"]
    changes = [(event["ts"], event["args"]["Bytes"]) for event in events if event.get("name") == "[memory]"]
    return max(accumulate(change for _, change in sorted(changes, key=lambda pair: pair[0])), default=0)


# --- time until something happens ---


def start(_: str, file: str) -> dict[str, float]:
    """Seconds to import a generated module after NumPy, of its first step, and of a later one.

    The import takes `compiled` more where Python can write no bytecode, as on a read-only system.
    """
    problem = Problem.load(file)
    sys.path.insert(0, str(problem.module.parent))
    begin = perf_counter()
    importlib.import_module(problem.module.stem)
    imported = perf_counter() - begin
    begin = perf_counter()
    compile(problem.module.read_bytes(), str(problem.module), "exec")
    compiled = perf_counter() - begin
    from benchmarks.peers.contenders import CONTENDERS

    step, _ = CONTENDERS["symnet"].build(problem, 1)
    gc.disable()
    times = []
    for _ in range(21):
        begin = perf_counter()
        step()
        times.append(perf_counter() - begin)
    return {"import": imported, "compiled": compiled, "first": times[0], "later": median(times[1:])}


def first_call(_: str, file: str) -> dict[str, dict[str, float]]:
    """Seconds of the parts of a process's first call, of a new workspace's after that, and of a call later on.

    The garbage collector waits: in which part it would run is chance, and it takes as long as a plan.
    """
    from benchmarks.peers.symnet_peer import step
    from symnet.contract import load_module

    problem = Problem.load(file)
    module: Any = load_module(problem.module)
    gc.disable()
    first = _parts_of_a_call(module, lambda: step(problem, module))
    second = _parts_of_a_call(module, lambda: step(problem, module))
    call, times = step(problem, module), []
    for _ in range(22):
        begin = perf_counter()
        call()
        times.append(perf_counter() - begin)
    return {"first": first, "second": second, "later": {"whole": median(times[2:])}}


def _parts_of_a_call(module: Any, made: Callable[[], Callable[[], Any]]) -> dict[str, float]:
    """Seconds of one call with a new workspace: the whole of it, and those to plan, to bind and to run.

    Besides `pages`, how many pages of memory the kernel had to find, or to fill with zeros, while it ran.
    """
    parts: dict[str, float] = {}

    def timed(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            begin = perf_counter()
            found = function(*arguments)
            parts[name] = perf_counter() - begin
            return found

        return call

    def planned(*sizes: Any) -> Callable[[Any], Any]:
        bind = timed("bind", timed("plan", plan)(*sizes))

        def bound(params: Any) -> tuple[Any, Any]:
            fits, run = bind(params)
            return fits, timed("run", run)

        return bound

    plan, call = module._step, made()
    module._step = planned
    before = getrusage(RUSAGE_SELF).ru_minflt
    timed("whole", call)()
    parts["pages"] = getrusage(RUSAGE_SELF).ru_minflt - before
    module._step = plan
    return parts


def compiling(contender: str, file: str) -> float:
    """Seconds from the spec, or the loss in JAX, to what can be called.

    Apart from it: the imports of JAX and the start of its backend; that of SymPy, with the part of it that the first
    sum loads. What symnet imports of its own and of other packages is counted.
    """
    problem = Problem.load(file)
    if contender == "jax":
        from benchmarks.peers.jax_peer import function
        from benchmarks.peers.jax_peer import start as start_jax

        step, params, data = function(problem, start_jax(1))
        begin = perf_counter()
        step.lower(params, data).compile()
        return perf_counter() - begin
    importlib.import_module("sympy.tensor.tensor")
    import symnet

    begin = perf_counter()
    compiled = symnet.compile(symnet.load(WORKLOADS / f"{problem.spec}.sym"), check=False)
    assert compiled.module
    return perf_counter() - begin


# --- second derivatives ---


def hessian(contender: str, file: str) -> float:
    """Seconds of the Hessian of a workload: the median of five."""
    spec = Path(file).stem
    rng = np.random.default_rng(20)
    if spec == "hessian_quadratic":
        data, wrt = {"A": rng.normal(size=(2048, 2048)).astype(np.float32)}, "x"
        params = {"x": rng.normal(size=2048).astype(np.float32)}
    else:
        data = {"x": rng.normal(size=(2048, 256)).astype(np.float32), "y": rng.integers(0, 2, 2048)}
        params, wrt = {"w": rng.normal(size=256).astype(np.float32) / 10}, "w"
    step = _hessian_jax(spec, params, data) if contender == "jax" else _hessian_symnet(file, params, data, wrt)
    right = _hessian_right(params, data)
    found = np.asarray(step(), np.float64)
    assert np.abs(found - right).max() <= 1e-4 * np.abs(right).max(), "the Hessian is wrong"
    times = []
    for _ in range(5):
        begin = perf_counter()
        step()
        times.append(perf_counter() - begin)
    return median(times)


def _hessian_right(params: dict[str, Any], data: dict[str, Any]) -> Any:
    if "A" in data:
        return data["A"].astype(np.float64) + data["A"].T
    x = data["x"].astype(np.float64)
    p = 1 / (1 + np.exp(-(x @ params["w"].astype(np.float64))))
    return (x.T * (p * (1 - p) / len(x))) @ x


def _hessian_symnet(file: str, params: dict[str, Any], data: dict[str, Any], wrt: str) -> Callable[[], Any]:
    import symnet

    module: Any = symnet.compile(symnet.load(file), check=False, further=[f"hessian:{wrt}"]).module
    function = getattr(module, f"hessian_{wrt}")
    return lambda: function(params, **data)


def _hessian_jax(spec: str, params: dict[str, Any], data: dict[str, Any]) -> Callable[[], Any]:
    from benchmarks.peers.jax_peer import start as start_jax

    jax = start_jax(1)
    xp = jax.numpy

    def quadratic(x: Any, data: Any) -> Any:
        return x @ data["A"] @ x

    def logistic(w: Any, data: Any) -> Any:
        z = data["x"] @ w
        return xp.mean(xp.logaddexp(z, 0.0) - data["y"] * z)

    function = jax.jit(jax.hessian(quadratic if spec == "hessian_quadratic" else logistic))
    held = {name: xp.asarray(value) for name, value in data.items()}
    point = xp.asarray(next(iter(params.values())))
    return lambda: function(point, held).block_until_ready()


PROBES: dict[str, Callable[[str, str], Any]] = {
    "memory": memory,
    "predicted": predicted,
    "start": start,
    "first_call": first_call,
    "compiling": compiling,
    "hessian": hessian,
}


if __name__ == "__main__":
    print(json.dumps(PROBES[sys.argv[1]](*sys.argv[2:])))
