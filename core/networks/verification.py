"""The checks that every training of a network can make: where risk begins, that gradients are right,
and that without a hidden layer training finds the maximum-likelihood fit."""

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import numpy as np
from numpy.typing import NDArray

from core import theory
from core.networks.history import mean_and_error
from core.networks.identities import LINEAR, initial, linear_fit, slopes
from core.networks.mlp import Params, nth
from core.networks.problem import Replicates
from core.networks.training import Program

# Of the first replicate's training part, so that a check costs milliseconds.
LINEAR_ROWS, LINEAR_FEATURES, SLOPE_ROWS = 400, 64, 32


def verify(
    program: Program,
    group: Replicates,
    begun: Params,
    trained: Params | None,
    linear_steps: int,
    rng: np.random.Generator,
) -> tuple[list[theory.Row], list[str]]:
    """Rows of the table `checks`, and a sentence for each check that cannot be made.

    `begun` are the networks at the start (`State.networks`), `trained` those at the end, None where the
    first diverged.
    """
    rows = [_start(program, group, begun), _slopes(program, group, begun, trained, rng)]
    if program.likelihood == "laplace":
        return rows, ["The linear fit is not checked: a Laplace likelihood is not smooth."]
    if program.likelihood not in LINEAR:
        return rows, [f"The linear fit is not checked: scikit-learn has none for {program.likelihood}."]
    if len(np.unique(group.samples[0].targets["train"][:LINEAR_ROWS])) < 2:
        return rows, ["The linear fit is not checked: its training rows are all of one class."]
    return [*rows, _linear(program, group, linear_steps)], []


def null_risks(group: Replicates) -> NDArray[np.float64]:
    """The training risk (replicate,) where all outputs are 0: log K for K classes."""
    rows = int(group.measured["train"].rows)
    return np.array(
        [
            np.log(s.classes) if s.classes else s.scaling.null_risk(s.targets["train"][:rows])
            for s in group.samples
        ]
    )


def null_name(group: Replicates) -> str:
    """That risk in words."""
    sample = group.samples[0]
    if sample.classes:
        return f"log {sample.classes}"
    gaussian = sample.scaling.likelihood == "gaussian"
    return "the target's variance" if gaussian else "that of a constant prediction"


def _start(program: Program, group: Replicates, begun: Params) -> theory.Row:
    predicted, data = null_risks(group), group.measured["train"]
    full, quarter = (initial(program, begun, data, factor) for factor in (1.0, 0.25))
    risks = [
        np.array(
            [
                s.risk(float(v), "train", int(data.rows))
                for s, v in zip(group.samples, of.loss, strict=True)
            ]
        )
        for of in (full, quarter)
    ]
    errors = [float(np.median(np.abs(r - predicted) / np.abs(predicted))) for r in risks]
    return theory.asymptotic(
        f"Risk at initialisation, for small initial output weights, is "
        f"{null_name(group)}; these weights add {float(np.mean(full.second_order)):.2g} "
        f"in the mean, and a fluctuation about it",
        predicted,
        risks[0],
        source="Expansion about zero outputs; Hoeffding (1963)",
        tolerance=0.02,
        standard_error=mean_and_error(risks[0])[1],
        # Below the rounding of 32 bits nothing shrinks any more.
        shrinks=errors[1] < max(errors[0], 1e-6),
    )


def _slopes(
    program: Program,
    group: Replicates,
    begun: Params,
    trained: Params | None,
    rng: np.random.Generator,
) -> theory.Row:
    sample, weights = group.samples[0], {"initial": begun}
    if trained is not None:
        weights["trained"] = trained
    inputs, targets = sample.inputs["train"][:SLOPE_ROWS], sample.encoded("train")[:SLOPE_ROWS]
    pairs = [slopes(program, nth(params, 0), inputs, targets, rng) for params in weights.values()]
    analytic, numeric = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return theory.identity(
        f"Gradients equal central differences at the {' and the '.join(weights)} weights "
        f"(slope in a direction over the gradient's norm)",
        analytic,
        numeric,
        source="Griewank and Walther (2008)",
        # Rounding: about 1e-16 of the loss over a step of 1e-6 and a gradient norm down to 1e-5.
        tolerance=1e-5,
    )


def _linear(program: Program, group: Replicates, steps: int) -> theory.Row:
    sample = group.samples[0]
    inputs = sample.inputs["train"][:LINEAR_ROWS, :LINEAR_FEATURES]
    targets = sample.encoded("train")[:LINEAR_ROWS]
    if sample.classes:
        targets = targets[:, targets.any(axis=0)]
    reference, found = linear_fit(program.likelihood, inputs, targets, steps)
    return theory.identity(
        f"Without a hidden layer, training finds scikit-learn's penalised maximum-likelihood fit: "
        f"loss on {len(inputs)} rows of {inputs.shape[1]} inputs after {steps:,} steps",
        reference,
        found,
        source="Nesterov (2004), section 2.2; scikit-learn",
        # Limited by scikit-learn's optimisers, which stop within about 1e-8.
        tolerance=1e-6,
    )
