"""How does risk go on falling with more samples, and how sure is that?

The mean over replicates is fitted by R(n) = a n^−b + c with a, c ≥ 0 and 0.1 ≤ b ≤ 3, by least squares
weighted with the replicates' variances. Intervals are by bootstrap over whole replicates, each draw
with its fit begun at one of the smallest third of the sizes, so that the doubt about where the law
begins is in them. Their width is multiplied by √(χ²/dof) where the law misses the means by more than
their errors (Birge); where replicates are splits of the same rows, by √(1 + R q) for R splits with q
test rows a training row, since such replicates are not independent; and for few replicates R by
√(R/(R − 1)), the bootstrap's variance being R − 1 Rths of the unbiased one, and by Student's quantile
with R − 1 degrees of freedom over the normal one (R = 10: 1.22 together).

Sources: Viering & Loog, arXiv:2103.10948, section 4; Efron & Tibshirani (1993), An Introduction to the
Bootstrap, chapter 13; Birge (1932), Physical Review 40, 207; Nadeau & Bengio (2003), Machine Learning
52, 239–281, section 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

EXPONENTS = np.geomspace(0.1, 3.0, 40)
STEP = float(np.log(EXPONENTS[1] / EXPONENTS[0]))
DRAWS = 400
# Sizes that a fit of three parameters needs.
FEWEST = 4
# 95 % of a normal law.
USUAL = 1.96


@dataclass(frozen=True)
class Law:
    """Parameters a, b, c of the fit to the means, (3,), and of each bootstrap draw, (draws, 3);
    `widening`, the factor on the draws' deviations."""

    parameters: Floats
    draws: Floats
    widening: float

    def at(self, samples: NDArray[np.int64] | Floats) -> tuple[Floats, Floats]:
        """Risk (n,) by the fit, and by each draw (draws, n), at these numbers of samples."""
        n = np.asarray(samples, float)
        return _value(self.parameters[None], n)[0], _value(self.draws, n)

    def interval(self, samples: NDArray[np.int64] | Floats) -> tuple[Floats, Floats, Floats]:
        """Risk by the fit with the limits of its 95 % interval, each (n,); risk is not negative."""
        value, draws = self.at(samples)
        low, high = limits(value, draws, self.widening)
        return value, np.maximum(low, 0.0), high

    def errors(self) -> tuple[Floats, Floats]:
        """Lower and upper 95 % limits of a, b and c: percentiles of the draws."""
        low, high = limits(self.parameters, self.draws, self.widening)
        return np.maximum(low, 0.0), high


def limits(value: Floats, draws: Floats, widening: float) -> tuple[Floats, Floats]:
    """95 % limits: the draws' percentiles about `value`, their distances multiplied."""
    low, high = np.percentile(draws, [2.5, 97.5], axis=0)
    # A fit at the edge of its draws still lies in its interval.
    return value - widening * np.maximum(value - low, 0), value + widening * np.maximum(high - value, 0)


def resamples(replicates: int, rng: np.random.Generator) -> Ints:
    """Replicates (draws, replicates) of each bootstrap draw."""
    return rng.integers(0, replicates, (DRAWS, replicates))


def power_law(
    sizes: Ints, risks: Floats, picks: Ints, rng: np.random.Generator, overlap: float = 0.0
) -> Law:
    """The law of `risks` (replicate, size), with the draws `picks`; `overlap` is q, test rows per
    training row, where replicates are splits of the same rows, else 0."""
    count = len(risks)
    spread = risks.var(axis=0, ddof=1)
    scale = max(float(spread.mean()), 1e-300)
    weights = 1.0 / (spread + 0.1 * scale)
    means = risks.mean(axis=0)
    parameters = _fit(sizes, means[None], weights[None])[0]
    # Where the law begins is a matter of doubt; at least four sizes are left.
    starts = rng.integers(0, max(1, min(sizes.size // 3, sizes.size - FEWEST) + 1), len(picks))
    cut = np.where(np.arange(sizes.size) >= starts[:, None], weights, 0.0)
    draws = _fit(sizes, risks[picks].mean(axis=1), cut)
    missed = (means - _value(parameters[None], sizes.astype(float))[0]) ** 2 * weights * count
    ratio = float(missed.sum()) / max(1, sizes.size - 3)
    few = count / (count - 1) * (student(0.95, count) / USUAL) ** 2
    return Law(parameters, draws, float(np.sqrt(max(1.0, ratio) * (1 + count * overlap) * few)))


def student(level: float, replicates: int) -> float:
    """Half the width of a two-sided interval, in standard errors estimated from `replicates`."""
    return float(stats.t.isf((1 - level) / 2, replicates - 1))


def _value(parameters: Floats, samples: Floats) -> Floats:
    a, b, c = (parameters[:, i, None] for i in range(3))
    return np.asarray(a * samples[None] ** -b + c)


def _fit(sizes: Ints, means: Floats, weights: Floats) -> Floats:
    """Least squares (curve, 3) of each row of `means` (curve, size): the exponent on a grid, then on
    finer ones about the best."""
    grid, step = np.broadcast_to(EXPONENTS, (len(means), EXPONENTS.size)), STEP
    for _ in range(3):
        parameters = _on_grid(sizes, means, weights, grid)
        fine = parameters[:, 1, None] * np.exp(np.linspace(-step, step, 15))
        grid, step = np.clip(fine, EXPONENTS[0], EXPONENTS[-1]), step / 7
    return parameters


def _on_grid(sizes: Ints, means: Floats, weights: Floats, exponents: Floats) -> Floats:
    """The best (curve, 3) among each curve's `exponents` (curve, exponent)."""
    top = float(sizes[-1])
    basis = (sizes / top) ** -exponents[..., None]
    w = weights[:, None, :]
    y = means[:, None, :]
    total = w.sum(axis=2)
    m_f, m_y = (w * basis).sum(axis=2) / total, (w * y).sum(axis=2) / total
    cross, square = (w * basis * y).sum(axis=2), (w * basis**2).sum(axis=2)
    slope = (cross / total - m_f * m_y) / np.maximum(square / total - m_f**2, 1e-300)
    free = m_y - slope * m_f
    # Where a constraint is broken, the best fit lies on it.
    slope = np.where(free < 0, cross / square, slope)
    floor = np.maximum(free, 0.0)
    rising = slope < 0
    slope, floor = np.where(rising, 0.0, slope), np.where(rising, np.maximum(m_y, 0), floor)
    missed = (w * (y - slope[..., None] * basis - floor[..., None]) ** 2).sum(axis=2)
    best = missed.argmin(axis=1)
    at = np.arange(len(means))
    b = exponents[at, best]
    return np.stack([slope[at, best] * top**b, b, floor[at, best]], axis=1)
