"""What the machine is, and what it can do: the peak of matrix products and the bandwidth of memory."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from pathlib import Path
from time import perf_counter

import numpy as np

PACKAGES = ("numpy", "jax", "torch", "pytensor", "autograd", "scikit-learn")
SIZES = (2**16, 2**20, 2**23, 2**27)  # bytes that are copied, from a cache to the memory


def gemm_peak(size: int = 512, rounds: int = 200) -> float:
    """Operations per second of a float32 product of square matrices, at best."""
    a, b, c = (np.ones((size, size), np.float32) for _ in range(3))
    return 2 * size**3 / _best(lambda: np.dot(a, b, c), rounds)


def bandwidths(rounds: int = 50) -> list[tuple[int, float]]:
    """(bytes read and written, bytes per second at best) of copies in float32, for each of SIZES."""
    found = []
    for size in SIZES:
        a, b = np.ones(size // 8, np.float32), np.empty(size // 8, np.float32)
        repeat = max(1, 2**22 // size)

        def copy(a: np.ndarray = a, b: np.ndarray = b, repeat: int = repeat) -> None:
            for _ in range(repeat):
                np.copyto(b, a)

        found.append((size, size * repeat / _best(copy, rounds)))
    return found


def limit(flops: float, nbytes: float, peak: float, rates: list[tuple[int, float]]) -> float:
    """Seconds that the products and the unavoidable bytes take: bytes that fit into a cache at the cache's speed."""
    rate = next((rate for size, rate in rates if size >= nbytes), rates[-1][1])
    return flops / peak + nbytes / rate


def load() -> str:
    """How many programs want a CPU, on average over the last minutes; more than the match's own is a disturbance."""
    return ", ".join(f"{value:.1f}" for value in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"


def description() -> list[str]:
    """The machine and the versions, one line each."""
    versions = []
    for package in PACKAGES:
        try:
            versions.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            versions.append(f"{package} not installed")
    return [
        f"{_processor()}, {os.cpu_count()} CPUs, {_memory()}, {platform.system()} {platform.release()}",
        f"Python {platform.python_version()}, {', '.join(versions)}",
        f"BLAS of NumPy: {_blas()}",
    ]


def _best(function: object, rounds: int) -> float:
    times = []
    for _ in range(rounds):
        start = perf_counter()
        function()  # type: ignore[operator]
        times.append(perf_counter() - start)
    return min(times)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split("\t", 1) for line in lines if "\t" in line)
    facts = {key.strip(): value.strip(" \t:") for key, value in facts.items()}
    wide = "AVX-512" if "avx512f" in facts.get("flags", "") else "AVX2" if "avx2" in facts.get("flags", "") else ""
    family = f"family {facts.get('cpu family')} model {facts.get('model')}"
    return ", ".join(filter(None, (facts.get("model name", platform.machine()), family, wide)))


def _memory() -> str:
    try:
        kilobytes = Path("/proc/meminfo").read_text(encoding="utf-8").split()[1]
    except OSError:
        return "memory unknown"
    return f"{int(kilobytes) / 2**20:.0f} GB of memory"


def _blas() -> str:
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return "unknown (threadpoolctl is not installed)"
    found = [pool for pool in threadpool_info() if pool["user_api"] == "blas"]
    return ", ".join(
        f"{pool['internal_api']} {pool['version']} with {pool.get('architecture', '?')} kernels" for pool in found
    )
