"""EM followed step by step, from every start of the chosen number of components."""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from core.mixtures import em
from core.mixtures.choosing import Choice
from core.mixtures.em import Sample
from core.mixtures.information import Maximum, distances
from core.mixtures.kinds import Floats, Kind

# Of the distance from the maximum, in units of its parameters: the rate is measured between the first,
# where it is still changing, and the second, where rounding shows.
NEAR, ROUNDED = 1e-2, 1e-9
# Values × components × starts that are followed at once.
ROOM = 2**19


@dataclass(frozen=True)
class Path:
    """EM from each of b starts: mixtures (steps + 1, b, 1 + p, k), log-likelihoods (steps + 1, b);
    the start with the longest way to the highest maximum; the highest log-likelihood known."""

    mixtures: Floats
    log_likelihood: Floats
    best: int
    goal: float


def follow(
    kind: Kind,
    sample: Sample,
    choice: Choice,
    steps: int,
    top: Maximum | None,
    tell: Callable[[float], None] = lambda fraction: None,
) -> Path:
    """EM from the starts of the chosen number of components, `steps` steps from each."""
    k = choice.chosen
    begun = choice.begun[k - 1][:, :, :k]
    group = min(len(begun), max(1, ROOM // (sample.x.size * k)))
    groups = []
    for first in range(0, len(begun), group):
        # Always a whole group, so that one compiled program serves.
        last, parts = jnp.asarray(begun[np.arange(first, first + group) % len(begun)]), []
        for taken in range(0, steps + 1, em.BLOCK):
            tell((first + group * taken / (steps + 1)) / len(begun))
            last, part = em.block(kind, sample, last)
            parts.append([np.asarray(some) for some in part])
        groups.append([np.concatenate(some)[: steps + 1] for some in zip(*parts, strict=True)])
    mixtures, value = (np.concatenate(some, 1)[:, : len(begun)] for some in zip(*groups, strict=True))
    goal = max(
        float(value.max()), float(choice.log_likelihood[k - 1]), top.log_likelihood if top else -np.inf
    )
    # Of the starts that have arrived within rounding, the one with the longest way shows most.
    near = ROUNDED * (1 + abs(goal))
    arrived = value[-1] > value[-1].max() - near
    best = int(np.argmax(arrived * (1 + (value < goal - near).sum(axis=0))))
    return Path(mixtures, value, best, goal)


def late_rate(kind: Kind, path: Path, top: Maximum) -> Floats:
    """The factors (s,) by which EM's distance from the maximum falls, from the start `path.best`, in the
    steps where it is near and rounding does not show yet."""
    mixtures = path.mixtures[:, path.best]
    places = np.argsort(kind.mean(mixtures[-1][1:]), kind="stable")
    distance = distances(mixtures[:, :, places], top.mixture)
    late = (distance[:-1] < NEAR) & (distance[1:] > ROUNDED)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor: Floats = (distance[1:] / distance[:-1])[late]
    return factor
