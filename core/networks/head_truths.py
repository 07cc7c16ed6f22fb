"""Simulated regressions whose law is known at every input, one for each head, and what theory says
of a prediction of them: its divergence from the truth and the law of its probability transform.

With f(x) = sin(πx) and s(x) = e^{h x}, inputs uniform within ±1,

    gaussian, laplace, student-t   location 2 f, scale s/2
    mixture                        half N(1.5 + f, s/2), half N(−1.5 − f, s/2)
    poisson, negative-binomial     mean e^{1.5 + f}, and for the second a size

A law q that is predicted where p is true scores E log p − KL(p‖q) on average. Its probability
transform is at most b with probability E_p[clip((b − q(< y)) / q(y), 0, 1)]: sums over cells of y,
whole numbers or so narrow that both densities are constant on them.

Source: Gneiting & Raftery (2007), JASA 102, 359, section 4.1; Czado, Gneiting & Held (2009),
Biometrics 65, 1254, for counts.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from core.networks.names import Head
from core.networks.predictive import COUNTS, Floats, Law

LEVEL, NODES, TAIL = 1.5, 600, 1e-10


@dataclass(frozen=True)
class Truth:
    """The true law of a target at each input: head, degrees of freedom of Student's t, size of the
    negative binomial, and how fast the spread grows with the input."""

    head: Head
    df: float
    size: float
    growth: float

    @property
    def whole(self) -> bool:
        """Whether targets are counts."""
        return self.head in COUNTS

    def law(self, x: Floats) -> Law:
        """At inputs x, of any shape."""
        f, wide, zero = np.sin(np.pi * x), np.exp(self.growth * x) / 2, np.zeros_like(x)
        mean = np.exp(LEVEL + f)
        if self.head == "mixture":
            half = zero - np.log(2)
            up, down = stats.norm(LEVEL + f, wide), stats.norm(-LEVEL - f, wide)
            return Law(((half, up), (half, down)), False, False)
        known: dict[str, Any] = {
            "laplace": lambda: stats.gennorm(1.0, 2 * f, wide),
            "student-t": lambda: stats.t(self.df, 2 * f, wide),
            "poisson": lambda: stats.poisson(mean),
            "negative-binomial": lambda: stats.nbinom(self.size, self.size / (self.size + mean)),
        }
        made = known[self.head]() if self.head in known else stats.norm(2 * f, wide)
        return Law(((zero, made),), self.whole, self.whole)

    def draw(self, x: Floats, rng: np.random.Generator, strange: float = 0.0) -> Floats:
        """Targets at inputs x (n,); a share `strange` of them is five times as far from 0."""
        law = self.law(x)
        first = law.components[0][1].rvs(size=x.size, random_state=rng)
        if len(law.components) > 1:
            other = law.components[1][1].rvs(size=x.size, random_state=rng)
            first = np.where(rng.random(x.size) < 0.5, first, other)
        y = np.where(rng.random(x.size) < strange, 5 * first, first)
        return np.asarray(y, np.float64)


class Cells(NamedTuple):
    """Targets (input, cell) with the log-density or log-probability of the truth, the probability of
    each cell, and of less than it."""

    at: Floats
    log_truth: Floats
    weight: Floats
    below: Floats


class Expected(NamedTuple):
    """What theory says of a predicted law at each input: KL divergence from the truth (input,), and
    how much of the truth has a probability transform below each edge (edge,), inputs averaged."""

    divergence: Floats
    below: Floats


def cells(truth: Truth, x: Floats) -> Cells:
    """Cells of the targets at inputs x (n,), to all but 1e-10 of the probability."""
    law, wide = truth.law(x[:, None]), truth.law(x)
    if truth.whole:
        most = int(np.max(wide.components[0][1].isf(TAIL))) + 1
        at = np.broadcast_to(np.arange(most + 1.0), (x.size, most + 1))
        logs = law.log_score(at)
        return Cells(at, logs, np.exp(logs), law.below(at))
    ends = np.array([c.isf(TAIL) for _, c in wide.components]).max(axis=0)
    low = np.array([c.ppf(TAIL) for _, c in wide.components]).min(axis=0)
    middle = (ends + low) / 2
    scale = wide.components[0][1].isf(0.25) - wide.components[0][1].ppf(0.25)
    # Dense in the middle, wide in the tails; the Laplace law's kink is at a node.
    reach = np.arcsinh((ends - middle) / scale)
    v = np.linspace(-1, 1, NODES + 1) * reach[:, None]
    at = middle[:, None] + scale[:, None] * np.sinh(v)
    logs = law.log_score(at)
    step = scale[:, None] * np.cosh(v) * (v[:, 1:2] - v[:, :1])
    return Cells(at, logs, np.exp(logs) * step, law.below(at))


def expected(predicted: Law, of: Cells, edges: Floats) -> Expected:
    """`predicted` has the rows of `of` (input, 1)."""
    logs = predicted.log_score(of.at)
    lost = np.where(of.weight > 0, of.weight * (of.log_truth - logs), 0.0)
    low = predicted.below(of.at)
    shares = []
    for edge in edges:
        if predicted.whole:
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                inside = np.clip((edge - low) / np.exp(logs), 0.0, 1.0)
            shares.append((of.weight * np.nan_to_num(inside)).sum(axis=1).mean())
        else:
            shares.append(np.mean([np.interp(edge, q, p) for q, p in zip(low, of.below, strict=True)]))
    return Expected(lost.sum(axis=1), np.array(shares))
