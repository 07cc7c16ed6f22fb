"""Slices of a loss through the space of parameters, and the plane that a training ran in.

Sources: Li, Xu, Taylor, Studer & Goldstein, arXiv:1712.09913, section 4 for filter normalisation
and section 7 for trajectories; Frankle, Dziugaite, Roy & Carbin, arXiv:1912.05671, section 2 for
the barrier; Antognini & Sohl-Dickstein, arXiv:1806.08805, for random walks.
"""

from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from jax import Array, lax
from jaxtyping import Float
from numpy.typing import NDArray

from core.networks.alignment import Plain
from core.networks.curvature import Loss, Tree
from core.networks.mlp import Layer

Floats = NDArray[np.float64]


def filter_direction(rng: np.random.Generator, params: Plain) -> Plain:
    """A Gaussian direction in which each unit's incoming weights have the norm that they have in
    `params`, and biases do not move. A loss along it does not depend on the scale of the layers
    where the activation is homogeneous (ReLU)."""
    drawn: list[Any] = []
    for weight, bias in params:
        own = np.asarray(weight, float)
        random = rng.normal(size=own.shape)
        length = np.linalg.norm(own, axis=0) / np.linalg.norm(random, axis=0)
        drawn.append((random * length, np.zeros(bias.shape)))
    return tuple(Layer(*leaves) for leaves in drawn)


def moved(params: Tree, *steps: tuple[Any, Tree]) -> Tree:
    """`params` plus each direction times its length."""
    for length, direction in steps:
        params = jax.tree.map(lambda at, by, length=length: at + length * by, params, direction)
    return params


def plane(
    loss: Loss,
    center: Tree,
    first: Tree,
    second: Tree,
    at: Float[Array, " place"],
    across: Float[Array, " other"],
) -> Float[Array, "place other"]:
    """The loss at `center + a · first + b · second`, a in `at` and b in `across`."""

    def row(a: Array) -> Array:
        return jax.vmap(lambda b: loss(moved(center, (a, first), (b, second))))(across)

    found: Array = lax.map(row, at)
    return found


def line(loss: Loss, start: Tree, end: Tree, at: Float[Array, " place"]) -> Float[Array, " place"]:
    """The loss at `(1 − t) start + t end` for t in `at`."""

    def point(t: Array) -> Array:
        return loss(jax.tree.map(lambda a, b: (1 - t) * a + t * b, start, end))

    found: Array = lax.map(point, at)
    return found


def barrier(at: Floats, losses: Floats) -> float:
    """How far the loss rises, between two networks, above the chord of its ends; below 0 nowhere,
    and 0 where it is convex. `at` runs from 0 to 1."""
    chord = losses[0] + at * (losses[-1] - losses[0])
    return float(np.max(losses - chord))


def principal(path: NDArray[Any]) -> tuple[Floats, Floats, Floats]:
    """Principal components of a path (step, parameter): the first two directions (2, parameter) of
    norm 1, the path's coordinates along them with its last point as origin (step, 2), and the
    share of variance of every component (step − 1,). A path that stands still has shares 0."""
    centered = np.asarray(path, float) - np.mean(path, axis=0, dtype=float)
    values, vectors = np.linalg.eigh(centered @ centered.T)
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    total = values.sum()
    shares = values[:-1] / total if total > 0 else np.zeros(len(values) - 1)
    directions = vectors[:, :2].T @ centered
    norms = np.linalg.norm(directions, axis=1, keepdims=True)
    directions = directions / np.where(norms > 0, norms, 1.0)
    return directions, (centered - centered[-1]) @ directions.T, shares


def random_walk_shares(points: int) -> Floats:
    """The shares of variance (points − 1,) of a random walk's components in high dimension.

    The increments of different steps are orthogonal and of one length there, so that the centred
    Gram matrix is C S Sᵀ C with S the running sum: the inverse of the second difference with free
    ends, whose eigenvalues are 4 sin²(πk / 2·points). The first share tends to 6/π² = 0.61.
    """
    k = np.arange(1, points)
    values = 1 / (4 * np.sin(np.pi * k / (2 * points)) ** 2)
    return np.asarray(values / values.sum())
