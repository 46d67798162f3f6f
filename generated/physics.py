"""physics: the network below with its gradients, in NumPy.

    network physics

    const H = 16
    const stiffness = 4

    example N = 6
    example M = 3

    input t[N] ~ uniform(0, 3)
    input when[M] ~ uniform(0, 3)
    input seen[M]

    param w1[k: H] ~ normal(0, 2)
    param b[k: H] ~ normal
    param w2[k: H] ~ normal(0, 0.3)
    param friction ~ constant(0.5)

    h[n, k] = tanh(w1[k]*t[n] + b[k])
    u[n] = sum(k: w2[k]*h[n, k])
    v[n] = sum(k: w2[k]*w1[k]*(1 - h[n, k]**2))
    a[n] = sum(k: w2[k]*w1[k]**2*-2*h[n, k]*(1 - h[n, k]**2))

    equation = mean(n: (a[n] + friction*v[n] + stiffness*u[n])**2)
    start = (sum(k: w2[k]*tanh(b[k])) - 1)**2 + sum(k: w2[k]*w1[k]*(1 - tanh(b[k])**2))**2
    data = mean(m: (sum(k: w2[k]*tanh(w1[k]*when[m] + b[k])) - seen[m])**2)

    output u
    minimize equation + start + data with adam(rate=0.005)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
3cbf95048784420fa41d8bbfbd22523eae41d069732762f7e1d667b33a6191c6
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "w1": {"shape": (16,), "kind": "real"},
    "b": {"shape": (16,), "kind": "real"},
    "w2": {"shape": (16,), "kind": "real"},
    "friction": {"shape": (), "kind": "real"},
}
INPUTS = {
    "t": {"shape": ("N",), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 3})},
    "when": {"shape": ("M",), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 3})},
    "seen": {"shape": ("M",), "kind": "real"},
}
OUTPUTS = {
    "u": {"shape": ("N",), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {"N": 6, "M": 3}
BATCH = {"size": "N", "inputs": {"t": 0}, "loss": "mean"}


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
        "w1": rng.normal(0, 2, (16,)),
        "b": rng.normal(0, 1, (16,)),
        "w2": rng.normal(0, 0.3, (16,)),
        "friction": np.full((), 0.5),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, t, when, seen):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    t       shape (N,), of the dtype of params
    when    shape (M,), of the dtype of params
    seen    shape (M,), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("t", t, 0)
    M = _length("when", when, 0)
    t = _real("t", t, (N,), dtype)
    when = _real("when", when, (M,), dtype)
    seen = _real("seen", seen, (M,), dtype)
    w1 = params["w1"]
    b = params["b"]
    w2 = params["w2"]
    friction = np.asarray(params["friction"], dtype)

    h = np.empty((N, 16), dtype)
    u = np.empty(N, dtype)
    h_difference = np.empty((N, 16), dtype)
    v = np.empty(N, dtype)
    h_product = np.empty((N, 16), dtype)
    a = np.empty(N, dtype)
    a_total = a  # a is not needed any more
    b_tanh = np.empty(16, dtype)
    b_tanh_difference = np.empty(16, dtype)
    b_tanh2 = np.empty((M, 16), dtype)
    data_sum = np.empty(M, dtype)
    data_sum_difference = data_sum  # data_sum is not needed any more
    one = np.array(1, dtype)
    t0 = np.empty(16, dtype)
    minus_2 = np.array(-2, dtype)
    t1 = np.empty(N, dtype)
    c4 = np.array(4, dtype)

    # h[n, k] = tanh(b[k] + t[n]*w1[k])
    np.multiply(t[:, None], w1, out=h)
    np.add(h, b, out=h)
    np.tanh(h, out=h)
    # u[n] = sum(k: h[n, k]*w2[k])
    h.dot(w2, out=u)
    # h_difference[n, k] = 1 - h[n, k]**2
    np.square(h, out=h_difference)
    np.subtract(one, h_difference, out=h_difference)
    # v[n] = sum(k: h_difference[n, k]*w1[k]*w2[k])
    np.multiply(w1, w2, out=t0)
    h_difference.dot(t0, out=v)
    # h_product[n, k] = h[n, k]*h_difference[n, k]
    np.multiply(h, h_difference, out=h_product)
    # a[n] = sum(k: -2*h_product[n, k]*w1[k]**2*w2[k])
    np.square(w1, out=t0)
    np.multiply(t0, w2, out=t0)
    np.multiply(t0, minus_2, out=t0)
    h_product.dot(t0, out=a)
    # a_total[n] = a[n] + 4*u[n] + friction*v[n]
    np.multiply(u, c4, out=t1)
    np.add(t1, a, out=t1)
    np.multiply(v, friction, out=a_total)
    np.add(t1, a_total, out=a_total)
    # equation = sum(n: a_total[n]**2/N)
    equation = (1 / N) * a_total.dot(a_total)
    # b_tanh[k] = tanh(b[k])
    np.tanh(b, out=b_tanh)
    # start_sum = sum(k: b_tanh[k]*w2[k])
    start_sum = b_tanh.dot(w2)
    # b_tanh_difference[k] = 1 - b_tanh[k]**2
    np.square(b_tanh, out=b_tanh_difference)
    np.subtract(one, b_tanh_difference, out=b_tanh_difference)
    # start_sum2 = sum(k2: b_tanh_difference[k2]*w1[k2]*w2[k2])
    np.multiply(w1, w2, out=t0)
    start_sum2 = b_tanh_difference.dot(t0)
    # start = (start_sum - 1)**2 + start_sum2**2
    start = (start_sum - 1) ** 2 + start_sum2**2
    # b_tanh2[m, k] = tanh(b[k] + when[m]*w1[k])
    np.multiply(w1, when[:, None], out=b_tanh2)
    np.add(b_tanh2, b, out=b_tanh2)
    np.tanh(b_tanh2, out=b_tanh2)
    # data_sum[m] = sum(k: b_tanh2[m, k]*w2[k])
    b_tanh2.dot(w2, out=data_sum)
    # data_sum_difference[m] = data_sum[m] - seen[m]
    np.subtract(data_sum, seen, out=data_sum_difference)
    # data = sum(m: data_sum_difference[m]**2/M)
    data = (1 / M) * data_sum_difference.dot(data_sum_difference)
    # loss = data + equation + start
    loss = data + equation + start

    outputs = {"u": u, "loss": np.array(loss, dtype)}
    saved = (
        N,
        M,
        t,
        when,
        h,
        v,
        start_sum,
        start_sum2,
        b_tanh,
        b_tanh2,
        h_difference,
        a_total,
        b_tanh_difference,
        data_sum_difference,
        h_product,
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
        M,
        t,
        when,
        h,
        v,
        start_sum,
        start_sum2,
        b_tanh,
        b_tanh2,
        h_difference,
        a_total,
        b_tanh_difference,
        data_sum_difference,
        h_product,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("u", "loss"))
    grad_u = _upstream("u", grad_outputs, (N,), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    w1 = params["w1"]
    w2 = params["w2"]
    friction = np.asarray(params["friction"], dtype)

    dseen = np.empty(M, dtype)
    ddata_sum = np.empty(M, dtype)
    b_tanh2_difference = np.empty((M, 16), dtype)
    dwhen = np.empty(M, dtype)
    da = np.empty(N, dtype)
    du = np.empty(N, dtype)
    dv = np.empty(N, dtype)
    dw2_sum = np.empty(16, dtype)
    dw2_sum2 = np.empty(16, dtype)
    dw2 = np.empty(16, dtype)
    dh_product_part = np.empty((N, 16), dtype)
    dt = dv  # dv is not needed any more
    db = np.empty(16, dtype)
    dw1 = np.empty(16, dtype)
    one = np.array(1, dtype)
    t0 = np.empty(16, dtype)
    minus_one = np.array(-1, dtype)
    two = np.array(2, dtype)
    t1 = np.empty(16, dtype)
    t2 = np.empty(N, dtype)
    c6 = np.array(6, dtype)
    t2_col = t2[:, None]
    du_col = du[:, None]
    t3 = np.empty((N, 16), dtype)
    da_col = da[:, None]
    b_tanh2_difference_T = b_tanh2_difference.T
    ones = np.ones(N, dtype)
    t4 = np.empty(M, dtype)
    dh_product_part_T = dh_product_part.T
    c4 = np.array(4, dtype)

    # dfriction = sum(n: 2*grad_loss*a_total[n]*v[n]/N)
    dfriction = (2 * grad_loss / N) * a_total.dot(v)
    # dseen[m] = -2*grad_loss*data_sum_difference[m]/M
    np.multiply(data_sum_difference, -2 * grad_loss / M, out=dseen)
    # ddata_sum[m] = 2*grad_loss*data_sum_difference[m]/M
    np.multiply(data_sum_difference, 2 * grad_loss / M, out=ddata_sum)
    # b_tanh2_difference[m, k] = 1 - b_tanh2[m, k]**2
    np.square(b_tanh2, out=b_tanh2_difference)
    np.subtract(one, b_tanh2_difference, out=b_tanh2_difference)
    # dwhen[m] = sum(k: ddata_sum[m]*b_tanh2_difference[m, k]*w1[k]*w2[k])
    np.multiply(w1, w2, out=t0)
    b_tanh2_difference.dot(t0, out=dwhen)
    np.multiply(ddata_sum, dwhen, out=dwhen)
    # dstart_sum = grad_loss*(2*start_sum - 2)
    dstart_sum = (2 * start_sum - 2) * grad_loss
    # dstart_sum2 = 2*grad_loss*start_sum2
    dstart_sum2 = 2 * grad_loss * start_sum2
    # da[n] = 2*grad_loss*a_total[n]/N
    np.multiply(a_total, 2 * grad_loss / N, out=da)
    # du[n] = grad_u[n] + 8*grad_loss*a_total[n]/N
    np.multiply(a_total, 8 * grad_loss / N, out=du)
    np.add(du, grad_u, out=du)
    # dv[n] = 2*friction*grad_loss*a_total[n]/N
    np.multiply(a_total, 2 * friction * grad_loss / N, out=dv)
    # dw2_sum[k] = sum(n: -h_product[n, k]*da[n])
    da.dot(h_product, out=dw2_sum)
    np.multiply(dw2_sum, minus_one, out=dw2_sum)
    # dw2_sum2[k] = sum(n: -h_difference[n, k]*dv[n])
    dv.dot(h_difference, out=dw2_sum2)
    np.multiply(dw2_sum2, minus_one, out=dw2_sum2)
    # dw2[k] += sum(m: b_tanh2[m, k]*ddata_sum[m])
    b_tanh2.T.dot(ddata_sum, out=dw2)
    # dw2[k] += sum(n: h[n, k]*du[n])
    du.dot(h, out=t0)
    np.add(dw2, t0, out=dw2)
    # dw2[k] += dstart_sum*b_tanh[k] + w1[k]
    #     *(2*dw2_sum[k]*w1[k] + dstart_sum2*b_tanh_difference[k] - dw2_sum2[k])
    np.multiply(dw2_sum, two, out=t0)
    np.multiply(t0, w1, out=t0)
    np.multiply(b_tanh_difference, dstart_sum2, out=t1)
    np.add(t0, t1, out=t0)
    np.subtract(t0, dw2_sum2, out=t0)
    np.multiply(t0, w1, out=t0)
    np.multiply(b_tanh, dstart_sum, out=t1)
    np.add(t0, t1, out=t0)
    np.add(dw2, t0, out=dw2)
    # dh_product_part[n, k] = h_difference[n, k]
    #     *(du[n] + h[n, k]*w1[k]*(6*da[n]*h[n, k]*w1[k] - 2*dv[n]) - 2*da[n]*w1[k]**2)
    np.multiply(da, c6, out=t2)
    np.multiply(t2_col, w1, out=dh_product_part)
    np.multiply(dh_product_part, h, out=dh_product_part)
    np.multiply(dv, two, out=t2)
    np.subtract(dh_product_part, t2_col, out=dh_product_part)
    np.multiply(dh_product_part, w1, out=dh_product_part)
    np.multiply(dh_product_part, h, out=dh_product_part)
    np.add(dh_product_part, du_col, out=dh_product_part)
    np.square(w1, out=t0)
    np.multiply(t0, two, out=t0)
    np.multiply(t0, da_col, out=t3)
    np.subtract(dh_product_part, t3, out=dh_product_part)
    np.multiply(dh_product_part, h_difference, out=dh_product_part)
    # dt[n] = sum(k: dh_product_part[n, k]*w1[k]*w2[k])
    np.multiply(w1, w2, out=t0)
    dh_product_part.dot(t0, out=dt)
    # db[k] += sum(m: w2[k]*b_tanh2_difference[m, k]*ddata_sum[m])
    b_tanh2_difference_T.dot(ddata_sum, out=db)
    np.multiply(w2, db, out=db)
    # db[k] += sum(n: w2[k]*dh_product_part[n, k])
    ones.dot(dh_product_part, out=t0)
    np.multiply(w2, t0, out=t1)
    np.add(db, t1, out=db)
    # db[k] += b_tanh_difference[k]*w2[k]*(dstart_sum - 2*dstart_sum2*b_tanh[k]*w1[k])
    np.multiply(b_tanh, 2 * dstart_sum2, out=t0)
    np.multiply(t0, w1, out=t0)
    np.subtract(dstart_sum, t0, out=t0)
    np.multiply(t0, b_tanh_difference, out=t0)
    np.multiply(t0, w2, out=t0)
    np.add(db, t0, out=db)
    # dw1[k] += sum(m: w2[k]*b_tanh2_difference[m, k]*ddata_sum[m]*when[m])
    np.multiply(ddata_sum, when, out=t4)
    b_tanh2_difference_T.dot(t4, out=dw1)
    np.multiply(w2, dw1, out=dw1)
    # dw1[k] += sum(n: w2[k]*dh_product_part[n, k]*t[n])
    dh_product_part_T.dot(t, out=t0)
    np.multiply(w2, t0, out=t1)
    np.add(dw1, t1, out=dw1)
    # dw1[k] += w2[k]*(4*dw2_sum[k]*w1[k] + dstart_sum2*b_tanh_difference[k] - dw2_sum2[k])
    np.multiply(dw2_sum, c4, out=t0)
    np.multiply(t0, w1, out=t0)
    np.multiply(b_tanh_difference, dstart_sum2, out=t1)
    np.add(t0, t1, out=t0)
    np.subtract(t0, dw2_sum2, out=t0)
    np.multiply(t0, w2, out=t0)
    np.add(dw1, t0, out=dw1)

    return {
        "w1": dw1,
        "b": db,
        "w2": dw2,
        "friction": np.array(dfriction, dtype),
        "t": dt,
        "when": dwhen,
        "seen": dseen,
    }


# --- training mode: the loss and its gradients ---


def loss(params, t, when, seen):
    """The loss as a float."""
    return float(forward(params, t, when, seen)[0]["loss"])


def loss_and_grad(params, t, when, seen, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    t          shape (N,), of the dtype of params
    when       shape (M,), of the dtype of params
    seen       shape (M,), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, t, when, seen):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("t", t, 0)
        M = _length("when", when, 0)
        t = _real("t", t, (N,), dtype)
        when = _real("when", when, (M,), dtype)
        seen = _real("seen", seen, (M,), dtype)
        workspace.prepare(params, N, M, dtype)
    return workspace.run(t, when, seen)


def _step(N, M, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    tanh = np.tanh
    h = np.empty((16, N), dtype)  # dimensions exchanged
    slot0 = np.empty(max(M, N), dtype)
    u = slot0[:N]
    slot1 = np.empty(max(16 * N, 32), dtype)
    h_difference = slot1[: 16 * N].reshape(16, N)  # dimensions exchanged
    slot2 = np.empty(max(N, M, 32), dtype)
    v = slot2[:N]
    h_product = np.empty((16, N), dtype)  # dimensions exchanged
    a = np.empty(N, dtype)
    a_total = np.empty(N, dtype) if N == 1 else a  # a is not needed any more
    b_tanh = np.empty(16, dtype)
    b_tanh_difference = np.empty(16, dtype)
    slot3 = np.empty(max(16 * M, N), dtype)
    b_tanh2 = slot3[: 16 * M].reshape(16, M)  # dimensions exchanged
    data_sum = slot0[:M]
    # data_sum is not needed any more
    data_sum_difference = np.empty(M, dtype) if M == 1 else data_sum
    dw2_sum = np.empty(16, dtype)
    dw2_sum2 = np.empty(16, dtype)
    dw2 = np.empty(16, dtype)
    b_tanh2_difference = b_tanh2  # b_tanh2 is not needed any more
    dh_product_part = h  # h is not needed any more
    db = slot1[:16]
    dw1 = b_tanh  # b_tanh is not needed any more
    t0 = h
    t1 = slot1[: 16 * N].reshape(16, N)
    h_T = h.T
    one = np.array(1, dtype)
    t3 = b_tanh
    h_difference_T = h_difference.T
    minus_2 = np.array(-2, dtype)
    h_product_T = h_product.T
    t5 = slot0[:N]
    c4 = np.array(4, dtype)
    t5_apart = np.empty(N, dtype) if N == 1 else t5
    t6 = slot3[:N]
    t7 = dw2_sum
    t8 = slot3[: 16 * M].reshape(16, M)
    slot4 = np.empty(max(16 * M, 16 * N), dtype)
    t9 = slot4[: 16 * M].reshape(16, M)
    b_tanh2_T = b_tanh2.T
    minus_2_over_N = np.array(-2 / N, dtype)
    c = np.array(2 / M, dtype)
    t11 = slot2[:16]
    c2 = np.array(8 / N, dtype)
    t13 = slot2[16:32]
    two = np.array(2, dtype)
    c6 = np.array(6, dtype)
    t17 = h_product
    t15_col = t13[:, None]
    t20 = slot4[: 16 * N].reshape(16, N)
    t16_col = t11[:, None]
    dh_product_part_T = dh_product_part.T
    c3 = np.array(2 / N, dtype)
    t25 = slot2[:M]
    t27 = slot2[:N]
    t28 = slot1[16:32]
    t30 = b_tanh_difference
    dfriction_out = np.empty((), dtype)

    def bind(params):
        w1 = params["w1"]
        b = params["b"]
        w2 = params["w2"]
        friction_given = params["friction"]
        friction = np.asarray(friction_given, dtype)
        w1_col = w1[:, None]
        b_col = b[:, None]

        def fits(params, t, when, seen):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 4
                    and params["w1"] is w1
                    and params["b"] is b
                    and params["w2"] is w2
                    and params["friction"] is friction_given
                    and t.shape == (N,)
                    and t.dtype is dtype
                    and when.shape == (M,)
                    and when.dtype is dtype
                    and seen.shape == (M,)
                    and seen.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(t, when, seen):
            # h[n, k] = tanh(b[k] + t[n]*w1[k])
            t0[...] = t
            t1[...] = w1_col
            multiply(t0, t1, h)
            t1[...] = b_col
            add(h, t1, h)
            tanh(h, h)
            # u[n] = sum(k: h[n, k]*w2[k])
            h_T.dot(w2, u)
            # h_difference[n, k] = 1 - h[n, k]**2
            square(h, h_difference)
            subtract(one, h_difference, h_difference)
            # v[n] = sum(k: h_difference[n, k]*w1[k]*w2[k])
            multiply(w1, w2, t3)
            h_difference_T.dot(t3, v)
            # h_product[n, k] = h[n, k]*h_difference[n, k]
            multiply(h, h_difference, h_product)
            # a[n] = sum(k: -2*h_product[n, k]*w1[k]**2*w2[k])
            square(w1, t3)
            multiply(t3, w2, t3)
            multiply(t3, minus_2, t3)
            h_product_T.dot(t3, a)
            # a_total[n] = a[n] + 4*u[n] + friction*v[n]
            multiply(u, c4, t5)
            add(t5, a, t5_apart)
            multiply(v, friction, t6)
            add(t5_apart, t6, a_total)
            # equation = sum(n: a_total[n]**2/N)
            equation = (1 / N) * a_total.dot(a_total)
            # b_tanh[k] = tanh(b[k])
            tanh(b, b_tanh)
            # start_sum = sum(k: b_tanh[k]*w2[k])
            start_sum = b_tanh.dot(w2)
            # b_tanh_difference[k] = 1 - b_tanh[k]**2
            square(b_tanh, b_tanh_difference)
            subtract(one, b_tanh_difference, b_tanh_difference)
            # start_sum2 = sum(k2: b_tanh_difference[k2]*w1[k2]*w2[k2])
            multiply(w1, w2, t7)
            start_sum2 = b_tanh_difference.dot(t7)
            # start = (start_sum - 1)**2 + start_sum2**2
            start = (start_sum - 1) ** 2 + start_sum2**2
            # b_tanh2[m, k] = tanh(b[k] + when[m]*w1[k])
            t8[...] = w1_col
            t9[...] = when
            multiply(t8, t9, b_tanh2)
            t9[...] = b_col
            add(b_tanh2, t9, b_tanh2)
            tanh(b_tanh2, b_tanh2)
            # data_sum[m] = sum(k: b_tanh2[m, k]*w2[k])
            b_tanh2_T.dot(w2, data_sum)
            # data_sum_difference[m] = data_sum[m] - seen[m]
            subtract(data_sum, seen, data_sum_difference)
            # data = sum(m: data_sum_difference[m]**2/M)
            data = (1 / M) * data_sum_difference.dot(data_sum_difference)
            # loss = data + equation + start
            loss = data + equation + start
            # dfriction = sum(n: 2*a_total[n]*v[n]/N)
            dfriction = (2 / N) * float(a_total.dot(v))
            # dstart_sum = 2*start_sum - 2
            dstart_sum = 2 * start_sum - 2
            # dw2_sum[k] = sum(n: -2*h_product[n, k]*a_total[n]/N)
            a_total.dot(h_product_T, dw2_sum)
            multiply(dw2_sum, minus_2_over_N, dw2_sum)
            # dw2_sum2[k] = sum(n: -2*friction*h_difference[n, k]*a_total[n]/N)
            a_total.dot(h_difference_T, dw2_sum2)
            multiply(dw2_sum2, -2 * friction / N, dw2_sum2)
            # dw2[k] += sum(m: 2*b_tanh2[m, k]*data_sum_difference[m]/M)
            b_tanh2.dot(data_sum_difference, dw2)
            multiply(dw2, c, dw2)
            # dw2[k] += sum(n: 8*h[n, k]*a_total[n]/N)
            a_total.dot(h_T, t11)
            multiply(t11, c2, t11)
            add(dw2, t11, dw2)
            # dw2[k] += dstart_sum*b_tanh[k]
            #     + w1[k]*(2*dw2_sum[k]*w1[k] + 2*start_sum2*b_tanh_difference[k] - dw2_sum2[k])
            multiply(b_tanh_difference, 2 * start_sum2, t11)
            multiply(dw2_sum, two, t13)
            multiply(t13, w1, t13)
            add(t11, t13, t11)
            subtract(t11, dw2_sum2, t11)
            multiply(t11, w1, t11)
            multiply(b_tanh, dstart_sum, t13)
            add(t11, t13, t11)
            add(dw2, t11, dw2)
            # b_tanh2_difference[m, k] = 1 - b_tanh2[m, k]**2
            square(b_tanh2, b_tanh2_difference)
            subtract(one, b_tanh2_difference, b_tanh2_difference)
            # dh_product_part[n, k] = h_difference[n, k]
            #     *(h[n, k]*(6*h[n, k]*w1[k]**2*w2[k] - 2*friction*w1[k]*w2[k])
            #     + w2[k]*(4 - 2*w1[k]**2))
            square(w1, t13)
            multiply(t13, two, t11)
            subtract(c4, t11, t11)
            multiply(t11, w2, t11)
            multiply(t13, w2, t13)
            multiply(t13, c6, t13)
            t17[...] = t15_col
            multiply(h, t17, t17)
            multiply(w1, 2 * friction, t13)
            multiply(t13, w2, t13)
            t20[...] = t15_col
            subtract(t17, t20, t17)
            multiply(t17, h, t17)
            t20[...] = t16_col
            add(t17, t20, t17)
            multiply(t17, h_difference, dh_product_part)
            # db[k] += sum(m: 2*w2[k]*b_tanh2_difference[m, k]*data_sum_difference[m]/M)
            b_tanh2_difference.dot(data_sum_difference, db)
            multiply(w2, c, t11)
            multiply(t11, db, db)
            # db[k] += sum(n: 2*dh_product_part[n, k]*a_total[n]/N)
            a_total.dot(dh_product_part_T, t11)
            multiply(t11, c3, t11)
            add(db, t11, db)
            # db[k] += b_tanh_difference[k]*w2[k]*(dstart_sum - 4*start_sum2*b_tanh[k]*w1[k])
            multiply(b_tanh, 4 * start_sum2, t11)
            multiply(t11, w1, t11)
            subtract(dstart_sum, t11, t11)
            multiply(t11, b_tanh_difference, t11)
            multiply(t11, w2, t11)
            add(db, t11, db)
            # dw1[k] += sum(m: 2*w2[k]*b_tanh2_difference[m, k]*data_sum_difference[m]*when[m]/M)
            multiply(data_sum_difference, when, t25)
            b_tanh2_difference.dot(t25, dw1)
            multiply(w2, c, t11)
            multiply(t11, dw1, dw1)
            # dw1[k] += sum(n: 2*dh_product_part[n, k]*a_total[n]*t[n]/N)
            multiply(a_total, t, t27)
            t27.dot(dh_product_part_T, t28)
            multiply(t28, c3, t28)
            add(dw1, t28, dw1)
            # dw1[k] += w2[k]*(2*start_sum2*b_tanh_difference[k] + 4*dw2_sum[k]*w1[k] - dw2_sum2[k])
            multiply(b_tanh_difference, 2 * start_sum2, t11)
            multiply(dw2_sum, c4, t30)
            multiply(t30, w1, t30)
            add(t11, t30, t11)
            subtract(t11, dw2_sum2, t11)
            multiply(t11, w2, t11)
            add(dw1, t11, dw1)

            dfriction_out[()] = dfriction
            return float(loss), {"w1": dw1, "b": db, "w2": dw2, "friction": dfriction_out}

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


def predict(params, t):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    t       shape (N,), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("t", t, 0)
    t = _real("t", t, (N,), dtype)
    w1 = params["w1"]
    b = params["b"]
    w2 = params["w2"]

    h = np.empty((16, N), dtype)  # dimensions exchanged
    u = np.empty(N, dtype)
    h_T = h.T

    # h[n, k] = tanh(b[k] + t[n]*w1[k])
    np.multiply(t, w1[:, None], out=h)
    np.add(h, b[:, None], out=h)
    np.tanh(h, out=h)
    # u[n] = sum(k: h[n, k]*w2[k])
    h_T.dot(w2, out=u)

    return {"u": u}


def evaluate(params, t, when, seen):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    t       shape (N,), of the dtype of params
    when    shape (M,), of the dtype of params
    seen    shape (M,), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("t", t, 0)
    M = _length("when", when, 0)
    t = _real("t", t, (N,), dtype)
    when = _real("when", when, (M,), dtype)
    seen = _real("seen", seen, (M,), dtype)
    w1 = params["w1"]
    b = params["b"]
    w2 = params["w2"]
    friction = np.asarray(params["friction"], dtype)

    h = np.empty((16, N), dtype)  # dimensions exchanged
    u = np.empty(N, dtype)
    h_difference = np.empty((16, N), dtype)  # dimensions exchanged
    v = np.empty(N, dtype)
    a = np.empty(N, dtype)
    b_tanh = np.empty(16, dtype)
    data_sum = np.empty(M, dtype)
    h_T = h.T
    one = np.array(1, dtype)
    t0 = np.empty(16, dtype)
    h_difference_T = h_difference.T
    t1 = np.empty((16, N), dtype)
    minus_2 = np.array(-2, dtype)
    t1_T = t1.T
    t2 = np.empty(N, dtype)
    c4 = np.array(4, dtype)
    t3 = np.empty(N, dtype)
    t4 = np.empty((M, 16), dtype)
    t4_T = t4.T
    t5 = np.empty(M, dtype)

    # h[n, k] = tanh(b[k] + t[n]*w1[k])
    np.multiply(t, w1[:, None], out=h)
    np.add(h, b[:, None], out=h)
    np.tanh(h, out=h)
    # u[n] = sum(k: h[n, k]*w2[k])
    h_T.dot(w2, out=u)
    # h_difference[n, k] = 1 - h[n, k]**2
    np.square(h, out=h_difference)
    np.subtract(one, h_difference, out=h_difference)
    # v[n] = sum(k: h_difference[n, k]*w1[k]*w2[k])
    np.multiply(w1, w2, out=t0)
    h_difference_T.dot(t0, out=v)
    # a[n] = sum(k: -2*h[n, k]*h_difference[n, k]*w1[k]**2*w2[k])
    np.multiply(h, h_difference, out=t1)
    np.square(w1, out=t0)
    np.multiply(t0, w2, out=t0)
    np.multiply(t0, minus_2, out=t0)
    t1_T.dot(t0, out=a)
    # equation = sum(n: (a[n] + 4*u[n] + friction*v[n])**2/N)
    np.multiply(u, c4, out=t2)
    np.add(t2, a, out=t2)
    np.multiply(v, friction, out=t3)
    np.add(t2, t3, out=t2)
    equation = (1 / N) * t2.dot(t2)
    # b_tanh[k] = tanh(b[k])
    np.tanh(b, out=b_tanh)
    # start_sum = sum(k: b_tanh[k]*w2[k])
    start_sum = b_tanh.dot(w2)
    # start_sum2 = sum(k2: w1[k2]*w2[k2]*(1 - b_tanh[k2]**2))
    np.square(b_tanh, out=t0)
    np.subtract(one, t0, out=t0)
    np.multiply(t0, w2, out=t0)
    start_sum2 = w1.dot(t0)
    # start = (start_sum - 1)**2 + start_sum2**2
    start = (start_sum - 1) ** 2 + start_sum2**2
    # data_sum[m] = sum(k: w2[k]*tanh(b[k] + when[m]*w1[k]))
    np.multiply(w1, when[:, None], out=t4)
    np.add(t4, b, out=t4)
    np.tanh(t4, out=t4)
    w2.dot(t4_T, out=data_sum)
    # data = sum(m: (data_sum[m] - seen[m])**2/M)
    np.subtract(data_sum, seen, out=t5)
    data = (1 / M) * t5.dot(t5)
    # loss = data + equation + start
    loss = data + equation + start

    return {"loss": float(loss)}


# --- the optimiser: adam ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "m": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "s": 0,
    }


def update(params, grads, slots, *, rate=0.005, b1=0.9, b2=0.999, eps=1e-08):
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
    if not isinstance(theta, np.ndarray) or theta.shape != (49,):
        raise ValueError(f"theta: expected shape (49,), got {_describe(theta)}")
    params, start = {}, 0
    for name, row in PARAMETERS.items():
        stop = start + int(np.prod(row["shape"]))
        params[name] = theta[start:stop].reshape(row["shape"])
        start = stop
    return params


# --- helpers ---


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
