"""lstm_recall: the network below with its gradients, in NumPy.

    network lstm_recall

    const symbols = 4
    const units = 32

    example N = 3
    example T = 5

    input x[N, T] < symbols

    ids[n, t] = where(t == 0, x[n, t], symbols + x[n, t])
    h, last = lstm(embedding(ids, 2*symbols, 8), units, forget=5)
    logits = dense(last, symbols)
    y[n] = x[n, 0]

    output logits
    metric accuracy = mean(n: argmax(c: logits[n, c]) == y[n])
    minimize softmax_cross_entropy(logits, y) with clip_norm(adam(rate=0.003), limit=1)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
7dd8963e0043c070ce2ad0af00df781034fc8a9ebadd28300971720d2d866fa7
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "h.embedding.E": {"shape": (8, 8), "kind": "real"},
    "h.W": {"shape": (8, 4, 32), "kind": "real"},
    "h.U": {"shape": (32, 4, 32), "kind": "real"},
    "h.b": {"shape": (4, 32), "kind": "real"},
    "logits.W": {"shape": (32, 4), "kind": "real"},
    "logits.b": {"shape": (4,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", "T"), "kind": "integer", "bound": 4},
}
OUTPUTS = {
    "logits": {"shape": ("N", 4), "kind": "real"},
}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 3, "T": 5}
BATCH = {"size": "N", "inputs": {"x": 0}, "loss": "mean"}


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
        "h.embedding.E": rng.normal(0, 1, (8, 8)),
        "h.W": _glorot_uniform(rng, (8, 4, 32), fan_in=8, fan_out=32),
        "h.U": _glorot_uniform(rng, (32, 4, 32), fan_in=32, fan_out=32),
        "h.b": np.zeros((4, 32)),
        "logits.W": _glorot_uniform(rng, (32, 4), fan_in=32, fan_out=4),
        "logits.b": np.zeros((4,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


@np.errstate(all="ignore")
def forward(params, x):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, T), integers in 0..3

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    T = _length("x", x, 1)
    x = _integer("x", x, (N, T), 4)
    h_embedding_E = params["h.embedding.E"]
    h_W = params["h.W"]
    h_U = params["h.U"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    ids = np.empty((N, T), np.intp)
    h_embedding = np.empty((N, T, 8), dtype)
    h_shift = np.empty((4, 32), dtype)
    h_a = np.empty((T, N, 4, 32), dtype)  # stored with T first
    h_a_sigmoids = np.empty((3, N, T, 32), dtype)
    h_a_tanh = np.empty((N, T, 32), dtype)
    h_a_sigmoid2_product = np.empty((N, T, 32), dtype)
    h_kept = np.empty((N, T, 32), dtype)
    h_c = np.empty((T, N, 32), dtype)  # stored with T first
    h_c_tanh = np.empty((N, T, 32), dtype)
    h = np.empty((N, T, 32), dtype)
    logits = np.empty((N, 4), dtype)
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((N, 4), dtype)
    y = np.empty(N, np.intp)
    logits_exp = np.empty((N, 4), dtype)
    logits_sumexp = logits_max  # logits_max is not needed any more
    t_index = np.arange(T)
    table = np.equal(t_index, 0)
    t0 = np.empty((N, T, 8), dtype)
    h_shift_row = h_shift[2]
    c5 = np.array(5, dtype)
    t1 = np.empty((T, N, 8), dtype)
    h_embedding_T102 = h_embedding.transpose(1, 0, 2)
    t1_2d = t1.reshape(N * T, 8)
    h_a_2d = h_a.reshape(N * T, 128)
    t2 = np.empty((N, 4, 32), dtype)
    t2_2d = t2.reshape(N, 128)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    h_part = h[:, T - 1]
    logits_max_col = logits_max[:, None]
    ones = np.ones(4, dtype)
    position = 4 * np.arange(N)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t3 = np.empty(N, dtype)
    t4 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # ids[n, t] = where(t == 0, x[n, t], x[n, t] + 4)
    np.add(x, 4, out=ids)
    np.copyto(ids, x, where=table)
    # h.embedding[n, t, d] = h.embedding.E[ids[n, t], d]
    _check_index(ids, 8, "ids", "h.embedding.E")
    h_embedding_E.take(ids, axis=0, out=t0, mode="clip")
    h_embedding[...] = t0
    # h.shift[g, k] += h.b[g, k]
    h_shift[...] = h_b
    # h.shift[2, k] += 5
    np.add(h_shift_row, c5, out=h_shift_row)
    # h.a[n, t, g, k] += sum(i: h.embedding[n, t, i]*h.W[i, g, k])
    t1[...] = h_embedding_T102
    t1_2d.dot(h_W.reshape(8, 128), out=h_a_2d)
    # h.a[n, t, g, k] += h.shift[g, k]
    np.add(h_a, h_shift, out=h_a)
    h_U_2d = h_U.reshape(32, 128)
    for t in range(T):
        # h.a[n, t, g, k] += sum(j if t >= 1: h[n, t - 1, j]*h.U[j, g, k])
        if t >= 1:
            h_a_t = h_a[t]
            h_before = h[:, t - 1]
            h_before.dot(h_U_2d, out=t2_2d)
            np.add(h_a_t, t2, out=h_a_t)
        # h.a_sigmoids[p, n, t, k] = sigmoid(h.a[n, t, p, k])
        h_a_sigmoids_t = h_a_sigmoids[:, :, t]
        h_a_t2 = h_a[t, :, :3]
        h_a_t2_T102 = h_a_t2.transpose(1, 0, 2)
        np.multiply(h_a_t2_T102, minus_one, out=h_a_sigmoids_t)
        np.exp(h_a_sigmoids_t, out=h_a_sigmoids_t)
        np.add(h_a_sigmoids_t, one, out=h_a_sigmoids_t)
        np.divide(one, h_a_sigmoids_t, out=h_a_sigmoids_t)
        # h.a_tanh[n, t, k] = tanh(h.a[n, t, 3, k])
        h_a_tanh_t = h_a_tanh[:, t]
        h_a_t3 = h_a[t, :, 3]
        np.tanh(h_a_t3, out=h_a_tanh_t)
        # h.a_sigmoid2_product[n, t, k] = h.a_sigmoids[1, n, t, k]*h.a_tanh[n, t, k]
        h_a_sigmoid2_product_t = h_a_sigmoid2_product[:, t]
        h_a_sigmoids_t2 = h_a_sigmoids[1, :, t]
        np.multiply(h_a_sigmoids_t2, h_a_tanh_t, out=h_a_sigmoid2_product_t)
        # h.kept[n, t, k] = h.a_sigmoids[2, n, t, k]*h.c[n, t - 1, k] if t >= 1
        if t >= 1:
            h_kept_t = h_kept[:, t]
            h_a_sigmoids_t3 = h_a_sigmoids[2, :, t]
            h_c_before = h_c[t - 1]
            np.multiply(h_a_sigmoids_t3, h_c_before, out=h_kept_t)
        # h.kept[n, t, k] = 0 if t <= 0
        if t == 0:
            h_kept_t2 = h_kept[:, t]
            h_kept_t2[...] = 0
        # h.c[n, t, k] = h.a_sigmoid2_product[n, t, k] + h.kept[n, t, k]
        h_c_t = h_c[t]
        h_kept_t3 = h_kept[:, t]
        np.add(h_a_sigmoid2_product_t, h_kept_t3, out=h_c_t)
        # h.c_tanh[n, t, k] = tanh(h.c[n, t, k])
        h_c_tanh_t = h_c_tanh[:, t]
        np.tanh(h_c_t, out=h_c_tanh_t)
        # h[n, t, k] = h.a_sigmoids[0, n, t, k]*h.c_tanh[n, t, k]
        h_t = h[:, t]
        h_a_sigmoids_t4 = h_a_sigmoids[0, :, t]
        np.multiply(h_a_sigmoids_t4, h_c_tanh_t, out=h_t)
    # logits[n, o] += sum(i: h[n, T - 1, i]*logits.W[i, o])
    h_part.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=1, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max_col, out=logits_shifted)
    # y[n] = x[n, 0]
    y[...] = x[:, 0]
    # logits_exp[n, o] = exp(logits_shifted[n, o])
    np.exp(logits_shifted, out=logits_exp)
    # logits_sumexp[n] = sum(c: logits_exp[n, c])
    logits_exp.dot(ones, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    _check_index(y, 4, "y", "logits_shifted")
    np.add(position, y, out=y_position)
    logits_shifted_flat.take(y_position, out=t3, mode="clip")
    np.log(logits_sumexp, out=t4)
    np.subtract(t4, t3, out=t4)
    loss = weights.dot(t4)

    outputs = {"logits": logits, "loss": np.array(loss, dtype)}
    saved = (
        N,
        T,
        ids,
        h,
        h_embedding,
        h_kept,
        y,
        logits_sumexp,
        h_a_tanh,
        h_c_tanh,
        logits_exp,
        h_a_sigmoid2_product,
        h_a_sigmoids,
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
        T,
        ids,
        h,
        h_embedding,
        h_kept,
        y,
        logits_sumexp,
        h_a_tanh,
        h_c_tanh,
        logits_exp,
        h_a_sigmoid2_product,
        h_a_sigmoids,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("logits", "loss"))
    grad_logits = _upstream("logits", grad_outputs, (N, 4), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    h_W = params["h.W"]
    h_U = params["h.U"]
    logits_W = params["logits.W"]

    dh_a_factor = np.empty((N, T, 32), dtype)
    dlogits_shifted = np.empty((4, N), dtype)  # dimensions exchanged
    dlogits = dlogits_shifted  # dlogits_shifted is not needed any more
    dlogits_W = np.empty((32, 4), dtype)
    dlogits_b = np.empty(4, dtype)
    dlast = np.empty((N, 32), dtype)
    dh = np.empty((T, N, 32), dtype)  # stored with T first
    dh_a_factors = np.empty((3, N, T, 32), dtype)
    dh_c_factor = np.empty((T, N, 32), dtype)  # stored with T first
    dh_c = np.empty((T, N, 32), dtype)  # stored with T first
    dh_a = np.empty((T, N, 4, 32), dtype)  # stored with T first
    dh_W = np.empty((8, 4, 32), dtype)
    dh_U = np.empty((32, 4, 32), dtype)
    dh_b = np.empty((4, 32), dtype)
    dh_embedding = np.empty((T, N, 8), dtype)  # stored with T first
    dh_embedding_E = np.empty((8, 8), dtype)
    one = np.array(1, dtype)
    t0 = np.empty(N, dtype)
    position = np.arange(N)
    t1 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    dlogits_shifted_flat = dlogits_shifted.reshape(-1)
    dlogits_T = dlogits.T
    ones = np.ones(N, dtype)
    dh_row = dh[T - 1]
    dh_a_factors_row = dh_a_factors[0]
    dh_a_factors_row2 = dh_a_factors[2]
    dh_a_factors_row3 = dh_a_factors[1]
    t2 = np.empty((N, 32), dtype)
    t3 = np.empty((T, N, 8), dtype)
    t3_2d = t3.reshape(N * T, 8)
    t3_2d_T = t3_2d.T
    dh_a_2d = dh_a.reshape(N * T, 128)
    dh_W_2d = dh_W.reshape(8, 128)
    h_padded = np.zeros((N, T + 1, 32), dtype)
    h_padded_part = h_padded[:, 1:]
    h_padded_part2 = h_padded[:, :T]
    t4 = np.empty((T, N, 32), dtype)
    h_padded_part2_T102 = h_padded_part2.transpose(1, 0, 2)
    t4_2d = t4.reshape(N * T, 32)
    t4_2d_T = t4_2d.T
    dh_U_2d = dh_U.reshape(32, 128)
    ones2 = np.ones(N * T, dtype)
    dh_b_flat = dh_b.reshape(-1)
    dh_embedding_2d = dh_embedding.reshape(N * T, 8)
    position2 = np.arange(8)
    t5 = np.empty((N, T), np.intp)
    t5_b110 = t5[:, :, None]
    ids_position = np.empty((N, T, 8), np.intp)
    dh_embedding_E_flat = dh_embedding_E.reshape(-1)
    ids_position_flat = ids_position.reshape(-1)
    t6 = np.empty((N, T, 8), dtype)
    dh_embedding_T102 = dh_embedding.transpose(1, 0, 2)
    t6_flat = t6.reshape(-1)

    # dh.a_factor[n, t, k] = h[n, t, k]*(1 - h.a_sigmoids[0, n, t, k])
    np.subtract(one, h_a_sigmoids[0], out=dh_a_factor)
    np.multiply(dh_a_factor, h, out=dh_a_factor)
    # dlogits_shifted[n, o] += grad_loss*logits_exp[n, o]/(N*logits_sumexp[n])
    np.multiply(logits_sumexp, N / grad_loss, out=t0)
    np.divide(logits_exp.T, t0, out=dlogits_shifted)
    # dlogits_shifted[n, y[n]] += -grad_loss/N
    _check_index(y, 4, "y", "dlogits_shifted")
    np.multiply(y, N, out=t1)
    np.add(position, t1, out=y_position)
    dlogits_shifted_flat[y_position] += -grad_loss / N
    # dlogits[n, o] = dlogits_shifted[n, o] + grad_logits[n, o]
    np.add(dlogits_shifted, grad_logits.T, out=dlogits)
    # dlogits.W[i, o] = sum(n: h[n, T - 1, i]*dlogits[n, o])
    h[:, T - 1].T.dot(dlogits_T, out=dlogits_W)
    # dlogits.b[o] = sum(n: dlogits[n, o])
    dlogits.dot(ones, out=dlogits_b)
    # dlast[n, k] = sum(o: dlogits[n, o]*logits.W[k, o])
    dlogits_T.dot(logits_W.T, out=dlast)
    # dh[n, T - 1, k] += dlast[n, k]
    dh.fill(0)
    np.add(dh_row, dlast, out=dh_row)
    # dh.a_factors[0, n, t, k] = h.a_sigmoid2_product[n, t, k]*(1 - h.a_sigmoids[1, n, t, k])
    np.subtract(one, h_a_sigmoids[1], out=dh_a_factors_row)
    np.multiply(dh_a_factors_row, h_a_sigmoid2_product, out=dh_a_factors_row)
    # dh.a_factors[2, n, t, k] = h.a_sigmoids[1, n, t, k]*(1 - h.a_tanh[n, t, k]**2)
    np.square(h_a_tanh, out=dh_a_factors_row2)
    np.subtract(one, dh_a_factors_row2, out=dh_a_factors_row2)
    np.multiply(dh_a_factors_row2, h_a_sigmoids[1], out=dh_a_factors_row2)
    # dh.a_factors[1, n, t, k] = h.kept[n, t, k]*(1 - h.a_sigmoids[2, n, t, k])
    np.subtract(one, h_a_sigmoids[2], out=dh_a_factors_row3)
    np.multiply(dh_a_factors_row3, h_kept, out=dh_a_factors_row3)
    # dh.c_factor[n, t, k] = h.a_sigmoids[0, n, t, k]*(1 - h.c_tanh[n, t, k]**2)
    np.square(h_c_tanh.transpose(1, 0, 2), out=dh_c_factor)
    np.subtract(one, dh_c_factor, out=dh_c_factor)
    np.multiply(dh_c_factor, h_a_sigmoids[0].transpose(1, 0, 2), out=dh_c_factor)
    h_U_2d = h_U.reshape(32, 128)
    h_U_2d_T = h_U_2d.T
    for t in reversed(range(T)):
        # dh[n, t, k] += sum(g, k2 if t + 2 <= T: dh.a[n, t + 1, g, k2]*h.U[k, g, k2])
        if t <= T - 2:
            dh_t = dh[t]
            dh_a_after = dh_a[t + 1]
            dh_a_after_2d = dh_a_after.reshape(N, 128)
            dh_a_after_2d.dot(h_U_2d_T, out=t2)
            np.add(dh_t, t2, out=dh_t)
        # dh.c[n, t, k] = dh.c[n, t + 1, k]*h.a_sigmoids[2, n, t + 1, k]
        #     + dh.c_factor[n, t, k]*dh[n, t, k] if t + 2 <= T
        if t <= T - 2:
            dh_c_t = dh_c[t]
            dh_c_after = dh_c[t + 1]
            h_a_sigmoids_after = h_a_sigmoids[2, :, t + 1]
            dh_c_factor_t = dh_c_factor[t]
            dh_t2 = dh[t]
            np.multiply(dh_c_after, h_a_sigmoids_after, out=dh_c_t)
            np.multiply(dh_c_factor_t, dh_t2, out=t2)
            np.add(dh_c_t, t2, out=dh_c_t)
        # dh.c[n, t, k] = dh.c_factor[n, t, k]*dh[n, t, k] if T <= t + 1
        if t == T - 1:
            dh_c_t2 = dh_c[t]
            dh_c_factor_t2 = dh_c_factor[t]
            dh_t3 = dh[t]
            np.multiply(dh_c_factor_t2, dh_t3, out=dh_c_t2)
        # dh.a[n, t, 0, k] += dh.a_factor[n, t, k]*dh[n, t, k]
        dh_a_t = dh_a[t, :, 0]
        dh_a_factor_t = dh_a_factor[:, t]
        dh_t4 = dh[t]
        np.multiply(dh_a_factor_t, dh_t4, out=dh_a_t)
        # dh.a[n, t, p: 1..4, k] += dh.a_factors[p - 1, n, t, k]*dh.c[n, t, k]
        dh_a_t2 = dh_a[t, :, 1:]
        dh_c_t3 = dh_c[t]
        dh_a_factors_t = dh_a_factors[:, :, t]
        dh_a_factors_t_T102 = dh_a_factors_t.transpose(1, 0, 2)
        dh_c_t3_b101 = dh_c_t3[:, None, :]
        np.multiply(dh_a_factors_t_T102, dh_c_t3_b101, out=dh_a_t2)
    # dh.W[i, g, k] = sum(n, t: h.embedding[n, t, i]*dh.a[n, t, g, k])
    t3[...] = h_embedding.transpose(1, 0, 2)
    t3_2d_T.dot(dh_a_2d, out=dh_W_2d)
    # dh.U[j, g, k] = sum(n, t: (h[n, t - 1, j] else 0)*dh.a[n, t, g, k])
    h_padded_part[...] = h
    t4[...] = h_padded_part2_T102
    t4_2d_T.dot(dh_a_2d, out=dh_U_2d)
    # dh.b[g, k] = sum(n, t: dh.a[n, t, g, k])
    ones2.dot(dh_a_2d, out=dh_b_flat)
    # dh.embedding[n, t, d] = sum(g, k: dh.a[n, t, g, k]*h.W[d, g, k])
    dh_a_2d.dot(h_W.reshape(8, 128).T, out=dh_embedding_2d)
    # dh.embedding.E[ids[n, t], d] += dh.embedding[n, t, d]
    dh_embedding_E.fill(0)
    _check_index(ids, 8, "ids", "dh.embedding.E")
    np.multiply(ids, 8, out=t5)
    np.add(position2, t5_b110, out=ids_position)
    t6[...] = dh_embedding_T102
    np.add.at(dh_embedding_E_flat, ids_position_flat, t6_flat)

    return {
        "h.embedding.E": dh_embedding_E,
        "h.W": dh_W,
        "h.U": dh_U,
        "h.b": dh_b,
        "logits.W": dlogits_W,
        "logits.b": dlogits_b,
    }


# --- training mode: the loss and its gradients ---


def loss(params, x):
    """The loss as a float."""
    return float(forward(params, x)[0]["loss"])


def loss_and_grad(params, x, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, T), integers in 0..3
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        T = _length("x", x, 1)
        x = _integer("x", x, (N, T), 4)
        workspace.prepare(params, N, T, dtype)
    return workspace.run(x)


def _step(N, T, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    copyto = np.copyto
    divide = np.divide
    exp = np.exp
    log = np.log
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    tanh = np.tanh
    slot0 = np.empty(8 * N * T, np.intp)
    ids = slot0[: N * T].reshape(N, T)
    h_embedding = np.empty((T, N, 8), dtype)  # stored with T first
    slot1 = np.empty(128, dtype)
    h_shift = slot1.reshape(4, 32)
    h_a = np.empty((T, N, 4, 32), dtype)  # stored with T first
    slot2 = np.empty(96 * N * T, dtype)
    h_a_sigmoids = slot2.reshape(T, 3, N, 32)  # stored with T first
    h_a_tanh = np.empty((T, N, 32), dtype)  # stored with T first
    slot3 = np.empty(32 * N * T, dtype)
    h_a_sigmoid2_product = slot3.reshape(T, N, 32)  # stored with T first
    h_kept = np.empty((T, N, 32), dtype)  # stored with T first
    h_c = np.empty((T, N, 32), dtype)  # stored with T first
    slot4 = np.empty(max(32 * N * T, 1024), dtype)
    h_c_tanh = slot4[: 32 * N * T].reshape(T, N, 32)  # stored with T first
    slot5 = np.empty(max(32 * N * T, 8 * N * T + 192), dtype)
    h = slot5[: 32 * N * T].reshape(T, N, 32)  # stored with T first
    slot6 = np.empty(max(32 * N * T, 128 * N), dtype)
    logits = slot6[4 * N : 8 * N].reshape(4, N)  # dimensions exchanged
    logits_max = slot6[12 * N : 13 * N]
    logits_shifted = logits  # logits is not needed any more
    slot7 = np.empty(max(N * T, 2 * N), np.intp)
    y = slot7[:N]
    logits_exp = slot6[: 4 * N].reshape(4, N)  # dimensions exchanged
    logits_sumexp = slot6[8 * N : 9 * N]
    dh_a_factor = h_c  # h_c is not needed any more
    dlogits = logits_exp  # logits_exp is not needed any more
    dlogits_W = slot1.reshape(32, 4)
    dlogits_b = np.empty(4, dtype)
    slot8 = np.empty(max(96 * N * T, 4096), dtype)
    dlast = slot8[: 32 * N].reshape(N, 32)
    dh = slot6[: 32 * N * T].reshape(T, N, 32)  # stored with T first
    dh_a_factors = slot8[: 96 * N * T].reshape(3, T, N, 32)  # dimensions in another order
    dh_c_factor = h_c_tanh  # h_c_tanh is not needed any more
    dh_c = h_a_tanh  # h_a_tanh is not needed any more
    dh_a = h_a  # h_a is not needed any more
    dh_W = slot4[:1024].reshape(8, 4, 32)
    dh_U = slot8[:4096].reshape(32, 4, 32)
    dh_b = slot5[8 * N * T : 8 * N * T + 128].reshape(4, 32)
    dh_embedding = h_embedding  # h_embedding is not needed any more
    dh_embedding_E = slot5[8 * N * T + 128 : 8 * N * T + 192].reshape(8, 8)
    t_index = np.arange(T)
    table = np.equal(t_index, 0)
    t0 = slot4[: 8 * N * T].reshape(N, T, 8)
    t0_T102 = t0.transpose(1, 0, 2)
    h_shift_row = h_shift[2]
    c5 = np.array(5, dtype)
    h_embedding_2d = h_embedding.reshape(N * T, 8)
    h_a_2d = h_a.reshape(N * T, 128)
    h_a_rows = list(h_a)
    h_rows = list(h)
    t1 = slot6[: 128 * N].reshape(N, 4, 32)
    t1_2d = t1.reshape(N, 128)
    h_a_sigmoids_rows = list(h_a_sigmoids)
    h_a_rows3 = [row[:, :3].transpose(1, 0, 2) for row in h_a]
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    h_a_tanh_rows = list(h_a_tanh)
    h_a_rows4 = [row[:, 3] for row in h_a]
    h_a_sigmoid2_product_rows = list(h_a_sigmoid2_product)
    h_a_sigmoids_rows2 = [row[1] for row in h_a_sigmoids]
    h_kept_rows = list(h_kept)
    h_a_sigmoids_rows3 = [row[2] for row in h_a_sigmoids]
    h_c_rows = list(h_c)
    h_c_tanh_rows = list(h_c_tanh)
    h_a_sigmoids_rows4 = [row[0] for row in h_a_sigmoids]
    h_row = h[T - 1]
    h_row_T = h_row.T
    t2 = slot6[8 * N : 12 * N].reshape(4, N)
    ones = np.ones(4, dtype)
    position = np.arange(N)
    t4 = slot7[N : 2 * N]
    stride = np.array(N)
    y_position = slot7[N : 2 * N]
    logits_shifted_flat = logits_shifted.reshape(-1)
    t5 = slot6[9 * N : 10 * N]
    t6 = slot6[10 * N : 11 * N]
    t6_apart = np.empty(N, dtype) if N == 1 else t6
    total = _total(N, 1 / N, dtype)
    h_a_sigmoids_part = h_a_sigmoids[:, 0]
    t7 = slot6[8 * N : 9 * N]
    N2 = np.array(N, dtype)
    t8 = slot6[4 * N : 8 * N].reshape(4, N)
    dlogits_flat = dlogits.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    t9 = slot6[4 * N : 5 * N]
    t9_apart = np.empty(N, dtype) if N == 1 else t9
    dlogits_T = dlogits.T
    ones2 = np.ones(N, dtype)
    dh_row = dh[T - 1]
    dh_a_factors_row = dh_a_factors[0]
    h_a_sigmoids_part2 = h_a_sigmoids[:, 1]
    dh_a_factors_row2 = dh_a_factors[2]
    dh_a_factors_row3 = dh_a_factors[1]
    h_a_sigmoids_part3 = h_a_sigmoids[:, 2]
    dh_rows = list(dh)
    dh_a_rows2 = [row.reshape(N, 128) for row in dh_a]
    t10 = slot3[: 32 * N].reshape(N, 32)
    dh_c_rows = list(dh_c)
    dh_c_factor_rows = list(dh_c_factor)
    dh_a_rows3 = [row[:, 0] for row in dh_a]
    dh_a_factor_rows = list(dh_a_factor)
    dh_a_rows4 = [row[:, 1:] for row in dh_a]
    dh_a_factors_rows2 = [row.transpose(1, 0, 2) for row in np.moveaxis(dh_a_factors, 1, 0)]
    dh_c_rows2 = [row[:, None, :] for row in dh_c]
    h_embedding_2d_T = h_embedding_2d.T
    dh_a_2d = dh_a.reshape(N * T, 128)
    dh_W_2d = dh_W.reshape(8, 128)
    h_padded = slot2[: 32 * N * T + 32 * N].reshape(T + 1, N, 32)
    h_padded_part = h_padded[1:]
    h_padded_part2 = h_padded[:T]
    h_padded_part2_2d = h_padded_part2.reshape(N * T, 32)
    h_padded_part2_2d_T = h_padded_part2_2d.T
    dh_U_2d = dh_U.reshape(32, 128)
    ones3 = np.ones(N * T, dtype)
    dh_b_flat = dh_b.reshape(-1)
    dh_embedding_2d = dh_embedding.reshape(N * T, 8)
    position2 = np.arange(8)
    t12 = slot7[: N * T].reshape(N, T)
    stride2 = np.array(8)
    t12_b110 = t12[:, :, None]
    ids_position = slot0.reshape(N, T, 8)
    dh_embedding_E_flat = dh_embedding_E.reshape(-1)
    ids_position_flat = ids_position.reshape(-1)
    t13 = slot5[: 8 * N * T].reshape(N, T, 8)
    dh_embedding_T102 = dh_embedding.transpose(1, 0, 2)
    t13_flat = t13.reshape(-1)

    def bind(params):
        h_embedding_E = params["h.embedding.E"]
        h_W = params["h.W"]
        h_U = params["h.U"]
        h_b = params["h.b"]
        logits_W = params["logits.W"]
        logits_b = params["logits.b"]
        h_W_2d = h_W.reshape(8, 128)
        h_U_2d = h_U.reshape(32, 128)
        logits_W_T = logits_W.T
        logits_b_col = logits_b[:, None]
        h_U_2d_T = h_U_2d.T
        h_W_2d_T = h_W_2d.T

        def fits(params, x):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 6
                    and params["h.embedding.E"] is h_embedding_E
                    and params["h.W"] is h_W
                    and params["h.U"] is h_U
                    and params["h.b"] is h_b
                    and params["logits.W"] is logits_W
                    and params["logits.b"] is logits_b
                    and x.shape == (N, T)
                    and x.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        @np.errstate(all="ignore")
        def run(x):
            x = _indices("x", x, 4)

            # ids[n, t] = where(t == 0, x[n, t], x[n, t] + 4)
            add(x, 4, ids)
            copyto(ids, x, where=table)
            # h.embedding[n, t, d] = h.embedding.E[ids[n, t], d]
            _check_index(ids, 8, "ids", "h.embedding.E")
            h_embedding_E.take(ids, axis=0, out=t0, mode="clip")
            h_embedding[...] = t0_T102
            # h.shift[g, k] += h.b[g, k]
            h_shift[...] = h_b
            # h.shift[2, k] += 5
            add(h_shift_row, c5, h_shift_row)
            # h.a[n, t, g, k] += sum(i: h.embedding[n, t, i]*h.W[i, g, k])
            h_embedding_2d.dot(h_W_2d, h_a_2d)
            # h.a[n, t, g, k] += h.shift[g, k]
            add(h_a, h_shift, h_a)
            for t in range(T):
                # h.a[n, t, g, k] += sum(j if t >= 1: h[n, t - 1, j]*h.U[j, g, k])
                if t >= 1:
                    h_a_t = h_a_rows[t]
                    h_before = h_rows[t - 1]
                    h_before.dot(h_U_2d, t1_2d)
                    add(h_a_t, t1, h_a_t)
                # h.a_sigmoids[p, n, t, k] = sigmoid(h.a[n, t, p, k])
                h_a_sigmoids_t = h_a_sigmoids_rows[t]
                h_a_t2_T102 = h_a_rows3[t]
                multiply(h_a_t2_T102, minus_one, h_a_sigmoids_t)
                exp(h_a_sigmoids_t, h_a_sigmoids_t)
                add(h_a_sigmoids_t, one, h_a_sigmoids_t)
                divide(one, h_a_sigmoids_t, h_a_sigmoids_t)
                # h.a_tanh[n, t, k] = tanh(h.a[n, t, 3, k])
                h_a_tanh_t = h_a_tanh_rows[t]
                h_a_t3 = h_a_rows4[t]
                tanh(h_a_t3, h_a_tanh_t)
                # h.a_sigmoid2_product[n, t, k] = h.a_sigmoids[1, n, t, k]*h.a_tanh[n, t, k]
                h_a_sigmoid2_product_t = h_a_sigmoid2_product_rows[t]
                h_a_sigmoids_t2 = h_a_sigmoids_rows2[t]
                multiply(h_a_sigmoids_t2, h_a_tanh_t, h_a_sigmoid2_product_t)
                # h.kept[n, t, k] = h.a_sigmoids[2, n, t, k]*h.c[n, t - 1, k] if t >= 1
                if t >= 1:
                    h_kept_t = h_kept_rows[t]
                    h_a_sigmoids_t3 = h_a_sigmoids_rows3[t]
                    h_c_before = h_c_rows[t - 1]
                    multiply(h_a_sigmoids_t3, h_c_before, h_kept_t)
                # h.kept[n, t, k] = 0 if t <= 0
                if t == 0:
                    h_kept_t2 = h_kept_rows[t]
                    h_kept_t2[...] = 0
                # h.c[n, t, k] = h.a_sigmoid2_product[n, t, k] + h.kept[n, t, k]
                h_c_t = h_c_rows[t]
                h_kept_t3 = h_kept_rows[t]
                add(h_a_sigmoid2_product_t, h_kept_t3, h_c_t)
                # h.c_tanh[n, t, k] = tanh(h.c[n, t, k])
                h_c_tanh_t = h_c_tanh_rows[t]
                tanh(h_c_t, h_c_tanh_t)
                # h[n, t, k] = h.a_sigmoids[0, n, t, k]*h.c_tanh[n, t, k]
                h_t = h_rows[t]
                h_a_sigmoids_t4 = h_a_sigmoids_rows4[t]
                multiply(h_a_sigmoids_t4, h_c_tanh_t, h_t)
            # logits[n, o] += sum(i: h[n, T - 1, i]*logits.W[i, o])
            logits_W_T.dot(h_row_T, logits)
            # logits[n, o] += logits.b[o]
            t2[...] = logits_b_col
            add(logits, t2, logits)
            # logits_max[n] = max(c: logits[n, c])
            maximum_reduce(logits, 0, None, logits_max)
            # logits_shifted[n, o] = logits[n, o] - logits_max[n]
            t2[...] = logits_max
            subtract(logits, t2, logits_shifted)
            # y[n] = x[n, 0]
            y[...] = x[:, 0]
            # logits_exp[n, o] = exp(logits_shifted[n, o])
            exp(logits_shifted, logits_exp)
            # logits_sumexp[n] = sum(c: logits_exp[n, c])
            ones.dot(logits_exp, logits_sumexp)
            # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
            _check_index(y, 4, "y", "logits_shifted")
            multiply(y, stride, t4)
            add(position, t4, y_position)
            logits_shifted_flat.take(y_position, out=t5, mode="clip")
            log(logits_sumexp, t6)
            subtract(t6, t5, t6_apart)
            loss = total(t6_apart)
            # dh.a_factor[n, t, k] = h[n, t, k]*(1 - h.a_sigmoids[0, n, t, k])
            subtract(one, h_a_sigmoids_part, dh_a_factor)
            multiply(dh_a_factor, h, dh_a_factor)
            # dlogits[n, o] += logits_exp[n, o]/(N*logits_sumexp[n])
            multiply(logits_sumexp, N2, t7)
            t8[...] = t7
            divide(logits_exp, t8, dlogits)
            # dlogits[n, y[n]] += -1/N
            _check_index(y, 4, "y", "dlogits")
            dlogits_flat.take(y_position, out=t9, mode="clip")
            add(t9, minus_1_over_N, t9_apart)
            dlogits_flat[y_position] = t9_apart
            # dlogits.W[i, o] = sum(n: h[n, T - 1, i]*dlogits[n, o])
            h_row_T.dot(dlogits_T, dlogits_W)
            # dlogits.b[o] = sum(n: dlogits[n, o])
            dlogits.dot(ones2, dlogits_b)
            # dlast[n, k] = sum(o: dlogits[n, o]*logits.W[k, o])
            dlogits_T.dot(logits_W_T, dlast)
            # dh[n, T - 1, k] += dlast[n, k]
            dh.fill(0)
            add(dh_row, dlast, dh_row)
            # dh.a_factors[0, n, t, k] = h.a_sigmoid2_product[n, t, k]
            #     *(1 - h.a_sigmoids[1, n, t, k])
            subtract(one, h_a_sigmoids_part2, dh_a_factors_row)
            multiply(dh_a_factors_row, h_a_sigmoid2_product, dh_a_factors_row)
            # dh.a_factors[2, n, t, k] = h.a_sigmoids[1, n, t, k]*(1 - h.a_tanh[n, t, k]**2)
            square(h_a_tanh, dh_a_factors_row2)
            subtract(one, dh_a_factors_row2, dh_a_factors_row2)
            multiply(dh_a_factors_row2, h_a_sigmoids_part2, dh_a_factors_row2)
            # dh.a_factors[1, n, t, k] = h.kept[n, t, k]*(1 - h.a_sigmoids[2, n, t, k])
            subtract(one, h_a_sigmoids_part3, dh_a_factors_row3)
            multiply(dh_a_factors_row3, h_kept, dh_a_factors_row3)
            # dh.c_factor[n, t, k] = h.a_sigmoids[0, n, t, k]*(1 - h.c_tanh[n, t, k]**2)
            square(h_c_tanh, dh_c_factor)
            subtract(one, dh_c_factor, dh_c_factor)
            multiply(dh_c_factor, h_a_sigmoids_part, dh_c_factor)
            for t in reversed(range(T)):
                # dh[n, t, k] += sum(g, k2 if t + 2 <= T: dh.a[n, t + 1, g, k2]*h.U[k, g, k2])
                if t <= T - 2:
                    dh_t = dh_rows[t]
                    dh_a_after_2d = dh_a_rows2[t + 1]
                    dh_a_after_2d.dot(h_U_2d_T, t10)
                    add(dh_t, t10, dh_t)
                # dh.c[n, t, k] = dh.c[n, t + 1, k]*h.a_sigmoids[2, n, t + 1, k]
                #     + dh.c_factor[n, t, k]*dh[n, t, k] if t + 2 <= T
                if t <= T - 2:
                    dh_c_t = dh_c_rows[t]
                    dh_c_after = dh_c_rows[t + 1]
                    h_a_sigmoids_after = h_a_sigmoids_rows3[t + 1]
                    dh_c_factor_t = dh_c_factor_rows[t]
                    dh_t2 = dh_rows[t]
                    multiply(dh_c_after, h_a_sigmoids_after, dh_c_t)
                    multiply(dh_c_factor_t, dh_t2, t10)
                    add(dh_c_t, t10, dh_c_t)
                # dh.c[n, t, k] = dh.c_factor[n, t, k]*dh[n, t, k] if T <= t + 1
                if t == T - 1:
                    dh_c_t2 = dh_c_rows[t]
                    dh_c_factor_t2 = dh_c_factor_rows[t]
                    dh_t3 = dh_rows[t]
                    multiply(dh_c_factor_t2, dh_t3, dh_c_t2)
                # dh.a[n, t, 0, k] += dh.a_factor[n, t, k]*dh[n, t, k]
                dh_a_t = dh_a_rows3[t]
                dh_a_factor_t = dh_a_factor_rows[t]
                dh_t4 = dh_rows[t]
                multiply(dh_a_factor_t, dh_t4, dh_a_t)
                # dh.a[n, t, p: 1..4, k] += dh.a_factors[p - 1, n, t, k]*dh.c[n, t, k]
                dh_a_t2 = dh_a_rows4[t]
                dh_a_factors_t_T102 = dh_a_factors_rows2[t]
                dh_c_t3_b101 = dh_c_rows2[t]
                multiply(dh_a_factors_t_T102, dh_c_t3_b101, dh_a_t2)
            # dh.W[i, g, k] = sum(n, t: h.embedding[n, t, i]*dh.a[n, t, g, k])
            h_embedding_2d_T.dot(dh_a_2d, dh_W_2d)
            # dh.U[j, g, k] = sum(n, t: (h[n, t - 1, j] else 0)*dh.a[n, t, g, k])
            h_padded.fill(0)
            h_padded_part[...] = h
            h_padded_part2_2d_T.dot(dh_a_2d, dh_U_2d)
            # dh.b[g, k] = sum(n, t: dh.a[n, t, g, k])
            ones3.dot(dh_a_2d, dh_b_flat)
            # dh.embedding[n, t, d] = sum(g, k: dh.a[n, t, g, k]*h.W[d, g, k])
            dh_a_2d.dot(h_W_2d_T, dh_embedding_2d)
            # dh.embedding.E[ids[n, t], d] += dh.embedding[n, t, d]
            dh_embedding_E.fill(0)
            _check_index(ids, 8, "ids", "dh.embedding.E")
            multiply(ids, stride2, t12)
            add(position2, t12_b110, ids_position)
            t13[...] = dh_embedding_T102
            np.add.at(dh_embedding_E_flat, ids_position_flat, t13_flat)

            return (
                float(loss),
                {
                    "h.embedding.E": dh_embedding_E,
                    "h.W": dh_W,
                    "h.U": dh_U,
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


@np.errstate(all="ignore")
def predict(params, x):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, T), integers in 0..3
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    T = _length("x", x, 1)
    x = _integer("x", x, (N, T), 4)
    h_embedding_E = params["h.embedding.E"]
    h_W = params["h.W"]
    h_U = params["h.U"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    ids = np.empty((N, T), np.intp)
    h_embedding = np.empty((T, N, 8), dtype)  # stored with T first
    h_shift = np.empty((4, 32), dtype)
    h_a = np.empty((T, N, 4, 32), dtype)  # stored with T first
    h_kept = np.empty((T, N, 32), dtype)  # stored with T first
    h_c = np.empty((T, N, 32), dtype)  # stored with T first
    h = np.empty((T, N, 32), dtype)  # stored with T first
    logits = np.empty((N, 4), dtype)
    t_index = np.arange(T)
    table = np.equal(t_index, 0)
    t0 = np.empty((N, T, 8), dtype)
    t0_T102 = t0.transpose(1, 0, 2)
    h_shift_row = h_shift[2]
    c5 = np.array(5, dtype)
    h_embedding_2d = h_embedding.reshape(N * T, 8)
    h_a_2d = h_a.reshape(N * T, 128)
    t1 = np.empty((N, 4, 32), dtype)
    t1_2d = t1.reshape(N, 128)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    t2 = np.empty((N, 32), dtype)
    h_row = h[T - 1]

    # ids[n, t] = where(t == 0, x[n, t], x[n, t] + 4)
    np.add(x, 4, out=ids)
    np.copyto(ids, x, where=table)
    # h.embedding[n, t, d] = h.embedding.E[ids[n, t], d]
    _check_index(ids, 8, "ids", "h.embedding.E")
    h_embedding_E.take(ids, axis=0, out=t0, mode="clip")
    h_embedding[...] = t0_T102
    # h.shift[g, k] += h.b[g, k]
    h_shift[...] = h_b
    # h.shift[2, k] += 5
    np.add(h_shift_row, c5, out=h_shift_row)
    # h.a[n, t, g, k] += sum(i: h.embedding[n, t, i]*h.W[i, g, k])
    h_embedding_2d.dot(h_W.reshape(8, 128), out=h_a_2d)
    # h.a[n, t, g, k] += h.shift[g, k]
    np.add(h_a, h_shift, out=h_a)
    h_U_2d = h_U.reshape(32, 128)
    for t in range(T):
        # h.a[n, t, g, k] += sum(j if t >= 1: h[n, t - 1, j]*h.U[j, g, k])
        if t >= 1:
            h_a_t = h_a[t]
            h_before = h[t - 1]
            h_before.dot(h_U_2d, out=t1_2d)
            np.add(h_a_t, t1, out=h_a_t)
        # h.kept[n, t, k] = h.c[n, t - 1, k]*sigmoid(h.a[n, t, 2, k]) if t >= 1
        if t >= 1:
            h_kept_t = h_kept[t]
            h_a_t2 = h_a[t, :, 2]
            h_c_before = h_c[t - 1]
            np.multiply(h_a_t2, minus_one, out=h_kept_t)
            np.exp(h_kept_t, out=h_kept_t)
            np.add(h_kept_t, one, out=h_kept_t)
            np.divide(one, h_kept_t, out=h_kept_t)
            np.multiply(h_kept_t, h_c_before, out=h_kept_t)
        # h.kept[n, t, k] = 0 if t <= 0
        if t == 0:
            h_kept_t2 = h_kept[t]
            h_kept_t2[...] = 0
        # h.c[n, t, k] = h.kept[n, t, k] + sigmoid(h.a[n, t, 1, k])*tanh(h.a[n, t, 3, k])
        h_c_t = h_c[t]
        h_a_t3 = h_a[t, :, 1]
        h_a_t4 = h_a[t, :, 3]
        h_kept_t3 = h_kept[t]
        np.multiply(h_a_t3, minus_one, out=h_c_t)
        np.exp(h_c_t, out=h_c_t)
        np.add(h_c_t, one, out=h_c_t)
        np.divide(one, h_c_t, out=h_c_t)
        np.tanh(h_a_t4, out=t2)
        np.multiply(h_c_t, t2, out=h_c_t)
        np.add(h_c_t, h_kept_t3, out=h_c_t)
        # h[n, t, k] = sigmoid(h.a[n, t, 0, k])*tanh(h.c[n, t, k])
        h_t = h[t]
        h_a_t5 = h_a[t, :, 0]
        np.multiply(h_a_t5, minus_one, out=h_t)
        np.exp(h_t, out=h_t)
        np.add(h_t, one, out=h_t)
        np.divide(one, h_t, out=h_t)
        np.tanh(h_c_t, out=t2)
        np.multiply(h_t, t2, out=h_t)
    # logits[n, o] += sum(i: h[n, T - 1, i]*logits.W[i, o])
    h_row.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)

    return {"logits": logits}


@np.errstate(all="ignore")
def evaluate(params, x):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, T), integers in 0..3
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    T = _length("x", x, 1)
    x = _integer("x", x, (N, T), 4)
    h_embedding_E = params["h.embedding.E"]
    h_W = params["h.W"]
    h_U = params["h.U"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    ids = np.empty((N, T), np.intp)
    h_embedding = np.empty((T, N, 8), dtype)  # stored with T first
    h_shift = np.empty((4, 32), dtype)
    h_a = np.empty((T, N, 4, 32), dtype)  # stored with T first
    h_kept = np.empty((T, N, 32), dtype)  # stored with T first
    h_c = np.empty((T, N, 32), dtype)  # stored with T first
    h = np.empty((T, N, 32), dtype)  # stored with T first
    logits = np.empty((4, N), dtype)  # dimensions exchanged
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((4, N), dtype)  # dimensions exchanged
    y = np.empty(N, np.intp)
    logits_sumexp = logits_max  # logits_max is not needed any more
    accuracy_argmax = y  # y is not needed any more
    t_index = np.arange(T)
    table = np.equal(t_index, 0)
    t0 = np.empty((N, T, 8), dtype)
    t0_T102 = t0.transpose(1, 0, 2)
    h_shift_row = h_shift[2]
    c5 = np.array(5, dtype)
    h_embedding_2d = h_embedding.reshape(N * T, 8)
    h_a_2d = h_a.reshape(N * T, 128)
    t1 = np.empty((N, 4, 32), dtype)
    t1_2d = t1.reshape(N, 128)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    t2 = np.empty((N, 32), dtype)
    h_row = h[T - 1]
    h_row_T = h_row.T
    t3 = np.empty((4, N), dtype)
    ones = np.ones(4, dtype)
    position = np.arange(N)
    t4 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t5 = np.empty(N, dtype)
    t6 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    logits_T = logits.T
    t7 = np.empty(N, bool)
    ones2 = np.ones(N, dtype)

    # ids[n, t] = where(t == 0, x[n, t], x[n, t] + 4)
    np.add(x, 4, out=ids)
    np.copyto(ids, x, where=table)
    # h.embedding[n, t, d] = h.embedding.E[ids[n, t], d]
    _check_index(ids, 8, "ids", "h.embedding.E")
    h_embedding_E.take(ids, axis=0, out=t0, mode="clip")
    h_embedding[...] = t0_T102
    # h.shift[g, k] += h.b[g, k]
    h_shift[...] = h_b
    # h.shift[2, k] += 5
    np.add(h_shift_row, c5, out=h_shift_row)
    # h.a[n, t, g, k] += sum(i: h.embedding[n, t, i]*h.W[i, g, k])
    h_embedding_2d.dot(h_W.reshape(8, 128), out=h_a_2d)
    # h.a[n, t, g, k] += h.shift[g, k]
    np.add(h_a, h_shift, out=h_a)
    h_U_2d = h_U.reshape(32, 128)
    for t in range(T):
        # h.a[n, t, g, k] += sum(j if t >= 1: h[n, t - 1, j]*h.U[j, g, k])
        if t >= 1:
            h_a_t = h_a[t]
            h_before = h[t - 1]
            h_before.dot(h_U_2d, out=t1_2d)
            np.add(h_a_t, t1, out=h_a_t)
        # h.kept[n, t, k] = h.c[n, t - 1, k]*sigmoid(h.a[n, t, 2, k]) if t >= 1
        if t >= 1:
            h_kept_t = h_kept[t]
            h_a_t2 = h_a[t, :, 2]
            h_c_before = h_c[t - 1]
            np.multiply(h_a_t2, minus_one, out=h_kept_t)
            np.exp(h_kept_t, out=h_kept_t)
            np.add(h_kept_t, one, out=h_kept_t)
            np.divide(one, h_kept_t, out=h_kept_t)
            np.multiply(h_kept_t, h_c_before, out=h_kept_t)
        # h.kept[n, t, k] = 0 if t <= 0
        if t == 0:
            h_kept_t2 = h_kept[t]
            h_kept_t2[...] = 0
        # h.c[n, t, k] = h.kept[n, t, k] + sigmoid(h.a[n, t, 1, k])*tanh(h.a[n, t, 3, k])
        h_c_t = h_c[t]
        h_a_t3 = h_a[t, :, 1]
        h_a_t4 = h_a[t, :, 3]
        h_kept_t3 = h_kept[t]
        np.multiply(h_a_t3, minus_one, out=h_c_t)
        np.exp(h_c_t, out=h_c_t)
        np.add(h_c_t, one, out=h_c_t)
        np.divide(one, h_c_t, out=h_c_t)
        np.tanh(h_a_t4, out=t2)
        np.multiply(h_c_t, t2, out=h_c_t)
        np.add(h_c_t, h_kept_t3, out=h_c_t)
        # h[n, t, k] = sigmoid(h.a[n, t, 0, k])*tanh(h.c[n, t, k])
        h_t = h[t]
        h_a_t5 = h_a[t, :, 0]
        np.multiply(h_a_t5, minus_one, out=h_t)
        np.exp(h_t, out=h_t)
        np.add(h_t, one, out=h_t)
        np.divide(one, h_t, out=h_t)
        np.tanh(h_c_t, out=t2)
        np.multiply(h_t, t2, out=h_t)
    # logits[n, o] += sum(i: h[n, T - 1, i]*logits.W[i, o])
    logits_W.T.dot(h_row_T, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b[:, None], out=logits)
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=0, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max, out=logits_shifted)
    # y[n] = x[n, 0]
    y[...] = x[:, 0]
    # logits_sumexp[n] = sum(c: exp(logits_shifted[n, c]))
    np.exp(logits_shifted, out=t3)
    ones.dot(t3, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    _check_index(y, 4, "y", "logits_shifted")
    np.multiply(y, N, out=t4)
    np.add(position, t4, out=y_position)
    logits_shifted_flat.take(y_position, out=t5, mode="clip")
    np.log(logits_sumexp, out=t6)
    np.subtract(t6, t5, out=t6)
    loss = weights.dot(t6)
    # accuracy_argmax[n] = argmax(c: logits[n, c])
    np.argmax(logits_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == x[n, 0])/N)
    np.equal(accuracy_argmax, x[:, 0], out=t7)
    t5[...] = t7
    accuracy = ones2.dot(t5) / N

    return {"loss": float(loss), "accuracy": float(accuracy)}


# --- the optimiser: clip_norm ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "m": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "s2": 0,
    }


@np.errstate(all="ignore")
def update(params, grads, slots, *, limit=1, rate=0.003, b1=0.9, b2=0.999, eps=1e-08):
    """One step of the optimiser: changes the arrays of params and slots in place.

    grads  as returned by loss_and_grad
    slots  as made by init_slots
    """
    dtype = _check_arrays("params", params, PARAMETERS, numbers=False)
    _check_arrays("grads", grads, PARAMETERS, dtype)
    _check_keys("slots", slots, ("m", "v", "s2"))
    _check_arrays("slots['m']", slots["m"], PARAMETERS, dtype, numbers=False)
    _check_arrays("slots['v']", slots["v"], PARAMETERS, dtype, numbers=False)
    # s = sum over all parameters(g**2)
    s = np.float64(0)
    for name in PARAMETERS:
        g = grads[name]
        s += np.sum(g * g)
    s2 = slots["s2"]
    # s2' = s2 + 1
    s2_next = float(s2 + 1)
    slots["s2"] = s2_next
    for name in PARAMETERS:
        p, g = params[name], grads[name]
        m = slots["m"][name]
        v = slots["v"][name]
        # g_adam = g*limit/max(limit, sqrt(s))
        g_adam = float(limit / np.maximum(limit, np.sqrt(s))) * g
        # m' = b1*m + g_adam*(1 - b1)
        m *= b1
        m += (1 - b1) * g_adam
        # v' = b2*v + g_adam**2*(1 - b2)
        v *= b2
        v += (1 - b2) * (g_adam * g_adam)
        # p' = p - m'*rate/((1 - b1**s2')*(eps + sqrt(v'/(1 - b2**s2'))))
        p -= rate / (1 - b1**s2_next) * m / (eps + np.sqrt(v / (1 - b2**s2_next)))


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (5444,):
        raise ValueError(f"theta: expected shape (5444,), got {_describe(theta)}")
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


def _integer(name, value, shape, bound):
    """An integer input as an array of intp, after checking its shape and its values."""
    if shape == () and isinstance(value, int):
        value = np.array(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an array of integers, got {_describe(value)}")
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {_named(name, shape)}, got {_describe(value)}")
    return _indices(name, value, bound)


def _check_index(index, extent, name, tensor):
    """Raise an IndexError unless all values of an index are 0..extent-1."""
    if index.size == 0:
        return
    low, high = index.min(), index.max()
    if low < 0 or high >= extent:
        worst = low if low < 0 else high
        held = f"{name} holds {worst}, but {tensor} has 0..{extent - 1} there"
        raise IndexError(f"index out of range: {held}")


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
