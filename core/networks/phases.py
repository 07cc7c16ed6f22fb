"""Which random networks are compared, and what one replicate of all of them gives.

Three groups of rows share each replicate's random numbers (`core.networks.propagation`):

    settings        each σ_w² in view, and the critical one, with a signal and others correlated to it
    architectures   plain, normalised and residual networks along a range of σ_w²
    phases          a grid of σ_w² and σ_b²

A quarter of the width, cut from the corner of the same weights, says how deviations fall with size.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.networks import schemes
from core.networks.mean_field import Floats, Name, critical_weight, fixed_point, squared_slope
from core.networks.propagation import (
    ARCHITECTURES,
    NORMALIZED,
    Rows,
    Signals,
    Weights,
    predicted,
    propagate,
    start,
)

CORRELATIONS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.98])
RANGE = np.geomspace(0.5, 4, 10)
GRID = np.linspace(0.4, 4, 13)


@dataclass(frozen=True)
class Design:
    """All networks of a run: activation, units, layers, σ_w² in view, σ_b², size of a residual
    branch, the start as a multiple of q*, and the law of the weights."""

    name: Name
    width: int
    depth: int
    weight_variances: tuple[float, ...]
    bias_variance: float
    branch: float
    start: float
    weights: Weights

    @cached_property
    def critical(self) -> float:
        """The σ_w² at which χ(q*) = 1, for the σ_b² of the run."""
        return float(critical_weight(self.name, self.bias_variance))

    @cached_property
    def settings(self) -> Floats:
        """The σ_w² in view, the critical one among them, increasing."""
        far = [v for v in self.weight_variances if abs(v - self.critical) > 1e-3]
        return np.array(sorted({*far, self.critical}))

    @cached_property
    def biases(self) -> Floats:
        """The σ_b² of the grid of phases, the run's own among them."""
        return self.bias_variance + np.linspace(0, 0.4, 9) - (0.05 if self.bias_variance >= 0.05 else 0)

    @property
    def copies(self) -> int:
        """Signals of each setting: one, and those correlated to it."""
        return 1 + len(CORRELATIONS)

    @cached_property
    def rows(self) -> Rows:
        """Every network, the groups one after the other."""
        copies, count = self.copies, len(self.settings)
        correlation = np.concatenate([[1.0], CORRELATIONS])
        base = np.repeat(np.arange(count) * copies, copies)
        views = self._group(np.repeat(self.settings, copies), 0, self.bias_variance)
        views = views._replace(correlation=np.tile(correlation, count), base=base)
        kinds = [self._group(RANGE, kind, self.bias_variance) for kind in range(len(ARCHITECTURES))]
        w, b = (a.ravel() for a in np.meshgrid(GRID, self.biases))
        return _joined([views, *kinds, self._group(w, 0, b)])

    @cached_property
    def parts(self) -> dict[str, slice]:
        """Where each group stands among the rows."""
        views = len(self.settings) * self.copies
        kinds = views + len(ARCHITECTURES) * len(RANGE)
        return {
            "settings": slice(0, views),
            "architectures": slice(views, kinds),
            "phases": slice(kinds, None),
        }

    @cached_property
    def limit(self) -> Signals:
        """The signals of all rows in the limit of infinite width."""
        return predicted(self.name, self.rows, self.depth, self.branch)

    @cached_property
    def at_rest(self) -> Floats:
        """χ(q*) of each setting: the factor of a gradient once signals have settled."""
        q = np.minimum(fixed_point(self.name, self.settings, self.bias_variance), 1e12)
        return self.settings * squared_slope(self.name, q)

    def _group(self, weight: Floats, kind: int, bias: float | Floats) -> Rows:
        settled = fixed_point(self.name, weight, bias)
        # A signal that dies starts small, one that grows without end starts at one.
        begun = np.where(np.isfinite(settled), np.maximum(settled, 1e-4), 1.0) * self.start
        begun = np.ones_like(begun) if kind == NORMALIZED else begun
        size, shape = len(weight), weight.shape
        biases = np.broadcast_to(np.asarray(bias, float), shape)
        return Rows(weight, biases, np.full(size, kind), begun, np.ones(size), np.arange(size))


@dataclass(frozen=True)
class Replicate:
    """One draw of the weights: all signals, the mean size of the settings' single-layer deviations of
    log χ at the width and at a quarter of it, and the schemes' variances and log gradients."""

    signals: Signals
    deviations: tuple[float, float]
    schemes: tuple[Floats, Floats]


def replicate(design: Design, rng: np.random.Generator) -> Replicate:
    """One draw; seconds grow as layers × width², memory too."""
    n, depth = design.width, design.depth
    weights, biases = (
        design.weights.draw(rng, depth, n, n),
        rng.standard_normal((depth, n), dtype=np.float32),
    )
    first = start(design.rows, n, rng)
    made = propagate(design.name, design.rows, first, weights, biases, rng, design.branch)
    quarter, few = max(4, n // 4), _firsts(design)
    corner = weights[:, :quarter, :quarter]
    again = start(few, quarter, rng)
    small = propagate(design.name, few, again, corner, biases[:, :quarter], rng, design.branch)
    own = design.parts["settings"]
    expected = design.limit.gradient[:, own][:, :: design.copies]
    signals = made.gradient[:, own][:, :: design.copies]
    pair = _deviation(signals, expected), _deviation(small.gradient, expected)
    widths = schemes.alternating(n, depth)
    return Replicate(made, pair, schemes.measured(design.name, widths, weights, rng))


def joined(signals: Sequence[Signals]) -> Signals:
    """Signals of several replicates with a leading axis."""
    return Signals(*(np.stack(parts) for parts in zip(*signals, strict=True)))


def _firsts(design: Design) -> Rows:
    """The settings without their correlated signals."""
    chosen = slice(0, design.parts["settings"].stop, design.copies)
    picked = Rows(**{name: getattr(design.rows, name)[chosen] for name in Rows._fields})
    return picked._replace(base=np.arange(len(picked.weight)))


def _deviation(measured: Floats, expected: Floats) -> float:
    return float(np.mean(np.abs(np.diff(measured - expected, axis=0))))


def _joined(groups: Sequence[Rows]) -> Rows:
    sizes = np.cumsum([0, *(len(g.weight) for g in groups)])
    moved = [g._replace(base=g.base + at) for g, at in zip(groups, sizes, strict=False)]
    columns = {name: np.concatenate([getattr(group, name) for group in moved]) for name in Rows._fields}
    return Rows(**columns)
