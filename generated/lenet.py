"""lenet: the network below with its gradients, in NumPy.

    network lenet

    const channels = 8
    const hidden = 64

    example N = 2

    input x[N, 8, 8] ~ uniform(0, 1)
    input y[N] < 10

    image[n, c: 1, i, j] = x[n, i, j]
    c1 = conv2d(upsample2d(image), channels, activation=relu)
    c2 = conv2d(max_pool2d(c1), 2*channels, activation=relu)
    c3 = conv2d(max_pool2d(c2), 4*channels, activation=relu)
    h = dense(flatten(max_pool2d(c3)), hidden, activation=relu)
    logits = dense(h, 10)

    output logits
    metric accuracy = mean(n: argmax(c: logits[n, c]) == y[n])
    minimize softmax_cross_entropy(logits, y) with adamw(rate=0.002, decay=0.01)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
885409b0e556a2b339280c099d71a0eff7e30da51403648de3a5cbd00740da9f
"""

import math
import operator

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "c1.W": {"shape": (8, 1, 3, 3), "kind": "real"},
    "c1.b": {"shape": (8,), "kind": "real"},
    "c2.W": {"shape": (16, 8, 3, 3), "kind": "real"},
    "c2.b": {"shape": (16,), "kind": "real"},
    "c3.W": {"shape": (32, 16, 3, 3), "kind": "real"},
    "c3.b": {"shape": (32,), "kind": "real"},
    "h.W": {"shape": (128, 64), "kind": "real"},
    "h.b": {"shape": (64,), "kind": "real"},
    "logits.W": {"shape": (64, 10), "kind": "real"},
    "logits.b": {"shape": (10,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 8, 8), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
    "y": {"shape": ("N",), "kind": "integer", "bound": 10},
}
OUTPUTS = {
    "logits": {"shape": ("N", 10), "kind": "real"},
}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 2}
BATCH = {"size": "N", "inputs": {"x": 0, "y": 0}, "loss": "mean"}


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
        "c1.W": _he_normal(rng, (8, 1, 3, 3), fan_in=9),
        "c1.b": np.zeros((8,)),
        "c2.W": _he_normal(rng, (16, 8, 3, 3), fan_in=72),
        "c2.b": np.zeros((16,)),
        "c3.W": _he_normal(rng, (32, 16, 3, 3), fan_in=144),
        "c3.b": np.zeros((32,)),
        "h.W": _glorot_uniform(rng, (128, 64), fan_in=128, fan_out=64),
        "h.b": np.zeros((64,)),
        "logits.W": _glorot_uniform(rng, (64, 10), fan_in=64, fan_out=10),
        "logits.b": np.zeros((10,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x, y):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 8, 8), of the dtype of params
    y       shape (N,), integers in 0..9

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 8, 8), dtype)
    y = _integer("y", y, (N,), 10)
    c1_W = params["c1.W"]
    c1_b = params["c1.b"]
    c2_W = params["c2.W"]
    c2_b = params["c2.b"]
    c3_W = params["c3.W"]
    c3_b = params["c3.b"]
    h_W = params["h.W"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    c1_upsample2d = np.empty((N, 1, 16, 16), dtype)
    c1_sum = np.empty((N, 8, 16, 16), dtype)
    c1 = c1_sum  # c1_sum is not needed any more
    c2_max_pool2d = np.empty((N, 8, 8, 8), dtype)
    c2_sum = np.empty((N, 16, 8, 8), dtype)
    c2 = c2_sum  # c2_sum is not needed any more
    c3_max_pool2d = np.empty((N, 16, 4, 4), dtype)
    c3_sum = np.empty((N, 32, 4, 4), dtype)
    c3 = c3_sum  # c3_sum is not needed any more
    h_flatten_max_pool2d = np.empty((N, 32, 2, 2), dtype)
    h_flatten = np.empty((N, 128), dtype)
    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 10), dtype)
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((N, 10), dtype)
    logits_exp = np.empty((N, 10), dtype)
    logits_sumexp = logits_max  # logits_max is not needed any more
    c1_upsample2d_split = c1_upsample2d.reshape(N, 1, 8, 2, 8, 2)
    c1_upsample2d_padded = np.full((N, 1, 18, 18), 0, dtype)
    c1_upsample2d_padded_part = c1_upsample2d_padded[:, :, 1:17, 1:17]
    c1_upsample2d_padded_view = np.lib.stride_tricks.as_strided(
        c1_upsample2d_padded,
        (N, 1, 3, 16, 3, 16),
        (
            c1_upsample2d_padded.strides[0],
            c1_upsample2d_padded.strides[1],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[3],
            c1_upsample2d_padded.strides[3],
        ),
    )
    t0 = np.empty((N, 16, 16, 1, 3, 3), dtype)
    c1_upsample2d_padded_view_T035124 = c1_upsample2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t0_2d = t0.reshape(256 * N, 9)
    t1 = np.empty((N, 16, 16, 8), dtype)
    t1_2d = t1.reshape(256 * N, 8)
    t1_T0312 = t1.transpose(0, 3, 1, 2)
    zero = np.array(0, dtype)
    c1_split = c1.reshape(N, 8, 8, 2, 8, 2)
    c1_split_T013254 = c1_split.transpose(0, 1, 3, 2, 5, 4)
    c2_max_pool2d_padded = np.full((N, 8, 10, 10), 0, dtype)
    c2_max_pool2d_padded_part = c2_max_pool2d_padded[:, :, 1:9, 1:9]
    c2_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c2_max_pool2d_padded,
        (N, 8, 3, 8, 3, 8),
        (
            c2_max_pool2d_padded.strides[0],
            c2_max_pool2d_padded.strides[1],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[3],
            c2_max_pool2d_padded.strides[3],
        ),
    )
    t2 = np.empty((N, 8, 8, 8, 3, 3), dtype)
    c2_max_pool2d_padded_view_T035124 = c2_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t2_2d = t2.reshape(64 * N, 72)
    t3 = np.empty((N, 8, 8, 16), dtype)
    t3_2d = t3.reshape(64 * N, 16)
    t3_T0312 = t3.transpose(0, 3, 1, 2)
    c2_split = c2.reshape(N, 16, 4, 2, 4, 2)
    c2_split_T013254 = c2_split.transpose(0, 1, 3, 2, 5, 4)
    c3_max_pool2d_padded = np.full((N, 16, 6, 6), 0, dtype)
    c3_max_pool2d_padded_part = c3_max_pool2d_padded[:, :, 1:5, 1:5]
    c3_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c3_max_pool2d_padded,
        (N, 16, 3, 4, 3, 4),
        (
            c3_max_pool2d_padded.strides[0],
            c3_max_pool2d_padded.strides[1],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[3],
            c3_max_pool2d_padded.strides[3],
        ),
    )
    t4 = np.empty((N, 4, 4, 16, 3, 3), dtype)
    c3_max_pool2d_padded_view_T035124 = c3_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t4_2d = t4.reshape(16 * N, 144)
    t5 = np.empty((N, 4, 4, 32), dtype)
    t5_2d = t5.reshape(16 * N, 32)
    t5_T0312 = t5.transpose(0, 3, 1, 2)
    c3_split = c3.reshape(N, 32, 2, 2, 2, 2)
    c3_split_T013254 = c3_split.transpose(0, 1, 3, 2, 5, 4)
    h_flatten_split = h_flatten.reshape(N, 32, 2, 2)
    logits_max_col = logits_max[:, None]
    ones = np.ones(10, dtype)
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t6 = np.empty(N, dtype)
    t7 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # c1.upsample2d[n, c, 2*i + p, 2*j + q] = x[n, i, j] if p < 2 and q < 2
    c1_upsample2d_split[...] = x[:, None, :, None, :, None]
    # c1_sum[n, o, u, v] = sum(c, p, q:
    #     (c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0)*c1.W[o, c, p, q])
    c1_upsample2d_padded_part[...] = c1_upsample2d
    t0[...] = c1_upsample2d_padded_view_T035124
    t0_2d.dot(c1_W.reshape(8, 9).T, out=t1_2d)
    c1_sum[...] = t1_T0312
    # c1[n, o, u, v] = max(0, c1.b[o] + c1_sum[n, o, u, v])
    np.add(c1_sum, c1_b[:, None, None], out=c1)
    np.maximum(c1, zero, out=c1)
    # c2.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c1_split_T013254, axis=(2, 4), out=c2_max_pool2d)
    # c2_sum[n, o, u, v] = sum(c, p, q:
    #     (c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c2.W[o, c, p, q])
    c2_max_pool2d_padded_part[...] = c2_max_pool2d
    t2[...] = c2_max_pool2d_padded_view_T035124
    t2_2d.dot(c2_W.reshape(16, 72).T, out=t3_2d)
    c2_sum[...] = t3_T0312
    # c2[n, o, u, v] = max(0, c2.b[o] + c2_sum[n, o, u, v])
    np.add(c2_sum, c2_b[:, None, None], out=c2)
    np.maximum(c2, zero, out=c2)
    # c3.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c2_split_T013254, axis=(2, 4), out=c3_max_pool2d)
    # c3_sum[n, o, u, v] = sum(c, p, q:
    #     (c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c3.W[o, c, p, q])
    c3_max_pool2d_padded_part[...] = c3_max_pool2d
    t4[...] = c3_max_pool2d_padded_view_T035124
    t4_2d.dot(c3_W.reshape(32, 144).T, out=t5_2d)
    c3_sum[...] = t5_T0312
    # c3[n, o, u, v] = max(0, c3.b[o] + c3_sum[n, o, u, v])
    np.add(c3_sum, c3_b[:, None, None], out=c3)
    np.maximum(c3, zero, out=c3)
    # h.flatten.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c3_split_T013254, axis=(2, 4), out=h_flatten_max_pool2d)
    # h.flatten[n, 4*i2 + 2*u + c] = h.flatten.max_pool2d[n, i2, u, c]
    h_flatten_split[...] = h_flatten_max_pool2d
    # h_sum[n, o] = sum(i: h.flatten[n, i]*h.W[i, o])
    h_flatten.dot(h_W, out=h_sum)
    # h[n, o] = max(0, h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.maximum(h, zero, out=h)
    # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
    h.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=1, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max_col, out=logits_shifted)
    # logits_exp[n, o] = exp(logits_shifted[n, o])
    np.exp(logits_shifted, out=logits_exp)
    # logits_sumexp[n] = sum(c: logits_exp[n, c])
    logits_exp.dot(ones, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.add(position, y, out=y_position)
    logits_shifted_flat.take(y_position, out=t6, mode="clip")
    np.log(logits_sumexp, out=t7)
    np.subtract(t7, t6, out=t7)
    loss = weights.dot(t7)

    outputs = {"logits": logits, "loss": np.array(loss, dtype)}
    saved = (
        N,
        y,
        c1,
        c1_upsample2d,
        c2,
        c2_max_pool2d,
        c3,
        c3_max_pool2d,
        h,
        h_flatten,
        logits_sumexp,
        logits_exp,
    )
    return outputs, saved


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
        y,
        c1,
        c1_upsample2d,
        c2,
        c2_max_pool2d,
        c3,
        c3_max_pool2d,
        h,
        h_flatten,
        logits_sumexp,
        logits_exp,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("logits", "loss"))
    grad_logits = _upstream("logits", grad_outputs, (N, 10), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    c1_W = params["c1.W"]
    c2_W = params["c2.W"]
    c3_W = params["c3.W"]
    h_W = params["h.W"]
    logits_W = params["logits.W"]

    c2_max_pool2d_arg = np.empty((8, N, 8, 8), np.intp)  # stored with 8 first
    c3_max_pool2d_arg = np.empty((16, N, 4, 4), np.intp)  # stored with 16 first
    h_flatten_max_pool2d_arg = np.empty((N, 32, 2, 2), np.intp)
    dlogits_shifted = np.empty((N, 10), dtype)
    dlogits = dlogits_shifted  # dlogits_shifted is not needed any more
    dlogits_b = np.empty(10, dtype)
    dh = np.empty((N, 64), dtype)
    dlogits_W = np.empty((64, 10), dtype)
    dh_sum = dh  # dh is not needed any more
    dh_b = np.empty(64, dtype)
    dh_W = np.empty((128, 64), dtype)
    dh_flatten = np.empty((N, 128), dtype)
    dc3 = np.empty((32, N, 4, 4), dtype)  # stored with 32 first
    dc3_sum = dc3  # dc3 is not needed any more
    dc3_b = np.empty(32, dtype)
    dc3_max_pool2d = np.empty((16, N, 4, 4), dtype)  # stored with 16 first
    dc3_W = np.empty((32, 16, 3, 3), dtype)
    dc2 = np.empty((16, N, 8, 8), dtype)  # stored with 16 first
    dc2_sum = dc2  # dc2 is not needed any more
    dc2_b = np.empty(16, dtype)
    dc2_max_pool2d = np.empty((8, N, 8, 8), dtype)  # stored with 8 first
    dc2_W = np.empty((16, 8, 3, 3), dtype)
    dc1 = np.empty((8, N, 16, 16), dtype)  # stored with 8 first
    dc1_sum = dc1  # dc1 is not needed any more
    dc1_b = np.empty(8, dtype)
    dc1_upsample2d = np.empty((1, N, 16, 16), dtype)  # stored with 1 first
    dc1_W = np.empty((8, 1, 3, 3), dtype)
    dimage = np.empty((N, 8, 8, 1), dtype)  # stored with N first
    dx = np.empty((N, 8, 8), dtype)
    t0 = np.empty((8, N, 8, 8, 2, 2), dtype)
    t0_5d = t0.reshape(8, N, 8, 8, 4)
    t1 = np.empty((16, N, 4, 4, 2, 2), dtype)
    t1_5d = t1.reshape(16, N, 4, 4, 4)
    t2 = np.empty((N, 32, 2, 2, 2, 2), dtype)
    t2_5d = t2.reshape(N, 32, 2, 2, 4)
    t3 = np.empty(N, dtype)
    t3_col = t3[:, None]
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    dlogits_shifted_flat = dlogits_shifted.reshape(-1)
    ones = np.ones(N, dtype)
    t4 = np.empty((N, 64), bool)
    zero = np.array(0, dtype)
    dc3_split = dc3.reshape(32, N, 2, 2, 2, 2)
    h_flatten_max_pool2d_arg_T1023 = h_flatten_max_pool2d_arg.transpose(1, 0, 2, 3)
    q_index = np.arange(2)
    table = np.multiply(q_index, 2)
    table_col = table[:, None]
    table2 = np.add(q_index, table_col)
    dh_flatten_split = dh_flatten.reshape(N, 32, 2, 2)
    dh_flatten_split_T1023 = dh_flatten_split.transpose(1, 0, 2, 3)
    t5 = np.empty((32, N, 2, 2, 2, 2), bool)
    h_flatten_max_pool2d_arg_T1023_b111010 = h_flatten_max_pool2d_arg_T1023[:, :, :, None, :, None]
    table2_b101 = table2[:, None, :]
    dh_flatten_split_T1023_b111010 = dh_flatten_split_T1023[:, :, :, None, :, None]
    t6 = np.empty((32, N, 4, 4), bool)
    ones2 = np.ones(16 * N, dtype)
    dc3_sum_2d = dc3_sum.reshape(32, 16 * N)
    dc3_sum_padded = np.full((32, N, 6, 6), 0, dtype)
    dc3_sum_padded_part = dc3_sum_padded[:, :, 1:5, 1:5]
    dc3_sum_padded_view = np.lib.stride_tricks.as_strided(
        dc3_sum_padded[:, :, 2:, 2:],
        (32, N, 3, 4, 3, 4),
        (
            dc3_sum_padded.strides[0],
            dc3_sum_padded.strides[1],
            (-1) * dc3_sum_padded.strides[2],
            dc3_sum_padded.strides[2],
            (-1) * dc3_sum_padded.strides[3],
            dc3_sum_padded.strides[3],
        ),
    )
    t7 = np.empty((16, 32, 3, 3), dtype)
    t7_2d = t7.reshape(16, 288)
    t8 = np.empty((32, 3, 3, N, 4, 4), dtype)
    dc3_sum_padded_view_T024135 = dc3_sum_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t8_2d = t8.reshape(288, 16 * N)
    dc3_max_pool2d_2d = dc3_max_pool2d.reshape(16, 16 * N)
    c3_max_pool2d_padded = np.full((N, 16, 6, 6), 0, dtype)
    c3_max_pool2d_padded_part = c3_max_pool2d_padded[:, :, 1:5, 1:5]
    c3_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c3_max_pool2d_padded,
        (N, 16, 3, 4, 3, 4),
        (
            c3_max_pool2d_padded.strides[0],
            c3_max_pool2d_padded.strides[1],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[3],
            c3_max_pool2d_padded.strides[3],
        ),
    )
    t9 = np.empty((N, 4, 4, 16, 3, 3), dtype)
    c3_max_pool2d_padded_view_T035124 = c3_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t9_2d = t9.reshape(16 * N, 144)
    dc3_W_2d = dc3_W.reshape(32, 144)
    dc2_split = dc2.reshape(16, N, 4, 2, 4, 2)
    t10 = np.empty((16, N, 4, 2, 4, 2), bool)
    c3_max_pool2d_arg_b111010 = c3_max_pool2d_arg[:, :, :, None, :, None]
    dc3_max_pool2d_b111010 = dc3_max_pool2d[:, :, :, None, :, None]
    t11 = np.empty((16, N, 8, 8), bool)
    ones3 = np.ones(64 * N, dtype)
    dc2_sum_2d = dc2_sum.reshape(16, 64 * N)
    dc2_sum_padded = np.full((16, N, 10, 10), 0, dtype)
    dc2_sum_padded_part = dc2_sum_padded[:, :, 1:9, 1:9]
    dc2_sum_padded_view = np.lib.stride_tricks.as_strided(
        dc2_sum_padded[:, :, 2:, 2:],
        (16, N, 3, 8, 3, 8),
        (
            dc2_sum_padded.strides[0],
            dc2_sum_padded.strides[1],
            (-1) * dc2_sum_padded.strides[2],
            dc2_sum_padded.strides[2],
            (-1) * dc2_sum_padded.strides[3],
            dc2_sum_padded.strides[3],
        ),
    )
    t12 = np.empty((8, 16, 3, 3), dtype)
    t12_2d = t12.reshape(8, 144)
    t13 = np.empty((16, 3, 3, N, 8, 8), dtype)
    dc2_sum_padded_view_T024135 = dc2_sum_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t13_2d = t13.reshape(144, 64 * N)
    dc2_max_pool2d_2d = dc2_max_pool2d.reshape(8, 64 * N)
    c2_max_pool2d_padded = np.full((N, 8, 10, 10), 0, dtype)
    c2_max_pool2d_padded_part = c2_max_pool2d_padded[:, :, 1:9, 1:9]
    c2_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c2_max_pool2d_padded,
        (N, 8, 3, 8, 3, 8),
        (
            c2_max_pool2d_padded.strides[0],
            c2_max_pool2d_padded.strides[1],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[3],
            c2_max_pool2d_padded.strides[3],
        ),
    )
    t14 = np.empty((N, 8, 8, 8, 3, 3), dtype)
    c2_max_pool2d_padded_view_T035124 = c2_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t14_2d = t14.reshape(64 * N, 72)
    dc2_W_2d = dc2_W.reshape(16, 72)
    dc1_split = dc1.reshape(8, N, 8, 2, 8, 2)
    t15 = np.empty((8, N, 8, 2, 8, 2), bool)
    c2_max_pool2d_arg_b111010 = c2_max_pool2d_arg[:, :, :, None, :, None]
    dc2_max_pool2d_b111010 = dc2_max_pool2d[:, :, :, None, :, None]
    t16 = np.empty((8, N, 16, 16), bool)
    ones4 = np.ones(256 * N, dtype)
    dc1_sum_2d = dc1_sum.reshape(8, 256 * N)
    dc1_sum_padded = np.full((8, N, 18, 18), 0, dtype)
    dc1_sum_padded_part = dc1_sum_padded[:, :, 1:17, 1:17]
    dc1_sum_padded_view = np.lib.stride_tricks.as_strided(
        dc1_sum_padded[:, :, 2:, 2:],
        (8, N, 16, 3, 16, 3),
        (
            dc1_sum_padded.strides[0],
            dc1_sum_padded.strides[1],
            dc1_sum_padded.strides[2],
            (-1) * dc1_sum_padded.strides[2],
            dc1_sum_padded.strides[3],
            (-1) * dc1_sum_padded.strides[3],
        ),
    )
    t17 = np.empty((1, 8, 3, 3), dtype)
    t17_2d = t17.reshape(1, 72)
    t18 = np.empty((8, 3, 3, N, 16, 16), dtype)
    dc1_sum_padded_view_T035124 = dc1_sum_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t18_2d = t18.reshape(72, 256 * N)
    dc1_upsample2d_2d = dc1_upsample2d.reshape(1, 256 * N)
    c1_upsample2d_padded = np.full((N, 1, 18, 18), 0, dtype)
    c1_upsample2d_padded_part = c1_upsample2d_padded[:, :, 1:17, 1:17]
    c1_upsample2d_padded_view = np.lib.stride_tricks.as_strided(
        c1_upsample2d_padded,
        (N, 1, 3, 16, 3, 16),
        (
            c1_upsample2d_padded.strides[0],
            c1_upsample2d_padded.strides[1],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[3],
            c1_upsample2d_padded.strides[3],
        ),
    )
    t19 = np.empty((N, 16, 16, 1, 3, 3), dtype)
    c1_upsample2d_padded_view_T035124 = c1_upsample2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t19_2d = t19.reshape(256 * N, 9)
    dc1_W_2d = dc1_W.reshape(8, 9)
    dc1_upsample2d_split = dc1_upsample2d.reshape(1, N, 8, 2, 8, 2)
    ones5 = np.ones(2, dtype)
    dc1_upsample2d_split_2d = dc1_upsample2d_split.reshape(128 * N, 2)
    t20 = np.empty((1, N, 8, 2, 8), dtype)
    t20_flat = t20.reshape(-1)
    t21 = np.empty((1, N, 8, 8), dtype)
    t21_T1230 = t21.transpose(1, 2, 3, 0)
    ones6 = np.ones(1, dtype)
    dimage_2d = dimage.reshape(64 * N, 1)
    dx_flat = dx.reshape(-1)

    # c2.max_pool2d_arg[n, i2, u, v] = argmax(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
    t0[...] = c1.reshape(N, 8, 8, 2, 8, 2).transpose(1, 0, 2, 4, 3, 5)
    np.argmax(t0_5d, axis=-1, out=c2_max_pool2d_arg)
    # c3.max_pool2d_arg[n, i2, u, v] = argmax(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
    t1[...] = c2.reshape(N, 16, 4, 2, 4, 2).transpose(1, 0, 2, 4, 3, 5)
    np.argmax(t1_5d, axis=-1, out=c3_max_pool2d_arg)
    # h.flatten.max_pool2d_arg[n, i2, u, v] = argmax(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
    t2[...] = c3.reshape(N, 32, 2, 2, 2, 2).transpose(0, 1, 2, 4, 3, 5)
    np.argmax(t2_5d, axis=-1, out=h_flatten_max_pool2d_arg)
    # dlogits_shifted[n, o] += grad_loss*logits_exp[n, o]/(N*logits_sumexp[n])
    np.multiply(logits_sumexp, N / grad_loss, out=t3)
    np.divide(logits_exp, t3_col, out=dlogits_shifted)
    # dlogits_shifted[n, y[n]] += -grad_loss/N
    np.add(position, y, out=y_position)
    dlogits_shifted_flat[y_position] += -grad_loss / N
    # dlogits[n, o] = dlogits_shifted[n, o] + grad_logits[n, o]
    np.add(dlogits_shifted, grad_logits, out=dlogits)
    # dlogits.b[o] = sum(n: dlogits[n, o])
    ones.dot(dlogits, out=dlogits_b)
    # dh[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
    dlogits.dot(logits_W.T, out=dh)
    # dlogits.W[i, o] = sum(n: h[n, i]*dlogits[n, o])
    h.T.dot(dlogits, out=dlogits_W)
    # dh_sum[n, o] = where(not h[n, o] <= 0, dh[n, o], 0)
    np.greater(h, zero, out=t4)
    np.multiply(dh, t4, out=dh_sum)
    # dh.b[o] = sum(n: dh_sum[n, o])
    ones.dot(dh_sum, out=dh_b)
    # dh.W[i, o] = sum(n: h.flatten[n, i]*dh_sum[n, o])
    h_flatten.T.dot(dh_sum, out=dh_W)
    # dh.flatten[n, i] = sum(o: dh_sum[n, o]*h.W[i, o])
    dh_sum.dot(h_W.T, out=dh_flatten)
    # dc3[n, i2, 2*u + p, 2*v + q] = where(h.flatten.max_pool2d_arg[n, i2, u, v] == q + 2*p,
    #     dh.flatten[n, 4*i2 + 2*u + v], 0) if p < 2 and q < 2
    np.equal(h_flatten_max_pool2d_arg_T1023_b111010, table2_b101, out=t5)
    np.multiply(t5, dh_flatten_split_T1023_b111010, out=dc3_split)
    # dc3_sum[n, o, u, v] = where(not c3[n, o, u, v] <= 0, dc3[n, o, u, v], 0)
    np.greater(c3.transpose(1, 0, 2, 3), zero, out=t6)
    np.multiply(dc3, t6, out=dc3_sum)
    # dc3.b[o] = sum(n, u, v: dc3_sum[n, o, u, v])
    dc3_sum_2d.dot(ones2, out=dc3_b)
    # dc3.max_pool2d[n, i2, u, v] = sum(o, p, q:
    #     (dc3_sum[n, o, u + 1 - p, v + 1 - q] else 0)*c3.W[o, i2, p, q])
    dc3_sum_padded_part[...] = dc3_sum
    t7[...] = c3_W.transpose(1, 0, 2, 3)
    t8[...] = dc3_sum_padded_view_T024135
    t7_2d.dot(t8_2d, out=dc3_max_pool2d_2d)
    # dc3.W[o, c, p, q] = sum(n, u, v:
    #     dc3_sum[n, o, u, v]*(c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0))
    c3_max_pool2d_padded_part[...] = c3_max_pool2d
    t9[...] = c3_max_pool2d_padded_view_T035124
    dc3_sum_2d.dot(t9_2d, out=dc3_W_2d)
    # dc2[n, i2, 2*u + p, 2*v + q] = where(c3.max_pool2d_arg[n, i2, u, v] == q + 2*p,
    #     dc3.max_pool2d[n, i2, u, v], 0) if p < 2 and q < 2
    np.equal(c3_max_pool2d_arg_b111010, table2_b101, out=t10)
    np.multiply(t10, dc3_max_pool2d_b111010, out=dc2_split)
    # dc2_sum[n, o, u, v] = where(not c2[n, o, u, v] <= 0, dc2[n, o, u, v], 0)
    np.greater(c2.transpose(1, 0, 2, 3), zero, out=t11)
    np.multiply(dc2, t11, out=dc2_sum)
    # dc2.b[o] = sum(n, u, v: dc2_sum[n, o, u, v])
    dc2_sum_2d.dot(ones3, out=dc2_b)
    # dc2.max_pool2d[n, i2, u, v] = sum(o, p, q:
    #     (dc2_sum[n, o, u + 1 - p, v + 1 - q] else 0)*c2.W[o, i2, p, q])
    dc2_sum_padded_part[...] = dc2_sum
    t12[...] = c2_W.transpose(1, 0, 2, 3)
    t13[...] = dc2_sum_padded_view_T024135
    t12_2d.dot(t13_2d, out=dc2_max_pool2d_2d)
    # dc2.W[o, c, p, q] = sum(n, u, v:
    #     dc2_sum[n, o, u, v]*(c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0))
    c2_max_pool2d_padded_part[...] = c2_max_pool2d
    t14[...] = c2_max_pool2d_padded_view_T035124
    dc2_sum_2d.dot(t14_2d, out=dc2_W_2d)
    # dc1[n, i2, 2*u + p, 2*v + q] = where(c2.max_pool2d_arg[n, i2, u, v] == q + 2*p,
    #     dc2.max_pool2d[n, i2, u, v], 0) if p < 2 and q < 2
    np.equal(c2_max_pool2d_arg_b111010, table2_b101, out=t15)
    np.multiply(t15, dc2_max_pool2d_b111010, out=dc1_split)
    # dc1_sum[n, o, u, v] = where(not c1[n, o, u, v] <= 0, dc1[n, o, u, v], 0)
    np.greater(c1.transpose(1, 0, 2, 3), zero, out=t16)
    np.multiply(dc1, t16, out=dc1_sum)
    # dc1.b[o] = sum(n, u, v: dc1_sum[n, o, u, v])
    dc1_sum_2d.dot(ones4, out=dc1_b)
    # dc1.upsample2d[n, c, i, j] = sum(o, p, q:
    #     (dc1_sum[n, o, i + 1 - p, j + 1 - q] else 0)*c1.W[o, c, p, q])
    dc1_sum_padded_part[...] = dc1_sum
    t17[...] = c1_W.transpose(1, 0, 2, 3)
    t18[...] = dc1_sum_padded_view_T035124
    t17_2d.dot(t18_2d, out=dc1_upsample2d_2d)
    # dc1.W[o, c, p, q] = sum(n, u, v:
    #     dc1_sum[n, o, u, v]*(c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0))
    c1_upsample2d_padded_part[...] = c1_upsample2d
    t19[...] = c1_upsample2d_padded_view_T035124
    dc1_sum_2d.dot(t19_2d, out=dc1_W_2d)
    # dimage[n, c, i, j] = sum(p < 2, q < 2: dc1.upsample2d[n, c, 2*i + p, 2*j + q])
    dc1_upsample2d_split_2d.dot(ones5, out=t20_flat)
    np.add.reduce(t20, axis=3, out=t21)
    dimage[...] = t21_T1230
    # dx[n, i, j] = sum(c: dimage[n, c, i, j])
    dimage_2d.dot(ones6, out=dx_flat)

    return {
        "c1.W": dc1_W,
        "c1.b": dc1_b,
        "c2.W": dc2_W,
        "c2.b": dc2_b,
        "c3.W": dc3_W,
        "c3.b": dc3_b,
        "h.W": dh_W,
        "h.b": dh_b,
        "logits.W": dlogits_W,
        "logits.b": dlogits_b,
        "x": dx,
    }


