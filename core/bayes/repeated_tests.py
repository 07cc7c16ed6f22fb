"""What does a positive test of a rare condition say, and what do several?

Every test is positive with probability `sensitivity` in those who have the condition and
1 − `specificity` in those who do not. Given the condition, tests are independent, unless they
`repeat`: a share of people then gets one result every time. After k positives of m tests,

    log odds = log(π / (1 − π)) + k log(se / (1 − sp)) + (m − k) log((1 − se) / sp).

Source: Gigerenzer et al. (2007), Psychological Science in the Public Interest 8, 53.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import special, stats

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
    times: int
    repeat: float = 0.0


class Groups(NamedTuple):
    """People by number of positive tests, from 0: how many, and how many of them have it."""

    people: Floats
    affected: Floats


def posterior(tests: Screening) -> Floats:
    """Probability of the condition after 0 … m positives of m tests, tests taken as independent."""
    k = np.arange(tests.times + 1)
    for_it = k * np.log(tests.sensitivity / (1 - tests.specificity))
    against = (tests.times - k) * np.log((1 - tests.sensitivity) / tests.specificity)
    made: Floats = special.expit(special.logit(tests.prevalence) + for_it + against)
    return made


def drawn(tests: Screening, people: int, rng: np.random.Generator) -> Groups:
    """So many people, tested."""
    affected = int(rng.binomial(people, tests.prevalence))
    sick = rng.multinomial(affected, _positives(tests, tests.sensitivity))
    well = rng.multinomial(people - affected, _positives(tests, 1 - tests.specificity))
    return Groups((sick + well).astype(float), sick.astype(float))


def held(
    true: Screening, believed: Screening, people: int, rng: np.random.Generator
) -> tuple[pd.DataFrame, theory.Row]:
    """People tested as is `true`, beside the probabilities of one who takes them as `believed`:
    the table `groups` and the check, over groups large enough for their share to be normal."""
    found, predicted = drawn(true, people, rng), posterior(believed)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found.affected / found.people
        error = np.sqrt(predicted * (1 - predicted) / found.people)
    columns = {
        "positives": np.arange(true.times + 1),
        "people": found.people,
        "affected": found.affected,
        "share": share,
        "standard_error": np.where(found.people > 0, error, np.nan),
        "predicted": predicted,
        "odds": posterior(believed._replace(prevalence=0.5)),
    }
    large = found.people * predicted * (1 - predicted) >= LEAST
    claim = "The share of people with each number of positives who have it is Bayes' probability"
    row = theory.exact(claim, predicted[large], share[large], error[large], source=SOURCE)
    return layout.GROUPS.frame(columns), row


def _positives(tests: Screening, rate: float) -> Floats:
    """Probability of each number of positives where one test is positive with this rate."""
    each = stats.binom.pmf(np.arange(tests.times + 1), tests.times, rate)
    made = (1 - tests.repeat) * each
    made[0] += tests.repeat * (1 - rate)
    made[-1] += tests.repeat * rate
    shares: Floats = made / made.sum()
    return shares
