"""Are predicted probabilities honest? Reliability by bin, and the expected calibration error.

Of the predictions made with confidence p, a share p should be right. Predictions are grouped into
bins of equal width by their confidence, the probability of the most probable class.

Even honest probabilities have an error above 0 in a finite sample: the expectation to hold it against
is `honest_error`.

Source: Guo, Pleiss, Sun & Weinberger, arXiv:1706.04599, equations 1 to 3.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray as Array


class Reliability(NamedTuple):
    """By bin of confidence: number of rows, their mean confidence and share right (NaN in an empty bin),
    and the bins' edges."""

    rows: Int[Array, " bin"]
    confidence: Float[Array, " bin"]
    accuracy: Float[Array, " bin"]
    edges: Float[Array, " edge"]


def reliability(
    probabilities: Float[Array, "sample class"], labels: Int[Array, " sample"], bins: int = 15
) -> Reliability:
    """Confidence and accuracy by bin; a bin holds its upper edge, the first its lower one too.

    Raises:
        ValueError: fewer than one bin.
    """
    confidence, right = _top(probabilities, labels)
    edges = _edges(bins)
    place = _places(confidence, bins)
    count = np.bincount(place, minlength=bins)
    with np.errstate(invalid="ignore"):
        means = [np.bincount(place, weights=v, minlength=bins) / count for v in (confidence, right)]
    return Reliability(count, means[0], means[1], edges)


def expected_calibration_error(
    probabilities: Float[Array, "sample class"], labels: Int[Array, " sample"], bins: int = 15
) -> float:
    """Mean over rows of |accuracy − confidence| of the row's bin, a share between 0 and 1; NaN
    without rows."""
    found = reliability(probabilities, labels, bins)
    filled = found.rows > 0
    gaps = np.abs(found.accuracy[filled] - found.confidence[filled])
    rows = found.rows[filled]
    return float(np.sum(rows * gaps) / np.sum(rows)) if rows.size else float("nan")


def honest_error(probabilities: Float[Array, "sample class"], bins: int = 15) -> float:
    """What the expected calibration error comes to in the mean where every probability is right.

    In each bin the sum of (right − confidence) is nearly normal with variance Σ p (1 − p), so the
    mean of its size is √(2/π) times the root: √(2/π) Σ_b √(Σ_{i in b} p_i (1 − p_i)) / n.
    """
    confidence = np.asarray(probabilities, float).max(axis=1)
    spread = confidence * (1 - confidence)
    variance = np.bincount(_places(confidence, bins), weights=spread, minlength=bins)
    return float(np.sqrt(2 / np.pi) * np.sum(np.sqrt(variance)) / max(1, confidence.size))


def _top(probabilities: Array, labels: Array) -> tuple[Array, Array]:
    values = np.asarray(probabilities, float)
    return values.max(axis=1), (values.argmax(axis=1) == np.asarray(labels)).astype(float)


def _edges(bins: int) -> Array:
    if bins < 1:
        raise ValueError(f"`bins` must be at least 1; it was {bins}.")
    return np.linspace(0, 1, bins + 1)


def _places(confidence: Array, bins: int) -> Array:
    """The bin of each row: the search itself, so that counts agree with the edges that are shown."""
    return np.clip(np.searchsorted(_edges(bins), confidence, side="left") - 1, 0, bins - 1)
