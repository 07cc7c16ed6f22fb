"""Double descent of least squares and ridge: risk measured on replicates beside what theory says.

Two regressions share one procedure: on independent features, with an exact mean at every finite n and
p, and on random ReLU features of inputs, with a limit. Sources and formulas: core.linear.risk and
core.linear.random_features.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal, Protocol

import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames, Report
from core.linear import descent_tables, random_features, risk
from core.linear.designs import Design, Floats
from core.linear.measured import Measured, Points, Sweep, joined, mean, measure, streams
from core.linear.truth import Ints, Truth
from core.theory import Row

BELKIN, HASTIE = "Belkin, Hsu & Xu, arXiv:1903.07571", "Hastie et al., arXiv:1903.08560"
DOBRIBAN, BORDELON = "Dobriban & Wager, arXiv:1507.03003", "Bordelon et al., arXiv:2002.02561"
MEI = "Mei & Montanari, arXiv:1908.05355, theorem 2"
RESIDUAL = "chi-squared residuals of least squares, n − p degrees of freedom"
LEAST_GAP = 8
MULTIPLES = np.logspace(-2, 2, 17)

Penalty = Literal["none", "optimal", "fixed"]


def points(center: int, most: int, grows: Literal["samples", "features"]) -> tuple[Points, Points]:
    """Sizes from a tenth of `center` up to `most`, dense towards `center`, where the other size stays:
    those to measure at, and more of them for smooth curves."""
    below = center - np.geomspace(LEAST_GAP, max(0.9 * center, LEAST_GAP), 10)
    above = center + np.geomspace(LEAST_GAP, max(most - center, LEAST_GAP), 14)
    near = center + np.array([-4, -2, 0, 2, 4])
    grid = np.unique(np.round(np.concatenate([below, near, above, [most]])).astype(np.int64))
    grid = grid[(grid >= 1) & (grid <= most)]
    away = np.round(np.geomspace(2, max(center, most), 100)).astype(np.int64)
    fine = np.unique(np.concatenate([center - away, grid, center + away]))
    fine = fine[(fine >= grid[0]) & (fine <= most)]
    stays = (np.full(size.size, center) for size in (grid, fine))
    pairs = zip((grid, fine), stays, strict=True)
    measured, dense = (Points(a, b) if grows == "samples" else Points(b, a) for a, b in pairs)
    return measured, dense


@dataclass(frozen=True)
class Setting:
    """What both regressions have: where risk is measured (`points`), the same more densely for the
    curves of theory (`fine`), the truth, the law of features or inputs, the penalty, the replicates."""

    points: Points
    fine: Points
    truth: Truth
    design: Design
    tail: float
    penalty: Penalty
    ridge: float
    replicates: int
    seed: int


class Regression(Protocol):
    """What `run` asks of a regression. `work` are the sizes that time depends on."""

    @property
    def setting(self) -> Setting: ...
    @property
    def work(self) -> tuple[int, int]: ...
    def sweep(self) -> Sweep: ...
    def theory(self) -> pd.DataFrame: ...
    def measure(self, sweep: Sweep, rngs: Sequence[np.random.Generator]) -> Measured: ...
    def limit(self, points: Points, penalties: Floats) -> Floats: ...
    def checks(self, measured: Measured) -> list[Row]: ...


def run(of: Regression, report: Report) -> tuple[Frames, list[Row]]:
    """Tables and checks; work grows as replicates · n² (p + n)."""
    report(0.0, "computing the theory")
    tables: Frames = {"theory": of.theory()}
    sweep, setting, parts = of.sweep(), of.setting, []
    swept = setting.points.at(sweep.at)
    penalties = sweep.best[sweep.at, None] * MULTIPLES
    limits = np.stack([of.limit(swept, column) for column in penalties.T], axis=1)
    for rngs in streams(setting.seed, setting.replicates, *of.work):
        parts.append(of.measure(sweep, rngs))
        found = joined(parts)
        tables |= descent_tables.measured(
            setting.points, found.train, found.test, penalized=setting.penalty != "none"
        )
        tables["ridge"] = descent_tables.ridge(swept, MULTIPLES, *mean(found.ridge), limits)
        done = len(found.test)
        report(done / setting.replicates, f"drawing design {done} of {setting.replicates}", tables)
    return tables, of.checks(found)


@dataclass(frozen=True)
class Features:
    """Regression on the first p of independent features, or on correlated or heavy-tailed ones, for
    which theory is still that of independent Gaussian ones, and universal."""

    setting: Setting

    @property
    def work(self) -> tuple[int, int]:
        n, p = self.setting.points.most
        return min(n, p), max(n, p)

    def sweep(self) -> Sweep:
        setting, points = self.setting, self.setting.points
        seen = points.ratio, *setting.truth.explained(points.features)
        return Sweep(self._penalty(seen), risk.optimal_penalty(*seen), _thirds(points), MULTIPLES)

    def measure(self, sweep: Sweep, rngs: Sequence[np.random.Generator]) -> Measured:
        setting = self.setting
        return measure(setting.truth, setting.design, setting.points, sweep, rngs, tail=setting.tail)

    def limit(self, points: Points, penalties: Floats) -> Floats:
        """For independent features."""
        return risk.isotropic(*self._independent(points), penalties)

    def theory(self) -> pd.DataFrame:
        """Curves for independent features at many sizes, and the universal one at those measured."""
        setting, fine = self.setting, self.setting.fine
        seen = self._independent(fine)
        best = risk.isotropic(*seen, risk.optimal_penalty(*seen))
        curves = [
            ("test", "asymptotic", fine, risk.isotropic(*seen, self._penalty(seen))),
            ("test", "ridge", fine, best),
        ]
        if setting.penalty == "none":
            n, p = fine
            curves.append(("test", "exact", fine, risk.exact(n, p, *seen[1:])))
            curves.append(("train", "exact", fine, risk.train(n, p, seen[2])))
        if setting.design != "gaussian":
            universal = setting.truth.universal(*setting.points, self.sweep().penalties)
            curves.append(("test", "universal", setting.points, universal))
        return descent_tables.theory(curves)

    def checks(self, measured: Measured) -> list[Row]:
        setting, far = self.setting, _far(self.setting.points)
        (n, p), rows, shrinks = setting.points.at(far), [], None
        exact = partial(theory.exact, replicates=setting.replicates)
        average, error = mean(measured.test[:, far])
        seen = self._independent(Points(n, p))
        limit = risk.isotropic(*seen, self._penalty(seen))
        if setting.penalty == "none":
            here, large = (risk.exact(k * n, k * p, *seen[1:]) for k in (1, 4))
            shrinks = bool(np.median(np.abs(large / limit - 1)) < np.median(np.abs(here / limit - 1)))
            claim = "Mean test risk at each n, p is that of independent Gaussian features"
            rows.append(exact(claim, here, average, error, source=BELKIN))
            claim, under = "Mean training risk at each p < n is v (1 − p/n)", p < n
            left, train = (
                risk.train(n[under], p[under], seen[2][under]),
                measured.train[:, far][:, under],
            )
            rows.append(exact(claim, left, *mean(train), source=RESIDUAL))
        nearer = "" if shrinks is None else ", and nearer at 4n"
        claim = f"Mean test risk is near its limit for independent features{nearer}"
        near = partial(theory.asymptotic, tolerance=0.05)
        rows.append(near(claim, limit, average, source=HASTIE, shrinks=shrinks))
        if setting.design != "gaussian":
            claim = "Mean test risk is near the universal formula for the covariance in use"
            universal = setting.truth.universal(n, p, self.sweep().penalties[far])
            rows.append(near(claim, universal, average, source=BORDELON))
        claim = "At λ* the mean risk of ridge has slope 0 in log λ, at p/n near ½, 1 and 2"
        return [*rows, exact(claim, 0.0, *mean(measured.slope), source=DOBRIBAN)]

    def _independent(self, points: Points) -> tuple[Floats, Floats, Floats]:
        """p / n, and the signal and noise of p features, were they independent."""
        return points.ratio, *replace(self.setting.truth, rho=0.0).explained(points.features)

    def _penalty(self, seen: tuple[Floats, Floats, Floats]) -> Floats:
        if self.setting.penalty == "optimal":
            return risk.optimal_penalty(*seen)
        return np.full(seen[0].shape, self.setting.ridge if self.setting.penalty == "fixed" else 0.0)


@dataclass(frozen=True)
class RandomFeatures:
    """Regression on p random ReLU features of the truth's features, which are the inputs."""

    setting: Setting

    @property
    def work(self) -> tuple[int, int]:
        n, p = self.setting.points.most
        return n, 2 * (p + self.setting.truth.features)

    def sweep(self) -> Sweep:
        points = self.setting.points
        none = self.setting.penalty == "none"
        used = np.zeros(points.ratio.shape) if none else self._penalty(points)
        return Sweep(used, self._best(points), _thirds(points), MULTIPLES)

    def measure(self, sweep: Sweep, rngs: Sequence[np.random.Generator]) -> Measured:
        setting = self.setting
        return random_features.measure(
            setting.truth, setting.design, setting.points, sweep, rngs, tail=setting.tail
        )

    def limit(self, points: Points, penalties: Floats) -> Floats:
        """As samples, features and inputs grow together."""
        truth, n = self.setting.truth, points.most[0]
        return random_features.limit(
            points.features, n, truth.features, truth.signal, truth.noise**2, penalties
        )

    def theory(self) -> pd.DataFrame:
        fine = self.setting.fine
        limits = self.limit(fine, self._penalty(fine))
        if self.setting.penalty == "none":
            limits = np.where(fine.apart == 0, np.nan, limits)
        points = self.setting.points
        best = self.limit(points, self._best(points))
        return descent_tables.theory(
            [("test", "asymptotic", fine, limits), ("test", "ridge", points, best)]
        )

    def checks(self, measured: Measured) -> list[Row]:
        points, sweep = self.setting.points, self.sweep()
        far = _far(points)
        near = partial(theory.asymptotic, source=MEI)
        claim = "Mean test risk of random features of independent Gaussian inputs is near its limit"
        limits = self.limit(points.at(far), self._penalty(points.at(far)))
        rows = [near(claim, limits, measured.test[:, far].mean(axis=0), tolerance=0.1)]
        for k, at in enumerate(sweep.at):
            one = points.at(np.array([at]))
            limits = self.limit(one, sweep.best[at] * MULTIPLES)
            claim = f"With a penalty, at p = {points.features[at]}: mean test risk is near its limit"
            rows.append(near(claim, limits, measured.ridge[:, k].mean(axis=0), tolerance=0.05))
        return rows

    def _best(self, points: Points) -> Floats:
        truth, n = self.setting.truth, points.most[0]
        return random_features.optimal_penalty(
            points.features, n, truth.features, truth.signal, truth.noise**2
        )

    def _penalty(self, points: Points) -> Floats:
        """The penalty at each point, with a trace of one where there is none, for the limit."""
        if self.setting.penalty == "optimal":
            return self._best(points)
        none = random_features.PENALTIES[0]
        return np.full(
            points.ratio.shape, self.setting.ridge if self.setting.penalty == "fixed" else none
        )


def _far(points: Points) -> np.ndarray:
    """Where a mean of replicates is nearly normal."""
    return np.asarray(points.apart >= np.maximum(LEAST_GAP, points.samples / 8))


def _thirds(points: Points) -> Ints:
    """The points nearest to p/n = ½, 1 and 2, in the order of `points`."""
    near = np.abs(np.log(points.ratio[:, None] / np.array([0.5, 1.0, 2.0]))).argmin(axis=0)
    return np.unique(near)
