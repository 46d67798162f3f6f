def _named(name, shape):
    """An expected shape as text, with the names of sizes: `(N, 64) = (32, 64)`."""
    symbolic = INPUTS[name]["shape"]
    return str(shape) if symbolic == shape else f"{_shape(symbolic)} = {shape}"
