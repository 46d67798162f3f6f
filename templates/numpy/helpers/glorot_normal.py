import math


def _glorot_normal(rng, shape, fan_in, fan_out, gain=1):
    """Normal with deviation gain*sqrt(2 / (fan_in + fan_out)) (Glorot and Bengio, 2010)."""
    return rng.normal(0, gain * math.sqrt(2 / (fan_in + fan_out)), shape)
