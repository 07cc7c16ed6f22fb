"""How fast does the error of a kernel machine or a network fall with more data?

Set-up: kernel regression with K(x, x') = Σ_j λ_j φ_j(x) φ_j(x') and eigenvalues λ_j ∝ j^−α, on a target
Σ_j w_j φ_j(x) with w_j² ∝ j^−(1 + 2 α r) and noise of variance σ². The inputs are new in each replicate;
a replicate's smaller samples are the first rows of its largest. Risk is the squared error on new
samples without their noise, Σ_j (ŵ_j − w_j)², in closed form, so that no test sample adds noise. The
second sweep gives the machine only N random features, Gaussian combinations of the √λ_j φ_j.

Theory (derived in core.linear.power_laws): with δ = n λ for the penalty λ of mean squared error +
λ‖f‖², and κ the solution of n = Σ λ_j / (λ_j + κ) + δ / κ, the mean risk is near

    (κ² Σ w_j² / (λ_j + κ)² + σ²) / (1 − (1/n) Σ λ_j² / (λ_j + κ)²) − σ²

as if the φ_j(x) were independent Gaussian numbers. As n → ∞ it falls as n^−b with b = 2 α min(r, 1)
without noise; with noise b = 2 α min(r, 1) / (1 + 2 α min(r, 1)) at the best penalty, and without a
penalty the risk ends at σ² (α − 1). In one dimension, φ_j = √2 cos kx and √2 sin kx, the φ_j(x) of one
sample are far from independent, and the formula fails: the machine interpolates between neighbours.

Networks: students of a teacher network with 2 tanh units, by core.networks.teachers. A student of as
many units has, by the theory of regular models, a risk that falls as n^−1 to the level σ² P / n with P
its parameters, and the training risk σ² (1 − P / n). A narrower one ends at what it cannot represent; of
a wider one the theory fails, since many of its parameters are not needed.

Sources: Bordelon, Canatar & Pehlevan, arXiv:2002.02561; Canatar, Bordelon & Pehlevan,
arXiv:2006.13198; Cui, Loureiro, Krzakala & Zdeborová, arXiv:2105.15004; Simon, Karkada, Ghosh &
Belkin, arXiv:2311.14646; Murata, Yoshizawa & Amari (1994), IEEE Transactions on Neural Networks 5,
865–872.
"""

import time
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core import theory
from core.experiment import Config as Base
from core.experiment import Frames, Report, field
from core.linear import machines, power_laws, scaling_tables
from core.linear.machines import Floats, Ints, Measured, Slope
from core.linear.measured import mean
from core.linear.power_laws import Inputs, Spectrum
from core.networks import student_fields

VERSION = 2

BORDELON = "Bordelon, Canatar & Pehlevan, arXiv:2002.02561"
CANATAR = "Canatar, Bordelon & Pehlevan, arXiv:2006.13198"
CUI = "Cui, Loureiro, Krzakala & Zdeborová, arXiv:2105.15004"
SIMON = "Simon, Karkada, Ghosh & Belkin, arXiv:2311.14646"
PAUSE = 0.1  # seconds between reports
# Products of signs are off by 5 % at 18 signs, cosines and sines by 20 to 50 % without noise.
NEAR = 0.1
# The curve itself is 6 % from its limit at the default sizes, since its spectrum ends.
LIMIT = 0.15


KERNEL = {"machine": ("kernel",)}


