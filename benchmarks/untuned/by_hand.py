"""The best NumPy that we could write for some examples: `untuned.py` compares them with the generated modules.

Each function makes the buffers for its sizes and gives the step: (parameters, inputs) -> (loss, gradients).
Derivatives were taken on paper. Nothing is allocated in a step, and no argument is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import erf, pi, sqrt
from math import exp as exp_of
from typing import Any

import numpy as np

Arrays = Mapping[str, Any]
Step = Callable[[Arrays, Arrays], tuple[float, dict[str, Any]]]

add, subtract, multiply = np.add, np.subtract, np.multiply
exp, log, tanh, square, root, negative = np.exp, np.log, np.tanh, np.square, np.sqrt, np.negative
absolute, reciprocal, copysign = np.absolute, np.reciprocal, np.copysign


def factorisation_machine(dtype: Any, N: int, D: int, R: int) -> Step:  # noqa: N803
    """z = b + x w + (|x V|^2 - x^2 (V^2 1))/2: the sum over the rank is taken before the product with x^2.

    w and V stand side by side, so that x is read by one product forwards, and by one backwards.
    """
    side = np.empty((D, R + 1), dtype)
    v_side, w_side = side[:, :R], side[:, R]
    x2, product = np.empty((N, D), dtype), np.empty((N, R + 1), dtype)
    along, linear = product[:, :R], product[:, R]
    squares, part = np.empty((D, R), dtype), np.empty((N, R), dtype)
    q, x2_dz, rows = np.empty(D, dtype), np.empty(D, dtype), np.empty((D, R), dtype)
    x2_q, z, e, scratch, dz = (np.empty(N, dtype) for _ in range(5))
    dz_col, x2_dz_col = dz[:, None], x2_dz[:, None]
    d_side = np.empty((D, R + 1), dtype)
    d_v, d_w, d_b = d_side[:, :R], d_side[:, R], np.empty((), dtype)
    ones_r, ones_n = np.ones(R, dtype), np.ones(N, dtype)
    half, one, share, decay = (np.array(value, dtype) for value in (0.5, 1, 1 / N, 0.002))
    squares_flat = squares.reshape(-1)
    ones_flat = np.ones(D * R, dtype)
    grads = {"b": d_b, "w": d_w, "V": d_v}

    def step(params: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        x, t, v = inputs["x"], inputs["t"], params["V"]
        v_side[...] = v
        w_side[...] = params["w"]
        x.dot(side, product)
        square(v, squares)
        squares.dot(ones_r, q)
        square(x, x2)
        x2.dot(q, x2_q)
        square(along, part)
        part.dot(ones_r, z)
        subtract(z, x2_q, z)
        multiply(z, half, z)
        add(z, linear, z)
        add(z, params["b"], z)
        # softplus(z) - t*z, and sigmoid(z) - t from the same exponential
        absolute(z, e)
        negative(e, e)
        exp(e, e)
        add(e, one, e)
        log(e, scratch)
        loss = float(ones_n.dot(scratch))
        reciprocal(e, e)  # sigmoid(|z|)
        absolute(z, scratch)
        add(scratch, z, scratch)
        loss += float(ones_n.dot(scratch)) / 2 - float(t.dot(z))
        subtract(e, half, e)
        copysign(e, z, e)
        add(e, half, e)
        subtract(e, t, dz)
        multiply(dz, share, dz)
        d_b[()] = ones_n.dot(dz)
        multiply(along, dz_col, along)
        linear[...] = dz
        x.T.dot(product, d_side)
        dz.dot(x2, x2_dz)
        subtract(x2_dz, decay, x2_dz)
        multiply(v, x2_dz_col, rows)
        subtract(d_v, rows, d_v)
        return loss / N + 0.001 * float(ones_flat.dot(squares_flat)), grads

    return step


def physics(dtype: Any, N: int, M: int, H: int) -> Step:  # noqa: N803
    """One table of tanh for all points: those of the equation, the start, those of the data.

    With s = 1 - h^2 the slopes of u, u' and u'' by the argument of tanh are s*(alpha + h*(beta + gamma*h)).
    """
    every, start, data = N + 1 + M, N, slice(N + 1, None)
    h, s = np.empty((H, every), dtype), np.empty((H, every), dtype)
    hs, slope = np.empty((H, N), dtype), np.empty((H, N), dtype)
    times, weights = np.zeros((2, every), dtype), np.empty((2, H), dtype)
    times[1] = 1  # w1*t + b is one product
    t_own, t_data = times[0, :N], times[0, data]
    w1_side, b_side, weights_t = weights[0], weights[1], weights.T
    h_own, s_own, h_t, s_own_t, hs_t, slope_t = h[:, :N], s[:, :N], h.T, s[:, :N].T, hs.T, slope.T
    h_start, s_start, s_data_t = h[:, start], s[:, start], s[:, data].T
    u, du = np.empty(every, dtype), np.empty(every, dtype)
    u_own, u_data, du_own, du_data = u[:N], u[data], du[:N], du[data]
    v, a = np.empty(N, dtype), np.empty(N, dtype)
    both, both_data = np.empty((2, N), dtype), np.empty((2, M), dtype)  # gradients, and those times t
    r, r_t, r_data, r_data_t = both[1], both[0], both_data[1], both_data[0]
    w12, w112, alpha, beta, gamma, row = (np.empty(H, dtype) for _ in range(6))
    alpha_col, beta_col, gamma_col = alpha[:, None], beta[:, None], gamma[:, None]
    h_du, s_r, hs_r = np.empty(H, dtype), np.empty(H, dtype), np.empty(H, dtype)
    out, out_data = np.empty((2, H), dtype), np.empty((2, H), dtype)
    d_w1, d_b, d_w2, d_f = out[0], out[1], np.empty(H, dtype), np.empty((), dtype)
    one, four, share, share_data = (np.array(value, dtype) for value in (1, 4, 2 / N, 2 / M))
    minus_two = np.array(-2, dtype)
    grads = {"w1": d_w1, "b": d_b, "w2": d_w2, "friction": d_f}

    def step(params: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        w1, w2, f = params["w1"], params["w2"], float(params["friction"])
        t_own[...], t_data[...] = inputs["t"], inputs["when"]
        w1_side[...], b_side[...] = w1, params["b"]
        weights_t.dot(times, h)
        tanh(h, h)
        square(h, s)
        subtract(one, s, s)
        multiply(h_own, s_own, hs)
        multiply(w1, w2, w12)
        multiply(w1, w12, w112)
        multiply(w112, minus_two, w112)
        # values, slopes and curvatures
        h_t.dot(w2, u)
        s_own_t.dot(w12, v)
        hs_t.dot(w112, a)
        multiply(u_own, four, r)
        add(r, a, r)
        multiply(v, f, a)
        add(r, a, r)
        subtract(u_data, inputs["seen"], r_data)
        u_start, v_start = float(u[start]) - 1, float(s_start.dot(w12))
        loss = float(r.dot(r)) / N + u_start**2 + v_start**2 + float(r_data.dot(r_data)) / M
        # back to them
        multiply(r, share, r)
        multiply(r_data, share_data, r_data)
        d_f[()] = r.dot(v)
        multiply(r, four, du_own)
        du[start] = 2 * u_start
        du_data[...] = r_data
        h.dot(du, h_du)
        s_own.dot(r, s_r)
        multiply(s_r, f, s_r)
        multiply(s_start, 2 * v_start, row)
        add(s_r, row, s_r)
        hs.dot(r, hs_r)
        multiply(hs_r, minus_two, hs_r)
        # to the arguments of tanh, and through w1*t + b
        multiply(w2, four, alpha)
        add(alpha, w112, alpha)
        multiply(w12, -2 * f, beta)
        multiply(w112, -3.0, gamma)
        multiply(h_own, gamma_col, slope)
        add(slope, beta_col, slope)
        multiply(slope, h_own, slope)
        add(slope, alpha_col, slope)
        multiply(slope, s_own, slope)
        multiply(r, t_own, r_t)
        both.dot(slope_t, out)
        multiply(r_data, t_data, r_data_t)
        both_data.dot(s_data_t, out_data)
        multiply(out_data, w2, out_data)
        add(out, out_data, out)
        multiply(h_start, w12, row)
        multiply(row, -4 * v_start, row)
        multiply(w2, 2 * u_start, beta)
        add(row, beta, row)
        multiply(row, s_start, row)
        add(d_b, row, d_b)
        # directly
        multiply(hs_r, w1, hs_r)
        add(s_r, hs_r, row)
        multiply(row, w1, row)
        add(h_du, row, d_w2)
        add(s_r, hs_r, row)
        add(row, hs_r, row)
        multiply(row, w2, row)
        add(d_w1, row, d_w1)
        return loss, grads

    return step


# erfc(a) = t*P(t)*exp(-a^2) with t = 1/(1 + 0.3275911 a), within 1.5e-7: Abramowitz and Stegun, 7.1.26.
ERFC = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


def contrastive(dtype: Any, N: int) -> Step:  # noqa: N803
    """Both encoders side by side where nothing but their weights differs; the temperature goes into one of them."""
    hidden, out = 16, 6
    x, scratch, bell, slope = (np.empty((2 * hidden, N), dtype) for _ in range(4))
    h, dh = np.empty((2 * hidden, N), dtype), np.empty((2 * hidden, N), dtype)
    x_u, x_v, h_u, h_v = x[:hidden], x[hidden:], h[:hidden], h[hidden:]
    dh_u, dh_v, dh_u_t, dh_v_t = dh[:hidden], dh[hidden:], dh[:hidden].T, dh[hidden:].T
    y, unit, dy, part = (np.empty((2 * out, N), dtype) for _ in range(4))
    y_u, y_v, unit_u, unit_v = y[:out], y[out:], unit[:out], unit[out:]
    dy_u, dy_v, dy_u_t, dy_v_t = dy[:out], dy[out:], dy[:out].T, dy[out:].T
    warm = np.empty((out, N), dtype)
    halves = np.zeros((2, 2 * out), dtype)
    halves[0, :out] = halves[1, out:] = 1
    norm, inner = np.empty((2, N), dtype), np.empty((2, N), dtype)
    norm_b, inner_b = norm[:, None], inner[:, None]
    y3, unit3, dy3, part3 = (a.reshape(2, out, N) for a in (y, unit, dy, part))
    z, e = np.empty((N, N), dtype), np.empty((N, N), dtype)  # z[m, n]
    z_diagonal, diagonal = z.reshape(-1)[:: N + 1], np.empty(N, dtype)
    unit_v_t, z_t = unit_v.T, z.T
    top, top2, total, total2, logs = (np.empty(N, dtype) for _ in range(5))
    top2_col, total2_col = top2[:, None], total2[:, None]
    ones, mean = np.ones(N, dtype), np.full(N, 1 / N, dtype)
    one, half, minus_half, double, eps = (np.array(c, dtype) for c in (1, 0.5, -0.5, 2 * N, 1e-12))
    pace, density = np.array(0.3275911 / sqrt(2), dtype), np.array(1 / sqrt(2 * pi), dtype)
    inverse = np.array(1 / N, dtype)
    terms = [np.array(c / 2, dtype) for c in ERFC]
    exact = np.vectorize(lambda a: erf(a / sqrt(2)) / 2, otypes=[np.float64])
    largest = np.maximum.reduce
    shapes = {"u.dense.dense.W": (12, 16), "v.dense.dense.W": (8, 16), "u.dense.W": (16, 6), "v.dense.W": (16, 6)}
    shapes |= {"u.dense.dense.b": (16,), "v.dense.dense.b": (16,), "u.dense.b": (6,), "v.dense.b": (6,), "scale": ()}
    grads = {name: np.empty(shape, dtype) for name, shape in shapes.items()}
    hidden_b, out_b = np.empty(2 * hidden, dtype), np.empty(2 * out, dtype)
    hidden_col, out_col = hidden_b[:, None], out_b[:, None]
    d_hidden_b, d_out_b = np.empty(2 * hidden, dtype), np.empty(2 * out, dtype)
    for name, place in (("u.dense.dense.b", d_hidden_b[:16]), ("v.dense.dense.b", d_hidden_b[16:])):
        grads[name] = place
    for name, place in (("u.dense.b", d_out_b[:6]), ("v.dense.b", d_out_b[6:])):
        grads[name] = place

    def gelu() -> None:
        """h = x*F(x) and its slope F(x) + x*F'(x), with the bell curve used for both."""
        square(x, bell)
        multiply(bell, minus_half, bell)
        exp(bell, bell)
        if dtype is np.float64:
            slope[...] = exact(x)  # not timed
        else:
            absolute(x, scratch)
            multiply(scratch, pace, scratch)
            add(scratch, one, scratch)
            reciprocal(scratch, scratch)
            multiply(scratch, terms[0], slope)
            for term in terms[1:]:
                add(slope, term, slope)
                multiply(slope, scratch, slope)
            multiply(slope, bell, slope)
            subtract(half, slope, slope)
            copysign(slope, x, slope)
        add(slope, half, slope)
        multiply(x, slope, h)
        multiply(bell, density, bell)
        multiply(bell, x, bell)
        add(slope, bell, slope)

    def step(p: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        image, text = inputs["image"], inputs["text"]
        p["u.dense.dense.W"].T.dot(image.T, x_u)
        p["v.dense.dense.W"].T.dot(text.T, x_v)
        hidden_b[:16], hidden_b[16:] = p["u.dense.dense.b"], p["v.dense.dense.b"]
        add(x, hidden_col, x)
        gelu()
        p["u.dense.W"].T.dot(h_u, y_u)
        p["v.dense.W"].T.dot(h_v, y_v)
        out_b[:6], out_b[6:] = p["u.dense.b"], p["v.dense.b"]
        add(y, out_col, y)
        square(y, part)
        halves.dot(part, norm)
        add(norm, eps, norm)
        root(norm, norm)
        reciprocal(norm, norm)
        multiply(y3, norm_b, unit3)
        heat = exp_of(float(p["scale"]))
        multiply(unit_u, heat, warm)
        unit_v_t.dot(warm, z)
        # both softmaxes, each with its own maximum
        diagonal[...] = z_diagonal
        largest(z, 0, None, top)
        largest(z, 1, None, top2)
        subtract(z, top, e)
        exp(e, e)
        ones.dot(e, total)
        subtract(z, top2_col, z)
        exp(z, z)
        z.dot(ones, total2)
        log(total, logs)
        add(top, logs, top)
        log(total2, logs)
        add(top2, logs, top2)
        add(top, top2, top)
        loss = float(mean.dot(top)) / 2 - float(mean.dot(diagonal))
        multiply(total, double, total)
        reciprocal(total, total)
        multiply(total2, double, total2)
        reciprocal(total2, total2)
        multiply(e, total, e)
        multiply(z, total2_col, z)
        add(z, e, z)
        subtract(z_diagonal, inverse, z_diagonal)
        unit_v.dot(z, dy_u)
        warm.dot(z_t, dy_v)
        multiply(dy_u, heat, dy_u)
        # through the lengths
        multiply(dy, unit, part)
        halves.dot(part, inner)
        grads["scale"][()] = ones.dot(inner[0])
        multiply(unit3, inner_b, part3)
        subtract(dy, part, dy)
        multiply(dy3, norm_b, dy3)
        dy.dot(ones, d_out_b)
        h_u.dot(dy_u_t, grads["u.dense.W"])
        h_v.dot(dy_v_t, grads["v.dense.W"])
        p["u.dense.W"].dot(dy_u, dh_u)
        p["v.dense.W"].dot(dy_v, dh_v)
        multiply(dh, slope, dh)
        dh.dot(ones, d_hidden_b)
        image.T.dot(dh_u_t, grads["u.dense.dense.W"])
        text.T.dot(dh_v_t, grads["v.dense.dense.W"])
        return loss, grads

    return step


def structured(dtype: Any, N: int) -> Step:  # noqa: N803
    """The three matrices that x is multiplied with are added before, and every one has the gradient of their sum.

    Derivatives by the strict lower triangle of F are copied with a mask; what L has on its diagonal is exp(F[i, i]).
    """
    D, H = 4, 3  # noqa: N806
    whole, part, d_whole = (np.empty((D, D), dtype) for _ in range(3))
    hidden, d_hidden, slope = (np.empty((N, H), dtype) for _ in range(3))
    e, scratch = np.empty((N, D), dtype), np.empty((N, D), dtype)
    flat, share, half = e.reshape(-1), np.array(2 / (N * D), dtype), 1 / (N * D)
    below = np.tril(np.ones((D, D), dtype), -1)
    growth = np.empty(D, dtype)
    grads = {"W": np.empty((D, H), dtype), **{name: np.empty((D, D), dtype) for name in "AFM"}}
    d_w, d_a, d_f, d_m = grads.values()
    d_w2, mask = np.empty((D, H), dtype), np.empty((D, D), dtype)
    diagonal, d_diagonal, d_f_diagonal = (a.reshape(-1)[:: D + 1] for a in (part, d_whole, d_f))
    whole_t, d_whole_t, e_t = whole.T, d_whole.T, e.T
    one = np.array(1, dtype)

    def step(params: Arrays, inputs: Arrays) -> tuple[float, dict[str, Any]]:
        x, w, a, f = inputs["x"], params["W"], params["A"], params["F"]
        x_t = x.T
        mask[...] = inputs["mask"]
        # S + L + mask*M
        multiply(f, below, part)
        exp(f.reshape(-1)[:: D + 1], growth)
        diagonal[...] = growth
        add(a, a.T, whole)
        add(whole, part, whole)
        multiply(mask, params["M"], part)
        add(whole, part, whole)
        x.dot(w, hidden)
        tanh(hidden, hidden)
        hidden.dot(w.T, e)
        x.dot(whole_t, scratch)
        add(e, scratch, e)
        add(e, params["C"], e)
        subtract(e, x, e)
        loss = float(flat.dot(flat)) * half
        multiply(e, share, e)
        e_t.dot(x, d_whole)
        add(d_whole, d_whole_t, d_a)
        multiply(d_whole, below, d_f)
        multiply(d_diagonal, growth, d_f_diagonal)
        multiply(d_whole, mask, d_m)
        e_t.dot(hidden, d_w)
        e.dot(w, d_hidden)
        square(hidden, slope)
        subtract(one, slope, slope)
        multiply(d_hidden, slope, d_hidden)
        x_t.dot(d_hidden, d_w2)
        add(d_w, d_w2, d_w)
        return loss, grads

    return step
