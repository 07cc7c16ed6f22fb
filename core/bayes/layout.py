"""What the tables of Bayesian experiments hold: no computation, so that pages wait for none."""

from core.experiment import Table

POSTERIOR = Table(
    "The distribution of the parameter of interest after some of the observations, prior included.",
    {
        "observations": "number of observations seen, 0 for the prior",
        "value": "value of the parameter, in the unit of the parameter",
        "density": "posterior density there, 1 / unit of the parameter",
        "limit": "density of the normal law that these observations alone give, 1 / unit of the "
        "parameter; empty for the prior and where the estimate is on the boundary",
    },
)
UPDATES = Table(
    "The posterior as observations arrive.",
    {
        "observations": "number of observations seen",
        "mean": "posterior mean, in the unit of the parameter",
        "low": "5 % point of the posterior, in the unit of the parameter",
        "high": "95 % point of the posterior, in the unit of the parameter",
        "estimate": "estimate from the observations alone, in the unit of the parameter",
        "limit_low": "5 % point of the normal law that the observations alone give",
        "limit_high": "95 % point of the normal law that the observations alone give",
        "log_evidence": "log-probability of the observations in their order, nats",
        "truth": "true value of the parameter, where the observations are simulated",
    },
)
RANKS = Table(
    "Ranks of truths among draws of their posteriors, in equal bins.",
    {
        "low": "least rank of the bin, as a share of the number of ranks",
        "high": "end of the bin, as a share of the number of ranks",
        "share": "share of truths in the bin",
        "predicted": "share under a calibrated posterior",
        "standard_error": "standard error of the share under a calibrated posterior",
    },
)
COVERAGE = Table(
    "How often central intervals hold the truth, or the next observation.",
    {
        "level": "probability that the posterior gives the interval, which is the prediction",
        "share": "share of truths (of next observations in linear regression) inside",
        "standard_error": "standard error of the share were it the level",
    },
)
APPROACH = Table(
    "Distance between the posterior and the normal law of the data alone, for data like those seen.",
    {
        "observations": "number of observations, of the same mean as those seen",
        "total_variation": "total variation, from 0 to 1",
        "predicted": "leading term of its expansion, proportional to 1 / √observations; empty where "
        "it is not small",
    },
)
GROUPS = Table(
    "People whose first tests are all positive.",
    {
        "positives": "number of tests, all positive",
        "people": "number of simulated people with that many positive tests in a row",
        "affected": "number of them who have the condition",
        "share": "share of them who have it",
        "standard_error": "standard error of the share, were the predicted one true",
        "predicted": "probability by Bayes' theorem, tests taken as independent",
        "odds": "what the tests alone say: the probability for a prevalence of one half",
    },
)
ORDERS = Table(
    "Polynomial regression, an order a row: means over replicates, each fitted at its own order.",
    {
        "order": "order of the polynomial",
        "parameters": "number of weights",
        "gamma": "effective number of weights γ, predicted",
        "weight": "mean of α times the squared length of the posterior mean",
        "weight_error": "standard error of the mean",
        "residual": "mean of the squared residual over the noise variance",
        "residual_error": "standard error of the mean",
        "residual_predicted": "number of samples less γ",
        "by_evidence": "share of replicates of this true order in which the evidence chose it",
        "by_evidence_error": "standard error of the share",
        "by_bic": "share of replicates of this true order in which BIC chose it",
        "probability": "mean posterior probability of this order where it is the true one",
    },
)
NOTES = Table("What was assumed, left out or not tested.", {"note": "a sentence"})
TABLES = {
    "posterior": POSTERIOR,
    "updates": UPDATES,
    "ranks": RANKS,
    "coverage": COVERAGE,
    "approach": APPROACH,
    "groups": GROUPS,
    "orders": ORDERS,
}
