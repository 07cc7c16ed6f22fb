"""Tables and checks of the decomposition into bias, variance and noise, from replicates of fits."""

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Table
from core.linear.decomposition import Measured, Parts, measured
from core.linear.designs import Floats

# Imported late, by what needs it: SciPy takes a while to load.
if TYPE_CHECKING:
    from core.theory import Row

ELEMENTS = "Hastie, Tibshirani & Friedman (2009), The Elements of Statistical Learning, "
ALGEBRA = "E (a − f)² = (E a − f)² + var a, with variance / R taken off bias²"
# Inputs of the grid on which bias, variance and test error are means; those drawn; curves drawn.
GRID, DRAWN, FANNED = 100, 50, 20

_UNIT = "squared units of the target"
_AT = {
    "setting": "degree; interior knots; neighbours; penalty λ; leaves; trees; width; or cost C, by "
    "learner",
    "freedom": "effective degrees of freedom, tr H; empty where the learner is not linear",
}
_QUANTITY = {
    "quantity": "bias2, variance, test (error on new targets) or train (error on the sample)",
    "value": f"mean over the grid, or over the sample for train, {_UNIT}",
}
_CURVE = {
    "setting": "as in decomposition",
    "x": "input, from 0 to 1",
}
TABLES = {
    "decomposition": Table(
        "Bias², variance and errors measured over the replicates; bias² unbiased, at times below 0.",
        {**_AT, **_QUANTITY, "standard_error": f"of the value, {_UNIT}"},
    ),
    "theory": Table(
        "What theory predicts: all of it for a linear learner, the variance for a forest.",
        {**_AT, **_QUANTITY},
    ),
    "risk": Table(
        "Error of one replicate at one setting, noise included.",
        {
            "replicate": "number of the replicate, from 0",
            "split": "train: mean over the sample; test: over new targets on the grid",
            "setting": "as in decomposition",
            "risk": f"mean squared error, {_UNIT}",
        },
    ),
    "fans": Table(
        "Fitted curves of the first replicates at a simple, the best and the most flexible setting.",
        {
            "place": "simple, best or flexible",
            "replicate": "number of the replicate, from 0",
            **_CURVE,
            "prediction": "fitted value, units of the target",
        },
    ),
    "means": Table(
        "The true curve and the mean of all fitted curves at those settings.",
        {
            "place": "simple, best or flexible",
            **_CURVE,
            "truth": "f(x), units of the target",
            "mean": "mean fitted value over all replicates, units of the target",
            "deviation": "standard deviation of the fitted value, units of the target",
            "predicted": "expected fitted value S(x)'f, units of the target; empty if not linear",
        },
    ),
    "bagging": Table(
        "Variance of a forest against its number of trees, in the second half of the replicates.",
        {
            "trees": "number of trees B",
            "tree_variance": f"s², of one tree, from the first half, {_UNIT}",
            "correlation": "ρ of two trees of one forest, from the first half",
            "predicted": f"ρ s² + (1 − ρ) s² / B, {_UNIT}",
            "variance": f"measured in the second half, {_UNIT}",
            "standard_error": f"of measured less predicted, {_UNIT}",
        },
    ),
    "checks": CHECKS,
}


class Fit(NamedTuple):
    """One replicate: predictions on the `grid` (c, m), errors `train` and `test` (c,), and the
    variance of a forest's trees `within` it, a mean over the grid."""

    grid: Floats
    train: Floats
    test: Floats
    within: float


class Known(NamedTuple):
    """What is known before anything is fitted: the `settings` (c,), their degrees of `freedom` (c,),
    the true curve on the grid `truth` (m,) and the `noise` variance; for linear learners the `exact`
    parts and the mean fitted curve `average` (c, m)."""

    settings: Floats
    freedom: Floats
    truth: Floats
    noise: float
    exact: Parts | None
    average: Floats | None


class Replicates(NamedTuple):
    """Fits so far, with replicates as the first axis."""

    grid: Floats
    train: Floats
    test: Floats
    within: Floats


