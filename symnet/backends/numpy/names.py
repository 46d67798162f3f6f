"""Names of a spec as Python identifiers: `h.W` becomes `h_W`, `m'` becomes `m_next`, and no two become one.

Names get long where layers call layers. They are shortened as people do it: calls of several words become initials in
long names, `h.a.multi_head_attention.q.W` is `h_a_mha_q_W`, and then in every name of the module.
"""

from __future__ import annotations

import keyword
import re
from collections import Counter
from collections.abc import Iterable, Mapping

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

LONG = 30  # letters: names that have more of them are shortened
MOST = 60  # letters that a name has at most, unless the caller knows it by that name


def identifiers(names: Iterable[str], reserved: Iterable[str] = RESERVED) -> dict[str, str]:
    """Each name's identifier: itself where it is one and free, else the nearest free one.

    All are different, none is reserved, and none begins with an underscore, as the module's own helpers do.
    """
    wanted = list(dict.fromkeys(names))
    taken = set(reserved)
    found = {name: name for name in wanted if _plain(name) and name not in taken}
    taken.update(found)
    short = _initials(wanted)
    for name in wanted:
        if name not in found:
            found[name] = _free(_spelled(_shortened(name, short)), taken)
            taken.add(found[name])
    return {name: found[name] for name in wanted}


def _initials(names: Iterable[str]) -> dict[str, str]:
    """What stands for those parts of several words that are in the middle of a long name, as calls are: `mha`, `ln`.

    A part whose initials are those of another one, or a part themselves, is left as it is.
    """
    split = [(name, name.split(".")) for name in names]
    parts = dict.fromkeys(part for _, each in split for part in each)
    middle = dict.fromkeys(part for name, each in split if len(name) > LONG for part in each[1:-1])
    short = {part: _initial_letters(part) for part in middle if "_" in part.strip("_")}
    used = Counter(short.values())
    return {part: letters for part, letters in short.items() if used[letters] == 1 and letters not in parts}


def _initial_letters(part: str) -> str:
    """`mha` for `multi_head_attention`, `ct2` for `conv_transpose2`: a number at the end stays."""
    number = re.search(r"\d*$", part, re.ASCII)
    return "".join(word[0] for word in part.split("_") if word) + (number[0] if number else "")


def _shortened(name: str, short: Mapping[str, str]) -> str:
    """A name with initials for its parts but the first; of one that is still too long, the first and the last parts."""
    first, *others = name.split(".")
    parts = [first, *(short.get(part, part) for part in others)]
    while len(".".join(parts)) > MOST and len(parts) > 2:
        del parts[1]
    return ".".join(parts)


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


def constant_stem(text: str) -> str:
    """What a constant is called in the code: `half` for 0.5."""
    known = {"0": "zero", "1": "one", "2": "two", "3": "three", "0.5": "half", "-1": "minus_one"}
    if text in known:
        return known[text]
    plain = text.replace("-np.inf", "minus_inf").replace("np.inf", "inf")
    plain = plain.replace("e-", "em").replace("-", "minus_").replace(".", "_").replace(" / ", "_over_")
    return (
        f"c{plain}"
        if plain[0].isdigit() and plain.isalnum() or plain.replace("_", "").isdigit()
        else (plain if plain.isidentifier() and len(plain) < 24 else "c")
    )
