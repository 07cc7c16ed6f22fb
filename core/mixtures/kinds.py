"""What a component of a mixture can be: its density, its share of an EM step, its start.

Parameters of k components are arrays (p, k), values (n,), and what is said of each value by each
component (k, n). `floor` is the least spread that a component may have: without one the likelihood
is infinite where a component shrinks onto one value (Day 1969, Biometrika 56, 463), and with one it
has a maximum (Hathaway 1985, Annals of Statistics 13, 795).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.special import digamma, gammaln, polygamma

Floats = np.ndarray[Any, np.dtype[np.float64]]

# Degrees of freedom of Student t components; beyond the upper end they are normal to all purposes.
DF = (1.0, 200.0)


@dataclass(frozen=True, eq=False)
class Kind:
    """A kind of component.

    Attributes:
        title: what the components are called; `parameters` their names, in order.
        log_density: values (n,), parameters (p, k) -> (k, n).
        expected: the same and older parameters -> (k, n): the expected log density of the complete
            data under the older ones, which an EM step maximises after weighting.
        update: values (n,), shares (k, n) that sum to 1 over values, older parameters (p, k), floor
            -> new parameters (p, k).
        spread: parameters (p, k) -> (k,) what the floor is held against; infinite where there is none.
        mean: parameters (p, k) -> (k,), by which components are ordered.
        coordinate: values (n,) -> (n,): where components are about normal with a spread of their own.
        begin: centres (k,) and one spread of the coordinate -> parameters (p, k).
        draw: generator, parameters (p,) of one component, count -> values (count,).
        positive: which parameters are above 0, compared on a log scale.
        support: what values must be, in words; `allows` tells which are, (n,) -> (n,).
    """

    title: str
    parameters: tuple[str, ...]
    log_density: Callable[[Array, Array], Array]
    expected: Callable[[Array, Array, Array], Array]
    update: Callable[[Array, Array, Array, Array], Array]
    spread: Callable[[Array], Array]
    mean: Callable[[Floats], Floats]
    coordinate: Callable[[Floats], Floats]
    begin: Callable[[Floats, float], Floats]
    draw: Callable[[np.random.Generator, Floats, int], Floats]
    positive: tuple[bool, ...]
    support: str
    allows: Callable[[Floats], Any]


def shape_of(gap: Array) -> Array:
    """The a at which log a − ψ(a) is `gap` > 0: the gamma shape with log mean − mean log = gap.

    Newton steps in 1 / a (Minka 2002, Estimating a gamma distribution); the last one carries the
    derivative, which at a root is that of the root.
    """
    a = (3 - gap + jnp.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)

    def newton(a: Array) -> Array:
        slope = a**2 * (1 / a - polygamma(1, a))
        return 1 / (1 / a + (jnp.log(a) - digamma(a) - gap) / slope)

    a = lax.fori_loop(0, 3, lambda _, a: newton(a), lax.stop_gradient(a))
    return newton(lax.stop_gradient(a))


def _centre(x: Array, share: Array) -> tuple[Array, Array]:
    """Weighted means and variances, (k,) each."""
    mean = share @ x
    return mean, jnp.sum(share * (x - mean[:, None]) ** 2, axis=1)


def _normal(x: Array, theta: Array) -> Array:
    mean, sd = theta[:, :, None]
    z: Array = (x - mean) / sd
    return -0.5 * z**2 - jnp.log(sd) - 0.5 * jnp.log(2 * jnp.pi)


def _normal_update(x: Array, share: Array, theta: Array, floor: Array) -> Array:
    mean, variance = _centre(x, share)
    return jnp.stack([mean, jnp.sqrt(jnp.maximum(variance, floor**2))])


def _gamma(x: Array, theta: Array) -> Array:
    shape, scale = theta[:, :, None]
    value: Array = (shape - 1) * jnp.log(x) - x / scale - gammaln(shape) - shape * jnp.log(scale)
    return value


def _gamma_update(x: Array, share: Array, theta: Array, floor: Array) -> Array:
    mean = share @ x
    gap = jnp.log(mean) - share @ jnp.log(x)
    # 1 / √shape is the coefficient of variation; for large shapes the gap is half its square.
    shape = jnp.minimum(shape_of(jnp.maximum(gap, floor**2 / 3)), floor**-2.0)
    return jnp.stack([shape, mean / shape])


def _poisson(x: Array, theta: Array) -> Array:
    mean = theta[0][:, None]
    return x * jnp.log(mean) - mean - gammaln(x + 1)


def _poisson_update(x: Array, share: Array, theta: Array, floor: Array) -> Array:
    return jnp.maximum(share @ x, 1e-9)[None]


def _student(x: Array, theta: Array) -> Array:
    df, location, scale = theta[:, :, None]
    z = (x - location) / scale
    constant = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * jnp.log(jnp.pi * df) - jnp.log(scale)
    value: Array = constant - (df + 1) / 2 * jnp.log1p(z**2 / df)
    return value


def _precision(x: Array, theta: Array) -> tuple[Array, Array]:
    """Means (k, n) of a value's precision u, gamma given the value, and of log u."""
    df, location, scale = theta[:, :, None]
    u = (df + 1) / (df + ((x - location) / scale) ** 2)
    return u, jnp.log(u) + digamma((df + 1) / 2) - jnp.log((df + 1) / 2)


