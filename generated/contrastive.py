"""contrastive: the network below with its gradients, in NumPy.

    network contrastive

    example N = 4

    input image[N, 12]
    input text[N, 8]

    param scale ~ constant(2)

    u = unit_length(dense(dense(image, 16, activation=gelu), 6))
    v = unit_length(dense(dense(text, 16, activation=gelu), 6))

    z[n, m] = exp(scale)*sum(d: u[n, d]*v[m, d])
    to_text = mean(n: log(sum(m: exp(z[n, m]))) - z[n, n])
    to_image = mean(m: log(sum(n: exp(z[n, m]))) - z[m, m])

    output z
    metric accuracy = mean(n: argmax(m: z[n, m]) == n)
    minimize (to_text + to_image)/2 with adam(rate=0.001)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
8e6e08c4a696335ce7967720d8864c4948012a4744232da67b46c2131717a964
"""

import math
import operator

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "scale": {"shape": (), "kind": "real"},
    "u.dense.dense.W": {"shape": (12, 16), "kind": "real"},
    "u.dense.dense.b": {"shape": (16,), "kind": "real"},
    "u.dense.W": {"shape": (16, 6), "kind": "real"},
    "u.dense.b": {"shape": (6,), "kind": "real"},
    "v.dense.dense.W": {"shape": (8, 16), "kind": "real"},
    "v.dense.dense.b": {"shape": (16,), "kind": "real"},
    "v.dense.W": {"shape": (16, 6), "kind": "real"},
    "v.dense.b": {"shape": (6,), "kind": "real"},
}
INPUTS = {
    "image": {"shape": ("N", 12), "kind": "real"},
    "text": {"shape": ("N", 8), "kind": "real"},
}
OUTPUTS = {
    "z": {"shape": ("N", "N"), "kind": "real"},
}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 4}
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
        "scale": np.full((), 2),
        "u.dense.dense.W": _glorot_uniform(rng, (12, 16), fan_in=12, fan_out=16),
        "u.dense.dense.b": np.zeros((16,)),
        "u.dense.W": _glorot_uniform(rng, (16, 6), fan_in=16, fan_out=6),
        "u.dense.b": np.zeros((6,)),
        "v.dense.dense.W": _glorot_uniform(rng, (8, 16), fan_in=8, fan_out=16),
        "v.dense.dense.b": np.zeros((16,)),
        "v.dense.W": _glorot_uniform(rng, (16, 6), fan_in=16, fan_out=6),
        "v.dense.b": np.zeros((6,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, image, text):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    image   shape (N, 12), of the dtype of params
    text    shape (N, 8), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 12), dtype)
    text = _real("text", text, (N, 8), dtype)
    scale = np.asarray(params["scale"], dtype)
    u_dense_dense_W = params["u.dense.dense.W"]
    u_dense_dense_b = params["u.dense.dense.b"]
    u_dense_W = params["u.dense.W"]
    u_dense_b = params["u.dense.b"]
    v_dense_dense_W = params["v.dense.dense.W"]
    v_dense_dense_b = params["v.dense.dense.b"]
    v_dense_W = params["v.dense.W"]
    v_dense_b = params["v.dense.b"]

    u_dense_dense_part_pair = np.empty((2, N, 16), dtype)
    u_dense_dense_part_erf_total_pair = np.empty((2, N, 16), dtype)
    u_dense_dense_pair = np.empty((2, N, 16), dtype)
    u_dense_pair = np.empty((2, 6, N), dtype)  # dimensions in another order
    u_sum_pair = np.empty((2, N), dtype)
    u_sum_power_pair = u_sum_pair  # u_sum_pair is not needed any more
    u_pair = np.empty((2, N, 6), dtype)
    z = np.empty((N, N), dtype)
    z_max2 = np.empty(N, dtype)
    z_shifted2 = np.empty((N, N), dtype)
    z_shifted2_exp = np.empty((N, N), dtype)
    z_sumexp2 = z_max2  # z_max2 is not needed any more
    z_max = np.empty(N, dtype)
    z_shifted = z_shifted2  # z_shifted2 is not needed any more
    z_exp = np.empty((N, N), dtype)
    z_sumexp = z_max  # z_max is not needed any more
    u_dense_dense_part_pair_row = u_dense_dense_part_pair[0]
    u_dense_dense_part_pair_row2 = u_dense_dense_part_pair[1]
    c0_7071067811865476 = np.array(0.7071067811865476, dtype)
    half = np.array(0.5, dtype)
    u_dense_pair_row = u_dense_pair[0]
    u_dense_dense_pair_row = u_dense_dense_pair[0]
    u_dense_dense_pair_row_T = u_dense_dense_pair_row.T
    u_dense_pair_row2 = u_dense_pair[1]
    u_dense_dense_pair_row2 = u_dense_dense_pair[1]
    u_dense_dense_pair_row2_T = u_dense_dense_pair_row2.T
    u_sum_pair_row = u_sum_pair[0]
    t0 = np.empty((6, N), dtype)
    ones = np.ones(6, dtype)
    u_sum_pair_row2 = u_sum_pair[1]
    c1em12 = np.array(1e-12, dtype)
    one = np.array(1, dtype)
    u_dense_pair_T021 = u_dense_pair.transpose(0, 2, 1)
    u_sum_power_pair_b110 = u_sum_power_pair[:, :, None]
    u_pair_row = u_pair[0]
    u_pair_row2 = u_pair[1]
    t1 = np.empty((N, 6), dtype)
    u_pair_row2_T = u_pair_row2.T
    z_shifted2_T = z_shifted2.T
    ones2 = np.ones(N, dtype)
    z_shifted2_view = np.lib.stride_tricks.as_strided(
        z_shifted2, (N,), (z_shifted2.strides[0] + z_shifted2.strides[1],)
    )
    t2 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    z_max_col = z_max[:, None]
    z_shifted_view = np.lib.stride_tricks.as_strided(
        z_shifted, (N,), (z_shifted.strides[0] + z_shifted.strides[1],)
    )

    # scale_exp = exp(scale)
    scale_exp = np.exp(scale)
    # u.dense.dense_part_pair[0, n, o] += sum(i: image[n, i]*u.dense.dense.W[i, o])
    image.dot(u_dense_dense_W, out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[0, n, o] += u.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row, u_dense_dense_b, out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[1, n, o] += sum(i: text[n, i]*v.dense.dense.W[i, o])
    text.dot(v_dense_dense_W, out=u_dense_dense_part_pair_row2)
    # u.dense.dense_part_pair[1, n, o] += v.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row2, v_dense_dense_b, out=u_dense_dense_part_pair_row2)
    # u.dense.dense_part_erf_total_pair[p, n, o] = 1/2
    #     + erf(sqrt(2)*u.dense.dense_part_pair[p, n, o]/2)/2
    np.multiply(u_dense_dense_part_pair, c0_7071067811865476, out=u_dense_dense_part_erf_total_pair)
    _erf(u_dense_dense_part_erf_total_pair, out=u_dense_dense_part_erf_total_pair)
    np.multiply(u_dense_dense_part_erf_total_pair, half, out=u_dense_dense_part_erf_total_pair)
    np.add(u_dense_dense_part_erf_total_pair, half, out=u_dense_dense_part_erf_total_pair)
    # u.dense.dense_pair[p, n, o] = u.dense.dense_part_erf_total_pair[p, n, o]
    #     *u.dense.dense_part_pair[p, n, o]
    np.multiply(u_dense_dense_part_erf_total_pair, u_dense_dense_part_pair, out=u_dense_dense_pair)
    # u.dense_pair[0, n, o] += sum(i: u.dense.dense_pair[0, n, i]*u.dense.W[i, o])
    u_dense_W.T.dot(u_dense_dense_pair_row_T, out=u_dense_pair_row)
    # u.dense_pair[0, n, o] += u.dense.b[o]
    np.add(u_dense_pair_row, u_dense_b[:, None], out=u_dense_pair_row)
    # u.dense_pair[1, n, o] += sum(i: u.dense.dense_pair[1, n, i]*v.dense.W[i, o])
    v_dense_W.T.dot(u_dense_dense_pair_row2_T, out=u_dense_pair_row2)
    # u.dense_pair[1, n, o] += v.dense.b[o]
    np.add(u_dense_pair_row2, v_dense_b[:, None], out=u_dense_pair_row2)
    # u_sum_pair[0, n] += sum(k: u.dense_pair[0, n, k]**2)
    np.multiply(u_dense_pair_row, u_dense_pair_row, out=t0)
    ones.dot(t0, out=u_sum_pair_row)
    # u_sum_pair[1, n] += sum(k: u.dense_pair[1, n, k]**2)
    np.multiply(u_dense_pair_row2, u_dense_pair_row2, out=t0)
    ones.dot(t0, out=u_sum_pair_row2)
    # u_sum_power_pair[p, n] = 1/sqrt(u_sum_pair[p, n] + 1/1000000000000)
    np.add(u_sum_pair, c1em12, out=u_sum_power_pair)
    np.sqrt(u_sum_power_pair, out=u_sum_power_pair)
    np.divide(one, u_sum_power_pair, out=u_sum_power_pair)
    # u_pair[p, n, c] = u_sum_power_pair[p, n]*u.dense_pair[p, n, c]
    np.multiply(u_dense_pair_T021, u_sum_power_pair_b110, out=u_pair)
    # z[n, m] = sum(d: scale_exp*u_pair[0, n, d]*u_pair[1, m, d])
    np.multiply(u_pair_row, scale_exp, out=t1)
    t1.dot(u_pair_row2_T, out=z)
    # z_max2[m] = max(n: z[n, m])
    np.maximum.reduce(z, axis=0, out=z_max2)
    # z_shifted2[n, m] = z[n, m] - z_max2[m]
    np.subtract(z, z_max2, out=z_shifted2)
    # z_shifted2_exp[m, n] = exp(z_shifted2[n, m])
    np.exp(z_shifted2_T, out=z_shifted2_exp)
    # z_sumexp2[m] = sum(n: z_shifted2_exp[m, n])
    z_shifted2_exp.dot(ones2, out=z_sumexp2)
    # to_image = sum(m: (log(z_sumexp2[m]) - z_shifted2[m, m])/N)
    np.log(z_sumexp2, out=t2)
    np.subtract(t2, z_shifted2_view, out=t2)
    to_image = weights.dot(t2)
    # z_max[n] = max(m: z[n, m])
    np.maximum.reduce(z, axis=1, out=z_max)
    # z_shifted[n, m] = z[n, m] - z_max[n]
    np.subtract(z, z_max_col, out=z_shifted)
    # z_exp[n, m] = exp(z_shifted[n, m])
    np.exp(z_shifted, out=z_exp)
    # z_sumexp[n] = sum(m: z_exp[n, m])
    z_exp.dot(ones2, out=z_sumexp)
    # to_text = sum(n: (log(z_sumexp[n]) - z_shifted[n, n])/N)
    np.log(z_sumexp, out=t2)
    np.subtract(t2, z_shifted_view, out=t2)
    to_text = weights.dot(t2)
    # loss = to_image/2 + to_text/2
    loss = to_image / 2 + to_text / 2

    outputs = {"z": z, "loss": np.array(loss, dtype)}
    saved = (
        N,
        image,
        text,
        z_sumexp,
        z_sumexp2,
        scale_exp,
        z_exp,
        z_shifted2_exp,
        u_dense_dense_part_erf_total_pair,
        u_dense_dense_part_pair,
        u_dense_dense_pair,
        u_sum_power_pair,
        u_pair,
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
        image,
        text,
        z_sumexp,
        z_sumexp2,
        scale_exp,
        z_exp,
        z_shifted2_exp,
        u_dense_dense_part_erf_total_pair,
        u_dense_dense_part_pair,
        u_dense_dense_pair,
        u_sum_power_pair,
        u_pair,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("z", "loss"))
    grad_z = _upstream("z", grad_outputs, (N, N), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    u_dense_dense_W = params["u.dense.dense.W"]
    u_dense_W = params["u.dense.W"]
    v_dense_dense_W = params["v.dense.dense.W"]
    v_dense_W = params["v.dense.W"]

    dz_shifted2 = np.empty((N, N), dtype)
    dz_shifted = np.empty((N, N), dtype)
    dz_sum_part = dz_shifted2  # dz_shifted2 is not needed any more
    du_pair = np.empty((2, 6, N), dtype)  # dimensions in another order
    du_sum_part_pair = np.empty((2, N), dtype)
    du_dense_pair = du_pair  # du_pair is not needed any more
    du_dense_W = np.empty((16, 6), dtype)
    du_dense_b = np.empty(6, dtype)
    dv_dense_W = np.empty((16, 6), dtype)
    dv_dense_b = np.empty(6, dtype)
    du_dense_dense_pair = np.empty((2, N, 16), dtype)
    du_dense_dense_part_pair = du_dense_dense_pair  # du_dense_dense_pair is not needed any more
    du_dense_dense_W = np.empty((12, 16), dtype)
    du_dense_dense_b = np.empty(16, dtype)
    dv_dense_dense_W = np.empty((8, 16), dtype)
    dv_dense_dense_b = np.empty(16, dtype)
    dimage = np.empty((N, 12), dtype)
    dtext = np.empty((N, 8), dtype)
    t0 = np.empty(N, dtype)
    dz_shifted2_view = np.lib.stride_tricks.as_strided(
        dz_shifted2, (N,), (dz_shifted2.strides[0] + dz_shifted2.strides[1],)
    )
    t0_col = t0[:, None]
    dz_shifted_view = np.lib.stride_tricks.as_strided(
        dz_shifted, (N,), (dz_shifted.strides[0] + dz_shifted.strides[1],)
    )
    du_pair_row = du_pair[0]
    dz_sum_part_T = dz_sum_part.T
    du_pair_row2 = du_pair[1]
    du_pair_row_flat = du_pair_row.reshape(-1)
    t1 = np.empty((6, N), dtype)
    t1_flat = t1.reshape(-1)
    du_sum_part_pair_row = du_sum_part_pair[0]
    ones = np.ones(6, dtype)
    du_sum_part_pair_row2 = du_sum_part_pair[1]
    t2 = np.empty((2, 6, N), dtype)
    du_sum_part_pair_b101 = du_sum_part_pair[:, None, :]
    du_dense_pair_row = du_dense_pair[0]
    du_dense_pair_row_T = du_dense_pair_row.T
    ones2 = np.ones(N, dtype)
    du_dense_pair_row2 = du_dense_pair[1]
    du_dense_pair_row2_T = du_dense_pair_row2.T
    du_dense_dense_pair_row = du_dense_dense_pair[0]
    du_dense_dense_pair_row2 = du_dense_dense_pair[1]
    t3 = np.empty((2, N, 16), dtype)
    minus_0_5 = np.array(-0.5, dtype)
    c0_3989422804014327 = np.array(0.3989422804014327, dtype)
    du_dense_dense_part_pair_row = du_dense_dense_part_pair[0]
    du_dense_dense_part_pair_row2 = du_dense_dense_part_pair[1]

    # dz_shifted2[n, m] += grad_loss*z_shifted2_exp[m, n]/(2*N*z_sumexp2[m])
    np.multiply(z_sumexp2, 2 * N / grad_loss, out=t0)
    np.divide(z_shifted2_exp.T, t0, out=dz_shifted2)
    # dz_shifted2[m, m] += -grad_loss/(2*N)
    np.add(dz_shifted2_view, -grad_loss / 2 / N, out=dz_shifted2_view)
    # dz_shifted[n, m] += grad_loss*z_exp[n, m]/(2*N*z_sumexp[n])
    np.multiply(z_sumexp, 2 * N / grad_loss, out=t0)
    np.divide(z_exp, t0_col, out=dz_shifted)
    # dz_shifted[n, n] += -grad_loss/(2*N)
    np.add(dz_shifted_view, -grad_loss / 2 / N, out=dz_shifted_view)
    # dz_sum_part[n, m] = dz_shifted2[n, m] + dz_shifted[n, m] + grad_z[n, m]
    np.add(dz_shifted2, dz_shifted, out=dz_sum_part)
    np.add(dz_sum_part, grad_z, out=dz_sum_part)
    # du_pair[0, n, c] += sum(m: scale_exp*dz_sum_part[n, m]*u_pair[1, m, c])
    u_pair[1].T.dot(dz_sum_part_T, out=du_pair_row)
    np.multiply(du_pair_row, scale_exp, out=du_pair_row)
    # du_pair[1, n, c] += sum(n2: scale_exp*dz_sum_part[n2, n]*u_pair[0, n2, c])
    u_pair[0].T.dot(dz_sum_part, out=du_pair_row2)
    np.multiply(du_pair_row2, scale_exp, out=du_pair_row2)
    # dscale = sum(n, c: du_pair[0, n, c]*u_pair[0, n, c])
    t1[...] = u_pair[0].T
    dscale = du_pair_row_flat.dot(t1_flat)
    # du_sum_part_pair[0, n] += sum(c: du_pair[0, n, c]*u_pair[0, n, c])
    np.multiply(du_pair_row, u_pair[0].T, out=t1)
    ones.dot(t1, out=du_sum_part_pair_row)
    # du_sum_part_pair[1, n] += sum(c: du_pair[1, n, c]*u_pair[1, n, c])
    np.multiply(du_pair_row2, u_pair[1].T, out=t1)
    ones.dot(t1, out=du_sum_part_pair_row2)
    # du.dense_pair[p, n, o] = u_sum_power_pair[p, n]
    #     *(du_pair[p, n, o] - du_sum_part_pair[p, n]*u_pair[p, n, o])
    np.multiply(u_pair.transpose(0, 2, 1), du_sum_part_pair_b101, out=t2)
    np.subtract(du_pair, t2, out=t2)
    np.multiply(t2, u_sum_power_pair[:, None, :], out=du_dense_pair)
    # du.dense.W[i, o] = sum(n: u.dense.dense_pair[0, n, i]*du.dense_pair[0, n, o])
    u_dense_dense_pair[0].T.dot(du_dense_pair_row_T, out=du_dense_W)
    # du.dense.b[o] = sum(n: du.dense_pair[0, n, o])
    du_dense_pair_row.dot(ones2, out=du_dense_b)
    # dv.dense.W[i, o] = sum(n: u.dense.dense_pair[1, n, i]*du.dense_pair[1, n, o])
    u_dense_dense_pair[1].T.dot(du_dense_pair_row2_T, out=dv_dense_W)
    # dv.dense.b[o] = sum(n: du.dense_pair[1, n, o])
    du_dense_pair_row2.dot(ones2, out=dv_dense_b)
    # du.dense.dense_pair[0, n, o] += sum(o2: du.dense_pair[0, n, o2]*u.dense.W[o, o2])
    du_dense_pair_row_T.dot(u_dense_W.T, out=du_dense_dense_pair_row)
    # du.dense.dense_pair[1, n, o] += sum(o2: du.dense_pair[1, n, o2]*v.dense.W[o, o2])
    du_dense_pair_row2_T.dot(v_dense_W.T, out=du_dense_dense_pair_row2)
    # du.dense.dense_part_pair[p, n, o] =
    #     du.dense.dense_pair[p, n, o]*(u.dense.dense_part_erf_total_pair[p, n, o]
    #     + sqrt(2)*u.dense.dense_part_pair[p, n, o]*exp(-u.dense.dense_part_pair[p, n, o]**2/2)
    #     /(2*sqrt(pi)))
    np.square(u_dense_dense_part_pair, out=t3)
    np.multiply(t3, minus_0_5, out=t3)
    np.exp(t3, out=t3)
    np.multiply(t3, c0_3989422804014327, out=t3)
    np.multiply(t3, u_dense_dense_part_pair, out=t3)
    np.add(t3, u_dense_dense_part_erf_total_pair, out=t3)
    np.multiply(t3, du_dense_dense_pair, out=du_dense_dense_part_pair)
    # du.dense.dense.W[i, o] = sum(n: image[n, i]*du.dense.dense_part_pair[0, n, o])
    image.T.dot(du_dense_dense_part_pair_row, out=du_dense_dense_W)
    # du.dense.dense.b[o] = sum(n: du.dense.dense_part_pair[0, n, o])
    ones2.dot(du_dense_dense_part_pair_row, out=du_dense_dense_b)
    # dv.dense.dense.W[i, o] = sum(n: text[n, i]*du.dense.dense_part_pair[1, n, o])
    text.T.dot(du_dense_dense_part_pair_row2, out=dv_dense_dense_W)
    # dv.dense.dense.b[o] = sum(n: du.dense.dense_part_pair[1, n, o])
    ones2.dot(du_dense_dense_part_pair_row2, out=dv_dense_dense_b)
    # dimage[n, i] = sum(o: du.dense.dense_part_pair[0, n, o]*u.dense.dense.W[i, o])
    du_dense_dense_part_pair_row.dot(u_dense_dense_W.T, out=dimage)
    # dtext[n, i] = sum(o: du.dense.dense_part_pair[1, n, o]*v.dense.dense.W[i, o])
    du_dense_dense_part_pair_row2.dot(v_dense_dense_W.T, out=dtext)

    return {
        "scale": np.array(dscale, dtype),
        "u.dense.dense.W": du_dense_dense_W,
        "u.dense.dense.b": du_dense_dense_b,
        "u.dense.W": du_dense_W,
        "u.dense.b": du_dense_b,
        "v.dense.dense.W": dv_dense_dense_W,
        "v.dense.dense.b": dv_dense_dense_b,
        "v.dense.W": dv_dense_W,
        "v.dense.b": dv_dense_b,
        "image": dimage,
        "text": dtext,
    }


# --- training mode: the loss and its gradients ---


def loss(params, image, text):
    """The loss as a float."""
    return float(forward(params, image, text)[0]["loss"])


def loss_and_grad(params, image, text, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    image      shape (N, 12), of the dtype of params
    text       shape (N, 8), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, image, text):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("image", image, 0)
        image = _real("image", image, (N, 12), dtype)
        text = _real("text", text, (N, 8), dtype)
        workspace.prepare(params, N, dtype)
    return workspace.run(image, text)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    divide = np.divide
    exp = np.exp
    log = np.log
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    sqrt = np.sqrt
    square = np.square
    subtract = np.subtract
    slot0 = np.empty(max(32 * N, 224), dtype)
    u_dense_dense_part_pair = slot0[: 32 * N].reshape(2, 16, N)  # dimensions in another order
    slot1 = np.empty(max(32 * N, 128), dtype)
    # dimensions in another order
    u_dense_dense_part_erf_total_pair = slot1[: 32 * N].reshape(2, 16, N)
    slot2 = np.empty(N * N + 32 * N, dtype)
    # dimensions in another order
    u_dense_dense_pair = slot2[N * N : N * N + 32 * N].reshape(2, 16, N)
    slot3 = np.empty(max(32 * N, N * N + 24 * N), dtype)
    u_dense_pair = slot3[N * N : N * N + 12 * N].reshape(2, 6, N)  # dimensions in another order
    slot4 = np.empty(max(2 * N, 96), dtype)
    u_sum_pair = slot4[: 2 * N].reshape(2, N)
    u_sum_power_pair = u_sum_pair  # u_sum_pair is not needed any more
    u_pair = u_dense_pair  # u_dense_pair is not needed any more
    slot5 = np.empty(max(N * N, 14 * N, 108), dtype)
    z = slot5[: N * N].reshape(N, N)
    z_max2 = slot3[N * N + 12 * N : N * N + 13 * N]
    z_shifted2 = slot3[: N * N].reshape(N, N)
    z_shifted2_exp = slot2[: N * N].reshape(N, N)
    z_sumexp2 = slot3[N * N + 13 * N : N * N + 14 * N]
    z_max = slot3[N * N + 14 * N : N * N + 15 * N]
    z_shifted = z  # z is not needed any more
    z_exp = z_shifted2  # z_shifted2 is not needed any more
    z_sumexp = z_max2  # z_max2 is not needed any more
    dz_shifted2 = z_shifted2_exp  # z_shifted2_exp is not needed any more
    dz_shifted = z_shifted2  # z_shifted2 is not needed any more
    dz_sum_part = dz_shifted2  # dz_shifted2 is not needed any more
    du_pair = slot3[N * N + 12 * N : N * N + 24 * N].reshape(2, 6, N)  # dimensions in another order
    du_sum_part_pair = slot5[12 * N : 14 * N].reshape(2, N)
    du_dense_pair = du_pair  # du_pair is not needed any more
    du_dense_W = slot5[:96].reshape(16, 6)
    du_dense_b = slot5[96:102]
    dv_dense_W = slot4[:96].reshape(16, 6)
    dv_dense_b = slot5[102:108]
    du_dense_dense_pair = slot2[: 32 * N].reshape(2, 16, N)  # dimensions in another order
    du_dense_dense_part_pair = du_dense_dense_pair  # du_dense_dense_pair is not needed any more
    du_dense_dense_W = slot0[:192].reshape(12, 16)
    du_dense_dense_b = slot0[192:208]
    dv_dense_dense_W = slot1[:128].reshape(8, 16)
    dv_dense_dense_b = slot0[208:224]
    u_dense_dense_part_pair_row = u_dense_dense_part_pair[0]
    t0 = slot1[: 16 * N].reshape(16, N)
    u_dense_dense_part_pair_row2 = u_dense_dense_part_pair[1]
    c0_7071067811865476 = np.array(0.7071067811865476, dtype)
    half = np.array(0.5, dtype)
    u_dense_pair_row = u_dense_pair[0]
    u_dense_dense_pair_row = u_dense_dense_pair[0]
    t2 = slot3[N * N + 12 * N : N * N + 18 * N].reshape(6, N)
    u_dense_pair_row2 = u_dense_pair[1]
    u_dense_dense_pair_row2 = u_dense_dense_pair[1]
    u_sum_pair_row = u_sum_pair[0]
    ones = np.ones(6, dtype)
    u_sum_pair_row2 = u_sum_pair[1]
    c1em12 = np.array(1e-12, dtype)
    one = np.array(1, dtype)
    t6 = slot3[N * N + 12 * N : N * N + 24 * N].reshape(2, 6, N)
    u_sum_power_pair_b101 = u_sum_power_pair[:, None, :]
    u_pair_row = u_pair[0]
    u_pair_row2 = u_pair[1]
    u_pair_row2_T = u_pair_row2.T
    t8 = slot2[: N * N].reshape(N, N)
    z_max2_col = z_max2[:, None]
    ones2 = np.ones(N, dtype)
    z_shifted2_view = np.lib.stride_tricks.as_strided(
        z_shifted2, (N,), (z_shifted2.strides[0] + z_shifted2.strides[1],)
    )
    t9 = slot3[N * N + 14 * N : N * N + 15 * N]
    t9_apart = np.empty(N, dtype) if N == 1 else t9
    total = _total(N, 1 / N, dtype)
    t10 = slot3[: N * N].reshape(N, N)
    z_shifted_view = np.lib.stride_tricks.as_strided(
        z_shifted, (N,), (z_shifted.strides[0] + z_shifted.strides[1],)
    )
    t12 = slot3[N * N + 13 * N : N * N + 14 * N]
    c = np.array(2 * N, dtype)
    t13 = slot5[: N * N].reshape(N, N)
    t12_col = t12[:, None]
    dz_shifted2_view = np.lib.stride_tricks.as_strided(
        dz_shifted2, (N,), (dz_shifted2.strides[0] + dz_shifted2.strides[1],)
    )
    minus_1_over_2_over_N = np.array(-1 / 2 / N, dtype)
    t14 = slot3[N * N + 12 * N : N * N + 13 * N]
    dz_shifted_view = np.lib.stride_tricks.as_strided(
        dz_shifted, (N,), (dz_shifted.strides[0] + dz_shifted.strides[1],)
    )
    du_pair_row = du_pair[0]
    du_pair_row2 = du_pair[1]
    dz_sum_part_T = dz_sum_part.T
    du_pair_row_flat = du_pair_row.reshape(-1)
    u_pair_row_flat = u_pair_row.reshape(-1)
    du_sum_part_pair_row = du_sum_part_pair[0]
    t16 = slot5[: 6 * N].reshape(6, N)
    du_sum_part_pair_row2 = du_sum_part_pair[1]
    t18 = slot3[N * N : N * N + 12 * N].reshape(2, 6, N)
    t19 = slot5[: 12 * N].reshape(2, 6, N)
    du_sum_part_pair_b101 = du_sum_part_pair[:, None, :]
    du_dense_pair_row = du_dense_pair[0]
    du_dense_pair_row_T = du_dense_pair_row.T
    du_dense_pair_row2 = du_dense_pair[1]
    du_dense_pair_row2_T = du_dense_pair_row2.T
    du_dense_dense_pair_row = du_dense_dense_pair[0]
    du_dense_dense_pair_row2 = du_dense_dense_pair[1]
    t21 = slot3[: 32 * N].reshape(2, 16, N)
    minus_0_5 = np.array(-0.5, dtype)
    c0_3989422804014327 = np.array(0.3989422804014327, dtype)
    du_dense_dense_part_pair_row = du_dense_dense_part_pair[0]
    du_dense_dense_part_pair_row_T = du_dense_dense_part_pair_row.T
    du_dense_dense_part_pair_row2 = du_dense_dense_part_pair[1]
    du_dense_dense_part_pair_row2_T = du_dense_dense_part_pair_row2.T
    dscale_out = np.empty((), dtype)

    def bind(params):
        held = [*map(params.get, PARAMETERS)]
        scale = np.asarray(params["scale"], dtype)
        u_dense_dense_W = params["u.dense.dense.W"]
        u_dense_dense_b = params["u.dense.dense.b"]
        u_dense_W = params["u.dense.W"]
        u_dense_b = params["u.dense.b"]
        v_dense_dense_W = params["v.dense.dense.W"]
        v_dense_dense_b = params["v.dense.dense.b"]
        v_dense_W = params["v.dense.W"]
        v_dense_b = params["v.dense.b"]
        u_dense_dense_W_T = u_dense_dense_W.T
        u_dense_dense_b_col = u_dense_dense_b[:, None]
        v_dense_dense_W_T = v_dense_dense_W.T
        v_dense_dense_b_col = v_dense_dense_b[:, None]
        u_dense_W_T = u_dense_W.T
        u_dense_b_col = u_dense_b[:, None]
        v_dense_W_T = v_dense_W.T
        v_dense_b_col = v_dense_b[:, None]

        def fits(params, image, text):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 9
                    and _same(params, held)
                    and image.shape == (N, 12)
                    and image.dtype is dtype
                    and text.shape == (N, 8)
                    and text.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(image, text):
            # scale_exp = exp(scale)
            scale_exp = exp(scale)
            # u.dense.dense_part_pair[0, n, o] += sum(i: image[n, i]*u.dense.dense.W[i, o])
            u_dense_dense_W_T.dot(image.T, u_dense_dense_part_pair_row)
            # u.dense.dense_part_pair[0, n, o] += u.dense.dense.b[o]
            t0[...] = u_dense_dense_b_col
            add(u_dense_dense_part_pair_row, t0, u_dense_dense_part_pair_row)
            # u.dense.dense_part_pair[1, n, o] += sum(i: text[n, i]*v.dense.dense.W[i, o])
            v_dense_dense_W_T.dot(text.T, u_dense_dense_part_pair_row2)
            # u.dense.dense_part_pair[1, n, o] += v.dense.dense.b[o]
            t0[...] = v_dense_dense_b_col
            add(u_dense_dense_part_pair_row2, t0, u_dense_dense_part_pair_row2)
            # u.dense.dense_part_erf_total_pair[p, n, o] = 1/2
            #     + erf(sqrt(2)*u.dense.dense_part_pair[p, n, o]/2)/2
            multiply(
                u_dense_dense_part_pair, c0_7071067811865476, u_dense_dense_part_erf_total_pair
            )
            _erf(u_dense_dense_part_erf_total_pair, out=u_dense_dense_part_erf_total_pair)
            multiply(u_dense_dense_part_erf_total_pair, half, u_dense_dense_part_erf_total_pair)
            add(u_dense_dense_part_erf_total_pair, half, u_dense_dense_part_erf_total_pair)
            # u.dense.dense_pair[p, n, o] =
            #     u.dense.dense_part_erf_total_pair[p, n, o]*u.dense.dense_part_pair[p, n, o]
            multiply(u_dense_dense_part_erf_total_pair, u_dense_dense_part_pair, u_dense_dense_pair)
            # u.dense_pair[0, n, o] += sum(i: u.dense.dense_pair[0, n, i]*u.dense.W[i, o])
            u_dense_W_T.dot(u_dense_dense_pair_row, u_dense_pair_row)
            # u.dense_pair[0, n, o] += u.dense.b[o]
            t2[...] = u_dense_b_col
            add(u_dense_pair_row, t2, u_dense_pair_row)
            # u.dense_pair[1, n, o] += sum(i: u.dense.dense_pair[1, n, i]*v.dense.W[i, o])
            v_dense_W_T.dot(u_dense_dense_pair_row2, u_dense_pair_row2)
            # u.dense_pair[1, n, o] += v.dense.b[o]
            t2[...] = v_dense_b_col
            add(u_dense_pair_row2, t2, u_dense_pair_row2)
            # u_sum_pair[0, n] += sum(k: u.dense_pair[0, n, k]**2)
            multiply(u_dense_pair_row, u_dense_pair_row, t2)
            ones.dot(t2, u_sum_pair_row)
            # u_sum_pair[1, n] += sum(k: u.dense_pair[1, n, k]**2)
            multiply(u_dense_pair_row2, u_dense_pair_row2, t2)
            ones.dot(t2, u_sum_pair_row2)
            # u_sum_power_pair[p, n] = 1/sqrt(u_sum_pair[p, n] + 1/1000000000000)
            add(u_sum_pair, c1em12, u_sum_power_pair)
            sqrt(u_sum_power_pair, u_sum_power_pair)
            divide(one, u_sum_power_pair, u_sum_power_pair)
            # u_pair[p, n, c] = u_sum_power_pair[p, n]*u.dense_pair[p, n, c]
            t6[...] = u_sum_power_pair_b101
            multiply(u_dense_pair, t6, u_pair)
            # z[n, m] = sum(d: scale_exp*u_pair[0, n, d]*u_pair[1, m, d])
            multiply(u_pair_row, scale_exp, t2)
            u_pair_row2_T.dot(t2, z)
            # z_max2[m] = max(n: z[n, m])
            maximum_reduce(z, 1, None, z_max2)
            # z_shifted2[n, m] = z[n, m] - z_max2[m]
            t8[...] = z_max2_col
            subtract(z, t8, z_shifted2)
            # z_shifted2_exp[m, n] = exp(z_shifted2[n, m])
            exp(z_shifted2, z_shifted2_exp)
            # z_sumexp2[m] = sum(n: z_shifted2_exp[m, n])
            z_shifted2_exp.dot(ones2, z_sumexp2)
            # to_image = sum(m: (log(z_sumexp2[m]) - z_shifted2[m, m])/N)
            log(z_sumexp2, t9)
            subtract(t9, z_shifted2_view, t9_apart)
            to_image = total(t9_apart)
            # z_max[n] = max(m: z[n, m])
            maximum_reduce(z, 0, None, z_max)
            # z_shifted[n, m] = z[n, m] - z_max[n]
            t10[...] = z_max
            subtract(z, t10, z_shifted)
            # z_exp[n, m] = exp(z_shifted[n, m])
            exp(z_shifted, z_exp)
            # z_sumexp[n] = sum(m: z_exp[n, m])
            ones2.dot(z_exp, z_sumexp)
            # to_text = sum(n: (log(z_sumexp[n]) - z_shifted[n, n])/N)
            log(z_sumexp, t9)
            subtract(t9, z_shifted_view, t9_apart)
            to_text = total(t9_apart)
            # loss = to_image/2 + to_text/2
            loss = to_image / 2 + to_text / 2
            # dz_shifted2[n, m] += z_shifted2_exp[m, n]/(2*N*z_sumexp2[m])
            multiply(z_sumexp2, c, t12)
            t13[...] = t12_col
            divide(z_shifted2_exp, t13, dz_shifted2)
            # dz_shifted2[m, m] += -1/(2*N)
            add(dz_shifted2_view, minus_1_over_2_over_N, dz_shifted2_view)
            # dz_shifted[n, m] += z_exp[n, m]/(2*N*z_sumexp[n])
            multiply(z_sumexp, c, t14)
            t13[...] = t14
            divide(z_exp, t13, dz_shifted)
            # dz_shifted[n, n] += -1/(2*N)
            add(dz_shifted_view, minus_1_over_2_over_N, dz_shifted_view)
            # dz_sum_part[n, m] = dz_shifted2[n, m] + dz_shifted[n, m]
            add(dz_shifted2, dz_shifted, dz_sum_part)
            # du_pair[0, n, c] += sum(m: scale_exp*dz_sum_part[n, m]*u_pair[1, m, c])
            u_pair_row2.dot(dz_sum_part, du_pair_row)
            multiply(du_pair_row, scale_exp, du_pair_row)
            # du_pair[1, n, c] += sum(n2: scale_exp*dz_sum_part[n2, n]*u_pair[0, n2, c])
            u_pair_row.dot(dz_sum_part_T, du_pair_row2)
            multiply(du_pair_row2, scale_exp, du_pair_row2)
            # dscale = sum(n, c: du_pair[0, n, c]*u_pair[0, n, c])
            dscale = du_pair_row_flat.dot(u_pair_row_flat)
            # du_sum_part_pair[0, n] += sum(c: du_pair[0, n, c]*u_pair[0, n, c])
            multiply(du_pair_row, u_pair_row, t16)
            ones.dot(t16, du_sum_part_pair_row)
            # du_sum_part_pair[1, n] += sum(c: du_pair[1, n, c]*u_pair[1, n, c])
            multiply(du_pair_row2, u_pair_row2, t16)
            ones.dot(t16, du_sum_part_pair_row2)
            # du.dense_pair[p, n, o] = u_sum_power_pair[p, n]
            #     *(du_pair[p, n, o] - du_sum_part_pair[p, n]*u_pair[p, n, o])
            t19[...] = du_sum_part_pair_b101
            multiply(u_pair, t19, t18)
            subtract(du_pair, t18, t18)
            t19[...] = u_sum_power_pair_b101
            multiply(t18, t19, du_dense_pair)
            # du.dense.W[i, o] = sum(n: u.dense.dense_pair[0, n, i]*du.dense_pair[0, n, o])
            u_dense_dense_pair_row.dot(du_dense_pair_row_T, du_dense_W)
            # du.dense.b[o] = sum(n: du.dense_pair[0, n, o])
            du_dense_pair_row.dot(ones2, du_dense_b)
            # dv.dense.W[i, o] = sum(n: u.dense.dense_pair[1, n, i]*du.dense_pair[1, n, o])
            u_dense_dense_pair_row2.dot(du_dense_pair_row2_T, dv_dense_W)
            # dv.dense.b[o] = sum(n: du.dense_pair[1, n, o])
            du_dense_pair_row2.dot(ones2, dv_dense_b)
            # du.dense.dense_pair[0, n, o] += sum(o2: du.dense_pair[0, n, o2]*u.dense.W[o, o2])
            u_dense_W.dot(du_dense_pair_row, du_dense_dense_pair_row)
            # du.dense.dense_pair[1, n, o] += sum(o2: du.dense_pair[1, n, o2]*v.dense.W[o, o2])
            v_dense_W.dot(du_dense_pair_row2, du_dense_dense_pair_row2)
            # du.dense.dense_part_pair[p, n, o] =
            #     du.dense.dense_pair[p, n, o]
            #     *(u.dense.dense_part_erf_total_pair[p, n, o]
            #     + sqrt(2)*u.dense.dense_part_pair[p, n, o]
            #     *exp(-u.dense.dense_part_pair[p, n, o]**2/2)/(2*sqrt(pi)))
            square(u_dense_dense_part_pair, t21)
            multiply(t21, minus_0_5, t21)
            exp(t21, t21)
            multiply(t21, c0_3989422804014327, t21)
            multiply(t21, u_dense_dense_part_pair, t21)
            add(t21, u_dense_dense_part_erf_total_pair, t21)
            multiply(t21, du_dense_dense_pair, du_dense_dense_part_pair)
            # du.dense.dense.W[i, o] = sum(n: image[n, i]*du.dense.dense_part_pair[0, n, o])
            image.T.dot(du_dense_dense_part_pair_row_T, du_dense_dense_W)
            # du.dense.dense.b[o] = sum(n: du.dense.dense_part_pair[0, n, o])
            du_dense_dense_part_pair_row.dot(ones2, du_dense_dense_b)
            # dv.dense.dense.W[i, o] = sum(n: text[n, i]*du.dense.dense_part_pair[1, n, o])
            text.T.dot(du_dense_dense_part_pair_row2_T, dv_dense_dense_W)
            # dv.dense.dense.b[o] = sum(n: du.dense.dense_part_pair[1, n, o])
            du_dense_dense_part_pair_row2.dot(ones2, dv_dense_dense_b)

            dscale_out[()] = dscale
            return (
                float(loss),
                {
                    "scale": dscale_out,
                    "u.dense.dense.W": du_dense_dense_W,
                    "u.dense.dense.b": du_dense_dense_b,
                    "u.dense.W": du_dense_W,
                    "u.dense.b": du_dense_b,
                    "v.dense.dense.W": dv_dense_dense_W,
                    "v.dense.dense.b": dv_dense_dense_b,
                    "v.dense.W": dv_dense_W,
                    "v.dense.b": dv_dense_b,
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

    @staticmethod
    def _nothing(*arguments):
        """What fits before the first call."""
        return False


# --- inference mode ---


def predict(params, image, text):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    image   shape (N, 12), of the dtype of params
    text    shape (N, 8), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 12), dtype)
    text = _real("text", text, (N, 8), dtype)
    scale = np.asarray(params["scale"], dtype)
    u_dense_dense_W = params["u.dense.dense.W"]
    u_dense_dense_b = params["u.dense.dense.b"]
    u_dense_W = params["u.dense.W"]
    u_dense_b = params["u.dense.b"]
    v_dense_dense_W = params["v.dense.dense.W"]
    v_dense_dense_b = params["v.dense.dense.b"]
    v_dense_W = params["v.dense.W"]
    v_dense_b = params["v.dense.b"]

    u_dense_dense_part_pair = np.empty((2, 16, N), dtype)  # dimensions in another order
    u_dense_dense_pair = u_dense_dense_part_pair  # u_dense_dense_part_pair is not needed any more
    u_dense_pair = np.empty((2, 6, N), dtype)  # dimensions in another order
    u_sum_pair = np.empty((2, N), dtype)
    u_pair = u_dense_pair  # u_dense_pair is not needed any more
    z_sum = np.empty((N, N), dtype)
    z = z_sum  # z_sum is not needed any more
    u_dense_dense_part_pair_row = u_dense_dense_part_pair[0]
    u_dense_dense_part_pair_row2 = u_dense_dense_part_pair[1]
    t0 = np.empty((2, 16, N), dtype)
    c0_7071067811865476 = np.array(0.7071067811865476, dtype)
    one = np.array(1, dtype)
    half = np.array(0.5, dtype)
    u_dense_pair_row = u_dense_pair[0]
    u_dense_dense_pair_row = u_dense_dense_pair[0]
    u_dense_pair_row2 = u_dense_pair[1]
    u_dense_dense_pair_row2 = u_dense_dense_pair[1]
    u_sum_pair_row = u_sum_pair[0]
    t1 = np.empty((6, N), dtype)
    ones = np.ones(6, dtype)
    u_sum_pair_row2 = u_sum_pair[1]
    t2 = np.empty((2, N), dtype)
    c1em12 = np.array(1e-12, dtype)
    t2_b101 = t2[:, None, :]
    u_pair_row = u_pair[0]
    u_pair_row2 = u_pair[1]
    u_pair_row_T = u_pair_row.T

    # u.dense.dense_part_pair[0, n, o] += sum(i: image[n, i]*u.dense.dense.W[i, o])
    u_dense_dense_W.T.dot(image.T, out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[0, n, o] += u.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row, u_dense_dense_b[:, None], out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[1, n, o] += sum(i: text[n, i]*v.dense.dense.W[i, o])
    v_dense_dense_W.T.dot(text.T, out=u_dense_dense_part_pair_row2)
    # u.dense.dense_part_pair[1, n, o] += v.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row2, v_dense_dense_b[:, None], out=u_dense_dense_part_pair_row2)
    # u.dense.dense_pair[p, n, o] = u.dense.dense_part_pair[p, n, o]
    #     *(1 + erf(sqrt(2)*u.dense.dense_part_pair[p, n, o]/2))/2
    np.multiply(u_dense_dense_part_pair, c0_7071067811865476, out=t0)
    _erf(t0, out=t0)
    np.add(t0, one, out=t0)
    np.multiply(t0, half, out=t0)
    np.multiply(t0, u_dense_dense_part_pair, out=u_dense_dense_pair)
    # u.dense_pair[0, n, o] += sum(i: u.dense.dense_pair[0, n, i]*u.dense.W[i, o])
    u_dense_W.T.dot(u_dense_dense_pair_row, out=u_dense_pair_row)
    # u.dense_pair[0, n, o] += u.dense.b[o]
    np.add(u_dense_pair_row, u_dense_b[:, None], out=u_dense_pair_row)
    # u.dense_pair[1, n, o] += sum(i: u.dense.dense_pair[1, n, i]*v.dense.W[i, o])
    v_dense_W.T.dot(u_dense_dense_pair_row2, out=u_dense_pair_row2)
    # u.dense_pair[1, n, o] += v.dense.b[o]
    np.add(u_dense_pair_row2, v_dense_b[:, None], out=u_dense_pair_row2)
    # u_sum_pair[0, n] += sum(k: u.dense_pair[0, n, k]**2)
    np.multiply(u_dense_pair_row, u_dense_pair_row, out=t1)
    ones.dot(t1, out=u_sum_pair_row)
    # u_sum_pair[1, n] += sum(k: u.dense_pair[1, n, k]**2)
    np.multiply(u_dense_pair_row2, u_dense_pair_row2, out=t1)
    ones.dot(t1, out=u_sum_pair_row2)
    # u_pair[p, n, c] = u.dense_pair[p, n, c]/sqrt(u_sum_pair[p, n] + 1/1000000000000)
    np.add(u_sum_pair, c1em12, out=t2)
    np.sqrt(t2, out=t2)
    np.divide(u_dense_pair, t2_b101, out=u_pair)
    # z_sum[n, m] = sum(d: u_pair[0, n, d]*u_pair[1, m, d])
    u_pair_row_T.dot(u_pair_row2, out=z_sum)
    # z[n, m] = z_sum[n, m]*exp(scale)
    np.multiply(z_sum, np.exp(scale), out=z)

    return {"z": z}


def evaluate(params, image, text):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    image   shape (N, 12), of the dtype of params
    text    shape (N, 8), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("image", image, 0)
    image = _real("image", image, (N, 12), dtype)
    text = _real("text", text, (N, 8), dtype)
    scale = np.asarray(params["scale"], dtype)
    u_dense_dense_W = params["u.dense.dense.W"]
    u_dense_dense_b = params["u.dense.dense.b"]
    u_dense_W = params["u.dense.W"]
    u_dense_b = params["u.dense.b"]
    v_dense_dense_W = params["v.dense.dense.W"]
    v_dense_dense_b = params["v.dense.dense.b"]
    v_dense_W = params["v.dense.W"]
    v_dense_b = params["v.dense.b"]

    u_dense_dense_part_pair = np.empty((2, 16, N), dtype)  # dimensions in another order
    u_dense_dense_pair = u_dense_dense_part_pair  # u_dense_dense_part_pair is not needed any more
    u_dense_pair = np.empty((2, 6, N), dtype)  # dimensions in another order
    u_sum_pair = np.empty((2, N), dtype)
    u_pair = u_dense_pair  # u_dense_pair is not needed any more
    z_sum = np.empty((N, N), dtype)
    z = z_sum  # z_sum is not needed any more
    z_max2 = np.empty(N, dtype)
    z_shifted2 = np.empty((N, N), dtype)
    z_sumexp2 = z_max2  # z_max2 is not needed any more
    z_max = z_max2  # z_max2 is not needed any more
    z_shifted = z_shifted2  # z_shifted2 is not needed any more
    z_sumexp = z_max2  # z_max2 is not needed any more
    accuracy_argmax = np.empty(N, np.intp)
    u_dense_dense_part_pair_row = u_dense_dense_part_pair[0]
    u_dense_dense_part_pair_row2 = u_dense_dense_part_pair[1]
    t0 = np.empty((2, 16, N), dtype)
    c0_7071067811865476 = np.array(0.7071067811865476, dtype)
    one = np.array(1, dtype)
    half = np.array(0.5, dtype)
    u_dense_pair_row = u_dense_pair[0]
    u_dense_dense_pair_row = u_dense_dense_pair[0]
    u_dense_pair_row2 = u_dense_pair[1]
    u_dense_dense_pair_row2 = u_dense_dense_pair[1]
    u_sum_pair_row = u_sum_pair[0]
    t1 = np.empty((6, N), dtype)
    ones = np.ones(6, dtype)
    u_sum_pair_row2 = u_sum_pair[1]
    t2 = np.empty((2, N), dtype)
    c1em12 = np.array(1e-12, dtype)
    t2_b101 = t2[:, None, :]
    u_pair_row = u_pair[0]
    u_pair_row2 = u_pair[1]
    u_pair_row2_T = u_pair_row2.T
    z_max2_col = z_max2[:, None]
    t3 = np.empty((N, N), dtype)
    ones2 = np.ones(N, dtype)
    z_shifted2_view = np.lib.stride_tricks.as_strided(
        z_shifted2, (N,), (z_shifted2.strides[0] + z_shifted2.strides[1],)
    )
    t4 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    z_shifted_view = np.lib.stride_tricks.as_strided(
        z_shifted, (N,), (z_shifted.strides[0] + z_shifted.strides[1],)
    )
    z_T = z.T
    n_index = np.arange(N)
    t5 = np.empty(N, bool)

    # u.dense.dense_part_pair[0, n, o] += sum(i: image[n, i]*u.dense.dense.W[i, o])
    u_dense_dense_W.T.dot(image.T, out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[0, n, o] += u.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row, u_dense_dense_b[:, None], out=u_dense_dense_part_pair_row)
    # u.dense.dense_part_pair[1, n, o] += sum(i: text[n, i]*v.dense.dense.W[i, o])
    v_dense_dense_W.T.dot(text.T, out=u_dense_dense_part_pair_row2)
    # u.dense.dense_part_pair[1, n, o] += v.dense.dense.b[o]
    np.add(u_dense_dense_part_pair_row2, v_dense_dense_b[:, None], out=u_dense_dense_part_pair_row2)
    # u.dense.dense_pair[p, n, o] = u.dense.dense_part_pair[p, n, o]
    #     *(1 + erf(sqrt(2)*u.dense.dense_part_pair[p, n, o]/2))/2
    np.multiply(u_dense_dense_part_pair, c0_7071067811865476, out=t0)
    _erf(t0, out=t0)
    np.add(t0, one, out=t0)
    np.multiply(t0, half, out=t0)
    np.multiply(t0, u_dense_dense_part_pair, out=u_dense_dense_pair)
    # u.dense_pair[0, n, o] += sum(i: u.dense.dense_pair[0, n, i]*u.dense.W[i, o])
    u_dense_W.T.dot(u_dense_dense_pair_row, out=u_dense_pair_row)
    # u.dense_pair[0, n, o] += u.dense.b[o]
    np.add(u_dense_pair_row, u_dense_b[:, None], out=u_dense_pair_row)
    # u.dense_pair[1, n, o] += sum(i: u.dense.dense_pair[1, n, i]*v.dense.W[i, o])
    v_dense_W.T.dot(u_dense_dense_pair_row2, out=u_dense_pair_row2)
    # u.dense_pair[1, n, o] += v.dense.b[o]
    np.add(u_dense_pair_row2, v_dense_b[:, None], out=u_dense_pair_row2)
    # u_sum_pair[0, n] += sum(k: u.dense_pair[0, n, k]**2)
    np.multiply(u_dense_pair_row, u_dense_pair_row, out=t1)
    ones.dot(t1, out=u_sum_pair_row)
    # u_sum_pair[1, n] += sum(k: u.dense_pair[1, n, k]**2)
    np.multiply(u_dense_pair_row2, u_dense_pair_row2, out=t1)
    ones.dot(t1, out=u_sum_pair_row2)
    # u_pair[p, n, c] = u.dense_pair[p, n, c]/sqrt(u_sum_pair[p, n] + 1/1000000000000)
    np.add(u_sum_pair, c1em12, out=t2)
    np.sqrt(t2, out=t2)
    np.divide(u_dense_pair, t2_b101, out=u_pair)
    # z_sum[n, m] = sum(d: u_pair[0, n, d]*u_pair[1, m, d])
    u_pair_row2_T.dot(u_pair_row, out=z_sum)
    # z[n, m] = z_sum[n, m]*exp(scale)
    np.multiply(z_sum, np.exp(scale), out=z)
    # z_max2[m] = max(n: z[n, m])
    np.maximum.reduce(z, axis=1, out=z_max2)
    # z_shifted2[n, m] = z[n, m] - z_max2[m]
    np.subtract(z, z_max2_col, out=z_shifted2)
    # z_sumexp2[m] = sum(n: exp(z_shifted2[n, m]))
    np.exp(z_shifted2, out=t3)
    t3.dot(ones2, out=z_sumexp2)
    # to_image = sum(m: (log(z_sumexp2[m]) - z_shifted2[m, m])/N)
    np.log(z_sumexp2, out=t4)
    np.subtract(t4, z_shifted2_view, out=t4)
    to_image = weights.dot(t4)
    # z_max[n] = max(m: z[n, m])
    np.maximum.reduce(z, axis=0, out=z_max)
    # z_shifted[n, m] = z[n, m] - z_max[n]
    np.subtract(z, z_max, out=z_shifted)
    # z_sumexp[n] = sum(m: exp(z_shifted[n, m]))
    np.exp(z_shifted, out=t3)
    ones2.dot(t3, out=z_sumexp)
    # to_text = sum(n: (log(z_sumexp[n]) - z_shifted[n, n])/N)
    np.log(z_sumexp, out=t4)
    np.subtract(t4, z_shifted_view, out=t4)
    to_text = weights.dot(t4)
    # loss = to_image/2 + to_text/2
    loss = to_image / 2 + to_text / 2
    # accuracy_argmax[n] = argmax(m: z[n, m])
    np.argmax(z_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == n)/N)
    np.equal(accuracy_argmax, n_index, out=t5)
    t4[...] = t5
    accuracy = ones2.dot(t4) / N

    return {"loss": float(loss), "accuracy": float(accuracy)}


# --- the optimiser: adam ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "m": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "s": 0,
    }


def update(params, grads, slots, *, rate=0.001, b1=0.9, b2=0.999, eps=1e-08):
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
        # p' = p - m'*rate/((1 - b1**s')*(eps + sqrt(v'/(1 - b2**s'))))
        p -= rate / (1 - b1**s_next) * m / (eps + np.sqrt(v / (1 - b2**s_next)))


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (557,):
        raise ValueError(f"theta: expected shape (557,), got {_describe(theta)}")
    params, start = {}, 0
    for name, row in PARAMETERS.items():
        stop = start + int(np.prod(row["shape"]))
        params[name] = theta[start:stop].reshape(row["shape"])
        start = stop
    return params


# --- helpers ---


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


def _erf(x, out=None):
    """The error function, within 5 ulp; most values are the nearest float.

    The rational approximations are those of W. J. Cody, Rational Chebyshev approximations for the
    error function, Math. Comp. 23 (1969), 631-637: erf(x)/x for |x| <= 0.46875 (degree 4/4), and
    exp(x**2)*erfc(x) above (degree 8/8), which is good enough for 1 - erfc(x) beyond 4 too. In
    single precision artanh(erf(x))/x is one ratio of polynomials in x**2 (degree 3/3).
    """
    x = np.asarray(x)
    if x.dtype == np.float32:
        square = np.minimum(np.abs(x), _ERF_ONE)  # from 4.2 on, it is 1
        square *= square
        a = _polynomial(square, _ERF_SINGLE_OVER)
        a *= x
        a /= _polynomial(square, _ERF_SINGLE_UNDER)
        return np.tanh(a, out=out)
    a = np.minimum(np.abs(x), 6.0)
    square = a * a
    near = a * _polynomial(square, _ERF_OVER) / _polynomial(square, _ERF_UNDER)
    tail = np.exp(-square) * _polynomial(a, _ERFC_OVER) / _polynomial(a, _ERFC_UNDER)
    return np.copysign(np.where(a <= 0.46875, near, 1.0 - tail), x, out=out)


def _polynomial(x, coefficients):
    """The polynomial with these coefficients, highest degree first, by Horner's rule."""
    value = coefficients[0] * x
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value


_ERF_OVER = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_ERF_UNDER = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
_ERFC_OVER = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_ERFC_UNDER = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)

_ERF_ONE = np.array(5, np.float32)
_ERF_SINGLE_OVER = [
    np.array(c, np.float32) for c in (3.348250175e-3, 6.555219740e-2, 4.300918579e-1, 1.734434485e0)
]
_ERF_SINGLE_UNDER = [
    np.array(c, np.float32) for c in (4.994436749e-4, 3.641390055e-2, 2.411600351e-1, 1.537102580e0)
]


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
