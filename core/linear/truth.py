"""The truth of a linear regression, and how much of it a model of the first p features can see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.linear import risk
from core.linear.designs import Effective, Floats, effective, spectrum, variance

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Truth:
    """Coefficients fixed by `seed` for features of AR(1) correlation `rho`, with the `signal`
    variance β'Σβ and the standard deviation `noise`.

    Without `decay` the truth grows with the model: it uses the p features in use, equally strong on
    average. With it the truth uses all `features`, their squared coefficients falling as j^−decay.
    """

    features: int
    signal: float
    noise: float
    rho: float
    decay: float | None
    seed: int

    def coefficients(self, p: int) -> Floats:
        """True coefficients (p,), or (features,) where the truth uses all."""
        beta = np.random.default_rng([self.seed, 0]).standard_normal(self.features)
        if self.decay is None:
            beta = beta[:p]
        else:
            beta = np.sign(beta) * np.arange(1.0, self.features + 1) ** (-self.decay / 2)
        return beta * np.sqrt(self.signal / variance(beta, self.rho))

    def seen(self, p: int) -> Effective:
        """What the first p features see."""
        return effective(self.coefficients(p), p, self.rho, self.noise**2)

    def explained(self, grid: Ints) -> tuple[Floats, Floats]:
        """At each p of the grid, the variance that the model's features explain and what they leave."""
        seen = [self.seen(int(p)) for p in grid]
        return np.array([e.signal for e in seen]), np.array([e.noise for e in seen])

    def universal(self, n: Ints, p: Ints, penalties: Floats) -> Floats:
        """Limit of the mean risk at each pair of `n` samples and `p` features for this covariance."""
        made = []
        for samples, features, penalty in zip(n, p, penalties, strict=True):
            beta, _, noise = self.seen(int(features))
            made.append(risk.universal(int(samples), *spectrum(beta, self.rho), noise, float(penalty)))
        return np.array(made)
