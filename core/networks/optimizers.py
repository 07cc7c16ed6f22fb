"""Optimisers by name, from optax. Every setting may be traced: changing it compiles nothing.

Weight decay acts on weights, never on biases, gains and shifts: as the gradient of
½ · weight_decay · ‖w‖², or apart from the gradient, w → w − learning_rate · weight_decay · w, in
AdamW, Lion and Muon (Loshchilov and Hutter, arXiv:1711.05101).

    sgd, momentum, nesterov    v ← β v + g, step η v, or η (g + β v)      Sutskever et al. (2013)
    adagrad, rmsprop           Duchi, Hazan and Singer (2011); Tieleman and Hinton (2012)
    adam, adamw                Kingma and Ba (arXiv:1412.6980)
    lion                       sign of an average of gradients           Chen et al. (arXiv:2302.06675)
    muon                       weights: momentum made nearly orthogonal by five Newton–Schulz steps,
                               times √max(1, outputs / inputs); the rest: Adam    Jordan (2024)
    lbfgs                      ten pairs, zoom line search, of the step's own batch: for full
                               batches. It finds its own step size.      Liu and Nocedal (1989)
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.typing import ArrayLike
from numpy.typing import DTypeLike

from core.networks.mlp import Params
from core.networks.names import Optimizer

DECOUPLED = ("adamw", "lion", "muon")


class Settings(NamedTuple):
    """What an optimiser is told: scalars, or arrays (replicate,). None is what a program does not use.

    `total`, `every`, `drop` and `warmup` are the schedule's (core.networks.schedules), in steps;
    `clip` is the largest norm of a gradient, all layers together; `dropout` the share of hidden
    units left out of a step.
    """

    learning_rate: ArrayLike
    weight_decay: ArrayLike
    momentum: ArrayLike
    total: ArrayLike | None = None
    every: ArrayLike | None = None
    drop: ArrayLike | None = None
    warmup: ArrayLike | None = None
    clip: ArrayLike | None = None
    dropout: ArrayLike | None = None

    @classmethod
    def shared(
        cls,
        replicates: int,
        learning_rate: float,
        weight_decay: float = 0.0,
        momentum: float = 0.9,
        dtype: DTypeLike = np.float32,
        **more: float,
    ) -> "Settings":
        """The same settings for every replicate, as arrays (replicate,)."""
        given = {
            "learning_rate": learning_rate,
            "weight_decay": weight_decay,
            "momentum": momentum,
            **more,
        }
        return cls(**{name: np.full(replicates, value, dtype) for name, value in given.items()})


def optimizer(
    name: Optimizer, settings: Settings, ratios: tuple[Array, ...] | None = None
) -> optax.GradientTransformationExtraArgs:
    """The optimiser called `name` for one network.

    `ratios` (one a layer) are for Muon and padded networks: its factor for the shape that counts over
    that for the padded shape. L-BFGS takes `value`, `grad` and `value_fn` in its update, penalty
    included.
    """
    made = _UPDATES[name](settings)
    if name == "muon":
        rate = jnp.asarray(settings.learning_rate)
        decay = optax.add_decayed_weights(-rate * settings.weight_decay, _weights)
        made = optax.chain(made, _times(ratios), decay)
    elif name not in (*DECOUPLED, "lbfgs"):
        made = optax.chain(optax.add_decayed_weights(settings.weight_decay, _weights), made)
    return optax.with_extra_args_support(made)


def penalty(settings: Settings, params: Params) -> Array:
    """½ · weight_decay · ‖w‖² of one network."""
    return jnp.asarray(settings.weight_decay) / 2 * sum(jnp.sum(layer.weight**2) for layer in params)


_UPDATES: Mapping[str, Callable[[Settings], Any]] = {
    "sgd": lambda s: optax.sgd(s.learning_rate),
    "momentum": lambda s: optax.sgd(s.learning_rate, s.momentum),
    "nesterov": lambda s: optax.sgd(s.learning_rate, s.momentum, nesterov=True),
    "adagrad": lambda s: optax.adagrad(s.learning_rate),
    "rmsprop": lambda s: optax.rmsprop(s.learning_rate),
    "adam": lambda s: optax.adam(s.learning_rate),
    "adamw": lambda s: optax.adamw(s.learning_rate, weight_decay=s.weight_decay, mask=_weights),
    "lion": lambda s: optax.lion(s.learning_rate, weight_decay=s.weight_decay, mask=_weights),
    "muon": lambda s: optax.contrib.muon(s.learning_rate),
    "lbfgs": lambda s: optax.lbfgs(),
}


def _weights(params: Params) -> tuple[Any, ...]:
    """True for weights, False for biases, gains and shifts."""
    return tuple(
        type(layer)(*(None if p is None else i == 0 for i, p in enumerate(layer)))  # type: ignore[arg-type]
        for layer in params
    )


def _times(ratios: tuple[Array, ...] | None) -> optax.GradientTransformation:
    def update(updates: Params, state: Any, params: Any = None) -> tuple[Params, Any]:
        if not ratios:
            return updates, state
        pairs = zip(updates, ratios, strict=True)
        return tuple(layer._replace(weight=r * layer.weight) for layer, r in pairs), state

    return optax.GradientTransformation(lambda params: optax.EmptyState(), update)


def shape_ratios(params: Params, units: tuple[Array, ...]) -> tuple[Array, ...] | None:
    """Muon's factor √max(1, outputs / inputs) of each layer's units that count, over that of its
    padded shape; `units` as in `core.networks.fixed.Fixed`, None where there are none."""
    if not units:
        return None
    shapes = [layer.weight.shape for layer in params]
    inside = [jnp.sum(there) for there in units]
    ends: list[Any] = [shapes[0][0], *inside, shapes[-1][1]]

    def of(inputs: ArrayLike, outputs: ArrayLike) -> Array:
        return jnp.sqrt(jnp.maximum(1.0, jnp.asarray(outputs) / jnp.asarray(inputs)))

    made = [of(i, o) / of(*shape) for i, o, shape in zip(ends[:-1], ends[1:], shapes, strict=True)]
    return tuple(r.astype(jax.tree.leaves(params)[0].dtype) for r in made)
