"""Learners that are not linear in the targets, scikit-learn's, at every complexity at once."""

import warnings
from typing import Any, Literal

import numpy as np

from core.linear.designs import Floats

Learner = Literal["tree", "forest", "boosting", "support_vector"]
TREES = 64
SHRINKAGE = 0.1
ITERATIONS = 10_000


def settings(learner: Learner, samples: int) -> Floats:
    """Settings from the simplest to the most flexible (c,): leaves of a tree; trees of a forest;
    trees in a boosted sum; or the cost C of a support vector machine."""
    if learner == "tree":
        leaves = np.array([1, 2, 3, 4, 6, 8, 11, 16, 24, 32, 48, 64, 100, 200])
        return leaves[leaves <= samples].astype(float)
    if learner == "forest":
        return np.asarray(2.0 ** np.arange(int(np.log2(TREES)) + 1), dtype=float)
    return np.round(np.geomspace(1, 100, 10)) if learner == "boosting" else np.logspace(-2, 2, 9)


def predictions(
    learner: Learner,
    x: Floats,
    y: Floats,
    at: Floats,
    chosen: Floats,
    rng: np.random.Generator,
    *,
    leaves: int,
    width: float,
) -> Floats:
    """Predictions (c, m) at the inputs `at` (m,) of `learner` fitted to `x`, `y` (n,) at each setting;
    of a forest, those of its single trees (64, m). `leaves` is the largest number of leaves of the
    trees in a forest or a boosted sum; `width` that of a support vector machine's Gaussian kernel."""
    x, at = x[:, None].astype(np.float32), at[:, None].astype(np.float32)
    if learner == "forest":
        return np.stack([_bagged(x, y, at, leaves, rng) for _ in range(TREES)])
    if learner == "boosting":
        return _boosted(x, y, at, chosen.astype(int), leaves)
    if learner == "tree":
        return np.stack([_tree(x, y, at, int(k)) for k in chosen])
    return np.stack([_machine(x, y, at, float(cost), width) for cost in chosen])


def forests(trees: Floats, chosen: Floats) -> Floats:
    """Predictions (c, m) of forests of the first trees of `trees` (64, m): their means."""
    counts = np.arange(1, len(trees) + 1)[:, None]
    return np.asarray((np.cumsum(trees, axis=0) / counts)[chosen.astype(int) - 1])


def _tree(x: Any, y: Floats, at: Any, leaves: int, times: Floats | None = None) -> Floats:
    from sklearn.tree import DecisionTreeRegressor

    # Of one leaf there is no tree to grow.
    if leaves == 1:
        return np.full(len(at), np.average(y, weights=times))
    tree = DecisionTreeRegressor(max_leaf_nodes=leaves, random_state=0)
    tree.fit(x, y, sample_weight=times, check_input=False)
    return np.asarray(tree.predict(at, check_input=False))


def _bagged(x: Any, y: Floats, at: Any, leaves: int, rng: np.random.Generator) -> Floats:
    """A tree of a forest: fitted to as many samples, drawn with replacement."""
    times = np.bincount(rng.integers(0, y.size, y.size), minlength=y.size).astype(float)
    return _tree(x, y, at, leaves, times)


def _machine(x: Any, y: Floats, at: Any, cost: float, width: float) -> Floats:
    # Imported late: scikit-learn takes a while to load.
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import SVR

    machine = SVR(C=cost, gamma=1 / (2 * width**2), max_iter=ITERATIONS)
    with warnings.catch_warnings():
        # Where it stops early, the machine is that of so many iterations.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return np.asarray(machine.fit(x, y).predict(at))


def _boosted(x: Any, y: Floats, at: Any, counts: np.ndarray, leaves: int) -> Floats:
    from sklearn.ensemble import GradientBoostingRegressor

    model = GradientBoostingRegressor(
        n_estimators=int(counts.max()),
        learning_rate=SHRINKAGE,
        max_leaf_nodes=max(2, leaves),
        max_depth=None,
        random_state=0,
    )
    stages = list(model.fit(x, y).staged_predict(at))
    return np.stack([stages[k - 1] for k in counts])
