"""Between two trained networks: the risk on the straight line, before and after the hidden units of
one are put in the order that matches the other."""

from collections.abc import Sequence

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames
from core.networks.alignment import Plain, distance, matched, permuted
from core.networks.landscape import barrier
from core.networks.landscape_tables import TABLES
from core.networks.surroundings import LINE, Problem, finite, on_line, outputs

GIT = "Ainsworth et al., arXiv:2209.04836, section 3"


def between(it: Problem, networks: Sequence[Plain], seed: int) -> tuple[Frames, list[theory.Row]]:
    """The tables `lines` and `barriers` of consecutive pairs of networks, of those whose weights are
    numbers, and the rows of `checks` that rest on them."""
    hidden = len(networks[0]) > 1
    at = np.linspace(0, 1, LINE)
    lines, barriers, moved, sound = [], [], [], []
    for pair, (one, other) in enumerate(zip(networks[::2], networks[1::2], strict=True)):
        if not (finite(one) and finite(other)):
            continue
        sound.append(one)
        orders = matched(one, other)
        ends = {"as trained": other}
        if hidden:
            ends["matched"] = permuted(other, orders)
            before, after = (outputs(it.program, end, it.inputs) for end in ends.values())
            moved.append(float(np.abs(before - after).max() / max(1.0, float(np.abs(before).max()))))
        for order, end in ends.items():
            risk = np.asarray(on_line(it.program, one, end, at, it.inputs, it.targets))
            chord = risk[0] + at * (risk[-1] - risk[0])
            named = {"pair": pair + 1, "order": order}
            lines.append(pd.DataFrame({**named, "position": at, "risk": risk, "chord": chord}))
            barriers.append({**named, "barrier": barrier(at, risk), "distance": distance(one, end)})
    frame = TABLES["barriers"].frame(barriers)
    made = {
        "lines": TABLES["lines"].frame(pd.concat(lines, ignore_index=True) if lines else []),
        "barriers": frame,
    }
    if not hidden or not sound:
        return made, _convex(frame)
    return made, _orders(sound[0], frame, max(moved), seed)


def _convex(barriers: pd.DataFrame) -> list[theory.Row]:
    """Without a hidden layer both risks are convex in the weights."""
    if barriers.empty:
        return []
    above = int((barriers["barrier"] > 1e-9).sum())
    claim = "Without a hidden layer risk is convex: it lies nowhere above the chord"
    most, trials = float(barriers["barrier"].max()), len(barriers)
    return [
        theory.bound(claim, 0.0, most, violations=above, trials=trials, allowed=0.0, source="convexity")
    ]


def _orders(network: Plain, barriers: pd.DataFrame, moved: float, seed: int) -> list[theory.Row]:
    rng = np.random.default_rng([seed, 2])
    shuffled = permuted(network, [rng.permutation(bias.size) for _, bias in network[:-1]])
    back = distance(network, permuted(shuffled, matched(network, shuffled)))
    apart = barriers.pivot(index="pair", columns="order", values="distance")
    ratio = apart["matched"] / apart["as trained"]
    farther = int((ratio > 1 + 1e-12).sum())
    claim = "Hidden units in another order compute the same function: change of the outputs"
    rows = [theory.identity(claim, 0.0, moved, source=GIT)]
    claim = "A shuffled copy is matched to the network itself: distance left"
    rows.append(theory.identity(claim, 0.0, back, source=GIT))
    claim = "Matching brings no pair farther apart: distance after / before"
    trials = len(ratio)
    value = float(ratio.mean())
    rows.append(
        theory.bound(claim, 1.0, value, violations=farther, trials=trials, allowed=0.0, source=GIT)
    )
    return rows
