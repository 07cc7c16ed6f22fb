"""In what order, and when, does a deep linear network learn the parts of a linear map?

Set-up: a network W_N … W_1 without activations learns a linear map of known singular values s_k by
full-batch gradient descent with a small constant learning rate η on ½ E‖W_N … W_1 x − y‖², from
small weights. Mode k is u_k = a_k' W_N … W_1 b_k, with the singular vectors of the correlation E y x'.
Two starts: *aligned*, every layer along the singular vectors (any depth), and *random*, two layers of
independent weights N(0, σ²).

Theory, for whitened inputs, E xx' = I, and η → 0, time in units of τ = 1/η steps. Aligned modes are
independent of each other, exactly at every η. In the limit

    τ u̇ = N u^(2 − 2/N) (s − u);    N = 2:  u = s e^{2st/τ} / (e^{2st/τ} − 1 + s/u₀),

half learned at τ ln(s/u₀ − 1) / (2s). From small random weights in two layers nothing is left to fit:
u₀ is (h − k + 1) σ²/2 on average for the k-th mode among h hidden units, (σ²/2) χ² with as many degrees
of freedom, since what a later mode shares with earlier ones is lost (derived in
core.optimization.deep_linear). For more layers a random start has no such closed form.

Sources: Saxe, McClelland & Ganguli, arXiv:1312.6120; Saxe, McClelland & Ganguli (2019), PNAS 116,
11537–11546; Arora, Cohen & Hazan, arXiv:1802.06509.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.optimization import mode_tables

# Imported late, by what needs them: SciPy takes a while to load.
if TYPE_CHECKING:
    from core.optimization.linear_networks import Course, Task
    from core.theory import Row

VERSION = 1

SAXE = "Saxe, McClelland & Ganguli, arXiv:1312.6120"
OURS = f"{SAXE}, with u₀ from the weights (derived in core.optimization.deep_linear)"
POINTS, LONGEST = 150, 60_000
# A mode is followed until the weakest has had this many of its half-times.
BEYOND = 1.5


class Config(Base):
    depth: int = field(3, "Layers N of the network that starts aligned.", ge=2, le=5)
    width: int = field(16, "Hidden units h of each hidden layer.", scale="log", ge=6, le=128)
    features: int = field(8, "Inputs and outputs of the linear map.", section="data", ge=6, le=32)
    modes: int = field(4, "Singular values of the map that are not zero.", section="data", ge=1, le=6)
    strength: float = field(
        4.0,
        "The largest singular value s₁.",
        label="Largest singular value",
        section="data",
        scale="log",
        ge=0.5,
        le=10.0,
    )
    ratio: float = field(
        0.65,
        "Each further singular value, as a share of the one before.",
        label="Ratio of singular values",
        section="data",
        ge=0.4,
        le=0.9,
    )
    step: float = field(
        0.02,
        "Learning rate times the curvature N s₁^(2 − 2/N) at the end; theory is its limit 0.",
        label="Step × curvature",
        section="training",
        scale="log",
        ge=0.005,
        le=0.5,
    )
    initial_scale: float = field(
        0.01,
        "Standard deviation σ of random initial weights; the aligned start has u₀ = hσ²/2.",
        section="assumption",
        scale="log",
        ge=0.001,
        le=0.5,
    )
    condition: float = field(
        1.0,
        "Condition number of the inputs' covariance; theory asks for 1, whitened inputs.",
        label="Condition number of inputs",
        section="assumption",
        scale="log",
        ge=1.0,
        le=50.0,
    )
    replicates: int = field(20, "Random starts.", section="training", scale="log", ge=2, le=100)


TABLES = {**mode_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Inputs not whitened": {"condition": 10.0},
    "Large initial weights": {"initial_scale": 0.4},
    "Steps too long for the flow": {"step": 0.5},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as steps · replicates · features · width."""
    from core import theory
    from core.optimization import linear_networks as networks

    rng = np.random.default_rng([config.seed, 0])
    strengths = config.strength * config.ratio ** np.arange(config.modes)
    work = networks.task(config.features, strengths, config.condition, rng)
    tables: Frames = {}
    rows: list[Row] = []
    for part, start in enumerate(("aligned", "random")):

        def tick(done: float, part: int = part, start: str = start) -> None:
            report((part + done) / 2, f"training, {start} start", dict(tables))

        found = (_aligned if start == "aligned" else _random)(config, work, rng, tick)
        for name, frame in found[0].items():
            tables[name] = pd.concat([tables[name], frame]) if name in tables else frame
        tables.update({name: TABLES[name].frame(frame) for name, frame in tables.items()})
        rows += found[1]
    tables["checks"] = theory.checks(rows)
    return {name: tables[name].reset_index(drop=True) for name in TABLES}


def _rate(config: Config, depth: int) -> float:
    """The learning rate η."""
    from core.optimization.deep_linear import stability

    return config.step / stability(config.strength, depth)


def _times(config: Config, depth: int, start: float) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """The steps to be recorded, evenly, until the weakest mode is learned or `LONGEST`."""
    from core.optimization.deep_linear import half_time

    weakest = config.strength * config.ratio ** (config.modes - 1)
    needed = float(half_time(weakest, min(start, 0.1 * weakest), depth)) * BEYOND + 2 / weakest
    last = int(np.clip(needed / _rate(config, depth), POINTS, LONGEST))
    return np.unique(np.round(np.linspace(0, last, POINTS)).astype(np.int64))


