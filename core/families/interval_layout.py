"""The tables of how well a fit is known, as they are declared; `core.families.intervals` makes them."""

from core.experiment import Table

INTERVALS = Table(
    "Intervals of the assumed family's parameters, mean, quantiles and probabilities, by each way.",
    {
        "family": "family",
        "quantity": "parameter, mean, quantile or probability of a value above a threshold",
        "kind": "Wald, profile, percentile or BCa; or another method, by percentiles of its refits",
        "estimate": "at the largest likelihood, or by the method; in the unit of the values",
        "low": "lower end; empty where there is none to be had",
        "high": "upper end; infinite where the likelihood never falls far enough",
        "confidence": "share of such intervals that hold the truth, for a right family and large n",
        "scale": "where Wald's interval is symmetric",
        "standard_error": "on that scale, by the delta method",
        "low_distance": "lower end from the estimate, in these standard errors",
        "high_distance": "upper end from the estimate",
        "place": "order in which the quantities stand",
    },
)
PROFILE = Table(
    "Twice the fall of the log-likelihood along each parameter, the others at their best.",
    {
        "family": "family",
        "parameter": "parameter",
        "value": "value at which it is held, in the unit of the values where it has one",
        "distance": "from the estimate, in standard errors, on the parameter's scale",
        "ratio": "2 (log L at the maximum − log L there), nats × 2",
        "normal": "what the normal limit gives there: the squared distance in standard errors",
        "critical": "quantile of chi-squared with 1 degree of freedom at the confidence",
    },
)
CONTOUR = Table(
    "Edges of likelihood regions of two parameters, the others at their best, point after point.",
    {
        "family": "family",
        "first": "parameter on the first axis",
        "second": "parameter on the second axis",
        "kind": "likelihood, or normal for the ellipse of the normal limit",
        "confidence": "of the region, by chi-squared with 2 degrees of freedom",
        "order": "place along the edge; a gap where the region is open",
        "x": "first parameter, in the unit of the values where it has one",
        "y": "second parameter",
    },
)
ESTIMATES = Table(
    "The assumed family by the method asked for; empty where that is maximum likelihood.",
    {
        "family": "family",
        "method": "method of estimation",
        "parameter": "parameter",
        "estimate": "estimate by the method, in the unit of the values where it has one",
        "standard_error": "spread of refits by the same method to resampled values (the bootstrap)",
        "refits": "how many refits that is",
        "likeliest": "maximum likelihood estimate",
    },
)
