"""Around one trained network: the Hessian's leading directions and spectral density, slices of the
risk, and the plane that its training ran in."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames
from core.networks.alignment import Plain
from core.networks.edge import Program
from core.networks.landscape import filter_direction, moved, principal, random_walk_shares
from core.networks.landscape_tables import TABLES
from core.networks.mlp import Layer
from core.networks.surroundings import (
    LINE,
    Floats,
    Problem,
    along,
    flat,
    look,
    on_line,
    on_plane,
    unflat,
)

TAYLOR = "second-order Taylor formula"
QUADRATURE = "Ubaru, Chen & Saad (2017), section 3"
WALK = "Antognini & Sohl-Dickstein, arXiv:1806.08805"
LI = "Li et al., arXiv:1712.09913, section 4"

# Share of a plane's reach that the profiles have: a parabola says little farther out.
NEAR = 0.03
# Places at which the density is drawn, its smoothing as a share of the range, components shown.
PLACES, SMOOTH, COMPONENTS = 400, 0.01, 10


@dataclass(frozen=True)
class Plane:
    """Two directions, and the middle and half width of what is drawn, in lengths of them."""

    by: list[Plain]
    middle: Floats
    half: Floats


class Around:
    """What is found around one network, measured in norms of its weights; biases move too, except
    along filter-normalised directions."""

    def __init__(self, it: Problem, network: Plain, seed: int, span: float) -> None:
        self._it, self._network, self._span = it, network, span
        self._length = float(np.sqrt(sum(np.sum(weight**2) for weight, _ in network)))
        rng = np.random.default_rng([seed, 3])
        self._random = [filter_direction(rng, network) for _ in range(2)]
        self._seed, self._probes = seed, list[Any]()

    def probe(self) -> None:
        """One more random vector for the Hessian; the first finds its leading eigenvectors."""
        seed = self._seed + 1000 * len(self._probes)
        found = look(self._it.program, self._network, self._it.inputs, self._it.targets, seed)[2]
        self._probes.append(found._replace(vectors=np.asarray(found.vectors[:2])))

    def leading(self) -> list[Plain]:
        """The Hessian's two leading eigenvectors, as long as the network's weights."""
        return [unflat(self._length * v, self._network) for v in self._probes[0].vectors]

    def hessian(self) -> pd.DataFrame:
        """The table `hessian`."""
        size = flat(self._network).size
        rows = [{"quantity": "largest eigenvalue", "value": self.eigenvalue()}]
        rows += [{"quantity": "trace", "value": size * float(p.moments[0])} for p in self._probes]
        return TABLES["hessian"].frame(rows)

    def eigenvalue(self) -> float:
        """The largest eigenvalue of the Hessian."""
        return float(self._probes[0].nodes[0])

    def density(self, equal: bool) -> pd.DataFrame:
        """The table `density`; `equal` weights for all nodes are wrong."""
        nodes, weights = self._masses(equal)
        low, high = float(nodes.min()), float(nodes.max())
        width = SMOOTH * max(high - low, 1e-12)
        at = np.linspace(low - 4 * width, high + 4 * width, PLACES)
        bells = np.exp(-0.5 * ((at[:, None] - nodes.ravel()) / width) ** 2)
        values = bells @ weights.ravel() / (np.sqrt(2 * np.pi) * width)
        return TABLES["density"].frame({"eigenvalue": at, "density": values})

    def profile(self) -> pd.DataFrame:
        """The table `profile`: along the leading eigenvector and one filter-normalised direction."""
        frames, t = [], NEAR * self._span * np.linspace(-1, 1, LINE)
        for name, by in (("sharpest", self.leading()[0]), ("random", self._random[0])):
            level, slope, bend = (
                float(v) for v in along(self._it.program, self._network, by, *self._data())
            )
            risk = self._line(by, NEAR * self._span)
            parabola = level + slope * t + 0.5 * bend * t**2
            columns = {"direction": name, "position": t, "risk": risk, "quadratic": parabola}
            frames.append(pd.DataFrame(columns))
        return TABLES["profile"].frame(pd.concat(frames, ignore_index=True))

    def planes(self, path: Floats) -> dict[str, Plane]:
        """The three planes of the table `slice`."""
        reach = np.array([self._span, self._span])
        towards, coordinates, _ = principal(path)
        corner = np.stack([coordinates.min(axis=0), coordinates.max(axis=0)]) / self._length
        half = np.maximum(0.6 * np.ptp(corner, axis=0), 1e-3)
        by = [unflat(self._length * v, self._network) for v in towards]
        return {
            "random": Plane(self._random, np.zeros(2), reach),
            "sharpest": Plane(self.leading(), np.zeros(2), reach),
            "path": Plane(by, corner.mean(axis=0), half),
        }

    def cells(self, plane: Plane, resolution: int) -> Iterator[pd.DataFrame]:
        """Rows of the table `slice` on one plane, a strip at a time."""
        places = np.linspace(-1, 1, resolution)
        first, second = (_scaled(plane.by[i], plane.half[i]) for i in range(2))
        middle = moved(self._network, (plane.middle[0], plane.by[0]), (plane.middle[1], plane.by[1]))
        cell = 2 * plane.half / (resolution - 1)
        x, y = (plane.middle[i] + plane.half[i] * places for i in range(2))
        for i in range(resolution):
            at = places[i : i + 1]
            risk = on_plane(self._it.program, middle, first, second, at, places, *self._data())[0]
            yield pd.DataFrame(
                {
                    "x": x[i] - cell[0] / 2,
                    "x2": x[i] + cell[0] / 2,
                    "y": y - cell[1] / 2,
                    "y2": y + cell[1] / 2,
                    "risk": np.asarray(risk),
                }
            )

    def path(self, path: Floats, steps: list[int]) -> Frames:
        """The tables `path` and `components` of a training (step, parameter)."""
        _, coordinates, shares = principal(path)
        x, y = coordinates.T / self._length
        walk = random_walk_shares(len(path))
        shown = min(COMPONENTS, len(shares))
        columns = {"component": np.arange(1, shown + 1), "share": shares[:shown]}
        return {
            "path": TABLES["path"].frame({"step": steps, "x": x, "y": y}),
            "components": TABLES["components"].frame({**columns, "random_walk": walk[:shown]}),
        }

    def checks(self, difference: float, equal: bool, points: int) -> list[theory.Row]:
        """What must hold of all this."""
        risk = self._line(self.leading()[0], difference)
        h = difference * self._length
        bend = (risk[0] - 2 * risk[LINE // 2] + risk[-1]) / h**2
        claim = "Where risk is smooth, its curvature along the leading eigenvector / the eigenvalue"
        with np.errstate(divide="ignore", invalid="ignore"):
            ratio = bend / self.eigenvalue()
        rows = [theory.identity(claim, 1.0, ratio, source=TAYLOR, tolerance=1e-4)]
        nodes, weights = self._masses(equal)
        count = len(self._probes)
        found = count * np.stack([(weights * nodes**k).sum(axis=1) for k in (1, 2)], axis=1)
        exact = np.array([p.moments for p in self._probes])
        claim = "The spectral density has the first two moments of its probes, as shares of their size"
        size = np.abs(exact)
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = exact / size, found / size
        rows.append(theory.identity(claim, *shares, source=QUADRATURE))
        size = flat(self._network).size
        rng = np.random.default_rng([self._seed, 4])
        steps = rng.normal(size=(points, size))
        share = principal(np.cumsum(steps, axis=0))[2][0]
        claim = f"A random walk of {points} points in {size:,} dimensions: share of the first component"
        expected = random_walk_shares(points)[0]
        # Each variance varies by the root of 2 / dimension of itself: four times what that makes of
        # the share.
        tolerance = float(4 * (1 - expected) * np.sqrt(2 / size))
        rows.append(theory.asymptotic(claim, expected, share, source=WALK, tolerance=tolerance))
        return rows

    def _masses(self, equal: bool) -> tuple[Floats, Floats]:
        nodes = np.stack([np.asarray(p.nodes) for p in self._probes])
        weights = np.stack([np.asarray(p.weights) for p in self._probes]) / len(nodes)
        return nodes, np.full(nodes.shape, 1 / nodes.size) if equal else weights

    def _line(self, by: Plain, reach: float) -> Floats:
        """The risk at `LINE` points from −reach to reach along `by`."""
        ends = [moved(self._network, (length, by)) for length in (-reach, reach)]
        at = np.linspace(0, 1, LINE)
        return np.asarray(on_line(self._it.program, *ends, at, self._it.inputs, self._it.targets))

    def _data(self) -> tuple[Floats, Floats]:
        return self._it.inputs, self._it.targets


def paraboloid(it: Problem, seed: int) -> theory.Row:
    """A linear model with squared error on the same rows: every slice is a paraboloid."""
    rng = np.random.default_rng([seed, 5])
    rows, inputs, outputs = *it.inputs.shape, it.targets.shape[1]
    wide = np.column_stack([it.inputs, np.ones(rows)])
    center, *by = (rng.normal(size=(inputs + 1, outputs)) / np.sqrt(inputs) for _ in range(3))
    at = np.linspace(-1, 1, 5)
    layers = [(Layer(w[:-1], w[-1]),) for w in (center, *by)]
    program = Program("gd", "identity")
    found = on_plane(program, *layers, at, at, it.inputs, it.targets)
    # f + g·d + ½ d'Hd, with H = X'X / n for each output and g = X'(Xw − y) / n.
    hessian, left = wide.T @ wide / rows, wide @ center - it.targets
    level, slope = 0.5 * np.mean(np.sum(left**2, axis=1)), wide.T @ left / rows
    a, b = np.meshgrid(at, at, indexing="ij")
    bends = np.array([[np.sum(u * (hessian @ v)) for v in by] for u in by])
    rises = [float(np.sum(slope * u)) for u in by]
    square = bends[0, 0] * a**2 + 2 * bends[0, 1] * a * b + bends[1, 1] * b**2
    expected = level + rises[0] * a + rises[1] * b + 0.5 * square
    claim = "A linear model's squared error is the paraboloid f + g·d + ½ d'Hd all over a slice"
    return theory.identity(claim, expected, found, source=TAYLOR)


def homogeneous(it: Problem, network: Plain, seed: int) -> list[theory.Row]:
    """With one hidden layer of ReLU: filter-normalised slices do not see the scale of the layers."""
    if it.program.activation not in ("relu", "leaky-relu", "identity") or len(network) != 2:
        return []
    # With a hidden layer between, its bias would have to be scaled too.
    (weight, bias), (after, last), scale = *network, 7.0
    other = (Layer(scale * weight, scale * bias), Layer(after / scale, last))
    at, found = np.linspace(-0.5, 0.5, 5), []
    for each in (network, other):
        rng = np.random.default_rng([seed, 6])
        by = [filter_direction(rng, each) for _ in range(2)]
        found.append(np.asarray(on_plane(it.program, each, *by, at, at, it.inputs, it.targets)))
    claim = f"A first layer {scale:g} times larger and a second as much smaller have the same slice"
    return [theory.identity(claim, *found, source=LI)]


def _scaled(params: Plain, factor: float) -> Plain:
    return tuple(Layer(factor * weight, factor * bias) for weight, bias in params)
