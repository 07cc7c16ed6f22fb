"""How close to the minimum can gradient descent come when its gradients are noisy?

Set-up: many chains at once. (1) Heavy-ball SGD x⁺ = x − η(λx + noise) + β(x − x⁻) on ½ λx², with
noise of standard deviation s a sample, averaged over a batch of B, until it is stationary, against
step, momentum and batch size. (2) The same with steps 1/(λt) and no momentum. (3) Least mean squares,
w⁺ = w − η · mean of x(x'w − y) over B new samples, inputs N(0, I) in d dimensions, label noise s.

Theory, exact at every step size, with variance s²/B:

    E x² = η (s²/B) (1 + β) / (λ (1 − β) (2 (1 + β) − ηλ))         stationary
    E x_t² = s² / (B λ² t)                                           steps 1/(λt), any start
    E‖w − w*‖² ← (1 − 2η + η² (1 + (d + 1)/B)) E‖w − w*‖² + η² s² d/B

so that least mean squares is stable in the mean square only below η = 2 / (1 + (d + 1)/B), 2/(d + 2)
for single samples, and not up to 2/λ_max = 2. The best step on a batch of B gains ΔL_max / (1 +
B_noise/B) on average, B_noise = tr(HΣ)/g'Hg = d + 1 + d s²/‖w − w*‖².

Assumed: noise of finite variance, independent of x and from step to step. Only its variance matters:
tails do not, while they have one.

Sources: Mandt, Hoffman & Blei, arXiv:1704.04289; Widrow & Hoff (1960); Feuer & Weinstein (1985), IEEE
Trans. ASSP 33, 222–230; Robbins & Monro (1951); Nemirovski, Juditsky, Lan & Shapiro (2009), SIAM J.
Optim. 19, 1574–1609; McCandlish et al., arXiv:1812.06162.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.optimization import noise_tables

# Imported late, by what needs them: SciPy takes a while to load.
if TYPE_CHECKING:
    from core.optimization.chains import Noise, Tick
    from core.theory import Row

VERSION = 1

MANDT = "Mandt, Hoffman & Blei, arXiv:1704.04289; exactly, the discrete Lyapunov equation"
FEUER = "Feuer & Weinstein (1985), IEEE Trans. ASSP 33, 222–230"
NEMIROVSKI = "Nemirovski et al. (2009), SIAM J. Optim. 19, section 2.1"
MCCANDLISH = "McCandlish et al., arXiv:1812.06162, section 2.2"
# What is left, as a factor of the variance, of where a chain began once measuring starts.
FORGOTTEN = 1e-4
WINDOW, LONGEST = 200, 1024
# Below this share of the largest step the squared error has moments enough for a standard error.
TAME = 0.8
SIZES = np.array([1, 2, 4, 8, 16, 32, 64])
# Errors, as multiples of d s², at which the gain of a batch is measured: at the start and later.
ERRORS = (1.0, 0.01)
BLOCKS = 20


class Config(Base):
    curvature: float = field(
        1.0, "Curvature λ of the quadratic ½ λx².", section="data", scale="log", ge=0.01, le=100.0
    )
    noise: float = field(
        1.0,
        "Standard deviation s of the gradient of one sample, and of the label noise.",
        section="data",
        scale="log",
        ge=0.01,
        le=100.0,
    )
    features: int = field(
        20, "Dimensions d of the least-squares problem.", section="data", scale="log", ge=2, le=100
    )
    momentum: float = field(
        0.9, "Momentum β, beside 0 and 0.5.", section="training", ge=0.0, le=0.98, step=0.01
    )
    batch_size: int = field(
        1, "Samples in a batch B, but where it is varied.", section="training", scale="log", ge=1, le=64
    )
    learning_rate: float = field(
        0.1,
        "Step times curvature, ηλ, where the batch size is varied.",
        label="Step × curvature",
        section="training",
        scale="log",
        ge=0.02,
        le=1.5,
    )
    law: Literal["gaussian", "student", "relative", "reshuffled"] = field(
        "gaussian",
        "Law of the noise: the theory asks for finite variance, and independence of x and of the past.",
        label="Noise",
        section="assumption",
        names={
            "gaussian": "Gaussian",
            "student": "Student t",
            "relative": "Grows with the gradient",
            "reshuffled": "Batches without replacement",
        },
    )
    tail: float = field(
        6.0,
        "Degrees of freedom of the Student t, scaled to variance one where it has one, above 2.",
        section="assumption",
        when={"law": ("student",)},
        scale="log",
        ge=1.0,
        le=30.0,
    )
    relative: float = field(
        1.0,
        "Standard deviation of the noise that grows with the gradient, per gradient.",
        label="Noise per gradient",
        section="assumption",
        when={"law": ("relative",)},
        ge=0.1,
        le=4.0,
    )
    stream_step: float = field(
        0.5,
        "Step of least mean squares as a multiple of its largest stable one, 2 / (1 + (d + 1)/B).",
        label="Step of least mean squares",
        section="assumption",
        ge=0.1,
        le=2.0,
        step=0.05,
    )
    curvature_guess: float = field(
        1.0,
        "The curvature that the steps 1/(λt) believe in, as a multiple of the true one.",
        label="Believed curvature",
        section="assumption",
        scale="log",
        ge=0.5,
        le=8.0,
    )
    replicates: int = field(
        500, "Chains of each kind.", section="training", scale="log", ge=100, le=4000
    )


TABLES = {**noise_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Noise that grows with the gradient": {"law": "relative", "relative": 2.0},
    "Batches without replacement": {"law": "reshuffled"},
    "Noise without a variance": {"law": "student", "tail": 1.5},
    "A step past the limit of least mean squares": {"stream_step": 1.2},
    "Curvature believed four times too large": {"curvature_guess": 4.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · batch size · (d² + 1 / (1 − momentum))."""
    from core import theory

    tables: Frames = {}
    rows: list[Row] = []
    parts = (_stationary, _stream, _schedule, _batches)
    said = ("settling chains", "least mean squares", "steps 1/(λt)", "one step on a batch")
    for k, (part, doing) in enumerate(zip(parts, said, strict=True)):
        rng = np.random.default_rng([config.seed, k])

        def tick(done: float, k: int = k, doing: str = doing) -> None:
            report((k + done) / len(parts), doing, dict(tables))

        for name, value in part(config, rng, tick):
            if name == "check":
                rows.append(value)
            else:
                tables[name] = TABLES[name].frame(value)
    tables["checks"] = theory.checks(rows)
    return {name: tables[name] for name in TABLES}


