"""Random programs in numbers: `python benchmarks/random_programs.py 1000 [--first 0] [--recurrences] [--rows]`.

Every program is differentiated, twice, and taken through all passes; gradients are compared with differences at 50
digits and values with the interpreter. With `--rows`, what runs are the kernels alone, in both precisions, as planned
and with every row of `symnet/planning/rows.py` forced in turn; every other program is one full of windows, scatters
and the like. Exits with 1 if anything disagrees.
"""

from __future__ import annotations

import argparse
import sys
import traceback
from collections import Counter
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.agreement import CHECKS  # noqa: E402
from tests.kernel_programs import kernel_program  # noqa: E402
from tests.programs import random_program  # noqa: E402
from tests.rows import row_failures  # noqa: E402


def main() -> int:
    """Run the checks and print how many programs passed each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int, nargs="?", default=1000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--recurrences", action="store_true", help="programs in which tensors read their own elements")
    parser.add_argument("--rows", action="store_true", help="force every row of the planner in turn")
    parser.add_argument(
        "--only", default="", help="only checks with this word in their name: passes, kernels, modules, ..."
    )
    options = parser.parse_args()
    checks = {name: check for name, check in CHECKS.items() if options.only in name}
    if options.rows:
        checks = {"every row against the interpreter": row_failures}
    passed: Counter[str] = Counter()
    statements, start = 0, perf_counter()
    for seed in range(options.first, options.first + options.count):
        kernels = options.rows and seed % 2 == 0
        r = kernel_program(seed) if kernels else random_program(seed, recurrences=options.recurrences)
        statements += len(r.program.statements)
        for name, check in checks.items():
            try:
                failures = list(check(r))
            except Exception:
                failures = [traceback.format_exc()]
            passed[name] += not failures
            for failure in failures:
                print(f"seed {seed}: {name}: {failure}")
    print(f"{options.count} random programs, {statements} statements, {perf_counter() - start:.0f} s")
    for name in checks:
        print(f"  {name:40} {passed[name]:6} agree")
    return 0 if all(passed[name] == options.count for name in checks) else 1


if __name__ == "__main__":
    sys.exit(main())
