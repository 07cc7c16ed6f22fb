"""What theory predicts of intervals, held against those that were found.

In standard errors d of a quantity g, the fall of its profile log-likelihood is d²/2 + κ d³/6 + O(1/n),
with κ = T(a, a, a) − 3 a'G a / s: T and G the third derivatives of the loss and the second ones of g,
s the standard error, and a = H⁻¹ ∇g / s the direction of the profile. Its ends at ±z are therefore
both moved by −κ z² / 6: the interval's middle is not at the estimate.
"""

from collections.abc import Iterator

import numpy as np
from scipy import stats

from core import theory
from core.families.checks import LEVEL, testable
from core.families.intervals import Known
from core.families.verify import influence_kurtosis
from core.families.wald import critical

# Of the differences that give third derivatives, in standard errors.
STEP = 0.02
# Of an end, in standard errors, a larger shift is no small correction: the expansion has not set in.
MOST = 0.1


def ends(found: Known) -> tuple[list[theory.Row], list[str]]:
    """The ends of profile intervals against their second-order theory, or why that is not tested.

    What is left out is of the order of the square of the shift relative to the end, (κ z / 6)²: for
    twelve families and 100 to 5,000 values, 1 to 6 times the largest of them; 10 times are allowed.
    """
    z = critical(found.level) ** 0.5
    reached = found.reached.reshape(-1, 2)
    regular = [
        k
        for k, limit in enumerate(found.limits)
        if limit.unit == limit.error and np.isfinite(reached[k]).all()
    ]
    if found.profiles is None or not regular:
        return [], []
    shift = np.array([[-skewness(found, k) * z**2 / 6] for k in regular])
    largest = float(np.abs(shift).max()) / z
    if largest > MOST:
        said = f"{100 * largest:.0f} % of a half-width"
        return [], [
            f"At n = {found.fit.n:,.0f} second-order theory of profile intervals is not tested: it "
            f"moves ends by up to {said}, and is good for small corrections only."
        ]
    made = theory.asymptotic(
        f"Ends of profile intervals of {found.fit.family}, in standard errors, are moved by skewness as "
        "third derivatives say",
        np.array([-z, z]) + shift,
        reached[regular],
        tolerance=10 * largest**2 + 1e-4,
        source="−κ z² / 6 + O(1/n), from the likelihood's third derivatives; DiCiccio & Efron 1996, "
        "Statistical Science 11, 189, section 4",
    )
    return [made], []


def skewness(found: Known, k: int) -> float:
    """κ of quantity k."""
    assert found.profiles is not None
    limit, fit = found.limits[k], found.fit
    near = fit.peak.u + np.outer([STEP, -STEP], limit.along)
    _, _, hessian = found.profiles.measure(np.zeros(2, int), near)
    third = np.einsum("rij,i,j->r", hessian, limit.along, limit.along) * fit.n
    bent = found.quantities[k].curvature(fit.peak.u, limit.along)
    return float((third[0] - third[1]) / (2 * STEP) - 3 * bent / limit.error)


def widths(found: Known) -> Iterator[theory.Row]:
    """Widths of percentile intervals from refits against Wald's, on the quantities' scales.

    The spread of refits is off by the sampling error of the mean of ψ² (see `verify.fluctuation`), and
    the distance of two percentiles of r of them by theirs.
    """
    r = found.replicates.shape[1]
    kept = [k for k, row in enumerate(found.replicates) if np.isfinite(row).all() and r]
    if not kept:
        return
    p = (1 - found.level) / 2
    z = critical(found.level) ** 0.5
    measured = np.diff(np.quantile(found.replicates[kept], [p, 1 - p], axis=1), axis=0)[0]
    slopes = np.array([found.limits[k].slope for k in kept])
    sampling = (influence_kurtosis(found.fit, slopes).max() - 1) / (4 * found.fit.n)
    drawing = 2 * p * (1 - 2 * p) / (r * (2 * z * stats.norm.pdf(z)) ** 2)
    yield theory.asymptotic(
        f"Percentile intervals of {found.fit.family} are as wide as Wald's, on each quantity's scale",
        2 * z * np.array([found.limits[k].error for k in kept]),
        measured,
        tolerance=LEVEL * float(np.sqrt(sampling + drawing)),
        source="White 1982, Econometrica 50, 1: J = H where the family is right",
    )


def rows(found: Known) -> tuple[list[theory.Row], list[str]]:
    """All of them, and sentences on those that cannot be tested."""
    near, why = ends(found)
    wide, vague = testable(widths(found), found.fit.n)
    return near + wide, why + vague
