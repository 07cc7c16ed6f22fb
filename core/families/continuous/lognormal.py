"""Log-normal: log x is normal with mean `meanlog` and standard deviation `sdlog`."""

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.scipy.special import log_ndtr

from core.families.family import POSITIVE, Family, Floats, Parameter
from core.families.moments import mean, sd


def log_density(x: Array, meanlog: Array, sdlog: Array) -> Array:
    """−½ z² − log(σ √(2π)) − log x, z = (log x − μ) / σ."""
    z = (jnp.log(x) - meanlog) / sdlog
    return -0.5 * z**2 - jnp.log(sdlog) - 0.5 * jnp.log(2 * jnp.pi) - jnp.log(x)


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """The maximum itself: mean and standard deviation (divisor n) of log x."""
    return [(mean(np.log(x), w), sd(np.log(x), w))]


FAMILY = Family(
    name="lognormal",
    scipy="lognorm",
    title="Log-normal",
    support=POSITIVE,
    parameters=(Parameter("meanlog", "log_location", "real"), Parameter("sdlog", "shape")),
    log_density=log_density,
    start=start,
    to_scipy=lambda meanlog, sdlog: ((sdlog,), 0.0, float(np.exp(meanlog))),
    log_cdf=lambda x, meanlog, sdlog: log_ndtr((jnp.log(x) - meanlog) / sdlog),
    log_sf=lambda x, meanlog, sdlog: log_ndtr(-(jnp.log(x) - meanlog) / sdlog),
)
