"""The tables and checks of a conjugate prior that meets data."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from core import theory
from core.bayes import calibration, large_samples, layout
from core.bayes.conjugate import Conjugate, Expansion, Floats, Summary
from core.experiment import Frames

BAYES = "Bayes' theorem; Gelman et al. (2013), Bayesian Data Analysis, chapter 2"
CHAIN = "p(y₁ … yₙ) = Π p(yᵢ | y₁ … yᵢ₋₁)"
TALTS = "Talts et al., arXiv:1804.06788, theorem 1"
COOK = "Cook, Gelman & Rubin (2006), J. Comp. Graph. Stat. 15, 675"
MISES = "van der Vaart (1998), Asymptotic Statistics, theorem 10.1; Tierney & Kadane (1986)"
# Observations whose predictive densities are multiplied, and parameters at which Bayes is tested.
CHAINED, TESTED = 1_000, 100
# A constant this small leaves the next order to rule, and more data than this are not to be had.
SMALL, LARGEST = 0.05, 1e8
# Total variation that differences of probabilities show to 1 %.
LEAST, EXACT = 5e-4, 0.01


def summary(prior: Conjugate, values: Floats, count: int) -> Summary:
    """Of the first `count` values."""
    found = prior.running(values, np.array([count]))
    return Summary(count, found.total[0], found.rest[0])


def described(prior: Conjugate, values: Floats, truth: float = np.nan) -> Frames:
    """The posterior after more and more of the values: as curves, and as means and intervals."""
    n = values.size
    counts = np.unique(np.round(np.geomspace(1, n, 60)).astype(np.int64))
    after = prior.given(prior.running(values, counts))
    law = after.marginal()
    near = [_normal(prior.expansion(summary(prior, values, k)), k) for k in counts]
    middle, error = np.array(near).T
    updates = {
        "observations": counts,
        "mean": law.mean(),
        "low": law.ppf(0.05),
        "high": law.ppf(0.95),
        "estimate": middle,
        "limit_low": middle - 1.6448536269514722 * error,
        "limit_high": middle + 1.6448536269514722 * error,
        "log_evidence": prior.log_evidence(prior.running(values, counts)),
        "truth": truth,
    }
    stages = np.unique(np.round(np.geomspace(1, n, 4)).astype(np.int64))
    return {
        "posterior": layout.POSTERIOR.frame(
            pd.concat(_curves(prior, values, [0, *stages]), ignore_index=True)
        ),
        "updates": layout.UPDATES.frame(updates),
    }


def approach(prior: Conjugate, seen: Summary) -> tuple[pd.DataFrame, list[theory.Row], list[str]]:
    """How fast posterior and normal law come together, for ever more data like these."""
    near = prior.expansion(seen)
    if not np.isfinite(near).all() or near.information <= 0:
        said = "The estimate is on the boundary, where no normal law holds: no distance from one."
        return layout.APPROACH.empty(), [], [said]
    constant, size = large_samples.leading(near), float(prior.worth)
    # The next terms, even in z, move the integral of an odd one by their square, at most of order
    # (size / constant)² / n beside size / n and constant² / n: a percent from here on.
    next_order = size + (size / max(constant, SMALL)) ** 2 + constant**2
    asked = max(1e5, 3_000 * next_order)
    most = min(asked, LARGEST, max(1e3, (constant / LEAST) ** 2))
    counts = np.geomspace(10, most, 25)
    found = large_samples.approach(prior, seen, counts)
    predicted = constant / np.sqrt(counts)
    shown = np.where(predicted < 0.5, predicted, np.nan)
    columns = {"observations": counts, "total_variation": found, "predicted": shown}
    table = layout.APPROACH.frame(columns)
    if constant < SMALL or most < asked / 10:
        said = (
            "Prior and data agree so well, or differ so much, that the 1/√n of the Bernstein–von "
            "Mises theorem is not to be seen at any size: it is not tested."
        )
        return table, [], [said]
    last = counts >= most / 30
    error = np.abs(found / predicted - 1)
    claim = "√n times the total variation from the normal law tends to its constant"
    row = theory.asymptotic(
        claim,
        constant,
        (found * np.sqrt(counts))[last],
        source=MISES,
        tolerance=0.05,
        shrinks=bool(error[-1] < max(error[last][0], EXACT)),
    )
    return table, [row], []


def identities(prior: Conjugate, values: Floats, rng: np.random.Generator) -> list[theory.Row]:
    """Bayes' theorem at many parameters, and the chain rule over the first observations."""
    seen = summary(prior, values, values.size)
    after = prior.given(seen)
    at = after.truths(TESTED, rng)
    joint = prior.log_density(at) + prior.log_likelihood(at, seen)
    claim = "Log prior + log-likelihood − log posterior is the log-evidence, at 100 parameters"
    evidence = float(prior.log_evidence(seen))
    first = values[:CHAINED]
    upto = prior.running(first, np.arange(first.size))
    chain = float(prior.given(upto).log_predictive(first).sum())
    said = "Log predictive densities, one observation after the other, sum to the log-evidence"
    whole = float(prior.log_evidence(summary(prior, first, first.size)))
    return [
        theory.identity(claim, evidence, joint - after.log_density(at), source=BAYES),
        theory.identity(said, whole, chain, source=CHAIN),
    ]


