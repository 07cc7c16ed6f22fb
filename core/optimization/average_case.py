"""A size of random least squares: its methods, the limit of their losses, and replicates measured."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.optimization import least_squares
from core.optimization.least_squares import limit
from core.optimization.marchenko_pastur import Floats, edges, quadrature, widened
from core.optimization.quadratic import Steps, optimal, residuals, tuned

Name = Literal["gd", "heavy_ball", "nesterov", "optimal"]
# A loss beyond this is recorded as infinite, so that its square still has a place.
LARGEST = 1e100
# Nodes of the quadrature of the limit, and points between the extreme eigenvalues.
NODES, POINTS = 2000, 200


class Size(NamedTuple):
    """n samples of d features with noise of variance `noise`; the steps of each method; the `limit`
    (method, step) of their losses, and where it is `falling`: after the start, above twice what
    noise leaves."""

    n: int
    d: int
    noise: float
    steps: Mapping[str, Steps]
    limit: Floats
    falling: NDArray[np.bool_]


class Measured(NamedTuple):
    """Of each replicate: losses (method, step) by descent and by the sum over modes, their mean given
    the design, the worst case; and the eigenvalues. Infinite beyond `LARGEST`."""

    loss: Floats
    by_modes: Floats
    expected: Floats
    worst: Floats
    eigenvalues: Floats


def size(n: int, d: int, noise: float, names: Sequence[Name], learning_rate: float, count: int) -> Size:
    """The methods `names` with their limits for `count` steps on n samples of d features, a target
    of variance 1 and noise of variance `noise`; `learning_rate` in units of 1/λ₊."""
    ratio = d / n
    law, high = quadrature(ratio, NODES), edges(ratio)[1]
    rising = np.arange(count) / (np.arange(count) + 3)
    every: dict[str, Steps] = {
        "gd": Steps(learning_rate / high),
        "heavy_ball": tuned("heavy_ball", *widened(n, d)),
        "nesterov": Steps(learning_rate / high, rising, rising),
        "optimal": optimal(law.nodes, law.weights * (law.nodes + noise * ratio), count),
    }
    steps = {str(name): every[name] for name in names}
    curves = np.stack([limit(law, s, count, ratio, 1.0, noise) for s in steps.values()])
    curves = np.where(curves < LARGEST, curves, np.inf)
    falling = (curves > noise * max(0.0, 1 - ratio)) & np.isfinite(curves)
    falling[:, 0], falling[:, 1] = False, True
    return Size(n, d, noise, steps, curves, falling)


def measure(at: Size, x: Floats, start: Floats, noise: Floats) -> Measured:
    """One replicate: the descent itself from `start` (d,) on the design `x` (n, d) with `noise` (n,)
    in the target, and what the eigenvalues say of it."""
    count = at.limit.shape[1] - 1
    losses = least_squares.descend(x, start, noise, list(at.steps.values()), count)
    found = least_squares.modes(x, start, noise)
    fine = np.linspace(found.eigenvalues.min(), found.eigenvalues.max(), POINTS)
    made: list[list[Floats]] = [[], [], []]
    for steps in at.steps.values():
        left = residuals(steps, np.concatenate([found.eigenvalues, fine]), count)
        own, between = left[:, :-POINTS], left[:, -POINTS:]
        made[0].append(least_squares.curve(found, own))
        made[1].append(least_squares.expected(found.eigenvalues, own, at.n, at.d, 1.0, at.noise))
        made[2].append(least_squares.worst(found, own, fine, between))
    curves = [losses, *(np.stack(each) for each in made)]
    loss, by_modes, mean, worst = (np.where(c < LARGEST, c, np.inf) for c in curves)
    return Measured(loss, by_modes, mean, worst, found.eigenvalues)


def joined(parts: Sequence[Measured]) -> Measured:
    """All replicates, along a first axis."""
    return Measured(*(np.stack(arrays) for arrays in zip(*parts, strict=True)))


def errors(at: Size, measured: Measured) -> Floats:
    """Relative error of a single run (method,), the median over replicates and falling steps."""
    median = [
        np.median(np.abs(measured.loss[:, k, where] / at.limit[k, where] - 1))
        for k, where in enumerate(at.falling)
    ]
    return np.array(median)
