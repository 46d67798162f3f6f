"""state_space: the network below with its gradients, in NumPy.

    network state_space

    example N = 2
    example T = 6

    input u[N, T]
    input target[N, T]

    param decay ~ constant(0.9)
    param A[k: 3, j: 3] ~ normal(0, 0.3)
    param B[k: 3] ~ normal
    param stiffness ~ constant(2)
    param r1 ~ constant(1)
    param r2 ~ constant(-0.5)

    average[n, t] = decay*(average[n, t-1] else 0) + (1 - decay)*u[n, t]
    s[n, t, k] = sum(j: A[k, j]*(s[n, t-1, j] else 0)) + B[k]*u[n, t]
    speed[n, t] = (speed[n, t-1] else 0) + 0.1*(u[n, t] - stiffness*(place[n, t-1] else 0))
    place[n, t] = (place[n, t-1] else 1) + 0.1*speed[n, t]
    wave[n, t] = r1*(wave[n, t-1] else 0) + r2*(wave[n, t-2] else 0) + tanh(u[n, t])

    y[n, t] = average[n, t] + sum(k: s[n, t, k]) + place[n, t] + wave[n, t]
    output y
    minimize mse(y, target) with adam(rate=0.01)

Gradients checked against central differences: relative error at most 1e-8.
Made by symnet 0.1.0, from a spec with the SHA-256 sum
39f4baf52dcca7e8f4263a4acb9d0d1cbcc2aa97f1b6eefc2f55fe56349565cd
"""

import numpy as np

# Shapes hold numbers and sizes. Sizes come with the arrays; SIZES has examples of them.
PARAMETERS = {
    "decay": {"shape": (), "kind": "real"},
    "A": {"shape": (3, 3), "kind": "real"},
    "B": {"shape": (3,), "kind": "real"},
    "stiffness": {"shape": (), "kind": "real"},
    "r1": {"shape": (), "kind": "real"},
    "r2": {"shape": (), "kind": "real"},
}
INPUTS = {
    "u": {"shape": ("N", "T"), "kind": "real"},
    "target": {"shape": ("N", "T"), "kind": "real"},
}
OUTPUTS = {
    "y": {"shape": ("N", "T"), "kind": "real"},
}
STATE = {}
METRICS = ()
SIZES = {"N": 2, "T": 6}
BATCH = {"size": "N", "inputs": {"u": 0, "target": 0}, "loss": "mean"}


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
        "decay": np.full((), 0.9),
        "A": rng.normal(0, 0.3, (3, 3)),
        "B": rng.normal(0, 1, (3,)),
        "stiffness": np.full((), 2),
        "r1": np.full((), 1),
        "r2": np.full((), -0.5),
    }
    return {name: np.asarray(value, dtype) for name, value in values.items()}


# --- training mode: values, and gradients for any upstream gradient ---


