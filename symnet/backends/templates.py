"""Where the templates are, and the Jinja environment that fills them in.

They stand in `templates/` beside the package in a checkout, and inside of the package in a wheel.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

_PACKAGE = Path(__file__).resolve().parents[1]
PLACES = (_PACKAGE / "templates", _PACKAGE.parent / "templates")


@cache
def environment(backend: str) -> jinja2.Environment:
    """The environment for the templates of one backend. A name that a template misspells is an error, not a blank."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([place / backend for place in PLACES]),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


@cache
def text(backend: str, path: str) -> str:
    """The text of a file among the templates of a backend, in the first of the two places that has it."""
    for place in PLACES:
        if (place / backend / path).is_file():
            return (place / backend / path).read_text(encoding="utf-8")
    raise FileNotFoundError(f"no template {backend}/{path} in {' or '.join(map(str, PLACES))}")


@cache
def listing(backend: str, folder: str) -> tuple[str, ...]:
    """The names of the files in a folder of a backend's templates, sorted."""
    for place in PLACES:
        if (place / backend / folder).is_dir():
            return tuple(sorted(path.name for path in (place / backend / folder).iterdir() if path.is_file()))
    raise FileNotFoundError(f"no folder {backend}/{folder} in {' or '.join(map(str, PLACES))}")
