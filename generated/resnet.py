"""resnet: the network below with its gradients, in NumPy.

    network resnet

    const depth = 1
    const widths = [4, 8, 16]

    layer block(x[n, c: C, i, j], units, stride=1) -> y[n, k, u, v]:
        a = batch_norm(conv2d(x, units, stride=stride, bias=0))
        r[n, k, u, v] = relu(a[n, k, u, v])
        b = batch_norm(conv2d(r, units, bias=0))
        if stride > 1:
            s = conv2d(x, units, k=1, pad=0, stride=stride, bias=0)
        else:
            s = x
        y[n, k, u, v] = relu(b[n, k, u, v] + s[n, k, u, v])

    example N = 2

    input image[N, 3, 8, 8]
    input y[N] < 10

    h{0} = conv2d(image, widths[0], activation=relu)
    for w in 0..len(widths):
        for l in 0..depth:
            if l == 0 and w > 0:
                h{w*depth+l+1} = block(h{w*depth+l}, widths[w], stride=2)
            else:
                h{w*depth+l+1} = block(h{w*depth+l}, widths[w])

    logits = dense(global_avg_pool(h{len(widths)*depth}), 10)

    output logits
    metric accuracy = mean(n: argmax(c: logits[n, c]) == y[n])
    minimize softmax_cross_entropy(logits, y) with momentum(rate=0.1)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
d40841913687f2abdbcd1eab00633a657d8159650a32ece650594d6d8ec4c8b9
"""

import math
import operator

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "h0.W": {"shape": (4, 3, 3, 3), "kind": "real"},
    "h0.b": {"shape": (4,), "kind": "real"},
    "h1.a.conv2d.W": {"shape": (4, 4, 3, 3), "kind": "real"},
    "h1.a.g": {"shape": (4,), "kind": "real"},
    "h1.a.b": {"shape": (4,), "kind": "real"},
    "h1.b.conv2d.W": {"shape": (4, 4, 3, 3), "kind": "real"},
    "h1.b.g": {"shape": (4,), "kind": "real"},
    "h1.b.b": {"shape": (4,), "kind": "real"},
    "h2.a.conv2d.W": {"shape": (8, 4, 3, 3), "kind": "real"},
    "h2.a.g": {"shape": (8,), "kind": "real"},
    "h2.a.b": {"shape": (8,), "kind": "real"},
    "h2.b.conv2d.W": {"shape": (8, 8, 3, 3), "kind": "real"},
    "h2.b.g": {"shape": (8,), "kind": "real"},
    "h2.b.b": {"shape": (8,), "kind": "real"},
    "h2.s.W": {"shape": (8, 4, 1, 1), "kind": "real"},
    "h3.a.conv2d.W": {"shape": (16, 8, 3, 3), "kind": "real"},
    "h3.a.g": {"shape": (16,), "kind": "real"},
    "h3.a.b": {"shape": (16,), "kind": "real"},
    "h3.b.conv2d.W": {"shape": (16, 16, 3, 3), "kind": "real"},
    "h3.b.g": {"shape": (16,), "kind": "real"},
    "h3.b.b": {"shape": (16,), "kind": "real"},
    "h3.s.W": {"shape": (16, 8, 1, 1), "kind": "real"},
    "logits.W": {"shape": (16, 10), "kind": "real"},
    "logits.b": {"shape": (10,), "kind": "real"},
}
INPUTS = {
    "image": {"shape": ("N", 3, 8, 8), "kind": "real"},
    "y": {"shape": ("N",), "kind": "integer", "bound": 10},
}
OUTPUTS = {
    "logits": {"shape": ("N", 10), "kind": "real"},
}
STATE = {
    "h1.a.rm": {"shape": (4,), "kind": "real"},
    "h1.a.rv": {"shape": (4,), "kind": "real"},
    "h1.b.rm": {"shape": (4,), "kind": "real"},
    "h1.b.rv": {"shape": (4,), "kind": "real"},
    "h2.a.rm": {"shape": (8,), "kind": "real"},
    "h2.a.rv": {"shape": (8,), "kind": "real"},
    "h2.b.rm": {"shape": (8,), "kind": "real"},
    "h2.b.rv": {"shape": (8,), "kind": "real"},
    "h3.a.rm": {"shape": (16,), "kind": "real"},
    "h3.a.rv": {"shape": (16,), "kind": "real"},
    "h3.b.rm": {"shape": (16,), "kind": "real"},
    "h3.b.rv": {"shape": (16,), "kind": "real"},
}
METRICS = ("accuracy",)
SIZES = {"N": 2}
BATCH = None


# --- initial values ---


