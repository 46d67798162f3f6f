import operator


def _size(name, sizes):
    """The value given for a size: a whole number of at least 1."""
    if name not in sizes:
        raise TypeError(f"{name}: missing; it is one of the sizes of the random tensors")
    try:
        value = operator.index(sizes[name])
    except TypeError:
        value = 0
    if value < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, got {sizes[name]!r}")
    return value