def forward(params, u, target):
    """Calculate the outputs, and what backward needs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    u       shape (N, T), of the dtype of params
    target  shape (N, T), of the dtype of params

    Returns (outputs, saved).
    `saved` refers to the inputs: leave them as they are until backward.
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("u", u, 0)
    T = _length("u", u, 1)
    u = _real("u", u, (N, T), dtype)
    target = _real("target", target, (N, T), dtype)
    decay = np.asarray(params["decay"], dtype)
    A = params["A"]
    B = params["B"]
    stiffness = np.asarray(params["stiffness"], dtype)
    r1 = np.asarray(params["r1"], dtype)
    r2 = np.asarray(params["r2"], dtype)

    s = np.empty((N, T, 3), dtype)
    average_term = np.empty((N, T), dtype)
    average = np.empty((N, T), dtype)
    speed_term = np.empty((T, N), dtype)  # dimensions exchanged
    speed = np.empty((T, N), dtype)  # dimensions exchanged
    place = average_term  # average_term is not needed any more
    u_tanh = np.empty((N, T), dtype)
    wave = np.empty((N, T), dtype)
    y = np.empty((N, T), dtype)
    y_difference = np.empty((N, T), dtype)
    t0 = np.empty((N, 3), dtype)
    c0_1 = np.array(0.1, dtype)
    t1 = np.empty(N, dtype)
    one = np.array(1, dtype)
    ones = np.ones(3, dtype)
    s_2d = s.reshape(N * T, 3)
    y_flat = y.reshape(-1)
    t2 = np.empty((N, T), dtype)
    y_difference_flat = y_difference.reshape(-1)

    # s[n, t, k] += u[n, t]*B[k]
    np.multiply(u[:, :, None], B, out=s)
    A_T = A.T
    for t in range(T):
        # s[n, t, k] += sum(j if t >= 1: s[n, t - 1, j]*A[k, j])
        if t >= 1:
            s_t = s[:, t]
            s_before = s[:, t - 1]
            s_before.dot(A_T, out=t0)
            np.add(s_t, t0, out=s_t)
    # average_term[n, t] = u[n, t]*(1 - decay)
    np.multiply(u, 1 - decay, out=average_term)
    for t in range(T):
        # average[n, t] = average_term[n, t] + decay*average[n, t - 1] if t >= 1
        if t >= 1:
            average_t = average[:, t]
            average_before = average[:, t - 1]
            average_term_t = average_term[:, t]
            np.multiply(average_before, decay, out=average_t)
            np.add(average_t, average_term_t, out=average_t)
        # average[n, t] = average_term[n, t] if t <= 0
        if t == 0:
            average_t2 = average[:, t]
            average_term_t2 = average_term[:, t]
            average_t2[...] = average_term_t2
    # speed_term[n, t] = u[n, t]/10
    np.multiply(u.T, c0_1, out=speed_term)
    number = np.array(stiffness / 10, dtype)
    for t in range(T):
        # speed[n, t] = speed[n, t - 1] + speed_term[n, t] - stiffness*place[n, t - 1]/10 if t >= 1
        if t >= 1:
            speed_t = speed[t]
            speed_before = speed[t - 1]
            speed_term_t = speed_term[t]
            place_before = place[:, t - 1]
            np.add(speed_before, speed_term_t, out=speed_t)
            np.multiply(place_before, number, out=t1)
            np.subtract(speed_t, t1, out=speed_t)
        # speed[n, t] = speed_term[n, t] if t <= 0
        if t == 0:
            speed_t2 = speed[t]
            speed_term_t2 = speed_term[t]
            speed_t2[...] = speed_term_t2
        # place[n, t] = place[n, t - 1] + speed[n, t]/10 if t >= 1
        if t >= 1:
            place_t = place[:, t]
            speed_t3 = speed[t]
            place_before2 = place[:, t - 1]
            np.multiply(speed_t3, c0_1, out=t1)
            np.add(t1, place_before2, out=place_t)
        # place[n, t] = speed[n, t]/10 + 1 if t <= 0
        if t == 0:
            place_t2 = place[:, t]
            speed_t4 = speed[t]
            np.multiply(speed_t4, c0_1, out=place_t2)
            np.add(place_t2, one, out=place_t2)
    # u_tanh[n, t] = tanh(u[n, t])
    np.tanh(u, out=u_tanh)
    for t in range(T):
        # wave[n, t] = u_tanh[n, t] + r1*wave[n, t - 1] + r2*wave[n, t - 2] if t >= 2
        if t >= 2:
            wave_t = wave[:, t]
            wave_before = wave[:, t - 1]
            u_tanh_t = u_tanh[:, t]
            wave_part = wave[:, t - 2]
            np.multiply(wave_before, r1, out=t1)
            np.add(t1, u_tanh_t, out=t1)
            np.multiply(wave_part, r2, out=wave_t)
            np.add(t1, wave_t, out=wave_t)
        # wave[n, t] = u_tanh[n, t] + r1*wave[n, t - 1] if t >= 1 and t <= 1
        if t >= 1 and t <= 1:
            wave_t2 = wave[:, t]
            wave_before2 = wave[:, t - 1]
            u_tanh_t2 = u_tanh[:, t]
            np.multiply(wave_before2, r1, out=wave_t2)
            np.add(wave_t2, u_tanh_t2, out=wave_t2)
        # wave[n, t] = u_tanh[n, t] if t <= 0
        if t == 0:
            wave_t3 = wave[:, t]
            u_tanh_t3 = u_tanh[:, t]
            wave_t3[...] = u_tanh_t3
    # y[n, t] += sum(k: s[n, t, k])
    s_2d.dot(ones, out=y_flat)
    # y[n, t] += average[n, t] + place[n, t] + wave[n, t]
    np.add(average, place, out=t2)
    np.add(t2, wave, out=t2)
    np.add(y, t2, out=y)
    # y_difference[n, t] = y[n, t] - target[n, t]
    np.subtract(y, target, out=y_difference)
    # loss = sum(n, t: y_difference[n, t]**2/(N*T))
    loss = (1 / N / T) * y_difference_flat.dot(y_difference_flat)

    outputs = {"y": y, "loss": np.array(loss, dtype)}
    saved = (N, T, u, average, s, place, wave, u_tanh, y_difference)
    return outputs, saved


def backward(params, saved, grad_outputs):
    """Calculate the gradients of sum(grad_outputs[k] * outputs[k]).

    They are those for the parameters and the real inputs, in a dict.

    params        as given to forward
    saved         as returned by forward
    grad_outputs  a dict of arrays of the outputs' shapes; a missing one counts as zeros
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N, T, u, average, s, place, wave, u_tanh, y_difference = saved
    _check_keys("grad_outputs", grad_outputs, ("y", "loss"))
    grad_y = _upstream("y", grad_outputs, (N, T), dtype)
    grad_loss = _upstream("loss", grad_outputs, (), dtype)
    decay = np.asarray(params["decay"], dtype)
    A = params["A"]
    B = params["B"]
    stiffness = np.asarray(params["stiffness"], dtype)
    r1 = np.asarray(params["r1"], dtype)
    r2 = np.asarray(params["r2"], dtype)

    dtarget = np.empty((N, T), dtype)
    dy = np.empty((T, N), dtype)  # dimensions exchanged
    daverage = np.empty((T, N), dtype)  # dimensions exchanged
    ds = np.empty((T, N, 3), dtype)  # stored with T first
    dA = np.empty((3, 3), dtype)
    dB = np.empty(3, dtype)
    dplace = np.empty((T, N), dtype)  # dimensions exchanged
    dspeed = np.empty((T, N), dtype)  # dimensions exchanged
    dwave = dplace  # dplace is not needed any more
    du = np.empty((N, T), dtype)
    average_padded = np.zeros((N, T + 1), dtype)
    average_padded_part = average_padded[:, 1:]
    average_padded_part2 = average_padded[:, :T]
    t0 = np.empty((N, T), dtype)
    daverage_flat = daverage.reshape(-1)
    t1 = np.empty((T, N), dtype)
    t0_T = t0.T
    t1_flat = t1.reshape(-1)
    dy_b110 = dy[:, :, None]
    t2 = np.empty((N, 3), dtype)
    s_padded = np.zeros((N, T + 1, 3), dtype)
    s_padded_part = s_padded[:, 1:]
    s_padded_part2 = s_padded[:, :T]
    ds_2d = ds.reshape(N * T, 3)
    ds_2d_T = ds_2d.T
    t3 = np.empty((3, T, N), dtype)
    s_padded_part2_T = s_padded_part2.T
    t3_2d = t3.reshape(3, N * T)
    t3_2d_T = t3_2d.T
    t4 = np.empty(N, dtype)
    c0_1 = np.array(0.1, dtype)
    place_padded = np.zeros((N, T + 1), dtype)
    place_padded_part = place_padded[:, 1:]
    place_padded_part2 = place_padded[:, :T]
    place_padded_part2_T = place_padded_part2.T
    dspeed_flat = dspeed.reshape(-1)
    wave_padded = np.zeros((N, T + 1), dtype)
    wave_padded_part = wave_padded[:, 1:]
    wave_padded_part2 = wave_padded[:, :T]
    wave_padded_part2_T = wave_padded_part2.T
    dwave_flat = dwave.reshape(-1)
    wave_padded2 = np.zeros((N, T + 2), dtype)
    wave_padded2_part = wave_padded2[:, 2:]
    wave_padded2_part2 = wave_padded2[:, :T]
    wave_padded2_part2_T = wave_padded2_part2.T
    t1_T = t1.T
    one = np.array(1, dtype)
    t5 = np.empty((T, N), dtype)

    # dtarget[n, t] = -2*grad_loss*y_difference[n, t]/(N*T)
    np.multiply(y_difference, -2 * grad_loss / N / T, out=dtarget)
    # dy[n, t] = grad_y[n, t] + 2*grad_loss*y_difference[n, t]/(N*T)
    np.multiply(y_difference.T, 2 * grad_loss / N / T, out=dy)
    np.add(dy, grad_y.T, out=dy)
    for t in reversed(range(T)):
        # daverage[n, t] = dy[n, t] + decay*daverage[n, t + 1] if t + 2 <= T
        if t <= T - 2:
            daverage_t = daverage[t]
            daverage_after = daverage[t + 1]
            dy_t = dy[t]
            np.multiply(daverage_after, decay, out=daverage_t)
            np.add(daverage_t, dy_t, out=daverage_t)
        # daverage[n, t] = dy[n, t] if T <= t + 1
        if t == T - 1:
            daverage_t2 = daverage[t]
            dy_t2 = dy[t]
            daverage_t2[...] = dy_t2
    # ddecay = sum(n, t: daverage[n, t]*((average[n, t - 1] else 0) - u[n, t]))
    average_padded_part[...] = average
    np.subtract(average_padded_part2, u, out=t0)
    t1[...] = t0_T
    ddecay = daverage_flat.dot(t1_flat)
    # ds[n, t, k] += dy[n, t]
    ds[...] = dy_b110
    for t in reversed(range(T)):
        # ds[n, t, k] += sum(k2 if t + 2 <= T: ds[n, t + 1, k2]*A[k2, k])
        if t <= T - 2:
            ds_t = ds[t]
            ds_after = ds[t + 1]
            ds_after.dot(A, out=t2)
            np.add(ds_t, t2, out=ds_t)
    # dA[k, j] = sum(n, t: ds[n, t, k]*(s[n, t - 1, j] else 0))
    s_padded_part[...] = s
    t3[...] = s_padded_part2_T
    ds_2d_T.dot(t3_2d_T, out=dA)
    # dB[k] = sum(n, t: ds[n, t, k]*u[n, t])
    t1[...] = u.T
    ds_2d_T.dot(t1_flat, out=dB)
    number = np.array(stiffness / 10, dtype)
    for t in reversed(range(T)):
        # dplace[n, t] = dplace[n, t + 1] + dy[n, t] - stiffness*dspeed[n, t + 1]/10 if t + 2 <= T
        if t <= T - 2:
            dplace_t = dplace[t]
            dplace_after = dplace[t + 1]
            dy_t3 = dy[t]
            dspeed_after = dspeed[t + 1]
            np.add(dplace_after, dy_t3, out=dplace_t)
            np.multiply(dspeed_after, number, out=t4)
            np.subtract(dplace_t, t4, out=dplace_t)
        # dplace[n, t] = dy[n, t] if T <= t + 1
        if t == T - 1:
            dplace_t2 = dplace[t]
            dy_t4 = dy[t]
            dplace_t2[...] = dy_t4
        # dspeed[n, t] = dspeed[n, t + 1] + dplace[n, t]/10 if t + 2 <= T
        if t <= T - 2:
            dspeed_t = dspeed[t]
            dplace_t3 = dplace[t]
            dspeed_after2 = dspeed[t + 1]
            np.multiply(dplace_t3, c0_1, out=t4)
            np.add(t4, dspeed_after2, out=dspeed_t)
        # dspeed[n, t] = dplace[n, t]/10 if T <= t + 1
        if t == T - 1:
            dspeed_t2 = dspeed[t]
            dplace_t4 = dplace[t]
            np.multiply(dplace_t4, c0_1, out=dspeed_t2)
    # dstiffness = sum(n, t: -(place[n, t - 1] else 0)*dspeed[n, t]/10)
    place_padded_part[...] = place
    t1[...] = place_padded_part2_T
    dstiffness = (-0.1) * t1_flat.dot(dspeed_flat)
    for t in reversed(range(T)):
        # dwave[n, t] = dy[n, t] + r1*dwave[n, t + 1] + r2*dwave[n, t + 2] if t + 3 <= T
        if t <= T - 3:
            dwave_t = dwave[t]
            dwave_after = dwave[t + 1]
            dy_t5 = dy[t]
            dwave_row = dwave[t + 2]
            np.multiply(dwave_after, r1, out=t4)
            np.add(t4, dy_t5, out=t4)
            np.multiply(dwave_row, r2, out=dwave_t)
            np.add(t4, dwave_t, out=dwave_t)
        # dwave[n, t] = dy[n, t] + r1*dwave[n, t + 1] if t + 2 <= T and T <= t + 2
        if t <= T - 2 and t >= T - 2:
            dwave_t2 = dwave[t]
            dwave_after2 = dwave[t + 1]
            dy_t6 = dy[t]
            np.multiply(dwave_after2, r1, out=dwave_t2)
            np.add(dwave_t2, dy_t6, out=dwave_t2)
        # dwave[n, t] = dy[n, t] if T <= t + 1
        if t == T - 1:
            dwave_t3 = dwave[t]
            dy_t7 = dy[t]
            dwave_t3[...] = dy_t7
    # dr1 = sum(n, t: (wave[n, t - 1] else 0)*dwave[n, t])
    wave_padded_part[...] = wave
    t1[...] = wave_padded_part2_T
    dr1 = t1_flat.dot(dwave_flat)
    # dr2 = sum(n, t: (wave[n, t - 2] else 0)*dwave[n, t])
    wave_padded2_part[...] = wave
    t1[...] = wave_padded2_part2_T
    dr2 = t1_flat.dot(dwave_flat)
    # du[n, t] += sum(k: ds[n, t, k]*B[k])
    B.dot(ds_2d_T, out=t1_flat)
    du[...] = t1_T
    # du[n, t] += daverage[n, t]*(1 - decay) + dspeed[n, t]/10 + dwave[n, t]*(1 - u_tanh[n, t]**2)
    np.square(u_tanh.T, out=t1)
    np.subtract(one, t1, out=t1)
    np.multiply(t1, dwave, out=t1)
    np.multiply(daverage, 1 - decay, out=t5)
    np.add(t1, t5, out=t1)
    np.multiply(dspeed, c0_1, out=t5)
    np.add(t1, t5, out=t1)
    np.add(du, t1_T, out=du)

    return {
        "decay": np.array(ddecay, dtype),
        "A": dA,
        "B": dB,
        "stiffness": np.array(dstiffness, dtype),
        "r1": np.array(dr1, dtype),
        "r2": np.array(dr2, dtype),
        "u": du,
        "target": dtarget,
    }


