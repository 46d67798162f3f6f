"""The helper functions of emitted modules: a file each in `templates/numpy/helpers/`, put in where they are called."""

from __future__ import annotations

import re
from itertools import takewhile

from symnet.backends import templates

FOLDER = "helpers"


def helper_sources(body: str) -> tuple[list[str], list[str]]:
    """The helpers that a module's body and they themselves call, in order of first use, and the imports of all.

    The helper `_erf` is the file erf.py: first its imports, then what goes into the module. A class may be a helper
    too. Imports come as lines, with an empty one between those of the standard library and NumPy's.
    """
    known = {name.removesuffix(".py") for name in templates.listing("numpy", FOLDER) if name.endswith(".py")}
    imports = {"import math"} if re.search(r"[ (]math\.\w+[,)]", body) else set()
    sources: dict[str, str] = {}
    queue = [body]
    while queue:
        for name in map(str.lower, re.findall(r"\b_([A-Za-z]\w*)\(", queue.pop(0))):
            if name in known and name not in sources:
                lines = templates.text("numpy", f"{FOLDER}/{name}.py").splitlines()
                head = list(takewhile(lambda line: not line or line.startswith("import "), lines))
                imports.update(line for line in head if line and "numpy" not in line)
                sources[name] = "\n".join(lines[len(head) :])
                queue.append(sources[name])
    return list(sources.values()), [*sorted(imports), *([""] if imports else []), "import numpy as np"]
