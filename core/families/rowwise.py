"""Maximum likelihood for many samples at once, a sample a row, of families with one equation to solve
at most or with a location and a scale: numpy alone, nothing to compile."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy import special

from core.families.distances import Floats

# Newton's steps at which all samples of 5 values or more had converged to rounding, doubled.
STEPS = 16
CLOSE = 1e-12


class Rows(NamedTuple):
    """A family: `fit` takes x (r, n) to parameters, (r,) each; `below` takes x (r, n) and parameters,
    shaped to broadcast with x, to P(X ≤ x)."""

    fit: Callable[[Floats], tuple[Floats, ...]]
    below: Callable[..., Floats]

    def probabilities(self, x: Floats) -> Floats:
        """P(X ≤ x) (r, n) under the law fitted to each row, in order along each row."""
        ordered = np.sort(x, axis=1)
        return self.below(ordered, *(p[:, None] for p in self.fit(ordered)))


def normal(x: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (divisor n)."""
    return x.mean(axis=1), x.std(axis=1)


def exponential(x: Floats) -> tuple[Floats]:
    """The mean."""
    return (x.mean(axis=1),)


def gumbel(x: Floats) -> tuple[Floats, Floats]:
    """Location and scale; the scale b solves b = mean(x) − Σ x e^(−x/b) / Σ e^(−x/b)."""
    average = x.mean(axis=1, keepdims=True)
    z = x - average
    b = z.std(axis=1, keepdims=True) * np.sqrt(6) / np.pi
    low = z.min(axis=1, keepdims=True)
    for _ in range(STEPS):
        w = np.exp((low - z) / b)
        total = w.sum(axis=1, keepdims=True)
        first = (w * z).sum(axis=1, keepdims=True) / total
        spread = (w * z * z).sum(axis=1, keepdims=True) / total - first**2
        # Never below a half: the equation falls to −∞ as b falls to 0.
        new = np.maximum(b - (b + first) / (1 + spread / b**2), b / 2)
        step, b = np.abs(new / b - 1).max(), new
        if step < CLOSE:
            break
    w = np.exp((low - z) / b)
    location = average + low - b * np.log(w.mean(axis=1, keepdims=True))
    return location[:, 0], b[:, 0]


def weibull(x: Floats) -> tuple[Floats, Floats]:
    """Shape and scale: −log x is a Gumbel variable."""
    location, scale = gumbel(-np.log(x))
    return 1 / scale, np.exp(-location)


def lognormal(x: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation (divisor n) of log x."""
    return normal(np.log(x))


def logistic(x: Floats) -> tuple[Floats, Floats]:
    """Location and scale: mean tanh(z/2) = 0 and mean z tanh(z/2) = 1, z = (x − m) / s."""
    m = x.mean(axis=1, keepdims=True)
    s = x.std(axis=1, keepdims=True) * np.sqrt(3) / np.pi
    for _ in range(STEPS):
        z = (x - m) / s
        t = np.tanh(z / 2)
        slope = (1 - t * t) / 2
        one, two = t.mean(axis=1), (z * t).mean(axis=1) - 1
        # Derivatives in −m/s and −s/s.
        a, b = slope.mean(axis=1), (z * slope).mean(axis=1)
        c = (z * z * slope).mean(axis=1) + two + 1
        d = one + b
        determinant = a * c - b * d
        right = np.clip((c * one - b * two) / determinant, -2, 2)
        wide = np.clip((a * two - d * one) / determinant, -0.5, 2)
        m, s = m + s * right[:, None], s * (1 + wide[:, None])
        if max(np.abs(right).max(), np.abs(wide).max()) < CLOSE:
            break
    return m[:, 0], s[:, 0]


def gamma(x: Floats) -> tuple[Floats, Floats]:
    """Shape and scale: log k − ψ(k) = log mean(x) − mean(log x)."""
    average = x.mean(axis=1)
    gap = np.log(average) - np.log(x).mean(axis=1)
    k = (3 - gap + np.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    # From within 1.5 % (Minka 2002) four steps in 1/k reach rounding.
    for _ in range(4):
        value = np.log(k) - special.digamma(k) - gap
        slope = k - k**2 * special.polygamma(1, k)
        k = 1 / (1 / k + value / slope)
    return k, average / k


FAMILIES = {
    "normal": Rows(normal, lambda x, m, s: special.ndtr((x - m) / s)),
    "lognormal": Rows(lognormal, lambda x, m, s: special.ndtr((np.log(x) - m) / s)),
    "exponential": Rows(exponential, lambda x, s: -np.expm1(-x / s)),
    "gumbel": Rows(gumbel, lambda x, m, s: np.exp(-np.exp((m - x) / s))),
    "weibull": Rows(weibull, lambda x, k, s: -np.expm1(-((x / s) ** k))),
    "logistic": Rows(logistic, lambda x, m, s: special.expit((x - m) / s)),
    "gamma": Rows(gamma, lambda x, k, s: special.gammainc(k, x / s)),
}
