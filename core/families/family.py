"""What a probability family is: a few required facts, and what follows from them for all.

A family gives its log density in JAX, its parameters with the role each plays when data are
moved and stretched, its support, start values for the search, and its name and parameters in
scipy. Distribution functions follow by quadrature where no closed form is given.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import stats
from scipy.special import expit

from core.families.tails import tails_of

Floats = np.ndarray[Any, np.dtype[np.float64]]
Role = Literal["location", "scale", "log_location", "shape"]
Domain = Literal["real", "signed", "positive", "unit", "above_minus_one", "above_one"]


class Constraint(NamedTuple):
    """A set of values as the image of the whole line: `natural` maps from the line in JAX, `value`
    in numpy, `free` back, and `slope` is the derivative of `natural`, as a function of its value."""

    ends: tuple[float, float]
    natural: Callable[[Array], Array]
    free: Callable[[float], Any]
    slope: Callable[[float], float]
    words: str
    value: Callable[[Any], Any] | None = None


DOMAINS: dict[Domain, Constraint] = {
    "real": Constraint(
        (-np.inf, np.inf), lambda u: u, lambda v: v, lambda v: 1.0, "finite", lambda u: u
    ),
    # Of either sign and any size, so that its products with others lie on straight lines.
    "signed": Constraint(
        (-np.inf, np.inf),
        jnp.sinh,
        np.arcsinh,
        lambda v: float(np.hypot(1.0, v)),
        "finite",
        np.sinh,
    ),
    "positive": Constraint((0.0, np.inf), jnp.exp, np.log, lambda v: v, "above 0", np.exp),
    "unit": Constraint(
        (0.0, 1.0),
        jax.nn.sigmoid,
        lambda v: np.log(v) - np.log1p(-v),
        lambda v: v * (1 - v),
        "between 0 and 1",
        expit,
    ),
    "above_minus_one": Constraint(
        (-1.0, np.inf), jnp.expm1, np.log1p, lambda v: 1 + v, "above -1", np.expm1
    ),
    "above_one": Constraint(
        (1.0, np.inf),
        lambda u: 1 + jnp.exp(u),
        lambda v: np.log(v - 1),
        lambda v: v - 1,
        "above 1",
        lambda u: 1 + np.exp(u),
    ),
}

# On standardised data. An optimum out here is a boundary of the family, not a maximum inside it.
LIMITS: dict[str, tuple[float, float]] = {
    "location": (-1e40, 1e40),
    "log_location": (-1e3, 1e3),
    "scale": (1e-40, 1e40),
    "shape": (1e-4, 1e6),
}


@dataclass(frozen=True)
class Parameter:
    """A parameter: how it moves with the data (`role`), what values it can have (`domain`), and
    the `limits` (on standardised data) at which a search gives up, with what lies `beyond`.

    A `whole` one, a number of trials, is a whole number: known, or tried value by value from the
    largest observation on (`core.families.whole`)."""

    name: str
    role: Role
    domain: Domain = "positive"
    limits: tuple[float, float] | None = None
    beyond: str = ""
    whole: bool = False

    @property
    def box(self) -> tuple[float, float]:
        """The limits in unconstrained space."""
        low, high = self.limits or LIMITS[self.role]
        return self.free(low), self.free(high)

    def natural(self, u: Array) -> Array:
        """From unconstrained space to the parameter's own."""
        return DOMAINS[self.domain].natural(u)

    def value(self, u: Floats) -> Floats:
        """`natural` in numpy, of any shape."""
        known = DOMAINS[self.domain]
        return np.asarray(known.value(u) if known.value else known.natural(jnp.asarray(u)))

    def free(self, value: float) -> float:
        """From the parameter's own space to unconstrained space."""
        return float(DOMAINS[self.domain].free(value))

    def allows(self, value: float) -> bool:
        """Whether `value` lies inside the domain."""
        low, high = DOMAINS[self.domain].ends
        return low < value < high

    def restore(self, value: Floats, shift: float, stretch: float) -> Floats:
        """The parameter for x = shift + stretch·z, from that for z; any shape."""
        moved: dict[str, Floats] = {
            "location": shift + stretch * value,
            "scale": stretch * value,
            "log_location": value + np.log(stretch),
            "shape": value,
        }
        return moved[self.role]

    def standardise(self, value: float, shift: float, stretch: float) -> float:
        """The inverse of `restore`."""
        moved = {
            "location": (value - shift) / stretch,
            "scale": value / stretch,
            "log_location": value - np.log(stretch),
            "shape": value,
        }
        return float(moved[self.role])

    def slope(self, stretch: float) -> float:
        """The derivative of `restore`."""
        return stretch if self.role in ("location", "scale") else 1.0


