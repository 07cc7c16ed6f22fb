"""Laws whose sums are studied: their cumulants and tails, and what standardised sums come close to."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy

from core.families.distances import Floats

Term = Literal[
    "exponential",
    "gamma",
    "weibull",
    "lognormal",
    "uniform",
    "laplace",
    "student-t",
    "pareto",
    "cauchy",
    "bernoulli",
    "poisson",
]
HEAVY: tuple[str, ...] = ("student-t", "pareto", "cauchy")

# Shevtsova 2011, arXiv:1111.6554: the least constant known for equal laws.
BERRY_ESSEEN = 0.4748


@dataclass(frozen=True)
class Law:
    """One term: moments (infinite or NaN where there are none), `third` = E|X − μ|³, the `span` of a
    lattice or 0, and for a variance that is infinite the index `alpha` below 2, skewness `beta` and
    `scale` of the stable law that sums tend to, so that (S − n m) / (n^(1/α) scale) does, m the mean
    where there is one and 0 otherwise."""

    frozen: Any
    mean: float
    variance: float
    skewness: float
    excess: float
    third: float
    span: float
    alpha: float
    beta: float
    scale: float

    def draw(self, size: tuple[int, int], rng: np.random.Generator) -> Floats:
        """Values (r, n)."""
        return np.asarray(self.frozen.rvs(size=size, random_state=rng), float)

    @property
    def centre(self) -> float:
        """What is subtracted from each term."""
        return self.mean if np.isfinite(self.mean) else 0.0


def law(term: Term, shape: float) -> Law:
    """`shape` is that of gamma and Weibull, the sdlog of the log-normal, the degrees of freedom of t,
    the tail index of the Pareto law from 1 up, the probability of a 1, or the Poisson mean."""
    made: dict[str, Any] = {
        "exponential": lambda: scipy.stats.expon(),
        "gamma": lambda: scipy.stats.gamma(shape),
        "weibull": lambda: scipy.stats.weibull_min(shape),
        "lognormal": lambda: scipy.stats.lognorm(shape),
        "uniform": lambda: scipy.stats.uniform(),
        "laplace": lambda: scipy.stats.laplace(),
        "student-t": lambda: scipy.stats.t(shape),
        "pareto": lambda: scipy.stats.pareto(shape),
        "cauchy": lambda: scipy.stats.cauchy(),
        "bernoulli": lambda: scipy.stats.bernoulli(min(shape, 1.0)),
        "poisson": lambda: scipy.stats.poisson(shape),
    }
    frozen = made[term]()
    tail = {"cauchy": 1.0, "student-t": shape, "pareto": shape}.get(term, np.inf)
    mean, variance, skewness, excess = (
        float(v) if order < tail else np.nan
        for order, v in zip((1, 2, 3, 4), frozen.stats("mvsk"), strict=True)
    )
    if not tail > 2:
        variance = np.inf
    span = 1.0 if term in ("bernoulli", "poisson") else 0.0
    third = _third(frozen, mean, span) if tail > 3 else np.inf
    return Law(frozen, mean, variance, skewness, excess, third, span, *_stable(term, tail))


def _third(frozen: Any, mean: float, span: float) -> float:
    if span:
        k = np.arange(0, float(frozen.isf(1e-15)) + 1)
        return float(np.sum(np.abs(k - mean) ** 3 * frozen.pmf(k)))
    # u = e^(−t) / 2 at both ends: a power tail becomes an exponential one.
    node, weight = np.polynomial.legendre.leggauss(20)
    edges = np.linspace(0, 120, 121)
    t = (edges[:-1, None] + (node + 1) / 2).ravel()
    u, share = np.exp(-t) / 2, np.tile(weight / 2, 120) * np.exp(-t) / 2
    both = np.abs(frozen.ppf(u) - mean) ** 3 + np.abs(frozen.isf(u) - mean) ** 3
    return float(np.sum(both * share))


def _stable(term: Term, tail: float) -> tuple[float, float, float]:
    """alpha, beta and scale: Nolan 2020, Univariate stable distributions, theorem 3.12, from the two
    tails P(X > x) ~ c x^−α and P(X < −x) ~ d x^−α."""
    if tail >= 2:
        return 2.0, 0.0, np.nan
    beta, weight = (1.0, 1.0) if term == "pareto" else (0.0, 2 * _t_tail(tail))
    if tail == 1.0:
        return 1.0, beta, weight * np.pi / 2
    scale = (weight * scipy.special.gamma(1 - tail) * np.cos(np.pi * tail / 2)) ** (1 / tail)
    return tail, beta, float(scale)


def _t_tail(df: float) -> float:
    """c of Student's t: P(X > x) ~ c x^−ν."""
    constant = scipy.special.gamma((df + 1) / 2) / (np.sqrt(df * np.pi) * scipy.special.gamma(df / 2))
    return float(constant * df ** ((df + 1) / 2) / df)


def stable_below(x: Floats, alpha: float, beta: float) -> Floats:
    """P(X ≤ x) (m,) of the stable law of scale 1, centred at 0 (Nolan's S(α, β, 1, 0; 1)), where α is
    not 1 unless β is 0, by inversion of its characteristic function."""
    top = 40.0 ** (1 / alpha)
    # Nodes in v with t = v²: the integrand is smooth there at 0 for every α.
    v = (np.arange(6000) + 0.5) / 6000 * np.sqrt(top)
    t, step = v * v, 2 * v * np.sqrt(top) / 6000
    turn = 0.0 if beta == 0 else beta * np.tan(np.pi * alpha / 2)
    height = np.exp(-(t**alpha)) / t * step
    inside = np.sin(turn * t**alpha - np.outer(x, t)) @ height
    return np.asarray(np.clip(0.5 - inside / np.pi, 0.0, 1.0))


def edgeworth(x: Floats, n: int, term: Law, order: int) -> Floats:
    """F − Φ at x (m,) of the standardised sum of n terms, to one or two orders of 1/√n: Feller 1971,
    An Introduction to Probability Theory II, section XVI.4."""
    density = np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
    first = -term.skewness / 6 * (x**2 - 1) * density / np.sqrt(n)
    if order == 1:
        return np.asarray(first)
    fourth = term.excess / 24 * (x**3 - 3 * x)
    square = term.skewness**2 / 72 * (x**5 - 10 * x**3 + 15 * x)
    return np.asarray(first - (fourth + square) * density / n)


def largest_gap(n: int, term: Law) -> float:
    """sup |F − Φ| of the standardised sum of n terms: to two orders of 1/√n, and on a lattice to one,
    (|κ₃| + 3 d) / (6 √(2 π n)) with d its span in standard deviations (Esseen 1956)."""
    if term.span:
        step = term.span / np.sqrt(term.variance)
        return float((abs(term.skewness) + 3 * step) / (6 * np.sqrt(2 * np.pi * n)))
    x = np.linspace(-5, 5, 1001)
    return float(np.abs(edgeworth(x, n, term, 2)).max())


def first_order(n: int, term: Law) -> bool:
    """Whether the second order of the gap is below half of the first, or the first is absent."""
    x = np.linspace(-5, 5, 1001)
    one, two = edgeworth(x, n, term, 1), edgeworth(x, n, term, 2)
    if abs(term.skewness) < 1e-12:
        return n >= 4
    return bool(np.abs(two - one).max() < np.abs(one).max() / 2)
