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
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.linear import choices, designs
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
NULLS, NEW, BINS = 8, 400, 12
CRITICAL = 3.841458820694124  # 95 % of a χ² of one degree of freedom lie below


class Config(Base):
    samples: int = field(300, "Number of training samples n.", section="data", ge=50, le=1000)
    strength: float = field(
        5**0.5,
        "Standard deviation γ of the true linear predictor.",
        section="data",
        unit="log odds",
        ge=0.2,
        le=8.0,
    )
    ratio: float = field(
        0.2, "The p / n at which single coefficients and probabilities are shown.", ge=0.02, le=0.6
    )
    null_share: float = field(0.5, "Share of the true coefficients that are zero.", ge=0.1, le=0.9)
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
        section="assumption",
        ge=0.0,
        le=0.4,
    )


_P = {"features": "number of features p", "ratio": "p / n"}
_SPREAD = "√n times the standard deviation of β̂ around slope · β"
TABLES = {
    "risk": Table(
        "Risk of one fit, where a maximum exists.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "train or test (new samples)",
            **_P,
            "risk": "mean loss, nats",
        },
    ),
    "theory": Table(
        "The limit of the risk.",
        {"split": "train or test", "ratio": "p / n", "formula": "limit", "risk": "mean loss, nats"},
    ),
    "fits": Table(
        "One fit at one number of features; slope and spread are empty where no maximum exists.",
        {
            "replicate": "number of the replicate, from 0",
            **_P,
            "exists": "1 where a maximum exists, 0 where the classes can be separated",
            "slope": "of β̂ on β",
            "spread": _SPREAD,
        },
    ),
    "summary": Table(
        "Over the replicates in which a maximum exists; standard errors are of the mean.",
        {
            **_P,
            "exists": "share of replicates in which a maximum exists",
            "slope": "mean slope of β̂ on β",
            "slope_error": "its standard error",
            "spread": f"mean of {_SPREAD}",
            "spread_error": "its standard error",
            "statistic": "mean of twice the log-likelihood ratio of a null coefficient",
            "statistic_error": "its standard error",
            "rejected": "share of null coefficients that the test at 5 % rejects",
            "rejected_error": "its standard error",
        },
    ),
    "limit": Table(
        "What theory predicts, and the textbook beside it.",
        {
            "ratio": "p / n",
            "slope": "α, 1 in the textbook",
            "spread": f"σ: {_SPREAD}",
            "textbook_spread": "the same by Fisher's information",
            "statistic": "κ σ² / λ: mean of twice the log-likelihood ratio",
            "rejected": "share of null coefficients that the test at 5 % rejects",
        },
    ),
    "boundary": Table("Where maxima cease to exist.", {"ratio": "κ*, p / n"}),
    "coefficients": Table(
        "The first fit with a maximum at the p / n that is shown.",
        {"feature": "number, from 1", "true": "β", "fitted": "β̂", "limit": "α β"},
    ),
    "calibration": Table(
        "Probabilities of new samples at the p / n that is shown, in bins of the fitted one.",
        {
            "said": "mean fitted probability",
            "true": "mean true probability",
            "standard_error": "of the true one, over replicates",
            "limit": "true probability by theory",
            "samples": "number of new samples in the bin",
        },
    ),
    "checks": CHECKS,
}

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
    tables, parts, done, told = _theory(config, edge, limits), [], 0, 0
    counts = {"new": NEW, "nulls": NULLS, "tested": 0.75 * edge * config.samples}

    def tick() -> None:
        at = f"fitting replicate {done + 1} of {config.replicates}"
        report(0.02 + 0.97 * done / config.replicates, at)

    drawn = measured.streams(config.seed, config.replicates, config.samples, int(grid.max()))
    for rngs in drawn:
        parts.append(measured.measure(_model(config), grid, rngs, **counts, tick=tick))
        done += len(rngs)
        if done < min(config.replicates, 1.5 * told):
            continue
        told, found = done, [measured.joined(at) for at in zip(*parts, strict=True)]
        tables = {**tables, **_tables(config, grid, limits, found)}
        made = {name: tables[name] for name in TABLES if name in tables}
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


