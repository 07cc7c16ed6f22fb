"""Losses as likelihoods: what is minimised is a negative log-likelihood of the targets, in nats.

Targets are arrays (sample, column) as `Sample.encoded` makes them: indicators of the classes
(categorical), 1 for the second of two classes (bernoulli), or a number scaled as in `scaling`.
With outputs z, z₁, z₂:

    categorical         log Σ eᶻ − z_y                        bernoulli    log(1 + eᶻ) − y z
    gaussian            (z − y)², minus log-likelihood up to factor and constant
    gaussian-variance   ½ (z₁ − y)² e^{−z₂} + ½ z₂ + ½ log 2π: mean z₁, log-variance z₂
    laplace             |z − y| + log 2
    student-t           −log density of location z₁, log-scale z₂, 4 degrees of freedom
    poisson             eᶻ − y z, the log-likelihood of the count divided by the mean count
    negative-binomial   log of the mean over the mean count z₁, log-size z₂; log y! is left out

Log-variances and log-scales are held within ±10, so that a step too long is no overflow, log-sizes
within ±6: counts of size e⁶ = 403 are nearly Poisson, and 32 bits tell no larger ones apart.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import gammaln
from jaxtyping import Float
from scipy import stats

from core.networks.names import LikelihoodName
from core.networks.scaling import DEGREES

LIMIT, SIZE_LIMIT = 10.0, 6.0


def _same(outputs: Array) -> Array:
    return outputs


@dataclass(frozen=True)
class Likelihood:
    """`loss(outputs, targets)` gives a value a sample; `predict(outputs)` what a reader is shown:
    class probabilities (sample, class), or the mean (median for Laplace, location for Student t)
    (sample, 1) on the scaled target's own scale. `outputs` is how many a network has, 0 for one a
    class. For classes, `logits(outputs)` are log-probabilities up to a constant of a row, and
    `indicators(targets)` are 1 in a row's own class."""

    name: LikelihoodName
    loss: Callable[[Array, Array], Array]
    predict: Callable[[Array], Array]
    outputs: int = 1
    classes: bool = False
    logits: Callable[[Array], Array] = _same
    indicators: Callable[[Array], Array] = _same


def entropy(logits: Float[Array, "sample class"]) -> Float[Array, " sample"]:
    """Entropy in nats of the predicted class probabilities."""
    logs = jax.nn.log_softmax(logits)
    return -jnp.sum(jnp.exp(logs) * logs, axis=-1)


def wrong(
    logits: Float[Array, "sample class"], indicators: Float[Array, "sample class"]
) -> Float[Array, " sample"]:
    """1 where the most probable class is not the target's, else 0."""
    missed = jnp.argmax(logits, axis=-1) != jnp.argmax(indicators, axis=-1)
    return missed.astype(logits.dtype)


def _categorical(outputs: Array, targets: Array) -> Array:
    return jax.nn.logsumexp(outputs, axis=-1) - jnp.sum(outputs * targets, axis=-1)


def _bernoulli(outputs: Array, targets: Array) -> Array:
    return jnp.sum(jax.nn.softplus(outputs) - targets * outputs, axis=-1)


def _gaussian(outputs: Array, targets: Array) -> Array:
    return jnp.sum((outputs - targets) ** 2, axis=-1)


def _gaussian_variance(outputs: Array, targets: Array) -> Array:
    mean, log_variance = _location_and_log(outputs)
    away = (targets[:, 0] - mean) ** 2 * jnp.exp(-log_variance)
    nll: Array = (away + log_variance + np.log(2 * np.pi).astype(outputs.dtype)) / 2
    return nll


def _laplace(outputs: Array, targets: Array) -> Array:
    return jnp.sum(jnp.abs(outputs - targets) + jnp.log(2.0).astype(outputs.dtype), axis=-1)


def _student_t(outputs: Array, targets: Array) -> Array:
    location, log_scale = _location_and_log(outputs)
    away = ((targets[:, 0] - location) * jnp.exp(-log_scale)) ** 2
    at_mode = np.asarray(stats.t.logpdf(0.0, DEGREES), outputs.dtype)
    return (DEGREES + 1) / 2 * jnp.log1p(away / DEGREES) + log_scale - at_mode


def _poisson(outputs: Array, targets: Array) -> Array:
    return jnp.sum(jnp.exp(outputs) - targets * outputs, axis=-1)


def _negative_binomial(outputs: Array, targets: Array) -> Array:
    # Of a count with mean μ and size r: log p = log Γ(y + r) − log Γ(r) − log y! + r log r + y log μ
    # − (y + r) log(r + μ).
    count = targets[:, 0]
    over_mean, log_size = _location_and_log(outputs, SIZE_LIMIT)
    # Padding has mean 0.
    beyond = over_mean + jnp.log(jnp.maximum(targets[:, 1], 1e-6)) - log_size
    size = jnp.exp(log_size)
    rest = size * jax.nn.softplus(beyond) + count * jax.nn.softplus(-beyond)
    return gammaln(size) - gammaln(count + size) + rest


def _location_and_log(outputs: Array, limit: float = LIMIT) -> tuple[Array, Array]:
    return outputs[:, 0], jnp.clip(outputs[:, 1], -limit, limit)


def _two(first: Array, second: Array) -> Array:
    return jnp.concatenate([first, second], axis=-1)


LIKELIHOODS: Mapping[str, Likelihood] = {
    "categorical": Likelihood("categorical", _categorical, jax.nn.softmax, outputs=0, classes=True),
    "bernoulli": Likelihood(
        "bernoulli",
        _bernoulli,
        lambda z: _two(jax.nn.sigmoid(-z), jax.nn.sigmoid(z)),
        classes=True,
        logits=lambda z: _two(jnp.zeros_like(z), z),
        indicators=lambda y: _two(1 - y, y),
    ),
    "gaussian": Likelihood("gaussian", _gaussian, _same),
    "gaussian-variance": Likelihood(
        "gaussian-variance", _gaussian_variance, lambda z: z[:, :1], outputs=2
    ),
    "laplace": Likelihood("laplace", _laplace, _same),
    "student-t": Likelihood("student-t", _student_t, lambda z: z[:, :1], outputs=2),
    "poisson": Likelihood("poisson", _poisson, jnp.exp),
    "negative-binomial": Likelihood(
        "negative-binomial", _negative_binomial, lambda z: jnp.exp(z[:, :1]), outputs=2
    ),
}
