"""Optimisers by name, from optax. Every setting may be traced: changing it compiles nothing.

Weight decay acts on weights, never on biases: as the gradient of ½ · weight_decay · ‖w‖² in all but
AdamW, which subtracts learning_rate · weight_decay · w (Loshchilov and Hutter, arXiv:1711.05101).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import optax
from jax.typing import ArrayLike
from numpy.typing import DTypeLike

from core.networks.mlp import Layer, Params
from core.networks.names import Optimizer


class Settings(NamedTuple):
    """What an optimiser is told: scalars, or arrays (replicate,)."""

    learning_rate: ArrayLike
    weight_decay: ArrayLike
    momentum: ArrayLike

    @classmethod
    def shared(
        cls,
        replicates: int,
        learning_rate: float,
        weight_decay: float = 0.0,
        momentum: float = 0.9,
        dtype: DTypeLike = np.float32,
    ) -> "Settings":
        """The same settings for every replicate, as arrays (replicate,)."""
        values = (learning_rate, weight_decay, momentum)
        return cls(*(np.full(replicates, value, dtype) for value in values))


def optimizer(name: Optimizer, settings: Settings) -> optax.GradientTransformation:
    """The optimiser called `name` for one network."""
    update = _UPDATES[name](settings)
    if name == "adamw":
        return update
    return optax.chain(optax.add_decayed_weights(settings.weight_decay, _weights_only), update)


_UPDATES: Mapping[str, Callable[[Settings], Any]] = {
    "sgd": lambda s: optax.sgd(s.learning_rate),
    "momentum": lambda s: optax.sgd(s.learning_rate, s.momentum),
    "nesterov": lambda s: optax.sgd(s.learning_rate, s.momentum, nesterov=True),
    "rmsprop": lambda s: optax.rmsprop(s.learning_rate),
    "adam": lambda s: optax.adam(s.learning_rate),
    "adamw": lambda s: optax.adamw(s.learning_rate, weight_decay=s.weight_decay, mask=_weights_only),
}


def _weights_only(params: Params) -> tuple[Any, ...]:
    return tuple(Layer(True, False) for _ in params)  # type: ignore[arg-type]
