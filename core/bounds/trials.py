"""One sample of n and what is done with it: a fixed classifier is tested on it, one of a finite
class or a threshold is chosen on it, and a linear classifier is trained on it."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from core.bounds import rademacher
from core.bounds.pac_bayes import gibbs_errors
from core.bounds.populations import DECIMALS, MOST, Population

Floats = NDArray[np.float64]

# Lengths of the mean of PAC-Bayes' posterior, and margins that the sample chooses from, as shares of
# the root of E‖x‖².
LENGTHS = 2.0 ** np.arange(0.0, 5.5, 1.0)
SHARES = 2.0 ** -np.arange(0.0, 5.5, 0.5)
# Draws of random signs for the Rademacher complexity of a sample.
SIGNS = 16


@dataclass(frozen=True)
class Plan:
    """What is done with every sample. `pool` (m, d) are unit classifiers fixed beforehand, the first
    of them the one that is tested; `penalty` λ that of the trained one, of mean squared error
    + λ‖w‖²; `rho` the margin of the ramp loss. `copies` of each sample, `tail` of the costs of
    errors (0 for none) and `selected`, testing the best of the pool, break assumptions."""

    pool: Floats
    risks: Floats
    penalty: float
    rho: float
    copies: int = 1
    tail: float = 0.0
    selected: bool = False


@dataclass(frozen=True)
class Trials:
    """What the samples of one size gave, a row a sample: training or test error, true risk, and gap
    (true minus measured; the largest of the class for pool and thresholds)."""

    test_error: Floats
    test_variance: Floats
    test_risk: Floats
    distance: Floats
    pool_error: Floats
    pool_risk: Floats
    pool_gap: Floats
    threshold_error: Floats
    threshold_risk: Floats
    threshold_gap: Floats
    error: Floats
    risk: Floats
    ramp: Floats
    ramps: Floats
    square: Floats
    squares: Floats
    complexity: Floats
    gibbs_error: Floats
    gibbs_risk: Floats


def joined(parts: list[Trials]) -> Trials:
    """Chunks of samples of one size as one."""
    names = [f.name for f in fields(Trials)]
    return Trials(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def pool(people: Population, size: int, penalty: float, rng: np.random.Generator) -> Floats:
    """`size` unit classifiers (size, d), each trained on d + 10 samples of its own."""
    rows = people.dimension + 10
    made, block = [], max(1, MOST // (people.dimension * rows))
    for first in range(0, size, block):
        count = min(block, size - first)
        made.append(trained(*people.draw(rng, count, rows), penalty))
    return np.concatenate(made)


def trained(inputs: Floats, labels: Floats, penalty: float) -> Floats:
    """Ridge regression on the labels: unit weights (r, d) of samples (r, n, d)."""
    n, d = inputs.shape[-2:]
    across = inputs.swapaxes(-1, -2)
    moment = across @ inputs / n + penalty * np.eye(d)
    weights = np.linalg.solve(moment, across @ labels[..., None] / n)[..., 0]
    norm = np.linalg.norm(weights, axis=-1, keepdims=True)
    # No direction at all, were every input zero: then the first.
    return np.asarray(np.where(norm > 0, weights / np.maximum(norm, 1e-300), np.eye(d)[0]))


def trials(
    people: Population, plan: Plan, n: int, replicates: int, rng: np.random.Generator
) -> Iterator[Trials]:
    """Samples of n in chunks of a few megabytes; `joined` puts them together."""
    size = max(1, MOST // (n * max(people.dimension, 8)))
    for first in range(0, replicates, size):
        yield _trials(people, plan, n, min(size, replicates - first), rng)


def _trials(people: Population, plan: Plan, n: int, count: int, rng: np.random.Generator) -> Trials:
    own = people.draw(rng, count, -(-n // plan.copies))
    inputs, labels = (np.repeat(a, plan.copies, axis=1)[:, :n] if plan.copies > 1 else a for a in own)
    costs = _costs(plan.tail, (count, n), rng) if plan.tail else None
    errors = _pool_errors(plan.pool, inputs, labels, costs)
    best = errors.argmin(axis=1)
    every = np.arange(count)
    tested = best if plan.selected else np.zeros(count, np.intp)
    margins = labels * np.einsum("rnd,rd->rn", inputs, plan.pool[tested]).round(DECIMALS)
    losses = (margins <= 0) * (1.0 if costs is None else costs)
    return Trials(
        test_error=losses.mean(axis=1),
        test_variance=losses.var(axis=1, ddof=1),
        test_risk=plan.risks[tested],
        distance=_distance(people, plan.pool, tested, margins),
        pool_error=errors[every, best],
        pool_risk=plan.risks[best],
        pool_gap=(plan.risks - errors).max(axis=1),
        **_thresholds(people, plan.pool[0], inputs, labels),
        **_linear(people, plan, inputs, labels, rng),
    )


def _costs(tail: float, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Pareto costs of mean 1 whose moments end at `tail`."""
    return np.asarray((tail - 1) / tail * (1 - rng.random(shape)) ** (-1 / tail))


