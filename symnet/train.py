"""Training: minibatches, held-out loss and metrics, checkpoints, for any emitted module with a loss and an optimiser.

Everything that is random follows from the seed and the position in the run (the order of the rows from seed and epoch,
noise from seed and step), so a checkpoint needs no generator's state, and a run that is resumed gives bit for bit
what an uninterrupted one gives.
"""

from __future__ import annotations

import inspect
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from symnet.charts import svg, training_charts
from symnet.checkpoint import load_checkpoint, save_checkpoint, save_weights
from symnet.contract import Array, Contract
from symnet.data import Data, fit_data, load_data, split
from symnet.errors import SymnetError, UsageError
from symnet.explain import explain
from symnet.markup import table
from symnet.schedules import multiplier

Record = dict[str, float]

EVALUATION_ROWS = 512  # so many rows are evaluated at a time


class DivergedError(SymnetError):
    """The loss or a gradient became infinite or not a number."""

    exit_code = 1


@dataclass(frozen=True)
class Settings:
    """What decides a run, together with the module and the data.

    rate      the learning rate; None leaves the spec's
    schedule  how the rate changes: constant, cosine, step or linear
    warmup    over so many epochs the rate rises in a line from 0
    held_out  the share of the rows that is kept for measuring
    keep      `last` or `best`: which weights are the result, `best` by held-out loss
    """

    epochs: int = 20
    batch: int = 32
    seed: int = 0
    rate: float | None = None
    schedule: str = "constant"
    warmup: float = 0.0
    held_out: float = 0.2
    keep: str = "last"
    dtype: str = "float32"

    def validate(self) -> None:
        """UsageError for a setting that makes no sense."""
        multiplier(self.schedule, 0, 1)
        rows: tuple[tuple[str, bool, str], ...] = (
            ("epochs", self.epochs >= 0, "at least 0"),
            ("batch", self.batch >= 1, "at least 1"),
            ("seed", self.seed >= 0, "at least 0"),
            ("rate", self.rate is None or math.isfinite(self.rate), "a finite number"),
            ("warmup", self.warmup >= 0, "at least 0"),
            ("keep", self.keep in ("last", "best"), "last or best"),
            ("dtype", self.dtype in ("float32", "float64"), "float32 or float64"),
        )
        for name, good, expected in rows:
            if not good:
                raise UsageError(f"{name} must be {expected}, not {getattr(self, name)}")


@dataclass(frozen=True)
class Progress:
    """Where a run is. `record` holds the numbers of an epoch that has just ended, else None."""

    epoch: int
    epochs: int
    batch: int
    batches: int
    loss: float
    record: Record | None = None


@dataclass(frozen=True)
class Result:
    """What a run gives: weights, state, one record for each epoch, and whether it was stopped before its end.

    A record has `epoch`, `rate`, `train_loss` (the mean over the epoch's batches, as they were seen) and, where rows
    are held out, `loss` and the metrics on those.
    """

    params: dict[str, Array]
    state: dict[str, Array] | None
    history: list[Record]
    stopped: bool = False

    def _repr_html_(self) -> str:
        """The curves, and the numbers of the last epoch."""
        last = self.history[-1:]
        names = tuple(last[0]) if last else ("epoch",)
        return svg(training_charts(self.history)) + table(names, [[f"{v:.6g}" for v in row.values()] for row in last])


@dataclass
class Run:
    """A run between two steps: all that a checkpoint holds."""

    params: dict[str, Array]
    state: dict[str, Array] | None
    slots: dict[str, Any]
    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    history: list[Record] = field(default_factory=list)
    best: dict[str, Any] | None = None


def train(
    module: Any,
    data: Data | Mapping[str, Array] | str,
    *,
    resume: str | Path | None = None,
    checkpoint: str | Path | None = None,
    every: int = 0,
    out: str | Path | None = None,
    validation: Data | Mapping[str, Array] | str | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
    **settings: Any,
) -> Result:
    """Train an emitted module on data and return its weights and the history.

    `settings` are those of `Settings`; with `resume`, what is not given is as in the checkpoint, and only `epochs` may
    differ from it. A checkpoint is written to `checkpoint` after each epoch and after each `every` batches, and the
    weights to `out` at the end. `stop()` is asked after each batch. With `validation`, data in the same forms, all rows
    of `data` are learnt from, and the loss and the metrics are measured on those of `validation`.
    DivergedError, with the line that made it, where a loss or a gradient is no longer finite.
    """
    contract = Contract.of(module)
    if not contract.trainable:
        raise UsageError("there is nothing to train: the spec has no `minimize … with optimizer(…)`")
    saved = load_checkpoint(resume) if resume else None
    chosen = _settings(settings, saved)
    rows = _rows(data, contract, chosen.dtype)
    measured = None if validation is None else _rows(validation, contract, chosen.dtype)
    run = _fresh(contract, chosen)
    run = _restored(saved, run, fingerprint(rows, measured)) if saved else run
    trainer = Trainer(contract, chosen, rows, measured, run)
    with np.errstate(all="ignore"):  # what is not finite is found, and told, at each step
        stopped = trainer.run_all(checkpoint or resume, every, on_progress, stop)
    params, state = trainer.weights()
    if out:
        save_weights(out, params, state)
    return Result(params, state, run.history, stopped)


