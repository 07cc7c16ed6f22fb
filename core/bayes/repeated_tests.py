"""What does a positive test of a rare condition say, and what do several in a row?

Every test is positive with probability `sensitivity` in those who have the condition and
1 − `specificity` in those who do not. Given the condition, tests are independent, unless they
`repeat`: a share of people then gets one result every time. After k positives of k tests,

    log odds = log(π / (1 − π)) + k log(se / (1 − sp)).

Source: Gigerenzer et al. (2007), Psychological Science in the Public Interest 8, 53.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from core import theory
from core.bayes import layout
from core.bayes.conjugate import Floats

# Fewer people than this times p(1 − p) make a share that is far from normal.
LEAST = 25.0
SOURCE = "Bayes' theorem; Gigerenzer et al. (2007), Psychol. Sci. Public Interest 8, 53"


class Screening(NamedTuple):
    """Tests of a condition: share of people who have it, both rates of a test, how many tests, and
    the share of people whose tests all repeat the first."""

    prevalence: float
    sensitivity: float
    specificity: float
    tests: int
    repeat: float = 0.0


def posterior(screening: Screening) -> Floats:
    """Probability of the condition after 0, 1, … positive tests, taken as independent."""
    ratio = screening.sensitivity / (1 - screening.specificity)
    odds = special.logit(screening.prevalence) + np.arange(screening.tests + 1) * np.log(ratio)
    made: Floats = special.expit(odds)
    return made


def drawn(screening: Screening, people: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """So many people, tested again as long as they are positive: how many are after each test, from
    0, and how many of them have the condition."""
    affected = int(rng.binomial(people, screening.prevalence))
    sick = _positive(screening, affected, screening.sensitivity, rng)
    well = _positive(screening, people - affected, 1 - screening.specificity, rng)
    return sick + well, sick


def held(
    true: Screening, believed: Screening, people: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, theory.Row]:
    """People tested as is `true`, beside the probabilities of one who takes them as `believed`:
    the table `groups` and the check, over groups large enough for their share to be normal."""
    (found, affected), predicted = drawn(true, people, rng), posterior(believed)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = affected / found
        error = np.sqrt(predicted * (1 - predicted) / found)
    columns = {
        "positives": np.arange(true.tests + 1),
        "people": found,
        "affected": affected,
        "share": share,
        "standard_error": np.where(found > 0, error, np.nan),
        "predicted": predicted,
        "odds": posterior(believed._replace(prevalence=0.5)),
    }
    large = found * predicted * (1 - predicted) >= LEAST
    claim = "The share of people with each number of positives who have it is Bayes' probability"
    row = theory.exact(claim, predicted[large], share[large], error[large], source=SOURCE)
    return layout.GROUPS.frame(columns), row


def _positive(screening: Screening, people: int, rate: float, rng: np.random.Generator) -> Floats:
    """Of people whose tests are positive with this rate: how many still are after 0, 1, … tests."""
    same = int(rng.binomial(people, screening.repeat))
    left, repeated = [people - same], rng.binomial(same, rate)
    for _ in range(screening.tests):
        left.append(int(rng.binomial(left[-1], rate)))
    return np.array([people, *(k + repeated for k in left[1:])], float)
