"""Losses as likelihoods: what is minimised is a negative log-likelihood of the targets, in nats.

Targets are arrays (sample, output): one column a class, 1 in the row's own (categorical), or one
column of numbers. Numbers are scaled before training (`scaling`), so that learning rates mean the
same whatever the target's unit:

    gaussian   y → (y − mean) / sd    loss (z − y)², minus log-likelihood up to factor and constant
    laplace    y → (y − mean) / sd    loss |z − y| + log 2
    poisson    y → y / mean           loss eᶻ − y z, the log-likelihood divided by the mean

and `risk = unit · loss + offset` brings a loss back: squared units of the target for the Gaussian,
nats for the others.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jaxtyping import Float
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import poisson

from core.networks.names import LikelihoodName


@dataclass(frozen=True)
class Likelihood:
    """`loss(outputs, targets)` gives a value a sample; `predict(outputs)` what a reader is shown:
    class probabilities, or the mean (median for Laplace) on the scaled target's own scale."""

    name: LikelihoodName
    loss: Callable[[Array, Array], Array]
    predict: Callable[[Array], Array]
    classes: bool = False


@dataclass(frozen=True)
class Scaling:
    """How a target was scaled: `scaled = (target − center) / spread`. A target of classes is not."""

    likelihood: LikelihoodName
    center: float = 0.0
    spread: float = 1.0

    def scaled(self, target: NDArray[np.float64]) -> NDArray[np.float64]:
        """The target (n,) as the network sees it."""
        return (target - self.center) / self.spread

    def restored(self, prediction: NDArray[np.float64]) -> NDArray[np.float64]:
        """A prediction for the scaled target, in the unit of the target."""
        return prediction * self.spread + self.center

    def unit(self) -> float:
        """The factor from loss to risk."""
        return {"gaussian": self.spread**2, "poisson": self.spread}.get(self.likelihood, 1.0)

    def offset(self, target: NDArray[np.float64]) -> float:
        """The mean over `target` (n,) of what risk has beyond `unit · loss`."""
        if self.likelihood == "laplace":
            return float(np.log(self.spread))
        if self.likelihood == "poisson":
            return float(np.mean(gammaln(target + 1) - target * np.log(self.spread)))
        return 0.0

    def null_risk(self, target: NDArray[np.float64]) -> float:
        """The risk on a target (n,) of numbers when all outputs are 0: of predicting `center`, or
        for Poisson `spread`, throughout. For the Gaussian it is the variance about the center."""
        if self.likelihood == "gaussian":
            return float(np.mean((target - self.center) ** 2))
        if self.likelihood == "laplace":
            away = np.mean(np.abs(target - self.center))
            return float(away / self.spread + np.log(2 * self.spread))
        return float(np.mean(-poisson.logpmf(target, self.spread)))


def scaling(likelihood: LikelihoodName, target: NDArray[np.float64]) -> Scaling:
    """The scaling that a training target (n,) of numbers asks for; a constant one has spread 1."""
    if likelihood == "categorical":
        return Scaling(likelihood)
    if likelihood == "poisson":
        return Scaling(likelihood, 0.0, float(target.mean()) or 1.0)
    return Scaling(likelihood, float(target.mean()), float(target.std()) or 1.0)


def entropy(outputs: Float[Array, "sample class"]) -> Float[Array, " sample"]:
    """Entropy in nats of the predicted class probabilities."""
    logs = jax.nn.log_softmax(outputs)
    return -jnp.sum(jnp.exp(logs) * logs, axis=-1)


def wrong(
    outputs: Float[Array, "sample class"], targets: Float[Array, "sample class"]
) -> Float[Array, " sample"]:
    """1 where the most probable class is not the target's, else 0."""
    missed = jnp.argmax(outputs, axis=-1) != jnp.argmax(targets, axis=-1)
    return missed.astype(outputs.dtype)


def _categorical(outputs: Array, targets: Array) -> Array:
    return jax.nn.logsumexp(outputs, axis=-1) - jnp.sum(outputs * targets, axis=-1)


def _gaussian(outputs: Array, targets: Array) -> Array:
    return jnp.sum((outputs - targets) ** 2, axis=-1)


def _laplace(outputs: Array, targets: Array) -> Array:
    return jnp.sum(jnp.abs(outputs - targets) + jnp.log(2.0).astype(outputs.dtype), axis=-1)


def _poisson(outputs: Array, targets: Array) -> Array:
    return jnp.sum(jnp.exp(outputs) - targets * outputs, axis=-1)


LIKELIHOODS: Mapping[str, Likelihood] = {
    "categorical": Likelihood("categorical", _categorical, jax.nn.softmax, classes=True),
    "gaussian": Likelihood("gaussian", _gaussian, lambda outputs: outputs),
    "laplace": Likelihood("laplace", _laplace, lambda outputs: outputs),
    "poisson": Likelihood("poisson", _poisson, jnp.exp),
}
