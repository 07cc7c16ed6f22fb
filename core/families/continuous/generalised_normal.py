"""Generalised normal (exponential power): Laplace at shape 1, normal at 2, uniform far beyond. Its
likelihood has a cusp at every value where the shape is below 1, and no second derivative below 2."""

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import optimize, special

from core.families.family import REAL, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import quantile, spread

LOW, HIGH = 0.05, 1e11
# Where there are many maxima the location is sought among so many values first.
PLACES = 400


def log_density(x: Array, shape: Array, location: Array, scale: Array) -> Array:
    """−|z|^β + log β − log 2s − log Γ(1/β), z = (x − μ) / s."""
    z = jnp.abs(x - location) / scale
    away = jnp.where(z > 0, jnp.exp(shape * jnp.log(jnp.where(z > 0, z, 1.0))), 0.0)
    return jnp.log(shape) - jnp.log(2 * scale) - gammaln(1 / shape) - away


def closed(x: Floats, w: Floats, fixed: Mapping[int, float]) -> tuple[float, ...]:
    """The best shape by its profile likelihood, with the best location and scale for it."""
    middle, unit = quantile(x, w, 0.5), spread(x, w)
    z, share = (x - middle) / unit, w / w.sum()
    held = {
        1: (fixed[1] - middle) / unit if 1 in fixed else None,
        2: fixed[2] / unit if 2 in fixed else None,
    }

    def profile(log_shape: float) -> tuple[float, float, float]:
        shape = float(np.exp(log_shape))
        location = _location(z, share, shape) if held[1] is None else held[1]
        # In units of the largest distance, of which no power overflows.
        far = float(np.abs(z - location).max())
        power = float(np.sum(share * (np.abs(z - location) / far) ** shape))
        scale = held[2] or far * (shape * power) ** (1 / shape)
        constant = np.log(2 * scale) - log_shape + special.gammaln(1 / shape)
        with np.errstate(over="ignore"):
            return float(power * (far / scale) ** shape + constant), location, scale

    if 0 in fixed:
        best = float(np.log(fixed[0]))
    else:
        grid = np.log([LOW, 0.15, 0.4, 0.7, 1.0, 1.4, 2.0, 3.0, 6.0, 20.0, 150.0, 1e4, HIGH])
        losses = [profile(g)[0] for g in grid]
        at = int(np.clip(np.argmin(losses), 1, grid.size - 2))
        found = optimize.minimize_scalar(
            lambda g: profile(g)[0],
            bounds=(float(grid[at - 1]), float(grid[at + 1])),
            method="bounded",
            options={"xatol": 1e-7},
        )
        best = float(found.x) if found.fun <= min(losses) else float(grid[int(np.argmin(losses))])
    _, location, scale = profile(best)
    return float(np.exp(best)), middle + unit * location, unit * scale


def _location(z: Floats, share: Floats, shape: float) -> float:
    """Where Σ share |z − m|^β is least: one of the values for β ≤ 1, where the sum is concave between
    two of them; for more by bisection of the sum's slope, which rises."""
    if shape <= 1:
        places = np.unique(z[np.argsort(np.abs(z - quantile(z, share, 0.5)))][:PLACES])
        sums = [float(np.sum(share * np.abs(z - m) ** shape)) for m in places]
        return float(places[int(np.argmin(sums))])

    def slope(m: float) -> float:
        away = z - m
        size = np.abs(away) / max(m - z.min(), z.max() - m)
        return -float(np.sum(share * np.sign(away) * size ** (shape - 1)))

    return float(optimize.brentq(slope, z.min(), z.max(), xtol=1e-13, rtol=1e-13))


def closed_error(parameters: Floats, n: float) -> Floats:
    """From Fisher's information (Agrò 1995, Comm. Statist. Simulation 24, 523); that on the location
    is finite from shape ½ on."""
    shape, _, scale = parameters
    # t = |z|^β is gamma of shape a = 1/β;
    a = 1 / shape
    square = a * (a + 1) * (special.polygamma(1, a + 2) + special.digamma(a + 2) ** 2)
    first, product = a * special.digamma(a + 1), a * (a + 1) * special.digamma(a + 2)
    shape_shape = (square - first**2) / shape**2
    # At s = 1: the errors of μ and s are in its unit.
    shape_scale, scale_scale = -(product - a * first), shape
    free = np.linalg.inv([[shape_shape, shape_scale], [shape_scale, scale_scale]])
    along = np.nan
    if shape > 0.5:
        along = shape**2 * special.gamma(2 - a) / special.gamma(a)
    errors = np.sqrt(np.array([free[0, 0], 1 / along, free[1, 1]]) / n)
    return np.asarray(errors * np.array([1.0, scale, scale]))


def caution(shape: float, location: float, scale: float) -> str:
    """Where the likelihood has cusps."""
    if shape > 1:
        return ""
    return "with a shape of at most 1 the density has a cusp: the error of its location is not normal"


FAMILY = Family(
    name="generalised-normal",
    scipy="gennorm",
    title="Generalised normal",
    aliases=("generalized normal", "exponential power distribution", "subbotin"),
    support=REAL,
    parameters=(
        Parameter("shape", "shape"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=lambda x, w: [closed(x, w, {})],
    to_scipy=lambda shape, location, scale: ((shape,), location, scale),
    closed=closed,
    closed_error=closed_error,
    caution=caution,
    special_cases={"laplace": "shape = 1", "normal": "shape = 2"},
)
