"""digits_by_hand: the network below with its gradients, in NumPy.

    network digits_by_hand

    example N = 4

    input x[N, D: 64] ~ uniform(0, 1)
    input y[N] < 10

    param W1[i: D, j: 64] ~ glorot_uniform
    param b1[j] ~ zeros
    param W2[j, c: 10] ~ glorot_uniform
    param b2[c] ~ zeros

    a[n, j] = tanh(b1[j] + sum(i: x[n, i]*W1[i, j]))
    z[n, c] = b2[c] + sum(j: a[n, j]*W2[j, c])
    p[n, c] = exp(z[n, c])/sum(k: exp(z[n, k]))
    loss = mean(n: -log(p[n, y[n]]))

    output p
    metric accuracy = mean(n: argmax(c: z[n, c]) == y[n])
    minimize loss with nesterov(rate=0.1, momentum=0.9)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
a1f1ca6290818b54eb095965c684eb3de6eee6cd7329ac504269b80a9a207d17
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "W1": {"shape": (64, 64), "kind": "real"},
    "b1": {"shape": (64,), "kind": "real"},
    "W2": {"shape": (64, 10), "kind": "real"},
    "b2": {"shape": (10,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 64), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
    "y": {"shape": ("N",), "kind": "integer", "bound": 10},
}
OUTPUTS = {
    "p": {"shape": ("N", 10), "kind": "real"},
}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 4}
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
        "W1": _glorot_uniform(rng, (64, 64), fan_in=64, fan_out=64),
        "b1": np.zeros((64,)),
        "W2": _glorot_uniform(rng, (64, 10), fan_in=64, fan_out=10),
        "b2": np.zeros((10,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x, y):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    y       shape (N,), integers in 0..9

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    y = _integer("y", y, (N,), 10)
    W1 = params["W1"]
    b1 = params["b1"]
    W2 = params["W2"]
    b2 = params["b2"]

    a_sum = np.empty((N, 64), dtype)
    a = a_sum  # a_sum is not needed any more
    z = np.empty((10, N), dtype)  # dimensions exchanged
    z_max = np.empty(N, dtype)
    z_shifted = z  # z is not needed any more
    z_exp = np.empty((N, 10), dtype)
    z_sumexp = z_max  # z_max is not needed any more
    p = np.empty((N, 10), dtype)
    a_T = a.T
    z_shifted_T = z_shifted.T
    ones = np.ones(10, dtype)
    z_sumexp_col = z_sumexp[:, None]
    position = np.arange(N)
    t0 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    z_shifted_flat = z_shifted.reshape(-1)
    t1 = np.empty(N, dtype)
    t2 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # a_sum[n, j] = sum(i: x[n, i]*W1[i, j])
    x.dot(W1, out=a_sum)
    # a[n, j] = tanh(a_sum[n, j] + b1[j])
    np.add(a_sum, b1, out=a)
    np.tanh(a, out=a)
    # z[n, c] += sum(j: a[n, j]*W2[j, c])
    W2.T.dot(a_T, out=z)
    # z[n, c] += b2[c]
    np.add(z, b2[:, None], out=z)
    # z_max[n] = max(k: z[n, k])
    np.maximum.reduce(z, axis=0, out=z_max)
    # z_shifted[n, c] = z[n, c] - z_max[n]
    np.subtract(z, z_max, out=z_shifted)
    # z_exp[n, c] = exp(z_shifted[n, c])
    np.exp(z_shifted_T, out=z_exp)
    # z_sumexp[n] = sum(k: z_exp[n, k])
    z_exp.dot(ones, out=z_sumexp)
    # p[n, c] = z_exp[n, c]/z_sumexp[n]
    np.divide(z_exp, z_sumexp_col, out=p)
    # loss = sum(n: (log(z_sumexp[n]) - z_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t0)
    np.add(position, t0, out=y_position)
    z_shifted_flat.take(y_position, out=t1, mode="clip")
    np.log(z_sumexp, out=t2)
    np.subtract(t2, t1, out=t2)
    loss = weights.dot(t2)

    outputs = {"p": p.copy(), "loss": np.array(loss, dtype)}
    saved = (N, x, y, a, p, z_sumexp, z_exp)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, y, a, p, z_sumexp, z_exp = saved
    _check_keys("grad_outputs", grad_outputs, ("p", "loss"))
    grad_p = _upstream("p", grad_outputs, (N, 10), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    W1 = params["W1"]
    W2 = params["W2"]

    grad_p_product = np.empty((N, 10), dtype)
    dz_sumexp_sum = np.empty(N, dtype)
    dz_sumexp = dz_sumexp_sum  # dz_sumexp_sum is not needed any more
    dz = np.empty((N, 10), dtype)
    db2 = np.empty(10, dtype)
    dW2 = np.empty((64, 10), dtype)
    da = np.empty((N, 64), dtype)
    da_sum = da  # da is not needed any more
    db1 = np.empty(64, dtype)
    dW1 = np.empty((64, 64), dtype)
    dx = np.empty((N, 64), dtype)
    ones = np.ones(10, dtype)
    minus_one = np.array(-1, dtype)
    t0 = np.empty(N, dtype)
    dz_sumexp_col = dz_sumexp[:, None]
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    dz_flat = dz.reshape(-1)
    ones2 = np.ones(N, dtype)
    t1 = np.empty((N, 64), dtype)
    one = np.array(1, dtype)

    # grad_p_product[n, c] = grad_p[n, c]*p[n, c]
    np.multiply(grad_p, p, out=grad_p_product)
    # dz_sumexp_sum[n] = sum(c: -grad_p_product[n, c]/z_sumexp[n])
    grad_p_product.dot(ones, out=dz_sumexp_sum)
    np.multiply(dz_sumexp_sum, minus_one, out=dz_sumexp_sum)
    np.divide(dz_sumexp_sum, z_sumexp, out=dz_sumexp_sum)
    # dz_sumexp[n] = dz_sumexp_sum[n] + grad_loss/(N*z_sumexp[n])
    np.divide(grad_loss / N, z_sumexp, out=t0)
    np.add(t0, dz_sumexp_sum, out=dz_sumexp)
    # dz[n, c] += grad_p_product[n, c] + dz_sumexp[n]*z_exp[n, c]
    np.multiply(z_exp, dz_sumexp_col, out=dz)
    np.add(dz, grad_p_product, out=dz)
    # dz[n, y[n]] += -grad_loss/N
    np.add(position, y, out=y_position)
    dz_flat[y_position] += -grad_loss / N
    # db2[c] = sum(n: dz[n, c])
    ones2.dot(dz, out=db2)
    # dW2[j, c] = sum(n: a[n, j]*dz[n, c])
    a.T.dot(dz, out=dW2)
    # da[n, j] = sum(c: dz[n, c]*W2[j, c])
    dz.dot(W2.T, out=da)
    # da_sum[n, j] = da[n, j]*(1 - a[n, j]**2)
    np.square(a, out=t1)
    np.subtract(one, t1, out=t1)
    np.multiply(t1, da, out=da_sum)
    # db1[j] = sum(n: da_sum[n, j])
    ones2.dot(da_sum, out=db1)
    # dW1[i, j] = sum(n: x[n, i]*da_sum[n, j])
    x.T.dot(da_sum, out=dW1)
    # dx[n, i] = sum(j: da_sum[n, j]*W1[i, j])
    da_sum.dot(W1.T, out=dx)

    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2, "x": dx}


# --- training mode: the loss and its gradients ---


def loss(params, x, y):
    """The loss as a float."""
    return float(forward(params, x, y)[0]["loss"])


def loss_and_grad(params, x, y, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 64), of the dtype of params
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
        x = _real("x", x, (N, 64), dtype)
        y = _integer("y", y, (N,), 10)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, y)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    divide = np.divide
    exp = np.exp
    log = np.log
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    tanh = np.tanh
    a_sum = np.empty((N, 64), dtype)
    a = a_sum  # a_sum is not needed any more
    slot0 = np.empty(max(74 * N, 4160), dtype)
    z = slot0[: 10 * N].reshape(10, N)  # dimensions exchanged
    z_max = slot0[20 * N : 21 * N]
    z_shifted = z  # z is not needed any more
    z_exp = slot0[64 * N : 74 * N].reshape(10, N)  # dimensions exchanged
    z_sumexp = slot0[10 * N : 11 * N]
    p = z_exp  # z_exp is not needed any more
    dz = z_exp  # z_exp is not needed any more
    db2 = np.empty(10, dtype)
    dW2 = np.empty((64, 10), dtype)
    da = slot0[: 64 * N].reshape(N, 64)
    da_sum = a_sum  # a_sum is not needed any more
    db1 = slot0[4096:4160]
    dW1 = slot0[:4096].reshape(64, 64)
    t0 = slot0[: 64 * N].reshape(N, 64)
    a_T = a.T
    t1 = slot0[10 * N : 20 * N].reshape(10, N)
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t3 = np.empty(N, np.intp)
    stride = np.array(N)
    y_position = t3
    z_shifted_flat = z_shifted.reshape(-1)
    t4 = slot0[11 * N : 12 * N]
    t5 = slot0[12 * N : 13 * N]
    t5_apart = np.empty(N, dtype) if N == 1 else t5
    total = _total(N, 1 / N, dtype)
    t6 = slot0[: 10 * N].reshape(10, N)
    c = np.array(1 / N, dtype)
    dz_flat = dz.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    t7 = slot0[:N]
    t7_apart = np.empty(N, dtype) if N == 1 else t7
    ones2 = np.ones(N, dtype)
    dz_T = dz.T
    one = np.array(1, dtype)

    def bind(params):
        W1 = params["W1"]
        b1 = params["b1"]
        W2 = params["W2"]
        b2 = params["b2"]
        W2_T = W2.T
        b2_col = b2[:, None]

        def fits(params, x, y):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 4
                    and params["W1"] is W1
                    and params["b1"] is b1
                    and params["W2"] is W2
                    and params["b2"] is b2
                    and x.shape == (N, 64)
                    and x.dtype is dtype
                    and y.shape == (N,)
                    and y.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x, y):
            y = _indices("y", y, 10)

            # a_sum[n, j] = sum(i: x[n, i]*W1[i, j])
            x.dot(W1, a_sum)
            # a[n, j] = tanh(a_sum[n, j] + b1[j])
            t0[...] = b1
            add(a_sum, t0, a)
            tanh(a, a)
            # z[n, c] += sum(j: a[n, j]*W2[j, c])
            W2_T.dot(a_T, z)
            # z[n, c] += b2[c]
            t1[...] = b2_col
            add(z, t1, z)
            # z_max[n] = max(k: z[n, k])
            maximum_reduce(z, 0, None, z_max)
            # z_shifted[n, c] = z[n, c] - z_max[n]
            t1[...] = z_max
            subtract(z, t1, z_shifted)
            # z_exp[n, c] = exp(z_shifted[n, c])
            exp(z_shifted, z_exp)
            # z_sumexp[n] = sum(k: z_exp[n, k])
            ones.dot(z_exp, z_sumexp)
            # loss = sum(n: (log(z_sumexp[n]) - z_shifted[n, y[n]])/N)
            multiply(y, stride, t3)
            add(position, t3, y_position)
            z_shifted_flat.take(y_position, out=t4, mode="clip")
            log(z_sumexp, t5)
            subtract(t5, t4, t5_apart)
            loss = total(t5_apart)
            # p[n, c] = z_exp[n, c]/z_sumexp[n]
            t6[...] = z_sumexp
            divide(z_exp, t6, p)
            # dz[n, c] += p[n, c]/N
            multiply(p, c, dz)
            # dz[n, y[n]] += -1/N
            dz_flat.take(y_position, out=t7, mode="clip")
            add(t7, minus_1_over_N, t7_apart)
            dz_flat[y_position] = t7_apart
            # db2[c] = sum(n: dz[n, c])
            dz.dot(ones2, db2)
            # dW2[j, c] = sum(n: a[n, j]*dz[n, c])
            a_T.dot(dz_T, dW2)
            # da[n, j] = sum(c: dz[n, c]*W2[j, c])
            dz_T.dot(W2_T, da)
            # da_sum[n, j] = da[n, j]*(1 - a[n, j]**2)
            square(a, da_sum)
            subtract(one, da_sum, da_sum)
            multiply(da_sum, da, da_sum)
            # db1[j] = sum(n: da_sum[n, j])
            ones2.dot(da_sum, db1)
            # dW1[i, j] = sum(n: x[n, i]*da_sum[n, j])
            x.T.dot(da_sum, dW1)

            return float(loss), {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}

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


def predict(params, x):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    W1 = params["W1"]
    b1 = params["b1"]
    W2 = params["W2"]
    b2 = params["b2"]

    a_sum = np.empty((N, 64), dtype)
    a = a_sum  # a_sum is not needed any more
    z = np.empty((10, N), dtype)  # dimensions exchanged
    z_max = np.empty(N, dtype)
    z_shifted = z  # z is not needed any more
    z_exp = z  # z is not needed any more
    z_sumexp = z_max  # z_max is not needed any more
    p = np.empty((N, 10), dtype)
    a_T = a.T
    ones = np.ones(10, dtype)
    z_exp_T = z_exp.T
    z_sumexp_col = z_sumexp[:, None]

    # a_sum[n, j] = sum(i: x[n, i]*W1[i, j])
    x.dot(W1, out=a_sum)
    # a[n, j] = tanh(a_sum[n, j] + b1[j])
    np.add(a_sum, b1, out=a)
    np.tanh(a, out=a)
    # z[n, c] += sum(j: a[n, j]*W2[j, c])
    W2.T.dot(a_T, out=z)
    # z[n, c] += b2[c]
    np.add(z, b2[:, None], out=z)
    # z_max[n] = max(k: z[n, k])
    np.maximum.reduce(z, axis=0, out=z_max)
    # z_shifted[n, c] = z[n, c] - z_max[n]
    np.subtract(z, z_max, out=z_shifted)
    # z_exp[n, c] = exp(z_shifted[n, c])
    np.exp(z_shifted, out=z_exp)
    # z_sumexp[n] = sum(k: z_exp[n, k])
    ones.dot(z_exp, out=z_sumexp)
    # p[n, c] = z_exp[n, c]/z_sumexp[n]
    np.divide(z_exp_T, z_sumexp_col, out=p)

    return {"p": p}


def evaluate(params, x, y):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 64), of the dtype of params
    y       shape (N,), integers in 0..9
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 64), dtype)
    y = _integer("y", y, (N,), 10)
    W1 = params["W1"]
    b1 = params["b1"]
    W2 = params["W2"]
    b2 = params["b2"]

    a_sum = np.empty((N, 64), dtype)
    a = a_sum  # a_sum is not needed any more
    z = np.empty((10, N), dtype)  # dimensions exchanged
    z_max = np.empty(N, dtype)
    z_shifted = np.empty((10, N), dtype)  # dimensions exchanged
    z_sumexp = z_max  # z_max is not needed any more
    accuracy_argmax = np.empty(N, np.intp)
    a_T = a.T
    t0 = np.empty((10, N), dtype)
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t1 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    z_shifted_flat = z_shifted.reshape(-1)
    t2 = np.empty(N, dtype)
    t3 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)
    z_T = z.T
    t4 = np.empty(N, bool)
    ones2 = np.ones(N, dtype)

    # a_sum[n, j] = sum(i: x[n, i]*W1[i, j])
    x.dot(W1, out=a_sum)
    # a[n, j] = tanh(a_sum[n, j] + b1[j])
    np.add(a_sum, b1, out=a)
    np.tanh(a, out=a)
    # z[n, c] += sum(j: a[n, j]*W2[j, c])
    W2.T.dot(a_T, out=z)
    # z[n, c] += b2[c]
    np.add(z, b2[:, None], out=z)
    # z_max[n] = max(k: z[n, k])
    np.maximum.reduce(z, axis=0, out=z_max)
    # z_shifted[n, c] = z[n, c] - z_max[n]
    np.subtract(z, z_max, out=z_shifted)
    # z_sumexp[n] = sum(k: exp(z_shifted[n, k]))
    np.exp(z_shifted, out=t0)
    ones.dot(t0, out=z_sumexp)
    # loss = sum(n: (log(z_sumexp[n]) - z_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t1)
    np.add(position, t1, out=y_position)
    z_shifted_flat.take(y_position, out=t2, mode="clip")
    np.log(z_sumexp, out=t3)
    np.subtract(t3, t2, out=t3)
    loss = weights.dot(t3)
    # accuracy_argmax[n] = argmax(c: z[n, c])
    np.argmax(z_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == y[n])/N)
    np.equal(accuracy_argmax, y, out=t4)
    t2[...] = t4
    accuracy = ones2.dot(t2) / N

    return {"loss": float(loss), "accuracy": float(accuracy)}


# --- the optimiser: nesterov ---


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
        # p' = p - rate*(g + momentum*v')
        p -= rate * (g + momentum * v)


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (4810,):
        raise ValueError(f"theta: expected shape (4810,), got {_describe(theta)}")
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
