"""Lanczos' tridiagonal form of a symmetric operator that is known by its products with vectors.

Every vector is made orthogonal to all earlier ones, twice: without that, rounding errors bring
copies of eigenvalues already found. Where the vectors span an invariant subspace before all steps
are done, the next vector is a random one orthogonal to it, so that all of the space is reached and
eigenvalues come with their multiplicity.

Sources: Lanczos (1950), Journal of Research of the National Bureau of Standards 45, 255–282; Golub
& Van Loan (2013), Matrix Computations, 4th edition, section 10.1 to 10.3; Golub & Meurant (2010),
Matrices, Moments and Quadrature, chapter 6.
"""

from collections.abc import Callable
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jaxtyping import Float


class Tridiagonal(NamedTuple):
    """`basis` has orthonormal rows Q; Q A Qᵀ is symmetric and tridiagonal with this diagonal and
    `beside[:-1]` next to it. `beside[-1]` is the norm of what the last step left over."""

    diagonal: Float[Array, " step"]
    beside: Float[Array, " step"]
    basis: Float[Array, "step dimension"]


class Ritz(NamedTuple):
    """Eigenvalues of the tridiagonal form in falling order; `first`, the first components of its
    eigenvectors; `vectors`, the approximate eigenvectors (rows of norm 1); `residuals`, the norms
    ‖A v − λ v‖: an eigenvalue of A lies within that of each value."""

    values: Float[Array, " step"]
    first: Float[Array, " step"]
    vectors: Float[Array, "step dimension"]
    residuals: Float[Array, " step"]


def lanczos(
    product: Callable[[Array], Array],
    start: Float[Array, " dimension"],
    steps: int,
    key: Array,
) -> Tridiagonal:
    """`steps` (at most the dimension) products of a symmetric operator, from the vector `start`.

    `key` is for the vectors that replace an exhausted direction. Works under `jit` and `vmap`;
    memory is `steps` vectors.
    """
    size = start.shape[0]
    steps = min(steps, size)
    spare = jax.random.normal(key, (size,), start.dtype)
    least = size * float(np.finfo(start.dtype).eps)

    def step(j: Array, form: Tridiagonal) -> Tridiagonal:
        image = product(form.basis[j])
        alpha = jnp.vdot(form.basis[j], image)
        left = _orthogonal(form.basis, image)
        beta = jnp.linalg.norm(left)
        # Shifted from step to step: the same vector twice would have nothing new the second time.
        other = _orthogonal(form.basis, jnp.roll(spare, j))
        over = beta <= least * jnp.linalg.norm(image)
        following = jnp.where(over, _unit(other), left / jnp.where(over, 1.0, beta))
        return Tridiagonal(
            form.diagonal.at[j].set(alpha),
            form.beside.at[j].set(jnp.where(over, 0.0, beta)),
            form.basis.at[j + 1].set(following, mode="drop"),
        )

    zeros = jnp.zeros(steps, start.dtype)
    basis = jnp.zeros((steps, size), start.dtype).at[0].set(_unit(start))
    found: Tridiagonal = lax.fori_loop(0, steps, step, Tridiagonal(zeros, zeros, basis))
    return found


def ritz(form: Tridiagonal) -> Ritz:
    """Eigenvalues and eigenvectors of the operator as the tridiagonal form has them."""
    between = form.beside[:-1]
    matrix = jnp.diag(form.diagonal) + jnp.diag(between, 1) + jnp.diag(between, -1)
    values, vectors = jnp.linalg.eigh(matrix)
    values, vectors = values[::-1], vectors[:, ::-1]
    residuals = jnp.abs(form.beside[-1] * vectors[-1])
    return Ritz(values, vectors[0], vectors.T @ form.basis, residuals)


def _orthogonal(basis: Array, vector: Array) -> Array:
    """The part of `vector` orthogonal to the rows of `basis`; a second pass removes what rounding
    left of the first (Giraud, Langou & Rozložník, Computers & Mathematics with Applications 2005)."""
    for _ in range(2):
        vector = vector - basis.T @ (basis @ vector)
    return vector


def _unit(vector: Array) -> Array:
    norm = jnp.linalg.norm(vector)
    return vector / jnp.where(norm > 0, norm, 1.0)
