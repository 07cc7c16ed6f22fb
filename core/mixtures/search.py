"""Mixtures fitted from many starts at once."""

from collections.abc import Callable
from dataclasses import dataclass

import jax.numpy as jnp
import numpy as np

from core.mixtures.em import LEAPS, Sample, advance
from core.mixtures.kinds import Floats, Kind

# Values × components × rows in one call: little enough to stay in a cache, and few rows that
# wait for the slowest of them.
ROOM = 2**15
MOST_LEAPS = 400
SMALLEST = 256
# Values that centres are drawn from.
ENOUGH = 2000


@dataclass(frozen=True)
class Row:
    """One search: its sample (n,), its start (1 + p, k), and the number of components in use."""

    x: Floats
    start: Floats


@dataclass(frozen=True)
class Found:
    """Where the searches ended: mixtures (b, 1 + p, k), log-likelihoods (b,), whether a component
    stands at the floor (b,), and leaps taken (b,)."""

    mixtures: Floats
    log_likelihood: Floats
    floored: np.ndarray
    leaps: Floats

    def best(self, among: np.ndarray) -> int:
        """The row with the highest likelihood of those with indices `among`: of those off the floor
        where there are any, since on it the likelihood says how low the floor is."""
        free = among[~self.floored[among]]
        rows = free if free.size else among
        return int(rows[np.argmax(self.log_likelihood[rows])])


def padded(x: Floats, floor: float) -> Sample:
    """The sample grown, with weights of 0, to a size that many samples share."""
    return Sample(*map(jnp.asarray, (_grown(x), _grown(np.ones(x.size), 0.0), floor)))


def _grown(values: Floats, fill: float | None = None) -> Floats:
    spare = room_for(values.size) - values.size
    return np.concatenate([values, np.full(spare, values[0] if fill is None else fill)])


def room_for(n: int) -> int:
    """The next of 256, 384, 512, 768, …: powers of two and one and a half times them."""
    power = max(SMALLEST, 1 << (n - 1).bit_length())
    return power * 3 // 4 if n <= power * 3 // 4 and power > SMALLEST else power


def starts(
    kind: Kind, x: Floats, k: int, most: int, count: int, generator: np.random.Generator
) -> Floats:
    """Starts (count, 1 + p, most) with k components in use: equal weights, and centres spread over
    the values as k-means++ has them (Arthur & Vassilvitskii 2007, SODA, 1027), in random order."""
    z = kind.coordinate(x)
    spread = float(z.std()) or 1.0
    z = z if z.size <= ENOUGH else generator.choice(z, ENOUGH, replace=False)
    made = []
    for _ in range(count):
        centres = [z[generator.integers(z.size)]]
        for _ in range(k - 1):
            distance = np.min((z[:, None] - np.array(centres)) ** 2, axis=1)
            total = distance.sum()
            p = distance / total if total > 0 else None
            centres.append(z[generator.choice(z.size, p=p)])
        theta = kind.begin(generator.permutation(centres), spread / k)
        made.append(widened(np.vstack([np.full(k, 1 / k), theta]), most))
    return np.stack(made)


def widened(mixture: Floats, most: int) -> Floats:
    """The mixture with components of weight 0 up to `most`."""
    spare = np.repeat(mixture[:, :1], most - mixture.shape[1], axis=1)
    spare[0] = 0.0
    return np.concatenate([mixture, spare], axis=1)


def run(
    kind: Kind,
    rows: list[Row],
    floor: float,
    gain: float,
    tell: Callable[[float], None] = lambda fraction: None,
) -> Found:
    """EM from every row's start, until a row's log-likelihood rises by less than `gain` in
    `LEAPS` leaps or it has taken `MOST_LEAPS`. `tell` is called with the fraction done."""
    n, shape = rows[0].x.size, rows[0].start.shape
    many = max(1, ROOM // (room_for(n) * shape[1]))
    many = 1 << (many - 1).bit_length() if many > 1 else 1
    mixtures = np.stack([row.start for row in rows])
    wide, weights = np.stack([_grown(row.x) for row in rows]), _grown(np.ones(n), 0.0)
    values, taken = np.full(len(rows), -np.inf), np.zeros(len(rows))
    waiting = np.arange(len(rows))
    tell(0.0)
    while waiting.size:
        done = []
        for first in range(0, waiting.size, many):
            at = waiting[first : first + many]
            # Always a whole batch, so that one compiled program serves.
            batch = np.resize(at, many)
            sample = Sample(wide[batch], weights, floor)
            after, climbed = map(np.asarray, advance(kind, sample, mixtures[batch]))
            after, climbed = after[: at.size], climbed[: at.size]
            mixtures[at], values[at] = after, climbed[:, -1]
            taken[at] += LEAPS
            rose = climbed[:, -1] - climbed[:, 0]
            done += list(at[(rose < gain) | ~np.isfinite(rose) | (taken[at] >= MOST_LEAPS)])
            tell(1 - (waiting.size - len(done)) / len(rows))
        waiting = np.setdiff1d(waiting, done)
    spread = np.asarray(kind.spread(jnp.asarray(mixtures.transpose(1, 0, 2)[1:])))
    floored = np.asarray(((spread <= floor * (1 + 1e-9)) & (mixtures[:, 0] > 0)).any(axis=1))
    return Found(mixtures, values, floored, taken)
