"""What the tables of a sampled posterior hold: no computation, so that pages wait for none."""

from core.experiment import Table

UNIT = "in the unit of the parameter"
POSTERIOR = Table(
    "Each parameter's posterior: from the draws, without sampling, and beside maximum likelihood.",
    {
        "parameter": "parameter",
        "mean": f"mean of the draws, {UNIT}",
        "sd": f"standard deviation of the draws, {UNIT}",
        "low": f"5 % point of the draws, {UNIT}",
        "median": f"median of the draws, {UNIT}",
        "high": f"95 % point of the draws, {UNIT}",
        "mcse_mean": f"Monte Carlo standard error of the mean, {UNIT}",
        "mcse_sd": f"Monte Carlo standard error of the standard deviation, {UNIT}",
        "r_hat": "rank-normalised split R̂; above 1.01 the chains disagree",
        "ess_bulk": "effective number of draws for the middle of the posterior",
        "ess_tail": "effective number of draws for its 5 % and 95 % points",
        "exact_mean": f"mean by quadrature, {UNIT}; empty where there is none",
        "exact_sd": f"standard deviation by quadrature, {UNIT}; empty where there is none",
        "estimate": f"maximum-likelihood estimate, {UNIT}",
        "standard_error": f"its standard error, {UNIT}",
        "truth": f"true value, {UNIT}, where the values were drawn from the family",
    },
)
CHAINS = Table(
    "The chains after the warm-up.",
    {
        "chain": "number of the chain",
        "step": "step size, in posterior standard deviations as the warm-up saw them; the leapfrog "
        "integrator of a normal posterior is stable below 2",
        "acceptance": "mean acceptance rate",
        "leapfrogs": "mean number of steps in a trajectory",
        "divergences": "trajectories whose energy error exceeded 1000",
        "bfmi": "variance of energy changes over that of energy; below 0.3 the tails are badly explored",
    },
)
DRAWS = Table(
    "Draws after the warm-up, a parameter a row.",
    {
        "chain": "number of the chain",
        "draw": "number of the draw in its chain",
        "parameter": "parameter",
        "value": UNIT,
        "divergent": "whether its trajectory diverged",
    },
)
BINS = Table(
    "Histogram of each parameter's draws.",
    {
        "parameter": "parameter",
        "left": f"left end of the bin, {UNIT}",
        "right": f"right end of the bin, {UNIT}",
        "density": "share of the draws in the bin over its width, 1 / unit of the parameter",
    },
)
MARGINALS = Table(
    "Densities of each parameter, 1 / unit of the parameter.",
    {
        "parameter": "parameter",
        "value": f"value of the parameter, {UNIT}",
        "exact": "posterior density by quadrature; empty where there is none",
        "limit": "density of the normal law of maximum likelihood, normal in the logarithm of a "
        "parameter above 0; empty where there is no standard error",
        "prior": "prior density; empty where it has no density of its own",
    },
)
HISTOGRAM = Table(
    "The values in bins, beside samples of the same size from the posterior predictive law.",
    {
        "left": "left end of the bin, in the unit of the values",
        "right": "right end of the bin, in the unit of the values",
        "count": "number of values in the bin",
        "density": "share of the values in the bin over its width, 1 / unit of the values",
        "low": "5 % point of that density in predicted samples, 1 / unit of the values",
        "high": "95 % point of that density in predicted samples, 1 / unit of the values",
    },
)
PREDICTIVE = Table(
    "Density of the next value (probability, of a count), averaged over the posterior.",
    {
        "x": "value, in its own unit",
        "density": "posterior mean of the density, 1 / unit of the values",
        "low": "5 % point of the density over the posterior, 1 / unit of the values",
        "high": "95 % point of the density over the posterior, 1 / unit of the values",
    },
)
LEFT_OUT = Table(
    "Values left out one at a time (a random 1,000 of them at most).",
    {
        "value": "value, in its own unit",
        "times": "number of values that it stands for",
        "elpd": "log-density given all others, by Pareto-smoothed importance sampling, nats",
        "exact": "the same without sampling, nats; empty where it is not known",
        "pareto_k": "tail index k̂ of the importance weights; above 0.7 elpd is not reliable",
    },
)
SCORES = Table(
    "Expected log-density of new values, by three routes.",
    {
        "method": "PSIS-LOO, WAIC, or exact leave-one-out without sampling",
        "elpd": "sum over the values of the log-density of each, nats",
        "standard_error": "standard error of the sum over samples of values, nats",
        "monte_carlo": "standard error of the sum from the finite number of draws, nats",
        "parameters": "effective number of parameters",
    },
)
TABLES = {
    "posterior": POSTERIOR,
    "chains": CHAINS,
    "bins": BINS,
    "marginals": MARGINALS,
    "histogram": HISTOGRAM,
    "predictive": PREDICTIVE,
    "left_out": LEFT_OUT,
    "scores": SCORES,
    "draws": DRAWS,
}
