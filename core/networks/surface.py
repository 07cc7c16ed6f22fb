"""What a network of two inputs predicts over the plane, and the points it learnt from."""

from collections.abc import Sequence
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.networks.measures import predict
from core.networks.mlp import Params
from core.networks.samples import Sample
from core.networks.tables import INPUTS, POINTS, SURFACE
from core.networks.training import Program

# Cells along a side, and points: together they stay below 5,000 marks.
CELLS, MOST_POINTS = 60, 500


def surface(
    program: Program,
    network: Params,
    sample: Sample,
    inputs: NDArray[np.float64],
    classes: tuple[str, ...] | None,
) -> pd.DataFrame:
    """The table `SURFACE` over the range of `inputs` (n, 2) and a twentieth more."""
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = 0.05 * np.where(high > low, high - low, 1.0)
    edges = np.linspace(low - margin, high + margin, CELLS + 1)
    centers = (edges[1:] + edges[:-1]) / 2
    cells = np.stack(np.meshgrid(*centers.T), axis=-1).reshape(-1, 2)
    seen = sample.standardized(cells).astype(network[0].weight.dtype)
    prediction = np.asarray(predict(program, network, seen), float)
    columns: dict[str, Any] = {"x1": cells[:, 0], "x2": cells[:, 1]}
    if classes:
        best = np.array(classes)[prediction.argmax(axis=1)]
        columns |= {"class": best, "probability": prediction.max(axis=1), "value": np.nan}
    else:
        value = sample.scaling.restored(prediction[:, 0])
        columns |= {"class": "", "probability": np.nan, "value": value}
    return SURFACE.frame(columns)


def named(features: Sequence[str]) -> pd.DataFrame:
    """The table `INPUTS` of two `features`."""
    return INPUTS.frame({"input": ["x1", "x2"], "name": list(features)})


def points(sample: Sample, inputs: NDArray[np.float64], classes: tuple[str, ...] | None) -> pd.DataFrame:
    """The table `POINTS` of a replicate's rows of `inputs` (n, 2)."""
    parts = ["train", "test"]
    split = np.repeat(parts, [sample.rows[part].size for part in parts])
    # A part's rows are in random order: every k-th is a random sample, in proportion.
    kept = slice(None, None, -(-split.size // MOST_POINTS))
    place = inputs[np.concatenate([sample.rows[part] for part in parts])[kept]]
    label = np.concatenate([sample.targets[part] for part in parts])[kept]
    return POINTS.frame(
        {
            "x1": place[:, 0],
            "x2": place[:, 1],
            "class": np.array(classes)[label] if classes else "",
            "value": np.nan if classes else label,
            "split": split[kept],
        }
    )