# --- training mode: the loss and its gradients ---


def loss(params, u, target):
    """The loss as a float."""
    return float(forward(params, u, target)[0]["loss"])


def loss_and_grad(params, u, target, *, workspace=None):
    """Calculate the loss and its gradients for the parameters.

    params     a dict with an array for each of PARAMETERS, all float32 or all float64
    u          shape (N, T), of the dtype of params
    target     shape (N, T), of the dtype of params
    workspace  a Workspace, whose arrays are used again; None makes fresh ones

    Returns (loss, grads): a float and a dict of arrays.
    With a workspace the arrays live in it, until its next use.
    """
    if workspace is None:
        workspace = Workspace()
    if not workspace.fits(params, u, target):
        dtype = _check_arrays("params", params, PARAMETERS)
        N = _length("u", u, 0)
        T = _length("u", u, 1)
        u = _real("u", u, (N, T), dtype)
        target = _real("target", target, (N, T), dtype)
        workspace.prepare(params, N, T, dtype)
    return workspace.run(u, target)


def _step(N, T, dtype):
    """Make the arrays that depend on sizes and dtype alone. What comes back binds parameters."""
    add = np.add
    np_array = np.array
    multiply = np.multiply
    subtract = np.subtract
    tanh = np.tanh
    slot0 = np.empty(max(3 * N * T, 2 * N * T + 9), dtype)
    s = slot0[: 3 * N * T].reshape(T, N, 3)  # stored with T first
    average_term = np.empty((T, N), dtype)  # dimensions exchanged
    slot1 = np.empty(3 * N * T, dtype)
    average = slot1[: N * T].reshape(T, N)  # dimensions exchanged
    speed_term = np.empty((T, N), dtype)  # dimensions exchanged
    speed = np.empty((T, N), dtype)  # dimensions exchanged
    place = average_term  # average_term is not needed any more
    wave_term = speed  # speed is not needed any more
    wave = speed_term  # speed_term is not needed any more
    y = speed  # speed is not needed any more
    y_difference = y  # y is not needed any more
    dy = y  # y is not needed any more
    daverage = slot1[N * T : 2 * N * T].reshape(T, N)  # dimensions exchanged
    ds = slot1.reshape(T, N, 3)  # stored with T first
    dA = slot0[2 * N * T : 2 * N * T + 9].reshape(3, 3)
    slot2 = np.empty(max(3 * N, 2 * N + 3), dtype)
    dB = slot2[2 * N : 2 * N + 3]
    dplace = slot0[: N * T].reshape(T, N)  # dimensions exchanged
    dspeed = slot0[N * T : 2 * N * T].reshape(T, N)  # dimensions exchanged
    dwave = average_term  # average_term is not needed any more
    t0 = slot0[: 3 * N * T].reshape(T, N, 3)
    t1 = slot1.reshape(T, N, 3)
    s_rows = list(s)
    t2 = slot2[: 3 * N].reshape(N, 3)
    average_rows = list(average)
    average_term_rows = list(average_term)
    t3 = slot2[:N]
    c0_1 = np.array(0.1, dtype)
    speed_rows = list(speed)
    speed_term_rows = list(speed_term)
    place_rows = list(place)
    t5 = slot2[N : 2 * N]
    one = np.array(1, dtype)
    wave_rows = list(wave)
    wave_term_rows = list(wave_term)
    t8_apart = np.empty(N, dtype) if N == 1 else t3
    ones = np.ones(3, dtype)
    s_2d = s.reshape(N * T, 3)
    y_flat = y.reshape(-1)
    t11 = slot1[N * T : 2 * N * T].reshape(T, N)
    y_difference_flat = y_difference.reshape(-1)
    c = np.array(2 / N / T, dtype)
    daverage_rows = list(daverage)
    dy_rows = list(dy)
    average_padded = np.zeros((T + 1, N), dtype)
    average_padded_part = average_padded[1:]
    average_padded_part2 = average_padded[:T]
    t13 = slot1[2 * N * T : 3 * N * T].reshape(T, N)
    daverage_flat = daverage.reshape(-1)
    t13_flat = t13.reshape(-1)
    dy_b110 = dy[:, :, None]
    ds_rows = list(ds)
    s_padded = np.zeros((T + 1, N, 3), dtype)
    s_padded_part = s_padded[1:]
    s_padded_part2 = s_padded[:T]
    ds_2d = ds.reshape(N * T, 3)
    ds_2d_T = ds_2d.T
    s_padded_part2_2d = s_padded_part2.reshape(N * T, 3)
    t15 = slot0[: N * T].reshape(T, N)
    t15_flat = t15.reshape(-1)
    dplace_rows = list(dplace)
    dspeed_rows = list(dspeed)
    place_padded = np.zeros((T + 1, N), dtype)
    place_padded_part = place_padded[1:]
    place_padded_part2 = place_padded[:T]
    place_padded_part2_flat = place_padded_part2.reshape(-1)
    dspeed_flat = dspeed.reshape(-1)
    dwave_rows = list(dwave)
    wave_padded = np.zeros((T + 1, N), dtype)
    wave_padded_part = wave_padded[1:]
    wave_padded_part2 = wave_padded[:T]
    wave_padded_part2_flat = wave_padded_part2.reshape(-1)
    dwave_flat = dwave.reshape(-1)
    wave_padded2 = np.zeros((T + 2, N), dtype)
    wave_padded2_part = wave_padded2[2:]
    wave_padded2_part2 = wave_padded2[:T]
    wave_padded2_part2_flat = wave_padded2_part2.reshape(-1)
    ddecay_out = np.empty((), dtype)
    dstiffness_out = np.empty((), dtype)
    dr1_out = np.empty((), dtype)
    dr2_out = np.empty((), dtype)

    def bind(params):
        decay_given = params["decay"]
        decay = np.asarray(decay_given, dtype)
        A = params["A"]
        B = params["B"]
        stiffness_given = params["stiffness"]
        stiffness = np.asarray(stiffness_given, dtype)
        r1_given = params["r1"]
        r1 = np.asarray(r1_given, dtype)
        r2_given = params["r2"]
        r2 = np.asarray(r2_given, dtype)
        A_T = A.T

        def fits(params, u, target):
            """Whether these are the parameters of the last call, and inputs like those."""
            try:
                return (
                    len(params) == 6
                    and params["decay"] is decay_given
                    and params["A"] is A
                    and params["B"] is B
                    and params["stiffness"] is stiffness_given
                    and params["r1"] is r1_given
                    and params["r2"] is r2_given
                    and u.shape == (N, T)
                    and u.dtype is dtype
                    and target.shape == (N, T)
                    and target.dtype is dtype
                )
            except (AttributeError, KeyError, TypeError):
                return False

        def run(u, target):
            # s[n, t, k] += u[n, t]*B[k]
            t0[...] = u.T[:, :, None]
            t1[...] = B
            multiply(t0, t1, s)
            for t in range(T):
                # s[n, t, k] += sum(j if t >= 1: s[n, t - 1, j]*A[k, j])
                if t >= 1:
                    s_t = s_rows[t]
                    s_before = s_rows[t - 1]
                    s_before.dot(A_T, t2)
                    add(s_t, t2, s_t)
            # average_term[n, t] = u[n, t]*(1 - decay)
            multiply(u.T, 1 - decay, average_term)
            for t in range(T):
                # average[n, t] = average_term[n, t] + decay*average[n, t - 1] if t >= 1
                if t >= 1:
                    average_t = average_rows[t]
                    average_before = average_rows[t - 1]
                    average_term_t = average_term_rows[t]
                    multiply(average_before, decay, t3)
                    add(t3, average_term_t, average_t)
                # average[n, t] = average_term[n, t] if t <= 0
                if t == 0:
                    average_t2 = average_rows[t]
                    average_term_t2 = average_term_rows[t]
                    average_t2[...] = average_term_t2
            # speed_term[n, t] = u[n, t]/10
            multiply(u.T, c0_1, speed_term)
            number = np_array(stiffness / 10, dtype)
            for t in range(T):
                # speed[n, t] = speed[n, t - 1] + speed_term[n, t]
                #     - stiffness*place[n, t - 1]/10 if t >= 1
                if t >= 1:
                    speed_t = speed_rows[t]
                    speed_before = speed_rows[t - 1]
                    speed_term_t = speed_term_rows[t]
                    place_before = place_rows[t - 1]
                    add(speed_before, speed_term_t, t3)
                    multiply(place_before, number, t5)
                    subtract(t3, t5, speed_t)
                # speed[n, t] = speed_term[n, t] if t <= 0
                if t == 0:
                    speed_t2 = speed_rows[t]
                    speed_term_t2 = speed_term_rows[t]
                    speed_t2[...] = speed_term_t2
                # place[n, t] = place[n, t - 1] + speed[n, t]/10 if t >= 1
                if t >= 1:
                    place_t = place_rows[t]
                    speed_t3 = speed_rows[t]
                    place_before2 = place_rows[t - 1]
                    multiply(speed_t3, c0_1, t3)
                    add(t3, place_before2, place_t)
                # place[n, t] = speed[n, t]/10 + 1 if t <= 0
                if t == 0:
                    place_t2 = place_rows[t]
                    speed_t4 = speed_rows[t]
                    multiply(speed_t4, c0_1, t3)
                    add(t3, one, place_t2)
            # wave_term[n, t] = tanh(u[n, t])
            tanh(u.T, wave_term)
            for t in range(T):
                # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] + r2*wave[n, t - 2] if t >= 2
                if t >= 2:
                    wave_t = wave_rows[t]
                    wave_before = wave_rows[t - 1]
                    wave_term_t = wave_term_rows[t]
                    wave_row = wave_rows[t - 2]
                    multiply(wave_before, r1, t3)
                    add(t3, wave_term_t, t8_apart)
                    multiply(wave_row, r2, t5)
                    add(t8_apart, t5, wave_t)
                # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] if t >= 1 and t <= 1
                if t >= 1 and t <= 1:
                    wave_t2 = wave_rows[t]
                    wave_before2 = wave_rows[t - 1]
                    wave_term_t2 = wave_term_rows[t]
                    multiply(wave_before2, r1, t3)
                    add(t3, wave_term_t2, wave_t2)
                # wave[n, t] = wave_term[n, t] if t <= 0
                if t == 0:
                    wave_t3 = wave_rows[t]
                    wave_term_t3 = wave_term_rows[t]
                    wave_t3[...] = wave_term_t3
            # y[n, t] += sum(k: s[n, t, k])
            s_2d.dot(ones, y_flat)
            # y[n, t] += average[n, t] + place[n, t] + wave[n, t]
            add(average, place, t11)
            add(t11, wave, t11)
            add(y, t11, y)
            # y_difference[n, t] = y[n, t] - target[n, t]
            subtract(y, target.T, y_difference)
            # loss = sum(n, t: y_difference[n, t]**2/(N*T))
            loss = (1 / N / T) * y_difference_flat.dot(y_difference_flat)
            # dy[n, t] = 2*y_difference[n, t]/(N*T)
            multiply(y_difference, c, dy)
            for t in reversed(range(T)):
                # daverage[n, t] = dy[n, t] + decay*daverage[n, t + 1] if t + 2 <= T
                if t <= T - 2:
                    daverage_t = daverage_rows[t]
                    daverage_after = daverage_rows[t + 1]
                    dy_t = dy_rows[t]
                    multiply(daverage_after, decay, t3)
                    add(t3, dy_t, daverage_t)
                # daverage[n, t] = dy[n, t] if T <= t + 1
                if t == T - 1:
                    daverage_t2 = daverage_rows[t]
                    dy_t2 = dy_rows[t]
                    daverage_t2[...] = dy_t2
            # ddecay = sum(n, t: daverage[n, t]*((average[n, t - 1] else 0) - u[n, t]))
            average_padded_part[...] = average
            subtract(average_padded_part2, u.T, t13)
            ddecay = daverage_flat.dot(t13_flat)
            # ds[n, t, k] += dy[n, t]
            ds[...] = dy_b110
            for t in reversed(range(T)):
                # ds[n, t, k] += sum(k2 if t + 2 <= T: ds[n, t + 1, k2]*A[k2, k])
                if t <= T - 2:
                    ds_t = ds_rows[t]
                    ds_after = ds_rows[t + 1]
                    ds_after.dot(A, t2)
                    add(ds_t, t2, ds_t)
            # dA[k, j] = sum(n, t: ds[n, t, k]*(s[n, t - 1, j] else 0))
            s_padded_part[...] = s
            ds_2d_T.dot(s_padded_part2_2d, dA)
            # dB[k] = sum(n, t: ds[n, t, k]*u[n, t])
            t15[...] = u.T
            ds_2d_T.dot(t15_flat, dB)
            number2 = np_array(stiffness / 10, dtype)
            for t in reversed(range(T)):
                # dplace[n, t] = dplace[n, t + 1] + dy[n, t] - stiffness*dspeed[n, t + 1]/10 if t
                #     + 2 <= T
                if t <= T - 2:
                    dplace_t = dplace_rows[t]
                    dplace_after = dplace_rows[t + 1]
                    dy_t3 = dy_rows[t]
                    dspeed_after = dspeed_rows[t + 1]
                    add(dplace_after, dy_t3, t3)
                    multiply(dspeed_after, number2, t5)
                    subtract(t3, t5, dplace_t)
                # dplace[n, t] = dy[n, t] if T <= t + 1
                if t == T - 1:
                    dplace_t2 = dplace_rows[t]
                    dy_t4 = dy_rows[t]
                    dplace_t2[...] = dy_t4
                # dspeed[n, t] = dspeed[n, t + 1] + dplace[n, t]/10 if t + 2 <= T
                if t <= T - 2:
                    dspeed_t = dspeed_rows[t]
                    dplace_t3 = dplace_rows[t]
                    dspeed_after2 = dspeed_rows[t + 1]
                    multiply(dplace_t3, c0_1, t3)
                    add(t3, dspeed_after2, dspeed_t)
                # dspeed[n, t] = dplace[n, t]/10 if T <= t + 1
                if t == T - 1:
                    dspeed_t2 = dspeed_rows[t]
                    dplace_t4 = dplace_rows[t]
                    multiply(dplace_t4, c0_1, dspeed_t2)
            # dstiffness = sum(n, t: -(place[n, t - 1] else 0)*dspeed[n, t]/10)
            place_padded_part[...] = place
            dstiffness = (-0.1) * place_padded_part2_flat.dot(dspeed_flat)
            for t in reversed(range(T)):
                # dwave[n, t] = dy[n, t] + r1*dwave[n, t + 1] + r2*dwave[n, t + 2] if t + 3 <= T
                if t <= T - 3:
                    dwave_t = dwave_rows[t]
                    dwave_after = dwave_rows[t + 1]
                    dy_t5 = dy_rows[t]
                    dwave_row = dwave_rows[t + 2]
                    multiply(dwave_after, r1, t3)
                    add(t3, dy_t5, t8_apart)
                    multiply(dwave_row, r2, t5)
                    add(t8_apart, t5, dwave_t)
                # dwave[n, t] = dy[n, t] + r1*dwave[n, t + 1] if t + 2 <= T and T <= t + 2
                if t <= T - 2 and t >= T - 2:
                    dwave_t2 = dwave_rows[t]
                    dwave_after2 = dwave_rows[t + 1]
                    dy_t6 = dy_rows[t]
                    multiply(dwave_after2, r1, t3)
                    add(t3, dy_t6, dwave_t2)
                # dwave[n, t] = dy[n, t] if T <= t + 1
                if t == T - 1:
                    dwave_t3 = dwave_rows[t]
                    dy_t7 = dy_rows[t]
                    dwave_t3[...] = dy_t7
            # dr1 = sum(n, t: (wave[n, t - 1] else 0)*dwave[n, t])
            wave_padded_part[...] = wave
            dr1 = wave_padded_part2_flat.dot(dwave_flat)
            # dr2 = sum(n, t: (wave[n, t - 2] else 0)*dwave[n, t])
            wave_padded2_part[...] = wave
            dr2 = wave_padded2_part2_flat.dot(dwave_flat)

            ddecay_out[()] = ddecay
            dstiffness_out[()] = dstiffness
            dr1_out[()] = dr1
            dr2_out[()] = dr2
            return (
                float(loss),
                {
                    "decay": ddecay_out,
                    "A": dA,
                    "B": dB,
                    "stiffness": dstiffness_out,
                    "r1": dr1_out,
                    "r2": dr2_out,
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


def predict(params, u):
    """Calculate the outputs.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    u       shape (N, T), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("u", u, 0)
    T = _length("u", u, 1)
    u = _real("u", u, (N, T), dtype)
    decay = np.asarray(params["decay"], dtype)
    A = params["A"]
    B = params["B"]
    stiffness = np.asarray(params["stiffness"], dtype)
    r1 = np.asarray(params["r1"], dtype)
    r2 = np.asarray(params["r2"], dtype)

    s = np.empty((T, N, 3), dtype)  # stored with T first
    average_term = np.empty((T, N), dtype)  # dimensions exchanged
    average = np.empty((T, N), dtype)  # dimensions exchanged
    speed_term = average_term  # average_term is not needed any more
    speed = np.empty((T, N), dtype)  # dimensions exchanged
    place = np.empty((T, N), dtype)  # dimensions exchanged
    wave_term = speed  # speed is not needed any more
    wave = average_term  # average_term is not needed any more
    y = np.empty((N, T), dtype)
    t0 = np.empty((N, 3), dtype)
    c0_1 = np.array(0.1, dtype)
    t1 = np.empty(N, dtype)
    one = np.array(1, dtype)
    ones = np.ones(3, dtype)
    t2 = np.empty((T, N), dtype)
    s_2d = s.reshape(N * T, 3)
    t2_flat = t2.reshape(-1)
    t2_T = t2.T

    # s[n, t, k] += u[n, t]*B[k]
    np.multiply(u.T[:, :, None], B, out=s)
    A_T = A.T
    for t in range(T):
        # s[n, t, k] += sum(j if t >= 1: s[n, t - 1, j]*A[k, j])
        if t >= 1:
            s_t = s[t]
            s_before = s[t - 1]
            s_before.dot(A_T, out=t0)
            np.add(s_t, t0, out=s_t)
    # average_term[n, t] = u[n, t]*(1 - decay)
    np.multiply(u.T, 1 - decay, out=average_term)
    for t in range(T):
        # average[n, t] = average_term[n, t] + decay*average[n, t - 1] if t >= 1
        if t >= 1:
            average_t = average[t]
            average_before = average[t - 1]
            average_term_t = average_term[t]
            np.multiply(average_before, decay, out=average_t)
            np.add(average_t, average_term_t, out=average_t)
        # average[n, t] = average_term[n, t] if t <= 0
        if t == 0:
            average_t2 = average[t]
            average_term_t2 = average_term[t]
            average_t2[...] = average_term_t2
    # speed_term[n, t] = u[n, t]/10
    np.multiply(u.T, c0_1, out=speed_term)
    number = np.array(stiffness / 10, dtype)
    for t in range(T):
        # speed[n, t] = speed[n, t - 1] + speed_term[n, t] - stiffness*place[n, t - 1]/10 if t >= 1
        if t >= 1:
            speed_t = speed[t]
            speed_before = speed[t - 1]
            speed_term_t = speed_term[t]
            place_before = place[t - 1]
            np.add(speed_before, speed_term_t, out=speed_t)
            np.multiply(place_before, number, out=t1)
            np.subtract(speed_t, t1, out=speed_t)
        # speed[n, t] = speed_term[n, t] if t <= 0
        if t == 0:
            speed_t2 = speed[t]
            speed_term_t2 = speed_term[t]
            speed_t2[...] = speed_term_t2
        # place[n, t] = place[n, t - 1] + speed[n, t]/10 if t >= 1
        if t >= 1:
            place_t = place[t]
            speed_t3 = speed[t]
            place_before2 = place[t - 1]
            np.multiply(speed_t3, c0_1, out=t1)
            np.add(t1, place_before2, out=place_t)
        # place[n, t] = speed[n, t]/10 + 1 if t <= 0
        if t == 0:
            place_t2 = place[t]
            speed_t4 = speed[t]
            np.multiply(speed_t4, c0_1, out=place_t2)
            np.add(place_t2, one, out=place_t2)
    # wave_term[n, t] = tanh(u[n, t])
    np.tanh(u.T, out=wave_term)
    for t in range(T):
        # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] + r2*wave[n, t - 2] if t >= 2
        if t >= 2:
            wave_t = wave[t]
            wave_before = wave[t - 1]
            wave_term_t = wave_term[t]
            wave_row = wave[t - 2]
            np.multiply(wave_before, r1, out=t1)
            np.add(t1, wave_term_t, out=t1)
            np.multiply(wave_row, r2, out=wave_t)
            np.add(t1, wave_t, out=wave_t)
        # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] if t >= 1 and t <= 1
        if t >= 1 and t <= 1:
            wave_t2 = wave[t]
            wave_before2 = wave[t - 1]
            wave_term_t2 = wave_term[t]
            np.multiply(wave_before2, r1, out=wave_t2)
            np.add(wave_t2, wave_term_t2, out=wave_t2)
        # wave[n, t] = wave_term[n, t] if t <= 0
        if t == 0:
            wave_t3 = wave[t]
            wave_term_t3 = wave_term[t]
            wave_t3[...] = wave_term_t3
    # y[n, t] += sum(k: s[n, t, k])
    s_2d.dot(ones, out=t2_flat)
    y[...] = t2_T
    # y[n, t] += average[n, t] + place[n, t] + wave[n, t]
    np.add(average, place, out=t2)
    np.add(t2, wave, out=t2)
    np.add(y, t2_T, out=y)

    return {"y": y}


def evaluate(params, u, target):
    """Calculate the loss and the metrics, as floats.

    params  a dict with an array for each of PARAMETERS, all float32 or all float64
    u       shape (N, T), of the dtype of params
    target  shape (N, T), of the dtype of params
    """
    dtype = _check_arrays("params", params, PARAMETERS)
    N = _length("u", u, 0)
    T = _length("u", u, 1)
    u = _real("u", u, (N, T), dtype)
    target = _real("target", target, (N, T), dtype)
    decay = np.asarray(params["decay"], dtype)
    A = params["A"]
    B = params["B"]
    stiffness = np.asarray(params["stiffness"], dtype)
    r1 = np.asarray(params["r1"], dtype)
    r2 = np.asarray(params["r2"], dtype)

    s = np.empty((T, N, 3), dtype)  # stored with T first
    average_term = np.empty((T, N), dtype)  # dimensions exchanged
    average = np.empty((T, N), dtype)  # dimensions exchanged
    speed_term = average_term  # average_term is not needed any more
    speed = np.empty((T, N), dtype)  # dimensions exchanged
    place = np.empty((T, N), dtype)  # dimensions exchanged
    wave_term = speed  # speed is not needed any more
    wave = average_term  # average_term is not needed any more
    y = speed  # speed is not needed any more
    t0 = np.empty((N, 3), dtype)
    c0_1 = np.array(0.1, dtype)
    t1 = np.empty(N, dtype)
    one = np.array(1, dtype)
    ones = np.ones(3, dtype)
    s_2d = s.reshape(N * T, 3)
    y_flat = y.reshape(-1)
    t2 = np.empty((T, N), dtype)
    y_T = y.T
    t3 = np.empty((N, T), dtype)
    t3_flat = t3.reshape(-1)

    # s[n, t, k] += u[n, t]*B[k]
    np.multiply(u.T[:, :, None], B, out=s)
    A_T = A.T
    for t in range(T):
        # s[n, t, k] += sum(j if t >= 1: s[n, t - 1, j]*A[k, j])
        if t >= 1:
            s_t = s[t]
            s_before = s[t - 1]
            s_before.dot(A_T, out=t0)
            np.add(s_t, t0, out=s_t)
    # average_term[n, t] = u[n, t]*(1 - decay)
    np.multiply(u.T, 1 - decay, out=average_term)
    for t in range(T):
        # average[n, t] = average_term[n, t] + decay*average[n, t - 1] if t >= 1
        if t >= 1:
            average_t = average[t]
            average_before = average[t - 1]
            average_term_t = average_term[t]
            np.multiply(average_before, decay, out=average_t)
            np.add(average_t, average_term_t, out=average_t)
        # average[n, t] = average_term[n, t] if t <= 0
        if t == 0:
            average_t2 = average[t]
            average_term_t2 = average_term[t]
            average_t2[...] = average_term_t2
    # speed_term[n, t] = u[n, t]/10
    np.multiply(u.T, c0_1, out=speed_term)
    number = np.array(stiffness / 10, dtype)
    for t in range(T):
        # speed[n, t] = speed[n, t - 1] + speed_term[n, t] - stiffness*place[n, t - 1]/10 if t >= 1
        if t >= 1:
            speed_t = speed[t]
            speed_before = speed[t - 1]
            speed_term_t = speed_term[t]
            place_before = place[t - 1]
            np.add(speed_before, speed_term_t, out=speed_t)
            np.multiply(place_before, number, out=t1)
            np.subtract(speed_t, t1, out=speed_t)
        # speed[n, t] = speed_term[n, t] if t <= 0
        if t == 0:
            speed_t2 = speed[t]
            speed_term_t2 = speed_term[t]
            speed_t2[...] = speed_term_t2
        # place[n, t] = place[n, t - 1] + speed[n, t]/10 if t >= 1
        if t >= 1:
            place_t = place[t]
            speed_t3 = speed[t]
            place_before2 = place[t - 1]
            np.multiply(speed_t3, c0_1, out=t1)
            np.add(t1, place_before2, out=place_t)
        # place[n, t] = speed[n, t]/10 + 1 if t <= 0
        if t == 0:
            place_t2 = place[t]
            speed_t4 = speed[t]
            np.multiply(speed_t4, c0_1, out=place_t2)
            np.add(place_t2, one, out=place_t2)
    # wave_term[n, t] = tanh(u[n, t])
    np.tanh(u.T, out=wave_term)
    for t in range(T):
        # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] + r2*wave[n, t - 2] if t >= 2
        if t >= 2:
            wave_t = wave[t]
            wave_before = wave[t - 1]
            wave_term_t = wave_term[t]
            wave_row = wave[t - 2]
            np.multiply(wave_before, r1, out=t1)
            np.add(t1, wave_term_t, out=t1)
            np.multiply(wave_row, r2, out=wave_t)
            np.add(t1, wave_t, out=wave_t)
        # wave[n, t] = wave_term[n, t] + r1*wave[n, t - 1] if t >= 1 and t <= 1
        if t >= 1 and t <= 1:
            wave_t2 = wave[t]
            wave_before2 = wave[t - 1]
            wave_term_t2 = wave_term[t]
            np.multiply(wave_before2, r1, out=wave_t2)
            np.add(wave_t2, wave_term_t2, out=wave_t2)
        # wave[n, t] = wave_term[n, t] if t <= 0
        if t == 0:
            wave_t3 = wave[t]
            wave_term_t3 = wave_term[t]
            wave_t3[...] = wave_term_t3
    # y[n, t] += sum(k: s[n, t, k])
    s_2d.dot(ones, out=y_flat)
    # y[n, t] += average[n, t] + place[n, t] + wave[n, t]
    np.add(average, place, out=t2)
    np.add(t2, wave, out=t2)
    np.add(y, t2, out=y)
    # loss = sum(n, t: (y[n, t] - target[n, t])**2/(N*T))
    np.subtract(y_T, target, out=t3)
    loss = (1 / N / T) * t3_flat.dot(t3_flat)

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
    if not isinstance(theta, np.ndarray) or theta.shape != (16,):
        raise ValueError(f"theta: expected shape (16,), got {_describe(theta)}")
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
