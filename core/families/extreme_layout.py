"""The tables of the experiment `extremes`, as they are declared."""

from core.experiment import Table

UNIT = "in the unit of the values"
RETURNS = Table(
    "Levels that a block's maximum exceeds once in so many blocks, on average.",
    {
        "method": "maxima (generalised extreme value) or exceedances (generalised Pareto)",
        "period": "return period, blocks",
        "level": f"estimated return level, {UNIT}",
        "low": "lower end of the 95 % profile-likelihood interval",
        "high": "upper end; infinite where the likelihood never falls enough",
        "wald_low": "level less 1.96 standard errors",
        "wald_high": "level plus 1.96 standard errors",
        "true": "level of the law that values are drawn from; empty for real ones",
    },
)
MAXIMA = Table(
    "Block maxima in order.",
    {
        "rank": "1 is the smallest",
        "value": f"maximum of a block, {UNIT}",
        "period": "(m + 1) / (m + 1 − rank) blocks, the empirical return period of m maxima",
    },
)
PROFILE = Table(
    "How far the log-likelihood falls where the return level is held, at the period asked for.",
    {
        "method": "maxima or exceedances",
        "level": f"return level held, {UNIT}",
        "fall": "2 (largest log-likelihood − that with the level held), nats",
        "quadratic": "((level − estimate) / standard error)², which the Wald interval takes it for",
    },
)
STABILITY = Table(
    "Fits of the excesses over each of several thresholds.",
    {
        "threshold": f"threshold u, {UNIT}",
        "exceedances": "number of values above it",
        "xi": "estimated tail index",
        "xi_error": "its standard error",
        "scale": "estimated σ − ξ u, which does not depend on u where the law is exact",
    },
)
ESTIMATES = Table(
    "What was fitted to the sample, by method.",
    {
        "method": "maxima or exceedances",
        "values": "number of maxima, or of exceedances",
        "threshold": f"threshold, {UNIT}; empty for maxima",
        "xi": "tail index",
        "xi_error": "its standard error, from the observed information",
        "sigma": f"scale, {UNIT}",
        "level": f"return level at the period asked for, {UNIT}",
        "level_error": "its standard error",
    },
)
SAMPLING = Table(
    "Both methods on fresh series of the same law; empty for real values.",
    {
        "replicate": "number of the series",
        "method": "maxima or exceedances",
        "xi": "estimated tail index",
        "level": f"estimated return level at the period asked for, {UNIT}",
        "profile_covers": "1 where the profile-likelihood interval holds the true level, else 0",
        "wald_covers": "1 where the Wald interval does, else 0",
        "dispersion": "variance over mean of the number of exceedances in a block; of maxima empty",
    },
)
