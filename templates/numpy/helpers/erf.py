import numpy as np


def _erf(x, out=None):
    """The error function, within 5 ulp; most values are the nearest float.

    The rational approximations are those of W. J. Cody, Rational Chebyshev approximations for the
    error function, Math. Comp. 23 (1969), 631-637: erf(x)/x for |x| <= 0.46875 (degree 4/4), and
    exp(x**2)*erfc(x) above (degree 8/8), which is good enough for 1 - erfc(x) beyond 4 too. In
    single precision artanh(erf(x))/x is one ratio of polynomials in x**2 (degree 3/3).
    """
    x = np.asarray(x)
    if x.dtype == np.float32:
        square = np.minimum(np.abs(x), _ERF_ONE)  # from 4.2 on, it is 1
        square *= square
        a = _polynomial(square, _ERF_SINGLE_OVER)
        a *= x
        a /= _polynomial(square, _ERF_SINGLE_UNDER)
        return np.tanh(a, out=out)
    a = np.minimum(np.abs(x), 6.0)
    square = a * a
    near = a * _polynomial(square, _ERF_OVER) / _polynomial(square, _ERF_UNDER)
    tail = np.exp(-square) * _polynomial(a, _ERFC_OVER) / _polynomial(a, _ERFC_UNDER)
    return np.copysign(np.where(a <= 0.46875, near, 1.0 - tail), x, out=out)


def _polynomial(x, coefficients):
    """The polynomial with these coefficients, highest degree first, by Horner's rule."""
    value = coefficients[0] * x
    for coefficient in coefficients[1:-1]:
        value += coefficient
        value *= x
    value += coefficients[-1]
    return value


_ERF_OVER = (
    1.85777706184603153e-1,
    3.16112374387056560e0,
    1.13864154151050156e2,
    3.77485237685302021e2,
    3.20937758913846947e3,
)
_ERF_UNDER = (
    1.0,
    2.36012909523441209e1,
    2.44024637934444173e2,
    1.28261652607737228e3,
    2.84423683343917062e3,
)
_ERFC_OVER = (
    2.15311535474403846e-8,
    5.64188496988670089e-1,
    8.88314979438837594e0,
    6.61191906371416295e1,
    2.98635138197400131e2,
    8.81952221241769090e2,
    1.71204761263407058e3,
    2.05107837782607147e3,
    1.23033935479799725e3,
)
_ERFC_UNDER = (
    1.0,
    1.57449261107098347e1,
    1.17693950891312499e2,
    5.37181101862009858e2,
    1.62138957456669019e3,
    3.29079923573345963e3,
    4.36261909014324716e3,
    3.43936767414372164e3,
    1.23033935480374942e3,
)

_ERF_ONE = np.array(5, np.float32)
_ERF_SINGLE_OVER = [
    np.array(c, np.float32) for c in (3.348250175e-3, 6.555219740e-2, 4.300918579e-1, 1.734434485e0)
]
_ERF_SINGLE_UNDER = [
    np.array(c, np.float32) for c in (4.994436749e-4, 3.641390055e-2, 2.411600351e-1, 1.537102580e0)
]
