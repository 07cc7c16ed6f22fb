"""Noise of targets: one variance, and laws that keep or break what theory assumes of it."""

from typing import Literal

import numpy as np

from core.linear.designs import Floats

Noise = Literal["gaussian", "student", "varying", "correlated"]
NAMES = {
    "gaussian": "Gaussian, independent",
    "student": "Heavy-tailed, independent",
    "varying": "Larger towards both ends",
    "correlated": "Correlated with its neighbours",
}
# Degrees of freedom of the heavy tails: the least whole number with a finite fourth moment.
TAIL = 5
CORRELATION = 0.7


def draw(law: Noise, x: Floats, deviation: float, rng: np.random.Generator) -> Floats:
    """Noise at the inputs `x` (n,) in rising order in [0, 1]: of standard deviation `deviation`
    everywhere, except for `varying`, where it is √3·|2x − 1| times that, the same in the mean square.
    `correlated` noise is a stationary AR(1) series along the inputs."""
    if law == "student":
        return np.asarray(rng.standard_t(TAIL, x.size) * deviation * np.sqrt((TAIL - 2) / TAIL))
    z = rng.standard_normal(x.size) * deviation
    if law == "varying":
        return np.asarray(np.sqrt(3.0) * np.abs(2 * x - 1) * z)
    if law == "correlated":
        # Imported late: SciPy's signals take a while to load.
        from scipy.signal import lfilter

        z[1:] *= np.sqrt(1 - CORRELATION**2)
        return np.asarray(lfilter([1.0], [1.0, -CORRELATION], z))
    return z
