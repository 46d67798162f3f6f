def _noise(noise, rng, **sizes):
    """The random tensors as they are given, else drawn."""
    if noise is None and rng is None:
        given = ", ".join(["rng", *(f"{name}={size}" for name, size in sizes.items())])
        raise TypeError(f"noise: the network has random tensors; give noise=draw({given}), or rng=")
    if noise is None:
        return draw(rng, **sizes)
    _check_keys("noise", noise, RANDOM)
    return noise
