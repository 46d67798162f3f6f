def _halves(values, scratch):
    """Views for _sum_log1p: an array in two halves, the first of these in two halves, and so on."""
    parts, size = [], values.size
    while size >= 1024 and len(parts) < 6:
        half = (size + 1) // 2
        rest = size - half
        parts.append((values[:rest], values[half:size], scratch[:rest]))
        size = half
    return parts, values[:size]
