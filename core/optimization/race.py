"""Optimisers on one course: a surface, steps tuned to its curvatures, and what is seen on the way."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from core.optimization import surfaces, updates
from core.optimization.names import METHODS, OPTIMIZERS
from core.optimization.quadratic import Steps, tuned
from core.optimization.surfaces import Floats, Surface

# Positions seen, and in one call of the program.
SEEN, LEG = 120, 10
# A loss that is this many times that of the start is lost.
LOST = 1e12
# Starts whose curvature is looked at: a Hessian of each would take as long as the race.
LOOKED_AT = 3


class Course(NamedTuple):
    """A `surface`; its extreme curvatures μ and L as they are assumed; the steps of gradient descent,
    heavy ball and Nesterov; and the steps `at` which the race is seen, the last perhaps repeated."""

    surface: Surface
    smallest: float
    largest: float
    exact: Mapping[str, Steps]
    at: NDArray[np.int64]


class Seen(NamedTuple):
    """By position: losses above the least and distances to the minimum (position, optimizer, start),
    NaN once lost; places (position, optimizer, 2) from the first start; and `lost` (optimizer,
    start), the step at which a loss left all bounds, or −1."""

    loss: Floats
    distance: Floats
    place: Floats
    lost: NDArray[np.int64]


def course(
    surface: Surface, condition: float, steps: int, factor: float, momentum: float | None
) -> Course:
    """The course for so many `steps`. Step sizes are `factor` times those tuned to the extreme
    curvatures at the minimum (the largest of some starts, if larger), or with a `momentum` 1/L.
    Where no minimum is known, or it is flat, `condition` says what μ is."""
    found = surface.curvatures
    smallest, largest = (0.0, 0.0) if found is None else (float(found[0]), float(found[-1]))
    if surface.loss is not surfaces.quadratic:
        looked = (surfaces.curvatures(surface, x)[-1] for x in surface.starts[:LOOKED_AT])
        largest = max(largest, *map(float, looked))
    smallest = smallest or largest / condition
    exact = {}
    for name in METHODS:
        made = tuned(name, smallest, largest)
        if momentum is not None:
            m = 0.0 if name == "gd" else momentum
            made = Steps(1 / largest, m, m if name == "nesterov" else 0.0)
        exact[str(name)] = made._replace(size=np.asarray(made.size) * factor)
    at = np.unique(np.round(np.linspace(0, steps, min(SEEN, steps + 1))).astype(np.int64))
    return Course(
        surface, smallest, largest, exact, np.concatenate([at, np.full(-at.size % LEG, steps)])
    )


def walk(on: Course, learning_rate: float, noise: float, seed: int) -> Iterator[Seen]:
    """What has been seen so far, after each leg; `learning_rate` is that of optimisers that adapt."""
    it = on.surface
    exact = [on.exact.get(name, Steps(learning_rate)) for name in OPTIMIZERS]
    settings = updates.Settings(
        np.array([s.size for s in exact], float), np.array([s.momentum for s in exact], float)
    )
    point = jnp.asarray(np.zeros(it.starts.shape[1]) if it.minimum is None else it.minimum)
    above = float((surfaces.values(it, it.starts) - it.least).max())
    most = it.least + LOST * max(above, 1e-12)
    race, key, parts = updates.start(it.starts), jax.random.key(seed), []
    for leg in on.at.reshape(-1, LEG):
        race, part = updates.advance(it.loss, it.data, race, settings, leg, noise, key, point, most)
        parts.append([np.asarray(each) for each in part])
        loss, place, distance = (np.concatenate(each) for each in zip(*parts, strict=True))
        above_least = np.maximum(loss - it.least, 0.0)
        yield Seen(above_least, np.sqrt(distance), place, np.asarray(race.lost))
