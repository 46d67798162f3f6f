"""The house: which room may look into which, how large a file may be, and what no Python file may know."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from symnet.language.library import load_library

ROOT = Path(__file__).parents[1]
FILES = sorted(ROOT.glob("symnet/**/*.py"))
IDS = [str(path.relative_to(ROOT)) for path in FILES]

# From the top of the house to its foot. A room is a module or a folder directly below symnet/; it imports from its
# own line and from those above it.
HOUSE = (
    "errors version files markup charts",
    "language",
    "ir",
    "planning",
    "passes",
    "backends",
    "terminal schedules contract differences probing check_report check_derivatives check check_network "
    "data checkpoint predict explain train",
    "notation gradients hessians trace summary report stability paper",
    "compile",
    "profile",
    "__init__",
    "commands",
    "cli",
    "__main__",
)
FLOOR = {room: number for number, line in enumerate(HOUSE) for room in line.split()}
MOST_LINES = 500


def room_of(path: Path) -> str:
    return path.relative_to(ROOT / "symnet").parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str, bool]]:
    """Line, module and whether it is imported with the file, for every import in it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    late = {id(node) for function in ast.walk(tree) if is_late(function) for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, id(node) not in late) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: relative imports hide the room"
            yield from ((node.lineno, f"{node.module}.{alias.name}", id(node) not in late) for alias in node.names)


def is_late(node: ast.AST) -> bool:
    """Whether what is in it runs later than the import of the file, or never."""
    typing = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    return typing or isinstance(node, ast.FunctionDef | ast.Lambda)


def room_of_import(module: str) -> str | None:
    """The room that an import leads to, None for one that leaves the house."""
    parts = module.split(".")
    if parts[0] != "symnet":
        return None
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR else "__init__"


def test_every_file_has_a_room():
    assert {room_of(path) for path in FILES} <= set(FLOOR)
    assert len(FILES) > 50


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_a_room_looks_up_only(path):
    below = [
        f"line {line}: {module}"
        for line, module, _ in imports(path)
        if (room := room_of_import(module)) and FLOOR[room] > FLOOR[room_of(path)]
    ]
    assert not below


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_files_fit_in_a_head(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES


# --- generality ---

# Words of the library that are words of the field as well.
GENERIC = {"momentum", "identity", "linear"}
NAMED = {
    name
    for name, definition in load_library().items()
    if definition.place.source.name.rsplit("/")[-1] in ("layers.sym", "losses.sym", "optimizers.sym")
} - GENERIC


def words(path: Path) -> Iterator[tuple[int, str]]:
    """The names, and the words in texts, of a file; its docstrings and comments may say what they like."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield from ((line, word) for word in re.findall(r"\w+", node.value))
        for field in ("id", "attr", "arg", "name"):
            if isinstance(name := getattr(node, field, None), str):
                yield line, name


@pytest.mark.parametrize("path", FILES, ids=IDS)
def test_no_layer_loss_or_optimizer_is_named(path):
    assert not [f"line {line}: {word}" for line, word in words(path) if word in NAMED]


def test_the_names_are_those_of_the_library():
    assert {"dense", "softmax", "mse", "adam"} <= NAMED


# --- what is imported when ---


@pytest.mark.parametrize("path", [p for p in FILES if room_of(p) in ("errors", "version", "files", "language")])
def test_the_front_end_starts_without_sympy(path):
    assert not [m for _, m, first in imports(path) if first and m.split(".")[0] in ("sympy", "numpy", "mpmath")]


@pytest.mark.parametrize("module", ["symnet", "symnet.cli"])
def test_starting_loads_neither_sympy_nor_numpy(module):
    run = [sys.executable, "-X", "importtime", "-c", f"import {module}"]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = {line.rsplit("|")[-1].strip() for line in done.stderr.splitlines()}
    assert module in loaded
    assert not loaded & {"sympy", "numpy", "mpmath", "lark", "jinja2"}
