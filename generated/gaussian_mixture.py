"""gaussian_mixture: the network below with its gradients, in NumPy.

    network gaussian_mixture

    const K = 3

    example N = 5

    input x[N, D: 2]

    param a[k: K] ~ zeros
    param m[k: K, d: D] ~ normal
    param s[k: K, d: D] ~ zeros

    weight = softmax(a)
    q[n, k] = sum(d: ((x[n, d] - m[k, d])*exp(-s[k, d]))**2/2 + s[k, d] + 0.91893853320467274178)
    likelihood[n] = log(sum(k: weight[k]*exp(-q[n, k])))
    responsibility[n, k] = weight[k]*exp(-q[n, k])/sum(j: weight[j]*exp(-q[n, j]))

    output responsibility
    minimize -mean(n: likelihood[n]) with adam(rate=0.05)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
3f6f7ed49e8bf586bfa0eb09eb80913ef27ac4a244054e88ab1e3dc8eed0c0ae
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "a": {"shape": (3,), "kind": "real"},
    "m": {"shape": (3, 2), "kind": "real"},
    "s": {"shape": (3, 2), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", 2), "kind": "real"},
}
OUTPUTS = {
    "responsibility": {"shape": ("N", 3), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {"N": 5}
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
        "a": np.zeros((3,)),
        "m": rng.normal(0, 1, (3, 2)),
        "s": np.zeros((3, 2)),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, x):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 2), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 2), dtype)
    a = params["a"]
    m = params["m"]
    s = params["s"]

    a_shifted = np.empty(3, dtype)
    a_exp = a_shifted  # a_shifted is not needed any more
    weight = np.empty(3, dtype)
    s_exp = np.empty((3, 2), dtype)
    q = np.empty((3, N), dtype)  # dimensions exchanged
    q_difference = np.empty((N, 3, 2), dtype)
    likelihood_sum_max = np.empty(N, dtype)
    q_exp = np.empty((N, 3), dtype)
    likelihood_sum_sumexp = np.empty(N, dtype)
    responsibility = np.empty((N, 3), dtype)
    likelihood = likelihood_sum_max  # likelihood_sum_max is not needed any more
    ones = np.ones(3, dtype)
    minus_2 = np.array(-2, dtype)
    t0 = np.empty((N, 3, 2), dtype)
    t1 = np.empty((3, 2), dtype)
    half = np.array(0.5, dtype)
    t0_T102 = t0.transpose(1, 0, 2)
    t2 = np.empty((3, N), dtype)
    t1_col = t1[..., None]
    t2_col = t2[..., None]
    ones2 = np.ones(2, dtype)
    t3 = np.empty(3, dtype)
    t3_col = t3[:, None]
    minus_one = np.array(-1, dtype)
    q_T = q.T
    t4 = np.empty(N, dtype)
    t4_col = t4[:, None]
    likelihood_sum_sumexp_col = likelihood_sum_sumexp[:, None]
    weights = np.full(N, 1 / N, dtype)

    # a_max = max(k: a[k])
    a_max = np.maximum.reduce(a, axis=None)
    # a_shifted[k] = a[k] - a_max
    np.add(a, -a_max, out=a_shifted)
    # a_exp[k] = exp(a_shifted[k])
    np.exp(a_shifted, out=a_exp)
    # a_sumexp = sum(k: a_exp[k])
    a_sumexp = ones.dot(a_exp)
    # weight[c] = a_exp[c]/a_sumexp
    np.multiply(a_exp, 1 / a_sumexp, out=weight)
    # s_exp[k, d] = exp(-2*s[k, d])
    np.multiply(s, minus_2, out=s_exp)
    np.exp(s_exp, out=s_exp)
    # q[n, k] += sum(d < 2: 45946926660233637089/50000000000000000000)
    q[...] = 1.8378770664093456
    # q_difference[n, k, d] = x[n, d] - m[k, d]
    np.subtract(x[:, None, :], m, out=q_difference)
    # q[n, k] += sum(d: q_difference[n, k, d]**2*s_exp[k, d]/2)
    np.square(q_difference, out=t0)
    np.multiply(s_exp, half, out=t1)
    np.matmul(t0_T102, t1_col, out=t2_col)
    np.add(q, t2, out=q)
    # q[n, k] += sum(d: s[k, d])
    s.dot(ones2, out=t3)
    np.add(q, t3_col, out=q)
    # likelihood_sum_max[n] = max(k: -q[n, k])
    np.multiply(q, minus_one, out=t2)
    np.maximum.reduce(t2, axis=0, out=likelihood_sum_max)
    # q_exp[n, k] = exp(-likelihood_sum_max[n] - q[n, k])
    np.multiply(likelihood_sum_max, minus_one, out=t4)
    np.subtract(t4_col, q_T, out=q_exp)
    np.exp(q_exp, out=q_exp)
    # likelihood_sum_sumexp[n] = sum(k: q_exp[n, k]*weight[k])
    q_exp.dot(weight, out=likelihood_sum_sumexp)
    # responsibility[n, k] = q_exp[n, k]*weight[k]/likelihood_sum_sumexp[n]
    np.multiply(q_exp, weight, out=responsibility)
    np.divide(responsibility, likelihood_sum_sumexp_col, out=responsibility)
    # likelihood[n] = likelihood_sum_max[n] + log(likelihood_sum_sumexp[n])
    np.log(likelihood_sum_sumexp, out=t4)
    np.add(t4, likelihood_sum_max, out=likelihood)
    # loss_sum = sum(n: likelihood[n]/N)
    loss_sum = weights.dot(likelihood)
    # loss = -loss_sum
    loss = -loss_sum

    outputs = {"responsibility": responsibility.copy(), "loss": np.array(loss, dtype)}
    saved = (
        N,
        weight,
        responsibility,
        a_sumexp,
        likelihood_sum_sumexp,
        a_exp,
        s_exp,
        q_exp,
        q_difference,
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
        weight,
        responsibility,
        a_sumexp,
        likelihood_sum_sumexp,
        a_exp,
        s_exp,
        q_exp,
        q_difference,
    ) = saved
    _check_keys("grad_outputs", grad_outputs, ("responsibility", "loss"))
    grad_responsibility = _upstream("responsibility", grad_outputs, (N, 3), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)

    grad_responsibility_product = np.empty((3, N), dtype)  # dimensions exchanged
    dresponsibility_sum_sumexp = np.empty(N, dtype)
    dweight = np.empty(3, dtype)
    dlikelihood_sum_sumexp = np.empty(N, dtype)
    dq = grad_responsibility_product  # grad_responsibility_product is not needed any more
    dm = np.empty((3, 2), dtype)
    dx = np.empty((N, 2), dtype)
    ds = np.empty((3, 2), dtype)
    da = np.empty(3, dtype)
    ones = np.ones(3, dtype)
    minus_one = np.array(-1, dtype)
    t0 = np.empty((N, 3), dtype)
    t1 = np.empty(N, dtype)
    one = np.array(1, dtype)
    t0_T = t0.T
    t2 = np.empty((3, N), dtype)
    dq_col = dq[..., None]
    dm_col = dm[..., None]
    t3 = np.empty((3, 2), dtype)
    t4 = np.empty((N, 2, 3), dtype)
    dq_T = dq.T
    dq_T_b101 = dq_T[:, None, :]
    t4_T102 = t4.transpose(1, 0, 2)
    t5 = np.empty((2, 3), dtype)
    t6 = np.empty((2, N), dtype)
    t5_col = t5[..., None]
    t6_col = t6[..., None]
    t6_T = t6.T
    ones2 = np.ones(N, dtype)
    t7 = np.empty(3, dtype)
    t7_col = t7[:, None]
    t8 = np.empty((N, 3, 2), dtype)
    t8_T120 = t8.transpose(1, 2, 0)
    t3_col = t3[..., None]
    t9 = np.empty((3, 2), dtype)
    t10 = np.empty(3, dtype)

    # grad_responsibility_product[n, k] = grad_responsibility[n, k]*responsibility[n, k]
    np.multiply(grad_responsibility.T, responsibility.T, out=grad_responsibility_product)
    # dresponsibility_sum_sumexp[n] =
    #     sum(k: -grad_responsibility_product[n, k]/likelihood_sum_sumexp[n])
    ones.dot(grad_responsibility_product, out=dresponsibility_sum_sumexp)
    np.multiply(dresponsibility_sum_sumexp, minus_one, out=dresponsibility_sum_sumexp)
    np.divide(dresponsibility_sum_sumexp, likelihood_sum_sumexp, out=dresponsibility_sum_sumexp)
    # dweight[c] = sum(n: grad_responsibility[n, c]*q_exp[n, c]/likelihood_sum_sumexp[n])
    np.multiply(grad_responsibility, q_exp, out=t0)
    np.divide(one, likelihood_sum_sumexp, out=t1)
    t0_T.dot(t1, out=dweight)
    # dlikelihood_sum_sumexp[n] = -grad_loss/(N*likelihood_sum_sumexp[n])
    np.divide(-grad_loss / N, likelihood_sum_sumexp, out=dlikelihood_sum_sumexp)
    # dq[n, k] = q_exp[n, k]*weight[k]*(-dlikelihood_sum_sumexp[n] - dresponsibility_sum_sumexp[n])
    #     - grad_responsibility_product[n, k]
    np.multiply(dlikelihood_sum_sumexp, minus_one, out=t1)
    np.subtract(t1, dresponsibility_sum_sumexp, out=t1)
    np.multiply(t1, weight[:, None], out=t2)
    np.multiply(t2, q_exp.T, out=t2)
    np.subtract(t2, grad_responsibility_product, out=dq)
    # dm[k, d] = sum(n: -s_exp[k, d]*q_difference[n, k, d]*dq[n, k])
    np.matmul(q_difference.transpose(1, 2, 0), dq_col, out=dm_col)
    np.multiply(s_exp, minus_one, out=t3)
    np.multiply(t3, dm, out=dm)
    # dx[n, d] = sum(k: q_difference[n, k, d]*dq[n, k]*s_exp[k, d])
    np.multiply(q_difference.transpose(0, 2, 1), dq_T_b101, out=t4)
    t5[...] = s_exp.T
    np.matmul(t4_T102, t5_col, out=t6_col)
    dx[...] = t6_T
    # ds[k, d] += sum(n: dq[n, k])
    dq.dot(ones2, out=t7)
    ds[...] = t7_col
    # ds[k, d] += sum(n: -s_exp[k, d]*q_difference[n, k, d]**2*dq[n, k])
    np.square(q_difference, out=t8)
    np.matmul(t8_T120, dq_col, out=t3_col)
    np.multiply(s_exp, minus_one, out=t9)
    np.multiply(t9, t3, out=t9)
    np.add(ds, t9, out=ds)
    # da_sumexp += sum(n, j: -dresponsibility_sum_sumexp[n]*q_exp[n, j]*weight[j]/a_sumexp)
    dresponsibility_sum_sumexp.dot(q_exp, out=t7)
    da_sumexp = (-1 / a_sumexp) * weight.dot(t7)
    # da_sumexp += sum(n, k: -dlikelihood_sum_sumexp[n]*q_exp[n, k]*weight[k]/a_sumexp)
    dlikelihood_sum_sumexp.dot(q_exp, out=t7)
    da_sumexp = da_sumexp + ((-1 / a_sumexp) * weight.dot(t7))
    # da_sumexp += sum(c: -dweight[c]*weight[c]/a_sumexp)
    da_sumexp = da_sumexp + ((-1 / a_sumexp) * dweight.dot(weight))
    # da[k] += sum(n: weight[k]*q_exp[n, k]*dresponsibility_sum_sumexp[n])
    dresponsibility_sum_sumexp.dot(q_exp, out=da)
    np.multiply(weight, da, out=da)
    # da[k] += sum(n: weight[k]*q_exp[n, k]*dlikelihood_sum_sumexp[n])
    dlikelihood_sum_sumexp.dot(q_exp, out=t7)
    np.multiply(weight, t7, out=t10)
    np.add(da, t10, out=da)
    # da[k] += da_sumexp*a_exp[k] + dweight[k]*weight[k]
    np.multiply(a_exp, da_sumexp, out=t7)
    np.multiply(dweight, weight, out=t10)
    np.add(t7, t10, out=t7)
    np.add(da, t7, out=da)

    return {"a": da, "m": dm, "s": ds, "x": dx}


# --- training mode: the loss and its gradients ---


def loss(params, x):
    """The loss as a float."""
    return float(forward(params, x)[0]["loss"])


def loss_and_grad(params, x, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    x          shape (N, 2), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, x):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("x", x, 0)
        x = _real("x", x, (N, 2), dtype)
        workspace.prepare(params, N, dtype)
    return workspace.run(x)


def _step(N, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    divide = np.divide
    exp = np.exp
    log = np.log
    matmul = np.matmul
    maximum_reduce = np.maximum.reduce
    multiply = np.multiply
    square = np.square
    subtract = np.subtract
    a_shifted = np.empty(3, dtype)
    a_exp = a_shifted  # a_shifted is not needed any more
    weight = a_shifted  # a_shifted is not needed any more
    slot0 = np.empty(6, dtype)
    s_exp = slot0.reshape(3, 2)
    q_difference = np.empty((3, 2, N), dtype)  # stored with 3 first
    q = np.empty((3, N), dtype)  # dimensions exchanged
    slot1 = np.empty(max(6 * N, 4 * N + 15), dtype)
    likelihood_sum_max = slot1[4 * N : 5 * N]
    q_exp = q  # q is not needed any more
    likelihood_sum_sumexp = slot1[3 * N : 4 * N]
    # likelihood_sum_max is not needed any more
    likelihood = np.empty(N, dtype) if N == 1 else likelihood_sum_max
    # likelihood_sum_sumexp is not needed any more
    dlikelihood_sum_sumexp = np.empty(N, dtype) if N == 1 else likelihood_sum_sumexp
    dq_part = slot1[: 3 * N].reshape(3, N)  # dimensions exchanged
    dm = slot1[4 * N : 4 * N + 6].reshape(3, 2)
    ds = slot1[4 * N + 6 : 4 * N + 12].reshape(3, 2)
    da = slot0[:3]
    ones = np.ones(3, dtype)
    minus_2 = np.array(-2, dtype)
    t0 = q_difference
    t1 = slot1[: 6 * N].reshape(3, 2, N)
    slot2 = np.empty(6, dtype)
    t3 = slot2.reshape(3, 2)
    half = np.array(0.5, dtype)
    t2_T021 = t1.transpose(0, 2, 1)
    slot3 = np.empty(max(3 * N, 6), dtype)
    t4 = slot3[: 3 * N].reshape(3, N)
    t3_col = t3[..., None]
    t4_col = t4[..., None]
    ones2 = np.ones(2, dtype)
    t5 = slot2[:3]
    t5_col = t5[:, None]
    minus_one = np.array(-1, dtype)
    t8 = slot1[5 * N : 6 * N]
    q_exp_T = q_exp.T
    total = _total(N, 1 / N, dtype)
    minus_1_over_N = np.array(-1 / N, dtype)
    t11 = slot1[4 * N : 5 * N]
    t12 = slot1[: 3 * N].reshape(3, N)
    dq_part_col = dq_part[..., None]
    dm_col = dm[..., None]
    t13 = slot1[4 * N + 6 : 4 * N + 9]
    t13_col = t13[:, None]
    ones3 = np.ones(N, dtype)
    t21 = slot1[4 * N + 12 : 4 * N + 15]
    t22 = slot3[:6].reshape(3, 2)
    t21_col = t21[:, None]
    t24 = slot0[3:6]

    def bind(params):
        a = params["a"]
        m = params["m"]
        s = params["s"]
        m_b110 = m[:, :, None]

        def fits(params, x):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 3
                    and params["a"] is a
                    and params["m"] is m
                    and params["s"] is s
                    and x.shape == (N, 2)
                    and x.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(x):
            # a_max = max(k: a[k])
            a_max = maximum_reduce(a, axis=None)
            # a_shifted[k] = a[k] - a_max
            add(a, -a_max, a_shifted)
            # a_exp[k] = exp(a_shifted[k])
            exp(a_shifted, a_exp)
            # a_sumexp = sum(k: a_exp[k])
            a_sumexp = ones.dot(a_exp)
            # weight[c] = a_exp[c]/a_sumexp
            multiply(a_exp, 1 / a_sumexp, weight)
            # s_exp[k, d] = exp(-2*s[k, d])
            multiply(s, minus_2, s_exp)
            exp(s_exp, s_exp)
            # q_difference[n, k, d] = x[n, d] - m[k, d]
            t0[...] = x.T
            t1[...] = m_b110
            subtract(t0, t1, q_difference)
            # q[n, k] += sum(d < 2: 45946926660233637089/50000000000000000000)
            q[...] = 1.8378770664093456
            # q[n, k] += sum(d: q_difference[n, k, d]**2*s_exp[k, d]/2)
            square(q_difference, t1)
            multiply(s_exp, half, t3)
            matmul(t2_T021, t3_col, t4_col)
            add(q, t4, q)
            # q[n, k] += sum(d: s[k, d])
            s.dot(ones2, t5)
            t4[...] = t5_col
            add(q, t4, q)
            # likelihood_sum_max[n] = max(k: -q[n, k])
            multiply(q, minus_one, t4)
            maximum_reduce(t4, 0, None, likelihood_sum_max)
            # q_exp[n, k] = exp(-likelihood_sum_max[n] - q[n, k])
            multiply(likelihood_sum_max, minus_one, t8)
            t4[...] = t8
            subtract(t4, q, q_exp)
            exp(q_exp, q_exp)
            # likelihood_sum_sumexp[n] = sum(k: q_exp[n, k]*weight[k])
            q_exp_T.dot(weight, likelihood_sum_sumexp)
            # likelihood[n] = likelihood_sum_max[n] + log(likelihood_sum_sumexp[n])
            log(likelihood_sum_sumexp, t8)
            add(t8, likelihood_sum_max, likelihood)
            # loss_sum = sum(n: likelihood[n]/N)
            loss_sum = total(likelihood)
            # loss = -loss_sum
            loss = -loss_sum
            # dlikelihood_sum_sumexp[n] = -1/(N*likelihood_sum_sumexp[n])
            divide(minus_1_over_N, likelihood_sum_sumexp, dlikelihood_sum_sumexp)
            # dq_part[n, k] = -dlikelihood_sum_sumexp[n]*q_exp[n, k]
            multiply(dlikelihood_sum_sumexp, minus_one, t11)
            t12[...] = t11
            multiply(q_exp, t12, dq_part)
            # dm[k, d] = sum(n: -weight[k]*s_exp[k, d]*q_difference[n, k, d]*dq_part[n, k])
            matmul(q_difference, dq_part_col, dm_col)
            multiply(weight, minus_one, t13)
            t3[...] = t13_col
            multiply(s_exp, t3, t3)
            multiply(t3, dm, dm)
            # da_sumexp = sum(n, k: dq_part[n, k]*weight[k])
            dq_part.dot(ones3, t5)
            da_sumexp = t5.dot(weight)
            # ds[k, d] += sum(n: weight[k]*dq_part[n, k])
            dq_part.dot(ones3, t5)
            multiply(weight, t5, t5)
            ds[...] = t5_col
            # ds[k, d] += sum(n: -weight[k]*s_exp[k, d]*q_difference[n, k, d]**2*dq_part[n, k])
            square(q_difference, t0)
            matmul(t0, dq_part_col, t3_col)
            multiply(weight, minus_one, t21)
            t22[...] = t21_col
            multiply(s_exp, t22, t22)
            multiply(t22, t3, t22)
            add(ds, t22, ds)
            # da[k] += sum(n: weight[k]*q_exp[n, k]*dlikelihood_sum_sumexp[n])
            dlikelihood_sum_sumexp.dot(q_exp_T, da)
            multiply(weight, da, da)
            # da[k] += da_sumexp*weight[k]
            multiply(weight, da_sumexp, t24)
            add(da, t24, da)

            return float(loss), {"a": da, "m": dm, "s": ds}

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
    x       shape (N, 2), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 2), dtype)
    a = params["a"]
    m = params["m"]
    s = params["s"]

    a_shifted = np.empty(3, dtype)
    a_exp = a_shifted  # a_shifted is not needed any more
    weight = a_shifted  # a_shifted is not needed any more
    q = np.empty((3, N), dtype)  # dimensions exchanged
    responsibility_sum_max = np.empty(N, dtype)
    q_exp = q  # q is not needed any more
    # responsibility_sum_max is not needed any more
    responsibility_sum_sumexp = responsibility_sum_max
    responsibility = np.empty((N, 3), dtype)
    ones = np.ones(3, dtype)
    t0 = np.empty((N, 3, 2), dtype)
    t1 = np.empty((3, 2), dtype)
    minus_2 = np.array(-2, dtype)
    half = np.array(0.5, dtype)
    t0_T102 = t0.transpose(1, 0, 2)
    t2 = np.empty((3, N), dtype)
    t1_col = t1[..., None]
    t2_col = t2[..., None]
    ones2 = np.ones(2, dtype)
    t3 = np.empty(3, dtype)
    t3_col = t3[:, None]
    minus_one = np.array(-1, dtype)
    t4 = np.empty(N, dtype)
    q_exp_T = q_exp.T
    responsibility_sum_sumexp_col = responsibility_sum_sumexp[:, None]

    # a_max = max(k: a[k])
    a_max = np.maximum.reduce(a, axis=None)
    # a_shifted[k] = a[k] - a_max
    np.add(a, -a_max, out=a_shifted)
    # a_exp[k] = exp(a_shifted[k])
    np.exp(a_shifted, out=a_exp)
    # a_sumexp = sum(k: a_exp[k])
    a_sumexp = ones.dot(a_exp)
    # weight[c] = a_exp[c]/a_sumexp
    np.multiply(a_exp, 1 / a_sumexp, out=weight)
    # q[n, k] += sum(d < 2: 45946926660233637089/50000000000000000000)
    q[...] = 1.8378770664093456
    # q[n, k] += sum(d: exp(-2*s[k, d])*(x[n, d] - m[k, d])**2/2)
    np.subtract(x[:, None, :], m, out=t0)
    np.square(t0, out=t0)
    np.multiply(s, minus_2, out=t1)
    np.exp(t1, out=t1)
    np.multiply(t1, half, out=t1)
    np.matmul(t0_T102, t1_col, out=t2_col)
    np.add(q, t2, out=q)
    # q[n, k] += sum(d: s[k, d])
    s.dot(ones2, out=t3)
    np.add(q, t3_col, out=q)
    # responsibility_sum_max[n] = max(j: -q[n, j])
    np.multiply(q, minus_one, out=t2)
    np.maximum.reduce(t2, axis=0, out=responsibility_sum_max)
    # q_exp[n, k] = exp(-q[n, k] - responsibility_sum_max[n])
    np.multiply(responsibility_sum_max, minus_one, out=t4)
    np.subtract(t4, q, out=q_exp)
    np.exp(q_exp, out=q_exp)
    # responsibility_sum_sumexp[n] = sum(j: q_exp[n, j]*weight[j])
    q_exp_T.dot(weight, out=responsibility_sum_sumexp)
    # responsibility[n, k] = q_exp[n, k]*weight[k]/responsibility_sum_sumexp[n]
    np.multiply(q_exp_T, weight, out=responsibility)
    np.divide(responsibility, responsibility_sum_sumexp_col, out=responsibility)

    return {"responsibility": responsibility}


def evaluate(params, x):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    x       shape (N, 2), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("x", x, 0)
    x = _real("x", x, (N, 2), dtype)
    a = params["a"]
    m = params["m"]
    s = params["s"]

    a_shifted = np.empty(3, dtype)
    a_exp = a_shifted  # a_shifted is not needed any more
    q = np.empty((3, N), dtype)  # dimensions exchanged
    likelihood_sum_max = np.empty(N, dtype)
    likelihood_sum_sumexp = np.empty(N, dtype)
    likelihood = likelihood_sum_max  # likelihood_sum_max is not needed any more
    ones = np.ones(3, dtype)
    t0 = np.empty((N, 3, 2), dtype)
    t1 = np.empty((3, 2), dtype)
    minus_2 = np.array(-2, dtype)
    half = np.array(0.5, dtype)
    t0_T102 = t0.transpose(1, 0, 2)
    t2 = np.empty((3, N), dtype)
    t1_col = t1[..., None]
    t2_col = t2[..., None]
    ones2 = np.ones(2, dtype)
    t3 = np.empty(3, dtype)
    t3_col = t3[:, None]
    minus_one = np.array(-1, dtype)
    t4 = np.empty(N, dtype)
    weights = np.full(N, 1 / N, dtype)

    # a_max = max(k: a[k])
    a_max = np.maximum.reduce(a, axis=None)
    # a_shifted[k] = a[k] - a_max
    np.add(a, -a_max, out=a_shifted)
    # a_exp[k] = exp(a_shifted[k])
    np.exp(a_shifted, out=a_exp)
    # a_sumexp = sum(k: a_exp[k])
    a_sumexp = ones.dot(a_exp)
    # q[n, k] += sum(d < 2: 45946926660233637089/50000000000000000000)
    q[...] = 1.8378770664093456
    # q[n, k] += sum(d: exp(-2*s[k, d])*(x[n, d] - m[k, d])**2/2)
    np.subtract(x[:, None, :], m, out=t0)
    np.square(t0, out=t0)
    np.multiply(s, minus_2, out=t1)
    np.exp(t1, out=t1)
    np.multiply(t1, half, out=t1)
    np.matmul(t0_T102, t1_col, out=t2_col)
    np.add(q, t2, out=q)
    # q[n, k] += sum(d: s[k, d])
    s.dot(ones2, out=t3)
    np.add(q, t3_col, out=q)
    # likelihood_sum_max[n] = max(k: -q[n, k])
    np.multiply(q, minus_one, out=t2)
    np.maximum.reduce(t2, axis=0, out=likelihood_sum_max)
    # likelihood_sum_sumexp[n] = sum(k: a_exp[k]*exp(-likelihood_sum_max[n] - q[n, k])/a_sumexp)
    np.multiply(likelihood_sum_max, minus_one, out=t4)
    np.subtract(t4, q, out=t2)
    np.exp(t2, out=t2)
    np.multiply(a_exp, 1 / a_sumexp, out=t3)
    t3.dot(t2, out=likelihood_sum_sumexp)
    # likelihood[n] = likelihood_sum_max[n] + log(likelihood_sum_sumexp[n])
    np.log(likelihood_sum_sumexp, out=t4)
    np.add(t4, likelihood_sum_max, out=likelihood)
    # loss_sum = sum(n: likelihood[n]/N)
    loss_sum = weights.dot(likelihood)
    # loss = -loss_sum
    loss = -loss_sum

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


def update(params, grads, slots, *, rate=0.05, b1=0.9, b2=0.999, eps=1e-08):
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
    if not isinstance(theta, np.ndarray) or theta.shape != (15,):
        raise ValueError(f"theta: expected shape (15,), got {_describe(theta)}")
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


def _total(length, scale, dtype):
    """What gives the sum of so many values, times a scale: a product with ones where it is short.

    From 4,096 values on the vector would take more memory than it saves time.
    """
    if length < 4096:
        return np.full(length, scale, dtype).dot
    return lambda values: np.add.reduce(values) * scale


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
