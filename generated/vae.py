"""vae: the network below with its gradients, in NumPy.

    network vae

    const codes = 2

    example N = 4

    input x[N, 64] ~ uniform(0, 1)

    h = dense(x, 32, activation=tanh)
    m = dense(h, codes)
    s = dense(h, codes)

    random e[n: N, k: codes] ~ normal(0, 1)
    if training:
        z[n, k] = m[n, k] + exp(s[n, k]/2)*e[n, k]
    else:
        z = m

    g = dense(z, 32, activation=tanh)
    logits = dense(g, 64)
    image[n, i] = sigmoid(logits[n, i])

    reconstruction = 64*binary_cross_entropy(logits, x)
    divergence = normal_kl(m, s)

    output image, z
    metric reconstruction = reconstruction
    minimize reconstruction + divergence with adam(rate=0.01)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
598781ba58962572a7d74e26583c5f8b72ed93ba42ac53879e84432a61f2ff63
"""

import math
import operator

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "h.W": {"shape": (64, 32), "kind": "real"},
    "h.b": {"shape": (32,), "kind": "real"},
    "m.W": {"shape": (32, 2), "kind": "real"},
    "m.b": {"shape": (2,), "kind": "real"},
    "s.W": {"shape": (32, 2), "kind": "real"},
    "s.b": {"shape": (2,), "kind": "real"},
    "g.W": {"shape": (2, 32), "kind": "real"},
    "g.b": {"shape": (32,), "kind": "real"},
    "logits.W": {"shape": (32, 64), "kind": "real"},
    "logits.b": {"shape": (64,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 64), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
}
OUTPUTS = {
    "image": {"shape": ("N", 64), "kind": "real"},
    "z": {"shape": ("N", 2), "kind": "real"},
}
STATE = {}
RANDOM = {
    "e": {"shape": ("N", 2), "kind": "real", "sampler": ("normal", {"mean": 0, "std": 1})},
}
METRICS = ("reconstruction",)
SIZES = {"N": 4}
BATCH = {"size": "N", "inputs": {"x": 0}, "noise": {"e": 0}, "loss": "mean"}


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
        "h.W": _glorot_uniform(rng, (64, 32), fan_in=64, fan_out=32),
        "h.b": np.zeros((32,)),
        "m.W": _glorot_uniform(rng, (32, 2), fan_in=32, fan_out=2),
        "m.b": np.zeros((2,)),
        "s.W": _glorot_uniform(rng, (32, 2), fan_in=32, fan_out=2),
        "s.b": np.zeros((2,)),
        "g.W": _glorot_uniform(rng, (2, 32), fan_in=2, fan_out=32),
        "g.b": np.zeros((32,)),
        "logits.W": _glorot_uniform(rng, (32, 64), fan_in=32, fan_out=64),
        "logits.b": np.zeros((64,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- random tensors ---


def draw(rng, **sizes):
    """Draw the random tensors: a dict from name to array, in float64.

    rng    a np.random.Generator, or a seed
    sizes  a number for each of N
    """
    _check_keys("sizes", sizes, SIZES)
    N = _size("N", sizes)
    rng = np.random.default_rng(rng)
    values = {
        "e": rng.normal(0, 1, (N, 2)),
    }
    return {name: np.asarray(value, np.float64) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


@np.errstate(all="ignore")
def forward(params, x, *, rng=None, noise=None):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    rng     a np.random.Generator, or a seed, to draw the random tensors with
    noise   the random tensors themselves, as draw gives them; then rng is not used

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    noise = _noise(noise, rng, N=N)
    e = _drawn("e", noise, (N, 2), dtype)
    h_W = params["h.W"]
    h_b = params["h.b"]
    m_W = params["m.W"]
    m_b = params["m.b"]
    s_W = params["s.W"]
    s_b = params["s.b"]
    g_W = params["g.W"]
    g_b = params["g.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 32), dtype)
    h = h_sum  # h_sum is not needed any more
    m = np.empty((N, 2), dtype)
    s = np.empty((2, N), dtype)  # dimensions exchanged
    s_exp = np.empty((2, N), dtype)  # dimensions exchanged
    e_product = np.empty((N, 2), dtype)
    z = np.empty((N, 2), dtype)
    g_sum = np.empty((N, 32), dtype)
    g = g_sum  # g_sum is not needed any more
    logits = np.empty((N, 64), dtype)
    image = np.empty((N, 64), dtype)
    s_exp2 = np.empty((N, 2), dtype)
    divergence_sum = np.empty(N, dtype)
    h_T = h.T
    half = np.array(0.5, dtype)
    s_exp_T = s_exp.T
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    t0 = np.empty((N, 64), dtype)
    t1 = np.empty(32 * N, dtype)
    t0_flat = t0.reshape(-1)
    t0_halves = _halves(t0_flat, t1)
    zero = np.array(0, dtype)
    t2 = np.empty((N, 64), dtype)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    s_T = s.T
    t3 = np.empty((N, 2), dtype)
    ones = np.ones(2, dtype)
    t4 = np.empty(N, dtype)
    weights2 = np.full(2, -1, dtype)
    weights3 = np.full(N, 1 / 2 / N, dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
    # m[n, o] += sum(i: h[n, i]*m.W[i, o])
    h.dot(m_W, out=m)
    # m[n, o] += m.b[o]
    np.add(m, m_b, out=m)
    # s[n, o] += sum(i: h[n, i]*s.W[i, o])
    s_W.T.dot(h_T, out=s)
    # s[n, o] += s.b[o]
    np.add(s, s_b[:, None], out=s)
    # s_exp[n, k] = exp(s[n, k]/2)
    np.multiply(s, half, out=s_exp)
    np.exp(s_exp, out=s_exp)
    # e_product[n, k] = e[n, k]*s_exp[n, k]
    np.multiply(e, s_exp_T, out=e_product)
    # z[n, k] = e_product[n, k] + m[n, k]
    np.add(e_product, m, out=z)
    # g_sum[n, o] = sum(i: z[n, i]*g.W[i, o])
    z.dot(g_W, out=g_sum)
    # g[n, o] = tanh(g.b[o] + g_sum[n, o])
    np.add(g_sum, g_b, out=g)
    np.tanh(g, out=g)
    # logits[n, o] += sum(i: g[n, i]*logits.W[i, o])
    g.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # image[n, i] = sigmoid(logits[n, i])
    np.multiply(logits, minus_one, out=image)
    np.exp(image, out=image)
    np.add(image, one, out=image)
    np.divide(one, image, out=image)
    # reconstruction.binary_cross_entropy =
    #     sum(n, o: (softplus(logits[n, o]) - logits[n, o]*x[n, o])/(64*N))
    np.absolute(logits, out=t0)
    np.multiply(t0, minus_one, out=t0)
    np.exp(t0, out=t0)
    log1p_sum = _sum_log1p(t0_halves)
    np.maximum(logits, zero, out=t0)
    np.multiply(logits, x, out=t2)
    np.subtract(t0, t2, out=t0)
    reconstruction_binary_cross_entropy = weights.dot(t0_flat) + log1p_sum / 64 / N
    # reconstruction = 64*reconstruction.binary_cross_entropy
    reconstruction = 64 * reconstruction_binary_cross_entropy
    # s_exp2[n, o] = exp(s[n, o])
    np.exp(s_T, out=s_exp2)
    # divergence_sum[n] += sum(c < 2: -1)
    divergence_sum[...] = -2
    # divergence_sum[n] += sum(c: m[n, c]**2)
    np.multiply(m, m, out=t3)
    t3.dot(ones, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence_sum[n] += sum(c: -s[n, c])
    weights2.dot(s, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence_sum[n] += sum(c: s_exp2[n, c])
    s_exp2.dot(ones, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence = sum(n: divergence_sum[n]/(2*N))
    divergence = weights3.dot(divergence_sum)
    # loss = divergence + reconstruction
    loss = divergence + reconstruction

    outputs = {"image": image.copy(), "z": z.copy(), "loss": np.array(loss, dtype)}
    saved = (N, x, h, m, z, g, logits, image, s_exp2, e_product)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, h, m, z, g, logits, image, s_exp2, e_product = saved
    _check_keys("grad_outputs", grad_outputs, ("image", "z", "loss"))
    grad_image = _upstream("image", grad_outputs, (N, 64), dtype)
    grad_z = _upstream("z", grad_outputs, (N, 2), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    h_W = params["h.W"]
    m_W = params["m.W"]
    s_W = params["s.W"]
    g_W = params["g.W"]
    logits_W = params["logits.W"]

    dlogits = np.empty((N, 64), dtype)
    dlogits_b = np.empty(64, dtype)
    dlogits_W = np.empty((32, 64), dtype)
    dg = np.empty((N, 32), dtype)
    dg_sum = dg  # dg is not needed any more
    dg_b = np.empty(32, dtype)
    dg_W = np.empty((2, 32), dtype)
    dz = np.empty((N, 2), dtype)
    dm = np.empty((N, 2), dtype)
    dm_b = np.empty(2, dtype)
    dm_W = np.empty((32, 2), dtype)
    ds = dz  # dz is not needed any more
    ds_b = np.empty(2, dtype)
    ds_W = np.empty((32, 2), dtype)
    dh = dg  # dg is not needed any more
    dh_sum = dg  # dg is not needed any more
    dh_b = np.empty(32, dtype)
    dh_W = np.empty((64, 32), dtype)
    dx = dlogits  # dlogits is not needed any more
    t0 = np.empty((N, 64), dtype)
    one = np.array(1, dtype)
    ones = np.ones(N, dtype)
    t1 = np.empty((N, 32), dtype)
    t2 = np.empty((N, 2), dtype)
    half = np.array(0.5, dtype)

    # dlogits[n, o] = grad_image[n, o]*image[n, o]*(1 - image[n, o])
    #     + grad_loss*(image[n, o] - x[n, o])/N
    np.subtract(image, x, out=dlogits)
    np.multiply(dlogits, grad_loss / N, out=dlogits)
    np.subtract(one, image, out=t0)
    np.multiply(t0, grad_image, out=t0)
    np.multiply(t0, image, out=t0)
    np.add(dlogits, t0, out=dlogits)
    # dlogits.b[o] = sum(n: dlogits[n, o])
    ones.dot(dlogits, out=dlogits_b)
    # dlogits.W[i, o] = sum(n: g[n, i]*dlogits[n, o])
    g.T.dot(dlogits, out=dlogits_W)
    # dg[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
    dlogits.dot(logits_W.T, out=dg)
    # dg_sum[n, o] = dg[n, o]*(1 - g[n, o]**2)
    np.square(g, out=t1)
    np.subtract(one, t1, out=t1)
    np.multiply(t1, dg, out=dg_sum)
    # dg.b[o] = sum(n: dg_sum[n, o])
    ones.dot(dg_sum, out=dg_b)
    # dg.W[i, o] = sum(n: z[n, i]*dg_sum[n, o])
    z.T.dot(dg_sum, out=dg_W)
    # dz[n, k] += sum(o: dg_sum[n, o]*g.W[k, o])
    dg_sum.dot(g_W.T, out=dz)
    # dz[n, k] += grad_z[n, k]
    np.add(dz, grad_z, out=dz)
    # dm[n, o] = dz[n, o] + grad_loss*m[n, o]/N
    np.multiply(m, grad_loss / N, out=dm)
    np.add(dm, dz, out=dm)
    # dm.b[o] = sum(n: dm[n, o])
    ones.dot(dm, out=dm_b)
    # dm.W[i, o] = sum(n: h[n, i]*dm[n, o])
    h.T.dot(dm, out=dm_W)
    # ds[n, o] = dz[n, o]*e_product[n, o]/2 + grad_loss*s_exp2[n, o]/(2*N) - grad_loss/(2*N)
    np.multiply(s_exp2, grad_loss / N, out=t2)
    np.add(t2, -grad_loss / N, out=t2)
    np.multiply(dz, e_product, out=ds)
    np.add(t2, ds, out=t2)
    np.multiply(t2, half, out=ds)
    # ds.b[o] = sum(n: ds[n, o])
    ones.dot(ds, out=ds_b)
    # ds.W[i, o] = sum(n: h[n, i]*ds[n, o])
    h.T.dot(ds, out=ds_W)
    # dh[n, o] += sum(o2: ds[n, o2]*s.W[o, o2])
    ds.dot(s_W.T, out=dh)
    # dh[n, o] += sum(o2: dm[n, o2]*m.W[o, o2])
    dm.dot(m_W.T, out=t1)
    np.add(dh, t1, out=dh)
    # dh_sum[n, o] = dh[n, o]*(1 - h[n, o]**2)
    np.square(h, out=t1)
    np.subtract(one, t1, out=t1)
    np.multiply(t1, dh, out=dh_sum)
    # dh.b[o] = sum(n: dh_sum[n, o])
    ones.dot(dh_sum, out=dh_b)
    # dh.W[i, o] = sum(n: x[n, i]*dh_sum[n, o])
    x.T.dot(dh_sum, out=dh_W)
    # dx[n, i] += sum(o: dh_sum[n, o]*h.W[i, o])
    dh_sum.dot(h_W.T, out=dx)
    # dx[n, i] += -grad_loss*logits[n, i]/N
    np.multiply(logits, -grad_loss / N, out=t0)
    np.add(dx, t0, out=dx)

    return {
        "h.W": dh_W,
        "h.b": dh_b,
        "m.W": dm_W,
        "m.b": dm_b,
        "s.W": ds_W,
        "s.b": ds_b,
        "g.W": dg_W,
        "g.b": dg_b,
        "logits.W": dlogits_W,
        "logits.b": dlogits_b,
        "x": dx,
    }


# --- training mode: the loss and its gradients ---


def loss(params, x, *, rng=None, noise=None):
    """The loss as a float."""
    return float(forward(params, x, rng=rng, noise=noise)[0]["loss"])


def loss_and_grad(params, x, *, rng=None, noise=None, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 64), of the dtype of params
    rng        a np.random.Generator, or a seed, to draw the random tensors with
    noise      the random tensors themselves, as draw gives them; then rng is not used
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 64), dtype)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, rng, noise)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    absolute = np.absolute
    add = np.add
    divide = np.divide
    exp = np.exp
    maximum = np.maximum
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    tanh = np.tanh
    h_sum = np.empty((N, 32), dtype)
    h = h_sum  # h_sum is not needed any more
    slot0 = np.empty(max(2048, 72 * N), dtype)
    m = slot0[64 * N : 66 * N].reshape(2, N)  # dimensions exchanged
    s = slot0[70 * N : 72 * N].reshape(2, N)  # dimensions exchanged
    s_exp = slot0[66 * N : 68 * N].reshape(2, N)  # dimensions exchanged
    e_product = s_exp  # s_exp is not needed any more
    z = slot0[68 * N : 70 * N].reshape(2, N)  # dimensions exchanged
    slot1 = np.empty(max(32 * N, 258), dtype)
    g_sum = slot1[: 32 * N].reshape(N, 32)
    g = g_sum  # g_sum is not needed any more
    slot2 = np.empty(64 * N, dtype)
    logits = slot2.reshape(N, 64)
    slot3 = np.empty(max(64 * N, 2 * N + 2112), dtype)
    s_exp2 = slot3[2048 : 2 * N + 2048].reshape(2, N)  # dimensions exchanged
    divergence_sum = slot0[2 * N : 3 * N]
    dlogits = logits  # logits is not needed any more
    dlogits_b = slot3[2 * N + 2048 : 2 * N + 2112]
    dlogits_W = slot3[:2048].reshape(32, 64)
    dg = slot0[: 32 * N].reshape(N, 32)
    dg_sum = dg  # dg is not needed any more
    dg_b = slot1[192:224]
    dg_W = slot1[:64].reshape(2, 32)
    dz = slot2[32 * N : 34 * N].reshape(2, N)  # dimensions exchanged
    dm = m  # m is not needed any more
    dm_b = slot1[256:258]
    dm_W = slot1[64:128].reshape(32, 2)
    ds = dz  # dz is not needed any more
    ds_b = slot3[2048:2050]
    ds_W = slot1[128:192].reshape(32, 2)
    dh = slot2[: 32 * N].reshape(N, 32)
    dh_sum = dh  # dh is not needed any more
    dh_b = slot1[224:256]
    dh_W = slot0[:2048].reshape(64, 32)
    t0 = slot1[: 32 * N].reshape(N, 32)
    h_T = h.T
    t1 = slot1[: 2 * N].reshape(2, N)
    half = np.array(0.5, dtype)
    z_T = z.T
    t3 = slot2[: 32 * N].reshape(N, 32)
    t4 = slot0[: 64 * N].reshape(N, 64)
    minus_one = np.array(-1, dtype)
    t6 = slot3[: 32 * N]
    t5_flat = t4.reshape(-1)
    t5_halves = _halves(t5_flat, t6)
    zeros = np.zeros((N, 64), dtype)
    t8 = slot3[: 64 * N].reshape(N, 64)
    total = _total(64 * N, 1 / 64 / N, dtype)
    t9 = slot0[: 2 * N].reshape(2, N)
    ones = np.ones(2, dtype)
    t10 = slot0[3 * N : 4 * N]
    weights = np.full(2, -1, dtype)
    t12 = slot0[70 * N : 71 * N]
    total2 = _total(N, 1 / 2 / N, dtype)
    one = np.array(1, dtype)
    c = np.array(1 / N, dtype)
    ones2 = np.ones(N, dtype)
    g_T = g.T
    t13 = slot0[32 * N : 64 * N].reshape(N, 32)
    dg_sum_T = dg_sum.T
    dm_T = dm.T
    t14 = slot3[2048 : 2 * N + 2048].reshape(2, N)
    minus_1_over_N = np.array(-1 / N, dtype)
    ds_T = ds.T
    t15 = slot2[32 * N : 64 * N].reshape(N, 32)

    def bind(params):
        held = [*map(params.get, PARAMETERS)]
        h_W = params["h.W"]
        h_b = params["h.b"]
        m_W = params["m.W"]
        m_b = params["m.b"]
        s_W = params["s.W"]
        s_b = params["s.b"]
        g_W = params["g.W"]
        g_b = params["g.b"]
        logits_W = params["logits.W"]
        logits_b = params["logits.b"]
        m_W_T = m_W.T
        m_b_col = m_b[:, None]
        s_W_T = s_W.T
        s_b_col = s_b[:, None]
        logits_W_T = logits_W.T

        def fits(params, x):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 10
                    and _same(params, held)
                    and x.shape == (N, 64)
                    and x.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        @np.errstate(all="ignore")
        def run(x, rng, noise):
            noise = _noise(noise, rng, N=N)
            e = _drawn("e", noise, (N, 2), dtype)

            # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
            x.dot(h_W, h_sum)
            # h[n, o] = tanh(h.b[o] + h_sum[n, o])
            t0[...] = h_b
            add(h_sum, t0, h)
            tanh(h, h)
            # m[n, o] += sum(i: h[n, i]*m.W[i, o])
            m_W_T.dot(h_T, m)
            # m[n, o] += m.b[o]
            t1[...] = m_b_col
            add(m, t1, m)
            # s[n, o] += sum(i: h[n, i]*s.W[i, o])
            s_W_T.dot(h_T, s)
            # s[n, o] += s.b[o]
            t1[...] = s_b_col
            add(s, t1, s)
            # s_exp[n, k] = exp(s[n, k]/2)
            multiply(s, half, s_exp)
            exp(s_exp, s_exp)
            # e_product[n, k] = e[n, k]*s_exp[n, k]
            multiply(e.T, s_exp, e_product)
            # z[n, k] = e_product[n, k] + m[n, k]
            add(e_product, m, z)
            # g_sum[n, o] = sum(i: z[n, i]*g.W[i, o])
            z_T.dot(g_W, g_sum)
            # g[n, o] = tanh(g.b[o] + g_sum[n, o])
            t3[...] = g_b
            add(g_sum, t3, g)
            tanh(g, g)
            # logits[n, o] += sum(i: g[n, i]*logits.W[i, o])
            g.dot(logits_W, logits)
            # logits[n, o] += logits.b[o]
            t4[...] = logits_b
            add(logits, t4, logits)
            # reconstruction.binary_cross_entropy =
            #     sum(n, o: (softplus(logits[n, o]) - logits[n, o]*x[n, o])/(64*N))
            absolute(logits, t4)
            multiply(t4, minus_one, t4)
            exp(t4, t4)
            log1p_sum = _sum_log1p(t5_halves)
            maximum(logits, zeros, out=t4)
            multiply(logits, x, t8)
            subtract(t4, t8, t4)
            reconstruction_binary_cross_entropy = total(t5_flat) + log1p_sum / 64 / N
            # reconstruction = 64*reconstruction.binary_cross_entropy
            reconstruction = 64 * reconstruction_binary_cross_entropy
            # s_exp2[n, o] = exp(s[n, o])
            exp(s, s_exp2)
            # divergence_sum[n] += sum(c < 2: -1)
            divergence_sum[...] = -2
            # divergence_sum[n] += sum(c: m[n, c]**2)
            multiply(m, m, t9)
            ones.dot(t9, t10)
            add(divergence_sum, t10, divergence_sum)
            # divergence_sum[n] += sum(c: -s[n, c])
            weights.dot(s, t10)
            add(divergence_sum, t10, divergence_sum)
            # divergence_sum[n] += sum(c: s_exp2[n, c])
            ones.dot(s_exp2, t12)
            add(divergence_sum, t12, divergence_sum)
            # divergence = sum(n: divergence_sum[n]/(2*N))
            divergence = total2(divergence_sum)
            # loss = divergence + reconstruction
            loss = divergence + reconstruction
            # dlogits[n, o] = (sigmoid(logits[n, o]) - x[n, o])/N
            multiply(logits, minus_one, dlogits)
            exp(dlogits, dlogits)
            add(dlogits, one, dlogits)
            divide(one, dlogits, dlogits)
            subtract(dlogits, x, dlogits)
            multiply(dlogits, c, dlogits)
            # dlogits.b[o] = sum(n: dlogits[n, o])
            ones2.dot(dlogits, dlogits_b)
            # dlogits.W[i, o] = sum(n: g[n, i]*dlogits[n, o])
            g_T.dot(dlogits, dlogits_W)
            # dg[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
            dlogits.dot(logits_W_T, dg)
            # dg_sum[n, o] = dg[n, o]*(1 - g[n, o]**2)
            square(g, t13)
            subtract(one, t13, t13)
            multiply(t13, dg, dg_sum)
            # dg.b[o] = sum(n: dg_sum[n, o])
            ones2.dot(dg_sum, dg_b)
            # dg.W[i, o] = sum(n: z[n, i]*dg_sum[n, o])
            z.dot(dg_sum, dg_W)
            # dz[n, k] = sum(o: dg_sum[n, o]*g.W[k, o])
            g_W.dot(dg_sum_T, dz)
            # dm[n, o] = dz[n, o] + m[n, o]/N
            multiply(m, c, dm)
            add(dm, dz, dm)
            # dm.b[o] = sum(n: dm[n, o])
            dm.dot(ones2, dm_b)
            # dm.W[i, o] = sum(n: h[n, i]*dm[n, o])
            h_T.dot(dm_T, dm_W)
            # ds[n, o] = dz[n, o]*e_product[n, o]/2 + s_exp2[n, o]/(2*N) - 1/(2*N)
            multiply(s_exp2, c, t14)
            add(t14, minus_1_over_N, t14)
            multiply(dz, e_product, ds)
            add(t14, ds, t14)
            multiply(t14, half, ds)
            # ds.b[o] = sum(n: ds[n, o])
            ds.dot(ones2, ds_b)
            # ds.W[i, o] = sum(n: h[n, i]*ds[n, o])
            h_T.dot(ds_T, ds_W)
            # dh[n, o] += sum(o2: ds[n, o2]*s.W[o, o2])
            ds_T.dot(s_W_T, dh)
            # dh[n, o] += sum(o2: dm[n, o2]*m.W[o, o2])
            dm_T.dot(m_W_T, t15)
            add(dh, t15, dh)
            # dh_sum[n, o] = dh[n, o]*(1 - h[n, o]**2)
            square(h, t15)
            subtract(one, t15, t15)
            multiply(t15, dh, dh_sum)
            # dh.b[o] = sum(n: dh_sum[n, o])
            ones2.dot(dh_sum, dh_b)
            # dh.W[i, o] = sum(n: x[n, i]*dh_sum[n, o])
            x.T.dot(dh_sum, dh_W)

            return (
                float(loss),
                {
                    "h.W": dh_W,
                    "h.b": dh_b,
                    "m.W": dm_W,
                    "m.b": dm_b,
                    "s.W": ds_W,
                    "s.b": ds_b,
                    "g.W": dg_W,
                    "g.b": dg_b,
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

    @staticmethod
    def _nothing(*arguments):
        """What fits before the first call."""
        return False


# --- inference mode ---


@np.errstate(all="ignore")
def predict(params, x):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    h_W = params["h.W"]
    h_b = params["h.b"]
    m_W = params["m.W"]
    m_b = params["m.b"]
    g_W = params["g.W"]
    g_b = params["g.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 32), dtype)
    h = h_sum  # h_sum is not needed any more
    m = np.empty((2, N), dtype)  # dimensions exchanged
    z = np.empty((N, 2), dtype)
    g_sum = h_sum  # h_sum is not needed any more
    g = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 64), dtype)
    image = logits  # logits is not needed any more
    h_T = h.T
    m_T = m.T
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
    # m[n, o] += sum(i: h[n, i]*m.W[i, o])
    m_W.T.dot(h_T, out=m)
    # m[n, o] += m.b[o]
    np.add(m, m_b[:, None], out=m)
    # z[n, o] = m[n, o]
    z[...] = m_T
    # g_sum[n, o] = sum(i: z[n, i]*g.W[i, o])
    z.dot(g_W, out=g_sum)
    # g[n, o] = tanh(g.b[o] + g_sum[n, o])
    np.add(g_sum, g_b, out=g)
    np.tanh(g, out=g)
    # logits[n, o] += sum(i: g[n, i]*logits.W[i, o])
    g.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # image[n, i] = sigmoid(logits[n, i])
    np.multiply(logits, minus_one, out=image)
    np.exp(image, out=image)
    np.add(image, one, out=image)
    np.divide(one, image, out=image)

    return {"image": image, "z": z}


def evaluate(params, x):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    h_W = params["h.W"]
    h_b = params["h.b"]
    m_W = params["m.W"]
    m_b = params["m.b"]
    s_W = params["s.W"]
    s_b = params["s.b"]
    g_W = params["g.W"]
    g_b = params["g.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 32), dtype)
    h = h_sum  # h_sum is not needed any more
    m = np.empty((2, N), dtype)  # dimensions exchanged
    s = np.empty((2, N), dtype)  # dimensions exchanged
    g_sum = h_sum  # h_sum is not needed any more
    g = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 64), dtype)
    divergence_sum = np.empty(N, dtype)
    h_T = h.T
    m_T = m.T
    t0 = np.empty((N, 64), dtype)
    minus_one = np.array(-1, dtype)
    t1 = np.empty(32 * N, dtype)
    t0_flat = t0.reshape(-1)
    t0_halves = _halves(t0_flat, t1)
    zero = np.array(0, dtype)
    t2 = np.empty((N, 64), dtype)
    weights = np.full(64 * N, 1 / 64 / N, dtype)
    t3 = np.empty((2, N), dtype)
    ones = np.ones(2, dtype)
    t4 = np.empty(N, dtype)
    weights2 = np.full(2, -1, dtype)
    weights3 = np.full(N, 1 / 2 / N, dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
    # m[n, o] += sum(i: h[n, i]*m.W[i, o])
    m_W.T.dot(h_T, out=m)
    # m[n, o] += m.b[o]
    np.add(m, m_b[:, None], out=m)
    # s[n, o] += sum(i: h[n, i]*s.W[i, o])
    s_W.T.dot(h_T, out=s)
    # s[n, o] += s.b[o]
    np.add(s, s_b[:, None], out=s)
    # g_sum[n, o] = sum(i: m[n, i]*g.W[i, o])
    m_T.dot(g_W, out=g_sum)
    # g[n, o] = tanh(g.b[o] + g_sum[n, o])
    np.add(g_sum, g_b, out=g)
    np.tanh(g, out=g)
    # logits[n, o] += sum(i: g[n, i]*logits.W[i, o])
    g.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)
    # reconstruction.binary_cross_entropy =
    #     sum(n, o: (softplus(logits[n, o]) - logits[n, o]*x[n, o])/(64*N))
    np.absolute(logits, out=t0)
    np.multiply(t0, minus_one, out=t0)
    np.exp(t0, out=t0)
    log1p_sum = _sum_log1p(t0_halves)
    np.maximum(logits, zero, out=t0)
    np.multiply(logits, x, out=t2)
    np.subtract(t0, t2, out=t0)
    reconstruction_binary_cross_entropy = weights.dot(t0_flat) + log1p_sum / 64 / N
    # reconstruction = 64*reconstruction.binary_cross_entropy
    reconstruction = 64 * reconstruction_binary_cross_entropy
    # divergence_sum[n] += sum(c < 2: -1)
    divergence_sum[...] = -2
    # divergence_sum[n] += sum(c: m[n, c]**2)
    np.multiply(m, m, out=t3)
    ones.dot(t3, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence_sum[n] += sum(c: -s[n, c])
    weights2.dot(s, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence_sum[n] += sum(c: exp(s[n, c]))
    np.exp(s, out=t3)
    ones.dot(t3, out=t4)
    np.add(divergence_sum, t4, out=divergence_sum)
    # divergence = sum(n: divergence_sum[n]/(2*N))
    divergence = weights3.dot(divergence_sum)
    # loss = divergence + reconstruction
    loss = divergence + reconstruction

    return {"loss": float(loss), "reconstruction": float(reconstruction)}


# --- the optimiser: adam ---


def init_slots(params):
    """What the optimiser remembers from step to step, before the first one."""
    _check_arrays("params", params, PARAMETERS)
    return {
        "m": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "v": {name: np.zeros_like(params[name]) for name in PARAMETERS},
        "s": 0,
    }


def update(params, grads, slots, *, rate=0.01, b1=0.9, b2=0.999, eps=1e-08):
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
    if not isinstance(theta, np.ndarray) or theta.shape != (4420,):
        raise ValueError(f"theta: expected shape (4420,), got {_describe(theta)}")
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


def _check_keys(argument, given, known):
    """Raise an error if a dict has a key that means nothing."""
    if not hasattr(given, "keys"):
        raise TypeError(f"{argument}: expected a dict, got {_describe(given)}")
    unknown = [key for key in given if key not in known]
    if unknown:
        expected = ", ".join(map(repr, known))
        raise ValueError(f"{argument}: unknown {unknown[0]!r}; expected some of {expected}")


def _size(name, sizes):
    """The value given for a size: a whole number of at least 1."""
    if name not in sizes:
        raise TypeError(f"{name}: missing; it is one of the sizes of the random tensors")
    try:
        value = operator.index(sizes[name])
    except TypeError:
        value = 0
    if value < 1:
        raise ValueError(f"{name}: expected a whole number of at least 1, got {sizes[name]!r}")
    return value


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


def _noise(noise, rng, **sizes):
    """The random tensors as they are given, else drawn."""
    if noise is None and rng is None:
        given = ", ".join(["rng", *(f"{name}={size}" for name, size in sizes.items())])
        raise TypeError(f"noise: the network has random tensors; give noise=draw({given}), or rng=")
    if noise is None:
        return draw(rng, **sizes)
    _check_keys("noise", noise, RANDOM)
    return noise


def _drawn(name, noise, shape, dtype):
    """One of the random tensors after checking its shape, in the dtype of the others."""
    if name not in noise:
        raise ValueError(f"noise: missing {name!r}")
    value = noise[name]
    if shape == () and isinstance(value, (int, float)):
        return np.array(value, dtype)
    if isinstance(value, np.ndarray) and value.shape == shape and value.dtype.char in "fd":
        return value.astype(dtype, copy=False)
    expected = f"an array of shape {shape} and dtype float32 or float64"
    raise ValueError(f"noise[{name!r}]: expected {expected}, got {_describe(value)}")


def _halves(values, scratch):
    """Views for _sum_log1p: an array in two halves, the first of these in two halves, and so on."""
    parts, size = [], values.size
    while size >= 1024 and len(parts) < 6:
        half = (size + 1) // 2
        rest = size - half
        parts.append((values[:rest], values[half:size], scratch[:rest]))
        size = half
    return parts, values[:size]


def _sum_log1p(halves):
    """The sum of log1p of the values that `halves` was made for, all from 0 to 1; overwrites them.

    log1p(a) + log1p(b) is log1p(a + b + a*b), a sum of positive terms: nothing cancels. At most 64
    values become one, below 2**64.
    """
    parts, last = halves
    for a, b, product in parts:
        np.multiply(a, b, product)
        np.add(a, b, a)
        np.add(a, product, a)
    return np.add.reduce(np.log1p(last, last))


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
