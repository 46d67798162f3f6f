"""Uses an emitted module through its contract, where nothing but NumPy and the standard library can be imported.

Run by `test_standalone.py` in a process of its own: `python -I use_module.py MODULE.py`.
"""

import importlib.util
import inspect
import sys

import numpy as np


class OnlyNumPy:
    """Refuses every other import."""

    allowed = {"numpy", *sys.stdlib_module_names}

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in self.allowed:
            raise ImportError(f"{name} is imported")


def imported(path):
    """The module in a file."""
    spec = importlib.util.spec_from_file_location("emitted", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sizes(module):
    """A number for every size that is known only when the module runs."""
    return {name: example or 4 for name, example in module.SIZES.items()}


def inputs(module, rng, dtype):
    """Arrays by the names of the arguments, as the tables say."""
    known, arrays = sizes(module), {}
    for name, row in module.INPUTS.items():
        shape = tuple(known.get(extent, extent) for extent in row["shape"])
        if row["kind"] == "real":
            arrays[row.get("argument", name)] = rng.uniform(0.1, 1, shape).astype(dtype)
        else:
            arrays[row.get("argument", name)] = rng.integers(0, row["bound"], shape)
    return arrays


def taken(function, given):
    """Those arguments that a function takes."""
    return {name: value for name, value in given.items() if name in inspect.signature(function).parameters}


def use(module, dtype):
    """Every function of the contract, with what must hold between them."""
    rng = np.random.default_rng(0)
    params, given = module.init(rng, dtype), inputs(module, rng, dtype)
    if module.STATE:
        given["state"] = {name: value.astype(dtype) for name, value in module.init_state().items()}
    if hasattr(module, "draw"):
        given["noise"] = module.draw(rng, **sizes(module))
    loss, grads, *_ = module.loss_and_grad(params, **given)
    again, kept, *_ = module.loss_and_grad(params, **given, workspace=module.Workspace())
    assert loss == again
    assert np.isclose(loss, module.loss(params, **given), rtol=1e-5)
    assert all(np.array_equal(kept[name], grads[name]) for name in grads)
    assert all(grads[name].shape == params[name].shape and grads[name].dtype == dtype for name in grads)
    outputs, saved, *_ = module.forward(params, **given)
    pulled = module.backward(params, saved, {"loss": 1.0})
    assert all(np.allclose(pulled[name], grads[name], rtol=1e-4, atol=1e-6) for name in grads)
    predicted = module.predict(params, **taken(module.predict, given))
    assert {*predicted, "loss"} == {*module.OUTPUTS, "loss"} == set(outputs)
    measured = module.evaluate(params, **taken(module.evaluate, given))
    assert set(measured) == {"loss", *module.METRICS}
    theta = module.pack(params)
    assert theta.dtype == dtype
    assert all(np.array_equal(value, params[name]) for name, value in module.unpack(theta).items())
    if hasattr(module, "update"):
        slots = module.init_slots(params)
        for _ in range(10):
            module.update(params, module.loss_and_grad(params, **given)[1], slots, rate=0.01)
        assert module.loss(params, **given) < loss


if __name__ == "__main__":
    sys.meta_path.insert(0, OnlyNumPy())
    emitted = imported(sys.argv[1])
    use(emitted, np.float32)
    use(emitted, np.float64)
    print("used", emitted.__doc__.partition(":")[0])
