"""How does a signal go forward through random layers, and a gradient back?

Several networks share one set of standard normal weights Z and biases b: row r of a batch is one
network's signal, with its own σ_w, σ_b and architecture,

    plain       h' = g                              g = σ_w φ(h) Z / √n + σ_b b
    normalized  h' = (g − mean g) / sd g            over the units
    residual    h' = h + α g

so that a whole phase diagram costs one matrix product a layer. Signals start as pre-activations of
the variance asked for; gradients as a random direction at the last layer.

`predicted` gives what these become as n → ∞, by induction over layers: pre-activations are normal and
independent across units, and weights are taken anew on the way back (Yang & Schoenholz,
arXiv:1712.08969, for residual networks; Yang et al., arXiv:1902.08129, for normalisation).
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.networks.mean_field import FUNCTIONS, Floats, Name, Singles, product, square, squared_slope

Law = Literal["gaussian", "heavy", "correlated"]
PLAIN, NORMALIZED, RESIDUAL = range(3)
ARCHITECTURES = ("plain", "layer normalisation", "residual")


class Rows(NamedTuple):
    """Networks that share their random weights, a row each: σ_w², σ_b², architecture (an index into
    ARCHITECTURES), variance of the pre-activations at the start, and their correlation there with
    row `base`, another row of the same variance."""

    weight: Floats
    bias: Floats
    architecture: NDArray[np.int64]
    start: Floats
    correlation: Floats
    base: NDArray[np.int64]


class Signals(NamedTuple):
    """By layer and row, the start included: mean square of pre-activations, their correlation with
    those of the row's base, and the log of the gradient's squared norm over that at the last layer."""

    square: Floats
    correlation: Floats
    gradient: Floats


class Weights(NamedTuple):
    """The law of the weights, of variance 1: `tail` degrees of freedom of a Student t where "heavy"
    (scaled to quartiles of the normal where it has no variance); `shared` the correlation of the
    weights of all units of a layer from one input, where "correlated"."""

    law: Law = "gaussian"
    tail: float = 2.5
    shared: float = 0.0

    def draw(self, rng: np.random.Generator, *shape: int) -> Singles:
        """Weights (..., inputs, outputs), in 32 bits."""
        made = rng.standard_normal(shape, dtype=np.float32)
        if self.law == "heavy":
            # A variable of scale zero would make a weight infinite.
            scale = np.maximum(rng.standard_gamma(self.tail / 2, shape, dtype=np.float32), 1e-30)
            return np.asarray(made * np.float32(self._unit() * np.sqrt(self.tail / 2)) / np.sqrt(scale))
        if self.law == "correlated":
            common = rng.standard_normal((*shape[:-1], 1), dtype=np.float32)
            own, all_ = np.float32(np.sqrt(1 - self.shared)), np.float32(np.sqrt(self.shared))
            return np.asarray(own * made + all_ * common)
        return made

    def _unit(self) -> float:
        if self.tail > 2:
            return float(np.sqrt((self.tail - 2) / self.tail))
        from scipy.stats import norm, t

        return float(norm.ppf(0.75) / t.ppf(0.75, self.tail))


def start(rows: Rows, width: int, rng: np.random.Generator) -> Singles:
    """Pre-activations (row, unit) with exactly the mean squares and correlations asked for."""
    # One direction for all rows that are their own base, one more for what is uncorrelated with it.
    frame, _ = np.linalg.qr(rng.standard_normal((width, 2)))
    c = rows.correlation[:, None]
    mixed = c * frame[:, 0] + np.sqrt(1 - c * c) * frame[:, 1]
    return np.asarray(np.sqrt(width * rows.start)[:, None] * mixed, np.float32)


def propagate(
    name: Name,
    rows: Rows,
    first: Singles,
    weights: Singles,
    biases: Singles,
    rng: np.random.Generator,
    branch: float = 1.0,
) -> Signals:
    """Signals through `weights` (layer, unit, unit) and `biases` (layer, unit) from `first`.

    Memory grows as layers × rows × units. Values that overflow are left as they come.
    """
    depth, width = biases.shape
    states = np.empty((depth + 1, *first.shape), np.float32)
    active, spreads = np.empty_like(states[1:]), np.ones((depth, len(first), 1), np.float32)
    states[0] = first
    scale, shift = (np.sqrt(v)[:, None].astype(np.float32) for v in (rows.weight / width, rows.bias))
    normal, skip = (np.flatnonzero(rows.architecture == a) for a in (NORMALIZED, RESIDUAL))
    function, part = FUNCTIONS[name], np.float32(branch)
    for layer in range(depth):
        active[layer] = function.value(states[layer])
        made = scale * (active[layer] @ weights[layer]) + shift * biases[layer]
        made[normal], spreads[layer, normal] = _normalize(made[normal])
        made[skip] = states[layer, skip] + part * made[skip]
        states[layer + 1] = made
    gradient = np.zeros((depth + 1, len(first)))
    slope = np.tile(rng.standard_normal(width, dtype=np.float32), (len(first), 1))
    for layer in reversed(range(depth)):
        back = slope.copy()
        back[normal] = _through(slope[normal], states[layer + 1, normal], spreads[layer, normal])
        back = scale * (back @ weights[layer].T) * function.slope(states[layer], active[layer])
        back[skip] = slope[skip] + part * back[skip]
        # Carried as a direction and a logarithm: deep networks leave the range of numbers.
        before, after = np.linalg.norm(slope, axis=1), np.linalg.norm(back, axis=1)
        gradient[layer] = gradient[layer + 1] + 2 * (np.log(after) - np.log(before))
        slope = back / np.where(after > 0, after, 1)[:, None]
    return Signals(*_moments(states, rows.base), gradient)


def predicted(name: Name, rows: Rows, depth: int, branch: float = 1.0) -> Signals:
    """The signals as the width goes to infinity."""
    normal, skip = (rows.architecture == a for a in (NORMALIZED, RESIDUAL))
    apart = np.flatnonzero(rows.base != np.arange(len(rows.base)))
    squares, correlation = [rows.start], [rows.correlation]
    growth: list[Floats] = []
    for _ in range(depth):
        q, c = squares[-1], correlation[-1]
        made = rows.weight * square(name, q) + rows.bias
        factor = rows.weight * squared_slope(name, q)
        # A row that is its own base needs no integral over two variables.
        joint_square = square(name, q)
        joint_square[apart] = product(name, q[apart], q[apart], c[apart])
        shared = rows.weight * joint_square + rows.bias
        growth.append(np.select([normal, skip], [factor / made, 1 + branch**2 * factor], factor))
        after = np.select([normal, skip], [np.ones_like(q), q + branch**2 * made], made)
        joint = np.select([normal, skip], [shared / made, c * q + branch**2 * shared], shared)
        squares.append(after)
        correlation.append(joint / after)
    logs = np.log(np.array(growth))
    gradient = np.concatenate([np.cumsum(logs[::-1], axis=0)[::-1], np.zeros((1, len(rows.weight)))])
    return Signals(np.array(squares), np.array(correlation), gradient)


def _moments(states: Singles, base: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Mean squares and correlations with the base, by layer and row, in 64 bits."""
    squares, shared = (np.empty(states.shape[:2]) for _ in range(2))
    for layer, values in enumerate(states):
        wide = values.astype(np.float64)
        squares[layer] = np.mean(wide**2, axis=1)
        shared[layer] = np.mean(wide * wide[base], axis=1)
    return squares, shared / np.sqrt(squares * squares[:, base])


def _normalize(values: Singles) -> tuple[Singles, Singles]:
    centred = values - values.mean(axis=1, keepdims=True)
    spread = np.sqrt(np.mean(centred**2, axis=1, keepdims=True))
    return centred / spread, spread


def _through(slope: Singles, normalized: Singles, spread: Singles) -> Singles:
    """The gradient on its way back through the normalisation."""
    centred = slope - slope.mean(axis=1, keepdims=True)
    along = np.mean(slope * normalized, axis=1, keepdims=True)
    return np.asarray((centred - normalized * along) / spread)