# --- training mode: the loss and its gradients ---


def loss(params, x, y):
    """The loss as a float."""
    return float(forward(params, x, y)[0]["loss"])


def loss_and_grad(params, x, y, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 8, 8), of the dtype of params
    y          shape (N,), integers in 0..9
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x, y):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 8, 8), dtype)
        y = _integer("y", y, (N,), 10)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, y)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    argmax = np.argmax
    divide = np.divide
    equal = np.equal
    exp = np.exp
    greater = np.greater
    log = np.log
    maximum = np.maximum
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    subtract = np.subtract
    c1_upsample2d = np.empty((N, 1, 16, 16), dtype)
    c1_sum = np.empty((8, N, 16, 16), dtype)  # stored with 8 first
    c1 = c1_sum  # c1_sum is not needed any more
    c2_max_pool2d = np.empty((N, 8, 8, 8), dtype)
    c2_sum = np.empty((16, N, 8, 8), dtype)  # stored with 16 first
    c2 = c2_sum  # c2_sum is not needed any more
    c3_max_pool2d = np.empty((N, 16, 4, 4), dtype)
    c3_sum = np.empty((32, N, 4, 4), dtype)  # stored with 32 first
    c3 = c3_sum  # c3_sum is not needed any more
    h_flatten_max_pool2d = np.empty((N, 32, 2, 2), dtype)
    h_flatten = np.empty((N, 128), dtype)
    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_exp = np.empty((10, N), dtype)  # dimensions exchanged
    logits_sumexp = logits_max  # logits_max is not needed any more
    c2_max_pool2d_arg = np.empty((8, N, 8, 8), np.intp)  # stored with 8 first
    c3_max_pool2d_arg = np.empty((16, N, 4, 4), np.intp)  # stored with 16 first
    h_flatten_max_pool2d_arg = np.empty((N, 32, 2, 2), np.intp)
    dlogits = logits  # logits is not needed any more
    dlogits_b = np.empty(10, dtype)
    dh = np.empty((N, 64), dtype)
    dlogits_W = np.empty((64, 10), dtype)
    dh_sum = dh  # dh is not needed any more
    dh_b = np.empty(64, dtype)
    dh_W = np.empty((128, 64), dtype)
    dh_flatten = h_flatten  # h_flatten is not needed any more
    dc3 = np.empty((32, N, 4, 4), dtype)  # stored with 32 first
    dc3_sum = c3_sum  # c3_sum is not needed any more
    dc3_b = np.empty(32, dtype)
    dc3_max_pool2d = np.empty((16, N, 4, 4), dtype)  # stored with 16 first
    dc3_W = np.empty((32, 16, 3, 3), dtype)
    dc2 = np.empty((16, N, 8, 8), dtype)  # stored with 16 first
    dc2_sum = c2_sum  # c2_sum is not needed any more
    dc2_b = np.empty(16, dtype)
    dc2_max_pool2d = np.empty((8, N, 8, 8), dtype)  # stored with 8 first
    dc2_W = np.empty((16, 8, 3, 3), dtype)
    dc1 = np.empty((8, N, 16, 16), dtype)  # stored with 8 first
    dc1_sum = c1_sum  # c1_sum is not needed any more
    dc1_b = np.empty(8, dtype)
    dc1_W = np.empty((8, 1, 3, 3), dtype)
    c1_upsample2d_split = c1_upsample2d.reshape(N, 1, 8, 2, 8, 2)
    c1_upsample2d_padded = np.full((N, 1, 18, 18), 0, dtype)
    c1_upsample2d_padded_part = c1_upsample2d_padded[:, :, 1:17, 1:17]
    c1_upsample2d_padded_view = np.lib.stride_tricks.as_strided(
        c1_upsample2d_padded,
        (N, 1, 3, 16, 3, 16),
        (
            c1_upsample2d_padded.strides[0],
            c1_upsample2d_padded.strides[1],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[3],
            c1_upsample2d_padded.strides[3],
        ),
    )
    t0 = np.empty((1, 3, 3, N, 16, 16), dtype)
    c1_upsample2d_padded_view_T124035 = c1_upsample2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(9, 256 * N)
    c1_sum_2d = c1_sum.reshape(8, 256 * N)
    zero = np.array(0, dtype)
    zeros = np.zeros((8, N, 16, 16), dtype)
    c1_split = c1.reshape(8, N, 8, 2, 8, 2)
    c1_split_T013254 = c1_split.transpose(0, 1, 3, 2, 5, 4)
    t1 = np.empty((8, N, 8, 8), dtype)
    t1_T1023 = t1.transpose(1, 0, 2, 3)
    c2_max_pool2d_padded = np.full((N, 8, 10, 10), 0, dtype)
    c2_max_pool2d_padded_part = c2_max_pool2d_padded[:, :, 1:9, 1:9]
    c2_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c2_max_pool2d_padded,
        (N, 8, 3, 8, 3, 8),
        (
            c2_max_pool2d_padded.strides[0],
            c2_max_pool2d_padded.strides[1],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[3],
            c2_max_pool2d_padded.strides[3],
        ),
    )
    t2 = np.empty((8, 3, 3, N, 8, 8), dtype)
    c2_max_pool2d_padded_view_T124035 = c2_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t2_2d = t2.reshape(72, 64 * N)
    c2_sum_2d = c2_sum.reshape(16, 64 * N)
    zeros2 = np.zeros((16, N, 8, 8), dtype)
    c2_split = c2.reshape(16, N, 4, 2, 4, 2)
    c2_split_T013254 = c2_split.transpose(0, 1, 3, 2, 5, 4)
    t3 = np.empty((16, N, 4, 4), dtype)
    t3_T1023 = t3.transpose(1, 0, 2, 3)
    c3_max_pool2d_padded = np.full((N, 16, 6, 6), 0, dtype)
    c3_max_pool2d_padded_part = c3_max_pool2d_padded[:, :, 1:5, 1:5]
    c3_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c3_max_pool2d_padded,
        (N, 16, 3, 4, 3, 4),
        (
            c3_max_pool2d_padded.strides[0],
            c3_max_pool2d_padded.strides[1],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[3],
            c3_max_pool2d_padded.strides[3],
        ),
    )
    t4 = np.empty((16, 3, 3, N, 4, 4), dtype)
    c3_max_pool2d_padded_view_T124035 = c3_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t4_2d = t4.reshape(144, 16 * N)
    c3_sum_2d = c3_sum.reshape(32, 16 * N)
    zeros3 = np.zeros((32, N, 4, 4), dtype)
    c3_split = c3.reshape(32, N, 2, 2, 2, 2)
    c3_split_T013254 = c3_split.transpose(0, 1, 3, 2, 5, 4)
    t5 = np.empty((32, N, 2, 2), dtype)
    t5_T1023 = t5.transpose(1, 0, 2, 3)
    h_flatten_split = h_flatten.reshape(N, 32, 2, 2)
    zeros4 = np.zeros((N, 64), dtype)
    h_T = h.T
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t6 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t7 = np.empty(N, dtype)
    t8 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    c1_split_T012435 = c1_split.transpose(0, 1, 2, 4, 3, 5)
    t9 = np.empty((8, N, 8, 8, 2, 2), dtype)
    t9_5d = t9.reshape(8, N, 8, 8, 4)
    c2_split_T012435 = c2_split.transpose(0, 1, 2, 4, 3, 5)
    t10 = np.empty((16, N, 4, 4, 2, 2), dtype)
    t10_5d = t10.reshape(16, N, 4, 4, 4)
    c3_split_T102435 = c3_split.transpose(1, 0, 2, 4, 3, 5)
    t11 = np.empty((N, 32, 2, 2, 2, 2), dtype)
    t11_5d = t11.reshape(N, 32, 2, 2, 4)
    N2 = np.array(N, dtype)
    dlogits_flat = dlogits.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    ones2 = np.ones(N, dtype)
    dlogits_T = dlogits.T
    t12 = np.empty((N, 64), bool)
    h_flatten_T = h_flatten.T
    dc3_split = dc3.reshape(32, N, 2, 2, 2, 2)
    h_flatten_max_pool2d_arg_T1023 = h_flatten_max_pool2d_arg.transpose(1, 0, 2, 3)
    q_index = np.arange(2)
    table = np.multiply(q_index, 2)
    table_col = table[:, None]
    table2 = np.add(q_index, table_col)
    dh_flatten_split = dh_flatten.reshape(N, 32, 2, 2)
    dh_flatten_split_T1023 = dh_flatten_split.transpose(1, 0, 2, 3)
    t13 = np.empty((32, N, 2, 2, 2, 2), bool)
    h_flatten_max_pool2d_arg_T1023_b111010 = h_flatten_max_pool2d_arg_T1023[:, :, :, None, :, None]
    table2_b101 = table2[:, None, :]
    dh_flatten_split_T1023_b111010 = dh_flatten_split_T1023[:, :, :, None, :, None]
    t14 = np.empty((32, N, 4, 4), bool)
    ones3 = np.ones(16 * N, dtype)
    dc3_sum_2d = dc3_sum.reshape(32, 16 * N)
    dc3_sum_padded = np.full((32, N, 6, 6), 0, dtype)
    dc3_sum_padded_part = dc3_sum_padded[:, :, 1:5, 1:5]
    dc3_sum_padded_view = np.lib.stride_tricks.as_strided(
        dc3_sum_padded[:, :, 2:, 2:],
        (32, N, 3, 4, 3, 4),
        (
            dc3_sum_padded.strides[0],
            dc3_sum_padded.strides[1],
            (-1) * dc3_sum_padded.strides[2],
            dc3_sum_padded.strides[2],
            (-1) * dc3_sum_padded.strides[3],
            dc3_sum_padded.strides[3],
        ),
    )
    t15 = np.empty((16, 32, 3, 3), dtype)
    t15_2d = t15.reshape(16, 288)
    t16 = np.empty((32, 3, 3, N, 4, 4), dtype)
    dc3_sum_padded_view_T024135 = dc3_sum_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t16_2d = t16.reshape(288, 16 * N)
    dc3_max_pool2d_2d = dc3_max_pool2d.reshape(16, 16 * N)
    t17 = np.empty((N, 4, 4, 16, 3, 3), dtype)
    c3_max_pool2d_padded_view_T035124 = c3_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t17_2d = t17.reshape(16 * N, 144)
    dc3_W_2d = dc3_W.reshape(32, 144)
    dc2_split = dc2.reshape(16, N, 4, 2, 4, 2)
    t18 = np.empty((16, N, 4, 2, 4, 2), bool)
    c3_max_pool2d_arg_b111010 = c3_max_pool2d_arg[:, :, :, None, :, None]
    dc3_max_pool2d_b111010 = dc3_max_pool2d[:, :, :, None, :, None]
    t19 = np.empty((16, N, 8, 8), bool)
    ones4 = np.ones(64 * N, dtype)
    dc2_sum_2d = dc2_sum.reshape(16, 64 * N)
    dc2_sum_padded = np.full((16, N, 10, 10), 0, dtype)
    dc2_sum_padded_part = dc2_sum_padded[:, :, 1:9, 1:9]
    dc2_sum_padded_view = np.lib.stride_tricks.as_strided(
        dc2_sum_padded[:, :, 2:, 2:],
        (16, N, 3, 8, 3, 8),
        (
            dc2_sum_padded.strides[0],
            dc2_sum_padded.strides[1],
            (-1) * dc2_sum_padded.strides[2],
            dc2_sum_padded.strides[2],
            (-1) * dc2_sum_padded.strides[3],
            dc2_sum_padded.strides[3],
        ),
    )
    t20 = np.empty((8, 16, 3, 3), dtype)
    t20_2d = t20.reshape(8, 144)
    t21 = np.empty((16, 3, 3, N, 8, 8), dtype)
    dc2_sum_padded_view_T024135 = dc2_sum_padded_view.transpose(0, 2, 4, 1, 3, 5)
    t21_2d = t21.reshape(144, 64 * N)
    dc2_max_pool2d_2d = dc2_max_pool2d.reshape(8, 64 * N)
    t22 = np.empty((N, 8, 8, 8, 3, 3), dtype)
    c2_max_pool2d_padded_view_T035124 = c2_max_pool2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t22_2d = t22.reshape(64 * N, 72)
    dc2_W_2d = dc2_W.reshape(16, 72)
    dc1_split = dc1.reshape(8, N, 8, 2, 8, 2)
    t23 = np.empty((8, N, 8, 2, 8, 2), bool)
    c2_max_pool2d_arg_b111010 = c2_max_pool2d_arg[:, :, :, None, :, None]
    dc2_max_pool2d_b111010 = dc2_max_pool2d[:, :, :, None, :, None]
    t24 = np.empty((8, N, 16, 16), bool)
    ones5 = np.ones(256 * N, dtype)
    dc1_sum_2d = dc1_sum.reshape(8, 256 * N)
    t25 = np.empty((N, 16, 16, 1, 3, 3), dtype)
    c1_upsample2d_padded_view_T035124 = c1_upsample2d_padded_view.transpose(0, 3, 5, 1, 2, 4)
    t25_2d = t25.reshape(256 * N, 9)
    dc1_W_2d = dc1_W.reshape(8, 9)

    def bind(params):
        held = [*params.values()]
        c1_W = params["c1.W"]
        c1_b = params["c1.b"]
        c2_W = params["c2.W"]
        c2_b = params["c2.b"]
        c3_W = params["c3.W"]
        c3_b = params["c3.b"]
        h_W = params["h.W"]
        h_b = params["h.b"]
        logits_W = params["logits.W"]
        logits_b = params["logits.b"]
        c1_W_2d = c1_W.reshape(8, 9)
        c1_b_b1000 = c1_b[:, None, None, None]
        c2_W_2d = c2_W.reshape(16, 72)
        c2_b_b1000 = c2_b[:, None, None, None]
        c3_W_2d = c3_W.reshape(32, 144)
        c3_b_b1000 = c3_b[:, None, None, None]
        logits_W_T = logits_W.T
        logits_b_col = logits_b[:, None]
        h_W_T = h_W.T
        c3_W_T1023 = c3_W.transpose(1, 0, 2, 3)
        c2_W_T1023 = c2_W.transpose(1, 0, 2, 3)

        def fits(params, x, y):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 10
                    and _same(params, held)
                    and x.shape == (N, 8, 8)
                    and x.dtype is dtype
                    and y.shape == (N,)
                    and y.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x, y):
            y = _indices("y", y, 10)

            # c1.upsample2d[n, c, 2*i + p, 2*j + q] = x[n, i, j] if p < 2 and q < 2
            c1_upsample2d_split[...] = x[:, None, :, None, :, None]
            # c1_sum[n, o, u, v] = sum(c, p, q:
            #     (c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0)*c1.W[o, c, p, q])
            c1_upsample2d_padded_part[...] = c1_upsample2d
            t0[...] = c1_upsample2d_padded_view_T124035
            c1_W_2d.dot(t0_2d, c1_sum_2d)
            # c1[n, o, u, v] = max(0, c1.b[o] + c1_sum[n, o, u, v])
            add(c1_sum, c1_b_b1000, c1)
            maximum(c1, zeros, out=c1)
            # c2.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
            maximum_reduce(c1_split_T013254, (2, 4), None, t1)
            c2_max_pool2d[...] = t1_T1023
            # c2_sum[n, o, u, v] = sum(c, p, q:
            #     (c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c2.W[o, c, p, q])
            c2_max_pool2d_padded_part[...] = c2_max_pool2d
            t2[...] = c2_max_pool2d_padded_view_T124035
            c2_W_2d.dot(t2_2d, c2_sum_2d)
            # c2[n, o, u, v] = max(0, c2.b[o] + c2_sum[n, o, u, v])
            add(c2_sum, c2_b_b1000, c2)
            maximum(c2, zeros2, out=c2)
            # c3.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
            maximum_reduce(c2_split_T013254, (2, 4), None, t3)
            c3_max_pool2d[...] = t3_T1023
            # c3_sum[n, o, u, v] = sum(c, p, q:
            #     (c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c3.W[o, c, p, q])
            c3_max_pool2d_padded_part[...] = c3_max_pool2d
            t4[...] = c3_max_pool2d_padded_view_T124035
            c3_W_2d.dot(t4_2d, c3_sum_2d)
            # c3[n, o, u, v] = max(0, c3.b[o] + c3_sum[n, o, u, v])
            add(c3_sum, c3_b_b1000, c3)
            maximum(c3, zeros3, out=c3)
            # h.flatten.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
            maximum_reduce(c3_split_T013254, (2, 4), None, t5)
            h_flatten_max_pool2d[...] = t5_T1023
            # h.flatten[n, 4*i2 + 2*u + c] = h.flatten.max_pool2d[n, i2, u, c]
            h_flatten_split[...] = h_flatten_max_pool2d
            # h_sum[n, o] = sum(i: h.flatten[n, i]*h.W[i, o])
            h_flatten.dot(h_W, h_sum)
            # h[n, o] = max(0, h.b[o] + h_sum[n, o])
            add(h_sum, h_b, h)
            maximum(h, zeros4, out=h)
            # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
            logits_W_T.dot(h_T, logits)
            # logits[n, o] += logits.b[o]
            add(logits, logits_b_col, logits)
            # logits_max[n] = max(c: logits[n, c])
            maximum_reduce(logits, 0, None, logits_max)
            # logits_shifted[n, o] = logits[n, o] - logits_max[n]
            subtract(logits, logits_max, logits_shifted)
            # logits_exp[n, o] = exp(logits_shifted[n, o])
            exp(logits_shifted, logits_exp)
            # logits_sumexp[n] = sum(c: logits_exp[n, c])
            ones.dot(logits_exp, logits_sumexp)
            # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
            multiply(y, N, t6)
            add(position, t6, y_position)
            logits_shifted_flat.take(y_position, out=t7, mode="clip")
            log(logits_sumexp, t8)
            subtract(t8, t7, t8)
            loss = weights.dot(t8)
            # c2.max_pool2d_arg[n, i2, u, v] = argmax(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
            t9[...] = c1_split_T012435
            argmax(t9_5d, axis=-1, out=c2_max_pool2d_arg)
            # c3.max_pool2d_arg[n, i2, u, v] = argmax(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
            t10[...] = c2_split_T012435
            argmax(t10_5d, axis=-1, out=c3_max_pool2d_arg)
            # h.flatten.max_pool2d_arg[n, i2, u, v] =
            #     argmax(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
            t11[...] = c3_split_T102435
            argmax(t11_5d, axis=-1, out=h_flatten_max_pool2d_arg)
            # dlogits[n, o] += logits_exp[n, o]/(N*logits_sumexp[n])
            multiply(logits_sumexp, N2, t7)
            divide(logits_exp, t7, dlogits)
            # dlogits[n, y[n]] += -1/N
            dlogits_flat[y_position] += minus_1_over_N
            # dlogits.b[o] = sum(n: dlogits[n, o])
            dlogits.dot(ones2, dlogits_b)
            # dh[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
            dlogits_T.dot(logits_W_T, dh)
            # dlogits.W[i, o] = sum(n: h[n, i]*dlogits[n, o])
            h_T.dot(dlogits_T, dlogits_W)
            # dh_sum[n, o] = where(not h[n, o] <= 0, dh[n, o], 0)
            greater(h, zero, t12)
            multiply(dh, t12, dh_sum)
            # dh.b[o] = sum(n: dh_sum[n, o])
            ones2.dot(dh_sum, dh_b)
            # dh.W[i, o] = sum(n: h.flatten[n, i]*dh_sum[n, o])
            h_flatten_T.dot(dh_sum, dh_W)
            # dh.flatten[n, i] = sum(o: dh_sum[n, o]*h.W[i, o])
            dh_sum.dot(h_W_T, dh_flatten)
            # dc3[n, i2, 2*u + p, 2*v + q] =
            #     where(h.flatten.max_pool2d_arg[n, i2, u, v] == q + 2*p,
            #     dh.flatten[n, 4*i2 + 2*u + v], 0) if p < 2 and q < 2
            equal(h_flatten_max_pool2d_arg_T1023_b111010, table2_b101, t13)
            multiply(t13, dh_flatten_split_T1023_b111010, dc3_split)
            # dc3_sum[n, o, u, v] = where(not c3[n, o, u, v] <= 0, dc3[n, o, u, v], 0)
            greater(c3, zero, t14)
            multiply(dc3, t14, dc3_sum)
            # dc3.b[o] = sum(n, u, v: dc3_sum[n, o, u, v])
            dc3_sum_2d.dot(ones3, dc3_b)
            # dc3.max_pool2d[n, i2, u, v] =
            #     sum(o, p, q: (dc3_sum[n, o, u + 1 - p, v + 1 - q] else 0)*c3.W[o, i2, p, q])
            dc3_sum_padded_part[...] = dc3_sum
            t15[...] = c3_W_T1023
            t16[...] = dc3_sum_padded_view_T024135
            t15_2d.dot(t16_2d, dc3_max_pool2d_2d)
            # dc3.W[o, c, p, q] = sum(n, u, v:
            #     dc3_sum[n, o, u, v]*(c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0))
            t17[...] = c3_max_pool2d_padded_view_T035124
            dc3_sum_2d.dot(t17_2d, dc3_W_2d)
            # dc2[n, i2, 2*u + p, 2*v + q] =
            #     where(c3.max_pool2d_arg[n, i2, u, v] == q + 2*p, dc3.max_pool2d[n, i2, u, v],
            #     0) if p < 2 and q < 2
            equal(c3_max_pool2d_arg_b111010, table2_b101, t18)
            multiply(t18, dc3_max_pool2d_b111010, dc2_split)
            # dc2_sum[n, o, u, v] = where(not c2[n, o, u, v] <= 0, dc2[n, o, u, v], 0)
            greater(c2, zero, t19)
            multiply(dc2, t19, dc2_sum)
            # dc2.b[o] = sum(n, u, v: dc2_sum[n, o, u, v])
            dc2_sum_2d.dot(ones4, dc2_b)
            # dc2.max_pool2d[n, i2, u, v] =
            #     sum(o, p, q: (dc2_sum[n, o, u + 1 - p, v + 1 - q] else 0)*c2.W[o, i2, p, q])
            dc2_sum_padded_part[...] = dc2_sum
            t20[...] = c2_W_T1023
            t21[...] = dc2_sum_padded_view_T024135
            t20_2d.dot(t21_2d, dc2_max_pool2d_2d)
            # dc2.W[o, c, p, q] = sum(n, u, v:
            #     dc2_sum[n, o, u, v]*(c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0))
            t22[...] = c2_max_pool2d_padded_view_T035124
            dc2_sum_2d.dot(t22_2d, dc2_W_2d)
            # dc1[n, i2, 2*u + p, 2*v + q] =
            #     where(c2.max_pool2d_arg[n, i2, u, v] == q + 2*p, dc2.max_pool2d[n, i2, u, v],
            #     0) if p < 2 and q < 2
            equal(c2_max_pool2d_arg_b111010, table2_b101, t23)
            multiply(t23, dc2_max_pool2d_b111010, dc1_split)
            # dc1_sum[n, o, u, v] = where(not c1[n, o, u, v] <= 0, dc1[n, o, u, v], 0)
            greater(c1, zero, t24)
            multiply(dc1, t24, dc1_sum)
            # dc1.b[o] = sum(n, u, v: dc1_sum[n, o, u, v])
            dc1_sum_2d.dot(ones5, dc1_b)
            # dc1.W[o, c, p, q] = sum(n, u, v:
            #     dc1_sum[n, o, u, v]*(c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0))
            t25[...] = c1_upsample2d_padded_view_T035124
            dc1_sum_2d.dot(t25_2d, dc1_W_2d)

            return (
                float(loss),
                {
                    "c1.W": dc1_W,
                    "c1.b": dc1_b,
                    "c2.W": dc2_W,
                    "c2.b": dc2_b,
                    "c3.W": dc3_W,
                    "c3.b": dc3_b,
                    "h.W": dh_W,
                    "h.b": dh_b,
                    "logits.W": dlogits_W,
                    "logits.b": dlogits_b,
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


def predict(params, x):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 8, 8), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 8, 8), dtype)
    c1_W = params["c1.W"]
    c1_b = params["c1.b"]
    c2_W = params["c2.W"]
    c2_b = params["c2.b"]
    c3_W = params["c3.W"]
    c3_b = params["c3.b"]
    h_W = params["h.W"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    c1_upsample2d = np.empty((N, 1, 16, 16), dtype)
    c1_sum = np.empty((8, N, 16, 16), dtype)  # stored with 8 first
    c1 = c1_sum  # c1_sum is not needed any more
    c2_max_pool2d = np.empty((N, 8, 8, 8), dtype)
    c2_sum = np.empty((16, N, 8, 8), dtype)  # stored with 16 first
    c2 = c2_sum  # c2_sum is not needed any more
    c3_max_pool2d = np.empty((N, 16, 4, 4), dtype)
    c3_sum = np.empty((32, N, 4, 4), dtype)  # stored with 32 first
    c3 = c3_sum  # c3_sum is not needed any more
    h_flatten_max_pool2d = np.empty((N, 32, 2, 2), dtype)
    h_flatten = np.empty((N, 128), dtype)
    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 10), dtype)
    c1_upsample2d_split = c1_upsample2d.reshape(N, 1, 8, 2, 8, 2)
    c1_upsample2d_padded = np.full((N, 1, 18, 18), 0, dtype)
    c1_upsample2d_padded_part = c1_upsample2d_padded[:, :, 1:17, 1:17]
    c1_upsample2d_padded_view = np.lib.stride_tricks.as_strided(
        c1_upsample2d_padded,
        (N, 1, 3, 16, 3, 16),
        (
            c1_upsample2d_padded.strides[0],
            c1_upsample2d_padded.strides[1],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[3],
            c1_upsample2d_padded.strides[3],
        ),
    )
    t0 = np.empty((1, 3, 3, N, 16, 16), dtype)
    c1_upsample2d_padded_view_T124035 = c1_upsample2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(9, 256 * N)
    c1_sum_2d = c1_sum.reshape(8, 256 * N)
    zero = np.array(0, dtype)
    c1_split = c1.reshape(8, N, 8, 2, 8, 2)
    c1_split_T013254 = c1_split.transpose(0, 1, 3, 2, 5, 4)
    t1 = np.empty((8, N, 8, 8), dtype)
    t1_T1023 = t1.transpose(1, 0, 2, 3)
    c2_max_pool2d_padded = np.full((N, 8, 10, 10), 0, dtype)
    c2_max_pool2d_padded_part = c2_max_pool2d_padded[:, :, 1:9, 1:9]
    c2_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c2_max_pool2d_padded,
        (N, 8, 3, 8, 3, 8),
        (
            c2_max_pool2d_padded.strides[0],
            c2_max_pool2d_padded.strides[1],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[3],
            c2_max_pool2d_padded.strides[3],
        ),
    )
    t2 = np.empty((8, 3, 3, N, 8, 8), dtype)
    c2_max_pool2d_padded_view_T124035 = c2_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t2_2d = t2.reshape(72, 64 * N)
    c2_sum_2d = c2_sum.reshape(16, 64 * N)
    c2_split = c2.reshape(16, N, 4, 2, 4, 2)
    c2_split_T013254 = c2_split.transpose(0, 1, 3, 2, 5, 4)
    t3 = np.empty((16, N, 4, 4), dtype)
    t3_T1023 = t3.transpose(1, 0, 2, 3)
    c3_max_pool2d_padded = np.full((N, 16, 6, 6), 0, dtype)
    c3_max_pool2d_padded_part = c3_max_pool2d_padded[:, :, 1:5, 1:5]
    c3_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c3_max_pool2d_padded,
        (N, 16, 3, 4, 3, 4),
        (
            c3_max_pool2d_padded.strides[0],
            c3_max_pool2d_padded.strides[1],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[3],
            c3_max_pool2d_padded.strides[3],
        ),
    )
    t4 = np.empty((16, 3, 3, N, 4, 4), dtype)
    c3_max_pool2d_padded_view_T124035 = c3_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t4_2d = t4.reshape(144, 16 * N)
    c3_sum_2d = c3_sum.reshape(32, 16 * N)
    c3_split = c3.reshape(32, N, 2, 2, 2, 2)
    c3_split_T013254 = c3_split.transpose(0, 1, 3, 2, 5, 4)
    t5 = np.empty((32, N, 2, 2), dtype)
    t5_T1023 = t5.transpose(1, 0, 2, 3)
    h_flatten_split = h_flatten.reshape(N, 32, 2, 2)

    # c1.upsample2d[n, c, 2*i + p, 2*j + q] = x[n, i, j] if p < 2 and q < 2
    c1_upsample2d_split[...] = x[:, None, :, None, :, None]
    # c1_sum[n, o, u, v] = sum(c, p, q:
    #     (c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0)*c1.W[o, c, p, q])
    c1_upsample2d_padded_part[...] = c1_upsample2d
    t0[...] = c1_upsample2d_padded_view_T124035
    c1_W.reshape(8, 9).dot(t0_2d, out=c1_sum_2d)
    # c1[n, o, u, v] = max(0, c1.b[o] + c1_sum[n, o, u, v])
    np.add(c1_sum, c1_b[:, None, None, None], out=c1)
    np.maximum(c1, zero, out=c1)
    # c2.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c1_split_T013254, axis=(2, 4), out=t1)
    c2_max_pool2d[...] = t1_T1023
    # c2_sum[n, o, u, v] = sum(c, p, q:
    #     (c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c2.W[o, c, p, q])
    c2_max_pool2d_padded_part[...] = c2_max_pool2d
    t2[...] = c2_max_pool2d_padded_view_T124035
    c2_W.reshape(16, 72).dot(t2_2d, out=c2_sum_2d)
    # c2[n, o, u, v] = max(0, c2.b[o] + c2_sum[n, o, u, v])
    np.add(c2_sum, c2_b[:, None, None, None], out=c2)
    np.maximum(c2, zero, out=c2)
    # c3.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c2_split_T013254, axis=(2, 4), out=t3)
    c3_max_pool2d[...] = t3_T1023
    # c3_sum[n, o, u, v] = sum(c, p, q:
    #     (c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c3.W[o, c, p, q])
    c3_max_pool2d_padded_part[...] = c3_max_pool2d
    t4[...] = c3_max_pool2d_padded_view_T124035
    c3_W.reshape(32, 144).dot(t4_2d, out=c3_sum_2d)
    # c3[n, o, u, v] = max(0, c3.b[o] + c3_sum[n, o, u, v])
    np.add(c3_sum, c3_b[:, None, None, None], out=c3)
    np.maximum(c3, zero, out=c3)
    # h.flatten.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c3_split_T013254, axis=(2, 4), out=t5)
    h_flatten_max_pool2d[...] = t5_T1023
    # h.flatten[n, 4*i2 + 2*u + c] = h.flatten.max_pool2d[n, i2, u, c]
    h_flatten_split[...] = h_flatten_max_pool2d
    # h_sum[n, o] = sum(i: h.flatten[n, i]*h.W[i, o])
    h_flatten.dot(h_W, out=h_sum)
    # h[n, o] = max(0, h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.maximum(h, zero, out=h)
    # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
    h.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)

    return {"logits": logits}


