"""What maximum likelihood gives in logistic regression when p / n does not vanish.

Throughout κ = p / n, features of variance one, a true linear predictor of standard deviation γ and
no intercept; ρ(t) = log(1 + eᵗ), so that ρ' is the probability. Sur & Candès, arXiv:1803.06964:
with n and p large β̂ ≈ α β + σ z / √n for standard normal z, where (α, σ, λ) solves three equations
(their (5)), as long as κ is below the boundary of Candès & Sur, arXiv:1804.09753, beyond which the
two classes can be separated by a hyperplane and no maximum exists.
"""

from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Nodes of the trapezoidal rule for a standard normal value: spectrally accurate for smooth functions.
_Z = np.linspace(-9.0, 9.0, 361)
_W = np.exp(-(_Z**2) / 2) / np.exp(-(_Z**2) / 2).sum()
_COARSE, _COARSE_W = _Z[::3], _W[::3] / _W[::3].sum()


class Limit(NamedTuple):
    """The solution at `ratio` κ and `strength` γ: slope of β̂ on β, √n times the standard deviation
    of β̂ around it, and the scale of the proximal map. NaN where no maximum exists."""

    ratio: float
    strength: float
    slope: float
    spread: float
    scale: float

    @property
    def inflation(self) -> float:
        """What twice the log-likelihood ratio of one null coefficient is multiplied by: κ σ² / λ
        times a χ² of one degree of freedom, which is 1 in the textbook."""
        return self.ratio * self.spread**2 / self.scale

    @property
    def predictor(self) -> float:
        """Standard deviation of the fitted linear predictor of a new sample."""
        return float(np.hypot(self.slope * self.strength, np.sqrt(self.ratio) * self.spread))


def boundary(strength: float) -> float:
    """The largest κ at which a maximum exists: min over t of E (t V − Z)₊², with Z standard normal
    and V of density 2 ρ'(γ v) φ(v). Candès & Sur, theorem 2.1, without intercept."""
    weight = 2 * _W * scipy.special.expit(strength * _Z)

    def mean(t: float) -> float:
        a = t * _Z
        density = np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)
        return float(weight @ ((1 + a**2) * scipy.special.ndtr(a) + a * density))

    return float(scipy.optimize.minimize_scalar(mean, bounds=(-50.0, 0.0), method="bounded").fun)


def solve(ratios: Floats, strength: float) -> list[Limit]:
    """The limit at each of the ascending `ratios`, at least 0.001, one solution leading to the next."""
    found, edge = [], boundary(strength)
    # As κ → 0: β̂ is unbiased, its spread that of Fisher's information, and λ = κ σ².
    fisher, ratio = spread_of_textbook(strength), 0.9e-3
    last = np.log([1.0, fisher, ratio * fisher**2])
    for wanted in map(float, ratios):
        step = wanted / ratio
        while wanted < edge and ratio < wanted:
            # From κ to at most twice that, and by less where Newton does not arrive.
            ahead = min(wanted, ratio * min(step, 2.0))
            guess = last + np.array([0.0, 0.0, np.log(ahead / ratio)])
            made = scipy.optimize.root(_residuals, guess, (ahead, strength), tol=1e-11)
            if np.abs(made.fun).max() < 1e-7:
                ratio, last = ahead, made.x
            else:
                step = np.sqrt(min(step, 2.0))
                if step < 1.001:
                    break
        values = np.exp(last) if ratio == wanted else np.full(3, np.nan)
        found.append(Limit(wanted, strength, *map(float, values)))
    return found


def spread_of_textbook(strength: float) -> float:
    """√n times the standard error of a null coefficient by Fisher's information, 1 / √E ρ''(γ Z)."""
    return float(1 / np.sqrt(_W @ _variance(strength * _Z)))


def proximal(at: Floats, scale: float) -> Floats:
    """The x that solves x + λ ρ'(x) = `at`, for λ = `scale`."""
    # On either side of 0 the left side bends away from the root: Newton from 0 cannot overshoot.
    x = np.zeros_like(at)
    for _ in range(200):
        step = (at - x - scale * scipy.special.expit(x)) / (1 + scale * _variance(x))
        x += step
        if np.abs(step).max() <= 1e-13 * (1 + np.abs(x).max()):
            break
    return x


def training_risk(limit: Limit) -> float:
    """Mean loss on the training samples, nats."""
    if not np.isfinite(limit.slope):
        return np.nan
    fitted, weight, _ = _margins(limit.ratio, limit.strength, *limit[2:])
    return float(weight @ np.logaddexp(0.0, fitted))


def test_risk(limit: Limit) -> float:
    """Mean loss on new samples, nats."""
    if not np.isfinite(limit.slope):
        return np.nan
    t = limit.predictor * _Z
    return float(_W @ (np.logaddexp(0.0, t) - calibrated(limit, t) * t))


def rejected(limit: Limit, critical: float = 3.841458820694124) -> float:
    """Share of true null hypotheses that a test at the χ² quantile `critical` (95 %) rejects."""
    return float(2 * scipy.special.ndtr(-np.sqrt(critical / limit.inflation)))


def calibrated_on(limit: Limit, said: Floats) -> float:
    """The mean true probability over samples with the fitted probabilities `said`."""
    if not np.isfinite(limit.slope):
        return np.nan
    t = limit.predictor * _Z
    return float(np.interp(scipy.special.logit(said), t, calibrated(limit, t)).mean())


def calibrated(limit: Limit, predictor: Floats) -> Floats:
    """The true probability of the class, on average over samples whose fitted linear predictor is
    `predictor`. True and fitted predictor are jointly normal."""
    share = limit.slope * limit.strength**2 / limit.predictor**2
    left = np.sqrt(limit.strength**2 * (1 - share * limit.slope))
    return np.asarray(
        scipy.special.expit(share * predictor[:, None] + left * _COARSE) @ _COARSE_W, dtype=float
    )


def _residuals(logs: Floats, ratio: float, strength: float) -> Floats:
    """Left minus right side of the three equations, scaled to order one."""
    slope, spread, scale = np.exp(np.clip(logs, -20, 20))
    fitted, weight, product = _margins(ratio, strength, slope, spread, scale)
    pull = scale * scipy.special.expit(fitted)
    return np.array(
        [
            weight @ pull**2 / (ratio * spread) ** 2 - 1,
            product @ pull / (strength * np.sqrt(ratio) * spread),
            weight @ (1 / (1 + scale * _variance(fitted))) - (1 - ratio),
        ]
    )


def _margins(
    ratio: float, strength: float, slope: float, spread: float, scale: float
) -> tuple[Floats, Floats, Floats]:
    """With (Q₁, Q₂) normal of covariance [[γ², −αγ²], [−αγ², α²γ² + κσ²]]: prox(Q₂) at nodes of
    Q₂, and there the weights that make E 2ρ'(Q₁) f and E ρ'(Q₁) Q₁ f of a function's values f."""
    size = np.hypot(slope * strength, np.sqrt(ratio) * spread)
    along = -slope * strength**2 / size
    left = strength * np.sqrt(ratio) * spread / size
    truth = along * _Z[:, None] + left * _COARSE
    probability = scipy.special.expit(truth)
    weight = 2 * _W * (probability @ _COARSE_W)
    return proximal(size * _Z, scale), weight, _W * ((probability * truth) @ _COARSE_W)


def _variance(t: Floats) -> Floats:
    p = scipy.special.expit(t)
    return np.asarray(p * (1 - p), dtype=float)
