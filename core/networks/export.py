"""A trained network as numbers that need nothing of this library: a table, an npz file, and the few
lines of NumPy that evaluate it.

The file of `npz` holds `center` and `spread` (feature,) of the inputs; for each layer from 1 at the
inputs `weight1` (input, output) and `bias1` (output,), with `gain1` and `shift1` where it is
normalised; `target_center` and `target_spread`, with which a predicted number is brought back; and
`classes`, `features`, `activation` and `likelihood` as text. `snippet` says how to evaluate it; for
ReLU and two hidden layers:

    net = np.load("network.npz")
    x = (inputs - net["center"]) / net["spread"]
    for i in (1, 2): x = np.maximum(x @ net[f"weight{i}"] + net[f"bias{i}"], 0)
    outputs = x @ net["weight3"] + net["bias3"]
"""

import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.experiment import Frames, InputError
from core.networks.tables import NETWORK, PARAMETERS

Floats = NDArray[np.float64]

# Numbers of a network whose table parameters is made.
MOST_PARAMETERS = 100_000

# What each activation and prediction is in NumPy, and the functions of scipy.special it needs.
_ACTIVATIONS: Mapping[str, tuple[str, str]] = {
    "identity": ("z", ""),
    "quadratic": ("z * z", ""),
    "relu": ("np.maximum(z, 0)", ""),
    "leaky-relu": ("np.where(z > 0, z, 0.01 * z)", ""),
    "tanh": ("np.tanh(z)", ""),
    "sigmoid": ("expit(z)", "expit"),
    "erf": ("erf(z)", "erf"),
    "gelu": ("z * ndtr(z)", "ndtr"),
    "silu": ("z * expit(z)", "expit"),
}
_NUMBER = 'net["target_center"] + net["target_spread"] * '
_PREDICTIONS: Mapping[str, tuple[str, str]] = {
    "categorical": ("softmax(outputs, axis=1)", "softmax"),
    "bernoulli": ("np.hstack([expit(-outputs), expit(outputs)])", "expit"),
    "poisson": (f"{_NUMBER}np.exp(outputs[:, 0])", ""),
    "negative-binomial": (f"{_NUMBER}np.exp(outputs[:, 0])", ""),
}


def tables(
    network: Sequence[Any],
    *,
    inputs: tuple[Floats, Floats],
    target: tuple[float, float],
    known: Mapping[str, str],
    features: Sequence[str],
    classes: Sequence[str] | None,
) -> Frames:
    """The tables `PARAMETERS` and `NETWORK` of one network, a sequence of layers.

    `inputs` and `target` are center and spread of their scaling; `known` has the activation, the
    likelihood and whether layers are residual.
    """
    layers = [
        {name: np.asarray(part) for name, part in layer._asdict().items() if part is not None}
        for layer in network
    ]
    scaling = {
        "center": inputs[0],
        "spread": inputs[1],
        "target_center": np.array([target[0]]),
        "target_spread": np.array([target[1]]),
    }
    numbered = [(0, scaling), *enumerate(layers, start=1)]
    if sum(part.size for _, layer in numbered for part in layer.values()) > MOST_PARAMETERS:
        return {"parameters": PARAMETERS.empty(), "network": NETWORK.empty()}
    parts = [_long(n, name, part) for n, layer in numbered for name, part in layer.items()]
    said = {
        **known,
        **{f"feature {i}": name for i, name in enumerate(features, start=1)},
        **{f"class {i}": name for i, name in enumerate(classes or (), start=1)},
    }
    return {
        "parameters": PARAMETERS.frame(pd.concat(parts, ignore_index=True)),
        "network": NETWORK.frame({"name": list(said), "value": list(said.values())}),
    }


def arrays(tables: Mapping[str, pd.DataFrame]) -> dict[str, NDArray[Any]]:
    """The arrays of the npz file by name, from the tables parameters and network.

    Raises:
        InputError: the table parameters is empty.
    """
    parameters, network = tables["parameters"], tables["network"]
    if parameters.empty:
        raise InputError(
            f"`widths` must give a network that did not diverge and has at most {MOST_PARAMETERS:,} "
            f"numbers to be written as a file; this run's table parameters is empty."
        )
    found: dict[str, NDArray[Any]] = {}
    for (layer, array), part in parameters.groupby(["layer", "array"], sort=False):
        values = part["value"].to_numpy()
        if layer == 0:
            found[str(array)] = values
            continue
        wide = int(part["output"].max())
        shaped = values.reshape(-1, wide) if array == "weight" else values
        found[f"{array}{layer}"] = shaped.astype(np.float32)
    said = dict(zip(network["name"], network["value"], strict=True))
    for kind, name in (("feature", "features"), ("class", "classes")):
        found[name] = np.array([v for k, v in said.items() if k.startswith(f"{kind} ")], dtype=str)
    for name in ("activation", "likelihood", "residual"):
        found[name] = np.array(said[name])
    return found


def npz(tables: Mapping[str, pd.DataFrame]) -> bytes:
    """The network of a run's tables as the content of an npz file; the same run gives the same.

    Raises:
        InputError: the table parameters is empty.
    """
    buffer = io.BytesIO()
    np.savez(buffer, **arrays(tables))  # type: ignore[arg-type]
    return buffer.getvalue()


def snippet(tables: Mapping[str, pd.DataFrame], file: str = "network.npz") -> str:
    """Python that evaluates that file on `inputs` (n, features): `outputs`, and `predicted`, which
    is class probabilities (n, classes) or numbers (n,) in the unit of the target.

    Raises:
        InputError: the table parameters is empty.
    """
    net = arrays(tables)
    last = max(int(name.removeprefix("weight")) for name in net if name.startswith("weight"))
    activation, first = _ACTIVATIONS[str(net["activation"])]
    prediction, second = _PREDICTIONS.get(str(net["likelihood"]), (f"{_NUMBER}outputs[:, 0]", ""))
    special = ", ".join(sorted({name for name in (first, second) if name}))
    body = ['z = x @ net[f"weight{i}"] + net[f"bias{i}"]']
    if "gain1" in net:
        body += [
            "z = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)",
            'z = z * net[f"gain{i}"] + net[f"shift{i}"]',
        ]
    after = activation
    if str(net["residual"]) == "yes":
        after = f"{activation} + (x if i > 1 and x.shape == z.shape else 0)"
    hidden = [f"for i in range(1, {last}):", *(f"    {line}" for line in body), f"    x = {after}"]
    lines = [
        "import numpy as np",
        *([f"from scipy.special import {special}"] if special else []),
        f'net = np.load("{file}")',
        'x = (inputs - net["center"]) / net["spread"]',
        *(hidden if last > 1 else []),
        f'outputs = x @ net["weight{last}"] + net["bias{last}"]',
        f"predicted = {prediction}",
    ]
    return "\n".join(lines) + "\n"


def _long(layer: int, name: str, part: NDArray[Any]) -> pd.DataFrame:
    """An array as rows of the table parameters, last axis fastest."""
    index = np.indices(part.shape).reshape(part.ndim, -1) + 1
    return pd.DataFrame(
        {
            "layer": layer,
            "array": name,
            "input": index[0].astype(float) if part.ndim == 2 else np.nan,
            "output": index[-1],
            "value": part.ravel().astype(np.float64),
        }
    )
