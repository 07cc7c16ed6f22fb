"""Why do gradients vanish or explode with depth, and which initial weights prevent it?

Set-up: random fully connected networks, n units a layer, weights of variance σ_w²/n, biases of variance
σ_b². A signal starts as pre-activations of variance q*, where layers settle; a random direction at the
last layer is taken back as a gradient. All σ_w², σ_b² and architectures share their random numbers.

Theory, n → ∞: the variance obeys q' = σ_w² E φ(√q z)² + σ_b², z standard normal, with fixed point q*. A
layer multiplies the squared norm of a gradient by χ = σ_w² E φ'(√q z)²; over L layers by χ^L. χ(q*) < 1:
signals agree ever more and gradients vanish (ordered); > 1: they part and gradients explode (chaotic);
gradients last where χ = 1. Layer normalisation sets q = 1, and χ = σ_w² E φ'² / (σ_w² E φ² + σ_b²). A
residual branch of size α gives q' = q + α² (σ_w² E φ² + σ_b²) and χ = 1 + α² σ_w² E φ'².

At finite n, exactly, for ReLU with He's variance 2/n and h the pre-activations of a layer:
q = 2 ‖φ(h)‖²/n keeps its mean while E q² = (1 + 5/n)^L and the typical q falls (core.networks.narrow).

Sources: Poole et al., arXiv:1606.05340; Schoenholz et al., arXiv:1611.01232; Yang & Schoenholz,
arXiv:1712.08969; Yang et al., arXiv:1902.08129; He et al., arXiv:1502.01852; Hanin & Rolnick,
arXiv:1803.01719.
"""

from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from core.experiment import CHECKS, Frames, Report, field
from core.experiment import Config as Base
from core.networks.signal_tables import TABLES as SIGNALS
from core.networks.signal_tables import edge, frames, mean_and_error, narrow_frame

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from core.networks.phases import Design, Replicate
    from core.theory import Row

    Floats = NDArray[np.float64]

VERSION = 1

POOLE, SCHOENHOLZ = "Poole et al., arXiv:1606.05340", "Schoenholz et al., arXiv:1611.01232"
RESIDUAL, NORMALIZED = "Yang & Schoenholz, arXiv:1712.08969", "Yang et al., arXiv:1902.08129"
EXACT = "moments of a normal variable; cf. Hanin & Rolnick, arXiv:1803.01719"
USUAL = "LeCun et al. (1998); Glorot & Bengio (2010); He et al., arXiv:1502.01852"


class Config(Base):
    """The networks, their random weights and how many are drawn."""

    activation: Literal["tanh", "erf", "relu"] = field(
        "tanh", "The function after each layer.", names={"relu": "ReLU"}
    )
    weight_variances: tuple[Annotated[float, Field(ge=0.1, le=10)], ...] = field(
        (1.0, 3.0),
        "Values of σ_w², where weights have variance σ_w² / width; the critical one is always added.",
        label="Weight variances σ_w²",
        min_length=1,
        max_length=3,
    )
    bias_variance: float = field(
        0.05, "Variance σ_b² of the biases.", label="Bias variance σ_b²", ge=0, le=1, step=0.05
    )
    depth: int = field(20, "Layers L.", ge=2, le=60)
    branch: float = field(
        0.5, "Factor α of the branch that a residual layer adds.", section="more", ge=0.05, le=2
    )
    width: int = field(
        400,
        "Units n a layer; theory assumes many.",
        section="assumption",
        scale="log",
        ge=10,
        le=600,
    )
    weights: Literal["gaussian", "heavy", "correlated"] = field(
        "gaussian",
        "Law of the weights; theory assumes independent ones of finite variance.",
        section="assumption",
        names={
            "gaussian": "Independent Gaussian",
            "heavy": "Heavy-tailed (Student t)",
            "correlated": "Correlated between units",
        },
    )
    tail: float = field(
        1.5,
        "Degrees of freedom of the Student t: up to 2 its variance is infinite.",
        section="assumption",
        when={"weights": ("heavy",)},
        ge=1.1,
        le=30,
    )
    shared: float = field(
        0.5,
        "Correlation of the weights with which the units of a layer see one input.",
        section="assumption",
        when={"weights": ("correlated",)},
        ge=0,
        le=1,
    )
    start: float = field(
        1.0,
        "Variance of the pre-activations at the start, as a multiple of q*; theory assumes 1.",
        section="assumption",
        scale="log",
        ge=0.01,
        le=100,
    )
    narrow: int = field(
        24, "Units a layer of the narrow ReLU networks of the last chart.", section="more", ge=4, le=100
    )
    networks: int = field(2000, "Narrow networks drawn.", section="more", scale="log", ge=100, le=10_000)
    replicates: int = field(
        16, "Draws of all wide networks.", section="training", scale="log", ge=5, le=200
    )


TABLES = {**SIGNALS, "checks": CHECKS}

