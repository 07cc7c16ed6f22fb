"""Priors of a family's parameters: weakly informative, flat, or conjugate where there is one.

All of them are densities of the unconstrained parameters u of standardised data (logarithms of what is
above 0). The weakly informative one is N(centre, width²) in each coordinate, independently; the flat
one is constant between the limits of the family. The conjugate ones are worth one earlier value, of the
standardised data's own size: a gamma prior of an exponential rate or of a Poisson mean, and a
normal-inverse gamma prior of a normal mean and variance.

Sources: Gelman, Jakulin, Pittau & Su 2008, Annals of Applied Statistics 2, 1360 (scale 2.5 on
standardised data); Gelman et al. 2013, Bayesian Data Analysis, sections 2.6, 2.7 and 3.3.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from core.bayes.conjugate import Floats
from core.experiment import InputError
from core.families.family import Family
from core.families.prepare import frame
from core.families.sample import Sample

Name = Literal["weak", "flat", "conjugate"]
CONJUGATE = ("exponential", "normal", "poisson")


@dataclass(frozen=True)
class Prior:
    """A prior: `numbers` are centres and precisions (2, k), or of a conjugate one its hyperparameters
    (4,): of a gamma prior shape and rate, of a normal-inverse gamma one mean, size, a and b."""

    name: Name
    numbers: Floats

    @property
    def conjugate(self) -> bool:
        """Whether the posterior has a closed form."""
        return self.name == "conjugate"

    def density(self, u: Floats, index: int) -> Floats:
        """The prior density of one unconstrained parameter; not a number but for a weak prior."""
        if self.name != "weak":
            return np.full(np.shape(u), np.nan)
        centre, precision = self.numbers[:, index]
        made: Floats = np.sqrt(precision / (2 * np.pi)) * np.exp(-precision * (u - centre) ** 2 / 2)
        return made


def prior(name: Name, family: Family, sample: Sample, width: float, conflict: float) -> Prior:
    """The prior called `name`. The weak one has standard deviation `width`, and its centre lies
    `conflict` of them above 0; where a family cannot be standardised, above a rough estimate.

    Raises:
        InputError: a conjugate prior for a family that has none.
    """
    k = len(family.parameters)
    if name == "flat":
        return Prior(name, np.zeros((2, k)))
    if name == "weak":
        return Prior(
            name, np.array([_centre(family, sample) + conflict * width, np.full(k, width**-2.0)])
        )
    if family.name not in CONJUGATE:
        raise InputError(
            f"`prior` can be conjugate for {', '.join(CONJUGATE)}; `family` was {family.name}."
        )
    mean = float(np.dot(sample.weights, sample.left) / sample.total)
    known = {
        "exponential": [1.0, 1.0, 0.0, 0.0],
        "poisson": [mean, 1.0, 0.0, 0.0],
        "normal": [0.0, 1.0, 0.5, 0.5],
    }
    return Prior(name, np.array(known[family.name]))


def _centre(family: Family, sample: Sample) -> Floats:
    shift, stretch = frame(family, sample)
    if {p.role for p in family.parameters} & {"scale", "log_location"}:
        return np.zeros(len(family.parameters))
    start = family.start((sample.left - shift) / stretch, sample.weights)[0]
    return np.array([p.free(v) for p, v in zip(family.parameters, start, strict=True)])


def log_prior(family: str, conjugate: bool, u: Any, numbers: Any, xp: Any) -> Any:
    """Log-density of u (k,) up to a constant; `xp` is numpy or `jax.numpy`."""
    if not conjugate:
        return -xp.sum(numbers[1] * (u - numbers[0]) ** 2) / 2
    first, second, a, b = numbers
    if family == "exponential":
        return -first * u[0] - second * xp.exp(-u[0])
    if family == "poisson":
        return first * u[0] - second * xp.exp(u[0])
    away = b + second * (u[0] - first) ** 2 / 2
    return -(2 * a + 1) * u[1] - away * xp.exp(-2 * u[1])


def slopes(family: str, conjugate: bool, u: Floats, numbers: Floats) -> tuple[Floats, Floats]:
    """Gradient (k,) and Hessian (k, k) of `log_prior`."""
    if not conjugate:
        return -numbers[1] * (u - numbers[0]), -np.diag(numbers[1])
    first, second, a, b = numbers
    if family in ("exponential", "poisson"):
        sign = 1.0 if family == "poisson" else -1.0
        grown = second * np.exp(sign * u[0])
        return np.array([sign * (first - grown)]), np.array([[-grown]])
    away, thin = u[0] - first, np.exp(-2 * u[1])
    rest = 2 * (b + second * away**2 / 2) * thin
    cross = 2 * second * away * thin
    gradient = np.array([-second * away * thin, rest - (2 * a + 1)])
    return gradient, np.array([[-second * thin, cross], [cross, -2 * rest]])