def evaluate(params, x, y):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 8, 8), of the dtype of params
    y       shape (N,), integers in 0..9
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 8, 8), dtype)
    y = _integer("y", y, (N,), 10)
    c1_W = params["c1.W"]
    c1_b = params["c1.b"]
    c2_W = params["c2.W"]
    c2_b = params["c2.b"]
    c3_W = params["c3.W"]
    c3_b = params["c3.b"]
    h_W = params["h.W"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    c1_upsample2d = np.empty((N, 1, 16, 16), dtype)
    c1_sum = np.empty((8, N, 16, 16), dtype)  # stored with 8 first
    c1 = c1_sum  # c1_sum is not needed any more
    c2_max_pool2d = np.empty((N, 8, 8, 8), dtype)
    c2_sum = np.empty((16, N, 8, 8), dtype)  # stored with 16 first
    c2 = c2_sum  # c2_sum is not needed any more
    c3_max_pool2d = np.empty((N, 16, 4, 4), dtype)
    c3_sum = np.empty((32, N, 4, 4), dtype)  # stored with 32 first
    c3 = c3_sum  # c3_sum is not needed any more
    h_flatten_max_pool2d = np.empty((N, 32, 2, 2), dtype)
    h_flatten = np.empty((N, 128), dtype)
    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    accuracy_argmax = np.empty(N, np.intp)
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_sumexp = logits_max  # logits_max is not needed any more
    c1_upsample2d_split = c1_upsample2d.reshape(N, 1, 8, 2, 8, 2)
    c1_upsample2d_padded = np.full((N, 1, 18, 18), 0, dtype)
    c1_upsample2d_padded_part = c1_upsample2d_padded[:, :, 1:17, 1:17]
    c1_upsample2d_padded_view = np.lib.stride_tricks.as_strided(
        c1_upsample2d_padded,
        (N, 1, 3, 16, 3, 16),
        (
            c1_upsample2d_padded.strides[0],
            c1_upsample2d_padded.strides[1],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[2],
            c1_upsample2d_padded.strides[3],
            c1_upsample2d_padded.strides[3],
        ),
    )
    t0 = np.empty((1, 3, 3, N, 16, 16), dtype)
    c1_upsample2d_padded_view_T124035 = c1_upsample2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t0_2d = t0.reshape(9, 256 * N)
    c1_sum_2d = c1_sum.reshape(8, 256 * N)
    zero = np.array(0, dtype)
    c1_split = c1.reshape(8, N, 8, 2, 8, 2)
    c1_split_T013254 = c1_split.transpose(0, 1, 3, 2, 5, 4)
    t1 = np.empty((8, N, 8, 8), dtype)
    t1_T1023 = t1.transpose(1, 0, 2, 3)
    c2_max_pool2d_padded = np.full((N, 8, 10, 10), 0, dtype)
    c2_max_pool2d_padded_part = c2_max_pool2d_padded[:, :, 1:9, 1:9]
    c2_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c2_max_pool2d_padded,
        (N, 8, 3, 8, 3, 8),
        (
            c2_max_pool2d_padded.strides[0],
            c2_max_pool2d_padded.strides[1],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[2],
            c2_max_pool2d_padded.strides[3],
            c2_max_pool2d_padded.strides[3],
        ),
    )
    t2 = np.empty((8, 3, 3, N, 8, 8), dtype)
    c2_max_pool2d_padded_view_T124035 = c2_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t2_2d = t2.reshape(72, 64 * N)
    c2_sum_2d = c2_sum.reshape(16, 64 * N)
    c2_split = c2.reshape(16, N, 4, 2, 4, 2)
    c2_split_T013254 = c2_split.transpose(0, 1, 3, 2, 5, 4)
    t3 = np.empty((16, N, 4, 4), dtype)
    t3_T1023 = t3.transpose(1, 0, 2, 3)
    c3_max_pool2d_padded = np.full((N, 16, 6, 6), 0, dtype)
    c3_max_pool2d_padded_part = c3_max_pool2d_padded[:, :, 1:5, 1:5]
    c3_max_pool2d_padded_view = np.lib.stride_tricks.as_strided(
        c3_max_pool2d_padded,
        (N, 16, 3, 4, 3, 4),
        (
            c3_max_pool2d_padded.strides[0],
            c3_max_pool2d_padded.strides[1],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[2],
            c3_max_pool2d_padded.strides[3],
            c3_max_pool2d_padded.strides[3],
        ),
    )
    t4 = np.empty((16, 3, 3, N, 4, 4), dtype)
    c3_max_pool2d_padded_view_T124035 = c3_max_pool2d_padded_view.transpose(1, 2, 4, 0, 3, 5)
    t4_2d = t4.reshape(144, 16 * N)
    c3_sum_2d = c3_sum.reshape(32, 16 * N)
    c3_split = c3.reshape(32, N, 2, 2, 2, 2)
    c3_split_T013254 = c3_split.transpose(0, 1, 3, 2, 5, 4)
    t5 = np.empty((32, N, 2, 2), dtype)
    t5_T1023 = t5.transpose(1, 0, 2, 3)
    h_flatten_split = h_flatten.reshape(N, 32, 2, 2)
    h_T = h.T
    logits_T = logits.T
    t6 = np.empty(N, bool)
    t7 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    t8 = np.empty((10, N), dtype)
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t9 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t10 = np.empty(N, dtype)

    # c1.upsample2d[n, c, 2*i + p, 2*j + q] = x[n, i, j] if p < 2 and q < 2
    c1_upsample2d_split[...] = x[:, None, :, None, :, None]
    # c1_sum[n, o, u, v] = sum(c, p, q:
    #     (c1.upsample2d[n, c, p + u - 1, q + v - 1] else 0)*c1.W[o, c, p, q])
    c1_upsample2d_padded_part[...] = c1_upsample2d
    t0[...] = c1_upsample2d_padded_view_T124035
    c1_W.reshape(8, 9).dot(t0_2d, out=c1_sum_2d)
    # c1[n, o, u, v] = max(0, c1.b[o] + c1_sum[n, o, u, v])
    np.add(c1_sum, c1_b[:, None, None, None], out=c1)
    np.maximum(c1, zero, out=c1)
    # c2.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c1[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c1_split_T013254, axis=(2, 4), out=t1)
    c2_max_pool2d[...] = t1_T1023
    # c2_sum[n, o, u, v] = sum(c, p, q:
    #     (c2.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c2.W[o, c, p, q])
    c2_max_pool2d_padded_part[...] = c2_max_pool2d
    t2[...] = c2_max_pool2d_padded_view_T124035
    c2_W.reshape(16, 72).dot(t2_2d, out=c2_sum_2d)
    # c2[n, o, u, v] = max(0, c2.b[o] + c2_sum[n, o, u, v])
    np.add(c2_sum, c2_b[:, None, None, None], out=c2)
    np.maximum(c2, zero, out=c2)
    # c3.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c2[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c2_split_T013254, axis=(2, 4), out=t3)
    c3_max_pool2d[...] = t3_T1023
    # c3_sum[n, o, u, v] = sum(c, p, q:
    #     (c3.max_pool2d[n, c, p + u - 1, q + v - 1] else 0)*c3.W[o, c, p, q])
    c3_max_pool2d_padded_part[...] = c3_max_pool2d
    t4[...] = c3_max_pool2d_padded_view_T124035
    c3_W.reshape(32, 144).dot(t4_2d, out=c3_sum_2d)
    # c3[n, o, u, v] = max(0, c3.b[o] + c3_sum[n, o, u, v])
    np.add(c3_sum, c3_b[:, None, None, None], out=c3)
    np.maximum(c3, zero, out=c3)
    # h.flatten.max_pool2d[n, i2, u, v] = max(p < 2, q < 2: c3[n, i2, 2*u + p, 2*v + q])
    np.maximum.reduce(c3_split_T013254, axis=(2, 4), out=t5)
    h_flatten_max_pool2d[...] = t5_T1023
    # h.flatten[n, 4*i2 + 2*u + c] = h.flatten.max_pool2d[n, i2, u, c]
    h_flatten_split[...] = h_flatten_max_pool2d
    # h_sum[n, o] = sum(i: h.flatten[n, i]*h.W[i, o])
    h_flatten.dot(h_W, out=h_sum)
    # h[n, o] = max(0, h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.maximum(h, zero, out=h)
    # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
    logits_W.T.dot(h_T, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b[:, None], out=logits)
    # accuracy_argmax[n] = argmax(c: logits[n, c])
    np.argmax(logits_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == y[n])/N)
    np.equal(accuracy_argmax, y, out=t6)
    np.copyto(t7, t6)
    accuracy = weights.dot(t7)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=0, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max, out=logits_shifted)
    # logits_sumexp[n] = sum(c: exp(logits_shifted[n, c]))
    np.exp(logits_shifted, out=t8)
    ones.dot(t8, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t9)
    np.add(position, t9, out=y_position)
    logits_shifted_flat.take(y_position, out=t7, mode="clip")
    np.log(logits_sumexp, out=t10)
    np.subtract(t10, t7, out=t10)
    loss = weights.dot(t10)

    return {"loss": float(loss), "accuracy": float(accuracy)}


