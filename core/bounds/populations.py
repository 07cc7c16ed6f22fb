"""Where samples come from, with the true risk of every linear classifier known exactly.

Two Gaussian classes, or the rows of a data set drawn with replacement: the rows are then the whole
population, so that samples are independent and a true risk is a mean over rows.
A classifier errs where y w·x ≤ 0.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
import scipy
from numpy.typing import NDArray

from core.bounds.pac_bayes import gibbs_errors
from core.datasets.labelled import labelled
from core.experiment import InputError

Floats = NDArray[np.float64]

# Nodes of the quadrature of a Gibbs risk, and points of its interpolation in the angle.
NODES = 12
COSINES: Floats = np.cos(np.linspace(np.pi, 0, 129))
# Numbers in one array, and decimals to which equal scores are equal however they were summed.
MOST, DECIMALS = 2_000_000, 9
ROWS, COLUMNS = 2000, 200


class Population(Protocol):
    """What samples are drawn from. `inputs` are (..., d), labels −1 and 1."""

    @property
    def dimension(self) -> int:
        """Number of inputs d."""

    @property
    def continuous(self) -> bool:
        """Whether margins have a density."""

    @property
    def square(self) -> float:
        """E‖x‖²."""

    def draw(self, rng: np.random.Generator, *shape: int) -> tuple[Floats, Floats]:
        """Independent samples: inputs (*shape, d) and labels (*shape)."""

    def risk(self, weights: Floats) -> Floats:
        """True error (...) of the classifiers sign(w·x), `weights` (..., d)."""

    def gibbs(self, weights: Floats, lengths: Floats) -> Floats:
        """True Gibbs risk (k, l) of v from N(length w, I), unit `weights` (k, d), `lengths` (l)."""

    def threshold(self, weights: Floats, at: Floats) -> Floats:
        """True error (...) of the rule w·x > t at thresholds `at`, unit `weights` (d)."""

    def law(self, weights: Floats, at: Floats, *, below: bool = False) -> Floats:
        """Distribution function of the margin y w·x, or its limit from `below`, unit `weights`."""


@dataclass(frozen=True)
class Gaussian:
    """x = y μ + z with z standard Gaussian in `dimension` d ≥ 2, y = ±1 equally likely, ‖μ‖ the
    `separation`, and the label shown the wrong one with probability `flips`."""

    separation: float
    dimension: int
    flips: float
    continuous = True

    @property
    def square(self) -> float:
        return self.dimension + self.separation**2

    def draw(self, rng: np.random.Generator, *shape: int) -> tuple[Floats, Floats]:
        inputs = rng.standard_normal((*shape, self.dimension))
        labels = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
        inputs[..., 0] += self.separation * labels
        if self.flips:
            labels = np.where(rng.random(shape) < self.flips, -labels, labels)
        return inputs, labels

    def risk(self, weights: Floats) -> Floats:
        cosine = weights[..., 0] / np.linalg.norm(weights, axis=-1)
        return self._flipped(scipy.special.ndtr(-self.separation * cosine))

    def gibbs(self, weights: Floats, lengths: Floats) -> Floats:
        curves = [_gibbs(self.separation, self.dimension, float(length)) for length in lengths]
        return self._flipped(np.stack([np.interp(weights[:, 0], COSINES, c) for c in curves], axis=-1))

    def threshold(self, weights: Floats, at: Floats) -> Floats:
        center = self.separation * weights[0]
        wrong = scipy.special.ndtr(at - center) + scipy.special.ndtr(-at - center)
        return self._flipped(wrong / 2)

    def law(self, weights: Floats, at: Floats, *, below: bool = False) -> Floats:
        center = self.separation * weights[0]
        right = np.asarray(scipy.special.ndtr(at - center))
        if not self.flips:
            return right
        wrong = scipy.special.ndtr(at + center)
        return np.asarray((1 - self.flips) * right + self.flips * wrong)

    def _flipped(self, clean: Floats) -> Floats:
        return np.asarray(self.flips + (1 - 2 * self.flips) * clean)


@lru_cache(maxsize=64)
def _gibbs(separation: float, dimension: int, length: float) -> Floats:
    """Gibbs risk of v from N(length w, I) where w has the cosine `COSINES` with the mean μ: the mean
    of Φ(−‖μ‖ v∥ / ‖v‖), v∥ the part along μ, over v∥, one direction aside and the length of the
    others."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    rest, chance = _others(dimension)
    along = (length * COSINES[:, None] + nodes)[:, :, None, None]
    aside = (length * np.sqrt(np.maximum(0.0, 1 - COSINES**2))[:, None] + nodes)[:, None, :, None]
    share = along / np.sqrt(along**2 + aside**2 + rest)
    errors = scipy.special.ndtr(-separation * share)
    weights = weights / weights.sum()
    return np.asarray(np.einsum("kabc,a,b,c->k", errors, weights, weights, chance))


