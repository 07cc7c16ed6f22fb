"""Logistic fits measured on replicates, on growing numbers of features of the same samples."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

from core.linear import logistic_fit
from core.linear.designs import Design, Floats, draw, variance

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Logistic:
    """How samples come about: `n` of them, the `strength` γ of the linear predictor, the share of
    coefficients that are zero, the law of the features (AR(1) correlation `rho`), the share of
    labels that are flipped, and the `seed` of the true coefficients."""

    n: int
    strength: float
    null_share: float
    design: Design
    rho: float
    tail: float
    flips: float
    seed: int

    def coefficients(self, p: int, most: int) -> Floats:
        """True coefficients (p,) of a model of the first p of `most` features; the first is zero."""
        rng = np.random.default_rng([self.seed, 0])
        beta = rng.standard_normal(most) * (rng.random(most) >= self.null_share)
        beta[:2] = 0.0, 1.0 if beta[1] == 0 else beta[1]
        return np.asarray(beta[:p] * self.strength / np.sqrt(variance(beta[:p], self.rho)))

    def conditional(self, p: int) -> Floats:
        """Standard deviation of each feature given the others (p,)."""
        inverse = np.full(p, 1 + self.rho**2)
        inverse[[0, -1]] = 1.0
        return np.asarray(np.sqrt((1 - self.rho**2) / inverse), dtype=float)


class Fits(NamedTuple):
    """What was measured at one p; NaN where no maximum exists. By replicate: whether one `exists`,
    `slope` of β̂ on β, `spread` (√n times the standard deviation around it), risk (nats) and the
    mean of the `null` coefficients times √n and their features' conditional standard deviations;
    by replicate and null feature `lost`, twice the log-likelihood ratio; by replicate and new
    sample the fitted and the true probability; and the fitted `coefficients`."""

    exists: Floats
    slope: Floats
    spread: Floats
    train: Floats
    test: Floats
    null: Floats
    lost: Floats
    said: Floats
    true: Floats
    coefficients: Floats


def streams(
    seed: int, replicates: int, n: int, features: int, seconds: float = 0.2
) -> Iterator[list[np.random.Generator]]:
    """A generator for each replicate, independent of how many there are, in chunks of about so many
    `seconds` of work."""
    size = int(np.clip(seconds * 2e9 / (20.0 * n * features**2 + 4e5), 1, 32))
    spawned = np.random.SeedSequence([seed, 1]).spawn(replicates)
    for start in range(0, replicates, size):
        yield [np.random.default_rng(stream) for stream in spawned[start : start + size]]


def measure(
    model: Logistic,
    grid: Ints,
    rngs: Sequence[np.random.Generator],
    *,
    new: int,
    nulls: int,
    tested: float,
    tick: Callable[[], None],
) -> list[Fits]:
    """One replicate a generator, with `new` samples for the test risk; the likelihood-ratio test of
    up to `nulls` null features at each p of the `grid` up to `tested` (near the boundary of existence
    its refits take long)."""
    most, rows = int(grid.max()), model.n + new
    draws = [draw(model.design, rows, most, rng, rho=model.rho, tail=model.tail) for rng in rngs]
    x = np.stack(draws)
    u = np.stack([rng.random(rows) for rng in rngs])
    found = []
    for p in map(int, grid):
        beta = model.coefficients(p, most)
        chance = scipy.special.expit(x[:, :, :p] @ beta)
        chance = model.flips + (1 - 2 * model.flips) * chance
        y = (u < chance).astype(float)
        train = np.ascontiguousarray(x[:, : model.n, :p])
        fitted = logistic_fit.fit(train, y[:, : model.n], tick=tick)
        tests = np.flatnonzero(beta == 0)[:nulls]
        lost = np.full((len(x), tests.size), np.nan)
        if p <= tested and fitted.exists.any():
            held = fitted.exists
            kept = logistic_fit.Fitted(fitted.coefficients[held], fitted.loss[held], held[held])
            lost[held] = logistic_fit.ratios(train[held], y[held, : model.n], kept, tests, tick)
        tick()
        predictor = (x[:, model.n :, :p] @ fitted.coefficients[..., None])[..., 0]
        found.append(_fits(model, beta, fitted, lost, predictor, chance[:, model.n :]))
    return found


def joined(parts: Sequence[Fits]) -> Fits:
    """Replicates of all parts."""
    return Fits(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _fits(
    model: Logistic,
    beta: Floats,
    fitted: logistic_fit.Fitted,
    lost: Floats,
    predictor: Floats,
    chance: Floats,
) -> Fits:
    b, n, p = fitted.coefficients, model.n, beta.size
    slope = (variance(b + beta, model.rho) - variance(b - beta, model.rho)) / (4 * model.strength**2)
    around = variance(b - slope[:, None] * beta, model.rho)
    scaled = np.sqrt(n) * model.conditional(p) * b
    made = Fits(
        exists=fitted.exists.astype(float),
        slope=slope,
        spread=np.sqrt(n / (p - 1) * around),
        train=fitted.loss / n,
        test=(np.logaddexp(0.0, predictor) - chance * predictor).mean(axis=1),
        null=scaled[:, beta == 0].mean(axis=1),
        lost=lost,
        said=scipy.special.expit(predictor),
        true=chance,
        coefficients=b,
    )
    missing = ~fitted.exists
    for values in made[1:]:
        values[missing] = np.nan
    return made
