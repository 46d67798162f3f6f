"""structured: the network below with its gradients, in NumPy.

    network structured

    example N = 3

    input x[N, D: 4]
    input mask[i: D, j: D] < 2

    param W[i: D, h: 3] ~ glorot_uniform
    param A[i: D, j: D] ~ normal(0, 0.5)
    param F[i: D, j: D] ~ normal(0, 0.5)
    param M[i: D, j: D] ~ normal(0, 0.5)
    param C[i: D] ~ normal

    S[i, j] = A[i, j] + A[j, i]
    L[i, j] = where(i > j, F[i, j], where(i == j, exp(F[i, i]), 0))

    hidden[n, h] = tanh(sum(i: x[n, i]*W[i, h]))
    back[n, i] = sum(h: hidden[n, h]*W[i, h]) + C[i]
    mixed[n, i] = back[n, i] + sum(j: S[i, j]*x[n, j]) + sum(j: L[i, j]*x[n, j])
        + sum(j: mask[i, j]*M[i, j]*x[n, j])

    output mixed
    minimize mean(n, i: (mixed[n, i] - x[n, i])**2) over W, A, F, M

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
08f3bc2c497c0cf08f8d2bd556852c6888f45c5e49676bc74bf6b9bd9ac51463
"""

import math

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "W": {"shape": (4, 3), "kind": "real"},
    "A": {"shape": (4, 4), "kind": "real"},
    "F": {"shape": (4, 4), "kind": "real"},
    "M": {"shape": (4, 4), "kind": "real"},
    "C": {"shape": (4,), "kind": "real", "frozen": True},
}
INPUTS = {
    "x": {"shape": ("N", 4), "kind": "real"},
    "mask": {"shape": (4, 4), "kind": "integer", "bound": 2},
}
OUTPUTS = {
    "mixed": {"shape": ("N", 4), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {"N": 3}
BATCH = {"size": "N", "inputs": {"x": 0}, "loss": "mean"}
TRAINED = {name: row for name, row in PARAMETERS.items() if not row.get("frozen")}


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
        "W": _glorot_uniform(rng, (4, 3), fan_in=4, fan_out=3),
        "A": rng.normal(0, 0.5, (4, 4)),
        "F": rng.normal(0, 0.5, (4, 4)),
        "M": rng.normal(0, 0.5, (4, 4)),
        "C": rng.normal(0, 1, (4,)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x, mask):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 4), of the dtype of params
    mask    shape (4, 4), integers in 0..1

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    mask = _integer("mask", mask, (4, 4), 2)
    W = params["W"]
    A = params["A"]
    F = params["F"]
    M = params["M"]
    C = params["C"]

    F_exp = np.empty(4, dtype)
    L = np.empty((4, 4), dtype)
    M_product = np.empty((4, 4), dtype)
    S = np.empty((4, 4), dtype)
    L_sum = L  # L is not needed any more
    hidden_sum = np.empty((N, 3), dtype)
    hidden = hidden_sum  # hidden_sum is not needed any more
    back = np.empty((4, N), dtype)  # dimensions exchanged
    mixed = np.empty((N, 4), dtype)
    mixed_difference = np.empty((N, 4), dtype)
    j_index = np.arange(4)
    j_index_col = j_index[:, None]
    table = np.less(j_index, j_index_col)
    L_view = np.lib.stride_tricks.as_strided(L, (4,), (L.strides[0] + L.strides[1],))
    hidden_T = hidden.T
    L_sum_T = L_sum.T
    back_T = back.T
    mixed_difference_flat = mixed_difference.reshape(-1)

    # F_exp[i] = exp(F[i, i])
    np.exp(np.lib.stride_tricks.as_strided(F, (4,), (F.strides[0] + F.strides[1],)), out=F_exp)
    # L[i, j] += where(j < i, F[i, j], 0)
    np.multiply(F, table, out=L)
    # L[i, i] += F_exp[i]
    np.add(L_view, F_exp, out=L_view)
    # M_product[i, j3] = M[i, j3]*mask[i, j3]
    M_product[...] = mask
    np.multiply(M, M_product, out=M_product)
    # S[i, j] = A[i, j] + A[j, i]
    np.add(A, A.T, out=S)
    # L_sum[i2, i] = L[i2, i] + M_product[i2, i] + S[i2, i]
    np.add(L, M_product, out=L_sum)
    np.add(L_sum, S, out=L_sum)
    # hidden_sum[n, h] = sum(i: x[n, i]*W[i, h])
    x.dot(W, out=hidden_sum)
    # hidden[n, h] = tanh(hidden_sum[n, h])
    np.tanh(hidden_sum, out=hidden)
    # back[n, i] += sum(h: hidden[n, h]*W[i, h])
    W.dot(hidden_T, out=back)
    # back[n, i] += C[i]
    np.add(back, C[:, None], out=back)
    # mixed[n, i] += sum(j3: x[n, j3]*L_sum[i, j3])
    x.dot(L_sum_T, out=mixed)
    # mixed[n, i] += back[n, i]
    np.add(mixed, back_T, out=mixed)
    # mixed_difference[n, i] = mixed[n, i] - x[n, i]
    np.subtract(mixed, x, out=mixed_difference)
    # loss = sum(n, i: mixed_difference[n, i]**2/(4*N))
    loss = (1 / 4 / N) * mixed_difference_flat.dot(mixed_difference_flat)

    outputs = {"mixed": mixed, "loss": np.array(loss, dtype)}
    saved = (N, x, mask, hidden, F_exp, mixed_difference, L_sum)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, x, mask, hidden, F_exp, mixed_difference, L_sum = saved
    _check_keys("grad_outputs", grad_outputs, ("mixed", "loss"))
    grad_mixed = _upstream("mixed", grad_outputs, (N, 4), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    W = params["W"]

    dmixed = np.empty((N, 4), dtype)
    dhidden = np.empty((N, 3), dtype)
    dhidden_sum = dhidden  # dhidden is not needed any more
    dW = np.empty((4, 3), dtype)
    dL = np.empty((4, 4), dtype)
    dA = np.empty((4, 4), dtype)
    dM = np.empty((4, 4), dtype)
    dF = np.empty((4, 4), dtype)
    dx = np.empty((N, 4), dtype)
    t0 = np.empty((N, 3), dtype)
    one = np.array(1, dtype)
    dmixed_T = dmixed.T
    t1 = np.empty((4, 3), dtype)
    dL_T = dL.T
    j_index = np.arange(4)
    j_index_col = j_index[:, None]
    table = np.less(j_index, j_index_col)
    dF_view = np.lib.stride_tricks.as_strided(dF, (4,), (dF.strides[0] + dF.strides[1],))
    dL_view = np.lib.stride_tricks.as_strided(dL, (4,), (dL.strides[0] + dL.strides[1],))
    t2 = np.empty(4, dtype)
    t3 = np.empty((N, 4), dtype)

    # dmixed[n, i] = grad_mixed[n, i] + grad_loss*mixed_difference[n, i]/(2*N)
    np.multiply(mixed_difference, grad_loss / 2 / N, out=dmixed)
    np.add(dmixed, grad_mixed, out=dmixed)
    # dhidden[n, h] = sum(i: dmixed[n, i]*W[i, h])
    dmixed.dot(W, out=dhidden)
    # dhidden_sum[n, h] = dhidden[n, h]*(1 - hidden[n, h]**2)
    np.square(hidden, out=t0)
    np.subtract(one, t0, out=t0)
    np.multiply(t0, dhidden, out=dhidden_sum)
    # dW[i, h] += sum(n: dmixed[n, i]*hidden[n, h])
    dmixed_T.dot(hidden, out=dW)
    # dW[i, h] += sum(n: x[n, i]*dhidden_sum[n, h])
    x.T.dot(dhidden_sum, out=t1)
    np.add(dW, t1, out=dW)
    # dL[i, j] = sum(n: dmixed[n, i]*x[n, j])
    dmixed_T.dot(x, out=dL)
    # dA[i, j] = dL[i, j] + dL[j, i]
    np.add(dL, dL_T, out=dA)
    # dM[i, j3] = dL[i, j3]*mask[i, j3]
    dM[...] = mask
    np.multiply(dL, dM, out=dM)
    # dF[i, j] += where(j < i, dL[i, j], 0)
    np.multiply(dL, table, out=dF)
    # dF[i, i] += F_exp[i]*dL[i, i]
    np.multiply(F_exp, dL_view, out=t2)
    np.add(dF_view, t2, out=dF_view)
    # dx[n, i] += sum(i2: dmixed[n, i2]*L_sum[i2, i])
    dmixed.dot(L_sum, out=dx)
    # dx[n, i] += sum(h: dhidden_sum[n, h]*W[i, h])
    dhidden_sum.dot(W.T, out=t3)
    np.add(dx, t3, out=dx)
    # dx[n, i] += -grad_loss*mixed_difference[n, i]/(2*N)
    np.multiply(mixed_difference, -grad_loss / 2 / N, out=t3)
    np.add(dx, t3, out=dx)

    return {"W": dW, "A": dA, "F": dF, "M": dM, "x": dx}


# --- training mode: the loss and its gradients ---


def loss(params, x, mask):
    """The loss as a float."""
    return float(forward(params, x, mask)[0]["loss"])


def loss_and_grad(params, x, mask, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 4), of the dtype of params
    mask       shape (4, 4), integers in 0..1
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x, mask):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 4), dtype)
        mask = _integer("mask", mask, (4, 4), 2)
        workspace.prepare(params, N, dtype)
    return workspace.run(x, mask)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    exp = np.exp
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    tanh = np.tanh
    S = np.empty((4, 4), dtype)
    F_exp = np.empty(4, dtype)
    L = np.empty((4, 4), dtype)
    slot0 = np.empty(max(3 * N, 16), dtype)
    hidden_sum = slot0[: 3 * N].reshape(N, 3)
    hidden = hidden_sum  # hidden_sum is not needed any more
    slot1 = np.empty(max(6 * N, 3 * N + 24), dtype)
    back = slot1[: 4 * N].reshape(4, N)  # dimensions exchanged
    L_sum = np.empty((4, 4), dtype)
    mixed_difference = np.empty((4, N), dtype)  # dimensions exchanged
    dmixed = mixed_difference  # mixed_difference is not needed any more
    dL = S  # S is not needed any more
    dM = L  # L is not needed any more
    dA = L_sum  # L_sum is not needed any more
    dhidden = slot1[: 3 * N].reshape(N, 3)
    dhidden_sum = dhidden  # dhidden is not needed any more
    dW = slot1[3 * N : 3 * N + 12].reshape(4, 3)
    dF = slot0[:16].reshape(4, 4)
    j_index = np.arange(4)
    j_index_col = j_index[:, None]
    table = np.less(j_index, j_index_col)
    L_view = np.lib.stride_tricks.as_strided(L, (4,), (L.strides[0] + L.strides[1],))
    hidden_T = hidden.T
    t0 = mixed_difference
    L_sum_view = np.lib.stride_tricks.as_strided(
        L_sum, (4,), (L_sum.strides[0] + L_sum.strides[1],)
    )
    minus_one = np.array(-1, dtype)
    mixed_difference_flat = mixed_difference.reshape(-1)
    c = np.array(1 / 2 / N, dtype)
    dL_T = dL.T
    dmixed_T = dmixed.T
    t1 = slot1[3 * N : 6 * N].reshape(N, 3)
    one = np.array(1, dtype)
    t2 = slot1[3 * N + 12 : 3 * N + 24].reshape(4, 3)
    dF_view = np.lib.stride_tricks.as_strided(dF, (4,), (dF.strides[0] + dF.strides[1],))
    dL_view = np.lib.stride_tricks.as_strided(dL, (4,), (dL.strides[0] + dL.strides[1],))
    t3 = F_exp

    def bind(params):
        W = params["W"]
        A = params["A"]
        F = params["F"]
        M = params["M"]
        C = params["C"]
        A_T = A.T
        F_view = np.lib.stride_tricks.as_strided(F, (4,), (F.strides[0] + F.strides[1],))
        C_col = C[:, None]

        def fits(params, x, mask):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 5
                    and params["W"] is W
                    and params["A"] is A
                    and params["F"] is F
                    and params["M"] is M
                    and params["C"] is C
                    and x.shape == (N, 4)
                    and x.dtype is dtype
                    and mask.shape == (4, 4)
                    and mask.dtype.kind in "iu"
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x, mask):
            mask = _indices("mask", mask, 2)

            # S[i, j] = A[i, j] + A[j, i]
            add(A, A_T, S)
            # F_exp[i] = exp(F[i, i])
            exp(F_view, F_exp)
            # L[i, j] += where(j < i, F[i, j], 0)
            multiply(F, table, L)
            # L[i, i] += F_exp[i]
            add(L_view, F_exp, L_view)
            # hidden_sum[n, h] = sum(i: x[n, i]*W[i, h])
            x.dot(W, hidden_sum)
            # hidden[n, h] = tanh(hidden_sum[n, h])
            tanh(hidden_sum, hidden)
            # back[n, i] += sum(h: hidden[n, h]*W[i, h])
            W.dot(hidden_T, back)
            # back[n, i] += C[i]
            t0[...] = C_col
            add(back, t0, back)
            # L_sum[i, j3] += L[i, j3] + S[i, j3] + M[i, j3]*mask[i, j3]
            L_sum[...] = mask
            multiply(M, L_sum, L_sum)
            add(L_sum, L, L_sum)
            add(L_sum, S, L_sum)
            # L_sum[i, i] += -1
            add(L_sum_view, minus_one, L_sum_view)
            # mixed_difference[n, i] += sum(j3: x[n, j3]*L_sum[i, j3])
            L_sum.dot(x.T, mixed_difference)
            # mixed_difference[n, i] += back[n, i]
            add(mixed_difference, back, mixed_difference)
            # loss = sum(n, i: mixed_difference[n, i]**2/(4*N))
            loss = (1 / 4 / N) * mixed_difference_flat.dot(mixed_difference_flat)
            # dmixed[n, i] = mixed_difference[n, i]/(2*N)
            multiply(mixed_difference, c, dmixed)
            # dL[i, j] = sum(n: dmixed[n, i]*x[n, j])
            dmixed.dot(x, dL)
            # dM[i, j3] = dL[i, j3]*mask[i, j3]
            dM[...] = mask
            multiply(dL, dM, dM)
            # dA[i, j] = dL[i, j] + dL[j, i]
            add(dL, dL_T, dA)
            # dhidden[n, h] = sum(i: dmixed[n, i]*W[i, h])
            dmixed_T.dot(W, dhidden)
            # dhidden_sum[n, h] = dhidden[n, h]*(1 - hidden[n, h]**2)
            square(hidden, t1)
            subtract(one, t1, t1)
            multiply(t1, dhidden, dhidden_sum)
            # dW[i, h] += sum(n: dmixed[n, i]*hidden[n, h])
            dmixed.dot(hidden, dW)
            # dW[i, h] += sum(n: x[n, i]*dhidden_sum[n, h])
            x.T.dot(dhidden_sum, t2)
            add(dW, t2, dW)
            # dF[i, j] += where(j < i, dL[i, j], 0)
            multiply(dL, table, dF)
            # dF[i, i] += F_exp[i]*dL[i, i]
            multiply(F_exp, dL_view, t3)
            add(dF_view, t3, dF_view)

            return float(loss), {"W": dW, "A": dA, "F": dF, "M": dM}

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