def calibrated(
    nature: Conjugate, prior: Conjugate, count: int, replicates: int, rng: np.random.Generator
) -> Iterator[tuple[int, Frames, list[theory.Row]]]:
    """Simulation-based calibration: truths done, tables and checks, as the truths are drawn."""
    parts: list[tuple[Floats, Floats]] = []
    for part in calibration.calibration(nature, prior, count, replicates, rng):
        parts.append(part)
        ranks, below = (np.concatenate(each) for each in zip(*parts, strict=True))
        share, error = calibration.histogram(ranks)
        inside, spread = calibration.coverage(below)
        edges = np.arange(calibration.BINS) / calibration.BINS
        found = {
            "low": edges,
            "high": edges + 1 / calibration.BINS,
            "share": share,
            "predicted": 1 / calibration.BINS,
            "standard_error": error,
        }
        levels = {"level": calibration.LEVELS, "share": inside, "standard_error": spread}
        tables = {
            "ranks": layout.RANKS.frame(found),
            "coverage": layout.COVERAGE.frame(levels),
        }
        claim = "Each bin of the ranks of truths among posterior draws has the same share of them"
        said = "Central intervals hold the truth as often as their probability says"
        rows = [
            theory.exact(claim, 1 / calibration.BINS, share, error, source=TALTS),
            theory.exact(said, calibration.LEVELS, inside, spread, source=COOK),
        ]
        yield ranks.size, tables, rows


def _normal(near: Expansion, count: int) -> tuple[float, float]:
    """Mean and standard deviation of the normal law of the data alone."""
    if not np.isfinite(near).all() or near.information <= 0:
        return np.nan, np.nan
    return near.estimate, float((count * near.information) ** -0.5)


def _curves(prior: Conjugate, values: Floats, stages: list[int]) -> Iterator[pd.DataFrame]:
    laws = {
        k: prior.given(summary(prior, values, k)).marginal() if k else prior.marginal() for k in stages
    }
    ends = np.array([law.ppf([0.002, 0.998]) for law in laws.values()])
    low, high = ends[:, 0].min(), ends[:, 1].max()
    spots = [np.linspace(low, high, 160)]
    spots += [law.mean() + law.std() * np.linspace(-4, 4, 60) for law in laws.values()]
    at = np.unique(np.concatenate(spots))
    at = at[(at >= low) & (at <= high)]
    for k, law in laws.items():
        middle, error = _normal(prior.expansion(summary(prior, values, k)), k) if k else (np.nan, np.nan)
        with np.errstate(divide="ignore", over="ignore"):
            density = law.pdf(at)
        limit = np.exp(-(((at - middle) / error) ** 2) / 2) / (error * np.sqrt(2 * np.pi))
        shown = {"observations": k, "value": at, "density": density, "limit": limit}
        yield pd.DataFrame(shown).replace(np.inf, np.nan)
