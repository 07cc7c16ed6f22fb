"""Where a learning curve is known in closed form, does the measured one follow it?"""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.experiment import Table
from core.learners import known
from core.learners.power_law import student
from core.learners.setting import Setting

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Largest n^(−2/p) at the largest size for which terms of order n^(−4/p) can be left out.
NEAR = 0.1


class Closed(NamedTuple):
    """A curve with its name: `at(samples)` is risk or error (n,), `apart(samples)` says where it can be
    held against a mean of replicates, and `finite` is the relative error of a limit there."""

    formula: Literal["exact", "limit"]
    name: str
    at: Callable[[Ints], Floats]
    apart: Callable[[Ints], NDArray[np.bool_]]
    finite: float
    claim: str
    source: str


def closed(config: Any, it: Setting) -> Closed | None:
    """The curve for the design and learner of a `Config` with the fields of core.learners.fields; None
    where none is known."""
    learner, p, distance = it.model.name(it.classes), config.features, config.distance
    if config.data == "linear-model" and learner == "linear":
        return Closed(
            "exact",
            "least squares",
            lambda n: known.least_squares(n, p, config.noise),
            # Risk near n = p + 2 has no variance.
            lambda n: n >= p + max(8, p // 8),
            0.0,
            "Mean test risk of least squares at each n is σ²(1 + 1/n)(n − 2)/(n − p − 2)",
            "Breiman & Freedman (1983), JASA 78, 131–136",
        )
    if it.measure != "error":
        return None
    if config.data == "gaussians" and learner == "linear":
        return Closed(
            "limit",
            "linear discriminant",
            lambda n: known.discriminant(n, p, distance),
            lambda n: n >= p + max(8, p),
            0.03,
            "Mean error of the linear discriminant is near its limit at γ = p/n",
            "Raudys & Young (2004), J. Multivariate Analysis 89, section 3",
        )
    if config.data == "perceptron" and learner == "hebb":
        return Closed(
            "limit",
            "Hebb's rule",
            lambda n: known.hebb(n, p),
            lambda n: n >= max(8, p),
            # The mean of χ with p − 1 degrees of freedom, and scales estimated from n ≥ p rows.
            1.75 / p,
            "Mean error of Hebb's rule is near arccos(√(2α/(2α + π)))/π at α = n/p",
            "Vallet (1989), Europhysics Letters 8, 747–751",
        )
    if config.data == "gaussians" and learner == "knn" and config.neighbours == 1:
        limit = known.nearest_neighbour(distance)
        return Closed(
            "limit",
            "one nearest neighbour, n → ∞",
            lambda n: np.full(len(n), limit),
            lambda n: n >= 8,
            0.0,
            f"Error of one neighbour, less its part in n^(−2/p) with p = {p}, is E 2η(1 − η)",
            "Cover & Hart (1967); Snapp & Venkatesh (1998), Annals of Statistics 26, 850–878",
        )
    return None


def drawn(found: Closed | None, sizes: Ints, table: Table) -> pd.DataFrame:
    """The curve from the smallest size to twice the largest; empty without one."""
    if found is None:
        return table.empty()
    fine = np.unique(np.round(np.geomspace(sizes[0], 2 * sizes[-1], 120)).astype(np.int64))
    columns = {"formula": found.formula, "name": found.name, "samples": fine, "value": found.at(fine)}
    frame = pd.DataFrame(columns)
    return table.frame(frame[frame["value"].notna()])


def against(
    found: Closed | None, sizes: Ints, curve: Floats, features: int
) -> tuple[list[theory.Row], list[str]]:
    """The check of the known curve by the errors `curve` (replicate, size), and what cannot be
    checked."""
    apart = np.zeros(sizes.size, bool) if found is None else found.apart(sizes)
    if found is None or not apart.any():
        return [], []
    if "n → ∞" in found.name:
        return _neighbour(found, sizes[apart], curve[:, apart], features)
    values, means = found.at(sizes)[apart], curve.mean(axis=0)[apart]
    error = curve.std(axis=0, ddof=1)[apart] / np.sqrt(len(curve))
    if found.formula == "exact":
        count = len(curve)
        return [
            theory.exact(found.claim, values, means, error, source=found.source, replicates=count)
        ], []
    # Finite p, and the standard error of what is measured.
    tolerance = found.finite + 3 * float(np.median(error / values))
    return [theory.asymptotic(found.claim, values, means, source=found.source, tolerance=tolerance)], []


def _neighbour(
    found: Closed, sizes: Ints, curve: Floats, features: int
) -> tuple[list[theory.Row], list[str]]:
    """The error at n is its limit + c n^(−2/p) and smaller terms: the straight line through the
    measured errors in n^(−2/p) is held against the limit where it meets n = ∞."""
    rest = sizes.astype(float) ** (-2 / features)
    if rest[-1] > NEAR or rest.size < 4:
        return [], [
            f"One neighbour's error falls to its limit like n^(−2/p), with p = {features} too slowly "
            f"for {sizes[-1]:,} samples to say what the limit is."
        ]
    # Larger sizes are nearer, and what is left out is of order n^(−4/p).
    weights = 1 / (0.02 + rest) ** 2
    design = np.column_stack([np.ones_like(rest), rest])
    solved = np.linalg.solve(design.T @ (weights[:, None] * design), (weights[:, None] * design).T)
    ends = curve @ solved[0]
    limit, error = found.at(sizes[:1])[0], float(ends.std(ddof=1) / np.sqrt(len(ends)))
    row = theory.asymptotic(
        found.claim,
        limit,
        float(ends.mean()),
        source=found.source,
        tolerance=float(rest[-1] ** 2) + student(0.998, len(ends)) * error / limit,
        standard_error=error,
    )
    return [row], []
