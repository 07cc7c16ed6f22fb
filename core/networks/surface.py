"""What a network of two inputs predicts over the plane, and the points it learnt from."""

from collections.abc import Sequence
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Table
from core.networks.measures import predict
from core.networks.mlp import Params
from core.networks.samples import Sample
from core.networks.training import Program

SURFACE = Table(
    "What the first replicate that did not diverge predicts on a grid, where there are two inputs.",
    {
        "x1": "first input, in its own unit: centre of the cell",
        "x2": "second input, in its own unit: centre of the cell",
        "class": "most probable class; empty for a number",
        "probability": "probability of that class; empty for a number",
        "value": "predicted number, in the unit of the target; empty for classes",
    },
)
POINTS = Table(
    "Rows of the data, where there are two inputs, as that replicate saw them; at most 500.",
    {
        "x1": "first input, in its own unit",
        "x2": "second input, in its own unit",
        "class": "class, with label noise in the training part; empty for a number",
        "value": "the number to be predicted; empty for classes",
        "split": "train or test",
    },
)
INPUTS = Table(
    "What the tables surface and points call their inputs, where there are two.",
    {"input": "x1 or x2, as in those tables", "name": "the input's name in the data"},
)
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
    parts = list(sample.rows)
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
