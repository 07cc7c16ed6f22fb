"""The tables and checks of Bayesian linear regression: polynomials of known order, weights from the
prior, and the order chosen by evidence."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from scipy import special, stats

from core import theory
from core.bayes import layout
from core.bayes.calibration import LEVELS
from core.bayes.conjugate import Floats
from core.bayes.evidence import Polynomials, Regression
from core.experiment import Frames

BISHOP = "Bishop (2006), Pattern Recognition and Machine Learning, "
MACKAY = "MacKay (1992), Neural Computation 4, 415"
# Rows whose covariance is factorised to test the evidence, and replicates of an order at once.
FACTORED, BLOCK = 200, 2_000


@dataclass
class _Order:
    """What the replicates of one true order gave."""

    gamma: float
    weight: Floats
    residual: Floats
    inside: Floats
    odds: Floats
    bic: Floats


@dataclass(frozen=True)
class Nature:
    """Weights of mean `mean` and precision `alpha`; the noise, of variance 1, is the unit."""

    design: Polynomials
    mean: float
    alpha: float
    found: list[_Order] = field(default_factory=list)

    def orders(self, prior: float, replicates: int, rng: np.random.Generator) -> Iterator[None]:
        """Replicates of each order in turn, judged with prior precision `prior`."""
        models = [Regression(self.design, k, prior) for k in range(self.design.order + 1)]
        each = max(2, replicates // len(models))
        for order in range(len(models)):
            parts = []
            for first in range(0, each, BLOCK):
                parts.append(self._order(models, order, min(BLOCK, each - first), rng))
                yield
            joined = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
            self.found.append(_Order(models[order].gamma, *joined))

    def _order(
        self, models: list[Regression], order: int, count: int, rng: np.random.Generator
    ) -> tuple[Floats, ...]:
        weights = self.mean + rng.standard_normal((count, order + 1)) / np.sqrt(self.alpha)
        targets = self.design.targets(weights, rng)
        at = rng.uniform(-1.0, 1.0, count)
        columns = np.polynomial.legendre.legvander(at, order)
        new = np.sum(columns * weights, 1) + rng.standard_normal(count)
        fits = [model.fit(targets, at) for model in models]
        own = fits[order]
        sizes = np.log(self.design.inputs.size) * np.arange(1, len(models) + 1)
        bic = np.stack([fit.log_likelihood for fit in fits], axis=1) - sizes / 2
        evidence = np.stack([fit.log_evidence for fit in fits], axis=1)
        away = np.abs(new - own.mean) / np.sqrt(own.variance)
        inside = (away[:, None] <= stats.norm.isf((1 - LEVELS) / 2)).astype(float)
        return own.weight, own.residual, inside, special.softmax(evidence, axis=1), bic

    def tables(self) -> Frames:
        """Of the orders that are done."""
        rows = []
        for order, found in enumerate(self.found):
            count = len(found.weight)
            chosen = found.odds.argmax(axis=1) == order
            share = chosen.mean()
            rows.append(
                {
                    "order": order,
                    "parameters": order + 1,
                    "gamma": found.gamma,
                    "weight": found.weight.mean(),
                    "weight_error": found.weight.std(ddof=1) / np.sqrt(count),
                    "residual": found.residual.mean(),
                    "residual_error": found.residual.std(ddof=1) / np.sqrt(count),
                    "residual_predicted": self.design.inputs.size - found.gamma,
                    "by_evidence": share,
                    "by_evidence_error": np.sqrt(share * (1 - share) / count),
                    "by_bic": (found.bic.argmax(axis=1) == order).mean(),
                    "probability": found.odds[:, order].mean(),
                }
            )
        inside = np.concatenate([found.inside for found in self.found])
        error = np.sqrt(LEVELS * (1 - LEVELS) / len(inside))
        levels = {"level": LEVELS, "share": inside.mean(axis=0), "standard_error": error}
        return {"orders": layout.ORDERS.frame(rows), "coverage": layout.COVERAGE.frame(levels)}

    def checks(self, prior: float, rng: np.random.Generator) -> list[theory.Row]:
        """Evidence, effective parameters, predictions, and the probabilities of the orders."""
        tables = self.tables()
        orders, levels = tables["orders"], tables["coverage"]
        right = np.concatenate([f.odds[:, order] for order, f in enumerate(self.found)])
        odds = np.concatenate([f.odds for f in self.found])
        # Given the data, the true order has each order's probability, were the priors right.
        surplus = right - np.sum(odds**2, axis=1)
        chosen = [f.odds.argmax(axis=1) == order for order, f in enumerate(self.found)]
        hits = np.concatenate(chosen) - odds.max(axis=1)
        count, each = len(hits), len(self.found[0].weight)
        weight = "Mean α |m|² of each order is γ, its number of effective parameters"
        rest = "Mean squared residual of each order over σ² is n − γ"
        cover = "Central intervals hold the next observation as often as their probability says"
        own = "The true order is as probable as the probabilities of the orders say"
        best = "The order of largest evidence is right as often as its probability says"
        return [
            self._evidence(prior, rng),
            theory.exact(
                weight,
                orders["gamma"],
                orders["weight"],
                orders["weight_error"],
                source=BISHOP + "equation 3.91",
                replicates=each,
            ),
            theory.exact(
                rest,
                orders["residual_predicted"],
                orders["residual"],
                orders["residual_error"],
                source=BISHOP + "equation 3.95",
                replicates=each,
            ),
            theory.exact(
                cover,
                levels["level"],
                levels["share"],
                levels["standard_error"],
                source=BISHOP + "equation 3.58",
            ),
            theory.exact(
                own,
                np.sum(odds**2, axis=1).mean(),
                right.mean(),
                surplus.std(ddof=1) / np.sqrt(count),
                source=MACKAY,
                replicates=count,
            ),
            theory.exact(
                best,
                odds.max(axis=1).mean(),
                odds.max(axis=1).mean() + hits.mean(),
                hits.std(ddof=1) / np.sqrt(count),
                source=MACKAY,
                replicates=count,
            ),
        ]

    def _evidence(self, prior: float, rng: np.random.Generator) -> theory.Row:
        design = Polynomials(self.design.inputs[:FACTORED], self.design.order)
        model = Regression(design, design.order, prior)
        weights = rng.standard_normal(design.order + 1) / np.sqrt(prior)
        targets = design.columns @ weights + rng.standard_normal(design.inputs.size)
        found = model.fit(design.coordinates(targets), np.zeros(1)).log_evidence
        claim = "The log-evidence is the log-density of a multivariate normal law"
        return theory.identity(claim, model.density(targets), found, source=BISHOP + "equation 3.86")
