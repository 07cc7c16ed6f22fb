"""How long is a step of gradient descent when the size of the weights does not matter?

Set-up: a classifier with one hidden layer of normalised units, trained by SGD with weight decay on the
weights before the normalisation, on bundled data whose labels are noisy: each time a row is drawn, its
label is another class with probability p. Several weight decays, and several initial norms, train
together. Followed for each unit: its norm, its gradient, and the angle by which a step turns it.

Theory. A normalised unit computes the same for w and c w. So g ⟂ w, and ‖g‖ falls as 1/‖w‖:

    ‖w⁺‖² = (1 − ηλ)² ‖w‖² + η² ‖g‖²                                   at every step
    angle per step = arccos(1 − ηλ) ≈ √(2ηλ)                             in equilibrium
    ‖w‖⁴ = η q / (2λ − ηλ²),  q = E ‖w‖²‖g‖²                            in equilibrium
    ‖w‖⁴ nears it as e^(−4ηλt); without decay it grows by 2η²q a step

The angle in equilibrium depends on nothing but ηλ: not on data, network, noise or initial norm. Label
noise leaves a floor: no probabilities have a lower mean cross-entropy on labels drawn anew than their
entropy, −(1 − p) ln(1 − p) − p ln(p/(K − 1)); on labels drawn once, a network can go below by learning
them by heart.

Assumed: units normalised, norms in equilibrium and changing slowly.

Sources: van Laarhoven, arXiv:1706.05350; Wan et al., arXiv:2006.08419; Li, Lyu & Arora,
arXiv:2010.02916; Arora, Li & Lyu, arXiv:1812.03981; Cover & Thomas (2006), Elements of Information
Theory, section 2.6.
"""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np
import pandas as pd

from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.networks import turning_tables

# Imported late, by what needs them: JAX and scikit-learn take seconds to load.
if TYPE_CHECKING:
    from core.networks.noisy_labels import NoisyLabels
    from core.networks.scale_invariant import Units
    from core.theory import Row

VERSION = 1

WAN = "Wan et al., arXiv:2006.08419; van Laarhoven, arXiv:1706.05350"
LI = "Li, Lyu & Arora, arXiv:2010.02916"
GIBBS = "Gibbs' inequality; Cover & Thomas (2006), theorem 2.6.3"
# Multiples of the weight decay that train from norm 1, and initial norms beside it.
DECAYS = (0.5, 1.0, 2.0, 4.0)
NORMS = (0.2, 2.0)
CHUNK, POINTS = 50, 80
# The share of the steps, at the end, over which equilibrium is measured.
SETTLED = 0.4


class Config(Base):
    data: Literal["wine", "breast-cancer", "iris", "digits"] = field(
        "wine",
        "A bundled data set with classes.",
        section="data",
        names={"wine": "Wine", "breast-cancer": "Breast cancer", "iris": "Iris", "digits": "Digits"},
    )
    label_noise: float = field(
        0.2,
        "Probability p that a label is another class.",
        section="data",
        ge=0.0,
        le=0.6,
        step=0.05,
    )
    units: int = field(8, "Hidden units.", scale="log", ge=2, le=64)
    learning_rate: float = field(
        0.1, "Learning rate η.", section="training", scale="log", ge=0.01, le=0.5
    )
    weight_decay: float = field(
        0.02,
        "Weight decay λ of the hidden units, of which 0.5, 1, 2 and 4 times are used; equilibrium asks "
        "for one above 0.",
        section="assumption",
        ge=0.0,
        le=0.2,
        step=0.005,
    )
    normalization: Literal["batch", "weight", "none"] = field(
        "batch",
        "What makes the units scale-invariant: the batch's mean and variance, or dividing by ‖w‖.",
        section="assumption",
        names={"batch": "Batch normalisation", "weight": "Weight normalisation", "none": "None"},
    )
    labels: Literal["fresh", "once"] = field(
        "fresh",
        "Whether label noise is drawn anew with each row drawn, or once for all.",
        label="Label noise is",
        section="assumption",
        names={"fresh": "Drawn anew", "once": "Drawn once"},
    )
    batch_size: int = field(
        32, "Rows in a step, drawn with replacement.", section="training", scale="log", ge=8, le=128
    )
    steps: int = field(4000, "Steps of training.", section="training", scale="log", ge=500, le=20_000)
    replicates: int = field(
        4, "Networks for each setting, with their own weights and rows.", section="training", ge=2, le=16
    )


