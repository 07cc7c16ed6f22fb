"""What theory predicts of fits, held against what was measured, a row for each prediction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from scipy import stats

from core import theory
from core.families import registry, verify
from core.families.family import Floats
from core.families.resampling import Refits
from core.families.result import Fit

# A check fails where the family is right in about 1 run of 500, as with a normal |z| above this.
LEVEL, RATE = 3.09, 0.002
# A relative error allowed to reach 1 holds where nothing at all was measured: such a check is vacuous.
VACUOUS = 1.0


def identities(fits: Sequence[Fit], masses: Sequence[float] = ()) -> Iterator[theory.Row]:
    """What holds of every fit, right family or wrong; `masses` are the integrals of the densities
    where they are known."""
    yield theory.identity(
        "The score is zero at every maximum (distance from a zero, in standard errors)",
        0.0,
        [f.score for f in fits],
        tolerance=1e-5,
        source="definition of the maximum likelihood estimate inside a parameter space",
    )
    counts = registry.find(fits[0].family).discrete
    yield theory.identity(
        "The fitted probabilities sum to 1"
        if counts
        else "Every fitted density integrates to 1 over its support",
        1.0,
        masses or [verify.total_mass(f) for f in fits],
        tolerance=1e-8,
        source="definition of a probability; at most 1e-12 is left out in the tail"
        if counts
        else "definition of a density; 2e-10 is left out in the tails",
    )


def information(made: Fit, again: Refits) -> Iterator[theory.Row]:
    """What holds of refits to resampled values where the family is right (see `verify.fluctuation`
    for the tolerances)."""
    r, k = again.unconstrained.shape
    spread, ratio = verify.fluctuation(made, r)
    yield theory.asymptotic(
        f"Standard errors of {made.family} equal the spread of refits to resampled values "
        "(logarithm of parameters above 0)",
        made.peak.errors(made.n),
        again.unconstrained.std(axis=0, ddof=1),
        tolerance=LEVEL * spread,
        source="White 1982, Econometrica 50, 1: J = H where the family is right",
    )
    yield theory.asymptotic(
        f"The mean likelihood ratio of refits of {made.family} is the number of free parameters",
        float(k),
        float(again.likelihood_ratio.mean()),
        standard_error=float(again.likelihood_ratio.std(ddof=1) / np.sqrt(r)),
        tolerance=LEVEL * ratio,
        source="Wilks 1938, Annals of Mathematical Statistics 9, 60; tr(J H⁻¹) in general",
    )


def testable(rows: Iterable[theory.Row], n: float) -> tuple[list[theory.Row], list[str]]:
    """The rows of `information` that can fail at n values, and a sentence on each other one."""
    made = list(rows)
    notes = [
        f"At n = {n:,.0f} this cannot be tested, because chance alone allows a relative error of "
        f"{row['tolerance']:.2g}: {row['prediction']}."
        for row in made
        if not row["tolerance"] < VACUOUS
    ]
    return [row for row in made if row["tolerance"] < VACUOUS], notes


def recovery(made: Fit, truth: Mapping[str, float], x: Floats) -> Iterator[theory.Row]:
    """What holds of a fit of the very family, with parameters `truth`, that `x` was drawn from."""
    family = registry.find(made.family)
    if np.isfinite(made.covariance).all():
        yield theory.exact(
            f"Estimates of {family.name} are at the truth, by their standard errors (a normal limit)",
            list(truth.values()),
            [made.parameters[name] for name in truth],
            [made.standard_errors[name] for name in truth],
            level=RATE,
            source="asymptotic normality: van der Vaart 1998, Asymptotic Statistics, chapter 5",
        )
    law = family.frozen(truth)
    at_truth = float((law.logpmf(x) if family.discrete else law.logpdf(x)).sum())
    statistic, limit = 2 * (made.log_likelihood - at_truth), float(stats.chi2.isf(RATE, len(made.free)))
    yield theory.bound(
        f"2 (log L of {family.name} at its maximum − at the truth) is below the 99.8 % quantile of χ²",
        limit,
        statistic,
        violations=int(not statistic <= limit),
        trials=1,
        allowed=RATE,
        source="Wilks 1938, Annals of Mathematical Statistics 9, 60",
    )
