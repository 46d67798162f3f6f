def _check_keys(argument, given, known):
    """Raise an error if a dict has a key that means nothing."""
    if not hasattr(given, "keys"):
        raise TypeError(f"{argument}: expected a dict, got {_describe(given)}")
    unknown = [key for key in given if key not in known]
    if unknown:
        expected = ", ".join(map(repr, known))
        raise ValueError(f"{argument}: unknown {unknown[0]!r}; expected some of {expected}")
