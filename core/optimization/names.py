"""Names of optimisers and surfaces; a module without JAX, for those who only choose."""

from typing import Literal

from core.optimization.quadratic import METHODS, Method, Spacing

Optimizer = Literal["gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion"]
OPTIMIZERS: tuple[Optimizer, ...] = (
    "gd", "heavy_ball", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "lion",
)  # fmt: skip
Problem = Literal["quadratic", "rosenbrock", "beale", "ravine", "logistic", "network"]

__all__ = ["METHODS", "OPTIMIZERS", "Method", "Optimizer", "Problem", "Spacing"]
