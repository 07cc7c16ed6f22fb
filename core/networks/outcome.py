"""What training has come to: predictions on the test part, mistakes, honesty of the probabilities."""

from functools import partial
from typing import Any

from core.numerics import QUICK_TO_COMPILE  # and 64-bit before JAX is used

# isort: split
import jax
import numpy as np
import pandas as pd
from jax import Array
from numpy.typing import NDArray

from core.datasets.labelled import Labelled
from core.experiment import Frames
from core.networks import export
from core.networks.calibration import expected_calibration_error, honest_error, reliability
from core.networks.fitted import Fitting
from core.networks.history import mean_and_error
from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import Params, nth
from core.networks.passes import outputs
from core.networks.program import Data, Program, State
from core.networks.samples import Sample
from core.networks.tables import (
    CONFUSION,
    HARDEST,
    OUTCOME,
    OVERALL,
    PICTURES,
    PREDICTIONS,
    PROBABILITIES,
    RELIABILITY,
)

Floats = NDArray[np.float64]

# Rows of the table hardest, values of the table probabilities, bins of the table reliability.
PLACES, MOST_PROBABILITIES, BINS = 12, 100_000, 10
# Pixels along a side of a digit.
SIDE = 8


def outcome(it: Fitting, state: State, pictures: bool) -> tuple[Frames, list[dict[str, Any]]]:
    """The tables `OUTCOME` of the replicates that did not diverge, and all rows of the table
    `OVERALL`. `pictures` says that the inputs are pixels."""
    tables = {name: table.empty() for name, table in OUTCOME.items()}
    sound, overall = np.isnan(it.history.diverged(state)), it.history.overall(state)
    if not sound.any():
        return tables, overall
    group, known, networks, data = it.group, it.known, state.networks(), it.group.measured["test"]
    found = [np.asarray(part, float)[:, : int(data.rows)] for part in _rows(it.program, networks, data)]
    predictions, losses = found
    first = int(np.argmax(sound))
    sample = group.samples[first]
    cost = _in_units(sample, losses[first])
    tables |= _predicted(sample, predictions[first], cost, known.classes)
    tables |= _network(it.program, nth(networks, first), sample, known)
    tables["pictures"] = _pictures(tables["hardest"], known.inputs if pictures else None)
    if known.classes is None:
        return tables, overall
    kept = np.flatnonzero(sound)
    labels = np.stack([group.samples[i].targets["test"][: int(data.rows)] for i in kept])
    tables["confusion"] = _confusion(predictions[kept].argmax(axis=2), labels, known.classes)
    tables["reliability"] = _reliability(np.concatenate(predictions[kept]), labels.ravel())
    return tables, [*overall, *_calibration(predictions[kept], labels)]


@partial(jax.jit, compiler_options=QUICK_TO_COMPILE, static_argnames="program")
def _rows(program: Program, networks: Params, data: Data) -> tuple[Array, Array]:
    """What each replicate predicts for its rows (replicate, sample, column), and their losses."""
    likelihood = LIKELIHOODS[program.likelihood]

    def one(network: Params, inputs: Array, targets: Array) -> tuple[Array, Array]:
        made = outputs(program, network, inputs)
        return likelihood.predict(made), likelihood.loss(made, targets)

    found: tuple[Array, Array] = jax.vmap(one)(networks, data.inputs, data.targets)
    return found


def _in_units(sample: Sample, losses: Floats) -> Floats:
    """Losses (n,) of the test rows as negative log-likelihoods or squared errors of the target."""
    target, scaling = sample.targets["test"], sample.scaling
    offsets = [scaling.offset(target[i : i + 1]) for i in range(losses.size)]
    return np.asarray(scaling.unit() * losses + np.array(offsets))


def _network(program: Program, network: Params, sample: Sample, known: Labelled) -> Frames:
    return export.tables(
        network,
        inputs=(sample.center, sample.spread),
        target=(sample.scaling.center, sample.scaling.spread),
        known={
            "activation": program.activation,
            "likelihood": program.likelihood,
            "residual": "yes" if program.residual else "no",
        },
        features=known.features,
        classes=known.classes,
    )


