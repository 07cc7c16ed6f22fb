"""Why can a model fit its training data long before it predicts well, and when will it?

Set-up: a linear student learns a linear teacher of d features from n noiseless samples by gradient
flow, from weights of standard deviation S. A prediction is right when it is less than ε from the
teacher's, whose own standard deviation is 1. One eigendecomposition of a replicate's design gives the
flow at all times, exactly.

Theory (derived in core.linear.flow): independent features make the eigenvalues ν of X'X / n follow the
Marchenko–Pastur law, and at time t

    training loss = ∫ ν g(ν) dμ,     test loss = ∫ g(ν) dμ,     g = S² e² + (1 − s + e s)²,

with e = exp(−(ν + c) t), s = ν / (ν + c) and weight decay c. Errors are nearly normal, so that the share
of right predictions is erf(ε / √(2 loss)), and 95 % are right once the loss is below (ε / 1.96)². The
slow modes, those of small ν, weigh little in training loss and much in test loss: near d = n they are
the slower, and the test accuracy rises the later.

Sources: Levi, Beck & Bar-Sinai, arXiv:2310.16441 (the model); Power et al., arXiv:2201.02177 (grokking
in networks); Marchenko & Pastur (1967), Mathematics of the USSR-Sbornik 1(4), 457–483.
"""

import time

import numpy as np
import pandas as pd

from core import theory
from core.experiment import CHECKS, Frames, Report, Table, field
from core.experiment import Config as Base
from core.linear import choices, designs, flow
from core.linear.flow import Floats, Losses, Trained
from core.linear.measured import mean

VERSION = 1

LEVI = "Levi, Beck & Bar-Sinai, arXiv:2310.16441"
MODES = "gradient flow along the eigenvectors of the design, derived in core.linear.flow"
RIGHT = 0.95
SWEEP = (0.3, 0.5, 0.7, 0.8, 0.9)
PAUSE = 0.1  # seconds between reports
# Below this share of its start a loss hangs on the few least eigenvalues of a design.
LEAST = 0.01


class Config(Base):
    features: int = field(200, "Number of features d.", section="data", ge=50, le=500)
    ratio: float = field(
        0.9,
        "Features per training sample, d / n.",
        label="Features per sample",
        section="data",
        step=0.05,
        ge=0.2,
        le=2.0,
    )
    tolerance: float = field(
        0.6,
        "Largest error ε of a prediction that counts as right.",
        section="data",
        unit="standard deviations of the teacher's output",
        step=0.05,
        ge=0.05,
        le=1.5,
    )
    scale: float = field(
        1.0,
        "Standard deviation S of the student's weights at the start; the teacher's is 1.",
        label="Initial scale",
        section="training",
        scale="log",
        ge=0.01,
        le=10.0,
    )
    weight_decay: float = field(
        0.0,
        "Rate c at which weights shrink.",
        section="training",
        unit="per unit of time",
        step=0.001,
        ge=0.0,
        le=0.5,
    )
    time: float = field(
        1000.0,
        "Time t up to which it trains: steps times step size, with eigenvalues of mean 1.",
        section="training",
        scale="log",
        ge=10.0,
        le=1e5,
    )
    replicates: int = field(
        20, "Independent designs, students and teachers.", section="training", ge=8, le=100
    )
    design: designs.Design = choices.design(
        "Distribution of the features; the theory assumes independent ones."
    )
    correlation: float = choices.correlation(0.5)
    tail: float = choices.tail()


