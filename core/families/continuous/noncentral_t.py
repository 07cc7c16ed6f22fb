"""Noncentral t with location and scale: a normal value with mean nc over an independent root of
chi-squared / df; a skewed Student t."""

import jax.numpy as jnp
from jax import Array
from scipy import stats

from core.families.continuous import student_t
from core.families.family import REAL, Family, Floats, Parameter
from core.families.gammas import gammaln
from core.families.moments import line
from core.families.peaks import Form, log_integral


def _peak(p: Array, y: Array) -> tuple[Array, Array]:
    """r² − y r = p, from the root without cancellation."""
    root = jnp.sqrt(y**2 + 4 * p)
    peak = jnp.where(y < 0, 2 * p / (root - jnp.minimum(y, 0.0)), (y + root) / 2)
    return jnp.log(peak), 1 / jnp.sqrt(peak**2 + p)


# ∫ r^(p − 1) e^(r y − r²/2) dr over r > 0, along u = log r.
HERMITE = Form(
    lambda u: (u, jnp.exp(u)), lambda u: -0.5 * jnp.exp(2 * u), _peak, lambda p: 4 * jnp.sqrt(p)
)


def log_density(x: Array, df: Array, nc: Array, location: Array, scale: Array) -> Array:
    """Student's log density − ½ δ² + log H(y) / H(0) with H(y) = ∫ r^ν e^(r y − r²/2) dr over r > 0,
    y = z δ / √(z² + ν) and z = (x − μ) / σ."""
    z = (x - location) / scale
    p, y = df + 1, nc * z / jnp.sqrt(z**2 + df)
    central = (df - 1) / 2 * jnp.log(2.0) + gammaln((df + 1) / 2)
    # −½ δ² + ½ y² without cancellation, and H without its factor e^(½ y²).
    shift = -0.5 * nc**2 * df / (z**2 + df)
    peaked = log_integral(HERMITE, p, y) - 0.5 * y**2 - central
    return student_t.log_density(x, df, location, scale) + shift + peaked


def start(x: Floats, w: Floats) -> list[tuple[float, ...]]:
    """Quartiles at light and heavy tails, straight and skewed to either side."""
    shapes = ((4.0, 0.0), (1.3, 0.0), (4.0, 2.0), (4.0, -2.0), (20.0, 8.0), (20.0, -8.0))
    return [(df, nc, *line(x, w, lambda p: stats.nct.ppf(p, df, nc))) for df, nc in shapes]  # noqa: B023


FAMILY = Family(
    name="noncentral-t",
    scipy="nct",
    title="Noncentral t",
    support=REAL,
    parameters=(
        Parameter("df", "shape", limits=(0.05, 1e5), beyond="the normal distribution is the limit"),
        Parameter("nc", "shape", "real", (-50.0, 50.0), "a reciprocal of a chi value is the limit"),
        Parameter("location", "location", "real"),
        Parameter("scale", "scale"),
    ),
    log_density=log_density,
    start=start,
    to_scipy=lambda df, nc, location, scale: ((df, nc), location, scale),
    special_cases={"student-t": "nc = 0"},
)
