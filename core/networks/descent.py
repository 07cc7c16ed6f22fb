"""Does a network's test risk fall, rise and fall again as it widens, trains on, or sees more samples?

Networks of one hidden layer are trained by Adam on squared loss, each twice: on labels of which a
share is wrong, and on the true ones, with the same rows and the same initial weights. A network of P
parameters and K outputs has as many parameters as training values at P = n K. Fewer cannot in general
fit any n K numbers (the image of a smooth map has dimension P at most); that gradient descent gets
there from about n K on, and that the test risk peaks there, is observed, not proved.

Sources: Belkin, Hsu, Ma & Mandal, arXiv:1812.11118; Nakkiran et al., arXiv:1912.02292.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
from numpy.typing import NDArray

from core.experiment import Frames, InputError, Report
from core.networks.grid import Cell, Grid, sweep
from core.networks.initialization import initialize
from core.networks.mlp import count
from core.networks.program import Program
from core.networks.samples import Floats, Sample, noisy
from core.networks.scaling import Scaling

Ints = NDArray[np.int64]
Axis = Literal["ratio", "samples", "step"]

# Parameters per training value, dense about 1, for widths; the same for samples per n = P / K.
RATIOS = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 1.8, 2.4, 3.5, 5.5, 8.0)
SHARES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0, 1.15, 1.35, 1.7, 2.3, 3.2)
# Rows to test on, the largest input in standard deviations, bytes of all networks together.
TEST, LARGEST, ROOM = 400, 3.0, 1e9
# Rows of a batch against steps; positions at which a training is measured then.
BATCH, MEASURED = 32, 40
LABELS = ("noisy", "true")


class Pool(NamedTuple):
    """All rows: inputs (row, d) and a target (row,) of class codes, or of numbers with `classes` 0."""

    inputs: Floats
    target: NDArray[Any]
    classes: int

    @property
    def outputs(self) -> int:
        """K: one for a number or two classes, else one for each class."""
        return self.classes if self.classes > 2 else 1

    @property
    def most(self) -> int:
        """The most training rows: what `TEST` rows, or a quarter, leave."""
        return self.target.size - min(TEST, self.target.size // 4)

    def parameters(self, width: int) -> int:
        """Weights and biases of a network with so many hidden units."""
        return count((self.inputs.shape[1], width, self.outputs))


@dataclass(frozen=True)
class Plan:
    """Networks to train: for each replicate and label, each of (`widths`, `samples`), one of which is
    the same throughout; where they are measured; how."""

    axis: Axis
    widths: Ints
    samples: Ints
    positions: tuple[int, ...]
    rate: float
    noise: float
    replicates: int

    @property
    def program(self) -> Program:
        """Close to a minimum counts along widths and samples: the full sample there."""
        if self.axis == "step":
            return Program("relu", "gaussian", "adam", batch=BATCH)
        return Program("tanh", "gaussian", "adam")

    @property
    def output_scale(self) -> float:
        """Networks begin near 0, as descent to the solution of least norm does."""
        return 0.3 if self.axis == "step" else 0.1


def by_width(pool: Pool, samples: int, steps: int, *rest: Any) -> Plan:
    """Widths from a tenth of as many parameters as training values to eight times as many.

    Raises:
        InputError: one hidden unit has more than that.
    """
    n = min(samples, pool.most)
    values, each = n * pool.outputs, pool.parameters(1) - pool.parameters(0)
    widths = np.unique(np.maximum(1, np.round(np.array(RATIOS) * values / each))).astype(np.int64)
    if pool.parameters(1) > values / 2:
        raise InputError(
            f"`samples` must be so many that {pool.parameters(1)} parameters, a network of one hidden "
            f"unit, are at most half of the training values; it was {n}, with {values} values."
        )
    return Plan("ratio", widths, np.full(widths.size, n), _quarters(steps), *rest)


def by_samples(pool: Pool, width: int, steps: int, *rest: Any) -> Plan:
    """Sample sizes from a fifth of P / K to about three times that, where there are so many rows.

    Raises:
        InputError: there are fewer than P / K.
    """
    threshold = pool.parameters(width) / pool.outputs
    samples = np.unique(np.maximum(5, np.round(np.array(SHARES) * threshold))).astype(np.int64)
    if threshold > pool.most:
        raise InputError(
            f"`units` must be so few that the data has a training row for each {pool.outputs} of the "
            f"network's parameters; it was {width}, which asks for {threshold:.0f} of {pool.most} rows."
        )
    samples = samples[samples <= pool.most]
    return Plan("samples", np.full(samples.size, width), samples, _quarters(steps), *rest)


def by_steps(pool: Pool, samples: int, width: int, steps: int, *rest: Any) -> Plan:
    """One width and sample size, measured at steps in geometric progression."""
    n = min(samples, pool.most)
    at = np.unique(np.round(np.geomspace(1, steps, MEASURED)).astype(np.int64))
    return Plan("step", np.array([width]), np.array([n]), (0, *(int(t) for t in at)), *rest)


def train(
    pool: Pool,
    plan: Plan,
    rngs: list[np.random.Generator],
    report: Report,
    tables: Callable[[Grid], Frames],
) -> Grid:
    """All networks of the plan, one replicate a generator; cells in the order of replicate, label and
    place in the plan.

    Raises:
        InputError: more memory than `ROOM`.
    """
    _fits(pool, plan)
    cells: list[Cell] = []
    for done, rng in enumerate(rngs):
        report(0.05 * done / len(rngs), "drawing the networks")
        cells += _cells(pool, plan, rng)
    return sweep(plan.program, cells, plan.positions, report, tables, padding=2.0)


def _cells(pool: Pool, plan: Plan, rng: np.random.Generator) -> Iterator[Cell]:
    order = rng.permutation(pool.target.size)
    most = int(plan.samples.max())
    rows = {"train": order[:most], "test": order[pool.most :][:TEST]}
    wrong = noisy(pool.target[rows["train"]], pool.classes, plan.noise, rng)
    inputs = _standardized(pool.inputs, rows)
    sizes = [(pool.inputs.shape[1], int(w), pool.outputs) for w in plan.widths]
    begun = [initialize(rng, s, "he", output_scale=plan.output_scale) for s in sizes]
    seed = int(rng.integers(2**32))
    # In the order of LABELS.
    for target in (wrong, pool.target[rows["train"]]):
        made: dict[int, Sample] = {}
        for params, n in zip(begun, plan.samples, strict=True):
            if n not in made:
                made[n] = _sample(pool, rows, inputs, target, int(n), most)
            yield Cell(made[n], params, {"learning_rate": plan.rate}, seed)


def _sample(
    pool: Pool, rows: dict[str, Ints], inputs: dict[str, Floats], target: NDArray[Any], n: int, room: int
) -> Sample:
    targets = {"train": target[:n], "test": pool.target[rows["test"]]}
    scaling = Scaling("gaussian")
    if pool.outputs == 1:
        targets = {part: values.astype(float) for part, values in targets.items()}
        scaling = Scaling("gaussian", float(target.mean()), float(target.std()) or 1.0)
    d = pool.inputs.shape[1]
    return Sample(
        {"train": rows["train"][:n], "test": rows["test"]},
        {"train": inputs["train"][:n], "test": inputs["test"]},
        targets,
        np.zeros(d),
        np.ones(d),
        scaling,
        pool.classes if pool.outputs > 1 else 0,
        room=room,
    )


def _standardized(inputs: Floats, rows: dict[str, Ints]) -> dict[str, Floats]:
    """By the training rows; a column that is nearly constant there must not make others huge."""
    center, spread = inputs[rows["train"]].mean(axis=0), inputs[rows["train"]].std(axis=0)
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    return {
        part: np.clip((inputs[at] - center) / spread, -LARGEST, LARGEST) for part, at in rows.items()
    }


def _quarters(steps: int) -> tuple[int, ...]:
    """Where a training is measured that only its end counts of: so that a chart grows meanwhile."""
    return tuple(sorted({round(steps * part) for part in (0, 1 / 16, 1 / 4, 1)}))


def _fits(pool: Pool, plan: Plan) -> None:
    each = sum(pool.parameters(int(w)) for w in plan.widths)
    data = (int(plan.samples.max()) + TEST) * (pool.inputs.shape[1] + pool.outputs)
    needed = 4.0 * plan.replicates * len(LABELS) * (6 * each + 3 * plan.widths.size * data)
    if needed > ROOM:
        raise InputError(
            f"`networks` must be so few that training fits into {ROOM / 1e9:g} GB; it was "
            f"{plan.replicates}, which takes {needed / 1e9:.1f} GB."
        )
