import operator


def _same(params, held):
    """Whether the parameters are the very arrays that are held, each under its name."""
    return all(map(operator.is_, map(params.get, PARAMETERS), held))
