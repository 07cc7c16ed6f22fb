"""How the learning rate changes with the step t = 0, 1, …: a factor on the optimiser's own rate.

    constant       1
    cosine         ½ (1 + cos(π t / T)), with T the steps of the whole training; 0 from there on
    step           c^⌊t / k⌋: multiplied by c every k steps
    inverse-time   1 / (1 + t / k): half after k steps, then like k / t

and with linear warm-up min(1, (t + 1) / W) times that. All of T, k, c and W may be traced.

Sources: cosine, Loshchilov and Hutter (arXiv:1608.03983), without restarts; 1/t, Robbins and Monro
(1951); warm-up, Goyal et al. (arXiv:1706.02677).
"""

from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
from jax import Array
from jaxtyping import Float, Int

from core.networks.names import Schedule


def factor(
    schedule: Schedule,
    step: Int[Array, ""],
    *,
    total: Any = None,
    every: Any = None,
    drop: Any = None,
    warmup: Any = None,
) -> Float[Array, ""]:
    """The factor at 0-based `step`: T is `total`, k is `every`, c is `drop`, W is `warmup`, None for
    no warm-up; what a schedule does not name it does not use."""
    t = step.astype(jnp.float64)
    if schedule == "cosine":
        made = (1 + jnp.cos(jnp.pi * jnp.minimum(t / total, 1))) / 2
    elif schedule == "step":
        made = jnp.asarray(drop) ** jnp.floor(t / every)
    elif schedule == "inverse-time":
        made = 1 / (1 + t / every)
    else:
        made = jnp.ones((), jnp.float64)
    return made if warmup is None else made * jnp.minimum(1, (t + 1) / warmup)
