"""The tables of random networks: signals and gradients by layer, phases, architectures, schemes.

Built from the replicates of a `core.networks.phases.Design`; means with standard errors of replicates,
the prediction of infinite width beside each.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames, Table

if TYPE_CHECKING:
    from core.networks.phases import Design, Replicate
    from core.networks.propagation import Signals

Floats = NDArray[np.float64]

_SETTING = {
    "weight_variance": "σ_w²",
    "regime": "ordered (χ(q*) < 1), critical or chaotic (> 1)",
    "layer": "number of the layer, 0 at the start",
}
_FACTOR = "factor a layer gives the squared norm of a gradient, geometric mean over layers"
_SIZE = "squared norm of the gradient over that at the last layer"
_ERROR = "standard error, of replicates"
TABLES = {
    "layers": Table(
        "Signals forward and gradients backward, by layer.",
        {
            **_SETTING,
            "variance": "mean square of the pre-activations, mean of replicates",
            "variance_error": f"its {_ERROR}",
            "predicted_variance": "by the recursion, infinite width",
            "gradient": f"{_SIZE}, geometric mean of replicates",
            "lower": "10th percentile of replicates",
            "upper": "90th percentile of replicates",
            "predicted": "product of the factors χ(q) of the layers behind, infinite width",
        },
    ),
    "correlations": Table(
        "Correlation of two signals, by layer; layer 1 against the start is the correlation map.",
        {
            **_SETTING,
            "start": "correlation at layer 0",
            "correlation": "mean of replicates",
            "standard_error": f"its {_ERROR}",
            "predicted": "infinite width",
        },
    ),
    "phases": Table(
        "Gradients of plain networks on a grid of variances; a cell is a row.",
        {
            "weight_variance": "σ_w²",
            "bias_variance": "σ_b²",
            "factor": f"{_FACTOR} and replicates",
            "predicted": "infinite width",
        },
    ),
    "edge": Table(
        "The critical line, χ(q*) = 1.", {"bias_variance": "σ_b²", "weight_variance": "critical σ_w²"}
    ),
    "architectures": Table(
        "Gradients against σ_w² with and without normalisation and residual connections.",
        {
            "architecture": "plain, layer normalisation or residual",
            "weight_variance": "σ_w²",
            "factor": f"{_FACTOR} and replicates",
            "standard_error": f"{_ERROR}",
            "predicted": "infinite width",
        },
    ),
    "schemes": Table(
        "The usual variances of initial weights, no biases, layers of n and n/2 units by turns.",
        {
            "scheme": "He, Glorot or LeCun",
            "layer": "number of the layer, 0 at the start",
            "width": "units of the layer",
            "variance": "mean square of the pre-activations, mean of replicates; 1 at the start",
            "variance_error": f"its {_ERROR}",
            "predicted_variance": "infinite width",
            "gradient": f"{_SIZE}, geometric mean of replicates",
            "predicted_gradient": "infinite width",
        },
    ),
    "narrow": Table(
        "Narrow ReLU networks with He's variance: q = 2 ‖φ(h)‖² / n, 1 at the start.",
        {
            "layer": "number of the layer",
            "statistic": "mean of q, mean of q², or typical (exponential of the mean log q)",
            "value": "over networks; for typical over those in which a unit is on",
            "standard_error": "of the value",
            "predicted": "exact",
        },
    ),
}


def edge(design: "Design") -> pd.DataFrame:
    """The critical line over the grid's range of biases."""
    # Imported late: the tables' columns are read wherever the experiments are listed.
    from core.networks.mean_field import critical_weight

    most = design.biases.max() + 0.025
    at = np.linspace(0, most, 60)
    return pd.DataFrame({"bias_variance": at, "weight_variance": critical_weight(design.name, at)})


def frames(design: "Design", found: "Sequence[Replicate]") -> Frames:
    """The tables of at least two replicates."""
    from core.networks.phases import joined

    made, limit = joined([one.signals for one in found]), design.limit
    raw = {
        "layers": _layers(design, made, limit),
        "correlations": _correlations(design, made, limit),
        **_factors(design, made, limit),
        "schemes": _schemes(design, found),
    }
    return {name: TABLES[name].frame(columns) for name, columns in raw.items()}


def _regimes(design: "Design") -> list[str]:
    over = design.settings - design.critical
    return ["critical" if abs(o) < 1e-9 else "ordered" if o < 0 else "chaotic" for o in over]


