"""PyTorch: the loss in its own functions, gradients by `torch.autograd.grad`; eager, and compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.rows import Problem, Unsupported

Tensor = Any
Tensors = dict[str, Tensor]


def losses() -> dict[str, Callable[[Tensors, Tensors], Tensor]]:
    """The losses by spec."""
    import torch
    import torch.nn.functional as F

    def dense(x: Tensor, p: Tensors, name: str) -> Tensor:
        return F.linear(x, p[f"{name}.W"], p[f"{name}.b"])

    def scalar_graph(p: Tensors, _: Tensors) -> Tensor:
        return (p["a"] + p["b"]) * (p["b"] + 1)

    def rosenbrock(p: Tensors, _: Tensors) -> Tensor:
        x = p["x"]
        return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()

    def mlp_tiny(p: Tensors, data: Tensors) -> Tensor:
        h = torch.tanh(dense(torch.tanh(dense(data["x"], p, "h1")), p, "h2"))
        return F.mse_loss(dense(h, p, "y"), data["t"])

    def mlp_digits(p: Tensors, data: Tensors) -> Tensor:
        return F.cross_entropy(dense(torch.tanh(dense(data["x"], p, "h")), p, "logits"), data["y"])

    def mlp_mnist(p: Tensors, data: Tensors) -> Tensor:
        h = F.relu(dense(F.relu(dense(data["x"], p, "h1")), p, "h2"))
        return F.cross_entropy(dense(h, p, "logits"), data["y"])

    def mlp_wide(p: Tensors, data: Tensors) -> Tensor:
        h = F.gelu(dense(data["x"], p, "h1"), approximate="tanh")
        h = F.gelu(dense(h, p, "h2"), approximate="tanh")
        return F.cross_entropy(dense(h, p, "logits"), data["y"])

    def deep_tanh(p: Tensors, data: Tensors) -> Tensor:
        h = data["x"]
        for number in range(1, 51):
            h = torch.tanh(dense(h, p, f"h{number}"))
        return F.mse_loss(h, data["t"])

    def lenet(p: Tensors, data: Tensors) -> Tensor:
        x = F.max_pool2d(F.relu(F.conv2d(data["image"], p["c1.W"], p["c1.b"])), 2)
        x = F.max_pool2d(F.relu(F.conv2d(x, p["c2.W"], p["c2.b"])), 2)
        h = F.relu(dense(F.relu(dense(x.flatten(1), p, "h1")), p, "h2"))
        return F.cross_entropy(dense(h, p, "logits"), data["y"])

    def batch_norm(x: Tensor, p: Tensors, name: str) -> Tensor:
        return F.batch_norm(x, None, None, p[f"{name}.g"], p[f"{name}.b"], training=True, eps=1e-5)

    def resnet_block(p: Tensors, data: Tensors) -> Tensor:
        x = data["x"]
        r = F.relu(batch_norm(F.conv2d(x, p["n1.conv2d.W"], padding=1), p, "n1"))
        y = F.relu(batch_norm(F.conv2d(r, p["n2.conv2d.W"], padding=1), p, "n2") + x)
        return F.mse_loss(y, data["t"])

    def transformer(p: Tensors, data: Tensors) -> Tensor:
        x = data["x"]
        n, t, width = x.shape
        at, first = "y.a.multi_head_attention", "y.dense.dense"

        def norm(a: Tensor, name: str) -> Tensor:
            return F.layer_norm(a, (width,), p[f"{name}.g"], p[f"{name}.b"], 1e-5)

        rows = norm(x, "y.l")
        q, k, v = (
            F.linear(rows, p[f"{at}.{name}.W"]).view(n, t, 4, width // 4).transpose(1, 2) for name in ("q", "k", "v")
        )
        heads = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        a = x + dense(heads.transpose(1, 2).reshape(n, t, width), p, f"{at}.dense")
        h = F.gelu(dense(norm(a, f"{first}.layer_norm"), p, first), approximate="tanh")
        return F.mse_loss(a + dense(h, p, "y.dense"), data["t"])

    def lstm(p: Tensors, data: Tensors) -> Tensor:
        x = data["x"]
        zeros = x.new_zeros(1, x.shape[0], p["h.U"].shape[1])
        weights = [p["h.W"], p["h.U"], p["h.b"], torch.zeros_like(p["h.b"])]
        _, last, _ = torch.lstm(x, (zeros, zeros), weights, True, 1, 0.0, True, False, True)
        return F.cross_entropy(dense(last[0], p, "logits"), data["y"])

    def gaussian_mixture(p: Tensors, data: Tensors) -> Tensor:
        x, low = data["x"], p["L"]
        size = x.shape[1]
        diagonal = torch.diagonal(low, dim1=1, dim2=2)
        r = torch.tril(low, -1) + torch.diag_embed(torch.exp(diagonal))
        u = (x @ r.reshape(-1, size).T).view(len(x), *diagonal.shape) - (r @ p["m"][:, :, None])[:, :, 0]
        constant = torch.log_softmax(p["a"], 0) + diagonal.sum(1) - size * 0.91893853320467274178
        return -torch.logsumexp(constant - 0.5 * (u * u).sum(2), 1).mean()

    def logistic_regression(p: Tensors, data: Tensors) -> Tensor:
        return F.binary_cross_entropy_with_logits(data["x"] @ p["w"] + p["b"], data["y"])

    def vae(p: Tensors, data: Tensors) -> Tensor:
        x = data["x"]
        h = torch.tanh(dense(x, p, "h"))
        m, s = dense(h, p, "m"), dense(h, p, "s")
        z = m + torch.exp(s / 2) * data["e"]
        logits = dense(torch.tanh(dense(z, p, "g")), p, "logits")
        reconstruction = F.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        return (reconstruction + (m * m + torch.exp(s) - 1 - s).sum() / 2) / len(x)

    return {name: found for name, found in locals().items() if name not in ("torch", "F", "dense", "batch_norm")}


# --- arrays from the spec's order of dimensions to PyTorch's, and back ---


# The gates of an LSTM in PyTorch's order, write, keep, new and show, by their numbers in the spec, and back.
GATES, SPEC_GATES = [1, 2, 3, 0], [3, 0, 1, 2]


def native(name: str, value: Any, spec: str) -> Any:
    """Weight matrices [out, in], those of the LSTM with their gates one below the other, real labels of two classes."""
    if spec == "lstm" and name == "h.b":
        value = value.copy()
        value[2] += 1  # the forget gate begins open
        return value[GATES].reshape(-1)
    if spec == "lstm" and value.ndim == 3 and name != "x":
        return np.ascontiguousarray(value[:, GATES].reshape(len(value), -1).T)
    if spec == "logistic_regression" and name == "y":
        return value.astype(np.float32)
    return np.ascontiguousarray(value.T) if value.ndim == 2 and name.endswith(".W") else value


def spec_order(value: Any, name: str, like: Any) -> Any:
    """The inverse of `native` for gradients."""
    if name == "h.b" and like.ndim == 2:
        return value.reshape(like.shape)[SPEC_GATES]
    if like.ndim == 3 and value.ndim == 2:
        return value.T.reshape(like.shape)[:, SPEC_GATES]
    return (value.T if value.ndim == 2 and name.rsplit(".")[-1] in ("W", "U") else value).reshape(like.shape)


def build(
    problem: Problem, threads: int, compiled: bool = False
) -> tuple[Callable[[], Any], Callable[[Any], tuple[float, dict[str, Any]]]]:
    """The step, ready to be called, and what makes NumPy arrays of its result."""
    import torch

    torch.set_num_threads(threads)
    loss = losses().get(problem.spec)
    if loss is None:
        raise Unsupported
    if compiled:
        loss = torch.compile(loss)
    params, data = (
        {name: torch.tensor(native(name, value, problem.spec)) for name, value in group.items()}
        for group in (problem.params, problem.data)
    )
    leaves = [value.requires_grad_() for value in params.values()]

    def step() -> Any:
        found = loss(params, data)
        return found, torch.autograd.grad(found, leaves)

    def result(found: Any) -> tuple[float, dict[str, Any]]:
        grads = zip(problem.params.items(), found[1], strict=True)
        return found[0].item(), {name: spec_order(g.numpy(), name, like) for (name, like), g in grads}

    return step, result
