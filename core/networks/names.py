"""The names that choices go by, in one place and free of JAX, so that a `Config` costs no start-up
time. What each means is documented where it is defined: `activations`, `initialization`,
`likelihoods`, `optimizers`, `schedules`, `normalization`."""

from typing import Literal

Activation = Literal[
    "identity", "quadratic", "relu", "leaky-relu", "tanh", "sigmoid", "erf", "gelu", "silu"
]
Initialization = Literal["lecun", "glorot", "he", "orthogonal", "sigma"]
Parametrization = Literal["standard", "ntk"]
Normalization = Literal["none", "batch", "layer"]
LikelihoodName = Literal[
    "categorical",
    "bernoulli",
    "gaussian",
    "gaussian-variance",
    "laplace",
    "student-t",
    "poisson",
    "negative-binomial",
]
Optimizer = Literal[
    "sgd",
    "momentum",
    "nesterov",
    "adagrad",
    "rmsprop",
    "adam",
    "adamw",
    "lion",
    "muon",
    "lbfgs",
]
Schedule = Literal["constant", "cosine", "step", "inverse-time"]
# What a network's outputs say of the law of a target: core.networks.heads.
Head = Literal[
    "squared-error",
    "gaussian",
    "laplace",
    "student-t",
    "mixture",
    "poisson",
    "negative-binomial",
]
