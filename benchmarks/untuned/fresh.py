"""More examples by hand, chosen when those of `by_hand.py` had been looked at.

Each was written before the module was read that it is compared with.
"""

from __future__ import annotations

from math import cos as cos_of
from math import exp as exp_of
from math import log as log_of
from math import sin as sin_of
from typing import Any

import numpy as np

from benchmarks.untuned.by_hand import Arrays, Step, add, exp, log, multiply, reciprocal, root, square, subtract, tanh

divide = np.divide


def state_space(dtype: Any, N: int, T: int) -> Step:  # noqa: N803
    """All recurrences are one state, of which a step is one product: [z[t+1]; y[t]] = M [z[t]; -; u[t]; tanh(u[t])].

    Rows of z: the average, s (3), speed, place, wave, the wave before it. The gradient of M is one product over all
    times and the batch.
    """
    z, back = np.zeros((T + 1, 11, N), dtype), np.zeros((T + 1, 9, N), dtype)
    z[0, 5] = 1
    m, m_before = np.zeros((9, 11), dtype), np.empty((8, 9), dtype)
    m[4, 4] = m[5, 5] = m[6, 10] = m[7, 6] = 1
    m[4, 9] = m[5, 4] = 0.1
    m[5, 9] = 0.01
    m_state, m_y, m_s, m_b, m_all = m[:8], m[8], m[1:4, 1:4], m[1:4, 9], m[:, :8].T
    out = np.array([1, 1, 1, 1, 0, 1, 1, 0], dtype)
    out_column, v_start, ones = out[:, None], z[0, 4], np.ones(N, dtype)
    back_first, before_speed, first = back[1], m_before[4], np.empty(9, dtype)
    u, tanh_u, y, d_y = z[:T, 9], z[:T, 10], z[1:, 8], back[1:, 8]
    forwards = [(z[t], z[t + 1, :9]) for t in range(T)]
    backwards = [(back[t], back[t - 1, :8]) for t in range(T, 1, -1)]
    error = np.empty((T, N), dtype)
    flat, share, scale = error.reshape(-1), 1 / (N * T), np.array(2 / (N * T), dtype)
    z_rows, back_rows = np.empty((11, T, N), dtype), np.empty((9, T, N), dtype)
    z_first, back_last = z[:T].transpose(1, 0, 2), back[1:].transpose(1, 0, 2)
    z_flat_t, back_flat = z_rows.reshape(11, -1).T, back_rows.reshape(9, -1)
    d_m, d_y_part = np.empty((9, 11), dtype), np.empty((8, 11), dtype)
    d_state, d_last = d_m[:8], d_m[8]
    d_a, d_b = d_m[1:4, 1:4], d_m[1:4, 9]
    grads = {name: np.empty((), dtype) for name in ("decay", "stiffness", "r1", "r2")} | {"A": d_a, "B": d_b}
    d_decay, d_stiffness, d_r1, d_r2 = (grads[name] for name in ("decay", "stiffness", "r1", "r2"))
    one = d_m.item

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        decay, stiffness = float(p["decay"]), float(p["stiffness"])
        m[0, 0], m[0, 9] = decay, 1 - decay
        m_s[...], m_b[...] = p["A"], p["B"]
        m[4, 5], m[5, 5] = -0.1 * stiffness, 1 - 0.01 * stiffness
        m[6, 6], m[6, 7] = p["r1"], p["r2"]
        v_start[...] = 0.1 * stiffness  # the first step, which knows no place, has a speed of 0 then
        out.dot(m_state, m_y)
        m_before[...] = m_all
        u[...] = inputs["u"].T
        tanh(u, tanh_u)
        forward, backward = m.dot, m_before.dot
        for now, after in forwards:
            forward(now, after)
        subtract(y, inputs["target"].T, error)
        loss = float(flat.dot(flat)) * share
        multiply(error, scale, d_y)
        for now, before in backwards:
            backward(now, before)
        z_rows[...] = z_first
        back_rows[...] = back_last
        back_flat.dot(z_flat_t, d_m)
        multiply(out_column, d_last, d_y_part)
        add(d_state, d_y_part, d_state)
        d_decay[()] = one(0, 0) - one(0, 9)
        back_first.dot(ones, first)
        d_stiffness[()] = 0.1 * float(before_speed.dot(first)) - 0.1 * one(4, 5) - 0.01 * one(5, 5)
        d_r1[()], d_r2[()] = one(6, 6), one(6, 7)
        return loss, grads

    return step