class Trainer:
    """One run over one data set, from wherever the run stands to the end."""

    def __init__(self, contract: Contract, settings: Settings, data: Data, validation: Data | None, run: Run) -> None:
        self.contract = contract
        self.settings = settings
        self.fingerprint = fingerprint(data, validation)
        self.data, held_out = split(data, 0.0 if validation else settings.held_out, settings.seed)
        self.validation = validation or held_out
        self.run = run
        self.workspace = contract.module.Workspace()
        self.batches = math.ceil(self.data.rows / settings.batch)
        hypers = inspect.signature(contract.module.update).parameters
        self.rate = settings.rate
        if self.rate is None and "rate" in hypers:
            self.rate = float(hypers["rate"].default)
        scheduled = settings.rate is not None or settings.schedule != "constant" or settings.warmup > 0
        if scheduled and "rate" not in hypers:
            raise UsageError("the spec's optimiser has no `rate` that could be set or scheduled")

    def run_all(
        self,
        checkpoint: str | Path | None,
        every: int,
        on_progress: Callable[[Progress], None] | None,
        stop: Callable[[], bool] | None,
    ) -> bool:
        """Go on to the last epoch; True if `stop` ended it before."""
        run, settings = self.run, self.settings
        while run.epoch < settings.epochs:
            order = np.random.default_rng([settings.seed, 2, run.epoch]).permutation(self.data.rows)
            while run.batch < self.batches:
                loss = self.step(order)
                if on_progress:
                    on_progress(Progress(run.epoch + 1, settings.epochs, run.batch, self.batches, loss))
                stopped = bool(stop and stop())
                if checkpoint and (stopped or (every and run.batch % every == 0)):
                    save_checkpoint(checkpoint, self.content())
                if stopped:
                    return True
            record = self.end_epoch()
            if checkpoint:
                save_checkpoint(checkpoint, self.content())
            if on_progress:
                loss = record["train_loss"]
                on_progress(Progress(run.epoch, settings.epochs, self.batches, self.batches, loss, record))
        return False

    def step(self, order: Array) -> float:
        """One minibatch: loss, gradients, update."""
        run, size = self.run, self.settings.batch
        inputs = self.data.take(order[run.batch * size : (run.batch + 1) * size])
        noise = self._noise(inputs)
        results = self.contract.call(
            "loss_and_grad", run.params, run.state, inputs, noise=noise, workspace=self.workspace
        )
        loss = float(results[0])
        if not (math.isfinite(loss) and all(np.isfinite(gradient).all() for gradient in results[1].values())):
            raise self._diverged(loss, results[1], inputs, noise)
        hypers = {} if self.rate is None else {"rate": self.rate * self._multiplier()}
        self.contract.module.update(run.params, results[1], run.slots, **hypers)
        if run.state is not None:
            run.state = {name: np.array(value) for name, value in results[2].items()}
        rows = min(size, self.data.rows - run.batch * size)
        run.loss_sum += loss * rows
        run.batch += 1
        return loss

    def end_epoch(self) -> Record:
        """Measure, note the numbers and start the next epoch."""
        run = self.run
        record: Record = {"epoch": run.epoch + 1, "train_loss": run.loss_sum / self.data.rows}
        if self.rate is not None:
            record["rate"] = self.rate * self._multiplier(-1)
        if self.validation:
            measured = evaluate(self.contract.module, run.params, self.validation, state=run.state)
            record.update(measured)
        run.history.append(record)
        if self.settings.keep == "best":
            self._keep_best(record)
        run.epoch, run.batch, run.loss_sum = run.epoch + 1, 0, 0.0
        return record

    def weights(self) -> tuple[dict[str, Array], dict[str, Array] | None]:
        """The weights that are the run's result."""
        if self.run.best is None:
            return self.run.params, self.run.state
        return self.run.best["params"], self.run.best["state"]

    def content(self) -> dict[str, Any]:
        """The checkpoint of this moment."""
        run = {name: getattr(self.run, name) for name in Run.__dataclass_fields__}
        return {"settings": asdict(self.settings), "data": self.fingerprint, "run": run}

    def _keep_best(self, record: Record) -> None:
        loss = record.get("loss", record["train_loss"])
        if self.run.best is None or loss < self.run.best["loss"]:
            copies = {name: value.copy() for name, value in self.run.params.items()}
            self.run.best = {"loss": loss, "params": copies, "state": self.run.state}

    def _position(self) -> int:
        return self.run.epoch * self.batches + self.run.batch

    def _multiplier(self, offset: int = 0) -> float:
        settings = self.settings
        warmup = round(settings.warmup * self.batches)
        return multiplier(settings.schedule, self._position() + offset, settings.epochs * self.batches, warmup)

    def _noise(self, inputs: Mapping[str, Array]) -> Any:
        if not hasattr(self.contract.module, "draw"):
            return None
        rng = np.random.default_rng([self.settings.seed, 3, self._position()])
        return self.contract.draw(rng, self.contract.sizes_of(inputs))

    def _diverged(
        self, loss: float, grads: Mapping[str, Array], inputs: Mapping[str, Array], noise: Any
    ) -> DivergedError:
        what = f"the loss is {loss}"
        if math.isfinite(loss):
            what = f"the gradient of {_broken(grads)[0]!r} is not finite"
        what += f" in epoch {self.run.epoch + 1}, batch {self.run.batch + 1} of {self.batches}"
        before = _broken(self.run.params)
        if before:
            why = f"  the update of the step before had made {before[0]!r} infinite or nan"
        else:
            why = explain(self.contract, self.run.params, self.run.state, inputs, noise)
        return DivergedError(f"{what}\n{why}".rstrip(), hint="a smaller rate, or clipped gradients, may help")


