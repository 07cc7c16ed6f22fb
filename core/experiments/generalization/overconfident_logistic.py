"""Why is logistic regression too sure of itself when it has many features?

Set-up: n samples of p features of variance one, classes drawn from the logistic model with
coefficients β whose linear predictor has standard deviation γ, and the fit of maximum likelihood,
without intercept. For growing κ = p / n the same samples are fitted on their first p features, with a
truth of the same γ. Half of the coefficients are zero; for some of those the likelihood-ratio test is
carried out. Test risk is the mean loss on new samples, over the class given the features.

Theory. For independent Gaussian features with n, p → ∞ at p / n = κ, the fitted coefficients scatter
around α β, not β, with standard deviation σ / √n; twice the log-likelihood ratio of a null coefficient
is κ σ² / λ times a χ² of one degree of freedom. (α, σ, λ) solves, with (Q₁, Q₂) normal of covariance
[[γ², −αγ²], [−αγ², α²γ² + κσ²]] and prox the proximal map of λρ, ρ(t) = log(1 + eᵗ),

    κ²σ² = E 2ρ'(Q₁) (λ ρ'(prox(Q₂)))²      0 = E ρ'(Q₁) Q₁ λ ρ'(prox(Q₂))
    1 − κ = E 2ρ'(Q₁) / (1 + λ ρ''(prox(Q₂)))

as long as κ < κ*(γ) = min over t of E (tV − Z)₊². Beyond, a hyperplane separates the classes, the
likelihood rises without end along its normal, and no maximum exists. The textbook is κ → 0: α = 1,
σ by Fisher's information, factor 1. A covariance Σ of Gaussian features changes nothing, if slopes and
spreads are measured in its norm; a random scale of each sample does, and so do wrong labels.

Sources: Sur & Candès, arXiv:1803.06964; Candès & Sur, arXiv:1804.09753; Sur, Chen & Candès,
arXiv:1706.01191; Zhao, Sur & Candès, arXiv:2001.09351.
"""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from core import theory
from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.linear import choices, designs
from core.linear import logistic_tables as tables
from core.linear.designs import Floats

# Imported late, by what needs them: parts of SciPy take long to load.
if TYPE_CHECKING:
    from core.linear.logistic_limit import Limit
    from core.linear.logistic_measured import Fits, Ints, Logistic

VERSION = 1

SUR, BOUNDARY = "Sur & Candès, arXiv:1803.06964, (5)", "Candès & Sur, arXiv:1804.09753, thm 2.1"
LRT = "Sur & Candès, arXiv:1803.06964, thm 4"
SYMMETRY = "reflection of null features leaves the law of the sample as it is"
# Where fits are made, as multiples of κ*: where a limit is held against them, and where maxima vanish.
HELD = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7])
EDGE = np.array([0.8, 0.9, 1.0, 1.1, 1.2])
NULLS, NEW = 8, 400


CLAIMS = (
    # At n = 300 means lie 2 to 5 % above their limits, of the order of 1/n and skewed; a statistic
    # with a χ² law needs more replicates than a slope for the same precision.
    ("The mean slope of β̂ on β is α", "slope", "slope", 0.08, SUR),
    ("√n times the standard deviation of β̂ around it is σ", "spread", "spread", 0.08, SUR),
    (
        "Twice the log-likelihood ratio of a null coefficient is κσ²/λ on average",
        "inflation",
        "statistic",
        0.15,
        LRT,
    ),
)


class Config(Base):
    samples: int = field(300, "Number of training samples n.", section="data", ge=50, le=1000)
    strength: float = field(
        2.236,
        "Standard deviation γ of the true linear predictor.",
        label="Strength γ",
        section="data",
        unit="log odds",
        ge=0.2,
        le=8.0,
    )
    ratio: float = field(
        0.2,
        "The p / n at which single coefficients and probabilities are shown.",
        label="p / n shown",
        ge=0.02,
        le=0.6,
    )
    null_share: float = field(
        0.5, "Share of the true coefficients that are zero.", label="Share of zeros", ge=0.1, le=0.9
    )
    replicates: int = field(
        60, "Independent draws of the samples.", section="training", scale="log", ge=10, le=300
    )
    design: designs.Design = choices.design(
        "Distribution of the features; theory holds for Gaussian ones, independent or correlated."
    )
    correlation: float = choices.correlation(0.7)
    tail: float = choices.tail()
    flips: float = field(
        0.0,
        "Share of training labels that are flipped; theory assumes that the logistic model is true.",
        label="Flipped labels",
        section="assumption",
        ge=0.0,
        le=0.4,
    )


