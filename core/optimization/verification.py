"""Checks of a race: rates and curves against the spectral radius, thresholds against theirs."""

from collections.abc import Sequence

import numpy as np

from core import theory
from core.optimization import phase, rates, surfaces
from core.optimization.names import OPTIMIZERS, Method
from core.optimization.phase import Boundary
from core.optimization.quadratic import tuned_rate
from core.optimization.race import Course, Seen

POLYAK = "Polyak (1964), USSR Comput. Math. Math. Phys. 4(5), 1–17"
LESSARD = "Lessard, Recht & Packard, arXiv:1408.3595, section 2.2"
MODES = "eigenvectors of the Hessian; Goh (2017), doi:10.23915/distill.00006"
# e-folds of the distance that a rate needs to show.
SHOWS = 6.0


def settled(course: Course, methods: Sequence[Method]) -> list[Method]:
    """Those of `methods` whose rate can show: e^−`SHOWS` or less is left, or e^`SHOWS` or more."""
    # Without curvatures there is no rate: NaN is never settled.
    steps = int(course.at[-1])
    return [n for n in methods if abs(np.log(rates.factor(course, n))) * steps >= SHOWS]


def verify(
    course: Course, seen: Seen, edge: Boundary, methods: Sequence[Method], condition: float | None
) -> list[theory.Row]:
    """The checks of gradient descent, heavy ball and Nesterov, those of them in `methods`; where they
    claim to be tuned to a `condition` number, against its rates too."""
    apply, rows = settled(course, methods), []
    quadratic = course.surface.loss is surfaces.quadratic
    if apply:
        predicted = -np.log([rates.factor(course, name) for name in apply])
        fitted = [rates.slopes(course, seen, name) for name in apply]
        slopes = -np.array([[rates.middle(half) for half in both] for both in fitted])
        error = np.median(np.abs(slopes / predicted[:, None] - 1), axis=0)
        nearer = bool(error[1] <= 0.003 or error[1] <= error[0])
        claim = (
            "Log-rate in the second half is that of the spectral radius, and nearer than in the first"
        )
        if not quadratic:
            claim += "; curvatures of the minimum"
        row = theory.asymptotic(
            claim, predicted, slopes[:, 1], source=MODES, tolerance=0.03, shrinks=nearer
        )
        rows.append(row)
        if condition is not None:
            claim = "Steps for a factor e of the distance, from the condition number alone"
            known = [-1 / np.log(float(tuned_rate(name, condition))) for name in apply]
            taken = 1 / slopes[:, 1]
            rows.append(theory.asymptotic(claim, known, taken, source=LESSARD, tolerance=0.03))
    if quadratic and methods:
        rows.append(_modes(course, seen, methods))
    claim = "Heavy ball on the quadratic of these curvatures diverges from 2 (1 + m)/L on, at each m"
    rows.append(theory.asymptotic(claim, edge.predicted, edge.measured, source=POLYAK, tolerance=0.002))
    claim = "Gradient descent around 2/L: the stiffest mode's factor a step is |1 − ηL|"
    return [*rows, theory.identity(claim, np.abs(1 - 2 * phase.NEAR), edge.factor[0], source=MODES)]


def _modes(course: Course, seen: Seen, methods: Sequence[Method]) -> theory.Row:
    ratios = []
    for name in methods:
        exact = rates.exact(course, name)
        loss = seen.loss[: len(exact), OPTIMIZERS.index(name)]
        kept = np.isfinite(loss) & (exact > 1e-250) & (exact < 1e100)
        ratios.append(loss[kept] / exact[kept])
    claim = "Every loss over the sum over modes is 1, at each step from each start"
    return theory.identity(claim, 1.0, np.concatenate(ratios), source=MODES, tolerance=1e-6)
