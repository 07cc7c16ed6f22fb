"""Heads: what a network's outputs say of the law of a target, trained by its likelihood.

All heads have the same nine outputs z, of which each reads the first few, so that networks with
different heads train side by side in one program. With y the standardised target and log-scales
held within ±5,

    squared-error       N(z₀, 1): the spread is constant, and found when the training is over
    gaussian            N(z₀, e^{z₁})
    laplace             location z₀, scale e^{z₁}
    student-t           location z₀, scale e^{z₁}, degrees of freedom 4 e^{z₂} within 0.5 … 200
    mixture             of three normal laws: softmax(z₀ … z₂), means z₃ − 1, z₄, z₅ + 1, log-scales
                        z₆ … z₈

and, for a count of mean m in the training part,

    poisson             mean m e^{z₀}
    negative-binomial   mean m e^{z₀}, size e^{z₁} within e^{±6}

Sources: Bishop (1994), Mixture density networks, report NCRG/94/004; Nix & Weigend (1994), ICNN;
Salinas et al., arXiv:1704.04110, for counts.
"""

from collections.abc import Callable
from typing import Any, get_args

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import gammaln
from jaxtyping import Float

from core.networks.likelihoods import LIKELIHOODS, Likelihood
from core.networks.names import Head

HEADS: tuple[Head, ...] = get_args(Head)
COMPONENTS = 3
OUTPUTS = 3 * COMPONENTS
LIMIT, SIZE_LIMIT = 5.0, 6.0
DEGREES, LEAST_DEGREES, MOST_DEGREES = 4.0, 0.5, 200.0
# Where the components of a mixture begin, so that they are told apart.
OFFSETS = np.linspace(-1.0, 1.0, COMPONENTS)
HALF_LOG_2PI = 0.5 * float(np.log(2 * np.pi))


def encoded(
    target: Float[np.ndarray, " sample"], head: Head, center: float, spread: float, mean: float
) -> Float[np.ndarray, "sample 4"]:
    """A target as its loss takes it: standardised, as it is, the mean of counts, the head's number.
    `center` and `spread` standardise it; `mean` is that of counts in the training part."""
    columns = (target - center) / spread, target, np.full(target.size, mean)
    number = np.full(target.size, float(HEADS.index(head)))
    return np.stack([*columns, number], axis=1)


def loss(outputs: Float[Array, "sample 9"], targets: Float[Array, "sample 4"]) -> Array:
    """Minus the log-density of each standardised target, or log-probability of each count, under the
    head that the targets name."""
    # Padding has head 0.
    chosen = jnp.max(targets[:, 3]).astype(jnp.int32)
    made: Array = lax.switch(chosen, [_LOSSES[name] for name in HEADS], outputs, targets)
    return made


def _squared(z: Array, t: Array) -> Array:
    return (z[:, 0] - t[:, 0]) ** 2 / 2 + HALF_LOG_2PI


def _gaussian(z: Array, t: Array) -> Array:
    return _normal(t[:, 0], z[:, 0], _log(z[:, 1]))


def _laplace(z: Array, t: Array) -> Array:
    wide = _log(z[:, 1])
    return jnp.abs(t[:, 0] - z[:, 0]) * jnp.exp(-wide) + wide + float(np.log(2))


def _student_t(z: Array, t: Array) -> Array:
    wide = _log(z[:, 1])
    df = jnp.clip(DEGREES * jnp.exp(jnp.clip(z[:, 2], -LIMIT, LIMIT)), LEAST_DEGREES, MOST_DEGREES)
    away = ((t[:, 0] - z[:, 0]) * jnp.exp(-wide)) ** 2
    norm = gammaln((df + 1) / 2) - gammaln(df / 2) - jnp.log(df * np.pi) / 2 - wide
    return (df + 1) / 2 * jnp.log1p(away / df) - norm


def _mixture(z: Array, t: Array) -> Array:
    k = COMPONENTS
    offsets = jnp.asarray(OFFSETS, z.dtype)
    each = -_normal(t[:, :1], z[:, k : 2 * k] + offsets, _log(z[:, 2 * k :]))
    return -jax.nn.logsumexp(jax.nn.log_softmax(z[:, :k]) + each, axis=1)


def _poisson(z: Array, t: Array) -> Array:
    level = z[:, 0] + jnp.log(jnp.maximum(t[:, 2], 1e-6))
    return jnp.exp(level) - t[:, 1] * level + gammaln(t[:, 1] + 1)


def _negative_binomial(z: Array, t: Array) -> Array:
    count, log_size = t[:, 1], jnp.clip(z[:, 1], -SIZE_LIMIT, SIZE_LIMIT)
    size = jnp.exp(log_size)
    beyond = z[:, 0] + jnp.log(jnp.maximum(t[:, 2], 1e-6)) - log_size
    rest = size * jax.nn.softplus(beyond) + count * jax.nn.softplus(-beyond)
    return gammaln(size) + gammaln(count + 1) - gammaln(count + size) + rest


def _normal(y: Array, mean: Array, log_scale: Array) -> Array:
    return ((y - mean) * jnp.exp(-log_scale)) ** 2 / 2 + log_scale + HALF_LOG_2PI


def _log(z: Array) -> Array:
    return jnp.clip(z, -LIMIT, LIMIT)


_LOSSES: dict[Head, Callable[[Array, Array], Array]] = {
    "squared-error": _squared,
    "gaussian": _gaussian,
    "laplace": _laplace,
    "student-t": _student_t,
    "mixture": _mixture,
    "poisson": _poisson,
    "negative-binomial": _negative_binomial,
}
# Its name in a `Program`, whose other likelihoods are choices of a user's.
TOGETHER: Any = "heads"
# What a program of trainings knows by name: the likelihoods, and all heads as one.
TRAINED: dict[str, Any] = {
    **LIKELIHOODS,
    TOGETHER: Likelihood("gaussian", loss, lambda z: z[:, :1], outputs=OUTPUTS),
}
