"""Linear regression that fits early and predicts late: tables and checks against the closed curve."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames, Report, Table
from core.linear import flow
from core.linear.designs import Design
from core.linear.flow import Floats, Losses, Trained
from core.linear.measured import mean

LEVI = "Levi, Beck & Bar-Sinai, arXiv:2310.16441"
MODES = "gradient flow along the eigenvectors of the design, derived in core.linear.flow"
RIGHT = 0.95
SWEEP = (0.3, 0.5, 0.7, 0.8, 0.9)
PAUSE = 0.1  # seconds between reports
# Below this share of its start a loss hangs on the few least eigenvalues of a design.
LEAST = 0.01


@dataclass(frozen=True)
class Problem:
    """`features` d, their `ratio` to samples, the `tolerance` of a right prediction, the `scale` of the
    student at the start, its `weight_decay`, and the `time` up to which it trains."""

    features: int
    ratio: float
    tolerance: float
    scale: float
    weight_decay: float
    time: float
    replicates: int
    design: Design
    correlation: float
    tail: float
    seed: int


def run(
    problem: Problem, columns: Mapping[str, Table], report: Report
) -> tuple[Frames, list[theory.Row]]:
    """The tables `risk`, `summary`, `theory` and `delay` with these `columns`, and the checks; work
    grows as replicates · d² (d + n)."""
    times = np.concatenate([[0.0], np.geomspace(0.05, problem.time, 60)])
    report(0.0, "computing the theory")
    limit = flow.predicted(problem.ratio, times, problem.scale, problem.weight_decay)
    tables: Frames = {"theory": columns["theory"].frame(_theory(problem, times, limit))}
    ratios = sorted({*SWEEP, problem.ratio})
    first, *streams = np.random.SeedSequence([problem.seed, 1]).spawn(1 + len(ratios))
    main: list[Trained] = []
    last, total = time.monotonic(), problem.replicates * (1 + len(ratios))
    for done, stream in enumerate(first.spawn(problem.replicates), 1):
        main.append(_train(problem, problem.ratio, times, np.random.default_rng(stream), flow.FRESH))
        if time.monotonic() - last > PAUSE or done == problem.replicates:
            every, summary = _risk(times, main)
            tables["risk"], tables["summary"] = (
                columns["risk"].frame(every),
                columns["summary"].frame(summary),
            )
            report(done / total, f"training student {done} of {problem.replicates}", tables)
            last = time.monotonic()
    fine = np.concatenate([[0.0], np.geomspace(0.05, 1e5, 160)])
    rows: list[dict[str, float]] = []
    for ratio, seeds in zip(ratios, streams, strict=True):
        found = []
        for stream in seeds.spawn(problem.replicates):
            found.append(_train(problem, ratio, fine, np.random.default_rng(stream), 0).losses)
            done += 1
            report(done / total, f"training at d / n = {ratio:g}", tables)
        rows.append(_delay(problem, ratio, fine, found))
        tables["delay"] = columns["delay"].frame(rows)
    return tables, _checks(problem, limit, main, tables["delay"])


def _train(
    problem: Problem, ratio: float, times: Floats, rng: np.random.Generator, fresh: int
) -> Trained:
    return flow.train(
        round(problem.features / ratio),
        problem.features,
        times,
        problem.scale,
        problem.weight_decay,
        problem.tolerance,
        problem.design,
        rng,
        rho=problem.correlation,
        tail=problem.tail,
        fresh=fresh,
    )


def _theory(problem: Problem, times: Floats, limit: Losses) -> pd.DataFrame:
    splits = zip(("train", "test"), limit, strict=True)
    parts = [
        {"split": split, "time": times, "risk": loss, "accuracy": flow.accuracy(loss, problem.tolerance)}
        for split, loss in splits
    ]
    return pd.concat(map(pd.DataFrame, parts), ignore_index=True)


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
    return pd.concat(every, ignore_index=True), pd.concat(summary, ignore_index=True)


def _learned(problem: Problem, times: Floats, losses: Losses) -> list[float]:
    """When training and test loss fall to where 95 % of normal errors are within the tolerance."""
    level = flow.threshold(RIGHT, problem.tolerance)
    return [flow.first_below(times, loss, level) for loss in losses]


def _delay(problem: Problem, ratio: float, times: Floats, found: list[Losses]) -> dict[str, float]:
    limit = flow.predicted(ratio, times, problem.scale, problem.weight_decay)
    predicted = _learned(problem, times, limit)
    together = _learned(problem, times, Losses(*np.mean(found, axis=0)))
    each = np.array([_learned(problem, times, losses) for losses in found])
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


def _checks(
    problem: Problem, limit: Losses, main: list[Trained], delay: pd.DataFrame
) -> list[theory.Row]:
    rows = []
    for i, split in enumerate(("training", "test")):
        loss = np.array([one.losses[i] for one in main])
        seen = limit[i] > LEAST * limit[i][0]
        claim = f"Mean {split} loss is near its limit while above {LEAST:.0%} of its start"
        rows.append(
            theory.asymptotic(claim, limit[i][seen], loss.mean(axis=0)[seen], source=LEVI, tolerance=0.1)
        )
        normal = np.array([flow.accuracy(one.losses[i], problem.tolerance) for one in main]).mean(axis=0)
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
    rows.append(theory.exact(claim, 0.0, average, error, source=MODES, replicates=problem.replicates))
    both = delay.dropna(subset=["predicted", "delay"])
    if len(both):
        claim = (
            "At each d / n new samples are learned later than training samples by the predicted factor"
        )
        rows.append(
            theory.asymptotic(claim, both["predicted"], both["delay"], source=LEVI, tolerance=0.1)
        )
    return rows