class Config(Base):
    machine: Literal["kernel", "network"] = field(
        "kernel",
        "What learns: a kernel machine (and random features), or networks that students of a teacher "
        "network are.",
        # First of all controls: the others depend on it.
        section="data",
        names={"kernel": "Kernel machine, random features", "network": "Networks with a teacher"},
    )
    samples: int = field(
        160, "Largest number of training samples n.", section="data", when=KERNEL, ge=40, le=400
    )
    examples: int = student_fields.EXAMPLES
    sigma: float = student_fields.SIGMA
    noise: float = field(
        0.0,
        "Standard deviation σ of the noise in the target, whose own is 1.",
        section="data",
        unit="standard deviations of the target",
        step=0.05,
        when=KERNEL,
        ge=0.0,
        le=2.0,
    )
    decay: float = field(
        1.5,
        "Exponent α of the kernel's eigenvalues, which fall as j^−α.",
        label="Decay α",
        when=KERNEL,
        ge=1.1,
        le=3.0,
    )
    source: float = field(
        0.5,
        "Smoothness r of the target: its squared coefficients fall as j^−(1 + 2 α r).",
        label="Smoothness r",
        when=KERNEL,
        ge=0.1,
        le=1.5,
    )
    penalty: Literal["none", "optimal", "fixed"] = field(
        "none",
        "Ridge penalty λ: none (least norm), the best at each n by theory, or one value for all n.",
        when=KERNEL,
        names={"none": "None (interpolate)", "optimal": "Best at each n", "fixed": "Fixed"},
    )
    ridge: float = field(
        0.01,
        "The fixed penalty λ, of mean squared error + λ‖f‖².",
        when={**KERNEL, "penalty": ("fixed",)},
        scale="log",
        ge=1e-5,
        le=1.0,
    )
    inputs: Inputs = field(
        "gaussian",
        "What the eigenfunctions are; the theory takes their values for independent.",
        section="assumption",
        when=KERNEL,
        names={
            "gaussian": "Independent Gaussian",
            "parities": "Products of signs (many dimensions)",
            "circle": "Cosines and sines (one dimension)",
        },
    )
    student: int = student_fields.STUDENT
    dimension: int = field(
        1000,
        "Number of eigenfunctions of the kernel.",
        section="more",
        when=KERNEL,
        scale="log",
        ge=1000,
        le=4000,
    )
    steps: int = student_fields.STEPS
    trainings: int = student_fields.TRAININGS
    replicates: int = field(
        60,
        "Independent draws of inputs and noise.",
        section="training",
        when=KERNEL,
        scale="log",
        ge=20,
        le=400,
    )


TABLES = scaling_tables.TABLES