class Bagging(NamedTuple):
    """s² and ρ of the trees of a forest in the first half of the replicates, the variance that they
    predict and that measured in the second half, and the standard error of the difference (c,)."""

    variance: float
    correlation: float
    predicted: Floats
    measured: Floats
    error: Floats


def fit(predicted: Floats, targets: Floats, within: float) -> Fit:
    """One replicate from predictions on the grid and the sample (c, m + n) and targets (m + n,)."""
    squares = (predicted - targets) ** 2
    train, test = squares[:, GRID:].mean(axis=1), squares[:, :GRID].mean(axis=1)
    return Fit(predicted[:, :GRID], train, test, within)


def joined(fits: list[Fit]) -> Replicates:
    """Replicates as arrays."""
    return Replicates(*(np.stack(values) for values in zip(*fits, strict=True)))


def bagging(known: Known, found: Replicates) -> Bagging:
    """The variance of forests against their number of trees, `known.settings`.

    Within a replicate the trees vary by (1 − ρ) s², and the mean of the most trees B varies between
    replicates by ρ s² + (1 − ρ) s² / B: both without bias. Source: Hastie, Tibshirani & Friedman
    (2009), equation 15.1.
    """
    half, trees = len(found.grid) // 2, known.settings
    first, second = measured(found.grid[:half], known.truth), measured(found.grid[half:], known.truth)
    within = found.within[:half]
    shared = first.spread[:, -1] - within / trees[-1]
    each = shared[:, None] + within[:, None] / trees
    predicted, total = each.mean(axis=0), float((shared + within).mean())
    error = np.hypot(each.std(axis=0, ddof=1) / np.sqrt(half), second.variance_error)
    return Bagging(total, float(shared.mean()) / total, predicted, second.variance, error)


def theory(known: Known) -> pd.DataFrame:
    """The table `theory` of a linear learner; empty for others."""
    if known.exact is None:
        return TABLES["theory"].empty()
    names = {"bias2": "bias", "variance": "variance", "test": "test", "train": "train"}
    parts = [_at(known).assign(quantity=q, value=getattr(known.exact, a)) for q, a in names.items()]
    return TABLES["theory"].frame(pd.concat(parts, ignore_index=True))


