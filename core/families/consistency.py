"""Which of the best families a sample is consistent with: p-values that account for the fitting."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.experiment import InputError
from core.families import registry
from core.families.ranking import Entry
from core.families.significance import p_values

# A family further than 10 above the best AICc has essentially no support (Burnham & Anderson 2002,
# section 2.6): its p-value would tell nothing new. And no more than the six best are tested.
SUPPORTED, MOST = 10.0, 6
# The least p-value is 1/200, and one near 0.05 has a standard error of 0.015.
DRAWS, ENOUGH = 199, 20
# Of a larger sample every family is an approximation, and is rejected.
VALUES = 20_000
TESTS = {False: "ad", True: "chi2"}


@dataclass(frozen=True)
class Tested:
    """P-values by family, from at most `DRAWS` refitted draws each, and `notes` on what has none."""

    p: dict[str, float]
    notes: tuple[str, ...]


def stream(seed: int) -> np.random.Generator:
    """The randomness of the p-values that `fit-distribution` gives at this seed."""
    return np.random.default_rng(seed).spawn(2)[1]


def tested(
    entries: Sequence[Entry],
    generator: np.random.Generator,
    progress: Callable[[str, float], None],
) -> Tested:
    """P-values of the best of ranked `entries`: by Anderson and Darling's statistic for measurements,
    by Pearson's for counts. `progress` hears of a family and the share that is done."""
    chosen = [e.fit for e in entries if e.fit and e.delta <= SUPPORTED][:MOST]
    if chosen and chosen[0].n > VALUES:
        said = f"There are no p-values above {VALUES:,} values: at such sizes any small misfit is seen."
        return Tested({}, (said,))
    found: dict[str, float] = {}
    notes = []
    # A stream for each, so that one family's draws do not depend on which others are there.
    streams = generator.spawn(len(chosen))
    for place, (fit, stream) in enumerate(zip(chosen, streams, strict=True)):
        progress(fit.family, place / len(chosen))
        test = TESTS[registry.find(fit.family).discrete]
        try:
            made = p_values(fit, stream, tests=(test,), draws=DRAWS, enough=ENOUGH)[test]
        except InputError as error:
            notes.append(f"{fit.family} has no p-value: {error}")
            continue
        if np.isfinite(made.value):
            found[fit.family] = made.value
        else:
            notes.append(
                f"{fit.family} has no p-value: its support ends at the extreme values, where the "
                "Anderson–Darling statistic is infinite."
            )
    return Tested(found, tuple(notes))
