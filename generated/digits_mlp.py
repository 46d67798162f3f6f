"""digits_mlp: the network below with its gradients, in NumPy.

    network digits_mlp

    example N = 4

    input x[N, 64] ~ uniform(0, 1)
    input y[N] < 10

    h      = dense(x, 64, activation=tanh)
    logits = dense(h, 10)

    output logits
    metric accuracy = mean(n: argmax(c: logits[n, c]) == y[n])
    minimize softmax_cross_entropy(logits, y) with nesterov(rate=0.1, momentum=0.9)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
1b64037cb067aadea3be0736cf67381d6765a2f4d48484523161a9ff19d71ea6
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "h.W": {"shape": (64, 64), "kind": "real"},
    "h.b": {"shape": (64,), "kind": "real"},
    "logits.W": {"shape": (64, 10), "kind": "real"},
    "logits.b": {"shape": (10,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 64), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
    "y": {"shape": ("N",), "kind": "integer", "bound": 10},
}
OUTPUTS = {
    "logits": {"shape": ("N", 10), "kind": "real"},
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
        "h.W": _glorot_uniform(rng, (64, 64), fan_in=64, fan_out=64),
        "h.b": np.zeros((64,)),
        "logits.W": _glorot_uniform(rng, (64, 10), fan_in=64, fan_out=10),
        "logits.b": np.zeros((10,)),
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
    h_W = params["h.W"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 10), dtype)
    logits_max = np.empty(N, dtype)
    logits_shifted = np.empty((N, 10), dtype)
    logits_exp = np.empty((N, 10), dtype)
    logits_sumexp = logits_max  # logits_max is not needed any more
    logits_max_col = logits_max[:, None]
    ones = np.ones(10, dtype)
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t0 = np.empty(N, dtype)
    t1 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
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
    logits_shifted_flat.take(y_position, out=t0, mode="clip")
    np.log(logits_sumexp, out=t1)
    np.subtract(t1, t0, out=t1)
    loss = weights.dot(t1)

    outputs = {"logits": logits, "loss": np.array(loss, dtype)}
    saved = (N, x, y, h, logits_sumexp, logits_exp)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, y, h, logits_sumexp, logits_exp = saved
    _check_keys("grad_outputs", grad_outputs, ("logits", "loss"))
    grad_logits = _upstream("logits", grad_outputs, (N, 10), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    h_W = params["h.W"]
    logits_W = params["logits.W"]

    dlogits_shifted = np.empty((N, 10), dtype)
    dlogits = dlogits_shifted  # dlogits_shifted is not needed any more
    dlogits_b = np.empty(10, dtype)
    dlogits_W = np.empty((64, 10), dtype)
    dh = np.empty((N, 64), dtype)
    dh_sum = dh  # dh is not needed any more
    dh_b = np.empty(64, dtype)
    dh_W = np.empty((64, 64), dtype)
    dx = np.empty((N, 64), dtype)
    t0 = np.empty(N, dtype)
    t0_col = t0[:, None]
    position = 10 * np.arange(N)
    y_position = np.empty(N, np.intp)
    dlogits_shifted_flat = dlogits_shifted.reshape(-1)
    ones = np.ones(N, dtype)
    t1 = np.empty((N, 64), dtype)
    one = np.array(1, dtype)

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
    # dlogits.W[i, o] = sum(n: h[n, i]*dlogits[n, o])
    h.T.dot(dlogits, out=dlogits_W)
    # dh[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
    dlogits.dot(logits_W.T, out=dh)
    # dh_sum[n, o] = dh[n, o]*(1 - h[n, o]**2)
    np.square(h, out=t1)
    np.subtract(one, t1, out=t1)
    np.multiply(t1, dh, out=dh_sum)
    # dh.b[o] = sum(n: dh_sum[n, o])
    ones.dot(dh_sum, out=dh_b)
    # dh.W[i, o] = sum(n: x[n, i]*dh_sum[n, o])
    x.T.dot(dh_sum, out=dh_W)
    # dx[n, i] = sum(o: dh_sum[n, o]*h.W[i, o])
    dh_sum.dot(h_W.T, out=dx)

    return {"h.W": dh_W, "h.b": dh_b, "logits.W": dlogits_W, "logits.b": dlogits_b, "x": dx}


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
    slot0 = np.empty(max(74 * N, 4160), dtype)
    h_sum = slot0[: 64 * N].reshape(N, 64)
    h = h_sum  # h_sum is not needed any more
    slot1 = np.empty(64 * N, dtype)
    logits = slot1[: 10 * N].reshape(10, N)  # dimensions exchanged
    logits_max = slot1[20 * N : 21 * N]
    logits_shifted = logits  # logits is not needed any more
    logits_exp = slot0[64 * N : 74 * N].reshape(10, N)  # dimensions exchanged
    logits_sumexp = slot1[10 * N : 11 * N]
    dlogits = logits_exp  # logits_exp is not needed any more
    dlogits_b = np.empty(10, dtype)
    dlogits_W = np.empty((64, 10), dtype)
    dh = slot1.reshape(N, 64)
    dh_sum = dh  # dh is not needed any more
    dh_b = slot0[4096:4160]
    dh_W = slot0[:4096].reshape(64, 64)
    t0 = slot1.reshape(N, 64)
    h_T = h.T
    t1 = slot1[10 * N : 20 * N].reshape(10, N)
    ones = np.ones(10, dtype)
    position = np.arange(N)
    t3 = np.empty(N, np.intp)
    stride = np.array(N)
    y_position = t3
    logits_shifted_flat = logits_shifted.reshape(-1)
    t4 = slot1[11 * N : 12 * N]
    t5 = slot1[12 * N : 13 * N]
    t5_apart = np.empty(N, dtype) if N == 1 else t5
    total = _total(N, 1 / N, dtype)
    t6 = slot1[10 * N : 11 * N]
    N2 = np.array(N, dtype)
    t7 = slot1[: 10 * N].reshape(10, N)
    dlogits_flat = dlogits.reshape(-1)
    minus_1_over_N = np.array(-1 / N, dtype)
    t8 = slot1[:N]
    t8_apart = np.empty(N, dtype) if N == 1 else t8
    ones2 = np.ones(N, dtype)
    dlogits_T = dlogits.T
    t9 = slot0[: 64 * N].reshape(N, 64)
    one = np.array(1, dtype)

    def bind(params):
        h_W = params["h.W"]
        h_b = params["h.b"]
        logits_W = params["logits.W"]
        logits_b = params["logits.b"]
        logits_W_T = logits_W.T
        logits_b_col = logits_b[:, None]

        def fits(params, x, y):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 4
                    and params["h.W"] is h_W
                    and params["h.b"] is h_b
                    and params["logits.W"] is logits_W
                    and params["logits.b"] is logits_b
                    and x.shape == (N, 64)
                    and x.dtype is dtype
                    and y.shape == (N,)
                    and y.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x, y):
            y = _indices("y", y, 10)

            # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
            x.dot(h_W, h_sum)
            # h[n, o] = tanh(h.b[o] + h_sum[n, o])
            t0[...] = h_b
            add(h_sum, t0, h)
            tanh(h, h)
            # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
            logits_W_T.dot(h_T, logits)
            # logits[n, o] += logits.b[o]
            t1[...] = logits_b_col
            add(logits, t1, logits)
            # logits_max[n] = max(c: logits[n, c])
            maximum_reduce(logits, 0, None, logits_max)
            # logits_shifted[n, o] = logits[n, o] - logits_max[n]
            t1[...] = logits_max
            subtract(logits, t1, logits_shifted)
            # logits_exp[n, o] = exp(logits_shifted[n, o])
            exp(logits_shifted, logits_exp)
            # logits_sumexp[n] = sum(c: logits_exp[n, c])
            ones.dot(logits_exp, logits_sumexp)
            # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
            multiply(y, stride, t3)
            add(position, t3, y_position)
            logits_shifted_flat.take(y_position, out=t4, mode="clip")
            log(logits_sumexp, t5)
            subtract(t5, t4, t5_apart)
            loss = total(t5_apart)
            # dlogits[n, o] += logits_exp[n, o]/(N*logits_sumexp[n])
            multiply(logits_sumexp, N2, t6)
            t7[...] = t6
            divide(logits_exp, t7, dlogits)
            # dlogits[n, y[n]] += -1/N
            dlogits_flat.take(y_position, out=t8, mode="clip")
            add(t8, minus_1_over_N, t8_apart)
            dlogits_flat[y_position] = t8_apart
            # dlogits.b[o] = sum(n: dlogits[n, o])
            dlogits.dot(ones2, dlogits_b)
            # dlogits.W[i, o] = sum(n: h[n, i]*dlogits[n, o])
            h_T.dot(dlogits_T, dlogits_W)
            # dh[n, o] = sum(o2: dlogits[n, o2]*logits.W[o, o2])
            dlogits_T.dot(logits_W_T, dh)
            # dh_sum[n, o] = dh[n, o]*(1 - h[n, o]**2)
            square(h, t9)
            subtract(one, t9, t9)
            multiply(t9, dh, dh_sum)
            # dh.b[o] = sum(n: dh_sum[n, o])
            ones2.dot(dh_sum, dh_b)
            # dh.W[i, o] = sum(n: x[n, i]*dh_sum[n, o])
            x.T.dot(dh_sum, dh_W)

            return (
                float(loss),
                {"h.W": dh_W, "h.b": dh_b, "logits.W": dlogits_W, "logits.b": dlogits_b},
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
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((N, 10), dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
    # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
    h.dot(logits_W, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b, out=logits)

    return {"logits": logits}


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
    h_W = params["h.W"]
    h_b = params["h.b"]
    logits_W = params["logits.W"]
    logits_b = params["logits.b"]

    h_sum = np.empty((N, 64), dtype)
    h = h_sum  # h_sum is not needed any more
    logits = np.empty((10, N), dtype)  # dimensions exchanged
    accuracy_argmax = np.empty(N, np.intp)
    logits_max = np.empty(N, dtype)
    logits_shifted = logits  # logits is not needed any more
    logits_sumexp = logits_max  # logits_max is not needed any more
    h_T = h.T
    logits_T = logits.T
    t0 = np.empty(N, bool)
    t1 = np.empty(N, dtype)
    ones = np.ones(N, dtype)
    t2 = np.empty((10, N), dtype)
    ones2 = np.ones(10, dtype)
    position = np.arange(N)
    t3 = np.empty(N, np.intp)
    y_position = np.empty(N, np.intp)
    logits_shifted_flat = logits_shifted.reshape(-1)
    t4 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # h_sum[n, o] = sum(i: x[n, i]*h.W[i, o])
    x.dot(h_W, out=h_sum)
    # h[n, o] = tanh(h.b[o] + h_sum[n, o])
    np.add(h_sum, h_b, out=h)
    np.tanh(h, out=h)
    # logits[n, o] += sum(i: h[n, i]*logits.W[i, o])
    logits_W.T.dot(h_T, out=logits)
    # logits[n, o] += logits.b[o]
    np.add(logits, logits_b[:, None], out=logits)
    # accuracy_argmax[n] = argmax(c: logits[n, c])
    np.argmax(logits_T, axis=-1, out=accuracy_argmax)
    # accuracy = sum(n: (accuracy_argmax[n] == y[n])/N)
    np.equal(accuracy_argmax, y, out=t0)
    t1[...] = t0
    accuracy = ones.dot(t1) / N
    # logits_max[n] = max(c: logits[n, c])
    np.maximum.reduce(logits, axis=0, out=logits_max)
    # logits_shifted[n, o] = logits[n, o] - logits_max[n]
    np.subtract(logits, logits_max, out=logits_shifted)
    # logits_sumexp[n] = sum(c: exp(logits_shifted[n, c]))
    np.exp(logits_shifted, out=t2)
    ones2.dot(t2, out=logits_sumexp)
    # loss = sum(n: (log(logits_sumexp[n]) - logits_shifted[n, y[n]])/N)
    np.multiply(y, N, out=t3)
    np.add(position, t3, out=y_position)
    logits_shifted_flat.take(y_position, out=t1, mode="clip")
    np.log(logits_sumexp, out=t4)
    np.subtract(t4, t1, out=t4)
    loss = weights.dot(t4)

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
