"""Ridge, early stopping, principal components and the lasso measured on one set of samples, or on
random splits of a table; and fits on noisy copies of the samples."""

import warnings
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.linear import shrinkage
from core.linear.designs import Floats
from core.linear.shrinkage import Directions

METHODS = ("ridge", "flow", "components")
RELATIVE = np.logspace(-3, 2, 26)
# Penalties of the lasso as shares of the least one that leaves no coefficient.
SHARES = np.logspace(-2, 0, 21)
LASSO, CHUNK = 20, 25


class Sample(NamedTuple):
    """Inputs `x` (n, p) and a target `y` (n,), both as they are fitted, with the `names` of columns;
    `at`, their principal directions, and the mean variance `unit` of a column, in which the
    `penalty` is given. Of simulated samples also the `covariance` (p, p) of new ones, the variance
    `noise`, and the mean square of the coefficients along each direction, `spread` (p,)."""

    x: Floats
    y: Floats
    names: tuple[str, ...]
    at: Directions
    unit: float
    penalty: float
    covariance: Floats | None
    noise: float
    spread: Floats

    @property
    def coefficient(self) -> float:
        """The mean square of a coefficient, were all directions alike."""
        return float(self.spread.mean())


class Risks(NamedTuple):
    """Test risk by method (replicate, penalty), and the freedom (penalty,) of each; the replicates
    of the lasso may be fewer."""

    risk: dict[str, Floats]
    freedom: dict[str, Floats]


class Copies(NamedTuple):
    """Of noisy copies: gradients at the ridge solution (copies, p), and the factor (p,) by which
    least squares on all of them shrinks each direction."""

    gradients: Floats
    factors: Floats


def gains(at: Directions, penalties: Floats) -> dict[str, Floats]:
    """Gains (penalty, p) of each of `METHODS`; components keeps directions of variance above λ."""
    s = at.variance
    return {
        "ridge": shrinkage.ridge(s, penalties),
        "flow": shrinkage.flow(s, 1 / penalties),
        "components": shrinkage.truncated(s, penalties),
    }


def freedom(at: Directions, penalties: Floats) -> dict[str, Floats]:
    """Sums of factors (penalty,) of each of `METHODS`."""
    return {name: (g * at.variance).sum(axis=1) for name, g in gains(at, penalties).items()}


def simulate(sample: Sample, replicates: int, rng: np.random.Generator) -> Iterator[Risks]:
    """Risks of all replicates so far: new coefficients and noise, the samples kept."""
    at, penalties = sample.at, RELATIVE * sample.unit
    assert sample.covariance is not None
    metric = at.vectors.T @ sample.covariance @ at.vectors
    parts: dict[str, list[Floats]] = {name: [] for name in (*METHODS, "lasso")}
    counts: list[Floats] = []
    for start in range(0, replicates, CHUNK):
        count = min(CHUNK, replicates - start)
        c = rng.standard_normal((count, at.variance.size)) * np.sqrt(sample.spread)
        error = np.sqrt(sample.noise) * rng.standard_normal((count, at.samples))
        y = c @ at.vectors.T @ sample.x.T + error
        z = at.along(sample.x, y.T).T
        for name, g in gains(at, penalties).items():
            off = g[None] * z[:, None] - c[:, None]
            parts[name].append(((off @ metric) * off).sum(axis=2) + sample.noise)
        for k in range(min(count, LASSO - start)):
            b = lasso(sample.x, y[k])
            off = b @ at.vectors - c[k]
            parts["lasso"].append((((off @ metric) * off).sum(axis=1) + sample.noise)[None])
            counts.append((b != 0).sum(axis=1))
            yield _risks(at, penalties, parts, counts)
        yield _risks(at, penalties, parts, counts)


