"""What does it take to fit labels that mean nothing? Networks trained on a mixture of true and random
labels, the nearest neighbour, and a network built by hand.

With n distinct inputs x, a random direction a and thresholds b below each a·x in turn, the n × n matrix
of max(a·x_i − b_j, 0) is triangular without a zero on its diagonal: 2n + d weights give any n labels.

Source: Zhang, Bengio, Hardt, Recht & Vinyals, arXiv:1611.03530, theorem 1 and section 2.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solve_triangular

from core.experiment import Frames, InputError, Report
from core.networks.grid import Cell, Grid, sweep
from core.networks.history import positions
from core.networks.initialization import initialize
from core.networks.mlp import count
from core.networks.program import Program
from core.networks.samples import Sample
from core.networks.scaling import scaling

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# Rows to test on, positions at which a training is measured, bytes of all networks together.
TEST, MEASURED, ROOM = 400, 30, 1e9


class Draw(NamedTuple):
    """One replicate: inputs standardised by the training part, true classes, a random class and a
    number in [0, 1) for each training row, and a generator for its network."""

    inputs: dict[str, Floats]
    classes: dict[str, Ints]
    random: Ints
    place: Floats
    rng: np.random.Generator

    def labels(self, share: float) -> Ints:
        """Training labels of which `share` on average are random; a larger share changes more."""
        return np.where(self.place < share, self.random, self.classes["train"])


def draw(
    inputs: Floats,
    classes: Ints,
    kinds: int,
    samples: int,
    twins: float,
    rng: np.random.Generator,
) -> Draw:
    """`samples` training rows, at most half, and up to `TEST` others. The share `twins` of the training
    rows are replaced by copies of others, with random labels of their own."""
    order = rng.permutation(classes.size)
    train = order[: min(samples, classes.size // 2)]
    test = order[train.size :][:TEST]
    copies = min(round(twins * train.size), train.size // 2)
    if copies:
        train[-copies:] = train[:copies]
    center, spread = inputs[train].mean(axis=0), inputs[train].std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    rows = {"train": train, "test": test}
    return Draw(
        {part: (inputs[at] - center) / spread for part, at in rows.items()},
        {part: classes[at] for part, at in rows.items()},
        rng.integers(0, kinds, train.size),
        rng.random(train.size),
        rng,
    )


def train(
    draws: Sequence[Draw],
    shares: Sequence[float],
    kinds: int,
    width: int,
    rate: float,
    steps: int,
    report: Report,
    tables: Callable[[Grid], Frames],
) -> Grid:
    """A network of one hidden layer for each draw and share (cells in this order), by Adam on the full
    sample. The networks of a draw start from the same weights.

    Raises:
        InputError: more memory than `ROOM`.
    """
    rows, features = draws[0].inputs["train"].shape
    sizes = (features, width, kinds)
    # Weights and two moments, before and after; data in 64 and in 32 bits.
    numbers = len(draws) * (6 * len(shares) * count(sizes) + 3 * (rows + TEST) * features)
    needed = 4.0 * numbers
    if needed > ROOM:
        raise InputError(
            f"`networks` must be so few that training fits into {ROOM / 1e9:g} GB; it was "
            f"{len(draws)}, which takes {needed / 1e9:.1f} GB: lower `width`."
        )
    cells = []
    for one in draws:
        params, seed = initialize(one.rng, sizes, "he"), int(one.rng.integers(2**32))
        for share in shares:
            cells.append(Cell(_sample(one, share, kinds), params, {"learning_rate": rate}, seed))
    program = Program("relu", "categorical", "adam")
    return sweep(program, cells, positions(steps, MEASURED), report, tables, pause=0.1)


def neighbours(one: Draw) -> Ints:
    """The training row (test row,) nearest to each test row."""
    train, test = one.inputs["train"], one.inputs["test"]
    distance = np.sum(train**2, axis=1) - 2 * test @ train.T
    return np.asarray(distance.argmin(axis=1), np.int64)


def by_hand(inputs: Floats, labels: Ints, rng: np.random.Generator) -> Floats:
    """The outputs (n,) of the network of 2n + d weights that is built to give `labels`; not a number
    where two inputs are the same."""
    along = inputs @ rng.standard_normal(inputs.shape[1])
    order = np.argsort(along)
    z = along[order]
    gaps = np.diff(z)
    if not (gaps > 1e-12 * np.abs(z).max()).all():
        return np.full(z.size, np.nan)
    thresholds = np.concatenate([[z[0] - 1.0], (z[:-1] + z[1:]) / 2])
    matrix = np.maximum(z[:, None] - thresholds, 0.0)
    weights = solve_triangular(matrix, labels[order].astype(float), lower=True)
    outputs = np.empty(z.size)
    outputs[order] = np.maximum(along[order][:, None] - thresholds, 0.0) @ weights
    return outputs


def _sample(one: Draw, share: float, kinds: int) -> Sample:
    targets = {"train": one.labels(share), "test": one.classes["test"]}
    rows = {part: np.arange(values.size) for part, values in targets.items()}
    features = one.inputs["train"].shape[1]
    return Sample(
        rows,
        one.inputs,
        targets,
        np.zeros(features),
        np.ones(features),
        scaling("categorical", targets["train"].astype(float)),
        kinds,
    )
