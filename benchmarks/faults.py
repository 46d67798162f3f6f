"""Which tests see which mistake: `python benchmarks/faults.py [NAME ...] [--tests PATH ...]`.

Plants the faults of `tests/faults.py` one by one, runs the tests, and prints how many of which file fail. A fault that
no test sees makes the exit code 1.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# Those that look at gradients and values; the others know nothing of formulas. `test_faults.py` plants its own.
TESTS = (
    "tests/passes",
    "tests/backends",
    "tests/docs",
    "tests/test_check.py",
    "tests/test_examples.py",
    "tests/test_generated.py",
    "tests/test_library.py",
    "tests/test_random.py",
    "tests/test_sympy_diff.py",
)


def failing(fault: str | None, tests: list[str]) -> Counter[str]:
    """How many tests of which file fail with a fault planted, or with none."""
    planted = ["--fault", fault] if fault else []
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.faults",
        *planted,
        "-q",
        "-n",
        "2",
        "--tb=no",
        "-rfE",
        *tests,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return Counter(re.findall(r"^(?:FAILED|ERROR) ([^:\s]+)", done.stdout, re.MULTILINE))


def names() -> Iterator[str]:
    """The faults of the table, and every stabilising rule left out."""
    sys.path.insert(0, str(ROOT))
    from tests.faults import FAULTS, SKIPPED

    yield from (fault.name for fault in FAULTS)
    yield from (f"skip {rule}" for rule in SKIPPED)


def main() -> int:
    """Print a table of faults and failing tests."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("faults", nargs="*", metavar="NAME", help="a part of the name of a fault; all by default")
    parser.add_argument("--tests", nargs="+", default=list(TESTS), metavar="PATH")
    options = parser.parse_args()
    wanted = [name for name in names() if not options.faults or any(part in name for part in options.faults)]
    before = failing(None, options.tests)
    if before:
        print(f"without a fault: {dict(before)} fail")
    unseen = 0
    for name in wanted:
        counts = failing(name, options.tests) - before
        unseen += not counts
        print(f"{name}: {counts.total()} tests fail", flush=True)
        for file, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            print(f"    {count:4}  {file}", flush=True)
    return 1 if unseen else 0


if __name__ == "__main__":
    sys.exit(main())
