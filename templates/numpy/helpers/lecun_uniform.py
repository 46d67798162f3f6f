import math


def _lecun_uniform(rng, shape, fan_in, gain=1):
    """Uniform within gain*sqrt(3 / fan_in) of 0 (LeCun et al., 1998)."""
    limit = gain * math.sqrt(3 / fan_in)
    return rng.uniform(-limit, limit, shape)
