"""Hopfield networks filled with random patterns: replicates, tables and checks."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames, Report
from core.networks import hopfield
from core.networks.memory_tables import TABLES, point, theory
from core.theory import Row, asymptotic, exact

Floats = NDArray[np.float64]

AMIT = "Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. Lett. 55"
SIGNS = "binomial law of a sum of independent signs"
LOADS = (0.04, 0.06, 0.08, 0.1, 0.12, 0.14, 0.16, 0.2, 0.25, 0.3)
# Patterns whose bits are looked at, patterns that the network is started from, and the least number
# of unstable bits that theory must expect before their share is compared.
LOOKED, STARTED, LEAST = 100, 20, 100


def recall(
    units: int, networks: int, bias: float, seed: int, report: Report
) -> tuple[Frames, list[Row]]:
    """`networks` for each number of patterns, whose bits are +1 with probability (1 + bias)/2."""
    held = np.array(sorted({max(2, round(load * units)) for load in LOADS}))
    errors, overlaps = np.full((2, networks, held.size), np.nan)
    tables = {"theory": _theory(units)}
    for i, rng in enumerate(np.random.default_rng([seed, 0]).spawn(networks)):
        for j, patterns in enumerate(held):
            done = (i + j / held.size) / networks
            report(done, f"filling network {i + 1} of {networks}", tables)
            stored = hopfield.draw(units, patterns, bias, rng)
            errors[i, j] = hopfield.unstable(stored, LOOKED)
            overlaps[i, j] = hopfield.settle(stored, STARTED).mean()
        parts = [
            point(curve, "", patterns / units, values[: i + 1, j])
            for curve, values in (("bit error", errors), ("overlap", overlaps))
            for j, patterns in enumerate(held)
        ]
        tables = {"measured": TABLES["measured"].frame(parts), "theory": tables["theory"]}
    return tables, _checks(units, held, errors, overlaps)


def _theory(units: int) -> pd.DataFrame:
    fine = np.linspace(0.01, 0.3, 59)
    counts = np.unique(np.maximum(2, np.round(fine * units)).astype(int))
    return theory(
        [
            *(("overlap", "", a, "asymptotic", hopfield.overlap(a)) for a in fine),
            *(("bit error", "", p / units, "exact", hopfield.bit_error(units, p)) for p in counts),
        ]
    )


def _checks(units: int, held: NDArray[np.int64], errors: Floats, overlaps: Floats) -> list[Row]:
    count = len(errors)
    expected = np.array([hopfield.bit_error(units, p) for p in held])
    enough = count * np.minimum(held, LOOKED) * units * expected >= LEAST
    limit, low = np.array([hopfield.overlap(p / units) for p in held]), held <= 0.12 * units
    return [
        exact(
            "The share of unstable bits is that of a sum of random signs, at every number of patterns",
            expected[enough],
            errors.mean(axis=0)[enough],
            errors.std(axis=0, ddof=1)[enough] / np.sqrt(count),
            source=SIGNS,
            replicates=count,
        ),
        asymptotic(
            "Up to P/N = 0.12 the network settles at the overlap of the limit",
            limit[low],
            overlaps.mean(axis=0)[low],
            source=AMIT,
            tolerance=0.01,
        ),
    ]