Part = Iterator[tuple[str, Any]]


def _law(config: Config) -> "Noise":
    from core.optimization.chains import Noise

    return Noise(config.law, config.tail, config.relative if config.law == "relative" else 0.0)


def _stationary(config: Config, rng: np.random.Generator, tick: "Tick") -> Part:
    from core import theory
    from core.optimization import chains, sweeps
    from core.optimization.noise import memory, stationary_variance

    law, lam = _law(config), config.curvature
    momenta = sorted({0.0, 0.5, config.momentum})
    yield "curves", sweeps.curves(momenta, lam, config.noise**2 * law.variance / config.batch_size)
    at = sweeps.settings(momenta, config.batch_size, config.momentum, config.learning_rate, SIZES)
    step, momentum, batch = (at[name].to_numpy() for name in ("step", "momentum", "batch"))
    eta = step / lam
    slowest = float(memory(eta, momentum, lam).max())
    skipped = int(np.ceil(np.log(FORGOTTEN) / (2 * np.log(slowest))))
    problem = chains.Quadratic(eta, momentum, batch, lam, config.noise)
    found = chains.settle(problem, law, config.replicates, (skipped, WINDOW), rng, tick)
    mean, error = chains.mean(found.square)
    predicted = stationary_variance(eta, momentum, lam, config.noise**2 * law.variance / batch)
    at = at.assign(variance=mean, standard_error=error, predicted=predicted)
    yield "stationary", at.assign(diverged=np.where(found.diverged < 0, np.nan, found.diverged))
    claims = {
        "step": "The stationary variance at each step and momentum is η s²(1+β) / (λ(1−β)(2(1+β)−ηλ))",
        "batch": "It falls as 1/B with the batch size at one step",
        "scaled": "With steps in proportion to the batch size it keeps to the same formula",
    }
    for sweep, claim in claims.items():
        here = (at["sweep"] == sweep).to_numpy()
        yield "check", theory.exact(claim, predicted[here], mean[here], error[here], source=MANDT)


