"""formula: the network below with its gradients, in NumPy.

    network formula

    const R = 3
    const strength = 0.1

    input X[I: 6, J: 5, K: 4]

    param A[i: I, r: R] ~ normal(0, 0.5)
    param B[j: J, r: R] ~ normal(0, 0.5)
    param C[k: K, r: R] ~ normal(0, 0.5)

    residual[i, j, k] = X[i, j, k] - sum(r: A[i, r]*B[j, r]*C[k, r])
    gram[r, s] = sum(i: A[i, r]*A[i, s])

    fit = mean(i, j, k: sqrt(1 + residual[i, j, k]**2) - 1)
    orthogonality = sum(r, s: (gram[r, s] - where(r == s, 1, 0))**2)
    loss = fit + strength*orthogonality

    output residual
    minimize loss

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
ba5fd83fb477ac7773d03c0fa7217d23209387fab37be19c7d01656a4464ad1b
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "A": {"shape": (6, 3), "kind": "real"},
    "B": {"shape": (5, 3), "kind": "real"},
    "C": {"shape": (4, 3), "kind": "real"},
}
INPUTS = {
    "X": {"shape": (6, 5, 4), "kind": "real"},
}
OUTPUTS = {
    "residual": {"shape": (6, 5, 4), "kind": "real"},
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
        "A": rng.normal(0, 0.5, (6, 3)),
        "B": rng.normal(0, 0.5, (5, 3)),
        "C": rng.normal(0, 0.5, (4, 3)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, X):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    X       shape (6, 5, 4), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    X = _real("X", X, (6, 5, 4), dtype)
    A = params["A"]
    B = params["B"]
    C = params["C"]

    B_product = np.empty((5, 4, 3), dtype)
    residual_sum = np.empty((6, 5, 4), dtype)
    residual = residual_sum  # residual_sum is not needed any more
    gram = np.empty((3, 3), dtype)
    residual_total = np.empty((6, 5, 4), dtype)
    residual_total_root = residual_total  # residual_total is not needed any more
    B_product_2d = B_product.reshape(20, 3)
    B_product_2d_T = B_product_2d.T
    residual_sum_2d = residual_sum.reshape(6, 20)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    weights = np.full(120, 1 / 120, dtype)
    residual_total_root_flat = residual_total_root.reshape(-1)
    r_index = np.arange(3)
    r_index_col = r_index[:, None]
    table = np.equal(r_index_col, r_index)
    table2 = np.multiply(table, one)
    t0 = np.empty((3, 3), dtype)
    t0_flat = t0.reshape(-1)

    # B_product[j, k, r] = B[j, r]*C[k, r]
    np.multiply(B[:, None, :], C, out=B_product)
    # residual_sum[i, j, k] = sum(r: A[i, r]*B_product[j, k, r])
    A.dot(B_product_2d_T, out=residual_sum_2d)
    # residual[i, j, k] = X[i, j, k] - residual_sum[i, j, k]
    np.subtract(X, residual_sum, out=residual)
    # gram[r, s] = sum(i: A[i, r]*A[i, s])
    A.T.dot(A, out=gram)
    # fit += sum(i < 6, j < 5, k < 4: -1/120)
    fit = minus_one
    # residual_total[i, j, k] = 1 + residual[i, j, k]**2
    np.square(residual, out=residual_total)
    np.add(residual_total, one, out=residual_total)
    # residual_total_root[i, j, k] = sqrt(residual_total[i, j, k])
    np.sqrt(residual_total, out=residual_total_root)
    # fit += sum(i, j, k: residual_total_root[i, j, k]/120)
    fit = fit + weights.dot(residual_total_root_flat)
    # orthogonality = sum(r, s: (gram[r, s] - where(r == s, 1, 0))**2)
    np.subtract(gram, table2, out=t0)
    orthogonality = t0_flat.dot(t0_flat)
    # loss = fit + orthogonality/10
    loss = fit + orthogonality / 10

    outputs = {"residual": residual.copy(), "loss": np.array(loss, dtype)}
    saved = (residual, gram, residual_total_root, B_product)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    residual, gram, residual_total_root, B_product = saved
    _check_keys("grad_outputs", grad_outputs, ("residual", "loss"))
    grad_residual = _upstream("residual", grad_outputs, (6, 5, 4), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    A = params["A"]
    B = params["B"]
    C = params["C"]

    dgram = np.empty((3, 3), dtype)
    dresidual = np.empty((6, 5, 4), dtype)
    dX = np.empty((6, 5, 4), dtype)
    dgram_sum = np.empty((3, 3), dtype)
    dA = np.empty((6, 3), dtype)
    dresidual_product = np.empty((3, 5, 4), dtype)  # stored with 3 first
    dB = np.empty((5, 3), dtype)
    dC = np.empty((4, 3), dtype)
    r_index = np.arange(3)
    r_index_col = r_index[:, None]
    table = np.equal(r_index_col, r_index)
    one = np.array(1, dtype)
    table2 = np.multiply(table, one)
    dgram_T = dgram.T
    dgram_sum_T = dgram_sum.T
    dresidual_2d = dresidual.reshape(6, 20)
    t0 = np.empty((6, 3), dtype)
    minus_one = np.array(-1, dtype)
    dresidual_product_2d = dresidual_product.reshape(3, 20)
    t1 = np.empty((4, 3), dtype)
    t2 = np.empty((3, 4), dtype)
    t1_T = t1.T
    t3 = np.empty((3, 5), dtype)
    t2_col = t2[..., None]
    t3_col = t3[..., None]
    t3_T = t3.T
    dresidual_product_T021 = dresidual_product.transpose(0, 2, 1)
    t2_T = t2.T

    # dgram[r, s] = grad_loss*(2*gram[r, s] - 2*where(r == s, 1, 0))/10
    np.subtract(gram, table2, out=dgram)
    np.multiply(dgram, grad_loss / 5, out=dgram)
    # dresidual[i, j, k] = grad_residual[i, j, k]
    #     + grad_loss*residual[i, j, k]/(120*residual_total_root[i, j, k])
    np.multiply(residual, grad_loss / 120, out=dresidual)
    np.divide(dresidual, residual_total_root, out=dresidual)
    np.add(dresidual, grad_residual, out=dresidual)
    # dX[i, j, k] = dresidual[i, j, k]
    dX[...] = dresidual
    # dgram_sum[r, s] = dgram[r, s] + dgram[s, r]
    np.add(dgram, dgram_T, out=dgram_sum)
    # dA[i, r] += sum(s: A[i, s]*dgram_sum[r, s])
    A.dot(dgram_sum_T, out=dA)
    # dA[i, r] += sum(j, k: -dresidual[i, j, k]*B_product[j, k, r])
    dresidual_2d.dot(B_product.reshape(20, 3), out=t0)
    np.multiply(t0, minus_one, out=t0)
    np.add(dA, t0, out=dA)
    # dresidual_product[j, k, r] = sum(i: dresidual[i, j, k]*A[i, r])
    A.T.dot(dresidual_2d, out=dresidual_product_2d)
    # dB[j, r] = sum(k: -dresidual_product[j, k, r]*C[k, r])
    np.multiply(C, minus_one, out=t1)
    t2[...] = t1_T
    np.matmul(dresidual_product, t2_col, out=t3_col)
    dB[...] = t3_T
    # dC[k, r] = sum(j: -dresidual_product[j, k, r]*B[j, r])
    t3[...] = B.T
    np.matmul(dresidual_product_T021, t3_col, out=t2_col)
    np.multiply(t2, minus_one, out=t2)
    dC[...] = t2_T

    return {"A": dA, "B": dB, "C": dC, "X": dX}


# --- training mode: the loss and its gradients ---


def loss(params, X):
    """The loss as a float."""
    return float(forward(params, X)[0]["loss"])


def loss_and_grad(params, X, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    X          shape (6, 5, 4), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, X):
        dtype = _check_arrays("params", params, PARAMETERS)
        X = _real("X", X, (6, 5, 4), dtype)
        workspace.prepare(params, dtype)
    return workspace.run(X)


def _step(dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    divide = np.divide
    matmul = np.matmul
    multiply = np.multiply
    sqrt = np.sqrt
    square = np.square
    subtract = np.subtract
    B_product = np.empty((3, 5, 4), dtype)  # stored with 3 first
    slot0 = np.empty(120, dtype)
    residual_sum = slot0.reshape(6, 5, 4)
    residual = residual_sum  # residual_sum is not needed any more
    gram = np.empty((3, 3), dtype)
    slot1 = np.empty(120, dtype)
    residual_total = slot1.reshape(6, 5, 4)
    residual_total_root = residual_total  # residual_total is not needed any more
    dgram = gram  # gram is not needed any more
    dresidual_sum = residual_sum  # residual_sum is not needed any more
    dgram_sum = np.empty((3, 3), dtype)
    dA = slot1[:18].reshape(6, 3)
    dresidual_sum_product = B_product  # B_product is not needed any more
    dB = slot1[18:33].reshape(5, 3)
    dC = slot1[60:72].reshape(4, 3)
    t0 = slot0[:15].reshape(3, 5)
    t1 = slot0[60:72].reshape(3, 4)
    t2 = B_product
    t0_b110 = t0[:, :, None]
    t3 = slot0[:60].reshape(3, 5, 4)
    t1_b101 = t1[:, None, :]
    B_product_2d = B_product.reshape(3, 20)
    residual_sum_2d = residual_sum.reshape(6, 20)
    minus_one = np.array(-1, dtype)
    one = np.array(1, dtype)
    weights = np.full(120, 1 / 120, dtype)
    residual_total_root_flat = residual_total_root.reshape(-1)
    r_index = np.arange(3)
    r_index_col = r_index[:, None]
    table = np.equal(r_index_col, r_index)
    table2 = np.multiply(table, one)
    t4 = dgram_sum
    t4_flat = t4.reshape(-1)
    c0_2 = np.array(0.2, dtype)
    dgram_view = np.lib.stride_tricks.as_strided(
        dgram, (3,), (dgram.strides[0] + dgram.strides[1],)
    )
    minus_0_2 = np.array(-0.2, dtype)
    minus_1_over_120 = np.array(-1 / 120, dtype)
    dgram_T = dgram.T
    dgram_sum_T = dgram_sum.T
    dresidual_sum_2d = dresidual_sum.reshape(6, 20)
    B_product_2d_T = B_product_2d.T
    t5 = slot1[18:36].reshape(6, 3)
    dresidual_sum_product_2d = dresidual_sum_product.reshape(3, 20)
    t6 = slot1[48:60].reshape(3, 4)
    t7 = slot1[33:48].reshape(3, 5)
    t6_col = t6[..., None]
    t7_col = t7[..., None]
    t7_T = t7.T
    dresidual_sum_product_T021 = dresidual_sum_product.transpose(0, 2, 1)
    t9_T = t6.T

    def bind(params):
        A = params["A"]
        B = params["B"]
        C = params["C"]
        B_T = B.T
        C_T = C.T
        A_T = A.T

        def fits(params, X):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 3
                    and params["A"] is A
                    and params["B"] is B
                    and params["C"] is C
                    and X.shape == (6, 5, 4)
                    and X.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(X):
            # B_product[j, k, r] = B[j, r]*C[k, r]
            t0[...] = B_T
            t1[...] = C_T
            t2[...] = t0_b110
            t3[...] = t1_b101
            multiply(t2, t3, B_product)
            # residual_sum[i, j, k] = sum(r: A[i, r]*B_product[j, k, r])
            A.dot(B_product_2d, residual_sum_2d)
            # residual[i, j, k] = X[i, j, k] - residual_sum[i, j, k]
            subtract(X, residual_sum, residual)
            # gram[r, s] = sum(i: A[i, r]*A[i, s])
            A_T.dot(A, gram)
            # fit += sum(i < 6, j < 5, k < 4: -1/120)
            fit = minus_one
            # residual_total[i, j, k] = 1 + residual[i, j, k]**2
            square(residual, residual_total)
            add(residual_total, one, residual_total)
            # residual_total_root[i, j, k] = sqrt(residual_total[i, j, k])
            sqrt(residual_total, residual_total_root)
            # fit += sum(i, j, k: residual_total_root[i, j, k]/120)
            fit = fit + weights.dot(residual_total_root_flat)
            # orthogonality = sum(r, s: (gram[r, s] - where(r == s, 1, 0))**2)
            subtract(gram, table2, t4)
            orthogonality = t4_flat.dot(t4_flat)
            # loss = fit + orthogonality/10
            loss = fit + orthogonality / 10
            # dgram[r, s] += gram[r, s]/5
            multiply(gram, c0_2, dgram)
            # dgram[r, r] += -1/5
            add(dgram_view, minus_0_2, dgram_view)
            # dresidual_sum[i, j, k] = -residual[i, j, k]/(120*residual_total_root[i, j, k])
            multiply(residual, minus_1_over_120, dresidual_sum)
            divide(dresidual_sum, residual_total_root, dresidual_sum)
            # dgram_sum[r, s] = dgram[r, s] + dgram[s, r]
            add(dgram, dgram_T, dgram_sum)
            # dA[i, r] += sum(s: A[i, s]*dgram_sum[r, s])
            A.dot(dgram_sum_T, dA)
            # dA[i, r] += sum(j, k: dresidual_sum[i, j, k]*B_product[j, k, r])
            dresidual_sum_2d.dot(B_product_2d_T, t5)
            add(dA, t5, dA)
            # dresidual_sum_product[j, k, r] = sum(i: dresidual_sum[i, j, k]*A[i, r])
            A_T.dot(dresidual_sum_2d, dresidual_sum_product_2d)
            # dB[j, r] = sum(k: dresidual_sum_product[j, k, r]*C[k, r])
            t6[...] = C_T
            matmul(dresidual_sum_product, t6_col, t7_col)
            dB[...] = t7_T
            # dC[k, r] = sum(j: dresidual_sum_product[j, k, r]*B[j, r])
            t7[...] = B_T
            matmul(dresidual_sum_product_T021, t7_col, t6_col)
            dC[...] = t9_T

            return float(loss), {"A": dA, "B": dB, "C": dC}

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


def predict(params, X):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    X       shape (6, 5, 4), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    X = _real("X", X, (6, 5, 4), dtype)
    A = params["A"]
    B = params["B"]
    C = params["C"]

    residual_sum = np.empty((6, 5, 4), dtype)
    residual = residual_sum  # residual_sum is not needed any more
    t0 = np.empty((5, 4, 3), dtype)
    t0_2d = t0.reshape(20, 3)
    t0_2d_T = t0_2d.T
    residual_sum_2d = residual_sum.reshape(6, 20)

    # residual_sum[i, j, k] = sum(r: A[i, r]*B[j, r]*C[k, r])
    np.multiply(B[:, None, :], C, out=t0)
    A.dot(t0_2d_T, out=residual_sum_2d)
    # residual[i, j, k] = X[i, j, k] - residual_sum[i, j, k]
    np.subtract(X, residual_sum, out=residual)

    return {"residual": residual}


def evaluate(params, X):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    X       shape (6, 5, 4), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    X = _real("X", X, (6, 5, 4), dtype)
    A = params["A"]
    B = params["B"]
    C = params["C"]

    residual_sum = np.empty((6, 5, 4), dtype)
    residual = residual_sum  # residual_sum is not needed any more
    gram = np.empty((3, 3), dtype)
    t0 = np.empty((5, 4, 3), dtype)
    t0_2d = t0.reshape(20, 3)
    t0_2d_T = t0_2d.T
    residual_sum_2d = residual_sum.reshape(6, 20)
    minus_one = np.array(-1, dtype)
    t1 = np.empty((6, 5, 4), dtype)
    one = np.array(1, dtype)
    weights = np.full(120, 1 / 120, dtype)
    t1_flat = t1.reshape(-1)
    r_index = np.arange(3)
    r_index_col = r_index[:, None]
    table = np.equal(r_index_col, r_index)
    table2 = np.multiply(table, one)
    t2 = np.empty((3, 3), dtype)
    t2_flat = t2.reshape(-1)

    # residual_sum[i, j, k] = sum(r: A[i, r]*B[j, r]*C[k, r])
    np.multiply(B[:, None, :], C, out=t0)
    A.dot(t0_2d_T, out=residual_sum_2d)
    # residual[i, j, k] = X[i, j, k] - residual_sum[i, j, k]
    np.subtract(X, residual_sum, out=residual)
    # gram[r, s] = sum(i: A[i, r]*A[i, s])
    A.T.dot(A, out=gram)
    # fit += sum(i < 6, j < 5, k < 4: -1/120)
    fit = minus_one
    # fit += sum(i, j, k: sqrt(1 + residual[i, j, k]**2)/120)
    np.square(residual, out=t1)
    np.add(t1, one, out=t1)
    np.sqrt(t1, out=t1)
    fit = fit + weights.dot(t1_flat)
    # orthogonality = sum(r, s: (gram[r, s] - where(r == s, 1, 0))**2)
    np.subtract(gram, table2, out=t2)
    orthogonality = t2_flat.dot(t2_flat)
    # loss = fit + orthogonality/10
    loss = fit + orthogonality / 10

    return {"loss": float(loss)}


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    dtype = _check_arrays("params", params, PARAMETERS)
    return np.concatenate([np.ravel(params[name]) for name in PARAMETERS], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (45,):
        raise ValueError(f"theta: expected shape (45,), got {_describe(theta)}")
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
