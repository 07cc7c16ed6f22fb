"""The training of networks of one width beside what their kernels predict, as columns of tables."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.networks import infinite
from core.networks.lazy import DIVERGED, Networks, Predicted, draw, predict
from core.networks.mean_field import Floats, Name, Singles

Ints = NDArray[np.int64]

# Positions of a training at which it is measured; seconds between two words on how far it is.
POSITIONS, PAUSE = 30, 0.1


@dataclass(frozen=True)
class Problem:
    """Inputs (sample, feature) of norm √d and targets, for training and for testing, with the kernels
    of infinite width between training points and from test points to them."""

    name: Name
    hidden: int
    inputs: Floats
    targets: Floats
    others: Floats
    aims: Floats
    kernel: Floats
    cross: Floats


@dataclass(frozen=True)
class Design:
    """Updates, step as a share of 2/λ_max(Θ), factor on the outputs, and the parametrisation."""

    steps: int
    share: float
    scale: float
    ntk: bool


class Found(NamedTuple):
    """Frames of one width: risk by network, prediction, and figures by network."""

    risk: pd.DataFrame
    theory: pd.DataFrame
    networks: pd.DataFrame


def problem(name: Name, hidden: int, samples: int, features: int, rng: np.random.Generator) -> Problem:
    """New inputs, uniform on the sphere, with targets y = (x₁ + x₁ x₂)/√2."""
    x = rng.standard_normal((2 * samples, features))
    x *= np.sqrt(features) / np.linalg.norm(x, axis=1, keepdims=True)
    y = (x[:, 0] + x[:, 0] * x[:, 1]) / np.sqrt(2)
    seen, new = x[:samples], x[samples:]
    kernels = infinite.kernel(name, seen, hidden), infinite.kernel(name, new, hidden, seen)
    return Problem(name, hidden, seen, y[:samples], new, y[samples:], *kernels)


def train(
    it: Problem,
    design: Design,
    width: int,
    count: int,
    rng: np.random.Generator,
    say: Callable[[float], None],
) -> Found:
    """`count` networks of `width` trained together; `say(share)` is called several times a second."""
    nets = draw(it.name, it.inputs.shape[1], width, it.hidden, count, rng, design.ntk)
    inputs, others = it.inputs.astype(np.float32), it.others.astype(np.float32)
    rate = design.share * 2 / float(np.linalg.eigvalsh(it.kernel)[-1])
    own, across = nets.kernels(inputs), nets.kernels(others, inputs)
    at = positions(design.steps)
    with np.errstate(all="ignore"):
        residuals = _descend(nets, design, rate, inputs, others, it, at, say)
        drift = _norm(nets.kernels(inputs) - own) / _norm(own)
    start = residuals.train[:, 0], residuals.test[:, 0]
    steps = at.astype(float)
    guesses = {
        "infinite": predict(it.kernel, it.cross, *start, rate, steps),
        "own": predict(own, across, *start, rate, steps),
    }
    lost = ~(np.mean(residuals.train**2, axis=2) <= DIVERGED * max(1.0, float(np.mean(it.targets**2))))
    when = np.where(lost.any(axis=1), at[lost.argmax(axis=1)], np.nan)
    figures = {
        "width": width,
        "replicate": np.arange(1, count + 1),
        "distance": _norm(own - it.kernel) / _norm(it.kernel),
        "projection": np.sum(own * it.kernel, axis=(1, 2)) / np.sum(it.kernel**2),
        "drift": drift,
        **{name: _deviation(residuals, guess, it.targets) for name, guess in guesses.items()},
        "diverged_step": when,
    }
    gone = np.maximum.accumulate(lost, axis=1)
    return Found(_risk(width, at, residuals, gone), _theory(width, at, guesses), pd.DataFrame(figures))


def positions(steps: int) -> Ints:
    """Step numbers from 0 to `steps`, closer together early on."""
    return np.unique(np.round(np.linspace(0, 1, POSITIONS) ** 2 * steps).astype(np.int64))


def _descend(
    nets: Networks,
    design: Design,
    rate: float,
    inputs: Singles,
    others: Singles,
    it: Problem,
    at: Ints,
    say: Callable[[float], None],
) -> Predicted:
    """Measured residuals (network, position, sample)."""
    scale, targets = np.float32(design.scale), it.targets.astype(np.float32)
    wanted, train, test, told = set(at.tolist()), [], [], monotonic()
    for step in range(design.steps + 1):
        seen = nets.look(inputs)
        residual = scale * seen.outputs - targets
        if step in wanted:
            train.append(residual.astype(float))
            test.append(scale * nets.outputs(others).astype(float) - it.aims)
        if step < design.steps:
            nets.step(seen, residual, rate / design.scale)
        if monotonic() - told > PAUSE:
            say(step / design.steps)
            told = monotonic()
    return Predicted(np.stack(train, axis=1), np.stack(test, axis=1))


def _deviation(measured: Predicted, guess: Predicted, targets: Floats) -> Floats:
    """Root mean square over positions of ‖f − guess‖ / ‖y‖ on the training points."""
    with np.errstate(all="ignore"):
        off = np.sum((measured.train - guess.train) ** 2, axis=2) / np.sum(targets**2)
        return np.asarray(np.sqrt(off.mean(axis=1)))


def _risk(width: int, at: Ints, residuals: Predicted, gone: NDArray[np.bool_]) -> pd.DataFrame:
    parts = []
    for split, values in zip(("train", "test"), residuals, strict=True):
        with np.errstate(all="ignore"):
            risk = np.where(gone, np.nan, np.mean(values**2, axis=2))
        network, position = np.indices(risk.shape).reshape(2, -1)
        columns = {"replicate": network + 1, "split": split, "step": at[position], "risk": risk.ravel()}
        parts.append(pd.DataFrame({"width": width, **columns}))
    return pd.concat(parts, ignore_index=True)


def _theory(width: int, at: Ints, guesses: dict[str, Predicted]) -> pd.DataFrame:
    parts = []
    for formula, guess in guesses.items():
        for split, values in zip(("train", "test"), guess, strict=True):
            with np.errstate(all="ignore"):
                risk = np.mean(values**2, axis=(0, 2))
            columns = {"width": width, "split": split, "step": at, "formula": formula, "risk": risk}
            parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def _norm(kernels: Floats) -> Floats:
    """Frobenius norms of the last two axes."""
    return np.asarray(np.sqrt(np.sum(kernels**2, axis=(-2, -1))))