def tables(known: Known, found: Replicates) -> Frames:
    """The tables of the replicates so far, at least four."""
    split = measured(found.grid, known.truth)
    made = {"decomposition": _decomposition(known, found, split), "theory": theory(known)}
    made["risk"] = _risk(known, found)
    best = int(np.argmin(split.bias + split.variance))
    places = {"simple": best // 3, "best": best, "flexible": known.settings.size - 1}
    if best == 0:
        del places["simple"]
    if best == known.settings.size - 1:
        del places["flexible"]
    made["fans"], made["means"] = _fans(known, found, places), _means(known, found, places)
    made["bagging"] = TABLES["bagging"].empty()
    if found.within.any():
        law = bagging(known, found)
        columns = {
            "trees": known.settings,
            "tree_variance": law.variance,
            "correlation": law.correlation,
        }
        columns |= {"predicted": law.predicted, "variance": law.measured, "standard_error": law.error}
        made["bagging"] = pd.DataFrame(columns)
        made["theory"] = _at(known).assign(quantity="variance", value=law.predicted)
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def checks(known: Known, found: Replicates) -> "list[Row]":
    """The decomposition against theory, where there is theory, and against the error it explains."""
    from core.theory import exact, identity

    count, split = len(found.grid), measured(found.grid, known.truth)
    claim = "Squared distance to f is unbiased bias² plus variance, at every setting"
    rows = [identity(claim, split.distance.mean(axis=0), split.bias + split.variance, source=ALGEBRA)]
    claim = "Error on new targets is measured bias² + variance + σ², at every setting"
    gap = found.test - split.distance - known.noise
    sum_of = split.bias + split.variance + known.noise
    source = f"{ELEMENTS}equation 7.9"
    rows.append(
        exact(claim, sum_of, sum_of + gap.mean(axis=0), _error(gap), source=source, replicates=count)
    )
    if known.exact is not None and known.average is not None:
        at = np.arange(7, GRID, 14)
        curves = found.grid[..., at].reshape(count, -1)
        means = known.average[:, at].ravel(), curves.mean(axis=0), _error(curves)
        claim = "The mean fitted curve is S(x)'f, the truth less the bias, at 7 inputs and every setting"
        source = f"{ELEMENTS}section 7.3: linear smoothers"
        rows.append(exact(claim, *means, source=source, replicates=count))
        claim = "Variance is σ² ‖S(x)‖², its mean over the grid at every setting"
        # Relative to what is predicted: of a mean of squares the error measured is low where it is low.
        error = _error(split.spread) * known.exact.variance / split.variance
        means = known.exact.variance, split.variance, error
        rows.append(exact(claim, *means, source=source, replicates=count))
        claim = "Training error is ‖(I − H) f‖² / n + σ² ‖I − H‖² / n"
        # The nearest neighbour alone leaves no training error.
        left = known.exact.train > 1e-9 * known.noise
        means = known.exact.train[left], found.train.mean(axis=0)[left], _error(found.train)[left]
        rows.append(exact(claim, *means, source=source, replicates=count))
    if found.within.any():
        law = bagging(known, found)
        claim = (
            "Variance of a forest of B trees is ρ s² + (1 − ρ) s² / B, ρ and s² from other replicates"
        )
        means, half = (law.predicted, law.measured, law.error), count // 2
        rows.append(exact(claim, *means, source=f"{ELEMENTS}equation 15.1", replicates=half))
    return rows


def _error(values: Floats) -> Floats:
    return np.asarray(values.std(axis=0, ddof=1) / np.sqrt(len(values)))


def _at(known: Known) -> pd.DataFrame:
    return pd.DataFrame({"setting": known.settings, "freedom": known.freedom})


def _decomposition(known: Known, found: Replicates, split: Measured) -> pd.DataFrame:
    parts = {
        "bias2": (split.bias, split.bias_error),
        "variance": (split.variance, split.variance_error),
        "test": (found.test.mean(axis=0), _error(found.test)),
        "train": (found.train.mean(axis=0), _error(found.train)),
    }
    made = [
        _at(known).assign(quantity=quantity, value=value, standard_error=error)
        for quantity, (value, error) in parts.items()
    ]
    return pd.concat(made, ignore_index=True)


def _risk(known: Known, found: Replicates) -> pd.DataFrame:
    count, size = found.test.shape
    parts = [
        {
            "replicate": np.repeat(np.arange(count), size),
            "split": split,
            "setting": np.tile(known.settings, count),
            "risk": values.ravel(),
        }
        for split, values in (("train", found.train), ("test", found.test))
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _fans(known: Known, found: Replicates, places: dict[str, int]) -> pd.DataFrame:
    drawn = np.round(np.linspace(0, GRID - 1, DRAWN)).astype(int)
    x, count = (drawn + 0.5) / GRID, min(FANNED, len(found.grid))
    parts = [
        {
            "place": place,
            "replicate": np.repeat(np.arange(count), DRAWN),
            "setting": known.settings[c],
            "x": np.tile(x, count),
            "prediction": found.grid[:count, c][:, drawn].ravel(),
        }
        for place, c in places.items()
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)


def _means(known: Known, found: Replicates, places: dict[str, int]) -> pd.DataFrame:
    parts = [
        {
            "place": place,
            "setting": known.settings[c],
            "x": (np.arange(GRID) + 0.5) / GRID,
            "truth": known.truth,
            "mean": found.grid[:, c].mean(axis=0),
            "deviation": found.grid[:, c].std(axis=0, ddof=1),
            "predicted": np.nan if known.average is None else known.average[c],
        }
        for place, c in places.items()
    ]
    return pd.concat([pd.DataFrame(part) for part in parts], ignore_index=True)
