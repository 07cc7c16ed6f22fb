"""How fast does a posterior become the normal law that the data alone give (Bernstein–von Mises)?

With estimate θ̂, information I and third derivative l of the mean log-likelihood, and derivative g of
the log-prior, the posterior of z = √(nI) (θ − θ̂) has density

    φ(z) (1 + (A z + B z³) / √n + O(1/n)),        A = g / √I,        B = l / (6 I^{3/2}),

so that its total variation from N(0, 1) is E|A Z + B Z³| / (2 √n) + O(1/n).

Source: van der Vaart (1998), Asymptotic Statistics, section 10.2; the constant by Laplace's expansion,
as in Tierney & Kadane (1986), JASA 81, 82.
"""

from typing import Any

import numpy as np
from scipy import stats

from core.bayes.conjugate import Conjugate, Expansion, Floats, Summary

# Half the width, in standard deviations of the normal law, and cells on it.
WIDTH, CELLS = 12.0, 2_000


def leading(near: Expansion) -> float:
    """E|A Z + B Z³| / 2: total variation times √n, in the limit."""
    a = near.pull / np.sqrt(near.information)
    b = near.third / (6 * near.information**1.5)
    z = np.linspace(-WIDTH, WIDTH, 24_001)
    weights = stats.norm.pdf(z) * (z[1] - z[0])
    return float(np.abs(a * z + b * z**3) @ weights / 2)


def normal(near: Expansion, count: float) -> Any:
    """The normal law that the data alone give, as a frozen distribution of scipy."""
    return stats.norm(near.estimate, 1 / np.sqrt(count * near.information))


def total_variation(law: Any, other: Any) -> float:
    """½ ∫ |p − q| of a law and a normal one: differences of probability over fine cells, which is
    the integral up to the cells where the densities cross, a relative error of about 1e-4."""
    edges = other.mean() + other.std() * np.linspace(-WIDTH, WIDTH, CELLS + 1)
    return float(np.abs(_cells(law, edges) - _cells(other, edges)).sum() / 2)


def approach(prior: Conjugate, seen: Summary, counts: Floats) -> Floats:
    """Total variation between posterior and normal law at each of `counts` data like those seen."""
    near = prior.expansion(seen)
    return np.array(
        [total_variation(prior.given(prior.like(seen, n)).marginal(), normal(near, n)) for n in counts]
    )


def _cells(law: Any, edges: Floats) -> Floats:
    """Probabilities of the cells between edges and of both tails beyond."""
    below = np.concatenate([[0.0], law.cdf(edges), [1.0]])
    return np.diff(below)
