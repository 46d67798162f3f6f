"""Initial values and random draws as NumPy source: one row per sampler of the language.

The distributions by fan-in and fan-out, and the orthogonal one, are helper functions of the emitted module.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from symnet.backends.numpy.layout import Item, call
from symnet.backends.numpy.print import extent_source, number_source
from symnet.language.extents import Extent
from symnet.language.network import Sampler

Arguments = Mapping[str, str]


def _helper(name: str, *formals: str) -> Callable[[str, Arguments], Item]:
    def row(shape: str, given: Arguments) -> Item:
        keywords = [
            f"{name}={given[name]}" for name in formals if name in given and (name, given[name]) != ("gain", "1")
        ]
        return call(f"_{name}", ["rng", shape, *keywords])

    return row


# name: (shape, arguments) to source over `rng`
ROWS: dict[str, Callable[[str, Arguments], Item]] = {
    "zeros": lambda shape, given: f"np.zeros({shape})",
    "ones": lambda shape, given: f"np.ones({shape})",
    "constant": lambda shape, given: f"np.full({shape}, {given['value']})",
    "uniform": lambda shape, given: f"rng.uniform({given.get('low', '0')}, {given.get('high', '1')}, {shape})",
    "normal": lambda shape, given: f"rng.normal({given.get('mean', '0')}, {given.get('std', '1')}, {shape})",
    "orthogonal": _helper("orthogonal", "gain"),
    "glorot_uniform": _helper("glorot_uniform", "fan_in", "fan_out", "gain"),
    "glorot_normal": _helper("glorot_normal", "fan_in", "fan_out", "gain"),
    "he_uniform": _helper("he_uniform", "fan_in", "gain"),
    "he_normal": _helper("he_normal", "fan_in", "gain"),
    "lecun_uniform": _helper("lecun_uniform", "fan_in", "gain"),
    "lecun_normal": _helper("lecun_normal", "fan_in", "gain"),
}


def sample_source(sampler: Sampler, shape: str, names: Mapping[str, str]) -> Item:
    """An expression that draws an array of this shape (a Python tuple) from `rng`, in float64."""
    return ROWS[sampler.name](shape, {name: _argument(value, names) for name, value in sampler.arguments})


def sampler_row(sampler: Sampler) -> str:
    """A sampler as a literal of the module's tables: `("uniform", {"low": 0.1, "high": 1})`."""
    arguments = ", ".join(f'"{name}": {_literal(value)}' for name, value in sampler.arguments)
    return f'("{sampler.name}", {{{arguments}}})'


def _argument(value: Fraction | Extent, names: Mapping[str, str]) -> str:
    return extent_source(value, names) if isinstance(value, Extent) else number_source(value)


def _literal(value: Fraction | Extent) -> str:
    if isinstance(value, Fraction):
        return number_source(value)
    return f'"{value}"' if value.constant is None else str(value.constant)