def predict(params, x, mask):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 4), of the dtype of params
    mask    shape (4, 4), integers in 0..1
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    mask = _integer("mask", mask, (4, 4), 2)
    W = params["W"]
    A = params["A"]
    F = params["F"]
    M = params["M"]
    C = params["C"]

    S = np.empty((4, 4), dtype)
    L = np.empty((4, 4), dtype)
    hidden_sum = np.empty((N, 3), dtype)
    hidden = hidden_sum  # hidden_sum is not needed any more
    back = np.empty((4, N), dtype)  # dimensions exchanged
    L_sum = L  # L is not needed any more
    mixed = np.empty((N, 4), dtype)
    j_index = np.arange(4)
    j_index_col = j_index[:, None]
    table = np.less(j_index, j_index_col)
    L_view = np.lib.stride_tricks.as_strided(L, (4,), (L.strides[0] + L.strides[1],))
    t0 = np.empty(4, dtype)
    hidden_T = hidden.T
    t1 = np.empty((4, 4), dtype)
    L_sum_T = L_sum.T
    back_T = back.T

    # S[i, j] = A[i, j] + A[j, i]
    np.add(A, A.T, out=S)
    # L[i, j] += where(j < i, F[i, j], 0)
    np.multiply(F, table, out=L)
    # L[i, i] += exp(F[i, i])
    np.exp(np.lib.stride_tricks.as_strided(F, (4,), (F.strides[0] + F.strides[1],)), out=t0)
    np.add(L_view, t0, out=L_view)
    # hidden_sum[n, h] = sum(i: x[n, i]*W[i, h])
    x.dot(W, out=hidden_sum)
    # hidden[n, h] = tanh(hidden_sum[n, h])
    np.tanh(hidden_sum, out=hidden)
    # back[n, i] += sum(h: hidden[n, h]*W[i, h])
    W.dot(hidden_T, out=back)
    # back[n, i] += C[i]
    np.add(back, C[:, None], out=back)
    # L_sum[i, j3] = L[i, j3] + S[i, j3] + M[i, j3]*mask[i, j3]
    t1[...] = mask
    np.multiply(M, t1, out=t1)
    np.add(t1, L, out=t1)
    np.add(t1, S, out=L_sum)
    # mixed[n, i] += sum(j3: x[n, j3]*L_sum[i, j3])
    x.dot(L_sum_T, out=mixed)
    # mixed[n, i] += back[n, i]
    np.add(mixed, back_T, out=mixed)

    return {"mixed": mixed}


