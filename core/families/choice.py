"""The best of ranked families compared: Vuong's tests, log scores, averaged quantiles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from core import theory
from core.experiment import InputError
from core.families import averaged, log_score, vuong
from core.families.checks import LEVEL
from core.families.choice_layout import AVERAGED, COMPARISON, VERIFIED
from core.families.ranking import Entry
from core.families.result import Fit
from core.families.verify import ratio_variance, total_mass

# The best so many are compared. Of more values than these the log score is −AIC / (2n), to its error.
BEST, VALUES = 4, 20_000
FOLDS = 10
# Values in all refits that leave out a fold of the family under test.
WORK = 1_000_000
STONE = "Stone 1977, JRSS B 39, 44, asymptotic equivalence of cross-validation and AIC"


@dataclass(frozen=True)
class Choice:
    """The tables `comparison` and `averaged`; by family the log score and the standard error of its
    difference from the best family's; sentences on what is missing."""

    comparison: pd.DataFrame
    averaged: pd.DataFrame
    scores: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def chosen(
    entries: Sequence[Entry], generator: np.random.Generator, progress: Callable[[str, float], None]
) -> Choice:
    """The best of ranked fits by maximum likelihood compared; `progress` hears a family and the share
    that is done."""
    best = [e.fit for e in entries if e.fit and np.isfinite(e.delta)][:BEST]
    table, said = _averaged(entries)
    scores, missing = _scores(best, generator, progress)
    return Choice(_comparison(best), table, scores, (*said, *missing))


def _comparison(best: Sequence[Fit]) -> pd.DataFrame:
    return COMPARISON.frame([vars(c) for c in vuong.pairs(best, "aic")])


def _averaged(entries: Sequence[Entry]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    made = averaged.quantiles(entries)
    if made is None:
        return AVERAGED.empty(), ()
    whole = {
        "family": "averaged",
        "weight": 1.0,
        "quantile": made.quantile,
        "standard_error": made.standard_error,
        "lower": made.lower,
        "upper": made.upper,
    }
    parts = [whole] + [
        {
            "family": name,
            "weight": made.weights[m],
            "quantile": made.each[m],
            "standard_error": made.each_error[m],
            "lower": np.nan,
            "upper": np.nan,
        }
        for m, name in enumerate(made.families)
    ]
    frames = [pd.DataFrame({**p, "probability": made.probability}) for p in parts]
    table = pd.concat(frames, ignore_index=True)
    centre = np.tile(made.quantile, len(parts))
    table["deviation"] = table["quantile"] - centre
    table["lower_deviation"] = table["lower"] - centre
    table["upper_deviation"] = table["upper"] - centre
    said = (
        f"The averaged quantiles are without {', '.join(made.left_out)}, which has no standard errors."
    )
    return AVERAGED.frame(table), (said,) if made.left_out else ()


def _scores(
    best: Sequence[Fit], generator: np.random.Generator, progress: Callable[[str, float], None]
) -> tuple[dict[str, tuple[float, float]], list[str]]:
    n = best[0].sample.left.size
    if n > VALUES:
        said = f"There are no log scores above {VALUES:,} values, where they are −AIC / (2n)."
        return {}, [said]
    if n < 2 * FOLDS:
        return {}, [f"There are no log scores below {2 * FOLDS} values."]
    fold = log_score.folds(n, FOLDS, generator)
    made: list[log_score.Scores] = []
    notes = []
    for place, fit in enumerate(best):
        progress(fit.family, place / len(best))
        try:
            made.append(log_score.scores(fit, fold))
        except InputError as error:
            notes.append(f"{fit.family} has no log score: {error}")
            continue
        beyond = int((~np.isfinite(made[-1].each)).sum())
        if beyond:
            notes.append(
                f"{fit.family} has no log score: {beyond} of the values left out lie outside the "
                "support that the others give."
            )
            made.pop()
    return {s.family: (s.mean, s.above(made[0])[1]) for s in made}, notes


def stone(fit: Fit, generator: np.random.Generator) -> list[theory.Row]:
    """What leaving values out costs, held against the number of free parameters: none where it cannot
    be measured. With K folds k (1 + 1 / (2 (K − 1))) nats are lost, by the second-order expansion whose
    limit for folds of one is Stone's. The tolerance is that of the sums over folds of S' H⁻¹ S, S the
    score of a fold, were the family true."""
    n, k = fit.sample.left.size, len(fit.free)
    count = int(min(n, max(FOLDS, WORK // n)))
    if n > VALUES or n < 2 * FOLDS or not np.isfinite(fit.peak.hessian).all():
        return []
    try:
        left = log_score.scores(fit, log_score.folds(n, count, generator))
    except InputError:
        return []
    expected = k * (1 + 1 / (2 * (count - 1)))
    variance = 2 * k + max(ratio_variance(fit) - 2 * k, 0.0) * count / n
    name = "one value" if count == n else f"one of {count} folds"
    return [
        theory.asymptotic(
            f"Leaving out {name} at a time costs {fit.family} a nat of log score a free parameter",
            expected,
            fit.log_likelihood - float(left.each.sum()),
            tolerance=LEVEL * float(np.sqrt(variance / count)) / k,
            source=STONE,
        )
    ]


def verified(fits: Sequence[Fit]) -> pd.DataFrame:
    """The table `VERIFIED` of fits by maximum likelihood."""
    return VERIFIED.frame(
        [
            {
                "family": f.family,
                "score": f.score,
                "mass": total_mass(f),
                "starts": f.starts[1],
                "agreeing": f.starts[0],
            }
            for f in fits
        ]
    )
