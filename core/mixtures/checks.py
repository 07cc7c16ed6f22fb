"""What theory predicts of mixtures, held against what was measured, a row for each prediction."""

import warnings
from collections.abc import Iterator, Sequence

import numpy as np

from core import theory
from core.mixtures.choosing import Choice
from core.mixtures.following import Path, late_rate
from core.mixtures.information import Maximum
from core.mixtures.kinds import Floats, Kind
from core.mixtures.symmetric import Symmetric, population_rate

DEMPSTER = "Dempster, Laird & Rubin 1977, JRSS B 39, 1"
# Chance that a check with a standard error fails where its claim is true.
LEVEL = 0.002


def climbing(path: Path) -> Iterator[theory.Row]:
    """Over all steps from all starts."""
    rise = np.diff(path.log_likelihood, axis=0) / (1 + abs(path.goal))
    yield theory.identity(
        "No EM step lowers the log-likelihood (largest fall, as a share of it)",
        0.0,
        np.maximum(-rise, 0.0).max(initial=0.0),
        tolerance=1e-12,
        source=f"{DEMPSTER}, theorem 1; rounding allowed",
    )


def rates(kind: Kind, top: Maximum | None, path: Path, notes: list[str]) -> Iterator[theory.Row]:
    """How EM comes near the maximum `top`."""
    if top is None:
        return
    yield theory.identity(
        "The derivative of an EM step is the missing share of information (all eigenvalues)",
        top.missing,
        top.jacobian,
        tolerance=1e-6,
        source=f"{DEMPSTER}, section 4: 1 − I_c⁻¹ I at a maximum",
    )
    late, predicted = late_rate(kind, path, top), max(float(top.missing[0]), 0.0)
    if late.size < 5:
        steps = len(path.log_likelihood) - 1
        why = (
            "arrives at once"
            if predicted < 0.2
            else f"is not near the maximum for long in {steps:,} steps"
        )
        notes.append(f"The rate {predicted:.4f} of EM is not measured: it {why}.")
        return
    measured = float(np.exp(np.mean(np.log(late[-20:]))))
    yield theory.asymptotic(
        "EM steps that bring one more digit, from the missing information, as EM nears the maximum",
        -1 / np.log10(predicted),
        -1 / np.log10(measured) if measured < 1 else np.inf,
        tolerance=0.05,
        source=f"{DEMPSTER}, section 4: −1 / log₁₀ λ",
    )


def symmetric(halves: Sequence[tuple[float, Symmetric]]) -> Iterator[theory.Row]:
    """The mixture of N(m, 1) and N(−m, 1)."""
    made = [s for _, s in halves]
    yield theory.identity(
        "EM's rate for N(m, 1) and N(−m, 1) is the mean of x² sech²(m̂ x) over the sample",
        [s.formula for s in made],
        [s.measured for s in made],
        tolerance=1e-5,
        source="derivative of mean of x tanh(m x) at its fixed point; moves of 1e-9 have 6 digits",
    )
    yield theory.exact(
        "… and E[x² sech²(m x)] in the population (bias 1 / n left out)",
        population_rate(np.array([m for m, _ in halves])),
        [s.formula for s in made],
        [s.error for s in made],
        level=LEVEL,
        source=f"{DEMPSTER}; standard errors by influence functions",
    )


def recovery(kind: Kind, true: Floats, choice: Choice, top: Maximum | None) -> Iterator[theory.Row]:
    """Simulated values of a known mixture."""
    yield theory.asymptotic(
        "BIC chooses the true number of components",
        float(true.shape[1]),
        float(choice.chosen),
        tolerance=1e-9,
        source="Keribin 2000, Sankhyā A 62, 49: with probability 1 in the limit of large n",
    )
    if top is None or top.mixture.shape != true.shape:
        return
    measured, errors, known = top.mixture, top.errors, true
    log = np.array([True, *kind.positive])
    z_errors = np.where(log[:, None], errors / measured, errors)
    free = np.ones(true.shape, bool)
    # The last weight is what the others leave; one component has the weight 1.
    free[0, -1] = False
    yield theory.exact(
        "Estimates are at the truth, by their standard errors (logarithms of what is above 0; a normal "
        "limit)",
        np.where(log[:, None], np.log(np.where(log[:, None], known, 1.0)), known)[free],
        np.where(log[:, None], np.log(np.where(log[:, None], measured, 1.0)), measured)[free],
        z_errors[free],
        level=LEVEL,
        source="asymptotic normality: van der Vaart 1998, Asymptotic Statistics, chapter 5",
    )


def against_sklearn(x: Floats, choice: Choice, floor: float, notes: list[str]) -> Iterator[theory.Row]:
    """scikit-learn's own mixture of normals with as many components."""
    # Imported late: scikit-learn takes a second.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    k, shift, unit = choice.chosen, float(x.mean()), float(x.std())
    peer = GaussianMixture(k, tol=1e-7, max_iter=500, n_init=2, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        peer.fit(((x - shift) / unit)[:, None])
    least = unit * float(np.sqrt(peer.covariances_.min()))
    if least <= floor:
        notes.append(
            f"scikit-learn's mixture has a component of spread {least:.3g}, at the floor, {floor:.3g}; "
            "its likelihood is not compared."
        )
        return
    theirs = float(peer.score(((x - shift) / unit)[:, None]) - np.log(unit)) * x.size
    ours = float(choice.log_likelihood[k - 1])
    yield theory.bound(
        "The log-likelihood is at least that of scikit-learn's GaussianMixture (k-means starts)",
        theirs,
        ours,
        violations=int(ours < theirs - 1e-6 * (1 + abs(theirs))),
        trials=1,
        allowed=0.0,
        source="a maximum is not below another fit of the same kind",
    )
