"""Names of families as types, for the choices of a `Config`. A test holds them against the registry."""

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
]
Counted = Literal["poisson", "negative-binomial", "geometric"]
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