def _predicted(
    sample: Sample, prediction: Floats, cost: Floats, classes: tuple[str, ...] | None
) -> Frames:
    rows, target = sample.rows["test"][: cost.size] + 1, sample.targets["test"][: cost.size]
    columns: dict[str, Any] = {"row": rows, "loss": cost, "place": np.nan}
    if classes is None:
        value = sample.scaling.restored(prediction[:, 0])
        columns |= {"target": target, "predicted": value, "probability": np.nan, "own": np.nan}
        probabilities = PROBABILITIES.empty()
    else:
        names = np.array(classes)
        columns |= {
            "target": names[target],
            "predicted": names[prediction.argmax(axis=1)],
            "probability": prediction.max(axis=1),
            "own": prediction[np.arange(cost.size), target],
        }
        few = prediction[: MOST_PROBABILITIES // len(classes)]
        probabilities = PROBABILITIES.frame(
            {
                "row": np.repeat(rows[: len(few)], len(classes)),
                "class": np.tile(names, len(few)),
                "probability": few.ravel(),
            }
        )
    frame = pd.DataFrame(columns)
    # Sorted stably, so that equal losses keep one order in every process.
    worst = frame.iloc[np.argsort(-cost, kind="stable")[:PLACES]]
    worst = worst.assign(place=np.arange(1, len(worst) + 1), probability=worst["own"])
    return {
        "predictions": PREDICTIONS.frame(frame),
        "probabilities": probabilities,
        "hardest": HARDEST.frame(worst.reset_index(drop=True)),
    }


def _confusion(
    predicted: NDArray[np.int64], labels: NDArray[np.int64], classes: tuple[str, ...]
) -> pd.DataFrame:
    count = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(count, (labels.ravel(), predicted.ravel()), 1)
    own, other = np.nonzero(count)
    rows, names = count[own, other], np.array(classes)
    return CONFUSION.frame(
        {
            "target": names[own],
            "predicted": names[other],
            "rows": rows,
            "share": rows / count.sum(axis=1)[own],
        }
    )


def _reliability(probabilities: Floats, labels: NDArray[np.int64]) -> pd.DataFrame:
    found = reliability(probabilities, labels, BINS)
    confidence = probabilities.max(axis=1)
    place = np.clip(np.searchsorted(found.edges, confidence, side="left") - 1, 0, BINS - 1)
    variance = np.bincount(place, weights=confidence * (1 - confidence), minlength=BINS)
    filled = found.rows > 0
    columns = {
        "lower": found.edges[:-1],
        "upper": found.edges[1:],
        "rows": found.rows,
        "confidence": found.confidence,
        "right": found.accuracy,
        "standard_error": np.sqrt(variance) / np.maximum(1, found.rows),
    }
    return RELIABILITY.frame({name: values[filled] for name, values in columns.items()})


def _calibration(probabilities: Floats, labels: NDArray[np.int64]) -> list[dict[str, Any]]:
    """Rows of `OVERALL`: the expected calibration error, and what honest probabilities give."""
    pairs = list(zip(probabilities, labels, strict=True))
    measured = mean_and_error([expected_calibration_error(p, y, BINS) for p, y in pairs])
    honest = mean_and_error([honest_error(p, BINS) for p, _ in pairs])
    rows = [
        ("calibration error", *measured, "share of test rows"),
        ("calibration error if honest", honest[0], np.nan, "share of test rows"),
    ]
    return [dict(zip(OVERALL.columns, row, strict=True)) for row in rows]


def _pictures(hardest: pd.DataFrame, pictures: Floats | None) -> pd.DataFrame:
    if pictures is None:
        return PICTURES.empty()
    ink = pictures[hardest["row"].to_numpy(int) - 1].reshape(-1, SIDE, SIDE)
    index = np.indices(ink.shape).reshape(3, -1)
    return PICTURES.frame(
        {"place": index[0] + 1, "across": index[2], "down": index[1], "ink": ink.ravel()}
    )