def _layers(design: "Design", made: "Signals", limit: "Signals") -> dict[str, Any]:
    every = slice(0, design.parts["settings"].stop, design.copies)
    variance, logs = made.square[..., every], made.gradient[..., every]
    layer, setting = np.indices(variance.shape[1:]).reshape(2, -1)
    lower, upper = np.quantile(np.exp(logs), [0.1, 0.9], axis=0)
    average, error = mean_and_error(variance)
    return {
        "weight_variance": design.settings[setting],
        "regime": np.array(_regimes(design))[setting],
        "layer": layer,
        "variance": average.ravel(),
        "variance_error": error.ravel(),
        "predicted_variance": limit.square[:, every].ravel(),
        "gradient": np.exp(logs.mean(axis=0)).ravel(),
        "lower": lower.ravel(),
        "upper": upper.ravel(),
        "predicted": np.exp(limit.gradient[:, every]).ravel(),
    }


def _correlations(design: "Design", made: "Signals", limit: "Signals") -> dict[str, Any]:
    among = np.arange(design.parts["settings"].stop)
    kept = among[among % design.copies > 0]
    average, error = mean_and_error(made.correlation[..., kept])
    layer, row = np.indices(average.shape).reshape(2, -1)
    setting = kept[row] // design.copies
    return {
        "weight_variance": design.settings[setting],
        "regime": np.array(_regimes(design))[setting],
        "layer": layer,
        "start": design.rows.correlation[kept[row]],
        "correlation": average.ravel(),
        "standard_error": error.ravel(),
        "predicted": limit.correlation[:, kept].ravel(),
    }


def _factors(design: "Design", made: "Signals", limit: "Signals") -> Frames:
    """Geometric means over layers, of the architectures and of the grid."""
    from core.networks.propagation import ARCHITECTURES

    made_of = {}
    for name in ("architectures", "phases"):
        part, rows = design.parts[name], design.rows
        logs = made.gradient[:, 0, part] / design.depth
        middle, error = mean_and_error(logs)
        columns = {
            "architecture": np.array(ARCHITECTURES)[rows.architecture[part]],
            "weight_variance": rows.weight[part],
            "bias_variance": rows.bias[part],
            "factor": np.exp(middle),
            "standard_error": np.exp(middle) * error,
            "predicted": np.exp(limit.gradient[0, part] / design.depth),
        }
        made_of[name] = pd.DataFrame(columns)
    return made_of


def _schemes(design: "Design", found: "Sequence[Replicate]") -> dict[str, Any]:
    from core.networks import schemes

    widths = schemes.alternating(design.width, design.depth)
    squares, back = schemes.predicted(design.name, widths)
    average, error = mean_and_error(np.stack([one.schemes[0] for one in found]))
    logs = np.mean([one.schemes[1] for one in found], axis=0)
    layer, scheme = np.indices(squares.shape).reshape(2, -1)
    return {
        "scheme": np.array(list(schemes.VARIANCES))[scheme],
        "layer": layer,
        "width": np.array(widths)[layer],
        "variance": average.ravel(),
        "variance_error": error.ravel(),
        "predicted_variance": squares.ravel(),
        "gradient": np.exp(logs).ravel(),
        "predicted_gradient": np.exp(back).ravel(),
    }


def narrow_frame(width: int, q: Floats) -> pd.DataFrame:
    """The table of the narrow networks' q (network, layer), of `width` units."""
    from core.networks import narrow

    one, at = narrow.factor(width), np.arange(q.shape[1])
    logs = np.where(q > 0, np.log(q), np.nan)
    middle, spread = np.nanmean(logs, axis=0), np.nanstd(logs, axis=0) / np.sqrt(len(q))
    columns = [
        ("mean of q", *mean_and_error(q), one.mean**at),
        ("mean of q²", *mean_and_error(q**2), one.square**at),
        ("typical", np.exp(middle), np.exp(middle) * spread, np.exp(one.log * at)),
    ]
    parts = [
        pd.DataFrame(
            {"layer": at, "statistic": name, "value": value, "standard_error": error, "predicted": exact}
        )
        for name, value, error, exact in columns
    ]
    return TABLES["narrow"].frame(pd.concat(parts, ignore_index=True))


def mean_and_error(values: Floats) -> tuple[Floats, Floats]:
    """Mean and its standard error over the first axis."""
    spread = np.std(values, axis=0, ddof=1)
    return np.mean(values, axis=0), spread / np.sqrt(len(values))
