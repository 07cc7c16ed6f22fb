"""Generalised gamma in Prentice's parameters, smooth through the log-normal at q = 0: the gamma at
q = sigma, the Weibull at q = 1, the Fréchet at q = −1 (Prentice 1974, Biometrika 61, 539). Stacy's,
and scipy's gengamma, are a = 1/q², c = q / sigma and scale e^mu q^(2 sigma / q)."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import special

from core.families.continuous import frechet, gamma, weibull
from core.families.continuous_law import law
from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean, sd
from core.families.special import stirling_error

# A q at which the density has an end, within rounding.
STEEP = 1e6


def log_density(x: Array, mu: Array, sigma: Array, q: Array) -> Array:
    """−w² (e^(qw) − 1 − qw) / (qw)² − ½ log 2π − log(σ x) less Stirling's error of log Γ(1/q²),
    w = (log x − μ) / σ."""
    w = (jnp.log(x) - mu) / sigma
    constant = 0.5 * jnp.log(2 * jnp.pi) + stirling_error(q**2) + jnp.log(sigma) + jnp.log(x)
    return -(w**2) * _bend(q * w) - constant


def _bend(t: Array) -> Array:
    """(e^t − 1 − t) / t², smooth through 0."""
    small = jnp.abs(t) < 0.3
    near, far = jnp.where(small, t, 0.0), jnp.where(small, 1.0, t)
    series = jnp.ones_like(near) / 15
    for k in range(14, 2, -1):
        series = (1 + near * series) / k
    return jnp.where(small, (1 + near * series) / 2, (jnp.expm1(far) - far) / far**2)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The log-normal, the gamma, the Weibull and the Fréchet."""
    shape, scale = gamma.start(x, w)[0]
    k, size = weibull.start(x, w)[0]
    tail, least = frechet.start(x, w)[0]
    return [
        (mean(np.log(x), w), sd(np.log(x), w), 0.0),
        (float(np.log(shape * scale)), shape**-0.5, shape**-0.5),
        (float(np.log(size)), 1 / k, 1.0),
        (float(np.log(least)), 1 / tail, -1.0),
    ]


def corners(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """A power law with its end at the largest or at the least value: q sigma is 1 / power."""
    logs = np.log(x)
    found: list[tuple[float, ...]] = []
    for side, end in ((1.0, float(logs.max())), (-1.0, float(logs.min()))):
        found.append((end, max(abs(end - mean(logs, w)), 1e-9) / STEEP, side * STEEP))
    return found


def _safe(q: Floats) -> Floats:
    """Nearer to 0 the rounding of 1/q² costs more digits than the distance to the log-normal."""
    return np.where(np.abs(q) < 1e-6, 1e-6, q)


def _logpdf(x: Floats, q: Floats, sigma: Floats) -> Floats:
    return np.asarray(log_density(jnp.asarray(x), jnp.zeros(()), jnp.asarray(sigma), jnp.asarray(q)))


def _log_tail(x: Floats, q: Floats, sigma: Floats, above: bool) -> Floats:
    a = _safe(q) ** -2
    at = a * np.exp(_safe(q) * np.log(x) / sigma)
    upper = (q > 0) == above
    return np.log(np.where(upper, special.gammaincc(a, at), special.gammainc(a, at)))


def _quantile(p: Floats, q: Floats, sigma: Floats, above: bool) -> Floats:
    a = _safe(q) ** -2
    upper = (q > 0) == above
    at = np.where(upper, special.gammainccinv(a, p), special.gammaincinv(a, p))
    return np.exp(sigma * np.log(at / a) / _safe(q))


LAW = law(
    "prentice",
    "q, sigma",
    (0.0, np.inf),
    logpdf=_logpdf,
    logcdf=lambda x, q, sigma: _log_tail(x, q, sigma, above=False),
    logsf=lambda x, q, sigma: _log_tail(x, q, sigma, above=True),
    ppf=lambda p, q, sigma: _quantile(p, q, sigma, above=False),
    isf=lambda p, q, sigma: _quantile(p, q, sigma, above=True),
)

FAMILY = Family(
    name="generalised-gamma",
    scipy="gengamma",
    title="Generalised gamma",
    aliases=("generalized gamma", "prentice", "stacy"),
    support=POSITIVE,
    parameters=(
        Parameter("mu", "log_location", "real"),
        Parameter("sigma", "shape"),
        Parameter("q", "shape", "real", (-50.0, 50.0), "a power law with an end is the limit"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda mu, sigma, q: ((q, sigma), 0.0, float(np.exp(mu))),
    corners=corners,
    law=LAW,
    special_cases={
        "lognormal": "q = 0",
        "gamma": "q = sigma",
        "weibull": "q = 1",
        "frechet": "q = −1",
        "inverse-gamma": "q = −sigma",
        "nakagami": "q = 2 sigma",
    },
)
