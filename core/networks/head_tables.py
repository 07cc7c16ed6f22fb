"""The tables and checks of the choice of a likelihood: held-out scores, divergences, calibration."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import core.numerics  # noqa: F401  64-bit before JAX is used

# isort: split
import jax
import numpy as np
import pandas as pd

from core import theory
from core.experiment import Frames
from core.networks import head_layout as layout
from core.networks import heads, predictive
from core.networks.head_training import Rows, Trained, losses
from core.networks.head_truths import Cells, Expected, Truth, expected
from core.networks.names import Head
from core.networks.predictive import Floats

BINS = 10
EDGES = np.linspace(0.0, 1.0, BINS + 1)
LEVELS = np.array([0.5, 0.8, 0.9, 0.95])
SHOWN = [0.05, 0.5, 0.95]
# 99.9 % point of the Cramér–von Mises statistic of uniform values.
CVM, LEVEL = 1.1679, 0.001
# Fewer expected values than this in a bin are far from normal.
LEAST = 10.0
# Held-out rows on which each loss is held against scipy.
TESTED = 20
LIKELIHOOD = "a loss as a likelihood: Nix & Weigend (1994); Bishop (1994)"
# Degrees of freedom from which on the mean of squares of Student's t is nearly normal.
SQUARES = 10.0
SCORE = "Gneiting & Raftery (2007), JASA 102, 359, section 4.1"
DIEBOLD = "Diebold, Gunther & Tay (1998), Int. Economic Review 39, 863"
CZADO = "Czado, Gneiting & Held (2009), Biometrics 65, 1254"


@dataclass(frozen=True)
class Scored:
    """What the held-out rows of all replicates say of one head: log-scores and probability transforms
    (replicate, row); the true log-density where it is known; the training part's mean log-score;
    what theory expects of each replicate."""

    head: Head
    score: Floats
    pit: Floats
    true: Floats
    train: Floats
    expected: tuple[Expected, ...]

    @property
    def divergence(self) -> float:
        """Mean over replicates and inputs."""
        return float(np.mean([e.divergence.mean() for e in self.expected])) if self.expected else np.nan

    @property
    def bins(self) -> Floats:
        """Expected share of the transform in each bin; uniform where the truth is not known."""
        if not self.expected:
            return np.full(BINS, np.nan)
        return np.diff(np.mean([e.below for e in self.expected], axis=0))


def scored(
    nets: Sequence[Trained],
    each: Sequence[Rows],
    rngs: Sequence[np.random.Generator],
    truth: Truth | None,
    of: Cells | None,
    grid: Floats,
) -> Scored:
    """One head's networks, a replicate each, on held-out rows; `grid` (input,) are the inputs of the
    cells, in their own units."""
    rows = []
    for net, part, rng in zip(nets, each, rngs, strict=True):
        held, y = net.law(part.test_inputs), part.test_targets
        raw = part.test_inputs * part.spread + part.center
        true = truth.law(raw[:, 0]).log_score(y) if truth else np.full(y.size, np.nan)
        train = net.law(part.train_inputs).log_score(part.train_targets).mean()
        rows.append((held.log_score(y), held.pit(y, rng), true, train))
    score, pit, true, train = (np.array(column) for column in zip(*rows, strict=True))
    known: tuple[Expected, ...] = ()
    if of is not None:
        pairs = zip(nets, each, strict=True)
        laws = [net.law(part.standardized(grid[:, None]), column=True) for net, part in pairs]
        known = tuple(expected(law, of, EDGES) for law in laws)
    return Scored(nets[0].head, score, pit, true, train, known)


def ranked(found: Sequence[Scored]) -> list[Scored]:
    """By mean held-out score, the best first; those that are not finite last."""
    return sorted(found, key=lambda s: -np.nan_to_num(s.score.mean(), nan=-np.inf, neginf=-1e300))


def tables(found: Sequence[Scored]) -> Frames:
    """Scores, risk, theory, transform and coverage of the heads that are done."""
    order = ranked(found)
    best = order[0]
    return {
        "scores": layout.SCORES.frame([_score(one, best) for one in order]),
        "risk": layout.RISK.frame(pd.concat([_risk(one) for one in order], ignore_index=True)),
        "theory": layout.THEORY.frame([_theory(one) for one in order if one.expected]),
        "pit": layout.PIT.frame(pd.concat([_pit(one) for one in order], ignore_index=True)),
        "coverage": layout.COVERAGE.frame(pd.concat([_covered(o) for o in order], ignore_index=True)),
    }


def statistic(pit: Floats) -> float:
    """Cramér–von Mises statistic of values that should be uniform."""
    u, n = np.sort(pit.ravel()), pit.size
    return float(1 / (12 * n) + np.sum((u - (2 * np.arange(1, n + 1) - 1) / (2 * n)) ** 2))


def checks(found: Sequence[Scored], right: Head, assumed: Head, truth: Truth) -> list[theory.Row]:
    """Scores and transforms against the divergences of the simulated truth."""
    fair = [s for s in found if _normal_mean(s.head, truth) and np.isfinite(s.score).all()]
    lost = [s.true - s.score for s in fair]
    claim = "Each head's held-out score falls short of the truth's by its KL divergence, nats"
    divergence = [s.divergence for s in fair]
    rows = [theory.exact(claim, divergence, *_mean(lost), source=SCORE)]
    best = next((s for s in fair if s.head == right), None)
    others = [s for s in fair if s.head != right]
    if best is not None and others:
        claim = "The right head's lead over each other head is the difference of divergences, nats"
        gaps = [s.divergence - best.divergence for s in others]
        rows.append(
            theory.exact(claim, gaps, *_mean([best.score - s.score for s in others]), source=SCORE)
        )
    shares = np.concatenate([_shares(s) for s in found])
    bins, count = np.concatenate([s.bins for s in found]), found[0].pit.size
    large = count * bins * (1 - bins) >= LEAST
    claim = "Each bin of each head's probability transform has the share that the truth gives it"
    error = np.sqrt(bins * (1 - bins) / count)
    rows.append(theory.exact(claim, bins[large], shares[large], error[large], source=CZADO))
    return [*rows, calibrated(next(s for s in found if s.head == assumed))]


def calibrated(one: Scored) -> theory.Row:
    """Whether a head's transform is as uniform as that of the truth would be."""
    found = statistic(one.pit)
    claim = f"The probability transform of {one.head} is uniform (Cramér–von Mises, 99.9 % point)"
    broken = int(not found <= CVM)
    return theory.bound(claim, CVM, found, violations=broken, trials=1, allowed=LEVEL, source=DIEBOLD)