TABLES = {**turning_tables.TABLES, "checks": CHECKS}

BREAKS = {
    "Units not normalised": {"normalization": "none"},
    "No weight decay": {"weight_decay": 0.0},
    "Label noise drawn once": {"labels": "once"},
}


class _Problem(NamedTuple):
    """The data, and learning rate, weight decay and initial norm of each setting (setting,)."""

    data: "NoisyLabels"
    rate: Any
    decay: Any
    norm: Any


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as steps · replicates · batch size · units · features."""
    import jax

    from core import theory
    from core.networks.scale_invariant import Batches, train

    rng = np.random.default_rng([config.seed, 0])
    problem = _problem(config, rng)
    units = _start(config, problem, rng)
    traces: list[Any] = []
    risks: list[tuple[int, Any]] = []
    chunks = -(-config.steps // CHUNK)
    report(0.0, "compiling")
    for chunk in range(chunks):
        drawn = problem.data.batches(CHUNK, config.batch_size, rng)
        units, trace, risk = train(
            config.normalization,
            problem.rate,
            problem.decay,
            units,
            problem.data.inputs,
            problem.data.law,
            Batches(*(jax.device_put(part) for part in drawn)),
        )
        traces.append(type(trace)(*(np.asarray(part) for part in trace)))
        risks.append(((chunk + 1) * CHUNK, np.asarray(risk)))
        if chunk % 8 == 7:
            so_far = _tables(config, problem, traces, risks)
            report((chunk + 1) / chunks, f"step {risks[-1][0]:,} of {chunks * CHUNK:,}", so_far)
    tables = _tables(config, problem, traces, risks)
    tables["checks"] = theory.checks(_checks(config, problem, tables, traces))
    return tables


def _problem(config: Config, rng: np.random.Generator) -> _Problem:
    from core.networks.noisy_labels import noisy_labels

    data = noisy_labels(
        config.data, config.label_noise, config.replicates, rng, once=config.labels == "once"
    )
    decay = config.weight_decay * np.array([*DECAYS, *np.ones(len(NORMS))])
    norm = np.array([*np.ones(len(DECAYS)), *NORMS])
    return _Problem(data, np.full(decay.size, config.learning_rate), decay, norm)


def _start(config: Config, problem: _Problem, rng: np.random.Generator) -> "Units":
    """The same directions and output weights for all settings."""
    import jax

    from core.networks.scale_invariant import Units

    kinds, features = problem.data.law.shape[-1], problem.data.inputs.shape[1]
    w = rng.standard_normal((config.replicates, config.units, features))
    w = problem.norm[:, None, None, None] * w / np.linalg.norm(w, axis=-1, keepdims=True)
    v = rng.standard_normal((config.replicates, config.units, kinds)) / np.sqrt(config.units)
    settings = problem.rate.size
    bias = np.zeros((settings, config.replicates, kinds))
    outward = np.repeat(v[None], settings, axis=0)
    return Units(*jax.device_put((w, outward, bias)))


def _joined(traces: list[Any]) -> Any:
    """What all steps did, as one trace."""
    return type(traces[0])(*(np.concatenate(part) for part in zip(*traces, strict=True)))


def _tables(
    config: Config, problem: _Problem, traces: list[Any], risks: list[tuple[int, Any]]
) -> Frames:
    from core.optimization import scale_invariance as theory

    found = _joined(traces)
    taken, settings = found.angle.shape[0], problem.rate.size
    eta, lam = problem.rate, problem.decay
    last = slice(int((1 - SETTLED) * taken), None)
    edges = np.unique(np.linspace(0, taken, min(POINTS, taken) + 1).astype(int))
    middle = (edges[:-1] + edges[1:] - 1) / 2

    def stretches(values: Any) -> Any:
        """Means over stretches of steps and over replicates (setting, stretch)."""
        return (np.add.reduceat(values.mean(axis=2), edges[:-1]) / np.diff(edges)[:, None]).T

    q = found.gradient[last].mean(axis=(0, 2))
    settled = theory.relaxation(
        middle, problem.norm[:, None] ** 4, eta[:, None], lam[:, None], q[:, None]
    )
    fourth, turned = stretches(found.fourth), theory.turning(eta, lam)
    each = {"decay": np.repeat(lam, middle.size), "initial_norm": np.repeat(problem.norm, middle.size)}
    path = {
        **each,
        "step": np.tile(middle, settings),
        "angle": np.sqrt(stretches(found.angle)).ravel(),
        "predicted_angle": np.repeat(turned, middle.size),
        "norm": (fourth**0.25).ravel(),
        "predicted_norm": (settled**0.25).ravel(),
        "rate": (eta[:, None] / np.sqrt(fourth)).ravel(),
    }
    by = (
        found.angle[last].mean(axis=0),
        found.gradient[last].mean(axis=0),
        found.fourth[last].mean(axis=0),
    )
    balance = theory.equilibrium(eta[:, None], lam[:, None], by[1])
    count = config.replicates
    each = {"decay": np.repeat(lam, count), "initial_norm": np.repeat(problem.norm, count)}
    equilibrium = {
        **each,
        "replicate": np.tile(np.arange(count), settings),
        "angle": np.sqrt(by[0]).ravel(),
        "predicted_angle": np.repeat(turned, count),
        "gradient": by[1].ravel(),
        "fourth": by[2].ravel(),
        "predicted_fourth": balance.ravel(),
    }
    shown = risks[:: max(1, -(-len(risks) // POINTS))]
    risk = [
        pd.DataFrame(
            {**each, "replicate": equilibrium["replicate"], "step": step, "risk": value.ravel()}
        )
        for step, value in shown
    ]
    floor = theory.label_noise_floor(config.label_noise, problem.data.law.shape[-1])
    made = {
        "path": pd.DataFrame(path),
        "equilibrium": pd.DataFrame(equilibrium).replace(np.inf, np.nan),
        "risk": pd.concat(risk, ignore_index=True).assign(split="train"),
        "theory": pd.DataFrame([{"name": "entropy of a label", "split": "train", "risk": floor}]),
    }
    return {name: TABLES[name].frame(frame) for name, frame in made.items()}


def _checks(config: Config, problem: _Problem, tables: Frames, traces: list[Any]) -> "list[Row]":
    from core import theory

    at, residual = tables["equilibrium"], float(_joined(traces).residual.max())
    claim = "At every step ‖w⁺‖² = (1 − ηλ)² ‖w‖² + η² ‖g‖², largest relative error"
    rows = [theory.identity(claim, 0.0, residual, source=LI)]
    claim = "In equilibrium a step turns every unit by arccos(1 − ηλ) ≈ √(2ηλ)"
    sides = at["predicted_angle"], at["angle"]
    rows.append(theory.asymptotic(claim, *sides, source=WAN, tolerance=0.03))
    claim = "In equilibrium ‖w‖⁴ is η q / (2λ − ηλ²)"
    sides = at["predicted_fourth"].fillna(np.inf), at["fourth"]
    rows.append(theory.asymptotic(claim, *sides, source=WAN, tolerance=0.05))
    path = tables["path"]
    # While the start is more than half of what is left.
    falling = path[(path["initial_norm"] == max(NORMS)) & (path["norm"] > 0.5)]
    claim = f"From norm {max(NORMS):g} the norm falls as theory says, ‖w‖⁴ by e^(−4ηλ) a step"
    sides = falling["predicted_norm"], falling["norm"]
    rows.append(theory.asymptotic(claim, *sides, source=LI, tolerance=0.03))
    risk, floor = tables["risk"]["risk"], float(tables["theory"]["risk"].iloc[0])
    claim = "Risk is never below the entropy of a label"
    below = int((~(risk >= floor)).sum())
    rows.append(
        theory.bound(
            claim,
            floor,
            float(risk.min()),
            violations=below,
            trials=len(risk),
            allowed=0.0,
            source=GIBBS,
        )
    )
    if config.label_noise:
        late = tables["risk"][tables["risk"]["step"] > (1 - SETTLED) * config.steps]
        ends = late.groupby(["decay", "initial_norm", "replicate"])["risk"].mean()
        claim = "Risk ends within 10 % of it"
        rows.append(theory.empirical_law(claim, floor, ends, source=GIBBS, tolerance=float(np.log(1.1))))
    return rows
