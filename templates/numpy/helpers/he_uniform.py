import math


def _he_uniform(rng, shape, fan_in, gain=1):
    """Uniform within gain*sqrt(6 / fan_in) of 0 (He et al., 2015)."""
    limit = gain * math.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, shape)
