"""factorisation_machine: the network below with its gradients, in NumPy.

    network factorisation_machine

    const D = 10
    const R = 3

    example N = 4

    input x[N, D]
    input t[N] < 2

    param b ~ zeros
    param w[i: D] ~ zeros
    param V[i: D, r: R] ~ normal(0, 0.1)

    along[n, r] = sum(i: V[i, r]*x[n, i])
    squares[n, r] = sum(i: V[i, r]**2*x[n, i]**2)
    z[n] = b + sum(i: w[i]*x[n, i]) + sum(r: along[n, r]**2 - squares[n, r])/2

    output z
    minimize binary_cross_entropy(z, t) + 0.001*l2(V) with adam(rate=0.01)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
53e58c15c013c543e576117ca31e8eaf47711bb5ec9498fa1428b51d91c908ef
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "b": {"shape": (), "kind": "real"},
    "w": {"shape": (10,), "kind": "real"},
    "V": {"shape": (10, 3), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 10), "kind": "real"},
    "t": {"shape": ("N",), "kind": "integer", "bound": 2},
}
OUTPUTS = {
    "z": {"shape": ("N",), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {"N": 4}
BATCH = {"size": "N", "inputs": {"x": 0, "t": 0}, "loss": "mean"}


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
        "b": np.zeros(()),
        "w": np.zeros((10,)),
        "V": rng.normal(0, 0.1, (10, 3)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x, t):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 10), of the dtype of params
    t       shape (N,), integers in 0..1

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 10), dtype)
    t = _integer("t", t, (N,), 2)
    b = np.asarray(params["b"], dtype)
    w = params["w"]
    V = params["V"]

    along = np.empty((N, 3), dtype)
    squares_part = np.empty((3, 10), dtype)
    squares_part2 = np.empty((N, 10), dtype)
    squares = np.empty((N, 3), dtype)
    z_sum2 = np.empty(N, dtype)
    z_sum = np.empty(N, dtype)
    z = z_sum2  # z_sum2 is not needed any more
    squares_part_T = squares_part.T
    t0 = np.empty((N, 3), dtype)
    ones = np.ones(3, dtype)
    half = np.array(0.5, dtype)
    t1 = np.empty(N, dtype)
    minus_one = np.array(-1, dtype)
    t2 = np.empty((N + 1) // 2, dtype)
    t1_halves = _halves(t1, t2)
    t3 = np.empty(N, bool)
    t4 = np.empty(N, np.int8)
    zero = np.array(0, dtype)
    t3_digit = t3.view(np.int8)
    ones2 = np.ones(30, dtype)
    squares_part_flat = squares_part.reshape(-1)

    # along[n, r] = sum(i: x[n, i]*V[i, r])
    x.dot(V, out=along)
    # squares_part[r, i] = V[i, r]**2
    np.square(V.T, out=squares_part)
    # squares_part2[n, i] = x[n, i]**2
    np.square(x, out=squares_part2)
    # squares[n, r] = sum(i: squares_part2[n, i]*squares_part[r, i])
    squares_part2.dot(squares_part_T, out=squares)
    # z_sum2[n] = sum(r: along[n, r]**2 - squares[n, r])
    np.square(along, out=t0)
    np.subtract(t0, squares, out=t0)
    t0.dot(ones, out=z_sum2)
    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n] + z_sum2[n]/2
    np.multiply(z_sum2, half, out=z)
    np.add(z, b, out=z)
    np.add(z, z_sum, out=z)
    # loss.binary_cross_entropy = sum(n: (softplus(z[n]) - t[n]*z[n])/N)
    np.absolute(z, out=t1)
    np.multiply(t1, minus_one, out=t1)
    np.exp(t1, out=t1)
    log1p_sum = _sum_log1p(t1_halves)
    np.greater(z, zero, out=t3)
    np.copyto(t4, t, casting="unsafe")
    np.subtract(t3_digit, t4, out=t4)
    np.copyto(t1, t4)
    loss_binary_cross_entropy = (log1p_sum + t1.dot(z)) / N
    # loss.l2 = sum(i, r: squares_part[r, i])
    loss_l2 = ones2.dot(squares_part_flat)
    # loss = loss.binary_cross_entropy + loss.l2/1000
    loss = loss_binary_cross_entropy + loss_l2 / 1000

    outputs = {"z": z.copy(), "loss": np.array(loss, dtype)}
    saved = (N, x, t, along, z, squares_part, squares_part2)
    return outputs, saved


@np.errstate(all="ignore")
def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, t, along, z, squares_part, squares_part2 = saved
    _check_keys("grad_outputs", grad_outputs, ("z", "loss"))
    grad_z = _upstream("z", grad_outputs, (N,), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    w = params["w"]
    V = params["V"]

    dz = np.empty(N, dtype)
    dw = np.empty(10, dtype)
    dalong = np.empty((3, N), dtype)  # dimensions exchanged
    dsquares_part2 = np.empty((N, 10), dtype)
    dsquares_part = np.empty((10, 3), dtype)  # dimensions exchanged
    dV = np.empty((10, 3), dtype)
    dx = np.empty((N, 10), dtype)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    t0 = np.empty(N, dtype)
    ones = np.ones(N, dtype)
    ones2 = np.ones(3, dtype)
    t1 = np.empty(10, dtype)
    minus_0_5 = np.array(-0.5, dtype)
    t0_col = t0[:, None]
    t1_col = t1[:, None]
    dalong_T = dalong.T
    t2 = np.empty((10, 3), dtype)
    two = np.array(2, dtype)
    t3 = np.empty((N, 10), dtype)
    t4 = np.empty((N, 10), dtype)
    dz_col = dz[:, None]

    # dz[n] = grad_z[n] + grad_loss*(sigmoid(z[n]) - t[n])/N
    np.multiply(z, minus_one, out=dz)
    np.exp(dz, out=dz)
    np.add(dz, one, out=dz)
    np.divide(one, dz, out=dz)
    t0[...] = t
    np.subtract(dz, t0, out=dz)
    np.multiply(dz, grad_loss / N, out=dz)
    np.add(dz, grad_z, out=dz)
    # db = sum(n: dz[n])
    db = ones.dot(dz)
    # dw[i] = sum(n: x[n, i]*dz[n])
    dz.dot(x, out=dw)
    # dalong[n, r] = dz[n]*along[n, r]
    np.multiply(along.T, dz, out=dalong)
    # dsquares_part2[n, i] = sum(r: -dz[n]*squares_part[r, i]/2)
    ones2.dot(squares_part, out=t1)
    np.multiply(dz, minus_0_5, out=t0)
    np.multiply(t0_col, t1, out=dsquares_part2)
    # dsquares_part[r, i] = sum(n: -squares_part2[n, i]*dz[n]/2)
    dz.dot(squares_part2, out=t1)
    np.multiply(t1, minus_0_5, out=t1)
    dsquares_part[...] = t1_col
    # dV[i, r] += sum(n: x[n, i]*dalong[n, r])
    x.T.dot(dalong_T, out=dV)
    # dV[i, r] += V[i, r]*(2*dsquares_part[r, i] + grad_loss/500)
    np.multiply(dsquares_part, two, out=t2)
    np.add(t2, grad_loss / 500, out=t2)
    np.multiply(t2, V, out=t2)
    np.add(dV, t2, out=dV)
    # dx[n, i] += sum(r: dalong[n, r]*V[i, r])
    dalong_T.dot(V.T, out=dx)
    # dx[n, i] += 2*dsquares_part2[n, i]*x[n, i] + dz[n]*w[i]
    np.multiply(dsquares_part2, two, out=t3)
    np.multiply(t3, x, out=t3)
    np.multiply(dz_col, w, out=t4)
    np.add(t3, t4, out=t3)
    np.add(dx, t3, out=dx)

    return {"b": np.array(db, dtype), "w": dw, "V": dV, "x": dx}


# --- training mode: the loss and its gradients ---


def loss(params, x, t):
    """The loss as a float."""
    return float(forward(params, x, t)[0]["loss"])


def loss_and_grad(params, x, t, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 10), of the dtype of params
    t          shape (N,), integers in 0..1
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x, t):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 10), dtype)
        t = _integer("t", t, (N,), 2)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, t)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    absolute = np.absolute
    add = np.add
    copyto = np.copyto
    divide = np.divide
    exp = np.exp
    greater = np.greater
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    along = np.empty((3, N), dtype)  # dimensions exchanged
    squares_part = np.empty((10, 3), dtype)  # dimensions exchanged
    slot0 = np.empty(max(10 * N, 30), dtype)
    squares_part2 = slot0[: 10 * N].reshape(N, 10)
    slot1 = np.empty(3 * N, dtype)
    squares = slot1.reshape(N, 3)
    z_sum2 = np.empty(N, dtype)
    z_sum = slot1[:N]
    z = np.empty(N, dtype) if N == 1 else z_sum2  # z_sum2 is not needed any more
    dz = np.empty(N, dtype) if N == 1 else z_sum2  # z_sum2 is not needed any more
    slot2 = np.empty(max(3 * N, 20), dtype)
    dw = slot2[:10]
    dalong = along  # along is not needed any more
    dsquares_part = squares_part  # squares_part is not needed any more
    dV = slot0[:30].reshape(10, 3)
    squares_T = squares.T
    t0 = slot2[: 3 * N].reshape(3, N)
    ones = np.ones(3, dtype)
    t1 = slot1[N : 2 * N]
    half = np.array(0.5, dtype)
    t1_apart = np.empty(N, dtype) if N == 1 else t1
    t2 = slot1[:N]
    t2_apart = np.empty(N, dtype) if N == 1 else t2
    minus_one = np.array(-1, dtype)
    t3 = slot1[N : (N + 1) // 2 + N]
    t2_halves = _halves(t2, t3)
    t4_bytes = slot1[(N + 3) // 4 + N : 2 * ((N + 3) // 4) + N].view(bool)
    t4 = t4_bytes[:N]
    t5_bytes = slot1[N : (N + 3) // 4 + N].view(np.int8)
    t5 = t5_bytes[:N]
    zero = np.array(0, dtype)
    t4_digit = t4.view(np.int8)
    ones2 = np.ones(30, dtype)
    squares_part_flat = squares_part.reshape(-1)
    one = np.array(1, dtype)
    c = np.array(1 / N, dtype)
    total = _total(N, 1, dtype)
    t9 = slot1.reshape(3, N)
    t10 = slot2[10:20]
    minus_0_5 = np.array(-0.5, dtype)
    t10_col = t10[:, None]
    dalong_T = dalong.T
    t11 = squares_part
    two = np.array(2, dtype)
    c0_002 = np.array(0.002, dtype)
    db_out = np.empty((), dtype)

    def bind(params):
        b_given = params["b"]
        b = np.asarray(b_given, dtype)
        w = params["w"]
        V = params["V"]
        V_T = V.T

        def fits(params, x, t):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 3
                    and params["b"] is b_given
                    and params["w"] is w
                    and params["V"] is V
                    and x.shape == (N, 10)
                    and x.dtype is dtype
                    and t.shape == (N,)
                    and t.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        @np.errstate(all="ignore")
        def run(x, t):
            t = _indices("t", t, 2)

            # along[n, r] = sum(i: x[n, i]*V[i, r])
            V_T.dot(x.T, along)
            # squares_part[r, i] = V[i, r]**2
            square(V, squares_part)
            # squares_part2[n, i] = x[n, i]**2
            square(x, squares_part2)
            # squares[n, r] = sum(i: squares_part2[n, i]*squares_part[r, i])
            squares_part2.dot(squares_part, squares)
            # z_sum2[n] = sum(r: along[n, r]**2 - squares[n, r])
            square(along, t0)
            subtract(t0, squares_T, t0)
            ones.dot(t0, z_sum2)
            # z_sum[n] = sum(i: x[n, i]*w[i])
            w.dot(x.T, z_sum)
            # z[n] = b + z_sum[n] + z_sum2[n]/2
            multiply(z_sum2, half, t1)
            add(t1, b, t1_apart)
            add(t1_apart, z_sum, z)
            # loss.binary_cross_entropy = sum(n: (softplus(z[n]) - t[n]*z[n])/N)
            absolute(z, t2)
            multiply(t2, minus_one, t2_apart)
            exp(t2_apart, t2)
            log1p_sum = _sum_log1p(t2_halves)
            greater(z, zero, t4)
            copyto(t5, t, casting="unsafe")
            subtract(t4_digit, t5, t5)
            copyto(t2, t5)
            loss_binary_cross_entropy = (log1p_sum + t2.dot(z)) / N
            # loss.l2 = sum(i, r: squares_part[r, i])
            loss_l2 = ones2.dot(squares_part_flat)
            # loss = loss.binary_cross_entropy + loss.l2/1000
            loss = loss_binary_cross_entropy + loss_l2 / 1000
            # dz[n] = (sigmoid(z[n]) - t[n])/N
            multiply(z, minus_one, t2)
            exp(t2, t2_apart)
            add(t2_apart, one, t2)
            divide(one, t2, t2_apart)
            t1[...] = t
            subtract(t2_apart, t1, t2)
            multiply(t2, c, dz)
            # db = sum(n: dz[n])
            db = total(dz)
            # dw[i] = sum(n: x[n, i]*dz[n])
            dz.dot(x, dw)
            # dalong[n, r] = dz[n]*along[n, r]
            t9[...] = dz
            multiply(along, t9, dalong)
            # dsquares_part[r, i] = sum(n: -squares_part2[n, i]*dz[n]/2)
            dz.dot(squares_part2, t10)
            multiply(t10, minus_0_5, t10)
            dsquares_part[...] = t10_col
            # dV[i, r] += sum(n: x[n, i]*dalong[n, r])
            x.T.dot(dalong_T, dV)
            # dV[i, r] += V[i, r]*(2*dsquares_part[r, i] + 1/500)
            multiply(dsquares_part, two, t11)
            add(t11, c0_002, t11)
            multiply(t11, V, t11)
            add(dV, t11, dV)

            db_out[()] = db
            return float(loss), {"b": db_out, "w": dw, "V": dV}

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
    x       shape (N, 10), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 10), dtype)
    b = np.asarray(params["b"], dtype)
    w = params["w"]
    V = params["V"]

    along = np.empty((N, 3), dtype)
    squares_part = np.empty((10, 3), dtype)  # dimensions exchanged
    squares_part2 = np.empty((N, 10), dtype)
    squares = np.empty((N, 3), dtype)
    z_sum2 = np.empty(N, dtype)
    z_sum = np.empty(N, dtype)
    z = z_sum2  # z_sum2 is not needed any more
    t0 = np.empty((N, 3), dtype)
    ones = np.ones(3, dtype)
    half = np.array(0.5, dtype)

    # along[n, r] = sum(i: x[n, i]*V[i, r])
    x.dot(V, out=along)
    # squares_part[r, i] = V[i, r]**2
    np.square(V, out=squares_part)
    # squares_part2[n, i] = x[n, i]**2
    np.square(x, out=squares_part2)
    # squares[n, r] = sum(i: squares_part2[n, i]*squares_part[r, i])
    squares_part2.dot(squares_part, out=squares)
    # z_sum2[n] = sum(r: along[n, r]**2 - squares[n, r])
    np.square(along, out=t0)
    np.subtract(t0, squares, out=t0)
    t0.dot(ones, out=z_sum2)
    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n] + z_sum2[n]/2
    np.multiply(z_sum2, half, out=z)
    np.add(z, b, out=z)
    np.add(z, z_sum, out=z)

    return {"z": z}


def evaluate(params, x, t):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 10), of the dtype of params
    t       shape (N,), integers in 0..1
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 10), dtype)
    t = _integer("t", t, (N,), 2)
    b = np.asarray(params["b"], dtype)
    w = params["w"]
    V = params["V"]

    along = np.empty((N, 3), dtype)
    squares_part = np.empty((10, 3), dtype)  # dimensions exchanged
    squares_part2 = np.empty((N, 10), dtype)
    squares = np.empty((N, 3), dtype)
    z_sum2 = np.empty(N, dtype)
    z_sum = np.empty(N, dtype)
    z = z_sum2  # z_sum2 is not needed any more
    t0 = np.empty((N, 3), dtype)
    ones = np.ones(3, dtype)
    half = np.array(0.5, dtype)
    t1 = np.empty(N, dtype)
    minus_one = np.array(-1, dtype)
    t2 = np.empty((N + 1) // 2, dtype)
    t1_halves = _halves(t1, t2)
    t3 = np.empty(N, bool)
    t4 = np.empty(N, np.int8)
    zero = np.array(0, dtype)
    t3_digit = t3.view(np.int8)
    ones2 = np.ones(30, dtype)
    squares_part_flat = squares_part.reshape(-1)

    # along[n, r] = sum(i: x[n, i]*V[i, r])
    x.dot(V, out=along)
    # squares_part[r, i] = V[i, r]**2
    np.square(V, out=squares_part)
    # squares_part2[n, i] = x[n, i]**2
    np.square(x, out=squares_part2)
    # squares[n, r] = sum(i: squares_part2[n, i]*squares_part[r, i])
    squares_part2.dot(squares_part, out=squares)
    # z_sum2[n] = sum(r: along[n, r]**2 - squares[n, r])
    np.square(along, out=t0)
    np.subtract(t0, squares, out=t0)
    t0.dot(ones, out=z_sum2)
    # z_sum[n] = sum(i: x[n, i]*w[i])
    w.dot(x.T, out=z_sum)
    # z[n] = b + z_sum[n] + z_sum2[n]/2
    np.multiply(z_sum2, half, out=z)
    np.add(z, b, out=z)
    np.add(z, z_sum, out=z)
    # loss.binary_cross_entropy = sum(n: (softplus(z[n]) - t[n]*z[n])/N)
    np.absolute(z, out=t1)
    np.multiply(t1, minus_one, out=t1)
    np.exp(t1, out=t1)
    log1p_sum = _sum_log1p(t1_halves)
    np.greater(z, zero, out=t3)
    np.copyto(t4, t, casting="unsafe")
    np.subtract(t3_digit, t4, out=t4)
    np.copyto(t1, t4)
    loss_binary_cross_entropy = (log1p_sum + t1.dot(z)) / N
    # loss.l2 = sum(i, r: squares_part[r, i])
    loss_l2 = ones2.dot(squares_part_flat)
    # loss = loss.binary_cross_entropy + loss.l2/1000
    loss = loss_binary_cross_entropy + loss_l2 / 1000

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
    if not isinstance(theta, np.ndarray) or theta.shape != (41,):
        raise ValueError(f"theta: expected shape (41,), got {_describe(theta)}")
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