def init(rng, dtype=np.float32):
    """Draw the parameters.

    rng    a np.random.Generator, or a seed
    dtype  np.float32 or np.float64
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype: expected np.float32 or np.float64, got {dtype!r}")
    rng = np.random.default_rng(rng)
    values = {
        "h0.W": _he_normal(rng, (4, 3, 3, 3), fan_in=27),
        "h0.b": np.zeros((4,)),
        "h1.a.conv2d.W": _he_normal(rng, (4, 4, 3, 3), fan_in=36),
        "h1.a.g": np.ones((4,)),
        "h1.a.b": np.zeros((4,)),
        "h1.b.conv2d.W": _he_normal(rng, (4, 4, 3, 3), fan_in=36),
        "h1.b.g": np.ones((4,)),
        "h1.b.b": np.zeros((4,)),
        "h2.a.conv2d.W": _he_normal(rng, (8, 4, 3, 3), fan_in=36),
        "h2.a.g": np.ones((8,)),
        "h2.a.b": np.zeros((8,)),
        "h2.b.conv2d.W": _he_normal(rng, (8, 8, 3, 3), fan_in=72),
        "h2.b.g": np.ones((8,)),
        "h2.b.b": np.zeros((8,)),
        "h2.s.W": _he_normal(rng, (8, 4, 1, 1), fan_in=4),
        "h3.a.conv2d.W": _he_normal(rng, (16, 8, 3, 3), fan_in=72),
        "h3.a.g": np.ones((16,)),
        "h3.a.b": np.zeros((16,)),
        "h3.b.conv2d.W": _he_normal(rng, (16, 16, 3, 3), fan_in=144),
        "h3.b.g": np.ones((16,)),
        "h3.b.b": np.zeros((16,)),
        "h3.s.W": _he_normal(rng, (16, 8, 1, 1), fan_in=8),
        "logits.W": _glorot_uniform(rng, (16, 10), fan_in=16, fan_out=10),
        "logits.b": np.zeros((10,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


def init_state(dtype=np.float32):
    """The state before the first step, a dict from name to array."""
    values = {
        "h1.a.rm": np.zeros((4,)),
        "h1.a.rv": np.ones((4,)),
        "h1.b.rm": np.zeros((4,)),
        "h1.b.rv": np.ones((4,)),
        "h2.a.rm": np.zeros((8,)),
        "h2.a.rv": np.ones((8,)),
        "h2.b.rm": np.zeros((8,)),
        "h2.b.rv": np.ones((8,)),
        "h3.a.rm": np.zeros((16,)),
        "h3.a.rv": np.ones((16,)),
        "h3.b.rm": np.zeros((16,)),
        "h3.b.rv": np.ones((16,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, state, image, y):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    state   a dict with an array for each of STATE, of the dtype of params
    image   shape (N, 3, 8, 8), of the dtype of params
    y       shape (N,), integers in 0..9

    Returns (outputs, saved, state_next).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    _check_arrays("state", state, STATE, dtype)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 3, 8, 8), dtype)
    y = _integer("y", y, (N,), 10)
    h0_W = params["h0.W"]
    h0_b = params["h0.b"]
    h1_a_conv2d_W = params["h1.a.conv2d.W"]
    h1_a_g = params["h1.a.g"]
    h1_a_b = params["h1.a.b"]
    h1_b_conv2d_W = params["h1.b.conv2d.W"]
    h1_b_g = params["h1.b.g"]
    h1_b_b = params["h1.b.b"]
    h2_a_conv2d_W = params["h2.a.conv2d.W"]
    h2_a_g = params["h2.a.g"]
    h2_a_b = params["h2.a.b"]
    h2_b_conv2d_W = params["h2.b.conv2d.W"]
    h2_b_g = params["h2.b.g"]
    h2_b_b = params["h2.b.b"]
    h2_s_W = params["h2.s.W"]
    h3_a_conv2d_W = params["h3.a.conv2d.W"]
    h3_a_g = params["h3.a.g"]
    h3_a_b = params["h3.a.b"]
    h3_b_conv2d_W = params["h3.b.conv2d.W"]
    h3_b_g = params["h3.b.g"]
    h3_b_b = params["h3.b.b"]
    h3_s_W = params["h3.s.W"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]
    h1_a_rm = state["h1.a.rm"]
    h1_a_rv = state["h1.a.rv"]
    h1_b_rm = state["h1.b.rm"]
    h1_b_rv = state["h1.b.rv"]
    h2_a_rm = state["h2.a.rm"]
    h2_a_rv = state["h2.a.rv"]
    h2_b_rm = state["h2.b.rm"]
    h2_b_rv = state["h2.b.rv"]
    h3_a_rm = state["h3.a.rm"]
    h3_a_rv = state["h3.a.rv"]
    h3_b_rm = state["h3.b.rm"]
    h3_b_rv = state["h3.b.rv"]

    h0_sum = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h0 = np.empty((N, 4, 8, 8), dtype)
    h1_a_conv2d = h0_sum  # h0_sum is not needed any more
    h1_a_m = np.empty(4, dtype)
    h1_a_rm_next = np.empty(4, dtype)
    h1_a_conv2d_difference = np.empty((N, 4, 8, 8), dtype)
    h1_a_v = h1_a_m  # h1_a_m is not needed any more
    h1_a_rv_next = np.empty(4, dtype)
    h1_a_v_power = h1_a_m  # h1_a_m is not needed any more
    h1_a = np.empty((N, 4, 8, 8), dtype)
    h1_r = h1_a  # h1_a is not needed any more
    h1_b_conv2d = h0_sum  # h0_sum is not needed any more
    h1_b_m = np.empty(4, dtype)
    h1_b_rm_next = np.empty(4, dtype)
    h1_b_conv2d_difference = np.empty((N, 4, 8, 8), dtype)
    h1_b_v = h1_b_m  # h1_b_m is not needed any more
    h1_b_rv_next = np.empty(4, dtype)
    h1_b_v_power = h1_b_m  # h1_b_m is not needed any more
    h1_b = np.empty((N, 4, 8, 8), dtype)
    h1 = h1_b  # h1_b is not needed any more
    h2_a_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_a_m = np.empty(8, dtype)
    h2_a_rm_next = np.empty(8, dtype)
    h2_a_conv2d_difference = np.empty((N, 8, 4, 4), dtype)
    h2_a_v = h2_a_m  # h2_a_m is not needed any more
    h2_a_rv_next = np.empty(8, dtype)
    h2_a_v_power = h2_a_m  # h2_a_m is not needed any more
    h2_a = np.empty((N, 8, 4, 4), dtype)
    h2_r = h2_a  # h2_a is not needed any more
    h2_b_conv2d = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_m = np.empty(8, dtype)
    h2_b_rm_next = np.empty(8, dtype)
    h2_b_conv2d_difference = np.empty((N, 8, 4, 4), dtype)
    h2_b_v = h2_b_m  # h2_b_m is not needed any more
    h2_b_rv_next = np.empty(8, dtype)
    h2_b_v_power = h2_b_m  # h2_b_m is not needed any more
    h2_b = np.empty((N, 8, 4, 4), dtype)
    h2_s = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2 = h2_b  # h2_b is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a_m = np.empty(16, dtype)
    h3_a_rm_next = np.empty(16, dtype)
    h3_a_conv2d_difference = np.empty((N, 16, 2, 2), dtype)
    h3_a_v = h3_a_m  # h3_a_m is not needed any more
    h3_a_rv_next = np.empty(16, dtype)
    h3_a_v_power = h3_a_m  # h3_a_m is not needed any more
    h3_a = np.empty((N, 16, 2, 2), dtype)
    h3_r = h3_a  # h3_a is not needed any more
    h3_b_conv2d = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_m = np.empty(16, dtype)
    h3_b_rm_next = np.empty(16, dtype)
    h3_b_conv2d_difference = np.empty((N, 16, 2, 2), dtype)
    h3_b_v = h3_b_m  # h3_b_m is not needed any more
    h3_b_rv_next = np.empty(16, dtype)
    h3_b_v_power = h3_b_m  # h3_b_m is not needed any more
    h3_b = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3_s = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3 = np.empty((N, 16, 2, 2), dtype)
    logits_global_avg_pool = np.empty((N, 16), dtype)
    logits = np.empty((N, 10), dtype)
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((N, 10), dtype)
    logits_exp = np.empty((N, 10), dtype)
    logits_sumexp = logits_max  # logits_max is not needed any more
    image_padded = np.zeros((N, 10, 8, 3), dtype)
    image_padded_part = image_padded[:, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 8, 8, 3),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[3],
        ),
    )
    band = np.zeros((3, 8, 3, 8, 4), dtype)
    band_view = np.lib.stride_tricks.as_strided(
        band[:, :, :, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view2 = np.lib.stride_tricks.as_strided(
        band,
        (3, 8, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view3 = np.lib.stride_tricks.as_strided(
        band[:, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    image_padded_view_T02134 = image_padded_view.transpose(0, 2, 1, 3, 4)
    image_padded_windows = np.empty((N, 8, 3, 8, 3), dtype)
    image_padded_windows_2d = image_padded_windows.reshape(8 * N, 72)
    band_2d = band.reshape(72, 32)
    h0_sum_2d = h0_sum.reshape(8 * N, 32)
    h0_sum_T0312 = h0_sum.transpose(0, 3, 1, 2)
    zero = np.array(0, dtype)
    h0_padded = np.zeros((N, 4, 10, 8), dtype)
    h0_padded_part = h0_padded[:, :, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 4, 3, 8, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
        ),
    )
    band2 = np.zeros((4, 3, 8, 8, 4), dtype)
    band2_view = np.lib.stride_tricks.as_strided(
        band2[:, :, :, 1:],
        (4, 3, 7, 4),
        (band2.strides[0], band2.strides[1], band2.strides[2] + band2.strides[3], band2.strides[4]),
    )
    band2_view2 = np.lib.stride_tricks.as_strided(
        band2,
        (4, 3, 8, 4),
        (band2.strides[0], band2.strides[1], band2.strides[2] + band2.strides[3], band2.strides[4]),
    )
    band2_view3 = np.lib.stride_tricks.as_strided(
        band2[:, :, 1:],
        (4, 3, 7, 4),
        (band2.strides[0], band2.strides[1], band2.strides[2] + band2.strides[3], band2.strides[4]),
    )
    h0_padded_view_T03124 = h0_padded_view.transpose(0, 3, 1, 2, 4)
    h0_padded_windows = np.empty((N, 8, 4, 3, 8), dtype)
    h0_padded_windows_2d = h0_padded_windows.reshape(8 * N, 96)
    band2_2d = band2.reshape(96, 32)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(8 * N, 32)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    h1_a_conv2d_2d2 = h1_a_conv2d.reshape(64 * N, 4)
    c0_1 = np.array(0.1, dtype)
    t0 = np.empty(4, dtype)
    c0_9 = np.array(0.9, dtype)
    h1_a_conv2d_T0312 = h1_a_conv2d.transpose(0, 3, 1, 2)
    h1_a_m_b100 = h1_a_m[:, None, None]
    t1 = np.empty((N, 4, 8, 8), dtype)
    ones = np.ones(64, dtype)
    t2 = np.empty((N, 4), dtype)
    t1_2d = t1.reshape(4 * N, 64)
    t2_flat = t2.reshape(-1)
    ones2 = np.ones(N, dtype)
    c = np.array(1 / 64 / N, dtype)
    c1em05 = np.array(1e-05, dtype)
    one = np.array(1, dtype)
    t0_b100 = t0[:, None, None]
    h1_r_padded = np.zeros((N, 4, 10, 8), dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 4, 3, 8, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
        ),
    )
    band3 = np.zeros((4, 3, 8, 8, 4), dtype)
    band3_view = np.lib.stride_tricks.as_strided(
        band3[:, :, :, 1:],
        (4, 3, 7, 4),
        (band3.strides[0], band3.strides[1], band3.strides[2] + band3.strides[3], band3.strides[4]),
    )
    band3_view2 = np.lib.stride_tricks.as_strided(
        band3,
        (4, 3, 8, 4),
        (band3.strides[0], band3.strides[1], band3.strides[2] + band3.strides[3], band3.strides[4]),
    )
    band3_view3 = np.lib.stride_tricks.as_strided(
        band3[:, :, 1:],
        (4, 3, 7, 4),
        (band3.strides[0], band3.strides[1], band3.strides[2] + band3.strides[3], band3.strides[4]),
    )
    h1_r_padded_view_T03124 = h1_r_padded_view.transpose(0, 3, 1, 2, 4)
    h1_r_padded_windows = np.empty((N, 8, 4, 3, 8), dtype)
    h1_r_padded_windows_2d = h1_r_padded_windows.reshape(8 * N, 96)
    band3_2d = band3.reshape(96, 32)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(8 * N, 32)
    h1_b_conv2d_2d2 = h1_b_conv2d.reshape(64 * N, 4)
    h1_b_conv2d_T0312 = h1_b_conv2d.transpose(0, 3, 1, 2)
    h1_b_m_b100 = h1_b_m[:, None, None]
    h1_padded = np.zeros((N, 4, 9, 8), dtype)
    h1_padded_part = h1_padded[:, :, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 4, 3, 8),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            h1_padded.strides[3],
        ),
    )
    band4 = np.zeros((4, 3, 8, 4, 8), dtype)
    band4_view = np.lib.stride_tricks.as_strided(
        band4[:, :, 1:, 1:],
        (4, 3, 3, 8),
        (
            band4.strides[0],
            band4.strides[1],
            2 * band4.strides[2] + band4.strides[3],
            band4.strides[4],
        ),
    )
    band4_view2 = np.lib.stride_tricks.as_strided(
        band4,
        (4, 3, 4, 8),
        (
            band4.strides[0],
            band4.strides[1],
            2 * band4.strides[2] + band4.strides[3],
            band4.strides[4],
        ),
    )
    band4_view3 = np.lib.stride_tricks.as_strided(
        band4[:, :, 1:],
        (4, 3, 4, 8),
        (
            band4.strides[0],
            band4.strides[1],
            2 * band4.strides[2] + band4.strides[3],
            band4.strides[4],
        ),
    )
    h1_padded_view_T02134 = h1_padded_view.transpose(0, 2, 1, 3, 4)
    h1_padded_windows = np.empty((N, 4, 4, 3, 8), dtype)
    h1_padded_windows_2d = h1_padded_windows.reshape(4 * N, 96)
    band4_2d = band4.reshape(96, 32)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(4 * N, 32)
    weights2 = np.full(16 * N, 1 / 16 / N, dtype)
    h2_a_conv2d_2d2 = h2_a_conv2d.reshape(16 * N, 8)
    t3 = np.empty(8, dtype)
    h2_a_conv2d_T0312 = h2_a_conv2d.transpose(0, 3, 1, 2)
    h2_a_m_b100 = h2_a_m[:, None, None]
    t4 = np.empty((N, 8, 4, 4), dtype)
    ones3 = np.ones(16, dtype)
    t5 = np.empty((N, 8), dtype)
    t4_2d = t4.reshape(8 * N, 16)
    t5_flat = t5.reshape(-1)
    c2 = np.array(1 / 16 / N, dtype)
    t3_b100 = t3[:, None, None]
    h2_r_padded = np.zeros((N, 8, 6, 4), dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 8, 3, 4, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
        ),
    )
    band5 = np.zeros((8, 3, 4, 4, 8), dtype)
    band5_view = np.lib.stride_tricks.as_strided(
        band5[:, :, :, 1:],
        (8, 3, 3, 8),
        (band5.strides[0], band5.strides[1], band5.strides[2] + band5.strides[3], band5.strides[4]),
    )
    band5_view2 = np.lib.stride_tricks.as_strided(
        band5,
        (8, 3, 4, 8),
        (band5.strides[0], band5.strides[1], band5.strides[2] + band5.strides[3], band5.strides[4]),
    )
    band5_view3 = np.lib.stride_tricks.as_strided(
        band5[:, :, 1:],
        (8, 3, 3, 8),
        (band5.strides[0], band5.strides[1], band5.strides[2] + band5.strides[3], band5.strides[4]),
    )
    h2_r_padded_view_T03124 = h2_r_padded_view.transpose(0, 3, 1, 2, 4)
    h2_r_padded_windows = np.empty((N, 4, 8, 3, 4), dtype)
    h2_r_padded_windows_2d = h2_r_padded_windows.reshape(4 * N, 96)
    band5_2d = band5.reshape(96, 32)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(4 * N, 32)
    h2_b_conv2d_2d2 = h2_b_conv2d.reshape(16 * N, 8)
    h2_b_conv2d_T0312 = h2_b_conv2d.transpose(0, 3, 1, 2)
    h2_b_m_b100 = h2_b_m[:, None, None]
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (N, 4, 4, 1, 4, 1),
        (
            h1.strides[0],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            2 * h1.strides[3],
            h1.strides[3],
        ),
    )
    t6 = np.empty((N, 4, 4, 4, 1, 1), dtype)
    h1_view_T024135 = h1_view.transpose(0, 2, 4, 1, 3, 5)
    t6_2d = t6.reshape(16 * N, 4)
    h2_s_2d = h2_s.reshape(16 * N, 8)
    h2_s_T0312 = h2_s.transpose(0, 3, 1, 2)
    h2_padded = np.zeros((N, 8, 5, 5), dtype)
    h2_padded_part = h2_padded[:, :, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (N, 8, 2, 3, 2, 3),
        (
            h2_padded.strides[0],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            2 * h2_padded.strides[3],
            h2_padded.strides[3],
        ),
    )
    h2_padded_view_T135042 = h2_padded_view.transpose(1, 3, 5, 0, 4, 2)
    h2_padded_windows = np.empty((8, 3, 3, N, 2, 2), dtype)
    h2_padded_windows_2d = h2_padded_windows.reshape(72, 4 * N)
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    weights3 = np.full(4 * N, 1 / 4 / N, dtype)
    t7 = np.empty(16, dtype)
    h3_a_conv2d_T1032 = h3_a_conv2d.transpose(1, 0, 3, 2)
    h3_a_m_b100 = h3_a_m[:, None, None]
    t8 = np.empty((N, 16, 2, 2), dtype)
    ones4 = np.ones(4, dtype)
    t9 = np.empty((N, 16), dtype)
    t8_2d = t8.reshape(16 * N, 4)
    t9_flat = t9.reshape(-1)
    c3 = np.array(1 / 4 / N, dtype)
    t7_b100 = t7[:, None, None]
    h3_r_padded = np.zeros((N, 16, 4, 2), dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (N, 16, 3, 2, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
        ),
    )
    h3_r_padded_view_T03412 = h3_r_padded_view.transpose(0, 3, 4, 1, 2)
    h3_r_padded_windows = np.empty((N, 2, 2, 16, 3), dtype)
    h3_r_padded_windows_2d = h3_r_padded_windows.reshape(4 * N, 48)
    t10 = np.empty((16, 3, 16, 3), dtype)
    t10_2d = t10.reshape(48, 48)
    t10_2d_T = t10_2d.T
    t11 = np.empty((N, 2, 2, 16, 3), dtype)
    t11_2d = t11.reshape(4 * N, 48)
    t11_view = np.lib.stride_tricks.as_strided(
        t11[:, :, :, :, 1:],
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    t11_view2 = np.lib.stride_tricks.as_strided(
        t11,
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    h3_b_conv2d_part = h3_b_conv2d[:, :, 0, :]
    t12 = np.empty((N, 2, 16), dtype)
    t12_T201 = t12.transpose(2, 0, 1)
    h3_b_conv2d_part2 = h3_b_conv2d[:, :, 1, :]
    h3_b_conv2d_2d = h3_b_conv2d.reshape(16, 4 * N)
    h3_b_conv2d_T1032 = h3_b_conv2d.transpose(1, 0, 3, 2)
    h3_b_m_b100 = h3_b_m[:, None, None]
    h3_b_conv2d_difference_T0231 = h3_b_conv2d_difference.transpose(0, 2, 3, 1)
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (N, 8, 2, 1, 2, 1),
        (
            h2.strides[0],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            2 * h2.strides[3],
            h2.strides[3],
        ),
    )
    t13 = np.empty((N, 2, 2, 8, 1, 1), dtype)
    h2_view_T024135 = h2_view.transpose(0, 2, 4, 1, 3, 5)
    t13_2d = t13.reshape(4 * N, 8)
    h3_s_2d = h3_s.reshape(4 * N, 16)
    h3_b_T0312 = h3_b.transpose(0, 3, 1, 2)
    h3_s_T0312 = h3_s.transpose(0, 3, 1, 2)
    weights4 = np.full(4, 0.25, dtype)
    h3_2d = h3.reshape(16 * N, 4)
    logits_global_avg_pool_flat = logits_global_avg_pool.reshape(-1)
    logits_max_col = logits_max[:, None]
    ones5 = np.ones(10, dtype)
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t14 = np.empty(N, dtype)
    t15 = np.empty(N, dtype)
    weights5 = np.full(N, 1 / N, dtype)

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image.transpose(0, 2, 3, 1)
    band_view[...] = h0_W[:, :, :, 0].T[:, None, :, :]
    band_view2[...] = h0_W[:, :, :, 1].T[:, None, :, :]
    band_view3[...] = h0_W[:, :, :, 2].T[:, None, :, :]
    image_padded_windows[...] = image_padded_view_T02134
    image_padded_windows_2d.dot(band_2d, out=h0_sum_2d)
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    np.add(h0_sum_T0312, h0_b[:, None, None], out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    band2_view[...] = h1_a_conv2d_W[:, :, :, 0].transpose(1, 2, 0)[:, :, None, :]
    band2_view2[...] = h1_a_conv2d_W[:, :, :, 1].transpose(1, 2, 0)[:, :, None, :]
    band2_view3[...] = h1_a_conv2d_W[:, :, :, 2].transpose(1, 2, 0)[:, :, None, :]
    h0_padded_windows[...] = h0_padded_view_T03124
    h0_padded_windows_2d.dot(band2_2d, out=h1_a_conv2d_2d)
    # h1.a.m[c] = sum(n, u, v2: h1.a.conv2d[n, c, u, v2]/(64*N))
    weights.dot(h1_a_conv2d_2d2, out=h1_a_m)
    # h1.a.rm'[c] = 9*h1.a.rm[c]/10 + h1.a.m[c]/10
    np.multiply(h1_a_m, c0_1, out=h1_a_rm_next)
    np.multiply(h1_a_rm, c0_9, out=t0)
    np.add(h1_a_rm_next, t0, out=h1_a_rm_next)
    # h1.a.conv2d_difference[n, o, u, v] = h1.a.conv2d[n, o, u, v] - h1.a.m[o]
    np.subtract(h1_a_conv2d_T0312, h1_a_m_b100, out=h1_a_conv2d_difference)
    # h1.a.v[c] = sum(n, u, v2: h1.a.conv2d_difference[n, c, u, v2]**2/(64*N))
    np.multiply(h1_a_conv2d_difference, h1_a_conv2d_difference, out=t1)
    t1_2d.dot(ones, out=t2_flat)
    ones2.dot(t2, out=h1_a_v)
    np.multiply(h1_a_v, c, out=h1_a_v)
    # h1.a.rv'[c] = 9*h1.a.rv[c]/10 + h1.a.v[c]/10
    np.multiply(h1_a_v, c0_1, out=h1_a_rv_next)
    np.multiply(h1_a_rv, c0_9, out=t0)
    np.add(h1_a_rv_next, t0, out=h1_a_rv_next)
    # h1.a.v_power[c] = 1/sqrt(h1.a.v[c] + 1/100000)
    np.add(h1_a_v, c1em05, out=h1_a_v_power)
    np.sqrt(h1_a_v_power, out=h1_a_v_power)
    np.divide(one, h1_a_v_power, out=h1_a_v_power)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.conv2d_difference[n, c, u, v2]*h1.a.g[c]*h1.a.v_power[c]
    np.multiply(h1_a_g, h1_a_v_power, out=t0)
    np.multiply(h1_a_conv2d_difference, t0_b100, out=h1_a)
    np.add(h1_a, h1_a_b[:, None, None], out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    band3_view[...] = h1_b_conv2d_W[:, :, :, 0].transpose(1, 2, 0)[:, :, None, :]
    band3_view2[...] = h1_b_conv2d_W[:, :, :, 1].transpose(1, 2, 0)[:, :, None, :]
    band3_view3[...] = h1_b_conv2d_W[:, :, :, 2].transpose(1, 2, 0)[:, :, None, :]
    h1_r_padded_windows[...] = h1_r_padded_view_T03124
    h1_r_padded_windows_2d.dot(band3_2d, out=h1_b_conv2d_2d)
    # h1.b.m[c] = sum(n, u, v2: h1.b.conv2d[n, c, u, v2]/(64*N))
    weights.dot(h1_b_conv2d_2d2, out=h1_b_m)
    # h1.b.rm'[c] = 9*h1.b.rm[c]/10 + h1.b.m[c]/10
    np.multiply(h1_b_m, c0_1, out=h1_b_rm_next)
    np.multiply(h1_b_rm, c0_9, out=t0)
    np.add(h1_b_rm_next, t0, out=h1_b_rm_next)
    # h1.b.conv2d_difference[n, o, u, v] = h1.b.conv2d[n, o, u, v] - h1.b.m[o]
    np.subtract(h1_b_conv2d_T0312, h1_b_m_b100, out=h1_b_conv2d_difference)
    # h1.b.v[c] = sum(n, u, v2: h1.b.conv2d_difference[n, c, u, v2]**2/(64*N))
    np.multiply(h1_b_conv2d_difference, h1_b_conv2d_difference, out=t1)
    t1_2d.dot(ones, out=t2_flat)
    ones2.dot(t2, out=h1_b_v)
    np.multiply(h1_b_v, c, out=h1_b_v)
    # h1.b.rv'[c] = 9*h1.b.rv[c]/10 + h1.b.v[c]/10
    np.multiply(h1_b_v, c0_1, out=h1_b_rv_next)
    np.multiply(h1_b_rv, c0_9, out=t0)
    np.add(h1_b_rv_next, t0, out=h1_b_rv_next)
    # h1.b.v_power[c] = 1/sqrt(h1.b.v[c] + 1/100000)
    np.add(h1_b_v, c1em05, out=h1_b_v_power)
    np.sqrt(h1_b_v_power, out=h1_b_v_power)
    np.divide(one, h1_b_v_power, out=h1_b_v_power)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.conv2d_difference[n, c, u, v2]*h1.b.g[c]*h1.b.v_power[c]
    np.multiply(h1_b_g, h1_b_v_power, out=t0)
    np.multiply(h1_b_conv2d_difference, t0_b100, out=h1_b)
    np.add(h1_b, h1_b_b[:, None, None], out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    band4_view[...] = h2_a_conv2d_W[:, :, :, 0].transpose(1, 2, 0)[:, :, None, :]
    band4_view2[...] = h2_a_conv2d_W[:, :, :, 1].transpose(1, 2, 0)[:, :, None, :]
    band4_view3[...] = h2_a_conv2d_W[:, :, :, 2].transpose(1, 2, 0)[:, :, None, :]
    h1_padded_windows[...] = h1_padded_view_T02134
    h1_padded_windows_2d.dot(band4_2d, out=h2_a_conv2d_2d)
    # h2.a.m[c] = sum(n, u, v2: h2.a.conv2d[n, c, u, v2]/(16*N))
    weights2.dot(h2_a_conv2d_2d2, out=h2_a_m)
    # h2.a.rm'[c] = 9*h2.a.rm[c]/10 + h2.a.m[c]/10
    np.multiply(h2_a_m, c0_1, out=h2_a_rm_next)
    np.multiply(h2_a_rm, c0_9, out=t3)
    np.add(h2_a_rm_next, t3, out=h2_a_rm_next)
    # h2.a.conv2d_difference[n, o, u, v] = h2.a.conv2d[n, o, u, v] - h2.a.m[o]
    np.subtract(h2_a_conv2d_T0312, h2_a_m_b100, out=h2_a_conv2d_difference)
    # h2.a.v[c] = sum(n, u, v2: h2.a.conv2d_difference[n, c, u, v2]**2/(16*N))
    np.multiply(h2_a_conv2d_difference, h2_a_conv2d_difference, out=t4)
    t4_2d.dot(ones3, out=t5_flat)
    ones2.dot(t5, out=h2_a_v)
    np.multiply(h2_a_v, c2, out=h2_a_v)
    # h2.a.rv'[c] = 9*h2.a.rv[c]/10 + h2.a.v[c]/10
    np.multiply(h2_a_v, c0_1, out=h2_a_rv_next)
    np.multiply(h2_a_rv, c0_9, out=t3)
    np.add(h2_a_rv_next, t3, out=h2_a_rv_next)
    # h2.a.v_power[c] = 1/sqrt(h2.a.v[c] + 1/100000)
    np.add(h2_a_v, c1em05, out=h2_a_v_power)
    np.sqrt(h2_a_v_power, out=h2_a_v_power)
    np.divide(one, h2_a_v_power, out=h2_a_v_power)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.conv2d_difference[n, c, u, v2]*h2.a.g[c]*h2.a.v_power[c]
    np.multiply(h2_a_g, h2_a_v_power, out=t3)
    np.multiply(h2_a_conv2d_difference, t3_b100, out=h2_a)
    np.add(h2_a, h2_a_b[:, None, None], out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    band5_view[...] = h2_b_conv2d_W[:, :, :, 0].transpose(1, 2, 0)[:, :, None, :]
    band5_view2[...] = h2_b_conv2d_W[:, :, :, 1].transpose(1, 2, 0)[:, :, None, :]
    band5_view3[...] = h2_b_conv2d_W[:, :, :, 2].transpose(1, 2, 0)[:, :, None, :]
    h2_r_padded_windows[...] = h2_r_padded_view_T03124
    h2_r_padded_windows_2d.dot(band5_2d, out=h2_b_conv2d_2d)
    # h2.b.m[c] = sum(n, u, v2: h2.b.conv2d[n, c, u, v2]/(16*N))
    weights2.dot(h2_b_conv2d_2d2, out=h2_b_m)
    # h2.b.rm'[c] = 9*h2.b.rm[c]/10 + h2.b.m[c]/10
    np.multiply(h2_b_m, c0_1, out=h2_b_rm_next)
    np.multiply(h2_b_rm, c0_9, out=t3)
    np.add(h2_b_rm_next, t3, out=h2_b_rm_next)
    # h2.b.conv2d_difference[n, o, u, v] = h2.b.conv2d[n, o, u, v] - h2.b.m[o]
    np.subtract(h2_b_conv2d_T0312, h2_b_m_b100, out=h2_b_conv2d_difference)
    # h2.b.v[c] = sum(n, u, v2: h2.b.conv2d_difference[n, c, u, v2]**2/(16*N))
    np.multiply(h2_b_conv2d_difference, h2_b_conv2d_difference, out=t4)
    t4_2d.dot(ones3, out=t5_flat)
    ones2.dot(t5, out=h2_b_v)
    np.multiply(h2_b_v, c2, out=h2_b_v)
    # h2.b.rv'[c] = 9*h2.b.rv[c]/10 + h2.b.v[c]/10
    np.multiply(h2_b_v, c0_1, out=h2_b_rv_next)
    np.multiply(h2_b_rv, c0_9, out=t3)
    np.add(h2_b_rv_next, t3, out=h2_b_rv_next)
    # h2.b.v_power[c] = 1/sqrt(h2.b.v[c] + 1/100000)
    np.add(h2_b_v, c1em05, out=h2_b_v_power)
    np.sqrt(h2_b_v_power, out=h2_b_v_power)
    np.divide(one, h2_b_v_power, out=h2_b_v_power)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.conv2d_difference[n, c, u, v2]*h2.b.g[c]*h2.b.v_power[c]
    np.multiply(h2_b_g, h2_b_v_power, out=t3)
    np.multiply(h2_b_conv2d_difference, t3_b100, out=h2_b)
    np.add(h2_b, h2_b_b[:, None, None], out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t6[...] = h1_view_T024135
    t6_2d.dot(h2_s_W.reshape(8, 4).T, out=h2_s_2d)
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s_T0312, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    h2_padded_windows[...] = h2_padded_view_T135042
    h3_a_conv2d_W.reshape(16, 72).dot(h2_padded_windows_2d, out=h3_a_conv2d_2d)
    # h3.a.m[c] = sum(n, u, v2: h3.a.conv2d[n, c, u, v2]/(4*N))
    h3_a_conv2d_2d.dot(weights3, out=h3_a_m)
    # h3.a.rm'[c] = 9*h3.a.rm[c]/10 + h3.a.m[c]/10
    np.multiply(h3_a_m, c0_1, out=h3_a_rm_next)
    np.multiply(h3_a_rm, c0_9, out=t7)
    np.add(h3_a_rm_next, t7, out=h3_a_rm_next)
    # h3.a.conv2d_difference[n, o, u, v] = h3.a.conv2d[n, o, u, v] - h3.a.m[o]
    np.subtract(h3_a_conv2d_T1032, h3_a_m_b100, out=h3_a_conv2d_difference)
    # h3.a.v[c] = sum(n, u, v2: h3.a.conv2d_difference[n, c, u, v2]**2/(4*N))
    np.multiply(h3_a_conv2d_difference, h3_a_conv2d_difference, out=t8)
    t8_2d.dot(ones4, out=t9_flat)
    ones2.dot(t9, out=h3_a_v)
    np.multiply(h3_a_v, c3, out=h3_a_v)
    # h3.a.rv'[c] = 9*h3.a.rv[c]/10 + h3.a.v[c]/10
    np.multiply(h3_a_v, c0_1, out=h3_a_rv_next)
    np.multiply(h3_a_rv, c0_9, out=t7)
    np.add(h3_a_rv_next, t7, out=h3_a_rv_next)
    # h3.a.v_power[c] = 1/sqrt(h3.a.v[c] + 1/100000)
    np.add(h3_a_v, c1em05, out=h3_a_v_power)
    np.sqrt(h3_a_v_power, out=h3_a_v_power)
    np.divide(one, h3_a_v_power, out=h3_a_v_power)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.conv2d_difference[n, c, u, v2]*h3.a.g[c]*h3.a.v_power[c]
    np.multiply(h3_a_g, h3_a_v_power, out=t7)
    np.multiply(h3_a_conv2d_difference, t7_b100, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None], out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    h3_r_padded_windows[...] = h3_r_padded_view_T03412
    t10[...] = h3_b_conv2d_W.transpose(0, 3, 1, 2)
    h3_r_padded_windows_2d.dot(t10_2d_T, out=t11_2d)
    np.add.reduce(t11_view, axis=2, out=t12)
    h3_b_conv2d_part[...] = t12_T201
    np.add.reduce(t11_view2, axis=2, out=t12)
    h3_b_conv2d_part2[...] = t12_T201
    # h3.b.m[c] = sum(n, u, v2: h3.b.conv2d[n, c, u, v2]/(4*N))
    h3_b_conv2d_2d.dot(weights3, out=h3_b_m)
    # h3.b.rm'[c] = 9*h3.b.rm[c]/10 + h3.b.m[c]/10
    np.multiply(h3_b_m, c0_1, out=h3_b_rm_next)
    np.multiply(h3_b_rm, c0_9, out=t7)
    np.add(h3_b_rm_next, t7, out=h3_b_rm_next)
    # h3.b.conv2d_difference[n, o, u, v] = h3.b.conv2d[n, o, u, v] - h3.b.m[o]
    np.subtract(h3_b_conv2d_T1032, h3_b_m_b100, out=h3_b_conv2d_difference)
    # h3.b.v[c] = sum(n, u, v2: h3.b.conv2d_difference[n, c, u, v2]**2/(4*N))
    np.multiply(h3_b_conv2d_difference, h3_b_conv2d_difference, out=t8)
    t8_2d.dot(ones4, out=t9_flat)
    ones2.dot(t9, out=h3_b_v)
    np.multiply(h3_b_v, c3, out=h3_b_v)
    # h3.b.rv'[c] = 9*h3.b.rv[c]/10 + h3.b.v[c]/10
    np.multiply(h3_b_v, c0_1, out=h3_b_rv_next)
    np.multiply(h3_b_rv, c0_9, out=t7)
    np.add(h3_b_rv_next, t7, out=h3_b_rv_next)
    # h3.b.v_power[c] = 1/sqrt(h3.b.v[c] + 1/100000)
    np.add(h3_b_v, c1em05, out=h3_b_v_power)
    np.sqrt(h3_b_v_power, out=h3_b_v_power)
    np.divide(one, h3_b_v_power, out=h3_b_v_power)
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.conv2d_difference[n, c, u, v2]*h3.b.g[c]*h3.b.v_power[c]
    np.multiply(h3_b_g, h3_b_v_power, out=t7)
    np.multiply(h3_b_conv2d_difference_T0231, t7, out=h3_b)
    np.add(h3_b, h3_b_b, out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t13[...] = h2_view_T024135
    t13_2d.dot(h3_s_W.reshape(16, 8).T, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b_T0312, h3_s_T0312, out=h3)
    np.maximum(h3, zero, out=h3)
    # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
    h3_2d.dot(weights4, out=logits_global_avg_pool_flat)
    # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
    logits_global_avg_pool.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=1, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max_col, out=logits_shifted)
    # logits_exp[n, o] = exp(logits_shifted[n, o])
    np.exp(logits_shifted, out=logits_exp)
    # logits_sumexp[n] = sum(c: logits_exp[n, c])
    logits_exp.dot(ones5, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.add(position, y, out=y_position)
    logits_shifted_flat.take(y_position, out=t14, mode="clip")
    np.log(logits_sumexp, out=t15)
    np.subtract(t15, t14, out=t15)
    loss = weights5.dot(t15)

    outputs = {"logits": logits, "loss": np.array(loss, dtype)}
    saved = (
        N,
        image,
        y,
        h0,
        h1,
        h1_r,
        h2,
        h2_r,
        h3,
        h3_r,
        logits_global_avg_pool,
        logits_sumexp,
        h1_a_v_power,
        h1_b_v_power,
        h2_a_v_power,
        h2_b_v_power,
        h3_a_v_power,
        h3_b_v_power,
        logits_exp,
        h1_a_conv2d_difference,
        h1_b_conv2d_difference,
        h2_a_conv2d_difference,
        h2_b_conv2d_difference,
        h3_a_conv2d_difference,
        h3_b_conv2d_difference,
    )
    state_next = {
        "h1.a.rm": h1_a_rm_next.copy(),
        "h1.a.rv": h1_a_rv_next.copy(),
        "h1.b.rm": h1_b_rm_next.copy(),
        "h1.b.rv": h1_b_rv_next.copy(),
        "h2.a.rm": h2_a_rm_next.copy(),
        "h2.a.rv": h2_a_rv_next.copy(),
        "h2.b.rm": h2_b_rm_next.copy(),
        "h2.b.rv": h2_b_rv_next.copy(),
        "h3.a.rm": h3_a_rm_next.copy(),
        "h3.a.rv": h3_a_rv_next.copy(),
        "h3.b.rm": h3_b_rm_next.copy(),
        "h3.b.rv": h3_b_rv_next.copy(),
    }
    return outputs, saved, state_next


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    (
        N,
        image,
        y,
        h0,
        h1,
        h1_r,
        h2,
        h2_r,
        h3,
        h3_r,
        logits_global_avg_pool,
        logits_sumexp,
        h1_a_v_power,
        h1_b_v_power,
        h2_a_v_power,
        h2_b_v_power,
        h3_a_v_power,
        h3_b_v_power,
        logits_exp,
        h1_a_conv2d_difference,
        h1_b_conv2d_difference,
        h2_a_conv2d_difference,
        h2_b_conv2d_difference,
        h3_a_conv2d_difference,
        h3_b_conv2d_difference,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("logits", "loss"))
    grad_logits = _upstream("logits", grad_outputs, (N, 10), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    h0_W = params["h0.W"]
    h1_a_conv2d_W = params["h1.a.conv2d.W"]
    h1_a_g = params["h1.a.g"]
    h1_b_conv2d_W = params["h1.b.conv2d.W"]
    h1_b_g = params["h1.b.g"]
    h2_a_conv2d_W = params["h2.a.conv2d.W"]
    h2_a_g = params["h2.a.g"]
    h2_b_conv2d_W = params["h2.b.conv2d.W"]
    h2_b_g = params["h2.b.g"]
    h2_s_W = params["h2.s.W"]
    h3_a_conv2d_W = params["h3.a.conv2d.W"]
    h3_a_g = params["h3.a.g"]
    h3_b_conv2d_W = params["h3.b.conv2d.W"]
    h3_b_g = params["h3.b.g"]
    h3_s_W = params["h3.s.W"]
    logits_W = params["logits.W"]

    dlogits_shifted = np.empty((N, 10), dtype)
    dlogits = dlogits_shifted  # dlogits_shifted is not needed any more
    dlogits_b = np.empty(10, dtype)
    dlogits_W = np.empty((16, 10), dtype)
    dlogits_global_avg_pool = np.empty((16, N), dtype)  # dimensions exchanged
    dh3_b = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    dh3_s_W = np.empty((16, 8, 1, 1), dtype)
    dh3_b_b = np.empty(16, dtype)
    dh3_b_g_sum = np.empty(16, dtype)
    dh3_b_g = dh3_b_g_sum  # dh3_b_g_sum is not needed any more
    dh3_b_v = np.empty(16, dtype)
    dh3_b_conv2d = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    dh3_b_conv2d_W = np.empty((16, 16, 3, 3), dtype)
    dh3_r = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    dh3_a = dh3_r  # dh3_r is not needed any more
    dh3_a_b = dh3_b_v  # dh3_b_v is not needed any more
    dh3_a_g_sum = np.empty(16, dtype)
    dh3_a_g = dh3_a_g_sum  # dh3_a_g_sum is not needed any more
    dh3_a_v = np.empty(16, dtype)
    dh3_a_conv2d = dh3_r  # dh3_r is not needed any more
    dh3_a_conv2d_W = np.empty((16, 8, 3, 3), dtype)
    dh2 = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    dh2_b = dh2  # dh2 is not needed any more
    dh2_s_W = np.empty((8, 4, 1, 1), dtype)
    dh2_b_b = np.empty(8, dtype)
    dh2_b_g_sum = np.empty(8, dtype)
    dh2_b_g = dh2_b_g_sum  # dh2_b_g_sum is not needed any more
    dh2_b_v = np.empty(8, dtype)
    dh2_b_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    dh2_b_conv2d_W = np.empty((8, 8, 3, 3), dtype)
    dh2_r = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    dh2_a = dh2_r  # dh2_r is not needed any more
    dh2_a_b = dh2_b_v  # dh2_b_v is not needed any more
    dh2_a_g_sum = np.empty(8, dtype)
    dh2_a_g = dh2_a_g_sum  # dh2_a_g_sum is not needed any more
    dh2_a_v = np.empty(8, dtype)
    dh2_a_conv2d = dh2_r  # dh2_r is not needed any more
    dh2_a_conv2d_W = np.empty((8, 4, 3, 3), dtype)
    dh1 = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    dh1_b = dh1  # dh1 is not needed any more
    dh1_b_b = np.empty(4, dtype)
    dh1_b_g_sum = np.empty(4, dtype)
    dh1_b_g = dh1_b_g_sum  # dh1_b_g_sum is not needed any more
    dh1_b_v = np.empty(4, dtype)
    dh1_b_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    dh1_b_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh1_r = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    dh1_a = dh1_r  # dh1_r is not needed any more
    dh1_a_b = dh1_b_v  # dh1_b_v is not needed any more
    dh1_a_g_sum = np.empty(4, dtype)
    dh1_a_g = dh1_a_g_sum  # dh1_a_g_sum is not needed any more
    dh1_a_v = np.empty(4, dtype)
    dh1_a_conv2d = dh1_r  # dh1_r is not needed any more
    dh1_a_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh0 = dh1_b_conv2d  # dh1_b_conv2d is not needed any more
    dh0_sum = dh1_b_conv2d  # dh1_b_conv2d is not needed any more
    dh0_b = dh1_a_v  # dh1_a_v is not needed any more
    dimage = np.empty((N, 3, 8, 8), dtype)
    dh0_W = np.empty((4, 3, 3, 3), dtype)
    t0 = np.empty(N, dtype)
    t0_col = t0[:, None]
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    dlogits_shifted_flat = dlogits_shifted.reshape(-1)
    ones = np.ones(N, dtype)
    dlogits_T = dlogits.T
    t1 = np.empty((16, 2, 2, N), bool)
    zero = np.array(0, dtype)
    t2 = np.empty((16, N), dtype)
    c0_25 = np.array(0.25, dtype)
    t2_b1001 = t2[:, None, None, :]
    dh3_b_2d = dh3_b.reshape(16, 4 * N)
    t3 = np.empty((2, 2, N, 8, 1, 1), dtype)
    t3_2d = t3.reshape(4 * N, 8)
    dh3_s_W_2d = dh3_s_W.reshape(16, 8)
    ones2 = np.ones(4 * N, dtype)
    t4 = np.empty((16, 2, 2, N), dtype)
    t4_2d = t4.reshape(16, 4 * N)
    minus_0_5 = np.array(-0.5, dtype)
    t5 = np.empty(16, dtype)
    c = np.array(1 / 2 / N, dtype)
    t5_b1000 = t5[:, None, None, None]
    c2 = np.array(1 / 4 / N, dtype)
    t6 = np.empty((16, 16, 2, 2, 3), dtype)
    band = np.zeros((N, 2, 16, 2, 3), dtype)
    band_view = np.lib.stride_tricks.as_strided(
        band[:, :, :, :, 1:],
        (N, 2, 16, 2),
        (band.strides[0], band.strides[1] + band.strides[4], band.strides[2], band.strides[3]),
    )
    band_view2 = np.lib.stride_tricks.as_strided(
        band,
        (N, 2, 16, 2),
        (band.strides[0], band.strides[1] + band.strides[4], band.strides[2], band.strides[3]),
    )
    dh3_b_conv2d_part = dh3_b_conv2d[:, :, 0]
    dh3_b_conv2d_part_T201 = dh3_b_conv2d_part.transpose(2, 0, 1)
    dh3_b_conv2d_part_T201_b1011 = dh3_b_conv2d_part_T201[:, None, :, :]
    dh3_b_conv2d_part2 = dh3_b_conv2d[:, :, 1]
    dh3_b_conv2d_part2_T201 = dh3_b_conv2d_part2.transpose(2, 0, 1)
    dh3_b_conv2d_part2_T201_b1011 = dh3_b_conv2d_part2_T201[:, None, :, :]
    t7 = np.empty((N, 2, 16, 2), dtype)
    t7_2d = t7.reshape(2 * N, 32)
    t7_2d_T = t7_2d.T
    band_2d = band.reshape(2 * N, 96)
    t8 = np.empty((16, 2, 16, 2, 3), dtype)
    t8_2d = t8.reshape(32, 96)
    t8_T20134 = t8.transpose(2, 0, 1, 3, 4)
    dh3_b_conv2d_W_lines = dh3_b_conv2d_W[:, :, 1:3, :]
    t6_lines = t6[:, :, 0:2, 0, :]
    dh3_b_conv2d_W_lines2 = dh3_b_conv2d_W[:, :, 0:2, :]
    t6_lines2 = t6[:, :, 0:2, 1, :]
    dh3_b_conv2d_flip = dh3_b_conv2d[:, ::-1, ::-1]
    t9 = np.empty((16, 2, 2, 16, 2, 2), dtype)
    t9_2d = t9.reshape(64, 64)
    t4_2d2 = t4.reshape(64, N)
    dh3_r_2d = dh3_r.reshape(64, N)
    dh3_a_2d = dh3_a.reshape(16, 4 * N)
    h2_padded = np.zeros((8, 5, 5, N), dtype)
    h2_padded_part = h2_padded[:, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (8, 2, 3, 2, 3, N),
        (
            h2_padded.strides[0],
            2 * h2_padded.strides[1],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            h2_padded.strides[3],
        ),
    )
    dh3_a_conv2d_2d = dh3_a_conv2d.reshape(16, 4 * N)
    h2_padded_view_T024135 = h2_padded_view.transpose(0, 2, 4, 1, 3, 5)
    h2_padded_windows = np.empty((8, 3, 3, 2, 2, N), dtype)
    h2_padded_windows_2d = h2_padded_windows.reshape(72, 4 * N)
    h2_padded_windows_2d_T = h2_padded_windows_2d.T
    dh3_a_conv2d_W_2d = dh3_a_conv2d_W.reshape(16, 72)
    dh2_view = np.lib.stride_tricks.as_strided(
        dh2,
        (N, 2, 1, 2, 1, 8),
        (
            dh2.strides[0],
            2 * dh2.strides[1],
            dh2.strides[1],
            2 * dh2.strides[2],
            dh2.strides[2],
            dh2.strides[3],
        ),
    )
    dh3_b_2d_T = dh3_b_2d.T
    t10 = np.empty((16, 1, 1, 8), dtype)
    t10_2d = t10.reshape(16, 8)
    t11 = np.empty((2, 2, N, 1, 1, 8), dtype)
    t11_2d = t11.reshape(4 * N, 8)
    t11_T203145 = t11.transpose(2, 0, 3, 1, 4, 5)
    t12 = np.empty((8, 3, 3, 2, 2, N), dtype)
    t12_2d = t12.reshape(72, 4 * N)
    dh2_bordered = np.empty((N, 5, 5, 8), dtype)
    dh2_bordered_slices = [
        dh2_bordered[:N, 2 * u : 2 * u + 3, 2 * v : 2 * v + 3, :8]
        for u in range(2)
        for v in range(2)
    ]
    t12_T345120 = t12.transpose(3, 4, 5, 1, 2, 0)
    t12_slices = [t12_T345120[u, v] for u in range(2) for v in range(2)]
    dh2_bordered_part = dh2_bordered[:, 1:, 1:]
    h2_padded_part_T3120 = h2_padded_part.transpose(3, 1, 2, 0)
    t13 = np.empty((N, 4, 4, 8), bool)
    dh2_b_2d = dh2_b.reshape(16 * N, 8)
    dh2_b_2d_T = dh2_b_2d.T
    t14 = np.empty((N, 4, 4, 4, 1, 1), dtype)
    t14_2d = t14.reshape(16 * N, 4)
    dh2_s_W_2d = dh2_s_W.reshape(8, 4)
    ones3 = np.ones(16 * N, dtype)
    t15 = np.empty((N, 4, 4, 8), dtype)
    t15_2d = t15.reshape(16 * N, 8)
    t16 = np.empty(8, dtype)
    c3 = np.array(1 / 8 / N, dtype)
    c4 = np.array(1 / 16 / N, dtype)
    h2_r_padded = np.zeros((N, 8, 6, 4), dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 8, 3, 4, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
        ),
    )
    h2_r_padded_view_T03124 = h2_r_padded_view.transpose(0, 3, 1, 2, 4)
    h2_r_padded_windows = np.empty((N, 4, 8, 3, 4), dtype)
    h2_r_padded_windows_2d = h2_r_padded_windows.reshape(4 * N, 96)
    h2_r_padded_windows_2d_T = h2_r_padded_windows_2d.T
    dh2_b_conv2d_2d = dh2_b_conv2d.reshape(4 * N, 32)
    t17 = np.empty((8, 3, 4, 4, 8), dtype)
    t17_2d = t17.reshape(96, 32)
    t17_view = np.lib.stride_tricks.as_strided(
        t17[:, :, :, 1:],
        (8, 3, 3, 8),
        (t17.strides[0], t17.strides[1], t17.strides[2] + t17.strides[3], t17.strides[4]),
    )
    t17_view2 = np.lib.stride_tricks.as_strided(
        t17,
        (8, 3, 4, 8),
        (t17.strides[0], t17.strides[1], t17.strides[2] + t17.strides[3], t17.strides[4]),
    )
    t17_view3 = np.lib.stride_tricks.as_strided(
        t17[:, :, 1:],
        (8, 3, 3, 8),
        (t17.strides[0], t17.strides[1], t17.strides[2] + t17.strides[3], t17.strides[4]),
    )
    dh2_b_conv2d_W_part = dh2_b_conv2d_W[:, :, :, 0]
    t18 = np.empty((8, 3, 8), dtype)
    t18_T201 = t18.transpose(2, 0, 1)
    dh2_b_conv2d_W_part2 = dh2_b_conv2d_W[:, :, :, 1]
    dh2_b_conv2d_W_part3 = dh2_b_conv2d_W[:, :, :, 2]
    dh2_b_conv2d_padded = np.zeros((N, 6, 4, 8), dtype)
    dh2_b_conv2d_padded_part = dh2_b_conv2d_padded[:, 1:5]
    dh2_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh2_b_conv2d_padded,
        (N, 3, 4, 4, 8),
        (
            dh2_b_conv2d_padded.strides[0],
            dh2_b_conv2d_padded.strides[1],
            dh2_b_conv2d_padded.strides[1],
            dh2_b_conv2d_padded.strides[2],
            dh2_b_conv2d_padded.strides[3],
        ),
    )
    band2 = np.zeros((3, 4, 8, 4, 8), dtype)
    band2_view = np.lib.stride_tricks.as_strided(
        band2[:, :, :, 1:],
        (3, 3, 8, 8),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view2 = np.lib.stride_tricks.as_strided(
        band2,
        (3, 4, 8, 8),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view3 = np.lib.stride_tricks.as_strided(
        band2[:, 1:],
        (3, 3, 8, 8),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    dh2_b_conv2d_padded_view_T02134 = dh2_b_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh2_b_conv2d_padded_windows = np.empty((N, 4, 3, 4, 8), dtype)
    dh2_b_conv2d_padded_windows_2d = dh2_b_conv2d_padded_windows.reshape(4 * N, 96)
    band2_2d = band2.reshape(96, 32)
    dh2_r_2d = dh2_r.reshape(4 * N, 32)
    dh2_a_2d = dh2_a.reshape(16 * N, 8)
    h1_padded = np.zeros((N, 4, 9, 8), dtype)
    h1_padded_part = h1_padded[:, :, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 4, 3, 8),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            h1_padded.strides[3],
        ),
    )
    h1_padded_view_T02134 = h1_padded_view.transpose(0, 2, 1, 3, 4)
    h1_padded_windows = np.empty((N, 4, 4, 3, 8), dtype)
    h1_padded_windows_2d = h1_padded_windows.reshape(4 * N, 96)
    h1_padded_windows_2d_T = h1_padded_windows_2d.T
    dh2_a_conv2d_2d = dh2_a_conv2d.reshape(4 * N, 32)
    t19 = np.empty((4, 3, 8, 4, 8), dtype)
    t19_2d = t19.reshape(96, 32)
    t19_view = np.lib.stride_tricks.as_strided(
        t19[:, :, 1:, 1:],
        (4, 3, 3, 8),
        (t19.strides[0], t19.strides[1], 2 * t19.strides[2] + t19.strides[3], t19.strides[4]),
    )
    t19_view2 = np.lib.stride_tricks.as_strided(
        t19,
        (4, 3, 4, 8),
        (t19.strides[0], t19.strides[1], 2 * t19.strides[2] + t19.strides[3], t19.strides[4]),
    )
    t19_view3 = np.lib.stride_tricks.as_strided(
        t19[:, :, 1:],
        (4, 3, 4, 8),
        (t19.strides[0], t19.strides[1], 2 * t19.strides[2] + t19.strides[3], t19.strides[4]),
    )
    dh2_a_conv2d_W_part = dh2_a_conv2d_W[:, :, :, 0]
    t20 = np.empty((4, 3, 8), dtype)
    t20_T201 = t20.transpose(2, 0, 1)
    dh2_a_conv2d_W_part2 = dh2_a_conv2d_W[:, :, :, 1]
    dh2_a_conv2d_W_part3 = dh2_a_conv2d_W[:, :, :, 2]
    dh1_view = np.lib.stride_tricks.as_strided(
        dh1,
        (N, 4, 1, 4, 1, 4),
        (
            dh1.strides[0],
            2 * dh1.strides[1],
            dh1.strides[1],
            2 * dh1.strides[2],
            dh1.strides[2],
            dh1.strides[3],
        ),
    )
    t21 = np.empty((8, 1, 1, 4), dtype)
    t21_2d = t21.reshape(8, 4)
    t22 = np.empty((N, 4, 4, 1, 1, 4), dtype)
    t22_2d = t22.reshape(16 * N, 4)
    t22_T013245 = t22.transpose(0, 1, 3, 2, 4, 5)
    dh2_a_conv2d_2d2 = dh2_a_conv2d.reshape(16 * N, 8)
    dh2_a_conv2d_2d2_T = dh2_a_conv2d_2d2.T
    t23 = np.empty((4, 3, 3, N, 4, 4), dtype)
    t23_2d = t23.reshape(36, 16 * N)
    dh1_bordered = np.empty((N, 9, 9, 4), dtype)
    dh1_bordered_slices = [
        dh1_bordered[:N, p : p + 8 : 2, q : q + 8 : 2, :4] for p in range(3) for q in range(3)
    ]
    t23_T123450 = t23.transpose(1, 2, 3, 4, 5, 0)
    t23_slices = [t23_T123450[p, q] for p in range(3) for q in range(3)]
    dh1_bordered_part = dh1_bordered[:, 1:, 1:]
    t24 = np.empty((N, 8, 8, 4), bool)
    ones4 = np.ones(64 * N, dtype)
    dh1_b_2d = dh1_b.reshape(64 * N, 4)
    t25 = np.empty((N, 8, 8, 4), dtype)
    t25_2d = t25.reshape(64 * N, 4)
    t26 = np.empty(4, dtype)
    c5 = np.array(1 / 32 / N, dtype)
    t27 = np.empty((8, 8, 4), dtype)
    c6 = np.array(1 / 64 / N, dtype)
    h1_r_padded = np.zeros((N, 4, 10, 8), dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 4, 3, 8, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
        ),
    )
    h1_r_padded_view_T03124 = h1_r_padded_view.transpose(0, 3, 1, 2, 4)
    h1_r_padded_windows = np.empty((N, 8, 4, 3, 8), dtype)
    h1_r_padded_windows_2d = h1_r_padded_windows.reshape(8 * N, 96)
    h1_r_padded_windows_2d_T = h1_r_padded_windows_2d.T
    dh1_b_conv2d_2d = dh1_b_conv2d.reshape(8 * N, 32)
    t28 = np.empty((4, 3, 8, 8, 4), dtype)
    t28_2d = t28.reshape(96, 32)
    t28_view = np.lib.stride_tricks.as_strided(
        t28[:, :, :, 1:],
        (4, 3, 7, 4),
        (t28.strides[0], t28.strides[1], t28.strides[2] + t28.strides[3], t28.strides[4]),
    )
    t28_view2 = np.lib.stride_tricks.as_strided(
        t28,
        (4, 3, 8, 4),
        (t28.strides[0], t28.strides[1], t28.strides[2] + t28.strides[3], t28.strides[4]),
    )
    t28_view3 = np.lib.stride_tricks.as_strided(
        t28[:, :, 1:],
        (4, 3, 7, 4),
        (t28.strides[0], t28.strides[1], t28.strides[2] + t28.strides[3], t28.strides[4]),
    )
    dh1_b_conv2d_W_part = dh1_b_conv2d_W[:, :, :, 0]
    t29 = np.empty((4, 3, 4), dtype)
    t29_T201 = t29.transpose(2, 0, 1)
    dh1_b_conv2d_W_part2 = dh1_b_conv2d_W[:, :, :, 1]
    dh1_b_conv2d_W_part3 = dh1_b_conv2d_W[:, :, :, 2]
    dh1_b_conv2d_padded = np.zeros((N, 10, 8, 4), dtype)
    dh1_b_conv2d_padded_part = dh1_b_conv2d_padded[:, 1:9]
    dh1_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_b_conv2d_padded,
        (N, 3, 8, 8, 4),
        (
            dh1_b_conv2d_padded.strides[0],
            dh1_b_conv2d_padded.strides[1],
            dh1_b_conv2d_padded.strides[1],
            dh1_b_conv2d_padded.strides[2],
            dh1_b_conv2d_padded.strides[3],
        ),
    )
    band3 = np.zeros((3, 8, 4, 8, 4), dtype)
    band3_view = np.lib.stride_tricks.as_strided(
        band3[:, :, :, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view2 = np.lib.stride_tricks.as_strided(
        band3,
        (3, 8, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view3 = np.lib.stride_tricks.as_strided(
        band3[:, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    dh1_b_conv2d_padded_view_T02134 = dh1_b_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh1_b_conv2d_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    dh1_b_conv2d_padded_windows_2d = dh1_b_conv2d_padded_windows.reshape(8 * N, 96)
    band3_2d = band3.reshape(96, 32)
    dh1_r_2d = dh1_r.reshape(8 * N, 32)
    dh1_a_2d = dh1_a.reshape(64 * N, 4)
    h0_padded = np.zeros((N, 4, 10, 8), dtype)
    h0_padded_part = h0_padded[:, :, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 4, 3, 8, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
        ),
    )
    h0_padded_view_T03124 = h0_padded_view.transpose(0, 3, 1, 2, 4)
    h0_padded_windows = np.empty((N, 8, 4, 3, 8), dtype)
    h0_padded_windows_2d = h0_padded_windows.reshape(8 * N, 96)
    h0_padded_windows_2d_T = h0_padded_windows_2d.T
    dh1_a_conv2d_2d = dh1_a_conv2d.reshape(8 * N, 32)
    dh1_a_conv2d_W_part = dh1_a_conv2d_W[:, :, :, 0]
    dh1_a_conv2d_W_part2 = dh1_a_conv2d_W[:, :, :, 1]
    dh1_a_conv2d_W_part3 = dh1_a_conv2d_W[:, :, :, 2]
    dh1_a_conv2d_padded = np.zeros((N, 10, 8, 4), dtype)
    dh1_a_conv2d_padded_part = dh1_a_conv2d_padded[:, 1:9]
    dh1_a_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_a_conv2d_padded,
        (N, 3, 8, 8, 4),
        (
            dh1_a_conv2d_padded.strides[0],
            dh1_a_conv2d_padded.strides[1],
            dh1_a_conv2d_padded.strides[1],
            dh1_a_conv2d_padded.strides[2],
            dh1_a_conv2d_padded.strides[3],
        ),
    )
    band4 = np.zeros((3, 8, 4, 8, 4), dtype)
    band4_view = np.lib.stride_tricks.as_strided(
        band4[:, :, :, 1:],
        (3, 7, 4, 4),
        (band4.strides[0], band4.strides[1] + band4.strides[3], band4.strides[2], band4.strides[4]),
    )
    band4_view2 = np.lib.stride_tricks.as_strided(
        band4,
        (3, 8, 4, 4),
        (band4.strides[0], band4.strides[1] + band4.strides[3], band4.strides[2], band4.strides[4]),
    )
    band4_view3 = np.lib.stride_tricks.as_strided(
        band4[:, 1:],
        (3, 7, 4, 4),
        (band4.strides[0], band4.strides[1] + band4.strides[3], band4.strides[2], band4.strides[4]),
    )
    dh1_a_conv2d_padded_view_T02134 = dh1_a_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh1_a_conv2d_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    dh1_a_conv2d_padded_windows_2d = dh1_a_conv2d_padded_windows.reshape(8 * N, 96)
    band4_2d = band4.reshape(96, 32)
    dh0_2d = dh0.reshape(8 * N, 32)
    dh0_sum_2d = dh0_sum.reshape(64 * N, 4)
    dh0_sum_padded = np.zeros((N, 10, 8, 4), dtype)
    dh0_sum_padded_part = dh0_sum_padded[:, 1:9]
    dh0_sum_padded_view = np.lib.stride_tricks.as_strided(
        dh0_sum_padded,
        (N, 8, 3, 8, 4),
        (
            dh0_sum_padded.strides[0],
            dh0_sum_padded.strides[1],
            dh0_sum_padded.strides[1],
            dh0_sum_padded.strides[2],
            dh0_sum_padded.strides[3],
        ),
    )
    band5 = np.zeros((3, 8, 4, 3, 8), dtype)
    band5_view = np.lib.stride_tricks.as_strided(
        band5[:, :, :, :, 1:],
        (3, 7, 4, 3),
        (band5.strides[0], band5.strides[1] + band5.strides[4], band5.strides[2], band5.strides[3]),
    )
    band5_view2 = np.lib.stride_tricks.as_strided(
        band5,
        (3, 8, 4, 3),
        (band5.strides[0], band5.strides[1] + band5.strides[4], band5.strides[2], band5.strides[3]),
    )
    band5_view3 = np.lib.stride_tricks.as_strided(
        band5[:, 1:],
        (3, 7, 4, 3),
        (band5.strides[0], band5.strides[1] + band5.strides[4], band5.strides[2], band5.strides[3]),
    )
    dh0_sum_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    dh0_sum_padded_windows_2d = dh0_sum_padded_windows.reshape(8 * N, 96)
    band5_2d = band5.reshape(96, 24)
    t30 = np.empty((N, 8, 3, 8), dtype)
    t30_2d = t30.reshape(8 * N, 24)
    t30_T0213 = t30.transpose(0, 2, 1, 3)
    image_padded = np.zeros((N, 3, 10, 8), dtype)
    image_padded_part = image_padded[:, :, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
        ),
    )
    image_padded_view_T03124 = image_padded_view.transpose(0, 3, 1, 2, 4)
    image_padded_windows = np.empty((N, 8, 3, 3, 8), dtype)
    image_padded_windows_2d = image_padded_windows.reshape(8 * N, 72)
    image_padded_windows_2d_T = image_padded_windows_2d.T
    dh0_sum_2d2 = dh0_sum.reshape(8 * N, 32)
    t31 = np.empty((3, 3, 8, 8, 4), dtype)
    t31_2d = t31.reshape(72, 32)
    t31_view = np.lib.stride_tricks.as_strided(
        t31[:, :, :, 1:],
        (3, 3, 7, 4),
        (t31.strides[0], t31.strides[1], t31.strides[2] + t31.strides[3], t31.strides[4]),
    )
    t31_view2 = np.lib.stride_tricks.as_strided(
        t31,
        (3, 3, 8, 4),
        (t31.strides[0], t31.strides[1], t31.strides[2] + t31.strides[3], t31.strides[4]),
    )
    t31_view3 = np.lib.stride_tricks.as_strided(
        t31[:, :, 1:],
        (3, 3, 7, 4),
        (t31.strides[0], t31.strides[1], t31.strides[2] + t31.strides[3], t31.strides[4]),
    )
    dh0_W_part = dh0_W[:, :, :, 0]
    t32 = np.empty((3, 3, 4), dtype)
    t32_T201 = t32.transpose(2, 0, 1)
    dh0_W_part2 = dh0_W[:, :, :, 1]
    dh0_W_part3 = dh0_W[:, :, :, 2]

    # dlogits_shifted[n, o] += grad_loss*logits_exp[n, o]/(N*logits_sumexp[n])
    np.multiply(logits_sumexp, N / grad_loss, out=t0)
    np.divide(logits_exp, t0_col, out=dlogits_shifted)
    # dlogits_shifted[n, y[n]] += -grad_loss/N
    np.add(position, y, out=y_position)
    dlogits_shifted_flat[y_position] += -grad_loss / N
    # dlogits[n, o] = dlogits_shifted[n, o] + grad_logits[n, o]
    np.add(dlogits_shifted, grad_logits, out=dlogits)
    # dlogits.b[o] = sum(n: dlogits[n, o])
    ones.dot(dlogits, out=dlogits_b)
    # dlogits.W[i, o] = sum(n: logits.global_avg_pool[n, i]*dlogits[n, o])
    logits_global_avg_pool.T.dot(dlogits, out=dlogits_W)
    # dlogits.global_avg_pool[n, c] = sum(o: dlogits[n, o]*logits.W[c, o])
    logits_W.dot(dlogits_T, out=dlogits_global_avg_pool)
    # dh3.b[n, c, u, v2] = where(not h3[n, c, u, v2] <= 0, dlogits.global_avg_pool[n, c]/4, 0)
    np.greater(h3.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(dlogits_global_avg_pool, c0_25, out=t2)
    np.multiply(t1, t2_b1001, out=dh3_b)
    # dh3.s.W[o, c, p, q] = sum(n, u, v: dh3.b[n, o, u, v]*h2[n, c, 2*u + p, 2*v + q])
    t3[...] = np.lib.stride_tricks.as_strided(
        h2,
        (N, 8, 2, 1, 2, 1),
        (
            h2.strides[0],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            2 * h2.strides[3],
            h2.strides[3],
        ),
    ).transpose(2, 4, 0, 1, 3, 5)
    dh3_b_2d.dot(t3_2d, out=dh3_s_W_2d)
    # dh3.b.b[c] = sum(n, u, v2: dh3.b[n, c, u, v2])
    dh3_b_2d.dot(ones2, out=dh3_b_b)
    # dh3.b.g_sum[c] = sum(n, u, v2: dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2])
    np.multiply(dh3_b, h3_b_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    t4_2d.dot(ones2, out=dh3_b_g_sum)
    # dh3.b.g[c] = dh3.b.g_sum[c]*h3.b.v_power[c]
    np.multiply(dh3_b_g_sum, h3_b_v_power, out=dh3_b_g)
    # dh3.b.v[c] = -dh3.b.g[c]*h3.b.g[c]*h3.b.v_power[c]**2/2
    np.square(h3_b_v_power, out=dh3_b_v)
    np.multiply(dh3_b_v, minus_0_5, out=dh3_b_v)
    np.multiply(dh3_b_v, dh3_b_g, out=dh3_b_v)
    np.multiply(dh3_b_v, h3_b_g, out=dh3_b_v)
    # dh3.b.conv2d[n, o, u, v] = dh3.b[n, o, u, v]*h3.b.g[o]*h3.b.v_power[o]
    #     + h3.b.conv2d_difference[n, o, u, v]*dh3.b.v[o]/(2*N)
    #     - dh3.b.b[o]*h3.b.g[o]*h3.b.v_power[o]/(4*N)
    np.multiply(dh3_b_v, c, out=t5)
    np.multiply(h3_b_conv2d_difference.transpose(1, 2, 3, 0), t5_b1000, out=dh3_b_conv2d)
    np.multiply(h3_b_g, h3_b_v_power, out=t5)
    np.multiply(dh3_b, t5_b1000, out=t4)
    np.add(dh3_b_conv2d, t4, out=dh3_b_conv2d)
    np.multiply(dh3_b_b, c2, out=t5)
    np.multiply(t5, h3_b_g, out=t5)
    np.multiply(t5, h3_b_v_power, out=t5)
    np.subtract(dh3_b_conv2d, t5_b1000, out=dh3_b_conv2d)
    # dh3.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh3.b.conv2d[n, o, u, v]*(h3.r[n, c, p + u - 1, q + v - 1] else 0))
    band_view[...] = dh3_b_conv2d_part_T201_b1011
    band_view2[...] = dh3_b_conv2d_part2_T201_b1011
    t7[...] = h3_r.transpose(0, 3, 1, 2)
    t7_2d_T.dot(band_2d, out=t8_2d)
    t6[...] = t8_T20134
    dh3_b_conv2d_W.fill(0)
    np.add(dh3_b_conv2d_W_lines, t6_lines, out=dh3_b_conv2d_W_lines)
    np.add(dh3_b_conv2d_W_lines2, t6_lines2, out=dh3_b_conv2d_W_lines2)
    # dh3.r[n, k, u, v] = sum(o, u2, v2:
    #     dh3.b.conv2d[n, o, u2, v2]*(h3.b.conv2d.W[o, k, u + 1 - u2, v + 1 - v2] else 0))
    t9[...] = np.lib.stride_tricks.as_strided(
        h3_b_conv2d_W,
        (16, 16, 2, 2, 2, 2),
        (
            h3_b_conv2d_W.strides[0],
            h3_b_conv2d_W.strides[1],
            h3_b_conv2d_W.strides[2],
            h3_b_conv2d_W.strides[2],
            h3_b_conv2d_W.strides[3],
            h3_b_conv2d_W.strides[3],
        ),
    ).transpose(1, 2, 4, 0, 3, 5)
    t4[...] = dh3_b_conv2d_flip
    t9_2d.dot(t4_2d2, out=dh3_r_2d)
    # dh3.a[n, c, u, v2] = where(not h3.r[n, c, u, v2] <= 0, dh3.r[n, c, u, v2], 0)
    np.greater(h3_r.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(dh3_r, t1, out=dh3_a)
    # dh3.a.b[c] = sum(n, u, v2: dh3.a[n, c, u, v2])
    dh3_a_2d.dot(ones2, out=dh3_a_b)
    # dh3.a.g_sum[c] = sum(n, u, v2: dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2])
    np.multiply(dh3_a, h3_a_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    t4_2d.dot(ones2, out=dh3_a_g_sum)
    # dh3.a.g[c] = dh3.a.g_sum[c]*h3.a.v_power[c]
    np.multiply(dh3_a_g_sum, h3_a_v_power, out=dh3_a_g)
    # dh3.a.v[c] = -dh3.a.g[c]*h3.a.g[c]*h3.a.v_power[c]**2/2
    np.square(h3_a_v_power, out=dh3_a_v)
    np.multiply(dh3_a_v, minus_0_5, out=dh3_a_v)
    np.multiply(dh3_a_v, dh3_a_g, out=dh3_a_v)
    np.multiply(dh3_a_v, h3_a_g, out=dh3_a_v)
    # dh3.a.conv2d[n, o, u, v] = dh3.a[n, o, u, v]*h3.a.g[o]*h3.a.v_power[o]
    #     + h3.a.conv2d_difference[n, o, u, v]*dh3.a.v[o]/(2*N)
    #     - dh3.a.b[o]*h3.a.g[o]*h3.a.v_power[o]/(4*N)
    np.multiply(dh3_a_v, c, out=t5)
    np.multiply(h3_a_conv2d_difference.transpose(1, 2, 3, 0), t5_b1000, out=t4)
    np.multiply(h3_a_g, h3_a_v_power, out=t5)
    np.multiply(dh3_a, t5_b1000, out=dh3_a_conv2d)
    np.add(t4, dh3_a_conv2d, out=t4)
    np.multiply(dh3_a_b, c2, out=t5)
    np.multiply(t5, h3_a_g, out=t5)
    np.multiply(t5, h3_a_v_power, out=t5)
    np.subtract(t4, t5_b1000, out=dh3_a_conv2d)
    # dh3.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh3.a.conv2d[n, o, u, v]*(h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
    h2_padded_part[...] = h2.transpose(1, 2, 3, 0)
    h2_padded_windows[...] = h2_padded_view_T024135
    dh3_a_conv2d_2d.dot(h2_padded_windows_2d_T, out=dh3_a_conv2d_W_2d)
    # dh2[n, c, 2*u + p, 2*v + q] += sum(o: dh3.b[n, o, u, v]*h3.s.W[o, c, p, q])
    dh2.fill(0)
    t10[...] = h3_s_W.transpose(0, 2, 3, 1)
    dh3_b_2d_T.dot(t10_2d, out=t11_2d)
    np.add(dh2_view, t11_T203145, out=dh2_view)
    # dh2[n, c, 2*u + p - 1, 2*v + q - 1] +=
    #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
    #     dh3.a.conv2d[n, o, u, v]*h3.a.conv2d.W[o, c, p, q])
    h3_a_conv2d_W.reshape(16, 72).T.dot(dh3_a_conv2d_2d, out=t12_2d)
    dh2_bordered.fill(0)
    for part, term in zip(dh2_bordered_slices, t12_slices, strict=True):
        np.add(part, term, out=part)
    np.add(dh2, dh2_bordered_part, out=dh2)
    # dh2.b[n, c, u, v2] = where(not h2[n, c, u, v2] <= 0, dh2[n, c, u, v2], 0)
    np.greater(h2_padded_part_T3120, zero, out=t13)
    np.multiply(dh2, t13, out=dh2_b)
    # dh2.s.W[o, c, p, q] = sum(n, u, v: dh2.b[n, o, u, v]*h1[n, c, 2*u + p, 2*v + q])
    t14[...] = np.lib.stride_tricks.as_strided(
        h1,
        (N, 4, 4, 1, 4, 1),
        (
            h1.strides[0],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            2 * h1.strides[3],
            h1.strides[3],
        ),
    ).transpose(0, 2, 4, 1, 3, 5)
    dh2_b_2d_T.dot(t14_2d, out=dh2_s_W_2d)
    # dh2.b.b[c] = sum(n, u, v2: dh2.b[n, c, u, v2])
    ones3.dot(dh2_b_2d, out=dh2_b_b)
    # dh2.b.g_sum[c] = sum(n, u, v2: dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2])
    np.multiply(dh2_b, h2_b_conv2d_difference.transpose(0, 2, 3, 1), out=t15)
    ones3.dot(t15_2d, out=dh2_b_g_sum)
    # dh2.b.g[c] = dh2.b.g_sum[c]*h2.b.v_power[c]
    np.multiply(dh2_b_g_sum, h2_b_v_power, out=dh2_b_g)
    # dh2.b.v[c] = -dh2.b.g[c]*h2.b.g[c]*h2.b.v_power[c]**2/2
    np.square(h2_b_v_power, out=dh2_b_v)
    np.multiply(dh2_b_v, minus_0_5, out=dh2_b_v)
    np.multiply(dh2_b_v, dh2_b_g, out=dh2_b_v)
    np.multiply(dh2_b_v, h2_b_g, out=dh2_b_v)
    # dh2.b.conv2d[n, o, u, v] = dh2.b[n, o, u, v]*h2.b.g[o]*h2.b.v_power[o]
    #     + h2.b.conv2d_difference[n, o, u, v]*dh2.b.v[o]/(8*N)
    #     - dh2.b.b[o]*h2.b.g[o]*h2.b.v_power[o]/(16*N)
    np.multiply(dh2_b_v, c3, out=t16)
    np.multiply(h2_b_conv2d_difference.transpose(0, 2, 3, 1), t16, out=dh2_b_conv2d)
    np.multiply(h2_b_g, h2_b_v_power, out=t16)
    np.multiply(dh2_b, t16, out=t15)
    np.add(dh2_b_conv2d, t15, out=dh2_b_conv2d)
    np.multiply(dh2_b_b, c4, out=t16)
    np.multiply(t16, h2_b_g, out=t16)
    np.multiply(t16, h2_b_v_power, out=t16)
    np.subtract(dh2_b_conv2d, t16, out=dh2_b_conv2d)
    # dh2.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh2.b.conv2d[n, o, u, v]*(h2.r[n, c, p + u - 1, q + v - 1] else 0))
    h2_r_padded_part[...] = h2_r
    h2_r_padded_windows[...] = h2_r_padded_view_T03124
    h2_r_padded_windows_2d_T.dot(dh2_b_conv2d_2d, out=t17_2d)
    np.add.reduce(t17_view, axis=2, out=t18)
    dh2_b_conv2d_W_part[...] = t18_T201
    np.add.reduce(t17_view2, axis=2, out=t18)
    dh2_b_conv2d_W_part2[...] = t18_T201
    np.add.reduce(t17_view3, axis=2, out=t18)
    dh2_b_conv2d_W_part3[...] = t18_T201
    # dh2.r[n, k, u, v] = sum(o, p, q:
    #     (dh2.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h2.b.conv2d.W[o, k, p, q])
    dh2_b_conv2d_padded_part[...] = dh2_b_conv2d
    band2_view[...] = h2_b_conv2d_W[:, :, :, 2][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band2_view2[...] = h2_b_conv2d_W[:, :, :, 1][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band2_view3[...] = h2_b_conv2d_W[:, :, :, 0][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    dh2_b_conv2d_padded_windows[...] = dh2_b_conv2d_padded_view_T02134
    dh2_b_conv2d_padded_windows_2d.dot(band2_2d, out=dh2_r_2d)
    # dh2.a[n, c, u, v2] = where(not h2.r[n, c, u, v2] <= 0, dh2.r[n, c, u, v2], 0)
    np.greater(h2_r.transpose(0, 2, 3, 1), zero, out=t13)
    np.multiply(dh2_r, t13, out=dh2_a)
    # dh2.a.b[c] = sum(n, u, v2: dh2.a[n, c, u, v2])
    ones3.dot(dh2_a_2d, out=dh2_a_b)
    # dh2.a.g_sum[c] = sum(n, u, v2: dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2])
    np.multiply(dh2_a, h2_a_conv2d_difference.transpose(0, 2, 3, 1), out=t15)
    ones3.dot(t15_2d, out=dh2_a_g_sum)
    # dh2.a.g[c] = dh2.a.g_sum[c]*h2.a.v_power[c]
    np.multiply(dh2_a_g_sum, h2_a_v_power, out=dh2_a_g)
    # dh2.a.v[c] = -dh2.a.g[c]*h2.a.g[c]*h2.a.v_power[c]**2/2
    np.square(h2_a_v_power, out=dh2_a_v)
    np.multiply(dh2_a_v, minus_0_5, out=dh2_a_v)
    np.multiply(dh2_a_v, dh2_a_g, out=dh2_a_v)
    np.multiply(dh2_a_v, h2_a_g, out=dh2_a_v)
    # dh2.a.conv2d[n, o, u, v] = dh2.a[n, o, u, v]*h2.a.g[o]*h2.a.v_power[o]
    #     + h2.a.conv2d_difference[n, o, u, v]*dh2.a.v[o]/(8*N)
    #     - dh2.a.b[o]*h2.a.g[o]*h2.a.v_power[o]/(16*N)
    np.multiply(dh2_a_v, c3, out=t16)
    np.multiply(h2_a_conv2d_difference.transpose(0, 2, 3, 1), t16, out=t15)
    np.multiply(h2_a_g, h2_a_v_power, out=t16)
    np.multiply(dh2_a, t16, out=dh2_a_conv2d)
    np.add(t15, dh2_a_conv2d, out=t15)
    np.multiply(dh2_a_b, c4, out=t16)
    np.multiply(t16, h2_a_g, out=t16)
    np.multiply(t16, h2_a_v_power, out=t16)
    np.subtract(t15, t16, out=dh2_a_conv2d)
    # dh2.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh2.a.conv2d[n, o, u, v]*(h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
    h1_padded_part[...] = h1
    h1_padded_windows[...] = h1_padded_view_T02134
    h1_padded_windows_2d_T.dot(dh2_a_conv2d_2d, out=t19_2d)
    np.add.reduce(t19_view, axis=2, out=t20)
    dh2_a_conv2d_W_part[...] = t20_T201
    np.add.reduce(t19_view2, axis=2, out=t20)
    dh2_a_conv2d_W_part2[...] = t20_T201
    np.add.reduce(t19_view3, axis=2, out=t20)
    dh2_a_conv2d_W_part3[...] = t20_T201
    # dh1[n, c, 2*u + p, 2*v + q] += sum(o: dh2.b[n, o, u, v]*h2.s.W[o, c, p, q])
    dh1.fill(0)
    t21[...] = h2_s_W.transpose(0, 2, 3, 1)
    dh2_b_2d.dot(t21_2d, out=t22_2d)
    np.add(dh1_view, t22_T013245, out=dh1_view)
    # dh1[n, c, 2*u + p - 1, 2*v + q - 1] +=
    #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
    #     dh2.a.conv2d[n, o, u, v]*h2.a.conv2d.W[o, c, p, q])
    h2_a_conv2d_W.reshape(8, 36).T.dot(dh2_a_conv2d_2d2_T, out=t23_2d)
    dh1_bordered.fill(0)
    for part2, term2 in zip(dh1_bordered_slices, t23_slices, strict=True):
        np.add(part2, term2, out=part2)
    np.add(dh1, dh1_bordered_part, out=dh1)
    # dh1.b[n, c, u, v2] = where(not h1[n, c, u, v2] <= 0, dh1[n, c, u, v2], 0)
    np.greater(h1.transpose(0, 2, 3, 1), zero, out=t24)
    np.multiply(dh1, t24, out=dh1_b)
    # dh1.b.b[c] = sum(n, u, v2: dh1.b[n, c, u, v2])
    ones4.dot(dh1_b_2d, out=dh1_b_b)
    # dh1.b.g_sum[c] = sum(n, u, v2: dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2])
    np.multiply(dh1_b, h1_b_conv2d_difference.transpose(0, 2, 3, 1), out=t25)
    ones4.dot(t25_2d, out=dh1_b_g_sum)
    # dh1.b.g[c] = dh1.b.g_sum[c]*h1.b.v_power[c]
    np.multiply(dh1_b_g_sum, h1_b_v_power, out=dh1_b_g)
    # dh1.b.v[c] = -dh1.b.g[c]*h1.b.g[c]*h1.b.v_power[c]**2/2
    np.square(h1_b_v_power, out=dh1_b_v)
    np.multiply(dh1_b_v, minus_0_5, out=dh1_b_v)
    np.multiply(dh1_b_v, dh1_b_g, out=dh1_b_v)
    np.multiply(dh1_b_v, h1_b_g, out=dh1_b_v)
    # dh1.b.conv2d[n, o, u, v] = dh1.b[n, o, u, v]*h1.b.g[o]*h1.b.v_power[o]
    #     + h1.b.conv2d_difference[n, o, u, v]*dh1.b.v[o]/(32*N)
    #     - dh1.b.b[o]*h1.b.g[o]*h1.b.v_power[o]/(64*N)
    np.multiply(dh1_b_v, c5, out=t26)
    t27[...] = t26
    np.multiply(h1_b_conv2d_difference.transpose(0, 2, 3, 1), t27, out=dh1_b_conv2d)
    np.multiply(h1_b_g, h1_b_v_power, out=t26)
    t27[...] = t26
    np.multiply(dh1_b, t27, out=t25)
    np.add(dh1_b_conv2d, t25, out=dh1_b_conv2d)
    np.multiply(dh1_b_b, c6, out=t26)
    np.multiply(t26, h1_b_g, out=t26)
    np.multiply(t26, h1_b_v_power, out=t26)
    t27[...] = t26
    np.subtract(dh1_b_conv2d, t27, out=dh1_b_conv2d)
    # dh1.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh1.b.conv2d[n, o, u, v]*(h1.r[n, c, p + u - 1, q + v - 1] else 0))
    h1_r_padded_part[...] = h1_r
    h1_r_padded_windows[...] = h1_r_padded_view_T03124
    h1_r_padded_windows_2d_T.dot(dh1_b_conv2d_2d, out=t28_2d)
    np.add.reduce(t28_view, axis=2, out=t29)
    dh1_b_conv2d_W_part[...] = t29_T201
    np.add.reduce(t28_view2, axis=2, out=t29)
    dh1_b_conv2d_W_part2[...] = t29_T201
    np.add.reduce(t28_view3, axis=2, out=t29)
    dh1_b_conv2d_W_part3[...] = t29_T201
    # dh1.r[n, k, u, v] = sum(o, p, q:
    #     (dh1.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h1.b.conv2d.W[o, k, p, q])
    dh1_b_conv2d_padded_part[...] = dh1_b_conv2d
    band3_view[...] = h1_b_conv2d_W[:, :, :, 2][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band3_view2[...] = h1_b_conv2d_W[:, :, :, 1][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band3_view3[...] = h1_b_conv2d_W[:, :, :, 0][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    dh1_b_conv2d_padded_windows[...] = dh1_b_conv2d_padded_view_T02134
    dh1_b_conv2d_padded_windows_2d.dot(band3_2d, out=dh1_r_2d)
    # dh1.a[n, c, u, v2] = where(not h1.r[n, c, u, v2] <= 0, dh1.r[n, c, u, v2], 0)
    np.greater(h1_r.transpose(0, 2, 3, 1), zero, out=t24)
    np.multiply(dh1_r, t24, out=dh1_a)
    # dh1.a.b[c] = sum(n, u, v2: dh1.a[n, c, u, v2])
    ones4.dot(dh1_a_2d, out=dh1_a_b)
    # dh1.a.g_sum[c] = sum(n, u, v2: dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2])
    np.multiply(dh1_a, h1_a_conv2d_difference.transpose(0, 2, 3, 1), out=t25)
    ones4.dot(t25_2d, out=dh1_a_g_sum)
    # dh1.a.g[c] = dh1.a.g_sum[c]*h1.a.v_power[c]
    np.multiply(dh1_a_g_sum, h1_a_v_power, out=dh1_a_g)
    # dh1.a.v[c] = -dh1.a.g[c]*h1.a.g[c]*h1.a.v_power[c]**2/2
    np.square(h1_a_v_power, out=dh1_a_v)
    np.multiply(dh1_a_v, minus_0_5, out=dh1_a_v)
    np.multiply(dh1_a_v, dh1_a_g, out=dh1_a_v)
    np.multiply(dh1_a_v, h1_a_g, out=dh1_a_v)
    # dh1.a.conv2d[n, o, u, v] = dh1.a[n, o, u, v]*h1.a.g[o]*h1.a.v_power[o]
    #     + h1.a.conv2d_difference[n, o, u, v]*dh1.a.v[o]/(32*N)
    #     - dh1.a.b[o]*h1.a.g[o]*h1.a.v_power[o]/(64*N)
    np.multiply(dh1_a_v, c5, out=t26)
    t27[...] = t26
    np.multiply(h1_a_conv2d_difference.transpose(0, 2, 3, 1), t27, out=t25)
    np.multiply(h1_a_g, h1_a_v_power, out=t26)
    t27[...] = t26
    np.multiply(dh1_a, t27, out=dh1_a_conv2d)
    np.add(t25, dh1_a_conv2d, out=t25)
    np.multiply(dh1_a_b, c6, out=t26)
    np.multiply(t26, h1_a_g, out=t26)
    np.multiply(t26, h1_a_v_power, out=t26)
    t27[...] = t26
    np.subtract(t25, t27, out=dh1_a_conv2d)
    # dh1.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh1.a.conv2d[n, o, u, v]*(h0[n, c, p + u - 1, q + v - 1] else 0))
    h0_padded_part[...] = h0
    h0_padded_windows[...] = h0_padded_view_T03124
    h0_padded_windows_2d_T.dot(dh1_a_conv2d_2d, out=t28_2d)
    np.add.reduce(t28_view, axis=2, out=t29)
    dh1_a_conv2d_W_part[...] = t29_T201
    np.add.reduce(t28_view2, axis=2, out=t29)
    dh1_a_conv2d_W_part2[...] = t29_T201
    np.add.reduce(t28_view3, axis=2, out=t29)
    dh1_a_conv2d_W_part3[...] = t29_T201
    # dh0[n, o, u, v] += sum(o2, p, q:
    #     (dh1.a.conv2d[n, o2, u + 1 - p, v + 1 - q] else 0)*h1.a.conv2d.W[o2, o, p, q])
    dh1_a_conv2d_padded_part[...] = dh1_a_conv2d
    band4_view[...] = h1_a_conv2d_W[:, :, :, 2][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band4_view2[...] = h1_a_conv2d_W[:, :, :, 1][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band4_view3[...] = h1_a_conv2d_W[:, :, :, 0][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    dh1_a_conv2d_padded_windows[...] = dh1_a_conv2d_padded_view_T02134
    dh1_a_conv2d_padded_windows_2d.dot(band4_2d, out=dh0_2d)
    # dh0[n, o, u, v] += dh1.b[n, o, u, v]
    np.add(dh0, dh1_b, out=dh0)
    # dh0_sum[n, o, u, v] = where(not h0[n, o, u, v] <= 0, dh0[n, o, u, v], 0)
    np.greater(h0.transpose(0, 2, 3, 1), zero, out=t24)
    np.multiply(dh0, t24, out=dh0_sum)
    # dh0.b[o] = sum(n, u, v: dh0_sum[n, o, u, v])
    ones4.dot(dh0_sum_2d, out=dh0_b)
    # dimage[n, c, i, j] = sum(o, p, q:
    #     (dh0_sum[n, o, i + 1 - p, j + 1 - q] else 0)*h0.W[o, c, p, q])
    dh0_sum_padded_part[...] = dh0_sum
    band5_view[...] = h0_W[:, :, :, 2][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band5_view2[...] = h0_W[:, :, :, 1][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    band5_view3[...] = h0_W[:, :, :, 0][:, :, ::-1].transpose(2, 0, 1)[:, None, :, :]
    dh0_sum_padded_windows[...] = dh0_sum_padded_view
    dh0_sum_padded_windows_2d.dot(band5_2d, out=t30_2d)
    dimage[...] = t30_T0213
    # dh0.W[o, c, p, q] = sum(n, u, v:
    #     dh0_sum[n, o, u, v]*(image[n, c, p + u - 1, q + v - 1] else 0))
    image_padded_part[...] = image
    image_padded_windows[...] = image_padded_view_T03124
    image_padded_windows_2d_T.dot(dh0_sum_2d2, out=t31_2d)
    np.add.reduce(t31_view, axis=2, out=t32)
    dh0_W_part[...] = t32_T201
    np.add.reduce(t31_view2, axis=2, out=t32)
    dh0_W_part2[...] = t32_T201
    np.add.reduce(t31_view3, axis=2, out=t32)
    dh0_W_part3[...] = t32_T201

    return {
        "h0.W": dh0_W,
        "h0.b": dh0_b,
        "h1.a.conv2d.W": dh1_a_conv2d_W,
        "h1.a.g": dh1_a_g,
        "h1.a.b": dh1_a_b,
        "h1.b.conv2d.W": dh1_b_conv2d_W,
        "h1.b.g": dh1_b_g,
        "h1.b.b": dh1_b_b,
        "h2.a.conv2d.W": dh2_a_conv2d_W,
        "h2.a.g": dh2_a_g,
        "h2.a.b": dh2_a_b,
        "h2.b.conv2d.W": dh2_b_conv2d_W,
        "h2.b.g": dh2_b_g,
        "h2.b.b": dh2_b_b,
        "h2.s.W": dh2_s_W,
        "h3.a.conv2d.W": dh3_a_conv2d_W,
        "h3.a.g": dh3_a_g,
        "h3.a.b": dh3_a_b,
        "h3.b.conv2d.W": dh3_b_conv2d_W,
        "h3.b.g": dh3_b_g,
        "h3.b.b": dh3_b_b,
        "h3.s.W": dh3_s_W,
        "logits.W": dlogits_W,
        "logits.b": dlogits_b,
        "image": dimage,
    }


# --- training mode: the loss and its gradients ---


def loss(params, state, image, y):
    """The loss as a float."""
    return float(forward(params, state, image, y)[0]["loss"])


def loss_and_grad(params, state, image, y, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    state      a dict with an array for each of STATE, of the dtype of params
    image      shape (N, 3, 8, 8), of the dtype of params
    y          shape (N,), integers in 0..9
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads, state_next): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, state, image, y):
        dtype = _check_arrays("params", params, PARAMETERS)
        _check_arrays("state", state, STATE, dtype)
        N = _length("image", image, 0)
        image = _real("image", image, (N, 3, 8, 8), dtype)
        y = _integer("y", y, (N,), 10)
        workspace.prepare(params, N, dtype)
    return workspace.run(state, image, y)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    add_reduce = np.add.reduce
    divide = np.divide
    exp = np.exp
    greater = np.greater
    log = np.log
    matmul = np.matmul
    maximum = np.maximum
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    sqrt = np.sqrt
    square = np.square
    subtract = np.subtract
    slot0 = np.empty(256 * N, dtype)
    h0_sum = slot0.reshape(N, 8, 8, 4)  # dimensions in another order
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_a_m = np.empty(4, dtype)
    h1_a_rm_next = np.empty(4, dtype)
    h1_a_conv2d_difference = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_a_v = h1_a_m  # h1_a_m is not needed any more
    h1_a_rv_next = np.empty(4, dtype)
    h1_a_v_power = h1_a_v  # h1_a_v is not needed any more
    h1_a = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_r = h1_a  # h1_a is not needed any more
    h1_b_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_b_m = np.empty(4, dtype)
    h1_b_rm_next = np.empty(4, dtype)
    h1_b_conv2d_difference = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1_b_v = h1_b_m  # h1_b_m is not needed any more
    h1_b_rv_next = np.empty(4, dtype)
    h1_b_v_power = h1_b_v  # h1_b_v is not needed any more
    h1_b = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1 = h1_b  # h1_b is not needed any more
    h2_a_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    slot1 = np.empty(8, dtype)
    h2_a_m = slot1
    slot2 = np.empty(8, dtype)
    h2_a_rm_next = slot2
    h2_a_conv2d_difference = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_a_v = h2_a_m  # h2_a_m is not needed any more
    h2_a_rv_next = np.empty(8, dtype)
    h2_a_v_power = h2_a_v  # h2_a_v is not needed any more
    h2_a = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_r = h2_a  # h2_a is not needed any more
    h2_b_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_b_m = np.empty(8, dtype)
    h2_b_rm_next = np.empty(8, dtype)
    h2_b_conv2d_difference = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_b_v = h2_b_m  # h2_b_m is not needed any more
    h2_b_rv_next = np.empty(8, dtype)
    h2_b_v_power = h2_b_v  # h2_b_v is not needed any more
    h2_b = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    slot3 = np.empty(1448 * N, dtype)
    h2_s = slot3[768 * N : 896 * N].reshape(N, 4, 4, 8)  # dimensions in another order
    h2 = h2_b  # h2_b is not needed any more
    slot4 = np.empty(max(64 * N, 256, 32 * N + 128), dtype)
    h3_a_conv2d = slot4[: 64 * N].reshape(16, 2, 2, N)  # stored with 16 first
    slot5 = np.empty(16, dtype)
    h3_a_m = slot5
    slot6 = np.empty(16, dtype)
    h3_a_rm_next = slot6
    h3_a_conv2d_difference = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_a_v = h3_a_m  # h3_a_m is not needed any more
    h3_a_rv_next = np.empty(16, dtype)
    h3_a_v_power = h3_a_v  # h3_a_v is not needed any more
    slot7 = np.empty(max(64 * N, 512), dtype)
    h3_a = slot7[: 64 * N].reshape(16, 2, 2, N)  # stored with 16 first
    h3_r = h3_a  # h3_a is not needed any more
    slot8 = np.empty(max(64 * N, 252), dtype)
    h3_b_conv2d = slot8[: 64 * N].reshape(N, 2, 2, 16)  # dimensions in another order
    h3_b_m = np.empty(16, dtype)
    h3_b_rm_next = np.empty(16, dtype)
    h3_b_conv2d_difference = h3_b_conv2d  # h3_b_conv2d is not needed any more
    slot9 = np.empty(16, dtype)
    h3_b_v = slot9
    h3_b_rv_next = h3_b_m  # h3_b_m is not needed any more
    h3_b_v_power = h3_b_v  # h3_b_v is not needed any more
    h3_b = slot3[1384 * N : 1448 * N].reshape(N, 2, 2, 16)  # dimensions in another order
    h3_s = slot3[1056 * N : 1120 * N].reshape(N, 2, 2, 16)  # dimensions in another order
    h3 = h3_b  # h3_b is not needed any more
    logits_global_avg_pool = slot3[1056 * N : 1072 * N].reshape(N, 16)
    slot10 = np.empty(max(12 * N, 2474), dtype)
    logits = slot10[: 10 * N].reshape(10, N)  # dimensions exchanged
    logits_max = slot10[10 * N : 11 * N]
    logits_shifted = logits  # logits is not needed any more
    slot11 = np.empty(max(10 * N, 6304), dtype)
    logits_exp = slot11[: 10 * N].reshape(10, N)  # dimensions exchanged
    logits_sumexp = logits_max  # logits_max is not needed any more
    dlogits = logits_exp  # logits_exp is not needed any more
    dlogits_b = slot10[2464:2474]
    dlogits_W = slot10[2304:2464].reshape(16, 10)
    dlogits_global_avg_pool = slot3[1136 * N : 1152 * N].reshape(N, 16)
    dh3_b = h3_b  # h3_b is not needed any more
    dh3_s_W = slot11[6144:6272].reshape(16, 8, 1, 1)
    dh3_b_b = slot11[6272:6288]
    dh3_b_g_sum = slot11[6288:6304]
    dh3_b_g = dh3_b_g_sum  # dh3_b_g_sum is not needed any more
    dh3_b_v = slot10[:16]
    dh3_b_conv2d = h3_b_conv2d  # h3_b_conv2d is not needed any more
    dh3_b_conv2d_W = slot10[:2304].reshape(16, 16, 3, 3)
    dh3_r = slot8[: 64 * N].reshape(16, 2, 2, N)  # stored with 16 first
    dh3_a = dh3_r  # dh3_r is not needed any more
    dh3_a_b = slot11[5376:5392]
    dh3_a_g_sum = slot11[5392:5408]
    dh3_a_g = dh3_a_g_sum  # dh3_a_g_sum is not needed any more
    dh3_a_v = slot11[5408:5424]
    dh3_a_conv2d = dh3_r  # dh3_r is not needed any more
    dh3_a_conv2d_W = slot11[3072:4224].reshape(16, 8, 3, 3)
    dh2 = slot3[1256 * N : 1384 * N].reshape(N, 4, 4, 8)  # dimensions in another order
    dh2_b = dh2  # dh2 is not needed any more
    dh2_s_W = slot7[480:512].reshape(8, 4, 1, 1)
    dh2_b_b = slot5[:8]
    dh2_b_g_sum = slot5[8:16]
    dh2_b_g = dh2_b_g_sum  # dh2_b_g_sum is not needed any more
    dh2_b_v = slot9[:8]
    dh2_b_conv2d = h2_b_conv2d  # h2_b_conv2d is not needed any more
    dh2_b_conv2d_W = slot11[4224:4800].reshape(8, 8, 3, 3)
    dh2_r = h2_b_conv2d  # h2_b_conv2d is not needed any more
    dh2_a = dh2_r  # dh2_r is not needed any more
    dh2_a_b = h2_b_m  # h2_b_m is not needed any more
    dh2_a_g_sum = dh2_b_v  # dh2_b_v is not needed any more
    dh2_a_g = dh2_a_g_sum  # dh2_a_g_sum is not needed any more
    dh2_a_v = slot9[8:16]
    dh2_a_conv2d = dh2_r  # dh2_r is not needed any more
    dh2_a_conv2d_W = slot7[:288].reshape(8, 4, 3, 3)
    dh1 = slot3[900 * N : 1156 * N].reshape(N, 8, 8, 4)  # dimensions in another order
    dh1_b = dh1  # dh1 is not needed any more
    dh1_b_b = slot9[8:12]
    dh1_b_g_sum = slot9[12:16]
    dh1_b_g = dh1_b_g_sum  # dh1_b_g_sum is not needed any more
    dh1_b_v = slot1[:4]
    dh1_b_conv2d = h1_b_conv2d  # h1_b_conv2d is not needed any more
    dh1_b_conv2d_W = slot7[288:432].reshape(4, 4, 3, 3)
    dh1_r = h1_b_conv2d  # h1_b_conv2d is not needed any more
    dh1_a = dh1_r  # dh1_r is not needed any more
    dh1_a_b = h1_b_m  # h1_b_m is not needed any more
    dh1_a_g_sum = dh1_b_v  # dh1_b_v is not needed any more
    dh1_a_g = dh1_a_g_sum  # dh1_a_g_sum is not needed any more
    dh1_a_v = slot1[4:8]
    dh1_a_conv2d = dh1_r  # dh1_r is not needed any more
    dh1_a_conv2d_W = slot8[:144].reshape(4, 4, 3, 3)
    dh0 = h1_a_conv2d  # h1_a_conv2d is not needed any more
    dh0_sum = dh0  # dh0 is not needed any more
    dh0_b = dh1_a_v  # dh1_a_v is not needed any more
    dh0_W = slot8[144:252].reshape(4, 3, 3, 3)
    image_padded = slot0[: 240 * N].reshape(N, 10, 8, 3)
    image_padded_part = image_padded[:, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 8, 8, 3),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[3],
        ),
    )
    band = np.zeros((3, 8, 3, 8, 4), dtype)
    band_view = np.lib.stride_tricks.as_strided(
        band[:, :, :, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view2 = np.lib.stride_tricks.as_strided(
        band,
        (3, 8, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view3 = np.lib.stride_tricks.as_strided(
        band[:, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    image_padded_view_T02134 = image_padded_view.transpose(0, 2, 1, 3, 4)
    image_padded_windows = np.empty((N, 8, 3, 8, 3), dtype)
    image_padded_windows_2d = image_padded_windows.reshape(8 * N, 72)
    band_2d = band.reshape(72, 32)
    h0_sum_2d = h0_sum.reshape(8 * N, 32)
    t0 = slot4[:256].reshape(8, 8, 4)
    zero = np.array(0, dtype)
    zeros = np.zeros((N, 8, 8, 4), dtype)
    slot12 = np.empty(768 * N, dtype)
    h0_padded = slot12[: 320 * N].reshape(N, 10, 8, 4)
    h0_padded_part = h0_padded[:, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 3, 8, 8, 4),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[3],
        ),
    )
    band2 = np.zeros((3, 8, 4, 8, 4), dtype)
    band2_view = np.lib.stride_tricks.as_strided(
        band2[:, :, :, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view2 = np.lib.stride_tricks.as_strided(
        band2,
        (3, 8, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view3 = np.lib.stride_tricks.as_strided(
        band2[:, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    h0_padded_view_T02134 = h0_padded_view.transpose(0, 2, 1, 3, 4)
    h0_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    h0_padded_windows_2d = h0_padded_windows.reshape(8 * N, 96)
    band2_2d = band2.reshape(96, 32)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(8 * N, 32)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    h1_a_conv2d_2d2 = h1_a_conv2d.reshape(64 * N, 4)
    c0_1 = np.array(0.1, dtype)
    t1 = h1_a_rv_next
    c0_9 = np.array(0.9, dtype)
    t3 = h1_a
    ones = np.ones(64 * N, dtype)
    t3_2d = t3.reshape(64 * N, 4)
    c = np.array(1 / 64 / N, dtype)
    t4 = h1_b_rm_next
    c1em05 = np.array(1e-05, dtype)
    one = np.array(1, dtype)
    h1_r_padded = slot3[: 320 * N].reshape(N, 10, 8, 4)
    h1_r_padded_part = h1_r_padded[:, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 3, 8, 8, 4),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
        ),
    )
    band3 = np.zeros((3, 8, 4, 8, 4), dtype)
    band3_view = np.lib.stride_tricks.as_strided(
        band3[:, :, :, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view2 = np.lib.stride_tricks.as_strided(
        band3,
        (3, 8, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view3 = np.lib.stride_tricks.as_strided(
        band3[:, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    h1_r_padded_view_T02134 = h1_r_padded_view.transpose(0, 2, 1, 3, 4)
    h1_r_padded_windows = slot12.reshape(N, 8, 3, 8, 4)
    h1_r_padded_windows_2d = h1_r_padded_windows.reshape(8 * N, 96)
    band3_2d = band3.reshape(96, 32)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(8 * N, 32)
    h1_b_conv2d_2d2 = h1_b_conv2d.reshape(64 * N, 4)
    t8 = h1_b_rv_next
    t10 = h1_b
    t10_2d = t10.reshape(64 * N, 4)
    t11 = slot2[:4]
    h1_padded = slot3[384 * N : 672 * N].reshape(N, 9, 8, 4)
    h1_padded_part = h1_padded[:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 3, 8, 4),
        (
            h1_padded.strides[0],
            2 * h1_padded.strides[1],
            h1_padded.strides[1],
            h1_padded.strides[2],
            h1_padded.strides[3],
        ),
    )
    band4 = np.zeros((3, 8, 4, 4, 8), dtype)
    band4_view = np.lib.stride_tricks.as_strided(
        band4[:, 1:, :, 1:],
        (3, 3, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view2 = np.lib.stride_tricks.as_strided(
        band4,
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view3 = np.lib.stride_tricks.as_strided(
        band4[:, 1:],
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    h1_padded_windows = slot3[: 384 * N].reshape(N, 4, 3, 8, 4)
    h1_padded_windows_2d = h1_padded_windows.reshape(4 * N, 96)
    band4_2d = band4.reshape(96, 32)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(4 * N, 32)
    weights2 = np.full(16 * N, 1 / 16 / N, dtype)
    h2_a_conv2d_2d2 = h2_a_conv2d.reshape(16 * N, 8)
    t15 = h2_a_rv_next
    t16 = h2_a
    ones2 = np.ones(16 * N, dtype)
    t17_2d = t16.reshape(16 * N, 8)
    c2 = np.array(1 / 16 / N, dtype)
    t18 = h2_b_rm_next
    t21 = h2_b_conv2d
    zeros2 = np.zeros((N, 4, 4, 8), dtype)
    h2_r_padded = slot3[768 * N : 960 * N].reshape(N, 6, 4, 8)
    h2_r_padded_part = h2_r_padded[:, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 3, 4, 4, 8),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
        ),
    )
    band5 = np.zeros((3, 4, 8, 4, 8), dtype)
    band5_view = np.lib.stride_tricks.as_strided(
        band5[:, :, :, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view2 = np.lib.stride_tricks.as_strided(
        band5,
        (3, 4, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view3 = np.lib.stride_tricks.as_strided(
        band5[:, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    h2_r_padded_view_T02134 = h2_r_padded_view.transpose(0, 2, 1, 3, 4)
    h2_r_padded_windows = slot3[384 * N : 768 * N].reshape(N, 4, 3, 4, 8)
    h2_r_padded_windows_2d = h2_r_padded_windows.reshape(4 * N, 96)
    band5_2d = band5.reshape(96, 32)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(4 * N, 32)
    h2_b_conv2d_2d2 = h2_b_conv2d.reshape(16 * N, 8)
    t22 = h2_b_rv_next
    t23 = h2_b
    t24_2d = t23.reshape(16 * N, 8)
    t25 = slot6[:8]
    t28 = slot3[768 * N : 896 * N].reshape(N, 4, 4, 8)
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (N, 4, 1, 4, 1, 4),
        (
            h1.strides[0],
            2 * h1.strides[1],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            h1.strides[3],
        ),
    )
    t29 = slot4[: 64 * N].reshape(1, 1, 4, N, 4, 4)
    h1_view_T245013 = h1_view.transpose(2, 4, 5, 0, 1, 3)
    t29_2d = t29.reshape(4, 16 * N)
    t29_2d_T = t29_2d.T
    t30 = slot7[:32].reshape(8, 1, 1, 4)
    t30_2d = t30.reshape(8, 4)
    t30_2d_T = t30_2d.T
    h2_s_2d = h2_s.reshape(16 * N, 8)
    h2_padded = slot3[1056 * N : 1256 * N].reshape(N, 5, 5, 8)
    h2_padded_part = h2_padded[:, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (N, 2, 3, 2, 3, 8),
        (
            h2_padded.strides[0],
            2 * h2_padded.strides[1],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            h2_padded.strides[3],
        ),
    )
    t31 = slot10[:1152].reshape(16, 3, 3, 8)
    t31_2d = t31.reshape(16, 72)
    h2_padded_view_T130245 = h2_padded_view.transpose(1, 3, 0, 2, 4, 5)
    h2_padded_windows = slot3[768 * N : 1056 * N].reshape(2, 2, N, 3, 3, 8)
    h2_padded_windows_2d = h2_padded_windows.reshape(4 * N, 72)
    h2_padded_windows_2d_T = h2_padded_windows_2d.T
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    weights3 = np.full(4 * N, 1 / 4 / N, dtype)
    t32 = h3_a_rv_next
    t33 = slot7[: 64 * N].reshape(16, 2, 2, N)
    h3_a_m_b1000 = h3_a_m[:, None, None, None]
    ones3 = np.ones(4 * N, dtype)
    t34_2d = t33.reshape(16, 4 * N)
    c3 = np.array(1 / 4 / N, dtype)
    t35 = h3_b_rm_next
    t36_b1000 = t35[:, None, None, None]
    t38 = slot8[: 64 * N].reshape(16, 2, 2, N)
    zeros3 = np.zeros((16, 2, 2, N), dtype)
    h3_r_padded = slot3[1248 * N : 1376 * N].reshape(16, 4, 2, N)
    h3_r_padded_part = h3_r_padded[:, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, 3, 2, 2, N),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
        ),
    )
    h3_r_padded_windows = slot3[1056 * N : 1248 * N].reshape(16, 3, 2, 2, N)
    h3_r_padded_windows_2d = h3_r_padded_windows.reshape(48, 4 * N)
    h3_r_padded_windows_2d_T = h3_r_padded_windows_2d.T
    t39 = slot10[:2304].reshape(16, 3, 16, 3)
    t39_2d = t39.reshape(48, 48)
    t39_2d_T = t39_2d.T
    t40 = slot3[1248 * N : 1440 * N].reshape(2, 2, N, 16, 3)
    t40_2d = t40.reshape(4 * N, 48)
    t40_view = np.lib.stride_tricks.as_strided(
        t40[:, :, :, :, 1:],
        (2, 2, N, 16),
        (t40.strides[0], t40.strides[1] + t40.strides[4], t40.strides[2], t40.strides[3]),
    )
    t40_view2 = np.lib.stride_tricks.as_strided(
        t40,
        (2, 2, N, 16),
        (t40.strides[0], t40.strides[1] + t40.strides[4], t40.strides[2], t40.strides[3]),
    )
    h3_b_conv2d_part = h3_b_conv2d[:, :, 0, :]
    t41 = slot3[1056 * N : 1088 * N].reshape(2, N, 16)
    t41_T102 = t41.transpose(1, 0, 2)
    h3_b_conv2d_part2 = h3_b_conv2d[:, :, 1, :]
    h3_b_conv2d_2d = h3_b_conv2d.reshape(4 * N, 16)
    t43 = slot9
    t44 = slot3[1056 * N : 1120 * N].reshape(N, 2, 2, 16)
    t45_2d = t44.reshape(4 * N, 16)
    t46 = slot10[:16]
    t48 = slot3[1384 * N : 1448 * N].reshape(N, 2, 2, 16)
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (N, 2, 1, 2, 1, 8),
        (
            h2.strides[0],
            2 * h2.strides[1],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            h2.strides[3],
        ),
    )
    t50 = slot3[1120 * N : 1152 * N].reshape(N, 2, 2, 1, 1, 8)
    h2_view_T013245 = h2_view.transpose(0, 1, 3, 2, 4, 5)
    t50_2d = t50.reshape(4 * N, 8)
    t51 = slot10[:128].reshape(16, 1, 1, 8)
    t51_2d = t51.reshape(16, 8)
    t51_2d_T = t51_2d.T
    h3_s_2d = h3_s.reshape(4 * N, 16)
    zeros4 = np.zeros((N, 2, 2, 16), dtype)
    weights4 = np.full(4, 0.25, dtype)
    h3_3d = h3.reshape(N, 4, 16)
    logits_global_avg_pool_T = logits_global_avg_pool.T
    t52 = slot11[: 10 * N].reshape(10, N)
    ones4 = np.ones(10, dtype)
    position = np.arange(N)
    t54 = np.empty(N, np.intp)
    stride = np.array(N)
    y_position = t54
    logits_shifted_flat = logits_shifted.reshape(-1)
    t55 = slot10[11 * N : 12 * N]
    t56 = slot10[:N]
    t56_apart = np.empty(N, dtype) if N == 1 else t56
    total = _total(N, 1 / N, dtype)
    t57 = slot10[10 * N : 11 * N]
    N2 = np.array(N, dtype)
    t58 = slot10[: 10 * N].reshape(10, N)
    dlogits_flat = dlogits.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    ones5 = np.ones(N, dtype)
    dlogits_T = dlogits.T
    t60_bytes = slot3[1120 * N : 1136 * N].view(bool)
    t60 = t60_bytes[: 64 * N].reshape(N, 2, 2, 16)
    t61 = slot3[1136 * N : 1152 * N].reshape(N, 16)
    c0_25 = np.array(0.25, dtype)
    t61_b1001 = t61[:, None, None, :]
    dh3_b_2d = dh3_b.reshape(4 * N, 16)
    dh3_b_2d_T = dh3_b_2d.T
    t63 = slot3[1056 * N : 1088 * N].reshape(N, 2, 2, 8, 1, 1)
    h2_view_T013524 = h2_view.transpose(0, 1, 3, 5, 2, 4)
    t63_2d = t63.reshape(4 * N, 8)
    dh3_s_W_2d = dh3_s_W.reshape(16, 8)
    minus_0_5 = np.array(-0.5, dtype)
    c4 = np.array(1 / 2 / N, dtype)
    t72 = slot11[3072:6144].reshape(16, 16, 2, 2, 3)
    band6 = slot3[1056 * N : 1248 * N].reshape(2, N, 16, 2, 3)
    band6_view = np.lib.stride_tricks.as_strided(
        band6[:, :, :, :, 1:],
        (2, N, 16, 2),
        (band6.strides[0] + band6.strides[4], band6.strides[1], band6.strides[2], band6.strides[3]),
    )
    band6_view2 = np.lib.stride_tricks.as_strided(
        band6,
        (2, N, 16, 2),
        (band6.strides[0] + band6.strides[4], band6.strides[1], band6.strides[2], band6.strides[3]),
    )
    dh3_b_conv2d_part = dh3_b_conv2d[:, :, 0]
    dh3_b_conv2d_part_T021 = dh3_b_conv2d_part.transpose(0, 2, 1)
    dh3_b_conv2d_part2 = dh3_b_conv2d[:, :, 1]
    dh3_b_conv2d_part2_T021 = dh3_b_conv2d_part2.transpose(0, 2, 1)
    h3_r_2d = h3_r.reshape(32, 2 * N)
    band6_2d = band6.reshape(2 * N, 96)
    t73 = slot11[:3072].reshape(16, 2, 16, 2, 3)
    t73_2d = t73.reshape(32, 96)
    t73_T20134 = t73.transpose(2, 0, 1, 3, 4)
    dh3_b_conv2d_W_lines = dh3_b_conv2d_W[:, :, 1:3, :]
    t72_lines = t72[:, :, 0:2, 0, :]
    dh3_b_conv2d_W_lines2 = dh3_b_conv2d_W[:, :, 0:2, :]
    t72_lines2 = t72[:, :, 0:2, 1, :]
    dh3_b_conv2d_flip = dh3_b_conv2d[:, ::-1, ::-1]
    h3_b_conv2d_W_windows = slot11[:4096].reshape(16, 2, 2, 2, 2, 16)
    h3_b_conv2d_W_windows_2d = h3_b_conv2d_W_windows.reshape(64, 64)
    t74_2d = t44.reshape(N, 64)
    t74_2d_T = t74_2d.T
    dh3_r_2d = dh3_r.reshape(64, N)
    t75_bytes = slot3[1056 * N : 1072 * N].view(bool)
    t75 = t75_bytes[: 64 * N].reshape(16, 2, 2, N)
    dh3_a_2d = dh3_a.reshape(16, 4 * N)
    t77 = slot11[5408:5424]
    t78 = slot4[: 64 * N].reshape(16, 2, 2, N)
    t77_b1000 = t77[:, None, None, None]
    dh3_a_conv2d_2d = dh3_a_conv2d.reshape(16, 4 * N)
    dh3_a_conv2d_2d_T = dh3_a_conv2d_2d.T
    t84 = slot11[4224:5376].reshape(3, 3, 8, 16)
    t84_2d = t84.reshape(72, 16)
    t84_T3201 = t84.transpose(3, 2, 0, 1)
    dh2_view = np.lib.stride_tricks.as_strided(
        dh2,
        (N, 2, 1, 2, 1, 8),
        (
            dh2.strides[0],
            2 * dh2.strides[1],
            dh2.strides[1],
            2 * dh2.strides[2],
            dh2.strides[2],
            dh2.strides[3],
        ),
    )
    t85 = slot4[32 * N : 32 * N + 128].reshape(16, 1, 1, 8)
    t85_2d = t85.reshape(16, 8)
    t86 = slot4[: 32 * N].reshape(N, 2, 2, 1, 1, 8)
    t86_2d = t86.reshape(4 * N, 8)
    t86_T013245 = t86.transpose(0, 1, 3, 2, 4, 5)
    t87 = slot3[768 * N : 1056 * N].reshape(8, 3, 3, 2, 2, N)
    t87_2d = t87.reshape(72, 4 * N)
    dh2_bordered = h2_padded  # h2_padded is not needed any more
    dh2_bordered_slices = [
        dh2_bordered[:N, 2 * u : 2 * u + 3, 2 * v : 2 * v + 3, :8]
        for u in range(2)
        for v in range(2)
    ]
    t87_T345120 = t87.transpose(3, 4, 5, 1, 2, 0)
    t87_slices = [t87_T345120[u, v] for u in range(2) for v in range(2)]
    dh2_bordered_part = dh2_bordered[:, 1:, 1:]
    t88_bytes = slot3[1384 * N : 1416 * N].view(bool)
    t88 = t88_bytes[: 128 * N].reshape(N, 4, 4, 8)
    dh2_b_2d = dh2_b.reshape(16 * N, 8)
    dh2_b_2d_T = dh2_b_2d.T
    t89 = slot3[1384 * N : 1448 * N].reshape(4, 1, 1, N, 4, 4)
    h1_view_T524013 = h1_view.transpose(5, 2, 4, 0, 1, 3)
    t89_2d = t89.reshape(4, 16 * N)
    t89_2d_T = t89_2d.T
    dh2_s_W_2d = dh2_s_W.reshape(8, 4)
    t91 = slot9[:8]
    c5 = np.array(1 / 8 / N, dtype)
    h2_r_padded_windows_2d_T = h2_r_padded_windows_2d.T
    dh2_b_conv2d_2d = dh2_b_conv2d.reshape(4 * N, 32)
    t98 = slot11[:3072].reshape(3, 4, 8, 4, 8)
    t98_2d = t98.reshape(96, 32)
    t98_view = np.lib.stride_tricks.as_strided(
        t98[:, :, :, 1:],
        (3, 3, 8, 8),
        (t98.strides[0], t98.strides[1] + t98.strides[3], t98.strides[2], t98.strides[4]),
    )
    t98_view2 = np.lib.stride_tricks.as_strided(
        t98,
        (3, 4, 8, 8),
        (t98.strides[0], t98.strides[1] + t98.strides[3], t98.strides[2], t98.strides[4]),
    )
    t98_view3 = np.lib.stride_tricks.as_strided(
        t98[:, 1:],
        (3, 3, 8, 8),
        (t98.strides[0], t98.strides[1] + t98.strides[3], t98.strides[2], t98.strides[4]),
    )
    dh2_b_conv2d_W_part = dh2_b_conv2d_W[:, :, :, 0]
    t99 = slot4[:192].reshape(3, 8, 8)
    t99_T = t99.T
    dh2_b_conv2d_W_part2 = dh2_b_conv2d_W[:, :, :, 1]
    dh2_b_conv2d_W_part3 = dh2_b_conv2d_W[:, :, :, 2]
    dh2_b_conv2d_padded = h2_r_padded  # h2_r_padded is not needed any more
    dh2_b_conv2d_padded_part = dh2_b_conv2d_padded[:, 1:5]
    dh2_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh2_b_conv2d_padded,
        (N, 3, 4, 4, 8),
        (
            dh2_b_conv2d_padded.strides[0],
            dh2_b_conv2d_padded.strides[1],
            dh2_b_conv2d_padded.strides[1],
            dh2_b_conv2d_padded.strides[2],
            dh2_b_conv2d_padded.strides[3],
        ),
    )
    band7 = np.zeros((3, 4, 8, 4, 8), dtype)
    band7_view = np.lib.stride_tricks.as_strided(
        band7[:, :, :, 1:],
        (3, 3, 8, 8),
        (band7.strides[0], band7.strides[1] + band7.strides[3], band7.strides[2], band7.strides[4]),
    )
    band7_view2 = np.lib.stride_tricks.as_strided(
        band7,
        (3, 4, 8, 8),
        (band7.strides[0], band7.strides[1] + band7.strides[3], band7.strides[2], band7.strides[4]),
    )
    band7_view3 = np.lib.stride_tricks.as_strided(
        band7[:, 1:],
        (3, 3, 8, 8),
        (band7.strides[0], band7.strides[1] + band7.strides[3], band7.strides[2], band7.strides[4]),
    )
    dh2_b_conv2d_padded_view_T02134 = dh2_b_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh2_b_conv2d_padded_windows = h2_r_padded_windows  # h2_r_padded_windows is not needed any more
    dh2_b_conv2d_padded_windows_2d = dh2_b_conv2d_padded_windows.reshape(4 * N, 96)
    band7_2d = band7.reshape(96, 32)
    dh2_r_2d = dh2_r.reshape(4 * N, 32)
    dh2_a_2d = dh2_a.reshape(16 * N, 8)
    t104 = slot9[8:16]
    t105 = h2_a_conv2d
    h1_padded_windows_2d_T = h1_padded_windows_2d.T
    dh2_a_conv2d_2d = dh2_a_conv2d.reshape(4 * N, 32)
    t111 = slot11[:3072].reshape(3, 8, 4, 4, 8)
    t111_2d = t111.reshape(96, 32)
    t111_view = np.lib.stride_tricks.as_strided(
        t111[:, 1:, :, 1:],
        (3, 3, 4, 8),
        (t111.strides[0], 2 * t111.strides[1] + t111.strides[3], t111.strides[2], t111.strides[4]),
    )
    t111_view2 = np.lib.stride_tricks.as_strided(
        t111,
        (3, 4, 4, 8),
        (t111.strides[0], 2 * t111.strides[1] + t111.strides[3], t111.strides[2], t111.strides[4]),
    )
    t111_view3 = np.lib.stride_tricks.as_strided(
        t111[:, 1:],
        (3, 4, 4, 8),
        (t111.strides[0], 2 * t111.strides[1] + t111.strides[3], t111.strides[2], t111.strides[4]),
    )
    dh2_a_conv2d_W_part = dh2_a_conv2d_W[:, :, :, 0]
    t112 = slot7[288:384].reshape(3, 4, 8)
    t112_T = t112.T
    dh2_a_conv2d_W_part2 = dh2_a_conv2d_W[:, :, :, 1]
    dh2_a_conv2d_W_part3 = dh2_a_conv2d_W[:, :, :, 2]
    dh1_view = np.lib.stride_tricks.as_strided(
        dh1,
        (N, 4, 1, 4, 1, 4),
        (
            dh1.strides[0],
            2 * dh1.strides[1],
            dh1.strides[1],
            2 * dh1.strides[2],
            dh1.strides[2],
            dh1.strides[3],
        ),
    )
    t115 = slot7[288:320].reshape(8, 1, 1, 4)
    t115_2d = t115.reshape(8, 4)
    t116 = slot3[1384 * N : 1448 * N].reshape(N, 4, 4, 1, 1, 4)
    t116_2d = t116.reshape(16 * N, 4)
    t116_T013245 = t116.transpose(0, 1, 3, 2, 4, 5)
    dh2_a_conv2d_2d2 = dh2_a_conv2d.reshape(16 * N, 8)
    dh2_a_conv2d_2d2_T = dh2_a_conv2d_2d2.T
    t117 = slot3[: 576 * N].reshape(4, 3, 3, N, 4, 4)
    t117_2d = t117.reshape(36, 16 * N)
    dh1_bordered = slot3[576 * N : 900 * N].reshape(N, 9, 9, 4)
    dh1_bordered_slices = [
        dh1_bordered[:N, p : p + 8 : 2, q : q + 8 : 2, :4] for p in range(3) for q in range(3)
    ]
    t117_T123450 = t117.transpose(1, 2, 3, 4, 5, 0)
    t117_slices = [t117_T123450[p, q] for p in range(3) for q in range(3)]
    dh1_bordered_part = dh1_bordered[:, 1:, 1:]
    t118_bytes = slot4[: 64 * N].view(bool)
    t118 = t118_bytes[: 256 * N].reshape(N, 8, 8, 4)
    dh1_b_2d = dh1_b.reshape(64 * N, 4)
    t120 = slot1[:4]
    c6 = np.array(1 / 32 / N, dtype)
    h1_r_padded_windows_2d_T = h1_r_padded_windows_2d.T
    dh1_b_conv2d_2d = dh1_b_conv2d.reshape(8 * N, 32)
    t127 = slot11[:3072].reshape(3, 8, 4, 8, 4)
    t127_2d = t127.reshape(96, 32)
    t127_view = np.lib.stride_tricks.as_strided(
        t127[:, :, :, 1:],
        (3, 7, 4, 4),
        (t127.strides[0], t127.strides[1] + t127.strides[3], t127.strides[2], t127.strides[4]),
    )
    t127_view2 = np.lib.stride_tricks.as_strided(
        t127,
        (3, 8, 4, 4),
        (t127.strides[0], t127.strides[1] + t127.strides[3], t127.strides[2], t127.strides[4]),
    )
    t127_view3 = np.lib.stride_tricks.as_strided(
        t127[:, 1:],
        (3, 7, 4, 4),
        (t127.strides[0], t127.strides[1] + t127.strides[3], t127.strides[2], t127.strides[4]),
    )
    dh1_b_conv2d_W_part = dh1_b_conv2d_W[:, :, :, 0]
    t128 = slot7[432:480].reshape(3, 4, 4)
    t128_T = t128.T
    dh1_b_conv2d_W_part2 = dh1_b_conv2d_W[:, :, :, 1]
    dh1_b_conv2d_W_part3 = dh1_b_conv2d_W[:, :, :, 2]
    dh1_b_conv2d_padded = h1_r_padded  # h1_r_padded is not needed any more
    dh1_b_conv2d_padded_part = dh1_b_conv2d_padded[:, 1:9]
    dh1_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_b_conv2d_padded,
        (N, 3, 8, 8, 4),
        (
            dh1_b_conv2d_padded.strides[0],
            dh1_b_conv2d_padded.strides[1],
            dh1_b_conv2d_padded.strides[1],
            dh1_b_conv2d_padded.strides[2],
            dh1_b_conv2d_padded.strides[3],
        ),
    )
    band8 = np.zeros((3, 8, 4, 8, 4), dtype)
    band8_view = np.lib.stride_tricks.as_strided(
        band8[:, :, :, 1:],
        (3, 7, 4, 4),
        (band8.strides[0], band8.strides[1] + band8.strides[3], band8.strides[2], band8.strides[4]),
    )
    band8_view2 = np.lib.stride_tricks.as_strided(
        band8,
        (3, 8, 4, 4),
        (band8.strides[0], band8.strides[1] + band8.strides[3], band8.strides[2], band8.strides[4]),
    )
    band8_view3 = np.lib.stride_tricks.as_strided(
        band8[:, 1:],
        (3, 7, 4, 4),
        (band8.strides[0], band8.strides[1] + band8.strides[3], band8.strides[2], band8.strides[4]),
    )
    dh1_b_conv2d_padded_view_T02134 = dh1_b_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh1_b_conv2d_padded_windows = h1_r_padded_windows  # h1_r_padded_windows is not needed any more
    dh1_b_conv2d_padded_windows_2d = dh1_b_conv2d_padded_windows.reshape(8 * N, 96)
    band8_2d = band8.reshape(96, 32)
    dh1_r_2d = dh1_r.reshape(8 * N, 32)
    dh1_a_2d = dh1_a.reshape(64 * N, 4)
    t133 = slot1[4:8]
    t134 = h1_a_conv2d
    h0_padded_windows_2d_T = h0_padded_windows_2d.T
    dh1_a_conv2d_2d = dh1_a_conv2d.reshape(8 * N, 32)
    dh1_a_conv2d_W_part = dh1_a_conv2d_W[:, :, :, 0]
    dh1_a_conv2d_W_part2 = dh1_a_conv2d_W[:, :, :, 1]
    dh1_a_conv2d_W_part3 = dh1_a_conv2d_W[:, :, :, 2]
    dh1_a_conv2d_padded = h0_padded  # h0_padded is not needed any more
    dh1_a_conv2d_padded_part = dh1_a_conv2d_padded[:, 1:9]
    dh1_a_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_a_conv2d_padded,
        (N, 3, 8, 8, 4),
        (
            dh1_a_conv2d_padded.strides[0],
            dh1_a_conv2d_padded.strides[1],
            dh1_a_conv2d_padded.strides[1],
            dh1_a_conv2d_padded.strides[2],
            dh1_a_conv2d_padded.strides[3],
        ),
    )
    band9 = np.zeros((3, 8, 4, 8, 4), dtype)
    band9_view = np.lib.stride_tricks.as_strided(
        band9[:, :, :, 1:],
        (3, 7, 4, 4),
        (band9.strides[0], band9.strides[1] + band9.strides[3], band9.strides[2], band9.strides[4]),
    )
    band9_view2 = np.lib.stride_tricks.as_strided(
        band9,
        (3, 8, 4, 4),
        (band9.strides[0], band9.strides[1] + band9.strides[3], band9.strides[2], band9.strides[4]),
    )
    band9_view3 = np.lib.stride_tricks.as_strided(
        band9[:, 1:],
        (3, 7, 4, 4),
        (band9.strides[0], band9.strides[1] + band9.strides[3], band9.strides[2], band9.strides[4]),
    )
    dh1_a_conv2d_padded_view_T02134 = dh1_a_conv2d_padded_view.transpose(0, 2, 1, 3, 4)
    dh1_a_conv2d_padded_windows = h0_padded_windows  # h0_padded_windows is not needed any more
    dh1_a_conv2d_padded_windows_2d = dh1_a_conv2d_padded_windows.reshape(8 * N, 96)
    band9_2d = band9.reshape(96, 32)
    dh0_2d = dh0.reshape(8 * N, 32)
    dh0_sum_2d = dh0_sum.reshape(64 * N, 4)
    image_padded_windows_2d_T = image_padded_windows_2d.T
    dh0_sum_2d2 = dh0_sum.reshape(8 * N, 32)
    t145 = slot11[:2304].reshape(3, 8, 3, 8, 4)
    t145_2d = t145.reshape(72, 32)
    t145_view = np.lib.stride_tricks.as_strided(
        t145[:, :, :, 1:],
        (3, 7, 3, 4),
        (t145.strides[0], t145.strides[1] + t145.strides[3], t145.strides[2], t145.strides[4]),
    )
    t145_view2 = np.lib.stride_tricks.as_strided(
        t145,
        (3, 8, 3, 4),
        (t145.strides[0], t145.strides[1] + t145.strides[3], t145.strides[2], t145.strides[4]),
    )
    t145_view3 = np.lib.stride_tricks.as_strided(
        t145[:, 1:],
        (3, 7, 3, 4),
        (t145.strides[0], t145.strides[1] + t145.strides[3], t145.strides[2], t145.strides[4]),
    )
    dh0_W_part = dh0_W[:, :, :, 0]
    t146 = slot7[432:468].reshape(3, 3, 4)
    t146_T = t146.T
    dh0_W_part2 = dh0_W[:, :, :, 1]
    dh0_W_part3 = dh0_W[:, :, :, 2]

    def bind(params):
        held = [*map(params.get, PARAMETERS)]
        h0_W = params["h0.W"]
        h0_b = params["h0.b"]
        h1_a_conv2d_W = params["h1.a.conv2d.W"]
        h1_a_g = params["h1.a.g"]
        h1_a_b = params["h1.a.b"]
        h1_b_conv2d_W = params["h1.b.conv2d.W"]
        h1_b_g = params["h1.b.g"]
        h1_b_b = params["h1.b.b"]
        h2_a_conv2d_W = params["h2.a.conv2d.W"]
        h2_a_g = params["h2.a.g"]
        h2_a_b = params["h2.a.b"]
        h2_b_conv2d_W = params["h2.b.conv2d.W"]
        h2_b_g = params["h2.b.g"]
        h2_b_b = params["h2.b.b"]
        h2_s_W = params["h2.s.W"]
        h3_a_conv2d_W = params["h3.a.conv2d.W"]
        h3_a_g = params["h3.a.g"]
        h3_a_b = params["h3.a.b"]
        h3_b_conv2d_W = params["h3.b.conv2d.W"]
        h3_b_g = params["h3.b.g"]
        h3_b_b = params["h3.b.b"]
        h3_s_W = params["h3.s.W"]
        logits_W = params["logits.W"]
        logits_b = params["logits.b"]
        h0_W_part = h0_W[:, :, :, 0]
        h0_W_part_T = h0_W_part.T
        h0_W_part_T_b1011 = h0_W_part_T[:, None, :, :]
        h0_W_part2 = h0_W[:, :, :, 1]
        h0_W_part2_T = h0_W_part2.T
        h0_W_part2_T_b1011 = h0_W_part2_T[:, None, :, :]
        h0_W_part3 = h0_W[:, :, :, 2]
        h0_W_part3_T = h0_W_part3.T
        h0_W_part3_T_b1011 = h0_W_part3_T[:, None, :, :]
        h1_a_conv2d_W_part = h1_a_conv2d_W[:, :, :, 0]
        h1_a_conv2d_W_part_T = h1_a_conv2d_W_part.T
        h1_a_conv2d_W_part_T_b1011 = h1_a_conv2d_W_part_T[:, None, :, :]
        h1_a_conv2d_W_part2 = h1_a_conv2d_W[:, :, :, 1]
        h1_a_conv2d_W_part2_T = h1_a_conv2d_W_part2.T
        h1_a_conv2d_W_part2_T_b1011 = h1_a_conv2d_W_part2_T[:, None, :, :]
        h1_a_conv2d_W_part3 = h1_a_conv2d_W[:, :, :, 2]
        h1_a_conv2d_W_part3_T = h1_a_conv2d_W_part3.T
        h1_a_conv2d_W_part3_T_b1011 = h1_a_conv2d_W_part3_T[:, None, :, :]
        h1_b_conv2d_W_part = h1_b_conv2d_W[:, :, :, 0]
        h1_b_conv2d_W_part_T = h1_b_conv2d_W_part.T
        h1_b_conv2d_W_part_T_b1011 = h1_b_conv2d_W_part_T[:, None, :, :]
        h1_b_conv2d_W_part2 = h1_b_conv2d_W[:, :, :, 1]
        h1_b_conv2d_W_part2_T = h1_b_conv2d_W_part2.T
        h1_b_conv2d_W_part2_T_b1011 = h1_b_conv2d_W_part2_T[:, None, :, :]
        h1_b_conv2d_W_part3 = h1_b_conv2d_W[:, :, :, 2]
        h1_b_conv2d_W_part3_T = h1_b_conv2d_W_part3.T
        h1_b_conv2d_W_part3_T_b1011 = h1_b_conv2d_W_part3_T[:, None, :, :]
        h2_a_conv2d_W_part = h2_a_conv2d_W[:, :, :, 0]
        h2_a_conv2d_W_part_T = h2_a_conv2d_W_part.T
        h2_a_conv2d_W_part_T_b1011 = h2_a_conv2d_W_part_T[:, None, :, :]
        h2_a_conv2d_W_part2 = h2_a_conv2d_W[:, :, :, 1]
        h2_a_conv2d_W_part2_T = h2_a_conv2d_W_part2.T
        h2_a_conv2d_W_part2_T_b1011 = h2_a_conv2d_W_part2_T[:, None, :, :]
        h2_a_conv2d_W_part3 = h2_a_conv2d_W[:, :, :, 2]
        h2_a_conv2d_W_part3_T = h2_a_conv2d_W_part3.T
        h2_a_conv2d_W_part3_T_b1011 = h2_a_conv2d_W_part3_T[:, None, :, :]
        h2_b_conv2d_W_part = h2_b_conv2d_W[:, :, :, 0]
        h2_b_conv2d_W_part_T = h2_b_conv2d_W_part.T
        h2_b_conv2d_W_part_T_b1011 = h2_b_conv2d_W_part_T[:, None, :, :]
        h2_b_conv2d_W_part2 = h2_b_conv2d_W[:, :, :, 1]
        h2_b_conv2d_W_part2_T = h2_b_conv2d_W_part2.T
        h2_b_conv2d_W_part2_T_b1011 = h2_b_conv2d_W_part2_T[:, None, :, :]
        h2_b_conv2d_W_part3 = h2_b_conv2d_W[:, :, :, 2]
        h2_b_conv2d_W_part3_T = h2_b_conv2d_W_part3.T
        h2_b_conv2d_W_part3_T_b1011 = h2_b_conv2d_W_part3_T[:, None, :, :]
        h2_s_W_T0231 = h2_s_W.transpose(0, 2, 3, 1)
        h3_a_conv2d_W_T0231 = h3_a_conv2d_W.transpose(0, 2, 3, 1)
        h3_a_b_b1000 = h3_a_b[:, None, None, None]
        h3_b_conv2d_W_T0312 = h3_b_conv2d_W.transpose(0, 3, 1, 2)
        h3_s_W_T0231 = h3_s_W.transpose(0, 2, 3, 1)
        logits_W_T = logits_W.T
        logits_b_col = logits_b[:, None]
        h3_b_conv2d_W_view = np.lib.stride_tricks.as_strided(
            h3_b_conv2d_W,
            (16, 16, 2, 2, 2, 2),
            (
                h3_b_conv2d_W.strides[0],
                h3_b_conv2d_W.strides[1],
                h3_b_conv2d_W.strides[2],
                h3_b_conv2d_W.strides[2],
                h3_b_conv2d_W.strides[3],
                h3_b_conv2d_W.strides[3],
            ),
        )
        h3_b_conv2d_W_view_T124350 = h3_b_conv2d_W_view.transpose(1, 2, 4, 3, 5, 0)
        h3_a_conv2d_W_2d = h3_a_conv2d_W.reshape(16, 72)
        h3_a_conv2d_W_2d_T = h3_a_conv2d_W_2d.T
        h2_b_conv2d_W_part3_flip = h2_b_conv2d_W_part3[:, :, ::-1]
        h2_b_conv2d_W_part3_flip_T201 = h2_b_conv2d_W_part3_flip.transpose(2, 0, 1)
        h2_b_conv2d_W_part3_flip_T201_b1011 = h2_b_conv2d_W_part3_flip_T201[:, None, :, :]
        h2_b_conv2d_W_part2_flip = h2_b_conv2d_W_part2[:, :, ::-1]
        h2_b_conv2d_W_part2_flip_T201 = h2_b_conv2d_W_part2_flip.transpose(2, 0, 1)
        h2_b_conv2d_W_part2_flip_T201_b1011 = h2_b_conv2d_W_part2_flip_T201[:, None, :, :]
        h2_b_conv2d_W_part_flip = h2_b_conv2d_W_part[:, :, ::-1]
        h2_b_conv2d_W_part_flip_T201 = h2_b_conv2d_W_part_flip.transpose(2, 0, 1)
        h2_b_conv2d_W_part_flip_T201_b1011 = h2_b_conv2d_W_part_flip_T201[:, None, :, :]
        h2_a_conv2d_W_2d = h2_a_conv2d_W.reshape(8, 36)
        h2_a_conv2d_W_2d_T = h2_a_conv2d_W_2d.T
        h1_b_conv2d_W_part3_flip = h1_b_conv2d_W_part3[:, :, ::-1]
        h1_b_conv2d_W_part3_flip_T201 = h1_b_conv2d_W_part3_flip.transpose(2, 0, 1)
        h1_b_conv2d_W_part3_flip_T201_b1011 = h1_b_conv2d_W_part3_flip_T201[:, None, :, :]
        h1_b_conv2d_W_part2_flip = h1_b_conv2d_W_part2[:, :, ::-1]
        h1_b_conv2d_W_part2_flip_T201 = h1_b_conv2d_W_part2_flip.transpose(2, 0, 1)
        h1_b_conv2d_W_part2_flip_T201_b1011 = h1_b_conv2d_W_part2_flip_T201[:, None, :, :]
        h1_b_conv2d_W_part_flip = h1_b_conv2d_W_part[:, :, ::-1]
        h1_b_conv2d_W_part_flip_T201 = h1_b_conv2d_W_part_flip.transpose(2, 0, 1)
        h1_b_conv2d_W_part_flip_T201_b1011 = h1_b_conv2d_W_part_flip_T201[:, None, :, :]
        h1_a_conv2d_W_part3_flip = h1_a_conv2d_W_part3[:, :, ::-1]
        h1_a_conv2d_W_part3_flip_T201 = h1_a_conv2d_W_part3_flip.transpose(2, 0, 1)
        h1_a_conv2d_W_part3_flip_T201_b1011 = h1_a_conv2d_W_part3_flip_T201[:, None, :, :]
        h1_a_conv2d_W_part2_flip = h1_a_conv2d_W_part2[:, :, ::-1]
        h1_a_conv2d_W_part2_flip_T201 = h1_a_conv2d_W_part2_flip.transpose(2, 0, 1)
        h1_a_conv2d_W_part2_flip_T201_b1011 = h1_a_conv2d_W_part2_flip_T201[:, None, :, :]
        h1_a_conv2d_W_part_flip = h1_a_conv2d_W_part[:, :, ::-1]
        h1_a_conv2d_W_part_flip_T201 = h1_a_conv2d_W_part_flip.transpose(2, 0, 1)
        h1_a_conv2d_W_part_flip_T201_b1011 = h1_a_conv2d_W_part_flip_T201[:, None, :, :]

        def fits(params, state, image, y):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 24
                    and _same(params, held)
                    and state["h1.a.rm"].shape == (4,)
                    and state["h1.a.rm"].dtype is dtype
                    and state["h1.a.rv"].shape == (4,)
                    and state["h1.a.rv"].dtype is dtype
                    and state["h1.b.rm"].shape == (4,)
                    and state["h1.b.rm"].dtype is dtype
                    and state["h1.b.rv"].shape == (4,)
                    and state["h1.b.rv"].dtype is dtype
                    and state["h2.a.rm"].shape == (8,)
                    and state["h2.a.rm"].dtype is dtype
                    and state["h2.a.rv"].shape == (8,)
                    and state["h2.a.rv"].dtype is dtype
                    and state["h2.b.rm"].shape == (8,)
                    and state["h2.b.rm"].dtype is dtype
                    and state["h2.b.rv"].shape == (8,)
                    and state["h2.b.rv"].dtype is dtype
                    and state["h3.a.rm"].shape == (16,)
                    and state["h3.a.rm"].dtype is dtype
                    and state["h3.a.rv"].shape == (16,)
                    and state["h3.a.rv"].dtype is dtype
                    and state["h3.b.rm"].shape == (16,)
                    and state["h3.b.rm"].dtype is dtype
                    and state["h3.b.rv"].shape == (16,)
                    and state["h3.b.rv"].dtype is dtype
                    and image.shape == (N, 3, 8, 8)
                    and image.dtype is dtype
                    and y.shape == (N,)
                    and y.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(state, image, y):
            y = _indices("y", y, 10)
            h1_a_rm = state["h1.a.rm"]
            h1_a_rv = state["h1.a.rv"]
            h1_b_rm = state["h1.b.rm"]
            h1_b_rv = state["h1.b.rv"]
            h2_a_rm = state["h2.a.rm"]
            h2_a_rv = state["h2.a.rv"]
            h2_b_rm = state["h2.b.rm"]
            h2_b_rv = state["h2.b.rv"]
            h3_a_rm = state["h3.a.rm"]
            h3_a_rv = state["h3.a.rv"]
            h3_b_rm = state["h3.b.rm"]
            h3_b_rv = state["h3.b.rv"]

            # h0_sum[n, o, u, v] = sum(c, p, q:
            #     (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
            image_padded.fill(0)
            image_padded_part[...] = image.transpose(0, 2, 3, 1)
            band_view[...] = h0_W_part_T_b1011
            band_view2[...] = h0_W_part2_T_b1011
            band_view3[...] = h0_W_part3_T_b1011
            image_padded_windows[...] = image_padded_view_T02134
            image_padded_windows_2d.dot(band_2d, h0_sum_2d)
            # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
            t0[...] = h0_b
            add(h0_sum, t0, h0)
            maximum(h0, zeros, out=h0)
            # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
            h0_padded.fill(0)
            h0_padded_part[...] = h0
            band2_view[...] = h1_a_conv2d_W_part_T_b1011
            band2_view2[...] = h1_a_conv2d_W_part2_T_b1011
            band2_view3[...] = h1_a_conv2d_W_part3_T_b1011
            h0_padded_windows[...] = h0_padded_view_T02134
            h0_padded_windows_2d.dot(band2_2d, h1_a_conv2d_2d)
            # h1.a.m[c] = sum(n, u, v2: h1.a.conv2d[n, c, u, v2]/(64*N))
            weights.dot(h1_a_conv2d_2d2, h1_a_m)
            # h1.a.rm'[c] = 9*h1.a.rm[c]/10 + h1.a.m[c]/10
            multiply(h1_a_m, c0_1, h1_a_rm_next)
            multiply(h1_a_rm, c0_9, t1)
            add(h1_a_rm_next, t1, h1_a_rm_next)
            # h1.a.conv2d_difference[n, o, u, v] = h1.a.conv2d[n, o, u, v] - h1.a.m[o]
            t0[...] = h1_a_m
            subtract(h1_a_conv2d, t0, h1_a_conv2d_difference)
            # h1.a.v[c] = sum(n, u, v2: h1.a.conv2d_difference[n, c, u, v2]**2/(64*N))
            multiply(h1_a_conv2d_difference, h1_a_conv2d_difference, t3)
            ones.dot(t3_2d, h1_a_v)
            multiply(h1_a_v, c, h1_a_v)
            # h1.a.rv'[c] = 9*h1.a.rv[c]/10 + h1.a.v[c]/10
            multiply(h1_a_v, c0_1, h1_a_rv_next)
            multiply(h1_a_rv, c0_9, t4)
            add(h1_a_rv_next, t4, h1_a_rv_next)
            # h1.a.v_power[c] = 1/sqrt(h1.a.v[c] + 1/100000)
            add(h1_a_v, c1em05, h1_a_v_power)
            sqrt(h1_a_v_power, h1_a_v_power)
            divide(one, h1_a_v_power, h1_a_v_power)
            # h1.a[n, c, u, v2] = h1.a.b[c]
            #     + h1.a.conv2d_difference[n, c, u, v2]*h1.a.g[c]*h1.a.v_power[c]
            multiply(h1_a_g, h1_a_v_power, t4)
            t0[...] = t4
            multiply(h1_a_conv2d_difference, t0, h1_a)
            t0[...] = h1_a_b
            add(h1_a, t0, h1_a)
            # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
            maximum(h1_a, zeros, out=h1_r)
            # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
            h1_r_padded.fill(0)
            h1_r_padded_part[...] = h1_r
            band3_view[...] = h1_b_conv2d_W_part_T_b1011
            band3_view2[...] = h1_b_conv2d_W_part2_T_b1011
            band3_view3[...] = h1_b_conv2d_W_part3_T_b1011
            h1_r_padded_windows[...] = h1_r_padded_view_T02134
            h1_r_padded_windows_2d.dot(band3_2d, h1_b_conv2d_2d)
            # h1.b.m[c] = sum(n, u, v2: h1.b.conv2d[n, c, u, v2]/(64*N))
            weights.dot(h1_b_conv2d_2d2, h1_b_m)
            # h1.b.rm'[c] = 9*h1.b.rm[c]/10 + h1.b.m[c]/10
            multiply(h1_b_m, c0_1, h1_b_rm_next)
            multiply(h1_b_rm, c0_9, t8)
            add(h1_b_rm_next, t8, h1_b_rm_next)
            # h1.b.conv2d_difference[n, o, u, v] = h1.b.conv2d[n, o, u, v] - h1.b.m[o]
            t0[...] = h1_b_m
            subtract(h1_b_conv2d, t0, h1_b_conv2d_difference)
            # h1.b.v[c] = sum(n, u, v2: h1.b.conv2d_difference[n, c, u, v2]**2/(64*N))
            multiply(h1_b_conv2d_difference, h1_b_conv2d_difference, t10)
            ones.dot(t10_2d, h1_b_v)
            multiply(h1_b_v, c, h1_b_v)
            # h1.b.rv'[c] = 9*h1.b.rv[c]/10 + h1.b.v[c]/10
            multiply(h1_b_v, c0_1, h1_b_rv_next)
            multiply(h1_b_rv, c0_9, t11)
            add(h1_b_rv_next, t11, h1_b_rv_next)
            # h1.b.v_power[c] = 1/sqrt(h1.b.v[c] + 1/100000)
            add(h1_b_v, c1em05, h1_b_v_power)
            sqrt(h1_b_v_power, h1_b_v_power)
            divide(one, h1_b_v_power, h1_b_v_power)
            # h1.b[n, c, u, v2] = h1.b.b[c]
            #     + h1.b.conv2d_difference[n, c, u, v2]*h1.b.g[c]*h1.b.v_power[c]
            multiply(h1_b_g, h1_b_v_power, t11)
            t0[...] = t11
            multiply(h1_b_conv2d_difference, t0, h1_b)
            t0[...] = h1_b_b
            add(h1_b, t0, h1_b)
            # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
            add(h0, h1_b, h1)
            maximum(h1, zeros, out=h1)
            # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
            h1_padded.fill(0)
            h1_padded_part[...] = h1
            band4_view[...] = h2_a_conv2d_W_part_T_b1011
            band4_view2[...] = h2_a_conv2d_W_part2_T_b1011
            band4_view3[...] = h2_a_conv2d_W_part3_T_b1011
            h1_padded_windows[...] = h1_padded_view
            h1_padded_windows_2d.dot(band4_2d, h2_a_conv2d_2d)
            # h2.a.m[c] = sum(n, u, v2: h2.a.conv2d[n, c, u, v2]/(16*N))
            weights2.dot(h2_a_conv2d_2d2, h2_a_m)
            # h2.a.rm'[c] = 9*h2.a.rm[c]/10 + h2.a.m[c]/10
            multiply(h2_a_m, c0_1, h2_a_rm_next)
            multiply(h2_a_rm, c0_9, t15)
            add(h2_a_rm_next, t15, h2_a_rm_next)
            # h2.a.conv2d_difference[n, o, u, v] = h2.a.conv2d[n, o, u, v] - h2.a.m[o]
            t16[...] = h2_a_m
            subtract(h2_a_conv2d, t16, h2_a_conv2d_difference)
            # h2.a.v[c] = sum(n, u, v2: h2.a.conv2d_difference[n, c, u, v2]**2/(16*N))
            multiply(h2_a_conv2d_difference, h2_a_conv2d_difference, t16)
            ones2.dot(t17_2d, h2_a_v)
            multiply(h2_a_v, c2, h2_a_v)
            # h2.a.rv'[c] = 9*h2.a.rv[c]/10 + h2.a.v[c]/10
            multiply(h2_a_v, c0_1, h2_a_rv_next)
            multiply(h2_a_rv, c0_9, t18)
            add(h2_a_rv_next, t18, h2_a_rv_next)
            # h2.a.v_power[c] = 1/sqrt(h2.a.v[c] + 1/100000)
            add(h2_a_v, c1em05, h2_a_v_power)
            sqrt(h2_a_v_power, h2_a_v_power)
            divide(one, h2_a_v_power, h2_a_v_power)
            # h2.a[n, c, u, v2] = h2.a.b[c]
            #     + h2.a.conv2d_difference[n, c, u, v2]*h2.a.g[c]*h2.a.v_power[c]
            multiply(h2_a_g, h2_a_v_power, t18)
            t16[...] = t18
            multiply(h2_a_conv2d_difference, t16, h2_a)
            t21[...] = h2_a_b
            add(h2_a, t21, h2_a)
            # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
            maximum(h2_a, zeros2, out=h2_r)
            # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
            h2_r_padded.fill(0)
            h2_r_padded_part[...] = h2_r
            band5_view[...] = h2_b_conv2d_W_part_T_b1011
            band5_view2[...] = h2_b_conv2d_W_part2_T_b1011
            band5_view3[...] = h2_b_conv2d_W_part3_T_b1011
            h2_r_padded_windows[...] = h2_r_padded_view_T02134
            h2_r_padded_windows_2d.dot(band5_2d, h2_b_conv2d_2d)
            # h2.b.m[c] = sum(n, u, v2: h2.b.conv2d[n, c, u, v2]/(16*N))
            weights2.dot(h2_b_conv2d_2d2, h2_b_m)
            # h2.b.rm'[c] = 9*h2.b.rm[c]/10 + h2.b.m[c]/10
            multiply(h2_b_m, c0_1, h2_b_rm_next)
            multiply(h2_b_rm, c0_9, t22)
            add(h2_b_rm_next, t22, h2_b_rm_next)
            # h2.b.conv2d_difference[n, o, u, v] = h2.b.conv2d[n, o, u, v] - h2.b.m[o]
            t23[...] = h2_b_m
            subtract(h2_b_conv2d, t23, h2_b_conv2d_difference)
            # h2.b.v[c] = sum(n, u, v2: h2.b.conv2d_difference[n, c, u, v2]**2/(16*N))
            multiply(h2_b_conv2d_difference, h2_b_conv2d_difference, t23)
            ones2.dot(t24_2d, h2_b_v)
            multiply(h2_b_v, c2, h2_b_v)
            # h2.b.rv'[c] = 9*h2.b.rv[c]/10 + h2.b.v[c]/10
            multiply(h2_b_v, c0_1, h2_b_rv_next)
            multiply(h2_b_rv, c0_9, t25)
            add(h2_b_rv_next, t25, h2_b_rv_next)
            # h2.b.v_power[c] = 1/sqrt(h2.b.v[c] + 1/100000)
            add(h2_b_v, c1em05, h2_b_v_power)
            sqrt(h2_b_v_power, h2_b_v_power)
            divide(one, h2_b_v_power, h2_b_v_power)
            # h2.b[n, c, u, v2] = h2.b.b[c]
            #     + h2.b.conv2d_difference[n, c, u, v2]*h2.b.g[c]*h2.b.v_power[c]
            multiply(h2_b_g, h2_b_v_power, t25)
            t23[...] = t25
            multiply(h2_b_conv2d_difference, t23, h2_b)
            t28[...] = h2_b_b
            add(h2_b, t28, h2_b)
            # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
            t29[...] = h1_view_T245013
            t30[...] = h2_s_W_T0231
            t29_2d_T.dot(t30_2d_T, h2_s_2d)
            # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
            add(h2_b, h2_s, h2)
            maximum(h2, zeros2, out=h2)
            # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
            h2_padded.fill(0)
            h2_padded_part[...] = h2
            t31[...] = h3_a_conv2d_W_T0231
            h2_padded_windows[...] = h2_padded_view_T130245
            t31_2d.dot(h2_padded_windows_2d_T, h3_a_conv2d_2d)
            # h3.a.m[c] = sum(n, u, v2: h3.a.conv2d[n, c, u, v2]/(4*N))
            h3_a_conv2d_2d.dot(weights3, h3_a_m)
            # h3.a.rm'[c] = 9*h3.a.rm[c]/10 + h3.a.m[c]/10
            multiply(h3_a_m, c0_1, h3_a_rm_next)
            multiply(h3_a_rm, c0_9, t32)
            add(h3_a_rm_next, t32, h3_a_rm_next)
            # h3.a.conv2d_difference[n, o, u, v] = h3.a.conv2d[n, o, u, v] - h3.a.m[o]
            t33[...] = h3_a_m_b1000
            subtract(h3_a_conv2d, t33, h3_a_conv2d_difference)
            # h3.a.v[c] = sum(n, u, v2: h3.a.conv2d_difference[n, c, u, v2]**2/(4*N))
            multiply(h3_a_conv2d_difference, h3_a_conv2d_difference, t33)
            t34_2d.dot(ones3, h3_a_v)
            multiply(h3_a_v, c3, h3_a_v)
            # h3.a.rv'[c] = 9*h3.a.rv[c]/10 + h3.a.v[c]/10
            multiply(h3_a_v, c0_1, h3_a_rv_next)
            multiply(h3_a_rv, c0_9, t35)
            add(h3_a_rv_next, t35, h3_a_rv_next)
            # h3.a.v_power[c] = 1/sqrt(h3.a.v[c] + 1/100000)
            add(h3_a_v, c1em05, h3_a_v_power)
            sqrt(h3_a_v_power, h3_a_v_power)
            divide(one, h3_a_v_power, h3_a_v_power)
            # h3.a[n, c, u, v2] = h3.a.b[c]
            #     + h3.a.conv2d_difference[n, c, u, v2]*h3.a.g[c]*h3.a.v_power[c]
            multiply(h3_a_g, h3_a_v_power, t35)
            t33[...] = t36_b1000
            multiply(h3_a_conv2d_difference, t33, h3_a)
            t38[...] = h3_a_b_b1000
            add(h3_a, t38, h3_a)
            # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
            maximum(h3_a, zeros3, out=h3_r)
            # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
            h3_r_padded.fill(0)
            h3_r_padded_part[...] = h3_r
            h3_r_padded_windows[...] = h3_r_padded_view
            t39[...] = h3_b_conv2d_W_T0312
            h3_r_padded_windows_2d_T.dot(t39_2d_T, t40_2d)
            add_reduce(t40_view, 1, None, t41)
            h3_b_conv2d_part[...] = t41_T102
            add_reduce(t40_view2, 1, None, t41)
            h3_b_conv2d_part2[...] = t41_T102
            # h3.b.m[c] = sum(n, u, v2: h3.b.conv2d[n, c, u, v2]/(4*N))
            weights3.dot(h3_b_conv2d_2d, h3_b_m)
            # h3.b.rm'[c] = 9*h3.b.rm[c]/10 + h3.b.m[c]/10
            multiply(h3_b_m, c0_1, h3_b_rm_next)
            multiply(h3_b_rm, c0_9, t43)
            add(h3_b_rm_next, t43, h3_b_rm_next)
            # h3.b.conv2d_difference[n, o, u, v] = h3.b.conv2d[n, o, u, v] - h3.b.m[o]
            t44[...] = h3_b_m
            subtract(h3_b_conv2d, t44, h3_b_conv2d_difference)
            # h3.b.v[c] = sum(n, u, v2: h3.b.conv2d_difference[n, c, u, v2]**2/(4*N))
            multiply(h3_b_conv2d_difference, h3_b_conv2d_difference, t44)
            ones3.dot(t45_2d, h3_b_v)
            multiply(h3_b_v, c3, h3_b_v)
            # h3.b.rv'[c] = 9*h3.b.rv[c]/10 + h3.b.v[c]/10
            multiply(h3_b_v, c0_1, h3_b_rv_next)
            multiply(h3_b_rv, c0_9, t46)
            add(h3_b_rv_next, t46, h3_b_rv_next)
            # h3.b.v_power[c] = 1/sqrt(h3.b.v[c] + 1/100000)
            add(h3_b_v, c1em05, h3_b_v_power)
            sqrt(h3_b_v_power, h3_b_v_power)
            divide(one, h3_b_v_power, h3_b_v_power)
            # h3.b[n, c, u, v2] = h3.b.b[c]
            #     + h3.b.conv2d_difference[n, c, u, v2]*h3.b.g[c]*h3.b.v_power[c]
            multiply(h3_b_g, h3_b_v_power, t46)
            t48[...] = t46
            multiply(h3_b_conv2d_difference, t48, h3_b)
            t44[...] = h3_b_b
            add(h3_b, t44, h3_b)
            # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
            t50[...] = h2_view_T013245
            t51[...] = h3_s_W_T0231
            t50_2d.dot(t51_2d_T, h3_s_2d)
            # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
            add(h3_b, h3_s, h3)
            maximum(h3, zeros4, out=h3)
            # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
            matmul(weights4, h3_3d, logits_global_avg_pool)
            # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
            logits_W_T.dot(logits_global_avg_pool_T, logits)
            # logits[n, o] += logits.b[o]
            t52[...] = logits_b_col
            add(logits, t52, logits)
            # logits_max[n] = max(c: logits[n, c])
            maximum_reduce(logits, 0, None, logits_max)
            # logits_shifted[n, o] = logits[n, o] - logits_max[n]
            t52[...] = logits_max
            subtract(logits, t52, logits_shifted)
            # logits_exp[n, o] = exp(logits_shifted[n, o])
            exp(logits_shifted, logits_exp)
            # logits_sumexp[n] = sum(c: logits_exp[n, c])
            ones4.dot(logits_exp, logits_sumexp)
            # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
            multiply(y, stride, t54)
            add(position, t54, y_position)
            logits_shifted_flat.take(y_position, out=t55, mode="clip")
            log(logits_sumexp, t56)
            subtract(t56, t55, t56_apart)
            loss = total(t56_apart)
            # dlogits[n, o] += logits_exp[n, o]/(N*logits_sumexp[n])
            multiply(logits_sumexp, N2, t57)
            t58[...] = t57
            divide(logits_exp, t58, dlogits)
            # dlogits[n, y[n]] += -1/N
            dlogits_flat.take(y_position, out=t56, mode="clip")
            add(t56, minus_1_over_N, t56_apart)
            dlogits_flat[y_position] = t56_apart
            # dlogits.b[o] = sum(n: dlogits[n, o])
            dlogits.dot(ones5, dlogits_b)
            # dlogits.W[i, o] = sum(n: logits.global_avg_pool[n, i]*dlogits[n, o])
            logits_global_avg_pool_T.dot(dlogits_T, dlogits_W)
            # dlogits.global_avg_pool[n, c] = sum(o: dlogits[n, o]*logits.W[c, o])
            dlogits_T.dot(logits_W_T, dlogits_global_avg_pool)
            # dh3.b[n, c, u, v2] = where(not h3[n, c, u, v2] <= 0, dlogits.global_avg_pool[n, c]/4,
            #     0)
            greater(h3, zero, t60)
            multiply(dlogits_global_avg_pool, c0_25, t61)
            t44[...] = t61_b1001
            multiply(t60, t44, dh3_b)
            # dh3.s.W[o, c, p, q] = sum(n, u, v: dh3.b[n, o, u, v]*h2[n, c, 2*u + p, 2*v + q])
            t63[...] = h2_view_T013524
            dh3_b_2d_T.dot(t63_2d, dh3_s_W_2d)
            # dh3.b.b[c] = sum(n, u, v2: dh3.b[n, c, u, v2])
            ones3.dot(dh3_b_2d, dh3_b_b)
            # dh3.b.g_sum[c] = sum(n, u, v2: dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2])
            multiply(dh3_b, h3_b_conv2d_difference, t44)
            ones3.dot(t45_2d, dh3_b_g_sum)
            # dh3.b.g[c] = dh3.b.g_sum[c]*h3.b.v_power[c]
            multiply(dh3_b_g_sum, h3_b_v_power, dh3_b_g)
            # dh3.b.v[c] = -dh3.b.g[c]*h3.b.g[c]*h3.b.v_power[c]**2/2
            square(h3_b_v_power, dh3_b_v)
            multiply(dh3_b_v, minus_0_5, dh3_b_v)
            multiply(dh3_b_v, dh3_b_g, dh3_b_v)
            multiply(dh3_b_v, h3_b_g, dh3_b_v)
            # dh3.b.conv2d[n, o, u, v] = dh3.b[n, o, u, v]*h3.b.g[o]*h3.b.v_power[o]
            #     + h3.b.conv2d_difference[n, o, u, v]*dh3.b.v[o]/(2*N)
            #     - dh3.b.b[o]*h3.b.g[o]*h3.b.v_power[o]/(4*N)
            multiply(dh3_b_v, c4, t46)
            t44[...] = t46
            multiply(h3_b_conv2d_difference, t44, dh3_b_conv2d)
            multiply(h3_b_g, h3_b_v_power, t46)
            t44[...] = t46
            multiply(dh3_b, t44, t44)
            add(dh3_b_conv2d, t44, dh3_b_conv2d)
            multiply(dh3_b_b, c3, t46)
            multiply(t46, h3_b_g, t46)
            multiply(t46, h3_b_v_power, t46)
            t44[...] = t46
            subtract(dh3_b_conv2d, t44, dh3_b_conv2d)
            # dh3.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh3.b.conv2d[n, o, u, v]*(h3.r[n, c, p + u - 1, q + v - 1] else 0))
            band6.fill(0)
            band6_view[...] = dh3_b_conv2d_part_T021
            band6_view2[...] = dh3_b_conv2d_part2_T021
            h3_r_2d.dot(band6_2d, t73_2d)
            t72[...] = t73_T20134
            dh3_b_conv2d_W.fill(0)
            add(dh3_b_conv2d_W_lines, t72_lines, dh3_b_conv2d_W_lines)
            add(dh3_b_conv2d_W_lines2, t72_lines2, dh3_b_conv2d_W_lines2)
            # dh3.r[n, k, u, v] = sum(o, u2, v2:
            #     dh3.b.conv2d[n, o, u2, v2]*(h3.b.conv2d.W[o, k, u + 1 - u2, v + 1 - v2] else 0))
            h3_b_conv2d_W_windows[...] = h3_b_conv2d_W_view_T124350
            t44[...] = dh3_b_conv2d_flip
            h3_b_conv2d_W_windows_2d.dot(t74_2d_T, dh3_r_2d)
            # dh3.a[n, c, u, v2] = where(not h3.r[n, c, u, v2] <= 0, dh3.r[n, c, u, v2], 0)
            greater(h3_r, zero, t75)
            multiply(dh3_r, t75, dh3_a)
            # dh3.a.b[c] = sum(n, u, v2: dh3.a[n, c, u, v2])
            dh3_a_2d.dot(ones3, dh3_a_b)
            # dh3.a.g_sum[c] = sum(n, u, v2: dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2])
            multiply(dh3_a, h3_a_conv2d_difference, t33)
            t34_2d.dot(ones3, dh3_a_g_sum)
            # dh3.a.g[c] = dh3.a.g_sum[c]*h3.a.v_power[c]
            multiply(dh3_a_g_sum, h3_a_v_power, dh3_a_g)
            # dh3.a.v[c] = -dh3.a.g[c]*h3.a.g[c]*h3.a.v_power[c]**2/2
            square(h3_a_v_power, dh3_a_v)
            multiply(dh3_a_v, minus_0_5, dh3_a_v)
            multiply(dh3_a_v, dh3_a_g, dh3_a_v)
            multiply(dh3_a_v, h3_a_g, dh3_a_v)
            # dh3.a.conv2d[n, o, u, v] = dh3.a[n, o, u, v]*h3.a.g[o]*h3.a.v_power[o]
            #     + h3.a.conv2d_difference[n, o, u, v]*dh3.a.v[o]/(2*N)
            #     - dh3.a.b[o]*h3.a.g[o]*h3.a.v_power[o]/(4*N)
            multiply(dh3_a_v, c4, t77)
            t33[...] = t77_b1000
            multiply(h3_a_conv2d_difference, t33, t78)
            multiply(h3_a_g, h3_a_v_power, t77)
            t33[...] = t77_b1000
            multiply(dh3_a, t33, dh3_a_conv2d)
            add(t78, dh3_a_conv2d, t78)
            multiply(dh3_a_b, c3, t77)
            multiply(t77, h3_a_g, t77)
            multiply(t77, h3_a_v_power, t77)
            t33[...] = t77_b1000
            subtract(t78, t33, dh3_a_conv2d)
            # dh3.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh3.a.conv2d[n, o, u, v]*(h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
            h2_padded_windows_2d_T.dot(dh3_a_conv2d_2d_T, t84_2d)
            dh3_a_conv2d_W[...] = t84_T3201
            # dh2[n, c, 2*u + p, 2*v + q] += sum(o: dh3.b[n, o, u, v]*h3.s.W[o, c, p, q])
            dh2.fill(0)
            t85[...] = h3_s_W_T0231
            dh3_b_2d.dot(t85_2d, t86_2d)
            add(dh2_view, t86_T013245, dh2_view)
            # dh2[n, c, 2*u + p - 1, 2*v + q - 1] +=
            #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
            #     dh3.a.conv2d[n, o, u, v]*h3.a.conv2d.W[o, c, p, q])
            h3_a_conv2d_W_2d_T.dot(dh3_a_conv2d_2d, t87_2d)
            dh2_bordered.fill(0)
            for part, term in zip(dh2_bordered_slices, t87_slices, strict=True):
                add(part, term, part)
            add(dh2, dh2_bordered_part, dh2)
            # dh2.b[n, c, u, v2] = where(not h2[n, c, u, v2] <= 0, dh2[n, c, u, v2], 0)
            greater(h2, zero, t88)
            multiply(dh2, t88, dh2_b)
            # dh2.s.W[o, c, p, q] = sum(n, u, v: dh2.b[n, o, u, v]*h1[n, c, 2*u + p, 2*v + q])
            t89[...] = h1_view_T524013
            dh2_b_2d_T.dot(t89_2d_T, dh2_s_W_2d)
            # dh2.b.b[c] = sum(n, u, v2: dh2.b[n, c, u, v2])
            ones2.dot(dh2_b_2d, dh2_b_b)
            # dh2.b.g_sum[c] = sum(n, u, v2: dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2])
            multiply(dh2_b, h2_b_conv2d_difference, t23)
            ones2.dot(t24_2d, dh2_b_g_sum)
            # dh2.b.g[c] = dh2.b.g_sum[c]*h2.b.v_power[c]
            multiply(dh2_b_g_sum, h2_b_v_power, dh2_b_g)
            # dh2.b.v[c] = -dh2.b.g[c]*h2.b.g[c]*h2.b.v_power[c]**2/2
            square(h2_b_v_power, dh2_b_v)
            multiply(dh2_b_v, minus_0_5, dh2_b_v)
            multiply(dh2_b_v, dh2_b_g, dh2_b_v)
            multiply(dh2_b_v, h2_b_g, dh2_b_v)
            # dh2.b.conv2d[n, o, u, v] = dh2.b[n, o, u, v]*h2.b.g[o]*h2.b.v_power[o]
            #     + h2.b.conv2d_difference[n, o, u, v]*dh2.b.v[o]/(8*N)
            #     - dh2.b.b[o]*h2.b.g[o]*h2.b.v_power[o]/(16*N)
            multiply(dh2_b_v, c5, t91)
            t23[...] = t91
            multiply(h2_b_conv2d_difference, t23, dh2_b_conv2d)
            multiply(h2_b_g, h2_b_v_power, t91)
            t23[...] = t91
            multiply(dh2_b, t23, t23)
            add(dh2_b_conv2d, t23, dh2_b_conv2d)
            multiply(dh2_b_b, c2, t91)
            multiply(t91, h2_b_g, t91)
            multiply(t91, h2_b_v_power, t91)
            t23[...] = t91
            subtract(dh2_b_conv2d, t23, dh2_b_conv2d)
            # dh2.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh2.b.conv2d[n, o, u, v]*(h2.r[n, c, p + u - 1, q + v - 1] else 0))
            h2_r_padded_windows_2d_T.dot(dh2_b_conv2d_2d, t98_2d)
            add_reduce(t98_view, 1, None, t99)
            dh2_b_conv2d_W_part[...] = t99_T
            add_reduce(t98_view2, 1, None, t99)
            dh2_b_conv2d_W_part2[...] = t99_T
            add_reduce(t98_view3, 1, None, t99)
            dh2_b_conv2d_W_part3[...] = t99_T
            # dh2.r[n, k, u, v] = sum(o, p, q:
            #     (dh2.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h2.b.conv2d.W[o, k, p, q])
            dh2_b_conv2d_padded.fill(0)
            dh2_b_conv2d_padded_part[...] = dh2_b_conv2d
            band7_view[...] = h2_b_conv2d_W_part3_flip_T201_b1011
            band7_view2[...] = h2_b_conv2d_W_part2_flip_T201_b1011
            band7_view3[...] = h2_b_conv2d_W_part_flip_T201_b1011
            dh2_b_conv2d_padded_windows[...] = dh2_b_conv2d_padded_view_T02134
            dh2_b_conv2d_padded_windows_2d.dot(band7_2d, dh2_r_2d)
            # dh2.a[n, c, u, v2] = where(not h2.r[n, c, u, v2] <= 0, dh2.r[n, c, u, v2], 0)
            greater(h2_r, zero, t88)
            multiply(dh2_r, t88, dh2_a)
            # dh2.a.b[c] = sum(n, u, v2: dh2.a[n, c, u, v2])
            ones2.dot(dh2_a_2d, dh2_a_b)
            # dh2.a.g_sum[c] = sum(n, u, v2: dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2])
            multiply(dh2_a, h2_a_conv2d_difference, t16)
            ones2.dot(t17_2d, dh2_a_g_sum)
            # dh2.a.g[c] = dh2.a.g_sum[c]*h2.a.v_power[c]
            multiply(dh2_a_g_sum, h2_a_v_power, dh2_a_g)
            # dh2.a.v[c] = -dh2.a.g[c]*h2.a.g[c]*h2.a.v_power[c]**2/2
            square(h2_a_v_power, dh2_a_v)
            multiply(dh2_a_v, minus_0_5, dh2_a_v)
            multiply(dh2_a_v, dh2_a_g, dh2_a_v)
            multiply(dh2_a_v, h2_a_g, dh2_a_v)
            # dh2.a.conv2d[n, o, u, v] = dh2.a[n, o, u, v]*h2.a.g[o]*h2.a.v_power[o]
            #     + h2.a.conv2d_difference[n, o, u, v]*dh2.a.v[o]/(8*N)
            #     - dh2.a.b[o]*h2.a.g[o]*h2.a.v_power[o]/(16*N)
            multiply(dh2_a_v, c5, t104)
            t16[...] = t104
            multiply(h2_a_conv2d_difference, t16, t105)
            multiply(h2_a_g, h2_a_v_power, t104)
            t16[...] = t104
            multiply(dh2_a, t16, dh2_a_conv2d)
            add(t105, dh2_a_conv2d, t105)
            multiply(dh2_a_b, c2, t104)
            multiply(t104, h2_a_g, t104)
            multiply(t104, h2_a_v_power, t104)
            t16[...] = t104
            subtract(t105, t16, dh2_a_conv2d)
            # dh2.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh2.a.conv2d[n, o, u, v]*(h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
            h1_padded_windows_2d_T.dot(dh2_a_conv2d_2d, t111_2d)
            add_reduce(t111_view, 1, None, t112)
            dh2_a_conv2d_W_part[...] = t112_T
            add_reduce(t111_view2, 1, None, t112)
            dh2_a_conv2d_W_part2[...] = t112_T
            add_reduce(t111_view3, 1, None, t112)
            dh2_a_conv2d_W_part3[...] = t112_T
            # dh1[n, c, 2*u + p, 2*v + q] += sum(o: dh2.b[n, o, u, v]*h2.s.W[o, c, p, q])
            dh1.fill(0)
            t115[...] = h2_s_W_T0231
            dh2_b_2d.dot(t115_2d, t116_2d)
            add(dh1_view, t116_T013245, dh1_view)
            # dh1[n, c, 2*u + p - 1, 2*v + q - 1] +=
            #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
            #     dh2.a.conv2d[n, o, u, v]*h2.a.conv2d.W[o, c, p, q])
            h2_a_conv2d_W_2d_T.dot(dh2_a_conv2d_2d2_T, t117_2d)
            dh1_bordered.fill(0)
            for part2, term2 in zip(dh1_bordered_slices, t117_slices, strict=True):
                add(part2, term2, part2)
            add(dh1, dh1_bordered_part, dh1)
            # dh1.b[n, c, u, v2] = where(not h1[n, c, u, v2] <= 0, dh1[n, c, u, v2], 0)
            greater(h1, zero, t118)
            multiply(dh1, t118, dh1_b)
            # dh1.b.b[c] = sum(n, u, v2: dh1.b[n, c, u, v2])
            ones.dot(dh1_b_2d, dh1_b_b)
            # dh1.b.g_sum[c] = sum(n, u, v2: dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2])
            multiply(dh1_b, h1_b_conv2d_difference, t10)
            ones.dot(t10_2d, dh1_b_g_sum)
            # dh1.b.g[c] = dh1.b.g_sum[c]*h1.b.v_power[c]
            multiply(dh1_b_g_sum, h1_b_v_power, dh1_b_g)
            # dh1.b.v[c] = -dh1.b.g[c]*h1.b.g[c]*h1.b.v_power[c]**2/2
            square(h1_b_v_power, dh1_b_v)
            multiply(dh1_b_v, minus_0_5, dh1_b_v)
            multiply(dh1_b_v, dh1_b_g, dh1_b_v)
            multiply(dh1_b_v, h1_b_g, dh1_b_v)
            # dh1.b.conv2d[n, o, u, v] = dh1.b[n, o, u, v]*h1.b.g[o]*h1.b.v_power[o]
            #     + h1.b.conv2d_difference[n, o, u, v]*dh1.b.v[o]/(32*N)
            #     - dh1.b.b[o]*h1.b.g[o]*h1.b.v_power[o]/(64*N)
            multiply(dh1_b_v, c6, t120)
            t0[...] = t120
            multiply(h1_b_conv2d_difference, t0, dh1_b_conv2d)
            multiply(h1_b_g, h1_b_v_power, t120)
            t0[...] = t120
            multiply(dh1_b, t0, t10)
            add(dh1_b_conv2d, t10, dh1_b_conv2d)
            multiply(dh1_b_b, c, t120)
            multiply(t120, h1_b_g, t120)
            multiply(t120, h1_b_v_power, t120)
            t0[...] = t120
            subtract(dh1_b_conv2d, t0, dh1_b_conv2d)
            # dh1.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh1.b.conv2d[n, o, u, v]*(h1.r[n, c, p + u - 1, q + v - 1] else 0))
            h1_r_padded_windows_2d_T.dot(dh1_b_conv2d_2d, t127_2d)
            add_reduce(t127_view, 1, None, t128)
            dh1_b_conv2d_W_part[...] = t128_T
            add_reduce(t127_view2, 1, None, t128)
            dh1_b_conv2d_W_part2[...] = t128_T
            add_reduce(t127_view3, 1, None, t128)
            dh1_b_conv2d_W_part3[...] = t128_T
            # dh1.r[n, k, u, v] = sum(o, p, q:
            #     (dh1.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h1.b.conv2d.W[o, k, p, q])
            dh1_b_conv2d_padded.fill(0)
            dh1_b_conv2d_padded_part[...] = dh1_b_conv2d
            band8_view[...] = h1_b_conv2d_W_part3_flip_T201_b1011
            band8_view2[...] = h1_b_conv2d_W_part2_flip_T201_b1011
            band8_view3[...] = h1_b_conv2d_W_part_flip_T201_b1011
            dh1_b_conv2d_padded_windows[...] = dh1_b_conv2d_padded_view_T02134
            dh1_b_conv2d_padded_windows_2d.dot(band8_2d, dh1_r_2d)
            # dh1.a[n, c, u, v2] = where(not h1.r[n, c, u, v2] <= 0, dh1.r[n, c, u, v2], 0)
            greater(h1_r, zero, t118)
            multiply(dh1_r, t118, dh1_a)
            # dh1.a.b[c] = sum(n, u, v2: dh1.a[n, c, u, v2])
            ones.dot(dh1_a_2d, dh1_a_b)
            # dh1.a.g_sum[c] = sum(n, u, v2: dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2])
            multiply(dh1_a, h1_a_conv2d_difference, t3)
            ones.dot(t3_2d, dh1_a_g_sum)
            # dh1.a.g[c] = dh1.a.g_sum[c]*h1.a.v_power[c]
            multiply(dh1_a_g_sum, h1_a_v_power, dh1_a_g)
            # dh1.a.v[c] = -dh1.a.g[c]*h1.a.g[c]*h1.a.v_power[c]**2/2
            square(h1_a_v_power, dh1_a_v)
            multiply(dh1_a_v, minus_0_5, dh1_a_v)
            multiply(dh1_a_v, dh1_a_g, dh1_a_v)
            multiply(dh1_a_v, h1_a_g, dh1_a_v)
            # dh1.a.conv2d[n, o, u, v] = dh1.a[n, o, u, v]*h1.a.g[o]*h1.a.v_power[o]
            #     + h1.a.conv2d_difference[n, o, u, v]*dh1.a.v[o]/(32*N)
            #     - dh1.a.b[o]*h1.a.g[o]*h1.a.v_power[o]/(64*N)
            multiply(dh1_a_v, c6, t133)
            t0[...] = t133
            multiply(h1_a_conv2d_difference, t0, t134)
            multiply(h1_a_g, h1_a_v_power, t133)
            t0[...] = t133
            multiply(dh1_a, t0, dh1_a_conv2d)
            add(t134, dh1_a_conv2d, t134)
            multiply(dh1_a_b, c, t133)
            multiply(t133, h1_a_g, t133)
            multiply(t133, h1_a_v_power, t133)
            t0[...] = t133
            subtract(t134, t0, dh1_a_conv2d)
            # dh1.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh1.a.conv2d[n, o, u, v]*(h0[n, c, p + u - 1, q + v - 1] else 0))
            h0_padded_windows_2d_T.dot(dh1_a_conv2d_2d, t127_2d)
            add_reduce(t127_view, 1, None, t128)
            dh1_a_conv2d_W_part[...] = t128_T
            add_reduce(t127_view2, 1, None, t128)
            dh1_a_conv2d_W_part2[...] = t128_T
            add_reduce(t127_view3, 1, None, t128)
            dh1_a_conv2d_W_part3[...] = t128_T
            # dh0[n, o, u, v] += sum(o2, p, q:
            #     (dh1.a.conv2d[n, o2, u + 1 - p, v + 1 - q] else 0)*h1.a.conv2d.W[o2, o, p, q])
            dh1_a_conv2d_padded.fill(0)
            dh1_a_conv2d_padded_part[...] = dh1_a_conv2d
            band9_view[...] = h1_a_conv2d_W_part3_flip_T201_b1011
            band9_view2[...] = h1_a_conv2d_W_part2_flip_T201_b1011
            band9_view3[...] = h1_a_conv2d_W_part_flip_T201_b1011
            dh1_a_conv2d_padded_windows[...] = dh1_a_conv2d_padded_view_T02134
            dh1_a_conv2d_padded_windows_2d.dot(band9_2d, dh0_2d)
            # dh0[n, o, u, v] += dh1.b[n, o, u, v]
            add(dh0, dh1_b, dh0)
            # dh0_sum[n, o, u, v] = where(not h0[n, o, u, v] <= 0, dh0[n, o, u, v], 0)
            greater(h0, zero, t118)
            multiply(dh0, t118, dh0_sum)
            # dh0.b[o] = sum(n, u, v: dh0_sum[n, o, u, v])
            ones.dot(dh0_sum_2d, dh0_b)
            # dh0.W[o, c, p, q] = sum(n, u, v:
            #     dh0_sum[n, o, u, v]*(image[n, c, p + u - 1, q + v - 1] else 0))
            image_padded_windows_2d_T.dot(dh0_sum_2d2, t145_2d)
            add_reduce(t145_view, 1, None, t146)
            dh0_W_part[...] = t146_T
            add_reduce(t145_view2, 1, None, t146)
            dh0_W_part2[...] = t146_T
            add_reduce(t145_view3, 1, None, t146)
            dh0_W_part3[...] = t146_T

            return (
                float(loss),
                {
                    "h0.W": dh0_W,
                    "h0.b": dh0_b,
                    "h1.a.conv2d.W": dh1_a_conv2d_W,
                    "h1.a.g": dh1_a_g,
                    "h1.a.b": dh1_a_b,
                    "h1.b.conv2d.W": dh1_b_conv2d_W,
                    "h1.b.g": dh1_b_g,
                    "h1.b.b": dh1_b_b,
                    "h2.a.conv2d.W": dh2_a_conv2d_W,
                    "h2.a.g": dh2_a_g,
                    "h2.a.b": dh2_a_b,
                    "h2.b.conv2d.W": dh2_b_conv2d_W,
                    "h2.b.g": dh2_b_g,
                    "h2.b.b": dh2_b_b,
                    "h2.s.W": dh2_s_W,
                    "h3.a.conv2d.W": dh3_a_conv2d_W,
                    "h3.a.g": dh3_a_g,
                    "h3.a.b": dh3_a_b,
                    "h3.b.conv2d.W": dh3_b_conv2d_W,
                    "h3.b.g": dh3_b_g,
                    "h3.b.b": dh3_b_b,
                    "h3.s.W": dh3_s_W,
                    "logits.W": dlogits_W,
                    "logits.b": dlogits_b,
                },
                {
                    "h1.a.rm": h1_a_rm_next.copy(),
                    "h1.a.rv": h1_a_rv_next.copy(),
                    "h1.b.rm": h1_b_rm_next.copy(),
                    "h1.b.rv": h1_b_rv_next.copy(),
                    "h2.a.rm": h2_a_rm_next.copy(),
                    "h2.a.rv": h2_a_rv_next.copy(),
                    "h2.b.rm": h2_b_rm_next.copy(),
                    "h2.b.rv": h2_b_rv_next.copy(),
                    "h3.a.rm": h3_a_rm_next.copy(),
                    "h3.a.rv": h3_a_rv_next.copy(),
                    "h3.b.rm": h3_b_rm_next.copy(),
                    "h3.b.rv": h3_b_rv_next.copy(),
                },
            )

        return fits, run

    return bind


class Workspace:
    """The arrays of loss_and_grad, used again from call to call. Every thread needs one of its own.

    It keeps those of the last few sizes, since the last batch of an epoch is often smaller.
    """

    KEPT = 4

    def __init__(self):
        self._steps = {}
        self.fits = self.run = self._nothing

    def prepare(self, params, *sizes):
        """Get ready for these parameters, and for inputs of these sizes."""
        bind = self._steps.pop(sizes, None) or _step(*sizes)
        self._steps[sizes] = bind
        if len(self._steps) > self.KEPT:
            del self._steps[next(iter(self._steps))]
        self.fits, self.run = bind(params)
        if not all(np.asarray(value).flags.c_contiguous for value in params.values()):
            self.fits = self._nothing  # views of them may be copies, to be made anew for every call

    @staticmethod
    def _nothing(*arguments):
        """What fits before the first call."""
        return False


# --- inference mode ---


def predict(params, state, image):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    state   a dict with an array for each of STATE, of the dtype of params
    image   shape (N, 3, 8, 8), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    _check_arrays("state", state, STATE, dtype)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 3, 8, 8), dtype)
    h0_W = params["h0.W"]
    h0_b = params["h0.b"]
    h1_a_conv2d_W = params["h1.a.conv2d.W"]
    h1_a_g = params["h1.a.g"]
    h1_a_b = params["h1.a.b"]
    h1_b_conv2d_W = params["h1.b.conv2d.W"]
    h1_b_g = params["h1.b.g"]
    h1_b_b = params["h1.b.b"]
    h2_a_conv2d_W = params["h2.a.conv2d.W"]
    h2_a_g = params["h2.a.g"]
    h2_a_b = params["h2.a.b"]
    h2_b_conv2d_W = params["h2.b.conv2d.W"]
    h2_b_g = params["h2.b.g"]
    h2_b_b = params["h2.b.b"]
    h2_s_W = params["h2.s.W"]
    h3_a_conv2d_W = params["h3.a.conv2d.W"]
    h3_a_g = params["h3.a.g"]
    h3_a_b = params["h3.a.b"]
    h3_b_conv2d_W = params["h3.b.conv2d.W"]
    h3_b_g = params["h3.b.g"]
    h3_b_b = params["h3.b.b"]
    h3_s_W = params["h3.s.W"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]
    h1_a_rm = state["h1.a.rm"]
    h1_a_rv = state["h1.a.rv"]
    h1_b_rm = state["h1.b.rm"]
    h1_b_rv = state["h1.b.rv"]
    h2_a_rm = state["h2.a.rm"]
    h2_a_rv = state["h2.a.rv"]
    h2_b_rm = state["h2.b.rm"]
    h2_b_rv = state["h2.b.rv"]
    h3_a_rm = state["h3.a.rm"]
    h3_a_rv = state["h3.a.rv"]
    h3_b_rm = state["h3.b.rm"]
    h3_b_rv = state["h3.b.rv"]

    h0_sum = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_a = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_r = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_b_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_b = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1 = h0_sum  # h0_sum is not needed any more
    h2_a_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_a = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_r = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_b = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_s = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2 = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_r = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_conv2d = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3_b = h3_b_conv2d  # h3_b_conv2d is not needed any more
    h3_s = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3 = h3_b_conv2d  # h3_b_conv2d is not needed any more
    logits_global_avg_pool = np.empty((N, 16), dtype)
    logits = np.empty((N, 10), dtype)
    image_padded = np.zeros((N, 10, 8, 3), dtype)
    image_padded_part = image_padded[:, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 8, 8, 3),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[3],
        ),
    )
    band = np.zeros((3, 8, 3, 8, 4), dtype)
    band_view = np.lib.stride_tricks.as_strided(
        band[:, :, :, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view2 = np.lib.stride_tricks.as_strided(
        band,
        (3, 8, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view3 = np.lib.stride_tricks.as_strided(
        band[:, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    image_padded_view_T02134 = image_padded_view.transpose(0, 2, 1, 3, 4)
    image_padded_windows = np.empty((N, 8, 3, 8, 3), dtype)
    image_padded_windows_2d = image_padded_windows.reshape(8 * N, 72)
    band_2d = band.reshape(72, 32)
    h0_sum_2d = h0_sum.reshape(8 * N, 32)
    t0 = np.empty((8, 8, 4), dtype)
    zero = np.array(0, dtype)
    h0_padded = np.zeros((N, 10, 8, 4), dtype)
    h0_padded_part = h0_padded[:, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 3, 8, 8, 4),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[3],
        ),
    )
    band2 = np.zeros((3, 8, 4, 8, 4), dtype)
    band2_view = np.lib.stride_tricks.as_strided(
        band2[:, :, :, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view2 = np.lib.stride_tricks.as_strided(
        band2,
        (3, 8, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view3 = np.lib.stride_tricks.as_strided(
        band2[:, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    h0_padded_view_T02134 = h0_padded_view.transpose(0, 2, 1, 3, 4)
    h0_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    h0_padded_windows_2d = h0_padded_windows.reshape(8 * N, 96)
    band2_2d = band2.reshape(96, 32)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(8 * N, 32)
    t1 = np.empty(4, dtype)
    c1em05 = np.array(1e-05, dtype)
    t2 = np.empty(4, dtype)
    h1_r_padded = np.zeros((N, 10, 8, 4), dtype)
    h1_r_padded_part = h1_r_padded[:, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 3, 8, 8, 4),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
        ),
    )
    band3 = np.zeros((3, 8, 4, 8, 4), dtype)
    band3_view = np.lib.stride_tricks.as_strided(
        band3[:, :, :, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view2 = np.lib.stride_tricks.as_strided(
        band3,
        (3, 8, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view3 = np.lib.stride_tricks.as_strided(
        band3[:, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    h1_r_padded_view_T02134 = h1_r_padded_view.transpose(0, 2, 1, 3, 4)
    h1_r_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    h1_r_padded_windows_2d = h1_r_padded_windows.reshape(8 * N, 96)
    band3_2d = band3.reshape(96, 32)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(8 * N, 32)
    h1_padded = np.zeros((N, 9, 8, 4), dtype)
    h1_padded_part = h1_padded[:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 3, 8, 4),
        (
            h1_padded.strides[0],
            2 * h1_padded.strides[1],
            h1_padded.strides[1],
            h1_padded.strides[2],
            h1_padded.strides[3],
        ),
    )
    band4 = np.zeros((3, 8, 4, 4, 8), dtype)
    band4_view = np.lib.stride_tricks.as_strided(
        band4[:, 1:, :, 1:],
        (3, 3, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view2 = np.lib.stride_tricks.as_strided(
        band4,
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view3 = np.lib.stride_tricks.as_strided(
        band4[:, 1:],
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    h1_padded_windows = np.empty((N, 4, 3, 8, 4), dtype)
    h1_padded_windows_2d = h1_padded_windows.reshape(4 * N, 96)
    band4_2d = band4.reshape(96, 32)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(4 * N, 32)
    t3 = np.empty(8, dtype)
    t4 = np.empty(8, dtype)
    h2_r_padded = np.zeros((N, 6, 4, 8), dtype)
    h2_r_padded_part = h2_r_padded[:, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 3, 4, 4, 8),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
        ),
    )
    band5 = np.zeros((3, 4, 8, 4, 8), dtype)
    band5_view = np.lib.stride_tricks.as_strided(
        band5[:, :, :, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view2 = np.lib.stride_tricks.as_strided(
        band5,
        (3, 4, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view3 = np.lib.stride_tricks.as_strided(
        band5[:, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    h2_r_padded_view_T02134 = h2_r_padded_view.transpose(0, 2, 1, 3, 4)
    h2_r_padded_windows = np.empty((N, 4, 3, 4, 8), dtype)
    h2_r_padded_windows_2d = h2_r_padded_windows.reshape(4 * N, 96)
    band5_2d = band5.reshape(96, 32)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(4 * N, 32)
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (N, 4, 1, 4, 1, 4),
        (
            h1.strides[0],
            2 * h1.strides[1],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            h1.strides[3],
        ),
    )
    t5 = np.empty((1, 1, 4, N, 4, 4), dtype)
    h1_view_T245013 = h1_view.transpose(2, 4, 5, 0, 1, 3)
    t5_2d = t5.reshape(4, 16 * N)
    t5_2d_T = t5_2d.T
    t6 = np.empty((8, 1, 1, 4), dtype)
    t6_2d = t6.reshape(8, 4)
    t6_2d_T = t6_2d.T
    h2_s_2d = h2_s.reshape(16 * N, 8)
    h2_padded = np.zeros((N, 5, 5, 8), dtype)
    h2_padded_part = h2_padded[:, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (N, 2, 3, 2, 3, 8),
        (
            h2_padded.strides[0],
            2 * h2_padded.strides[1],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            h2_padded.strides[3],
        ),
    )
    t7 = np.empty((16, 3, 3, 8), dtype)
    t7_2d = t7.reshape(16, 72)
    h2_padded_view_T013245 = h2_padded_view.transpose(0, 1, 3, 2, 4, 5)
    h2_padded_windows = np.empty((N, 2, 2, 3, 3, 8), dtype)
    h2_padded_windows_2d = h2_padded_windows.reshape(4 * N, 72)
    h2_padded_windows_2d_T = h2_padded_windows_2d.T
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    t8 = np.empty(16, dtype)
    t8_b1000 = t8[:, None, None, None]
    t9 = np.empty(16, dtype)
    t9_b1000 = t9[:, None, None, None]
    h3_r_padded = np.zeros((16, N, 4, 2), dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, N, 3, 2, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
        ),
    )
    h3_r_padded_view_T13402 = h3_r_padded_view.transpose(1, 3, 4, 0, 2)
    h3_r_padded_windows = np.empty((N, 2, 2, 16, 3), dtype)
    h3_r_padded_windows_2d = h3_r_padded_windows.reshape(4 * N, 48)
    t10 = np.empty((16, 3, 16, 3), dtype)
    t10_2d = t10.reshape(48, 48)
    t10_2d_T = t10_2d.T
    t11 = np.empty((N, 2, 2, 16, 3), dtype)
    t11_2d = t11.reshape(4 * N, 48)
    t11_view = np.lib.stride_tricks.as_strided(
        t11[:, :, :, :, 1:],
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    t11_view2 = np.lib.stride_tricks.as_strided(
        t11,
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    h3_b_conv2d_part = h3_b_conv2d[:, :, 0, :]
    t12 = np.empty((N, 2, 16), dtype)
    h3_b_conv2d_part2 = h3_b_conv2d[:, :, 1, :]
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (N, 2, 1, 2, 1, 8),
        (
            h2.strides[0],
            2 * h2.strides[1],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            h2.strides[3],
        ),
    )
    t13 = np.empty((N, 2, 2, 1, 1, 8), dtype)
    h2_view_T013245 = h2_view.transpose(0, 1, 3, 2, 4, 5)
    t13_2d = t13.reshape(4 * N, 8)
    t14 = np.empty((16, 1, 1, 8), dtype)
    t14_2d = t14.reshape(16, 8)
    t14_2d_T = t14_2d.T
    h3_s_2d = h3_s.reshape(4 * N, 16)
    weights = np.full(4, 0.25, dtype)
    h3_3d = h3.reshape(N, 4, 16)

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image.transpose(0, 2, 3, 1)
    band_view[...] = h0_W[:, :, :, 0].T[:, None, :, :]
    band_view2[...] = h0_W[:, :, :, 1].T[:, None, :, :]
    band_view3[...] = h0_W[:, :, :, 2].T[:, None, :, :]
    image_padded_windows[...] = image_padded_view_T02134
    image_padded_windows_2d.dot(band_2d, out=h0_sum_2d)
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    t0[...] = h0_b
    np.add(h0_sum, t0, out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    band2_view[...] = h1_a_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band2_view2[...] = h1_a_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band2_view3[...] = h1_a_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h0_padded_windows[...] = h0_padded_view_T02134
    h0_padded_windows_2d.dot(band2_2d, out=h1_a_conv2d_2d)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.conv2d[n, c, u, v2]*h1.a.g[c]/sqrt(h1.a.rv[c] + 1/100000)
    #     - h1.a.g[c]*h1.a.rm[c]/sqrt(h1.a.rv[c] + 1/100000)
    t0[...] = h1_a_g
    np.multiply(h1_a_conv2d, t0, out=h1_a)
    np.add(h1_a_rv, c1em05, out=t1)
    np.sqrt(t1, out=t1)
    t0[...] = t1
    np.divide(h1_a, t0, out=h1_a)
    t0[...] = h1_a_b
    np.add(h1_a, t0, out=h1_a)
    np.multiply(h1_a_g, h1_a_rm, out=t2)
    np.divide(t2, t1, out=t2)
    t0[...] = t2
    np.subtract(h1_a, t0, out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    band3_view[...] = h1_b_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band3_view2[...] = h1_b_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band3_view3[...] = h1_b_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h1_r_padded_windows[...] = h1_r_padded_view_T02134
    h1_r_padded_windows_2d.dot(band3_2d, out=h1_b_conv2d_2d)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.conv2d[n, c, u, v2]*h1.b.g[c]/sqrt(h1.b.rv[c] + 1/100000)
    #     - h1.b.g[c]*h1.b.rm[c]/sqrt(h1.b.rv[c] + 1/100000)
    t0[...] = h1_b_g
    np.multiply(h1_b_conv2d, t0, out=h1_b)
    np.add(h1_b_rv, c1em05, out=t1)
    np.sqrt(t1, out=t1)
    t0[...] = t1
    np.divide(h1_b, t0, out=h1_b)
    t0[...] = h1_b_b
    np.add(h1_b, t0, out=h1_b)
    np.multiply(h1_b_g, h1_b_rm, out=t2)
    np.divide(t2, t1, out=t2)
    t0[...] = t2
    np.subtract(h1_b, t0, out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    band4_view[...] = h2_a_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band4_view2[...] = h2_a_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band4_view3[...] = h2_a_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h1_padded_windows[...] = h1_padded_view
    h1_padded_windows_2d.dot(band4_2d, out=h2_a_conv2d_2d)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.conv2d[n, c, u, v2]*h2.a.g[c]/sqrt(h2.a.rv[c] + 1/100000)
    #     - h2.a.g[c]*h2.a.rm[c]/sqrt(h2.a.rv[c] + 1/100000)
    np.multiply(h2_a_conv2d, h2_a_g, out=h2_a)
    np.add(h2_a_rv, c1em05, out=t3)
    np.sqrt(t3, out=t3)
    np.divide(h2_a, t3, out=h2_a)
    np.add(h2_a, h2_a_b, out=h2_a)
    np.multiply(h2_a_g, h2_a_rm, out=t4)
    np.divide(t4, t3, out=t4)
    np.subtract(h2_a, t4, out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    band5_view[...] = h2_b_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band5_view2[...] = h2_b_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band5_view3[...] = h2_b_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h2_r_padded_windows[...] = h2_r_padded_view_T02134
    h2_r_padded_windows_2d.dot(band5_2d, out=h2_b_conv2d_2d)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.conv2d[n, c, u, v2]*h2.b.g[c]/sqrt(h2.b.rv[c] + 1/100000)
    #     - h2.b.g[c]*h2.b.rm[c]/sqrt(h2.b.rv[c] + 1/100000)
    np.multiply(h2_b_conv2d, h2_b_g, out=h2_b)
    np.add(h2_b_rv, c1em05, out=t3)
    np.sqrt(t3, out=t3)
    np.divide(h2_b, t3, out=h2_b)
    np.add(h2_b, h2_b_b, out=h2_b)
    np.multiply(h2_b_g, h2_b_rm, out=t4)
    np.divide(t4, t3, out=t4)
    np.subtract(h2_b, t4, out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t5[...] = h1_view_T245013
    t6[...] = h2_s_W.transpose(0, 2, 3, 1)
    t5_2d_T.dot(t6_2d_T, out=h2_s_2d)
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    t7[...] = h3_a_conv2d_W.transpose(0, 2, 3, 1)
    h2_padded_windows[...] = h2_padded_view_T013245
    t7_2d.dot(h2_padded_windows_2d_T, out=h3_a_conv2d_2d)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.conv2d[n, c, u, v2]*h3.a.g[c]/sqrt(h3.a.rv[c] + 1/100000)
    #     - h3.a.g[c]*h3.a.rm[c]/sqrt(h3.a.rv[c] + 1/100000)
    np.multiply(h3_a_conv2d, h3_a_g[:, None, None, None], out=h3_a)
    np.add(h3_a_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.divide(h3_a, t8_b1000, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None, None], out=h3_a)
    np.multiply(h3_a_g, h3_a_rm, out=t9)
    np.divide(t9, t8, out=t9)
    np.subtract(h3_a, t9_b1000, out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    h3_r_padded_windows[...] = h3_r_padded_view_T13402
    t10[...] = h3_b_conv2d_W.transpose(0, 3, 1, 2)
    h3_r_padded_windows_2d.dot(t10_2d_T, out=t11_2d)
    np.add.reduce(t11_view, axis=2, out=t12)
    h3_b_conv2d_part[...] = t12
    np.add.reduce(t11_view2, axis=2, out=t12)
    h3_b_conv2d_part2[...] = t12
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.conv2d[n, c, u, v2]*h3.b.g[c]/sqrt(h3.b.rv[c] + 1/100000)
    #     - h3.b.g[c]*h3.b.rm[c]/sqrt(h3.b.rv[c] + 1/100000)
    np.multiply(h3_b_conv2d, h3_b_g, out=h3_b)
    np.add(h3_b_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.divide(h3_b, t8, out=h3_b)
    np.add(h3_b, h3_b_b, out=h3_b)
    np.multiply(h3_b_g, h3_b_rm, out=t9)
    np.divide(t9, t8, out=t9)
    np.subtract(h3_b, t9, out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t13[...] = h2_view_T013245
    t14[...] = h3_s_W.transpose(0, 2, 3, 1)
    t13_2d.dot(t14_2d_T, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b, h3_s, out=h3)
    np.maximum(h3, zero, out=h3)
    # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
    np.matmul(weights, h3_3d, out=logits_global_avg_pool)
    # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
    logits_global_avg_pool.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)

    return {"logits": logits}


def evaluate(params, state, image, y):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    state   a dict with an array for each of STATE, of the dtype of params
    image   shape (N, 3, 8, 8), of the dtype of params
    y       shape (N,), integers in 0..9
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    _check_arrays("state", state, STATE, dtype)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 3, 8, 8), dtype)
    y = _integer("y", y, (N,), 10)
    h0_W = params["h0.W"]
    h0_b = params["h0.b"]
    h1_a_conv2d_W = params["h1.a.conv2d.W"]
    h1_a_g = params["h1.a.g"]
    h1_a_b = params["h1.a.b"]
    h1_b_conv2d_W = params["h1.b.conv2d.W"]
    h1_b_g = params["h1.b.g"]
    h1_b_b = params["h1.b.b"]
    h2_a_conv2d_W = params["h2.a.conv2d.W"]
    h2_a_g = params["h2.a.g"]
    h2_a_b = params["h2.a.b"]
    h2_b_conv2d_W = params["h2.b.conv2d.W"]
    h2_b_g = params["h2.b.g"]
    h2_b_b = params["h2.b.b"]
    h2_s_W = params["h2.s.W"]
    h3_a_conv2d_W = params["h3.a.conv2d.W"]
    h3_a_g = params["h3.a.g"]
    h3_a_b = params["h3.a.b"]
    h3_b_conv2d_W = params["h3.b.conv2d.W"]
    h3_b_g = params["h3.b.g"]
    h3_b_b = params["h3.b.b"]
    h3_s_W = params["h3.s.W"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]
    h1_a_rm = state["h1.a.rm"]
    h1_a_rv = state["h1.a.rv"]
    h1_b_rm = state["h1.b.rm"]
    h1_b_rv = state["h1.b.rv"]
    h2_a_rm = state["h2.a.rm"]
    h2_a_rv = state["h2.a.rv"]
    h2_b_rm = state["h2.b.rm"]
    h2_b_rv = state["h2.b.rv"]
    h3_a_rm = state["h3.a.rm"]
    h3_a_rv = state["h3.a.rv"]
    h3_b_rm = state["h3.b.rm"]
    h3_b_rv = state["h3.b.rv"]

    h0_sum = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_a = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_r = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_b_conv2d = np.empty((N, 8, 8, 4), dtype)  # dimensions in another order
    h1_b = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1 = h0_sum  # h0_sum is not needed any more
    h2_a_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_a = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_r = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_conv2d = np.empty((N, 4, 4, 8), dtype)  # dimensions in another order
    h2_b = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_s = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2 = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_r = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_conv2d = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3_b = h3_b_conv2d  # h3_b_conv2d is not needed any more
    h3_s = np.empty((N, 2, 2, 16), dtype)  # dimensions in another order
    h3 = h3_b_conv2d  # h3_b_conv2d is not needed any more
    logits_global_avg_pool = np.empty((N, 16), dtype)
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    accuracy_argmax = np.empty(N, np.intp)
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_sumexp = logits_max  # logits_max is not needed any more
    image_padded = np.zeros((N, 10, 8, 3), dtype)
    image_padded_part = image_padded[:, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 8, 8, 3),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[3],
        ),
    )
    band = np.zeros((3, 8, 3, 8, 4), dtype)
    band_view = np.lib.stride_tricks.as_strided(
        band[:, :, :, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view2 = np.lib.stride_tricks.as_strided(
        band,
        (3, 8, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    band_view3 = np.lib.stride_tricks.as_strided(
        band[:, 1:],
        (3, 7, 3, 4),
        (band.strides[0], band.strides[1] + band.strides[3], band.strides[2], band.strides[4]),
    )
    image_padded_view_T02134 = image_padded_view.transpose(0, 2, 1, 3, 4)
    image_padded_windows = np.empty((N, 8, 3, 8, 3), dtype)
    image_padded_windows_2d = image_padded_windows.reshape(8 * N, 72)
    band_2d = band.reshape(72, 32)
    h0_sum_2d = h0_sum.reshape(8 * N, 32)
    t0 = np.empty((8, 8, 4), dtype)
    zero = np.array(0, dtype)
    h0_padded = np.zeros((N, 10, 8, 4), dtype)
    h0_padded_part = h0_padded[:, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 3, 8, 8, 4),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[3],
        ),
    )
    band2 = np.zeros((3, 8, 4, 8, 4), dtype)
    band2_view = np.lib.stride_tricks.as_strided(
        band2[:, :, :, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view2 = np.lib.stride_tricks.as_strided(
        band2,
        (3, 8, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    band2_view3 = np.lib.stride_tricks.as_strided(
        band2[:, 1:],
        (3, 7, 4, 4),
        (band2.strides[0], band2.strides[1] + band2.strides[3], band2.strides[2], band2.strides[4]),
    )
    h0_padded_view_T02134 = h0_padded_view.transpose(0, 2, 1, 3, 4)
    h0_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    h0_padded_windows_2d = h0_padded_windows.reshape(8 * N, 96)
    band2_2d = band2.reshape(96, 32)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(8 * N, 32)
    t1 = np.empty(4, dtype)
    c1em05 = np.array(1e-05, dtype)
    t2 = np.empty(4, dtype)
    h1_r_padded = np.zeros((N, 10, 8, 4), dtype)
    h1_r_padded_part = h1_r_padded[:, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 3, 8, 8, 4),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
        ),
    )
    band3 = np.zeros((3, 8, 4, 8, 4), dtype)
    band3_view = np.lib.stride_tricks.as_strided(
        band3[:, :, :, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view2 = np.lib.stride_tricks.as_strided(
        band3,
        (3, 8, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    band3_view3 = np.lib.stride_tricks.as_strided(
        band3[:, 1:],
        (3, 7, 4, 4),
        (band3.strides[0], band3.strides[1] + band3.strides[3], band3.strides[2], band3.strides[4]),
    )
    h1_r_padded_view_T02134 = h1_r_padded_view.transpose(0, 2, 1, 3, 4)
    h1_r_padded_windows = np.empty((N, 8, 3, 8, 4), dtype)
    h1_r_padded_windows_2d = h1_r_padded_windows.reshape(8 * N, 96)
    band3_2d = band3.reshape(96, 32)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(8 * N, 32)
    h1_padded = np.zeros((N, 9, 8, 4), dtype)
    h1_padded_part = h1_padded[:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 3, 8, 4),
        (
            h1_padded.strides[0],
            2 * h1_padded.strides[1],
            h1_padded.strides[1],
            h1_padded.strides[2],
            h1_padded.strides[3],
        ),
    )
    band4 = np.zeros((3, 8, 4, 4, 8), dtype)
    band4_view = np.lib.stride_tricks.as_strided(
        band4[:, 1:, :, 1:],
        (3, 3, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view2 = np.lib.stride_tricks.as_strided(
        band4,
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    band4_view3 = np.lib.stride_tricks.as_strided(
        band4[:, 1:],
        (3, 4, 4, 8),
        (
            band4.strides[0],
            2 * band4.strides[1] + band4.strides[3],
            band4.strides[2],
            band4.strides[4],
        ),
    )
    h1_padded_windows = np.empty((N, 4, 3, 8, 4), dtype)
    h1_padded_windows_2d = h1_padded_windows.reshape(4 * N, 96)
    band4_2d = band4.reshape(96, 32)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(4 * N, 32)
    t3 = np.empty(8, dtype)
    t4 = np.empty(8, dtype)
    h2_r_padded = np.zeros((N, 6, 4, 8), dtype)
    h2_r_padded_part = h2_r_padded[:, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 3, 4, 4, 8),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
        ),
    )
    band5 = np.zeros((3, 4, 8, 4, 8), dtype)
    band5_view = np.lib.stride_tricks.as_strided(
        band5[:, :, :, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view2 = np.lib.stride_tricks.as_strided(
        band5,
        (3, 4, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    band5_view3 = np.lib.stride_tricks.as_strided(
        band5[:, 1:],
        (3, 3, 8, 8),
        (band5.strides[0], band5.strides[1] + band5.strides[3], band5.strides[2], band5.strides[4]),
    )
    h2_r_padded_view_T02134 = h2_r_padded_view.transpose(0, 2, 1, 3, 4)
    h2_r_padded_windows = np.empty((N, 4, 3, 4, 8), dtype)
    h2_r_padded_windows_2d = h2_r_padded_windows.reshape(4 * N, 96)
    band5_2d = band5.reshape(96, 32)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(4 * N, 32)
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (N, 4, 1, 4, 1, 4),
        (
            h1.strides[0],
            2 * h1.strides[1],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            h1.strides[3],
        ),
    )
    t5 = np.empty((1, 1, 4, N, 4, 4), dtype)
    h1_view_T245013 = h1_view.transpose(2, 4, 5, 0, 1, 3)
    t5_2d = t5.reshape(4, 16 * N)
    t5_2d_T = t5_2d.T
    t6 = np.empty((8, 1, 1, 4), dtype)
    t6_2d = t6.reshape(8, 4)
    t6_2d_T = t6_2d.T
    h2_s_2d = h2_s.reshape(16 * N, 8)
    h2_padded = np.zeros((N, 5, 5, 8), dtype)
    h2_padded_part = h2_padded[:, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (N, 2, 3, 2, 3, 8),
        (
            h2_padded.strides[0],
            2 * h2_padded.strides[1],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            h2_padded.strides[3],
        ),
    )
    t7 = np.empty((16, 3, 3, 8), dtype)
    t7_2d = t7.reshape(16, 72)
    h2_padded_view_T013245 = h2_padded_view.transpose(0, 1, 3, 2, 4, 5)
    h2_padded_windows = np.empty((N, 2, 2, 3, 3, 8), dtype)
    h2_padded_windows_2d = h2_padded_windows.reshape(4 * N, 72)
    h2_padded_windows_2d_T = h2_padded_windows_2d.T
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    t8 = np.empty(16, dtype)
    t8_b1000 = t8[:, None, None, None]
    t9 = np.empty(16, dtype)
    t9_b1000 = t9[:, None, None, None]
    h3_r_padded = np.zeros((16, N, 4, 2), dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, N, 3, 2, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
        ),
    )
    h3_r_padded_view_T13402 = h3_r_padded_view.transpose(1, 3, 4, 0, 2)
    h3_r_padded_windows = np.empty((N, 2, 2, 16, 3), dtype)
    h3_r_padded_windows_2d = h3_r_padded_windows.reshape(4 * N, 48)
    t10 = np.empty((16, 3, 16, 3), dtype)
    t10_2d = t10.reshape(48, 48)
    t10_2d_T = t10_2d.T
    t11 = np.empty((N, 2, 2, 16, 3), dtype)
    t11_2d = t11.reshape(4 * N, 48)
    t11_view = np.lib.stride_tricks.as_strided(
        t11[:, :, :, :, 1:],
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    t11_view2 = np.lib.stride_tricks.as_strided(
        t11,
        (N, 2, 2, 16),
        (t11.strides[0], t11.strides[1], t11.strides[2] + t11.strides[4], t11.strides[3]),
    )
    h3_b_conv2d_part = h3_b_conv2d[:, :, 0, :]
    t12 = np.empty((N, 2, 16), dtype)
    h3_b_conv2d_part2 = h3_b_conv2d[:, :, 1, :]
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (N, 2, 1, 2, 1, 8),
        (
            h2.strides[0],
            2 * h2.strides[1],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            h2.strides[3],
        ),
    )
    t13 = np.empty((N, 2, 2, 1, 1, 8), dtype)
    h2_view_T013245 = h2_view.transpose(0, 1, 3, 2, 4, 5)
    t13_2d = t13.reshape(4 * N, 8)
    t14 = np.empty((16, 1, 1, 8), dtype)
    t14_2d = t14.reshape(16, 8)
    t14_2d_T = t14_2d.T
    h3_s_2d = h3_s.reshape(4 * N, 16)
    weights = np.full(4, 0.25, dtype)
    h3_3d = h3.reshape(N, 4, 16)
    logits_global_avg_pool_T = logits_global_avg_pool.T
    logits_T = logits.T
    t15 = np.empty(N, bool)
    t16 = np.empty(N, dtype)
    ones = np.ones(N, dtype)
    t17 = np.empty((10, N), dtype)
    ones2 = np.ones(10, dtype)
    position = np.arange(N)
    t18 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t19 = np.empty(N, dtype)
    weights2 = np.full(N, 1 / N, dtype)

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image.transpose(0, 2, 3, 1)
    band_view[...] = h0_W[:, :, :, 0].T[:, None, :, :]
    band_view2[...] = h0_W[:, :, :, 1].T[:, None, :, :]
    band_view3[...] = h0_W[:, :, :, 2].T[:, None, :, :]
    image_padded_windows[...] = image_padded_view_T02134
    image_padded_windows_2d.dot(band_2d, out=h0_sum_2d)
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    t0[...] = h0_b
    np.add(h0_sum, t0, out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    band2_view[...] = h1_a_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band2_view2[...] = h1_a_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band2_view3[...] = h1_a_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h0_padded_windows[...] = h0_padded_view_T02134
    h0_padded_windows_2d.dot(band2_2d, out=h1_a_conv2d_2d)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.conv2d[n, c, u, v2]*h1.a.g[c]/sqrt(h1.a.rv[c] + 1/100000)
    #     - h1.a.g[c]*h1.a.rm[c]/sqrt(h1.a.rv[c] + 1/100000)
    t0[...] = h1_a_g
    np.multiply(h1_a_conv2d, t0, out=h1_a)
    np.add(h1_a_rv, c1em05, out=t1)
    np.sqrt(t1, out=t1)
    t0[...] = t1
    np.divide(h1_a, t0, out=h1_a)
    t0[...] = h1_a_b
    np.add(h1_a, t0, out=h1_a)
    np.multiply(h1_a_g, h1_a_rm, out=t2)
    np.divide(t2, t1, out=t2)
    t0[...] = t2
    np.subtract(h1_a, t0, out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    band3_view[...] = h1_b_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band3_view2[...] = h1_b_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band3_view3[...] = h1_b_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h1_r_padded_windows[...] = h1_r_padded_view_T02134
    h1_r_padded_windows_2d.dot(band3_2d, out=h1_b_conv2d_2d)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.conv2d[n, c, u, v2]*h1.b.g[c]/sqrt(h1.b.rv[c] + 1/100000)
    #     - h1.b.g[c]*h1.b.rm[c]/sqrt(h1.b.rv[c] + 1/100000)
    t0[...] = h1_b_g
    np.multiply(h1_b_conv2d, t0, out=h1_b)
    np.add(h1_b_rv, c1em05, out=t1)
    np.sqrt(t1, out=t1)
    t0[...] = t1
    np.divide(h1_b, t0, out=h1_b)
    t0[...] = h1_b_b
    np.add(h1_b, t0, out=h1_b)
    np.multiply(h1_b_g, h1_b_rm, out=t2)
    np.divide(t2, t1, out=t2)
    t0[...] = t2
    np.subtract(h1_b, t0, out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    band4_view[...] = h2_a_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band4_view2[...] = h2_a_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band4_view3[...] = h2_a_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h1_padded_windows[...] = h1_padded_view
    h1_padded_windows_2d.dot(band4_2d, out=h2_a_conv2d_2d)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.conv2d[n, c, u, v2]*h2.a.g[c]/sqrt(h2.a.rv[c] + 1/100000)
    #     - h2.a.g[c]*h2.a.rm[c]/sqrt(h2.a.rv[c] + 1/100000)
    np.multiply(h2_a_conv2d, h2_a_g, out=h2_a)
    np.add(h2_a_rv, c1em05, out=t3)
    np.sqrt(t3, out=t3)
    np.divide(h2_a, t3, out=h2_a)
    np.add(h2_a, h2_a_b, out=h2_a)
    np.multiply(h2_a_g, h2_a_rm, out=t4)
    np.divide(t4, t3, out=t4)
    np.subtract(h2_a, t4, out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    band5_view[...] = h2_b_conv2d_W[:, :, :, 0].T[:, None, :, :]
    band5_view2[...] = h2_b_conv2d_W[:, :, :, 1].T[:, None, :, :]
    band5_view3[...] = h2_b_conv2d_W[:, :, :, 2].T[:, None, :, :]
    h2_r_padded_windows[...] = h2_r_padded_view_T02134
    h2_r_padded_windows_2d.dot(band5_2d, out=h2_b_conv2d_2d)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.conv2d[n, c, u, v2]*h2.b.g[c]/sqrt(h2.b.rv[c] + 1/100000)
    #     - h2.b.g[c]*h2.b.rm[c]/sqrt(h2.b.rv[c] + 1/100000)
    np.multiply(h2_b_conv2d, h2_b_g, out=h2_b)
    np.add(h2_b_rv, c1em05, out=t3)
    np.sqrt(t3, out=t3)
    np.divide(h2_b, t3, out=h2_b)
    np.add(h2_b, h2_b_b, out=h2_b)
    np.multiply(h2_b_g, h2_b_rm, out=t4)
    np.divide(t4, t3, out=t4)
    np.subtract(h2_b, t4, out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t5[...] = h1_view_T245013
    t6[...] = h2_s_W.transpose(0, 2, 3, 1)
    t5_2d_T.dot(t6_2d_T, out=h2_s_2d)
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    t7[...] = h3_a_conv2d_W.transpose(0, 2, 3, 1)
    h2_padded_windows[...] = h2_padded_view_T013245
    t7_2d.dot(h2_padded_windows_2d_T, out=h3_a_conv2d_2d)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.conv2d[n, c, u, v2]*h3.a.g[c]/sqrt(h3.a.rv[c] + 1/100000)
    #     - h3.a.g[c]*h3.a.rm[c]/sqrt(h3.a.rv[c] + 1/100000)
    np.multiply(h3_a_conv2d, h3_a_g[:, None, None, None], out=h3_a)
    np.add(h3_a_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.divide(h3_a, t8_b1000, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None, None], out=h3_a)
    np.multiply(h3_a_g, h3_a_rm, out=t9)
    np.divide(t9, t8, out=t9)
    np.subtract(h3_a, t9_b1000, out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    h3_r_padded_windows[...] = h3_r_padded_view_T13402
    t10[...] = h3_b_conv2d_W.transpose(0, 3, 1, 2)
    h3_r_padded_windows_2d.dot(t10_2d_T, out=t11_2d)
    np.add.reduce(t11_view, axis=2, out=t12)
    h3_b_conv2d_part[...] = t12
    np.add.reduce(t11_view2, axis=2, out=t12)
    h3_b_conv2d_part2[...] = t12
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.conv2d[n, c, u, v2]*h3.b.g[c]/sqrt(h3.b.rv[c] + 1/100000)
    #     - h3.b.g[c]*h3.b.rm[c]/sqrt(h3.b.rv[c] + 1/100000)
    np.multiply(h3_b_conv2d, h3_b_g, out=h3_b)
    np.add(h3_b_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.divide(h3_b, t8, out=h3_b)
    np.add(h3_b, h3_b_b, out=h3_b)
    np.multiply(h3_b_g, h3_b_rm, out=t9)
    np.divide(t9, t8, out=t9)
    np.subtract(h3_b, t9, out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t13[...] = h2_view_T013245
    t14[...] = h3_s_W.transpose(0, 2, 3, 1)
    t13_2d.dot(t14_2d_T, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b, h3_s, out=h3)
    np.maximum(h3, zero, out=h3)
    # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
    np.matmul(weights, h3_3d, out=logits_global_avg_pool)
    # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
    logits_W.T.dot(logits_global_avg_pool_T, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b[:, None], out=logits)
    # accuracy_argmax[n] = argmax(c: logits[n, c])
    np.argmax(logits_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == y[n])/N)
    np.equal(accuracy_argmax, y, out=t15)
    t16[...] = t15
    accuracy = ones.dot(t16) / N
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=0, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max, out=logits_shifted)
    # logits_sumexp[n] = sum(c: exp(logits_shifted[n, c]))
    np.exp(logits_shifted, out=t17)
    ones2.dot(t17, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t18)
    np.add(position, t18, out=y_position)
    logits_shifted_flat.take(y_position, out=t16, mode="clip")
    np.log(logits_sumexp, out=t19)
    np.subtract(t19, t16, out=t19)
    loss = weights2.dot(t19)

    return {"loss": float(loss), "accuracy": float(accuracy)}


# --- the optimiser: momentum ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
    }


def update(params, grads, slots, *, rate=0.1, momentum=0.9):
    """One step of the optimiser: changes the arrays of params and slots in place.

    grads  as returned by loss_and_grad
    slots  as made by init_slots
    """
    dtype = _check_arrays("params", params, PARAMETERS, numbers=False)
    _check_arrays("grads", grads, PARAMETERS, dtype)
    _check_keys("slots", slots, ("v",))
    _check_arrays("slots['v']", slots["v"], PARAMETERS, dtype, numbers=False)
    for name in PARAMETERS:
        p, g = params[name], grads[name]
        v = slots["v"][name]
        # v' = g + momentum*v
        v *= momentum
        v += g
        # p' = p - rate*v'
        p -= rate * v


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (5162,):
        raise ValueError(f"theta: expected shape (5162,), got {_describe(theta)}")
    params, start = {}, 0
    for name, row in PARAMETERS.items():
        stop = start + int(np.prod(row["shape"]))
        params[name] = theta[start:stop].reshape(row["shape"])
        start = stop
    return params


# --- helpers ---


def _he_normal(rng, shape, fan_in, gain=1):
    """Normal with deviation gain*sqrt(2 / fan_in) (He et al., 2015)."""
    return rng.normal(0, gain * math.sqrt(2 / fan_in), shape)


def _glorot_uniform(rng, shape, fan_in, fan_out, gain=1):
    """Uniform within gain*sqrt(6 / (fan_in + fan_out)) of 0 (Glorot and Bengio, 2010)."""
    limit = gain * math.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-limit, limit, shape)


def _check_arrays(argument, arrays, table, dtype=None, numbers=True):
    """The dtype of a dict of arrays, whose names and shapes have to be those of the table.

    All have the same dtype, float32 or float64. A number may stand for an array of shape () where
    it is only read.
    """
    if not hasattr(arrays, "keys"):
        raise TypeError(f"{argument}: expected a dict of arrays, got {_describe(arrays)}")
    if arrays.keys() != table.keys():
        raise ValueError(f"{argument}: {_wrong_keys(arrays, table)}")
    if dtype is None:
        dtype = _float_dtype(arrays.values())
    for name, row in table.items():
        array, shape = arrays[name], row["shape"]
        if isinstance(array, np.ndarray) and array.shape == shape and array.dtype is dtype:
            continue
        if numbers and shape == () and isinstance(array, (int, float, np.floating)):
            continue
        if not isinstance(array, np.ndarray):
            raise TypeError(f"{argument}[{name!r}]: expected an array, got {_describe(array)}")
        if array.shape != shape or array.dtype != dtype:
            expected = f"shape {shape} and dtype {dtype}"
            raise ValueError(f"{argument}[{name!r}]: expected {expected}, got {_describe(array)}")
    return dtype


def _length(name, value, axis):
    """The length of an input's axis, which gives a size its value."""
    shape = INPUTS[name]["shape"]
    if not isinstance(value, np.ndarray) or value.ndim != len(shape):
        expected = f"an array of shape {_shape(shape)}"
        raise TypeError(f"{name}: expected {expected}, got {_describe(value)}")
    if value.shape[axis] < 1:
        expected = f"{shape[axis]} in shape {_shape(shape)} to be at least 1"
        raise ValueError(f"{name}: expected {expected}, got {_describe(value)}")
    return value.shape[axis]


