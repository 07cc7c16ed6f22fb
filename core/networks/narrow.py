"""What does a finite width do to a signal in a deep ReLU network? Exact moments, at every width.

With independent normal weights of variance 2/n and no biases, n units a layer, q_l = (2/n) ‖φ(h_l)‖² is
the variance of the next pre-activations given this layer, and

    q_l = q_{l−1} f_l,      f = (2/n) Σ_i max(z_i, 0)²,      z_i standard normal,

with independent f. So E f = 1, E f² = 1 + 5/n and E q_L² = (1 + 5/n)^L: the mean is kept, but carried by
ever fewer networks. K of n units are on, K binomial, and then (n/2) f is χ² with K degrees of freedom:

    E[log f | f > 0] = Σ_k P(K = k | K > 0) ψ(k/2) + log(4/n),

below 0: the typical signal dies out. All that is derived here from the moments of a normal variable;
Hanin & Rolnick, arXiv:1803.01719, theorem 5, bounds the same growth; He et al., arXiv:1502.01852.
"""

from typing import NamedTuple

import numpy as np
from scipy import special, stats

from core.networks.mean_field import Floats
from core.networks.propagation import Weights


class Factor(NamedTuple):
    """Of the factor f of a layer: mean, mean square, mean logarithm where it is not 0, and the chance
    that it is 0 because no unit is on."""

    mean: float
    square: float
    log: float
    dead: float


def factor(width: int) -> Factor:
    """The exact moments of a layer's factor at `width` units."""
    on = np.arange(1, width + 1)
    weights = stats.binom.pmf(on, width, 0.5)
    log = float(weights @ special.digamma(on / 2) / weights.sum() + np.log(4 / width))
    return Factor(1.0, 1 + 5 / width, log, 0.5**width)


def skewness(width: int, depth: int) -> Floats:
    """Skewness of q_l² at l = 1 ... depth: how far a mean over networks is from normal."""
    second, fourth, sixth = (_moment(width, k) for k in (2, 4, 6))
    at = np.arange(1, depth + 1)
    m, v, t = second**at, fourth**at, sixth**at
    variance = v - m**2
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray((t - 3 * m * v + 2 * m**3) / variance**1.5)


def signals(width: int, depth: int, networks: int, weights: Weights, rng: np.random.Generator) -> Floats:
    """q_l (network, layer), the start q = 1 included, of ReLU networks with He's variance."""
    active = np.full((networks, 1, width), np.sqrt(0.5), np.float32)
    found = np.ones((networks, depth + 1))
    for layer in range(depth):
        drawn = weights.draw(rng, networks, width, width)
        active = np.maximum(np.float32(np.sqrt(2 / width)) * (active @ drawn), 0)
        found[:, layer + 1] = 2 * np.mean(active[:, 0].astype(np.float64) ** 2, axis=1)
    return found


def _moment(width: int, order: int) -> float:
    """E f^order, from the moments of max(z, 0)² by the recursion of sums of independent terms."""
    one = [1.0] + [special.factorial2(2 * k - 1, exact=True) / 2 for k in range(1, order + 1)]
    total = [1.0] + [0.0] * order
    for _ in range(width):
        total = [
            sum(special.comb(k, j, exact=True) * total[k - j] * one[j] for j in range(k + 1))
            for k in range(order + 1)
        ]
    return float(total[order] * (2 / width) ** order)
