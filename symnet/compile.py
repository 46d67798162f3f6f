"""The driver: every stage from the text of a spec to the source of a module, one line each. Read this first.

    text --parse--> Spec --resolve--> Network --lower--> Program --stabilise, differentiate, simplify, share--> Program
         --plan, emit--> source --check--> the gradient error, written into the source
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction

from symnet.errors import Source
from symnet.language.library import load_library
from symnet.language.network import Network
from symnet.language.parse import parse
from symnet.language.resolve import resolve
from symnet.language.tree import Spec

Constants = Mapping[str, Fraction | int | tuple[Fraction | int, ...]]
Progress = Callable[[str], None]


# --- text to network -------------------------------------------------------------------------------


def network(
    spec: Spec, *, training: bool = True, constants: Constants | None = None, library: Sequence[Source] = ()
) -> Network:
    """The network of a spec, for training or for inference."""
    return resolve(spec, training=training, constants=constants or {}, library=load_library(library))