def _real(name, value, shape, dtype):
    """A real input after checking its shape and dtype; a number counts as an array of shape ()."""
    if isinstance(value, np.ndarray) and value.shape == shape and value.dtype == dtype:
        return value
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    expected = f"shape {_named(name, shape)} and dtype {dtype}"
    error = ValueError if isinstance(value, np.ndarray) else TypeError
    raise error(f"{name}: expected an array of {expected}, got {_describe(value)}")


def _integer(name, value, shape, bound):
    """An integer input as an array of intp, after checking its shape and its values."""
    if shape == () and isinstance(value, int):
        value = np.array(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an array of integers, got {_describe(value)}")
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {_named(name, shape)}, got {_describe(value)}")
    return _indices(name, value, bound)


def _check_keys(argument, given, known):
    """Raise an error if a dict has a key that means nothing."""
    if not hasattr(given, "keys"):
        raise TypeError(f"{argument}: expected a dict, got {_describe(given)}")
    unknown = [key for key in given if key not in known]
    if unknown:
        expected = ", ".join(map(repr, known))
        raise ValueError(f"{argument}: unknown {unknown[0]!r}; expected some of {expected}")


def _upstream(name, grad_outputs, shape, dtype):
    """The gradient given for an output; zeros where none is given."""
    value = grad_outputs.get(name)
    if value is None:
        return np.zeros(shape, dtype)
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if not isinstance(value, np.ndarray) or value.shape != shape or value.dtype != dtype:
        expected = f"an array of shape {shape} and dtype {dtype}"
        raise ValueError(f"grad_outputs[{name!r}]: expected {expected}, got {_describe(value)}")
    return value


def _total(length, scale, dtype):
    """What gives the sum of so many values, times a scale: a product with ones where it is short.

    From 4,096 values on the vector would take more memory than it saves time.
    """
    if length < 4096:
        return np.full(length, scale, dtype).dot
    return lambda values: np.add.reduce(values) * scale


def _same(params, held):
    """Whether the parameters are the very arrays that are held, each under its name."""
    return all(map(operator.is_, map(params.get, PARAMETERS), held))


def _indices(name, value, bound):
    """An integer input as an array of intp, after checking that its values are 0..bound-1."""
    if value.dtype is not _INTP:
        value = value.astype(np.intp)
    # Without its sign, a value below 0 is larger than any other; and argmax costs less than max.
    if value.size and not 0 <= value.item(value.view(_UINTP).argmax()) < bound:
        worst = value.min() if value.min() < 0 else value.max()
        raise IndexError(f"{name}: expected values in 0..{bound - 1}, got {worst}")
    return value


_INTP, _UINTP = np.dtype(np.intp), np.dtype(np.uintp)


def _describe(value):
    """What was given, in words."""
    if isinstance(value, np.ndarray):
        return f"shape {value.shape} and dtype {value.dtype}"
    return f"{type(value).__name__} {value!r}"[:60]


def _wrong_keys(found, expected):
    """What is wrong with the keys of a dict, in words."""
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    words = [f"missing {', '.join(map(repr, missing))}"] if missing else []
    words += [f"unknown {', '.join(map(repr, unknown))}"] if unknown else []
    return f"{' and '.join(words)}; expected {', '.join(map(repr, expected)) or 'nothing'}"


def _float_dtype(values):
    """The dtype to calculate in: that of the first array of float32 or float64, else float64."""
    for value in values:
        if isinstance(value, np.ndarray) and value.dtype.char in "fd":
            return value.dtype
    return np.dtype(np.float64)


def _shape(shape):
    """A shape with the names of its sizes, as text."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"


def _named(name, shape):
    """An expected shape as text, with the names of sizes: `(N, 64) = (32, 64)`."""
    symbolic = INPUTS[name]["shape"]
    return str(shape) if symbolic == shape else f"{_shape(symbolic)} = {shape}"