def responses(dtype: Any, N: int, T: int) -> Step:  # noqa: N803
    """`state_space` without steps over the batch: y is a product of u with the responses to one impulse.

    Row t of `o` is how y sees the state t steps later: o[t] = o[t-1] M. A response is o B, and what u is multiplied
    with holds it along its diagonals.
    """
    m = np.zeros((8, 8), dtype)
    m[4, 4] = m[7, 6] = 1
    m[5, 4] = 0.1
    b = np.zeros((8, 3), dtype)  # of u, of tanh(u), of the start
    b[4, 0], b[5, 0], b[6, 1], b[5, 2] = 0.1, 0.01, 1, 1
    o, back = np.zeros((T + 1, 8), dtype), np.zeros((T + 1, 11), dtype)
    o[0] = [1, 1, 1, 1, 0, 1, 1, 0]
    o_now_t, back_m, d_h = o[:T].T, back[:T, :8], back[:T, 8:]
    later = np.zeros((11, 8), dtype)  # [M^T; B^T], as a row times it
    later_m, later_b, b_t = later[:8], later[8:], b.T
    m_s, b_s, m_tr = m[1:4, 1:4], b[1:4, 0], m.T
    forwards = [(o[t], o[t + 1]) for t in range(T)]
    backwards = [(back[t], back[t - 1, :8]) for t in range(T - 1, 0, -1)]
    h = np.empty((3, T), dtype)
    # toeplitz[tau, t] = h[t - tau]: rows of a padded vector
    padded = np.zeros((2, 2 * T), dtype)
    h_in, h_two, free = padded[:, T:], h[:2], h[2]
    item = padded.itemsize
    skew = np.lib.stride_tricks.as_strided(padded[:, T:], (2, T, T), (2 * T * item, -item, item))
    toeplitz = np.empty((2, T, T), dtype)
    table = toeplitz.reshape(2 * T, T)
    x = np.empty((N, 2 * T), dtype)
    x_u, x_tanh, x_t = x[:, :T], x[:, T:], x.T
    y = np.empty((N, T), dtype)
    flat, share, scale = y.reshape(-1), 1 / (N * T), np.array(2 / (N * T), dtype)
    d_table = np.empty((2 * T, T), dtype)
    # rows of d_table moved to the left by their number, so that a diagonal is a column; what is left of it is not read
    wide = np.zeros((2, 2 * T * T + T), dtype)
    place = np.lib.stride_tricks.as_strided(wide[:, T:], (2, T, T), (wide.strides[0], (2 * T - 1) * item, item))
    columns = np.lib.stride_tricks.as_strided(wide[:, T:], (2, T, T), (wide.strides[0], 2 * T * item, item))
    d_table3 = d_table.reshape(2, T, T)
    ones_n, ones_t = np.ones(N, dtype), np.ones(T, dtype)
    d_h_rows = np.empty((3, T), dtype)
    d_h_u, d_h_tanh, d_h_free = d_h_rows
    columns_u, columns_tanh = columns
    d_m, d_b = np.empty((8, 8), dtype), np.empty((8, 3), dtype)
    grads = {name: np.empty((), dtype) for name in ("decay", "stiffness", "r1", "r2")}
    grads |= {"A": np.empty((3, 3), dtype), "B": np.empty(3, dtype)}

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        decay, k, r1, r2 = (float(p[name]) for name in ("decay", "stiffness", "r1", "r2"))
        m[0, 0], b[0, 0] = decay, 1 - decay
        m_s[...], b_s[...] = p["A"], p["B"]
        m[4, 5], m[5, 5] = -0.1 * k, 1 - 0.01 * k
        m[6, 6], m[6, 7] = r1, r2
        later_m[...], later_b[...] = m_tr, b_t
        for now, after in forwards:
            now.dot(m, after)
        b_t.dot(o_now_t, h)
        h_in[...] = h_two
        toeplitz[...] = skew
        x_u[...] = inputs["u"]
        tanh(x_u, x_tanh)
        x.dot(table, y)
        add(y, free, y)
        subtract(y, inputs["target"], y)
        loss = float(flat.dot(flat)) * share
        multiply(y, scale, y)
        x_t.dot(y, d_table)
        place[...] = d_table3
        ones_t.dot(columns_u, d_h_u)
        ones_t.dot(columns_tanh, d_h_tanh)
        ones_n.dot(y, d_h_free)
        d_h[...] = d_h_rows.T
        for now, before in backwards:
            now.dot(later, before)
        o_now_t.dot(d_h, d_b)
        o_now_t.dot(back_m, d_m)
        grads["A"][...], grads["B"][...] = d_m[1:4, 1:4], d_b[1:4, 0]
        grads["decay"][()] = d_m[0, 0] - d_b[0, 0]
        grads["stiffness"][()] = -0.1 * d_m[4, 5] - 0.01 * d_m[5, 5]
        grads["r1"][()], grads["r2"][()] = d_m[6, 6], d_m[6, 7]
        return loss, grads

    return step


