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

    h0_sum = np.empty((N, 4, 8, 8), dtype)
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_a_m = np.empty(4, dtype)
    h1_a_conv2d_difference = np.empty((N, 4, 8, 8), dtype)
    h1_a_v = np.empty(4, dtype)
    h1_a_rm_next = h1_a_m  # h1_a_m is not needed any more
    h1_a_rv_next = np.empty(4, dtype)
    h1_a_v_power = np.empty(4, dtype)
    h1_a = np.empty((N, 4, 8, 8), dtype)
    h1_r = np.empty((N, 4, 8, 8), dtype)
    h1_b_conv2d = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_b_m = np.empty(4, dtype)
    h1_b_conv2d_difference = np.empty((N, 4, 8, 8), dtype)
    h1_b_v = np.empty(4, dtype)
    h1_b_rm_next = h1_b_m  # h1_b_m is not needed any more
    h1_b_rv_next = np.empty(4, dtype)
    h1_b_v_power = np.empty(4, dtype)
    h1_b = np.empty((N, 4, 8, 8), dtype)
    h1 = h1_b  # h1_b is not needed any more
    h2_a_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_a_m = np.empty(8, dtype)
    h2_a_conv2d_difference = np.empty((N, 8, 4, 4), dtype)
    h2_a_v = np.empty(8, dtype)
    h2_a_rm_next = h2_a_m  # h2_a_m is not needed any more
    h2_a_rv_next = np.empty(8, dtype)
    h2_a_v_power = np.empty(8, dtype)
    h2_a = np.empty((N, 8, 4, 4), dtype)
    h2_r = np.empty((N, 8, 4, 4), dtype)
    h2_b_conv2d = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_m = np.empty(8, dtype)
    h2_b_conv2d_difference = np.empty((N, 8, 4, 4), dtype)
    h2_b_v = np.empty(8, dtype)
    h2_b_rm_next = h2_b_m  # h2_b_m is not needed any more
    h2_b_rv_next = np.empty(8, dtype)
    h2_b_v_power = np.empty(8, dtype)
    h2_b = np.empty((N, 8, 4, 4), dtype)
    h2_s = np.empty((N, 8, 4, 4), dtype)
    h2 = h2_b  # h2_b is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a_m = np.empty(16, dtype)
    h3_a_conv2d_difference = np.empty((N, 16, 2, 2), dtype)
    h3_a_v = np.empty(16, dtype)
    h3_a_rm_next = h3_a_m  # h3_a_m is not needed any more
    h3_a_rv_next = np.empty(16, dtype)
    h3_a_v_power = np.empty(16, dtype)
    h3_a = np.empty((N, 16, 2, 2), dtype)
    h3_r = np.empty((N, 16, 2, 2), dtype)
    h3_b_conv2d = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_m = np.empty(16, dtype)
    h3_b_conv2d_difference = np.empty((N, 16, 2, 2), dtype)
    h3_b_v = np.empty(16, dtype)
    h3_b_rm_next = h3_b_m  # h3_b_m is not needed any more
    h3_b_rv_next = np.empty(16, dtype)
    h3_b_v_power = np.empty(16, dtype)
    h3_b = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_s = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3 = np.empty((N, 16, 2, 2), dtype)
    logits_global_avg_pool = np.empty((N, 16), dtype)
    logits = np.empty((N, 10), dtype)
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((N, 10), dtype)
    logits_exp = np.empty((N, 10), dtype)
    logits_sumexp = logits_max  # logits_max is not needed any more
    image_padded = np.full((N, 3, 10, 10), 0, dtype)
    image_padded_part = image_padded[:, :, 1:9, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 3, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
            image_padded.strides[3],
        ),
    )
    t0 = np.empty((N, 8, 8, 3, 3, 3), dtype)
    image_padded_view_T035124 = image_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t0_2d = t0.reshape(64 * N, 27)
    t1 = np.empty((N, 8, 8, 4), dtype)
    t1_2d = t1.reshape(64 * N, 4)
    t1_T0312 = t1.transpose(0, 3, 1, 2)
    zero = np.array(0, dtype)
    h0_padded = np.full((N, 4, 10, 10), 0, dtype)
    h0_padded_part = h0_padded[:, :, 1:9, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 4, 3, 8, 3, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
            h0_padded.strides[3],
        ),
    )
    t2 = np.empty((4, 3, 3, N, 8, 8), dtype)
    h0_padded_view_T124035 = h0_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t2_2d = t2.reshape(36, 64 * N)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(4, 64 * N)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    h1_a_conv2d_T1023 = h1_a_conv2d.transpose(1, 0, 2, 3)
    h1_a_m_b100 = h1_a_m[:, None, None]
    t3 = np.empty((N, 4, 8, 8), dtype)
    ones = np.ones(64, dtype)
    t3_2d = t3.reshape(4 * N, 64)
    t4 = np.empty((N, 4), dtype)
    t4_flat = t4.reshape(-1)
    ones2 = np.ones(N, dtype)
    c = np.array(1 / 64 / N, dtype)
    c0_1 = np.array(0.1, dtype)
    t5 = np.empty(4, dtype)
    c0_9 = np.array(0.9, dtype)
    c1em05 = np.array(1e-05, dtype)
    one = np.array(1, dtype)
    t5_b100 = t5[:, None, None]
    h1_r_padded = np.full((N, 4, 10, 10), 0, dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 4, 3, 8, 3, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
            h1_r_padded.strides[3],
        ),
    )
    h1_r_padded_view_T124035 = h1_r_padded_view.transpose(1, 2, 4, 0, 3, 5)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(4, 64 * N)
    h1_b_conv2d_T1023 = h1_b_conv2d.transpose(1, 0, 2, 3)
    h1_b_m_b100 = h1_b_m[:, None, None]
    h1_padded = np.full((N, 4, 9, 9), 0, dtype)
    h1_padded_part = h1_padded[:, :, 1:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 4, 3, 4, 3),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            2 * h1_padded.strides[3],
            h1_padded.strides[3],
        ),
    )
    t6 = np.empty((4, 3, 3, N, 4, 4), dtype)
    h1_padded_view_T135024 = h1_padded_view.transpose(1, 3, 5, 0, 2, 4)
    t6_2d = t6.reshape(36, 16 * N)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(8, 16 * N)
    weights2 = np.full(16 * N, 1 / 16 / N, dtype)
    h2_a_conv2d_T1023 = h2_a_conv2d.transpose(1, 0, 2, 3)
    h2_a_m_b100 = h2_a_m[:, None, None]
    t7 = np.empty((N, 8, 4, 4), dtype)
    ones3 = np.ones(16, dtype)
    t7_2d = t7.reshape(8 * N, 16)
    t8 = np.empty((N, 8), dtype)
    t8_flat = t8.reshape(-1)
    c2 = np.array(1 / 16 / N, dtype)
    t9 = np.empty(8, dtype)
    t9_b100 = t9[:, None, None]
    h2_r_padded = np.full((N, 8, 6, 6), 0, dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 8, 3, 4, 3, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
            h2_r_padded.strides[3],
        ),
    )
    t10 = np.empty((8, 3, 3, N, 4, 4), dtype)
    h2_r_padded_view_T124035 = h2_r_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t10_2d = t10.reshape(72, 16 * N)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(8, 16 * N)
    h2_b_conv2d_T1023 = h2_b_conv2d.transpose(1, 0, 2, 3)
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
    t11 = np.empty((N, 4, 4, 4, 1, 1), dtype)
    h1_view_T024135 = h1_view.transpose(0, 2, 4, 1, 3, 5)
    t11_2d = t11.reshape(16 * N, 4)
    t12 = np.empty((N, 4, 4, 8), dtype)
    t12_2d = t12.reshape(16 * N, 8)
    t12_T0312 = t12.transpose(0, 3, 1, 2)
    h2_padded = np.full((N, 8, 5, 5), 0, dtype)
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
    t13 = np.empty((8, 3, 3, N, 2, 2), dtype)
    h2_padded_view_T135042 = h2_padded_view.transpose(1, 3, 5, 0, 4, 2)
    t13_2d = t13.reshape(72, 4 * N)
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    weights3 = np.full(4 * N, 1 / 4 / N, dtype)
    h3_a_conv2d_T1032 = h3_a_conv2d.transpose(1, 0, 3, 2)
    h3_a_m_b100 = h3_a_m[:, None, None]
    t14 = np.empty((N, 16, 2, 2), dtype)
    ones4 = np.ones(4, dtype)
    t14_2d = t14.reshape(16 * N, 4)
    t15 = np.empty((N, 16), dtype)
    t15_flat = t15.reshape(-1)
    c3 = np.array(1 / 4 / N, dtype)
    t16 = np.empty(16, dtype)
    t16_b100 = t16[:, None, None]
    h3_r_padded = np.full((N, 16, 4, 4), 0, dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (N, 16, 3, 2, 3, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
            h3_r_padded.strides[3],
        ),
    )
    t17 = np.empty((16, 3, 3, N, 2, 2), dtype)
    h3_r_padded_view_T124053 = h3_r_padded_view.transpose(1, 2, 4, 0, 5, 3)
    t17_2d = t17.reshape(144, 4 * N)
    h3_b_conv2d_2d = h3_b_conv2d.reshape(16, 4 * N)
    h3_b_conv2d_T1032 = h3_b_conv2d.transpose(1, 0, 3, 2)
    h3_b_m_b100 = h3_b_m[:, None, None]
    h3_b_conv2d_difference_T1032 = h3_b_conv2d_difference.transpose(1, 0, 3, 2)
    t16_b1000 = t16[:, None, None, None]
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
    t18 = np.empty((8, 1, 1, N, 2, 2), dtype)
    h2_view_T135042 = h2_view.transpose(1, 3, 5, 0, 4, 2)
    t18_2d = t18.reshape(8, 4 * N)
    h3_s_2d = h3_s.reshape(16, 4 * N)
    h3_b_T1032 = h3_b.transpose(1, 0, 3, 2)
    h3_s_T1032 = h3_s.transpose(1, 0, 3, 2)
    weights4 = np.full(4, 0.25, dtype)
    h3_2d = h3.reshape(16 * N, 4)
    logits_global_avg_pool_flat = logits_global_avg_pool.reshape(-1)
    logits_max_col = logits_max[:, None]
    ones5 = np.ones(10, dtype)
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t19 = np.empty(N, dtype)
    t20 = np.empty(N, dtype)
    weights5 = np.full(N, 1 / N, dtype)

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image
    t0[...] = image_padded_view_T035124
    t0_2d.dot(h0_W.reshape(4, 27).T, out=t1_2d)
    h0_sum[...] = t1_T0312
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    np.add(h0_sum, h0_b[:, None, None], out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    t2[...] = h0_padded_view_T124035
    h1_a_conv2d_W.reshape(4, 36).dot(t2_2d, out=h1_a_conv2d_2d)
    # h1.a.m[c] = sum(n, u, v2: h1.a.conv2d[n, c, u, v2]/(64*N))
    h1_a_conv2d_2d.dot(weights, out=h1_a_m)
    # h1.a.conv2d_difference[n, o, u, v] = h1.a.conv2d[n, o, u, v] - h1.a.m[o]
    np.subtract(h1_a_conv2d_T1023, h1_a_m_b100, out=h1_a_conv2d_difference)
    # h1.a.v[c] = sum(n, u, v2: h1.a.conv2d_difference[n, c, u, v2]**2/(64*N))
    np.multiply(h1_a_conv2d_difference, h1_a_conv2d_difference, out=t3)
    t3_2d.dot(ones, out=t4_flat)
    ones2.dot(t4, out=h1_a_v)
    np.multiply(h1_a_v, c, out=h1_a_v)
    # h1.a.rm'[c] = 9*h1.a.rm[c]/10 + h1.a.m[c]/10
    np.multiply(h1_a_m, c0_1, out=h1_a_rm_next)
    np.multiply(h1_a_rm, c0_9, out=t5)
    np.add(h1_a_rm_next, t5, out=h1_a_rm_next)
    # h1.a.rv'[c] = 9*h1.a.rv[c]/10 + h1.a.v[c]/10
    np.multiply(h1_a_v, c0_1, out=h1_a_rv_next)
    np.multiply(h1_a_rv, c0_9, out=t5)
    np.add(h1_a_rv_next, t5, out=h1_a_rv_next)
    # h1.a.v_power[c] = 1/sqrt(h1.a.v[c] + 1/100000)
    np.add(h1_a_v, c1em05, out=h1_a_v_power)
    np.sqrt(h1_a_v_power, out=h1_a_v_power)
    np.divide(one, h1_a_v_power, out=h1_a_v_power)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.conv2d_difference[n, c, u, v2]*h1.a.g[c]*h1.a.v_power[c]
    np.multiply(h1_a_g, h1_a_v_power, out=t5)
    np.multiply(h1_a_conv2d_difference, t5_b100, out=h1_a)
    np.add(h1_a, h1_a_b[:, None, None], out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    t2[...] = h1_r_padded_view_T124035
    h1_b_conv2d_W.reshape(4, 36).dot(t2_2d, out=h1_b_conv2d_2d)
    # h1.b.m[c] = sum(n, u, v2: h1.b.conv2d[n, c, u, v2]/(64*N))
    h1_b_conv2d_2d.dot(weights, out=h1_b_m)
    # h1.b.conv2d_difference[n, o, u, v] = h1.b.conv2d[n, o, u, v] - h1.b.m[o]
    np.subtract(h1_b_conv2d_T1023, h1_b_m_b100, out=h1_b_conv2d_difference)
    # h1.b.v[c] = sum(n, u, v2: h1.b.conv2d_difference[n, c, u, v2]**2/(64*N))
    np.multiply(h1_b_conv2d_difference, h1_b_conv2d_difference, out=t3)
    t3_2d.dot(ones, out=t4_flat)
    ones2.dot(t4, out=h1_b_v)
    np.multiply(h1_b_v, c, out=h1_b_v)
    # h1.b.rm'[c] = 9*h1.b.rm[c]/10 + h1.b.m[c]/10
    np.multiply(h1_b_m, c0_1, out=h1_b_rm_next)
    np.multiply(h1_b_rm, c0_9, out=t5)
    np.add(h1_b_rm_next, t5, out=h1_b_rm_next)
    # h1.b.rv'[c] = 9*h1.b.rv[c]/10 + h1.b.v[c]/10
    np.multiply(h1_b_v, c0_1, out=h1_b_rv_next)
    np.multiply(h1_b_rv, c0_9, out=t5)
    np.add(h1_b_rv_next, t5, out=h1_b_rv_next)
    # h1.b.v_power[c] = 1/sqrt(h1.b.v[c] + 1/100000)
    np.add(h1_b_v, c1em05, out=h1_b_v_power)
    np.sqrt(h1_b_v_power, out=h1_b_v_power)
    np.divide(one, h1_b_v_power, out=h1_b_v_power)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.conv2d_difference[n, c, u, v2]*h1.b.g[c]*h1.b.v_power[c]
    np.multiply(h1_b_g, h1_b_v_power, out=t5)
    np.multiply(h1_b_conv2d_difference, t5_b100, out=h1_b)
    np.add(h1_b, h1_b_b[:, None, None], out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    t6[...] = h1_padded_view_T135024
    h2_a_conv2d_W.reshape(8, 36).dot(t6_2d, out=h2_a_conv2d_2d)
    # h2.a.m[c] = sum(n, u, v2: h2.a.conv2d[n, c, u, v2]/(16*N))
    h2_a_conv2d_2d.dot(weights2, out=h2_a_m)
    # h2.a.conv2d_difference[n, o, u, v] = h2.a.conv2d[n, o, u, v] - h2.a.m[o]
    np.subtract(h2_a_conv2d_T1023, h2_a_m_b100, out=h2_a_conv2d_difference)
    # h2.a.v[c] = sum(n, u, v2: h2.a.conv2d_difference[n, c, u, v2]**2/(16*N))
    np.multiply(h2_a_conv2d_difference, h2_a_conv2d_difference, out=t7)
    t7_2d.dot(ones3, out=t8_flat)
    ones2.dot(t8, out=h2_a_v)
    np.multiply(h2_a_v, c2, out=h2_a_v)
    # h2.a.rm'[c] = 9*h2.a.rm[c]/10 + h2.a.m[c]/10
    np.multiply(h2_a_m, c0_1, out=h2_a_rm_next)
    np.multiply(h2_a_rm, c0_9, out=t9)
    np.add(h2_a_rm_next, t9, out=h2_a_rm_next)
    # h2.a.rv'[c] = 9*h2.a.rv[c]/10 + h2.a.v[c]/10
    np.multiply(h2_a_v, c0_1, out=h2_a_rv_next)
    np.multiply(h2_a_rv, c0_9, out=t9)
    np.add(h2_a_rv_next, t9, out=h2_a_rv_next)
    # h2.a.v_power[c] = 1/sqrt(h2.a.v[c] + 1/100000)
    np.add(h2_a_v, c1em05, out=h2_a_v_power)
    np.sqrt(h2_a_v_power, out=h2_a_v_power)
    np.divide(one, h2_a_v_power, out=h2_a_v_power)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.conv2d_difference[n, c, u, v2]*h2.a.g[c]*h2.a.v_power[c]
    np.multiply(h2_a_g, h2_a_v_power, out=t9)
    np.multiply(h2_a_conv2d_difference, t9_b100, out=h2_a)
    np.add(h2_a, h2_a_b[:, None, None], out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    t10[...] = h2_r_padded_view_T124035
    h2_b_conv2d_W.reshape(8, 72).dot(t10_2d, out=h2_b_conv2d_2d)
    # h2.b.m[c] = sum(n, u, v2: h2.b.conv2d[n, c, u, v2]/(16*N))
    h2_b_conv2d_2d.dot(weights2, out=h2_b_m)
    # h2.b.conv2d_difference[n, o, u, v] = h2.b.conv2d[n, o, u, v] - h2.b.m[o]
    np.subtract(h2_b_conv2d_T1023, h2_b_m_b100, out=h2_b_conv2d_difference)
    # h2.b.v[c] = sum(n, u, v2: h2.b.conv2d_difference[n, c, u, v2]**2/(16*N))
    np.multiply(h2_b_conv2d_difference, h2_b_conv2d_difference, out=t7)
    t7_2d.dot(ones3, out=t8_flat)
    ones2.dot(t8, out=h2_b_v)
    np.multiply(h2_b_v, c2, out=h2_b_v)
    # h2.b.rm'[c] = 9*h2.b.rm[c]/10 + h2.b.m[c]/10
    np.multiply(h2_b_m, c0_1, out=h2_b_rm_next)
    np.multiply(h2_b_rm, c0_9, out=t9)
    np.add(h2_b_rm_next, t9, out=h2_b_rm_next)
    # h2.b.rv'[c] = 9*h2.b.rv[c]/10 + h2.b.v[c]/10
    np.multiply(h2_b_v, c0_1, out=h2_b_rv_next)
    np.multiply(h2_b_rv, c0_9, out=t9)
    np.add(h2_b_rv_next, t9, out=h2_b_rv_next)
    # h2.b.v_power[c] = 1/sqrt(h2.b.v[c] + 1/100000)
    np.add(h2_b_v, c1em05, out=h2_b_v_power)
    np.sqrt(h2_b_v_power, out=h2_b_v_power)
    np.divide(one, h2_b_v_power, out=h2_b_v_power)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.conv2d_difference[n, c, u, v2]*h2.b.g[c]*h2.b.v_power[c]
    np.multiply(h2_b_g, h2_b_v_power, out=t9)
    np.multiply(h2_b_conv2d_difference, t9_b100, out=h2_b)
    np.add(h2_b, h2_b_b[:, None, None], out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t11[...] = h1_view_T024135
    t11_2d.dot(h2_s_W.reshape(8, 4).T, out=t12_2d)
    h2_s[...] = t12_T0312
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    t13[...] = h2_padded_view_T135042
    h3_a_conv2d_W.reshape(16, 72).dot(t13_2d, out=h3_a_conv2d_2d)
    # h3.a.m[c] = sum(n, u, v2: h3.a.conv2d[n, c, u, v2]/(4*N))
    h3_a_conv2d_2d.dot(weights3, out=h3_a_m)
    # h3.a.conv2d_difference[n, o, u, v] = h3.a.conv2d[n, o, u, v] - h3.a.m[o]
    np.subtract(h3_a_conv2d_T1032, h3_a_m_b100, out=h3_a_conv2d_difference)
    # h3.a.v[c] = sum(n, u, v2: h3.a.conv2d_difference[n, c, u, v2]**2/(4*N))
    np.multiply(h3_a_conv2d_difference, h3_a_conv2d_difference, out=t14)
    t14_2d.dot(ones4, out=t15_flat)
    ones2.dot(t15, out=h3_a_v)
    np.multiply(h3_a_v, c3, out=h3_a_v)
    # h3.a.rm'[c] = 9*h3.a.rm[c]/10 + h3.a.m[c]/10
    np.multiply(h3_a_m, c0_1, out=h3_a_rm_next)
    np.multiply(h3_a_rm, c0_9, out=t16)
    np.add(h3_a_rm_next, t16, out=h3_a_rm_next)
    # h3.a.rv'[c] = 9*h3.a.rv[c]/10 + h3.a.v[c]/10
    np.multiply(h3_a_v, c0_1, out=h3_a_rv_next)
    np.multiply(h3_a_rv, c0_9, out=t16)
    np.add(h3_a_rv_next, t16, out=h3_a_rv_next)
    # h3.a.v_power[c] = 1/sqrt(h3.a.v[c] + 1/100000)
    np.add(h3_a_v, c1em05, out=h3_a_v_power)
    np.sqrt(h3_a_v_power, out=h3_a_v_power)
    np.divide(one, h3_a_v_power, out=h3_a_v_power)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.conv2d_difference[n, c, u, v2]*h3.a.g[c]*h3.a.v_power[c]
    np.multiply(h3_a_g, h3_a_v_power, out=t16)
    np.multiply(h3_a_conv2d_difference, t16_b100, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None], out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    t17[...] = h3_r_padded_view_T124053
    h3_b_conv2d_W.reshape(16, 144).dot(t17_2d, out=h3_b_conv2d_2d)
    # h3.b.m[c] = sum(n, u, v2: h3.b.conv2d[n, c, u, v2]/(4*N))
    h3_b_conv2d_2d.dot(weights3, out=h3_b_m)
    # h3.b.conv2d_difference[n, o, u, v] = h3.b.conv2d[n, o, u, v] - h3.b.m[o]
    np.subtract(h3_b_conv2d_T1032, h3_b_m_b100, out=h3_b_conv2d_difference)
    # h3.b.v[c] = sum(n, u, v2: h3.b.conv2d_difference[n, c, u, v2]**2/(4*N))
    np.multiply(h3_b_conv2d_difference, h3_b_conv2d_difference, out=t14)
    t14_2d.dot(ones4, out=t15_flat)
    ones2.dot(t15, out=h3_b_v)
    np.multiply(h3_b_v, c3, out=h3_b_v)
    # h3.b.rm'[c] = 9*h3.b.rm[c]/10 + h3.b.m[c]/10
    np.multiply(h3_b_m, c0_1, out=h3_b_rm_next)
    np.multiply(h3_b_rm, c0_9, out=t16)
    np.add(h3_b_rm_next, t16, out=h3_b_rm_next)
    # h3.b.rv'[c] = 9*h3.b.rv[c]/10 + h3.b.v[c]/10
    np.multiply(h3_b_v, c0_1, out=h3_b_rv_next)
    np.multiply(h3_b_rv, c0_9, out=t16)
    np.add(h3_b_rv_next, t16, out=h3_b_rv_next)
    # h3.b.v_power[c] = 1/sqrt(h3.b.v[c] + 1/100000)
    np.add(h3_b_v, c1em05, out=h3_b_v_power)
    np.sqrt(h3_b_v_power, out=h3_b_v_power)
    np.divide(one, h3_b_v_power, out=h3_b_v_power)
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.conv2d_difference[n, c, u, v2]*h3.b.g[c]*h3.b.v_power[c]
    np.multiply(h3_b_g, h3_b_v_power, out=t16)
    np.multiply(h3_b_conv2d_difference_T1032, t16_b1000, out=h3_b)
    np.add(h3_b, h3_b_b[:, None, None, None], out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t18[...] = h2_view_T135042
    h3_s_W.reshape(16, 8).dot(t18_2d, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b_T1032, h3_s_T1032, out=h3)
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
    logits_shifted_flat.take(y_position, out=t19, mode="clip")
    np.log(logits_sumexp, out=t20)
    np.subtract(t20, t19, out=t20)
    loss = weights5.dot(t20)

    outputs = {"logits": logits, "loss": np.array(loss, dtype)}
    saved = (
        N,
        image,
        y,
        h0,
        h1,
        h1_a,
        h1_a_v,
        h1_r,
        h1_b_v,
        h2,
        h2_a,
        h2_a_v,
        h2_r,
        h2_b_v,
        h3,
        h3_a,
        h3_a_v,
        h3_r,
        h3_b_v,
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


@np.errstate(all="ignore")
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
        h1_a,
        h1_a_v,
        h1_r,
        h1_b_v,
        h2,
        h2_a,
        h2_a_v,
        h2_r,
        h2_b_v,
        h3,
        h3_a,
        h3_a_v,
        h3_r,
        h3_b_v,
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
    dh3_b_g = np.empty(16, dtype)
    dh3_b_v = np.empty(16, dtype)
    dh3_b_m = np.empty(16, dtype)
    dh3_b_conv2d = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    dh3_r = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    dh3_b_conv2d_W = np.empty((16, 16, 3, 3), dtype)
    dh3_a = dh3_r  # dh3_r is not needed any more
    dh3_a_b = dh3_b_m  # dh3_b_m is not needed any more
    dh3_a_g = dh3_b_v  # dh3_b_v is not needed any more
    dh3_a_v = np.empty(16, dtype)
    dh3_a_m = np.empty(16, dtype)
    dh3_a_conv2d = dh3_r  # dh3_r is not needed any more
    dh2 = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    dh3_a_conv2d_W = np.empty((16, 8, 3, 3), dtype)
    dh2_b = dh2  # dh2 is not needed any more
    dh2_s_W = np.empty((8, 4, 1, 1), dtype)
    dh2_b_b = np.empty(8, dtype)
    dh2_b_g = np.empty(8, dtype)
    dh2_b_v = np.empty(8, dtype)
    dh2_b_m = np.empty(8, dtype)
    dh2_b_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    dh2_r = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    dh2_b_conv2d_W = np.empty((8, 8, 3, 3), dtype)
    dh2_a = dh2_r  # dh2_r is not needed any more
    dh2_a_b = dh2_b_m  # dh2_b_m is not needed any more
    dh2_a_g = dh2_b_v  # dh2_b_v is not needed any more
    dh2_a_v = np.empty(8, dtype)
    dh2_a_m = np.empty(8, dtype)
    dh2_a_conv2d = dh2_r  # dh2_r is not needed any more
    dh1 = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    dh2_a_conv2d_W = np.empty((8, 4, 3, 3), dtype)
    dh1_b = dh1  # dh1 is not needed any more
    dh1_b_b = np.empty(4, dtype)
    dh1_b_g = np.empty(4, dtype)
    dh1_b_v = np.empty(4, dtype)
    dh1_b_m = np.empty(4, dtype)
    dh1_b_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    dh1_r = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    dh1_b_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh1_a = dh1_r  # dh1_r is not needed any more
    dh1_a_b = dh1_b_m  # dh1_b_m is not needed any more
    dh1_a_g = dh1_b_v  # dh1_b_v is not needed any more
    dh1_a_v = np.empty(4, dtype)
    dh1_a_m = np.empty(4, dtype)
    dh1_a_conv2d = dh1_r  # dh1_r is not needed any more
    dh0 = dh1_b_conv2d  # dh1_b_conv2d is not needed any more
    dh1_a_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh0_sum = dh1_b_conv2d  # dh1_b_conv2d is not needed any more
    dh0_b = dh1_a_m  # dh1_a_m is not needed any more
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
    bits = np.dtype(f"i{dtype.itemsize}")
    t5 = np.empty((16, 2, 2, N), bits)
    all_bits = np.array(-1, bits)
    t4_bits = t4.view(bits)
    t4_2d = t4.reshape(16, 4 * N)
    t6 = np.empty(16, dtype)
    c1em05 = np.array(1e-05, dtype)
    t7 = np.empty(16, dtype)
    minus_0_5 = np.array(-0.5, dtype)
    t7_b1000 = t7[:, None, None, None]
    t6_b1000 = t6[:, None, None, None]
    ones3 = np.ones(4, dtype)
    t8 = np.empty((N, 16), dtype)
    t8_flat = t8.reshape(-1)
    minus_1_over_2_over_N = np.array(-1 / 2 / N, dtype)
    c = np.array(1 / 4 / N, dtype)
    c2 = np.array(1 / 2 / N, dtype)
    t9 = np.empty((16, 2, 2, 16, 2, 2), dtype)
    t9_2d = t9.reshape(64, 64)
    dh3_b_conv2d_2d = dh3_b_conv2d.reshape(64, N)
    dh3_r_2d = dh3_r.reshape(64, N)
    h3_r_padded = np.full((N, 16, 4, 4), 0, dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (N, 16, 3, 2, 3, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
            h3_r_padded.strides[3],
        ),
    )
    t10 = np.empty((16, N, 2, 2), dtype)
    dh3_b_conv2d_T0312 = dh3_b_conv2d.transpose(0, 3, 1, 2)
    t10_2d = t10.reshape(16, 4 * N)
    t11 = np.empty((N, 2, 2, 16, 3, 3), dtype)
    h3_r_padded_view_T035124 = h3_r_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t11_2d = t11.reshape(4 * N, 144)
    dh3_b_conv2d_W_2d = dh3_b_conv2d_W.reshape(16, 144)
    dh3_a_2d = dh3_a.reshape(16, 4 * N)
    dh3_a_conv2d_bits = dh3_a_conv2d.view(bits)
    dh2_view = np.lib.stride_tricks.as_strided(
        dh2,
        (8, N, 2, 1, 2, 1),
        (
            dh2.strides[0],
            dh2.strides[1],
            2 * dh2.strides[2],
            dh2.strides[2],
            2 * dh2.strides[3],
            dh2.strides[3],
        ),
    )
    t12 = np.empty((8, 1, 1, 2, 2, N), dtype)
    t12_2d = t12.reshape(8, 4 * N)
    t12_T053142 = t12.transpose(0, 5, 3, 1, 4, 2)
    dh3_a_conv2d_2d = dh3_a_conv2d.reshape(16, 4 * N)
    t13 = np.empty((8, 3, 3, 2, 2, N), dtype)
    t13_2d = t13.reshape(72, 4 * N)
    dh2_bordered = np.empty((8, N, 5, 5), dtype)
    dh2_bordered_slices = [
        dh2_bordered[:8, :N, 2 * u : 2 * u + 3, 2 * v : 2 * v + 3]
        for u in range(2)
        for v in range(2)
    ]
    t13_T340512 = t13.transpose(3, 4, 0, 5, 1, 2)
    t13_slices = [t13_T340512[u, v] for u in range(2) for v in range(2)]
    dh2_bordered_part = dh2_bordered[:, :, 1:, 1:]
    h2_padded = np.full((N, 8, 5, 5), 0, dtype)
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
    dh3_a_conv2d_T0312 = dh3_a_conv2d.transpose(0, 3, 1, 2)
    t14 = np.empty((N, 2, 2, 8, 3, 3), dtype)
    h2_padded_view_T024135 = h2_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t14_2d = t14.reshape(4 * N, 72)
    dh3_a_conv2d_W_2d = dh3_a_conv2d_W.reshape(16, 72)
    t15 = np.empty((8, N, 4, 4), bool)
    dh2_b_2d = dh2_b.reshape(8, 16 * N)
    t16 = np.empty((N, 4, 4, 4, 1, 1), dtype)
    t16_2d = t16.reshape(16 * N, 4)
    dh2_s_W_2d = dh2_s_W.reshape(8, 4)
    ones4 = np.ones(16 * N, dtype)
    t17 = np.empty((8, N, 4, 4), dtype)
    t18 = np.empty((8, N, 4, 4), bits)
    t17_bits = t17.view(bits)
    t17_2d = t17.reshape(8, 16 * N)
    t19 = np.empty(8, dtype)
    t20 = np.empty(8, dtype)
    t20_b1000 = t20[:, None, None, None]
    t19_b1000 = t19[:, None, None, None]
    ones5 = np.ones(16, dtype)
    t21 = np.empty((N, 8), dtype)
    t21_flat = t21.reshape(-1)
    minus_1_over_8_over_N = np.array(-1 / 8 / N, dtype)
    c3 = np.array(1 / 16 / N, dtype)
    c4 = np.array(1 / 8 / N, dtype)
    dh2_b_conv2d_padded = np.full((8, N, 6, 6), 0, dtype)
    dh2_b_conv2d_padded_part = dh2_b_conv2d_padded[:, :, 1:5, 1:5]
    dh2_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh2_b_conv2d_padded[:, :, 2:, 2:],
        (8, N, 3, 4, 3, 4),
        (
            dh2_b_conv2d_padded.strides[0],
            dh2_b_conv2d_padded.strides[1],
            (-1) * dh2_b_conv2d_padded.strides[2],
            dh2_b_conv2d_padded.strides[2],
            (-1) * dh2_b_conv2d_padded.strides[3],
            dh2_b_conv2d_padded.strides[3],
        ),
    )
    t22 = np.empty((8, 8, 3, 3), dtype)
    t22_2d = t22.reshape(8, 72)
    t23 = np.empty((8, 3, 3, N, 4, 4), dtype)
    dh2_b_conv2d_padded_view_T024135 = dh2_b_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t23_2d = t23.reshape(72, 16 * N)
    dh2_r_2d = dh2_r.reshape(8, 16 * N)
    h2_r_padded = np.full((N, 8, 6, 6), 0, dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (N, 8, 3, 4, 3, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
            h2_r_padded.strides[3],
        ),
    )
    dh2_b_conv2d_2d = dh2_b_conv2d.reshape(8, 16 * N)
    t24 = np.empty((N, 4, 4, 8, 3, 3), dtype)
    h2_r_padded_view_T035124 = h2_r_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t24_2d = t24.reshape(16 * N, 72)
    dh2_b_conv2d_W_2d = dh2_b_conv2d_W.reshape(8, 72)
    dh2_a_2d = dh2_a.reshape(8, 16 * N)
    dh2_a_conv2d_bits = dh2_a_conv2d.view(bits)
    dh1_view = np.lib.stride_tricks.as_strided(
        dh1,
        (4, N, 4, 1, 4, 1),
        (
            dh1.strides[0],
            dh1.strides[1],
            2 * dh1.strides[2],
            dh1.strides[2],
            2 * dh1.strides[3],
            dh1.strides[3],
        ),
    )
    t25 = np.empty((4, 1, 1, N, 4, 4), dtype)
    t25_2d = t25.reshape(4, 16 * N)
    t25_T034152 = t25.transpose(0, 3, 4, 1, 5, 2)
    dh2_a_conv2d_2d = dh2_a_conv2d.reshape(8, 16 * N)
    t26 = np.empty((4, 3, 3, N, 4, 4), dtype)
    t26_2d = t26.reshape(36, 16 * N)
    dh1_bordered = np.empty((4, N, 9, 9), dtype)
    dh1_bordered_slices = [
        dh1_bordered[:4, :N, p : p + 8 : 2, q : q + 8 : 2] for p in range(3) for q in range(3)
    ]
    t26_T120345 = t26.transpose(1, 2, 0, 3, 4, 5)
    t26_slices = [t26_T120345[p, q] for p in range(3) for q in range(3)]
    dh1_bordered_part = dh1_bordered[:, :, 1:, 1:]
    h1_padded = np.full((N, 4, 9, 9), 0, dtype)
    h1_padded_part = h1_padded[:, :, 1:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (N, 4, 4, 3, 4, 3),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            2 * h1_padded.strides[3],
            h1_padded.strides[3],
        ),
    )
    t27 = np.empty((N, 4, 4, 4, 3, 3), dtype)
    h1_padded_view_T024135 = h1_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t27_2d = t27.reshape(16 * N, 36)
    dh2_a_conv2d_W_2d = dh2_a_conv2d_W.reshape(8, 36)
    t28 = np.empty((4, N, 8, 8), bool)
    ones6 = np.ones(64 * N, dtype)
    dh1_b_2d = dh1_b.reshape(4, 64 * N)
    t29 = np.empty((4, N, 8, 8), dtype)
    t30 = np.empty((4, N, 8, 8), bits)
    t29_bits = t29.view(bits)
    t29_2d = t29.reshape(4, 64 * N)
    t31 = np.empty(4, dtype)
    t32 = np.empty(4, dtype)
    t32_b1000 = t32[:, None, None, None]
    t31_b1000 = t31[:, None, None, None]
    ones7 = np.ones(64, dtype)
    t33 = np.empty((N, 4), dtype)
    t33_flat = t33.reshape(-1)
    minus_1_over_32_over_N = np.array(-1 / 32 / N, dtype)
    c5 = np.array(1 / 64 / N, dtype)
    c6 = np.array(1 / 32 / N, dtype)
    dh1_b_conv2d_padded = np.full((4, N, 10, 10), 0, dtype)
    dh1_b_conv2d_padded_part = dh1_b_conv2d_padded[:, :, 1:9, 1:9]
    dh1_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_b_conv2d_padded[:, :, 2:, 2:],
        (4, N, 3, 8, 3, 8),
        (
            dh1_b_conv2d_padded.strides[0],
            dh1_b_conv2d_padded.strides[1],
            (-1) * dh1_b_conv2d_padded.strides[2],
            dh1_b_conv2d_padded.strides[2],
            (-1) * dh1_b_conv2d_padded.strides[3],
            dh1_b_conv2d_padded.strides[3],
        ),
    )
    t34 = np.empty((4, 4, 3, 3), dtype)
    t34_2d = t34.reshape(4, 36)
    t35 = np.empty((4, 3, 3, N, 8, 8), dtype)
    dh1_b_conv2d_padded_view_T024135 = dh1_b_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t35_2d = t35.reshape(36, 64 * N)
    dh1_r_2d = dh1_r.reshape(4, 64 * N)
    h1_r_padded = np.full((N, 4, 10, 10), 0, dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (N, 4, 3, 8, 3, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
            h1_r_padded.strides[3],
        ),
    )
    dh1_b_conv2d_2d = dh1_b_conv2d.reshape(4, 64 * N)
    t36 = np.empty((N, 8, 8, 4, 3, 3), dtype)
    h1_r_padded_view_T035124 = h1_r_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t36_2d = t36.reshape(64 * N, 36)
    dh1_b_conv2d_W_2d = dh1_b_conv2d_W.reshape(4, 36)
    dh1_a_2d = dh1_a.reshape(4, 64 * N)
    dh1_a_conv2d_bits = dh1_a_conv2d.view(bits)
    dh1_a_conv2d_padded = np.full((4, N, 10, 10), 0, dtype)
    dh1_a_conv2d_padded_part = dh1_a_conv2d_padded[:, :, 1:9, 1:9]
    dh1_a_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_a_conv2d_padded[:, :, 2:, 2:],
        (4, N, 3, 8, 3, 8),
        (
            dh1_a_conv2d_padded.strides[0],
            dh1_a_conv2d_padded.strides[1],
            (-1) * dh1_a_conv2d_padded.strides[2],
            dh1_a_conv2d_padded.strides[2],
            (-1) * dh1_a_conv2d_padded.strides[3],
            dh1_a_conv2d_padded.strides[3],
        ),
    )
    dh1_a_conv2d_padded_view_T024135 = dh1_a_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    dh0_2d = dh0.reshape(4, 64 * N)
    h0_padded = np.full((N, 4, 10, 10), 0, dtype)
    h0_padded_part = h0_padded[:, :, 1:9, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (N, 4, 3, 8, 3, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
            h0_padded.strides[3],
        ),
    )
    dh1_a_conv2d_2d = dh1_a_conv2d.reshape(4, 64 * N)
    h0_padded_view_T035124 = h0_padded_view.transpose(0, 3, 5, 1, 2, 4)
    dh1_a_conv2d_W_2d = dh1_a_conv2d_W.reshape(4, 36)
    dh0_sum_2d = dh0_sum.reshape(4, 64 * N)
    dh0_sum_padded = np.full((4, N, 10, 10), 0, dtype)
    dh0_sum_padded_part = dh0_sum_padded[:, :, 1:9, 1:9]
    dh0_sum_padded_view = np.lib.stride_tricks.as_strided(
        dh0_sum_padded[:, :, 2:, 2:],
        (4, N, 8, 3, 8, 3),
        (
            dh0_sum_padded.strides[0],
            dh0_sum_padded.strides[1],
            dh0_sum_padded.strides[2],
            (-1) * dh0_sum_padded.strides[2],
            dh0_sum_padded.strides[3],
            (-1) * dh0_sum_padded.strides[3],
        ),
    )
    dh0_sum_padded_view_T124035 = dh0_sum_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t37 = np.empty((4, 3, 3, 3), dtype)
    t37_2d = t37.reshape(36, 3)
    t38 = np.empty((N, 8, 8, 3), dtype)
    t38_2d = t38.reshape(64 * N, 3)
    t38_T0312 = t38.transpose(0, 3, 1, 2)
    image_padded = np.full((N, 3, 10, 10), 0, dtype)
    image_padded_part = image_padded[:, :, 1:9, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 3, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
            image_padded.strides[3],
        ),
    )
    t39 = np.empty((N, 8, 8, 3, 3, 3), dtype)
    image_padded_view_T035124 = image_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t39_2d = t39.reshape(64 * N, 27)
    dh0_W_2d = dh0_W.reshape(4, 27)

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
    # dh3.b.g[c] = sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
    #     h3.b.v_power[c]*dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2], 0))
    np.greater(h3.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(dh3_b, h3_b_v_power[:, None, None, None], out=t4)
    np.multiply(t4, h3_b_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_b_g)
    # dh3.b.v[c] = sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
    #     -h3.b.g[c]*dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2]
    #     /(2*(h3.b.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h3.transpose(1, 2, 3, 0), zero, out=t1)
    np.add(h3_b_v, c1em05, out=t6)
    np.sqrt(t6, out=t7)
    np.multiply(t6, t7, out=t6)
    np.multiply(h3_b_g, minus_0_5, out=t7)
    np.multiply(dh3_b, t7_b1000, out=t4)
    np.multiply(t4, h3_b_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    np.divide(t4, t6_b1000, out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_b_v)
    # dh3.b.m[c] += sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
    #     -h3.b.g[c]*h3.b.v_power[c]*dh3.b[n, c, u, v2], 0))
    np.greater(h3.transpose(1, 2, 3, 0), zero, out=t1)
    np.negative(h3_b_g, out=t6)
    np.multiply(t6, h3_b_v_power, out=t6)
    np.multiply(dh3_b, t6_b1000, out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_b_m)
    # dh3.b.m[c] += sum(n, u, v2: -dh3.b.v[c]*h3.b.conv2d_difference[n, c, u, v2]/(2*N))
    h3_b_conv2d_difference.reshape(16 * N, 4).dot(ones3, out=t8_flat)
    ones.dot(t8, out=t6)
    np.multiply(dh3_b_v, minus_1_over_2_over_N, out=t7)
    np.multiply(t7, t6, out=t7)
    np.add(dh3_b_m, t7, out=dh3_b_m)
    # dh3.b.conv2d[n, o, u, v] = dh3.b.m[o]/(4*N)
    #     + h3.b.conv2d_difference[n, o, u, v]*dh3.b.v[o]/(2*N)
    #     + where(not h3[n, o, u, v] <= 0, dh3.b[n, o, u, v]*h3.b.g[o]*h3.b.v_power[o], 0)
    np.multiply(dh3_b_m, c, out=t6)
    np.multiply(dh3_b_v, c2, out=t7)
    np.multiply(h3_b_conv2d_difference.transpose(1, 2, 3, 0), t7_b1000, out=dh3_b_conv2d)
    np.greater(h3.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(h3_b_g, h3_b_v_power, out=t7)
    np.multiply(dh3_b, t7_b1000, out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    np.add(dh3_b_conv2d, t6_b1000, out=dh3_b_conv2d)
    np.add(dh3_b_conv2d, t4, out=dh3_b_conv2d)
    # dh3.r[n, k, u, v] = sum(o, u2, v2:
    #     dh3.b.conv2d[n, o, u2, v2]*(h3.b.conv2d.W[o, k, u + 1 - u2, v + 1 - v2] else 0))
    t9[...] = np.lib.stride_tricks.as_strided(
        h3_b_conv2d_W[:, :, 1:, 1:],
        (16, 16, 2, 2, 2, 2),
        (
            h3_b_conv2d_W.strides[0],
            h3_b_conv2d_W.strides[1],
            h3_b_conv2d_W.strides[2],
            (-1) * h3_b_conv2d_W.strides[2],
            h3_b_conv2d_W.strides[3],
            (-1) * h3_b_conv2d_W.strides[3],
        ),
    ).transpose(1, 2, 4, 0, 3, 5)
    t9_2d.dot(dh3_b_conv2d_2d, out=dh3_r_2d)
    # dh3.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh3.b.conv2d[n, o, u, v]*(h3.r[n, c, p + u - 1, q + v - 1] else 0))
    h3_r_padded_part[...] = h3_r
    t10[...] = dh3_b_conv2d_T0312
    t11[...] = h3_r_padded_view_T035124
    t10_2d.dot(t11_2d, out=dh3_b_conv2d_W_2d)
    # dh3.a[n, c, u, v2] = where(not h3.a[n, c, u, v2] <= 0, dh3.r[n, c, u, v2], 0)
    np.greater(h3_a.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(dh3_r, t1, out=dh3_a)
    # dh3.a.b[c] = sum(n, u, v2: dh3.a[n, c, u, v2])
    dh3_a_2d.dot(ones2, out=dh3_a_b)
    # dh3.a.g[c] = sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
    #     h3.a.v_power[c]*dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2], 0))
    np.greater(h3_a.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(dh3_a, h3_a_v_power[:, None, None, None], out=t4)
    np.multiply(t4, h3_a_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_a_g)
    # dh3.a.v[c] = sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
    #     -h3.a.g[c]*dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2]
    #     /(2*(h3.a.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h3_a.transpose(1, 2, 3, 0), zero, out=t1)
    np.add(h3_a_v, c1em05, out=t6)
    np.sqrt(t6, out=t7)
    np.multiply(t6, t7, out=t6)
    np.multiply(h3_a_g, minus_0_5, out=t7)
    np.multiply(dh3_a, t7_b1000, out=t4)
    np.multiply(t4, h3_a_conv2d_difference.transpose(1, 2, 3, 0), out=t4)
    np.divide(t4, t6_b1000, out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_a_v)
    # dh3.a.m[c] += sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
    #     -h3.a.g[c]*h3.a.v_power[c]*dh3.a[n, c, u, v2], 0))
    np.greater(h3_a.transpose(1, 2, 3, 0), zero, out=t1)
    np.negative(h3_a_g, out=t6)
    np.multiply(t6, h3_a_v_power, out=t6)
    np.multiply(dh3_a, t6_b1000, out=t4)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(t4_bits, t5, out=t4_bits)
    t4_2d.dot(ones2, out=dh3_a_m)
    # dh3.a.m[c] += sum(n, u, v2: -dh3.a.v[c]*h3.a.conv2d_difference[n, c, u, v2]/(2*N))
    h3_a_conv2d_difference.reshape(16 * N, 4).dot(ones3, out=t8_flat)
    ones.dot(t8, out=t6)
    np.multiply(dh3_a_v, minus_1_over_2_over_N, out=t7)
    np.multiply(t7, t6, out=t7)
    np.add(dh3_a_m, t7, out=dh3_a_m)
    # dh3.a.conv2d[n, o, u, v] = dh3.a.m[o]/(4*N)
    #     + h3.a.conv2d_difference[n, o, u, v]*dh3.a.v[o]/(2*N)
    #     + where(not h3.a[n, o, u, v] <= 0, dh3.a[n, o, u, v]*h3.a.g[o]*h3.a.v_power[o], 0)
    np.multiply(dh3_a_m, c, out=t6)
    np.multiply(dh3_a_v, c2, out=t7)
    np.multiply(h3_a_conv2d_difference.transpose(1, 2, 3, 0), t7_b1000, out=t4)
    np.greater(h3_a.transpose(1, 2, 3, 0), zero, out=t1)
    np.multiply(h3_a_g, h3_a_v_power, out=t7)
    np.multiply(dh3_a, t7_b1000, out=dh3_a_conv2d)
    np.multiply(t1, all_bits, out=t5)
    np.bitwise_and(dh3_a_conv2d_bits, t5, out=dh3_a_conv2d_bits)
    np.add(t4, t6_b1000, out=t4)
    np.add(t4, dh3_a_conv2d, out=dh3_a_conv2d)
    # dh2[n, c, 2*u + p, 2*v + q] += sum(o: dh3.b[n, o, u, v]*h3.s.W[o, c, p, q])
    dh2.fill(0)
    h3_s_W.reshape(16, 8).T.dot(dh3_b_2d, out=t12_2d)
    np.add(dh2_view, t12_T053142, out=dh2_view)
    # dh2[n, c, 2*u + p - 1, 2*v + q - 1] +=
    #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
    #     dh3.a.conv2d[n, o, u, v]*h3.a.conv2d.W[o, c, p, q])
    h3_a_conv2d_W.reshape(16, 72).T.dot(dh3_a_conv2d_2d, out=t13_2d)
    dh2_bordered.fill(0)
    for part, term in zip(dh2_bordered_slices, t13_slices, strict=True):
        np.add(part, term, out=part)
    np.add(dh2, dh2_bordered_part, out=dh2)
    # dh3.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh3.a.conv2d[n, o, u, v]*(h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
    h2_padded_part[...] = h2
    t10[...] = dh3_a_conv2d_T0312
    t14[...] = h2_padded_view_T024135
    t10_2d.dot(t14_2d, out=dh3_a_conv2d_W_2d)
    # dh2.b[n, c, u, v2] = where(not h2[n, c, u, v2] <= 0, dh2[n, c, u, v2], 0)
    np.greater(h2.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(dh2, t15, out=dh2_b)
    # dh2.s.W[o, c, p, q] = sum(n, u, v: dh2.b[n, o, u, v]*h1[n, c, 2*u + p, 2*v + q])
    t16[...] = np.lib.stride_tricks.as_strided(
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
    dh2_b_2d.dot(t16_2d, out=dh2_s_W_2d)
    # dh2.b.b[c] = sum(n, u, v2: dh2.b[n, c, u, v2])
    dh2_b_2d.dot(ones4, out=dh2_b_b)
    # dh2.b.g[c] = sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
    #     h2.b.v_power[c]*dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2], 0))
    np.greater(h2.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(dh2_b, h2_b_v_power[:, None, None, None], out=t17)
    np.multiply(t17, h2_b_conv2d_difference.transpose(1, 0, 2, 3), out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_b_g)
    # dh2.b.v[c] = sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
    #     -h2.b.g[c]*dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2]
    #     /(2*(h2.b.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h2.transpose(1, 0, 2, 3), zero, out=t15)
    np.add(h2_b_v, c1em05, out=t19)
    np.sqrt(t19, out=t20)
    np.multiply(t19, t20, out=t19)
    np.multiply(h2_b_g, minus_0_5, out=t20)
    np.multiply(dh2_b, t20_b1000, out=t17)
    np.multiply(t17, h2_b_conv2d_difference.transpose(1, 0, 2, 3), out=t17)
    np.divide(t17, t19_b1000, out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_b_v)
    # dh2.b.m[c] += sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
    #     -h2.b.g[c]*h2.b.v_power[c]*dh2.b[n, c, u, v2], 0))
    np.greater(h2.transpose(1, 0, 2, 3), zero, out=t15)
    np.negative(h2_b_g, out=t19)
    np.multiply(t19, h2_b_v_power, out=t19)
    np.multiply(dh2_b, t19_b1000, out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_b_m)
    # dh2.b.m[c] += sum(n, u, v2: -dh2.b.v[c]*h2.b.conv2d_difference[n, c, u, v2]/(8*N))
    h2_b_conv2d_difference.reshape(8 * N, 16).dot(ones5, out=t21_flat)
    ones.dot(t21, out=t19)
    np.multiply(dh2_b_v, minus_1_over_8_over_N, out=t20)
    np.multiply(t20, t19, out=t20)
    np.add(dh2_b_m, t20, out=dh2_b_m)
    # dh2.b.conv2d[n, o, u, v] = dh2.b.m[o]/(16*N)
    #     + h2.b.conv2d_difference[n, o, u, v]*dh2.b.v[o]/(8*N)
    #     + where(not h2[n, o, u, v] <= 0, dh2.b[n, o, u, v]*h2.b.g[o]*h2.b.v_power[o], 0)
    np.multiply(dh2_b_m, c3, out=t19)
    np.multiply(dh2_b_v, c4, out=t20)
    np.multiply(h2_b_conv2d_difference.transpose(1, 0, 2, 3), t20_b1000, out=dh2_b_conv2d)
    np.greater(h2.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(h2_b_g, h2_b_v_power, out=t20)
    np.multiply(dh2_b, t20_b1000, out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    np.add(dh2_b_conv2d, t19_b1000, out=dh2_b_conv2d)
    np.add(dh2_b_conv2d, t17, out=dh2_b_conv2d)
    # dh2.r[n, k, u, v] = sum(o, p, q:
    #     (dh2.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h2.b.conv2d.W[o, k, p, q])
    dh2_b_conv2d_padded_part[...] = dh2_b_conv2d
    t22[...] = h2_b_conv2d_W.transpose(1, 0, 2, 3)
    t23[...] = dh2_b_conv2d_padded_view_T024135
    t22_2d.dot(t23_2d, out=dh2_r_2d)
    # dh2.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh2.b.conv2d[n, o, u, v]*(h2.r[n, c, p + u - 1, q + v - 1] else 0))
    h2_r_padded_part[...] = h2_r
    t24[...] = h2_r_padded_view_T035124
    dh2_b_conv2d_2d.dot(t24_2d, out=dh2_b_conv2d_W_2d)
    # dh2.a[n, c, u, v2] = where(not h2.a[n, c, u, v2] <= 0, dh2.r[n, c, u, v2], 0)
    np.greater(h2_a.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(dh2_r, t15, out=dh2_a)
    # dh2.a.b[c] = sum(n, u, v2: dh2.a[n, c, u, v2])
    dh2_a_2d.dot(ones4, out=dh2_a_b)
    # dh2.a.g[c] = sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
    #     h2.a.v_power[c]*dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2], 0))
    np.greater(h2_a.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(dh2_a, h2_a_v_power[:, None, None, None], out=t17)
    np.multiply(t17, h2_a_conv2d_difference.transpose(1, 0, 2, 3), out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_a_g)
    # dh2.a.v[c] = sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
    #     -h2.a.g[c]*dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2]
    #     /(2*(h2.a.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h2_a.transpose(1, 0, 2, 3), zero, out=t15)
    np.add(h2_a_v, c1em05, out=t19)
    np.sqrt(t19, out=t20)
    np.multiply(t19, t20, out=t19)
    np.multiply(h2_a_g, minus_0_5, out=t20)
    np.multiply(dh2_a, t20_b1000, out=t17)
    np.multiply(t17, h2_a_conv2d_difference.transpose(1, 0, 2, 3), out=t17)
    np.divide(t17, t19_b1000, out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_a_v)
    # dh2.a.m[c] += sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
    #     -h2.a.g[c]*h2.a.v_power[c]*dh2.a[n, c, u, v2], 0))
    np.greater(h2_a.transpose(1, 0, 2, 3), zero, out=t15)
    np.negative(h2_a_g, out=t19)
    np.multiply(t19, h2_a_v_power, out=t19)
    np.multiply(dh2_a, t19_b1000, out=t17)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(t17_bits, t18, out=t17_bits)
    t17_2d.dot(ones4, out=dh2_a_m)
    # dh2.a.m[c] += sum(n, u, v2: -dh2.a.v[c]*h2.a.conv2d_difference[n, c, u, v2]/(8*N))
    h2_a_conv2d_difference.reshape(8 * N, 16).dot(ones5, out=t21_flat)
    ones.dot(t21, out=t19)
    np.multiply(dh2_a_v, minus_1_over_8_over_N, out=t20)
    np.multiply(t20, t19, out=t20)
    np.add(dh2_a_m, t20, out=dh2_a_m)
    # dh2.a.conv2d[n, o, u, v] = dh2.a.m[o]/(16*N)
    #     + h2.a.conv2d_difference[n, o, u, v]*dh2.a.v[o]/(8*N)
    #     + where(not h2.a[n, o, u, v] <= 0, dh2.a[n, o, u, v]*h2.a.g[o]*h2.a.v_power[o], 0)
    np.multiply(dh2_a_m, c3, out=t19)
    np.multiply(dh2_a_v, c4, out=t20)
    np.multiply(h2_a_conv2d_difference.transpose(1, 0, 2, 3), t20_b1000, out=t17)
    np.greater(h2_a.transpose(1, 0, 2, 3), zero, out=t15)
    np.multiply(h2_a_g, h2_a_v_power, out=t20)
    np.multiply(dh2_a, t20_b1000, out=dh2_a_conv2d)
    np.multiply(t15, all_bits, out=t18)
    np.bitwise_and(dh2_a_conv2d_bits, t18, out=dh2_a_conv2d_bits)
    np.add(t17, t19_b1000, out=t17)
    np.add(t17, dh2_a_conv2d, out=dh2_a_conv2d)
    # dh1[n, c, 2*u + p, 2*v + q] += sum(o: dh2.b[n, o, u, v]*h2.s.W[o, c, p, q])
    dh1.fill(0)
    h2_s_W.reshape(8, 4).T.dot(dh2_b_2d, out=t25_2d)
    np.add(dh1_view, t25_T034152, out=dh1_view)
    # dh1[n, c, 2*u + p - 1, 2*v + q - 1] +=
    #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
    #     dh2.a.conv2d[n, o, u, v]*h2.a.conv2d.W[o, c, p, q])
    h2_a_conv2d_W.reshape(8, 36).T.dot(dh2_a_conv2d_2d, out=t26_2d)
    dh1_bordered.fill(0)
    for part2, term2 in zip(dh1_bordered_slices, t26_slices, strict=True):
        np.add(part2, term2, out=part2)
    np.add(dh1, dh1_bordered_part, out=dh1)
    # dh2.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh2.a.conv2d[n, o, u, v]*(h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
    h1_padded_part[...] = h1
    t27[...] = h1_padded_view_T024135
    dh2_a_conv2d_2d.dot(t27_2d, out=dh2_a_conv2d_W_2d)
    # dh1.b[n, c, u, v2] = where(not h1[n, c, u, v2] <= 0, dh1[n, c, u, v2], 0)
    np.greater(h1.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(dh1, t28, out=dh1_b)
    # dh1.b.b[c] = sum(n, u, v2: dh1.b[n, c, u, v2])
    dh1_b_2d.dot(ones6, out=dh1_b_b)
    # dh1.b.g[c] = sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
    #     h1.b.v_power[c]*dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2], 0))
    np.greater(h1.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(dh1_b, h1_b_v_power[:, None, None, None], out=t29)
    np.multiply(t29, h1_b_conv2d_difference.transpose(1, 0, 2, 3), out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_b_g)
    # dh1.b.v[c] = sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
    #     -h1.b.g[c]*dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2]
    #     /(2*(h1.b.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h1.transpose(1, 0, 2, 3), zero, out=t28)
    np.add(h1_b_v, c1em05, out=t31)
    np.sqrt(t31, out=t32)
    np.multiply(t31, t32, out=t31)
    np.multiply(h1_b_g, minus_0_5, out=t32)
    np.multiply(dh1_b, t32_b1000, out=t29)
    np.multiply(t29, h1_b_conv2d_difference.transpose(1, 0, 2, 3), out=t29)
    np.divide(t29, t31_b1000, out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_b_v)
    # dh1.b.m[c] += sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
    #     -h1.b.g[c]*h1.b.v_power[c]*dh1.b[n, c, u, v2], 0))
    np.greater(h1.transpose(1, 0, 2, 3), zero, out=t28)
    np.negative(h1_b_g, out=t31)
    np.multiply(t31, h1_b_v_power, out=t31)
    np.multiply(dh1_b, t31_b1000, out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_b_m)
    # dh1.b.m[c] += sum(n, u, v2: -dh1.b.v[c]*h1.b.conv2d_difference[n, c, u, v2]/(32*N))
    h1_b_conv2d_difference.reshape(4 * N, 64).dot(ones7, out=t33_flat)
    ones.dot(t33, out=t31)
    np.multiply(dh1_b_v, minus_1_over_32_over_N, out=t32)
    np.multiply(t32, t31, out=t32)
    np.add(dh1_b_m, t32, out=dh1_b_m)
    # dh1.b.conv2d[n, o, u, v] = dh1.b.m[o]/(64*N)
    #     + h1.b.conv2d_difference[n, o, u, v]*dh1.b.v[o]/(32*N)
    #     + where(not h1[n, o, u, v] <= 0, dh1.b[n, o, u, v]*h1.b.g[o]*h1.b.v_power[o], 0)
    np.multiply(dh1_b_m, c5, out=t31)
    np.multiply(dh1_b_v, c6, out=t32)
    np.multiply(h1_b_conv2d_difference.transpose(1, 0, 2, 3), t32_b1000, out=dh1_b_conv2d)
    np.greater(h1.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(h1_b_g, h1_b_v_power, out=t32)
    np.multiply(dh1_b, t32_b1000, out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    np.add(dh1_b_conv2d, t31_b1000, out=dh1_b_conv2d)
    np.add(dh1_b_conv2d, t29, out=dh1_b_conv2d)
    # dh1.r[n, k, u, v] = sum(o, p, q:
    #     (dh1.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h1.b.conv2d.W[o, k, p, q])
    dh1_b_conv2d_padded_part[...] = dh1_b_conv2d
    t34[...] = h1_b_conv2d_W.transpose(1, 0, 2, 3)
    t35[...] = dh1_b_conv2d_padded_view_T024135
    t34_2d.dot(t35_2d, out=dh1_r_2d)
    # dh1.b.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh1.b.conv2d[n, o, u, v]*(h1.r[n, c, p + u - 1, q + v - 1] else 0))
    h1_r_padded_part[...] = h1_r
    t36[...] = h1_r_padded_view_T035124
    dh1_b_conv2d_2d.dot(t36_2d, out=dh1_b_conv2d_W_2d)
    # dh1.a[n, c, u, v2] = where(not h1.a[n, c, u, v2] <= 0, dh1.r[n, c, u, v2], 0)
    np.greater(h1_a.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(dh1_r, t28, out=dh1_a)
    # dh1.a.b[c] = sum(n, u, v2: dh1.a[n, c, u, v2])
    dh1_a_2d.dot(ones6, out=dh1_a_b)
    # dh1.a.g[c] = sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
    #     h1.a.v_power[c]*dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2], 0))
    np.greater(h1_a.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(dh1_a, h1_a_v_power[:, None, None, None], out=t29)
    np.multiply(t29, h1_a_conv2d_difference.transpose(1, 0, 2, 3), out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_a_g)
    # dh1.a.v[c] = sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
    #     -h1.a.g[c]*dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2]
    #     /(2*(h1.a.v[c] + 1/100000)**(3/2)), 0))
    np.greater(h1_a.transpose(1, 0, 2, 3), zero, out=t28)
    np.add(h1_a_v, c1em05, out=t31)
    np.sqrt(t31, out=t32)
    np.multiply(t31, t32, out=t31)
    np.multiply(h1_a_g, minus_0_5, out=t32)
    np.multiply(dh1_a, t32_b1000, out=t29)
    np.multiply(t29, h1_a_conv2d_difference.transpose(1, 0, 2, 3), out=t29)
    np.divide(t29, t31_b1000, out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_a_v)
    # dh1.a.m[c] += sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
    #     -h1.a.g[c]*h1.a.v_power[c]*dh1.a[n, c, u, v2], 0))
    np.greater(h1_a.transpose(1, 0, 2, 3), zero, out=t28)
    np.negative(h1_a_g, out=t31)
    np.multiply(t31, h1_a_v_power, out=t31)
    np.multiply(dh1_a, t31_b1000, out=t29)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(t29_bits, t30, out=t29_bits)
    t29_2d.dot(ones6, out=dh1_a_m)
    # dh1.a.m[c] += sum(n, u, v2: -dh1.a.v[c]*h1.a.conv2d_difference[n, c, u, v2]/(32*N))
    h1_a_conv2d_difference.reshape(4 * N, 64).dot(ones7, out=t33_flat)
    ones.dot(t33, out=t31)
    np.multiply(dh1_a_v, minus_1_over_32_over_N, out=t32)
    np.multiply(t32, t31, out=t32)
    np.add(dh1_a_m, t32, out=dh1_a_m)
    # dh1.a.conv2d[n, o, u, v] = dh1.a.m[o]/(64*N)
    #     + h1.a.conv2d_difference[n, o, u, v]*dh1.a.v[o]/(32*N)
    #     + where(not h1.a[n, o, u, v] <= 0, dh1.a[n, o, u, v]*h1.a.g[o]*h1.a.v_power[o], 0)
    np.multiply(dh1_a_m, c5, out=t31)
    np.multiply(dh1_a_v, c6, out=t32)
    np.multiply(h1_a_conv2d_difference.transpose(1, 0, 2, 3), t32_b1000, out=t29)
    np.greater(h1_a.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(h1_a_g, h1_a_v_power, out=t32)
    np.multiply(dh1_a, t32_b1000, out=dh1_a_conv2d)
    np.multiply(t28, all_bits, out=t30)
    np.bitwise_and(dh1_a_conv2d_bits, t30, out=dh1_a_conv2d_bits)
    np.add(t29, t31_b1000, out=t29)
    np.add(t29, dh1_a_conv2d, out=dh1_a_conv2d)
    # dh0[n, o, u, v] += sum(o2, p, q:
    #     (dh1.a.conv2d[n, o2, u + 1 - p, v + 1 - q] else 0)*h1.a.conv2d.W[o2, o, p, q])
    dh1_a_conv2d_padded_part[...] = dh1_a_conv2d
    t34[...] = h1_a_conv2d_W.transpose(1, 0, 2, 3)
    t35[...] = dh1_a_conv2d_padded_view_T024135
    t34_2d.dot(t35_2d, out=dh0_2d)
    # dh0[n, o, u, v] += dh1.b[n, o, u, v]
    np.add(dh0, dh1_b, out=dh0)
    # dh1.a.conv2d.W[o, c, p, q] = sum(n, u, v:
    #     dh1.a.conv2d[n, o, u, v]*(h0[n, c, p + u - 1, q + v - 1] else 0))
    h0_padded_part[...] = h0
    t36[...] = h0_padded_view_T035124
    dh1_a_conv2d_2d.dot(t36_2d, out=dh1_a_conv2d_W_2d)
    # dh0_sum[n, o, u, v] = where(not h0[n, o, u, v] <= 0, dh0[n, o, u, v], 0)
    np.greater(h0.transpose(1, 0, 2, 3), zero, out=t28)
    np.multiply(dh0, t28, out=dh0_sum)
    # dh0.b[o] = sum(n, u, v: dh0_sum[n, o, u, v])
    dh0_sum_2d.dot(ones6, out=dh0_b)
    # dimage[n, c, i, j] = sum(o, p, q:
    #     (dh0_sum[n, o, i + 1 - p, j + 1 - q] else 0)*h0.W[o, c, p, q])
    dh0_sum_padded_part[...] = dh0_sum
    t36[...] = dh0_sum_padded_view_T124035
    t37[...] = h0_W.transpose(0, 2, 3, 1)
    t36_2d.dot(t37_2d, out=t38_2d)
    dimage[...] = t38_T0312
    # dh0.W[o, c, p, q] = sum(n, u, v:
    #     dh0_sum[n, o, u, v]*(image[n, c, p + u - 1, q + v - 1] else 0))
    image_padded_part[...] = image
    t39[...] = image_padded_view_T035124
    dh0_sum_2d.dot(t39_2d, out=dh0_W_2d)

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
    bitwise_and = np.bitwise_and
    divide = np.divide
    exp = np.exp
    greater = np.greater
    log = np.log
    maximum = np.maximum
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    negative = np.negative
    sqrt = np.sqrt
    subtract = np.subtract
    h0_sum = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_a_m = np.empty(4, dtype)
    h1_a_conv2d_difference = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_a_v = np.empty(4, dtype)
    h1_a_rm_next = h1_a_m  # h1_a_m is not needed any more
    h1_a_rv_next = np.empty(4, dtype)
    h1_a_v_power = np.empty(4, dtype)
    h1_a = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_r = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_b_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_b_m = np.empty(4, dtype)
    h1_b_conv2d_difference = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1_b_v = np.empty(4, dtype)
    h1_b_rm_next = h1_b_m  # h1_b_m is not needed any more
    h1_b_rv_next = np.empty(4, dtype)
    h1_b_v_power = np.empty(4, dtype)
    h1_b = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1 = h1_b  # h1_b is not needed any more
    h2_a_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_a_m = np.empty(8, dtype)
    h2_a_conv2d_difference = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_a_v = np.empty(8, dtype)
    h2_a_rm_next = h2_a_m  # h2_a_m is not needed any more
    h2_a_rv_next = np.empty(8, dtype)
    h2_a_v_power = np.empty(8, dtype)
    h2_a = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_r = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_b_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_b_m = np.empty(8, dtype)
    h2_b_conv2d_difference = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_b_v = np.empty(8, dtype)
    h2_b_rm_next = h2_b_m  # h2_b_m is not needed any more
    h2_b_rv_next = np.empty(8, dtype)
    h2_b_v_power = np.empty(8, dtype)
    h2_b = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_s = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2 = h2_b  # h2_b is not needed any more
    h3_a_conv2d = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3_a_m = np.empty(16, dtype)
    h3_a_conv2d_difference = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_a_v = np.empty(16, dtype)
    h3_a_rm_next = h3_a_m  # h3_a_m is not needed any more
    h3_a_rv_next = np.empty(16, dtype)
    h3_a_v_power = np.empty(16, dtype)
    h3_a = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3_r = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3_b_conv2d = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3_b_m = np.empty(16, dtype)
    h3_b_conv2d_difference = h3_b_conv2d  # h3_b_conv2d is not needed any more
    h3_b_v = np.empty(16, dtype)
    h3_b_rm_next = h3_b_m  # h3_b_m is not needed any more
    h3_b_rv_next = np.empty(16, dtype)
    h3_b_v_power = np.empty(16, dtype)
    h3_b = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3_s = np.empty((16, 2, 2, N), dtype)  # stored with 16 first
    h3 = h3_b  # h3_b is not needed any more
    logits_global_avg_pool = np.empty((16, N), dtype)  # dimensions exchanged
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_exp = np.empty((10, N), dtype)  # dimensions exchanged
    logits_sumexp = logits_max  # logits_max is not needed any more
    dlogits = logits  # logits is not needed any more
    dlogits_b = np.empty(10, dtype)
    dlogits_W = np.empty((16, 10), dtype)
    # logits_global_avg_pool is not needed any more
    dlogits_global_avg_pool = logits_global_avg_pool
    dh3_b = h3_s  # h3_s is not needed any more
    dh3_s_W = np.empty((16, 8, 1, 1), dtype)
    dh3_b_b = np.empty(16, dtype)
    dh3_b_g = np.empty(16, dtype)
    dh3_b_v = np.empty(16, dtype)
    dh3_b_m = h3_b_v  # h3_b_v is not needed any more
    dh3_b_conv2d = h3_b_conv2d  # h3_b_conv2d is not needed any more
    dh3_r = h3_b  # h3_b is not needed any more
    dh3_b_conv2d_W = np.empty((16, 16, 3, 3), dtype)
    dh3_a = h3_b  # h3_b is not needed any more
    dh3_a_b = h3_b_v  # h3_b_v is not needed any more
    dh3_a_g = dh3_b_v  # dh3_b_v is not needed any more
    dh3_a_v = h3_b_v_power  # h3_b_v_power is not needed any more
    dh3_a_m = h3_a_v  # h3_a_v is not needed any more
    dh3_a_conv2d = h3_b  # h3_b is not needed any more
    dh2 = h2_s  # h2_s is not needed any more
    dh3_a_conv2d_W = np.empty((16, 8, 3, 3), dtype)
    dh2_b = h2_s  # h2_s is not needed any more
    dh2_s_W = np.empty((8, 4, 1, 1), dtype)
    dh2_b_b = np.empty(8, dtype)
    dh2_b_g = np.empty(8, dtype)
    dh2_b_v = np.empty(8, dtype)
    dh2_b_m = h2_b_v  # h2_b_v is not needed any more
    dh2_b_conv2d = h2_b_conv2d  # h2_b_conv2d is not needed any more
    dh2_r = h2_b  # h2_b is not needed any more
    dh2_b_conv2d_W = np.empty((8, 8, 3, 3), dtype)
    dh2_a = h2_b  # h2_b is not needed any more
    dh2_a_b = h2_b_v  # h2_b_v is not needed any more
    dh2_a_g = dh2_b_v  # dh2_b_v is not needed any more
    dh2_a_v = h2_b_v_power  # h2_b_v_power is not needed any more
    dh2_a_m = h2_a_v  # h2_a_v is not needed any more
    dh2_a_conv2d = h2_b  # h2_b is not needed any more
    dh1 = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    dh2_a_conv2d_W = np.empty((8, 4, 3, 3), dtype)
    dh1_b = dh1  # dh1 is not needed any more
    dh1_b_b = np.empty(4, dtype)
    dh1_b_g = np.empty(4, dtype)
    dh1_b_v = np.empty(4, dtype)
    dh1_b_m = h1_b_v  # h1_b_v is not needed any more
    dh1_b_conv2d = h1_b_conv2d  # h1_b_conv2d is not needed any more
    dh1_r = h1_b  # h1_b is not needed any more
    dh1_b_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh1_a = h1_b  # h1_b is not needed any more
    dh1_a_b = h1_b_v  # h1_b_v is not needed any more
    dh1_a_g = dh1_b_v  # dh1_b_v is not needed any more
    dh1_a_v = h1_b_v_power  # h1_b_v_power is not needed any more
    dh1_a_m = h1_a_v  # h1_a_v is not needed any more
    dh1_a_conv2d = h1_b  # h1_b is not needed any more
    dh0 = h1_a  # h1_a is not needed any more
    dh1_a_conv2d_W = np.empty((4, 4, 3, 3), dtype)
    dh0_sum = h1_a  # h1_a is not needed any more
    dh0_b = h1_a_v  # h1_a_v is not needed any more
    dh0_W = np.empty((4, 3, 3, 3), dtype)
    image_padded = np.full((N, 3, 10, 10), 0, dtype)
    image_padded_part = image_padded[:, :, 1:9, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 3, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
            image_padded.strides[3],
        ),
    )
    t0 = np.empty((3, 3, 3, N, 8, 8), dtype)
    image_padded_view_T124035 = image_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(27, 64 * N)
    h0_sum_2d = h0_sum.reshape(4, 64 * N)
    zero = np.array(0, dtype)
    zeros = np.zeros((4, N, 8, 8), dtype)
    h0_padded = np.full((4, N, 10, 10), 0, dtype)
    h0_padded_part = h0_padded[:, :, 1:9, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (4, N, 3, 8, 3, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
            h0_padded.strides[3],
        ),
    )
    t1 = np.empty((4, 3, 3, N, 8, 8), dtype)
    h0_padded_view_T024135 = h0_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t1_2d = t1.reshape(36, 64 * N)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(4, 64 * N)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    h1_a_m_b1000 = h1_a_m[:, None, None, None]
    t2 = np.empty((4, N, 8, 8), dtype)
    ones = np.ones(64 * N, dtype)
    t2_2d = t2.reshape(4, 64 * N)
    c = np.array(1 / 64 / N, dtype)
    c0_1 = np.array(0.1, dtype)
    t3 = np.empty(4, dtype)
    c0_9 = np.array(0.9, dtype)
    c1em05 = np.array(1e-05, dtype)
    one = np.array(1, dtype)
    t3_b1000 = t3[:, None, None, None]
    h1_r_padded = np.full((4, N, 10, 10), 0, dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (4, N, 3, 8, 3, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
            h1_r_padded.strides[3],
        ),
    )
    h1_r_padded_view_T024135 = h1_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(4, 64 * N)
    h1_b_m_b1000 = h1_b_m[:, None, None, None]
    h1_padded = np.full((4, N, 9, 9), 0, dtype)
    h1_padded_part = h1_padded[:, :, 1:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (4, N, 4, 3, 4, 3),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            2 * h1_padded.strides[3],
            h1_padded.strides[3],
        ),
    )
    t4 = np.empty((4, 3, 3, N, 4, 4), dtype)
    h1_padded_view_T035124 = h1_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t4_2d = t4.reshape(36, 16 * N)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(8, 16 * N)
    weights2 = np.full(16 * N, 1 / 16 / N, dtype)
    h2_a_m_b1000 = h2_a_m[:, None, None, None]
    t5 = np.empty((8, N, 4, 4), dtype)
    ones2 = np.ones(16 * N, dtype)
    t5_2d = t5.reshape(8, 16 * N)
    c2 = np.array(1 / 16 / N, dtype)
    t6 = np.empty(8, dtype)
    t6_b1000 = t6[:, None, None, None]
    zeros2 = np.zeros((8, N, 4, 4), dtype)
    h2_r_padded = np.full((8, N, 6, 6), 0, dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (8, N, 3, 4, 3, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
            h2_r_padded.strides[3],
        ),
    )
    t7 = np.empty((8, 3, 3, N, 4, 4), dtype)
    h2_r_padded_view_T024135 = h2_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t7_2d = t7.reshape(72, 16 * N)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(8, 16 * N)
    h2_b_m_b1000 = h2_b_m[:, None, None, None]
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (4, N, 4, 1, 4, 1),
        (
            h1.strides[0],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            2 * h1.strides[3],
            h1.strides[3],
        ),
    )
    t8 = np.empty((4, 1, 1, N, 4, 4), dtype)
    h1_view_T035124 = h1_view.transpose(0, 3, 5, 1, 2, 4)
    t8_2d = t8.reshape(4, 16 * N)
    h2_s_2d = h2_s.reshape(8, 16 * N)
    h2_padded = np.full((8, N, 5, 5), 0, dtype)
    h2_padded_part = h2_padded[:, :, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (8, N, 2, 3, 2, 3),
        (
            h2_padded.strides[0],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            2 * h2_padded.strides[3],
            h2_padded.strides[3],
        ),
    )
    t9 = np.empty((8, 3, 3, 2, 2, N), dtype)
    h2_padded_view_T035241 = h2_padded_view.transpose(0, 3, 5, 2, 4, 1)
    t9_2d = t9.reshape(72, 4 * N)
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    weights3 = np.full(4 * N, 1 / 4 / N, dtype)
    h3_a_m_b1000 = h3_a_m[:, None, None, None]
    t10 = np.empty((16, 2, 2, N), dtype)
    ones3 = np.ones(4 * N, dtype)
    t10_2d = t10.reshape(16, 4 * N)
    c3 = np.array(1 / 4 / N, dtype)
    t11 = np.empty(16, dtype)
    t11_b1000 = t11[:, None, None, None]
    zeros3 = np.zeros((16, 2, 2, N), dtype)
    h3_r_padded = np.full((16, 4, 4, N), 0, dtype)
    h3_r_padded_part = h3_r_padded[:, 1:3, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, 3, 2, 3, 2, N),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
        ),
    )
    t12 = np.empty((16, 3, 3, 2, 2, N), dtype)
    h3_r_padded_view_T013245 = h3_r_padded_view.transpose(0, 1, 3, 2, 4, 5)
    t12_2d = t12.reshape(144, 4 * N)
    h3_b_conv2d_2d = h3_b_conv2d.reshape(16, 4 * N)
    h3_b_m_b1000 = h3_b_m[:, None, None, None]
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (8, N, 2, 1, 2, 1),
        (
            h2.strides[0],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            2 * h2.strides[3],
            h2.strides[3],
        ),
    )
    t13 = np.empty((8, 1, 1, 2, 2, N), dtype)
    h2_view_T035241 = h2_view.transpose(0, 3, 5, 2, 4, 1)
    t13_2d = t13.reshape(8, 4 * N)
    h3_s_2d = h3_s.reshape(16, 4 * N)
    c0_25 = np.array(0.25, dtype)
    ones4 = np.ones(10, dtype)
    position = np.arange(N)
    t14 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t15 = np.empty(N, dtype)
    t16 = np.empty(N, dtype)
    weights4 = np.full(N, 1 / N, dtype)
    N2 = np.array(N, dtype)
    dlogits_flat = dlogits.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    ones5 = np.ones(N, dtype)
    dlogits_T = dlogits.T
    t17 = np.empty((16, 2, 2, N), bool)
    t18 = np.empty((16, N), dtype)
    t18_b1001 = t18[:, None, None, :]
    dh3_b_2d = dh3_b.reshape(16, 4 * N)
    t19 = np.empty((2, 2, N, 8, 1, 1), dtype)
    h2_view_T241035 = h2_view.transpose(2, 4, 1, 0, 3, 5)
    t19_2d = t19.reshape(4 * N, 8)
    dh3_s_W_2d = dh3_s_W.reshape(16, 8)
    h3_b_v_power_b1000 = h3_b_v_power[:, None, None, None]
    bits = np.dtype(f"i{dtype.itemsize}")
    t20 = np.empty((16, 2, 2, N), bits)
    all_bits = np.array(-1, bits)
    t10_bits = t10.view(bits)
    t21 = np.empty(16, dtype)
    minus_0_5 = np.array(-0.5, dtype)
    t21_b1000 = t21[:, None, None, None]
    h3_b_conv2d_difference_2d = h3_b_conv2d_difference.reshape(16, 4 * N)
    minus_1_over_2_over_N = np.array(-1 / 2 / N, dtype)
    c4 = np.array(1 / 2 / N, dtype)
    t22 = np.empty((16, 2, 2, 16, 2, 2), dtype)
    t22_2d = t22.reshape(64, 64)
    dh3_b_conv2d_2d = dh3_b_conv2d.reshape(64, N)
    dh3_r_2d = dh3_r.reshape(64, N)
    dh3_b_conv2d_2d2 = dh3_b_conv2d.reshape(16, 4 * N)
    t23 = np.empty((2, 2, N, 16, 3, 3), dtype)
    h3_r_padded_view_T245013 = h3_r_padded_view.transpose(2, 4, 5, 0, 1, 3)
    t23_2d = t23.reshape(4 * N, 144)
    dh3_b_conv2d_W_2d = dh3_b_conv2d_W.reshape(16, 144)
    dh3_a_2d = dh3_a.reshape(16, 4 * N)
    h3_a_v_power_b1000 = h3_a_v_power[:, None, None, None]
    h3_a_conv2d_difference_2d = h3_a_conv2d_difference.reshape(16, 4 * N)
    dh3_a_conv2d_bits = dh3_a_conv2d.view(bits)
    dh2_view = np.lib.stride_tricks.as_strided(
        dh2,
        (8, N, 2, 1, 2, 1),
        (
            dh2.strides[0],
            dh2.strides[1],
            2 * dh2.strides[2],
            dh2.strides[2],
            2 * dh2.strides[3],
            dh2.strides[3],
        ),
    )
    t13_T053142 = t13.transpose(0, 5, 3, 1, 4, 2)
    dh3_a_conv2d_2d = dh3_a_conv2d.reshape(16, 4 * N)
    dh2_bordered = np.empty((8, N, 5, 5), dtype)
    dh2_bordered_slices = [
        dh2_bordered[:8, :N, 2 * u : 2 * u + 3, 2 * v : 2 * v + 3]
        for u in range(2)
        for v in range(2)
    ]
    t9_T340512 = t9.transpose(3, 4, 0, 5, 1, 2)
    t9_slices = [t9_T340512[u, v] for u in range(2) for v in range(2)]
    dh2_bordered_part = dh2_bordered[:, :, 1:, 1:]
    t24 = np.empty((16, N, 2, 2), dtype)
    dh3_a_conv2d_T0312 = dh3_a_conv2d.transpose(0, 3, 1, 2)
    t24_2d = t24.reshape(16, 4 * N)
    t25 = np.empty((N, 2, 2, 8, 3, 3), dtype)
    h2_padded_view_T124035 = h2_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t25_2d = t25.reshape(4 * N, 72)
    dh3_a_conv2d_W_2d = dh3_a_conv2d_W.reshape(16, 72)
    t26 = np.empty((8, N, 4, 4), bool)
    dh2_b_2d = dh2_b.reshape(8, 16 * N)
    t27 = np.empty((N, 4, 4, 4, 1, 1), dtype)
    h1_view_T124035 = h1_view.transpose(1, 2, 4, 0, 3, 5)
    t27_2d = t27.reshape(16 * N, 4)
    dh2_s_W_2d = dh2_s_W.reshape(8, 4)
    h2_b_v_power_b1000 = h2_b_v_power[:, None, None, None]
    t28 = np.empty((8, N, 4, 4), bits)
    t5_bits = t5.view(bits)
    t29 = np.empty(8, dtype)
    t29_b1000 = t29[:, None, None, None]
    h2_b_conv2d_difference_2d = h2_b_conv2d_difference.reshape(8, 16 * N)
    minus_1_over_8_over_N = np.array(-1 / 8 / N, dtype)
    c5 = np.array(1 / 8 / N, dtype)
    dh2_b_conv2d_padded = np.full((8, N, 6, 6), 0, dtype)
    dh2_b_conv2d_padded_part = dh2_b_conv2d_padded[:, :, 1:5, 1:5]
    dh2_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh2_b_conv2d_padded[:, :, 2:, 2:],
        (8, N, 3, 4, 3, 4),
        (
            dh2_b_conv2d_padded.strides[0],
            dh2_b_conv2d_padded.strides[1],
            (-1) * dh2_b_conv2d_padded.strides[2],
            dh2_b_conv2d_padded.strides[2],
            (-1) * dh2_b_conv2d_padded.strides[3],
            dh2_b_conv2d_padded.strides[3],
        ),
    )
    t30 = np.empty((8, 8, 3, 3), dtype)
    t30_2d = t30.reshape(8, 72)
    dh2_b_conv2d_padded_view_T024135 = dh2_b_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    dh2_r_2d = dh2_r.reshape(8, 16 * N)
    dh2_b_conv2d_2d = dh2_b_conv2d.reshape(8, 16 * N)
    t31 = np.empty((N, 4, 4, 8, 3, 3), dtype)
    h2_r_padded_view_T135024 = h2_r_padded_view.transpose(1, 3, 5, 0, 2, 4)
    t31_2d = t31.reshape(16 * N, 72)
    dh2_b_conv2d_W_2d = dh2_b_conv2d_W.reshape(8, 72)
    dh2_a_2d = dh2_a.reshape(8, 16 * N)
    h2_a_v_power_b1000 = h2_a_v_power[:, None, None, None]
    h2_a_conv2d_difference_2d = h2_a_conv2d_difference.reshape(8, 16 * N)
    dh2_a_conv2d_bits = dh2_a_conv2d.view(bits)
    dh1_view = np.lib.stride_tricks.as_strided(
        dh1,
        (4, N, 4, 1, 4, 1),
        (
            dh1.strides[0],
            dh1.strides[1],
            2 * dh1.strides[2],
            dh1.strides[2],
            2 * dh1.strides[3],
            dh1.strides[3],
        ),
    )
    t8_T034152 = t8.transpose(0, 3, 4, 1, 5, 2)
    dh2_a_conv2d_2d = dh2_a_conv2d.reshape(8, 16 * N)
    dh1_bordered = np.empty((4, N, 9, 9), dtype)
    dh1_bordered_slices = [
        dh1_bordered[:4, :N, p : p + 8 : 2, q : q + 8 : 2] for p in range(3) for q in range(3)
    ]
    t4_T120345 = t4.transpose(1, 2, 0, 3, 4, 5)
    t4_slices = [t4_T120345[p, q] for p in range(3) for q in range(3)]
    dh1_bordered_part = dh1_bordered[:, :, 1:, 1:]
    t32 = np.empty((N, 4, 4, 4, 3, 3), dtype)
    h1_padded_view_T124035 = h1_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t32_2d = t32.reshape(16 * N, 36)
    dh2_a_conv2d_W_2d = dh2_a_conv2d_W.reshape(8, 36)
    t33 = np.empty((4, N, 8, 8), bool)
    dh1_b_2d = dh1_b.reshape(4, 64 * N)
    h1_b_v_power_b1000 = h1_b_v_power[:, None, None, None]
    t34 = np.empty((4, N, 8, 8), bits)
    t2_bits = t2.view(bits)
    t35 = np.empty(4, dtype)
    t35_b1000 = t35[:, None, None, None]
    h1_b_conv2d_difference_2d = h1_b_conv2d_difference.reshape(4, 64 * N)
    minus_1_over_32_over_N = np.array(-1 / 32 / N, dtype)
    c6 = np.array(1 / 32 / N, dtype)
    dh1_b_conv2d_padded = np.full((4, N, 10, 10), 0, dtype)
    dh1_b_conv2d_padded_part = dh1_b_conv2d_padded[:, :, 1:9, 1:9]
    dh1_b_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_b_conv2d_padded[:, :, 2:, 2:],
        (4, N, 3, 8, 3, 8),
        (
            dh1_b_conv2d_padded.strides[0],
            dh1_b_conv2d_padded.strides[1],
            (-1) * dh1_b_conv2d_padded.strides[2],
            dh1_b_conv2d_padded.strides[2],
            (-1) * dh1_b_conv2d_padded.strides[3],
            dh1_b_conv2d_padded.strides[3],
        ),
    )
    t36 = np.empty((4, 4, 3, 3), dtype)
    t36_2d = t36.reshape(4, 36)
    dh1_b_conv2d_padded_view_T024135 = dh1_b_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    dh1_r_2d = dh1_r.reshape(4, 64 * N)
    dh1_b_conv2d_2d = dh1_b_conv2d.reshape(4, 64 * N)
    t37 = np.empty((N, 8, 8, 4, 3, 3), dtype)
    h1_r_padded_view_T135024 = h1_r_padded_view.transpose(1, 3, 5, 0, 2, 4)
    t37_2d = t37.reshape(64 * N, 36)
    dh1_b_conv2d_W_2d = dh1_b_conv2d_W.reshape(4, 36)
    dh1_a_2d = dh1_a.reshape(4, 64 * N)
    h1_a_v_power_b1000 = h1_a_v_power[:, None, None, None]
    h1_a_conv2d_difference_2d = h1_a_conv2d_difference.reshape(4, 64 * N)
    dh1_a_conv2d_bits = dh1_a_conv2d.view(bits)
    dh1_a_conv2d_padded = np.full((4, N, 10, 10), 0, dtype)
    dh1_a_conv2d_padded_part = dh1_a_conv2d_padded[:, :, 1:9, 1:9]
    dh1_a_conv2d_padded_view = np.lib.stride_tricks.as_strided(
        dh1_a_conv2d_padded[:, :, 2:, 2:],
        (4, N, 3, 8, 3, 8),
        (
            dh1_a_conv2d_padded.strides[0],
            dh1_a_conv2d_padded.strides[1],
            (-1) * dh1_a_conv2d_padded.strides[2],
            dh1_a_conv2d_padded.strides[2],
            (-1) * dh1_a_conv2d_padded.strides[3],
            dh1_a_conv2d_padded.strides[3],
        ),
    )
    dh1_a_conv2d_padded_view_T024135 = dh1_a_conv2d_padded_view.transpose(0, 2, 4, 1, 3, 5)
    dh0_2d = dh0.reshape(4, 64 * N)
    dh1_a_conv2d_2d = dh1_a_conv2d.reshape(4, 64 * N)
    h0_padded_view_T135024 = h0_padded_view.transpose(1, 3, 5, 0, 2, 4)
    dh1_a_conv2d_W_2d = dh1_a_conv2d_W.reshape(4, 36)
    dh0_sum_2d = dh0_sum.reshape(4, 64 * N)
    t38 = np.empty((N, 8, 8, 3, 3, 3), dtype)
    image_padded_view_T035124 = image_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t38_2d = t38.reshape(64 * N, 27)
    dh0_W_2d = dh0_W.reshape(4, 27)

    def bind(params):
        held = [*params.values()]
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
        h0_W_2d = h0_W.reshape(4, 27)
        h0_b_b1000 = h0_b[:, None, None, None]
        h1_a_conv2d_W_2d = h1_a_conv2d_W.reshape(4, 36)
        h1_a_b_b1000 = h1_a_b[:, None, None, None]
        h1_b_conv2d_W_2d = h1_b_conv2d_W.reshape(4, 36)
        h1_b_b_b1000 = h1_b_b[:, None, None, None]
        h2_a_conv2d_W_2d = h2_a_conv2d_W.reshape(8, 36)
        h2_a_b_b1000 = h2_a_b[:, None, None, None]
        h2_b_conv2d_W_2d = h2_b_conv2d_W.reshape(8, 72)
        h2_b_b_b1000 = h2_b_b[:, None, None, None]
        h2_s_W_2d = h2_s_W.reshape(8, 4)
        h3_a_conv2d_W_2d = h3_a_conv2d_W.reshape(16, 72)
        h3_a_b_b1000 = h3_a_b[:, None, None, None]
        h3_b_conv2d_W_2d = h3_b_conv2d_W.reshape(16, 144)
        h3_b_b_b1000 = h3_b_b[:, None, None, None]
        h3_s_W_2d = h3_s_W.reshape(16, 8)
        logits_W_T = logits_W.T
        logits_b_col = logits_b[:, None]
        h3_b_conv2d_W_view = np.lib.stride_tricks.as_strided(
            h3_b_conv2d_W[:, :, 1:, 1:],
            (16, 16, 2, 2, 2, 2),
            (
                h3_b_conv2d_W.strides[0],
                h3_b_conv2d_W.strides[1],
                h3_b_conv2d_W.strides[2],
                (-1) * h3_b_conv2d_W.strides[2],
                h3_b_conv2d_W.strides[3],
                (-1) * h3_b_conv2d_W.strides[3],
            ),
        )
        h3_b_conv2d_W_view_T124035 = h3_b_conv2d_W_view.transpose(1, 2, 4, 0, 3, 5)
        h3_s_W_2d_T = h3_s_W_2d.T
        h3_a_conv2d_W_2d_T = h3_a_conv2d_W_2d.T
        h2_b_conv2d_W_T1023 = h2_b_conv2d_W.transpose(1, 0, 2, 3)
        h2_s_W_2d_T = h2_s_W_2d.T
        h2_a_conv2d_W_2d_T = h2_a_conv2d_W_2d.T
        h1_b_conv2d_W_T1023 = h1_b_conv2d_W.transpose(1, 0, 2, 3)
        h1_a_conv2d_W_T1023 = h1_a_conv2d_W.transpose(1, 0, 2, 3)

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

        @np.errstate(all="ignore")
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
            image_padded_part[...] = image
            t0[...] = image_padded_view_T124035
            h0_W_2d.dot(t0_2d, h0_sum_2d)
            # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
            add(h0_sum, h0_b_b1000, h0)
            maximum(h0, zeros, out=h0)
            # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
            h0_padded_part[...] = h0
            t1[...] = h0_padded_view_T024135
            h1_a_conv2d_W_2d.dot(t1_2d, h1_a_conv2d_2d)
            # h1.a.m[c] = sum(n, u, v2: h1.a.conv2d[n, c, u, v2]/(64*N))
            h1_a_conv2d_2d.dot(weights, h1_a_m)
            # h1.a.conv2d_difference[n, o, u, v] = h1.a.conv2d[n, o, u, v] - h1.a.m[o]
            subtract(h1_a_conv2d, h1_a_m_b1000, h1_a_conv2d_difference)
            # h1.a.v[c] = sum(n, u, v2: h1.a.conv2d_difference[n, c, u, v2]**2/(64*N))
            multiply(h1_a_conv2d_difference, h1_a_conv2d_difference, t2)
            t2_2d.dot(ones, h1_a_v)
            multiply(h1_a_v, c, h1_a_v)
            # h1.a.rm'[c] = 9*h1.a.rm[c]/10 + h1.a.m[c]/10
            multiply(h1_a_m, c0_1, h1_a_rm_next)
            multiply(h1_a_rm, c0_9, t3)
            add(h1_a_rm_next, t3, h1_a_rm_next)
            # h1.a.rv'[c] = 9*h1.a.rv[c]/10 + h1.a.v[c]/10
            multiply(h1_a_v, c0_1, h1_a_rv_next)
            multiply(h1_a_rv, c0_9, t3)
            add(h1_a_rv_next, t3, h1_a_rv_next)
            # h1.a.v_power[c] = 1/sqrt(h1.a.v[c] + 1/100000)
            add(h1_a_v, c1em05, h1_a_v_power)
            sqrt(h1_a_v_power, h1_a_v_power)
            divide(one, h1_a_v_power, h1_a_v_power)
            # h1.a[n, c, u, v2] = h1.a.b[c]
            #     + h1.a.conv2d_difference[n, c, u, v2]*h1.a.g[c]*h1.a.v_power[c]
            multiply(h1_a_g, h1_a_v_power, t3)
            multiply(h1_a_conv2d_difference, t3_b1000, h1_a)
            add(h1_a, h1_a_b_b1000, h1_a)
            # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
            maximum(h1_a, zeros, out=h1_r)
            # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
            h1_r_padded_part[...] = h1_r
            t1[...] = h1_r_padded_view_T024135
            h1_b_conv2d_W_2d.dot(t1_2d, h1_b_conv2d_2d)
            # h1.b.m[c] = sum(n, u, v2: h1.b.conv2d[n, c, u, v2]/(64*N))
            h1_b_conv2d_2d.dot(weights, h1_b_m)
            # h1.b.conv2d_difference[n, o, u, v] = h1.b.conv2d[n, o, u, v] - h1.b.m[o]
            subtract(h1_b_conv2d, h1_b_m_b1000, h1_b_conv2d_difference)
            # h1.b.v[c] = sum(n, u, v2: h1.b.conv2d_difference[n, c, u, v2]**2/(64*N))
            multiply(h1_b_conv2d_difference, h1_b_conv2d_difference, t2)
            t2_2d.dot(ones, h1_b_v)
            multiply(h1_b_v, c, h1_b_v)
            # h1.b.rm'[c] = 9*h1.b.rm[c]/10 + h1.b.m[c]/10
            multiply(h1_b_m, c0_1, h1_b_rm_next)
            multiply(h1_b_rm, c0_9, t3)
            add(h1_b_rm_next, t3, h1_b_rm_next)
            # h1.b.rv'[c] = 9*h1.b.rv[c]/10 + h1.b.v[c]/10
            multiply(h1_b_v, c0_1, h1_b_rv_next)
            multiply(h1_b_rv, c0_9, t3)
            add(h1_b_rv_next, t3, h1_b_rv_next)
            # h1.b.v_power[c] = 1/sqrt(h1.b.v[c] + 1/100000)
            add(h1_b_v, c1em05, h1_b_v_power)
            sqrt(h1_b_v_power, h1_b_v_power)
            divide(one, h1_b_v_power, h1_b_v_power)
            # h1.b[n, c, u, v2] = h1.b.b[c]
            #     + h1.b.conv2d_difference[n, c, u, v2]*h1.b.g[c]*h1.b.v_power[c]
            multiply(h1_b_g, h1_b_v_power, t3)
            multiply(h1_b_conv2d_difference, t3_b1000, h1_b)
            add(h1_b, h1_b_b_b1000, h1_b)
            # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
            add(h0, h1_b, h1)
            maximum(h1, zeros, out=h1)
            # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
            h1_padded_part[...] = h1
            t4[...] = h1_padded_view_T035124
            h2_a_conv2d_W_2d.dot(t4_2d, h2_a_conv2d_2d)
            # h2.a.m[c] = sum(n, u, v2: h2.a.conv2d[n, c, u, v2]/(16*N))
            h2_a_conv2d_2d.dot(weights2, h2_a_m)
            # h2.a.conv2d_difference[n, o, u, v] = h2.a.conv2d[n, o, u, v] - h2.a.m[o]
            subtract(h2_a_conv2d, h2_a_m_b1000, h2_a_conv2d_difference)
            # h2.a.v[c] = sum(n, u, v2: h2.a.conv2d_difference[n, c, u, v2]**2/(16*N))
            multiply(h2_a_conv2d_difference, h2_a_conv2d_difference, t5)
            t5_2d.dot(ones2, h2_a_v)
            multiply(h2_a_v, c2, h2_a_v)
            # h2.a.rm'[c] = 9*h2.a.rm[c]/10 + h2.a.m[c]/10
            multiply(h2_a_m, c0_1, h2_a_rm_next)
            multiply(h2_a_rm, c0_9, t6)
            add(h2_a_rm_next, t6, h2_a_rm_next)
            # h2.a.rv'[c] = 9*h2.a.rv[c]/10 + h2.a.v[c]/10
            multiply(h2_a_v, c0_1, h2_a_rv_next)
            multiply(h2_a_rv, c0_9, t6)
            add(h2_a_rv_next, t6, h2_a_rv_next)
            # h2.a.v_power[c] = 1/sqrt(h2.a.v[c] + 1/100000)
            add(h2_a_v, c1em05, h2_a_v_power)
            sqrt(h2_a_v_power, h2_a_v_power)
            divide(one, h2_a_v_power, h2_a_v_power)
            # h2.a[n, c, u, v2] = h2.a.b[c]
            #     + h2.a.conv2d_difference[n, c, u, v2]*h2.a.g[c]*h2.a.v_power[c]
            multiply(h2_a_g, h2_a_v_power, t6)
            multiply(h2_a_conv2d_difference, t6_b1000, h2_a)
            add(h2_a, h2_a_b_b1000, h2_a)
            # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
            maximum(h2_a, zeros2, out=h2_r)
            # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
            h2_r_padded_part[...] = h2_r
            t7[...] = h2_r_padded_view_T024135
            h2_b_conv2d_W_2d.dot(t7_2d, h2_b_conv2d_2d)
            # h2.b.m[c] = sum(n, u, v2: h2.b.conv2d[n, c, u, v2]/(16*N))
            h2_b_conv2d_2d.dot(weights2, h2_b_m)
            # h2.b.conv2d_difference[n, o, u, v] = h2.b.conv2d[n, o, u, v] - h2.b.m[o]
            subtract(h2_b_conv2d, h2_b_m_b1000, h2_b_conv2d_difference)
            # h2.b.v[c] = sum(n, u, v2: h2.b.conv2d_difference[n, c, u, v2]**2/(16*N))
            multiply(h2_b_conv2d_difference, h2_b_conv2d_difference, t5)
            t5_2d.dot(ones2, h2_b_v)
            multiply(h2_b_v, c2, h2_b_v)
            # h2.b.rm'[c] = 9*h2.b.rm[c]/10 + h2.b.m[c]/10
            multiply(h2_b_m, c0_1, h2_b_rm_next)
            multiply(h2_b_rm, c0_9, t6)
            add(h2_b_rm_next, t6, h2_b_rm_next)
            # h2.b.rv'[c] = 9*h2.b.rv[c]/10 + h2.b.v[c]/10
            multiply(h2_b_v, c0_1, h2_b_rv_next)
            multiply(h2_b_rv, c0_9, t6)
            add(h2_b_rv_next, t6, h2_b_rv_next)
            # h2.b.v_power[c] = 1/sqrt(h2.b.v[c] + 1/100000)
            add(h2_b_v, c1em05, h2_b_v_power)
            sqrt(h2_b_v_power, h2_b_v_power)
            divide(one, h2_b_v_power, h2_b_v_power)
            # h2.b[n, c, u, v2] = h2.b.b[c]
            #     + h2.b.conv2d_difference[n, c, u, v2]*h2.b.g[c]*h2.b.v_power[c]
            multiply(h2_b_g, h2_b_v_power, t6)
            multiply(h2_b_conv2d_difference, t6_b1000, h2_b)
            add(h2_b, h2_b_b_b1000, h2_b)
            # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
            t8[...] = h1_view_T035124
            h2_s_W_2d.dot(t8_2d, h2_s_2d)
            # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
            add(h2_b, h2_s, h2)
            maximum(h2, zeros2, out=h2)
            # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
            h2_padded_part[...] = h2
            t9[...] = h2_padded_view_T035241
            h3_a_conv2d_W_2d.dot(t9_2d, h3_a_conv2d_2d)
            # h3.a.m[c] = sum(n, u, v2: h3.a.conv2d[n, c, u, v2]/(4*N))
            h3_a_conv2d_2d.dot(weights3, h3_a_m)
            # h3.a.conv2d_difference[n, o, u, v] = h3.a.conv2d[n, o, u, v] - h3.a.m[o]
            subtract(h3_a_conv2d, h3_a_m_b1000, h3_a_conv2d_difference)
            # h3.a.v[c] = sum(n, u, v2: h3.a.conv2d_difference[n, c, u, v2]**2/(4*N))
            multiply(h3_a_conv2d_difference, h3_a_conv2d_difference, t10)
            t10_2d.dot(ones3, h3_a_v)
            multiply(h3_a_v, c3, h3_a_v)
            # h3.a.rm'[c] = 9*h3.a.rm[c]/10 + h3.a.m[c]/10
            multiply(h3_a_m, c0_1, h3_a_rm_next)
            multiply(h3_a_rm, c0_9, t11)
            add(h3_a_rm_next, t11, h3_a_rm_next)
            # h3.a.rv'[c] = 9*h3.a.rv[c]/10 + h3.a.v[c]/10
            multiply(h3_a_v, c0_1, h3_a_rv_next)
            multiply(h3_a_rv, c0_9, t11)
            add(h3_a_rv_next, t11, h3_a_rv_next)
            # h3.a.v_power[c] = 1/sqrt(h3.a.v[c] + 1/100000)
            add(h3_a_v, c1em05, h3_a_v_power)
            sqrt(h3_a_v_power, h3_a_v_power)
            divide(one, h3_a_v_power, h3_a_v_power)
            # h3.a[n, c, u, v2] = h3.a.b[c]
            #     + h3.a.conv2d_difference[n, c, u, v2]*h3.a.g[c]*h3.a.v_power[c]
            multiply(h3_a_g, h3_a_v_power, t11)
            multiply(h3_a_conv2d_difference, t11_b1000, h3_a)
            add(h3_a, h3_a_b_b1000, h3_a)
            # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
            maximum(h3_a, zeros3, out=h3_r)
            # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
            #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
            h3_r_padded_part[...] = h3_r
            t12[...] = h3_r_padded_view_T013245
            h3_b_conv2d_W_2d.dot(t12_2d, h3_b_conv2d_2d)
            # h3.b.m[c] = sum(n, u, v2: h3.b.conv2d[n, c, u, v2]/(4*N))
            h3_b_conv2d_2d.dot(weights3, h3_b_m)
            # h3.b.conv2d_difference[n, o, u, v] = h3.b.conv2d[n, o, u, v] - h3.b.m[o]
            subtract(h3_b_conv2d, h3_b_m_b1000, h3_b_conv2d_difference)
            # h3.b.v[c] = sum(n, u, v2: h3.b.conv2d_difference[n, c, u, v2]**2/(4*N))
            multiply(h3_b_conv2d_difference, h3_b_conv2d_difference, t10)
            t10_2d.dot(ones3, h3_b_v)
            multiply(h3_b_v, c3, h3_b_v)
            # h3.b.rm'[c] = 9*h3.b.rm[c]/10 + h3.b.m[c]/10
            multiply(h3_b_m, c0_1, h3_b_rm_next)
            multiply(h3_b_rm, c0_9, t11)
            add(h3_b_rm_next, t11, h3_b_rm_next)
            # h3.b.rv'[c] = 9*h3.b.rv[c]/10 + h3.b.v[c]/10
            multiply(h3_b_v, c0_1, h3_b_rv_next)
            multiply(h3_b_rv, c0_9, t11)
            add(h3_b_rv_next, t11, h3_b_rv_next)
            # h3.b.v_power[c] = 1/sqrt(h3.b.v[c] + 1/100000)
            add(h3_b_v, c1em05, h3_b_v_power)
            sqrt(h3_b_v_power, h3_b_v_power)
            divide(one, h3_b_v_power, h3_b_v_power)
            # h3.b[n, c, u, v2] = h3.b.b[c]
            #     + h3.b.conv2d_difference[n, c, u, v2]*h3.b.g[c]*h3.b.v_power[c]
            multiply(h3_b_g, h3_b_v_power, t11)
            multiply(h3_b_conv2d_difference, t11_b1000, h3_b)
            add(h3_b, h3_b_b_b1000, h3_b)
            # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
            t13[...] = h2_view_T035241
            h3_s_W_2d.dot(t13_2d, h3_s_2d)
            # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
            add(h3_b, h3_s, h3)
            maximum(h3, zeros3, out=h3)
            # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
            add_reduce(h3, (1, 2), None, logits_global_avg_pool)
            multiply(logits_global_avg_pool, c0_25, logits_global_avg_pool)
            # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
            logits_W_T.dot(logits_global_avg_pool, logits)
            # logits[n, o] += logits.b[o]
            add(logits, logits_b_col, logits)
            # logits_max[n] = max(c: logits[n, c])
            maximum_reduce(logits, 0, None, logits_max)
            # logits_shifted[n, o] = logits[n, o] - logits_max[n]
            subtract(logits, logits_max, logits_shifted)
            # logits_exp[n, o] = exp(logits_shifted[n, o])
            exp(logits_shifted, logits_exp)
            # logits_sumexp[n] = sum(c: logits_exp[n, c])
            ones4.dot(logits_exp, logits_sumexp)
            # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
            multiply(y, N, t14)
            add(position, t14, y_position)
            logits_shifted_flat.take(y_position, out=t15, mode="clip")
            log(logits_sumexp, t16)
            subtract(t16, t15, t16)
            loss = weights4.dot(t16)
            # dlogits[n, o] += logits_exp[n, o]/(N*logits_sumexp[n])
            multiply(logits_sumexp, N2, t15)
            divide(logits_exp, t15, dlogits)
            # dlogits[n, y[n]] += -1/N
            dlogits_flat[y_position] += minus_1_over_N
            # dlogits.b[o] = sum(n: dlogits[n, o])
            dlogits.dot(ones5, dlogits_b)
            # dlogits.W[i, o] = sum(n: logits.global_avg_pool[n, i]*dlogits[n, o])
            logits_global_avg_pool.dot(dlogits_T, dlogits_W)
            # dlogits.global_avg_pool[n, c] = sum(o: dlogits[n, o]*logits.W[c, o])
            logits_W.dot(dlogits, dlogits_global_avg_pool)
            # dh3.b[n, c, u, v2] = where(not h3[n, c, u, v2] <= 0, dlogits.global_avg_pool[n, c]/4,
            #     0)
            greater(h3, zero, t17)
            multiply(dlogits_global_avg_pool, c0_25, t18)
            multiply(t17, t18_b1001, dh3_b)
            # dh3.s.W[o, c, p, q] = sum(n, u, v: dh3.b[n, o, u, v]*h2[n, c, 2*u + p, 2*v + q])
            t19[...] = h2_view_T241035
            dh3_b_2d.dot(t19_2d, dh3_s_W_2d)
            # dh3.b.b[c] = sum(n, u, v2: dh3.b[n, c, u, v2])
            dh3_b_2d.dot(ones3, dh3_b_b)
            # dh3.b.g[c] = sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
            #     h3.b.v_power[c]*dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2], 0))
            greater(h3, zero, t17)
            multiply(dh3_b, h3_b_v_power_b1000, t10)
            multiply(t10, h3_b_conv2d_difference, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_b_g)
            # dh3.b.v[c] = sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
            #     -h3.b.g[c]*dh3.b[n, c, u, v2]*h3.b.conv2d_difference[n, c, u, v2]
            #     /(2*(h3.b.v[c] + 1/100000)**(3/2)), 0))
            greater(h3, zero, t17)
            add(h3_b_v, c1em05, t11)
            sqrt(t11, t21)
            multiply(t11, t21, t11)
            multiply(h3_b_g, minus_0_5, t21)
            multiply(dh3_b, t21_b1000, t10)
            multiply(t10, h3_b_conv2d_difference, t10)
            divide(t10, t11_b1000, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_b_v)
            # dh3.b.m[c] += sum(n, u, v2: where(not h3[n, c, u, v2] <= 0,
            #     -h3.b.g[c]*h3.b.v_power[c]*dh3.b[n, c, u, v2], 0))
            greater(h3, zero, t17)
            negative(h3_b_g, t11)
            multiply(t11, h3_b_v_power, t11)
            multiply(dh3_b, t11_b1000, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_b_m)
            # dh3.b.m[c] += sum(n, u, v2: -dh3.b.v[c]*h3.b.conv2d_difference[n, c, u, v2]/(2*N))
            h3_b_conv2d_difference_2d.dot(ones3, t11)
            multiply(dh3_b_v, minus_1_over_2_over_N, t21)
            multiply(t21, t11, t21)
            add(dh3_b_m, t21, dh3_b_m)
            # dh3.b.conv2d[n, o, u, v] = dh3.b.m[o]/(4*N)
            #     + h3.b.conv2d_difference[n, o, u, v]*dh3.b.v[o]/(2*N)
            #     + where(not h3[n, o, u, v] <= 0, dh3.b[n, o, u, v]*h3.b.g[o]*h3.b.v_power[o], 0)
            multiply(dh3_b_m, c3, t11)
            multiply(dh3_b_v, c4, t21)
            multiply(h3_b_conv2d_difference, t21_b1000, dh3_b_conv2d)
            greater(h3, zero, t17)
            multiply(h3_b_g, h3_b_v_power, t21)
            multiply(dh3_b, t21_b1000, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            add(dh3_b_conv2d, t11_b1000, dh3_b_conv2d)
            add(dh3_b_conv2d, t10, dh3_b_conv2d)
            # dh3.r[n, k, u, v] = sum(o, u2, v2:
            #     dh3.b.conv2d[n, o, u2, v2]*(h3.b.conv2d.W[o, k, u + 1 - u2, v + 1 - v2] else 0))
            t22[...] = h3_b_conv2d_W_view_T124035
            t22_2d.dot(dh3_b_conv2d_2d, dh3_r_2d)
            # dh3.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh3.b.conv2d[n, o, u, v]*(h3.r[n, c, p + u - 1, q + v - 1] else 0))
            t23[...] = h3_r_padded_view_T245013
            dh3_b_conv2d_2d2.dot(t23_2d, dh3_b_conv2d_W_2d)
            # dh3.a[n, c, u, v2] = where(not h3.a[n, c, u, v2] <= 0, dh3.r[n, c, u, v2], 0)
            greater(h3_a, zero, t17)
            multiply(dh3_r, t17, dh3_a)
            # dh3.a.b[c] = sum(n, u, v2: dh3.a[n, c, u, v2])
            dh3_a_2d.dot(ones3, dh3_a_b)
            # dh3.a.g[c] = sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
            #     h3.a.v_power[c]*dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2], 0))
            greater(h3_a, zero, t17)
            multiply(dh3_a, h3_a_v_power_b1000, t10)
            multiply(t10, h3_a_conv2d_difference, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_a_g)
            # dh3.a.v[c] = sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
            #     -h3.a.g[c]*dh3.a[n, c, u, v2]*h3.a.conv2d_difference[n, c, u, v2]
            #     /(2*(h3.a.v[c] + 1/100000)**(3/2)), 0))
            greater(h3_a, zero, t17)
            add(h3_a_v, c1em05, t11)
            sqrt(t11, t21)
            multiply(t11, t21, t11)
            multiply(h3_a_g, minus_0_5, t21)
            multiply(dh3_a, t21_b1000, t10)
            multiply(t10, h3_a_conv2d_difference, t10)
            divide(t10, t11_b1000, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_a_v)
            # dh3.a.m[c] += sum(n, u, v2: where(not h3.a[n, c, u, v2] <= 0,
            #     -h3.a.g[c]*h3.a.v_power[c]*dh3.a[n, c, u, v2], 0))
            greater(h3_a, zero, t17)
            negative(h3_a_g, t11)
            multiply(t11, h3_a_v_power, t11)
            multiply(dh3_a, t11_b1000, t10)
            multiply(t17, all_bits, t20)
            bitwise_and(t10_bits, t20, t10_bits)
            t10_2d.dot(ones3, dh3_a_m)
            # dh3.a.m[c] += sum(n, u, v2: -dh3.a.v[c]*h3.a.conv2d_difference[n, c, u, v2]/(2*N))
            h3_a_conv2d_difference_2d.dot(ones3, t11)
            multiply(dh3_a_v, minus_1_over_2_over_N, t21)
            multiply(t21, t11, t21)
            add(dh3_a_m, t21, dh3_a_m)
            # dh3.a.conv2d[n, o, u, v] = dh3.a.m[o]/(4*N)
            #     + h3.a.conv2d_difference[n, o, u, v]*dh3.a.v[o]/(2*N)
            #     + where(not h3.a[n, o, u, v] <= 0, dh3.a[n, o, u, v]*h3.a.g[o]*h3.a.v_power[o], 0)
            multiply(dh3_a_m, c3, t11)
            multiply(dh3_a_v, c4, t21)
            multiply(h3_a_conv2d_difference, t21_b1000, t10)
            greater(h3_a, zero, t17)
            multiply(h3_a_g, h3_a_v_power, t21)
            multiply(dh3_a, t21_b1000, dh3_a_conv2d)
            multiply(t17, all_bits, t20)
            bitwise_and(dh3_a_conv2d_bits, t20, dh3_a_conv2d_bits)
            add(t10, t11_b1000, t10)
            add(t10, dh3_a_conv2d, dh3_a_conv2d)
            # dh2[n, c, 2*u + p, 2*v + q] += sum(o: dh3.b[n, o, u, v]*h3.s.W[o, c, p, q])
            dh2.fill(0)
            h3_s_W_2d_T.dot(dh3_b_2d, t13_2d)
            add(dh2_view, t13_T053142, dh2_view)
            # dh2[n, c, 2*u + p - 1, 2*v + q - 1] +=
            #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
            #     dh3.a.conv2d[n, o, u, v]*h3.a.conv2d.W[o, c, p, q])
            h3_a_conv2d_W_2d_T.dot(dh3_a_conv2d_2d, t9_2d)
            dh2_bordered.fill(0)
            for part, term in zip(dh2_bordered_slices, t9_slices, strict=True):
                add(part, term, part)
            add(dh2, dh2_bordered_part, dh2)
            # dh3.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh3.a.conv2d[n, o, u, v]*(h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
            t24[...] = dh3_a_conv2d_T0312
            t25[...] = h2_padded_view_T124035
            t24_2d.dot(t25_2d, dh3_a_conv2d_W_2d)
            # dh2.b[n, c, u, v2] = where(not h2[n, c, u, v2] <= 0, dh2[n, c, u, v2], 0)
            greater(h2, zero, t26)
            multiply(dh2, t26, dh2_b)
            # dh2.s.W[o, c, p, q] = sum(n, u, v: dh2.b[n, o, u, v]*h1[n, c, 2*u + p, 2*v + q])
            t27[...] = h1_view_T124035
            dh2_b_2d.dot(t27_2d, dh2_s_W_2d)
            # dh2.b.b[c] = sum(n, u, v2: dh2.b[n, c, u, v2])
            dh2_b_2d.dot(ones2, dh2_b_b)
            # dh2.b.g[c] = sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
            #     h2.b.v_power[c]*dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2], 0))
            greater(h2, zero, t26)
            multiply(dh2_b, h2_b_v_power_b1000, t5)
            multiply(t5, h2_b_conv2d_difference, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_b_g)
            # dh2.b.v[c] = sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
            #     -h2.b.g[c]*dh2.b[n, c, u, v2]*h2.b.conv2d_difference[n, c, u, v2]
            #     /(2*(h2.b.v[c] + 1/100000)**(3/2)), 0))
            greater(h2, zero, t26)
            add(h2_b_v, c1em05, t6)
            sqrt(t6, t29)
            multiply(t6, t29, t6)
            multiply(h2_b_g, minus_0_5, t29)
            multiply(dh2_b, t29_b1000, t5)
            multiply(t5, h2_b_conv2d_difference, t5)
            divide(t5, t6_b1000, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_b_v)
            # dh2.b.m[c] += sum(n, u, v2: where(not h2[n, c, u, v2] <= 0,
            #     -h2.b.g[c]*h2.b.v_power[c]*dh2.b[n, c, u, v2], 0))
            greater(h2, zero, t26)
            negative(h2_b_g, t6)
            multiply(t6, h2_b_v_power, t6)
            multiply(dh2_b, t6_b1000, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_b_m)
            # dh2.b.m[c] += sum(n, u, v2: -dh2.b.v[c]*h2.b.conv2d_difference[n, c, u, v2]/(8*N))
            h2_b_conv2d_difference_2d.dot(ones2, t6)
            multiply(dh2_b_v, minus_1_over_8_over_N, t29)
            multiply(t29, t6, t29)
            add(dh2_b_m, t29, dh2_b_m)
            # dh2.b.conv2d[n, o, u, v] = dh2.b.m[o]/(16*N)
            #     + h2.b.conv2d_difference[n, o, u, v]*dh2.b.v[o]/(8*N)
            #     + where(not h2[n, o, u, v] <= 0, dh2.b[n, o, u, v]*h2.b.g[o]*h2.b.v_power[o], 0)
            multiply(dh2_b_m, c2, t6)
            multiply(dh2_b_v, c5, t29)
            multiply(h2_b_conv2d_difference, t29_b1000, dh2_b_conv2d)
            greater(h2, zero, t26)
            multiply(h2_b_g, h2_b_v_power, t29)
            multiply(dh2_b, t29_b1000, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            add(dh2_b_conv2d, t6_b1000, dh2_b_conv2d)
            add(dh2_b_conv2d, t5, dh2_b_conv2d)
            # dh2.r[n, k, u, v] = sum(o, p, q:
            #     (dh2.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h2.b.conv2d.W[o, k, p, q])
            dh2_b_conv2d_padded_part[...] = dh2_b_conv2d
            t30[...] = h2_b_conv2d_W_T1023
            t7[...] = dh2_b_conv2d_padded_view_T024135
            t30_2d.dot(t7_2d, dh2_r_2d)
            # dh2.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh2.b.conv2d[n, o, u, v]*(h2.r[n, c, p + u - 1, q + v - 1] else 0))
            t31[...] = h2_r_padded_view_T135024
            dh2_b_conv2d_2d.dot(t31_2d, dh2_b_conv2d_W_2d)
            # dh2.a[n, c, u, v2] = where(not h2.a[n, c, u, v2] <= 0, dh2.r[n, c, u, v2], 0)
            greater(h2_a, zero, t26)
            multiply(dh2_r, t26, dh2_a)
            # dh2.a.b[c] = sum(n, u, v2: dh2.a[n, c, u, v2])
            dh2_a_2d.dot(ones2, dh2_a_b)
            # dh2.a.g[c] = sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
            #     h2.a.v_power[c]*dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2], 0))
            greater(h2_a, zero, t26)
            multiply(dh2_a, h2_a_v_power_b1000, t5)
            multiply(t5, h2_a_conv2d_difference, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_a_g)
            # dh2.a.v[c] = sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
            #     -h2.a.g[c]*dh2.a[n, c, u, v2]*h2.a.conv2d_difference[n, c, u, v2]
            #     /(2*(h2.a.v[c] + 1/100000)**(3/2)), 0))
            greater(h2_a, zero, t26)
            add(h2_a_v, c1em05, t6)
            sqrt(t6, t29)
            multiply(t6, t29, t6)
            multiply(h2_a_g, minus_0_5, t29)
            multiply(dh2_a, t29_b1000, t5)
            multiply(t5, h2_a_conv2d_difference, t5)
            divide(t5, t6_b1000, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_a_v)
            # dh2.a.m[c] += sum(n, u, v2: where(not h2.a[n, c, u, v2] <= 0,
            #     -h2.a.g[c]*h2.a.v_power[c]*dh2.a[n, c, u, v2], 0))
            greater(h2_a, zero, t26)
            negative(h2_a_g, t6)
            multiply(t6, h2_a_v_power, t6)
            multiply(dh2_a, t6_b1000, t5)
            multiply(t26, all_bits, t28)
            bitwise_and(t5_bits, t28, t5_bits)
            t5_2d.dot(ones2, dh2_a_m)
            # dh2.a.m[c] += sum(n, u, v2: -dh2.a.v[c]*h2.a.conv2d_difference[n, c, u, v2]/(8*N))
            h2_a_conv2d_difference_2d.dot(ones2, t6)
            multiply(dh2_a_v, minus_1_over_8_over_N, t29)
            multiply(t29, t6, t29)
            add(dh2_a_m, t29, dh2_a_m)
            # dh2.a.conv2d[n, o, u, v] = dh2.a.m[o]/(16*N)
            #     + h2.a.conv2d_difference[n, o, u, v]*dh2.a.v[o]/(8*N)
            #     + where(not h2.a[n, o, u, v] <= 0, dh2.a[n, o, u, v]*h2.a.g[o]*h2.a.v_power[o], 0)
            multiply(dh2_a_m, c2, t6)
            multiply(dh2_a_v, c5, t29)
            multiply(h2_a_conv2d_difference, t29_b1000, t5)
            greater(h2_a, zero, t26)
            multiply(h2_a_g, h2_a_v_power, t29)
            multiply(dh2_a, t29_b1000, dh2_a_conv2d)
            multiply(t26, all_bits, t28)
            bitwise_and(dh2_a_conv2d_bits, t28, dh2_a_conv2d_bits)
            add(t5, t6_b1000, t5)
            add(t5, dh2_a_conv2d, dh2_a_conv2d)
            # dh1[n, c, 2*u + p, 2*v + q] += sum(o: dh2.b[n, o, u, v]*h2.s.W[o, c, p, q])
            dh1.fill(0)
            h2_s_W_2d_T.dot(dh2_b_2d, t8_2d)
            add(dh1_view, t8_T034152, dh1_view)
            # dh1[n, c, 2*u + p - 1, 2*v + q - 1] +=
            #     sum(o if 2*u + p >= 1 and 2*v + q >= 1:
            #     dh2.a.conv2d[n, o, u, v]*h2.a.conv2d.W[o, c, p, q])
            h2_a_conv2d_W_2d_T.dot(dh2_a_conv2d_2d, t4_2d)
            dh1_bordered.fill(0)
            for part2, term2 in zip(dh1_bordered_slices, t4_slices, strict=True):
                add(part2, term2, part2)
            add(dh1, dh1_bordered_part, dh1)
            # dh2.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh2.a.conv2d[n, o, u, v]*(h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0))
            t32[...] = h1_padded_view_T124035
            dh2_a_conv2d_2d.dot(t32_2d, dh2_a_conv2d_W_2d)
            # dh1.b[n, c, u, v2] = where(not h1[n, c, u, v2] <= 0, dh1[n, c, u, v2], 0)
            greater(h1, zero, t33)
            multiply(dh1, t33, dh1_b)
            # dh1.b.b[c] = sum(n, u, v2: dh1.b[n, c, u, v2])
            dh1_b_2d.dot(ones, dh1_b_b)
            # dh1.b.g[c] = sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
            #     h1.b.v_power[c]*dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2], 0))
            greater(h1, zero, t33)
            multiply(dh1_b, h1_b_v_power_b1000, t2)
            multiply(t2, h1_b_conv2d_difference, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_b_g)
            # dh1.b.v[c] = sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
            #     -h1.b.g[c]*dh1.b[n, c, u, v2]*h1.b.conv2d_difference[n, c, u, v2]
            #     /(2*(h1.b.v[c] + 1/100000)**(3/2)), 0))
            greater(h1, zero, t33)
            add(h1_b_v, c1em05, t3)
            sqrt(t3, t35)
            multiply(t3, t35, t3)
            multiply(h1_b_g, minus_0_5, t35)
            multiply(dh1_b, t35_b1000, t2)
            multiply(t2, h1_b_conv2d_difference, t2)
            divide(t2, t3_b1000, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_b_v)
            # dh1.b.m[c] += sum(n, u, v2: where(not h1[n, c, u, v2] <= 0,
            #     -h1.b.g[c]*h1.b.v_power[c]*dh1.b[n, c, u, v2], 0))
            greater(h1, zero, t33)
            negative(h1_b_g, t3)
            multiply(t3, h1_b_v_power, t3)
            multiply(dh1_b, t3_b1000, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_b_m)
            # dh1.b.m[c] += sum(n, u, v2: -dh1.b.v[c]*h1.b.conv2d_difference[n, c, u, v2]/(32*N))
            h1_b_conv2d_difference_2d.dot(ones, t3)
            multiply(dh1_b_v, minus_1_over_32_over_N, t35)
            multiply(t35, t3, t35)
            add(dh1_b_m, t35, dh1_b_m)
            # dh1.b.conv2d[n, o, u, v] = dh1.b.m[o]/(64*N)
            #     + h1.b.conv2d_difference[n, o, u, v]*dh1.b.v[o]/(32*N)
            #     + where(not h1[n, o, u, v] <= 0, dh1.b[n, o, u, v]*h1.b.g[o]*h1.b.v_power[o], 0)
            multiply(dh1_b_m, c, t3)
            multiply(dh1_b_v, c6, t35)
            multiply(h1_b_conv2d_difference, t35_b1000, dh1_b_conv2d)
            greater(h1, zero, t33)
            multiply(h1_b_g, h1_b_v_power, t35)
            multiply(dh1_b, t35_b1000, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            add(dh1_b_conv2d, t3_b1000, dh1_b_conv2d)
            add(dh1_b_conv2d, t2, dh1_b_conv2d)
            # dh1.r[n, k, u, v] = sum(o, p, q:
            #     (dh1.b.conv2d[n, o, u + 1 - p, v + 1 - q] else 0)*h1.b.conv2d.W[o, k, p, q])
            dh1_b_conv2d_padded_part[...] = dh1_b_conv2d
            t36[...] = h1_b_conv2d_W_T1023
            t1[...] = dh1_b_conv2d_padded_view_T024135
            t36_2d.dot(t1_2d, dh1_r_2d)
            # dh1.b.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh1.b.conv2d[n, o, u, v]*(h1.r[n, c, p + u - 1, q + v - 1] else 0))
            t37[...] = h1_r_padded_view_T135024
            dh1_b_conv2d_2d.dot(t37_2d, dh1_b_conv2d_W_2d)
            # dh1.a[n, c, u, v2] = where(not h1.a[n, c, u, v2] <= 0, dh1.r[n, c, u, v2], 0)
            greater(h1_a, zero, t33)
            multiply(dh1_r, t33, dh1_a)
            # dh1.a.b[c] = sum(n, u, v2: dh1.a[n, c, u, v2])
            dh1_a_2d.dot(ones, dh1_a_b)
            # dh1.a.g[c] = sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
            #     h1.a.v_power[c]*dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2], 0))
            greater(h1_a, zero, t33)
            multiply(dh1_a, h1_a_v_power_b1000, t2)
            multiply(t2, h1_a_conv2d_difference, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_a_g)
            # dh1.a.v[c] = sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
            #     -h1.a.g[c]*dh1.a[n, c, u, v2]*h1.a.conv2d_difference[n, c, u, v2]
            #     /(2*(h1.a.v[c] + 1/100000)**(3/2)), 0))
            greater(h1_a, zero, t33)
            add(h1_a_v, c1em05, t3)
            sqrt(t3, t35)
            multiply(t3, t35, t3)
            multiply(h1_a_g, minus_0_5, t35)
            multiply(dh1_a, t35_b1000, t2)
            multiply(t2, h1_a_conv2d_difference, t2)
            divide(t2, t3_b1000, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_a_v)
            # dh1.a.m[c] += sum(n, u, v2: where(not h1.a[n, c, u, v2] <= 0,
            #     -h1.a.g[c]*h1.a.v_power[c]*dh1.a[n, c, u, v2], 0))
            greater(h1_a, zero, t33)
            negative(h1_a_g, t3)
            multiply(t3, h1_a_v_power, t3)
            multiply(dh1_a, t3_b1000, t2)
            multiply(t33, all_bits, t34)
            bitwise_and(t2_bits, t34, t2_bits)
            t2_2d.dot(ones, dh1_a_m)
            # dh1.a.m[c] += sum(n, u, v2: -dh1.a.v[c]*h1.a.conv2d_difference[n, c, u, v2]/(32*N))
            h1_a_conv2d_difference_2d.dot(ones, t3)
            multiply(dh1_a_v, minus_1_over_32_over_N, t35)
            multiply(t35, t3, t35)
            add(dh1_a_m, t35, dh1_a_m)
            # dh1.a.conv2d[n, o, u, v] = dh1.a.m[o]/(64*N)
            #     + h1.a.conv2d_difference[n, o, u, v]*dh1.a.v[o]/(32*N)
            #     + where(not h1.a[n, o, u, v] <= 0, dh1.a[n, o, u, v]*h1.a.g[o]*h1.a.v_power[o], 0)
            multiply(dh1_a_m, c, t3)
            multiply(dh1_a_v, c6, t35)
            multiply(h1_a_conv2d_difference, t35_b1000, t2)
            greater(h1_a, zero, t33)
            multiply(h1_a_g, h1_a_v_power, t35)
            multiply(dh1_a, t35_b1000, dh1_a_conv2d)
            multiply(t33, all_bits, t34)
            bitwise_and(dh1_a_conv2d_bits, t34, dh1_a_conv2d_bits)
            add(t2, t3_b1000, t2)
            add(t2, dh1_a_conv2d, dh1_a_conv2d)
            # dh0[n, o, u, v] += sum(o2, p, q:
            #     (dh1.a.conv2d[n, o2, u + 1 - p, v + 1 - q] else 0)*h1.a.conv2d.W[o2, o, p, q])
            dh1_a_conv2d_padded_part[...] = dh1_a_conv2d
            t36[...] = h1_a_conv2d_W_T1023
            t1[...] = dh1_a_conv2d_padded_view_T024135
            t36_2d.dot(t1_2d, dh0_2d)
            # dh0[n, o, u, v] += dh1.b[n, o, u, v]
            add(dh0, dh1_b, dh0)
            # dh1.a.conv2d.W[o, c, p, q] =
            #     sum(n, u, v: dh1.a.conv2d[n, o, u, v]*(h0[n, c, p + u - 1, q + v - 1] else 0))
            t37[...] = h0_padded_view_T135024
            dh1_a_conv2d_2d.dot(t37_2d, dh1_a_conv2d_W_2d)
            # dh0_sum[n, o, u, v] = where(not h0[n, o, u, v] <= 0, dh0[n, o, u, v], 0)
            greater(h0, zero, t33)
            multiply(dh0, t33, dh0_sum)
            # dh0.b[o] = sum(n, u, v: dh0_sum[n, o, u, v])
            dh0_sum_2d.dot(ones, dh0_b)
            # dh0.W[o, c, p, q] = sum(n, u, v:
            #     dh0_sum[n, o, u, v]*(image[n, c, p + u - 1, q + v - 1] else 0))
            t38[...] = image_padded_view_T035124
            dh0_sum_2d.dot(t38_2d, dh0_W_2d)

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

    h0_sum = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_a = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_r = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_b_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_b = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1 = h0_sum  # h0_sum is not needed any more
    h2_a_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_a = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_r = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_b = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_s = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2 = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_r = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_b = h3_b_conv2d  # h3_b_conv2d is not needed any more
    h3_s = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3 = h3_b_conv2d  # h3_b_conv2d is not needed any more
    logits_global_avg_pool = np.empty((16, N), dtype)  # dimensions exchanged
    logits = np.empty((N, 10), dtype)
    image_padded = np.full((N, 3, 10, 10), 0, dtype)
    image_padded_part = image_padded[:, :, 1:9, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 3, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
            image_padded.strides[3],
        ),
    )
    t0 = np.empty((3, 3, 3, N, 8, 8), dtype)
    image_padded_view_T124035 = image_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(27, 64 * N)
    h0_sum_2d = h0_sum.reshape(4, 64 * N)
    zero = np.array(0, dtype)
    h0_padded = np.full((4, N, 10, 10), 0, dtype)
    h0_padded_part = h0_padded[:, :, 1:9, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (4, N, 3, 8, 3, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
            h0_padded.strides[3],
        ),
    )
    t1 = np.empty((4, 3, 3, N, 8, 8), dtype)
    h0_padded_view_T024135 = h0_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t1_2d = t1.reshape(36, 64 * N)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(4, 64 * N)
    t2 = np.empty(4, dtype)
    c1em05 = np.array(1e-05, dtype)
    t2_b1000 = t2[:, None, None, None]
    h1_r_padded = np.full((4, N, 10, 10), 0, dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (4, N, 3, 8, 3, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
            h1_r_padded.strides[3],
        ),
    )
    h1_r_padded_view_T024135 = h1_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(4, 64 * N)
    h1_padded = np.full((4, N, 9, 9), 0, dtype)
    h1_padded_part = h1_padded[:, :, 1:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (4, N, 4, 3, 4, 3),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            2 * h1_padded.strides[3],
            h1_padded.strides[3],
        ),
    )
    t3 = np.empty((4, 3, 3, N, 4, 4), dtype)
    h1_padded_view_T035124 = h1_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t3_2d = t3.reshape(36, 16 * N)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(8, 16 * N)
    t4 = np.empty(8, dtype)
    t4_b1000 = t4[:, None, None, None]
    h2_r_padded = np.full((8, N, 6, 6), 0, dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (8, N, 3, 4, 3, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
            h2_r_padded.strides[3],
        ),
    )
    t5 = np.empty((8, 3, 3, N, 4, 4), dtype)
    h2_r_padded_view_T024135 = h2_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t5_2d = t5.reshape(72, 16 * N)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(8, 16 * N)
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (4, N, 4, 1, 4, 1),
        (
            h1.strides[0],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            2 * h1.strides[3],
            h1.strides[3],
        ),
    )
    t6 = np.empty((4, 1, 1, N, 4, 4), dtype)
    h1_view_T035124 = h1_view.transpose(0, 3, 5, 1, 2, 4)
    t6_2d = t6.reshape(4, 16 * N)
    h2_s_2d = h2_s.reshape(8, 16 * N)
    h2_padded = np.full((8, N, 5, 5), 0, dtype)
    h2_padded_part = h2_padded[:, :, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (8, N, 2, 3, 2, 3),
        (
            h2_padded.strides[0],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            2 * h2_padded.strides[3],
            h2_padded.strides[3],
        ),
    )
    t7 = np.empty((8, 3, 3, N, 2, 2), dtype)
    h2_padded_view_T035124 = h2_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t7_2d = t7.reshape(72, 4 * N)
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    t8 = np.empty(16, dtype)
    t8_b1000 = t8[:, None, None, None]
    h3_r_padded = np.full((16, N, 4, 4), 0, dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, N, 3, 2, 3, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
            h3_r_padded.strides[3],
        ),
    )
    t9 = np.empty((16, 3, 3, N, 2, 2), dtype)
    h3_r_padded_view_T024135 = h3_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t9_2d = t9.reshape(144, 4 * N)
    h3_b_conv2d_2d = h3_b_conv2d.reshape(16, 4 * N)
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (8, N, 2, 1, 2, 1),
        (
            h2.strides[0],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            2 * h2.strides[3],
            h2.strides[3],
        ),
    )
    t10 = np.empty((8, 1, 1, N, 2, 2), dtype)
    h2_view_T035124 = h2_view.transpose(0, 3, 5, 1, 2, 4)
    t10_2d = t10.reshape(8, 4 * N)
    h3_s_2d = h3_s.reshape(16, 4 * N)
    weights = np.full(4, 0.25, dtype)
    h3_2d = h3.reshape(16 * N, 4)
    logits_global_avg_pool_flat = logits_global_avg_pool.reshape(-1)
    logits_global_avg_pool_T = logits_global_avg_pool.T

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image
    t0[...] = image_padded_view_T124035
    h0_W.reshape(4, 27).dot(t0_2d, out=h0_sum_2d)
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    np.add(h0_sum, h0_b[:, None, None, None], out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    t1[...] = h0_padded_view_T024135
    h1_a_conv2d_W.reshape(4, 36).dot(t1_2d, out=h1_a_conv2d_2d)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.g[c]*(h1.a.conv2d[n, c, u, v2] - h1.a.rm[c])
    #     /sqrt(h1.a.rv[c] + 1/100000)
    np.add(h1_a_rv, c1em05, out=t2)
    np.sqrt(t2, out=t2)
    np.subtract(h1_a_conv2d, h1_a_rm[:, None, None, None], out=h1_a)
    np.multiply(h1_a, h1_a_g[:, None, None, None], out=h1_a)
    np.divide(h1_a, t2_b1000, out=h1_a)
    np.add(h1_a, h1_a_b[:, None, None, None], out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    t1[...] = h1_r_padded_view_T024135
    h1_b_conv2d_W.reshape(4, 36).dot(t1_2d, out=h1_b_conv2d_2d)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.g[c]*(h1.b.conv2d[n, c, u, v2] - h1.b.rm[c])
    #     /sqrt(h1.b.rv[c] + 1/100000)
    np.add(h1_b_rv, c1em05, out=t2)
    np.sqrt(t2, out=t2)
    np.subtract(h1_b_conv2d, h1_b_rm[:, None, None, None], out=h1_b)
    np.multiply(h1_b, h1_b_g[:, None, None, None], out=h1_b)
    np.divide(h1_b, t2_b1000, out=h1_b)
    np.add(h1_b, h1_b_b[:, None, None, None], out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    t3[...] = h1_padded_view_T035124
    h2_a_conv2d_W.reshape(8, 36).dot(t3_2d, out=h2_a_conv2d_2d)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.g[c]*(h2.a.conv2d[n, c, u, v2] - h2.a.rm[c])
    #     /sqrt(h2.a.rv[c] + 1/100000)
    np.add(h2_a_rv, c1em05, out=t4)
    np.sqrt(t4, out=t4)
    np.subtract(h2_a_conv2d, h2_a_rm[:, None, None, None], out=h2_a)
    np.multiply(h2_a, h2_a_g[:, None, None, None], out=h2_a)
    np.divide(h2_a, t4_b1000, out=h2_a)
    np.add(h2_a, h2_a_b[:, None, None, None], out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    t5[...] = h2_r_padded_view_T024135
    h2_b_conv2d_W.reshape(8, 72).dot(t5_2d, out=h2_b_conv2d_2d)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.g[c]*(h2.b.conv2d[n, c, u, v2] - h2.b.rm[c])
    #     /sqrt(h2.b.rv[c] + 1/100000)
    np.add(h2_b_rv, c1em05, out=t4)
    np.sqrt(t4, out=t4)
    np.subtract(h2_b_conv2d, h2_b_rm[:, None, None, None], out=h2_b)
    np.multiply(h2_b, h2_b_g[:, None, None, None], out=h2_b)
    np.divide(h2_b, t4_b1000, out=h2_b)
    np.add(h2_b, h2_b_b[:, None, None, None], out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t6[...] = h1_view_T035124
    h2_s_W.reshape(8, 4).dot(t6_2d, out=h2_s_2d)
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    t7[...] = h2_padded_view_T035124
    h3_a_conv2d_W.reshape(16, 72).dot(t7_2d, out=h3_a_conv2d_2d)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.g[c]*(h3.a.conv2d[n, c, u, v2] - h3.a.rm[c])
    #     /sqrt(h3.a.rv[c] + 1/100000)
    np.add(h3_a_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.subtract(h3_a_conv2d, h3_a_rm[:, None, None, None], out=h3_a)
    np.multiply(h3_a, h3_a_g[:, None, None, None], out=h3_a)
    np.divide(h3_a, t8_b1000, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None, None], out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    t9[...] = h3_r_padded_view_T024135
    h3_b_conv2d_W.reshape(16, 144).dot(t9_2d, out=h3_b_conv2d_2d)
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.g[c]*(h3.b.conv2d[n, c, u, v2] - h3.b.rm[c])
    #     /sqrt(h3.b.rv[c] + 1/100000)
    np.add(h3_b_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.subtract(h3_b_conv2d, h3_b_rm[:, None, None, None], out=h3_b)
    np.multiply(h3_b, h3_b_g[:, None, None, None], out=h3_b)
    np.divide(h3_b, t8_b1000, out=h3_b)
    np.add(h3_b, h3_b_b[:, None, None, None], out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t10[...] = h2_view_T035124
    h3_s_W.reshape(16, 8).dot(t10_2d, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b, h3_s, out=h3)
    np.maximum(h3, zero, out=h3)
    # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
    h3_2d.dot(weights, out=logits_global_avg_pool_flat)
    # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
    logits_global_avg_pool_T.dot(logits_W, out=logits)
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

    h0_sum = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h0 = h0_sum  # h0_sum is not needed any more
    h1_a_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_a = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_r = h1_a_conv2d  # h1_a_conv2d is not needed any more
    h1_b_conv2d = np.empty((4, N, 8, 8), dtype)  # stored with 4 first
    h1_b = h1_b_conv2d  # h1_b_conv2d is not needed any more
    h1 = h0_sum  # h0_sum is not needed any more
    h2_a_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_a = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_r = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2_b_conv2d = np.empty((8, N, 4, 4), dtype)  # stored with 8 first
    h2_b = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h2_s = h2_a_conv2d  # h2_a_conv2d is not needed any more
    h2 = h2_b_conv2d  # h2_b_conv2d is not needed any more
    h3_a_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_a = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_r = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3_b_conv2d = np.empty((16, N, 2, 2), dtype)  # stored with 16 first
    h3_b = h3_b_conv2d  # h3_b_conv2d is not needed any more
    h3_s = h3_a_conv2d  # h3_a_conv2d is not needed any more
    h3 = h3_b_conv2d  # h3_b_conv2d is not needed any more
    logits_global_avg_pool = np.empty((16, N), dtype)  # dimensions exchanged
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    accuracy_argmax = np.empty(N, np.intp)
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_sumexp = logits_max  # logits_max is not needed any more
    image_padded = np.full((N, 3, 10, 10), 0, dtype)
    image_padded_part = image_padded[:, :, 1:9, 1:9]
    image_padded_view = np.lib.stride_tricks.as_strided(
        image_padded,
        (N, 3, 3, 8, 3, 8),
        (
            image_padded.strides[0],
            image_padded.strides[1],
            image_padded.strides[2],
            image_padded.strides[2],
            image_padded.strides[3],
            image_padded.strides[3],
        ),
    )
    t0 = np.empty((3, 3, 3, N, 8, 8), dtype)
    image_padded_view_T124035 = image_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(27, 64 * N)
    h0_sum_2d = h0_sum.reshape(4, 64 * N)
    zero = np.array(0, dtype)
    h0_padded = np.full((4, N, 10, 10), 0, dtype)
    h0_padded_part = h0_padded[:, :, 1:9, 1:9]
    h0_padded_view = np.lib.stride_tricks.as_strided(
        h0_padded,
        (4, N, 3, 8, 3, 8),
        (
            h0_padded.strides[0],
            h0_padded.strides[1],
            h0_padded.strides[2],
            h0_padded.strides[2],
            h0_padded.strides[3],
            h0_padded.strides[3],
        ),
    )
    t1 = np.empty((4, 3, 3, N, 8, 8), dtype)
    h0_padded_view_T024135 = h0_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t1_2d = t1.reshape(36, 64 * N)
    h1_a_conv2d_2d = h1_a_conv2d.reshape(4, 64 * N)
    t2 = np.empty(4, dtype)
    c1em05 = np.array(1e-05, dtype)
    t2_b1000 = t2[:, None, None, None]
    h1_r_padded = np.full((4, N, 10, 10), 0, dtype)
    h1_r_padded_part = h1_r_padded[:, :, 1:9, 1:9]
    h1_r_padded_view = np.lib.stride_tricks.as_strided(
        h1_r_padded,
        (4, N, 3, 8, 3, 8),
        (
            h1_r_padded.strides[0],
            h1_r_padded.strides[1],
            h1_r_padded.strides[2],
            h1_r_padded.strides[2],
            h1_r_padded.strides[3],
            h1_r_padded.strides[3],
        ),
    )
    h1_r_padded_view_T024135 = h1_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    h1_b_conv2d_2d = h1_b_conv2d.reshape(4, 64 * N)
    h1_padded = np.full((4, N, 9, 9), 0, dtype)
    h1_padded_part = h1_padded[:, :, 1:, 1:]
    h1_padded_view = np.lib.stride_tricks.as_strided(
        h1_padded,
        (4, N, 4, 3, 4, 3),
        (
            h1_padded.strides[0],
            h1_padded.strides[1],
            2 * h1_padded.strides[2],
            h1_padded.strides[2],
            2 * h1_padded.strides[3],
            h1_padded.strides[3],
        ),
    )
    t3 = np.empty((4, 3, 3, N, 4, 4), dtype)
    h1_padded_view_T035124 = h1_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t3_2d = t3.reshape(36, 16 * N)
    h2_a_conv2d_2d = h2_a_conv2d.reshape(8, 16 * N)
    t4 = np.empty(8, dtype)
    t4_b1000 = t4[:, None, None, None]
    h2_r_padded = np.full((8, N, 6, 6), 0, dtype)
    h2_r_padded_part = h2_r_padded[:, :, 1:5, 1:5]
    h2_r_padded_view = np.lib.stride_tricks.as_strided(
        h2_r_padded,
        (8, N, 3, 4, 3, 4),
        (
            h2_r_padded.strides[0],
            h2_r_padded.strides[1],
            h2_r_padded.strides[2],
            h2_r_padded.strides[2],
            h2_r_padded.strides[3],
            h2_r_padded.strides[3],
        ),
    )
    t5 = np.empty((8, 3, 3, N, 4, 4), dtype)
    h2_r_padded_view_T024135 = h2_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t5_2d = t5.reshape(72, 16 * N)
    h2_b_conv2d_2d = h2_b_conv2d.reshape(8, 16 * N)
    h1_view = np.lib.stride_tricks.as_strided(
        h1,
        (4, N, 4, 1, 4, 1),
        (
            h1.strides[0],
            h1.strides[1],
            2 * h1.strides[2],
            h1.strides[2],
            2 * h1.strides[3],
            h1.strides[3],
        ),
    )
    t6 = np.empty((4, 1, 1, N, 4, 4), dtype)
    h1_view_T035124 = h1_view.transpose(0, 3, 5, 1, 2, 4)
    t6_2d = t6.reshape(4, 16 * N)
    h2_s_2d = h2_s.reshape(8, 16 * N)
    h2_padded = np.full((8, N, 5, 5), 0, dtype)
    h2_padded_part = h2_padded[:, :, 1:, 1:]
    h2_padded_view = np.lib.stride_tricks.as_strided(
        h2_padded,
        (8, N, 2, 3, 2, 3),
        (
            h2_padded.strides[0],
            h2_padded.strides[1],
            2 * h2_padded.strides[2],
            h2_padded.strides[2],
            2 * h2_padded.strides[3],
            h2_padded.strides[3],
        ),
    )
    t7 = np.empty((8, 3, 3, N, 2, 2), dtype)
    h2_padded_view_T035124 = h2_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t7_2d = t7.reshape(72, 4 * N)
    h3_a_conv2d_2d = h3_a_conv2d.reshape(16, 4 * N)
    t8 = np.empty(16, dtype)
    t8_b1000 = t8[:, None, None, None]
    h3_r_padded = np.full((16, N, 4, 4), 0, dtype)
    h3_r_padded_part = h3_r_padded[:, :, 1:3, 1:3]
    h3_r_padded_view = np.lib.stride_tricks.as_strided(
        h3_r_padded,
        (16, N, 3, 2, 3, 2),
        (
            h3_r_padded.strides[0],
            h3_r_padded.strides[1],
            h3_r_padded.strides[2],
            h3_r_padded.strides[2],
            h3_r_padded.strides[3],
            h3_r_padded.strides[3],
        ),
    )
    t9 = np.empty((16, 3, 3, N, 2, 2), dtype)
    h3_r_padded_view_T024135 = h3_r_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t9_2d = t9.reshape(144, 4 * N)
    h3_b_conv2d_2d = h3_b_conv2d.reshape(16, 4 * N)
    h2_view = np.lib.stride_tricks.as_strided(
        h2,
        (8, N, 2, 1, 2, 1),
        (
            h2.strides[0],
            h2.strides[1],
            2 * h2.strides[2],
            h2.strides[2],
            2 * h2.strides[3],
            h2.strides[3],
        ),
    )
    t10 = np.empty((8, 1, 1, N, 2, 2), dtype)
    h2_view_T035124 = h2_view.transpose(0, 3, 5, 1, 2, 4)
    t10_2d = t10.reshape(8, 4 * N)
    h3_s_2d = h3_s.reshape(16, 4 * N)
    weights = np.full(4, 0.25, dtype)
    h3_2d = h3.reshape(16 * N, 4)
    logits_global_avg_pool_flat = logits_global_avg_pool.reshape(-1)
    logits_T = logits.T
    t11 = np.empty(N, bool)
    t12 = np.empty(N, dtype)
    weights2 = np.full(N, 1 / N, dtype)
    t13 = np.empty((10, N), dtype)
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t14 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t15 = np.empty(N, dtype)

    # h0_sum[n, o, u, v] = sum(c, p, q: (image[n, c, p + u - 1, q + v - 1] else 0)*h0.W[o, c, p, q])
    image_padded_part[...] = image
    t0[...] = image_padded_view_T124035
    h0_W.reshape(4, 27).dot(t0_2d, out=h0_sum_2d)
    # h0[n, o, u, v] = max(0, h0.b[o] + h0_sum[n, o, u, v])
    np.add(h0_sum, h0_b[:, None, None, None], out=h0)
    np.maximum(h0, zero, out=h0)
    # h1.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h0[n, c, p + u - 1, q + v - 1] else 0)*h1.a.conv2d.W[o, c, p, q])
    h0_padded_part[...] = h0
    t1[...] = h0_padded_view_T024135
    h1_a_conv2d_W.reshape(4, 36).dot(t1_2d, out=h1_a_conv2d_2d)
    # h1.a[n, c, u, v2] = h1.a.b[c] + h1.a.g[c]*(h1.a.conv2d[n, c, u, v2] - h1.a.rm[c])
    #     /sqrt(h1.a.rv[c] + 1/100000)
    np.add(h1_a_rv, c1em05, out=t2)
    np.sqrt(t2, out=t2)
    np.subtract(h1_a_conv2d, h1_a_rm[:, None, None, None], out=h1_a)
    np.multiply(h1_a, h1_a_g[:, None, None, None], out=h1_a)
    np.divide(h1_a, t2_b1000, out=h1_a)
    np.add(h1_a, h1_a_b[:, None, None, None], out=h1_a)
    # h1.r[n, k, u, v] = max(0, h1.a[n, k, u, v])
    np.maximum(h1_a, zero, out=h1_r)
    # h1.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1.r[n, c, p + u - 1, q + v - 1] else 0)*h1.b.conv2d.W[o, c, p, q])
    h1_r_padded_part[...] = h1_r
    t1[...] = h1_r_padded_view_T024135
    h1_b_conv2d_W.reshape(4, 36).dot(t1_2d, out=h1_b_conv2d_2d)
    # h1.b[n, c, u, v2] = h1.b.b[c] + h1.b.g[c]*(h1.b.conv2d[n, c, u, v2] - h1.b.rm[c])
    #     /sqrt(h1.b.rv[c] + 1/100000)
    np.add(h1_b_rv, c1em05, out=t2)
    np.sqrt(t2, out=t2)
    np.subtract(h1_b_conv2d, h1_b_rm[:, None, None, None], out=h1_b)
    np.multiply(h1_b, h1_b_g[:, None, None, None], out=h1_b)
    np.divide(h1_b, t2_b1000, out=h1_b)
    np.add(h1_b, h1_b_b[:, None, None, None], out=h1_b)
    # h1[n, k, u, v] = max(0, h0[n, k, u, v] + h1.b[n, k, u, v])
    np.add(h0, h1_b, out=h1)
    np.maximum(h1, zero, out=h1)
    # h2.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h1[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h2.a.conv2d.W[o, c, p, q])
    h1_padded_part[...] = h1
    t3[...] = h1_padded_view_T035124
    h2_a_conv2d_W.reshape(8, 36).dot(t3_2d, out=h2_a_conv2d_2d)
    # h2.a[n, c, u, v2] = h2.a.b[c] + h2.a.g[c]*(h2.a.conv2d[n, c, u, v2] - h2.a.rm[c])
    #     /sqrt(h2.a.rv[c] + 1/100000)
    np.add(h2_a_rv, c1em05, out=t4)
    np.sqrt(t4, out=t4)
    np.subtract(h2_a_conv2d, h2_a_rm[:, None, None, None], out=h2_a)
    np.multiply(h2_a, h2_a_g[:, None, None, None], out=h2_a)
    np.divide(h2_a, t4_b1000, out=h2_a)
    np.add(h2_a, h2_a_b[:, None, None, None], out=h2_a)
    # h2.r[n, k, u, v] = max(0, h2.a[n, k, u, v])
    np.maximum(h2_a, zero, out=h2_r)
    # h2.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2.r[n, c, p + u - 1, q + v - 1] else 0)*h2.b.conv2d.W[o, c, p, q])
    h2_r_padded_part[...] = h2_r
    t5[...] = h2_r_padded_view_T024135
    h2_b_conv2d_W.reshape(8, 72).dot(t5_2d, out=h2_b_conv2d_2d)
    # h2.b[n, c, u, v2] = h2.b.b[c] + h2.b.g[c]*(h2.b.conv2d[n, c, u, v2] - h2.b.rm[c])
    #     /sqrt(h2.b.rv[c] + 1/100000)
    np.add(h2_b_rv, c1em05, out=t4)
    np.sqrt(t4, out=t4)
    np.subtract(h2_b_conv2d, h2_b_rm[:, None, None, None], out=h2_b)
    np.multiply(h2_b, h2_b_g[:, None, None, None], out=h2_b)
    np.divide(h2_b, t4_b1000, out=h2_b)
    np.add(h2_b, h2_b_b[:, None, None, None], out=h2_b)
    # h2.s[n, o, u, v] = sum(c, p, q: h1[n, c, 2*u + p, 2*v + q]*h2.s.W[o, c, p, q])
    t6[...] = h1_view_T035124
    h2_s_W.reshape(8, 4).dot(t6_2d, out=h2_s_2d)
    # h2[n, k, u, v] = max(0, h2.b[n, k, u, v] + h2.s[n, k, u, v])
    np.add(h2_b, h2_s, out=h2)
    np.maximum(h2, zero, out=h2)
    # h3.a.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h2[n, c, 2*u + p - 1, 2*v + q - 1] else 0)*h3.a.conv2d.W[o, c, p, q])
    h2_padded_part[...] = h2
    t7[...] = h2_padded_view_T035124
    h3_a_conv2d_W.reshape(16, 72).dot(t7_2d, out=h3_a_conv2d_2d)
    # h3.a[n, c, u, v2] = h3.a.b[c] + h3.a.g[c]*(h3.a.conv2d[n, c, u, v2] - h3.a.rm[c])
    #     /sqrt(h3.a.rv[c] + 1/100000)
    np.add(h3_a_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.subtract(h3_a_conv2d, h3_a_rm[:, None, None, None], out=h3_a)
    np.multiply(h3_a, h3_a_g[:, None, None, None], out=h3_a)
    np.divide(h3_a, t8_b1000, out=h3_a)
    np.add(h3_a, h3_a_b[:, None, None, None], out=h3_a)
    # h3.r[n, k, u, v] = max(0, h3.a[n, k, u, v])
    np.maximum(h3_a, zero, out=h3_r)
    # h3.b.conv2d[n, o, u, v] = sum(c, p, q:
    #     (h3.r[n, c, p + u - 1, q + v - 1] else 0)*h3.b.conv2d.W[o, c, p, q])
    h3_r_padded_part[...] = h3_r
    t9[...] = h3_r_padded_view_T024135
    h3_b_conv2d_W.reshape(16, 144).dot(t9_2d, out=h3_b_conv2d_2d)
    # h3.b[n, c, u, v2] = h3.b.b[c] + h3.b.g[c]*(h3.b.conv2d[n, c, u, v2] - h3.b.rm[c])
    #     /sqrt(h3.b.rv[c] + 1/100000)
    np.add(h3_b_rv, c1em05, out=t8)
    np.sqrt(t8, out=t8)
    np.subtract(h3_b_conv2d, h3_b_rm[:, None, None, None], out=h3_b)
    np.multiply(h3_b, h3_b_g[:, None, None, None], out=h3_b)
    np.divide(h3_b, t8_b1000, out=h3_b)
    np.add(h3_b, h3_b_b[:, None, None, None], out=h3_b)
    # h3.s[n, o, u, v] = sum(c, p, q: h2[n, c, 2*u + p, 2*v + q]*h3.s.W[o, c, p, q])
    t10[...] = h2_view_T035124
    h3_s_W.reshape(16, 8).dot(t10_2d, out=h3_s_2d)
    # h3[n, k, u, v] = max(0, h3.b[n, k, u, v] + h3.s[n, k, u, v])
    np.add(h3_b, h3_s, out=h3)
    np.maximum(h3, zero, out=h3)
    # logits.global_avg_pool[n, c] = sum(u, v: h3[n, c, u, v]/4)
    h3_2d.dot(weights, out=logits_global_avg_pool_flat)
    # logits[n, o] += sum(i: logits.global_avg_pool[n, i]*logits.W[i, o])
    logits_W.T.dot(logits_global_avg_pool, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b[:, None], out=logits)
    # accuracy_argmax[n] = argmax(c: logits[n, c])
    np.argmax(logits_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == y[n])/N)
    np.equal(accuracy_argmax, y, out=t11)
    np.copyto(t12, t11)
    accuracy = weights2.dot(t12)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=0, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max, out=logits_shifted)
    # logits_sumexp[n] = sum(c: exp(logits_shifted[n, c]))
    np.exp(logits_shifted, out=t13)
    ones.dot(t13, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t14)
    np.add(position, t14, out=y_position)
    logits_shifted_flat.take(y_position, out=t12, mode="clip")
    np.log(logits_sumexp, out=t15)
    np.subtract(t15, t12, out=t15)
    loss = weights2.dot(t15)

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


def _same(arrays, held):
    """Whether the arrays of a dict are the very ones that are held."""
    return all(map(operator.is_, arrays.values(), held))


def _indices(name, value, bound):
    """An integer input as an array of intp, after checking that its values are 0..bound-1."""
    if value.dtype is not _INTP:
        value = value.astype(np.intp)
    # argmin and argmax cost less than min and max.
    if value.size and (value.item(value.argmin()) < 0 or value.item(value.argmax()) >= bound):
        worst = value.min() if value.min() < 0 else value.max()
        raise IndexError(f"{name}: expected values in 0..{bound - 1}, got {worst}")
    return value


_INTP = np.dtype(np.intp)


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
