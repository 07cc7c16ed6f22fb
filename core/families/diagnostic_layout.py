"""The tables of diagnostic pictures of fits, as they are declared: moments, residuals, return levels."""

from core.experiment import Table

MOMENTS = Table(
    "Squared skewness and kurtosis: of the sample, of resamples, of samples drawn from a fit, of fits.",
    {
        "kind": "sample; resample (values drawn from the sample); drawn (samples of the same size from "
        "the assumed fit); fitted (the law itself)",
        "family": "the family drawn from, or fitted; empty for sample and resample",
        "squared_skewness": "m₃² / m₂³, mᵣ the mean r-th power of the distance from the mean; not "
        "corrected for bias",
        "kurtosis": "m₄ / m₂², 3 for the normal; not corrected for bias",
    },
)
MOMENT_THEORY = Table(
    "Where families lie by squared skewness and kurtosis, for samples skewed as this one is.",
    {
        "family": "family, or impossible",
        "kind": "point, line or region",
        "squared_skewness": "of the law",
        "kurtosis": "of the law; the lower end of a region",
        "upper": "upper end of a region, else empty",
    },
)
RESIDUALS = Table(
    "How far the data lie from each fit, with what chance allows of the fitted law.",
    {
        "family": "family",
        "value": "an ordered value; for counts the middle of a bin of the histogram",
        "expected": "median of its normal score Φ⁻¹(F) under the law; for counts the square root of "
        "the expected number of values in the bin",
        "residual": "its normal score less the median (infinite outside the support); for counts the "
        "square root of the number of values less that of the expected one",
        "low": "2.5 % quantile of the residual under the law, for this place alone",
        "high": "97.5 % quantile",
    },
)
RETURN_LEVELS = Table(
    "Levels that are exceeded once in so many values, by each fit and in the data.",
    {
        "source": "fitted or observed",
        "family": "family; empty for observed",
        "period": "return period 1 / P(X > level), in values; observed (n + 1) / (n + 1 − rank)",
        "level": "level, in the unit of the values",
        "low": "lower end of a 95 % interval by the delta method (of log level for values above 0); "
        "empty where there are no standard errors",
        "high": "upper end",
    },
)