def digits_by_hand(dtype: Any, N: int) -> Step:  # noqa: N803
    """Features along the first axis; the second layer has its bias as the last row of its weights.

    The exponentials are those of z as it is. Only where a sum of them is zero or overflows they are taken again.
    """
    D, H, C = 64, 64, 10  # noqa: N806
    hidden, z, e = np.empty((H + 1, N), dtype), np.empty((C, N), dtype), np.empty((C, N), dtype)
    a = hidden[:H]
    hidden[H] = 1
    w2, d_w2 = np.empty((H + 1, C), dtype), np.empty((H + 1, C), dtype)
    w2_weights, w2_bias, w2_t = w2[:H], w2[H], w2.T
    total, inverse, place = np.empty(N, dtype), np.empty(N, dtype), np.empty(N, np.int64)
    columns, picked = np.arange(N), np.empty(N, dtype)
    z_flat, e_flat, e_t = z.reshape(-1), e.reshape(-1), e.T
    d_a, slope = np.empty((H, N), dtype), np.empty((H, N), dtype)
    d_a_t = d_a.T
    ones, ones_c, one = np.ones(N, dtype), np.ones(C, dtype), np.array(1, dtype)
    share, labels = np.array(1 / N, dtype), np.array(N, np.int64)
    grads = {"W1": np.empty((D, H), dtype), "b1": np.empty(H, dtype), "W2": d_w2[:H], "b2": d_w2[H]}
    d_w1, d_b1 = grads["W1"], grads["b1"]
    largest = np.maximum.reduce

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        x = inputs["x"]
        w2_weights[...], w2_bias[...] = p["W2"], p["b2"]
        p["W1"].T.dot(x.T, a)
        add(a, p["b1"][:, None], a)
        tanh(a, a)
        w2_t.dot(hidden, z)
        exp(z, e)
        ones_c.dot(e, total)
        reciprocal(total, inverse)
        if not abs(float(total.dot(inverse)) - N) < 0.5:
            subtract(z, largest(z, 0), z)
            exp(z, e)
            ones_c.dot(e, total)
            reciprocal(total, inverse)
        multiply(inputs["y"], labels, place)
        add(place, columns, place)
        z_flat.take(place, None, picked, "clip")
        log(total, total)
        loss = (float(ones.dot(total)) - float(ones.dot(picked))) / N
        multiply(inverse, share, inverse)
        multiply(e, inverse, e)
        e_flat[place] -= share
        hidden.dot(e_t, d_w2)
        w2_weights.dot(e, d_a)
        square(a, slope)
        subtract(one, slope, slope)
        multiply(d_a, slope, d_a)
        x.T.dot(d_a_t, d_w1)
        d_a.dot(ones, d_b1)
        return loss, grads

    return step


