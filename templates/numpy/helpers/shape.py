def _shape(shape):
    """A shape with the names of its sizes, as text."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
