"""The helper functions of emitted modules, each tried in a module made of it and what it calls."""

import mpmath
import numpy as np
import pytest

from symnet.backends.numpy.helpers import helper_sources

INPUTS = {"x": {"shape": ("N", 3), "kind": "real"}, "y": {"shape": ("N",), "kind": "integer"}, "s": {"shape": ()}}


def helper(name):
    """The helper function of this name."""
    parts, imports = helper_sources(f"_{name}()")
    scope = {"INPUTS": INPUTS}
    exec("\n".join([*imports, *parts]), scope)
    return scope[f"_{name}"]


def ulps(found, exact):
    return np.abs(found.astype(np.float64) - exact) / np.spacing(np.abs(exact).astype(found.dtype)).astype(np.float64)


@pytest.mark.parametrize(("dtype", "most"), [(np.float64, 6), (np.float32, 6)])
def test_erf_is_right_to_the_last_few_bits(dtype, most):
    rng = np.random.default_rng(0)
    x = np.concatenate(
        [np.linspace(-7, 7, 1501), np.linspace(0.46, 0.48, 101), rng.normal(size=500), 10.0 ** -np.arange(30)]
    )
    x = x.astype(dtype)
    exact = np.array([float(mpmath.erf(float(value))) for value in x])
    found = helper("erf")(x)
    assert found.dtype == dtype
    assert np.nanmax(ulps(found, np.where(exact == 0, np.nan, exact))) <= most
    assert np.nanmean(ulps(found, np.where(exact == 0, np.nan, exact))) < 0.5


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [0, 1, 5, 1023, 1024, 1025, 3001, 70_000])
def test_sum_log1p_against_fifty_digits(size, dtype):
    """Also where 1 + e is 1: the sum of small losses keeps its digits."""
    rng = np.random.default_rng(size)
    kinds = (rng.random(size), 1e-12 * rng.random(size), np.ones(size), np.exp(-30 * np.abs(rng.normal(size=size))))
    for values in kinds:
        e = values.astype(dtype)
        with mpmath.workdps(50):
            exact = float(mpmath.fsum(mpmath.log1p(mpmath.mpf(float(value))) for value in e[:3000]))
        e[3000:] = 0  # mpmath is slow
        found = helper("sum_log1p")(helper("halves")(e, np.empty_like(e)))
        assert found.dtype == dtype
        assert abs(float(found) - exact) <= 2 * np.finfo(dtype).eps * exact
    assert np.isnan(helper("sum_log1p")(helper("halves")(np.full(2000, np.nan), np.empty(2000))))


@pytest.mark.parametrize(("dtype", "large"), [(np.float64, 1e300), (np.float32, 1e30)])
def test_erf_at_the_ends_and_into_an_array(dtype, large):
    erf = helper("erf")
    with np.errstate(all="raise"):
        found = erf(np.array([0.0, -0.0, np.inf, -np.inf, large, -large], dtype))
    assert found.tolist() == [0, 0, 1, -1, 1, -1] and np.signbit(found[1])
    assert np.isnan(erf(np.array(np.nan, dtype)))
    x = np.linspace(-1, 1, 5, dtype=dtype)
    right = erf(x)
    assert erf(x, out=x) is x and np.array_equal(x, right)
    assert float(erf(0.5)) == pytest.approx(0.5204998778130465, rel=1e-15)


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 2, 3), (4, 4)])
def test_orthogonal_rows_or_columns(shape):
    matrix = helper("orthogonal")(np.random.default_rng(0), shape, gain=2).reshape(shape[0], -1)
    small = matrix.T @ matrix if matrix.shape[0] >= matrix.shape[1] else matrix @ matrix.T
    assert np.allclose(small, 4 * np.eye(len(small)))


@pytest.mark.parametrize(
    ("name", "fans", "deviation"),
    [
        ("glorot_uniform", {"fan_in": 30, "fan_out": 70}, np.sqrt(2 / 100)),
        ("glorot_normal", {"fan_in": 30, "fan_out": 70}, np.sqrt(2 / 100)),
        ("he_uniform", {"fan_in": 30}, np.sqrt(2 / 30)),
        ("he_normal", {"fan_in": 30}, np.sqrt(2 / 30)),
        ("lecun_uniform", {"fan_in": 30}, np.sqrt(1 / 30)),
        ("lecun_normal", {"fan_in": 30}, np.sqrt(1 / 30)),
    ],
)
def test_the_deviation_of_an_initialiser(name, fans, deviation):
    values = helper(name)(np.random.default_rng(0), (200, 500), **fans, gain=3)
    assert values.shape == (200, 500)
    assert np.std(values) == pytest.approx(3 * deviation, rel=0.01)
    assert abs(np.mean(values)) < 0.01


X = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            ("x", X.astype(float), (2, 3), np.dtype("f4")),
            ValueError,
            "x: expected an array of shape (N, 3) = (2, 3) and dtype float32",
        ),
        (("x", X[:, :2], (2, 3), np.dtype("f4")), ValueError, "got shape (2, 2) and dtype float32"),
        (("x", X.tolist(), (2, 3), np.dtype("f4")), TypeError, "got list"),
        (("x", X.astype(">f4"), (2, 3), np.dtype("f4")), ValueError, "dtype >f4"),
    ],
)
def test_a_real_input_that_is_wrong(arguments, error, message):
    with pytest.raises(error) as caught:
        helper("real")(*arguments)
    assert message in str(caught.value)


def test_a_real_input_that_is_right():
    real = helper("real")
    assert real("x", X, (2, 3), X.dtype) is X
    assert real("s", 2, (), np.dtype("f4")).dtype == np.float32


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        (np.array([0, 10]), IndexError, "y: expected values in 0..9, got 10"),
        (np.array([0, -1]), IndexError, "y: expected values in 0..9, got -1"),
        (np.array([0, 2**64 - 1], np.uint64), IndexError, "y: expected values in 0..9"),
        (np.array([0.0, 1.0]), TypeError, "y: expected an array of integers, got shape (2,) and dtype float64"),
        (np.array([True, False]), TypeError, "y: expected an array of integers"),
        (np.array([1]), ValueError, "y: expected shape (N,) = (2,), got shape (1,)"),
        ([0, 1], TypeError, "y: expected an array of integers, got list"),
    ],
)
def test_an_integer_input_that_is_wrong(value, error, message):
    with pytest.raises(error) as caught:
        helper("integer")("y", value, (2,), 10)
    assert message in str(caught.value)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int32, np.int64, np.uint64])
def test_an_integer_input_becomes_an_index(dtype):
    found = helper("integer")("y", np.array([9, 0], dtype), (2,), 10)
    assert found.dtype == np.intp and found.tolist() == [9, 0]


TABLE = {"W": {"shape": (2, 3)}, "a": {"shape": ()}}


def good():
    return {"W": np.zeros((2, 3), np.float32), "a": np.zeros((), np.float32)}


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"W": None}, TypeError, "params['W']: expected an array, got NoneType None"),
        ({"W": np.zeros((3, 2), np.float32)}, ValueError, "params['W']: expected shape (2, 3) and dtype float32"),
        (
            {"a": np.zeros((), np.float64)},
            ValueError,
            "params['a']: expected shape () and dtype float32, got shape () and dtype float64",
        ),
        (
            {"W": np.zeros((2, 3), int)},
            ValueError,
            "expected shape (2, 3) and dtype float32, got shape (2, 3) and dtype int64",
        ),
        ({"b": np.zeros(2)}, ValueError, "params: unknown 'b'; expected 'W', 'a'"),
    ],
)
def test_a_dict_of_arrays_that_is_wrong(change, error, message):
    with pytest.raises(error) as caught:
        helper("check_arrays")("params", good() | change, TABLE)
    assert message in str(caught.value)


def test_a_dict_of_arrays_that_lacks_one_or_is_none():
    check = helper("check_arrays")
    with pytest.raises(ValueError, match="params: missing 'a'; expected 'W', 'a'"):
        check("params", {"W": good()["W"]}, TABLE)
    with pytest.raises(TypeError, match="params: expected a dict of arrays, got list"):
        check("params", [], TABLE)


def test_a_number_stands_for_an_array_of_no_dimensions_where_it_is_read():
    check = helper("check_arrays")
    assert check("params", good() | {"a": 2.0}, TABLE) == np.float32
    assert check("params", {"a": 2}, {"a": {"shape": ()}}) == np.float64
    with pytest.raises(TypeError, match="expected an array, got float"):
        check("params", good() | {"a": 2.0}, TABLE, numbers=False)


def test_an_axis_gives_a_size():
    length = helper("length")
    assert length("x", np.zeros((7, 3)), 0) == 7
    with pytest.raises(ValueError, match=r"x: expected N in shape \(N, 3\) to be at least 1, got shape \(0, 3\)"):
        length("x", np.zeros((0, 3)), 0)
    with pytest.raises(TypeError, match=r"x: expected an array of shape \(N, 3\), got shape \(3,\)"):
        length("x", np.zeros(3), 0)


def test_an_index_out_of_range():
    check = helper("check_index")
    check(np.array([0, 4]), 5, "ids", "E")
    check(np.array([], int), 5, "ids", "E")
    for worst in (5, -1):
        with pytest.raises(IndexError, match=f"ids holds {worst}, but E has 0..4 there"):
            check(np.array([0, worst]), 5, "ids", "E")
