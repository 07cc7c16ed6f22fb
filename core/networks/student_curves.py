"""How does the risk of trained students fall with more data, and with their width?

The tables of the experiment `scaling-law` for networks: students of core.networks.teachers at growing
numbers of samples, and of growing width at a quarter of the largest, beside ridge regression on as many
random tanh features of the same samples.
"""

from typing import Protocol

import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames, Report
from core.linear import machines, scaling_tables
from core.linear.machines import Measured
from core.linear.measured import mean
from core.networks import teachers
from core.networks.teachers import INPUTS, LENGTH, TESTED, UNITS, Floats

STARTS, WIDTHS = 3, (1, 2, 4, 8, 16, 32)
# Samples a parameter from which the limit is asked for.
EACH = 10
MURATA = "Murata, Yoshizawa & Amari (1994), IEEE Trans. Neural Networks 5, 865–872"


class Asked(Protocol):
    """The fields that are read of the experiment's `Config`."""

    @property
    def seed(self) -> int: ...
    @property
    def examples(self) -> int: ...
    @property
    def sigma(self) -> float: ...
    @property
    def student(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def trainings(self) -> int: ...


def run(asked: Asked, report: Report) -> Frames:
    """The tables of one run; work grows as trainings · steps."""
    report(0.0, "drawing the teacher")
    streams = np.random.SeedSequence([asked.seed, 2]).spawn(asked.trainings + 1)
    rngs = [np.random.default_rng(stream) for stream in streams]
    of, new = teachers.teacher(rngs[0]), rngs[0].standard_normal((TESTED, INPUTS))
    inputs = np.stack([rng.standard_normal((asked.examples, INPUTS)) for rng in rngs[1:]])
    noise = np.stack([rng.standard_normal(asked.examples) for rng in rngs[1:]])
    targets, truth = of(inputs) + asked.sigma * noise, (new, of(new))
    sizes = np.round(np.geomspace(asked.examples / 16, asked.examples, 6)).astype(np.int64)
    count, variance = teachers.parameters(asked.student), asked.sigma**2
    large = np.flatnonzero(sizes >= EACH * count)
    large = large if large.size > 1 else np.arange(sizes.size - 2, sizes.size)
    predicted = _regular(sizes, count, variance)
    fine = np.unique(np.round(np.geomspace(sizes[0], sizes[-1], 40)).astype(np.int64))
    drawn = scaling_tables.curve(("test", "train"), fine, _regular(fine, count, variance))
    tables = {
        "theory": drawn[drawn["risk"].notna()],
        "width": scaling_tables.TABLES["width"].empty(),
    }
    done, all_of = 0, sizes.size + 2

    def tick() -> None:
        report(done / all_of, f"training students, {done} of {all_of} parts done")

    def trained(rows: int, widths: tuple[int, ...]) -> teachers.Errors:
        return teachers.students(
            inputs, targets, rows, widths, rngs[1:], truth, starts=STARTS, steps=asked.steps, tick=tick
        )

    parts = []
    for n in sizes:
        parts.append(trained(int(n), (asked.student,)))
        done += 1
        found = Measured(*(np.concatenate(errors, axis=1) for errors in zip(*parts, strict=True)))
        if done > 1:
            seen = large[large < done] if (large < done).sum() > 1 else np.arange(done - 2, done)
            near = scaling_tables.measured(sizes[:done], found, predicted[:done], 1.0, seen)
            tables |= near
            report(done / all_of, f"training students, n = {n:,} done", tables)
    few = asked.examples // 4
    limit = np.where(
        np.array(WIDTHS) == UNITS, _regular(few, teachers.parameters(UNITS), variance)[0], np.nan
    )
    random = _features(inputs[:, :few], targets[:, :few], variance, truth, asked.seed)
    wide = trained(few, WIDTHS).test
    both = [
        scaling_tables.width("network", few, WIDTHS, wide, limit, np.nan),
        scaling_tables.width("random features", few, WIDTHS, random, np.nan, np.nan),
    ]
    tables["width"] = pd.concat(both, ignore_index=True)
    rows = _checks(sizes[large], Measured(*(v[:, large] for v in found)), predicted[large], count)
    tables["checks"] = theory.checks(rows)
    return {name: tables[name] for name in scaling_tables.TABLES}


def _regular(samples: int | machines.Ints, count: int, variance: float) -> Floats:
    """Limits (..., 2) of test and training risk of a regular model with so many parameters; NaN for a
    training risk that would not be positive."""
    share = count / np.asarray(samples, float)
    left = np.where(share < 1, variance * (1 - share), np.nan)
    return np.stack([variance * share, left], axis=-1)


def _features(
    inputs: Floats, targets: Floats, variance: float, truth: tuple[Floats, Floats], seed: int
) -> Floats:
    """Test error (sample, N) of ridge regression on N random tanh features, drawn like the students'
    first layers; the penalty is that of weights with variance 1/N."""
    errors = np.empty((len(inputs), len(WIDTHS)))
    for r, (x, y) in enumerate(zip(inputs, targets, strict=True)):
        rng = np.random.default_rng([seed, 3, r])
        weights = LENGTH / np.sqrt(INPUTS) * rng.standard_normal((INPUTS, WIDTHS[-1]))
        biases = LENGTH / 3 * rng.standard_normal(WIDTHS[-1])
        seen, new = (np.tanh(z @ weights + biases) for z in (x, truth[0]))
        for k, width in enumerate(WIDTHS):
            used = seen[:, :width]
            gram = used.T @ used + variance * width * np.eye(width)
            made = new[:, :width] @ np.linalg.solve(gram, used.T @ y)
            errors[r, k] = ((made - truth[1]) ** 2).mean()
    return errors


def _checks(sizes: machines.Ints, found: Measured, predicted: Floats, count: int) -> list[theory.Row]:
    (test, error), (train, spread) = mean(found.test), mean(found.train)
    # The next terms of the expansion are of order P/n of these.
    next_order = 2 * float(np.median(count / sizes))
    claim = f"Mean test risk is near σ²P/n with P = {count} parameters from n = {sizes[0]:,} on"
    rows = [
        theory.asymptotic(
            claim,
            predicted[:, 0],
            test,
            source=MURATA,
            tolerance=next_order + 3 * float(np.median(error / predicted[:, 0])),
        )
    ]
    slope = machines.slope(sizes, found.test)
    factor = 2.0**-slope.exponent
    miss = float(np.log(2) * factor * slope.standard_error)
    claim = "Twice the data halve the mean test risk"
    rows.append(
        theory.asymptotic(
            claim,
            0.5,
            factor,
            source=MURATA,
            tolerance=next_order + 3 * miss / 0.5,
            standard_error=miss,
        )
    )
    claim = "Mean training risk is near σ²(1 − P/n)"
    tolerance = next_order**2 + 3 * float(np.median(spread / predicted[:, 1]))
    return [
        *rows,
        theory.asymptotic(claim, predicted[:, 1], train, source=MURATA, tolerance=tolerance),
    ]
