"""Tail probabilities by quadrature, with derivatives in every parameter.

JAX has no derivative of the incomplete gamma and beta functions in their shapes. An integral of a
density over a half-line has all of them, and double-exponential quadrature (Takahasi & Mori 1974,
Publ. RIMS 9, 721) gives it to about 12 digits for densities smooth in the chosen coordinate.
"""

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import logsumexp

from core.families.stable import log1mexp

Density = Callable[[Array], Array]

# s = exp(π/2 sinh τ) maps the line to (0, ∞); the trapezoidal rule converges exponentially in 1/τ step.
_TAU = np.linspace(-4.2, 3.6, 274)
_NODES = np.exp(np.pi / 2 * np.sinh(_TAU))
_LOG_WEIGHTS = np.log(_NODES * np.pi / 2 * np.cosh(_TAU) * (_TAU[1] - _TAU[0]))
# Further nodes, for a tail that falls as a power: beyond the last node above its logarithm is a line in
# log s. Up to s = e^1000.
_MORE = np.arange(_TAU[-1] + (_TAU[1] - _TAU[0]), 7.2, _TAU[1] - _TAU[0])
_MORE_LOGS = np.pi / 2 * np.sinh(_MORE)
_MORE_WEIGHTS = _MORE_LOGS + np.log(np.pi / 2 * np.cosh(_MORE) * (_TAU[1] - _TAU[0]))


def tails_of(log_density: Density, x: Array, coordinate: str) -> tuple[Array, Array]:
    """log P(X ≤ x) and log P(X > x), (n,) each, of the density with this logarithm, integrated
    along x itself (`identity`) or along u = log x, so that a singularity at 0 lies at infinity."""
    if coordinate == "identity":
        return log_tails(log_density, x, reach=1e60)
    # Past e^±250 a density underflows, and the squares in its second derivative would overflow.
    return log_tails(lambda u: log_density(jnp.exp(u)) + u, jnp.log(x), reach=250.0)


def log_tails(log_density: Density, u: Array, reach: float) -> tuple[Array, Array]:
    """The same for a variable on the whole line, whose density is negligible beyond ± `reach`."""
    # Both sides at once, which halves the program.
    out = jnp.concatenate([u[:, None] - _NODES, u[:, None] + _NODES])
    below, above = jnp.split(_integrals(log_density, out, reach), 2)
    # Seen from a far tail the bulk is a narrow peak, which the nodes can miss: only the smaller
    # side is integrated, and the other is what it leaves of 1.
    low = below < above
    return jnp.where(low, below, log1mexp(above)), jnp.where(low, log1mexp(below), above)


def _integrals(log_density: Density, at: Array, reach: float) -> Array:
    """log of the integral along each row of nodes (n, m)."""
    log_mass = log_density(jnp.clip(at, -reach, reach))
    near = logsumexp(jnp.where(jnp.abs(at) <= reach, log_mass, -1e30) + _LOG_WEIGHTS, axis=1)
    return jnp.logaddexp(
        near, _power_tail(log_mass[:, -2], log_mass[:, -1], jnp.abs(at[:, -1]) <= reach)
    )


def _power_tail(before: Array, last: Array, inside: Array) -> Array:
    """log of the rest, (n,), of a density with these logarithms (n,) at the last two nodes: of one that
    falls as a power of s, slowly enough for the rest to matter."""
    some = inside & (last > -700)
    slope = jnp.where(some, before - last, 3.0) / np.log(_NODES[-1] / _NODES[-2])
    top, end = jnp.where(some, last, 0.0), np.log(_NODES[-1])
    rest = logsumexp(top[:, None] - slope[:, None] * (_MORE_LOGS - end) + _MORE_WEIGHTS, axis=1)
    return jnp.where(some, rest, -1e30)
