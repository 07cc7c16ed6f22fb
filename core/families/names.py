"""Names of families, for the choices of a `Config`: without the densities, which need JAX. A test
holds them against the registry."""

from typing import Literal

Measured = Literal[
    "normal",
    "lognormal",
    "exponential",
    "gamma",
    "weibull",
    "gumbel",
    "gev",
    "gpd",
    "logistic",
    "loglogistic",
    "laplace",
    "student-t",
    "cauchy",
    "beta",
    "pareto2",
    "inverse-gaussian",
    "birnbaum-saunders",
    "burr12",
    "rayleigh",
    "uniform",
    "half-normal",
    "inverse-gamma",
    "frechet",
    "weibull-max",
    "gumbel-min",
    "hyperbolic-secant",
    "kumaraswamy",
    "maxwell",
    "nakagami",
    "half-cauchy",
    "half-logistic",
    "levy",
    "gompertz",
    "burr3",
    "johnson-sb",
    "pareto1",
    "exponentiated-weibull",
    "generalised-gamma",
    "johnson-su",
    "skew-normal",
    "power-normal",
    "folded-normal",
    "rice",
    "truncated-normal",
    "f",
    "noncentral-chi-squared",
    "noncentral-t",
    "normal-inverse-gaussian",
    "von-mises",
    "truncated-exponential",
    "asymmetric-laplace",
    "generalised-normal",
    "triangular",
]
Counted = Literal[
    "poisson",
    "negative-binomial",
    "geometric",
    "zero-inflated-poisson",
    "zero-inflated-negative-binomial",
    "hurdle-poisson",
    "hurdle-negative-binomial",
    "binomial",
    "beta-binomial",
    "logarithmic",
    "zeta",
    "discrete-uniform",
    "skellam",
]
# Those that a simulated sample is drawn from: by a shape, a scale and a location at most.
Truth = Literal[
    "normal",
    "lognormal",
    "exponential",
    "gamma",
    "weibull",
    "gumbel",
    "logistic",
    "loglogistic",
    "student-t",
    "cauchy",
    "pareto2",
    "poisson",
    "negative-binomial",
]
# Those whose standard errors a run can put to the test.
Assumed = Literal[
    "best",
    "normal",
    "lognormal",
    "exponential",
    "gamma",
    "weibull",
    "gumbel",
    "logistic",
    "loglogistic",
    "student-t",
    "poisson",
    "negative-binomial",
    "geometric",
]

# Those that are tried where none are named, on measurements and on counts.
CONTINUOUS: tuple[Measured, ...] = (
    "normal",
    "lognormal",
    "exponential",
    "gamma",
    "weibull",
    "gumbel",
    "gev",
    "logistic",
    "loglogistic",
    "student-t",
    "inverse-gaussian",
    "birnbaum-saunders",
)
COUNTS: tuple[Counted, ...] = ("poisson", "negative-binomial", "geometric")

# Which of shape, scale and location gives which parameter.
GIVEN: dict[str, dict[str, str]] = {
    "normal": {"mean": "location", "sd": "scale"},
    "lognormal": {"meanlog": "scale", "sdlog": "shape"},
    "exponential": {"scale": "scale"},
    "gamma": {"shape": "shape", "scale": "scale"},
    "weibull": {"shape": "shape", "scale": "scale"},
    "gumbel": {"location": "location", "scale": "scale"},
    "logistic": {"location": "location", "scale": "scale"},
    "loglogistic": {"shape": "shape", "scale": "scale"},
    "student-t": {"df": "shape", "location": "location", "scale": "scale"},
    "cauchy": {"location": "location", "scale": "scale"},
    "pareto2": {"shape": "shape", "scale": "scale"},
    "poisson": {"lambda": "scale"},
    "negative-binomial": {"size": "shape", "mu": "scale"},
}


def choosing(source: str) -> tuple[str, ...]:
    """The families that have a parameter given by `source`: shape, scale or location."""
    return tuple(family for family, given in GIVEN.items() if source in given.values())