def split(sample: Sample, replicates: int, rng: np.random.Generator) -> Iterator[Risks]:
    """Risks of all random splits so far: a third held out, the rest scaled by itself."""
    n, held = len(sample.x), max(1, len(sample.x) // 3)
    parts: dict[str, list[Floats]] = {name: [] for name in (*METHODS, "lasso")}
    counts: list[Floats] = []
    for k in range(replicates):
        order = rng.permutation(n)
        test, train = order[:held], order[held:]
        x, y = sample.x - sample.x[train].mean(axis=0), sample.y - sample.y[train].mean()
        root = np.sqrt((x[train] ** 2).mean(axis=0))
        x = x / np.where(root > 1e-12 * max(1e-300, root.max()), root, np.inf) * np.sqrt(sample.unit)
        at = shrinkage.directions(x[train])
        penalties, z = RELATIVE * sample.unit, at.along(x[train], y[train])
        for name, g in gains(at, penalties).items():
            parts[name].append(((y[test] - g * z @ at.vectors.T @ x[test].T) ** 2).mean(axis=1)[None])
        if k < LASSO:
            b = lasso(x[train], y[train])
            parts["lasso"].append(((y[test] - b @ x[test].T) ** 2).mean(axis=1)[None])
            counts.append((b != 0).sum(axis=1))
        yield _risks(sample.at, penalties, parts, counts)


def lasso(x: Floats, y: Floats) -> Floats:
    """Coefficients (share, p) at `SHARES` of the least penalty that leaves none, by coordinate
    descent, of half the mean squared error + α Σ|b|."""
    # Imported late: scikit-learn takes a second.
    from sklearn.linear_model import lasso_path

    most = float(np.abs(x.T @ y).max() / len(x))
    with warnings.catch_warnings():
        # A path that has not converged is seen by its check.
        warnings.simplefilter("ignore")
        _, found, _ = lasso_path(
            x, y, alphas=most * SHARES[::-1], precompute=True, tol=1e-8, max_iter=3000
        )
    return np.asarray(found.T[::-1], dtype=float)


def copies(sample: Sample, kind: str, count: int, seed: int) -> Iterator[tuple[float, Copies]]:
    """The share done and the copies so far, of `kind` "dropout" or "noise"."""
    rng = np.random.default_rng([seed, 2, kind == "noise"])
    at, penalty = sample.at, sample.penalty
    z = at.along(sample.x, sample.y)
    b = at.vectors @ (z / (at.variance + penalty))
    # Dropout adds its share of a column's mean square: λ itself where that is one.
    strength = penalty if kind == "noise" else penalty / sample.unit
    slopes, matrices = [], np.zeros((b.size, b.size))
    for start in range(0, count, CHUNK):
        some = min(CHUNK, count - start)
        found, matrix = shrinkage.noisy(sample.x, sample.y, b, kind, strength, some, rng)
        slopes.append(found)
        matrices += matrix * some
        mean = at.vectors.T @ (matrices / (start + some)) @ at.vectors
        inverse = np.linalg.pinv(mean, hermitian=True)
        yield (start + some) / count, Copies(np.concatenate(slopes), np.diag(inverse) * at.variance)


def descended(sample: Sample, decay: float, rate: float, steps: int) -> Floats:
    """Coefficients (p,) after `steps` of gradient descent on half the mean squared error, carried
    out, each preceded by a shrinkage of the weights by `rate` · `decay`."""
    gram, right = sample.x.T @ sample.x / len(sample.x), sample.x.T @ sample.y / len(sample.x)
    b = np.zeros(right.size)
    for _ in range(steps):
        b = (1 - rate * decay) * b - rate * (gram @ b - right)
    return b


def _risks(
    at: Directions, penalties: Floats, parts: dict[str, list[Floats]], counts: list[Floats]
) -> Risks:
    free = freedom(at, penalties)
    risk = {name: np.concatenate(values) for name, values in parts.items() if values}
    if counts:
        free["lasso"] = np.mean(counts, axis=0)
    return Risks(risk, free)


def upper(sample: Sample) -> NDArray[np.bool_]:
    """Which targets (n,) are above the upper quartile."""
    return np.asarray(sample.y > np.quantile(sample.y, 0.75))


def smoothed(sample: Sample, smoothing: float) -> tuple[Floats, Floats]:
    """Coefficients (1 + m,), the intercept first, and probabilities (n,) of logistic regression of
    y above its upper quartile, labels 1 − ε/2 and ε/2, on the first m = min(10, p, n / 5) directions."""
    m = min(10, len(sample.names), sample.at.samples // 5)
    u = sample.x @ sample.at.vectors[:, :m]
    u = np.column_stack([np.ones(len(u)), u / np.sqrt((u**2).mean(axis=0))])
    label = np.where(upper(sample), 1 - smoothing / 2, smoothing / 2)
    b = np.zeros(m + 1)
    for _ in range(100):
        p = 1 / (1 + np.exp(-u @ b))
        weight = np.maximum(p * (1 - p), 1e-12)
        step = np.linalg.solve(u.T @ (weight[:, None] * u), u.T @ (label - p))
        # Shortened where classes are nearly separate and the curvature vanishes.
        b = b + step * min(1.0, 5.0 / max(1e-300, float(np.abs(u @ step).max())))
        if np.abs(step).max() < 1e-12:
            break
    return b, 1 / (1 + np.exp(-u @ b))
