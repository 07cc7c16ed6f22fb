"""Standard errors of a mixture, and the rate at which EM reaches it.

With I the observed information and I_c the expected information of the complete data, both at the
maximum, the derivative of an EM step is 1 − I_c⁻¹ I, the fraction of information that is missing,
and its largest eigenvalue is the factor by which the distance falls in a step (Dempster, Laird &
Rubin 1977, JRSS B 39, 1, section 4).

Coordinates are the weights but the last, then the parameters row by row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from core.mixtures import em
from core.mixtures.em import Sample
from core.mixtures.kinds import Floats, Kind

NEWTON = 30


@dataclass(frozen=True)
class Maximum:
    """A mixture (1 + p, k) at a maximum, components in order of their means.

    Attributes:
        covariance: of the coordinates, (d, d), the inverse of the observed information.
        score: the distance from a zero of the score, in standard errors.
        missing: eigenvalues of 1 − I_c⁻¹ I, largest first, (d,).
        jacobian: eigenvalues of the derivative of an EM step, largest first, (d,).
    """

    mixture: Floats
    log_likelihood: float
    covariance: Floats
    score: float
    missing: Floats
    jacobian: Floats

    @property
    def errors(self) -> Floats:
        """Standard errors, as the mixture: the last weight's is that of 1 − the others."""
        k = self.mixture.shape[1]
        errors = np.sqrt(np.diag(self.covariance))
        last = np.sqrt(self.covariance[: k - 1, : k - 1].sum())
        return np.vstack([np.r_[errors[: k - 1], last], errors[k - 1 :].reshape(-1, k)])


def ordered(kind: Kind, mixture: Floats) -> Floats:
    """The mixture with its components in order of their means."""
    return mixture[:, np.argsort(kind.mean(mixture[1:]), kind="stable")]


def coordinates(mixture: Array) -> Array:
    """The free coordinates (d,) of a mixture (1 + p, k)."""
    return jnp.concatenate([mixture[0, :-1], mixture[1:].ravel()])


def mixture_of(v: Array, k: int) -> Array:
    """The mixture with these coordinates."""
    weights = jnp.append(v[: k - 1], 1 - jnp.sum(v[: k - 1]))
    return jnp.concatenate([weights[None], v[k - 1 :].reshape(-1, k)])


@partial(jax.jit, static_argnames=("kind", "k"))
def _slopes(kind: Kind, sample: Sample, v: Array, k: int) -> tuple[Array, ...]:
    """Log-likelihood, its gradient, and minus its Hessian."""

    def value(v: Array) -> Array:
        return em.log_likelihood(kind, sample, mixture_of(v, k))

    return value(v), jax.grad(value)(v), -jax.hessian(value)(v)


@partial(jax.jit, static_argnames=("kind", "k"))
def _rates(kind: Kind, sample: Sample, v: Array, k: int) -> tuple[Array, Array, Array]:
    """The information of the complete data, the derivative of a step, and where it leads."""
    old = mixture_of(v, k)
    share = sample.w * em.responsibilities(kind, sample.x, old)

    def complete(v: Array) -> Array:
        new = mixture_of(v, k)
        each = kind.expected(sample.x, new[1:], old[1:])
        return jnp.sum(share * (jnp.log(new[0])[:, None] + each))

    def move(v: Array) -> Array:
        return coordinates(em.step(kind, sample, mixture_of(v, k))[0])

    return -jax.hessian(complete)(v), jax.jacfwd(move)(v), move(v)


def maximum(
    kind: Kind, sample: Sample, mixture: Floats, tell: Callable[[float], None] = lambda fraction: None
) -> Maximum | None:
    """The maximum next to a mixture that EM has brought close, by Newton steps that climb; None
    where there is none inside: a flat or rising likelihood, or a component without weight."""
    start = ordered(kind, mixture)
    k, v = start.shape[1], np.asarray(coordinates(jnp.asarray(start)))
    value, gradient, information = map(np.asarray, _slopes(kind, sample, jnp.asarray(v), k))
    for steps in range(NEWTON):
        tell(steps / NEWTON)
        if not _positive(information):
            return None
        tried = v + np.linalg.solve(information, gradient)
        if not _inside(kind, tried, k):
            return None
        now = [np.asarray(part) for part in _slopes(kind, sample, jnp.asarray(tried), k)]
        if not now[0] >= value - 1e-9 * (1 + abs(value)):
            return None
        done = gradient @ np.linalg.solve(information, gradient) < 1e-20
        v, (value, gradient, information) = tried, now
        if done:
            break
    if not _positive(information):
        return None
    complete, move, moved = map(np.asarray, _rates(kind, sample, jnp.asarray(v), k))
    # EM stays at a maximum, except where the bounds that it keeps pull it away.
    if np.abs(moved - v).max() > 1e-6 * np.abs(v).max():
        return None
    missing = np.eye(v.size) - np.linalg.solve(complete, information)
    return Maximum(
        mixture=np.asarray(mixture_of(jnp.asarray(v), k)),
        log_likelihood=float(value),
        covariance=np.linalg.inv(information),
        score=float(np.sqrt(gradient @ np.linalg.solve(information, gradient))),
        missing=_falling(missing),
        jacobian=_falling(move),
    )


def _positive(information: Floats) -> bool:
    if not np.isfinite(information).all():
        return False
    # Scaled, since parameters differ in unit.
    scale = np.sqrt(np.abs(np.diag(information)) + 1e-300)
    return bool(np.linalg.eigvalsh(information / np.outer(scale, scale))[0] > 1e-10)


def _inside(kind: Kind, v: Floats, k: int) -> bool:
    mixture = np.asarray(mixture_of(jnp.asarray(v), k))
    above = [row.min() > 0 for row, positive in zip(mixture[1:], kind.positive, strict=True) if positive]
    return bool(mixture[0].min() > 0 and all(above))


def _falling(matrix: Floats) -> Floats:
    """Eigenvalues, which are real: the matrix is a product of symmetric ones, one positive."""
    return np.sort(np.linalg.eigvals(matrix).real)[::-1]


def distances(path: Floats, goal: Floats) -> Floats:
    """How far (s,) mixtures (s, 1 + p, k) are from the maximum `goal` (1 + p, k), each parameter in
    units of its size there."""
    scale = np.maximum(np.abs(goal), 1e-3 * np.abs(goal).max(axis=1, keepdims=True))
    return np.asarray(np.sqrt((((path - goal) / scale) ** 2).sum(axis=(1, 2))))
