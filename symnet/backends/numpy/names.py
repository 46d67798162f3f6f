"""Names of a spec as Python identifiers: `h.W` becomes `h_W`, `m'` becomes `m_next`, and no two become one."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable

# Written down, since what `dir(builtins)` lists changes with the version of Python and with how it was started.
BUILTINS = frozenset(
    """abs aiter all anext any ascii bin bool breakpoint bytearray bytes callable chr classmethod compile complex
    copyright credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals
    hasattr hash help hex id input int isinstance issubclass iter len license list locals map max memoryview min next
    object oct open ord pow print property quit range repr reversed round set setattr slice sorted staticmethod str
    sum super tuple type vars zip""".split()
)

# What the emitted module is known by, and the arguments and locals of its functions. `loss` may be hidden by a tensor
# of that name: no function of the module calls it.
CONTRACT = frozenset(
    """PARAMETERS INPUTS OUTPUTS STATE RANDOM METRICS SIZES TRAINED Workspace backward draw evaluate forward init
    init_slots init_state loss_and_grad pack predict unpack update
    arrays array dtype grad_outputs grads math name noise np offset outputs params rng run saved sizes slots state
    state_next step theta value values workspace""".split()
)

RESERVED = frozenset(keyword.kwlist) | BUILTINS | CONTRACT


def identifiers(names: Iterable[str], reserved: Iterable[str] = RESERVED) -> dict[str, str]:
    """Each name's identifier: itself where it is one and free, else the nearest free one.

    All are different, none is reserved, and none begins with an underscore, as the module's own helpers do.
    """
    wanted = list(dict.fromkeys(names))
    taken = set(reserved)
    found = {name: name for name in wanted if _plain(name) and name not in taken}
    taken.update(found)
    for name in wanted:
        if name not in found:
            found[name] = _free(_spelled(name), taken)
            taken.add(found[name])
    return {name: found[name] for name in wanted}


def _plain(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII) is not None


def _spelled(name: str) -> str:
    spelled = re.sub(r"[^A-Za-z0-9_]", "_", name.replace("'", "_next"), flags=re.ASCII)
    return spelled if _plain(spelled) else f"x{spelled}"


def _free(stem: str, taken: set[str]) -> str:
    if stem in taken and f"{stem}_" not in taken:
        return f"{stem}_"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name
