"""The tables of a choice between families; `core.families.choice` makes them."""

from core.experiment import Table

COMPARISON = Table(
    "The best families two by two, by Vuong's test with AIC's correction for their parameters.",
    {
        "first": "family",
        "second": "family that it is compared with",
        "relation": "apart; overlapping: with a special case in common; nested: one is a special case",
        "difference": "log-likelihood of the first above the second, less the difference of their "
        "numbers of parameters, nats; uncorrected where nested",
        "standard_error": "of the difference, nats; empty where nested",
        "z": "difference / standard error: normal where both are as close to the truth and not the same "
        "law; empty where nested",
        "p_value": "two-sided; where nested, by the weighted chi-squared law of the difference",
        "same": "p-value of both being the same law; empty but for overlapping families",
        "preferred": "the family that is closer to the truth at level 0.05; empty where none is",
    },
)
AVERAGED = Table(
    "Quantiles by family, and averaged by Akaike weights; empty for counts.",
    {
        "family": "family, or averaged",
        "weight": "Akaike weight among these families; 1 for the averaged",
        "probability": "probability of a value up to the quantile",
        "quantile": "quantile, in the unit of the values",
        "standard_error": "from the observed information; of the averaged unconditional on the family",
        "lower": "lower end of the 95 % interval; empty but for the averaged",
        "upper": "upper end; empty but for the averaged",
        "deviation": "quantile less the averaged one",
        "lower_deviation": "lower end less the averaged quantile",
        "upper_deviation": "upper end less the averaged quantile",
    },
)
VERIFIED = Table(
    "What was verified of each fit; every value lies in the family's support, or there is no fit.",
    {
        "family": "family",
        "score": "distance of the estimates from a zero of the score, in standard errors",
        "mass": "integral of the fitted density, or sum of the probabilities",
        "starts": "starts of the search",
        "agreeing": "starts that reached the maximum, within 1e-6 in mean log-likelihood",
    },
)