def evaluate(params, x, mask):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 4), of the dtype of params
    mask    shape (4, 4), integers in 0..1
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 4), dtype)
    mask = _integer("mask", mask, (4, 4), 2)
    W = params["W"]
    A = params["A"]
    F = params["F"]
    M = params["M"]
    C = params["C"]

    S = np.empty((4, 4), dtype)
    L = np.empty((4, 4), dtype)
    hidden_sum = np.empty((N, 3), dtype)
    hidden = hidden_sum  # hidden_sum is not needed any more
    back = np.empty((4, N), dtype)  # dimensions exchanged
    L_sum = L  # L is not needed any more
    mixed = np.empty((4, N), dtype)  # dimensions exchanged
    j_index = np.arange(4)
    j_index_col = j_index[:, None]
    table = np.less(j_index, j_index_col)
    L_view = np.lib.stride_tricks.as_strided(L, (4,), (L.strides[0] + L.strides[1],))
    t0 = np.empty(4, dtype)
    hidden_T = hidden.T
    t1 = np.empty((4, 4), dtype)
    t2 = np.empty((4, N), dtype)
    t2_flat = t2.reshape(-1)

    # S[i, j] = A[i, j] + A[j, i]
    np.add(A, A.T, out=S)
    # L[i, j] += where(j < i, F[i, j], 0)
    np.multiply(F, table, out=L)
    # L[i, i] += exp(F[i, i])
    np.exp(np.lib.stride_tricks.as_strided(F, (4,), (F.strides[0] + F.strides[1],)), out=t0)
    np.add(L_view, t0, out=L_view)
    # hidden_sum[n, h] = sum(i: x[n, i]*W[i, h])
    x.dot(W, out=hidden_sum)
    # hidden[n, h] = tanh(hidden_sum[n, h])
    np.tanh(hidden_sum, out=hidden)
    # back[n, i] += sum(h: hidden[n, h]*W[i, h])
    W.dot(hidden_T, out=back)
    # back[n, i] += C[i]
    np.add(back, C[:, None], out=back)
    # L_sum[i, j3] = L[i, j3] + S[i, j3] + M[i, j3]*mask[i, j3]
    t1[...] = mask
    np.multiply(M, t1, out=t1)
    np.add(t1, L, out=t1)
    np.add(t1, S, out=L_sum)
    # mixed[n, i] += sum(j3: x[n, j3]*L_sum[i, j3])
    L_sum.dot(x.T, out=mixed)
    # mixed[n, i] += back[n, i]
    np.add(mixed, back, out=mixed)
    # loss = sum(n, i: (mixed[n, i] - x[n, i])**2/(4*N))
    np.subtract(mixed, x.T, out=t2)
    loss = (1 / 4 / N) * t2_flat.dot(t2_flat)

    return {"loss": float(loss)}


# --- parameters as one vector ---


def pack(params):
    """The values of params, or of gradients, one after the other in a vector."""
    table = TRAINED if params.keys() == TRAINED.keys() else PARAMETERS
    dtype = _check_arrays("params", params, table)
    # What has no gradient has zeros in its place.
    values = [params.get(name, np.zeros(row["shape"])) for name, row in PARAMETERS.items()]
    return np.concatenate([np.ravel(value) for value in values], dtype=dtype)


def unpack(theta):
    """The inverse of pack: a dict of arrays, which are views of theta."""
    if not isinstance(theta, np.ndarray) or theta.shape != (64,):
        raise ValueError(f"theta: expected shape (64,), got {_describe(theta)}")
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
