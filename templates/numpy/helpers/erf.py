import numpy as np


def _erf(x, out=None):
    """The error function, within 5 ulp; most values are the nearest float.

    The rational approximations are those of W. J. Cody, Rational Chebyshev approximations for the
    error function, Math. Comp. 23 (1969), 631-637: erf(x)/x for |x| <= 0.46875 (degree 4/4), and
    exp(x**2)*erfc(x) above (degree 8/8), which is good enough for 1 - erfc(x) beyond 4 too. In
    single precision polynomials will do: for erf(x)/x (degree 4) and log(erfc(x)) (degree 6).
    """
    a = np.abs(x)
    single = a.dtype == np.float32
    a = np.minimum(a, 4.0 if single else 6.0)  # from there on, erf is 1 to the last bit
    square = a * a
    if single:
        near = a * _polynomial(square, _ERF_SINGLE)
        tail = np.exp(_polynomial(a, _LOG_ERFC_SINGLE))
    else:
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

_ERF_SINGLE = (
    4.777360038e-3,
    -2.678041857e-2,
    1.128309134e-1,
    -3.761261705e-1,
    1.128379166e0,
)
_LOG_ERFC_SINGLE = (
    2.230861144e-4,
    -3.292620038e-3,
    2.315414499e-2,
    -1.057187484e-1,
    -6.352966707e-1,
    -1.128709662e0,
    3.498165639e-5,
)
