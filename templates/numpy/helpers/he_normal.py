import math


def _he_normal(rng, shape, fan_in, gain=1):
    """Normal with deviation gain*sqrt(2 / fan_in) (He et al., 2015)."""
    return rng.normal(0, gain * math.sqrt(2 / fan_in), shape)
