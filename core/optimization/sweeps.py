"""The settings at which noisy heavy ball is measured, and its theory on a finer grid."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.optimization.noise import stationary_variance

# Shares of the limit 2 (1 + β) of ηλ.
SHARES = np.geomspace(0.02, 0.9, 10)
LARGEST = 0.9


def curves(momenta: Sequence[float], curvature: float, variance: float) -> pd.DataFrame:
    """The stationary variance for each momentum against the step, up to close to its limit; for noise
    of this variance."""
    below = 1 - np.geomspace(0.5, 0.01, 45)
    share = np.unique(np.concatenate([np.geomspace(SHARES[0], 0.5, 20), below]))
    frames = []
    for beta in momenta:
        step = 2 * (1 + beta) * share
        value = stationary_variance(step / curvature, beta, curvature, variance)
        frames.append(pd.DataFrame({"momentum": beta, "step": step, "variance": value}))
    return pd.concat(frames, ignore_index=True).replace(np.inf, np.nan)


def settings(
    momenta: Sequence[float], batch: int, momentum: float, step: float, sizes: NDArray[np.int64]
) -> pd.DataFrame:
    """Steps (times curvature) for each momentum at one batch size; then batch sizes at one step, and
    with steps in proportion, at one momentum."""
    made = [("step", beta, 2 * (1 + beta) * share, batch) for beta in momenta for share in SHARES]
    made += [("batch", momentum, step, size) for size in sizes]
    scaled = [(step * size, size) for size in sizes]
    limit = LARGEST * 2 * (1 + momentum)
    made += [("scaled", momentum, eta, size) for eta, size in scaled if eta <= limit]
    return pd.DataFrame(made, columns=["sweep", "momentum", "step", "batch"])
