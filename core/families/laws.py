"""Distributions with scipy's methods, where scipy has none or one whose quantiles fail: a search
for them that never ends (logarithmic, Skellam) or fills the memory (zeta)."""

from typing import Any, ClassVar

import numpy as np
from scipy import special, stats

from core.families.family import Floats

# Their stubs know no shapes by name, nor arrays of them.
_Discrete: Any = stats.rv_discrete
_SCIPY_LOGARITHMIC: Any = stats.logser

# Whole numbers above this are not all floats.
LARGEST = 2.0**53


class _Searched(_Discrete):  # type: ignore[misc]
    """Quantiles by bisection over the whole numbers, from `_cdf` or, in the upper tail, `_sf`."""

    def _ppf(self, q: Floats, *shapes: Floats) -> Floats:
        return self._least(lambda k: self._cdf(k, *shapes) >= q, q, shapes)

    def _isf(self, q: Floats, *shapes: Floats) -> Floats:
        return self._least(lambda k: self._sf(k, *shapes) <= q, q, shapes)

    def _least(self, enough: Any, q: Floats, shapes: tuple[Floats, ...]) -> Floats:
        """The least whole number that is enough; beyond `LARGEST`, that one."""
        q, first, *_ = np.broadcast_arrays(q, self._get_support(*shapes)[0], *shapes)
        low: Floats = np.where(np.isfinite(first), first - 1.0, -1.0)
        step: Floats = np.ones(q.shape)
        # Down to where it is not enough, where the support has no first number; then up.
        while (more := ~np.isfinite(first) & enough(low) & (step < LARGEST)).any():
            low, step = np.where(more, low - step, low), np.where(more, 2 * step, step)
        high, step = low + 1.0, np.ones(q.shape)
        while (more := ~enough(high) & (step < LARGEST)).any():
            low = np.where(more, high, low)
            high, step = np.where(more, high + step, high), np.where(more, 2 * step, step)
        while (high - low > 1).any():
            middle = np.floor((low + high) / 2)
            good = enough(middle) & (high - low > 1)
            high = np.where(good, middle, high)
            low = np.where(good | (high - low <= 1), low, middle)
        return high


class _Zeta(_Searched):
    def _argcheck(self, a: Floats) -> Any:
        return a > 1

    def _pmf(self, k: Floats, a: Floats) -> Floats:
        return np.asarray(k**-a / special.zeta(a))

    def _logpmf(self, k: Floats, a: Floats) -> Floats:
        return np.asarray(-a * np.log(k) - np.log(special.zeta(a)))

    def _sf(self, k: Floats, a: Floats) -> Floats:
        return np.asarray(special.zeta(a, np.floor(k) + 1) / special.zeta(a))

    def _cdf(self, k: Floats, a: Floats) -> Floats:
        return 1 - self._sf(k, a)

    def _munp(self, n: int, a: Floats) -> Floats:
        # ζ has a pole at 1, where the moment becomes infinite.
        exists = a > n + 1
        return np.where(exists, special.zeta(np.where(exists, a - n, 2.0)) / special.zeta(a), np.inf)


class _Logarithmic(_Searched):
    def _argcheck(self, p: Floats) -> Any:
        return (p > 0) & (p < 1)

    def _pmf(self, k: Floats, p: Floats) -> Floats:
        return np.exp(self._logpmf(k, p))

    def _logpmf(self, k: Floats, p: Floats) -> Floats:
        return np.asarray(k * np.log(p) - np.log(k) - np.log(-np.log1p(-p)))

    def _sf(self, k: Floats, p: Floats) -> Floats:
        # The incomplete beta function of second argument 0, as scipy takes it.
        return np.asarray(_SCIPY_LOGARITHMIC._sf(np.floor(k), p))

    def _cdf(self, k: Floats, p: Floats) -> Floats:
        return 1 - self._sf(k, p)

    def _munp(self, n: int, p: Floats) -> Floats:
        mean = -p / ((1 - p) * np.log1p(-p))
        moments = {1: mean, 2: mean / (1 - p), 3: mean * (1 + p) / (1 - p) ** 2}
        fourth = mean * (1 + 4 * p + p**2) / (1 - p) ** 3
        return np.asarray(moments.get(n, fourth))