_UNIT = "variances of the teacher's output"
_SPLIT = {"split": "train: the samples trained on; test: new ones"}
_TIME = {"time": "time t, steps times step size"}
_ACCURACY = "share of predictions within the tolerance"
TABLES = {
    "risk": Table(
        "One replicate at one time.",
        {
            "replicate": "number of the replicate, from 0",
            **_SPLIT,
            **_TIME,
            "risk": f"mean squared error, {_UNIT}; on new samples in closed form",
            "accuracy": f"{_ACCURACY}; on {flow.FRESH} new samples",
        },
    ),
    "summary": Table(
        "Means over replicates.",
        {
            **_SPLIT,
            **_TIME,
            "risk": f"mean squared error, {_UNIT}",
            "risk_error": f"standard error of risk, {_UNIT}",
            "accuracy": _ACCURACY,
            "accuracy_error": "standard error of accuracy",
        },
    ),
    "theory": Table(
        "What theory predicts for the means, as n and d grow.",
        {**_SPLIT, **_TIME, "risk": f"mean squared error, {_UNIT}", "accuracy": _ACCURACY},
    ),
    "delay": Table(
        f"When loss falls to where {RIGHT:.0%} of normal errors are within the tolerance; empty where "
        "it never does.",
        {
            "ratio": "features per training sample, d / n",
            "train": "time on training samples, at their mean loss over replicates",
            "test": "time on new samples, at their mean loss over replicates",
            "delay": "ratio of the two",
            "lower": "10th percentile of that ratio in single replicates",
            "upper": "90th percentile of that ratio in single replicates",
            "predicted_train": "time predicted for training samples",
            "predicted_test": "time predicted for new samples",
            "predicted": "ratio of the two predicted times",
        },
    ),
    "checks": CHECKS,
}

BREAKS = {
    "Correlated features": {"design": "correlated", "correlation": 0.8},
    "Samples of random scale": {"design": "samples", "tail": 3.0},
}


def run(config: Config, report: Report) -> Frames:
    """The tables of one run; work grows as replicates · d² (d + n)."""
    times = _times(config)
    report(0.0, "computing the theory")
    limit = flow.predicted(config.ratio, times, config.scale, config.weight_decay)
    tables: Frames = {"theory": _theory(config, times, limit)}
    ratios = sorted({*SWEEP, config.ratio})
    first, *streams = np.random.SeedSequence([config.seed, 1]).spawn(1 + len(ratios))
    main: list[Trained] = []
    last, total = time.monotonic(), config.replicates * (1 + len(ratios))
    for done, stream in enumerate(first.spawn(config.replicates), 1):
        main.append(_train(config, config.ratio, times, np.random.default_rng(stream), flow.FRESH))
        if time.monotonic() - last > PAUSE or done == config.replicates:
            tables["risk"], tables["summary"] = _risk(times, main)
            report(done / total, f"training student {done} of {config.replicates}", tables)
            last = time.monotonic()
    fine = np.concatenate([[0.0], np.geomspace(0.05, 1e5, 160)])
    rows: list[dict[str, float]] = []
    for ratio, seeds in zip(ratios, streams, strict=True):
        found = []
        for stream in seeds.spawn(config.replicates):
            found.append(_train(config, ratio, fine, np.random.default_rng(stream), 0).losses)
            done += 1
            report(done / total, f"training at d / n = {ratio:g}", tables)
        rows.append(_delay(config, ratio, fine, found))
        tables["delay"] = TABLES["delay"].frame(rows)
    tables["checks"] = theory.checks(_checks(config, limit, main, tables["delay"]))
    return {name: tables[name] for name in TABLES}


def _times(config: Config) -> Floats:
    """From 0 on, then in equal ratios."""
    return np.concatenate([[0.0], np.geomspace(0.05, config.time, 60)])


def _train(config: Config, ratio: float, times: Floats, rng: np.random.Generator, fresh: int) -> Trained:
    return flow.train(
        round(config.features / ratio),
        config.features,
        times,
        config.scale,
        config.weight_decay,
        config.tolerance,
        config.design,
        rng,
        rho=config.correlation,
        tail=config.tail,
        fresh=fresh,
    )


def _theory(config: Config, times: Floats, limit: Losses) -> pd.DataFrame:
    splits = zip(("train", "test"), limit, strict=True)
    parts = [
        {"split": split, "time": times, "risk": loss, "accuracy": flow.accuracy(loss, config.tolerance)}
        for split, loss in splits
    ]
    return TABLES["theory"].frame(pd.concat(map(pd.DataFrame, parts), ignore_index=True))