def _student_expected(x: Array, theta: Array, old: Array) -> Array:
    """Of a value, normal with precision u / scale², and u, gamma with mean 1 and shape df / 2."""
    (u, log_u), (df, location, scale) = _precision(x, old), theta[:, :, None]
    value: Array = -0.5 * u * ((x - location) / scale) ** 2 - jnp.log(scale)
    value += df / 2 * (jnp.log(df / 2) + log_u - u) - gammaln(df / 2)
    return value


def _student_update(x: Array, share: Array, theta: Array, floor: Array) -> Array:
    """Peel & McLachlan 2000, Statistics and Computing 10, 339, section 3."""
    u, log_u = _precision(x, theta)
    pulled = share * u
    location = (pulled @ x) / jnp.sum(pulled, axis=1)
    variance = jnp.sum(pulled * (x - location[:, None]) ** 2, axis=1)
    gap = jnp.sum(share * (u - log_u), axis=1) - 1
    df = jnp.clip(2 * shape_of(jnp.maximum(gap, 1e-3)), *DF)
    return jnp.stack([df, location, jnp.sqrt(jnp.maximum(variance, floor**2))])


def _complete(log_density: Callable[[Array, Array], Array]) -> Callable[[Array, Array, Array], Array]:
    """The expectation where nothing but the component is missing."""
    return lambda x, theta, old: log_density(x, theta)


def _lognormal(x: Array, theta: Array) -> Array:
    return _normal(jnp.log(x), theta) - jnp.log(x)


KINDS: Mapping[str, Kind] = {
    "normal": Kind(
        title="normals",
        parameters=("mean", "sd"),
        log_density=_normal,
        expected=_complete(_normal),
        update=_normal_update,
        spread=lambda theta: theta[1],
        mean=lambda theta: theta[0],
        coordinate=lambda x: x,
        begin=lambda centres, spread: np.stack([centres, np.full_like(centres, spread)]),
        draw=lambda rng, t, n: rng.normal(t[0], t[1], n),
        positive=(False, True),
        support="finite",
        allows=np.isfinite,
    ),
    "lognormal": Kind(
        title="log-normals",
        parameters=("meanlog", "sdlog"),
        log_density=_lognormal,
        expected=_complete(_lognormal),
        update=lambda x, share, theta, floor: _normal_update(jnp.log(x), share, theta, floor),
        spread=lambda theta: theta[1],
        mean=lambda theta: np.exp(theta[0] + theta[1] ** 2 / 2),
        coordinate=np.log,
        begin=lambda centres, spread: np.stack([centres, np.full_like(centres, spread)]),
        draw=lambda rng, t, n: rng.lognormal(t[0], t[1], n),
        positive=(False, True),
        support="above 0",
        allows=lambda x: x > 0,
    ),
    "gamma": Kind(
        title="gammas",
        parameters=("shape", "scale"),
        log_density=_gamma,
        expected=_complete(_gamma),
        update=_gamma_update,
        spread=lambda theta: theta[0] ** -0.5,
        mean=lambda theta: theta[0] * theta[1],
        coordinate=np.log,
        begin=lambda centres, spread: np.stack(
            [np.full_like(centres, spread**-2), np.exp(centres) * spread**2]
        ),
        draw=lambda rng, t, n: rng.gamma(t[0], t[1], n),
        positive=(True, True),
        support="above 0",
        allows=lambda x: x > 0,
    ),
    "poisson": Kind(
        title="Poissons",
        parameters=("mean",),
        log_density=_poisson,
        expected=_complete(_poisson),
        update=_poisson_update,
        spread=lambda theta: jnp.full_like(theta[0], jnp.inf),
        mean=lambda theta: theta[0],
        coordinate=lambda x: 2 * np.sqrt(x),
        begin=lambda centres, spread: (np.maximum(centres, 0.5) ** 2 / 4)[None],
        draw=lambda rng, t, n: rng.poisson(t[0], n).astype(np.float64),
        positive=(True,),
        support="whole numbers of 0 or more",
        allows=lambda x: (x >= 0) & (x == np.round(x)),
    ),
    "student-t": Kind(
        title="Student t",
        parameters=("df", "location", "scale"),
        log_density=_student,
        expected=_student_expected,
        update=_student_update,
        spread=lambda theta: theta[2],
        mean=lambda theta: theta[1],
        coordinate=lambda x: x,
        begin=lambda centres, spread: np.stack(
            [np.full_like(centres, 10.0), centres, np.full_like(centres, spread)]
        ),
        draw=lambda rng, t, n: t[1] + t[2] * rng.standard_t(t[0], n),
        positive=(True, False, True),
        support="finite",
        allows=np.isfinite,
    ),
}