# --- the optimiser: adamw ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "m": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "s": 0,
    }


def update(params, grads, slots, *, rate=0.002, b1=0.9, b2=0.999, eps=1e-08, decay=0.01):
    """One step of the optimiser: changes the arrays of params and slots in place.

    grads  as returned by loss_and_grad
    slots  as made by init_slots
    """
    dtype = _check_arrays("params", params, PARAMETERS, numbers=False)
    _check_arrays("grads", grads, PARAMETERS, dtype)
    _check_keys("slots", slots, ("m", "v", "s"))
    _check_arrays("slots['m']", slots["m"], PARAMETERS, dtype, numbers=False)
    _check_arrays("slots['v']", slots["v"], PARAMETERS, dtype, numbers=False)
    s = slots["s"]
    # s' = s + 1
    s_next = s + 1
    slots["s"] = s_next
    for name in PARAMETERS:
        p, g = params[name], grads[name]
        m = slots["m"][name]
        v = slots["v"][name]
        # m' = b1*m + g*(1 - b1)
        m *= b1
        m += (1 - b1) * g
        # v' = b2*v + g**2*(1 - b2)
        v *= b2
        v += (1 - b2) * (g * g)
        # p' = p - rate*(decay*p + m'/((1 - b1**s')*(eps + sqrt(v'/(1 - b2**s')))))
        p -= rate * (decay * p + m / (1 - b1**s_next) / (eps + np.sqrt(v / (1 - b2**s_next))))


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (14794,):
        raise ValueError(f"theta: expected shape (14794,), got {_describe(theta)}")
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