BREAKS: dict[str, dict[str, Any]] = {
    "One-dimensional inputs": {"inputs": "circle"},
    "One-dimensional inputs with noise": {"inputs": "circle", "noise": 0.3},
    "The student has fewer units than its teacher": {
        "machine": "network",
        "student": 1,
        "examples": 320,
        "trainings": 6,
    },
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · n² (dimension + n), or as trainings · steps."""
    if config.machine == "network":
        # Imported late: JAX takes a second to load.
        from core.networks import student_curves

        return student_curves.run(config, report)
    of, sizes = _spectrum(config), _sizes(config)
    report(0.0, "computing the theory")
    penalties = np.array([_delta(config, of, n) for n in sizes])
    tables: Frames = {"theory": _theory(config, of, sizes)}
    predicted = np.array(
        [power_laws.kernel(int(n), of, d) for n, d in zip(sizes, penalties, strict=True)]
    )
    few = config.samples // 2
    widths, ridge = _widths(few), _delta(config, of, few)
    wide = np.array([power_laws.random_features(few, int(k), of, ridge) for k in widths])
    full = power_laws.kernel(few, of, ridge).test
    limit = power_laws.exponent(config.decay, config.source, config.noise, config.penalty)
    large = _large(config, sizes)
    curves: list[Measured] = []
    random: list[Floats] = []
    last = time.monotonic()
    for index, stream in enumerate(np.random.SeedSequence([config.seed, 1]).spawn(config.replicates)):
        rng = np.random.default_rng(stream)
        phi = power_laws.features(config.inputs, config.samples, config.dimension, rng)
        y = phi @ of.target + config.noise * rng.standard_normal(config.samples)
        curves.append(machines.by_size(phi, y, of, sizes, penalties))
        random.append(machines.by_width(phi[:few], y[:few], of, widths, ridge, rng))
        if time.monotonic() - last > PAUSE or index + 1 == config.replicates:
            measured = Measured(*(np.stack(arrays) for arrays in zip(*curves, strict=True)))
            tables |= scaling_tables.measured(sizes, measured, predicted, limit, np.flatnonzero(large))
            tables["width"] = scaling_tables.width(
                "random features", few, widths, np.array(random), wide, full
            )
            said = f"drawing sample {index + 1} of {config.replicates}"
            report((index + 1) / config.replicates, said, tables)
            last = time.monotonic()
    rows = _checks(config, sizes, measured, predicted, tables["width"])
    tables["checks"] = theory.checks(rows)
    return {name: tables[name] for name in TABLES}


def _spectrum(config: Config) -> Spectrum:
    return power_laws.spectrum(config.dimension, config.decay, config.source, config.noise**2)


def _sizes(config: Config) -> Ints:
    """Nine sample sizes in equal ratios, from a twentieth of the largest."""
    return np.round(np.geomspace(config.samples / 20, config.samples, 9)).astype(np.int64)


def _widths(samples: int) -> Ints:
    """Numbers of random features, clear of n where the risk without penalty has no mean."""
    ratios = np.array([0.15, 0.25, 0.4, 0.55, 0.75, 1.35, 1.8, 2.5, 4.0])
    return np.round(ratios * samples).astype(np.int64)


def _delta(config: Config, of: Spectrum, n: int) -> float:
    """The penalty as it is added to the kernel matrix of n samples."""
    if config.penalty == "optimal":
        return power_laws.best_penalty(int(n), of)
    return float(n * config.ridge) if config.penalty == "fixed" else 0.0


def _theory(config: Config, of: Spectrum, sizes: Ints) -> pd.DataFrame:
    fine = np.unique(np.round(np.geomspace(sizes[0], sizes[-1], 40)).astype(np.int64))
    made = np.array([power_laws.kernel(int(n), of, _delta(config, of, n)) for n in fine])
    splits = ("test", "train") if config.penalty != "none" else ("test",)
    return scaling_tables.curve(splits, fine, made)


def _large(config: Config, sizes: Ints) -> NDArray[np.bool_]:
    """Sizes at which the limit is asked for: its error falls about as 1/n."""
    return np.asarray(sizes >= config.samples / 5)


def _checks(
    config: Config, sizes: Ints, measured: Measured, predicted: Floats, width: pd.DataFrame
) -> list[theory.Row]:
    large, (test, _) = _large(config, sizes), mean(measured.test)
    claim = f"Mean test risk is near its limit from n = {sizes[large][0]} on"
    rows = [theory.asymptotic(claim, predicted[large, 0], test[large], source=BORDELON, tolerance=NEAR)]
    found = machines.slope(sizes[large], measured.test[:, large])
    curve = machines.slope(sizes[large], predicted[None, large, 0]).exponent
    claim = "Twice the data multiply the mean test risk by 2^−b, with b of the predicted curve"
    rows.append(_factor(claim, curve, found, CANATAR, 0.05))
    if config.noise == 0 and config.penalty == "none":
        limit = power_laws.exponent(config.decay, config.source, 0.0, "none")
        claim = "Twice the data multiply the mean test risk by 2^−b, with b = 2 α min(r, 1)"
        rows.append(_factor(claim, limit, found, CUI, LIMIT))
    if config.penalty != "none":
        claim = "Mean training risk is (δ / nκ)² times the error on new samples"
        train = mean(measured.train)[0][large]
        rows.append(theory.asymptotic(claim, predicted[large, 1], train, source=CANATAR, tolerance=NEAR))
    claim = "Mean test risk of N random features is near its limit"
    return [
        *rows,
        theory.asymptotic(claim, width["predicted"], width["risk"], source=SIMON, tolerance=NEAR),
    ]


def _factor(claim: str, exponent: float, found: Slope, source: str, tolerance: float) -> theory.Row:
    factor = 2.0**-found.exponent
    return theory.asymptotic(
        claim,
        2.0**-exponent,
        factor,
        source=source,
        tolerance=tolerance,
        standard_error=float(np.log(2) * factor * found.standard_error),
    )
