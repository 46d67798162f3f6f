import math


def _lecun_normal(rng, shape, fan_in, gain=1):
    """Normal with deviation gain*sqrt(1 / fan_in) (LeCun et al., 1998)."""
    return rng.normal(0, gain * math.sqrt(1 / fan_in), shape)