def identity(nets: Sequence[Trained], each: Sequence[Rows]) -> theory.Row:
    """The loss of every network on some held-out rows against the density of scipy."""
    compiled = jax.jit(heads.loss)
    found, known = [], []
    for net in nets:
        part = each[net.replicate]
        inputs, y = part.test_inputs[:TESTED], part.test_targets[:TESTED]
        law = predictive.law(net.head, net.outputs(inputs), replace(net.unit, residual=1.0))
        # Of a continuous law of counts the loss is the density, not the probability.
        found.append(losses(net, inputs, y, compiled))
        known.append(-replace(law, whole=law.discrete).log_score(y))
    claim = "Each loss is minus the log-density of its law, by an independent implementation"
    return theory.identity(claim, np.array(known), np.array(found), source=LIKELIHOOD)


def untested(found: Sequence[Scored], truth: Truth) -> list[str]:
    """Heads whose scores are not held against theory, and why."""
    left = [s.head for s in found if not _normal_mean(s.head, truth)]
    if not left:
        return []
    return [
        f"Squares of Student's t with {truth.df:g} degrees of freedom have too heavy a tail for a mean "
        f"with a standard error: the scores of {', '.join(left)} are not held against theory."
    ]


def _normal_mean(head: Head, truth: Truth) -> bool:
    """Whether the mean of a head's log-score is nearly normal: squares of heavy tails are not."""
    return truth.head != "student-t" or truth.df >= SQUARES or head in ("laplace", "student-t")


def _mean(each: Sequence[Floats]) -> tuple[list[float], list[float]]:
    return [float(v.mean()) for v in each], [float(v.std(ddof=1) / np.sqrt(v.size)) for v in each]


def _shares(one: Scored) -> Floats:
    return np.histogram(one.pit, EDGES)[0] / one.pit.size


def _score(one: Scored, best: Scored) -> dict[str, Any]:
    behind = best.score - one.score
    inside = np.abs(2 * one.pit - 1) <= 0.9
    return {
        "head": one.head,
        "score": one.score.mean(),
        "standard_error": one.score.std(ddof=1) / np.sqrt(one.score.size),
        "behind": behind.mean(),
        "behind_error": behind.std(ddof=1) / np.sqrt(behind.size),
        "train_score": one.train.mean(),
        "divergence": one.divergence,
        "coverage": inside.mean(),
        "cramer_von_mises": statistic(one.pit),
    }


def _risk(one: Scored) -> pd.DataFrame:
    replicate = np.arange(1, one.train.size + 1)
    parts = {"train": -one.train, "test": -one.score.mean(axis=1)}
    made = [{"replicate": replicate, "head": one.head, "split": s, "risk": v} for s, v in parts.items()]
    return pd.concat([pd.DataFrame(columns) for columns in made], ignore_index=True)


def _theory(one: Scored) -> dict[str, Any]:
    entropy = -float(one.true.mean())
    return {
        "head": one.head,
        "split": "test",
        "risk": entropy + one.divergence,
        "entropy": entropy,
        "divergence": one.divergence,
    }


def _pit(one: Scored) -> pd.DataFrame:
    columns = {
        "head": one.head,
        "low": EDGES[:-1],
        "high": EDGES[1:],
        "share": _shares(one),
        "standard_error": np.sqrt(0.1 * 0.9 / one.pit.size),
        "predicted": one.bins,
    }
    return pd.DataFrame(columns)


def _covered(one: Scored) -> pd.DataFrame:
    inside = (np.abs(2 * one.pit.ravel() - 1)[:, None] <= LEVELS).mean(axis=0)
    error = np.sqrt(LEVELS * (1 - LEVELS) / one.pit.size)
    columns = {"head": one.head, "level": LEVELS, "share": inside, "standard_error": error}
    return pd.DataFrame(columns)


def bands(net: Trained, part: Rows, of: Cells, grid: Floats) -> pd.DataFrame:
    """5 %, 50 % and 95 % points of a network's law along one input, from the cells of the targets."""
    law = net.law(part.standardized(grid[:, None]), column=True)
    return points(net.head, law.below(of.at), of, grid)


def points(name: str, below: Floats, of: Cells, grid: Floats) -> pd.DataFrame:
    """The same of any law, given the probability of less than each cell."""
    found = np.array([[at[_last(p, q)] for q in SHOWN] for p, at in zip(below, of.at, strict=True)])
    columns = {"head": name, "input": grid, "low": found[:, 0], "middle": found[:, 1]}
    return pd.DataFrame({**columns, "high": found[:, 2]})


def _last(below: Floats, level: float) -> int:
    """The last cell with at most this probability of less."""
    return max(0, int((below <= level).sum()) - 1)
