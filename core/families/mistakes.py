"""What happens to verdicts on many columns: false alarms and false discoveries on simulated tables."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from core.families import columns
from core.families.distances import Floats, between

# Families of simulated columns in turn: the law of their fitted distance is free of the parameters.
TRUTHS = ("normal", "lognormal", "weibull", "gumbel")
# Values drawn in a run at about, values of a column at most, and tables at least.
WORK, VALUES, FEWEST = 12_000_000, 100, 20


def table(
    config: Any, m: int, wrong: int, n: int, r: int, rng: np.random.Generator
) -> tuple[Floats, list[str]]:
    """Values (r, m, n) of tables on the scale on which families have a location and a scale, and the
    columns' families. Consecutive rows are correlated by `memory`, through a normal copula."""
    truths = [TRUTHS[j % len(TRUTHS)] for j in range(m - wrong)] + ["other"] * wrong
    z = rng.standard_normal((r, m, n))
    if config.memory:
        keep, fresh = config.memory, np.sqrt(1 - config.memory**2)
        for i in range(1, n):
            z[:, :, i] = keep * z[:, :, i - 1] + fresh * z[:, :, i]
    for j, truth in enumerate(truths):
        if columns.SAME_LAW.get(truth, truth) == "gumbel":
            # −log(−log Φ(z)) is a Gumbel variable.
            z[:, j] = -np.log(-special.log_ndtr(z[:, j]))
        elif truth == "other":
            z[:, j] = 0.3 * z[:, j] + np.where(rng.random((r, n)) < 0.5, -1.0, 1.0)
    return z, truths


def reference(
    config: Any, family: str, theta: tuple[float, ...], b: int, n: int, rng: np.random.Generator
) -> Floats:
    """Statistics (b,) of draws of n values from the family: what a p-value is read off."""
    if config.estimated == "ignored":
        return np.asarray(between(np.sort(rng.random((b, n)), axis=1))["ad"])
    return columns.null(family, theta, b, n, rng)


def draws(level: float, m: int) -> int:
    """Draws B, 199 at least, such that (B + 1) · level / m is whole but for rounding up."""
    unit = m / level
    return int(np.ceil(unit * np.ceil(200 / unit) * (1 - 1e-12))) - 1


@dataclass(frozen=True)
class Mistakes:
    """Over simulated tables of `columns`, of which `wrong` are of no family: false `alarms` of single
    tests (r,), the false `share` of what is rejected after adjustment (r,), whether one of those at
    random is false, `picked` (r,), and the shares of the wrong that are found, alone and adjusted."""

    columns: int
    wrong: int
    alarms: Floats
    share: Floats
    picked: Any
    found: tuple[Floats, Floats]

    @property
    def tables(self) -> int:
        """The number of tables."""
        return int(self.alarms.size)

    def mean(self, values: Floats) -> tuple[float, float]:
        """A mean over tables and its standard error."""
        return float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))

    def rows(self, level: float) -> list[dict[str, Any]]:
        """The rows of the table `errors`."""
        right = self.columns - self.wrong
        told: list[tuple[str, str, float, Floats]] = [
            ("each by itself", "false alarms a table", level * right, self.alarms),
            (
                "adjusted",
                "share of the rejected that is false",
                level * right / self.columns,
                self.share,
            ),
        ]
        if self.wrong:
            told += [
                ("each by itself", "power", np.nan, self.found[0]),
                ("adjusted", "power", np.nan, self.found[1]),
            ]
        return [
            {
                "procedure": a,
                "quantity": b,
                "predicted": c,
                "measured": self.mean(v)[0],
                "standard_error": self.mean(v)[1],
            }
            for a, b, c, v in told
        ]


def measured(
    config: Any, m: int, wrong: int, rng: np.random.Generator, progress: Callable[[float], None]
) -> Mistakes:
    """Simulated tables, each with draws of its own behind its p-values: one set for each law."""
    n = min(config.samples, VALUES) if config.data == "simulated" else VALUES
    b = draws(config.level, m)
    r = int(np.clip(WORK // (n * (m + 2 * b)), FEWEST, config.replicates))
    p = np.empty((r, m))
    for t in range(r):
        progress(t / r)
        z, truths = table(config, m, wrong, n, 1, rng)
        for law in ("normal", "gumbel"):
            # Columns of no family are tested for the normal one.
            mine = [j for j, f in enumerate(truths) if _law(f) == law]
            if mine:
                far = columns.statistic(z[0, mine], law)
                p[t, mine] = columns.share_above(reference(config, law, (), b, n, rng), far)
    changed = columns.adjusted(p)
    right = m - wrong
    alone, rejected = p <= config.level * (1 + 1e-12), changed <= config.level * (1 + 1e-12)
    total, false = rejected.sum(axis=1), rejected[:, :right].sum(axis=1)
    share = false / np.maximum(total, 1)
    power = [a[:, right:].mean(axis=1) if wrong else np.zeros(r) for a in (alone, rejected)]
    picked = rng.random(r) < share
    return Mistakes(
        m, wrong, alone[:, :right].sum(axis=1).astype(float), share, picked, (power[0], power[1])
    )


def _law(truth: str) -> str:
    return "normal" if truth == "other" else columns.SAME_LAW.get(truth, truth)
