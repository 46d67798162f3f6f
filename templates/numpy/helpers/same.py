import operator


def _same(arrays, held):
    """Whether the arrays of a dict are the very ones that are held."""
    return all(map(operator.is_, arrays.values(), held))