def _risk(times: Floats, main: list[Trained]) -> tuple[pd.DataFrame, pd.DataFrame]:
    every, summary, count = [], [], len(main)
    for i, split in enumerate(("train", "test")):
        loss = np.array([one.losses[i] for one in main])
        right = np.array([one.accuracy[i] for one in main])
        at = pd.DataFrame({"split": split, "time": times})
        index = np.repeat(np.arange(count), times.size)
        copies = pd.concat([at] * count, ignore_index=True)
        every.append(copies.assign(replicate=index, risk=loss.ravel(), accuracy=right.ravel()))
        (risk, risk_error), (share, share_error) = mean(loss), mean(right)
        summary.append(
            at.assign(risk=risk, risk_error=risk_error, accuracy=share, accuracy_error=share_error)
        )
    return (
        TABLES["risk"].frame(pd.concat(every, ignore_index=True)),
        TABLES["summary"].frame(pd.concat(summary, ignore_index=True)),
    )


def _learned(config: Config, times: Floats, losses: Losses) -> list[float]:
    """When training and test loss fall to where 95 % of normal errors are within the tolerance."""
    level = flow.threshold(RIGHT, config.tolerance)
    return [flow.first_below(times, loss, level) for loss in losses]


def _delay(config: Config, ratio: float, times: Floats, found: list[Losses]) -> dict[str, float]:
    limit = flow.predicted(ratio, times, config.scale, config.weight_decay)
    predicted = _learned(config, times, limit)
    together = _learned(config, times, Losses(*np.mean(found, axis=0)))
    each = np.array([_learned(config, times, losses) for losses in found])
    delays = each[:, 1] / each[:, 0]
    return {
        "ratio": ratio,
        "train": together[0],
        "test": together[1],
        "delay": together[1] / together[0],
        "lower": float(np.quantile(delays, 0.1)),
        "upper": float(np.quantile(delays, 0.9)),
        "predicted_train": predicted[0],
        "predicted_test": predicted[1],
        "predicted": predicted[1] / predicted[0],
    }


def _checks(config: Config, limit: Losses, main: list[Trained], delay: pd.DataFrame) -> list[theory.Row]:
    rows = []
    for i, split in enumerate(("training", "test")):
        loss = np.array([one.losses[i] for one in main])
        seen = limit[i] > LEAST * limit[i][0]
        claim = f"Mean {split} loss is near its limit while above {LEAST:.0%} of its start"
        rows.append(
            theory.asymptotic(claim, limit[i][seen], loss.mean(axis=0)[seen], source=LEVI, tolerance=0.1)
        )
        normal = np.array([flow.accuracy(one.losses[i], config.tolerance) for one in main]).mean(axis=0)
        share = np.array([one.accuracy[i] for one in main]).mean(axis=0)
        rises = normal < RIGHT
        if rises.any():
            claim = (
                f"The share of right predictions in {split} is that of normal errors, until {RIGHT:.0%}"
            )
            rows.append(
                theory.asymptotic(claim, normal[rises], share[rises], source=LEVI, tolerance=0.03)
            )
    gap = np.array([one.losses.train - one.expected.train for one in main])
    size = main[0].expected.train[0]
    some = np.flatnonzero(limit.train > LEAST * limit.train[0])
    some = some[:: max(1, some.size // 5)]
    claim = "Given the design, training loss is on average that of random students and teachers"
    average, error = mean(gap[:, some] / size)
    rows.append(theory.exact(claim, 0.0, average, error, source=MODES, replicates=config.replicates))
    both = delay.dropna(subset=["predicted", "delay"])
    if len(both):
        claim = (
            "At each d / n new samples are learned later than training samples by the predicted factor"
        )
        rows.append(
            theory.asymptotic(claim, both["predicted"], both["delay"], source=LEVI, tolerance=0.1)
        )
    return rows
