"""The law of the Cramér–von Mises and Anderson–Darling statistics in the limit of large n, with known
parameters or with parameters estimated by maximum likelihood.

√n (F_n − F) becomes a Gaussian process on (0, 1) with covariance min(s, t) − s t, less g(s)' I⁻¹ g(t)
where parameters are estimated, g the derivative of F in them and I the information of one value. The
statistic becomes Σ λ_j χ²₁ over the eigenvalues of that covariance, divided by √(s(1−s) t(1−t)) for
Anderson–Darling. Durbin 1973, Annals of Statistics 1, 279; Stephens 1976, Annals of Statistics 4, 357.
"""

from functools import cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import special

from core.families.distances import Floats

if TYPE_CHECKING:
    from core.families.result import Fit

Test = Literal["cvm", "ad"]

# Probabilities s = sin²(π (1 + x) / 4) at Gauss–Legendre nodes, 1 − s, and their weights: they crowd
# at both ends. With 200 the traces, 1/6 and 1, are exact to 1e-14 and tail probabilities to 1e-4.
_X, _W = np.polynomial.legendre.leggauss(200)
_ANGLE = np.pi / 4 * (1 + _X)
S, BACK = np.sin(_ANGLE) ** 2, np.cos(_ANGLE) ** 2
SHARE = _W * np.pi / 4 * np.sin(2 * _ANGLE)

# Where the characteristic function is read, in units of 1 / the largest eigenvalue: past the end its
# modulus is below 1e-6.
_EDGES = np.linspace(0, 80, 2001)


def eigenvalues(test: Test, gradient: Floats | None = None, information: Floats | None = None) -> Floats:
    """The λ_j (200,), largest first. `gradient` (200, k) is g at `S`, `information` (k, k)."""
    kernel = np.minimum.outer(S, S) * np.minimum.outer(BACK, BACK)
    if gradient is not None and information is not None:
        kernel -= gradient @ np.linalg.solve(information, gradient.T)
    scale = np.sqrt(SHARE / (S * BACK)) if test == "ad" else np.sqrt(SHARE)
    return np.maximum(np.linalg.eigvalsh(kernel * np.outer(scale, scale))[::-1], 0.0)


@cache
def estimated(test: Test, family: str) -> Floats:
    """The λ_j with all parameters of `family` estimated, or none for "known": `normal`, `lognormal`,
    `exponential`, `gumbel`, `weibull` or `logistic`, whose laws are free of the parameters."""
    if family == "known":
        return eigenvalues(test)
    return eigenvalues(test, *_standard(family))


@cache
def tail(test: Test, family: str) -> tuple[Floats, Floats]:
    """Values (500,) of the statistic and the probabilities of exceeding them, under `estimated`."""
    law = estimated(test, family)
    grid = np.linspace(0, np.sqrt(8 * law.sum() + 12 * law[0]), 500) ** 2
    return grid, exceedance(law, grid)


def _standard(family: str) -> tuple[Floats, Floats]:
    """g in scale, or in location and scale, of the standard law, and the information."""
    if family == "exponential":
        return (BACK * np.log(BACK))[:, None], np.ones((1, 1))
    if family in ("normal", "lognormal"):
        z = special.ndtri(S)
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        information = np.diag([1.0, 2.0])
    elif family == "logistic":
        z, density = np.log(S) - np.log(BACK), S * BACK
        information = np.diag([1 / 3, (3 + np.pi**2) / 9])
    else:
        z = -np.log(-np.log(S))
        density = -S * np.log(S)
        c = 1 - np.euler_gamma
        information = np.array([[1.0, -c], [-c, np.pi**2 / 6 + c * c]])
    return np.column_stack([density, z * density]), information


def of(fit: "Fit", test: Test) -> Floats:
    """The λ_j of an uncensored `fit` with a smooth likelihood, all at the estimates."""
    # Imported late: the laws above need no density, and so no JAX.
    from core.families import jets, probabilities, registry
    from core.families.likelihood import unconstrained
    from core.families.quiet import quiet

    family, theta = registry.find(fit.family), fit.peak.theta
    law = family.frozen(dict(zip(family.names, theta.tolist(), strict=True)))
    with quiet():
        z = np.where(S < 0.5, law.ppf(S), law.isf(BACK))
    free, moved, step = list(fit.peak.free), [], 1e-5
    for i in free:
        parameter = family.parameters[i]
        for sign in (-step, step):
            near = theta.copy()
            near[i] = parameter.value(np.array(parameter.free(theta[i]) + sign))
            moved.append(near)
    at = probabilities.below(family, z, np.array(moved))
    gradient = (at[1::2] - at[::2]).T / (2 * step)
    score = jets.scores(family, z, unconstrained(family, theta))[:, free]
    return eigenvalues(test, gradient, (score * SHARE[:, None]).T @ score)


def exceedance(values: Floats, x: Floats) -> Floats:
    """P(Σ λ_j χ²₁ > x) for x (m,), by inversion of the characteristic function: Imhof 1961,
    Biometrika 48, 419."""
    u, step = (_EDGES[1:] + _EDGES[:-1]) / 2 / values[0], np.diff(_EDGES) / values[0]
    product = np.outer(u, values)
    phase = np.arctan(product).sum(axis=1) / 2
    height = np.exp(-np.log1p(product**2).sum(axis=1) / 4) / u * step
    inside = np.sin(phase - np.outer(np.atleast_1d(x), u) / 2) @ height
    return np.asarray(np.clip(0.5 + inside / np.pi, 0.0, 1.0))
