"""What a fit gives."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from core.families import goodness, registry
from core.families.family import Floats
from core.families.sample import Sample
from core.families.window import Seen

# Searches that ended at the best maximum, and how many there were.
Starts = tuple[int, int]


@dataclass(frozen=True)
class Fit:
    """A fitted family.

    Attributes:
        family: the field's name of it.
        parameters: estimates by name, fixed ones included.
        standard_errors: from the observed information, by name: 0 for a fixed parameter, NaN where
            the theory gives none (an edge of the family, a support that is estimated).
        log_likelihood: at the estimates, in nats, of the data in their own unit.
        free: names of the parameters that were estimated; `n` is the sum of the weights.
        score: how far the point is from a zero of the score, in standard errors of the estimate.
        method: how the parameters were estimated; the likelihood is largest for `mle` only.
        notes: what a reader must know (a maximum at an edge, irregular theory), a sentence each.
        starts: how many of the starts of the search reached the maximum, within 1e-6 in mean
            log-likelihood, and how many there were; 1 of 1 where the maximum is known.
    """

    family: str
    parameters: dict[str, float]
    standard_errors: dict[str, float]
    covariance: Floats
    log_likelihood: float
    free: tuple[str, ...]
    n: float
    score: float
    notes: tuple[str, ...]
    sample: Sample = field(repr=False)
    peak: "Standard" = field(repr=False)
    method: str = "mle"
    starts: Starts = (1, 1)

    @property
    def aic(self) -> float:
        """2 k − 2 log L, k free parameters."""
        return 2 * len(self.free) - 2 * self.log_likelihood

    @property
    def aicc(self) -> float:
        """AIC + 2 k (k + 1) / (n − k − 1) (Hurvich & Tsai 1989); NaN where n ≤ k + 1."""
        k = len(self.free)
        room = self.n - k - 1
        return self.aic + 2 * k * (k + 1) / room if room > 0 else float("nan")

    @property
    def bic(self) -> float:
        """k log n − 2 log L."""
        return float(len(self.free) * np.log(self.n) - 2 * self.log_likelihood)

    @cached_property
    def distribution(self) -> Any:
        """scipy's frozen distribution: of a truncated sample that of all values, seen or not."""
        return registry.find(self.family).frozen(self.parameters)

    @cached_property
    def seen(self) -> Any:
        """The law of the values that are seen: `distribution`, but for a truncated sample."""
        family = registry.find(self.family)
        inside = self.sample.window.of(family)
        if inside.open:
            return self.distribution
        law = self.distribution
        return Seen(lambda name, x: getattr(law, name)(x), inside, family.discrete)

    @cached_property
    def statistics(self) -> dict[str, float]:
        """`ks`, `cvm`, `ad`; NaN for counts and for censored samples, where they are not defined."""
        if registry.find(self.family).discrete or self.sample.censored:
            return dict(goodness.UNDEFINED)
        return goodness.statistics(self.sample.left, self.sample.weights, self.seen)


@dataclass(frozen=True)
class Standard:
    """A maximum as the search sees it: data x = shift + stretch · z, unconstrained point `u` (k,)
    of the parameters with indices `free`, all parameters for z in `theta`, and the Hessian of the
    mean loss (k, k)."""

    shift: float
    stretch: float
    free: tuple[int, ...]
    u: Floats
    theta: Floats
    hessian: Floats

    def errors(self, n: float) -> Floats:
        """Standard errors of `u` at n values: those of the logarithm of parameters above 0."""
        return np.asarray(np.sqrt(np.diag(np.linalg.inv(self.hessian * n))))