def formula(dtype: Any, I: int, J: int, K: int, R: int) -> Step:  # noqa: N803, E741
    """The sum over the rank is one product of A with all products of a column of B and one of C."""
    pairs, d_pairs, part = np.empty((R, J, K), dtype), np.empty((R, J, K), dtype), np.empty((R, J, K), dtype)
    pairs_flat, d_pairs_flat, pairs_flat_t = pairs.reshape(R, -1), d_pairs.reshape(R, -1), pairs.reshape(R, -1).T
    b_t, c_t = np.empty((R, J), dtype), np.empty((R, K), dtype)
    b_wide, c_wide = b_t[:, :, None], c_t[:, None, :]
    e, length = np.empty((I, J * K), dtype), np.empty((I, J * K), dtype)
    length_flat, ones = length.reshape(-1), np.ones(I * J * K, dtype)
    gram, d_gram = np.empty((R, R), dtype), np.empty((I, R), dtype)
    gram_flat, gram_diagonal = gram.reshape(-1), gram.reshape(-1)[:: R + 1]
    part_rows, ones_k = part.reshape(R * J, K), np.ones(K, dtype)
    d_b_t, d_c_t = np.empty((R, J), dtype), np.empty((R, K), dtype)
    d_b_flat = d_b_t.reshape(-1)
    one, share, strength = (np.array(value, dtype) for value in (1, 1 / (I * J * K), 0.4))
    grads = {"A": np.empty((I, R), dtype), "B": np.empty((J, R), dtype), "C": np.empty((K, R), dtype)}
    d_a, d_b, d_c = grads.values()
    d_c_rows = [(d_pairs[r], b_t[r], d_c_t[r]) for r in range(R)]

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        a, x = p["A"], inputs["X"].reshape(I, -1)
        b_t[...], c_t[...] = p["B"].T, p["C"].T
        multiply(b_wide, c_wide, pairs)
        a.dot(pairs_flat, e)
        subtract(e, x, e)
        square(e, length)
        add(length, one, length)
        root(length, length)
        loss = float(ones.dot(length_flat)) / (I * J * K) - 1
        divide(e, length, e)
        e.dot(pairs_flat_t, d_a)
        a.T.dot(e, d_pairs_flat)
        multiply(d_pairs, c_wide, part)
        part_rows.dot(ones_k, d_b_flat)
        for d_pair, column, d_column in d_c_rows:
            column.dot(d_pair, d_column)
        multiply(d_a, share, d_a)
        multiply(d_b_t.T, share, d_b)
        multiply(d_c_t.T, share, d_c)
        a.T.dot(a, gram)
        subtract(gram_diagonal, one, gram_diagonal)
        loss += 0.1 * float(gram_flat.dot(gram_flat))
        multiply(gram, strength, gram)
        a.dot(gram, d_gram)
        add(d_a, d_gram, d_a)
        return loss, grads

    return step


def linear_classifier(dtype: Any) -> Step:
    """One point: Python's own numbers, with the larger of both scores taken away before exp."""
    grads = {"W": np.empty((2, 2), dtype), "b": np.empty(2, dtype)}
    d_w, d_b = grads.values()

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        (w00, w01), (w10, w11) = p["W"].tolist()
        b0, b1 = p["b"].tolist()
        x0, x1 = inputs["x"].tolist()
        t0, t1 = inputs["t"].tolist()
        z0, z1 = b0 + w00 * x0 + w01 * x1, b1 + w10 * x0 + w11 * x1
        top = max(z0, z1)
        q0, q1 = exp_of(z0 - top), exp_of(z1 - top)
        s = q0 + q1
        t = t0 + t1
        loss = t * (log_of(s) + top) - t0 * z0 - t1 * z1
        d0, d1 = t * q0 / s - t0, t * q1 / s - t1
        d_w[0, 0], d_w[0, 1], d_w[1, 0], d_w[1, 1] = d0 * x0, d0 * x1, d1 * x0, d1 * x1
        d_b[0], d_b[1] = d0, d1
        return loss, grads

    return step


def dag(dtype: Any) -> Step:
    """Python's own numbers."""
    grad = np.empty((), dtype)
    grads = {"x": grad}

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        x = float(p["x"])
        h1, h2 = sin_of(x), exp_of(x)
        g1, g2 = h1 * h2, h2 + x * x + 1
        q = 1 + g1 * g1
        w = log_of(q) / g2
        grad[()] = (2 * g1 * (cos_of(x) * h2 + g1) / q - w * (h2 + 2 * x)) / g2
        return w, grads

    return step
