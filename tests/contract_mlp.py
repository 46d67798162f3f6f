"""A two-layer perceptron with softmax cross-entropy, written by hand to the contract of an emitted module.

The tests of what people do with a module use it as a module whose gradients are known to be right.
"""

import numpy as np

D, H, C = 64, 64, 10

PARAMETERS = {
    "W1": {"shape": (D, H), "kind": "real"},
    "b1": {"shape": (H,), "kind": "real"},
    "W2": {"shape": (H, C), "kind": "real"},
    "b2": {"shape": (C,), "kind": "real"},
}
INPUTS = {
    "x": {"shape": ("N", D), "kind": "real", "sampler": ("uniform", {"low": 0.0, "high": 1.0})},
    "y": {"shape": ("N",), "kind": "integer", "bound": C},
}
OUTPUTS = {"logits": {"shape": ("N", C), "kind": "real"}}
STATE = {}
METRICS = ("accuracy",)
SIZES = {"N": 4}


class Workspace:
    """Has nothing to keep here."""


def init(rng, dtype=np.float32):
    rng = np.random.default_rng(rng)
    params = {}
    for name, row in PARAMETERS.items():
        shape = row["shape"]
        limit = np.sqrt(6 / sum(shape)) if len(shape) == 2 else 0.0
        params[name] = rng.uniform(-limit, limit, shape).astype(dtype)
    return params


def activation(a):
    return np.tanh(a)


def slope(h):
    return 1 - h * h


def _layers(params, x):
    h = activation(x.astype(params["W1"].dtype) @ params["W1"] + params["b1"])
    return h, h @ params["W2"] + params["b2"]


def _cross_entropy(z, y):
    z = z - z.max(1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
    return -log_p[np.arange(len(y)), y].mean(), np.exp(log_p)


def forward(params, x, y):
    h, z = _layers(params, x)
    loss, p = _cross_entropy(z, y)
    return {"logits": z, "loss": loss}, (x, y, h, p)


def backward(params, saved, grad_outputs):
    x, y, h, p = saved
    dz = p.copy()
    dz[np.arange(len(y)), y] -= 1
    dz *= grad_outputs.get("loss", 0.0) / len(y)
    if "logits" in grad_outputs:
        dz = dz + grad_outputs["logits"]
    da = dz @ params["W2"].T * slope(h)
    return {
        "W1": x.T @ da,
        "b1": da.sum(0),
        "W2": h.T @ dz,
        "b2": dz.sum(0),
        "x": da @ params["W1"].T,
    }


def loss(params, x, y):
    return float(forward(params, x, y)[0]["loss"])


def loss_and_grad(params, x, y, *, workspace=None):
    outputs, saved = forward(params, x, y)
    grads = backward(params, saved, {"loss": 1.0})
    return float(outputs["loss"]), {name: grads[name].astype(params[name].dtype) for name in PARAMETERS}


def predict(params, x):
    return {"logits": _layers(params, x)[1]}


def evaluate(params, x, y):
    outputs, _ = forward(params, x, y)
    return {"loss": float(outputs["loss"]), "accuracy": float((outputs["logits"].argmax(1) == y).mean())}


def init_slots(params):
    return {"m": {name: np.zeros_like(value) for name, value in params.items()}, "s": 0}


def update(params, grads, slots, *, rate=0.1, momentum=0.9):
    slots["s"] += 1
    for name, p in params.items():
        m = slots["m"][name]
        m *= momentum
        m += grads[name]
        p -= rate * (grads[name] + momentum * m)
