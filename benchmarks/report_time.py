"""How long a report takes to write and to open: `python benchmarks/report_time.py`.

Writing is measured in a process of its own, its start included, in seconds of the processor and of the clock; opening
in a headless Chromium, from the call to the end of the script in the page. The goals, for 3,000 statements: 10 s
to write, 2 s to open.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("scalar_graph", "digits_mlp", "lenet", "gpt_small")
CHAIN = """network chain
const depth = 500
example N = 4
input x[N, 8]
h{0}[n, i] = x[n, i]
for l in 1..depth+1:
    h{l} = dense(h{l-1}, 8, activation=tanh)
minimize mean(n, i: h{depth}[n, i]**2)
"""
WRITE = """
import sys, time, resource, symnet
page = symnet.report(symnet.load(sys.argv[1]))
page.save(sys.argv[2])
table = page.data.get("table")
used = resource.getrusage(resource.RUSAGE_SELF)
print(len(table["rows"]) if table else len(page.data["walks"][0]["nodes"]), used.ru_utime + used.ru_stime)
"""


def main() -> None:
    """Print a row for each example, and one for a long chain."""
    sys.path.insert(0, str(ROOT))
    from tests.browser import browser

    print(f"{'network':<14} {'nodes':>6} {'processor s':>12} {'clock s':>8} {'kB':>6} {'opens in s':>11}")
    with TemporaryDirectory() as folder, browser() as found:
        chain = Path(folder) / "chain.sym"
        chain.write_text(CHAIN, encoding="utf-8")
        for spec in (*(ROOT / "examples" / f"{name}.sym" for name in EXAMPLES), chain):
            page = Path(folder) / f"{spec.stem}.html"
            start = perf_counter()
            command = [sys.executable, "-c", WRITE, str(spec), str(page)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            clock = perf_counter() - start
            count, used = done.stdout.split()
            start = perf_counter()
            found.open(page)
            assert found.one("html").get_attribute("data-ready") == "yes"
            opened = perf_counter() - start
            size = page.stat().st_size / 1000
            print(f"{spec.stem:<14} {count:>6} {float(used):>12.1f} {clock:>8.1f} {size:>6.0f} {opened:>11.2f}")


if __name__ == "__main__":
    main()