def _aligned(
    config: Config, work: "Task", rng: np.random.Generator, tick: Any
) -> tuple[Frames, list["Row"]]:
    from core import theory
    from core.optimization import deep_linear
    from core.optimization import linear_networks as networks

    start, eta = config.width * config.initial_scale**2 / 2, _rate(config, config.depth)
    times, depth, s = _times(config, config.depth, start), config.depth, work.strengths
    layers = networks.aligned(work, config.width, start, depth, rng)
    found = networks.descend(work, layers, eta, times, tick)
    starts = np.full(s.size, start)
    expected = deep_linear.half_time(s, starts, depth)
    tables = _tables(work, "aligned", found, eta, times, starts, depth)
    tables["half_times"] = _halves(work, "aligned", found.half * eta, expected[None])
    alone, half = networks.scalar(s, start, depth, eta, times)
    fine = networks.scalar(s, start, depth, eta / 2, np.array([2 * times[-1]]))[1]
    seen = ~np.isnan(half) & ~np.isnan(fine)
    coarse, finer = (
        np.median(np.abs(h[seen] * e / expected[seen] - 1)) if seen.any() else np.nan
        for h, e in ((half, eta), (fine, eta / 2))
    )
    claim = "From an aligned start every mode follows its own recursion a ← a + η a^(N−1)(s − a^N)"
    both = np.append(alone, 0.0), np.append(found.modes[0], np.max(found.leak))
    rows = [theory.identity(claim, *both, source=f"{SAXE}, section 1.1")]
    claim = f"Aligned modes of {depth} layers are half learned when theory says, and nearer at η/2"
    here = found.half[0] * eta
    known = ~np.isnan(here) if (~np.isnan(here)).any() else slice(None)
    rows.append(
        theory.asymptotic(
            claim,
            expected[known],
            here[known],
            source=SAXE,
            tolerance=0.01,
            shrinks=bool(finer < coarse),
        )
    )
    return tables, rows


def _random(
    config: Config, work: "Task", rng: np.random.Generator, tick: Any
) -> tuple[Frames, list["Row"]]:
    from core import theory
    from core.optimization import deep_linear
    from core.optimization import linear_networks as networks

    eta, s, sigma = _rate(config, 2), work.strengths, config.initial_scale
    starts = deep_linear.typical_start(config.width, sigma, s.size)
    # The weakest mode has the least to begin with.
    times = _times(config, 2, float(starts[-1]) / 4)
    layers = networks.random(config.features, config.width, sigma, config.replicates, rng)
    u, apart = deep_linear.balanced(layers[0], layers[1], work.left, work.right)
    found = networks.descend(work, layers, eta, times, tick)
    predicted, alone = (deep_linear.half_time(s, value) for value in (u, apart))
    mean = deep_linear.expected_half_time(s, config.width, sigma)
    tables = _tables(work, "random", found, eta, times, starts, 2)
    half = found.half * eta
    tables["half_times"] = _halves(work, "random", half, predicted, alone, mean)
    claim = "From random weights each mode is half learned when its own u₀ says, nothing fitted"
    rows = [theory.asymptotic(claim, predicted, half, source=OURS, tolerance=0.01)]
    claim = "The mean half-time is τ (ln s/σ² − ψ((h − k + 1)/2)) / 2s"
    rows.append(theory.asymptotic(claim, mean, half.mean(axis=0), source=OURS, tolerance=0.05))
    return tables, rows


def _tables(
    work: "Task", start: str, found: "Course", eta: float, times: Any, starts: Any, depth: int
) -> Frames:
    """The tables of one start but the half-times."""
    from core.optimization.deep_linear import course

    s, kept = work.strengths, times.size
    curves = np.stack(
        [
            course(times * eta, value, first, depth) if first < value else np.full(kept, np.nan)
            for value, first in zip(s, starts, strict=True)
        ]
    )
    lower, median, upper = np.quantile(found.modes, [0.1, 0.5, 0.9], axis=0)
    modes = pd.DataFrame(
        {
            "start": start,
            "mode": np.repeat(np.arange(1, s.size + 1), kept),
            "strength": np.repeat(s, kept),
            "step": np.tile(times, s.size),
            "time": np.tile(times * eta, s.size),
            "measured": median.ravel(),
            "lower": lower.ravel() if start == "random" else np.nan,
            "upper": upper.ravel() if start == "random" else np.nan,
            "predicted": curves.ravel(),
        }
    )
    count = found.risk.shape[0]
    at = {"start": start, "split": "train"}
    index = {"replicate": np.repeat(np.arange(count), kept), "step": np.tile(times, count)}
    risk = pd.DataFrame({**at, **index, "risk": found.risk.ravel()})
    # What the map has beyond its modes is zero.
    predicted = 0.5 * np.sum((s[:, None] - curves) ** 2, axis=0)
    return {
        "modes": modes,
        "risk": risk,
        "theory": pd.DataFrame({**at, "step": times, "risk": predicted}),
    }


def _halves(
    work: "Task", start: str, half: Any, predicted: Any, apart: Any = None, mean: Any = None
) -> pd.DataFrame:
    count, modes = half.shape
    blank = np.full(half.shape, np.nan)
    return pd.DataFrame(
        {
            "start": start,
            "replicate": np.repeat(np.arange(count), modes),
            "mode": np.tile(np.arange(1, modes + 1), count),
            "strength": np.tile(work.strengths, count),
            "measured": half.ravel(),
            "predicted": predicted.ravel(),
            "apart": (blank if apart is None else apart).ravel(),
            "expected": (blank if mean is None else np.broadcast_to(mean, half.shape)).ravel(),
        }
    )
