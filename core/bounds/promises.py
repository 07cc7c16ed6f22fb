"""Every bound on the samples of one size: what it promised, what was true, how often it was broken,
and how many samples it would need."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from core.bounds import classes, concentration, pac_bayes, rademacher
from core.bounds.populations import Population
from core.bounds.trials import LENGTHS, SHARES, Trials

Floats = NDArray[np.float64]

HOEFFDING = "Hoeffding (1963), Theorem 2"
SOURCES = {
    "binomial": "Clopper & Pearson (1934); Langford (2005), section 3",
    "bernstein": "Maurer & Pontil, arXiv:0907.3740, Theorem 4",
    "hoeffding": HOEFFDING,
    "dkw": "Massart (1990), Annals of Probability 18",
    "finite_class": f"{HOEFFDING}, and the union bound",
    "pac_bayes": "Langford (2005); Maurer, arXiv:cs/0411099",
    "vc_thresholds": "Vapnik & Chervonenkis (1971)",
    "rademacher": "Koltchinskii & Panchenko (2002)",
    "rademacher_measured": "Bartlett & Mendelson (2002), JMLR 3",
    "any_margin": "Mohri, Rostamizadeh & Talwalkar (2018), section 5.4",
    "vc_half_spaces": "Vapnik & Chervonenkis (1971); Cover (1965)",
}
CLAIMS = {
    "binomial": "The binomial limit on a tested classifier",
    "bernstein": "Empirical Bernstein's bound on a tested classifier",
    "hoeffding": "Hoeffding's bound on a tested classifier",
    "dkw": "The Dvoretzky–Kiefer–Wolfowitz band for the law of its margins",
    "finite_class": "The union bound on every one of M classifiers",
    "pac_bayes": "PAC-Bayes' limit on the Gibbs risk",
    "vc_thresholds": "Vapnik and Chervonenkis' bound on every threshold",
    "rademacher": "The Rademacher bound on the trained classifier",
    "rademacher_measured": "The Rademacher bound with the complexity of the sample",
    "any_margin": "The margin bound with ρ chosen on the sample",
    "vc_half_spaces": "Vapnik and Chervonenkis' bound on the trained classifier",
}
# Beyond this a sample size is not asked for.
LARGEST = 1e12


@dataclass(frozen=True)
class Facts:
    """What a bound may know of the law beforehand: E‖x‖² and d; ρ; how many classifiers compete."""

    square: float
    dimension: int
    rho: float
    pool: int


@dataclass(frozen=True)
class Promise:
    """One bound on every sample: `error` and true `risk` of what it is about, the `gap` that it
    limits, and the `room` it leaves for the gap above the error. For the law of the margins error is
    0, and risk and gap are the distance sup |F_n − F|. A bound is broken where gap > room."""

    error: Floats
    risk: Floats
    gap: Floats
    room: Floats

    @property
    def broken(self) -> int:
        """In how many samples the bound was broken; rounding is not counted."""
        return int((self.gap > self.room + 1e-12).sum())


def promises(t: Trials, facts: Facts, n: int, delta: float) -> dict[str, Promise]:
    """Every bound of `SOURCES` on samples of n."""
    gap = t.test_risk - t.test_error
    errors = np.clip(np.round(t.test_error * n), 0, n)
    rooms = {
        "binomial": concentration.binomial(errors, n, delta) - t.test_error,
        "bernstein": concentration.bernstein(t.test_variance, n, delta),
        "hoeffding": concentration.hoeffding(n, delta),
    }
    made = {name: Promise(t.test_error, t.test_risk, gap, gap * 0 + r) for name, r in rooms.items()}
    far = t.distance
    made["dkw"] = Promise(far * 0, far, far, far * 0 + concentration.dkw(n, delta))
    finite = t.pool_gap * 0 + classes.finite_class(facts.pool, n, delta)
    made["finite_class"] = Promise(t.pool_error, t.pool_risk, t.pool_gap, finite)
    lines = t.pool_gap * 0 + classes.vc(classes.log_half_lines(2 * n), n, delta)
    made["vc_thresholds"] = Promise(t.threshold_error, t.threshold_risk, t.threshold_gap, lines)
    for name, limit in _linear(t, facts, n, delta).items():
        made[name] = Promise(t.error, t.risk, t.risk - t.error, limit - t.error)
    made["pac_bayes"] = _pac_bayes(t, n, delta)
    return {name: made[name] for name in SOURCES}


def _linear(t: Trials, facts: Facts, n: int, delta: float) -> dict[str, Floats]:
    """Upper limits on the risk of the trained classifier."""
    root = np.sqrt(facts.square)
    known = rademacher.ball(facts.square, n, 1.0)
    margins = t.ramps + rademacher.any_margin(known, SHARES * root, root, n, delta)
    spaces = classes.vc(classes.log_half_spaces(2 * n, facts.dimension), n, delta)
    return {
        "rademacher": t.ramp + rademacher.expected(known, facts.rho, n, delta),
        "rademacher_measured": t.ramp + rademacher.empirical(t.complexity, facts.rho, n, delta),
        "any_margin": margins.min(axis=1),
        "vc_half_spaces": t.error + spaces,
    }


def _pac_bayes(t: Trials, n: int, delta: float) -> Promise:
    """The bound holds for all posteriors at once, so the best length may be taken."""
    limits = pac_bayes.seeger(t.gibbs_error, pac_bayes.gaussian(LENGTHS), n, delta)
    best = limits.argmin(axis=1)[:, None]
    error, risk, limit = (
        np.take_along_axis(a, best, axis=1)[:, 0] for a in (t.gibbs_error, t.gibbs_risk, limits)
    )
    return Promise(error, risk, risk - error, limit - error)


def demanded(t: Trials, facts: Facts, n: int, delta: float, epsilon: float) -> dict[str, float]:
    """The least sample size at which each bound lies at most `epsilon` above the empirical term in
    it, were what the samples of n showed on average to stay as it is; infinite beyond 10¹²."""
    # The complexity falls as 1 / √n.
    square = n * float(t.complexity.mean()) ** 2
    root, variance = np.sqrt(facts.square), float(t.test_variance.mean())
    mean, gibbs = float(t.test_error.mean()), t.gibbs_error.mean(axis=0)
    costs = pac_bayes.gaussian(LENGTHS)
    best = int(pac_bayes.seeger(gibbs, costs, n, delta).argmin())
    widest = SHARES[int((t.ramps.mean(axis=0) + 4 / (SHARES * np.sqrt(n))).argmin())] * root
    at, total = facts.rho, facts.square
    ball, spaces = rademacher.ball, classes.log_half_spaces
    widths: dict[str, Callable[[float], float | Floats]] = {
        "binomial": lambda m: concentration.binomial(min(1.0, mean) * m, m, delta) - mean,
        "bernstein": lambda m: concentration.bernstein(variance, m, delta),
        "hoeffding": lambda m: concentration.hoeffding(m, delta),
        "dkw": lambda m: concentration.dkw(m, delta),
        "finite_class": lambda m: classes.finite_class(facts.pool, m, delta),
        "pac_bayes": lambda m: pac_bayes.seeger(gibbs[best], costs[best], m, delta) - gibbs[best],
        "vc_thresholds": lambda m: classes.vc(classes.log_half_lines(2 * m), m, delta),
        "rademacher": lambda m: rademacher.expected(ball(total, m, 1.0), at, m, delta),
        "rademacher_measured": lambda m: rademacher.empirical(ball(square, m, 1.0), at, m, delta),
        "any_margin": lambda m: rademacher.any_margin(ball(total, m, 1.0), widest, root, m, delta),
        "vc_half_spaces": lambda m: classes.vc(spaces(2 * m, facts.dimension), m, delta),
    }
    return {name: _least(width, epsilon) for name, width in widths.items()}


def _least(width: Callable[[float], float | Floats], epsilon: float) -> float:
    """The least whole m ≥ 2 with width(m) ≤ epsilon, for a width that falls with m."""
    if float(width(LARGEST)) > epsilon:
        return np.inf
    low, high = 1.0, LARGEST
    while high - low > max(1.0, 1e-6 * high):
        middle = np.floor(np.sqrt(low * high)) if high > 2 * low else np.floor((low + high) / 2)
        low, high = (low, middle) if float(width(middle)) <= epsilon else (middle, high)
    return high


def sufficed(sizes: NDArray[np.int64], gaps: Floats, epsilon: float) -> float:
    """The sample size at which a measured `gap` at each of `sizes` falls to `epsilon`: interpolated
    on a log-log scale, and beyond the sizes by the law n^(−1/2)."""
    if gaps[-1] > epsilon:
        return float(sizes[-1] * (gaps[-1] / epsilon) ** 2)
    under = int(np.argmax(np.maximum.accumulate(gaps[::-1])[::-1] <= epsilon))
    if under == 0:
        return float(sizes[0] * (max(gaps[0], 1e-12) / epsilon) ** 2)
    pair = np.log(np.maximum(gaps[under - 1 : under + 1], 1e-12))
    share = (pair[0] - np.log(epsilon)) / (pair[0] - pair[1])
    ends = np.log(sizes[under - 1 : under + 1])
    return float(np.exp(ends[0] + share * (ends[1] - ends[0])))


def rate(broken: int, trials: int) -> dict[str, float]:
    """Violations with their rate and its 95 % interval (Clopper–Pearson)."""
    beta = scipy.special.betaincinv
    low = float(beta(broken, trials - broken + 1, 0.025)) if broken else 0.0
    high = float(beta(broken + 1, trials - broken, 0.975)) if broken < trials else 1.0
    counts = {"violations": broken, "trials": trials, "rate": broken / trials}
    return {**counts, "lower": low, "upper": high}


def exact_rates(people: Population, risk: float, n: int, delta: float) -> dict[str, float]:
    """How often the test-set bounds are broken for a classifier of this `risk`, by exact laws."""
    made = {
        "binomial": concentration.binomial_rate(risk, n, delta),
        "bernstein": concentration.bernstein_rate(risk, n, delta),
        "hoeffding": concentration.hoeffding_rate(risk, n, delta),
    }
    return {**made, "dkw": concentration.dkw_rate(n, delta)} if people.continuous else made
