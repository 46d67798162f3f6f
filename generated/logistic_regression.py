"""logistic_regression: the network below with its gradients, in NumPy.

    network logistic_regression

    const D = 4
    const penalty = 0.01

    example N = 8

    input x[N, D]
    input y[N] < 2

    param w[i: D] ~ zeros
    param b ~ zeros

    z[n] = b + sum(i: x[n, i]*w[i])
    probability[n] = 1/(1 + exp(-z[n]))
    loss = mean(n: -y[n]*log(probability[n]) - (1 - y[n])*log(1 - probability[n]))

    output probability
    metric accuracy = mean(n: (z[n] > 0) == y[n])
    minimize loss + penalty*sum(i: w[i]**2)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
dd073217735eb4051c1aa39be17cbc07b0fdbea03541a0c281455ad9c9262e62
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "w": {"shape": (4,), "kind": "real"},
    "b": {"shape": (), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 4), "kind": "real"},
    "y": {"shape": ("N",), "kind": "integer", "bound": 2},
}
OUTPUTS = {
    "probability": {"shape": ("N",), "kind": "real"},
}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 8}
BATCH = {"size": "N", "inputs": {"x": 0, "y": 0}, "loss": "mean"}


# --- initial values ---


def init(rng, dtype=np.float32):
    """Draw the parameters.

    rng    a np.random.Generator, or a seed
    dtype  np.float32 or np.float64
    """
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise TypeError(f"dtype: expected np.float32 or np.float64, got {dtype!r}")
    values = {
        "w": np.zeros((4,)),
        "b": np.zeros(()),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


@np.errstate(all="ignore")
def forward(params, x, y):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 4), of the dtype of params
    y       shape (N,), integers in 0..1

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    y = _integer("y", y, (N,), 2)
    w = params["w"]
    b = np.asarray(params["b"], dtype)

    z_sum = np.empty(N, dtype)
    z = z_sum  # z_sum is not needed any more
    probability = np.empty(N, dtype)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    t0 = np.empty(N, dtype)
    t1 = np.empty((N + 1) // 2, dtype)
    t0_halves = _halves(t0, t1)
    t2 = np.empty(N, bool)
    t3 = np.empty(N, np.int8)
    zero = np.array(0, dtype)
    t2_digit = t2.view(np.int8)

    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n]
    np.add(z_sum, b, out=z)
    # probability[n] = sigmoid(z[n])
    np.multiply(z, minus_one, out=probability)
    np.exp(probability, out=probability)
    np.add(probability, one, out=probability)
    np.divide(one, probability, out=probability)
    # loss = sum(n: (softplus(z[n]) - y[n]*z[n])/N)
    np.absolute(z, out=t0)
    np.multiply(t0, minus_one, out=t0)
    np.exp(t0, out=t0)
    log1p_sum = _sum_log1p(t0_halves)
    np.greater(z, zero, out=t2)
    np.copyto(t3, y, casting="unsafe")
    np.subtract(t2_digit, t3, out=t3)
    np.copyto(t0, t3)
    loss = (log1p_sum + t0.dot(z)) / N
    # objective_sum = sum(i: w[i]**2)
    objective_sum = w.dot(w)
    # objective = loss + objective_sum/100
    objective = loss + objective_sum / 100

    outputs = {"probability": probability.copy(), "loss": np.array(objective, dtype)}
    saved = (N, x, y, probability)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, y, probability = saved
    _check_keys("grad_outputs", grad_outputs, ("probability", "loss"))
    grad_probability = _upstream("probability", grad_outputs, (N,), dtype)
    grad_objective = _upstream("loss", grad_outputs, (), dtype)
    w = params["w"]

    dz = np.empty(N, dtype)
    dx = np.empty((N, 4), dtype)
    dw = np.empty(4, dtype)
    t0 = np.empty(N, dtype)
    one = np.array(1, dtype)
    ones = np.ones(N, dtype)
    dz_col = dz[:, None]
    t1 = np.empty(4, dtype)

    # dz[n] = grad_objective*(probability[n] - y[n])/N
    #     + grad_probability[n]*probability[n]*(1 - probability[n])
    dz[...] = y
    np.subtract(probability, dz, out=dz)
    np.multiply(dz, grad_objective / N, out=dz)
    np.subtract(one, probability, out=t0)
    np.multiply(t0, grad_probability, out=t0)
    np.multiply(t0, probability, out=t0)
    np.add(dz, t0, out=dz)
    # db = sum(n: dz[n])
    db = ones.dot(dz)
    # dx[n, i] = dz[n]*w[i]
    np.multiply(dz_col, w, out=dx)
    # dw[i] += sum(n: x[n, i]*dz[n])
    dz.dot(x, out=dw)
    # dw[i] += grad_objective*w[i]/50
    np.multiply(w, grad_objective / 50, out=t1)
    np.add(dw, t1, out=dw)

    return {"w": dw, "b": np.array(db, dtype), "x": dx}


# --- training mode: the loss and its gradients ---


def loss(params, x, y):
    """The loss as a float."""
    return float(forward(params, x, y)[0]["loss"])


def loss_and_grad(params, x, y, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 4), of the dtype of params
    y          shape (N,), integers in 0..1
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x, y):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 4), dtype)
        y = _integer("y", y, (N,), 2)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, y)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    absolute = np.absolute
    add = np.add
    copyto = np.copyto
    divide = np.divide
    exp = np.exp
    greater = np.greater
    multiply = np.multiply
    subtract = np.subtract
    slot0 = np.empty(max(N, 4), dtype)
    z_sum = slot0[:N]
    z = np.empty(N, dtype) if N == 1 else z_sum  # z_sum is not needed any more
    probability = np.empty(N, dtype) if N == 1 else z_sum  # z_sum is not needed any more
    dz = np.empty(N, dtype) if N == 1 else z_sum  # z_sum is not needed any more
    slot1 = np.empty(max(2 * ((N + 3) // 4), 4), dtype)
    dw = slot1[:4]
    t0 = np.empty(N, dtype)
    t0_apart = np.empty(N, dtype) if N == 1 else t0
    minus_one = np.array(-1, dtype)
    t1 = slot1[: (N + 1) // 2]
    t0_halves = _halves(t0, t1)
    t2_bytes = slot1[(N + 3) // 4 : 2 * ((N + 3) // 4)].view(bool)
    t2 = t2_bytes[:N]
    t3_bytes = slot1[: (N + 3) // 4].view(np.int8)
    t3 = t3_bytes[:N]
    zero = np.array(0, dtype)
    t2_digit = t2.view(np.int8)
    one = np.array(1, dtype)
    c = np.array(1 / N, dtype)
    total = _total(N, 1, dtype)
    t7 = slot0[:4]
    c0_02 = np.array(0.02, dtype)
    db_out = np.empty((), dtype)

    def bind(params):
        w = params["w"]
        b_given = params["b"]
        b = np.asarray(b_given, dtype)

        def fits(params, x, y):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 2
                    and params["w"] is w
                    and params["b"] is b_given
                    and x.shape == (N, 4)
                    and x.dtype is dtype
                    and y.shape == (N,)
                    and y.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        @np.errstate(all="ignore")
        def run(x, y):
            y = _indices("y", y, 2)

            # z_sum[n] = sum(i: x[n, i]*w[i])
            w.dot(x.T, z_sum)
            # z[n] = b + z_sum[n]
            add(z_sum, b, z)
            # loss = sum(n: (softplus(z[n]) - y[n]*z[n])/N)
            absolute(z, t0)
            multiply(t0, minus_one, t0_apart)
            exp(t0_apart, t0)
            log1p_sum = _sum_log1p(t0_halves)
            greater(z, zero, t2)
            copyto(t3, y, casting="unsafe")
            subtract(t2_digit, t3, t3)
            copyto(t0, t3)
            loss = (log1p_sum + t0.dot(z)) / N
            # objective_sum = sum(i: w[i]**2)
            objective_sum = w.dot(w)
            # objective = loss + objective_sum/100
            objective = loss + objective_sum / 100
            # probability[n] = sigmoid(z[n])
            multiply(z, minus_one, t0)
            exp(t0, t0_apart)
            add(t0_apart, one, t0)
            divide(one, t0, probability)
            # dz[n] = (probability[n] - y[n])/N
            t0[...] = y
            subtract(probability, t0, t0_apart)
            multiply(t0_apart, c, dz)
            # db = sum(n: dz[n])
            db = total(dz)
            # dw[i] += sum(n: x[n, i]*dz[n])
            dz.dot(x, dw)
            # dw[i] += w[i]/50
            multiply(w, c0_02, t7)
            add(dw, t7, dw)

            db_out[()] = db
            return float(objective), {"w": dw, "b": db_out}

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
    x       shape (N, 4), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    w = params["w"]
    b = np.asarray(params["b"], dtype)

    z_sum = np.empty(N, dtype)
    z = z_sum  # z_sum is not needed any more
    probability = z_sum  # z_sum is not needed any more
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)

    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n]
    np.add(z_sum, b, out=z)
    # probability[n] = sigmoid(z[n])
    np.multiply(z, minus_one, out=probability)
    np.exp(probability, out=probability)
    np.add(probability, one, out=probability)
    np.divide(one, probability, out=probability)

    return {"probability": probability}


def evaluate(params, x, y):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 4), of the dtype of params
    y       shape (N,), integers in 0..1
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    y = _integer("y", y, (N,), 2)
    w = params["w"]
    b = np.asarray(params["b"], dtype)

    z_sum = np.empty(N, dtype)
    z = z_sum  # z_sum is not needed any more
    t0 = np.empty(N, bool)
    zero = np.array(0, dtype)
    t1 = np.empty(N, dtype)
    ones = np.ones(N, dtype)
    minus_one = np.array(-1, dtype)
    t2 = np.empty((N + 1) // 2, dtype)
    t1_halves = _halves(t1, t2)
    t3 = np.empty(N, np.int8)
    t0_digit = t0.view(np.int8)

    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n]
    np.add(z_sum, b, out=z)
    # accuracy = sum(n: ((z[n] > 0) == y[n])/N)
    np.less(zero, z, out=t0)
    np.equal(t0, y, out=t0)
    t1[...] = t0
    accuracy = ones.dot(t1) / N
    # loss = sum(n: (softplus(z[n]) - y[n]*z[n])/N)
    np.absolute(z, out=t1)
    np.multiply(t1, minus_one, out=t1)
    np.exp(t1, out=t1)
    log1p_sum = _sum_log1p(t1_halves)
    np.greater(z, zero, out=t0)
    np.copyto(t3, y, casting="unsafe")
    np.subtract(t0_digit, t3, out=t3)
    np.copyto(t1, t3)
    loss = (log1p_sum + t1.dot(z)) / N
    # objective_sum = sum(i: w[i]**2)
    objective_sum = w.dot(w)
    # objective = loss + objective_sum/100
    objective = loss + objective_sum / 100

    return {"loss": float(objective), "accuracy": float(accuracy)}


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (5,):
        raise ValueError(f"theta: expected shape (5,), got {_describe(theta)}")
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


def _integer(name, value, shape, bound):
    """An integer input as an array of intp, after checking its shape and its values."""
    if shape == () and isinstance(value, int):
        value = np.array(value)
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "iu":
        raise TypeError(f"{name}: expected an array of integers, got {_describe(value)}")
    if value.shape != shape:
        raise ValueError(f"{name}: expected shape {_named(name, shape)}, got {_describe(value)}")
    return _indices(name, value, bound)


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
