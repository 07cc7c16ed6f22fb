"""What intervals are given for: parameters, mean, quantiles and exceedance probabilities of a fit.

Each is a function of the free parameters in unconstrained coordinates, and has a scale on which a
normal limit suits it: the logarithm for what is above 0, log odds for what lies between 0 and 1, and
itself otherwise. Derivatives are central differences, of steps far below a standard error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy import stats
from scipy.special import expit, logit

from core.families import registry
from core.families.family import Floats
from core.families.quiet import quiet
from core.families.result import Fit

Scale = Literal["itself", "logarithm", "log odds"]
# To a line without ends, and back.
LINES: dict[Scale, tuple[Callable[[Floats], Floats], Callable[[Floats], Floats]]] = {
    "itself": (lambda v: v, lambda h: h),
    "logarithm": (np.log, np.exp),
    "log odds": (logit, expit),
}
DOMAINS = {
    "real": "itself",
    "signed": "inverse hyperbolic sine",
    "positive": "logarithm",
    "unit": "log odds",
}
# Steps of differences, in standard errors.
STEP = 3e-3
COUNTED = "Quantiles of counts are whole numbers without such intervals; `above` asks for chances."


@dataclass(frozen=True)
class Quantity:
    """A function of a fit's free parameters.

    Attributes:
        name: what it is called.
        scale: where it is taken as normal; `of` the parameter's own where that is another.
        line: unconstrained points (m, k) -> its values on that scale (m,).
        back: values on that scale -> in its own unit, any shape.
    """

    name: str
    scale: str
    line: Callable[[Floats], Floats]
    back: Callable[[Floats], Floats]

    def gradient(self, points: Floats, steps: Floats) -> tuple[Floats, Floats]:
        """Values (m,) on its scale and their slopes (m, k), by differences of `steps` (k,)."""
        m, k = points.shape
        moves = np.concatenate([np.zeros((1, k)), np.diag(steps), -np.diag(steps)])
        at = self.line((points[:, None] + moves).reshape(-1, k)).reshape(m, -1)
        return at[:, 0], (at[:, 1 : k + 1] - at[:, k + 1 :]) / (2 * steps)

    def curvature(self, point: Floats, along: Floats) -> float:
        """Its second derivative at `point` (k,) in the direction `along` (k,), of about a standard
        error's length."""
        at = self.line(point + np.outer([-0.02, 0.0, 0.02], along))
        return float((at[0] - 2 * at[1] + at[2]) / 0.02**2)


def natural(fit: Fit, points: Floats) -> Floats:
    """All parameters (m, p) in the unit of the data, from unconstrained free ones (m, k)."""
    family, standard = registry.find(fit.family), fit.peak
    full = np.tile([fit.parameters[name] for name in family.names], (len(points), 1))
    for k, i in enumerate(standard.free):
        p = family.parameters[i]
        full[:, i] = p.restore(p.value(points[:, k]), standard.shift, standard.stretch)
    return full


def evaluated(fit: Fit, function: str, points: Floats, *x: float) -> Floats:
    """scipy's function of this name (m,), at `x`, of the laws with free parameters `points` (m, k)."""
    family = registry.find(fit.family)
    made = [family.to_scipy(*row) for row in natural(fit, points).tolist()]
    shapes = [np.array(column) for column in zip(*(m[0] for m in made), strict=True)]
    place = [np.array([m[1] for m in made])]
    if not family.discrete:
        place.append(np.array([m[2] for m in made]))
    known: Any = family.law or getattr(stats, family.scipy)
    return np.asarray(getattr(known, function)(*x, *shapes, *place), np.float64)


def parameters(fit: Fit) -> list[Quantity]:
    """The free parameters, each on the scale of its domain."""
    family, standard = registry.find(fit.family), fit.peak
    return [_parameter(family.parameters[i], k, standard) for k, i in enumerate(standard.free)]


def _parameter(p: Any, k: int, standard: Any) -> Quantity:
    scale = DOMAINS.get(p.domain, "logarithm of its distance from the end of its range")
    return Quantity(
        p.name,
        scale,
        lambda points: np.asarray(points[:, k]),
        lambda h: np.asarray(p.restore(p.value(np.asarray(h)), standard.shift, standard.stretch)),
    )


def mean(fit: Fit) -> Quantity:
    """The mean, on the scale that the support suggests."""
    return _of_law(fit, "mean", _scale(fit), "mean")


def quantile(fit: Fit, p: float) -> Quantity:
    """The value below which a share `p` lies."""
    return _of_law(fit, f"quantile {p:g}", _scale(fit), "ppf", p)


def exceedance(fit: Fit, threshold: float) -> Quantity:
    """The probability of a value above `threshold`, by its log odds."""
    return _of_law(fit, f"P(X > {threshold:g})", "log odds", "sf", threshold)


def _of_law(fit: Fit, name: str, scale: Scale, function: str, *x: float) -> Quantity:
    to, back = LINES[scale]

    @quiet()
    def line(points: Floats) -> Floats:
        return to(evaluated(fit, function, points, *x))

    return Quantity(name, scale, line, back)


def chosen(
    fit: Fit, probabilities: Sequence[float], thresholds: Sequence[float]
) -> tuple[list[Quantity], list[str]]:
    """Parameters, mean, quantiles and exceedances of a fit that are finite there, and sentences on
    those that are not."""
    discrete = registry.find(fit.family).discrete
    asked = [mean(fit), *(quantile(fit, p) for p in probabilities if not discrete)]
    asked += [exceedance(fit, t) for t in thresholds]
    notes = [COUNTED] if discrete and probabilities else []
    found = parameters(fit)
    for one in asked:
        value = one.line(fit.peak.u[None])[0]
        if np.isfinite(value):
            found.append(one)
        else:
            own = float(one.back(np.asarray(value)))
            notes.append(f"There are no intervals for {one.name}, which is {own:g} under {fit.family}.")
    return found, notes


def _scale(fit: Fit) -> Scale:
    support = registry.find(fit.family).support
    if support.low < 0:
        return "itself"
    return "log odds" if support.high <= 1 else "logarithm"
