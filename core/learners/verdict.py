"""Is a learner limited by data, by its capacity, or by noise?

Its risk r at the largest size is split into what more samples would remove, r − c with c the floor of
the power law; what a rival already avoids with the same samples, max(0, c − q) with q the rival's risk;
and the rest, min(c, q): noise, or structure that no learner tried has found. The three add up to r.
The verdict is the largest part; how sure it is, the share of bootstrap draws in which it is largest.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.learners.power_law import Floats, Ints, Law, limits

LIMITS = ("data", "capacity", "noise")


class Parts(NamedTuple):
    """`values` (3,) of risk limited by data, capacity, noise with `low` and `high` 95 % limits, and
    `sure` (3,), the share of draws in which each is the largest."""

    values: Floats
    low: Floats
    high: Floats
    sure: Floats


def parts(law: Law, largest: int, rival: NDArray[np.float64], picks: Ints) -> Parts:
    """The parts of the risk at `largest` samples; `rival` (replicate,), its risk there, NaN where
    there is none."""
    at = np.array([float(largest)])
    value, drawn = law.at(at)
    middle = np.nanmean(rival) if np.isfinite(rival).any() else np.inf
    rivals = rival[picks].mean(axis=1) if np.isfinite(middle) else np.full(len(picks), np.inf)
    # Draws as far from the fit as the widened intervals say.
    wide = law.parameters[2] + law.widening * (law.draws[:, 2] - law.parameters[2])
    risk = value[0] + law.widening * (drawn[:, 0] - value[0])
    values = _parts(value, law.parameters[2:], np.array([middle]))[0]
    draws = _parts(risk, np.clip(wide, 0, np.maximum(risk, 0)), rivals)
    low, high = limits(values, draws, 1.0)
    sure = np.bincount(draws.argmax(axis=1), minlength=3) / len(draws)
    return Parts(values, np.maximum(low, 0.0), high, sure)


def _parts(risk: Floats, floor: Floats, rival: Floats) -> Floats:
    return np.stack([risk - floor, np.maximum(0.0, floor - rival), np.minimum(floor, rival)], axis=1)