@dataclass(frozen=True)
class Support:
    """Values that a family can take: from `low` to `high`, whole numbers only or all of them."""

    low: float
    high: float
    closed: bool  # whether `low` itself is allowed
    coordinate: Literal["identity", "log", "logit"]
    words: str
    whole: bool = False

    def outside(self, x: Floats) -> Floats:
        """The values of `x` that cannot occur."""
        wrong = (x < self.low) | (x > self.high)
        if not self.closed:
            wrong |= (x == self.low) | (x == self.high)
        if self.whole:
            wrong |= x != np.round(x)
        return x[wrong]


REAL = Support(-np.inf, np.inf, True, "identity", "any value")
POSITIVE = Support(0.0, np.inf, False, "log", "values above 0")
NEGATIVE = Support(-np.inf, 0.0, False, "identity", "values below 0")
NONNEGATIVE = Support(0.0, np.inf, True, "log", "values of 0 or more")
UNIT = Support(0.0, 1.0, False, "logit", "values between 0 and 1, both excluded")
COUNTS = Support(0.0, np.inf, True, "identity", "whole numbers of 0 or more", whole=True)
FROM_ONE = Support(1.0, np.inf, True, "identity", "whole numbers of 1 or more", whole=True)
WHOLE = Support(-np.inf, np.inf, True, "identity", "whole numbers", whole=True)

Density = Callable[..., Array]
Start = Callable[[Floats, Floats], list[tuple[float, ...]]]


@dataclass(frozen=True, eq=False)
class Family:
    """A probability family.

    Attributes:
        name: the field's name for it; `scipy` is scipy's, empty where scipy has none, `aliases` are
            further names.
        parameters: in the order in which every function here takes them.
        log_density: (x (n,), *parameters) -> (n,), in JAX; log mass for counts.
        start: (x (n,), weights (n,)) -> points from which to search, on standardised data. Where
            the maximum has a closed form that is the one start.
        to_scipy: parameters -> (shape arguments, location, scale) of scipy's distribution.
        log_cdf, log_sf: (x (n,), *parameters) -> (n,) where closed forms exist.
        corners: (x, weights) -> points beyond the limits of the search, each near a law that is a limit
            of the family and that no search comes near. Nothing is searched from there.
        closed: (x, weights, fixed by index) -> parameters, for a likelihood with kinks, which no
            Newton step climbs; `closed_error` gives their standard errors from Fisher's
            information: (parameters, sum of weights) -> (k,), not a number where irregular.
        caution: parameters -> a sentence where the usual theory does not apply, else "".
        relatives: sentences on special cases, limits and families that contain it.
        law: a distribution with scipy's methods, where scipy has none or one that fails.
        special_cases: names of laws that lie inside the family, each with the condition under which
            the family is that law. One without a file of its own is found under this family.
    """

    name: str
    scipy: str
    title: str
    support: Support
    parameters: tuple[Parameter, ...]
    log_density: Density
    start: Start
    to_scipy: Callable[..., tuple[tuple[float, ...], float, float]]
    aliases: tuple[str, ...] = ()
    log_cdf: Density | None = None
    log_sf: Density | None = None
    corners: Start = field(default=lambda x, weights: [])
    closed: Callable[[Floats, Floats, Mapping[int, float]], tuple[float, ...]] | None = None
    closed_error: Callable[[Floats, float], Floats] | None = None
    caution: Callable[..., str] = field(default=lambda *parameters: "")
    relatives: tuple[str, ...] = ()
    law: Any = None
    special_cases: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(p.name for p in self.parameters)

    @property
    def discrete(self) -> bool:
        """Whether its values are counts."""
        return self.support.whole

    def frozen(self, parameters: Mapping[str, float]) -> Any:
        """A frozen distribution with scipy's methods and these parameters, by name."""
        shapes, location, scale = self.to_scipy(*(float(parameters[n]) for n in self.names))
        known: Any = self.law or getattr(stats, self.scipy)
        return known(*shapes, loc=location) if self.discrete else known(*shapes, location, scale)

    def log_below(self, x: Array, *parameters: Array) -> Array:
        """log P(X ≤ x), (n,)."""
        return self.log_cdf(x, *parameters) if self.log_cdf else self.log_tails(x, *parameters)[0]

    def log_above(self, x: Array, *parameters: Array) -> Array:
        """log P(X > x), (n,)."""
        return self.log_sf(x, *parameters) if self.log_sf else self.log_tails(x, *parameters)[1]

    def log_tails(self, x: Array, *parameters: Array) -> tuple[Array, Array]:
        """log P(X ≤ x) and log P(X > x), (n,) each."""
        if self.log_cdf and self.log_sf:
            return self.log_cdf(x, *parameters), self.log_sf(x, *parameters)
        return tails_of(lambda v: self.log_density(v, *parameters), x, self.support.coordinate)
