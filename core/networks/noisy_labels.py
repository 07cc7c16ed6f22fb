"""A bundled data set whose labels are noisy: drawn anew with each row, or once for all."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from core.datasets.bundled import table


@dataclass(frozen=True)
class NoisyLabels:
    """Rows and labels for several replicates. `law` is the law of a row's label as training meets it,
    a point where the noise is drawn once; `drawn` are those labels, None where they are drawn anew."""

    inputs: Float[np.ndarray, "sample feature"]
    classes: Int[np.ndarray, " sample"]
    law: Float[np.ndarray, "replicate sample class"]
    drawn: Int[np.ndarray, "replicate sample"] | None
    share: float

    def batches(
        self, steps: int, size: int, rng: np.random.Generator
    ) -> tuple[Int[np.ndarray, "step replicate row"], Int[np.ndarray, "step replicate row"]]:
        """Rows, drawn with replacement, and the labels seen there."""
        replicates, samples, kinds = self.law.shape
        rows = rng.integers(0, samples, (steps, replicates, size))
        if self.drawn is not None:
            return rows, self.drawn[np.arange(replicates)[:, None], rows]
        return rows, _noisy(self.classes[rows], kinds, self.share, rng)


def noisy_labels(
    data: str, share: float, replicates: int, rng: np.random.Generator, *, once: bool
) -> NoisyLabels:
    """The bundled set of this name, standardised by all of its rows; each label is another class with
    probability `share`."""
    frame = table(data)
    inputs = frame.drop(columns="target").to_numpy(float)
    spread = inputs.std(axis=0)
    inputs = (inputs - inputs.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    classes = frame["target"].cat.codes.to_numpy().astype(np.int64)
    kinds = int(classes.max()) + 1
    if once:
        drawn = np.stack([_noisy(classes, kinds, share, rng) for _ in range(replicates)])
        return NoisyLabels(inputs, classes, np.eye(kinds)[drawn], drawn, share)
    law = np.where(np.eye(kinds)[classes] == 1, 1 - share, share / (kinds - 1))
    return NoisyLabels(inputs, classes, np.repeat(law[None], replicates, axis=0), None, share)


def _noisy(
    classes: Int[np.ndarray, "*rows"], kinds: int, share: float, rng: np.random.Generator
) -> Int[np.ndarray, "*rows"]:
    other = (classes + rng.integers(1, kinds, classes.shape)) % kinds
    return np.where(rng.random(classes.shape) < share, other, classes)
