"""linear_classifier: the network below with its gradients, in NumPy.

    network linear_classifier

    const D = 2
    const T = 2

    input x[D]
    input t[T] ~ uniform(0, 1)

    param W[k: T, i: D] ~ glorot_uniform
    param b[k: T] ~ zeros

    z[k] = b[k] + sum(i: W[k, i]*x[i])
    q[k] = exp(z[k])
    s = sum(k: q[k])
    p[k] = q[k]/s
    loss = -sum(k: t[k]*log(p[k]))

    output p
    minimize loss

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
f01e978484f2dc08c26f7f8aca3db875e9e20eb6de18b3de6c7362cfa41b34b6
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "W": {"shape": (2, 2), "kind": "real"},
    "b": {"shape": (2,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": (2,), "kind": "real"},
    "t": {"shape": (2,), "kind": "real", "sampler": ("uniform", {"low": 0, "high": 1})},
}
OUTPUTS = {
    "p": {"shape": (2,), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {}
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
        "W": _glorot_uniform(rng, (2, 2), fan_in=2, fan_out=2),
        "b": np.zeros((2,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x, t):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (2,), of the dtype of params
    t       shape (2,), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = _real("x", x, (2,), dtype)
    t = _real("t", t, (2,), dtype)
    W = params["W"]
    b = params["b"]

    z = np.empty(2, dtype)
    z_shifted = z  # z is not needed any more
    z_exp = np.empty(2, dtype)
    p = np.empty(2, dtype)
    ones = np.ones(2, dtype)
    t0 = np.empty(2, dtype)

    # z[k] += sum(i: W[k, i]*x[i])
    W.dot(x, out=z)
    # z[k] += b[k]
    np.add(z, b, out=z)
    # z_max = max(k: z[k])
    z_max = np.maximum.reduce(z, axis=None)
    # z_shifted[k] = z[k] - z_max
    np.add(z, -z_max, out=z_shifted)
    # z_exp[k] = exp(z_shifted[k])
    np.exp(z_shifted, out=z_exp)
    # z_sumexp = sum(k: z_exp[k])
    z_sumexp = ones.dot(z_exp)
    # p[k] = z_exp[k]/z_sumexp
    np.multiply(z_exp, 1 / z_sumexp, out=p)
    # z_sumexp_log = log(z_sumexp)
    z_sumexp_log = np.log(z_sumexp)
    # loss_sum = sum(k: t[k]*(z_shifted[k] - z_sumexp_log))
    np.add(z_shifted, -z_sumexp_log, out=t0)
    loss_sum = t.dot(t0)
    # loss = -loss_sum
    loss = -loss_sum

    outputs = {"p": p.copy(), "loss": np.array(loss, dtype)}
    saved = (x, t, p, z_shifted, z_sumexp, z_exp, z_sumexp_log)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x, t, p, z_shifted, z_sumexp, z_exp, z_sumexp_log = saved
    _check_keys("grad_outputs", grad_outputs, ("p", "loss"))
    grad_p = _upstream("p", grad_outputs, (2,), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    W = params["W"]

    dt = np.empty(2, dtype)
    dz = np.empty(2, dtype)
    db = np.empty(2, dtype)
    dW = np.empty((2, 2), dtype)
    dx = np.empty(2, dtype)
    ones = np.ones(2, dtype)
    t0 = np.empty(2, dtype)
    dz_col = dz[:, None]

    # dt[k] = grad_loss*(z_sumexp_log - z_shifted[k])
    np.subtract(z_sumexp_log, z_shifted, out=dt)
    np.multiply(dt, grad_loss, out=dt)
    # dz_sumexp += sum(k: grad_loss*t[k]/z_sumexp)
    dz_sumexp = (grad_loss / z_sumexp) * ones.dot(t)
    # dz_sumexp += sum(k: -grad_p[k]*p[k]/z_sumexp)
    dz_sumexp = dz_sumexp + ((-1 / z_sumexp) * grad_p.dot(p))
    # dz[k] = dz_sumexp*z_exp[k] + grad_p[k]*p[k] - grad_loss*t[k]
    np.multiply(z_exp, dz_sumexp, out=dz)
    np.multiply(grad_p, p, out=t0)
    np.add(dz, t0, out=dz)
    np.multiply(t, grad_loss, out=t0)
    np.subtract(dz, t0, out=dz)
    # db[k] = dz[k]
    db[...] = dz
    # dW[k, i] = dz[k]*x[i]
    np.multiply(dz_col, x, out=dW)
    # dx[i] = sum(k: W[k, i]*dz[k])
    W.T.dot(dz, out=dx)

    return {"W": dW, "b": db, "x": dx, "t": dt}


# --- training mode: the loss and its gradients ---


def loss(params, x, t):
    """The loss as a float."""
    return float(forward(params, x, t)[0]["loss"])


def loss_and_grad(params, x, t, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (2,), of the dtype of params
    t          shape (2,), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x, t):
        dtype = _check_arrays("params", params, PARAMETERS)
        x = _real("x", x, (2,), dtype)
        t = _real("t", t, (2,), dtype)
        workspace.prepare(params, dtype)
    return workspace.run(x, t)


def _step(dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    exp = np.exp
    log = np.log
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    subtract = np.subtract
    slot0 = np.empty(4, dtype)
    z = slot0[2:4]
    z_shifted = z  # z is not needed any more
    z_exp = slot0[:2]
    dz = z_exp  # z_exp is not needed any more
    db = np.empty(2, dtype)
    dW = np.empty((2, 2), dtype)
    ones = np.ones(2, dtype)
    t0 = db
    t1 = dW
    dz_col = dz[:, None]
    t2 = slot0.reshape(2, 2)

    def bind(params):
        W = params["W"]
        b = params["b"]

        def fits(params, x, t):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 2
                    and params["W"] is W
                    and params["b"] is b
                    and x.shape == (2,)
                    and x.dtype is dtype
                    and t.shape == (2,)
                    and t.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x, t):
            # z[k] += sum(i: W[k, i]*x[i])
            W.dot(x, z)
            # z[k] += b[k]
            add(z, b, z)
            # z_max = max(k: z[k])
            z_max = maximum_reduce(z, axis=None)
            # z_shifted[k] = z[k] - z_max
            add(z, -z_max, z_shifted)
            # z_exp[k] = exp(z_shifted[k])
            exp(z_shifted, z_exp)
            # z_sumexp = sum(k: z_exp[k])
            z_sumexp = ones.dot(z_exp)
            # loss_sum = sum(k: t[k]*(z_shifted[k] - log(z_sumexp)))
            add(z_shifted, -log(z_sumexp), t0)
            loss_sum = t.dot(t0)
            # loss = -loss_sum
            loss = -loss_sum
            # dz_sumexp = sum(k: t[k]/z_sumexp)
            dz_sumexp = (1 / z_sumexp) * ones.dot(t)
            # dz[k] = dz_sumexp*z_exp[k] - t[k]
            multiply(z_exp, dz_sumexp, dz)
            subtract(dz, t, dz)
            # db[k] = dz[k]
            db[...] = dz
            # dW[k, i] = dz[k]*x[i]
            t1[...] = dz_col
            t2[...] = x
            multiply(t1, t2, dW)

            return float(loss), {"W": dW, "b": db}

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
    x       shape (2,), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = _real("x", x, (2,), dtype)
    W = params["W"]
    b = params["b"]

    z = np.empty(2, dtype)
    z_shifted = z  # z is not needed any more
    z_exp = z  # z is not needed any more
    p = z  # z is not needed any more
    ones = np.ones(2, dtype)

    # z[k] += sum(i: W[k, i]*x[i])
    W.dot(x, out=z)
    # z[k] += b[k]
    np.add(z, b, out=z)
    # z_max = max(k: z[k])
    z_max = np.maximum.reduce(z, axis=None)
    # z_shifted[k] = z[k] - z_max
    np.add(z, -z_max, out=z_shifted)
    # z_exp[k] = exp(z_shifted[k])
    np.exp(z_shifted, out=z_exp)
    # z_sumexp = sum(k: z_exp[k])
    z_sumexp = ones.dot(z_exp)
    # p[k] = z_exp[k]/z_sumexp
    np.multiply(z_exp, 1 / z_sumexp, out=p)

    return {"p": p}


def evaluate(params, x, t):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (2,), of the dtype of params
    t       shape (2,), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    x = _real("x", x, (2,), dtype)
    t = _real("t", t, (2,), dtype)
    W = params["W"]
    b = params["b"]

    z = np.empty(2, dtype)
    z_shifted = z  # z is not needed any more
    t0 = np.empty(2, dtype)
    ones = np.ones(2, dtype)

    # z[k] += sum(i: W[k, i]*x[i])
    W.dot(x, out=z)
    # z[k] += b[k]
    np.add(z, b, out=z)
    # z_max = max(k: z[k])
    z_max = np.maximum.reduce(z, axis=None)
    # z_shifted[k] = z[k] - z_max
    np.add(z, -z_max, out=z_shifted)
    # z_sumexp = sum(k: exp(z_shifted[k]))
    np.exp(z_shifted, out=t0)
    z_sumexp = ones.dot(t0)
    # loss_sum = sum(k: t[k]*(z_shifted[k] - log(z_sumexp)))
    np.add(z_shifted, -np.log(z_sumexp), out=t0)
    loss_sum = t.dot(t0)
    # loss = -loss_sum
    loss = -loss_sum

    return {"loss": float(loss)}


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (6,):
        raise ValueError(f"theta: expected shape (6,), got {_describe(theta)}")
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


def _named(name, shape):
    """An expected shape as text, with the names of sizes: `(N, 64) = (32, 64)`."""
    symbolic = INPUTS[name]["shape"]
    return str(shape) if symbolic == shape else f"{_shape(symbolic)} = {shape}"


def _shape(shape):
    """A shape with the names of its sizes, as text."""
    return f"({', '.join(map(str, shape))}{',' * (len(shape) == 1)})"
