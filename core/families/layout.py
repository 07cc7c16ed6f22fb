"""The tables that fits give, as they are declared; `core.families.tables` makes them."""

from core.experiment import Table

# Of ordered values, and of refits, at most so many are given.
PLACES = 200

FITS = Table(
    "A family a row, best first.",
    {
        "family": "the field's name of the family",
        "rank": "1 is the best AICc; empty without one",
        "aicc": "corrected Akaike information criterion, nats × 2",
        "bic": "Bayesian information criterion, nats × 2",
        "delta": "AICc above the best",
        "weight": "Akaike weight; all sum to 1",
        "log_likelihood": "log-likelihood at the estimates, nats",
        "ks": "Kolmogorov–Smirnov distance; empty for counts",
        "cvm": "Cramér–von Mises statistic; empty for counts",
        "ad": "Anderson–Darling statistic; empty for counts",
        "p_value": "of the Anderson–Darling statistic, of Pearson's for counts, by draws from the fit "
        "that are fitted again; given for the best families",
        "log_score": "mean log density of values left out, in 10 folds, nats a value; for the best four",
        "log_score_error": "standard error of its difference from the best family's, nats a value",
        "samples": "number of values n",
        "free_parameters": "number of estimated parameters",
        "tied": "whether delta is at most 2",
        "python": "Python that makes the fitted distribution, with scipy's methods; empty without a fit",
        "note": "what to know of the fit, or why there is none",
    },
)
PARAMETERS = Table(
    "Maximum likelihood estimates.",
    {
        "family": "family",
        "parameter": "the field's name of the parameter",
        "estimate": "estimate; scales and locations in the unit of the values",
        "standard_error": "from the observed information; empty where theory gives none",
    },
)
HISTOGRAM = Table(
    "The values in bins (Freedman–Diaconis; whole numbers for counts).",
    {
        "left": "left end of the bin, in the unit of the values",
        "right": "right end",
        "count": "values in the bin",
        "density": "count / (all values × width)",
    },
)
DENSITY = Table(
    "Fitted densities over the range of the histogram; probabilities for counts.",
    {
        "family": "family",
        "x": "value",
        "density": "density, per unit of the values",
        "cumulative": "probability of a value up to x",
    },
)
TRUTH = Table(
    "The density that simulated values are drawn from; empty for real ones.",
    {name: DENSITY.columns[name] for name in ("x", "density", "cumulative")},
)
QUANTILES = Table(
    f"Ordered values against fitted ones, at {PLACES} places at most; each count once.",
    {
        "family": "family",
        "probability": "(i − ½) / n of the i-th value; for counts the mean over the values equal to it",
        "observed": "i-th smallest value",
        "fitted": "fitted quantile at that probability",
        "fitted_probability": "fitted probability of a value up to the observed one; for counts less "
        "half of the probability of that one",
    },
)
SAMPLING = Table(
    f"Refits of the assumed family to resampled values, at {PLACES} places a parameter at most.",
    {
        "family": "family",
        "parameter": "parameter",
        "estimate": "estimate in a refit, ordered",
        "deviation": "its distance from the estimate on the values themselves, in standard errors "
        "(on the logarithm of parameters above 0)",
        "expected": "what a normal distribution of standard deviation 1 predicts at its rank",
    },
)
