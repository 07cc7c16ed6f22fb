"""Estimates of one family by another method than maximum likelihood, with standard errors from refits.

A refit by such a method is a search of its own, so that there are few. Of a large sample m of the n
values are drawn for each, and deviations multiplied by √(m / n) (Bickel, Götze & van Zwet 1997,
Statistica Sinica 7, 1).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.experiment import InputError
from core.families import estimation, registry
from core.families.bootstraps import percentiles
from core.families.family import Floats
from core.families.fitting import fit
from core.families.interval_layout import ESTIMATES
from core.families.result import Fit

# Refits, and the values in one of them at most, by how long a search takes.
COSTS = {"mme": (100, 2000), "qme": (100, 2000), "mge": (40, 500), "mps": (20, 200)}
FEWEST = 10


@dataclass(frozen=True)
class Other:
    """A fit by another method, refits of its parameters (r, p), in the family's order, and sentences."""

    made: Fit
    refits: Floats
    notes: list[str]


def asked(method: str) -> bool:
    """Whether the method is another than maximum likelihood.

    Raises:
        InputError: a method that does not exist.
    """
    estimation.known(method)
    return method != "mle"


def by(
    method: str, likeliest: Fit, generator: np.random.Generator, progress: Callable[[float], None]
) -> Other:
    """The family of `likeliest` fitted by `method` to the same sample, and to resamples of it.

    Raises:
        InputError: a method that is not defined for the family or the sample.
    """
    sample = likeliest.sample
    made = fit(sample, likeliest.family, method)
    notes = [f"{made.family} by {method}: {note}" for note in made.notes if note != _errors(method)]
    if sample.partial:
        notes.append(f"{made.family} by {method} has no standard errors: its sample is not whole.")
        return Other(made, np.empty((0, len(made.parameters))), notes)
    count, most = COSTS[method.partition(":")[0]]
    n = round(made.n)
    size = min(n, most)
    centre = np.array(list(made.parameters.values()))
    found: list[Floats] = []
    for place in range(count):
        progress(place / count)
        x = generator.choice(sample.left, size, p=sample.weights / sample.total)
        try:
            again = fit(x, made.family, method)
        except InputError:
            continue
        found.append(centre + np.sqrt(size / n) * (np.array(list(again.parameters.values())) - centre))
    refits = np.array(found).reshape(-1, centre.size)
    scaled = f" to {size:,} of the {n:,} values each, their deviations scaled" if size < n else ""
    notes.append(
        f"Standard errors of {made.family} by {method} are the spread of {len(refits)} refits to "
        f"resampled values{scaled}; the ranking stays by maximum likelihood."
    )
    return Other(made, refits, notes)


def _errors(method: str) -> str:
    return estimation.NO_ERRORS.format(method=method)


def lines(likeliest: Fit, other: Other, level: float) -> Iterator[tuple[int, str, float, Floats]]:
    """Of each free parameter, by its place: the method, its estimate and the percentiles (2,) of its
    refits, in unconstrained coordinates."""
    family, standard = registry.find(likeliest.family), likeliest.peak
    if len(other.refits) < FEWEST:
        return
    for k, i in enumerate(standard.free):
        p = family.parameters[i]
        natural = [other.made.parameters[p.name], *percentiles(other.refits[:, i], level)]
        free = [p.free(p.standardise(v, standard.shift, standard.stretch)) for v in natural]
        yield k, other.made.method, free[0], np.array(free[1:])


def estimates(likeliest: Fit, other: Other | None) -> pd.DataFrame:
    """The table `ESTIMATES`."""
    if other is None:
        return ESTIMATES.empty()
    enough = len(other.refits) >= FEWEST
    spread = other.refits.std(axis=0, ddof=1) if enough else np.full(other.refits.shape[1], np.nan)
    return ESTIMATES.frame(
        [
            {
                "family": other.made.family,
                "method": other.made.method,
                "parameter": name,
                "estimate": value,
                "standard_error": spread[k],
                "refits": len(other.refits),
                "likeliest": likeliest.parameters[name],
            }
            for k, (name, value) in enumerate(other.made.parameters.items())
        ]
    )
