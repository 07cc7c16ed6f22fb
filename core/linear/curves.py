"""True curves on [0, 1] for regression on one input, each of a shape that some learners find hard."""

from typing import Literal

import numpy as np

from core.linear.designs import Floats

Curve = Literal["sine", "line", "kink", "bump", "step"]
NAMES = {
    "sine": "Sine, one period",
    "line": "Straight line",
    "kink": "Kink at the middle",
    "bump": "Narrow bump",
    "step": "Step at the middle",
}


def curve(name: Curve, x: Floats) -> Floats:
    """The curve `name` at inputs `x` in [0, 1], with values in [−1, 1]."""
    if name == "sine":
        return np.asarray(np.sin(2 * np.pi * x))
    if name == "line":
        return 2 * x - 1
    if name == "kink":
        return 4 * np.abs(x - 0.5) - 1
    if name == "bump":
        return np.asarray(2 * np.exp(-((x - 0.4) ** 2) / (2 * 0.06**2)) - 1)
    return np.where(x < 0.5, -1.0, 1.0)
