"""Many trainings of a sweep, over settings, widths and seeds, in few compiled programs.

Each training is a `Cell` with its own data, network and settings. Cells that differ in settings or
seeds only train side by side; those that differ in hidden widths too, padded to a common one
(`buckets`); those that differ in depth or in the number of rows, one group after the other. What a
cell computes does not depend on its company, up to rounding; one that diverges is said to have
diverged at its step, and is left out from there on.

    cells = [
        Cell(sample(inputs, target, 2, "categorical", test_share=0.5, label_noise=noise, rng=rng),
             initialize(rng, (2, width, 2), "he"), {"learning_rate": 0.003}, seed)
        for noise in (0.0, 0.2) for width in range(4, 64) for seed in range(10)
    ]
    found = sweep(Program("relu", "categorical", "adam", batch=32), cells, [0, 100, 1000], report)
    found.curves()                     # columns cell, split, epoch, step, risk, error, entropy
    found.diverged(), found.network(7)
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.experiment import Frames, Report
from core.networks.buckets import MOST, Widths, buckets, products
from core.networks.fixed import Fixed, Scale, narrowed, units, widened
from core.networks.history import Columns, History
from core.networks.initialization import stack
from core.networks.mlp import Params, count, nth
from core.networks.optimizers import Settings
from core.networks.problem import Replicates, measured
from core.networks.program import Program, State
from core.networks.samples import Sample, padded
from core.networks.training import start, walk

# Bytes of parameters, gradients and moments of the networks that train side by side: beyond what a
# core's cache holds, each network waits for memory.
CACHE = 4e6


class Cell(NamedTuple):
    """One training: its data, its network (from `initialize`), what its optimiser is told (fields of
    `Settings`; weight decay is 0 and momentum 0.9 unless given), the seed of its batches, and the
    factors of the NTK parametrisation (`scales`) where that is used."""

    sample: Sample
    params: Params
    settings: Mapping[str, float]
    seed: int
    scales: tuple[Scale, ...] = ()

    @property
    def widths(self) -> Widths:
        """Widths of the hidden layers."""
        return tuple(layer.weight.shape[1] for layer in self.params[:-1])


@dataclass(frozen=True)
class _Part:
    """Cells that train side by side; `kept` of them count, the rest only fills the last place."""

    members: tuple[int, ...]
    kept: int
    widths: Widths
    work: float


@dataclass
class Grid:
    """What a sweep has found so far: the parts that are done or under way."""

    cells: Sequence[Cell]
    _parts: list[tuple[_Part, History, State]] = field(default_factory=list)

    def curves(self) -> Columns:
        """Columns `cell` (its place in the sweep, from 0), `split`, `epoch`, `step`, `risk`, `error`
        and `entropy`, as in the table risk; NaN from where a cell diverged."""
        found = []
        for part, history, _ in self._parts:
            columns = history.risk()
            place = columns.pop("replicate") - 1
            kept = place < part.kept
            columns = {"cell": np.array(part.members)[place], **columns}
            found.append({name: np.asarray(values)[kept] for name, values in columns.items()})
        return {name: np.concatenate([one[name] for one in found]) for name in found[0]}

    def diverged(self) -> NDArray[np.float64]:
        """The step (cell,) at which each cell diverged; NaN where it did not, or has not begun."""
        steps = np.full(len(self.cells), np.nan)
        for part, history, state in self._parts:
            steps[list(part.members[: part.kept])] = history.diverged(state)[: part.kept]
        return steps

    def network(self, cell: int) -> Params:
        """The network of a cell as it predicts, in its own widths."""
        for part, _, state in self._parts:
            if cell in part.members[: part.kept]:
                wide = nth(state.networks(), part.members.index(cell))
                return narrowed(wide, self.cells[cell].widths)
        raise KeyError(cell)


def sweep(
    program: Program,
    cells: Sequence[Cell],
    positions: Sequence[int],
    report: Report,
    tables: Callable[[Grid], Frames] | None = None,
    *,
    within: tuple[float, float] = (0.05, 0.95),
    pause: float = 0.1,
    padding: float = MOST,
) -> Grid:
    """Trains all `cells` with `program` and measures them at the ascending step numbers `positions`,
    the last of which is the end. Widths share a program as long as arithmetic with padding is at most
    `padding` times that without: a larger one compiles fewer programs.

    About every `pause` seconds it calls `report` with a fraction that runs through `within`, and where
    there is a new measurement with `tables(found so far)`; a run that is cancelled ends there.
    """
    found = Grid(cells)
    parts = list(_parts(program, cells, padding))
    total, done = sum(part.work for part in parts), 0.0
    for part in parts:
        group = _group([cells[i] for i in part.members], part.widths)
        history = History(program, group, gradients=False)
        settings = _settings([cells[i].settings for i in part.members], group.train.inputs.dtype)
        begun = start(program, settings, group.train, group.params, group.seeds, group.fixed)
        found._parts.append((part, history, begun))
        for state in walk(program, settings, group.train, begun, list(positions), pause):
            found._parts[-1] = (part, history, state)
            new = int(state.step) == positions[len(history)]
            if new:
                history.add(state)
            share = (done + part.work * int(state.step) / max(1, positions[-1])) / total
            made = tables(found) if tables and new else None
            said = f"training {len(cells):,} networks"
            report(within[0] + (within[1] - within[0]) * share, said, made)
        done += part.work
    return found


def _parts(program: Program, cells: Sequence[Cell], padding: float) -> Iterator[_Part]:
    groups: dict[Any, list[int]] = {}
    for index, cell in enumerate(cells):
        groups.setdefault(_alike(program, cell), []).append(index)
    for indices in groups.values():
        first, last = cells[indices[0]].params[0], cells[indices[0]].params[-1]
        ends = first.weight.shape[0], last.weight.shape[1]
        for bucket in buckets([cells[i].widths for i in indices], *ends, padding):
            sizes = (ends[0], *bucket.widths, ends[1])
            members = [indices[i] for i in bucket.members]
            room = max(1, int(CACHE / (16 * count(sizes))))
            # As many in each chunk, so that all of them share a program.
            chunks = -(-len(members) // room)
            side = -(-len(members) // chunks)
            for at in range(0, len(members), side):
                kept = members[at : at + side]
                filled = kept + kept[-1:] * (side - len(kept))
                work = float(side * products(ends[0], bucket.widths, ends[1]))
                yield _Part(tuple(filled), len(kept), bucket.widths, work)


def _alike(program: Program, cell: Cell) -> Any:
    """What cells must share to train side by side."""
    rows = {part: rows.size for part, rows in cell.sample.rows.items()}
    leaves = jax.tree.structure((cell.params, cell.scales))
    ends = cell.params[0].weight.shape[0], cell.params[-1].weight.shape[1]
    alike = (leaves, ends, tuple(rows.items()), tuple(cell.settings))
    # Padding must not make two widths agree that did not, nor the other way round.
    ragged = program.residual and len(set(cell.widths)) > 1
    return (*alike, cell.widths) if ragged else alike


def _group(cells: Sequence[Cell], widths: Widths) -> Replicates:
    samples = tuple(cell.sample for cell in cells)
    kind = cells[0].params[0].weight.dtype
    masks: tuple[Any, ...] = ()
    if any(cell.widths != widths for cell in cells):
        masks = stack([units(cell.widths, widths, kind) for cell in cells])
    factors = stack([cell.scales for cell in cells])
    train = padded(samples, "train", dtype=kind)
    return Replicates(
        samples=samples,
        params=stack([widened(cell.params, widths) for cell in cells]),
        fixed=Fixed(factors, masks),
        train=train,
        measured=measured(samples, train),
        seeds=tuple(cell.seed for cell in cells),
    )


def _settings(each: Sequence[Mapping[str, float]], dtype: DTypeLike) -> Settings:
    given = [{"weight_decay": 0.0, "momentum": 0.9, **settings} for settings in each]
    return Settings(**{name: np.array([g[name] for g in given], dtype) for name in given[0]})
