"""From a data set and a choice of network to replicates that are ready to train."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
from numpy.typing import NDArray

from core.experiment import InputError
from core.networks.fixed import Fixed, Scale
from core.networks.initialization import initialize, scales, stack
from core.networks.likelihoods import LIKELIHOODS
from core.networks.mlp import Params, count
from core.networks.names import Initialization, LikelihoodName, Normalization, Parametrization
from core.networks.samples import Sample, padded, sample
from core.networks.training import Data

# Bytes that a training may need by estimate; one that needs more is refused before it starts.
MEMORY = 3e9
# Rows on which a split is measured; of more, a random sample.
MEASURED = 10_000
COUNTS = ("poisson", "negative-binomial")


@dataclass(frozen=True)
class Problem:
    """What is to be learnt: inputs (n, d), target (n,) and its likelihood; `classes` is how many
    there are, 0 for a number."""

    inputs: NDArray[np.float64]
    target: NDArray[Any]
    classes: int
    likelihood: LikelihoodName

    def sizes(self, widths: Sequence[int]) -> tuple[int, ...]:
        """Widths of all layers, inputs and outputs included."""
        return (self.inputs.shape[1], *widths, LIKELIHOODS[self.likelihood].outputs or self.classes)


@dataclass(frozen=True)
class Replicates:
    """Several networks for one problem, each with its own split and initial weights: their data in
    64 bits, the same ready to train on and to measure on, and `seeds` for the order of batches."""

    samples: tuple[Sample, ...]
    params: Params
    fixed: Fixed
    train: Data
    measured: dict[str, Data]
    seeds: tuple[int, ...]


def problem(
    inputs: NDArray[np.float64],
    target: NDArray[Any],
    classes: int,
    loss: LikelihoodName | Literal["auto"],
) -> Problem:
    """The problem with the likelihood `loss`; "auto" is categorical for classes and Gaussian for a
    number.

    Raises:
        InputError: a likelihood that the target cannot have: one of classes for a number or the other
            way round, Bernoulli for more than two classes, one of counts for what is not counts.
    """
    likelihood: LikelihoodName = ("categorical" if classes else "gaussian") if loss == "auto" else loss
    if classes and not LIKELIHOODS[likelihood].classes:
        raise InputError(f"`loss` must be auto, categorical or bernoulli for classes; it was {loss}.")
    if not classes and LIKELIHOODS[likelihood].classes:
        known = [name for name, of in LIKELIHOODS.items() if not of.classes]
        raise InputError(
            f"`loss` must be {', '.join(known[:-1])} or {known[-1]} for a number; it was {loss}."
        )
    if likelihood == "bernoulli" and classes != 2:
        raise InputError(f"`loss` bernoulli needs a target of two classes; there are {classes}.")
    if likelihood in COUNTS:
        odd = target[(target < 0) | (target != np.round(target))]
        if odd.size:
            raise InputError(
                f"`loss` {likelihood} needs a target of whole numbers that are not negative; "
                f"{odd.size:,} of {target.size:,} are not, such as {odd[0]:g}."
            )
    return Problem(inputs, target, classes, likelihood)


def replicates(
    what: Problem,
    widths: Sequence[int],
    rngs: Sequence[np.random.Generator],
    *,
    initialization: Initialization,
    output_scale: float,
    test_share: float,
    label_noise: float,
    batch: int,
    sigma_w: float = 1.0,
    sigma_b: float = 0.0,
    parametrization: Parametrization = "standard",
    normalization: Normalization = "none",
    validation_share: float = 0.0,
    vectors: int = 4,
) -> Replicates:
    """A network, a split and a seed for each of `rngs`. `vectors` is how many numbers a training keeps
    for each weight: 4 for the weight, its gradient and two moments.

    Raises:
        InputError: a split without rows, or more memory than `MEMORY`.
    """
    sizes = what.sizes(widths)
    _fits(sizes, len(rngs), what.target.size, batch, vectors)
    samples = tuple(
        sample(
            what.inputs,
            what.target,
            what.classes,
            what.likelihood,
            test_share=test_share,
            label_noise=label_noise,
            rng=rng,
            validation_share=validation_share,
        )
        for rng in rngs
    )
    drawn = [
        initialize(
            rng,
            sizes,
            initialization,
            output_scale=output_scale,
            sigma_w=sigma_w,
            sigma_b=sigma_b,
            parametrization=parametrization,
            normalization=normalization,
        )
        for rng in rngs
    ]
    factors = scales(sizes, initialization, sigma_w=sigma_w, sigma_b=sigma_b)
    if parametrization == "standard":
        factors = ()
    each = tuple(Scale(*(jax.device_put(np.full(len(rngs), f)) for f in factor)) for factor in factors)
    train = padded(samples, "train")
    return Replicates(
        samples=samples,
        params=stack(drawn),
        fixed=Fixed(scales=each),
        train=train,
        measured=measured(samples, train),
        seeds=tuple(int(rng.integers(2**32)) for rng in rngs),
    )


def measured(samples: Sequence[Sample], train: Data) -> dict[str, Data]:
    """Each part's rows to measure on: the training rows themselves where there are not too many."""
    kind = train.inputs.dtype
    found = {p: padded(samples, p, MEASURED, kind) for p in samples[0].rows if p != "train"}
    few = len(samples[0].rows["train"]) <= MEASURED
    return {"train": train if few else padded(samples, "train", MEASURED, kind), **found}


def _fits(sizes: Sequence[int], networks: int, rows: int, batch: int, vectors: int) -> None:
    at_once = max(batch or rows, min(rows, MEASURED))
    # Data in 64 and in 32 bits; what is kept of each weight; the values of each layer, their slopes
    # and one temporary.
    numbers = 4 * rows * (sizes[0] + sizes[-1]) + vectors * count(sizes) + 3 * at_once * sum(sizes)
    estimate = 4.0 * networks * numbers
    if estimate > MEMORY:
        raise InputError(
            f"`replicates` must be so few that training fits into {MEMORY / 1e9:g} GB; {networks} "
            f"networks of {count(sizes):,} weights on {rows:,} rows need about {estimate / 1e9:.1f} GB."
        )