def _pool_errors(pool: Floats, inputs: Floats, labels: Floats, costs: Floats | None) -> Floats:
    """Mean loss (r, m) of every classifier of the pool."""
    signed, made = inputs * labels[..., None], []
    block = max(1, MOST // labels.size)
    for first in range(0, len(pool), block):
        wrong = signed @ pool[first : first + block].T <= 0
        if costs is None:
            made.append(np.count_nonzero(wrong, axis=1) / labels.shape[1])
        else:
            made.append(np.matmul(costs[:, None, :], wrong)[:, 0] / labels.shape[1])
    return np.concatenate(made, axis=1)


def _distance(people: Population, pool: Floats, tested: NDArray[np.intp], margins: Floats) -> Floats:
    """sup |F_n − F| (r) of the margins of the tested classifiers."""
    ordered, made = np.sort(margins, axis=1), np.empty(len(margins))
    n = margins.shape[1]
    for one in np.unique(tested):
        at = tested == one
        found = ordered[at]
        last = np.ones_like(found, bool)
        last[:, :-1] = found[:, 1:] > found[:, :-1]
        first = np.ones_like(last)
        first[:, 1:] = last[:, :-1]
        above = np.where(last, np.arange(1, n + 1) / n - people.law(pool[one], found), -1.0)
        below = people.law(pool[one], found, below=True) - np.arange(n) / n
        made[at] = np.maximum(above.max(axis=1), np.where(first, below, -1.0).max(axis=1))
    return made


def _thresholds(
    people: Population, weights: Floats, inputs: Floats, labels: Floats
) -> dict[str, Floats]:
    """The rule w·x > t with the least training error, and the largest gap over thresholds t."""
    scores = (inputs @ weights).round(DECIMALS)
    order = np.argsort(scores, axis=1)
    scores, signs = (np.take_along_axis(a, order, axis=1) for a in (scores, labels))
    count, n = scores.shape
    # At position k the first k are below the threshold: wrong where positive, the others where not.
    step = np.concatenate([(signs < 0).sum(axis=1, keepdims=True), np.where(signs > 0, 1, -1)], axis=1)
    error = np.cumsum(step, axis=1) / n
    at = np.concatenate([np.full((count, 1), -np.inf), scores], axis=1)
    apart = np.ones_like(at, bool)
    apart[:, :-1] = at[:, 1:] > at[:, :-1]
    risk = people.threshold(weights, at)
    best = np.where(apart, error, np.inf).argmin(axis=1)[:, None]
    return {
        "threshold_error": np.take_along_axis(error, best, axis=1)[:, 0],
        "threshold_risk": np.take_along_axis(risk, best, axis=1)[:, 0],
        "threshold_gap": np.where(apart, risk - error, -np.inf).max(axis=1),
    }


def _linear(
    people: Population, plan: Plan, inputs: Floats, labels: Floats, rng: np.random.Generator
) -> dict[str, Floats]:
    """The trained classifier: errors, ramp losses, and the Gibbs risks of Gaussians around it."""
    weights = trained(inputs, labels, plan.penalty)
    margins = labels * np.einsum("rnd,rd->rn", inputs, weights)
    squares = np.einsum("rnd,rnd->rn", inputs, inputs)
    angles = margins / np.sqrt(np.maximum(squares, 1e-300))
    widths = SHARES * np.sqrt(people.square)
    suprema = rademacher.by_signs(inputs, 1.0, SIGNS, rng)
    limit = rademacher.ball(squares.mean(axis=1), labels.shape[1], 1.0)
    return {
        "error": (margins <= 0).mean(axis=1),
        "risk": people.risk(weights),
        "ramp": rademacher.ramp(margins, plan.rho).mean(axis=1),
        "ramps": np.stack([rademacher.ramp(margins, w).mean(axis=1) for w in widths], axis=-1),
        "square": squares.mean(axis=1),
        "squares": (suprema**2).mean(axis=1),
        "complexity": rademacher.measured(suprema, limit)[0],
        "gibbs_error": np.stack([gibbs_errors(angles, v).mean(axis=1) for v in LENGTHS], axis=-1),
        "gibbs_risk": people.gibbs(weights, LENGTHS),
    }
