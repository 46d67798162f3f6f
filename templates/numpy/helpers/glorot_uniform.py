import math


def _glorot_uniform(rng, shape, fan_in, fan_out, gain=1):
    """Uniform within gain*sqrt(6 / (fan_in + fan_out)) of 0 (Glorot and Bengio, 2010)."""
    limit = gain * math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)
