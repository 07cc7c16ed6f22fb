"""Risk of least squares and ridge measured on replicates, on growing numbers of features or samples."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from core.linear.designs import Design, Floats, draw, variance
from core.linear.fits import Fits, growing, lengthening
from core.linear.truth import Ints, Truth


class Measured(NamedTuple):
    """`train` and `test` risk (replicate, point); at the points where the penalty was swept, test
    risk `ridge` (replicate, q, penalty) and, where known, its `slope` in log λ at λ* (replicate, q)."""

    train: Floats
    test: Floats
    ridge: Floats
    slope: Floats


class Points(NamedTuple):
    """Where risk is measured: numbers of samples and of features (point,), one of which grows and the
    other of which stays."""

    samples: Ints
    features: Ints

    @property
    def ratio(self) -> Floats:
        """p / n (point,)."""
        return np.asarray(self.features / self.samples)

    @property
    def apart(self) -> Ints:
        """|p − n| (point,)."""
        return np.asarray(np.abs(self.features - self.samples))

    @property
    def most(self) -> tuple[int, int]:
        """The most samples and the most features."""
        return int(self.samples.max()), int(self.features.max())

    def at(self, chosen: "Ints | np.ndarray") -> "Points":
        """Only those that are `chosen`."""
        return Points(self.samples[chosen], self.features[chosen])

    def fits(self, x: Floats) -> Iterator[Fits]:
        """Fits at each point, on the first samples and features of `x` (replicate, n, p)."""
        n, p = self.most
        if (self.samples == n).all():
            return growing(x[:, :n], (int(k) for k in self.features))
        return lengthening(x[:, :n, :p], (int(k) for k in self.samples))


class Sweep(NamedTuple):
    """The penalty λ used at each point (point,), the optimal λ* (point,), the points (q,) at which it
    is varied, and the multiples of λ* it then takes, 1 in the middle."""

    penalties: Floats
    best: Floats
    at: Ints
    multiples: Floats


def streams(seed: int, replicates: int, n: int, features: int) -> Iterator[list[np.random.Generator]]:
    """A generator for each replicate, independent of how many there are, in chunks of roughly 50 ms
    of work on n samples and so many features."""
    size = int(np.clip(3e8 / (n**2 * features + 30.0 * n**3), 1, 64))
    spawned = np.random.SeedSequence([seed, 1]).spawn(replicates)
    for start in range(0, replicates, size):
        yield [np.random.default_rng(stream) for stream in spawned[start : start + size]]


def measure(
    truth: Truth,
    design: Design,
    points: Points,
    sweep: Sweep,
    rngs: Sequence[np.random.Generator],
    *,
    tail: float,
) -> Measured:
    """One replicate a generator: a design and noise, shared by all points. Test risk is
    (b − β)'Σ(b − β) + σ², the mean over new samples in closed form."""
    n = points.most[0]
    x = np.stack([draw(design, n, truth.features, rng, rho=truth.rho, tail=tail) for rng in rngs])
    noise = truth.noise * np.stack([rng.standard_normal(n) for rng in rngs])
    train, test, ridge, slope = [], [], [], []
    for k, fits in enumerate(points.fits(x)):
        beta, rows = truth.coefficients(int(points.features[k])), fits.used.shape[1]
        y = x[:, :rows, : beta.size] @ beta + noise[:, :rows]
        b = fits.coefficients(y, float(sweep.penalties[k]))
        train.append(((y - (fits.used @ b[..., None])[..., 0]) ** 2).mean(axis=1))
        test.append(truth.noise**2 + variance(_error(b, beta), truth.rho))
        if k in sweep.at:
            path, turn = (a.mT for a in fits.path(y, sweep.best[k] * sweep.multiples))
            ridge.append(truth.noise**2 + variance(_error(path, beta), truth.rho))
            middle = sweep.multiples.size // 2
            slope.append(_slope(_error(path[:, middle], beta), turn[:, middle], truth.rho))
    return Measured(*(np.stack(arrays, axis=1) for arrays in (train, test, ridge, slope)))


def joined(parts: Sequence[Measured]) -> Measured:
    """Replicates of all parts."""
    return Measured(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def mean(values: Floats) -> tuple[Floats, Floats]:
    """Mean over replicates (the first axis) and its standard error, NaN for a single one."""
    if len(values) < 2:
        return values[0], np.full(values.shape[1:], np.nan)
    return values.mean(axis=0), values.std(axis=0, ddof=1) / np.sqrt(len(values))


def _error(b: Floats, beta: Floats) -> Floats:
    """b − β over all features of the truth (…, features); those not in use have coefficient 0."""
    error = np.broadcast_to(-beta, (*b.shape[:-1], beta.size)).copy()
    error[..., : b.shape[-1]] += b
    return error


def _slope(error: Floats, turn: Floats, rho: float) -> Floats:
    """2 error'Σ turn, for a derivative `turn` (…, p) of the first p coefficients."""
    step = np.zeros(error.shape)
    step[..., : turn.shape[-1]] = turn
    return (variance(error + step, rho) - variance(error - step, rho)) / 2
