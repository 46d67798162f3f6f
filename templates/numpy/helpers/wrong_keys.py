def _wrong_keys(found, expected):
    """What is wrong with the keys of a dict, in words."""
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    words = [f"missing {', '.join(map(repr, missing))}"] if missing else []
    words += [f"unknown {', '.join(map(repr, unknown))}"] if unknown else []
    return f"{' and '.join(words)}; expected {', '.join(map(repr, expected)) or 'nothing'}"
