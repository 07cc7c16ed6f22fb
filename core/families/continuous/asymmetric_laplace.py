"""Asymmetric Laplace: exponential to both sides of its mode, at different rates; its location is a
quantile, as in quantile regression."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array

from core.families.family import REAL, Family, Floats, Parameter
from core.families.stable import log1mexp

# Steps of the search for kappa where the scale is held, which has no closed form.
STEPS = 60


def log_density(x: Array, kappa: Array, location: Array, scale: Array) -> Array:
    """−z κ above the location and z / κ below, less log(s (κ + 1/κ)), z = (x − μ) / s."""
    z = (x - location) / scale
    return -jnp.where(z < 0, -z / kappa, z * kappa) - jnp.log(scale * (kappa + 1 / kappa))


def log_cdf(x: Array, kappa: Array, location: Array, scale: Array) -> Array:
    """log(κ² / (1 + κ²)) + z / κ up to the location, and the complement of the upper tail."""
    z = (x - location) / scale
    low = -jnp.log1p(kappa**-2) + jnp.minimum(z, 0.0) / kappa
    high = -jnp.log1p(kappa**2) - jnp.maximum(z, 0.0) * kappa
    return jnp.where(z < 0, low, log1mexp(high))


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The value at which √a + √b is least, a and b the mean distances of the values above and below;
    κ⁴ = b / a and scale κ a + b / κ (Kotz, Kozubowski & Podgórski 2001, section 3.5)."""
    places = np.unique(x) if 1 not in fixed else np.array([fixed[1]])
    order = np.argsort(x, kind="stable")
    share = w[order] / w.sum()
    count = np.r_[0.0, np.cumsum(share)]
    total = np.r_[0.0, np.cumsum(share * x[order])]
    at = np.searchsorted(x[order], places)
    below = np.maximum(places * count[at] - total[at], 0.0)
    above = np.maximum(total[-1] - total[at] - places * (count[-1] - count[at]), 0.0)
    kappa = np.full(places.size, fixed[0]) if 0 in fixed else _kappa(above, below, fixed.get(2))
    scale = fixed.get(2, kappa * above + below / kappa)
    loss = np.log(scale) + np.log(kappa + 1 / kappa) + (kappa * above + below / kappa) / scale
    best = int(np.argmin(loss))
    return float(kappa[best]), float(places[best]), float(np.broadcast_to(scale, loss.shape)[best])


def _kappa(above: Floats, below: Floats, scale: float | None) -> Floats:
    """The best κ for each place, by bisection of the derivative in log κ where the scale is held."""
    if scale is None:
        # With all values on one side the likelihood rises to the exponential.
        tiny = 1e-24 * (above + below)
        return np.asarray(((below + tiny) / (above + tiny)) ** 0.25)
    low, high = np.full(above.size, -20.0), np.full(above.size, 20.0)
    for _ in range(STEPS):
        middle = (low + high) / 2
        k = np.exp(middle)
        rising = np.tanh(middle) + (k * above - below / k) / scale > 0
        low, high = np.where(rising, low, middle), np.where(rising, middle, high)
    return np.asarray(np.exp((low + high) / 2))


def closed_error(parameters: Floats, n: float) -> Floats:
    """From Fisher's information on (κ, μ, s)."""
    k, _, s = parameters
    both = 1 + k**2
    # At s = 1: the errors of μ and s are in its unit.
    information = np.array(
        [
            [1 / k**2 + 4 / both**2, -2 / both, -(1 - k**2) / (k * both)],
            [-2 / both, 1.0, 0.0],
            [-(1 - k**2) / (k * both), 0.0, 1.0],
        ]
    )
    errors = np.sqrt(np.diag(np.linalg.inv(information)) / n)
    return np.asarray(errors * np.array([1.0, s, s]))


FAMILY = Family(
    name="asymmetric-laplace",
    scipy="laplace_asymmetric",
    title="Asymmetric Laplace",
    support=REAL,
    parameters=(
        Parameter("kappa", "shape"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda kappa, location, scale: ((kappa,), location, scale),
    log_cdf=log_cdf,
    log_sf=lambda x, kappa, location, scale: log_cdf(-x, 1 / kappa, -location, scale),
    closed=closed,
    closed_error=closed_error,
    special_cases={"laplace": "kappa = 1"},
)