def _theory(config: Config, edge: float, limits: "dict[float, Limit]") -> Frames:
    from core.linear import logistic_limit

    at = [limit for limit in limits.values() if np.isfinite(limit.slope)]
    textbook = logistic_limit.spread_of_textbook(config.strength)
    rows = [
        {
            "ratio": limit.ratio,
            "slope": limit.slope,
            "spread": limit.spread,
            "textbook_spread": textbook,
            "statistic": limit.inflation,
            "rejected": logistic_limit.rejected(limit),
        }
        for limit in at
    ]
    risks = {"train": logistic_limit.training_risk, "test": logistic_limit.test_risk}
    risk = [
        {"split": split, "ratio": limit.ratio, "formula": "limit", "risk": of(limit)}
        for split, of in risks.items()
        for limit in at
    ]
    made = {"theory": risk, "limit": rows, "boundary": [{"ratio": edge}]}
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def _tables(config: Config, grid: "Ints", limits: "dict[float, Limit]", found: "list[Fits]") -> Frames:
    risk, fits, summary = [], [], []
    for p, one in zip(grid, found, strict=True):
        at = {"features": p, "ratio": p / config.samples}
        here = pd.DataFrame({"replicate": np.arange(len(one.exists)), **at})
        exists = one.exists == 1
        risk += [
            here[exists].assign(split=split, risk=getattr(one, split)[exists])
            for split in ("train", "test")
        ]
        fits.append(here.assign(exists=one.exists, slope=one.slope, spread=one.spread))
        summary.append({**at, "exists": one.exists.mean(), **_summary(one)})
    place = _shown(config, grid)
    shown = limits[float(grid[place] / config.samples)]
    made = {
        "risk": pd.concat(risk),
        "fits": pd.concat(fits),
        "summary": summary,
        "coefficients": _coefficients(config, grid, shown, found[place]),
        "calibration": _calibration(shown, found[place]),
    }
    return {name: TABLES[name].frame(frame).reset_index(drop=True) for name, frame in made.items()}


def _summary(one: "Fits") -> dict[str, float]:
    lost = one.lost.mean(axis=1)
    rejected = np.where(np.isnan(lost), np.nan, (one.lost > CRITICAL).mean(axis=1))
    named = {"slope": one.slope, "spread": one.spread, "statistic": lost, "rejected": rejected}
    made: dict[str, float] = {}
    for name, values in named.items():
        made[name], made[f"{name}_error"] = _mean(values)
    return made


def _mean(values: Floats) -> tuple[float, float]:
    """Mean and standard error over the replicates in which a maximum exists."""
    there = values[~np.isnan(values)]
    if there.size < 2:
        return (float(there[0]) if there.size else np.nan), np.nan
    return float(there.mean()), float(there.std(ddof=1) / np.sqrt(there.size))


def _coefficients(config: Config, grid: "Ints", shown: "Limit", one: "Fits") -> pd.DataFrame:
    there = np.flatnonzero(one.exists)
    if not there.size:
        return pd.DataFrame()
    fitted = one.coefficients[there[0]]
    beta = _model(config).coefficients(fitted.size, int(grid.max()))
    columns = {"true": beta, "fitted": fitted, "limit": shown.slope * beta}
    return pd.DataFrame({"feature": np.arange(1, beta.size + 1), **columns})


def _calibration(shown: "Limit", one: "Fits") -> pd.DataFrame:
    """In bins of the fitted probability with equally many samples each."""
    from core.linear import logistic_limit

    there = one.exists == 1
    if not there.any():
        return pd.DataFrame()
    said, true = one.said[there], one.true[there]
    edges = np.unique(np.quantile(said, np.linspace(0, 1, BINS + 1)))
    place = np.clip(np.searchsorted(edges, said, side="right") - 1, 0, max(0, edges.size - 2))
    rows = []
    for b in range(max(1, edges.size - 1)):
        inside = place == b
        counts = inside.sum(axis=1)
        each = np.where(counts > 0, (true * inside).sum(axis=1) / np.maximum(1, counts), np.nan)
        rows.append(
            {
                "said": said[inside].mean(),
                "true": true[inside].mean(),
                "standard_error": _mean(each)[1],
                "limit": logistic_limit.calibrated_on(shown, said[inside]),
                "samples": int(counts.sum()),
            }
        )
    return pd.DataFrame(rows)


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
    summary = [_summary(found[k]) for k in held]
    close = partial(theory.asymptotic, tolerance=0.08, source=SUR)
    until = "for p / n up to 0.7 κ*"
    rows = [
        close(
            f"{claim} {until}", [getattr(one, key) for one in at], [row[name] for row in summary], **more
        )
        for claim, key, name, more in (
            ("The mean slope of β̂ on β is α", "slope", "slope", {}),
            ("√n times the standard deviation of β̂ around it is σ", "spread", "spread", {}),
            (
                "Twice the log-likelihood ratio of a null coefficient is κσ²/λ on average",
                "inflation",
                "statistic",
                {"tolerance": 0.15, "source": LRT},
            ),
        )
    ]
    shares = np.array([one.exists.mean() for one in found])
    claim = "p / n at which half of the samples have a maximum is κ*"
    half = _half(ratios, shares)
    rows.append(theory.asymptotic(claim, edge, half, tolerance=0.1, source=BOUNDARY))
    nulls = np.array([_mean(found[k].null) for k in held])
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