class _Skellam(_Searched):
    def _get_support(self, *shapes: Floats) -> tuple[float, float]:
        return -np.inf, np.inf

    def _pmf(self, k: Floats, mu1: Floats, mu2: Floats) -> Floats:
        return np.exp(self._logpmf(k, mu1, mu2))

    def _logpmf(self, k: Floats, mu1: Floats, mu2: Floats) -> Floats:
        # ive falls below the smallest float far out, where scipy's own form still has digits.
        root = np.sqrt(mu1 * mu2)
        with np.errstate(divide="ignore"):
            near = np.log(special.ive(np.abs(k), 2 * root))
        value = near - (np.sqrt(mu1) - np.sqrt(mu2)) ** 2 + k / 2 * np.log(mu1 / mu2)
        return np.where(np.isfinite(near), value, stats.skellam.logpmf(k, mu1, mu2))

    def _cdf(self, k: Floats, mu1: Floats, mu2: Floats) -> Floats:
        return _difference_below(np.floor(k), mu1, mu2)

    def _sf(self, k: Floats, mu1: Floats, mu2: Floats) -> Floats:
        # X > k is −X ≤ −k − 1, and −X has the two means exchanged.
        return _difference_below(-np.floor(k) - 1, mu2, mu1)

    def _munp(self, n: int, mu1: Floats, mu2: Floats) -> Floats:
        return np.asarray(stats.skellam.moment(n, mu1, mu2))

    def _rvs(self, mu1: Floats, mu2: Floats, size: Any = None, random_state: Any = None) -> Floats:
        return np.asarray(random_state.poisson(mu1, size) - random_state.poisson(mu2, size))


def _difference_below(k: Floats, mu1: Floats, mu2: Floats) -> Floats:
    """P(X ≤ k) by the noncentral χ² distribution (Johnson 1959, Biometrika 46, 352)."""
    below = special.chndtr(2 * mu2, np.where(k < 0, -2 * k, 2.0), 2 * mu1)
    above = special.chndtr(2 * mu1, np.where(k < 0, 2.0, 2 * (k + 1)), 2 * mu2)
    return np.where(k < 0, below, 1 - above)


class _ZeroModified(_Discrete):  # type: ignore[misc]
    """A distribution of counts with another probability of 0: `zero` of the values are excess
    zeros (`inflated`), or all of them are zeros and the others follow the base without its 0."""

    base: ClassVar[Any] = stats.poisson
    inflated: ClassVar[bool] = True

    def _argcheck(self, zero: Floats, *shapes: Floats) -> Any:
        return (zero >= 0) & (zero < 1) & self.base._argcheck(*shapes)

    def _others(self, zero: Floats, *shapes: Floats) -> Floats:
        """What multiplies the base's probabilities above 0."""
        return np.asarray((1 - zero) / (1.0 if self.inflated else self.base.sf(0, *shapes)))

    def _pmf(self, k: Floats, zero: Floats, *shapes: Floats) -> Floats:
        return np.exp(self._logpmf(k, zero, *shapes))

    def _logpmf(self, k: Floats, zero: Floats, *shapes: Floats) -> Floats:
        at_zero = np.log1p(-self._others(zero, *shapes) * self.base.sf(0, *shapes))
        above: Floats = np.log(self._others(zero, *shapes)) + self.base.logpmf(k, *shapes)
        return np.where(k == 0, at_zero, above)

    def _sf(self, k: Floats, zero: Floats, *shapes: Floats) -> Floats:
        return np.asarray(self._others(zero, *shapes) * self.base.sf(k, *shapes))

    def _cdf(self, k: Floats, zero: Floats, *shapes: Floats) -> Floats:
        return 1 - self._sf(k, zero, *shapes)

    def _isf(self, q: Floats, zero: Floats, *shapes: Floats) -> Floats:
        share = q / self._others(zero, *shapes)
        return np.where(
            share >= self.base.sf(0, *shapes), 0.0, self.base.isf(np.minimum(share, 1.0), *shapes)
        )

    def _ppf(self, q: Floats, zero: Floats, *shapes: Floats) -> Floats:
        return self._isf(1 - q, zero, *shapes)

    def _munp(self, n: int, zero: Floats, *shapes: Floats) -> Floats:
        return np.asarray(self._others(zero, *shapes) * self.base.moment(n, *shapes))


class _InflatedBinomial(_ZeroModified):
    base = stats.nbinom


class _HurdlePoisson(_ZeroModified):
    inflated = False


class _HurdleBinomial(_ZeroModified):
    base, inflated = stats.nbinom, False


ZETA = _Zeta(a=1, name="zeta", shapes="a")
LOGARITHMIC = _Logarithmic(a=1, name="logarithmic", shapes="p")
SKELLAM = _Skellam(a=-np.inf, name="skellam", shapes="mu1, mu2")
ZERO_INFLATED_POISSON = _ZeroModified(name="zero_inflated_poisson", shapes="zero, mu")
ZERO_INFLATED_NEGATIVE_BINOMIAL = _InflatedBinomial(
    name="zero_inflated_negative_binomial", shapes="zero, n, p"
)
HURDLE_POISSON = _HurdlePoisson(name="hurdle_poisson", shapes="zero, mu")
HURDLE_NEGATIVE_BINOMIAL = _HurdleBinomial(name="hurdle_negative_binomial", shapes="zero, n, p")