BREAKS: dict[str, dict[str, Any]] = {
    "Weights of infinite variance": {"weights": "heavy", "tail": 1.5},
    "Correlated weights": {"weights": "correlated", "shared": 0.5},
    "Narrow layers": {"width": 10},
    "Start far from q*": {"start": 100.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables; seconds grow as replicates · depth · width²."""
    # Imported late: the server and the command line import every experiment's module at start.
    from core import theory
    from core.networks import narrow, phases
    from core.networks.propagation import Weights

    report(0.0, "computing the theory")
    law = Weights(config.weights, config.tail, config.shared)
    design = phases.Design(
        config.activation,
        config.width,
        config.depth,
        tuple(config.weight_variances),
        config.bias_variance,
        config.branch,
        config.start,
        law,
    )
    tables: Frames = {"edge": edge(design)}
    seeds = np.random.SeedSequence(config.seed).spawn(1 + config.replicates)
    found: list[Replicate] = []
    # Weights of infinite variance overflow, and their networks' figures become infinite.
    with np.errstate(all="ignore"):
        for count, seed in enumerate(seeds[1:], 1):
            found.append(phases.replicate(design, np.random.default_rng(seed)))
            if count > 1 and (count % 4 == 0 or count == config.replicates):
                tables = {**tables, **frames(design, found)}
            share = 0.85 * count / config.replicates
            report(share, f"drawing networks, {count} of {config.replicates}", tables)
        rng = np.random.default_rng(seeds[0])
        q = narrow.signals(config.narrow, config.depth, config.networks, law, rng)
        tables["narrow"] = narrow_frame(config.narrow, q)
        report(0.98, "checking against theory", tables)
        rows = [*_checks(design, found, tables), *_exact(config, q)]
    return {name: tables.get(name, theory.checks(rows)) for name in TABLES}


def _checks(design: "Design", found: "list[Replicate]", tables: Frames) -> "list[Row]":
    """The limits of infinite width, each against all that was measured of it."""
    from core.networks.mean_field import square
    from core.theory import asymptotic

    wide, small = np.mean([one.deviations for one in found], axis=0)
    layers, kinds, schemes = tables["layers"], tables["architectures"], tables["schemes"]
    growth = layers["gradient"][layers["layer"] == 0] ** (1 / design.depth)
    apart = tables["correlations"].query("layer == 1")
    before, after = layers[layers["layer"] < design.depth], layers[layers["layer"] > 0]
    step = before["weight_variance"] * square(design.name, before["variance"]) + design.bias_variance
    plain = kinds[kinds["architecture"] == "plain"]
    rest = [kinds[kinds["architecture"] == kind] for kind in ("layer normalisation", "residual")]
    last = schemes[schemes["layer"] == design.depth]
    rates = [last[name] ** (1 / design.depth) for name in ("predicted_variance", "variance")]
    return [
        asymptotic(
            "A layer multiplies the squared gradient by χ(q*); deviations fall with width",
            design.at_rest,
            growth,
            source=SCHOENHOLZ,
            tolerance=0.03,
            shrinks=bool(wide < small),
        ),
        asymptotic(
            "Gradients neither vanish nor explode at the σ_w² where χ(q*) = 1",
            design.critical,
            _crossing(plain),
            source=SCHOENHOLZ,
            tolerance=0.06,
        ),
        asymptotic(
            "The variance of each layer follows by the recursion from that of the layer before",
            step,
            after["variance"],
            source=POOLE,
            tolerance=0.03,
        ),
        asymptotic(
            "The correlation of two signals follows the correlation map",
            apart["predicted"],
            apart["correlation"],
            source=POOLE,
            # Three standard errors 1/√(n · replicates) = 0.012 of a correlation near ½.
            tolerance=0.07,
        ),
        *(
            asymptotic(
                f"With {name} the factor of a layer is that of its own recursion",
                kind["predicted"],
                kind["factor"],
                source=source,
                tolerance=0.03,
            )
            for name, kind, source in zip(
                ("layer normalisation", "a residual branch"), rest, (NORMALIZED, RESIDUAL), strict=True
            )
        ),
        asymptotic(
            "He, Glorot and LeCun variances multiply a signal's variance as predicted, per layer",
            *rates,
            source=USUAL,
            tolerance=0.03,
        ),
    ]


def _crossing(plain: pd.DataFrame) -> float:
    """The σ_w² at which the measured factor passes 1, by a line between its neighbours' logarithms."""
    at, logs = np.log(plain["weight_variance"].to_numpy()), np.log(plain["factor"].to_numpy())
    up = np.flatnonzero((logs[:-1] < 0) & (logs[1:] >= 0))
    if not up.size:
        return float("nan")
    i = up[0]
    return float(np.exp(at[i] - logs[i] * (at[i + 1] - at[i]) / (logs[i + 1] - logs[i])))


def _exact(config: Config, q: "Floats") -> "list[Row]":
    """Exact at every width: the independent factors of the layers, and the moments of their product
    as far down as a mean over networks is nearly normal."""
    from core.networks import narrow
    from core.theory import exact

    one = narrow.factor(config.narrow)
    factors = (q[:, 1:] / q[:, :-1])[q[:, :-1] > 0]
    logs = np.log(factors[factors > 0])
    normal = narrow.skewness(config.narrow, config.depth) < 0.3 * np.sqrt(len(q))
    at = 1 + np.flatnonzero(normal)
    at = at if at.size else np.array([1])
    n = config.narrow
    return [
        exact(
            f"At {n} units a ReLU layer with He's variance keeps the mean of q",
            one.mean,
            *mean_and_error(factors),
            source=USUAL,
        ),
        exact(
            f"E q² = (1 + 5/n)^l at {n} units, for l = 1 to {at[-1]}",
            one.square**at,
            *mean_and_error(q[:, at] ** 2),
            source=EXACT,
        ),
        exact(
            f"log q falls by {-one.log:.3g} a layer in the mean at {n} units",
            one.log,
            *mean_and_error(logs),
            source=EXACT,
        ),
    ]
