"""Curvature of a loss: its Hessian's largest eigenvalues, its trace and its spectral density.

All of it from products of the Hessian with vectors, each the cost of about two gradients, so that
no matrix is ever formed. `loss` is a scalar function of a tree of parameters; its data are in the
closure. Every function works under `jit` and `vmap`, and in the float type of the parameters.

Sources: Pearlmutter (1994), Neural Computation 6, 147–160, for the products; Hutchinson (1990),
Communications in Statistics 19, 433–450, for the trace; Ubaru, Chen & Saad (2017), SIAM Journal on
Matrix Analysis 38, 1075–1099, for stochastic Lanczos quadrature; Ghorbani, Krishnan & Xiao,
arXiv:1901.10159, for the density of networks' Hessians.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Float

from core.networks.lanczos import lanczos, ritz

Tree = Any
Loss = Callable[[Any], Array]


class Eigenpairs(NamedTuple):
    """The largest eigenvalues in falling order, their eigenvectors of norm 1 (a tree as the
    parameters, with a leading axis), and ‖H v − λ v‖ of each."""

    values: Float[Array, " k"]
    vectors: Tree
    residuals: Float[Array, " k"]


class Estimate(NamedTuple):
    """A mean over random probes and its standard error."""

    value: Float[Array, ""]
    standard_error: Float[Array, ""]


class Probe(NamedTuple):
    """What `steps` products tell from one random vector z: nodes and weights of the quadrature for
    zᵀf(H)z/p, the `moments` zᵀHz/p and ‖Hz‖²/p that it must reproduce, and approximate eigenvectors
    (node, parameter) with their residuals ‖H v − λ v‖."""

    nodes: Float[Array, " node"]
    weights: Float[Array, " node"]
    moments: Float[Array, "2"]
    vectors: Float[Array, "node parameter"]
    residuals: Float[Array, " node"]


class Spectrum(NamedTuple):
    """The spectral distribution as point masses: `weights` over all probes and nodes sum to 1.
    `moments` are the probes' own zᵀHz/p and ‖Hz‖²/p, which the masses must reproduce."""

    nodes: Float[Array, "probe node"]
    weights: Float[Array, "probe node"]
    moments: Float[Array, "probe 2"]


def hessian_vector(loss: Loss, params: Tree, vector: Tree) -> Tree:
    """The Hessian of `loss` at `params` times `vector`, a tree like `params`."""
    return jax.jvp(jax.grad(loss), (params,), (vector,))[1]


def operator(loss: Loss, params: Tree) -> Callable[[Array], Array]:
    """The Hessian at `params` as a map of flat vectors (parameter,) → (parameter,)."""
    flat, unravel = ravel_pytree(params)
    slope = jax.grad(lambda at: loss(unravel(at)))
    return lambda vector: jax.jvp(slope, (flat,), (vector,))[1]


def largest(loss: Loss, params: Tree, key: Array, k: int = 1, steps: int = 40) -> Eigenpairs:
    """The k algebraically largest eigenvalues of the Hessian, by `steps` Lanczos steps from a
    random vector. Those at the edge of the spectrum come first: look at `residuals`.

    Raises:
        ValueError: more eigenvalues than parameters or than steps.
    """
    flat, unravel = ravel_pytree(params)
    if not 1 <= k <= min(steps, flat.size):
        raise ValueError(f"`k` must be from 1 to {min(steps, flat.size)}; it was {k}.")
    start, spare = jax.random.split(key)
    first = jax.random.normal(start, flat.shape, flat.dtype)
    found = ritz(lanczos(operator(loss, params), first, steps, spare))
    return Eigenpairs(found.values[:k], jax.vmap(unravel)(found.vectors[:k]), found.residuals[:k])


def trace(loss: Loss, params: Tree, key: Array, probes: int = 16) -> Estimate:
    """The Hessian's trace by Hutchinson's estimator: the mean of zᵀHz over `probes` (at least 2)
    vectors of random signs. It is unbiased, with variance 2 Σ_{i≠j} H_ij² a probe."""
    flat, _ = ravel_pytree(params)
    product = operator(loss, params)
    signs = jax.random.rademacher(key, (probes, flat.size), flat.dtype)
    values = lax.map(lambda z: jnp.vdot(z, product(z)), signs)
    return Estimate(jnp.mean(values), jnp.std(values, ddof=1) / jnp.sqrt(probes).astype(flat.dtype))


def probe(loss: Loss, params: Tree, key: Array, steps: int = 60) -> Probe:
    """Lanczos quadrature from one vector of random signs.

    The nodes are the eigenvalues of the tridiagonal form, in falling order, and the weights the
    squared first components of its eigenvectors: Gauss quadrature for zᵀf(H)z/p, exact for
    polynomials below degree 2 · steps.
    """
    flat, _ = ravel_pytree(params)
    product = operator(loss, params)
    start, spare = jax.random.split(key)
    z = jax.random.rademacher(start, flat.shape, flat.dtype)
    z = z / jnp.sqrt(flat.size).astype(flat.dtype)
    found = ritz(lanczos(product, z, steps, spare))
    image = product(z)
    moments = jnp.stack([jnp.vdot(z, image), jnp.vdot(image, image)])
    return Probe(found.values, found.first**2, moments, found.vectors, found.residuals)


def spectrum(loss: Loss, params: Tree, key: Array, probes: int = 4, steps: int = 60) -> Spectrum:
    """The Hessian's spectral distribution by stochastic Lanczos quadrature: the mean over `probes`
    of their quadratures, which estimates tr f(H) / p without bias."""

    def one(own: Array) -> tuple[Array, Array, Array]:
        found = probe(loss, params, own, steps)
        return found.nodes, found.weights, found.moments

    nodes, weights, moments = lax.map(one, jax.random.split(key, probes))
    return Spectrum(nodes, weights / probes, moments)


def density(
    found: Spectrum, at: Float[Array, " place"], width: Float[Array, ""] | float
) -> Float[Array, " place"]:
    """The spectral density at `at`: each point mass spread as a normal density of standard
    deviation `width`. Its integral is 1."""
    nodes, weights = found.nodes.ravel(), found.weights.ravel()
    away = (at[:, None] - nodes) / width
    bells = jnp.exp(-0.5 * away**2) / (jnp.sqrt(2 * jnp.pi) * width)
    return bells @ weights