def _broken(arrays: Mapping[str, Array]) -> list[str]:
    return [name for name, value in arrays.items() if not np.isfinite(value).all()]


def evaluate(
    module: Any, params: Mapping[str, Array], data: Data, *, state: Mapping[str, Array] | None = None
) -> dict[str, float]:
    """The loss and the metrics on data, in inference mode: the mean over parts, weighted by their rows."""
    contract = Contract.of(module)
    totals: dict[str, float] = {}
    for start in range(0, data.rows, EVALUATION_ROWS):
        rows = min(EVALUATION_ROWS, data.rows - start)
        rng = np.random.default_rng(start) if contract.draws("evaluate") else None
        part = contract.call("evaluate", params, state, data.take(slice(start, start + rows)), rng=rng)
        for name, value in part.items():
            totals[name] = totals.get(name, 0.0) + float(value) * rows / data.rows
    return totals


def fingerprint(data: Data, validation: Data | None = None) -> str:
    """A short text that tells one data set from another, and one for validation from another or none."""
    if validation is not None:
        return f"{fingerprint(data)}, with {fingerprint(validation)} for validation"
    crc = 0
    for name, value in data.arrays.items():
        crc = zlib.crc32(f"{name} {value.shape} {value.dtype}".encode(), crc)
        crc = zlib.crc32(np.ascontiguousarray(value).view(np.uint8).data if value.size else b"", crc)
    return f"{data.rows} rows, {crc:08x}"


# --- starting and resuming --------------------------------------------------------------------------


def _settings(given: Mapping[str, Any], saved: Mapping[str, Any] | None) -> Settings:
    given = {name: value for name, value in given.items() if value is not None}
    unknown = [name for name in given if name not in Settings.__dataclass_fields__]
    if unknown:
        raise UsageError(f"there is no setting {unknown[0]!r}; there are {', '.join(Settings.__dataclass_fields__)}")
    chosen = Settings()
    if saved:
        chosen = _saved_settings(saved)
        other = [name for name, value in given.items() if name != "epochs" and value != getattr(chosen, name)]
        for name in other:
            raise UsageError(f"the run to resume has {name} {getattr(chosen, name)}, not {given[name]}")
    chosen = replace(chosen, **given)
    chosen.validate()
    return chosen


def _saved_settings(saved: Mapping[str, Any]) -> Settings:
    try:
        chosen = Settings(**saved["settings"])
        chosen.validate()
    except (KeyError, TypeError) as error:
        raise UsageError("the checkpoint is not one of a training run") from error
    return chosen


def _rows(data: Data | Mapping[str, Array] | str, contract: Contract, dtype: str) -> Data:
    if isinstance(data, str):
        return load_data(data, contract, dtype=np.dtype(dtype))
    return data if isinstance(data, Data) else fit_data(data, contract, dtype=np.dtype(dtype))


def _fresh(contract: Contract, settings: Settings) -> Run:
    params = contract.init(np.random.default_rng([settings.seed, 0]), np.dtype(settings.dtype))
    return Run(params, contract.init_state(np.dtype(settings.dtype)), contract.module.init_slots(params))


def _restored(saved: Mapping[str, Any], fresh: Run, data: str) -> Run:
    try:
        run = Run(**saved["run"])
        same = all(_form(getattr(run, part)) == _form(getattr(fresh, part)) for part in ("params", "state", "slots"))
        other = saved["data"]
    except (KeyError, TypeError) as error:
        raise UsageError("the checkpoint is not one of a training run") from error
    if not same:
        raise UsageError("the checkpoint is of another network: its parameters, state or slots do not fit this one")
    if other != data:
        raise UsageError(f"the checkpoint was made with other data ({other}) than these ({data})")
    return run


def _form(value: Any) -> Any:
    """The names, shapes and dtypes in a nest of dicts and arrays, to tell whether two are alike."""
    if isinstance(value, Mapping):
        return {name: _form(item) for name, item in value.items()}
    return (value.shape, str(value.dtype)) if isinstance(value, np.ndarray) else type(value).__name__