def _others(dimension: int) -> tuple[Floats, Floats]:
    """Nodes and weights for the chi-squared length of the other d − 2 directions."""
    if dimension == 2:
        return np.zeros(1), np.ones(1)
    nodes, weights = scipy.special.roots_genlaguerre(NODES // 2, (dimension - 2) / 2 - 1)
    return 2 * nodes, weights / weights.sum()


@dataclass(frozen=True)
class Rows:
    """The rows `inputs` (N, d) with `labels` (N) −1 and 1, each as likely as any other."""

    inputs: Floats
    labels: Floats
    continuous = False

    @property
    def dimension(self) -> int:
        return int(self.inputs.shape[1])

    @property
    def square(self) -> float:
        return float((self.inputs**2).sum(axis=1).mean())

    def draw(self, rng: np.random.Generator, *shape: int) -> tuple[Floats, Floats]:
        at = rng.integers(0, len(self.labels), shape)
        return self.inputs[at], self.labels[at]

    def risk(self, weights: Floats) -> Floats:
        flat = weights.reshape(-1, self.dimension)
        return np.asarray((self._margins(flat) <= 0).mean(axis=1)).reshape(weights.shape[:-1])

    def gibbs(self, weights: Floats, lengths: Floats) -> Floats:
        made, size = [], max(1, MOST // len(self.labels))
        norms = np.maximum(np.linalg.norm(self.inputs, axis=1), 1e-300)
        for first in range(0, len(weights), size):
            margins = self._margins(weights[first : first + size]) / norms
            made.append(np.stack([gibbs_errors(margins, v).mean(axis=1) for v in lengths], axis=-1))
        return np.concatenate(made)

    def threshold(self, weights: Floats, at: Floats) -> Floats:
        scores = np.round(self.inputs @ weights, DECIMALS)
        upper, lower = (np.sort(scores[self.labels == y]) for y in (1.0, -1.0))
        wrong = np.searchsorted(upper, at, "right") + lower.size - np.searchsorted(lower, at, "right")
        return np.asarray(wrong / scores.size)

    def law(self, weights: Floats, at: Floats, *, below: bool = False) -> Floats:
        margins = np.sort(self._margins(weights[None])[0])
        return np.asarray(np.searchsorted(margins, at, "left" if below else "right") / margins.size)

    def _margins(self, weights: Floats) -> Floats:
        return np.round(weights @ self.inputs.T, DECIMALS) * self.labels


def population(
    data: str,
    target: str,
    rng: np.random.Generator,
    *,
    gaussian: Gaussian,
) -> tuple[Population, tuple[str, ...]]:
    """What `data` names, "gaussian" or a data set, and notes on what was assumed.

    Inputs are standardised, with a column of ones besides; the target is cut into two classes, by
    the order of its classes or at its median. At most `ROWS` rows are used, drawn by `rng`.

    Raises:
        InputError: data or target that cannot be used; more than `COLUMNS` inputs.
    """
    if data == "gaussian":
        return gaussian, ()
    found = labelled(data, target=target, samples=ROWS, noise=0.0, rng=rng)
    if len(found.features) > COLUMNS:
        raise InputError(f"`data` must have at most {COLUMNS} inputs; it has {len(found.features):,}.")
    notes = [
        *found.notes,
        "The rows are the whole population: samples are drawn from them with replacement.",
    ]
    inputs, codes = found.inputs, found.target
    if len(codes) > ROWS:
        at = rng.choice(len(codes), ROWS, replace=False)
        notes.append(f"{ROWS:,} of {len(codes):,} rows, drawn at random, are used.")
        inputs, codes = inputs[at], codes[at]
    if found.classes:
        cut = len(found.classes) // 2
        positive = codes >= cut
        sides = (found.classes[:cut], found.classes[cut:])
        if len(found.classes) > 2:
            notes.append(
                "Classes against the others: " + " and ".join(", ".join(s) for s in sides) + "."
            )
    else:
        positive = (
            codes > np.median(codes) if (codes > np.median(codes)).any() else codes >= np.median(codes)
        )
        notes.append(f"The target is cut at its median, {np.median(codes):g}.")
    spread = inputs.std(axis=0)
    still = spread <= 1e-12 * np.maximum(1.0, np.abs(inputs.mean(axis=0)))
    inputs = (inputs - inputs.mean(axis=0)) / np.where(still, 1.0, spread)
    rows = Rows(np.column_stack([inputs, np.ones(len(inputs))]), np.where(positive, 1.0, -1.0))
    return rows, tuple(notes)
