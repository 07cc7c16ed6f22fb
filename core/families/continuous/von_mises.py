"""von Mises: angles in radians, normal-like on the circle. Only for angles: offered when named."""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import i0e
from scipy import stats

from core.families.continuous_law import law
from core.families.family import Family, Floats, Parameter, Support
from core.families.tails import log_tails

ANGLES = Support(-np.pi, np.pi, True, "identity", "angles in radians from −π to π")


def log_density(x: Array, concentration: Array, direction: Array) -> Array:
    """κ cos(x − μ) − log(2π I₀(κ))."""
    turned = jnp.sin((x - direction) / 2)
    return -2 * concentration * turned**2 - jnp.log(2 * jnp.pi * i0e(concentration))


def log_tails_of(x: Array, concentration: Array, direction: Array) -> tuple[Array, Array]:
    """Both tails, integrated along the log odds of x between −π and π."""
    share = (x + jnp.pi) / (2 * jnp.pi)

    def along(u: Array) -> Array:
        angle = 2 * jnp.pi * jax.nn.sigmoid(u) - jnp.pi
        stretch = jnp.log(2 * jnp.pi) + jax.nn.log_sigmoid(u) + jax.nn.log_sigmoid(-u)
        return log_density(angle, concentration, direction) + stretch

    return log_tails(along, jnp.log(share) - jnp.log1p(-share), reach=1e5)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The mean direction, which is the maximum's, and κ from the mean length (Fisher 1993,
    Statistical Analysis of Circular Data, section 4.5)."""
    resultant = complex(np.average(np.exp(1j * x), weights=w))
    r = min(abs(resultant), 1 - 1e-12)
    if r < 0.53:
        kappa = 2 * r + r**3 + 5 * r**5 / 6
    else:
        kappa = 1 / (r**3 - 4 * r**2 + 3 * r) if r >= 0.85 else -0.4 + 1.39 * r + 0.43 / (1 - r)
    return [(float(np.clip(kappa, 1e-3, 1e8)), float(np.angle(resultant)))]


def _below(x: Floats, kappa: Floats, mu: Floats) -> Floats:
    """The probability from −π to x; scipy's function counts on along the line, from μ − π."""
    known = stats.vonmises
    return np.asarray(known.cdf(x - mu, kappa) - known.cdf(-np.pi - mu, kappa))


def _quantile(p: Floats, kappa: Floats, mu: Floats) -> Floats:
    known = stats.vonmises
    whole = p + known.cdf(-np.pi - mu, kappa)
    turns = np.floor(whole)
    return mu + known.ppf(whole - turns, kappa) + 2 * np.pi * turns


LAW = law(
    "von_mises",
    "kappa, mu",
    (-np.pi, np.pi),
    logpdf=lambda x, kappa, mu: stats.vonmises.logpdf(x - mu, kappa),
    logcdf=lambda x, kappa, mu: np.log(_below(x, kappa, mu)),
    logsf=lambda x, kappa, mu: np.log1p(-_below(x, kappa, mu)),
    ppf=_quantile,
    isf=lambda p, kappa, mu: _quantile(1 - p, kappa, mu),
    # A search for each quantile would take minutes for a million values.
    rvs=lambda kappa, mu, size, random_state: random_state.vonmises(mu, kappa, size),
)

FAMILY = Family(
    name="von-mises",
    scipy="vonmises",
    title="von Mises (angles)",
    aliases=("circular normal",),
    support=ANGLES,
    parameters=(
        Parameter("concentration", "shape", limits=(1e-6, 1e9), beyond="the uniform is the limit"),
        Parameter("direction", "location", "real", (-10.0, 10.0)),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda concentration, direction: (
        (concentration, float(np.remainder(direction + np.pi, 2 * np.pi) - np.pi)),
        0.0,
        1.0,
    ),
    log_cdf=lambda x, *parameters: log_tails_of(x, *parameters)[0],
    log_sf=lambda x, *parameters: log_tails_of(x, *parameters)[1],
    law=LAW,
)
