"""How a target of numbers is scaled before training, and how a loss is brought back to its unit.

Numbers are scaled, so that learning rates mean the same whatever the target's unit:

    gaussian, gaussian-variance, laplace, student-t     y → (y − mean) / sd
    poisson                                             y → y / mean
    negative-binomial                                   as it is, beside the mean as a second column

and `risk = unit · loss + offset` is in squared units of the target for "gaussian", in nats for all
others: there it is the mean of −log p(y) of the target as it was given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from scipy.special import gammaln

from core.networks.names import LikelihoodName

Floats = NDArray[np.float64]

# Degrees of freedom of the Student t likelihood: heavy tails with a finite variance.
DEGREES = 4.0

# Log-density of the target where all outputs are 0, given center and spread.
_NULL: Mapping[str, Callable[[Any, float, float], Any]] = {
    "gaussian-variance": lambda y, center, spread: stats.norm.logpdf(y, center, spread),
    "laplace": lambda y, center, spread: stats.laplace.logpdf(y, center, spread),
    "student-t": lambda y, center, spread: stats.t.logpdf(y, DEGREES, center, spread),
    "poisson": lambda y, center, spread: stats.poisson.logpmf(y, spread),
    "negative-binomial": lambda y, center, spread: stats.nbinom.logpmf(y, 1, 1 / (1 + spread)),
}


@dataclass(frozen=True)
class Scaling:
    """How a target was scaled: `scaled = (target − center) / spread`. A target of classes is not."""

    likelihood: LikelihoodName
    center: float = 0.0
    spread: float = 1.0

    def scaled(self, target: Floats) -> Floats:
        """The target (n,) in the unit that the network predicts in."""
        return (target - self.center) / self.spread

    def encoded(self, target: Floats) -> Floats:
        """The target (n,) as columns (n, k) for the loss."""
        if self.likelihood == "negative-binomial":
            return np.column_stack([target, np.full(target.size, self.spread)])
        return self.scaled(target)[:, None]

    def restored(self, prediction: Floats) -> Floats:
        """A prediction for the scaled target, in the unit of the target."""
        return prediction * self.spread + self.center

    def unit(self) -> float:
        """The factor from loss to risk."""
        return {"gaussian": self.spread**2, "poisson": self.spread}.get(self.likelihood, 1.0)

    def offset(self, target: Floats) -> float:
        """The mean over `target` (n,) of what risk has beyond `unit · loss`."""
        if self.likelihood in ("laplace", "gaussian-variance", "student-t"):
            return float(np.log(self.spread))
        if self.likelihood == "poisson":
            return float(np.mean(gammaln(target + 1) - target * np.log(self.spread)))
        if self.likelihood == "negative-binomial":
            return float(np.mean(gammaln(target + 1)))
        return 0.0

    def null_risk(self, target: Floats) -> float:
        """The risk on a target (n,) of numbers when all outputs are 0: of predicting `center`, or
        for counts `spread`, throughout. For "gaussian" it is the variance about the center."""
        if self.likelihood == "gaussian":
            return float(np.mean((target - self.center) ** 2))
        return float(-np.mean(_NULL[self.likelihood](target, self.center, self.spread)))


def scaling(likelihood: LikelihoodName, target: Floats) -> Scaling:
    """The scaling that a training target (n,) of numbers asks for; a constant one has spread 1."""
    if likelihood in ("categorical", "bernoulli"):
        return Scaling(likelihood)
    if likelihood in ("poisson", "negative-binomial"):
        return Scaling(likelihood, 0.0, float(target.mean()) or 1.0)
    return Scaling(likelihood, float(target.mean()), float(target.std()) or 1.0)
