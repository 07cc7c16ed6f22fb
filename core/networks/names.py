"""The names that choices go by, in one place and free of JAX, so that a `Config` costs no start-up
time."""

from typing import Literal

Activation = Literal["identity", "relu", "leaky-relu", "tanh", "sigmoid", "erf", "gelu", "silu"]
Initialization = Literal["lecun", "glorot", "he", "orthogonal"]
LikelihoodName = Literal["categorical", "gaussian", "laplace", "poisson"]
Optimizer = Literal["sgd", "momentum", "nesterov", "rmsprop", "adam", "adamw"]
