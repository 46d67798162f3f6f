def _check_index(index, extent, name, tensor):
    """Raise an IndexError unless all values of an index are 0..extent-1."""
    if index.size == 0:
        return
    low, high = index.min(), index.max()
    if low < 0 or high >= extent:
        worst = low if low < 0 else high
        held = f"{name} holds {worst}, but {tensor} has 0..{extent - 1} there"
        raise IndexError(f"index out of range: {held}")