TABLES = {**tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Samples of random scale": {"design": "samples", "tail": 3.0},
    "A tenth of the labels flipped": {"flips": 0.1},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · samples · features²."""
    from core.linear import logistic_measured as measured

    report(0.0, "solving the equations")
    edge, grid, limits = _limits(config)
    report(0.02, "solving the equations")
    made = tables.predicted(config.strength, edge, list(limits.values()))
    measure = partial(measured.measure, new=NEW, nulls=NULLS, tested=0.75 * edge * config.samples)
    model, place, parts, done, told = _model(config), _shown(config, grid), [], 0, 0
    shown = limits[float(grid[place] / config.samples)]
    beta = model.coefficients(int(grid[place]), int(grid.max()))

    def tick() -> None:
        at = f"fitting replicate {done + 1} of {config.replicates}"
        report(0.02 + 0.97 * done / config.replicates, at)

    drawn = measured.streams(config.seed, config.replicates, config.samples, int(grid.max()))
    for rngs in drawn:
        parts.append(measure(model, grid, rngs, tick=tick))
        done += len(rngs)
        # Tables take a while too: anew whenever there is half as much again to show.
        if done < min(config.replicates, 1.5 * told):
            continue
        told, found = done, [measured.joined(at) for at in zip(*parts, strict=True)]
        made |= tables.measured(config.samples, grid, found, place, shown, beta)
        made = {name: made[name] for name in TABLES if name in made}
        report(0.02 + 0.97 * done / config.replicates, f"fitted {done} replicates", made)
    return {**made, "checks": theory.checks(_checks(config, edge, grid, limits, found))}


def _model(config: Config) -> "Logistic":
    from core.linear.logistic_measured import Logistic

    return Logistic(
        n=config.samples,
        strength=config.strength,
        null_share=config.null_share,
        design=config.design,
        rho=config.correlation if config.design == "correlated" else 0.0,
        tail=config.tail,
        flips=config.flips,
        seed=config.seed,
    )


def _limits(config: Config) -> tuple[float, "Ints", "dict[float, Limit]"]:
    """κ*, the numbers of features that are fitted, and the limit at those and at others to be drawn."""
    from core.linear import logistic_limit

    n, edge = config.samples, logistic_limit.boundary(config.strength)
    wanted = np.append(edge * np.concatenate([HELD, EDGE]), config.ratio)
    # Two coefficients at least, one of them null.
    grid = np.unique(np.maximum(2, np.round(n * wanted)).astype(np.int64))
    drawn = edge * np.linspace(0.03, 0.96, 26)
    ratios = np.unique(np.concatenate([drawn, grid / n, [config.ratio]]))
    solved = logistic_limit.solve(ratios, config.strength)
    return edge, grid, dict(zip(map(float, ratios), solved, strict=True))


def _shown(config: Config, grid: "Ints") -> int:
    """The place in the grid of the p / n at which single coefficients are shown."""
    return int(np.abs(grid - config.samples * config.ratio).argmin())


def _checks(
    config: Config,
    edge: float,
    grid: "Ints",
    limits: "dict[float, Limit]",
    found: "list[Fits]",
) -> list[theory.Row]:
    ratios = grid / config.samples
    held = [k for k in range(grid.size) if 0.05 * edge < ratios[k] < 0.72 * edge]
    at = [limits[float(ratios[k])] for k in held]
    summary = [tables.summary(found[k]) for k in held]
    until = "for p / n up to 0.7 κ*"
    rows = [
        theory.asymptotic(
            f"{claim} {until}",
            [getattr(one, key) for one in at],
            [row[name] for row in summary],
            tolerance=tolerance,
            source=source,
        )
        for claim, key, name, tolerance, source in CLAIMS
    ]
    shares = np.array([one.exists.mean() for one in found])
    claim = "p / n at which half of the samples have a maximum is κ*"
    half = _half(ratios, shares)
    rows.append(theory.asymptotic(claim, edge, half, tolerance=0.1, source=BOUNDARY))
    nulls = np.array([tables.mean(found[k].null) for k in held])
    claim = f"Null coefficients have mean 0 {until}"
    exact = partial(theory.exact, replicates=config.replicates, source=SYMMETRY)
    return [*rows, exact(claim, 0.0, *nulls.T)]


def _half(ratios: Floats, shares: Floats) -> float:
    """Where the share falls through one half, between the last place above it and the next."""
    above = np.flatnonzero(shares >= 0.5)
    if not above.size or above[-1] + 1 == shares.size:
        return float("nan")
    k = above[-1]
    part = (shares[k] - 0.5) / (shares[k] - shares[k + 1])
    return float(ratios[k] + part * (ratios[k + 1] - ratios[k]))
