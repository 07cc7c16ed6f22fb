"""From a data set to what networks train on: split, standardised by the training part, padded."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import DTypeLike, NDArray

from core.experiment import InputError
from core.networks.names import LikelihoodName
from core.networks.scaling import Scaling, scaling
from core.networks.training import Data, bucket

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """One replicate's data: rows (indices into the data set) of each split, inputs standardised by
    the training part, and targets as they are, label noise included. `classes` is 0 for numbers.
    With `room`, the training part is padded to that many rows: then several sizes share a program."""

    rows: dict[str, Ints]
    inputs: dict[str, Floats]
    targets: dict[str, NDArray[Any]]
    center: Floats
    spread: Floats
    scaling: Scaling
    classes: int
    room: int = 0
    _arrays: dict[Any, tuple[NDArray[Any], NDArray[Any]]] = field(default_factory=dict, repr=False)

    def standardized(self, inputs: Floats) -> Floats:
        """Inputs (n, d) in their own units as this replicate's network sees them."""
        return (inputs - self.center) / self.spread

    def encoded(self, split: str) -> Floats:
        """Targets (n, columns) as the likelihood takes them: indicators of the classes, 1 for the
        second of two, or the scaled number."""
        if self.scaling.likelihood == "bernoulli":
            return self.targets[split].astype(np.float64)[:, None]
        if self.classes:
            indicators: Floats = np.eye(self.classes)[self.targets[split]]
            return indicators
        return self.scaling.encoded(self.targets[split])

    def arrays(self, split: str, rows: int, dtype: Any) -> tuple[NDArray[Any], NDArray[Any]]:
        """Inputs and encoded targets of the first `rows` rows, padded to a bucket; kept, since a
        sweep asks for the same ones for each of its networks."""
        key = (split, rows, dtype)
        if key not in self._arrays:
            room = max(bucket(rows), self.room if split == "train" else 0)
            parts = (self.inputs[split], self.encoded(split))
            first, second = (np.pad(p[:rows].astype(dtype), ((0, room - rows), (0, 0))) for p in parts)
            self._arrays[key] = first, second
        return self._arrays[key]

    def risk(self, loss: float, split: str, rows: int) -> float:
        """The mean loss on the first `rows` of a split in the unit of the risk: nats, or squared
        units of the target."""
        return self.scaling.unit() * loss + self.scaling.offset(self.targets[split][:rows])


def split(groups: Ints, share: float, rng: np.random.Generator) -> dict[str, Ints]:
    """Rows for `train` and `test`: the test part has `share` of each group (a class) to within a
    row, and leaves each group at least one training row. How many is the same for every `rng`.

    Raises:
        InputError: no test row, or fewer than two training rows.
    """
    test = _held_out(groups, share, rng)
    # In random order, so that the first rows of a part are a random sample of it.
    rows = {
        "train": rng.permutation(np.flatnonzero(~test)),
        "test": rng.permutation(np.flatnonzero(test)),
    }
    if not rows["test"].size:
        raise InputError(
            f"`test_share` must leave at least one test row; {share:g} of {groups.size} rows "
            f"leaves none."
        )
    if rows["train"].size < 2:
        raise InputError(
            f"`test_share` must leave at least two training rows; {share:g} of {groups.size} rows "
            f"leaves {rows['train'].size}."
        )
    return rows


def _held_out(groups: Ints, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which rows (n,) are held out: `share` of each group, to within a row, never all of it."""
    held = np.zeros(groups.size, bool)
    for group in np.unique(groups):
        members = rng.permutation(np.flatnonzero(groups == group))
        held[members[: min(int(share * members.size + 0.5), members.size - 1)]] = True
    return held


def noisy(labels: NDArray[Any], classes: int, share: float, rng: np.random.Generator) -> NDArray[Any]:
    """Labels (n,) of which each is, with probability `share`, another class drawn at random, or for
    numbers another row's value."""
    chosen = rng.random(labels.size) < share
    if classes:
        return np.where(chosen, (labels + rng.integers(1, classes, labels.size)) % classes, labels)
    return np.where(chosen, labels[rng.integers(0, labels.size, labels.size)], labels)


def sample(
    inputs: Floats,
    target: NDArray[Any],
    classes: int,
    likelihood: LikelihoodName,
    *,
    test_share: float,
    label_noise: float,
    rng: np.random.Generator,
    validation_share: float = 0.0,
) -> Sample:
    """One replicate: split (stratified by class), label noise on the training part, standardising
    with the training part's mean and standard deviation; a constant input becomes 0. With a
    `validation_share`, that share of the training part, noise and all, is a part of its own.

    Raises:
        InputError: a split without rows.
    """
    rows = split(target if classes else np.zeros(target.size, np.int64), test_share, rng)
    targets = {name: target[at] for name, at in rows.items()}
    targets["train"] = noisy(targets["train"], classes, label_noise, rng)
    if validation_share:
        # By the classes as they were, so that sizes are the same for every draw of the noise.
        groups = target[rows["train"]] if classes else np.zeros(rows["train"].size, np.int64)
        _validation(rows, targets, _held_out(groups, validation_share, rng), validation_share)
    center, spread = inputs[rows["train"]].mean(axis=0), inputs[rows["train"]].std(axis=0)
    # A constant column's standard deviation is rounding error, not zero.
    spread = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(center)), spread, 1.0)
    parts = {name: (inputs[at] - center) / spread for name, at in rows.items()}
    return Sample(rows, parts, targets, center, spread, scaling(likelihood, targets["train"]), classes)


def _validation(
    rows: dict[str, Ints],
    targets: dict[str, NDArray[Any]],
    held: NDArray[np.bool_],
    share: float,
) -> None:
    """Moves the rows `held` of the training part to a part `validation`."""
    whole, labels = rows["train"], targets["train"]
    if not held.any() or (~held).sum() < 2:
        raise InputError(
            f"`validation_share` must leave at least one validation row and two training rows; "
            f"{share:g} of {whole.size} rows leaves {held.sum()} and {(~held).sum()}."
        )
    for part, chosen in (("train", ~held), ("validation", held)):
        rows[part], targets[part] = whole[chosen], labels[chosen]


def padded(
    samples: Sequence[Sample], part: str, most: int | None = None, dtype: DTypeLike = np.float32
) -> Data:
    """The split `part` of all replicates as arrays for training, at most the first `most` rows."""
    rows = len(samples[0].rows[part]) if most is None else min(most, len(samples[0].rows[part]))
    inputs, targets = zip(*(s.arrays(part, rows, np.dtype(dtype)) for s in samples), strict=True)
    return Data(*jax.device_put((np.stack(inputs), np.stack(targets), np.int32(rows))))
