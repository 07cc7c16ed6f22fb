"""How does a fit that is under way end when its run is cancelled?

A forest grows some trees at a time, boosting asks after each tree and a network after each portion of
its steps. Other learners of scikit-learn cannot be asked: their fit goes on to its end, unheard.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Training rows times trees that take about a tenth of a second.
PORTION = 40_000


class Stopped(Exception):
    """A fit that was asked to end before it was done."""


def learn(
    estimator: Any, inputs: NDArray[np.float64], target: NDArray[Any], stop: Callable[[], bool]
) -> Any:
    """The estimator, fitted as by its own `fit`, to the last digit.

    Raises:
        Stopped: `stop()` was true.
    """
    from sklearn.ensemble import (
        GradientBoostingClassifier,
        GradientBoostingRegressor,
        RandomForestClassifier,
        RandomForestRegressor,
    )

    if stop():
        raise Stopped
    if getattr(estimator, "can_stop", False):
        return estimator.fit(inputs, target, stop)
    if isinstance(estimator, GradientBoostingClassifier | GradientBoostingRegressor):
        estimator.fit(inputs, target, monitor=lambda *_: stop())
    elif isinstance(estimator, RandomForestClassifier | RandomForestRegressor):
        _grown(estimator, inputs, target, stop)
    else:
        estimator.fit(inputs, target)
    if stop():
        raise Stopped
    return estimator


def _grown(
    forest: Any, inputs: NDArray[np.float64], target: NDArray[Any], stop: Callable[[], bool]
) -> None:
    trees, step = forest.n_estimators, max(1, PORTION // len(target))
    forest.set_params(warm_start=trees > step)
    for count in [*range(step, trees, step), trees]:
        if stop():
            raise Stopped
        forest.set_params(n_estimators=count).fit(inputs, target)
