"""Which of two fitted families lies closer to the truth, where both may be wrong: Vuong's tests.

Closeness is the mean log density (Kullback–Leibler). With d_i = log f(x_i; θ̂) − log g(x_i; γ̂), mean
d̄ and variance ω² over the n values, and both as close, √n d̄ / ω → N(0, 1) where f and g are different
laws (Vuong 1989, Econometrica 57, 307, theorem 5.1). Where they are the same law, which families that
are nested or that overlap can be, ω² tends to 0 and this limit does not hold: then

    2 n d̄ → Σ λ_j χ²₁  and  n ω² → Σ λ_j² χ²₁                    (theorems 3.3 and 4.1)

with λ_j the eigenvalues of [[B_f H_f⁻¹, −B_fg H_g⁻¹], [B_gf H_f⁻¹, −B_g H_g⁻¹]], H the mean observed
information and B the mean products of scores. Overlapping families are first tested for ω² = 0, and
compared where that is rejected; of nested ones the larger is preferred where 2 n d̄ is too large.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from scipy import special

from core.experiment import InputError
from core.families import jets, limiting, registry
from core.families.family import Floats
from core.families.likelihood import unconstrained
from core.families.result import Fit

Relation = Literal["apart", "overlapping", "nested"]
Correction = Literal["none", "aic", "bic"]

LEVEL = 0.05
# Families that are reached at an end of another's parameters or at values that its file does not name.
WITHIN: dict[str, tuple[str, ...]] = {
    "student-t": ("normal",),
    "negative-binomial": ("poisson", "geometric"),
    "beta-binomial": ("binomial",),
    "zero-inflated-poisson": ("poisson",),
    "hurdle-poisson": ("poisson",),
    "zero-inflated-negative-binomial": ("negative-binomial", "zero-inflated-poisson"),
    "hurdle-negative-binomial": ("negative-binomial", "hurdle-poisson"),
}


@dataclass(frozen=True)
class Comparison:
    """Two families compared.

    Attributes:
        difference: log-likelihood of `first` above that of `second`, corrected, in nats;
            `standard_error` is √n ω, NaN for nested families, whose difference has no normal limit.
        z: their ratio. `p_value`: two-sided; for nested families that of 2 n d̄ under Σ λ_j χ²₁.
        same: p-value of ω² = 0, that both fits are the same law; NaN for families without one in
            common.
        preferred: the family that is closer at the level 0.05, or empty.
    """

    first: str
    second: str
    relation: Relation
    difference: float
    standard_error: float
    z: float
    p_value: float
    same: float
    preferred: str


def compare(first: Fit, second: Fit, correction: Correction = "none") -> Comparison:
    """Vuong's test between two fits by maximum likelihood to the same sample, not censored.

    `correction` takes k_f − k_g (`aic`) or ½ (k_f − k_g) log n (`bic`) from the difference (Vuong 1989,
    eq. 5.9); nested families are compared without.

    Raises:
        InputError: fits to different samples, to a censored one, by another method, or of values of
            different kinds.
    """
    _check(first, second)
    sample, n = first.sample, first.n
    share = sample.weights / n
    d = log_density(first) - log_density(second)
    mean = float(share @ d)
    width = float(np.sqrt(share @ (d - mean) ** 2))
    related = relation(first.family, second.family)
    ratio = n * mean
    if related == "nested":
        larger = first if len(first.free) > len(second.free) else second
        p = _exceeded(_eigenvalues(first, second), 2 * abs(ratio))
        return Comparison(
            first.family, second.family, related, ratio, np.nan, np.nan, p, np.nan,
            _preferred(larger.family, p),
        )  # fmt: skip
    more = len(first.free) - len(second.free)
    ratio -= {"none": 0.0, "aic": more, "bic": 0.5 * more * np.log(n)}[correction]
    error = float(np.sqrt(n)) * width
    z = ratio / error if error > 0 else np.nan
    p = float(2 * special.ndtr(-abs(z)))
    same = np.nan
    if related == "overlapping":
        same = _exceeded(_eigenvalues(first, second) ** 2, n * width**2)
    apart = related == "apart" or same < LEVEL
    better = first.family if z > 0 else second.family
    return Comparison(
        first.family, second.family, related, ratio, error, z, p, same,
        _preferred(better, p) if apart else "",
    )  # fmt: skip


def pairs(fits: Sequence[Fit], correction: Correction = "none") -> list[Comparison]:
    """Every two of the fits compared, in their order."""
    return [compare(a, b, correction) for a, b in combinations(fits, 2)]


def relation(first: str, second: str) -> Relation:
    """Whether one family is a special case of the other, or they have a special case in common."""
    one, other = _within(first), _within(second)
    if first in other or second in one:
        return "nested"
    return "overlapping" if one & other else "apart"


def log_density(fit: Fit) -> Floats:
    """The log-likelihood of each value (n,) of a sample that is not censored, in its own unit."""
    standard = fit.peak
    z = (fit.sample.left - standard.shift) / standard.stretch
    return jets.each(registry.find(fit.family), z, standard.theta) - float(np.log(standard.stretch))


def _within(name: str) -> set[str]:
    """The family and all that lie inside it."""
    found = {name}
    known = registry.families()
    inner = (*WITHIN.get(name, ()), *(known[name].special_cases if name in known else ()))
    for case in inner:
        found |= _within(case)
    return found


def _check(first: Fit, second: Fit) -> None:
    for fit in (first, second):
        if fit.sample.partial:
            raise InputError("`sample` must not be censored or truncated for Vuong's test.")
        if fit.method != "mle":
            raise InputError(
                f"`fit` must be by maximum likelihood (mle) for Vuong's test, not by {fit.method}."
            )
    one, other = first.sample, second.sample
    if one is not other and not (
        np.array_equal(one.left, other.left) and np.array_equal(one.weights, other.weights)
    ):
        raise InputError("`fit` must be to the same sample as the other for Vuong's test.")
    if registry.find(first.family).discrete != registry.find(second.family).discrete:
        raise InputError(
            f"`fit` must be of the same kind of values for Vuong's test, not {first.family} beside "
            f"{second.family}."
        )


def _preferred(family: str, p: float) -> str:
    return family if p < LEVEL else ""


def _exceeded(weights: Floats, value: float) -> float:
    """P(Σ weights χ²₁ > value), of weights of either sign; NaN where they are not known."""
    if not np.isfinite(weights).all() or not np.abs(weights).max() > 0:
        return float("nan")
    ordered = weights[np.argsort(-np.abs(weights))]
    return float(limiting.exceedance(ordered / abs(ordered[0]), np.array([value / abs(ordered[0])]))[0])


def _eigenvalues(first: Fit, second: Fit) -> Floats:
    """The λ_j (k_f + k_g,), positive where the first fit is the larger."""
    share = first.sample.weights / first.n
    s, inverse = [], []
    for fit in (first, second):
        hessian = fit.peak.hessian
        if not np.isfinite(hessian).all() or not (np.linalg.eigvalsh(hessian) > 0).all():
            return np.array([np.nan])
        s.append(_scores(fit))
        inverse.append(np.linalg.inv(hessian))
    k = s[0].shape[1]
    both = np.concatenate(s, axis=1)
    products = (both * share[:, None]).T @ both
    sign = np.where(np.arange(both.shape[1]) < k, 1.0, -1.0)
    block = np.zeros_like(products)
    block[:k, :k], block[k:, k:] = inverse
    values = np.linalg.eigvals(products @ block * sign).real
    larger = 1.0 if k >= both.shape[1] - k else -1.0
    return np.asarray(larger * values, float)


def _scores(fit: Fit, step: float = 1e-5) -> Floats:
    """Derivatives (n, k) of each value's log density in the free unconstrained coordinates, by central
    differences: the program that gives the densities is compiled already."""
    family, standard = registry.find(fit.family), fit.peak
    z = (fit.sample.left - standard.shift) / standard.stretch
    u = unconstrained(family, standard.theta)
    found = []
    for i in standard.free:
        near = []
        for sign in (1, -1):
            theta = standard.theta.copy()
            theta[i] = family.parameters[i].value(np.array(u[i] + sign * step))
            near.append(jets.each(family, z, theta))
        found.append((near[0] - near[1]) / (2 * step))
    return np.stack(found, axis=1)
