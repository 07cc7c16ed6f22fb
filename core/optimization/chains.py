"""Many chains of stochastic gradient descent at once, and the noise that drives them."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Law = Literal["gaussian", "student", "relative", "reshuffled"]
Tick = Callable[[float], None]

# Batches in an epoch of reshuffled data; a chain beyond BEYOND has diverged.
EPOCH = 16
BEYOND = 1e100


class Noise(NamedTuple):
    """Noise of a gradient: a law of variance one for each sample, averaged over a batch.

    `student` has `tail` degrees of freedom, scaled to variance one where it has a variance;
    `relative` adds noise whose standard deviation is `relative` times the gradient; `reshuffled`
    batches are drawn without replacement, so that the noise of `EPOCH` of them cancels.
    """

    law: Law = "gaussian"
    tail: float = 6.0
    relative: float = 0.0

    @property
    def variance(self) -> float:
        """Of a sample at the minimum."""
        return np.inf if self.law == "student" and self.tail <= 2 else 1.0


class Quadratic(NamedTuple):
    """Settings of chains on ½ λ x², each an array (setting,): step, momentum, samples in a batch;
    and the curvature λ and standard deviation s of a sample's gradient."""

    step: Floats
    momentum: Floats
    batch: NDArray[np.int64]
    curvature: float
    deviation: float


class Settled(NamedTuple):
    """Mean of x² over time (setting, chain), and the step at which the first chain of a setting
    went beyond `BEYOND` (setting,), −1 where none did."""

    square: Floats
    diverged: NDArray[np.int64]


def settle(
    problem: Quadratic,
    noise: Noise,
    chains: int,
    steps: tuple[int, int],
    rng: np.random.Generator,
    tick: Tick,
) -> Settled:
    """Chains from the minimum: `steps` without measuring, then with. `tick` is called with the
    fraction done about every tenth of a second."""
    eta, beta = problem.step[:, None], problem.momentum[:, None]
    x = np.zeros((eta.size, chains))
    before, total = x, np.zeros_like(x)
    diverged = np.full(eta.size, -1)
    source = _source(noise, problem.batch, chains, rng)
    skipped, counted = steps
    pause = max(1, int(2e6 / (chains * problem.batch.sum())))
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(skipped + counted):
            slope = problem.curvature * x
            slope += source() * _spread(noise, problem.deviation, slope)
            x, before = x - eta * slope + beta * (x - before), x
            if t >= skipped:
                total += x**2
            beyond = ~(np.abs(x) <= BEYOND).all(axis=1)
            diverged = np.where((diverged < 0) & beyond, t + 1, diverged)
            if t % pause == 0:
                tick(t / (skipped + counted))
    return Settled(total / counted, diverged)


def decay(
    problem: Quadratic,
    guess: float,
    noise: Noise,
    chains: int,
    times: NDArray[np.int64],
    rng: np.random.Generator,
    tick: Tick,
) -> Floats:
    """x² at `times` (time, chain) under η_t = 1/(gλt) with g the guessed over the true curvature,
    for one batch size, from x = s/λ; step and momentum of `problem` are not used."""
    x = np.full((1, chains), problem.deviation / problem.curvature)
    source, seen, wanted = _source(noise, problem.batch, chains, rng), [], set(times.tolist())
    for t in range(1, int(times[-1]) + 1):
        slope = problem.curvature * x
        slope += source() * _spread(noise, problem.deviation, slope)
        x = x - slope / (guess * problem.curvature * t)
        if t in wanted:
            seen.append(x[0] ** 2)
            tick(t / times[-1])
    return np.array(seen)


def stream(
    steps: Floats,
    times: NDArray[np.int64],
    shape: tuple[int, int, int],
    deviation: float,
    rng: np.random.Generator,
    tick: Tick,
) -> Floats:
    """‖w − w*‖² at `times` (step size, time, chain) of least mean squares on a stream: `shape` is
    (chain, sample of a batch, feature), inputs N(0, I), label noise of standard deviation σ, from
    the distance √d σ. All step sizes see the same samples."""
    chains, batch, features = shape
    error = np.full((chains, features, steps.size), deviation)
    seen = [np.sum(error**2, axis=1).T] if times[0] == 0 else []
    pause, wanted = max(1, int(3e6 / (chains * batch * features))), set(times.tolist())
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, int(times[-1]) + 1):
            x = rng.standard_normal(shape)
            residual = x @ error - deviation * rng.standard_normal((chains, batch, 1))
            error = error - steps / batch * (np.swapaxes(x, 1, 2) @ residual)
            if t in wanted:
                seen.append(np.sum(error**2, axis=1).T)
            if t % pause == 0:
                tick(t / times[-1])
    return np.stack(seen, axis=1)


def one_step(
    error: float, batch: int, features: int, deviation: float, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    """The largest fall of the mean loss in one step of least mean squares, over all step sizes, from
    squared distance `error`, with its standard error: a²/2b for the means over `draws` of a = g'ĝ
    and b = ‖ĝ‖² (delta method)."""
    slope = np.sqrt(error / features)
    x = rng.standard_normal((draws, batch, features))
    residual = slope * x.sum(axis=2) - deviation * rng.standard_normal((draws, batch))
    estimate = np.einsum("rb,rbd->rd", residual, x) / batch
    a, b = slope * estimate.sum(axis=1), np.sum(estimate**2, axis=1)
    up, down = a.mean(), b.mean()
    influence = up / down * (a - up) - up**2 / (2 * down**2) * (b - down)
    return up**2 / (2 * down), float(influence.std(ddof=1) / np.sqrt(draws))


def mean(values: Floats) -> tuple[Floats, Floats]:
    """Mean over the last axis and its standard error."""
    with np.errstate(over="ignore", invalid="ignore"):
        error = values.std(axis=-1, ddof=1) / np.sqrt(values.shape[-1])
        return values.mean(axis=-1), error


def _spread(noise: Noise, deviation: float, slope: Floats) -> float | Floats:
    if noise.law != "relative":
        return deviation
    return np.hypot(deviation, noise.relative * slope)


def _source(
    noise: Noise, batch: NDArray[np.int64], chains: int, rng: np.random.Generator
) -> Callable[[], Floats]:
    """A function that gives, step by step, the mean noise of a batch (setting, chain)."""
    sizes = np.unique(batch)
    groups = [(int(b), np.flatnonzero(batch == b)) for b in sizes]

    def means() -> Floats:
        drawn = np.empty((batch.size, chains))
        for size, at in groups:
            drawn[at] = _samples(noise, (at.size, chains, size), rng).mean(axis=2)
        return drawn

    if noise.law != "reshuffled":
        return means
    queue: list[Floats] = []

    def without_replacement() -> Floats:
        if not queue:
            epoch = np.stack([means() for _ in range(EPOCH)])
            epoch -= epoch.mean(axis=0)
            queue.extend(epoch * np.sqrt(EPOCH / (EPOCH - 1)))
        return queue.pop()

    return without_replacement


def _samples(noise: Noise, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    if noise.law != "student":
        return rng.standard_normal(shape)
    drawn = rng.standard_t(noise.tail, shape)
    return drawn * np.sqrt(1 - 2 / noise.tail) if noise.tail > 2 else drawn