def _stream(config: Config, rng: np.random.Generator, tick: "Tick") -> Part:
    from core import theory
    from core.optimization import chains, noise

    d, size, variance = config.features, config.batch_size, config.noise**2
    multiples = np.unique([0.25, 0.5, 0.8, config.stream_step])
    steps, start = multiples * noise.largest_step(d, size), d * variance
    # Long enough for the slowest of the tame steps to settle.
    lost = 1 - noise.growth(steps[multiples <= TAME], d, size)
    last = int(np.ceil(7 / lost.min()))
    times = np.unique(np.round(np.linspace(0, last, 60)).astype(np.int64))
    shape = (config.replicates, size, d)
    error, spread = chains.mean(chains.stream(steps, times, shape, config.noise, rng, tick))
    course = noise.least_mean_squares(steps, last, d, size, variance, start)[:, times]
    columns = {
        "multiple": np.repeat(multiples, times.size),
        "step": np.repeat(steps, times.size),
        "time": np.tile(times, steps.size),
        "error": error.ravel(),
        "standard_error": spread.ravel(),
        "predicted": course.ravel(),
    }
    yield "stream", pd.DataFrame(columns).replace([np.inf, -np.inf], np.nan)
    tame = np.ix_(multiples <= TAME, np.unique([1, 8, 20, 40, times.size - 1]) % times.size)
    claim = f"E‖w − w*‖² of least mean squares follows its recursion, up to {TAME} of the largest step"
    sides = course[tame], error[tame], spread[tame].ravel()
    yield "check", theory.exact(claim, *sides, source=FEUER)
    chosen = int(np.flatnonzero(multiples == config.stream_step)[0])
    settled = float(noise.settled_error(steps[chosen], d, size, variance))
    if np.isfinite(settled):
        # What is left of the start.
        settled += float(noise.growth(steps[chosen], d, size)) ** last * (start - settled)
    claim = f"At {config.stream_step:g} of the largest step it settles at η s² d / (2B − η(B + d + 1))"
    ends = error[chosen, -1], spread[chosen, -1]
    yield "check", theory.exact(claim, settled, *ends, source=FEUER)


def _schedule(config: Config, rng: np.random.Generator, tick: "Tick") -> Part:
    from core import theory
    from core.optimization import chains
    from core.optimization.noise import averaging

    law, variance = _law(config), config.noise**2 * _law(config).variance / config.batch_size
    times = np.unique(np.round(np.geomspace(1, LONGEST, 30)).astype(np.int64))
    batch = np.full(1, config.batch_size)
    problem = chains.Quadratic(np.ones(1), np.zeros(1), batch, config.curvature, config.noise)
    # A single x² is far from normal, and is not averaged over time: more chains.
    count = 4 * config.replicates
    square = chains.decay(problem, config.curvature_guess, law, count, times, rng, tick)
    mean, error = chains.mean(square)
    predicted = averaging(times, config.curvature, variance)
    columns = {"time": times, "square": mean, "standard_error": error, "predicted": predicted}
    yield "schedule", pd.DataFrame(columns).replace(np.inf, np.nan)
    claim = "With steps 1/(λt) the mean of x² is s²/(B λ² t) at each t"
    some = slice(None, None, 4)
    yield "check", theory.exact(claim, predicted[some], mean[some], error[some], source=NEMIROVSKI)
    # The bias of the logarithm of a mean of chi-squared values is the same at every t.
    blocks = np.array_split(square, BLOCKS, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log([block.mean(axis=1) for block in blocks])
        slopes = np.polynomial.polynomial.polyfit(np.log(times), logs.T, 1)[1]
    centre, spread = chains.mean(slopes)
    claim = "The slope of log E x² against log t is −1"
    sides = -1.0, centre, spread
    yield "check", theory.exact(claim, *sides, source=NEMIROVSKI, replicates=BLOCKS)


def _batches(config: Config, rng: np.random.Generator, tick: "Tick") -> Part:
    from core import theory
    from core.optimization import chains, noise

    d, variance = config.features, config.noise**2
    rows = []
    for multiple in ERRORS:
        error = multiple * d * variance
        scale = float(noise.noise_scale(error, d, variance))
        for size in np.concatenate([SIZES, [128, 256]]):
            draws = int(np.clip(200 * config.replicates // size, 400, 4000))
            gain, spread = chains.one_step(error, int(size), d, config.noise, draws, rng)
            predicted = float(noise.best_gain(size, 1.0, scale))
            share = {"gain": 2 * gain / error, "standard_error": 2 * spread / error}
            rows.append({"error": error, "scale": scale, "batch": size, **share, "predicted": predicted})
            tick(len(rows) / (len(ERRORS) * (SIZES.size + 2)))
    table = pd.DataFrame(rows)
    yield "batches", table
    claim = "The best step on a batch gains ΔL_max / (1 + B_noise/B), early and late in training"
    sides = table["predicted"], table["gain"], table["standard_error"]
    yield "check", theory.exact(claim, *sides, source=MCCANDLISH)
